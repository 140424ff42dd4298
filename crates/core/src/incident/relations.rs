//! How an incident stands to the people around it and to other incidents: who was let in, where it came from, what became
//! part of it and what left it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::links::Linked;
use crate::alert::GroupKey;
use crate::ids::IncidentId;
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
    /// Which incident it came from, if from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The incident that goes on in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<IncidentId>,
    /// The duplicates whose alerts it took over.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub merged: BTreeSet<IncidentId>,
    /// What other incidents are to it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<IncidentId, Linked>,
    /// Its alerts fire again, though it was resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relapse: Option<Relapse>,
    /// The groups that joined it because of a likeness: what may have been a mistake.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<Attached>,
    /// The groups that somebody has split off: they do not join it again because of a likeness.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub split: BTreeSet<GroupKey>,
}

/// How many attached groups are kept: as many as one menu can offer.
const MOST_ATTACHED: usize = 25;

/// How many webhooks are kept for each of them.
pub(super) const MOST_RECEIPTS: usize = 10;

/// A group that joined because of a likeness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// Which group.
    pub group: GroupKey,
    /// What fires in it, in a few harmless words.
    pub what: String,
    /// Why it joined: `service=orders-api`. `None` for news of a group that has joined before.
    pub because: Option<String>,
    /// The webhooks that brought something new of it: they are worked off once more when it is split off.
    pub receipts: BTreeSet<String>,
}

impl Relations {
    /// Whether one more group can be kept that joined because of a likeness.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.attached.len() < MOST_ATTACHED
    }

    /// The group of this digest, if it joined because of a likeness.
    #[must_use]
    pub fn attached(&self, digest: &str) -> Option<&Attached> {
        self.attached
            .iter()
            .find(|attached| attached.group.digest() == digest)
    }
}

/// Where an incident came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A resolved incident came back, and people took it for another one.
    RelapseOf(IncidentId),
    /// Its alerts had joined another incident because of a likeness, and a person split them off.
    SplitFrom(IncidentId),
}

/// The alerts of a resolved incident fire again, and people are asked whether it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relapse {
    /// When people were asked.
    pub asked_at: DateTime<Utc>,
    /// Since when it fires, by the sender's own time.
    pub began_at: DateTime<Utc>,
    /// The groups that wait for the answer.
    pub groups: BTreeSet<GroupKey>,
    /// The webhooks that wait for it: they are worked off once more when it is known.
    pub receipts: BTreeSet<String>,
    /// What was answered.
    pub state: RelapseState,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelapseState {
    /// Nothing yet.
    Asked,
    /// It is another one; so is silence.
    New,
    /// It is the same, which was reopened.
    Reopened,
}
