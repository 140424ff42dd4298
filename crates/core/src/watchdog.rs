//! The watchdog: an alert that always fires. While it comes, alerts reach the bot; when it stays away, silence means
//! nothing any more.

use chrono::{DateTime, TimeDelta, Utc};

/// After so many intervals without it, people are told.
pub const MISSED_INTERVALS: i32 = 3;

/// The alert that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchdog {
    /// Its `alertname`.
    pub alertname: String,
    /// How often its sender repeats it.
    pub interval: TimeDelta,
}

impl Watchdog {
    /// Whether it has stayed away for too long. Before it ever came nobody waits for it, and a bot that was away itself
    /// gives it one interval to come.
    #[must_use]
    pub fn is_missing(
        &self,
        seen_at: Option<DateTime<Utc>>,
        started_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        seen_at.is_some_and(|seen_at| {
            now - seen_at >= self.interval * MISSED_INTERVALS && now - started_at >= self.interval
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn watchdog() -> Watchdog {
        Watchdog {
            alertname: "Watchdog".to_owned(),
            interval: TimeDelta::minutes(5),
        }
    }

    #[test]
    fn it_is_missing_after_three_intervals() {
        let is_missing = |now| watchdog().is_missing(Some(at(100)), at(0), at(now));
        assert!(!is_missing(114));
        assert!(is_missing(115));
    }

    #[test]
    fn nobody_waits_for_what_never_came() {
        assert!(!watchdog().is_missing(None, at(0), at(10_000)));
    }

    #[test]
    fn a_bot_that_was_away_gives_it_one_interval() {
        let is_missing = |now| watchdog().is_missing(Some(at(100)), at(1_000), at(now));
        assert!(!is_missing(1_000));
        assert!(!is_missing(1_004));
        assert!(is_missing(1_005));
    }
}
