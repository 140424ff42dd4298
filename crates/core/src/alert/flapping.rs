//! Alerts that cannot make up their mind.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{AlertKey, Episode, UNNAMED, alert_name, safe_line};

/// An alert flaps from this many ends on, within [`FLAPPING_WINDOW_SECONDS`].
pub const FLAPPING_CYCLES: u32 = 3;

/// See [`FLAPPING_CYCLES`].
pub const FLAPPING_WINDOW_SECONDS: i64 = 15 * 60;

/// An alert that fires and clears again and again. It deserves one line in the timeline, kept up to date, and not a line
/// for each turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flapping {
    /// Which alert.
    pub key: AlertKey,
    /// Its name, harmless.
    pub name: String,
    /// How often it cleared within the window.
    pub cycles: u32,
}

/// The alerts among `episodes` that flap at `now`, the restless first. `episodes` are all of those an incident has, the
/// ended ones included.
#[must_use]
pub fn flapping(episodes: &[Episode], now: DateTime<Utc>) -> Vec<Flapping> {
    let window = TimeDelta::seconds(FLAPPING_WINDOW_SECONDS);
    let mut ended: BTreeMap<&AlertKey, (&Episode, u32)> = BTreeMap::new();
    for episode in episodes {
        if episode.ends_at.is_some_and(|end| now - end <= window) {
            let (_, cycles) = ended.entry(&episode.key).or_insert((episode, 0));
            *cycles += 1;
        }
    }
    let mut flapping: Vec<_> = ended
        .into_iter()
        .filter(|(_, (_, cycles))| *cycles >= FLAPPING_CYCLES)
        .map(|(key, (episode, cycles))| Flapping {
            key: key.clone(),
            name: safe_line(alert_name(&episode.labels).unwrap_or(UNNAMED), 60),
            cycles,
        })
        .collect();
    flapping.sort_by_key(|alert| std::cmp::Reverse(alert.cycles));
    flapping
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::merge;
    use crate::alert::tests::{at, cleared, firing};

    fn history(name: &str, turns: i64) -> Vec<Episode> {
        (0..turns)
            .map(|turn| {
                let start = turn * 100;
                merge(None, &cleared(name, start, start + 50), at(start + 60)).episode
            })
            .collect()
    }

    #[test]
    fn an_alert_that_cleared_three_times_in_a_quarter_of_an_hour_flaps() {
        let mut episodes = history("DiskFilling", 3);
        episodes.extend(history("QueueLong", 4));
        episodes.extend(history("ApiErrorRateHigh", 2));
        episodes.push(merge(None, &firing("ApiErrorRateHigh", 300), at(310)).episode);
        let found: Vec<_> = flapping(&episodes, at(500))
            .into_iter()
            .map(|alert| (alert.name, alert.cycles))
            .collect();
        assert_eq!(
            found,
            [("QueueLong".to_owned(), 4), ("DiskFilling".to_owned(), 3)]
        );
        // The first of three ends lies 15 minutes and a second back.
        assert_eq!(flapping(&history("DiskFilling", 3), at(951)), []);
        assert_eq!(flapping(&history("DiskFilling", 3), at(950)).len(), 1);
    }
}
