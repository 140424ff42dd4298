//! What stakeholders were told and promised.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::person::PersonId;

/// When stakeholders were told to expect the next update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The time that was named.
    pub due: DateTime<Utc>,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// Whether the person who must keep it was reminded before the time.
    pub reminded_before: bool,
    /// Whether the channel was told at the time.
    pub reminded_at: bool,
    /// When a person kept it, if one did.
    pub kept_at: Option<DateTime<Utc>>,
}

/// The reminder that the stakeholders have not heard anything yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstUpdateReminder {
    /// When they were to have heard.
    pub due: DateTime<Utc>,
    /// Whether the channel was told at the time; otherwise it was the reminder ahead of it.
    pub at_due: bool,
}

/// What kind of update went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateKind {
    /// The automatic first note; claims nothing beyond symptoms.
    Holding,
    /// A person's update.
    Update,
    /// A person said that nothing is new.
    NothingNew,
    /// It is over.
    AllClear,
}

/// An update that went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateRecord {
    /// 1, 2, 3 within the incident.
    pub number: u32,
    /// What kind.
    pub kind: UpdateKind,
    /// Who sent it; `None` for the automatic note.
    pub by: Option<PersonId>,
    /// When.
    pub at: DateTime<Utc>,
    /// The text, Markdown, as it was sent.
    pub text: String,
    /// The promise it gave.
    pub next_due: Option<DateTime<Utc>>,
    /// Whom it goes to: names of configured targets.
    #[serde(default)]
    pub targets: Vec<String>,
    /// What became of it, target by target; a target that is absent is still being tried.
    #[serde(default)]
    pub deliveries: BTreeMap<String, Result<DateTime<Utc>, String>>,
}
