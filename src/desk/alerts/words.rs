//! What people read about the alerts of an incident.

use std::collections::{BTreeMap, BTreeSet};

use bridgewatch_core::alert::{
    AlertStatus, Episode, EpisodeChange, Flapping, UNNAMED, alert_name, flapping, flapping_names,
    safe_line, summarise,
};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{AlertNews, AlertPicture};
use bridgewatch_core::routing::MergedAlert;
use chrono::{DateTime, Utc};

use super::hearing::{comes_firing, is_news};

/// How many names and summaries a board can use.
const MOST_NAMES: usize = 10;
const MOST_SUMMARIES: usize = 3;

/// How many lines of news one change can bring.
const MOST_NEWS: usize = 20;

/// The alerts of an incident, for its board. `left_out` is what the newest notice of each group left out.
pub(in crate::desk) fn picture(
    episodes: &[Episode],
    mut left_out: BTreeMap<String, u64>,
    now: DateTime<Utc>,
) -> AlertPicture {
    let flapping = flapping_names(flapping(episodes, now));
    left_out.retain(|_, alerts| *alerts > 0);
    let truncated = left_out
        .values()
        .fold(0, |sum: u64, alerts| sum.saturating_add(*alerts));
    let summary = summarise(episodes, truncated);
    let mut newest: Vec<&Episode> = episodes
        .iter()
        .filter(|episode| episode.state == AlertStatus::Firing)
        .collect();
    newest.sort_by_key(|episode| std::cmp::Reverse(episode.first_seen_at));
    let mut summaries: Vec<String> = Vec::new();
    for episode in newest {
        if summaries.len() == MOST_SUMMARIES {
            break;
        }
        let line = episode
            .annotations
            .get("summary")
            .map(String::as_str)
            .or_else(|| alert_name(&episode.labels))
            .unwrap_or(UNNAMED);
        let line = safe_line(line, 60);
        if !summaries.contains(&line) {
            summaries.push(line);
        }
    }
    AlertPicture {
        firing: summary.firing,
        cleared: summary.cleared,
        truncated: summary.truncated,
        truncated_by_group: left_out,
        names: summary
            .names
            .iter()
            .take(MOST_NAMES)
            .map(|(name, _)| safe_line(name, 60))
            .collect(),
        summaries,
        earliest_start: summary.earliest_start,
        last_cleared_at: summary.last_cleared_at,
        flapping: flapping.into_iter().take(MOST_NAMES).collect(),
    }
}

/// The services that alerts bring to an incident.
pub(super) fn services_of(alerts: &[MergedAlert], home: IncidentId) -> BTreeSet<String> {
    alerts
        .iter()
        .filter(|alert| is_news(alert, Some(home)))
        .filter_map(|alert| alert.episode.labels.get("service"))
        .map(|name| safe_line(name, 60))
        .filter(|name| !name.is_empty())
        .collect()
}

/// The services that episodes name.
pub(in crate::desk) fn services_in(episodes: &[Episode]) -> BTreeSet<String> {
    episodes
        .iter()
        .filter_map(|episode| episode.labels.get("service"))
        .map(|name| safe_line(name, 60))
        .filter(|name| !name.is_empty())
        .collect()
}

/// What is new, one line for each name and change: a group of twenty thousand makes a handful of lines. `home` is the
/// incident that hears it, if there is one already. What flaps has a line of its own, whose number grows.
pub(super) fn news(
    alerts: &[MergedAlert],
    restless: &[Flapping],
    home: Option<IncidentId>,
    first: bool,
    all_clear: bool,
) -> Vec<AlertNews> {
    let mut lines: BTreeMap<(String, &'static str), (usize, DateTime<Utc>)> = BTreeMap::new();
    for alert in alerts {
        let flaps = |restless: &Flapping| restless.key == alert.episode.key;
        if restless.iter().any(flaps) {
            continue;
        }
        let name = safe_line(alert_name(&alert.episode.labels).unwrap_or(UNNAMED), 80);
        let comes = match home {
            Some(_) => comes_firing(alert, home),
            None => alert.episode.state == AlertStatus::Firing,
        };
        let (word, at) = match alert.change {
            EpisodeChange::Opened | EpisodeChange::Restarted => ("fires", alert.episode.starts_at),
            EpisodeChange::Refired | EpisodeChange::Reopened => {
                ("fires again", alert.episode.starts_at)
            }
            EpisodeChange::Cleared | EpisodeChange::ArrivedCleared => (
                "cleared",
                alert.episode.ends_at.unwrap_or(alert.episode.last_seen_at),
            ),
            EpisodeChange::StartMovedEarlier
            | EpisodeChange::EndMovedLater
            | EpisodeChange::LabelsChanged
            | EpisodeChange::AnnotationsChanged
            | EpisodeChange::Repeated
            | EpisodeChange::Stale => {
                if !comes {
                    continue;
                }
                ("fires", alert.episode.starts_at)
            }
        };
        let line = lines.entry((name, word)).or_insert((0, at));
        line.0 += 1;
        line.1 = line.1.min(at);
    }
    let count = lines.len();
    let mut news: Vec<AlertNews> = lines
        .into_iter()
        .enumerate()
        .map(|(index, ((name, word), (times, at)))| {
            let how_many = if times > 1 {
                format!(" ({times} alerts)")
            } else {
                String::new()
            };
            let last_clear = all_clear && index + 1 == count && word == "cleared";
            let text = if last_clear {
                format!("{name} {word}{how_many}: all alerts are clear")
            } else {
                format!("{name} {word}{how_many}")
            };
            AlertNews {
                text,
                at,
                key: first || last_clear,
            }
        })
        .collect();
    news.truncate(MOST_NEWS);
    news
}
