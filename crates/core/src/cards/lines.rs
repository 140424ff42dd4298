//! What the channel hears once, in one line.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::handover::subject_words;
use super::spoken::spoken;
use super::{buttons, clock, line};
use crate::card::{Act, Button, Card, Ping, Press};
use crate::ids::IncidentId;
use crate::incident::{CancelReason, Handover, Incident};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::routing::HUSH_AFTER_CANCEL_MINUTES;
use crate::runbook::Checklist;
use crate::severity::Severity;
use crate::timeline::Entry;

fn by(person: Option<PersonId>) -> String {
    person
        .map(|person| format!(" ({person})"))
        .unwrap_or_default()
}

/// The severity changed.
#[must_use]
pub fn severity_line(
    incident: &Incident,
    from: Severity,
    to: Severity,
    reason: Option<&str>,
    person: Option<PersonId>,
) -> Card {
    let why = reason
        .map(|reason| format!(": {}", spoken(reason, 200)))
        .unwrap_or_default();
    let mut card = line(format!(
        "{} Severity {from} → **{to}**{why}{}",
        to.mark(),
        by(person)
    ));
    // A raise in the night is worth a sound; a reason to sleep on is not.
    card.quiet = !(to.is_worse_than(from) && incident.severity == Severity::Sev1);
    card
}

/// The work moved on, or back.
#[must_use]
pub fn phase_line(
    _incident: &Incident,
    from: Phase,
    to: Phase,
    note: Option<&str>,
    person: Option<PersonId>,
) -> Card {
    let why = note
        .map(|note| format!(" – {}", spoken(note, 300)))
        .unwrap_or_default();
    let direction = if to < from { "Back to " } else { "" };
    line(format!(
        "{} {direction}**{to}**{why}{}",
        to.mark(),
        by(person)
    ))
}

/// A runbook was pinned.
#[must_use]
pub fn runbook_line(checklist: &Checklist, reason: &str) -> Card {
    line(format!(
        "📋 Runbook **{}** attached. {reason}",
        checklist.runbook_id
    ))
}

/// A runbook was pinned beside the others.
#[must_use]
pub fn runbook_added_line(checklist: &Checklist, reason: &str) -> Card {
    line(format!(
        "📋 Runbook **{}** attached as well: its steps stand behind the others of their phase. {reason}",
        checklist.runbook_id
    ))
}

/// A newer version of a runbook is in use.
#[must_use]
pub fn runbook_renewed_line(checklist: &Checklist, summary: &str) -> Card {
    line(format!(
        "📋 Runbook **{}**: the newer version is in use. {summary}",
        checklist.runbook_id
    ))
}

/// Somebody took a role.
#[must_use]
pub fn role_line(incident: &Incident, role: Role, person: PersonId) -> Card {
    let mut card = line(format!("{person} is **{role}**."));
    if role == Role::Bridge
        && let Some(holder) = incident.command.filter(|holder| *holder != person)
    {
        card.content = format!(
            "{person} is **{role}**. {holder} holds command 👑 – should it go to {person}?"
        );
        card.rows = vec![buttons([
            Button::primary(
                "Yes, hand it over",
                Press::any_time(incident.id, Act::GiveCommand(person)),
            ),
            Button::plain("My role", Press::any_time(incident.id, Act::MyRole)),
        ])];
    } else {
        card.rows = vec![buttons([Button::plain(
            "My role",
            Press::any_time(incident.id, Act::MyRole),
        )])];
    }
    card
}

/// Somebody gave a role back.
#[must_use]
pub fn released_line(role: Role, person: PersonId) -> Card {
    line(format!(
        "{person} gave back **{role}**. It is unfilled now."
    ))
}

/// Command changed hands.
#[must_use]
pub fn command_line(
    incident: &Incident,
    from: PersonId,
    to: PersonId,
    reason: Option<&str>,
    at: DateTime<Utc>,
) -> Card {
    let why = reason
        .map(|reason| format!(" Reason: {}.", spoken(reason, 200).trim_end_matches('.')))
        .unwrap_or_default();
    let next = incident
        .promise
        .as_ref()
        .map(|promise| {
            let was = if promise.due < at { "was " } else { "" };
            format!(" Next update {was}due {}.", clock(promise.due))
        })
        .unwrap_or_default();
    line(format!(
        "👑 Command: {from} → {to} at {} ({} UTC).{why}{next}",
        clock(at),
        at.format("%H:%M")
    ))
}

