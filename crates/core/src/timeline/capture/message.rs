//! Lines that are taken from messages: by their authors' prefixes and by everybody's marks.
//!
//! Whatever comes first, a prefix or a reaction, the line ends up the same: everybody's mark is kept in the order in which
//! it was made, and the newest mark gives the kind.

use chrono::{DateTime, Utc};

use super::{Captured, MAX_ENTRY_CHARACTERS, MessageHeard, Room, Typed, after_time, new_entry};
use crate::incident::cut;
use crate::phase::Phase;
use crate::ports::StoredEntry;
use crate::timeline::when::{NotATime, Said, said_at};
use crate::timeline::{Audience, Entry, EntryState, Kind, Mark, MarkedBy, Revision, Source, Who};

/// What a message says by itself.
struct Read {
    /// Its author's own mark: a prefix, or the team's wish to keep everything.
    mark: Option<Mark>,
    /// The time in front of it.
    said: Option<Said>,
    /// The time in front of it, if that is hardly meant.
    doubted: Option<DateTime<Utc>>,
    /// The words, without time and prefix.
    text: String,
    /// Who reads it.
    audience: Audience,
}

/// Reads a message.
///
/// # Errors
/// When it is meant for the timeline and its time is none. A broken time is worth a word only then.
fn read(heard: &MessageHeard, room: &Room) -> Result<Read, NotATime> {
    let written_at = heard.message.written_at();
    let (said, doubted, rest) = match said_at(&heard.text, room.zone, written_at) {
        Ok((said, rest)) => (said, None, rest),
        Err(problem) => {
            let behind = after_time(&heard.text);
            if room.prefixes.read(behind).is_none() {
                (None, None, heard.text.as_str())
            } else {
                match Typed::read(Err(problem), room)? {
                    Typed::Nothing => (None, None, behind),
                    Typed::At(said) => (Some(said), None, behind),
                    Typed::Doubted(said) => (None, Some(said.at), behind),
                }
            }
        }
    };
    let found = room.prefixes.read(rest);
    let text = with_attachments(found.map_or(rest, |found| found.text), heard);
    let mark = |kind, with| Mark {
        by: heard.author,
        kind,
        with,
        at: written_at,
    };
    let mark = match found {
        Some(found) if !room.readers.contains(&heard.author) => {
            Some(mark(found.kind, MarkedBy::Prefix))
        }
        _ if room.keep_everything && !text.is_empty() => {
            Some(mark(Kind::Chat, MarkedBy::Everything))
        }
        _ => None,
    };
    Ok(Read {
        mark,
        said,
        doubted,
        text,
        audience: found.map(|found| found.audience).unwrap_or_default(),
    })
}

fn with_attachments(text: &str, heard: &MessageHeard) -> String {
    let mut text = text.trim().to_owned();
    for attachment in &heard.attachments {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("[attached: {}]", attachment.name));
    }
    text
}

/// A message: stored if its author marked it, or if the team keeps everything.
pub(super) fn written(known: Option<&StoredEntry>, heard: &MessageHeard, room: &Room) -> Captured {
    let read = match read(heard, room) {
        Ok(read) => read,
        Err(problem) => return Captured::Refused(problem.to_string()),
    };
    let Some(mark) = read.mark.clone() else {
        return Captured::Nothing;
    };
    match known {
        Some(stored) => {
            let mut entry = stored.entry.clone();
            let heard_before = entry
                .marks
                .iter()
                .any(|old| old.by == mark.by && old.with == mark.with);
            if heard_before {
                return Captured::Nothing;
            }
            if entry.marks.is_empty() {
                // All who had marked it took that back; its author had marked it too.
                entry.state = EntryState::Active;
            }
            insert(&mut entry, mark);
            follow_marks(&mut entry, room.phase);
            let marked = entry.kind != Kind::Chat;
            Captured::rewrite(stored, entry, Some(marked))
        }
        None => Captured::add(entry_of(heard, &read, mark.kind, room), room).doubting(read.doubted),
    }
}

