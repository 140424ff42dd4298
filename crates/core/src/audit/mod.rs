//! The audit log: can the record be trusted?
//!
//! Each incident has a chain of rows: one for every event, one for every line of the timeline that was written or
//! changed. A row holds a salted digest of what was stored and the hash of the row before it, so whoever changes, adds,
//! removes or reorders something behind the bot's back breaks the chain, and [`verify`] names the place. A chain of its
//! own for each incident, since the commits of one incident wait for one another anyway, and those of two never do.
//!
//! A redaction is no break: it destroys the salt of what it takes out, so that the digest that stays tells nothing, and
//! adds a row of its own with the digest of what is left.

mod verify;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::ids::IncidentId;
use crate::incident::Actor;
use crate::timeline::Who;

pub use verify::{Begins, Break, Verdict, verify};

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// 1, 2, 3 within its incident.
    pub number: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Who: a person's id, `alerts` or `bot`.
    pub actor: String,
    /// What it records.
    pub what: What,
    /// Which event or line.
    pub subject: i64,
    /// The revision of the line; 0 for events.
    pub revision: i64,
    /// What keeps the digest from being guessed, in hex; `None` once a redaction has destroyed it.
    pub salt: Option<String>,
    /// The salted digest of what was stored, in hex.
    pub digest: String,
    /// The hash of the row before.
    pub previous: String,
    /// The hash of this row.
    pub hash: String,
}

/// What a row records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Something happened.
    Event,
    /// A line of the timeline was written or changed.
    Entry,
    /// Something was taken out of an event.
    EventRedacted,
    /// Something was taken out of a line.
    EntryRedacted,
    /// The chain begins with an incident that is older than the log: `subject` is its last event then, `revision` its
    /// last line.
    Began,
}

impl What {
    /// Every value.
    pub const ALL: [Self; 5] = [
        Self::Event,
        Self::Entry,
        Self::EventRedacted,
        Self::EntryRedacted,
        Self::Began,
    ];

    /// The stable name in rows.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Entry => "entry",
            Self::EventRedacted => "event-redacted",
            Self::EntryRedacted => "entry-redacted",
            Self::Began => "began",
        }
    }

    /// The value with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.id() == name)
    }

    /// Whether it is about a line of the timeline.
    #[must_use]
    pub fn is_of_a_line(self) -> bool {
        matches!(self, Self::Entry | Self::EntryRedacted)
    }

    /// Whether it is about an event.
    #[must_use]
    pub fn is_of_an_event(self) -> bool {
        matches!(self, Self::Event | Self::EventRedacted)
    }
}

/// An event as it is stored, before anything is read into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventText {
    /// Its position.
    pub seq: i64,
    /// When, in microseconds since 1970.
    pub at_us: i64,
    /// Who, as JSON.
    pub actor: String,
    /// What, as JSON.
    pub event: String,
}

impl EventText {
    /// The salted digest.
    #[must_use]
    pub fn digest(&self, salt: &str) -> String {
        digest(&[
            salt,
            "event",
            &self.seq.to_string(),
            &self.at_us.to_string(),
            &self.actor,
            &self.event,
        ])
    }
}

/// A line of the timeline as it is stored, before anything is read into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryText {
    /// `T-n`.
    pub number: i64,
    /// How often it was rewritten.
    pub revision: i64,
    /// The columns beside the JSON, in the order of the table, `-` where there is nothing.
    pub columns: String,
    /// The line as JSON.
    pub entry: String,
}

impl EntryText {
    /// The columns beside the JSON, as one text.
    #[must_use]
    pub fn columns_of(
        kind: &str,
        event_at_us: i64,
        recorded_at_us: i64,
        channel_id: Option<i64>,
        message_id: Option<i64>,
    ) -> String {
        let or_nothing = |id: Option<i64>| id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        format!(
            "{kind} {event_at_us} {recorded_at_us} {} {}",
            or_nothing(channel_id),
            or_nothing(message_id)
        )
    }

    /// The salted digest.
    #[must_use]
    pub fn digest(&self, salt: &str) -> String {
        digest(&[
            salt,
            "entry",
            &self.number.to_string(),
            &self.revision.to_string(),
            &self.columns,
            &self.entry,
        ])
    }
}

/// The end of a chain, kept beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many rows there are.
    pub count: i64,
    /// The hash of the newest.
    pub hash: String,
}

impl Head {
    /// The end of a chain without rows. Its hash names the incident, so that no chain passes for that of another.
    #[must_use]
    pub fn empty(incident: IncidentId) -> Self {
        Self {
            count: 0,
            hash: digest(&["the audit log of", &incident.0.to_string()]),
        }
    }
}

/// A row that is to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What it records.
    pub what: What,
    /// Which event or line.
    pub subject: i64,
    /// The revision of the line; 0 for events.
    pub revision: i64,
    /// The salt of the digest.
    pub salt: String,
    /// The digest.
    pub digest: String,
}

/// Adds rows to a chain that ends with `head`, and says where it ends afterwards.
#[must_use]
pub fn chained(head: &Head, new: Vec<NewRow>) -> (Vec<AuditRow>, Head) {
    let mut head = head.clone();
    let mut rows = Vec::with_capacity(new.len());
    for one in new {
        let mut row = AuditRow {
            number: head.count + 1,
            at: one.at,
            actor: one.actor,
            what: one.what,
            subject: one.subject,
            revision: one.revision,
            salt: Some(one.salt),
            digest: one.digest,
            previous: head.hash,
            hash: String::new(),
        };
        row.hash = hash_of(&row);
        head = Head {
            count: row.number,
            hash: row.hash.clone(),
        };
        rows.push(row);
    }
    (rows, head)
}

/// The hash of a row: of everything in it but the salt, which a redaction destroys.
fn hash_of(row: &AuditRow) -> String {
    digest(&[
        &row.previous,
        &row.number.to_string(),
        &row.at.timestamp_micros().to_string(),
        &row.actor,
        row.what.id(),
        &row.subject.to_string(),
        &row.revision.to_string(),
        &row.digest,
    ])
}

/// SHA-256 in hex. The lengths keep `a` + `bc` and `ab` + `c` apart.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
    text
}

/// Who did something, as a row names them.
#[must_use]
pub fn name_of(actor: &Actor) -> String {
    match actor {
        Actor::Person { id, .. } => id.0.to_string(),
        Actor::Alerts => "alerts".to_owned(),
        Actor::Bot => "bot".to_owned(),
    }
}

/// Who wrote a line, as a row names them.
#[must_use]
pub fn name_of_author(who: &Who) -> String {
    match who {
        Who::Person { id, .. } => id.0.to_string(),
        Who::Alert => "alerts".to_owned(),
        Who::Bot => "bot".to_owned(),
    }
}

/// Everything that is needed to check one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trail {
    /// Which.
    pub incident: IncidentId,
    /// Whether the incident itself is there.
    pub exists: bool,
    /// Whether the chain must begin with the incident; otherwise it may be older than the log.
    pub from_the_beginning: bool,
    /// The chain, by number.
    pub rows: Vec<AuditRow>,
    /// Where it is said to end.
    pub head: Option<Head>,
    /// The history as it is stored.
    pub events: Vec<EventText>,
    /// The timeline as it is stored.
    pub entries: Vec<EntryText>,
}
