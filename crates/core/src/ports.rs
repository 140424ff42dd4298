//! The openings of the core: what it needs from a memory, and what others may ask of the desk.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{AlertKey, Episode, GroupKey};
use crate::effect::{Effect, EffectId, Lane, NewEffect};
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId, Seq};
use crate::incident::{Incident, Recorded};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::severity::Severity;
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
    /// What happened.
    pub events: Vec<Recorded>,
    /// Lines of the timeline, added or rewritten.
    pub entries: Vec<EntryWrite>,
    /// What must follow outside.
    pub effects: Vec<NewEffect>,
    /// Alert groups that now belong to the incident.
    pub groups: Vec<GroupKey>,
    /// Alert episodes, added or rewritten.
    pub episodes: Vec<Episode>,
    /// Alerts of which nothing is new but that they were heard of again, and when that was.
    pub heard_again: BTreeMap<AlertKey, DateTime<Utc>>,
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
            events: Vec::new(),
            entries: Vec::new(),
            effects: Vec::new(),
            groups: Vec::new(),
            episodes: Vec::new(),
            heard_again: BTreeMap::new(),
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
    /// For webhooks that were worked off, with their bodies.
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
    /// Its severity.
    pub severity: Severity,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Its channel.
    pub channel: Option<ChannelId>,
    /// Whether it may be shown to everybody.
    pub restricted: bool,
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
    /// The timeline of an incident, in the order of [`Entry::order`].
    async fn timeline(&self, id: IncidentId) -> Result<Vec<StoredEntry>, Broken>;
    /// One line of a timeline.
    async fn entry(
        &self,
        id: IncidentId,
        number: EntryNumber,
    ) -> Result<Option<StoredEntry>, Broken>;
    /// The line taken from a message.
    async fn entry_of_message(&self, message: MessageId) -> Result<Option<StoredEntry>, Broken>;
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

    /// Keeps a receipt; equal bodies once. Returns after the data is on disk, with what was known of the body before.
    async fn keep_receipt(&self, receipt: Receipt) -> Result<KeptBody, Broken>;
    /// Receipts that wait for work, oldest first.
    async fn pending_receipts(&self, most: i64) -> Result<Vec<Receipt>, Broken>;
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
    /// A remembered fact about the deployment, such as the digest channel's id.
    async fn fact(&self, key: &str) -> Result<Option<String>, Broken>;
    /// Remembers a fact.
    async fn remember(&self, key: &str, value: &str) -> Result<(), Broken>;
    /// Forgets what nobody needs any more: settled effects, handled causes and worked-off webhooks from before `cutoff`,
    /// at most `most` of each. How many rows went; 0 when nothing is left to forget.
    async fn forget(&self, cutoff: Cutoff, most: i64) -> Result<u64, Broken>;
    /// Remembers what a person is called.
    async fn meet(&self, person: PersonId, name: &str) -> Result<(), Broken>;
    /// What people are called.
    async fn names(&self) -> Result<BTreeMap<PersonId, String>, Broken>;
    /// Proves that the store answers and that what was acknowledged can be read.
    async fn check(&self) -> Result<(), Broken>;
}

/// Something a person, an alert or a clock asks of an incident.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who asks.
    pub actor: crate::incident::Actor,
    /// The outside cause, so that hearing it twice does it once.
    pub delivery: Option<String>,
    /// What the card they pressed was showing.
    pub expects: crate::incident::Expectation,
    /// What they ask.
    pub command: crate::incident::Command,
}

/// What the desk answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is done; the incident as it is now, and what happened. Nothing happened if it was done already.
    Done {
        /// The incident.
        incident: Box<Incident>,
        /// What happened.
        events: Vec<Recorded>,
    },
    /// It may not happen. The sentence is for the person who asked.
    Refused(crate::incident::Refusal),
    /// There is no such incident.
    Unknown,
    /// Something broke. The id leads to the log; nothing was changed.
    Broken {
        /// What to quote to the people who keep the bot running.
        error_id: String,
    },
}

