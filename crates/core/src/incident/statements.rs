//! What people write in passing, and the board has to say: who is hurt, and what they think it is.
//!
//! `imp: nobody can order` is worth as much as the form behind *Impact*, and is faster. The line in the timeline is the
//! record; the incident learns what the lines say now, so that the board, the drafts and the briefing say it too. It is
//! told all of it each time: when a line is corrected, taken back, hidden or kept among the responders, what was learned
//! from it goes, and what an earlier line says counts again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::cut;
use super::decide::one_line;
use super::event::Event;
use super::facts::{Hypothesis, HypothesisState};
use super::state::Incident;
use crate::ids::{EntryNumber, Seq};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::timeline::{Entry, Kind, Source, Who};

/// The most characters of either on the board.
const MAX_CHARACTERS: usize = 300;

/// Why a guess is refuted whose line was taken back.
const TAKEN_BACK: &str = "its line was taken back";

/// What stands in the place of a guess whose words are not for everybody any more.
const NOT_SHOWN: &str = "[not shown]";

/// What a line of the timeline says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The words.
    pub text: String,
    /// Who said so.
    pub by: PersonId,
    /// When it was so.
    pub at: DateTime<Utc>,
    /// The line.
    pub line: EntryNumber,
}

/// What the lines of an incident say now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statements {
    /// Who is hurt, and how: the newest line that says so.
    pub impact: Option<Said>,
    /// What it could be, oldest first.
    pub guesses: Vec<Said>,
    /// The lines that may not be repeated: they are for responders only.
    pub kept_inside: Vec<EntryNumber>,
    /// How far the incident was when the lines were read.
    #[serde(default)]
    pub read_at: Option<Seq>,
}

/// Who is hurt and how, and when that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// The words.
    pub text: String,
    /// When they were said.
    pub at: DateTime<Utc>,
}

/// What people wrote into a timeline about who is hurt and what it could be. Lines that buttons wrote are known already.
#[must_use]
pub fn statements_in(timeline: &[Entry]) -> Statements {
    let mut found = Statements::default();
    let mut lines: Vec<&Entry> = timeline.iter().filter(|line| is_statement(line)).collect();
    lines.sort_by_key(|line| line.order());
    for line in lines {
        let (Who::Person { id: by, .. }, Some(number)) = (&line.who, line.number) else {
            continue;
        };
        if !line.is_for_everybody() {
            found.kept_inside.push(number);
            continue;
        }
        if !line.is_active() {
            continue;
        }
        let Some(text) = line.what_is_left() else {
            continue;
        };
        let of = |text: String| Said {
            text,
            by: *by,
            at: line.event_at,
            line: number,
        };
        match line.kind {
            Kind::Impact => found.impact = Some(of(cut(&text, MAX_CHARACTERS))),
            Kind::Hypothesis => found.guesses.push(of(one_line(&text, MAX_CHARACTERS))),
            _ => {}
        }
    }
    found
}

/// Whether somebody wrote this line, and it says something of the kind, or may have.
fn is_statement(line: &Entry) -> bool {
    let is_written = matches!(
        line.source,
        Source::Message
            | Source::Reaction
            | Source::Pin
            | Source::Menu
            | Source::Command
            | Source::Import
    );
    is_written && matches!(line.kind, Kind::Impact | Kind::Hypothesis)
}

/// What an incident learns from its lines. Nothing, where it knows.
pub(super) fn note(incident: &Incident, statements: &Statements) -> Vec<Event> {
    if matches!(incident.phase, Phase::Closed | Phase::Cancelled) {
        return Vec::new();
    }
    // Read before something was taken out, and written after: it stays out, and what is left of it is read again.
    let read_after = |taken_out: Seq| statements.read_at.is_some_and(|read| read >= taken_out);
    let is_out = |line: &EntryNumber| {
        incident.redacted.contains(line) && !incident.redacted_last.is_some_and(read_after)
    };
    let may_be_said =
        |said: &&Said| !is_out(&said.line) && !statements.kept_inside.contains(&said.line);
    let mut events = Vec::new();
    let impact = statements.impact.as_ref().filter(may_be_said);
    if incident.impact_line.as_ref() != impact {
        let said = impact.cloned();
        events.push(Event::ImpactNoted { said });
    }
    let mut guesses: Vec<&Said> = Vec::new();
    for said in statements.guesses.iter().filter(may_be_said) {
        // A line says one thing: the last.
        guesses.retain(|before| before.line != said.line);
        guesses.push(said);
    }
    let mut known = incident.hypotheses.clone();
    for guess in &mut known {
        let Some(line) = guess.line else { continue };
        let stands = guesses.iter().any(|said| said.line == line);
        let kept_inside = statements.kept_inside.contains(&line);
        let goes = kept_inside && guess.text != NOT_SHOWN;
        if goes || (!stands && guess.state == HypothesisState::Open) {
            withdraw(guess, kept_inside);
            events.push(Event::HypothesisWithdrawn { line, kept_inside });
        }
    }
    // What the known lines say now comes first: whether a new line repeats another depends on all of them.
    for said in &guesses {
        let of_the_line = known.iter().find(|guess| guess.line == Some(said.line));
        if of_the_line.is_some_and(|guess| guess.text != said.text) {
            write(&mut known, said);
            events.push(Event::HypothesisNoted((*said).clone()));
        }
    }
    for said in guesses {
        let of_the_line = known.iter().find(|guess| guess.line == Some(said.line));
        let is_known = of_the_line.is_some_and(|guess| !is_withdrawn(guess));
        let is_said_elsewhere = known.iter().any(|guess| {
            guess.line != Some(said.line)
                && guess.text == said.text
                && guess.state != HypothesisState::Refuted
        });
        if !is_known && !is_said_elsewhere {
            write(&mut known, said);
            events.push(Event::HypothesisNoted(said.clone()));
        }
    }
    events
}

