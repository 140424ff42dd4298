//! From what people do with messages to lines of the timeline.
//!
//! Pure: the entry as it is, plus a signal, gives what to write. Signals come in no order and more than once; a signal
//! that says nothing new writes nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

mod counts;
mod facts;
mod message;
#[cfg(test)]
mod tests;

use super::change::{EntryChange, Keeper, changed};
use super::when::{NotATime, Said, said_alone, said_at};
use super::{
    AttachedFile, Choice, Entry, EntryState, Importance, Kind, Mark, MarkedBy, Precision, Prefixes,
    Source, Who, emoji_kind,
};
pub use counts::markers;
pub use facts::looks_like_a_fact;
use message::{edited, marked, unmarked, written};

use crate::ids::{ChannelId, MessageId};
use crate::incident::{Incident, MilestoneName, Policy, cut};
use crate::person::PersonId;
use crate::phase::Phase;
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
    /// The files that hang on it.
    pub attachments: Vec<AttachedFile>,
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
        /// What a decision was made from, if they said so.
        choice: Option<Choice>,
    },
    /// Somebody changes an entry.
    Changed {
        /// The entry.
        number: crate::ids::EntryNumber,
        /// Who.
        by: PersonId,
        /// What is to be different.
        change: EntryChange,
        /// Why, if they say so.
        why: Option<String>,
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
    /// The words that mark.
    pub prefixes: Prefixes,
    /// Whether every message is kept.
    pub keep_everything: bool,
    /// The roles the actor holds.
    pub roles: BTreeSet<Role>,
    /// What people are doing.
    pub phase: Phase,
    /// When the organisation knew of it; entries may reach seven days further back.
    pub detected_at: Option<DateTime<Utc>>,
    /// Who may change what was noted.
    pub keeper: Keeper,
    /// Written down more than this after it happened, a line is late.
    pub late_after: TimeDelta,
    /// Who of those concerned only reads: no prefix, reaction or pin of theirs marks anything.
    pub readers: BTreeSet<PersonId>,
}

/// How far before an incident was detected its entries may reach without a second look.
const REACHES_BACK: TimeDelta = TimeDelta::days(7);

impl Room {
    /// A room in which nobody holds a role and everybody may change what was noted.
    #[must_use]
    pub fn plain(now: DateTime<Utc>, zone: Tz) -> Self {
        Self {
            now,
            zone,
            prefixes: Prefixes::default(),
            keep_everything: false,
            roles: BTreeSet::new(),
            phase: Phase::Open,
            detected_at: None,
            keeper: Keeper::Everybody,
            late_after: Policy::default().late_after,
            readers: BTreeSet::new(),
        }
    }

    /// The room of an incident, for somebody with these roles.
    #[must_use]
    pub fn of(incident: &Incident, now: DateTime<Utc>, zone: Tz) -> Self {
        Self {
            phase: incident.phase,
            detected_at: incident.milestones.at(MilestoneName::Detected),
            keeper: match incident.phase {
                Phase::Closed => Keeper::Owner(incident.postmortem.owner),
                _ => Keeper::Everybody,
            },
            ..Self::plain(now, zone)
        }
    }

    /// A time that lies far back is believed where the incident itself does.
    pub(super) fn believed(&self, problem: NotATime) -> Result<Said, NotATime> {
        match problem {
            NotATime::TooOld { said, .. }
                if self
                    .detected_at
                    .is_some_and(|detected| said.at >= detected - REACHES_BACK) =>
            {
                Ok(said)
            }
            problem => Err(problem),
        }
    }
}

/// A time as it was typed.
pub(super) enum Typed {
    /// Nothing was typed: now.
    Nothing,
    /// This.
    At(Said),
    /// Something that hardly anybody means. The entry gets the time at which it was written, and its author is asked.
    Doubted(Said),
}

impl Typed {
    fn read(read: Result<Option<Said>, NotATime>, room: &Room) -> Result<Self, NotATime> {
        let problem = match read {
            Ok(None) => return Ok(Self::Nothing),
            Ok(Some(said)) => return Ok(Self::At(said)),
            Err(problem) => problem,
        };
        match room.believed(problem) {
            Ok(said) => Ok(Self::At(said)),
            Err(NotATime::Future { said, .. } | NotATime::TooOld { said, .. }) => {
                Ok(Self::Doubted(said))
            }
            Err(problem) => Err(problem),
        }
    }

    fn alone(text: Option<&str>, room: &Room) -> Result<Self, NotATime> {
        let text = text
            .map(str::trim)
            .filter(|at| !at.is_empty() && *at != "now");
        let read = text.map(|at| said_alone(at, room.zone, room.now));
        Self::read(read.transpose(), room)
    }
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
        /// The time that was given and is hardly meant: in the future, or long before anybody knew. The line has the time
        /// at which it was written until somebody says that this one is right.
        doubted: Option<DateTime<Utc>>,
    },
    /// It cannot be stored; the sentence is for the person.
    Refused(String),
    /// It is a mark by somebody who only reads: nothing is written.
    NotTheirs,
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
            doubted: None,
        }
    }

    fn add(entry: Entry, room: &Room) -> Self {
        let announce_late = entry.is_late(room.late_after)
            && entry.importance != Importance::Detail
            && entry.is_for_everybody();
        let marked = entry.message.is_some().then_some(entry.kind != Kind::Chat);
        Self::Write {
            write: Box::new(EntryWrite::Add(entry)),
            marked,
            announce_late,
            doubted: None,
        }
    }

    /// The same, with a time that was given and is doubted.
    fn doubting(self, said: Option<DateTime<Utc>>) -> Self {
        match self {
            Self::Write {
                write,
                marked,
                announce_late,
                ..
            } => Self::Write {
                write,
                marked,
                announce_late,
                doubted: said,
            },
            other => other,
        }
    }
}

