//! What somebody who takes over must not do: what made it worse, what people said not to do, what the runbook warns of, and
//! what is risky in this phase.
//!
//! What people and runbooks forbid is known by their words, *do not*, *don't* and *never*; a team that writes in another
//! language marks its steps risky, which says the same.

use super::spoken::spoken;
use super::{clock, plain};
use crate::incident::{EffectQuestion, Incident, NOT_SHOWN, Outcome};
use crate::runbook::{Step, StepPhase};
use crate::timeline::{Entry, Kind};

/// The most that is told of each sort.
const MOST: usize = 2;

/// The longest of it, in characters.
const MOST_CHARACTERS: usize = 90;

/// The words with which something is forbidden.
const FORBID: [&str; 4] = ["do not ", "don't ", "don\u{2019}t ", "never "];

/// What must not be done, what is worst first. `timeline` are the lines that everybody may read.
pub(super) fn do_not(incident: &Incident, timeline: &[Entry]) -> Vec<String> {
    if !incident.is_active() {
        return Vec::new();
    }
    let asked = incident.mitigations.asked.iter().rev();
    let worse = asked
        .filter(|question| {
            question.outcome == Some(Outcome::Worse) && question.about.what != NOT_SHOWN
        })
        .take(MOST)
        .map(not_again);
    let said = timeline.iter().rev().filter_map(said_not_to).take(MOST);
    let steps = open_steps(incident);
    let warned = steps.iter().filter_map(|step| warned_of(step)).take(MOST);
    let risky = steps
        .iter()
        .filter(|step| step.high_risk && forbidden(&plain(&step.text)).is_none())
        .take(MOST)
        .map(|step| {
            format!(
                "without asking whoever commands: ⚠ {}",
                spoken(&plain(&step.text), MOST_CHARACTERS)
            )
        });
    worse.chain(said).chain(warned).chain(risky).collect()
}

fn not_again(question: &EffectQuestion) -> String {
    let number = question
        .about
        .entry
        .map(|number| format!("{number}, "))
        .unwrap_or_default();
    format!(
        "again: {} ({number}made it worse {})",
        spoken(&question.about.what, MOST_CHARACTERS),
        clock(question.about.at)
    )
}

/// What a line says not to do: `dec: do not restart the primary`.
fn said_not_to(entry: &Entry) -> Option<String> {
    let forbids = matches!(
        entry.kind,
        Kind::Decision | Kind::Note | Kind::Action | Kind::Todo
    );
    if !forbids || !entry.is_active() || !entry.is_for_everybody() {
        return None;
    }
    let left = entry.what_is_left()?;
    let what = forbidden(&left)?;
    let number = entry
        .number
        .map(|number| format!(" ({number})"))
        .unwrap_or_default();
    Some(format!("{}{number}", spoken(what, MOST_CHARACTERS)))
}

/// What a step warns of while it is done, and the step: *isolate the host (do not delete it)*.
fn warned_of(step: &Step) -> Option<String> {
    let text = plain(&step.text);
    let (what, also) = match forbidden(&text) {
        // The words themselves name it well enough.
        Some(what) => (what, None),
        None => (forbidden(&step.body)?, Some(text.as_str())),
    };
    let what = spoken(&plain(what), MOST_CHARACTERS);
    Some(match also {
        Some(step) => format!("{what} – {}", spoken(step, 60)),
        None => what,
    })
}

/// The words behind the first *do not*, up to the end of what they say.
fn forbidden(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let (begin, words) = FORBID
        .iter()
        .filter_map(|words| {
            let at = lower
                .match_indices(words)
                .map(|(at, _)| at)
                .find(|at| begins_a_clause(&lower[..*at]))?;
            Some((at, words))
        })
        .min()?;
    let rest = &text[begin + words.len()..];
    let end = rest.find(['.', ';', ')', '\n', '!']).unwrap_or(rest.len());
    let what = rest[..end].trim();
    (!what.is_empty()).then_some(what)
}

/// Whether what follows is an order, and not what somebody tells of others: *writes do not succeed* forbids nothing.
fn begins_a_clause(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty()
        || before.ends_with(['.', ',', ';', ':', '!', '?', '(', '–', '-'])
        || [" and", " but", "please", "then"]
            .iter()
            .any(|word| before.ends_with(word))
}

/// The steps of this phase that nobody has settled.
fn open_steps(incident: &Incident) -> Vec<&Step> {
    incident
        .checklist
        .as_ref()
        .zip(StepPhase::during(incident.phase))
        .map(|(checklist, phase)| checklist.list(phase))
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, state)| !state.is_settled())
        .map(|(step, _)| step)
        .collect()
}
