//! What people write in passing, and the board has to say: who is hurt, and what they think it is.
//!
//! `imp: nobody can order` is worth as much as the form behind *Impact*, and is faster. The line in the timeline is the
//! record; the incident learns what it says, so that the board, the drafts and the briefing say it too. When the line is
//! corrected or taken back, so is what was learned from it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cut;
use super::decide::one_line;
use super::event::Event;
use super::facts::{Hypothesis, HypothesisState};
use super::state::Incident;
use crate::ids::EntryNumber;
use crate::person::PersonId;
use crate::phase::Phase;

/// The most characters of either on the board.
const MAX_CHARACTERS: usize = 300;

/// Why a guess is refuted whose line was taken back.
const TAKEN_BACK: &str = "its line was taken back";

/// What a line of the timeline says, or said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it is about.
    pub about: About,
    /// The words.
    pub text: String,
    /// Who said so.
    pub by: PersonId,
    /// When it was so.
    pub said_at: DateTime<Utc>,
    /// The line.
    pub line: EntryNumber,
    /// Whether the line stands; it may have been taken back, or have become one of another kind.
    pub stands: bool,
}

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Who is hurt, and how.
    Impact,
    /// What it could be.
    Cause,
}

/// What an incident learns from a line. Nothing, where it knows, or where somebody said something newer.
pub(super) fn note(incident: &Incident, statement: &Statement) -> Vec<Event> {
    let is_over = matches!(incident.phase, Phase::Closed | Phase::Cancelled);
    if is_over || statement.text.trim().is_empty() {
        return Vec::new();
    }
    match statement.about {
        About::Impact => impact(incident, statement),
        About::Cause => cause(incident, statement),
    }
}

fn impact(incident: &Incident, statement: &Statement) -> Vec<Event> {
    let text = cut(statement.text.trim(), MAX_CHARACTERS);
    let known = incident.impact_text.as_ref();
    let said_at = statement.said_at;
    if !statement.stands {
        let was_this = known == Some(&text) && incident.impact_said_at == Some(said_at);
        let forgotten = Event::ImpactNoted {
            text: None,
            said_at,
        };
        return if was_this { vec![forgotten] } else { vec![] };
    }
    let is_older = incident.impact_said_at.is_some_and(|last| said_at < last);
    if known == Some(&text) || (known.is_some() && is_older) {
        return Vec::new();
    }
    vec![Event::ImpactNoted {
        text: Some(text),
        said_at,
    }]
}

fn cause(incident: &Incident, statement: &Statement) -> Vec<Event> {
    let line = Some(statement.line);
    let of_the_line = incident.hypotheses.iter().find(|guess| guess.line == line);
    if !statement.stands {
        let is_open = of_the_line.is_some_and(|guess| guess.state == HypothesisState::Open);
        let line = statement.line;
        let withdrawn = Event::HypothesisWithdrawn { line };
        return if is_open { vec![withdrawn] } else { vec![] };
    }
    let text = one_line(&statement.text, MAX_CHARACTERS);
    let said_elsewhere = incident.hypotheses.iter().any(|guess| {
        guess.line != line && guess.text == text && guess.state != HypothesisState::Refuted
    });
    let is_known = of_the_line.is_some_and(|guess| guess.text == text && !is_withdrawn(guess));
    if is_known || said_elsewhere {
        return Vec::new();
    }
    vec![Event::HypothesisNoted(Statement {
        text,
        ..statement.clone()
    })]
}

fn is_withdrawn(guess: &Hypothesis) -> bool {
    guess.state == HypothesisState::Refuted && guess.because.as_deref() == Some(TAKEN_BACK)
}

/// A line says what somebody thinks: it is a guess like any other, or the words of one that is known.
pub(super) fn note_guess(incident: &mut Incident, statement: &Statement) {
    let known = incident
        .hypotheses
        .iter_mut()
        .find(|guess| guess.line == Some(statement.line));
    match known {
        Some(guess) => {
            guess.text.clone_from(&statement.text);
            if is_withdrawn(guess) {
                guess.state = HypothesisState::Open;
                guess.because = None;
            }
        }
        None => incident.hypotheses.push(Hypothesis {
            text: statement.text.clone(),
            state: HypothesisState::Open,
            because: None,
            by: statement.by,
            at: statement.said_at,
            line: Some(statement.line),
        }),
    }
}

/// The line was taken back: so is the guess, which keeps its number.
pub(super) fn withdraw_guess(incident: &mut Incident, line: EntryNumber) {
    let known = incident
        .hypotheses
        .iter_mut()
        .find(|guess| guess.line == Some(line));
    if let Some(guess) = known {
        guess.state = HypothesisState::Refuted;
        guess.because = Some(TAKEN_BACK.to_owned());
    }
}