/// What a signal comes to. `known` is the entry that its message, or its number, already has.
#[must_use]
pub fn capture(known: Option<&StoredEntry>, signal: &Signal, room: &Room) -> Captured {
    // Whatever is said of a redacted line, by its message or by anybody: no word comes back.
    let redacted = known.is_some_and(|stored| stored.entry.is_redacted());
    if redacted && !matches!(signal, Signal::Deleted { .. }) {
        return Captured::Nothing;
    }
    if room.readers.is_empty() {
        judged(known, signal, room)
    } else {
        counts::judged_among_readers(known, signal, room)
    }
}

/// What a signal comes to, where marks of readers are no marks.
fn judged(known: Option<&StoredEntry>, signal: &Signal, room: &Room) -> Captured {
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
            let (said, doubted) = match Typed::alone(at.as_deref(), room) {
                Ok(Typed::Nothing) => (None, None),
                Ok(Typed::At(said)) => (Some(said), None),
                Ok(Typed::Doubted(said)) => (None, Some(said.at)),
                Err(problem) => return Captured::Refused(problem.to_string()),
            };
            let mark = Mark {
                by: *by,
                kind: *kind,
                with: with.clone(),
                at: room.now,
            };
            marked(known, message, mark, text.as_deref(), said, room).doubting(doubted)
        }
        Signal::Typed {
            by,
            kind,
            text,
            at,
            choice,
        } => typed(*by, *kind, text, at.as_deref(), choice.clone(), room),
        Signal::Changed {
            by, change, why, ..
        } => match known {
            Some(stored) => match changed(&stored.entry, *by, change, why.as_deref(), room) {
                Ok(entry) => Captured::rewrite(stored, entry, None),
                Err(why) => Captured::Refused(why),
            },
            None => Captured::Nothing,
        },
        Signal::Retracted { by, .. } => known.map_or(Captured::Nothing, |stored| {
            if let Err(why) = room.keeper.lets(*by) {
                return Captured::Refused(why);
            }
            let mut entry = stored.entry.clone();
            if entry.is_active() {
                entry.state = EntryState::Retracted {
                    at: room.now,
                    reason: format!("taken back by {by}"),
                };
            }
            Captured::rewrite(stored, entry, None)
        }),
        Signal::Restored { by, .. } => known.map_or(Captured::Nothing, |stored| {
            if let Err(why) = room.keeper.lets(*by) {
                return Captured::Refused(why);
            }
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
        importance: kind.importance_in(room.phase),
        message: None,
        files: Vec::new(),
        marks: Vec::new(),
        choice: None,
        revisions: Vec::new(),
        state: EntryState::Active,
        audience: Default::default(),
        source_deleted_at: None,
    }
}

fn typed(
    by: PersonId,
    kind: Option<Kind>,
    text: &str,
    at: Option<&str>,
    choice: Option<Choice>,
    room: &Room,
) -> Captured {
    let separate = match Typed::alone(at, room) {
        Ok(read) => read,
        Err(problem) => return Captured::Refused(problem.to_string()),
    };
    let (said, rest) = match said_at(text, room.zone, room.now) {
        Ok((said, rest)) => (Ok(said), rest),
        Err(problem) => (Err(problem), after_time(text)),
    };
    let in_front = match Typed::read(said, room) {
        Ok(read) => read,
        Err(problem) => return Captured::Refused(problem.to_string()),
    };
    let found = room.prefixes.read(rest);
    let kind = kind.or(found.map(|found| found.kind)).unwrap_or(Kind::Note);
    let text = found.map_or(rest, |found| found.text);
    if text.trim().is_empty() {
        return Captured::Refused("The entry is empty: write what happened.".to_owned());
    }
    let mut entry = new_entry(kind, text, by, Source::Command, room);
    entry.audience = found.map(|found| found.audience).unwrap_or_default();
    entry.choice = choice.filter(|choice| choice.words().is_some());
    let mut doubted = None;
    match (separate, in_front) {
        (Typed::At(said), _) | (Typed::Nothing, Typed::At(said)) => {
            entry.event_at = said.at;
            entry.precision = said.precision;
        }
        (Typed::Doubted(said), _) | (Typed::Nothing, Typed::Doubted(said)) => {
            doubted = Some(said.at);
        }
        (Typed::Nothing, Typed::Nothing) => {}
    }
    Captured::add(entry, room).doubting(doubted)
}

/// A text behind the time that stands in front of it.
pub(super) fn after_time(text: &str) -> &str {
    let words = |count: usize| {
        let mut rest = text.trim_start();
        for _ in 0..count {
            rest = rest
                .split_once(char::is_whitespace)
                .map_or("", |(_, rest)| rest.trim_start());
        }
        rest
    };
    // `yesterday 23:50` and `@2026-11-20 23:50` are two words.
    let first = text.split_whitespace().next().unwrap_or_default();
    let has_day = first.eq_ignore_ascii_case("yesterday") || first.matches('-').count() == 2;
    words(if has_day { 2 } else { 1 })
}
