//! The roles of an incident: five that every team has, and those that a team switches on.

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
    /// Stands by to take command.
    #[serde(rename = "deputy")]
    Deputy,
    /// Word to the stakeholders, where the Bridge Engineer only coordinates.
    #[serde(rename = "comms")]
    Communications,
    /// What customers report, and what support tells them.
    #[serde(rename = "customer")]
    Customer,
    /// Whether somebody is attacking, and what must be preserved.
    #[serde(rename = "security")]
    Security,
    /// Models, their queues and what can be switched off.
    #[serde(rename = "ai")]
    Ai,
    /// Reads along and has no duty.
    #[serde(rename = "observer")]
    Observer,
}

impl Role {
    /// Every role, in the order the board shows them.
    pub const ALL: [Self; 11] = [
        Self::Bridge,
        Self::OnCall,
        Self::Backend,
        Self::Frontend,
        Self::Documentation,
        Self::Deputy,
        Self::Communications,
        Self::Customer,
        Self::Security,
        Self::Ai,
        Self::Observer,
    ];

    /// Those that every team has.
    pub const ALWAYS: [Self; 5] = [
        Self::Bridge,
        Self::OnCall,
        Self::Backend,
        Self::Frontend,
        Self::Documentation,
    ];

    /// Whether a team must switch it on.
    #[must_use]
    pub fn is_optional(self) -> bool {
        !Self::ALWAYS.contains(&self)
    }

    /// The ids of these roles, for a message that says what can be used.
    #[must_use]
    pub fn ids(roles: impl IntoIterator<Item = Self>) -> String {
        let ids: Vec<&str> = roles.into_iter().map(Self::id).collect();
        match ids.split_last() {
            Some((last, before)) if !before.is_empty() => {
                format!("{} or {last}", before.join(", "))
            }
            _ => ids.concat(),
        }
    }

    /// The roles that an incident of this severity and category calls for.
    #[must_use]
    pub fn required(severity: Severity, category: Category) -> BTreeSet<Self> {
        let mut roles = BTreeSet::from([Self::OnCall]);
        match severity {
            Severity::Sev1 => roles.extend(Self::ALWAYS),
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
            Self::Deputy => "deputy",
            Self::Communications => "comms",
            Self::Customer => "customer",
            Self::Security => "security",
            Self::Ai => "ai",
            Self::Observer => "observer",
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
            Self::Deputy => "Deputy",
            Self::Communications => "Comms",
            Self::Customer => "Customer",
            Self::Security => "Security",
            Self::Ai => "AI",
            Self::Observer => "Observer",
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
            Self::Deputy => "Deputy",
            Self::Communications => "Communications Lead",
            Self::Customer => "Customer Liaison",
            Self::Security => "Security Engineer",
            Self::Ai => "AI Engineer",
            Self::Observer => "Observer",
        })
    }
}

/// Why a text is not a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a role: use {all}", all = Role::ids(Role::ALL))]
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
