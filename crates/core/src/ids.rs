//! The names of things: incidents, channels, messages, timeline entries.
//!
//! Discord's ids are snowflakes: unsigned on the wire, below 2^63 until the year 2084, so the store keeps them as `i64`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The number of an incident; people read and type it as `INC-0142`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub i64);

impl fmt::Display for IncidentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "INC-{:04}", self.0)
    }
}

/// Why a text is not the name of an incident.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an incident: write it like INC-0042 or 42")]
pub struct NotAnIncident(pub String);

impl FromStr for IncidentId {
    type Err = NotAnIncident;

    /// Accepts `INC-0042`, `inc-42` and `42`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let digits = match trimmed.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("inc-") => &trimmed[4..],
            _ => trimmed,
        };
        digits
            .parse::<i64>()
            .ok()
            .filter(|number| *number > 0 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .map(IncidentId)
            .ok_or_else(|| NotAnIncident(text.chars().take(40).collect()))
    }
}

/// A Discord channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelId(pub u64);

/// A Discord message. Sorts by time, as every snowflake does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub u64);

/// Milliseconds between the Unix epoch and Discord's own (2015-01-01).
/// Source: Discord's reference, "Snowflakes".
const DISCORD_EPOCH_MS: i64 = 1_420_070_400_000;

impl MessageId {
    /// When the message was written, as its id says (millisecond precision).
    #[must_use]
    pub fn written_at(self) -> chrono::DateTime<chrono::Utc> {
        let since_discord_epoch = i64::try_from(self.0 >> 22).unwrap_or(0);
        chrono::DateTime::from_timestamp_millis(DISCORD_EPOCH_MS + since_discord_epoch)
            .unwrap_or(chrono::DateTime::UNIX_EPOCH)
    }
}

impl MessageId {
    /// An id below that of every message written at this moment or later.
    #[must_use]
    pub fn before(at: chrono::DateTime<chrono::Utc>) -> Self {
        let since_discord_epoch = at.timestamp_millis().saturating_sub(DISCORD_EPOCH_MS);
        Self((u64::try_from(since_discord_epoch).unwrap_or(0) << 22).saturating_sub(1))
    }
}

/// A file that hangs on a Discord message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(pub u64);

/// The number of a timeline entry within its incident: assigned once, never reused. Read as `T-14`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryNumber(pub i64);

impl fmt::Display for EntryNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "T-{}", self.0)
    }
}

/// The position of an event in its incident's history: 1, 2, 3, without gaps.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(pub i64);

impl Seq {
    /// The position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_found_by_each_way_people_write_it() {
        for text in ["INC-0042", "inc-42", "42", " 0042 "] {
            assert_eq!(text.parse(), Ok(IncidentId(42)), "{text}");
        }
        for text in [
            "",
            "INC-",
            "-3",
            "0",
            "INC-4x",
            "äöü",
            "99999999999999999999",
        ] {
            assert!(text.parse::<IncidentId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_message_knows_when_it_was_written() {
        let id = MessageId(175_928_847_299_117_063);
        assert_eq!(
            id.written_at().to_rfc3339(),
            "2016-04-30T11:18:25.796+00:00"
        );
    }
}