/// A hand-over was offered.
#[must_use]
pub fn handover_line(handover: &Handover) -> Card {
    let (from, to) = (handover.from, handover.to);
    let what: Vec<String> = handover.subjects.iter().map(subject_words).collect();
    let what = what.join(" and ");
    line(format!(
        "{from} offers to hand over {what} to {to}. Until {to} says *I have it*, {from} still has it."
    ))
}

/// A hand-over came to nothing: for the giver.
#[must_use]
pub fn handover_ended(incident: &Incident, to: PersonId, declined: bool) -> Card {
    let what = if declined {
        "cannot take over now"
    } else {
        "did not answer in time"
    };
    let mut card = line(format!("{}: {to} {what}. You still have it.", incident.id));
    card.rows = vec![buttons([Button::primary(
        "Ask somebody else",
        Press::any_time(incident.id, Act::AskHandover),
    )])];
    card
}

/// It was no incident.
#[must_use]
pub fn cancelled_line(incident: &Incident, person: Option<PersonId>) -> Card {
    let reason = incident.cancelled.map_or("", CancelReason::words);
    let reason = if incident.is_near_miss() {
        format!("{reason} (near miss)")
    } else {
        reason.to_owned()
    };
    let alerts = &incident.alerts;
    let hushes = incident.cancelled.is_some_and(CancelReason::hushes_alerts);
    let quiet = if hushes && alerts.firing + alerts.cleared > 0 {
        format!(". Its alerts open no incident for {HUSH_AFTER_CANCEL_MINUTES} minutes.")
    } else {
        String::new()
    };
    let mut card = line(format!("⚪ **Cancelled**: {reason}{}{quiet}", by(person)));
    card.rows = vec![buttons([Button::plain(
        "It was real after all",
        Press::any_time(incident.id, Act::Reopen),
    )])];
    card
}

/// Whoever holds command answered with no.
#[must_use]
pub fn not_yet_line(person: PersonId) -> Card {
    line(format!("{person}: not yet."))
}

/// It was not over: everybody who has something to do in it is called back.
#[must_use]
pub fn reopened_line(incident: &Incident, from: Phase, person: Option<PersonId>) -> Card {
    let words = if from == Phase::Cancelled {
        "It was real after all"
    } else {
        "Reopened: it has returned"
    };
    let called: BTreeSet<PersonId> = Role::ALL
        .into_iter()
        .filter_map(|role| incident.holder(role))
        .chain(incident.command)
        .filter(|called| Some(*called) != person)
        .collect();
    let names: String = called.iter().map(|called| format!(" {called}")).collect();
    Card {
        quiet: false,
        ping: if called.is_empty() {
            Ping::Nobody
        } else {
            Ping::People(called.into_iter().collect())
        },
        ..line(format!("🔴 **{words}**{}{names}", by(person)))
    }
}

/// A change was taken back.
#[must_use]
pub fn undone_line(what: &str, person: Option<PersonId>) -> Card {
    line(format!("↩️ Undone: {what}{}", by(person)))
}

/// What was written down, for whoever wrote it.
#[must_use]
pub fn noted_line(entry: &Entry) -> Card {
    line(format!("📌 {}", told(entry, 1_000)))
}

/// An entry in a line: its number, when, what kind, and the words.
fn told(entry: &Entry, most: usize) -> String {
    let number = entry
        .number
        .map(|number| format!("{number} "))
        .unwrap_or_default();
    format!(
        "{number}{} ({} UTC) **{}** {}",
        clock(entry.event_at),
        entry.event_at.format("%H:%M"),
        entry.kind,
        spoken(&entry.text, most)
    )
}

/// A late entry arrived: nothing enters the past invisibly.
#[must_use]
pub fn late_line(incident: IncidentId, entry: &Entry) -> Card {
    let mut card = line(format!("🕓 added late: {}", told(entry, 200)));
    if let Some(number) = entry.number {
        let edit = Press::any_time(incident, Act::EditEntry(number));
        card.rows = vec![buttons([Button::plain("Wrong time?", edit)])];
    }
    card
}
