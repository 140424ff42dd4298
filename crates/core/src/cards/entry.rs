//! One entry with everything that is known of it, and what can be done to it.

use chrono::{DateTime, Utc};

use super::files::file_words;
use super::spoken::{spoken, spoken_lines};
use super::{buttons, clock, text_card};
use crate::card::{Act, Button, Card, Press, Tone};
use crate::ids::IncidentId;
use crate::incident::{Incident, Policy};
use crate::timeline::{Audience, Entry, EntryState, Importance, Kind, Precision, Revision, Who};

/// The most changes that are shown; the newest ones.
const MOST_CHANGES: usize = 5;

/// An entry, for one reader.
#[must_use]
pub fn entry_card(incident: &Incident, entry: &Entry, policy: &Policy) -> Card {
    let Some(number) = entry.number else {
        return text_card(
            incident.id.to_string(),
            spoken_lines(&entry.text, 1_500),
            Tone::Plain,
        );
    };
    let mut body = vec![spoken_lines(&entry.text, 1_500), String::new()];
    if let Some(choice) = entry
        .choice
        .as_ref()
        .and_then(crate::timeline::Choice::words)
    {
        body.push(format!("**Choice** {}", spoken(&choice, 600)));
    }
    body.push(format!(
        "**When** {} ({} UTC){}",
        clock(entry.event_at),
        entry.event_at.format("%Y-%m-%d %H:%M"),
        match entry.precision {
            Precision::Exact => "",
            Precision::Minute => ", to the minute",
            Precision::Approximate => ", an estimate",
        }
    ));
    let late = if entry.is_late(policy.late_after) {
        " 🕓 late"
    } else {
        ""
    };
    body.push(format!("**Noted** {}{late}", clock(entry.recorded_at)));
    body.push(format!(
        "**What** {} · importance: {}",
        entry.kind,
        entry.importance.id()
    ));
    if !entry.is_for_everybody() {
        body.push("**Who reads it** 🔐 responders only".to_owned());
    }
    body.push(format!("**Who** {}", who(&entry.who)));
    if !entry.marks.is_empty() {
        let mut people: Vec<String> = Vec::new();
        for mark in &entry.marks {
            let words = format!("{} ({})", mark.by, mark.kind);
            if !people.contains(&words) {
                people.push(words);
            }
        }
        body.push(format!("**Marked by** {}", people.join(", ")));
    }
    if let Some(at) = entry.source_deleted_at {
        body.push(format!("Its message was deleted {}.", clock(at)));
    }
    body.extend(entry.files.iter().map(file_words));
    match &entry.state {
        EntryState::Active => {}
        EntryState::Retracted { at, reason } => {
            body.push(format!(
                "**Taken back** {}: {}",
                clock(*at),
                spoken(reason, 200)
            ));
        }
        EntryState::Redacted { at, by, sealed } => {
            let what = if *sealed { "Hidden" } else { "Redacted" };
            body.push(format!("**{what}** {} by {by}", clock(*at)));
        }
        EntryState::Merged { into, at } => {
            body.push(format!(
                "**Says the same as {into}** (noticed {})",
                clock(*at)
            ));
        }
    }
    let left_out = entry.revisions.len().saturating_sub(MOST_CHANGES);
    if left_out > 0 {
        body.push(format!("✎ {left_out} older changes"));
    }
    body.extend(entry.revisions.iter().skip(left_out).map(changed));
    let mut card = text_card(
        format!("{} – {number}", incident.id),
        body.join("\n"),
        Tone::Plain,
    );
    let any = |act| Press::any_time(incident.id, act);
    let mut first = vec![Button::plain("Edit…", any(Act::EditEntry(number)))];
    first.push(if entry.is_active() {
        Button::plain("Take it back", any(Act::RetractEntry(number)))
    } else {
        Button::plain("Put it back", any(Act::RestoreEntry(number)))
    });
    if entry.kind == Kind::Decision {
        first.push(Button::plain(
            "Options and reason…",
            any(Act::EditChoice(number)),
        ));
    }
    first.push(if entry.is_for_everybody() {
        let only = Act::SetAudience(number, Audience::RespondersOnly);
        Button::plain("Responders only", any(only))
    } else {
        let all = Act::SetAudience(number, Audience::Everybody);
        Button::plain("For everybody", any(all))
    });
    first.push(Button::plain("Timeline", any(Act::Timeline)));
    let importance = Importance::ALL
        .into_iter()
        .filter(|other| *other != entry.importance)
        .map(|other| {
            let label = match other {
                Importance::Key => "Make it key",
                Importance::Normal => "Make it normal",
                Importance::Detail => "Make it a detail",
            };
            Button::plain(label, any(Act::SetImportance(number, other)))
        });
    let redact = Button::risky("Redact", any(Act::Redact(number)));
    card.rows = vec![buttons(first), buttons(importance.chain([redact]))];
    card
}

/// An entry was stored with the time at which it was written, since the one that was given is hardly meant. One tap says
/// that it is.
#[must_use]
pub fn doubted_time(incident: IncidentId, entry: &Entry, said: DateTime<Utc>) -> Card {
    let number = entry
        .number
        .map(|number| number.to_string())
        .unwrap_or_default();
    let why = if said > entry.recorded_at {
        "lies in the future"
    } else {
        "lies long before the incident"
    };
    let when = format!("{} UTC", said.format("%Y-%m-%d %H:%M"));
    let mut card = super::line(format!(
        "📌 {number} is noted at {}: <t:{}:f> ({when}) {why}.",
        clock(entry.event_at),
        said.timestamp()
    ));
    if let Some(number) = entry.number {
        let any = |act| Press::any_time(incident, act);
        card.rows = vec![buttons([
            Button::plain(
                format!("It is {when}"),
                any(Act::SetTime(number, said.timestamp())),
            ),
            Button::plain("Wrong time?", any(Act::EditEntry(number))),
        ])];
    }
    card
}

fn who(who: &Who) -> String {
    match who {
        Who::Person { id, roles } if roles.is_empty() => id.to_string(),
        Who::Person { id, roles } => {
            let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
            format!("{id} ({} then)", roles.join(", "))
        }
        Who::Alert => "monitoring".to_owned(),
        Who::Bot => "the bot by itself".to_owned(),
    }
}

fn changed(revision: &Revision) -> String {
    let importance = revision
        .importance
        .map(|importance| format!(", {}", importance.id()))
        .unwrap_or_default();
    let why = revision
        .why
        .as_ref()
        .map(|why| format!(" – {}", spoken(why, 100)))
        .unwrap_or_default();
    format!(
        "✎ {} {}: was {}{importance}, {} “{}”{why}",
        clock(revision.changed_at),
        who(&revision.changed_by),
        revision.kind,
        clock(revision.event_at),
        spoken(&revision.text, 150)
    )
}