/// What counts now: what was said last, in a line or by the button.
pub(super) fn impact_said(incident: &mut Incident) {
    let line = incident.impact_line.as_ref();
    let described = incident.impact_described.as_ref();
    incident.impact_text = match (line, described) {
        (Some(line), Some(described)) if described.at > line.at => Some(described.text.clone()),
        (Some(line), _) => Some(line.text.clone()),
        (None, Some(described)) => Some(described.text.clone()),
        (None, None) => None,
    };
}

/// The newest line about the impact is another one, or none.
pub(super) fn note_impact(incident: &mut Incident, said: Option<&Said>, at: DateTime<Utc>) {
    // What was described before lines counted is kept like anything that was described.
    if incident.impact_line.is_none() && incident.impact_described.is_none() {
        incident.impact_described = incident.impact_text.take().map(|text| Described {
            text,
            at: DateTime::UNIX_EPOCH,
        });
    }
    let goes = incident
        .impact_line
        .as_ref()
        .is_some_and(|before| said.is_none_or(|said| said.at < before.at));
    if goes {
        incident.vanished_at = Some(at);
    }
    incident.impact_line = said.cloned();
    impact_said(incident);
}

/// A line says what somebody thinks: it is a guess like any other, or the words of one that is known.
pub(super) fn note_guess(incident: &mut Incident, said: &Said) {
    write(&mut incident.hypotheses, said);
}

fn write(guesses: &mut Vec<Hypothesis>, said: &Said) {
    let known = guesses
        .iter_mut()
        .find(|guess| guess.line == Some(said.line));
    match known {
        Some(guess) => {
            guess.text.clone_from(&said.text);
            if is_withdrawn(guess) {
                guess.state = HypothesisState::Open;
                guess.because = None;
            }
        }
        None => guesses.push(Hypothesis {
            text: said.text.clone(),
            state: HypothesisState::Open,
            because: None,
            by: said.by,
            at: said.at,
            line: Some(said.line),
        }),
    }
}

/// The line was taken back, or is for responders only: the guess keeps its number.
pub(super) fn withdraw_guess(
    incident: &mut Incident,
    line: EntryNumber,
    kept_inside: bool,
    at: DateTime<Utc>,
) {
    let known = incident
        .hypotheses
        .iter_mut()
        .find(|guess| guess.line == Some(line));
    if let Some(guess) = known {
        withdraw(guess, kept_inside);
        incident.vanished_at = Some(at);
    }
}

fn withdraw(guess: &mut Hypothesis, kept_inside: bool) {
    guess.state = HypothesisState::Refuted;
    guess.because = Some(TAKEN_BACK.to_owned());
    if kept_inside {
        NOT_SHOWN.clone_into(&mut guess.text);
    }
}

fn is_withdrawn(guess: &Hypothesis) -> bool {
    guess.state == HypothesisState::Refuted && guess.because.as_deref() == Some(TAKEN_BACK)
}

/// A line was taken out: whatever was learned from it goes with it, whichever form its words had here.
pub(super) fn forget(incident: &mut Incident, line: EntryNumber, at: DateTime<Utc>) {
    incident.redacted.insert(line);
    incident.vanished_at = Some(at);
    if incident
        .impact_line
        .as_ref()
        .is_some_and(|said| said.line == line)
    {
        incident.impact_line = None;
        impact_said(incident);
    }
    withdraw_guess(incident, line, true, at);
}
