//! Alerts that cannot make up their mind.

use std::collections::{BTreeMap, BTreeSet};

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
    /// How often it has cleared since it flaps.
    pub cycles: u32,
    /// Since when: the start of the first of those turns.
    pub since: DateTime<Utc>,
    /// When it last cleared.
    pub last_end: DateTime<Utc>,
}

impl Flapping {
    /// The line of the timeline.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}{}×)", self.line_begins(), self.cycles)
    }

    /// How that line begins, whatever the number.
    #[must_use]
    pub fn line_begins(&self) -> String {
        format!("{} flapping (", self.name)
    }
}

fn window() -> TimeDelta {
    TimeDelta::seconds(FLAPPING_WINDOW_SECONDS)
}

/// The alerts among `episodes` that flap at `now`, the restless first. `episodes` are all of those an incident has, the
/// ended ones included.
#[must_use]
pub fn flapping(episodes: &[Episode], now: DateTime<Utc>) -> Vec<Flapping> {
    let mut ended: BTreeMap<&AlertKey, Vec<(DateTime<Utc>, &Episode)>> = BTreeMap::new();
    for episode in episodes {
        if let Some(end) = episode.ends_at {
            ended.entry(&episode.key).or_default().push((end, episode));
        }
    }
    let mut flapping: Vec<Flapping> = ended
        .into_values()
        .filter_map(|turns| stretch(turns, now))
        .collect();
    flapping.sort_by_key(|alert| std::cmp::Reverse(alert.cycles));
    flapping
}

/// The turns of one alert without a long rest between them, up to now; `None` if they are too few or too long ago.
fn stretch(mut turns: Vec<(DateTime<Utc>, &Episode)>, now: DateTime<Utc>) -> Option<Flapping> {
    let recent = turns.iter().filter(|(end, _)| now - *end <= window());
    if number(recent.count()) < FLAPPING_CYCLES {
        return None;
    }
    turns.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
    let (last_end, _) = *turns.first()?;
    let (mut first_end, mut first, mut cycles) = (last_end, turns.first()?.1, 0_u32);
    for (end, episode) in turns {
        if first_end - end > window() {
            break;
        }
        (first_end, first) = (end, episode);
        cycles += 1;
    }
    Some(Flapping {
        key: first.key.clone(),
        name: safe_line(alert_name(&first.labels).unwrap_or(UNNAMED), 60),
        cycles,
        since: first.starts_at,
        last_end,
    })
}

/// One for each name, the most restless: people read names.
#[must_use]
pub fn flapping_names(mut flapping: Vec<Flapping>) -> Vec<Flapping> {
    let mut named = BTreeSet::new();
    flapping.retain(|alert| named.insert(alert.name.clone()));
    flapping
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
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
    #[test]
    fn it_is_counted_from_where_the_rest_before_it_ended() {
        let mut episodes = history("DiskFilling", 2);
        // An hour of rest, then twelve turns in twenty minutes.
        episodes.extend((0..12).map(|turn| {
            let start = 4_000 + turn * 100;
            merge(
                None,
                &cleared("DiskFilling", start, start + 50),
                at(start + 60),
            )
            .episode
        }));
        let found = flapping(&episodes, at(5_200));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].cycles, found[0].since), (12, at(4_000)));
        assert_eq!(found[0].line(), "DiskFilling flapping (12×)");
        assert_eq!(found[0].last_end, at(5_150));
    }
}
