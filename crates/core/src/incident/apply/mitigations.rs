//! What came of what was done, after an event.

use crate::ids::EntryNumber;
use crate::incident::event::Recorded;
use crate::incident::mitigations::{EffectQuestion, Mitigation, Outcome};
use crate::incident::state::Incident;

pub(super) fn ask(incident: &mut Incident, recorded: &Recorded, number: u32, about: &Mitigation) {
    // What was done earlier is not asked about any more.
    incident.mitigations.noted.retain(|done| done.at > about.at);
    incident.mitigations.asked.push(EffectQuestion {
        number,
        about: about.clone(),
        asked_at: recorded.at,
        outcome: None,
        taken_back: false,
    });
}

pub(super) fn answer(incident: &mut Incident, number: u32, outcome: Outcome) {
    if let Some(question) = incident.mitigations.question_mut(number) {
        question.outcome = Some(outcome);
    }
}

pub(super) fn take_back(incident: &mut Incident, number: u32) {
    if let Some(question) = incident.mitigations.question_mut(number) {
        question.taken_back = true;
    }
}

/// The line says something else now, or nothing that everybody may read.
pub(super) fn reword(incident: &mut Incident, line: EntryNumber, what: &str) {
    let mitigations = &mut incident.mitigations;
    let noted = mitigations.noted.iter_mut();
    let asked = mitigations
        .asked
        .iter_mut()
        .map(|question| &mut question.about);
    for done in noted.chain(asked).filter(|done| done.entry == Some(line)) {
        what.clone_into(&mut done.what);
    }
}
