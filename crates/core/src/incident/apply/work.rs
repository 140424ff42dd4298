//! What people ask of each other and believe, after an event.

use chrono::{DateTime, Utc};

use crate::incident::event::Recorded;
use crate::incident::facts::HypothesisState;
use crate::incident::paging::Calls;
use crate::incident::state::Incident;
use crate::incident::tasks::{TaskAnswer, TaskState};
use crate::person::PersonId;
use crate::role::Role;

pub(super) fn judge(
    incident: &mut Incident,
    number: u32,
    state: HypothesisState,
    because: Option<&String>,
) {
    let place = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
    if let Some(guess) = incident.hypotheses.get_mut(place) {
        guess.state = state;
        guess.because = because.cloned();
    }
}

pub(super) fn call(incident: &mut Incident, role: Role, to: PersonId, at: DateTime<Utc>) {
    let times = incident.calls_of(role, to).map_or(0, |calls| calls.times) + 1;
    let called = incident.calls.entry(role).or_default();
    called.retain(|calls| calls.to != to);
    called.push(Calls { to, times, at });
}

/// They said yes or no: how often they were called for it is no matter any more.
pub(super) fn answer_call(incident: &mut Incident, role: Role, by: PersonId) {
    if let Some(called) = incident.calls.get_mut(&role) {
        called.retain(|calls| calls.to != by);
    }
    incident.calls.retain(|_, called| !called.is_empty());
}

pub(super) fn answer_task(
    incident: &mut Incident,
    recorded: &Recorded,
    number: u32,
    by: PersonId,
    answer: &TaskAnswer,
) {
    let Some(task) = incident.tasks.iter_mut().find(|task| task.number == number) else {
        return;
    };
    match answer {
        TaskAnswer::OnIt => {
            task.to = by;
            task.state = TaskState::Taken;
        }
        TaskAnswer::Done { result } => {
            task.state = TaskState::Done {
                result: result.clone(),
            };
        }
        TaskAnswer::Cannot => task.state = TaskState::Refused,
    }
    // Whoever says something before it is late is not told that it is; afterwards it was told.
    task.late_told |= recorded.at >= task.due;
}
