//! A second pair of eyes for a risky step, while whoever does it has hardly woken up.
//!
//! Decisions in the first half hour of a night are worth half. So where a risky step is to be ticked within thirty minutes
//! of taking the incident, at night where that person lives, and somebody else with a role is there, the question *Is it
//! really done?* becomes *Ask them to confirm?* It never blocks: going on alone takes the tap that it always took.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::state::Incident;
use crate::incident::MilestoneName;
use crate::person::PersonId;
use crate::role::Role;
use crate::runbook::{Step, StepId, StepState};

/// How long after taking it people are offered a second pair of eyes.
const HARDLY_AWAKE_FOR: TimeDelta = TimeDelta::minutes(30);

/// Somebody was asked to look at a risky step before it is ticked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondLook {
    /// Who asked, and does the step.
    pub by: PersonId,
    /// Who was asked.
    pub of: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// What was answered, if anything was.
    #[serde(default)]
    pub answered: Option<SecondAnswer>,
    /// Whether the step has changed since it was asked: nobody can say any more that it is as it was shown.
    #[serde(default)]
    pub over: bool,
}

impl SecondLook {
    /// Whether an answer still counts.
    pub(super) fn waits(&self) -> bool {
        !self.over && self.answered.is_none()
    }
}

/// What somebody said who looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondAnswer {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it is right; otherwise it should wait.
    pub confirmed: bool,
}

/// Whom to ask about a step: whoever commands, else who it belongs to, else anybody with a role; never the asker.
#[must_use]
pub fn second_pair(incident: &Incident, step: &Step, asker: PersonId) -> Option<PersonId> {
    let commands = incident
        .command
        .filter(|person| !incident.roles_of(*person).is_empty());
    let others = Role::ALL
        .into_iter()
        // Whoever only reads along has no duty.
        .filter(|role| *role != Role::Observer)
        .filter_map(|role| incident.holder(role));
    commands
        .into_iter()
        .chain(incident.holder(step.owner))
        .chain(others)
        .find(|person| *person != asker)
}

/// Whom to offer for a step that this person is about to tick, if it is worth offering.
#[must_use]
pub fn second_pair_worth_asking(
    incident: &Incident,
    step: &Step,
    asker: PersonId,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Option<PersonId> {
    let taken = incident
        .milestones
        .at(MilestoneName::Acknowledged)?
        .max(incident.live_since);
    let is_hardly_awake = now - taken < HARDLY_AWAKE_FOR && policy.is_night_for(asker, now);
    if step.high_risk && is_hardly_awake {
        second_pair(incident, step, asker)
    } else {
        None
    }
}

/// A step whose second look waits for its answer, and how it stood when that was noted.
pub(super) struct Waiting {
    id: StepId,
    step: Option<Step>,
    state: Option<StepState>,
}

fn standing(incident: &Incident, id: &StepId) -> (Option<Step>, Option<StepState>) {
    let checklist = incident.checklist.as_ref();
    let step = checklist.and_then(|checklist| checklist.step(id)).cloned();
    let state = checklist.map(|checklist| checklist.state(id).clone());
    (step, state)
}

/// The steps that somebody is asked to look at.
pub(super) fn waiting(incident: &Incident) -> Vec<Waiting> {
    let looks = incident.second_looks.iter();
    looks
        .filter(|(_, look)| look.waits())
        .map(|(id, _)| {
            let (step, state) = standing(incident, id);
            Waiting {
                id: id.clone(),
                step,
                state,
            }
        })
        .collect()
}

/// A step that changed is not the one that somebody was shown, whichever way it changed: an answer to the old question
/// would stand in the record as one about the new.
pub(super) fn drop_changed(incident: &mut Incident, before: Vec<Waiting>) {
    for waiting in before {
        let same = standing(incident, &waiting.id) == (waiting.step, waiting.state);
        if let Some(look) = incident.second_looks.get_mut(&waiting.id) {
            look.over |= !same;
        }
    }
}

impl Incident {
    /// What was asked about a step last.
    #[must_use]
    pub fn second_look(&self, step: &StepId) -> Option<&SecondLook> {
        self.second_looks.get(step)
    }

    /// Whether a step is done.
    pub(crate) fn is_ticked(&self, step: &StepId) -> bool {
        let checklist = self.checklist.as_ref();
        checklist.is_some_and(|checklist| matches!(checklist.state(step), StepState::Done { .. }))
    }

    /// Who had said wait when whoever asked them ticked the step.
    pub(super) fn done_against(&self, step: &StepId, by: Option<PersonId>) -> Option<PersonId> {
        let look = self.second_look(step).filter(|look| Some(look.by) == by)?;
        let answer = look.answered.filter(|answer| !answer.confirmed)?;
        Some(answer.by)
    }

    /// Who did and who confirmed a step that was ticked at this instant, if two looked at it.
    pub(super) fn done_and_confirmed(
        &self,
        step: &StepId,
        at: DateTime<Utc>,
    ) -> Option<(PersonId, PersonId)> {
        let look = self.second_look(step)?;
        let answer = look.answered.filter(|answer| answer.confirmed)?;
        (answer.at == at).then_some((look.by, answer.by))
    }
}
