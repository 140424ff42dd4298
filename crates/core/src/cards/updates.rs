//! Word for the stakeholders.

use chrono::{DateTime, TimeDelta, Utc};

use super::{buttons, clock, line, relative};
use crate::card::{Act, Button, Card, Ping, Press, Tone};
use crate::incident::{Incident, Policy, UpdateKind, UpdateRecord, Visibility};
use crate::update::{mark_of, with_promise};

/// What may be promised instead of the usual, in a long incident.
const LONGER_PROMISE_MINUTES: u32 = 60;

/// How long an incident lasts before more time between two updates is offered.
const LONG_AFTER: TimeDelta = TimeDelta::hours(2);

/// The draft as it goes out, with one tap. The buttons know which draft they stand under: another one is shown before it is
/// sent. In an incident that has lasted for long more time may be promised.
#[must_use]
pub fn update_card(incident: &Incident, draft: &str, now: DateTime<Utc>, policy: &Policy) -> Card {
    let usual = policy.cadence(incident.severity, incident.is_mitigated());
    let send = |minutes| {
        let act = Act::SendShown(minutes, mark_of(draft));
        Press::in_phase(incident.id, incident.phase, act)
    };
    let mut first_row = vec![Button::primary("Send", send(usual))];
    if incident.impact_text.is_none() {
        let press = Press::any_time(incident.id, Act::Impact);
        first_row.push(Button::plain("Impact…", press));
    }
    first_row.extend([
        Button::plain("Edit…", Press::any_time(incident.id, Act::EditUpdate)),
        Button::plain(
            "Nothing new",
            Press::in_phase(incident.id, incident.phase, Act::NothingNew),
        ),
        Button::plain("Estimate…", Press::any_time(incident.id, Act::Estimate)),
    ]);
    let mut rows = vec![buttons(first_row)];
    let is_long = now - incident.live_since >= LONG_AFTER;
    if is_long && usual.is_some_and(|minutes| minutes < LONGER_PROMISE_MINUTES) {
        rows.push(buttons([Button::plain(
            format!("Send, next in {LONGER_PROMISE_MINUTES} min"),
            send(Some(LONGER_PROMISE_MINUTES)),
        )]));
    }
    let due = usual.map(|minutes| now + TimeDelta::minutes(i64::from(minutes)));
    let next = match usual {
        Some(minutes) => format!("the next one is promised in {minutes} min"),
        None => "the next one when something changes".to_owned(),
    };
    Card {
        title: match incident.visibility {
            Visibility::Normal => "Draft for the stakeholders",
            Visibility::Restricted => "Draft for the channel",
        }
        .to_owned(),
        body: with_promise(draft, due),
        footer: format!("{} · {next}", readers(incident, policy)),
        tone: Tone::of(incident.severity),
        rows,
        ..Card::default()
    }
}

/// The draft that was shown is not what would go out now.
#[must_use]
pub fn changed_draft(
    incident: &Incident,
    draft: &str,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Card {
    Card {
        title: "The draft has changed: this goes out".to_owned(),
        ..update_card(incident, draft, now, policy)
    }
}

/// Where updates go, in words that a person knows.
fn readers(incident: &Incident, policy: &Policy) -> String {
    if incident.visibility == Visibility::Restricted {
        return "stays in the incident's channel: it is restricted, nobody outside is told"
            .to_owned();
    }
    let names: Vec<&str> = policy
        .update_targets
        .iter()
        .map(|name| match name.as_str() {
            "discord" => "the stakeholder channel",
            webhook => webhook,
        })
        .collect();
    if names.is_empty() {
        return "goes to nobody outside: no target is configured".to_owned();
    }
    format!("goes to {}", names.join(", "))
}

/// When stakeholders hear again, for what is drawn anew: until when, or since when it is overdue.
pub(super) fn due_words(incident: &Incident) -> Option<String> {
    let due = incident.next_update_due()?;
    let has_come = match &incident.promise {
        Some(promise) => promise.reminded_at,
        None => incident
            .first_update_reminded
            .as_ref()
            .is_some_and(|first| first.at_due),
    };
    Some(if has_come {
        format!("was due at {}, {}", clock(due), relative(due))
    } else {
        format!("due {} ({})", clock(due), relative(due))
    })
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
        .map(|due| format!(" Next one promised by {}.", clock(due)))
        .unwrap_or_default();
    let mut card = line(format!("📣 {what}{by}.{next}"));
    if incident.visibility == Visibility::Restricted {
        // Nobody outside was told, so the words stand where those inside read them.
        let what = match update.kind {
            UpdateKind::AllClear => "All-clear".to_owned(),
            _ => format!("Update {}", update.number),
        };
        card.content = format!("📣 {what}{by}, for this channel only: {}", update.text);
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
    let (first, has_come) = match first {
        Some(first) => ("first ", first.at_due),
        None => ("", reminded),
    };
    let what = match incident.visibility {
        Visibility::Normal => "stakeholder update",
        Visibility::Restricted => "update",
    };
    // The line stays where it is said: it holds whenever it is read.
    let when = if has_come {
        format!("was due at {}", clock(due))
    } else {
        format!("is due by {}", clock(due))
    };
    let minutes = policy.cadence(incident.severity, incident.is_mitigated());
    Card {
        content: format!(
            "⏰ {} {}: the {first}{what} {when}. A draft is ready.",
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
