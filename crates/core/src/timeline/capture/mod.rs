//! From what people do with messages to lines of the timeline.
//!
//! Pure: the entry as it is, plus a signal, gives what to write. Signals come in no order and more than once; a signal
//! that says nothing new writes nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

mod facts;
mod message;
#[cfg(test)]
mod tests;

use super::when::{said_alone, said_at};
use super::{
    Entry, EntryState, Importance, Kind, Mark, MarkedBy, Precision, Source, Who, emoji_kind,
    prefixed,
};
pub use facts::looks_like_a_fact;
use message::{edited, marked, unmarked, written};

use crate::ids::{ChannelId, MessageId};
use crate::incident::cut;
use crate::person::PersonId;
use crate::ports::{EntryWrite, StoredEntry};
use crate::role::Role;

/// The longest text of an entry, in characters.
pub const MAX_ENTRY_CHARACTERS: usize = 1_000;

/// A message as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageHeard {
    /// Where.
    pub channel: ChannelId,
    /// Which.
    pub message: MessageId,
    /// Who wrote it.
    pub author: PersonId,
    /// What it says, as it was written: mentions stay the signs they are (`<@17…>`). Discord shows them as names wherever
    /// the text is shown there, and the postmortem writes them as roles.
    pub text: String,
    /// Names and addresses of its attachments.
    pub attachments: Vec<String>,
}

/// Something people did that may concern the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A message was written, or found by the back-fill.
    Message(MessageHeard),
    /// A message was edited.
    Edited(MessageHeard),
    /// A message was deleted.
    Deleted {
        /// Which.
        message: MessageId,
    },
    /// Somebody reacted.
    Reacted {
        /// The message.
        message: MessageHeard,
        /// Who.
        by: PersonId,
        /// With what.
        emoji: String,
    },
    /// Somebody took a reaction back.
    Unreacted {
        /// The message.
        message: MessageId,
        /// Who.
        by: PersonId,
        /// Which.
        emoji: String,
    },
    /// Somebody pinned a message.
    Pinned {
        /// The message.
        message: MessageHeard,
        /// Who.
        by: PersonId,
    },
    /// A message is no longer pinned.
    Unpinned {
        /// Which.
        message: MessageId,
    },
    /// Somebody chose "Add to timeline…" on a message, or picked it from the offer.
    Chosen {
        /// The message.
        message: MessageHeard,
        /// Who.
        by: PersonId,
        /// The kind they gave it.
        kind: Kind,
        /// The text, if they changed it.
        text: Option<String>,
        /// The time, if they typed one.
        at: Option<String>,
        /// By which way.
        with: MarkedBy,
    },
    /// Somebody typed an entry.
    Typed {
        /// Who.
        by: PersonId,
        /// The kind; read from a prefix if none is given.
        kind: Option<Kind>,
        /// The text; may start with a time.
        text: String,
        /// The time, if typed separately.
        at: Option<String>,
    },
    /// Somebody takes an entry back.
    Retracted {
        /// The entry.
        number: crate::ids::EntryNumber,
        /// Who.
        by: PersonId,
    },
    /// Somebody puts an entry back.
    Restored {
        /// The entry.
        number: crate::ids::EntryNumber,
        /// Who.
        by: PersonId,
    },
}

/// What capturing needs to know beside the signal.
#[derive(Clone, Debug)]
pub struct Room {
    /// Now.
    pub now: DateTime<Utc>,
    /// The zone people think in.
    pub zone: Tz,
    /// Whether every message is kept.
    pub keep_everything: bool,
    /// The roles the actor holds.
    pub roles: BTreeSet<Role>,
}

/// What a signal comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Captured {
    /// Nothing new.
    Nothing,
    /// This is to be written.
    Write {
        /// The line.
        write: Box<EntryWrite>,
        /// Whether the message carries our mark afterwards; `None` leaves it as it is.
        marked: Option<bool>,
        /// Whether the channel is told, because the line is about the past.
        announce_late: bool,
    },
    /// It cannot be stored; the sentence is for the person.
    Refused(String),
}

impl Captured {
    fn rewrite(stored: &StoredEntry, entry: Entry, marked: Option<bool>) -> Self {
        if entry == stored.entry {
            return Self::Nothing;
        }
        Self::Write {
            write: Box::new(EntryWrite::Rewrite {
                entry,
                revision: stored.revision,
            }),
            marked,
            announce_late: false,
        }
    }

    fn add(entry: Entry) -> Self {
        let announce_late = entry.is_late() && entry.importance != Importance::Detail;
        let marked = entry.message.is_some().then_some(entry.kind != Kind::Chat);
        Self::Write {
            write: Box::new(EntryWrite::Add(entry)),
            marked,
            announce_late,
        }
    }
}

