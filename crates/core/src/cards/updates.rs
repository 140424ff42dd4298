//! Word for the stakeholders, and the timeline as people read it in Discord.

use chrono::{DateTime, Utc};

use super::{buttons, clock, line, relative, text_card};
use crate::card::{Act, Button, Card, Ping, Press, Tone};
use crate::incident::{Incident, Policy, UpdateKind, UpdateRecord, Visibility, cut};
use crate::role::Role;
use crate::runbook::{Checklist, Fold};
use crate::timeline::{Entry, Importance, Who};

/// What may be promised instead of the usual, in a long incident.
const LONGER_PROMISE_MINUTES: u32 = 60;

/// The draft, ready to go with one tap.
#[must_use]
pub fn update_card(incident: &Incident, draft: &str, policy: &Policy) -> Card {
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
    if usual != LONGER_PROMISE_MINUTES {
        first_row.push(Button::plain(
            format!("Send, next in {LONGER_PROMISE_MINUTES} min"),
            send(LONGER_PROMISE_MINUTES),
        ));
    }
    Card {
        title: "Draft for the stakeholders".to_owned(),
        body: draft.to_owned(),
        footer: format!(
            "goes to {} · the next one is promised in {usual} min",
            readers(policy)
        ),
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

/// The promised time is near, or has come.
#[must_use]
pub fn update_reminder(incident: &Incident, due: DateTime<Utc>, policy: &Policy) -> Card {
    let keeper = incident.holder(Role::Bridge).or(incident.command);
    let reminded = incident
        .promise
        .as_ref()
        .is_some_and(|promise| promise.due == due && promise.reminded_at);
    let when = if reminded {
        format!("is due now ({})", clock(due))
    } else {
        format!("is due {} ({})", relative(due), clock(due))
    };
    let minutes = policy.cadence(incident.severity, incident.is_mitigated());
    Card {
        content: format!(
            "⏰ {} {}: the stakeholder update {when}. A draft is ready.",
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

/// The timeline: the key view, or everything, newest last, as much as fits.
#[must_use]
pub fn timeline_view(incident: &Incident, timeline: &[Entry], everything: bool) -> Card {
    let shown: Vec<&Entry> = timeline
        .iter()
        .filter(|entry| entry.is_active())
        .filter(|entry| everything || entry.importance != Importance::Detail)
        .collect();
    let told = with_folded_ticks(incident, &shown, everything);
    let mut lines: Vec<String> = Vec::new();
    let mut characters = 0;
    for line in told.iter().rev().cloned() {
        characters += line.chars().count() + 1;
        if characters > 3_800 || lines.len() >= 25 {
            break;
        }
        lines.push(line);
    }
    let left_out = told.len() - lines.len();
    lines.reverse();
    if left_out > 0 {
        lines.insert(
            0,
            format!("*{left_out} older lines: they are in the export and the postmortem.*"),
        );
    }
    if lines.is_empty() {
        lines.push("Nothing yet.".to_owned());
    }
    text_card(
        format!("{} – timeline", incident.id),
        lines.join("\n"),
        Tone::Plain,
    )
}

/// The lines of the timeline, in order; the key view says in one line for each phase what was ticked and skipped.
fn with_folded_ticks(incident: &Incident, shown: &[&Entry], everything: bool) -> Vec<String> {
    let mut ticks = incident
        .checklist
        .iter()
        .filter(|_| !everything)
        .flat_map(Checklist::folded)
        .peekable();
    let mut lines = Vec::new();
    for entry in shown {
        while let Some(fold) = ticks.next_if(|fold| fold.to < entry.event_at) {
            lines.push(ticks_line(&fold));
        }
        lines.push(entry_line(entry));
    }
    lines.extend(ticks.map(|fold| ticks_line(&fold)));
    lines
}

fn ticks_line(fold: &Fold) -> String {
    let when = if fold.is_one_moment() {
        clock(fold.to)
    } else {
        format!("{}–{}", clock(fold.from), clock(fold.to))
    };
    format!("☑ {when} {}", cut(&fold.words, 220))
}

fn entry_line(entry: &Entry) -> String {
    let number = entry
        .number
        .map(|number| number.to_string())
        .unwrap_or_default();
    let late = if entry.is_late() { " 🕓" } else { "" };
    let edited = if entry.revisions.is_empty() {
        ""
    } else {
        " ✎"
    };
    let deleted = entry
        .source_deleted_at
        .map(|at| format!(" *(source message deleted {})*", clock(at)))
        .unwrap_or_default();
    let who = match &entry.who {
        Who::Person { id, .. } => format!("{id} "),
        Who::Alert | Who::Bot => String::new(),
    };
    format!(
        "`{number}` {} **{}** {who}{}{late}{edited}{deleted}",
        clock(entry.event_at),
        entry.kind,
        cut(&entry.text.replace('\n', " "), 220)
    )
}
