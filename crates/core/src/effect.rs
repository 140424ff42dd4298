//! What must be done outside: imperative, stored with the events that caused it, carried out at least once.
//!
//! An effect states a goal, not a message: "the board shows the incident as it is". Carried out twice or late, it still
//! comes out right. What must be said exactly once carries its own id, from which the nonce and every marker are made.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::card::Card;
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId, Seq};
use crate::person::PersonId;
use crate::role::Role;
use crate::timeline::Kind;

/// An effect with everything the queue needs to know about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEffect {
    /// Deterministic, so that storing it twice stores it once: `inc-42/7/say.0`.
    pub id: EffectId,
    /// The incident it belongs to, if it belongs to one.
    pub incident: Option<IncidentId>,
    /// Effects of one stream are carried out in the order they were stored.
    pub stream: String,
    /// How urgent it is.
    pub lane: Lane,
    /// While an older effect with the same key has not been begun, the newer replaces it.
    pub coalesce_key: Option<String>,
    /// Not before this time.
    pub not_before: Option<DateTime<Utc>>,
    /// What to do.
    pub effect: Effect,
}

/// The name of an effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectId(pub String);

impl EffectId {
    /// An effect that follows from an event.
    #[must_use]
    pub fn of(incident: IncidentId, seq: Seq, what: &str) -> Self {
        Self(format!("inc-{}/{}/{what}", incident.0, seq.0))
    }
}

/// How urgent an effect is. A lane never starves: each gets a share of Discord's budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// An incident's channel, a page, an acknowledgement.
    Opening,
    /// What somebody waits for.
    Interactive,
    /// Boards and mirrors of state.
    Mirror,
    /// Everything that can wait.
    Background,
}

impl Lane {
    /// Most urgent first.
    pub const ALL: [Self; 4] = [
        Self::Opening,
        Self::Interactive,
        Self::Mirror,
        Self::Background,
    ];

    /// The number stored in the row; smaller is more urgent.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Opening => 0,
            Self::Interactive => 1,
            Self::Mirror => 2,
            Self::Background => 3,
        }
    }

    /// The word for people and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Interactive => "interactive",
            Self::Mirror => "mirror",
            Self::Background => "background",
        }
    }
}

/// What to do outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Effect {
    /// The incident has a channel.
    OpenChannel,
    /// The person sees the channel of a restricted incident.
    Admit {
        /// Whom.
        person: PersonId,
    },
    /// There is a voice channel to join.
    OpenCall,
    /// The voice channel of an incident that is over is gone.
    EndCall {
        /// Which.
        channel: ChannelId,
    },
    /// Exactly those see the channel who may: everybody, or the circle of a restricted incident.
    SyncAccess,
    /// The channel is called what the incident may be called.
    SyncChannelName,
    /// The other incident has taken over what its duplicate had.
    Absorb {
        /// The other.
        into: IncidentId,
    },
    /// The channel of a duplicate says where it goes on.
    Signpost {
        /// Where.
        into: IncidentId,
        /// Whether not everybody here may know.
        hidden: bool,
    },
    /// The other side of a tie shows it as it is.
    SyncLink {
        /// The other incident.
        other: IncidentId,
        /// Whether only how far this one is has changed: that makes no tie and takes none back.
        #[serde(default)]
        only_phase: bool,
    },
    /// Webhooks that waited for an answer are worked off once more.
    RouteAgain {
        /// Their receipts.
        receipts: Vec<String>,
    },
    /// The pinned board shows the incident as it is.
    SyncBoard,
    /// The board is pinned.
    PinBoard {
        /// The message.
        message: MessageId,
    },
    /// The next-step card shows the checklist as it is.
    SyncSteps,
    /// The digest line shows the incident as it is.
    SyncDigest,
    /// The channel has heard this once.
    Say {
        /// What.
        card: Card,
    },
    /// The person was written to, with a message that is edited in place as things change.
    SyncDirect {
        /// Whom.
        person: PersonId,
        /// What about.
        about: DirectTopic,
        /// Whether a phone rings for it once more: a new message takes the place of the one that is there, since an edit
        /// makes no sound.
        #[serde(default)]
        anew: bool,
    },
    /// The person has read this once.
    Tell {
        /// Whom.
        person: PersonId,
        /// What.
        card: Card,
    },
    /// The pager webhook was called.
    Page {
        /// For whom; `None` where nobody is on call by name, and the pager's own schedule decides whom it wakes.
        person: Option<PersonId>,
    },
    /// The target has this update.
    DeliverUpdate {
        /// Which update of the incident.
        number: u32,
        /// The target's configured name.
        target: String,
    },
    /// The message carries our reaction: its content is in the timeline.
    MarkStored {
        /// The channel.
        channel: ChannelId,
        /// The message.
        message: MessageId,
        /// Whether the mark is there; otherwise it is gone.
        present: bool,
    },
    /// The next of the files of a line that is still to be copied is copied, or the line says why it is not.
    CopyFile {
        /// The message that the line was taken from.
        message: MessageId,
        /// How many of its files were dealt with before.
        round: u32,
    },
    /// The message is gone, because what it said was redacted; where the bot may not delete it, the channel was told.
    DeleteMessage {
        /// The channel.
        channel: ChannelId,
        /// The message.
        message: MessageId,
        /// The line that was taken from it.
        number: EntryNumber,
    },
    /// Whoever wrote something that looks like a secret was asked, once, whether it is one.
    OfferRedaction {
        /// Who wrote it.
        person: PersonId,
        /// The message it was taken from, if it was.
        message: Option<MessageId>,
        /// When it was written down.
        recorded_at: DateTime<Utc>,
    },
    /// The channel was offered, once, the messages that look like facts.
    OfferFacts,
    /// The channel has heard, once, of a line that was noted late: nothing enters the past invisibly.
    SayLate {
        /// The message it was taken from, if it was.
        message: Option<MessageId>,
        /// When it was noted.
        recorded_at: DateTime<Utc>,
    },
    /// The incident knows what its lines say now of who is hurt, and of what it could be.
    NoteStatements,
    /// The incident knows of an action that somebody wrote down, so that its effect is asked about.
    NoteMitigation {
        /// The message the line was taken from, if it was.
        message: Option<MessageId>,
        /// When the line was noted.
        recorded_at: DateTime<Utc>,
    },
    /// The Documentation Lead was asked about a silence that has grown long, and it is looked again later.
    AskAboutGap {
        /// The beginning of the silence that was asked about last.
        asked: Option<DateTime<Utc>>,
        /// How often was looked before.
        round: u32,
    },
    /// The Documentation Lead was shown the messages of a minute that look like facts.
    HintAtFacts {
        /// From.
        from: DateTime<Utc>,
        /// Until before.
        to: DateTime<Utc>,
    },
    /// The timeline has a message that was offered and picked. It is read again, since unpicked ones are not kept.
    KeepFact {
        /// The message, in the incident's channel.
        message: MessageId,
        /// Who picked it.
        by: PersonId,
        /// What they say it is.
        #[serde(default = "a_note")]
        kind: Kind,
    },
    /// A postmortem draft of the incident as it is now is stored.
    DraftPostmortem,
    /// The channel has the postmortem as a file.
    PostPostmortem {
        /// Which version.
        version: u32,
        /// Whether it is the final one.
        last: bool,
    },
    /// The channel is read-only.
    LockChannel,
    /// The people who keep the bot running have read this in the digest channel, once.
    TellOperators {
        /// A sentence or two.
        text: String,
    },
    /// The digest channel has this once, and no phone rings.
    NoteInDigest {
        /// A sentence or two.
        text: String,
    },
    /// The digest channel offers to fire a test alert.
    Greet,
    /// The message with the way to everything that needs no incident stands in the digest channel.
    SyncFrontDesk,
}