/// An incident with its timeline.
#[derive(Clone, Debug)]
pub struct View {
    /// The incident.
    pub incident: Incident,
    /// Its timeline, in order.
    pub timeline: Vec<StoredEntry>,
}

impl View {
    /// The lines of the timeline.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.timeline
            .iter()
            .map(|stored| stored.entry.clone())
            .collect()
    }
}

/// What came of asking for a test alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestAlert {
    /// It was sent.
    Fired,
    /// One was sent a moment ago, and a second would only confuse.
    OnItsWay,
}

/// The one door in. Everything that changes an incident goes through here.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Asks something of an incident.
    async fn ask(&self, id: IncidentId, ask: Ask) -> Answer;
    /// Begins an incident; the rota and the runbooks are consulted by the desk.
    async fn declare(&self, ask: DeclareAsk) -> Answer;
    /// Tells the timeline of a message, a reaction, a pin or a typed entry.
    async fn hear(
        &self,
        id: IncidentId,
        signal: crate::timeline::Signal,
        delivery: Option<String>,
    ) -> Heard;
    /// An incident with its timeline.
    async fn view(&self, id: IncidentId) -> Result<Option<View>, Broken>;
    /// The incident of a channel.
    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken>;
    /// Incidents, newest first.
    async fn list(&self, only_live: bool) -> Result<Vec<Listed>, Broken>;
    /// The newest postmortem of an incident.
    async fn postmortem(&self, id: IncidentId) -> Result<Option<StoredPostmortem>, Broken>;
    /// Why an incident is what it is: the trace of the decisions that made it.
    async fn why(&self, id: IncidentId) -> Result<String, Broken>;
    /// Runbooks that could be attached, as id and title.
    async fn runbooks(&self) -> Vec<(crate::runbook::RunbookId, String)>;
    /// Attaches a runbook by its id.
    async fn attach_runbook(
        &self,
        id: IncidentId,
        runbook: &crate::runbook::RunbookId,
        ask: Ask,
    ) -> Answer;
    /// Stores messages that were offered as facts and picked.
    async fn pick_facts(
        &self,
        id: IncidentId,
        messages: Vec<MessageId>,
        by: PersonId,
        delivery: Option<String>,
    ) -> Heard;
    /// Sends a test alert through the front door, unless one went through a moment ago.
    async fn fire_test_alert(&self) -> Result<TestAlert, Broken>;
    /// Remembers what a person is called.
    async fn meet(&self, person: PersonId, name: &str);
    /// Now.
    fn now(&self) -> DateTime<Utc>;
    /// How the team runs its incidents.
    fn policy(&self) -> &crate::incident::Policy;
    /// The zone in which times are typed.
    fn zone(&self) -> chrono_tz::Tz;
}

/// What a person says when they declare an incident.
#[derive(Clone, Debug)]
pub struct DeclareAsk {
    /// Who.
    pub actor: crate::incident::Actor,
    /// The outside cause.
    pub delivery: Option<String>,
    /// What is wrong.
    pub title: String,
    /// How bad it is, if they say.
    pub severity: Option<Severity>,
}

/// What became of something the timeline was told.
#[derive(Clone, Debug)]
pub enum Heard {
    /// It is in the timeline.
    Stored(Box<StoredEntry>),
    /// It changed nothing.
    Nothing,
    /// It cannot be stored. The sentence is for the person.
    Refused(String),
    /// Something broke.
    Broken {
        /// What to quote.
        error_id: String,
    },
}

/// Why something outside did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not now. It did not happen, or happening twice does no harm.
    #[error("{why}")]
    Retry {
        /// When it makes sense again, if the other side said so.
        after: Option<std::time::Duration>,
        /// Why, without secrets.
        why: String,
    },
    /// What it was about is gone: a deleted message.
    #[error("{why}")]
    Gone {
        /// What, without secrets.
        why: String,
    },
    /// The channel it was to happen in is gone.
    #[error("{why}")]
    ChannelGone {
        /// Which, without secrets.
        why: String,
    },
    /// A person can mend the cause, and then it makes sense again: a missing permission, a bot that is not in the server.
    #[error("{why}")]
    Waits {
        /// What is wrong, and how to mend it, without secrets.
        why: String,
    },
    /// It will be refused every time.
    #[error("{why}")]
    Refused {
        /// Why, and how to mend it, without secrets.
        why: String,
    },
}

