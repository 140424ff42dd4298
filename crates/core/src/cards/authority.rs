//! Asking those who may: the words for what is wanted, and the button that does it.

use super::{buttons, line};
use crate::card::{Act, Button, Card, Ping, Press};
use crate::incident::Incident;
use crate::person::PersonId;

/// What somebody is asked to do, in the words of its button.
#[must_use]
pub fn asked_words(act: &Act) -> String {
    match act {
        Act::SetSeverity(severity) | Act::LowerSeverity(severity, _) => {
            format!("Set it to {severity}")
        }
        Act::Unrestrict => "Show it to everybody again".to_owned(),
        Act::GiveCommand(person) => format!("Give command to {person}"),
        Act::AskCancel => "Not an incident".to_owned(),
        Act::AskMerge => "Duplicate of…".to_owned(),
        Act::Close => "Close".to_owned(),
        Act::Resolve => "Resolve".to_owned(),
        Act::AllClear => "All-clear".to_owned(),
        Act::Update => "Update".to_owned(),
        _ => "Have a look".to_owned(),
    }
}

/// Whether this is something that can be asked of those who may.
#[must_use]
pub fn can_be_asked_for(act: &Act) -> bool {
    matches!(
        act,
        Act::SetSeverity(_)
            | Act::LowerSeverity(..)
            | Act::Unrestrict
            | Act::AskCancel
            | Act::AskMerge
            | Act::Close
            | Act::Resolve
            | Act::AllClear
            | Act::Update
    )
}

/// Somebody asks whoever may. It pings them and nobody else; the button is theirs to press.
#[must_use]
pub fn asked_to_do(incident: &Incident, by: PersonId, whom: Option<PersonId>, act: &Act) -> Card {
    let words = asked_words(act);
    let asked = whom.map_or_else(|| "whoever may".to_owned(), |whom| whom.to_string());
    let mut card = line(format!("🙋 {by} asks {asked}: *{words}*"));
    card.ping = Ping::People(whom.into_iter().collect());
    card.quiet = whom.is_none();
    if can_be_asked_for(act) {
        let press = Press::in_phase(incident.id, incident.phase, act.clone());
        card.rows = vec![buttons([Button::plain(words, press)])];
    }
    card
}
