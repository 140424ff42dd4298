//! The checklist of one incident: a pinned copy of a runbook's steps, and who did what.
//!
//! Nothing here blocks a person: steps may be done in any order, by anybody, or skipped with one of three reasons.
//! A refusal only says what would otherwise be lost, such as the choice of a decision or the second look at a risk.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::reference::filled_reference;
use super::{
    ReferenceSection, Runbook, RunbookId, Step, StepId, StepPhase, Unfilled, Values, Variable, fill,
};
use crate::person::PersonId;
use crate::role::Role;

/// Why a step was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    NotApplicable,
    AlreadyDone,
    TooRiskyNow,
}

impl SkipReason {
    pub const ALL: [SkipReason; 3] = [
        SkipReason::NotApplicable,
        SkipReason::AlreadyDone,
        SkipReason::TooRiskyNow,
    ];

    /// As shown on the button and in the timeline.
    pub fn words(self) -> &'static str {
        match self {
            SkipReason::NotApplicable => "not applicable",
            SkipReason::AlreadyDone => "already done",
            SkipReason::TooRiskyNow => "too risky now",
        }
    }
}

/// What is known about one step of one incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StepState {
    /// Nobody has touched it.
    #[default]
    Open,
    /// Somebody said "I'm on it"; the timer of the step runs since `at`.
    Claimed { by: PersonId, at: DateTime<Utc> },
    Done {
        by: PersonId,
        at: DateTime<Utc>,
        /// Set when the step was done for a role that `by` does not hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        for_role: Option<Role>,
        /// What was chosen in a decision step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<String>,
    },
    Skipped {
        by: PersonId,
        at: DateTime<Utc>,
        reason: SkipReason,
    },
}

impl StepState {
    /// Done or skipped: nothing is left to do.
    pub fn is_settled(&self) -> bool {
        matches!(self, StepState::Done { .. } | StepState::Skipped { .. })
    }
}

/// What somebody asks to do with a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum StepAction {
    Claim,
    Done {
        for_role: Option<Role>,
        /// Needed by a decision step, refused by any other.
        choice: Option<String>,
        /// The second tap that a risky step asks for.
        confirmed: bool,
    },
    Skip {
        reason: SkipReason,
    },
    /// Makes the step open again: a claim given back, or a tick taken back.
    Reopen,
}

/// Why a step stays as it is: a sentence for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    #[error("This checklist has no step `{0}`.")]
    UnknownStep(StepId),
    #[error("{by} is on it since {since}. Ask them, or tick it when it is done.", since = .at.format("%H:%M UTC"))]
    ClaimedByAnother { by: PersonId, at: DateTime<Utc> },
    #[error("{by} has done this at {when}.", when = .at.format("%H:%M UTC"))]
    AlreadyDone { by: PersonId, at: DateTime<Utc> },
    #[error("{by} has skipped this at {when}: {reason}.", when = .at.format("%H:%M UTC"), reason = .reason.words())]
    AlreadySkipped {
        by: PersonId,
        at: DateTime<Utc>,
        reason: SkipReason,
    },
    #[error("This step is risky. Tap again to say that it is done.")]
    NeedsConfirmation,
    #[error("This step is a decision. Choose one of: {}.", .choices.join(", "))]
    NeedsChoice { choices: Vec<String> },
    #[error("This step is no decision: there is nothing to choose.")]
    NothingToChoose,
}

/// An attached runbook, as it was when its steps were copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedRunbook {
    pub runbook_id: RunbookId,
    pub title: String,
    /// What is broken and what it means for users.
    pub meaning: String,
    /// The file the copy was taken from: another hash means that a newer version exists.
    pub content_hash: String,
    /// Text under headings that are no phase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<ReferenceSection>,
}

/// Where a step of a checklist comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub runbook: RunbookId,
    /// Its id there. In the checklist the runbook's id stands in front where two runbooks use the same.
    pub step: StepId,
    /// A digest of what the step asks for, before its placeholders were filled. Empty on copies that are older than this.
    pub as_written: String,
    /// Other attached runbooks that hold the same step, word for word: it stands in the checklist once.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_with: BTreeSet<RunbookId>,
}

