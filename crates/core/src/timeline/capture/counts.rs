//! Whose marks count. Where the server has a role for those who respond, everybody else reads: what they write stays chat,
//! and the emoji they put under it decorate. Nothing of theirs is lost by it: whoever responds can mark the same message.

use std::collections::BTreeSet;

use super::{Captured, MessageHeard, Room, Signal, after_time, judged};
use crate::person::PersonId;
use crate::ports::StoredEntry;
use crate::timeline::Prefixes;

/// The people whose marks a signal is about, so that somebody can look up what they may: whoever reacted or pinned, and an
/// author who begins with a prefix. Empty for whatever is no mark.
#[must_use]
pub fn markers(signal: &Signal, prefixes: &Prefixes) -> BTreeSet<PersonId> {
    let author =
        |heard: &MessageHeard| begins_with_a_prefix(heard, prefixes).then_some(heard.author);
    match signal {
        Signal::Message(heard) | Signal::Edited(heard) => author(heard).into_iter().collect(),
        Signal::Reacted { message, by, .. } | Signal::Pinned { message, by } => {
            author(message).into_iter().chain([*by]).collect()
        }
        // Forms and buttons are guarded where they are pressed; taking something back touches one's own alone.
        Signal::Deleted { .. }
        | Signal::Unreacted { .. }
        | Signal::Unpinned { .. }
        | Signal::Chosen { .. }
        | Signal::Typed { .. }
        | Signal::Changed { .. }
        | Signal::Retracted { .. }
        | Signal::Restored { .. } => BTreeSet::new(),
    }
}

/// Also where the time in front of it is none: that it was meant is what matters.
fn begins_with_a_prefix(heard: &MessageHeard, prefixes: &Prefixes) -> bool {
    prefixes.read(&heard.text).is_some() || prefixes.read(after_time(&heard.text)).is_some()
}

/// What a signal comes to when some of those concerned only read.
pub(super) fn judged_among_readers(
    known: Option<&StoredEntry>,
    signal: &Signal,
    room: &Room,
) -> Captured {
    let if_it_counted = || {
        let everybody_may = Room {
            readers: BTreeSet::new(),
            ..room.clone()
        };
        judged(known, signal, &everybody_may)
    };
    let counts = match signal {
        Signal::Reacted { by, .. } | Signal::Pinned { by, .. } if room.readers.contains(by) => {
            Captured::Nothing
        }
        // Without the mark of its author a message may still be kept, and a line still follows its message.
        Signal::Message(heard) | Signal::Edited(heard) if room.readers.contains(&heard.author) => {
            match judged(known, signal, room) {
                Captured::Refused(_) => Captured::Nothing,
                other => other,
            }
        }
        _ => return judged(known, signal, room),
    };
    if counts == Captured::Nothing && if_it_counted() != Captured::Nothing {
        Captured::NotTheirs
    } else {
        counts
    }
}
