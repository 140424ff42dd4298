//! What is being done, for those who were not there: what people noted and ticked, as far as it still stands. What the bot
//! wrote into the timeline about the work itself (an objection, a merge, who may see it) concerns nobody outside.

use chrono::{DateTime, Utc};

use super::lines::Line;
use super::outward::outward;
use super::{clock, with_full_stop};
use crate::incident::Incident;
use crate::phase::Phase;
use crate::runbook::{Step, StepState};
use crate::timeline::{Entry, Kind, Source};

/// The most things that are told.
const MOST_TOLD: usize = 3;

/// The most characters of one of them.
const MAX_CHARACTERS: usize = 160;

/// Something that was done or decided.
struct Done {
    /// When it happened.
    at: DateTime<Utc>,
    /// When it was written down.
    recorded_at: DateTime<Utc>,
    words: String,
}

/// The newest actions and decisions since the last word that went out, or the last one before.
pub(super) fn doing(title: &str, incident: &Incident, timeline: &[Entry]) -> Line {
    let since = incident.updates.last().map(|update| update.at);
    let mut told: Vec<Done> = noted(incident, timeline).chain(ticked(incident)).collect();
    told.sort_by_key(|done| done.at);
    let (older, mut fresh): (Vec<Done>, Vec<Done>) = told
        .into_iter()
        .partition(|done| since.is_some_and(|since| done.recorded_at <= since));
    if fresh.is_empty() {
        fresh.extend(older.into_iter().next_back());
    }
    let mut words: Vec<String> = fresh
        .iter()
        .skip(fresh.len().saturating_sub(MOST_TOLD))
        .map(|done| format!("{} {}", clock(done.at), with_full_stop(&done.words)))
        .collect();
    if words.is_empty() {
        words.push(of_phase(incident.phase).to_owned());
    }
    Line {
        before: format!("**{title}:** "),
        words,
        after: String::new(),
    }
}

/// What people wrote down, and nobody took back.
fn noted<'timeline>(
    incident: &'timeline Incident,
    timeline: &'timeline [Entry],
) -> impl Iterator<Item = Done> + 'timeline {
    let by_people = |entry: &&Entry| match entry.source {
        Source::Command
        | Source::Message
        | Source::Reaction
        | Source::Pin
        | Source::Menu
        | Source::Import => true,
        Source::Button | Source::Alert | Source::Update | Source::Checklist | Source::Timer => {
            false
        }
    };
    let stands = |entry: &&Entry| {
        let taken_back = incident.mitigations.asked.iter().any(|question| {
            question.taken_back
                && question.about.entry.is_some()
                && question.about.entry == entry.number
        });
        entry.is_active() && !entry.is_redacted() && !taken_back
    };
    timeline
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::Action | Kind::Decision))
        .filter(by_people)
        .filter(stands)
        .map(|entry| Done {
            at: entry.event_at,
            recorded_at: entry.recorded_at,
            words: outward(incident, &entry.text, MAX_CHARACTERS),
        })
        .filter(|done| !done.words.is_empty())
}

/// Steps that change something or decide something, as the checklist shows them now: a tick that was taken back is none.
fn ticked(incident: &Incident) -> impl Iterator<Item = Done> + '_ {
    incident
        .checklist
        .iter()
        .flat_map(|checklist| {
            checklist
                .steps
                .iter()
                .map(|step| (step, checklist.state(&step.id)))
        })
        .filter(|(step, _)| {
            !incident.mitigations.asked.iter().any(|question| {
                question.taken_back && question.about.step.as_ref() == Some(&step.id)
            })
        })
        .filter_map(|(step, state)| match state {
            StepState::Done { at, choice, .. } => {
                words_of(incident, step, choice.as_deref()).map(|words| Done {
                    at: *at,
                    recorded_at: *at,
                    words,
                })
            }
            _ => None,
        })
}

fn words_of(incident: &Incident, step: &Step, choice: Option<&str>) -> Option<String> {
    let plain = step.text.replace(['*', '`'], "");
    let text = outward(incident, &plain, MAX_CHARACTERS);
    match choice {
        Some(choice) => {
            let choice = outward(incident, choice, MAX_CHARACTERS / 2);
            Some(format!("{} → {choice}", text.trim_end_matches('.')))
        }
        None if step.high_risk => Some(format!("done: {text}")),
        None => None,
    }
}

/// What is done in a phase when nobody has noted anything.
fn of_phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "On-call is being called.",
        Phase::Diagnosis => "We are looking for the cause.",
        Phase::Mitigation => "We are limiting the damage.",
        Phase::Fix => "We are applying the fix.",
        Phase::Validation => "The fix is in place; we are checking that it holds.",
        Phase::Learning | Phase::Closed | Phase::Cancelled => "The work is over.",
    }
}
