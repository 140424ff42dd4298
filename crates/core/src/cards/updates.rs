//! Word for the stakeholders.

use chrono::{DateTime, TimeDelta, Utc};

use super::{buttons, clock, line, relative};
use crate::card::{Act, Button, Card, Ping, Press, Tone};
use crate::incident::{Incident, Policy, UpdateKind, UpdateRecord, Visibility};

/// What may be promised instead of the usual, in a long incident.
const LONGER_PROMISE_MINUTES: u32 = 60;

/// How long an incident lasts before more time between two updates is offered.
const LONG_AFTER: TimeDelta = TimeDelta::hours(2);

/// The draft, ready to go with one tap. In an incident that has lasted for long more time may be promised.
#[must_use]
pub fn update_card(incident: &Incident, draft: &str, now: DateTime<Utc>, policy: &Policy) -> Card {
    let usual = policy.cadence(incident.severity, incident.is_mitigated());
    let send = |minutes| Press::in_phase(incident.id, incident.phase, Act::SendUpdate(minutes));
    let mut first_row = vec![
        Button::primary("Send", send(usual)),
        Button::plain("Edit…", Press::any_time(incident.id, Act::EditUpdate)),
        Button::plain(
            "Nothing new",
            Press::in_phase(incident.id, incident.phase, Act::NothingNew),
        ),
        Button::plain("Estimate…", Press::any_time(incident.id, Act::Estimate)),
    ];
    let is_long = now - incident.live_since >= LONG_AFTER;
    if is_long && usual.is_some_and(|minutes| minutes < LONGER_PROMISE_MINUTES) {
        first_row.push(Button::plain(
            format!("Send, next in {LONGER_PROMISE_MINUTES} min"),
            send(Some(LONGER_PROMISE_MINUTES)),
        ));
    }
    let next = match usual {
        Some(minutes) => format!("the next one is promised in {minutes} min"),
        None => "the next one when something changes".to_owned(),
    };
    Card {
        title: "Draft for the stakeholders".to_owned(),
        body: draft.to_owned(),
        footer: format!("goes to {} · {next}", readers(policy)),
        tone: Tone::of(incident.severity),
        rows: vec![buttons(first_row)],
        ..Card::default()
    }
}

/// Where updates go, in words that a person knows.
fn readers(policy: &Policy) -> String {
    let names: Vec<&str> = policy
        .update_targets
        .iter()
        .map(|name| match name.as_str() {
            "discord" => "the stakeholder channel",
            webhook => webhook,
        })
        .collect();
    names.join(", ")
}

/// An update went out: the channel's trace of it.
#[must_use]
pub fn update_line(incident: &Incident, update: &UpdateRecord) -> Card {
    let what = match update.kind {
        UpdateKind::Holding => "The automatic first note went out".to_owned(),
        UpdateKind::Update => format!("Update {} went out", update.number),
        UpdateKind::NothingNew => format!("Update {} (nothing new) went out", update.number),
        UpdateKind::AllClear => "The all-clear went out".to_owned(),
    };
    let by = update.by.map(|by| format!(" ({by})")).unwrap_or_default();
    let next = update
        .next_due
        .map(|due| format!(" Next one promised by {} ({}).", clock(due), relative(due)))
        .unwrap_or_default();
    let mut card = line(format!("📣 {what}{by}.{next}"));
    if incident.visibility == Visibility::Restricted {
        // Nobody outside was told, so the words stand where those inside read them.
        card.content = format!(
            "📣 Update {}{by}, for this channel only: {}{next}",
            update.number, update.text
        );
    }
    if update.kind == UpdateKind::Holding {
        card.rows = vec![buttons([Button::plain(
            "Update",
            Press::any_time(incident.id, Act::Update),
        )])];
    }
    card
}

/// The time at which the stakeholders are to hear something is near, or has come.
#[must_use]
pub fn update_reminder(incident: &Incident, due: DateTime<Utc>, policy: &Policy) -> Card {
    let keeper = incident.promise_keeper();
    let promise = incident.promise.as_ref();
    let reminded = promise.is_some_and(|promise| promise.due == due && promise.reminded_at);
    let first = incident
        .first_update_reminded
        .as_ref()
        .filter(|first| promise.is_none() && first.due == due);
    let (what, reminded) = match first {
        Some(first) => ("first stakeholder update", first.at_due),
        None => ("stakeholder update", reminded),
    };
    let when = if reminded {
        format!("is due now ({})", clock(due))
    } else {
        format!("is due {} ({})", relative(due), clock(due))
    };
    let minutes = policy.cadence(incident.severity, incident.is_mitigated());
    Card {
        content: format!(
            "⏰ {} {}: the {what} {when}. A draft is ready.",
            incident.id, incident.severity
        ),
        rows: vec![buttons([
            Button::primary(
                "Send",
                Press::in_phase(incident.id, incident.phase, Act::SendUpdate(minutes)),
            ),
            Button::plain("Show the draft", Press::any_time(incident.id, Act::Update)),
            Button::plain(
                "Nothing new",
                Press::in_phase(incident.id, incident.phase, Act::NothingNew),
            ),
        ])],
        ping: keeper.map_or(Ping::Nobody, |keeper| Ping::People(vec![keeper])),
        ..Card::default()
    }
}
