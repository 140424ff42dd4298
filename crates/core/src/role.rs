//! The five roles of an incident, and what their holders are told.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::severity::Severity;

/// A duty in an incident. Command is not among them: it is a token that one person holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Initial triage and diagnosis, quick fixes.
    #[serde(rename = "oncall")]
    OnCall,
    /// Database, API, and the AI tasks behind them.
    #[serde(rename = "backend")]
    Backend,
    /// What users see, and that the product tells them the truth.
    #[serde(rename = "frontend")]
    Frontend,
    /// Coordination across teams and word to the stakeholders.
    #[serde(rename = "bridge")]
    Bridge,
    /// The timeline and the postmortem.
    #[serde(rename = "docs")]
    Documentation,
}

impl Role {
    /// Every role, in the order the board shows them.
    pub const ALL: [Self; 5] = [
        Self::Bridge,
        Self::OnCall,
        Self::Backend,
        Self::Frontend,
        Self::Documentation,
    ];

    /// The roles that an incident of this severity and category calls for.
    #[must_use]
    pub fn required(severity: Severity, category: Category) -> BTreeSet<Self> {
        let mut roles = BTreeSet::from([Self::OnCall]);
        match severity {
            Severity::Sev1 => roles.extend(Self::ALL),
            Severity::Sev2 => {
                roles.extend([Self::Bridge, Self::Documentation]);
                if matches!(
                    category,
                    Category::Backend
                        | Category::Integration
                        | Category::Ai
                        | Category::Performance
                ) {
                    roles.insert(Self::Backend);
                }
                if matches!(category, Category::Frontend | Category::Integration) {
                    roles.insert(Self::Frontend);
                }
            }
            Severity::Sev3 | Severity::Sev4 => {}
        }
        roles
    }

    /// The stable id used in files, buttons and commands.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::OnCall => "oncall",
            Self::Backend => "backend",
            Self::Frontend => "frontend",
            Self::Bridge => "bridge",
            Self::Documentation => "docs",
        }
    }

    /// One word, for the narrow line of the board.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::OnCall => "On-Call",
            Self::Backend => "Backend",
            Self::Frontend => "Frontend",
            Self::Bridge => "Bridge",
            Self::Documentation => "Docs",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::OnCall => "On-Call Engineer",
            Self::Backend => "Backend Engineer",
            Self::Frontend => "Frontend Engineer",
            Self::Bridge => "Bridge Engineer",
            Self::Documentation => "Documentation Lead",
        })
    }
}

/// Why a text is not a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: use oncall, backend, frontend, bridge or docs")]
pub struct NotARole(pub String);

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| {
                role.id().eq_ignore_ascii_case(text.trim())
                    || role.to_string().eq_ignore_ascii_case(text.trim())
            })
            .ok_or_else(|| NotARole(text.chars().take(40).collect()))
    }
}