/// What a signal comes to. `known` is the entry that its message, or its number, already has.
#[must_use]
pub fn capture(known: Option<&StoredEntry>, signal: &Signal, room: &Room) -> Captured {
    match signal {
        Signal::Message(heard) => written(known, heard, room),
        Signal::Edited(heard) => edited(known, heard, room),
        Signal::Deleted { .. } => known.map_or(Captured::Nothing, |stored| {
            let mut entry = stored.entry.clone();
            entry.source_deleted_at.get_or_insert(room.now);
            Captured::rewrite(stored, entry, None)
        }),
        Signal::Reacted { message, by, emoji } => match emoji_kind(emoji) {
            Some(kind) => {
                let mark = Mark {
                    by: *by,
                    kind,
                    with: MarkedBy::Reaction(plain(emoji)),
                    at: room.now,
                };
                marked(known, message, mark, None, None, room)
            }
            None => Captured::Nothing,
        },
        Signal::Unreacted { by, emoji, .. } => {
            let with = MarkedBy::Reaction(plain(emoji));
            unmarked(
                known,
                |mark| mark.by == *by && mark.with == with,
                "the reaction was removed",
                room,
            )
        }
        Signal::Pinned { message, by } => {
            let mark = Mark {
                by: *by,
                kind: Kind::Note,
                with: MarkedBy::Pin,
                at: room.now,
            };
            marked(known, message, mark, None, None, room)
        }
        Signal::Unpinned { .. } => unmarked(
            known,
            |mark| mark.with == MarkedBy::Pin,
            "the message was unpinned",
            room,
        ),
        Signal::Chosen {
            message,
            by,
            kind,
            text,
            at,
            with,
        } => {
            let said = match at
                .as_deref()
                .map(str::trim)
                .filter(|at| !at.is_empty() && *at != "now")
            {
                Some(at) => match said_alone(at, room.zone, room.now) {
                    Ok(said) => Some(said),
                    Err(problem) => return Captured::Refused(problem.to_string()),
                },
                None => None,
            };
            let mark = Mark {
                by: *by,
                kind: *kind,
                with: with.clone(),
                at: room.now,
            };
            marked(known, message, mark, text.as_deref(), said, room)
        }
        Signal::Typed { by, kind, text, at } => typed(*by, *kind, text, at.as_deref(), room),
        Signal::Retracted { by, .. } => known.map_or(Captured::Nothing, |stored| {
            let mut entry = stored.entry.clone();
            if entry.is_active() {
                entry.state = EntryState::Retracted {
                    at: room.now,
                    reason: format!("taken back by {by}"),
                };
            }
            Captured::rewrite(stored, entry, None)
        }),
        Signal::Restored { .. } => known.map_or(Captured::Nothing, |stored| {
            let mut entry = stored.entry.clone();
            entry.state = EntryState::Active;
            Captured::rewrite(stored, entry, None)
        }),
    }
}

fn plain(emoji: &str) -> String {
    emoji.trim_end_matches('\u{fe0f}').to_owned()
}

fn new_entry(kind: Kind, text: &str, by: PersonId, source: Source, room: &Room) -> Entry {
    Entry {
        number: None,
        kind,
        event_at: room.now,
        precision: Precision::Exact,
        recorded_at: room.now,
        who: Who::Person {
            id: by,
            roles: room.roles.clone(),
        },
        text: cut(text.trim(), MAX_ENTRY_CHARACTERS),
        source,
        importance: kind.default_importance(),
        message: None,
        marks: Vec::new(),
        revisions: Vec::new(),
        state: EntryState::Active,
        source_deleted_at: None,
    }
}

fn typed(by: PersonId, kind: Option<Kind>, text: &str, at: Option<&str>, room: &Room) -> Captured {
    let separate = match at
        .map(str::trim)
        .filter(|at| !at.is_empty() && *at != "now")
    {
        Some(at) => match said_alone(at, room.zone, room.now) {
            Ok(said) => Some(said),
            Err(problem) => return Captured::Refused(problem.to_string()),
        },
        None => None,
    };
    let (said, rest) = match said_at(text, room.zone, room.now) {
        Ok(read) => read,
        Err(problem) => return Captured::Refused(problem.to_string()),
    };
    let found = prefixed(rest);
    let kind = kind.or(found.map(|found| found.kind)).unwrap_or(Kind::Note);
    let text = found.map_or(rest, |found| found.text);
    if text.trim().is_empty() {
        return Captured::Refused("The entry is empty: write what happened.".to_owned());
    }
    let mut entry = new_entry(kind, text, by, Source::Command, room);
    if let Some(said) = separate.or(said) {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    Captured::add(entry)
}
