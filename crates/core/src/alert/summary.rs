//! What an incident's board says about its alerts: "2 of 3 clear since 03:34".

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{AlertKey, AlertStatus, Episode, UNNAMED, alert_name};

/// The alerts of an incident, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSummary {
    /// How many alerts fire.
    pub firing: u32,
    /// How many have cleared.
    pub cleared: u32,
    /// How many alerts the sender left out of its notice. Nobody knows their state.
    pub truncated: u64,
    /// The names of the alerts and how many bear each, the most frequent first. Names of firing alerts come before
    /// names whose alerts have all cleared.
    pub names: Vec<(String, u32)>,
    /// When the first of them began: the earliest time at which something is known to have been wrong.
    pub earliest_start: Option<DateTime<Utc>>,
    /// When the last of those that cleared did so, by the sender's clock.
    pub last_cleared_at: Option<DateTime<Utc>>,
    /// Since when nothing fires. `None` while anything fires, and while the sender leaves alerts out: what is not shown
    /// has not cleared.
    pub all_clear_since: Option<DateTime<Utc>>,
}

impl AlertSummary {
    /// How many alerts there are, without those left out.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.firing.saturating_add(self.cleared)
    }
}

/// Counts the alerts behind `episodes`. Of several episodes of one alert the latest counts, but the earliest start is that
/// of all. `truncated` is what the latest notices of the incident's groups left out.
#[must_use]
pub fn summarise(episodes: &[Episode], truncated: u64) -> AlertSummary {
    let mut latest: BTreeMap<&AlertKey, &Episode> = BTreeMap::new();
    for episode in episodes {
        latest
            .entry(&episode.key)
            .and_modify(|known| {
                if (episode.starts_at, episode.ends_at.is_none())
                    > (known.starts_at, known.ends_at.is_none())
                {
                    *known = episode;
                }
            })
            .or_insert(episode);
    }

    let mut summary = AlertSummary {
        truncated,
        earliest_start: episodes.iter().map(|episode| episode.starts_at).min(),
        last_cleared_at: latest.values().filter_map(|episode| episode.ends_at).max(),
        ..AlertSummary::default()
    };
    let mut names: BTreeMap<&str, (bool, u32)> = BTreeMap::new();
    for episode in latest.values() {
        let fires = episode.state == AlertStatus::Firing;
        if fires {
            summary.firing = summary.firing.saturating_add(1);
        } else {
            summary.cleared = summary.cleared.saturating_add(1);
        }
        let (any_fires, count) = names
            .entry(alert_name(&episode.labels).unwrap_or(UNNAMED))
            .or_default();
        *any_fires |= fires;
        *count = count.saturating_add(1);
    }
    let mut ranked: Vec<_> = names.into_iter().collect();
    ranked.sort_by_key(|(name, (any_fires, count))| (!any_fires, std::cmp::Reverse(*count), *name));
    summary.names = ranked
        .into_iter()
        .map(|(name, (_, count))| (name.to_owned(), count))
        .collect();
    if summary.firing == 0 && truncated == 0 {
        summary.all_clear_since = summary.last_cleared_at;
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::merge;
    use crate::alert::tests::{at, cleared, firing};

    fn episode(alert: &crate::alert::Alert) -> Episode {
        merge(None, alert, at(1_000)).episode
    }

    #[test]
    fn two_of_three_are_clear_since_the_later_of_their_ends() {
        let episodes = [
            episode(&cleared("ApiErrorRateHigh", 10, 200)),
            episode(&firing("DbConnectionsSaturated", 20)),
            episode(&cleared("AiTaskQueueStalled", 30, 240)),
        ];
        let summary = summarise(&episodes, 0);
        assert_eq!(
            (summary.firing, summary.cleared, summary.total()),
            (1, 2, 3)
        );
        assert_eq!(summary.earliest_start, Some(at(10)));
        assert_eq!(summary.last_cleared_at, Some(at(240)));
        assert_eq!(summary.all_clear_since, None);
        assert_eq!(
            summary.names,
            [
                ("DbConnectionsSaturated".to_owned(), 1),
                ("AiTaskQueueStalled".to_owned(), 1),
                ("ApiErrorRateHigh".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn all_is_clear_only_if_the_sender_left_nothing_out() {
        let episodes = [episode(&cleared("ApiErrorRateHigh", 10, 200))];
        assert_eq!(summarise(&episodes, 0).all_clear_since, Some(at(200)));
        assert_eq!(summarise(&episodes, 3).all_clear_since, None);
        assert_eq!(summarise(&[], 0).all_clear_since, None);
    }

    #[test]
    fn an_alert_that_fired_twice_is_one_alert() {
        let first = episode(&cleared("ApiErrorRateHigh", 10, 200));
        let second = merge(Some(&first), &firing("ApiErrorRateHigh", 300), at(310)).episode;
        for episodes in [[first.clone(), second.clone()], [second, first]] {
            let summary = summarise(&episodes, 0);
            assert_eq!((summary.firing, summary.cleared), (1, 0));
            assert_eq!(summary.earliest_start, Some(at(10)));
            assert_eq!(summary.last_cleared_at, None);
        }
    }
}
