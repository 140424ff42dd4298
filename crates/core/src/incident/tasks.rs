//! Tasks: one task, one person, one time limit. Somebody is asked for something, says that they are on it, that it is done
//! or that they cannot, and whoever asked hears it. A task that is late is told once.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::quiet::may_prompt_from;
use super::state::Incident;
use crate::person::PersonId;

/// The longest time limit of a task, in minutes: what takes longer than a day is an action of the postmortem.
pub const MAX_TASK_MINUTES: u32 = 24 * 60;

/// Something that one person was asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// 1, 2, 3 within the incident.
    pub number: u32,
    /// What, in one line.
    pub what: String,
    /// Who asked.
    pub by: PersonId,
    /// Who was asked, or took it over.
    pub to: PersonId,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// By when an answer is wanted.
    pub due: DateTime<Utc>,
    /// How it stands.
    #[serde(default)]
    pub state: TaskState,
    /// Whether whoever asked was told that it is late.
    #[serde(default)]
    pub late_told: bool,
}

/// How a task stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum TaskState {
    /// Asked; nobody has answered.
    #[default]
    Asked,
    /// Somebody is on it.
    Taken,
    /// It is done.
    Done {
        /// What came of it, if said.
        #[serde(default)]
        result: Option<String>,
    },
    /// The asked person cannot.
    Refused,
}

/// What is said to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum TaskAnswer {
    /// "On it."
    OnIt,
    /// "Done."
    Done {
        /// What came of it, if said.
        #[serde(default)]
        result: Option<String>,
    },
    /// "Can't."
    Cannot,
}

impl Task {
    /// Whether somebody still has to do it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, TaskState::Asked | TaskState::Taken)
    }

    /// Whether it is open although its time is over and that was told.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.is_open() && self.late_told
    }
}

impl Incident {
    /// The tasks that somebody still has to do, oldest first.
    pub fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.is_open())
    }

    /// A task by its number.
    #[must_use]
    pub fn task(&self, number: u32) -> Option<&Task> {
        self.tasks.iter().find(|task| task.number == number)
    }
}

/// When the next task becomes late.
pub(super) fn next_late(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    untold_late(incident, policy)
        .map(|(_, told_at)| told_at)
        .min()
}

/// The tasks whose lateness was not told, and when whoever asked is told.
pub(super) fn untold_late<'incident>(
    incident: &'incident Incident,
    policy: &'incident Policy,
) -> impl Iterator<Item = (&'incident Task, DateTime<Utc>)> {
    incident
        .open_tasks()
        .filter(|task| !task.late_told)
        .map(|task| (task, may_prompt_from(incident, task.by, task.due, policy)))
}
