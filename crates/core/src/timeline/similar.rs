//! The same thing noted twice: two people tap, one hand slips, a message is sent again after a bad connection.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, Kind, Who};
use crate::cards::UNREADABLE;
use crate::ids::EntryNumber;

/// How alike two texts are that say the same; 1 is equal.
const ALIKE: f64 = 0.9;
/// Within this, saying it again is a slip; later it is news that it is still so.
const WITHIN: TimeDelta = TimeDelta::minutes(3);
/// How much of long texts is compared.
const COMPARED_CHARACTERS: usize = 300;

/// When whatever may say the same already was recorded.
#[must_use]
pub fn may_repeat_since(entry: &Entry) -> (DateTime<Utc>, DateTime<Utc>) {
    (entry.recorded_at - WITHIN, entry.recorded_at + WITHIN)
}

/// The entry that says already what a new one says: by the same author, less than three minutes before or after, in almost
/// the same words. Another number is another fact.
#[must_use]
pub fn said_already(entry: &Entry, timeline: &[Entry]) -> Option<EntryNumber> {
    let Who::Person { id: author, .. } = &entry.who else {
        return None;
    };
    // Two screenshots are often called alike.
    let has_files = !entry.files.is_empty() || entry.text.contains("[attached: ");
    // Of two messages that cannot be read nobody knows what they say.
    let is_unread = entry.text == UNREADABLE;
    if entry.kind == Kind::Chat || has_files || is_unread {
        return None;
    }
    timeline
        .iter()
        .filter(|known| known.is_active() && known.number != entry.number)
        .filter(|known| matches!(&known.who, Who::Person { id, .. } if id == author))
        // What only responders may read stands for itself, whatever was said aloud.
        .filter(|known| known.audience == entry.audience)
        .filter(|known| known.kind == entry.kind && known.source != super::Source::Button)
        .filter(|known| {
            let apart: TimeDelta = known.recorded_at - entry.recorded_at;
            apart.abs() < WITHIN && (known.event_at - entry.event_at).abs() < WITHIN
        })
        .find(|known| says_the_same(&known.text, &entry.text))
        .and_then(|known| known.number)
}

fn says_the_same(one: &str, other: &str) -> bool {
    let (one, other) = (comparable(one), comparable(other));
    numbers(&one) == numbers(&other) && strsim::normalized_levenshtein(&one, &other) > ALIKE
}

fn comparable(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
        .chars()
        .take(COMPARED_CHARACTERS)
        .collect()
}

fn numbers(text: &str) -> Vec<&str> {
    text.split(|character: char| !character.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .collect()
}
