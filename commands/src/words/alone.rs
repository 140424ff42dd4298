//! Forms that are about no incident: one that begins an incident, and those that look for something.

use bridgewatch_core::card::{Card, ListOf};
use bridgewatch_core::ports::ListFilter;

use super::{Fields, maintenance, severity_of};
use crate::card::cut;
use crate::forms::{Field, Form, FormAsks, FormId};
use crate::press::Caller;
use crate::reply::{Reply, Told, no_incident};

/// The longest title, as `/inc new` takes it.
const MAX_TITLE: u16 = 200;

/// Opens a form that is about no incident.
pub(crate) fn open_alone(caller: &Caller<'_>, asks: FormAsks) -> Reply {
    let (title, fields) = match &asks {
        FormAsks::FindIncidents => ("Find incidents", incidents()),
        FormAsks::FindRunbooks => (
            "Find a runbook",
            vec![
                Field::line("words", "Words of the trouble, or the alert's name", 200)
                    .hint("database connections"),
            ],
        ),
        FormAsks::Maintenance => ("Maintenance", maintenance::fields(caller, "")),
        _ => ("New incident", new_incident()),
    };
    Reply::Form(Form {
        title: title.to_owned(),
        id: FormId::of_none(asks),
        fields,
    })
}

fn new_incident() -> Vec<Field> {
    vec![
        Field::line("title", "What is wrong, in a few words", MAX_TITLE)
            .hint("orders fail with 500 since about 03:00"),
        Field::line("severity", "How bad: sev1 to sev4 (empty: sev2)", 20)
            .hint("sev1 most users · sev2 many · sev3 some · sev4 nobody")
            .optional(),
    ]
}

fn incidents() -> Vec<Field> {
    vec![
        Field::line("text", "Words of its title", 100).optional(),
        Field::line("service", "Its service", 100)
            .hint("orders-api")
            .optional(),
        Field::line("severity", "Its severity: sev1 to sev4", 20).optional(),
        Field::line("which", "live, mine or all", 10)
            .with(ListOf::All.id())
            .optional(),
    ]
}

/// Answers a form that is about no incident.
pub(super) async fn understood(caller: &Caller<'_>, asks: &FormAsks, fields: &Fields<'_>) -> Told {
    match asks {
        FormAsks::NewIncident => begun(caller, fields).await,
        FormAsks::FindIncidents => found(caller, fields).await,
        FormAsks::FindRunbooks => Ok(caller.runbooks_about(fields.text("words"))),
        FormAsks::Maintenance => maintenance::planned(caller, fields).await,
        _ => Err(no_incident()),
    }
}

/// Begins the incident whatever stands in the severity: how bad it is can be said with the next tap, and nobody is kept
/// waiting for a word.
async fn begun(caller: &Caller<'_>, fields: &Fields<'_>) -> Told {
    let typed = fields.text("severity");
    let severity = severity_of(typed).ok();
    let told = caller.declare(fields.text("title"), severity).await?;
    Ok(match told {
        Reply::Private(card) if severity.is_none() && !typed.is_empty() => Reply::Private(Card {
            content: format!(
                "{}\n`{}` is no severity I know, so it is SEV2 for now.",
                card.content,
                cut(&typed.replace('`', "'"), 20)
            ),
            ..card
        }),
        told => told,
    })
}

async fn found(caller: &Caller<'_>, fields: &Fields<'_>) -> Told {
    let said = |field: &str| Some(fields.text(field).to_owned()).filter(|text| !text.is_empty());
    let list = said("which").map_or(Ok(ListOf::All), |typed| {
        let same = |list: &ListOf| list.id().eq_ignore_ascii_case(&typed);
        let known = ListOf::ALL.into_iter().find(same);
        known.ok_or_else(|| "Which: live, mine or all.".to_owned())
    })?;
    let filter = ListFilter {
        severity: said("severity").as_deref().map(severity_of).transpose()?,
        service: said("service"),
        text: said("text"),
        ..caller.filter(list)
    };
    caller.list(&filter).await
}