/// A channel to be opened for an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSpec {
    /// The name: decided once.
    pub name: String,
    /// The topic, with the marker by which a second attempt finds the first.
    pub topic: String,
    /// The marker alone.
    pub marker: String,
    /// Who may see it: `None` for everybody in the server.
    pub only_for: Option<Vec<PersonId>>,
    /// Whether an earlier attempt may have opened it already.
    pub look_first: bool,
}

/// A place that belongs to the deployment, not to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// One line per incident; words to the people who keep the bot running.
    Digest,
    /// Updates for the stakeholders.
    Stakeholders,
}

/// The chat platform, as the runner needs it.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Opens a channel, or finds the one an earlier attempt opened.
    async fn open_channel(&self, spec: &ChannelSpec) -> Result<ChannelId, Failure>;
    /// Posts a message. The same `once` within some minutes posts it once.
    async fn post(
        &self,
        channel: ChannelId,
        card: &crate::card::Card,
        once: &EffectId,
        lane: Lane,
    ) -> Result<MessageId, Failure>;
    /// Posts a message with a text file.
    async fn post_file(
        &self,
        channel: ChannelId,
        card: &crate::card::Card,
        file_name: &str,
        text: &str,
        once: &EffectId,
    ) -> Result<MessageId, Failure>;
    /// Replaces what a message says.
    async fn edit(
        &self,
        channel: ChannelId,
        message: MessageId,
        card: &crate::card::Card,
        lane: Lane,
    ) -> Result<(), Failure>;
    /// Pins a message.
    async fn pin(&self, channel: ChannelId, message: MessageId) -> Result<(), Failure>;
    /// Puts our mark under a message, or takes it away.
    async fn mark(
        &self,
        channel: ChannelId,
        message: MessageId,
        present: bool,
    ) -> Result<(), Failure>;
    /// The conversation with a person.
    async fn direct_channel(&self, person: PersonId) -> Result<ChannelId, Failure>;
    /// Posts a message in a place, which is created if it is absent. Says where it stands.
    async fn post_in(
        &self,
        place: Place,
        card: &crate::card::Card,
        once: &EffectId,
        lane: Lane,
    ) -> Result<(ChannelId, MessageId), Failure>;
    /// A message people wrote; `None` when it is gone or not a person's.
    async fn message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Option<crate::timeline::MessageHeard>, Failure>;
    /// Messages people wrote after one, oldest first, a page at a time, and whether there may be more. The last element
    /// is the id to go on from.
    async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
    ) -> Result<(Vec<crate::timeline::MessageHeard>, Option<MessageId>, bool), Failure>;
    /// Lets a person see a channel that is not for everybody, and write in it.
    async fn admit(&self, channel: ChannelId, person: PersonId) -> Result<(), Failure>;
    /// Makes a channel read-only for everybody but the bot.
    async fn lock(&self, channel: ChannelId) -> Result<(), Failure>;
}

/// An update on its way to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Stable over retries, so that a receiver can tell a repeat.
    pub id: String,
    /// The incident.
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Severity,
    /// The status in an audience's words.
    pub status: &'static str,
    /// The text, Markdown as Discord reads it.
    pub text: String,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// When the next one is promised.
    pub next_due: Option<DateTime<Utc>>,
}

/// A way to reach stakeholders.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// The configured name.
    fn name(&self) -> &str;
    /// Delivers a notice: at least once, with a stable id.
    async fn notify(&self, notice: &Notice) -> Result<(), Failure>;
}

/// A way to wake people that is not Discord.
#[async_trait]
pub trait Pager: Send + Sync {
    /// Calls a person for an incident. The id is stable over retries.
    async fn page(
        &self,
        id: &str,
        incident: &Incident,
        person: PersonId,
        name: &str,
    ) -> Result<(), Failure>;
}
