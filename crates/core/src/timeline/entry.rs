//! One line of the timeline, with everything needed to know who said it, when it happened and what became of it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::AttachedFile;
use crate::ids::{ChannelId, EntryNumber, MessageId};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `T-n`, assigned by the store when the entry is added; `None` until then.
    pub number: Option<EntryNumber>,
    /// What sort of fact it is.
    pub kind: Kind,
    /// When it happened.
    pub event_at: DateTime<Utc>,
    /// How exactly `event_at` is known.
    pub precision: Precision,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// Who did or saw it.
    pub who: Who,
    /// Plain text of at most 1,000 characters; mentions are stored as names, never as pings.
    pub text: String,
    /// How it came in.
    pub source: Source,
    /// How much a hurried reader needs it.
    pub importance: Importance,
    /// Who reads it.
    #[serde(default, skip_serializing_if = "Audience::is_everybody")]
    pub audience: Audience,
    /// The message it was taken from.
    pub message: Option<(ChannelId, MessageId)>,
    /// The files of that message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<AttachedFile>,
    /// Who marked the message, and how. Empty for entries that no message carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// What stood against what, for a decision of which somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// What it said before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
    /// Whether it stands.
    pub state: EntryState,
    /// When its source message was deleted, if it was; the entry stays.
    pub source_deleted_at: Option<DateTime<Utc>>,
}

/// What stands on boards and in briefings in the place of words that were taken out.
const TAKEN_OUT: &str = "[redacted]";

/// A redacted text with a short sign in the place of each `[redacted: credential, by Kim 04:10 UTC]`. `None` when nothing
/// else is left.
fn without_what_stands_instead(text: &str) -> Option<String> {
    let (mut rest, mut left, mut says) = (text, String::new(), false);
    while let Some(begin) = rest.find("[redacted: ") {
        let end = rest[begin..].find(']').map(|length| begin + length + 1)?;
        says |= rest[..begin].chars().any(char::is_alphanumeric);
        left.push_str(&rest[..begin]);
        left.push_str(TAKEN_OUT);
        rest = &rest[end..];
    }
    says |= rest.chars().any(char::is_alphanumeric);
    left.push_str(rest);
    says.then_some(left)
}

impl Entry {
    /// Whether it was written down late enough, more than `late_after` after it happened, to show both times.
    #[must_use]
    pub fn is_late(&self, late_after: TimeDelta) -> bool {
        self.recorded_at - self.event_at > late_after
    }

    /// Whether it counts: neither retracted nor merged into another.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == EntryState::Active || self.is_redacted()
    }

    /// Whether something was taken out of it. It still counts, and says so; nothing puts words back into it.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        matches!(self.state, EntryState::Redacted { .. })
    }

    /// What it says, as far as that may be repeated: of a line that something was taken out of, what is left, with a sign in
    /// the place of the rest. `None` where nothing is left, or nothing was said.
    #[must_use]
    pub fn what_is_left(&self) -> Option<Cow<'_, str>> {
        let text = self.text.trim();
        let left = if self.is_redacted() {
            Cow::Owned(without_what_stands_instead(text)?)
        } else {
            Cow::Borrowed(text)
        };
        (!left.is_empty()).then_some(left)
    }

    /// Whether everybody may read it who sees the incident. What is not goes into nothing that leaves the responders:
    /// boards, word to stakeholders, the postmortem, an export.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        self.audience.is_everybody()
    }

    /// The order of the timeline: when it happened, then when it was written, then its number.
    #[must_use]
    pub fn order(&self) -> (DateTime<Utc>, DateTime<Utc>, Option<EntryNumber>) {
        (self.event_at, self.recorded_at, self.number)
    }
}

/// What sort of fact an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An alert fired, cleared or changed.
    Alert,
    /// The phase changed.
    Phase,
    /// The severity changed.
    Severity,
    /// A milestone was reached or corrected.
    Milestone,
    /// A role was proposed, accepted, declined or released.
    Role,
    /// Command or a role changed hands.
    Handover,
    /// Word went out to the stakeholders.
    Update,
    /// There was another option.
    Decision,
    /// The system is different afterwards.
    Action,
    /// One could have photographed it.
    Observation,
    /// A guess about the cause.
    Hypothesis,
    /// What users feel.
    Impact,
    /// Somebody asks.
    Question,
    /// Somebody answers.
    Answer,
    /// Something to do later.
    Todo,
    /// A runbook step was ticked, skipped or claimed.
    Checklist,
    /// Somebody was called.
    Page,
    /// Somebody was reminded.
    Nudge,
    /// Somebody answered a call.
    Ack,
    /// Something that others can look at: a picture, a log, a link.
    Evidence,
    /// Anything else worth keeping.
    Note,
    /// A chat line kept because the team keeps everything.
    Chat,
}

