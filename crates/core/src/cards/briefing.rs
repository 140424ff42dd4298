//! The briefing that goes with a hand-over: what somebody who takes over must know before they say *I have it*.
//!
//! It is read once, often by somebody who was asleep a minute ago, so what cannot wait stands above what explains it: who
//! is hurt, what waits for an answer, what runs and until when; then what people think, tried and decided.

use chrono::{DateTime, Utc};

use super::do_not::do_not;
use super::spoken::spoken;
use super::work::{in_hand, noted_last};
use super::{clock, plain};
use crate::incident::{HypothesisState, Incident, cut};
use crate::role::Role;
use crate::runbook::StepPhase;
use crate::timeline::{Entry, Kind, Who};

/// The longest briefing, in characters.
const MAX_CHARACTERS: usize = 1_500;

/// What stands at the end of a briefing that says less than there is.
const MORE: &str = "*More on the board.*";

/// The most decisions that are told.
const MOST_DECISIONS: usize = 3;

/// What somebody who takes over must know, in at most 1,500 characters. `timeline` are the lines that everybody may read;
/// `now` is when it is handed over.
#[must_use]
pub fn briefing(incident: &Incident, timeline: &[Entry], now: DateTime<Utc>) -> String {
    let title = format!(
        "**{}** – {} – {}",
        incident.title, incident.severity, incident.phase
    );
    let hurt = incident.impact_text.as_deref().map_or_else(
        || "nobody has said who is hurt".to_owned(),
        |text| spoken(text, 200),
    );
    let since = incident
        .impact_start()
        .map(|start| format!("{} ({} UTC)", clock(start), start.format("%H:%M")));
    let promised = incident.promise.as_ref().map(|promise| {
        let late = (now - promise.due).num_minutes();
        let overdue = match late {
            ..=0 => String::new(),
            late => format!(" – overdue by {late} min"),
        };
        let by = clock(promise.due);
        format!("next update by {by}{overdue}{}", keeper_words(incident))
    });
    let why = format!("Why {}", incident.severity);
    let told = [
        ("Broken, for whom", Some(hurt)),
        ("Since", since),
        ("Waits for a decision", joined(&waiting(incident))),
        ("Runs now", joined(&in_hand(incident))),
        ("Do not", joined(&do_not(incident, timeline))),
        ("Promised", promised),
        (&why, Some(why_so_severe(incident, timeline))),
        ("We believe", joined(&beliefs(incident))),
        ("Tried", joined(&tried(incident, timeline))),
        ("Decided", joined(&decided(timeline))),
        ("Here", joined(&here(incident))),
        (
            "Alerts",
            Some(format!(
                "{} firing, {} clear",
                incident.alerts.firing, incident.alerts.cleared
            )),
        ),
        ("Runbook", position(incident)),
    ];
    let lines = told
        .into_iter()
        .filter_map(|(what, words)| words.map(|words| format!("**{what}:** {words}")));
    fitting(title, lines)
}

/// As many whole lines as fit: half a mention or half a time would be read as neither.
fn fitting(title: String, lines: impl Iterator<Item = String>) -> String {
    let mut text = cut(&title, 300);
    let mut left_out = false;
    for line in lines {
        let length = text.chars().count() + line.chars().count() + 1;
        if length + MORE.chars().count() < MAX_CHARACTERS {
            text.push('\n');
            text.push_str(&line);
        } else {
            left_out = true;
        }
    }
    if left_out {
        text.push('\n');
        text.push_str(MORE);
    }
    text
}

fn joined(parts: &[String]) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What nobody has decided yet: steps of this phase that ask for a choice, and requests without an answer. The hand-over
/// itself is not among them: it is what the reader is being asked.
fn waiting(incident: &Incident) -> Vec<String> {
    if !incident.is_active() {
        return Vec::new();
    }
    let list = incident
        .checklist
        .as_ref()
        .zip(StepPhase::during(incident.phase))
        .map(|(checklist, phase)| checklist.list(phase))
        .unwrap_or_default();
    let steps = list
        .into_iter()
        .filter(|(step, state)| step.decision.is_some() && !state.is_settled())
        .take(MOST_DECISIONS)
        .map(|(step, _)| spoken(&plain(&step.text), 80));
    let asked = |who: &str, what: &str, at| format!("{who} {what} (asked {})", clock(at));
    let resolve = incident
        .resolve_asked
        .map(|(by, at)| asked(&by.to_string(), "wants to resolve", at));
    let command = incident
        .command_asked
        .map(|(by, at)| asked(&by.to_string(), "wants command", at));
    let looks = incident
        .second_looks
        .iter()
        .filter(|(_, look)| look.answered.is_none())
        .filter_map(|(step, look)| {
            let checklist = incident.checklist.as_ref()?;
            let step = checklist.step(step)?;
            let is_open = !checklist.state(&step.id).is_settled();
            let what = format!("is to confirm: {}", spoken(&plain(&step.text), 60));
            is_open.then(|| asked(&look.of.to_string(), &what, look.at))
        })
        .take(1);
    steps.chain(resolve).chain(command).chain(looks).collect()
}

