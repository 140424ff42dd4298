//! Handing over: to whom, what of it and why, in three taps; and the one line that the channel reads when it is done.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{buttons, clock, command_line, line};
use crate::card::{Act, Button, Card, HandoverReason, HandoverSet, Press, Row};
use crate::incident::{HandoverSubject, Incident};
use crate::person::PersonId;
use crate::role::Role;

/// What is handed over, as people read it.
pub(super) fn subject_words(subject: &HandoverSubject) -> String {
    match subject {
        HandoverSubject::Command => "command 👑".to_owned(),
        HandoverSubject::Role(role) => role.to_string(),
    }
}

/// To whom to hand over. Each menu says with the same tap why; whoever says nothing hands over all the same.
#[must_use]
pub fn ask_handover(incident: &Incident, giver: PersonId, set: HandoverSet) -> Card {
    let roles = incident.roles_of(giver);
    let commands = incident.command == Some(giver);
    let mut held: Vec<String> = roles.iter().map(ToString::to_string).collect();
    if commands {
        held.insert(0, "command 👑".to_owned());
    }
    if held.is_empty() {
        return line("You have nothing to hand over here.");
    }
    let mut card = line(format!(
        "You have: {}. Choose who takes it over. You keep it until they say *I have it*.",
        held.join(", ")
    ));
    let what = match set {
        HandoverSet::Everything => "everything".to_owned(),
        HandoverSet::Command => "only command".to_owned(),
        HandoverSet::Role(role) => format!("only {}", role.short()),
    };
    let people = |hint: String, act: Act| Row::People {
        hint,
        press: Press::any_time(incident.id, act),
    };
    card.rows = vec![people(
        format!("Hand {what} over to…"),
        Act::OfferHandover(set),
    )];
    card.rows
        .extend(HandoverReason::ALL.into_iter().map(|reason| {
            let because = match reason {
                HandoverReason::Fatigue => "I am tired",
                HandoverReason::ShiftEnd => "My shift ends",
            };
            people(
                format!("{because}: hand {what} over to…"),
                Act::OfferHandoverBecause(set, reason),
            )
        }));
    if set == HandoverSet::Everything && held.len() > 1 {
        if commands {
            card.rows.push(people(
                "Hand over only command to…".to_owned(),
                Act::OfferHandover(HandoverSet::Command),
            ));
        }
        // There are five roles, and a row has room for five: command has its menu above.
        let parts = roles.into_iter().map(|role| {
            Button::plain(
                format!("Only {}…", role.short()),
                Press::any_time(incident.id, Act::AskHandoverOf(HandoverSet::Role(role))),
            )
        });
        card.rows.push(buttons(parts));
    }
    card
}

/// What the channel reads when a hand-over is accepted: what, from whom, to whom, when and why, in one line.
#[must_use]
pub fn handed_over(
    incident: &Incident,
    subjects: &BTreeSet<HandoverSubject>,
    (from, to): (PersonId, PersonId),
    reason: Option<&str>,
    at: DateTime<Utc>,
) -> Card {
    let roles: Vec<Role> = subjects
        .iter()
        .filter_map(|subject| match subject {
            HandoverSubject::Command => None,
            HandoverSubject::Role(role) => Some(*role),
        })
        .collect();
    let names: Vec<String> = roles.iter().map(ToString::to_string).collect();
    let with_command = subjects.contains(&HandoverSubject::Command);
    let mut card = if with_command {
        let mut card = command_line(incident, from, to, reason, at);
        if !names.is_empty() {
            card.content = format!("{} With it: {}.", card.content, names.join(", "));
        }
        card
    } else {
        let why = reason
            .map(|reason| format!(" Reason: {}.", reason.trim_end_matches('.')))
            .unwrap_or_default();
        line(format!(
            "🤝 {}: {from} → {to} at {} ({} UTC).{why}",
            names.join(", "),
            clock(at),
            at.format("%H:%M")
        ))
    };
    let mut ways = Vec::new();
    if roles.contains(&Role::Bridge)
        && incident.command.is_some_and(|holder| holder != to)
        && !with_command
    {
        ways.push(Button::plain(
            "Hand command over, too",
            Press::any_time(incident.id, Act::GiveCommand(to)),
        ));
    }
    if !roles.is_empty() {
        ways.push(Button::plain(
            "My role",
            Press::any_time(incident.id, Act::MyRole),
        ));
        card.rows = vec![buttons(ways)];
    }
    card
}