impl Kind {
    /// The stable id used in rows, forms and exports.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Phase => "phase",
            Self::Severity => "severity",
            Self::Milestone => "milestone",
            Self::Role => "role",
            Self::Handover => "handover",
            Self::Update => "update",
            Self::Decision => "decision",
            Self::Action => "action",
            Self::Observation => "observation",
            Self::Hypothesis => "hypothesis",
            Self::Impact => "impact",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::Todo => "todo",
            Self::Checklist => "checklist",
            Self::Page => "page",
            Self::Nudge => "nudge",
            Self::Ack => "ack",
            Self::Evidence => "evidence",
            Self::Note => "note",
            Self::Chat => "chat",
        }
    }

    /// How important an entry of this kind is unless something says otherwise.
    #[must_use]
    pub fn default_importance(self) -> Importance {
        match self {
            Self::Phase
            | Self::Severity
            | Self::Milestone
            | Self::Update
            | Self::Decision
            | Self::Impact
            | Self::Ack => Importance::Key,
            Self::Role
            | Self::Handover
            | Self::Action
            | Self::Observation
            | Self::Hypothesis
            | Self::Todo
            | Self::Evidence
            | Self::Note => Importance::Normal,
            Self::Alert
            | Self::Question
            | Self::Answer
            | Self::Checklist
            | Self::Page
            | Self::Nudge
            | Self::Chat => Importance::Detail,
        }
    }

    /// The same for what is written while the incident is in a phase: what is done to end it or to mend it is what people
    /// look for afterwards.
    #[must_use]
    pub fn importance_in(self, phase: Phase) -> Importance {
        match (self, phase) {
            (Self::Action, Phase::Mitigation | Phase::Fix) => Importance::Key,
            _ => self.default_importance(),
        }
    }

    /// The kinds a person can give to what they write, in the order a form offers them.
    pub const WRITTEN: [Self; 10] = [
        Self::Observation,
        Self::Action,
        Self::Decision,
        Self::Hypothesis,
        Self::Impact,
        Self::Todo,
        Self::Question,
        Self::Answer,
        Self::Evidence,
        Self::Note,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

/// How exactly a time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second.
    Exact,
    /// To the minute: a person wrote `@02:47`.
    Minute,
    /// An estimate.
    Approximate,
}

/// How much a hurried reader needs an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    /// In the key view.
    Key,
    /// In the full view.
    Normal,
    /// Folded away unless asked for.
    Detail,
}

impl Importance {
    /// Every importance, the most important first.
    pub const ALL: [Self; 3] = [Self::Key, Self::Normal, Self::Detail];

    /// The stable id, which is also the word people read.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Normal => "normal",
            Self::Detail => "detail",
        }
    }
}

/// Who reads an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody who sees the incident.
    #[default]
    Everybody,
    /// Those who may act in it.
    RespondersOnly,
}

impl Audience {
    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::RespondersOnly => "responders",
        }
    }

    fn is_everybody(&self) -> bool {
        *self == Self::Everybody
    }
}

/// Who did or saw something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum Who {
    /// A person, with the roles they held at that moment.
    Person {
        /// Their Discord id.
        id: PersonId,
        /// The roles they held then.
        roles: BTreeSet<Role>,
    },
    /// Monitoring.
    Alert,
    /// The bot by itself.
    Bot,
}

/// How an entry came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A button was pressed.
    Button,
    /// A slash command.
    Command,
    /// A message with a prefix.
    Message,
    /// A reaction on a message.
    Reaction,
    /// A pinned message.
    Pin,
    /// The menu on a message.
    Menu,
    /// An alert.
    Alert,
    /// A stakeholder update.
    Update,
    /// A runbook step.
    Checklist,
    /// A clock ran out.
    Timer,
    /// It was brought in afterwards, with others, from a log or from notes.
    Import,
}

/// One person's mark on a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Who marked it.
    pub by: PersonId,
    /// The kind they gave it.
    pub kind: Kind,
    /// How.
    pub with: MarkedBy,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a message was marked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkedBy {
    /// The author wrote a prefix such as `obs:`.
    Prefix,
    /// Somebody reacted with this emoji.
    Reaction(String),
    /// Somebody pinned it.
    Pin,
    /// Somebody chose "Add to timeline…" from the message's menu.
    Menu,
    /// The team keeps every message.
    Everything,
    /// Somebody picked it from the list offered when the incident was resolved.
    Offer,
}

/// What a decision was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What else could have been done; empty if nobody said.
    pub options: String,
    /// Why this; empty if nobody said.
    pub reason: String,
    /// Who decided, in the words of whoever wrote it; empty for the author.
    pub decided_by: String,
}

impl Choice {
    /// In words, behind the decision; `None` if nothing was said.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let parts: Vec<String> = [
            ("because", &self.reason),
            ("instead of", &self.options),
            ("decided by", &self.decided_by),
        ]
        .into_iter()
        .filter(|(_, said)| !said.trim().is_empty())
        .map(|(what, said)| format!("{what} {}", said.trim()))
        .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// What an entry said before it was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The text before.
    pub text: String,
    /// The kind before.
    pub kind: Kind,
    /// The time before.
    pub event_at: DateTime<Utc>,
    /// The importance before, if that was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// When it was changed.
    pub changed_at: DateTime<Utc>,
    /// Who changed it.
    pub changed_by: Who,
    /// Why, if they said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Whether an entry stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum EntryState {
    /// It stands.
    Active,
    /// Something was taken out of it.
    Redacted {
        /// When.
        at: DateTime<Utc>,
        /// Who took it out.
        by: PersonId,
        /// Whether what was taken out is sealed until somebody who may decides about it; otherwise it is destroyed.
        sealed: bool,
    },
    /// It was taken back; it can be restored.
    Retracted {
        /// When.
        at: DateTime<Utc>,
        /// Why, as a sentence.
        reason: String,
    },
    /// Another entry says the same already.
    Merged {
        /// The entry that stands.
        into: EntryNumber,
        /// When this was noticed.
        at: DateTime<Utc>,
    },
}
