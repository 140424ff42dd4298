//! What people are doing. What is true of the world is kept apart, in the milestones.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A phase of the work. Ordered, but no ratchet: going back is normal and worth learning from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Nobody has it yet; paging runs.
    Open,
    /// Rapid Diagnosis.
    Diagnosis,
    /// Mitigation & Containment.
    Mitigation,
    /// Resolution: the fix.
    Fix,
    /// Resolution: the validation.
    Validation,
    /// Postmortem & Learning.
    Learning,
    /// Only the follow-up of actions is left.
    Closed,
    /// It was not an incident.
    Cancelled,
}

impl Phase {
    /// The phases in which the incident is live: everything urgent runs only here.
    pub const ACTIVE: [Self; 5] = [
        Self::Open,
        Self::Diagnosis,
        Self::Mitigation,
        Self::Fix,
        Self::Validation,
    ];

    /// Every phase.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::Diagnosis,
        Self::Mitigation,
        Self::Fix,
        Self::Validation,
        Self::Learning,
        Self::Closed,
        Self::Cancelled,
    ];

    /// Whether the incident is live.
    #[must_use]
    pub fn is_active(self) -> bool {
        Self::ACTIVE.contains(&self)
    }

    /// The stable id used in buttons, commands and rows.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Diagnosis => "diagnosis",
            Self::Mitigation => "mitigation",
            Self::Fix => "fix",
            Self::Validation => "validation",
            Self::Learning => "learning",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The mark shown beside the name.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Open => "🔴",
            Self::Diagnosis => "🔎",
            Self::Mitigation => "🧯",
            Self::Fix => "🔧",
            Self::Validation => "🧪",
            Self::Learning => "📘",
            Self::Closed => "⚫",
            Self::Cancelled => "⚪",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Open => "Open – nobody has it yet",
            Self::Diagnosis => "Rapid Diagnosis",
            Self::Mitigation => "Mitigation & Containment",
            Self::Fix => "Resolution – fix",
            Self::Validation => "Resolution – validation",
            Self::Learning => "Postmortem & Learning",
            Self::Closed => "Closed",
            Self::Cancelled => "Cancelled",
        })
    }
}

/// Why a text is not a phase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a phase: use diagnosis, mitigation, fix or validation")]
pub struct NotAPhase(pub String);

impl FromStr for Phase {
    type Err = NotAPhase;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|phase| phase.id().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| NotAPhase(text.chars().take(40).collect()))
    }
}
