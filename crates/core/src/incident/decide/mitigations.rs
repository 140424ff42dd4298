//! What was done, whether it helped, and taking it back. The bot undoes nothing: people do, and it is noted.

use super::{must_be_live, person_of};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::mitigations::{
    EffectQuestion, Mitigation, Mitigations, NOT_SHOWN, Outcome, one_thing,
};
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::phase::Phase;
use crate::runbook::StepState;

/// The most noted actions that wait to be asked about: only the newest is asked about in the end.
const MOST_NOTED: usize = 20;

/// The event with which a question begins.
pub(super) fn asked(incident: &Incident, about: Mitigation) -> Event {
    let number = incident
        .mitigations
        .asked
        .last()
        .map_or(1, |last| last.number + 1);
    Event::EffectAsked { number, about }
}

/// An action that somebody wrote down while people worked against the impact. What is known of it follows its line: words
/// that are for responders only now are asked about no more.
pub(super) fn note(incident: &Incident, done: &Mitigation) -> Vec<Event> {
    let what = one_thing(&done.what);
    let Mitigations { noted, asked } = &incident.mitigations;
    let mut known = noted
        .iter()
        .chain(asked.iter().map(|question| &question.about))
        .filter(|known| known.step.is_none() && known.entry == done.entry)
        .peekable();
    if known.peek().is_some() {
        let says_so = known.all(|known| known.what == what);
        return done
            .entry
            .filter(|_| !says_so)
            .map(|line| Event::MitigationReworded { line, what })
            .into_iter()
            .collect();
    }
    if incident.phase != Phase::Mitigation || noted.len() >= MOST_NOTED || what == NOT_SHOWN {
        return Vec::new();
    }
    vec![Event::MitigationNoted(Mitigation {
        what,
        ..done.clone()
    })]
}

/// The newest thing that was done and not asked about, asked about now.
pub(super) fn bring_up(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    must_be_live(incident)?;
    match incident.untold_effects().pop() {
        Some(about) => Ok(vec![asked(incident, about)]),
        None if incident.mitigations.open_question().is_some() => Ok(Vec::new()),
        None => Err(Refusal::Unusable(
            "Nothing was done since the last question: tick a step of the mitigation, or write `act: …`."
                .to_owned(),
        )),
    }
}

fn question(incident: &Incident, number: u32) -> Result<&EffectQuestion, Refusal> {
    incident
        .mitigations
        .question(number)
        .ok_or_else(|| Refusal::Unusable("This incident has no such question.".to_owned()))
}

/// Anybody may answer, and say something else later: effects take their time.
pub(super) fn answer(
    incident: &Incident,
    request: &Request,
    number: u32,
    outcome: Outcome,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if question(incident, number)?.outcome == Some(outcome) {
        return Ok(Vec::new());
    }
    must_be_live(incident)?;
    Ok(vec![Event::EffectAnswered { number, outcome }])
}

pub(super) fn take_back(
    incident: &Incident,
    request: &Request,
    number: u32,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    let question = question(incident, number)?;
    if question.taken_back {
        return Ok(Vec::new());
    }
    must_be_live(incident)?;
    let mut events = vec![Event::MitigationTakenBack { number }];
    let step = question.about.step.as_ref();
    let ticked = step.filter(|step| incident.is_ticked(step));
    events.extend(ticked.map(|step| Event::StepChanged {
        step: step.clone(),
        state: StepState::Open,
    }));
    Ok(events)
}
