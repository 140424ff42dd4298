//! Something fires again that was resolved.

use chrono::{DateTime, Utc};

use super::{buttons, clock, line};
use crate::card::{Act, Button, Card, Ping, Press};
use crate::incident::{Incident, Policy, Suspicion};
use crate::person::PersonId;

/// Is it the same? Without an answer it is another one, and that one pages.
#[must_use]
pub fn relapse_question(
    incident: &Incident,
    suspicion: &Suspicion,
    asked_at: DateTime<Utc>,
    policy: &Policy,
) -> Card {
    let people: Vec<PersonId> = suspicion
        .on_call
        .into_iter()
        .chain(incident.command)
        .filter(|_| incident.severity.is_major())
        .collect();
    let mut names: Vec<String> = people.iter().map(ToString::to_string).collect();
    names.dedup();
    let to = if names.is_empty() {
        String::new()
    } else {
        format!("{} ", names.join(" "))
    };
    Card {
        content: format!(
            "{to}🔁 {} fires again. This looks like a relapse of {}. Without an answer by {} a new incident opens and pages.",
            suspicion.what,
            incident.id,
            clock(asked_at + policy.relapse_answer)
        ),
        rows: vec![buttons([
            Button::primary("Reopen", Press::any_time(incident.id, Act::Reopen)),
            Button::plain(
                "New incident",
                Press::any_time(incident.id, Act::RelapseIsNew),
            ),
        ])],
        ping: Ping::People(people),
        ..Card::default()
    }
}

/// It is another one.
#[must_use]
pub fn relapse_answered(incident: &Incident, by: Option<PersonId>) -> Card {
    line(match by {
        Some(by) => format!(
            "🔁 {by}: not a relapse of {}. A new incident opens and names this one.",
            incident.id
        ),
        None => format!(
            "🔁 Nobody answered: a new incident opens, pages, and names {}.",
            incident.id
        ),
    })
}
