//! Who was asked for a role, who has it, and to whom it is being handed over.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::person::PersonId;
use crate::role::Role;

/// How far a role is filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum RoleState {
    /// Somebody was asked; the role is not filled by that.
    Proposed {
        /// Whom.
        to: PersonId,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// Somebody said yes.
    Accepted {
        /// Who.
        by: PersonId,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// The person asked said no.
    Declined {
        /// Who.
        by: PersonId,
        /// When.
        at: DateTime<Utc>,
    },
    /// The holder gave it back.
    Released {
        /// Who.
        by: PersonId,
        /// When.
        at: DateTime<Utc>,
    },
}

/// What is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandoverSubject {
    /// Command.
    Command,
    /// A role.
    Role(Role),
}

/// An offered hand-over that waits for its answer. Until then the giver still has everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// What.
    pub subjects: BTreeSet<HandoverSubject>,
    /// Who gives.
    pub from: PersonId,
    /// Who is asked.
    pub to: PersonId,
    /// When it was offered.
    pub at: DateTime<Utc>,
    /// Why, if said.
    pub reason: Option<String>,
    /// What whoever is asked must know to say yes.
    #[serde(default)]
    pub briefing: String,
}
