//! Between rows and the domain. A row that makes no sense is an error here and nowhere else.

use std::fmt::Write as _;

use bridgewatch_core::alert::{AlertKey, GroupKey};
use bridgewatch_core::ids::{ChannelId, IncidentId, MessageId};
use bridgewatch_core::ports::Broken;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::Failure;

/// A time as it is stored: microseconds since 1970.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// A stored time.
pub(crate) fn time(micros: i64) -> Result<DateTime<Utc>, Unreadable> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Unreadable(format!("{micros} is no time in microseconds")))
}

/// Text from outside as both databases take it: PostgreSQL refuses NUL, so it becomes the replacement character.
pub(crate) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A Discord id as it is stored. They stay below 2^63 until the year 2084.
pub(crate) fn snowflake(id: u64) -> Result<i64, Failure> {
    i64::try_from(id).map_err(|_| Failure::Wrong(format!("{id} is too large for a Discord id")))
}

/// A stored Discord id.
pub(crate) fn unsigned(id: i64) -> Result<u64, Unreadable> {
    u64::try_from(id).map_err(|_| Unreadable(format!("{id} is no Discord id")))
}

/// A stored channel.
pub(crate) fn channel(id: i64) -> Result<ChannelId, Unreadable> {
    unsigned(id).map(ChannelId)
}

/// A stored message.
pub(crate) fn message(id: i64) -> Result<MessageId, Unreadable> {
    unsigned(id).map(MessageId)
}

/// The incident as a reference. Incident 0 stands for "no incident": alerts that lead nowhere are kept, too.
pub(crate) fn reference(incident: IncidentId) -> Option<i64> {
    (incident.0 > 0).then_some(incident.0)
}

/// JSON to store.
pub(crate) fn json<T: Serialize>(value: &T, what: &str) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::Wrong(format!("{what} cannot be stored: {error}")))
}

/// Stored JSON; `what` names the row for whoever reads the error.
pub(crate) fn from_json<T: DeserializeOwned>(
    stored: &str,
    what: impl FnOnce() -> String,
) -> Result<T, Unreadable> {
    serde_json::from_str(stored).map_err(|error| Unreadable(format!("{}: {error}", what())))
}

/// What identifies a group in an index.
pub(crate) fn group_hash(group: &GroupKey) -> String {
    digest_of(&[&group.source, &group.receiver, &group.group_key])
}

/// What identifies an alert in an index.
pub(crate) fn alert_hash(key: &AlertKey) -> String {
    digest_of(&[&key.source, &key.fingerprint])
}

/// The first 128 bits of a SHA-256 in hex. The lengths keep `a` + `bc` and `ab` + `c` apart.
fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
    text
}

/// A row that makes no sense to this version of the program.
#[derive(Debug, thiserror::Error)]
#[error("a stored row cannot be read: {0}")]
pub(crate) struct Unreadable(pub(crate) String);

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        Self::Wrong(unreadable.to_string())
    }
}

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It answered with something that makes no sense.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// What was asked for cannot exist.
    #[error("{0}")]
    Wrong(String),
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => Self::Database(error),
            Failure::Wrong(what) => Self::Wrong(what),
            Failure::Conflict | Failure::ClaimLost | Failure::Duplicate => {
                Self::Wrong("a read met a conflict".to_owned())
            }
        }
    }
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Self(error.to_string())
    }
}