/// The steps of the attached runbooks as they were when they were attached, and their states. The fields of the first
/// runbook stand here themselves, those of further ones in `further`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    pub runbook_id: RunbookId,
    pub title: String,
    /// What is broken and what it means for users.
    pub meaning: String,
    /// The file this copy was taken from: another hash means that a newer version exists.
    pub content_hash: String,
    pub steps: Vec<Step>,
    /// Steps that nobody has touched are absent.
    pub states: BTreeMap<StepId, StepState>,
    /// Text under headings that are no phase.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<ReferenceSection>,
    /// Runbooks that were attached besides the first, in their order; their steps follow its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<PinnedRunbook>,
    /// Where each step comes from; an absent one is the first runbook's own.
    #[serde(default)]
    pub origins: BTreeMap<StepId, Origin>,
    /// Whether a person chose the first runbook, so that alerts do not exchange it.
    #[serde(default)]
    pub chosen: bool,
    /// Attached runbooks that nobody had used or changed for long, and for how many days.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unused_days: BTreeMap<RunbookId, u32>,
}

impl Checklist {
    /// Takes a copy of the steps and fills their placeholders from `values` as far as that is safe; what stayed open is
    /// said below the step. A drill leaves out what must not be rehearsed (`drill:skip`).
    pub fn pin<'values>(
        runbook: &Runbook,
        values: impl Into<Values<'values>>,
        drill: bool,
    ) -> Checklist {
        let values = values.into();
        let kept: Vec<&Step> = runbook
            .steps
            .iter()
            .filter(|step| !(drill && step.skip_in_drill))
            .collect();
        let origin = |step: &Step| Origin {
            runbook: runbook.id.clone(),
            step: step.id.clone(),
            as_written: step.digest(),
            shared_with: BTreeSet::new(),
        };
        Checklist {
            runbook_id: runbook.id.clone(),
            title: runbook.title.clone(),
            meaning: runbook.meaning.clone(),
            content_hash: runbook.content_hash.clone(),
            reference: filled_reference(runbook, values),
            origins: kept
                .iter()
                .map(|step| (step.id.clone(), origin(step)))
                .collect(),
            steps: kept
                .into_iter()
                .map(|step| filled_step(step, values, &runbook.variables))
                .collect(),
            states: BTreeMap::new(),
            further: Vec::new(),
            chosen: false,
            unused_days: BTreeMap::new(),
        }
    }

    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == *id)
    }

    /// The state of a step; open when nobody has touched it.
    pub fn state(&self, id: &StepId) -> &StepState {
        self.states.get(id).unwrap_or(&StepState::Open)
    }

    /// Nobody has touched any step: the runbook may still be exchanged for a better one.
    pub fn is_untouched(&self) -> bool {
        self.states.values().all(|state| *state == StepState::Open)
    }

    /// What `action` would make of the step, or why not. An answer equal to the present state means that nothing
    /// happens. Nothing is changed: [`Checklist::set`] does that.
    pub fn decide(
        &self,
        id: &StepId,
        by: PersonId,
        at: DateTime<Utc>,
        action: &StepAction,
    ) -> Result<StepState, StepRefusal> {
        let step = self
            .step(id)
            .ok_or_else(|| StepRefusal::UnknownStep(id.clone()))?;
        let now = self.state(id);
        if *action == StepAction::Reopen {
            return Ok(StepState::Open);
        }
        match now {
            StepState::Done { by, at, .. } => {
                return Err(StepRefusal::AlreadyDone { by: *by, at: *at });
            }
            StepState::Skipped { by, at, reason } => {
                return Err(StepRefusal::AlreadySkipped {
                    by: *by,
                    at: *at,
                    reason: *reason,
                });
            }
            StepState::Open | StepState::Claimed { .. } => {}
        }
        match action {
            StepAction::Claim => match now {
                StepState::Claimed { by: holder, .. } if *holder == by => Ok(now.clone()),
                StepState::Claimed { by, at } => {
                    Err(StepRefusal::ClaimedByAnother { by: *by, at: *at })
                }
                _ => Ok(StepState::Claimed { by, at }),
            },
            StepAction::Done {
                for_role,
                choice,
                confirmed,
            } => {
                match (&step.decision, choice) {
                    (Some(choices), chosen)
                        if !chosen
                            .as_ref()
                            .is_some_and(|chosen| choices.contains(chosen)) =>
                    {
                        return Err(StepRefusal::NeedsChoice {
                            choices: choices.clone(),
                        });
                    }
                    (None, Some(_)) => return Err(StepRefusal::NothingToChoose),
                    _ => {}
                }
                if step.confirm && !confirmed {
                    return Err(StepRefusal::NeedsConfirmation);
                }
                Ok(StepState::Done {
                    by,
                    at,
                    for_role: *for_role,
                    choice: choice.clone(),
                })
            }
            StepAction::Skip { reason } => Ok(StepState::Skipped {
                by,
                at,
                reason: *reason,
            }),
            StepAction::Reopen => Ok(StepState::Open),
        }
    }

    /// Makes `state` true. A step that is not in the list is left out.
    pub fn set(&mut self, id: &StepId, state: StepState) {
        if self.step(id).is_none() {
            return;
        }
        match state {
            StepState::Open => self.states.remove(id),
            touched => self.states.insert(id.clone(), touched),
        };
    }

    /// The steps of a phase whose condition holds, in order, with their states.
    pub fn list(&self, phase: StepPhase) -> Vec<(&Step, &StepState)> {
        let during = if phase == StepPhase::Communication {
            None
        } else {
            Some(phase)
        };
        self.applicable(phase, during).collect()
    }

    /// The step to do next in a phase: the first that nobody has touched, else the first that somebody is on.
    pub fn next_step(&self, phase: StepPhase) -> Option<&Step> {
        let list = self.list(phase);
        let untouched = list.iter().find(|(_, state)| **state == StepState::Open);
        untouched
            .or_else(|| list.iter().find(|(_, state)| !state.is_settled()))
            .map(|(step, _)| *step)
    }

    /// The step to do next for one person: what they are on, else the first untouched step that no other is there for, else
    /// what is next for all.
    pub fn next_step_of(
        &self,
        phase: StepPhase,
        person: PersonId,
        roles_of_others: &BTreeSet<Role>,
    ) -> Option<&Step> {
        let list = self.list(phase);
        let begun = list
            .iter()
            .find(|(_, state)| matches!(state, StepState::Claimed { by, .. } if *by == person));
        let left_to_them = list.iter().find(|(step, state)| {
            **state == StepState::Open && !roles_of_others.contains(&step.owner)
        });
        begun
            .or(left_to_them)
            .map(|(step, _)| *step)
            .or_else(|| self.next_step(phase))
    }

    /// How many steps of a phase are done or skipped, and how many there are.
    pub fn progress(&self, phase: StepPhase) -> (usize, usize) {
        let list = self.list(phase);
        (
            list.iter().filter(|(_, state)| state.is_settled()).count(),
            list.len(),
        )
    }

    /// Critical steps of all phases but learning that are neither done nor skipped. People are asked about them when
    /// they resolve; what is learned comes later.
    pub fn open_critical_steps(&self) -> Vec<&Step> {
        let phases = StepPhase::ALL
            .into_iter()
            .filter(|phase| *phase != StepPhase::Learning);
        let steps = phases.flat_map(|phase| self.applicable(phase, None).collect::<Vec<_>>());
        steps
            .filter(|(step, state)| step.critical && !state.is_settled())
            .map(|(step, _)| step)
            .collect()
    }

    /// Steps under a heading whose condition holds. A condition that names a phase holds during that phase, and always
    /// when it does not matter what people work on.
    fn applicable(
        &self,
        heading: StepPhase,
        during: Option<StepPhase>,
    ) -> impl Iterator<Item = (&Step, &StepState)> {
        self.steps
            .iter()
            .filter(move |step| step.phase == heading)
            .filter(move |step| match step.condition.as_deref() {
                None => true,
                // Whether anything else holds is for people to see: it stands in the step's words.
                Some(condition) => phase_named(condition)
                    .is_none_or(|phase| during.is_none_or(|during| during == phase)),
            })
            .map(|step| (step, self.state(&step.id)))
    }
}

fn phase_named(condition: &str) -> Option<StepPhase> {
    StepPhase::ALL
        .into_iter()
        .find(|phase| phase.id() == condition)
}

fn filled_step(step: &Step, values: Values<'_>, variables: &BTreeMap<String, Variable>) -> Step {
    let mut pinned = step.clone();
    let mut unfilled: Vec<Unfilled> = Vec::new();
    let mut put_in = |text: &mut String| {
        let filled = fill(text, values, variables);
        *text = filled.text;
        unfilled.extend(filled.unfilled);
    };
    put_in(&mut pinned.text);
    if let Some(condition) = step.condition.as_deref()
        && phase_named(condition).is_none()
    {
        pinned.text = format!("If {condition}: {}", pinned.text);
    }
    put_in(&mut pinned.body);
    for command in &mut pinned.commands {
        put_in(&mut command.text);
    }
    let mut notes: Vec<String> = unfilled.iter().map(Unfilled::note).collect();
    notes.sort();
    notes.dedup();
    for note in notes {
        let separator = if pinned.body.is_empty() { "" } else { "\n\n" };
        pinned.body.push_str(&format!("{separator}{note}"));
    }
    pinned
}
