//! The memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Broken, Change, CommitError, Committed, StoredEntry};
use crate::alert::{AlertKey, Episode, GroupKey};
use crate::audit::Trail;
use crate::change::ReportedChange;
use crate::effect::{Effect, EffectId, Lane, NewEffect};
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use crate::incident::{Incident, Recorded};
use crate::maintenance::{Window, Windows};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::severity::Severity;
use crate::timeline::Entry;

/// What was known of a receipt's body when it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBody {
    /// Nothing: it came for the first time.
    New,
    /// An equal one came before; only the receipt is new.
    Repeated,
}

/// A webhook as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its own id: a repeat is a fact, not a duplicate.
    pub id: String,
    /// The source's name: `alertmanager`.
    pub source: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// SHA-256 of the body, in hex: equal bodies are stored once.
    pub body_hash: String,
    /// Why it cannot be understood, if it cannot.
    pub problem: Option<String>,
}

/// Where a receipt is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReceiptState {
    /// Stored, not worked on yet.
    Pending,
    /// Worked on; its trace says what came of it.
    Done,
    /// Cannot be understood; kept for `replay`.
    Unreadable,
}

/// A receipt that was stored, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptReceipt {
    /// Its id.
    pub id: String,
    /// The source's name.
    pub source: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of the body.
    pub body_hash: String,
    /// Where it is.
    pub state: ReceiptState,
    /// The trace of the decision, or why it cannot be understood.
    pub trace: Option<String>,
    /// The incident it led to.
    pub incident: Option<IncidentId>,
}

/// A claimed effect: ours until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which effect.
    pub id: EffectId,
    /// The number of this claim; a later claim of the same effect fences this one out.
    pub epoch: i64,
}

/// An effect to carry out now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The claim.
    pub claim: Claim,
    /// The incident it belongs to.
    pub incident: Option<IncidentId>,
    /// Its stream.
    pub stream: String,
    /// Its lane.
    pub lane: Lane,
    /// What to do.
    pub effect: Effect,
    /// How often it has been begun before.
    pub attempts: i64,
    /// When a first byte may have left in an earlier attempt: look before doing it again.
    pub maybe_sent_at: Option<DateTime<Utc>>,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
}

/// What became of a claimed effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// Again, not before this time.
    Retry {
        /// When.
        not_before: DateTime<Utc>,
        /// Why, without secrets.
        why: String,
    },
    /// Never; people are told.
    Dead {
        /// Why, without secrets.
        why: String,
    },
}

/// How full the outbox is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Open effects by lane number.
    pub open: BTreeMap<i64, i64>,
    /// Effects that will never be carried out.
    pub dead: i64,
    /// How many of them were given up within the last day.
    pub dead_lately: i64,
    /// When the oldest due effect became due.
    pub oldest_due_at: Option<DateTime<Utc>>,
}

/// Up to when what is over may be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoff {
    /// For effects that were carried out and causes that were handled.
    pub settled_before: DateTime<Utc>,
    /// For webhooks that were worked off, with their bodies, and for changes of the systems.
    pub received_before: DateTime<Utc>,
}

/// A version of a postmortem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPostmortem {
    /// The incident.
    pub incident: IncidentId,
    /// 1, 2, 3.
    pub version: u32,
    /// Markdown.
    pub markdown: String,
    /// When it was made.
    pub at: DateTime<Utc>,
}

/// An incident in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub id: IncidentId,
    /// Its title.
    pub title: String,
    /// Its phase.
    pub phase: Phase,
    /// Whether it cleared before anybody acted.
    pub near_miss: bool,
    /// Its severity.
    pub severity: Severity,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Its channel.
    pub channel: Option<ChannelId>,
    /// Whether only its circle may see it.
    pub restricted: bool,
    /// The circle of a restricted one; empty for the others.
    pub circle: BTreeSet<PersonId>,
}

/// Which incidents somebody wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    /// Only live ones.
    pub only_live: bool,
    /// Who looks: restricted ones are shown to their circle alone.
    pub reader: PersonId,
    /// Where they look: a restricted one is shown in its own channel.
    pub channel: ChannelId,
    /// Only those the reader takes part in.
    pub mine: bool,
    /// Only those with this severity now.
    pub severity: Option<Severity>,
    /// Only those that concern a service whose name contains this.
    pub service: Option<String>,
    /// Only those whose title contains this.
    pub text: Option<String>,
}