/// What a message is that was picked before people could say what it is.
fn a_note() -> Kind {
    Kind::Note
}

/// What a direct message is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "topic")]
pub enum DirectTopic {
    /// "You are on call, and this fires."
    Page,
    /// "You are proposed as …".
    Proposal {
        /// Which role.
        role: Role,
    },
}

impl Effect {
    /// The stable name: metric label, row, log field.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OpenChannel => "open_channel",
            Self::Admit { .. } => "admit",
            Self::OpenCall => "open_call",
            Self::EndCall { .. } => "end_call",
            Self::SyncAccess => "sync_access",
            Self::SyncChannelName => "sync_channel_name",
            Self::Absorb { .. } => "absorb",
            Self::Signpost { .. } => "signpost",
            Self::SyncLink { .. } => "sync_link",
            Self::RouteAgain { .. } => "route_again",
            Self::SyncBoard => "sync_board",
            Self::PinBoard { .. } => "pin_board",
            Self::SyncSteps => "sync_steps",
            Self::SyncDigest => "sync_digest",
            Self::Say { .. } => "say",
            Self::SyncDirect { .. } => "sync_direct",
            Self::Tell { .. } => "tell",
            Self::Page { .. } => "page",
            Self::DeliverUpdate { .. } => "deliver_update",
            Self::MarkStored { .. } => "mark_stored",
            Self::CopyFile { .. } => "copy_file",
            Self::DeleteMessage { .. } => "delete_message",
            Self::OfferRedaction { .. } => "offer_redaction",
            Self::OfferFacts => "offer_facts",
            Self::SayLate { .. } => "say_late",
            Self::NoteStatements => "note_statements",
            Self::NoteMitigation { .. } => "note_mitigation",
            Self::AskAboutGap { .. } => "ask_about_gap",
            Self::HintAtFacts { .. } => "hint_at_facts",
            Self::KeepFact { .. } => "keep_fact",
            Self::DraftPostmortem => "draft_postmortem",
            Self::PostPostmortem { .. } => "post_postmortem",
            Self::LockChannel => "lock_channel",
            Self::TellOperators { .. } => "tell_operators",
            Self::NoteInDigest { .. } => "note_in_digest",
            Self::Greet => "greet",
            Self::SyncFrontDesk => "sync_front_desk",
        }
    }
}
