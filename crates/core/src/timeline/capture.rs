//! From what people do with messages to lines of the timeline.
//!
//! Pure: the entry as it is, plus a signal, gives what to write. Signals come in no order and more than once; a signal
//! that says nothing new writes nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::when::{Said, said_alone, said_at};
use super::{
    Entry, EntryState, Importance, Kind, Mark, MarkedBy, Precision, Revision, Source, Who,
    emoji_kind, prefixed,
};
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
    /// What it says, mentions already turned into names.
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

fn with_attachments(text: &str, heard: &MessageHeard) -> String {
    let mut text = text.trim().to_owned();
    for attachment in &heard.attachments {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("[attached: {attachment}]"));
    }
    text
}

/// A message: stored if its author marked it, or if the team keeps everything.
fn written(known: Option<&StoredEntry>, heard: &MessageHeard, room: &Room) -> Captured {
    if known.is_some() {
        return Captured::Nothing;
    }
    let written_at = heard.message.written_at();
    let then = Room {
        now: written_at,
        ..room.clone()
    };
    let (said, rest) = match said_at(&heard.text, room.zone, written_at) {
        Ok(read) => read,
        // A broken time is worth a word only when the person meant the timeline.
        Err(problem) => {
            let after_time = heard
                .text
                .trim_start()
                .split_once(char::is_whitespace)
                .map_or("", |(_, rest)| rest);
            return if prefixed(after_time).is_some() {
                Captured::Refused(problem.to_string())
            } else {
                everything(heard, &then, room)
            };
        }
    };
    let Some(found) = prefixed(rest) else {
        return everything(heard, &then, room);
    };
    let mut entry = new_entry(
        found.kind,
        &with_attachments(found.text, heard),
        heard.author,
        Source::Message,
        &then,
    );
    // The author wrote it down then, however long the bot took to hear of it.
    entry.recorded_at = written_at;
    if let Some(said) = said {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    entry.message = Some((heard.channel, heard.message));
    entry.marks = vec![Mark {
        by: heard.author,
        kind: found.kind,
        with: MarkedBy::Prefix,
        at: written_at,
    }];
    Captured::add(entry)
}

/// An unmarked message: not stored, unless the team keeps everything.
fn everything(heard: &MessageHeard, then: &Room, room: &Room) -> Captured {
    let text = with_attachments(&heard.text, heard);
    if !room.keep_everything || text.is_empty() {
        return Captured::Nothing;
    }
    let mut entry = new_entry(Kind::Chat, &text, heard.author, Source::Message, then);
    entry.message = Some((heard.channel, heard.message));
    entry.marks = vec![Mark {
        by: heard.author,
        kind: Kind::Chat,
        with: MarkedBy::Everything,
        at: then.now,
    }];
    Captured::add(entry)
}

fn edited(known: Option<&StoredEntry>, heard: &MessageHeard, room: &Room) -> Captured {
    let Some(stored) = known else {
        // An edit can add the prefix that was forgotten.
        return written(None, heard, room);
    };
    let written_at = heard.message.written_at();
    let (said, rest) = said_at(&heard.text, room.zone, written_at).unwrap_or((None, &heard.text));
    let found = prefixed(rest);
    let kind = match (
        &found,
        stored
            .entry
            .marks
            .iter()
            .any(|mark| mark.with == MarkedBy::Prefix),
    ) {
        (Some(found), true) => found.kind,
        _ => stored.entry.kind,
    };
    let text = cut(
        &with_attachments(found.map_or(rest, |found| found.text), heard),
        MAX_ENTRY_CHARACTERS,
    );
    if text.is_empty() || (text == stored.entry.text && kind == stored.entry.kind) {
        return Captured::Nothing;
    }
    let mut entry = stored.entry.clone();
    entry.revisions.push(Revision {
        text: std::mem::replace(&mut entry.text, text),
        kind: std::mem::replace(&mut entry.kind, kind),
        event_at: entry.event_at,
        changed_at: room.now,
        changed_by: Who::Person {
            id: heard.author,
            roles: room.roles.clone(),
        },
    });
    entry.importance = kind.default_importance();
    if let Some(said) = said {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    Captured::rewrite(stored, entry, None)
}

/// Somebody marked a message, whoever wrote it. The kind chosen last counts; everybody who marked it is kept.
fn marked(
    known: Option<&StoredEntry>,
    heard: &MessageHeard,
    mark: Mark,
    text: Option<&str>,
    said: Option<Said>,
    room: &Room,
) -> Captured {
    if let Some(stored) = known {
        let mut entry = stored.entry.clone();
        if entry
            .marks
            .iter()
            .any(|old| old.by == mark.by && old.with == mark.with && old.kind == mark.kind)
            && entry.is_active()
        {
            return Captured::Nothing;
        }
        entry
            .marks
            .retain(|old| !(old.by == mark.by && old.with == mark.with));
        entry.kind = mark.kind;
        entry.importance = mark.kind.default_importance();
        entry.marks.push(mark);
        entry.state = EntryState::Active;
        return Captured::rewrite(stored, entry, Some(true));
    }
    let source = match mark.with {
        MarkedBy::Reaction(_) => Source::Reaction,
        MarkedBy::Pin => Source::Pin,
        MarkedBy::Menu | MarkedBy::Offer | MarkedBy::Prefix | MarkedBy::Everything => Source::Menu,
    };
    let body = prefixed(&heard.text).map_or(heard.text.as_str(), |found| found.text);
    let full = with_attachments(text.unwrap_or(body), heard);
    if full.is_empty() {
        return Captured::Refused("The message has no text that could be stored.".to_owned());
    }
    let mut entry = new_entry(mark.kind, &full, heard.author, source, room);
    entry.event_at = heard.message.written_at().min(room.now);
    if let Some(said) = said {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    entry.message = Some((heard.channel, heard.message));
    let from_the_channel = !matches!(mark.with, MarkedBy::Offer);
    entry.marks = vec![mark];
    match Captured::add(entry) {
        // A mark on a message that everybody has just read is no news from the past.
        Captured::Write {
            write,
            marked,
            announce_late: _,
        } => Captured::Write {
            write,
            marked: marked.map(|_| from_the_channel),
            announce_late: false,
        },
        other => other,
    }
}

fn unmarked(
    known: Option<&StoredEntry>,
    removed: impl Fn(&Mark) -> bool,
    reason: &str,
    room: &Room,
) -> Captured {
    let Some(stored) = known else {
        return Captured::Nothing;
    };
    let mut entry = stored.entry.clone();
    let before = entry.marks.len();
    entry.marks.retain(|mark| !removed(mark));
    if entry.marks.len() == before {
        return Captured::Nothing;
    }
    match entry.marks.last() {
        Some(newest) => {
            entry.kind = newest.kind;
            entry.importance = newest.kind.default_importance();
            Captured::rewrite(stored, entry, None)
        }
        None => {
            entry.state = EntryState::Retracted {
                at: room.now,
                reason: reason.to_owned(),
            };
            Captured::rewrite(stored, entry, Some(false))
        }
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

/// Words by which people state facts without marking them.
const FACT_WORDS: [&str; 16] = [
    "rolling back",
    "rolled back",
    "restarted",
    "restarting",
    "confirmed",
    "looks like",
    "deployed",
    "switched",
    "disabled",
    "enabled",
    "turned off",
    "failed over",
    "fixed",
    "recovered",
    "back to normal",
    "caused by",
];

/// Whether an unmarked message looks like a fact: worth offering once when the incident ends.
#[must_use]
pub fn looks_like_a_fact(text: &str) -> bool {
    let lower = text.to_lowercase();
    let says_what_happened = FACT_WORDS.iter().any(|words| lower.contains(words));
    let measures = lower
        .split(|character: char| character.is_whitespace() || character == ',')
        .any(|word| {
            word.starts_with(|character: char| character.is_ascii_digit())
                && (word.ends_with('%')
                    || word.ends_with("ms")
                    || word.contains('/')
                    || word.contains("xx"))
        })
        || lower.contains(" %");
    !lower.trim_end().ends_with('?') && (says_what_happened || measures)
}
