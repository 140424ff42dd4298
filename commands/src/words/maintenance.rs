//! A maintenance window as it is asked for: prefilled with what the incident at hand concerns, where there is one.

use bridgewatch_core::maintenance::NewWindow;

use super::Fields;
use crate::forms::Field;
use crate::press::{Asker, Caller};
use crate::reply::{Reply, Told};

/// The longest text that says what a window is about.
const MAX_WHAT: u16 = 300;

/// The fields. A service that is known stands in them already.
pub(super) async fn form(asker: &Asker<'_>) -> Result<Vec<Field>, Reply> {
    let view = asker.view().await?;
    let services = &view.incident.services;
    let service = services.first().filter(|_| services.len() == 1);
    Ok(fields(&asker.caller(), service.map_or("", String::as_str)))
}

/// The fields, with what is known of the service.
pub(super) fn fields(caller: &Caller<'_>, service: &str) -> Vec<Field> {
    let zone = caller.data.desk.policy().zone_of(caller.who.id);
    vec![
        Field::line("what", "Which service, or labels", MAX_WHAT)
            .with(service)
            .hint("orders-api, or service=orders-api,namespace=shop"),
        Field::line("from", "From (empty: now)", 30)
            .hint(&format!("22:00, tomorrow 22:00 or 30m ({zone})"))
            .optional(),
        Field::line("until", "Until, or how long", 30)
            .with("60m")
            .hint("04:30, tomorrow 04:30 or 90m"),
        Field::line("reason", "Why, in a few words", 200).hint("new database"),
    ]
}

pub(super) async fn planned(caller: &Caller<'_>, fields: &Fields<'_>) -> Told {
    let new = NewWindow {
        what: fields.text("what").to_owned(),
        from: fields.text("from").to_owned(),
        until: fields.text("until").to_owned(),
        zone: caller.data.desk.policy().zone_of(caller.who.id),
        reason: fields.text("reason").to_owned(),
        by: caller.who.id,
    };
    caller.plan_maintenance(&new).await
}
