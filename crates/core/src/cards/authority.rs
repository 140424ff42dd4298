//! Asking those who may: the words for what is wanted, and the button that does it.

use super::{buttons, line};
use crate::card::{Act, Button, Card, HandoverSet, Ping, Press};
use crate::incident::{Command, Incident, TaskAnswer, UpdateKind, Visibility};
use crate::person::PersonId;

/// What somebody is asked to do, in the words of its button.
#[must_use]
pub fn asked_words(act: &Act) -> String {
    match act {
        Act::SetSeverity(severity) | Act::LowerSeverity(severity, _) => {
            format!("Set it to {severity}")
        }
        Act::GiveCommand(person) => format!("Give command to {person}"),
        Act::AskHandoverOf(HandoverSet::Role(role)) => format!("Hand over {}", role.short()),
        Act::RedactForGood(number) => format!("Redact {number} for good"),
        Act::ShowEntryAgain(number) => format!("Show {number} again"),
        Act::EditEntry(number) => format!("Edit {number}…"),
        Act::RetractEntry(number) => format!("Take {number} back"),
        Act::RestoreEntry(number) => format!("Put {number} back"),
        Act::Entry(number) => format!("Look at {number}"),
        other => simple_words(other).unwrap_or("Have a look").to_owned(),
    }
}

/// The words of what has no parameters; `None` for what nobody is asked to do.
fn simple_words(act: &Act) -> Option<&'static str> {
    Some(match act {
        Act::Unrestrict => "Show it to everybody again",
        Act::AskCancel => "Not an incident",
        Act::AskMerge => "Duplicate of…",
        Act::Close => "Close",
        Act::Resolve => "Resolve",
        Act::AllClear => "All-clear",
        Act::Update => "Update",
        Act::Take => "Take it",
        Act::Reopen => "Reopen",
        Act::Restrict => "Restrict it",
        Act::AskRole => "Ask somebody for a role",
        Act::AskTask => "Ask somebody to do something",
        Act::Impact => "Impact",
        Act::Describe => "What it is…",
        Act::Think => "We think it is…",
        Act::Log => "Log",
        Act::Decision => "Decision…",
        Act::AskRedact => "Redact",
        Act::Cause => "Cause and factors",
        Act::AskAction => "Add action",
        Act::ShowBoard => "Have a look",
        _ => return None,
    })
}

/// Whether this is something that can be asked of those who may.
#[must_use]
pub fn can_be_asked_for(act: &Act) -> bool {
    match act {
        Act::SetSeverity(_)
        | Act::LowerSeverity(..)
        | Act::AskHandoverOf(HandoverSet::Role(_))
        | Act::RedactForGood(_)
        | Act::ShowEntryAgain(_)
        | Act::EditEntry(_)
        | Act::RetractEntry(_)
        | Act::RestoreEntry(_)
        | Act::Entry(_) => true,
        other => simple_words(other).is_some(),
    }
}

/// Whether only an admin decides this once the incident is over.
#[must_use]
pub fn is_for_an_admin(act: &Act) -> bool {
    matches!(act, Act::RedactForGood(_) | Act::ShowEntryAgain(_))
}

/// What those who may are asked for on behalf of somebody who may not do this: the same, or to have a look.
#[must_use]
pub fn asked_instead_of(act: &Act) -> Act {
    match act {
        Act::Redact(number) | Act::SetImportance(number, _) | Act::SetAudience(number, _) => {
            Act::Entry(*number)
        }
        Act::Resolve | Act::ResolveAnyway => Act::Resolve,
        Act::Cancel(_) => Act::AskCancel,
        Act::UnrestrictNow => Act::Unrestrict,
        Act::SendUpdate(_) | Act::SendShown(..) | Act::EditUpdate | Act::NothingNew => Act::Update,
        Act::SendAllClear(_) => Act::AllClear,
        other if can_be_asked_for(other) => other.clone(),
        _ => Act::ShowBoard,
    }
}

/// The button behind a command that not everybody may give. What was chosen with it is chosen again by whoever is asked.
#[must_use]
pub fn act_behind(command: &Command) -> Option<Act> {
    Some(match command {
        Command::SetSeverity { to, .. } => Act::SetSeverity(*to),
        Command::Cancel { .. } => Act::AskCancel,
        Command::Merge { .. } => Act::AskMerge,
        Command::SetVisibility {
            to: Visibility::Normal,
        } => Act::Unrestrict,
        Command::SendUpdate {
            kind: UpdateKind::AllClear,
            ..
        } => Act::AllClear,
        Command::SendUpdate { .. } => Act::Update,
        Command::Resolve { .. } => Act::Resolve,
        Command::Close => Act::Close,
        Command::RedactEntry(line) if line.for_good => Act::RedactForGood(line.number),
        Command::ShowEntryAgain { number } => Act::ShowEntryAgain(*number),
        Command::AnswerTask {
            answer: TaskAnswer::Cannot,
            ..
        }
        | Command::GiveCommand { .. }
        | Command::NotYet => Act::ShowBoard,
        _ => return None,
    })
}

/// Somebody asks whoever may. It pings them and nobody else; the button is theirs to press.
#[must_use]
pub fn asked_to_do(
    incident: &Incident,
    (by, reads_only): (PersonId, bool),
    whom: Option<PersonId>,
    act: &Act,
) -> Card {
    let words = asked_words(act);
    let asked = match whom {
        Some(whom) => whom.to_string(),
        None if !incident.is_active() && is_for_an_admin(act) => "an admin".to_owned(),
        None => "whoever may".to_owned(),
    };
    let reads_only = if reads_only {
        ", who may only read,"
    } else {
        ""
    };
    let mut card = line(format!("🙋 {by}{reads_only} asks {asked}: *{words}*"));
    card.ping = Ping::People(whom.into_iter().collect());
    card.quiet = whom.is_none();
    if can_be_asked_for(act) {
        let press = Press::in_phase(incident.id, incident.phase, act.clone());
        card.rows = vec![buttons([Button::plain(words, press)])];
    }
    card
}
