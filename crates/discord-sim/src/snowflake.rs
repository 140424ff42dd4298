//! Ids that carry their time, as Discord makes them.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use chrono::{DateTime, Utc};

/// 2015-01-01T00:00:00Z in Unix milliseconds.
pub(crate) const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

/// Makes strictly increasing ids.
#[derive(Debug, Default)]
pub(crate) struct Snowflakes {
    last: u64,
}

impl Snowflakes {
    /// The next id at `now`. When the clock was set back, ids go on rising from the last one.
    pub(crate) fn next(&mut self, now: DateTime<Utc>) -> u64 {
        let milliseconds = (now.timestamp_millis() - DISCORD_EPOCH_MS).max(0) as u64;
        self.last = (milliseconds << 22).max(self.last + 1);
        self.last
    }
}

/// The time in an id.
pub(crate) fn time_of(id: u64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis((id >> 22) as i64 + DISCORD_EPOCH_MS)
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// A string nobody guesses by accident, for tokens and session ids.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate that rolls dice"
)]
pub(crate) fn random_text(characters: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(characters);
    while text.len() < characters {
        // Every RandomState is keyed differently; one hash gives ten characters.
        let mut bits = RandomState::new().build_hasher().finish();
        for _ in 0..10.min(characters - text.len()) {
            text.push(ALPHABET[(bits & 63) as usize] as char);
            bits >>= 6;
        }
    }
    text
}

/// Reads an id as clients send it: a string of digits, or a number.
pub(crate) fn read_id(value: &serde_json::Value) -> Option<u64> {
    match value {
        serde_json::Value::String(text) => parse_id(text),
        serde_json::Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// Reads an id from a path or query.
pub(crate) fn parse_id(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let later = DateTime::from_timestamp(1_800_000_000, 0).expect("the number is a date");
        let mut ids = Snowflakes::default();
        let first = ids.next(later);
        let second = ids.next(later - chrono::TimeDelta::hours(1));
        assert!(second > first);
        assert_eq!(time_of(first), later);
    }

    #[test]
    fn random_text_has_the_length_asked_for_and_does_not_repeat() {
        let (one, other) = (random_text(43), random_text(43));
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }
}
