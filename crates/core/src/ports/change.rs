//! What one decision changes, as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Claim, StoredPostmortem};
use crate::alert::{AlertKey, Episode, GroupKey};
use crate::change::ReportedChange;
use crate::effect::NewEffect;
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId, Seq};
use crate::incident::{Incident, Recorded};
use crate::person::PersonId;
use crate::redaction::Scrub;
use crate::timeline::Entry;

/// Everything that one decision changes, written in one transaction or not at all.
#[derive(Clone, Debug)]
pub struct Change {
    /// The outside cause: a webhook receipt, an interaction, a message. Seen twice, it changes nothing the second time.
    pub delivery: Option<String>,
    /// What the decision was made from.
    pub expected: Expected,
    /// The incident afterwards; `None` when only entries change.
    pub after: Option<Incident>,
    /// The incident that entries and effects belong to; number 0 for [`Change::of_no_incident`].
    pub incident: IncidentId,
    /// When the incident next needs the clock.
    pub wake_at: Option<DateTime<Utc>>,
    /// Whose doing it is, for lines that are rewritten; events and new lines say that themselves.
    pub by: Option<PersonId>,
    /// What happened.
    pub events: Vec<Recorded>,
    /// Lines of the timeline, added or rewritten.
    pub entries: Vec<EntryWrite>,
    /// Contents of files that lines refer to by their hash; one that is kept already is left as it is.
    pub files: Vec<FileContent>,
    /// Contents that are destroyed, by their hash.
    pub files_gone: BTreeSet<String>,
    /// What must follow outside.
    pub effects: Vec<NewEffect>,
    /// Alert groups that now belong to the incident.
    pub groups: Vec<GroupKey>,
    /// Alert groups that no longer belong to the incident.
    pub released: Vec<GroupKey>,
    /// Alert episodes, added or rewritten.
    pub episodes: Vec<Episode>,
    /// Alerts of which nothing is new but that they were heard of again, and when that was.
    pub heard_again: BTreeMap<AlertKey, DateTime<Utc>>,
    /// Changes of the systems that were reported; one that is known is left as it is.
    pub reported: Vec<ReportedChange>,
    /// What is taken out of everything that is stored of the incident, its lines among [`Change::entries`] apart: those
    /// are redacted.
    pub scrub: Option<Scrub>,
    /// A line that is sealed as it was until somebody decides about it; with `None`, the seal that ends.
    pub seal: Option<(EntryNumber, Option<Entry>)>,
    /// Whom the bot asks for something by itself, each with the newest prompt that this was decided with: one that came
    /// after it is a [`CommitError::Conflict`].
    pub prompts: BTreeMap<PersonId, DateTime<Utc>>,
    /// The effect whose outcome this is: done in the same transaction as what it produced.
    pub settles: Option<Claim>,
    /// How far the messages of a channel have been read, if this moves it.
    pub cursor: Option<(ChannelId, MessageId)>,
    /// A postmortem version to keep.
    pub postmortem: Option<StoredPostmortem>,
    /// Receipts whose work this completes, with the trace of the decision.
    pub receipts: Vec<(String, String)>,
    /// When this happened.
    pub at: DateTime<Utc>,
}

impl Change {
    /// A change that belongs to no incident: alerts that lead nowhere are remembered, too, so that a late or repeated
    /// notice about them is understood.
    #[must_use]
    pub fn of_no_incident(at: DateTime<Utc>) -> Self {
        Self::of(IncidentId(0), Expected::Any, at)
    }

    /// A change of nothing yet.
    #[must_use]
    pub fn of(incident: IncidentId, expected: Expected, at: DateTime<Utc>) -> Self {
        Self {
            delivery: None,
            expected,
            after: None,
            incident,
            wake_at: None,
            by: None,
            events: Vec::new(),
            entries: Vec::new(),
            files: Vec::new(),
            files_gone: BTreeSet::new(),
            effects: Vec::new(),
            groups: Vec::new(),
            released: Vec::new(),
            episodes: Vec::new(),
            heard_again: BTreeMap::new(),
            reported: Vec::new(),
            scrub: None,
            seal: None,
            prompts: BTreeMap::new(),
            settles: None,
            cursor: None,
            postmortem: None,
            receipts: Vec::new(),
            at,
        }
    }
}

/// What a decision was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The incident does not exist.
    New,
    /// The incident is at this event.
    At(Seq),
    /// The incident's state does not matter: chat never fights with commands.
    Any,
}

/// A line of the timeline to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryWrite {
    /// A new line; the store numbers it.
    Add(Entry),
    /// A known line as it is now. Written only if it is still at this revision.
    Rewrite {
        /// The line.
        entry: Entry,
        /// The revision it was read at.
        revision: i64,
    },
}

/// What a file holds.
#[derive(Clone, PartialEq, Eq)]
pub struct FileContent {
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

impl std::fmt::Debug for FileContent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FileContent")
            .field("sha256", &self.sha256)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// What a commit made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The numbers of the added entries, in the order they were given.
    pub entries: Vec<EntryNumber>,
}

/// Why a commit did not happen. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Somebody else was faster: load, decide and commit again.
    #[error("somebody else changed it first")]
    Conflict,
    /// The effect that this was to settle is somebody else's by now: deciding again changes nothing.
    #[error("somebody else has claimed the effect")]
    ClaimLost,
    /// The delivery has been handled before.
    #[error("this delivery has been handled before")]
    Duplicate,
    /// The store is in trouble.
    #[error("the store is in trouble: {0}")]
    Broken(String),
}

/// The store is in trouble.
#[derive(Debug, thiserror::Error)]
#[error("the store is in trouble: {0}")]
pub struct Broken(pub String);

/// A stored line of the timeline with the revision it was read at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The incident.
    pub incident: IncidentId,
    /// The line; its number is set.
    pub entry: Entry,
    /// For [`EntryWrite::Rewrite`].
    pub revision: i64,
}

/// The lines without what the store keeps beside them.
#[must_use]
pub fn entries(timeline: Vec<StoredEntry>) -> Vec<Entry> {
    timeline.into_iter().map(|stored| stored.entry).collect()
}
