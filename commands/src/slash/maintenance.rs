//! `/admin maintenance`: for a while, what fires for a service is expected.

use bridgewatch_core::card::Act;
use bridgewatch_core::maintenance::NewWindow;

use super::call::answer;
use crate::reply::Reply;
use crate::{Context, Error};

/// Expect alerts for a while: no channel, no page. Without options: what is planned.
#[poise::command(slash_command, category = "responders; looking: everybody")]
pub(super) async fn maintenance(
    context: Context<'_>,
    #[description = "Plan one: which service, or labels: service=orders-api,namespace=shop"]
    #[max_length = 300]
    service: Option<String>,
    #[description = "When it begins, in your time: 22:00, tomorrow 22:00, 30m; now if you do not say"]
    #[max_length = 30]
    from: Option<String>,
    #[description = "When it is over: 04:30, tomorrow 04:30; or how long: 90m; an hour if you do not say"]
    #[max_length = 30]
    until: Option<String>,
    #[description = "Why, in a few words"]
    #[max_length = 200]
    reason: Option<String>,
    #[description = "End the one of this number now"] end: Option<u32>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        if service.is_none() && end.is_none() {
            return call.caller().maintenance().await.map(Reply::Private);
        }
        if let Some(refusal) = crate::guard::refuses(&call.who, &Act::PlanMaintenance) {
            return Err(refusal);
        }
        if let Some(id) = end {
            return Ok(call.caller().end_maintenance(id).await);
        }
        let new = NewWindow {
            what: service.unwrap_or_default(),
            from: from.unwrap_or_default(),
            until: until.unwrap_or_default(),
            zone: call.data.desk.policy().zone_of(call.who.id),
            reason: reason.unwrap_or_default(),
            by: call.who.id,
        };
        call.caller().plan_maintenance(&new).await
    })
    .await
}
