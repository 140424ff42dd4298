//! What is learned: the postmortem, the cause, and what will be done.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::person::PersonId;
use crate::severity::Severity;

/// How far the postmortem is, and what it needs before the incident can be closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostmortemState {
    /// The newest stored version; 0 while there is none.
    pub version: u32,
    /// The newest version when the incident was last resolved: the next one is the draft that people were promised then.
    #[serde(default)]
    pub version_at_resolve: u32,
    /// The person who owes it.
    pub owner: Option<PersonId>,
    /// Cause and contributing factors, as people wrote them.
    pub cause: Option<Cause>,
    /// What will be done.
    pub actions: Vec<ActionItem>,
    /// Why no learning action is needed, if that was decided.
    pub no_learning_because: Option<String>,
    /// How bad it was, all in all: always a person's word, who said so and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_final: Option<(Severity, PersonId, DateTime<Utc>)>,
    /// Who reviewed it, and when.
    pub reviewed: Option<(PersonId, DateTime<Utc>)>,
}

/// Cause and contributing factors: always a person's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What started it.
    pub trigger: String,
    /// The cause, as established.
    pub cause: String,
    /// Contributing factors.
    pub factors: Vec<String>,
    /// What kept it from being worse.
    pub kept_from_worse: String,
    /// Who wrote it.
    pub by: PersonId,
}

/// What kind of improvement an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionKind {
    /// A monitoring threshold: an earlier alert for similar issues.
    Threshold,
    /// An incident response playbook.
    Playbook,
    /// Observability, for AI tasks above all.
    Observability,
    /// The fault itself removed.
    Fix,
    /// Retries, breakers, fallbacks, caches, boundaries.
    Resilience,
    /// A test that fails without the fix.
    Test,
    /// Roles, rota, communication.
    Process,
    /// Access and secrets.
    Access,
}

impl ActionKind {
    /// Every kind; the three learning kinds first.
    pub const ALL: [Self; 8] = [
        Self::Threshold,
        Self::Playbook,
        Self::Observability,
        Self::Fix,
        Self::Resilience,
        Self::Test,
        Self::Process,
        Self::Access,
    ];

    /// The stable id, which is also the word people read.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Playbook => "playbook",
            Self::Observability => "observability",
            Self::Fix => "fix",
            Self::Resilience => "resilience",
            Self::Test => "test",
            Self::Process => "process",
            Self::Access => "access",
        }
    }

    /// Whether it is one of the three kinds a review cannot end without.
    #[must_use]
    pub fn is_learning(self) -> bool {
        matches!(self, Self::Threshold | Self::Playbook | Self::Observability)
    }
}

/// Something that will be done so that it does not happen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    /// 1, 2, 3 within the incident.
    pub number: u32,
    /// What, starting with a verb.
    pub title: String,
    /// What kind of improvement.
    pub kind: ActionKind,
    /// Who does it.
    pub owner: Option<PersonId>,
    /// By when.
    pub due: Option<chrono::NaiveDate>,
    /// Why it will not be done, if that was decided.
    pub wont_do_because: Option<String>,
}