fn keeper_words(incident: &Incident) -> String {
    incident
        .promise_keeper()
        .map(|keeper| format!(", owed by {keeper}"))
        .unwrap_or_default()
}

/// Why it has the severity it has: the last change of it, or what it was declared for.
fn why_so_severe(incident: &Incident, timeline: &[Entry]) -> String {
    let change = timeline
        .iter()
        .rev()
        .find(|entry| entry.is_active() && entry.kind == Kind::Severity);
    if let Some(change) = change {
        let by = match &change.who {
            Who::Person { id, .. } => format!("{id}, "),
            Who::Alert | Who::Bot => String::new(),
        };
        return format!(
            "{} ({by}{})",
            spoken(&change.text, 120),
            clock(change.event_at)
        );
    }
    let declared = format!("declared so at {}", clock(incident.declared_at()));
    match incident.alerts.names.first() {
        Some(name) => format!("{declared}, first alert {}", spoken(name, 60)),
        None => declared,
    }
}

fn beliefs(incident: &Incident) -> Vec<String> {
    let standing = incident
        .hypotheses
        .iter()
        .rev()
        .filter(|guess| guess.state != HypothesisState::Refuted);
    standing
        .take(3)
        .map(|guess| format!("{} ({})", spoken(&guess.text, 80), guess.state.id()))
        .collect()
}

/// What was done last, and what somebody said that it changed.
fn tried(incident: &Incident, timeline: &[Entry]) -> Vec<String> {
    let actions: Vec<Entry> = timeline
        .iter()
        .filter(|entry| entry.is_active() && entry.kind == Kind::Action)
        .filter_map(|entry| {
            Some(Entry {
                text: entry.what_is_left()?.into_owned(),
                ..entry.clone()
            })
        })
        .collect();
    noted_last(incident, &actions)
        .iter()
        .map(|noted| {
            let number = noted
                .number
                .map(|number| format!("{number} "))
                .unwrap_or_default();
            let outcome = noted
                .outcome
                .map(|outcome| format!(" → {}", outcome.words().to_lowercase()))
                .unwrap_or_default();
            format!("{number}{}{outcome}", spoken(&plain(noted.what), 80))
        })
        .collect()
}

fn decided(timeline: &[Entry]) -> Vec<String> {
    let mut found: Vec<String> = timeline
        .iter()
        .rev()
        .filter(|entry| entry.is_active() && entry.kind == Kind::Decision)
        .filter_map(|entry| {
            let number = entry
                .number
                .map(|number| format!("{number} "))
                .unwrap_or_default();
            let left = entry.what_is_left()?;
            Some(format!("{number}{}", spoken(&left, 80)))
        })
        .take(MOST_DECISIONS)
        .collect();
    found.reverse();
    found
}

fn here(incident: &Incident) -> Vec<String> {
    let command = incident.command.map(|holder| format!("👑 {holder}"));
    let roles = Role::ALL.into_iter().filter_map(|role| {
        incident
            .holder(role)
            .map(|by| format!("{} {by}", role.short()))
    });
    command.into_iter().chain(roles).collect()
}

/// Where people are in the runbook, and what it asks next.
fn position(incident: &Incident) -> Option<String> {
    let checklist = incident.checklist.as_ref()?;
    let phase = StepPhase::during(incident.phase)?;
    let (done, total) = checklist.progress(phase);
    let next = checklist
        .next_step(phase)
        .map(|step| format!(", next: {}", spoken(&plain(&step.text), 80)))
        .unwrap_or_default();
    Some(format!(
        "{} {done}/{total} of {}{next}",
        checklist.names(),
        phase.heading()
    ))
}