/// The line that a message makes by itself.
fn entry_of(heard: &MessageHeard, read: &Read, kind: Kind, room: &Room) -> Entry {
    let written_at = heard.message.written_at();
    let mut entry = new_entry(kind, &read.text, heard.author, Source::Message, room);
    // The author wrote it down then, however long the bot took to hear of it.
    entry.recorded_at = written_at;
    entry.event_at = written_at;
    if let Some(said) = &read.said {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    entry.audience = read.audience;
    entry.message = Some((heard.channel, heard.message));
    entry.add_files(&heard.attachments);
    entry.marks.extend(read.mark.clone());
    entry
}

/// A message was edited: the line follows, and keeps what it said before.
pub(super) fn edited(known: Option<&StoredEntry>, heard: &MessageHeard, room: &Room) -> Captured {
    let Some(stored) = known else {
        // An edit can add the prefix that was forgotten.
        return written(None, heard, room);
    };
    let read = match read(heard, room) {
        Ok(read) => read,
        Err(problem) => return Captured::Refused(problem.to_string()),
    };
    if read.text.is_empty() {
        return Captured::Nothing;
    }
    let mut entry = stored.entry.clone();
    let before = revision_of(&entry, room, heard);
    entry.text = cut(&read.text, MAX_ENTRY_CHARACTERS);
    if let Some(said) = &read.said {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    if read.audience == Audience::RespondersOnly {
        // Taking the sign out of a message again shows nothing to anybody: that is a press on the entry's card.
        entry.audience = read.audience;
    }
    let mut marked = None;
    if let Some(prefix) = read.mark.filter(|mark| mark.with == MarkedBy::Prefix) {
        let known_prefix = entry
            .marks
            .iter()
            .position(|mark| mark.with == MarkedBy::Prefix);
        let unchanged = known_prefix.is_some_and(|index| entry.marks[index].kind == prefix.kind);
        if !unchanged {
            if let Some(index) = known_prefix {
                entry.marks.remove(index);
            }
            // Choosing another prefix is the newest choice.
            entry.marks.push(Mark {
                at: room.now,
                ..prefix
            });
            follow_marks(&mut entry, room.phase);
            marked = Some(true);
        }
    }
    // What was taken off the message stays in the record; so does its copy.
    let has_more = entry.add_files(&heard.attachments);
    let says_more = (&entry.text, entry.kind, entry.event_at)
        != (&before.text, before.kind, before.event_at)
        || entry.audience != stored.entry.audience;
    if says_more {
        entry.revisions.push(before);
    } else if !has_more {
        return Captured::Nothing;
    }
    Captured::rewrite(stored, entry, marked).doubting(read.doubted)
}

/// Somebody marked a message, whoever wrote it. The kind chosen last counts; everybody who marked it is kept. Whoever
/// chooses by the menu may also give other words or another time.
pub(super) fn marked(
    known: Option<&StoredEntry>,
    heard: &MessageHeard,
    mark: Mark,
    text: Option<&str>,
    said: Option<Said>,
    room: &Room,
) -> Captured {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let mark = Mark {
        kind: kind_of(&mark, heard, room),
        ..mark
    };
    match known {
        Some(stored) => marked_again(stored, mark, text, said, room),
        None => marked_first(heard, mark, text, said, room),
    }
}

/// What a mark makes of a message: a pin, or 📌, says that it matters and not what it is. What shows something, by a link or
/// by what is attached, is evidence then, unless its author has said what it is.
fn kind_of(mark: &Mark, heard: &MessageHeard, room: &Room) -> Kind {
    let says_no_kind = mark.kind == Kind::Note
        && matches!(
            mark.with,
            MarkedBy::Reaction(_) | MarkedBy::Pin | MarkedBy::Offer
        );
    let shows_something = !heard.attachments.is_empty() || has_link(&heard.text);
    if !says_no_kind || !shows_something {
        return mark.kind;
    }
    let author_says = read(heard, room)
        .ok()
        .and_then(|read| read.mark)
        .is_some_and(|mark| mark.with == MarkedBy::Prefix);
    if author_says {
        mark.kind
    } else {
        Kind::Evidence
    }
}

fn has_link(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["https://", "http://"].iter().any(|scheme| {
        text.match_indices(scheme).any(|(begin, _)| {
            let behind = text[begin + scheme.len()..].chars().next();
            behind.is_some_and(char::is_alphanumeric)
        })
    })
}

fn marked_again(
    stored: &StoredEntry,
    mark: Mark,
    text: Option<&str>,
    said: Option<Said>,
    room: &Room,
) -> Captured {
    let mut entry = stored.entry.clone();
    let before = Revision {
        text: entry.text.clone(),
        kind: entry.kind,
        event_at: entry.event_at,
        importance: None,
        changed_at: room.now,
        changed_by: Who::Person {
            id: mark.by,
            roles: std::collections::BTreeSet::new(),
        },
        why: None,
    };
    if let Some(text) = text {
        entry.text = cut(text, MAX_ENTRY_CHARACTERS);
    }
    if let Some(said) = said {
        entry.event_at = said.at;
        entry.precision = said.precision;
    }
    let said_before = entry
        .marks
        .iter()
        .any(|old| old.by == mark.by && old.with == mark.with && old.kind == mark.kind);
    if !said_before {
        entry
            .marks
            .retain(|old| !(old.by == mark.by && old.with == mark.with));
        insert(&mut entry, mark);
        follow_marks(&mut entry, room.phase);
        entry.state = EntryState::Active;
    }
    // A kind that was chosen anew is told by the marks themselves.
    if (&entry.text, entry.event_at) != (&before.text, before.event_at) {
        entry.revisions.push(before);
    }
    Captured::rewrite(stored, entry, Some(true))
}

fn marked_first(
    heard: &MessageHeard,
    mark: Mark,
    text: Option<&str>,
    said: Option<Said>,
    room: &Room,
) -> Captured {
    // Somebody else marked it: a time that is none stays a word of the message.
    let mut read = read(heard, room).unwrap_or_else(|_| Read {
        mark: None,
        said: None,
        doubted: None,
        text: with_attachments(&heard.text, heard),
        audience: Audience::Everybody,
    });
    if let Some(text) = text {
        read.text = text.to_owned();
    }
    read.said = said.or(read.said);
    if read.text.is_empty() {
        return Captured::Refused("The message has no text that could be stored.".to_owned());
    }
    let mut entry = entry_of(heard, &read, mark.kind, room);
    if read.mark.is_none() {
        entry.recorded_at = room.now;
        entry.event_at = entry.event_at.min(room.now);
        entry.source = match mark.with {
            MarkedBy::Reaction(_) => Source::Reaction,
            MarkedBy::Pin => Source::Pin,
            MarkedBy::Menu | MarkedBy::Offer | MarkedBy::Prefix | MarkedBy::Everything => {
                Source::Menu
            }
        };
    }
    // Our own mark says "stored" to those who watch the channel; at the end, when many are picked at once, nobody does.
    let shows = (mark.with != MarkedBy::Offer).then_some(true);
    insert(&mut entry, mark);
    follow_marks(&mut entry, room.phase);
    match Captured::add(entry, room) {
        // A mark on a message that everybody has just read is no news from the past.
        Captured::Write { write, .. } => Captured::Write {
            write,
            marked: shows,
            announce_late: false,
            doubted: None,
        },
        other => other,
    }
}

/// Somebody took a mark back. The line stays as long as anybody's mark stands; then it is retracted, never deleted.
pub(super) fn unmarked(
    known: Option<&StoredEntry>,
    removed: impl Fn(&Mark) -> bool,
    reason: &str,
    room: &Room,
) -> Captured {
    let Some(stored) = known else {
        return Captured::Nothing;
    };
    let mut entry = stored.entry.clone();
    let Some(taken_back) = entry.marks.iter().find(|mark| removed(mark)).cloned() else {
        return Captured::Nothing;
    };
    entry.marks.retain(|mark| !removed(mark));
    if entry.marks.is_empty() {
        if entry.is_active() {
            entry.state = EntryState::Retracted {
                at: room.now,
                reason: reason.to_owned(),
            };
        }
        return Captured::rewrite(stored, entry, Some(false));
    }
    let kind = entry.kind;
    follow_marks(&mut entry, room.phase);
    if entry.kind != kind {
        entry.revisions.push(Revision {
            text: entry.text.clone(),
            kind,
            event_at: entry.event_at,
            importance: None,
            changed_at: room.now,
            changed_by: Who::Person {
                id: taken_back.by,
                roles: std::collections::BTreeSet::new(),
            },
            why: None,
        });
    }
    let marked = entry.kind != Kind::Chat;
    Captured::rewrite(stored, entry, Some(marked))
}

/// Puts a mark where its time belongs.
fn insert(entry: &mut Entry, mark: Mark) {
    let place = entry.marks.partition_point(|old| old.at <= mark.at);
    entry.marks.insert(place, mark);
}

/// The newest mark gives the kind.
fn follow_marks(entry: &mut Entry, phase: Phase) {
    if let Some(newest) = entry.marks.last()
        && newest.kind != entry.kind
    {
        entry.kind = newest.kind;
        entry.importance = newest.kind.importance_in(phase);
    }
}

fn revision_of(entry: &Entry, room: &Room, heard: &MessageHeard) -> Revision {
    Revision {
        text: entry.text.clone(),
        kind: entry.kind,
        event_at: entry.event_at,
        importance: None,
        changed_at: room.now,
        changed_by: Who::Person {
            id: heard.author,
            roles: room.roles.clone(),
        },
        why: None,
    }
}