/// The memory. Everything a decision changes goes through [`Store::commit`]; the other writes are the plumbing of the
/// intake and the outbox.
#[async_trait]
pub trait Store: Send + Sync {
    /// Writes a change, all of it or nothing.
    async fn commit(&self, change: Change) -> Result<Committed, CommitError>;

    /// The next free incident number. Numbers are never used twice; one may be lost.
    async fn next_incident(&self) -> Result<IncidentId, Broken>;
    /// An incident as it is.
    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, Broken>;
    /// The incident of a channel.
    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken>;
    /// Every live incident, and those that ended after `ended_after`.
    async fn recent_incidents(&self, ended_after: DateTime<Utc>) -> Result<Vec<Incident>, Broken>;
    /// Incidents, newest first.
    async fn list(&self, only_live: bool, most: i64) -> Result<Vec<Listed>, Broken>;
    /// Incidents whose clock has run out.
    async fn due_incidents(&self, now: DateTime<Utc>) -> Result<Vec<IncidentId>, Broken>;
    /// The history of an incident, oldest first.
    async fn events(&self, id: IncidentId) -> Result<Vec<Recorded>, Broken>;
    /// The timeline of an incident, in the order of [`Entry::order`](crate::timeline::Entry::order).
    async fn timeline(&self, id: IncidentId) -> Result<Vec<StoredEntry>, Broken>;
    /// The lines of a timeline that were recorded within a span, both ends with it, in the order of
    /// [`Entry::order`](crate::timeline::Entry::order).
    async fn recorded_within(
        &self,
        id: IncidentId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<StoredEntry>, Broken>;
    /// The active actions and decisions that happened last, newest first, at most
    /// [`MOST_WORK`](crate::incident::MOST_WORK).
    async fn newest_work(&self, id: IncidentId) -> Result<Vec<Entry>, Broken>;
    /// One line of a timeline.
    async fn entry(
        &self,
        id: IncidentId,
        number: EntryNumber,
    ) -> Result<Option<StoredEntry>, Broken>;
    /// A line that was hidden in a hurry, as it was.
    async fn sealed(&self, id: IncidentId, number: EntryNumber) -> Result<Option<Entry>, Broken>;
    /// The line taken from a message.
    async fn entry_of_message(&self, message: MessageId) -> Result<Option<StoredEntry>, Broken>;
    /// The files that an incident keeps: how large each is, in bytes, by its SHA-256 in hex.
    async fn files(&self, id: IncidentId) -> Result<BTreeMap<String, u64>, Broken>;
    /// The bytes of one of them.
    async fn file(&self, id: IncidentId, sha256: &str) -> Result<Option<Vec<u8>>, Broken>;
    /// Every incident that is there, or of which the audit log knows, by number.
    async fn audited(&self) -> Result<Vec<IncidentId>, Broken>;
    /// The audit log of an incident with all that it vouches for, as they are at one instant.
    async fn audit_trail(&self, id: IncidentId) -> Result<Trail, Broken>;
    /// The alert groups of an incident: those it holds while it is live, and all it ever had once it is over.
    async fn groups(&self, id: IncidentId) -> Result<Vec<GroupKey>, Broken>;
    /// The alert episodes of an incident.
    async fn episodes(&self, id: IncidentId) -> Result<Vec<Episode>, Broken>;
    /// The newest episode of each of these alerts that has one, and the incident it belongs to; in no order.
    async fn newest_episodes(
        &self,
        alerts: &[AlertKey],
    ) -> Result<Vec<(Option<IncidentId>, Episode)>, Broken>;
    /// A postmortem; the newest version when none is named.
    async fn postmortem(
        &self,
        id: IncidentId,
        version: Option<u32>,
    ) -> Result<Option<StoredPostmortem>, Broken>;

    /// The changes of the systems from `from` until `until`, both included, newest first.
    async fn changes(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<ReportedChange>, Broken>;

    /// Keeps a receipt; equal bodies once. Returns after the data is on disk, with what was known of the body before.
    async fn keep_receipt(&self, receipt: Receipt) -> Result<KeptBody, Broken>;
    /// Receipts that wait for work, oldest first.
    async fn pending_receipts(&self, most: i64) -> Result<Vec<Receipt>, Broken>;
    /// When the oldest of them came in.
    async fn oldest_pending_receipt(&self) -> Result<Option<DateTime<Utc>>, Broken>;
    /// Marks a receipt as worked on, with the trace of the decision. For receipts that changed no incident.
    async fn finish_receipt(
        &self,
        id: &str,
        trace: &str,
        incident: Option<IncidentId>,
    ) -> Result<(), Broken>;
    /// A kept receipt by its id, or the newest by a prefix of its body hash, with its body.
    async fn kept_receipt(
        &self,
        id_or_hash: &str,
    ) -> Result<Option<(KeptReceipt, Vec<u8>)>, Broken>;
    /// The newest receipts, newest first; those of one incident if one is named.
    async fn receipts(&self, of: Option<IncidentId>, most: i64)
    -> Result<Vec<KeptReceipt>, Broken>;

    /// Adds effects that belong to no decision.
    async fn enqueue(&self, effects: Vec<NewEffect>, at: DateTime<Utc>) -> Result<(), Broken>;
    /// Claims up to `most` effects that are due, the most urgent lane first, for `lease_seconds`. Only the head of a
    /// stream can be claimed.
    async fn claim(
        &self,
        now: DateTime<Utc>,
        owner: &str,
        lease_seconds: i64,
        most: i64,
    ) -> Result<Vec<Claimed>, Broken>;
    /// Notes, before the first byte leaves, that it may have left. `false` when the claim was lost.
    async fn mark_sending(&self, claim: &Claim, now: DateTime<Utc>) -> Result<bool, Broken>;
    /// Settles a claimed effect. `false` when the claim was lost.
    async fn settle(
        &self,
        claim: &Claim,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<bool, Broken>;
    /// Gives every claim of other owners back: at start, when this process is the only one.
    async fn recover_claims(&self, owner: &str) -> Result<i64, Broken>;
    /// How full the outbox is.
    async fn outbox_depth(&self, now: DateTime<Utc>) -> Result<OutboxDepth, Broken>;
    /// When the next open effect becomes due.
    async fn next_effect_due(&self) -> Result<Option<DateTime<Utc>>, Broken>;
    /// When the next incident needs the clock.
    async fn next_wake(&self) -> Result<Option<DateTime<Utc>>, Broken>;

    /// How far the messages of a channel have been read.
    async fn cursor(&self, channel: ChannelId) -> Result<Option<MessageId>, Broken>;
    /// Moves it forward; never back.
    async fn move_cursor(&self, channel: ChannelId, message: MessageId) -> Result<(), Broken>;
    /// The maintenance windows that are planned or on, or over and not settled, and the newest of all; by their numbers.
    async fn windows(&self) -> Result<Windows, Broken>;
    /// Keeps a maintenance window as it is now; what it holds is left as it is.
    async fn keep_window(&self, window: &Window, at: DateTime<Utc>) -> Result<(), Broken>;
    /// A window holds this receipt as the newest notice of a group. When it is the first that it holds, `first` is stored
    /// in the same write. Whether it is the first.
    async fn hold_notice(
        &self,
        window: u32,
        group: &str,
        receipt: &str,
        first: Option<(NewEffect, DateTime<Utc>)>,
    ) -> Result<bool, Broken>;
    /// When the bot last asked people for something by itself, of those it has asked since then.
    async fn last_prompts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<BTreeMap<PersonId, DateTime<Utc>>, Broken>;
    /// A remembered fact about the deployment, such as the digest channel's id.
    async fn fact(&self, key: &str) -> Result<Option<String>, Broken>;
    /// Remembers a fact.
    async fn remember(&self, key: &str, value: &str) -> Result<(), Broken>;
    /// Remembers notes that wait to be imported, under a name that begins with `notes/`. They are forgotten as old effects
    /// are.
    async fn remember_notes(&self, key: &str, notes: &str, at: DateTime<Utc>)
    -> Result<(), Broken>;
    /// Forgets what nobody needs any more: settled effects, handled causes, notes that were not imported, and worked-off
    /// webhooks from before `cutoff`, at most `most` of each. How many rows went; 0 when nothing is left to forget.
    async fn forget(&self, cutoff: Cutoff, most: i64) -> Result<u64, Broken>;
    /// Remembers what a person is called.
    async fn meet(&self, person: PersonId, name: &str) -> Result<(), Broken>;
    /// What people are called.
    async fn names(&self) -> Result<BTreeMap<PersonId, String>, Broken>;
    /// Proves that the store answers and that what was acknowledged can be read.
    async fn check(&self) -> Result<(), Broken>;
}
