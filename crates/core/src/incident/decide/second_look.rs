//! Asking somebody to look at a risky step, and what they say.

use super::person_of;
use super::steps::{change, workable};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::second_look::second_pair;
use crate::incident::state::Incident;
use crate::person::PersonId;
use crate::runbook::{StepAction, StepId, StepRefusal, StepState};

pub(super) fn ask(
    incident: &Incident,
    request: &Request,
    step: &StepId,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    let checklist = workable(incident)?;
    let known = checklist
        .step(step)
        .ok_or_else(|| StepRefusal::UnknownStep(step.clone()))?;
    if let StepState::Done { by, at, .. } = checklist.state(step) {
        return Err(StepRefusal::AlreadyDone { by: *by, at: *at }.into());
    }
    let Some(of) = second_pair(incident, known, by) else {
        return Err(Refusal::Unusable(
            "Nobody else with a role is here any more: *Go on alone* ticks it.".to_owned(),
        ));
    };
    let waits = incident
        .second_look(step)
        .is_some_and(|look| look.by == by && look.of == of && look.waits());
    if waits {
        return Ok(Vec::new());
    }
    Ok(vec![Event::SecondLookAsked {
        step: step.clone(),
        by,
        of,
    }])
}

/// Anybody but whoever asked may be the second pair of eyes; whoever asked goes on alone by the same button.
pub(super) fn answer(
    incident: &Incident,
    request: &Request,
    step: &StepId,
    confirmed: bool,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    let Some(look) = incident.second_look(step).filter(|look| look.waits()) else {
        return too_late(incident, step, person, confirmed);
    };
    let done = StepAction::Done {
        for_role: None,
        choice: None,
        confirmed: true,
    };
    if person == look.by {
        return if confirmed {
            change(incident, request, step, &done)
        } else {
            Ok(Vec::new())
        };
    }
    let answered = Event::SecondLookAnswered {
        step: step.clone(),
        by: person,
        confirmed,
    };
    if !confirmed {
        workable(incident)?;
        return Ok(vec![answered]);
    }
    let mut events = change(incident, request, step, &done)?;
    for event in &mut events {
        // It is done by whoever asked: the second pair of eyes only looked.
        if let Event::StepChanged {
            state: StepState::Done { by, for_role, .. },
            ..
        } = event
        {
            *by = look.by;
            let owner = incident
                .checklist
                .as_ref()
                .and_then(|checklist| checklist.step(step))
                .map(|step| step.owner);
            *for_role = owner.filter(|owner| incident.holder(*owner) != Some(look.by));
        }
    }
    if !events.is_empty() {
        // Behind the undo that covers both, before the tick whose line names both.
        events.insert(1, answered);
    }
    Ok(events)
}

/// An answer to a question that nobody asks any more: it was answered, or the step is not as it was.
fn too_late(
    incident: &Incident,
    step: &StepId,
    person: PersonId,
    confirmed: bool,
) -> Result<Vec<Event>, Refusal> {
    let state = workable(incident)?.state(step);
    let look = incident.second_look(step);
    let said_it = look
        .and_then(|look| look.answered)
        .is_some_and(|answer| answer.by == person && answer.confirmed == confirmed);
    match state {
        StepState::Done { by, at, .. } => {
            // The same press, heard twice.
            if *by == person || said_it {
                return Ok(Vec::new());
            }
            // Whoever objects is heard, though another was faster.
            if !confirmed && look.is_some_and(|look| look.by != person) {
                return Ok(vec![Event::SecondLookAnswered {
                    step: step.clone(),
                    by: person,
                    confirmed: false,
                }]);
            }
            Err(StepRefusal::AlreadyDone { by: *by, at: *at }.into())
        }
        _ if said_it && !confirmed => Ok(Vec::new()),
        _ => Err(Refusal::Unusable(
            "Nobody waits for a second look at this step now: it was answered, or the step has changed since. Pressing \
             *Done* on the step asks again."
                .to_owned(),
        )),
    }
}
