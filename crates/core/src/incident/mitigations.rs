//! Did it help? What people did against the impact, and what they say it changed.
//!
//! Five minutes after a step of the mitigation is ticked, or an action is noted, whoever did it is asked. One question is
//! open at a time; what was done before the thing that is asked about is not asked about any more: nobody could tell the
//! effects apart.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::quiet::may_prompt_from;
use super::state::Incident;
use crate::ids::EntryNumber;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::runbook::{StepId, StepPhase, StepState};
use crate::timeline::{Entry, Kind, Who};

/// How long after something was done its effect is asked about.
pub const EFFECT_ASKED_AFTER: TimeDelta = TimeDelta::minutes(5);

/// How long a question that nobody answers keeps the next one back.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(15);

/// The most characters of what was done in a question.
const MAX_WHAT_CHARACTERS: usize = 120;

/// Something that was done against the impact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mitigation {
    /// What, in one line.
    pub what: String,
    /// Who did it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// The step that was ticked, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    /// The line of the timeline that says so, if somebody wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryNumber>,
}

/// What came of something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It helped.
    Better,
    /// It changed nothing.
    NoChange,
    /// It hurt.
    Worse,
}

impl Outcome {
    /// Every outcome, in the order the card offers them.
    pub const ALL: [Self; 3] = [Self::Better, Self::NoChange, Self::Worse];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::NoChange => "no-change",
            Self::Worse => "worse",
        }
    }

    /// The words people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Better => "Better",
            Self::NoChange => "No change",
            Self::Worse => "Worse",
        }
    }
}

/// The question what something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectQuestion {
    /// 1, 2, 3 within the incident.
    pub number: u32,
    /// What was done.
    pub about: Mitigation,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// What was answered, if anything yet.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// Whether it was taken back because of what it did.
    #[serde(default)]
    pub taken_back: bool,
}

/// What was done and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mitigations {
    /// Actions that people noted. What was ticked stands in the checklist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noted: Vec<Mitigation>,
    /// What was asked, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<EffectQuestion>,
}

impl Mitigations {
    /// Whether nothing was noted or asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.noted.is_empty() && self.asked.is_empty()
    }

    /// A question by its number.
    #[must_use]
    pub fn question(&self, number: u32) -> Option<&EffectQuestion> {
        self.asked.iter().find(|question| question.number == number)
    }

    pub(super) fn question_mut(&mut self, number: u32) -> Option<&mut EffectQuestion> {
        self.asked
            .iter_mut()
            .find(|question| question.number == number)
    }

    /// The newest question, if nobody has answered it.
    #[must_use]
    pub fn open_question(&self) -> Option<&EffectQuestion> {
        self.asked
            .last()
            .filter(|question| question.outcome.is_none())
    }
}

/// What is said of an action whose words are for responders only.
pub const NOT_SHOWN: &str = "[not shown]";

impl Mitigation {
    /// What a line of the timeline says that was done, if it says so and a person wrote it. Of what is for responders only
    /// it is known that it was done, and not what.
    #[must_use]
    pub fn of_line(line: &Entry) -> Option<Self> {
        if line.kind != Kind::Action || !line.is_active() {
            return None;
        }
        let Who::Person { id: by, .. } = line.who else {
            return None;
        };
        let what = if line.is_for_everybody() {
            line.what_is_left()?.into_owned()
        } else {
            NOT_SHOWN.to_owned()
        };
        Some(Self {
            what,
            by,
            at: line.event_at,
            step: None,
            entry: line.number,
        })
    }
}

impl Incident {
    /// What was done and not asked about yet, oldest first. Only while people work against the impact.
    #[must_use]
    pub fn untold_effects(&self) -> Vec<Mitigation> {
        if !matches!(self.phase, Phase::Diagnosis | Phase::Mitigation) {
            return Vec::new();
        }
        let asked_until = self.mitigations.asked.last().map(|last| last.about.at);
        let ticked = self.checklist.iter().flat_map(|checklist| {
            checklist
                .steps
                .iter()
                // A decision says what will be done, not that it is.
                .filter(|step| step.phase == StepPhase::Mitigation && step.decision.is_none())
                .filter_map(|step| match checklist.state(&step.id) {
                    StepState::Done { by, at, .. } => Some(Mitigation {
                        what: one_thing(&step.text),
                        by: *by,
                        at: *at,
                        step: Some(step.id.clone()),
                        entry: None,
                    }),
                    _ => None,
                })
        });
        let mut untold: Vec<Mitigation> = ticked
            .chain(self.mitigations.noted.iter().cloned())
            .filter(|done| asked_until.is_none_or(|until| done.at > until))
            .collect();
        untold.sort_by_key(|done| done.at);
        untold
    }
}

/// What was done, short enough for a question and without the marks of its emphasis.
pub(super) fn one_thing(text: &str) -> String {
    super::one_line(&text.replace(['*', '`', '"'], ""), MAX_WHAT_CHARACTERS)
}

/// When somebody may be asked what this changed.
fn due(incident: &Incident, done: &Mitigation, policy: &Policy) -> DateTime<Utc> {
    let free_from = incident
        .mitigations
        .open_question()
        .map(|open| open.asked_at + OPEN_FOR);
    let due = (done.at + EFFECT_ASKED_AFTER).max(free_from.unwrap_or(done.at));
    may_prompt_from(incident, done.by, due, policy)
}

/// When the effect of a step is asked about, if it is going to be: of what was done after it nothing is known yet.
#[must_use]
pub fn effect_asked_at(
    incident: &Incident,
    step: &StepId,
    policy: &Policy,
) -> Option<DateTime<Utc>> {
    incident
        .untold_effects()
        .iter()
        .find(|done| done.step.as_ref() == Some(step))
        .map(|done| due(incident, done, policy))
}

/// When the next effect is asked about.
pub(super) fn next_question(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    incident
        .untold_effects()
        .iter()
        .map(|done| due(incident, done, policy))
        .min()
}

/// What is asked about now: the newest of what is due.
pub(super) fn question_due(
    incident: &Incident,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Option<Mitigation> {
    incident
        .untold_effects()
        .into_iter()
        .rev()
        .find(|done| due(incident, done, policy) <= now)
}
