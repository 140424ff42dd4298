//! Ticking a runbook. The bot never runs a command; it records who did what for whom.

use super::{must_be_live, person_of, undoable};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::phase::Phase;
use crate::runbook::{Checklist, StepAction, StepId, StepRefusal, StepState};

/// The checklist, while its steps can be worked on: live, or in learning, where its last section belongs.
pub(super) fn workable(incident: &Incident) -> Result<&Checklist, Refusal> {
    if incident.phase != Phase::Learning {
        must_be_live(incident)?;
    }
    incident.checklist.as_ref().ok_or(Refusal::NoRunbook)
}

pub(super) fn change(
    incident: &Incident,
    request: &Request,
    step: &StepId,
    action: &StepAction,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    let checklist = workable(incident)?;
    let action = match action {
        // A tick for a role that somebody else should have done says so.
        StepAction::Done {
            for_role: None,
            choice,
            confirmed,
        } => StepAction::Done {
            for_role: checklist
                .step(step)
                .map(|step| step.owner)
                .filter(|owner| incident.holder(*owner) != Some(person)),
            choice: choice.clone(),
            confirmed: *confirmed,
        },
        other => other.clone(),
    };
    let state = match checklist.decide(step, person, request.at, &action) {
        Ok(state) => state,
        // The same person's second press is the first one, heard twice.
        Err(StepRefusal::AlreadyDone { by, .. } | StepRefusal::AlreadySkipped { by, .. })
            if by == person =>
        {
            return Ok(Vec::new());
        }
        Err(refusal) => return Err(refusal.into()),
    };
    if state == *checklist.state(step) {
        return Ok(Vec::new());
    }
    let what = match state {
        StepState::Open => "opening a step again",
        StepState::Claimed { .. } => "claiming a step",
        StepState::Done { .. } => "ticking a step",
        StepState::Skipped { .. } => "skipping a step",
    };
    Ok(vec![
        undoable(what),
        Event::StepChanged {
            step: step.clone(),
            state,
        },
    ])
}
