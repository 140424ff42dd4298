//! `/admin maintenance`: for a while, what fires for a service is expected.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::maintenance::NewWindow;

use super::call::answer;
use crate::reply::{Reply, say};
use crate::{Context, Error};

/// Expect alerts for a while: no channel, no page. Without a service: what is planned.
#[poise::command(slash_command, category = "responders; looking: everybody")]
pub(super) async fn maintenance(
    context: Context<'_>,
    #[description = "Which service, or labels: service=orders-api,namespace=shop"]
    #[max_length = 300]
    service: Option<String>,
    #[description = "How many minutes it lasts; 60 if you do not say, 10080 at most"]
    minutes: Option<i64>,
    #[description = "In how many minutes it begins; now if you do not say"] starts_in: Option<i64>,
    #[description = "Why, in a few words"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let Some(what) = service else {
            return Ok(crate::press::maintenance(call.data, &call.delivery).await);
        };
        if let Some(refusal) = crate::guard::refuses(&call.who, &Act::EndMaintenance(0)) {
            return Err(refusal);
        }
        let new = NewWindow {
            what,
            starts_in_minutes: starts_in.unwrap_or(0),
            minutes: minutes.unwrap_or(60),
            reason: reason.unwrap_or_default(),
            by: call.who.id,
        };
        match call.data.desk.plan_maintenance(&new).await {
            Ok(Ok(window)) => Ok(Reply::Private(cards::maintenance_planned(&window))),
            Ok(Err(why)) => Err(say(why)),
            Err(broken) => {
                tracing::error!(error.id = call.delivery, error = %broken, "the window was not planned");
                Err(crate::reply::apology(&call.delivery))
            }
        }
    })
    .await
}
