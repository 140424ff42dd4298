//! How an incident stands to the people around it and to other incidents: who was let in, where it came from, what became
//! part of it and what left it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::person::PersonId;

/// Everything of an incident that is about others. Empty for most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Relations {
    /// Who has been in its circle since it is restricted. Whoever was let in stays in: they have read the channel.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub admitted: BTreeSet<PersonId>,
    /// Whether it was for everybody before somebody made it restricted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub was_open: bool,
    /// Whether people were reminded to keep the evidence.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub evidence_reminded: bool,
}
