//! What kind of failure it is: the six of the failure-mode catalogue, and two honest others.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The failure mode of an incident.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Database downtime, ORM misconfiguration, the API itself.
    Backend,
    /// Unhandled exceptions, stale state.
    Frontend,
    /// Contract mismatch, serialisation errors.
    Integration,
    /// Hallucinated answers, latency spikes, harmful output.
    Ai,
    /// Unauthorised access, injection.
    Security,
    /// High latency, memory leaks, poor caching.
    Performance,
    /// None of the six.
    Other,
    /// Nobody has said yet.
    #[default]
    Unknown,
}

impl Category {
    /// Every category, the catalogue's six first.
    pub const ALL: [Self; 8] = [
        Self::Backend,
        Self::Frontend,
        Self::Integration,
        Self::Ai,
        Self::Security,
        Self::Performance,
        Self::Other,
        Self::Unknown,
    ];

    /// The stable id, as it stands in labels and runbooks.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Frontend => "frontend",
            Self::Integration => "integration",
            Self::Ai => "ai",
            Self::Security => "security",
            Self::Performance => "performance",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// Why a text is not a category.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a category: use backend, frontend, integration, ai, security, performance, other or unknown"
)]
pub struct NotACategory(pub String);

impl FromStr for Category {
    type Err = NotACategory;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|category| category.id().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| NotACategory(text.chars().take(40).collect()))
    }
}
