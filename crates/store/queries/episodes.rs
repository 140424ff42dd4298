//! Alert episodes, written in bulk: one group may hold 20,000 alerts.
//!
//! An episode carries no number of its own; the store gives it one. A written episode continues the newest stored one of
//! its alert, unless that one has ended and the written one began later: then it is the next. That is exactly the rule by
//! which the core begins a new episode.

use std::collections::{BTreeMap, BTreeSet};

use bridgewatch_core::alert::{AlertKey, AlertStatus, Episode};
use bridgewatch_core::ids::IncidentId;
use chrono::{DateTime, Utc};
use sqlx::query;

use super::rows::{
    ReadError, Unreadable, alert_hash, from_json, group_hash, json, micros, reference, text, time,
};
use super::{Connection, Failure};
use crate::{TheStore, dialect};

/// How many go into one statement: enough to be quick, few enough to stay within a megabyte or two.
const BATCH: usize = 1_000;

/// An episode as columns.
#[derive(Debug)]
pub(crate) struct EpisodeRow {
    pub(crate) alert_hash: String,
    pub(crate) source: String,
    pub(crate) fingerprint: String,
    pub(crate) group_hash: String,
    pub(crate) state: &'static str,
    pub(crate) starts_at_us: i64,
    pub(crate) ends_at_us: Option<i64>,
    pub(crate) last_seen_at_us: i64,
    pub(crate) episode: String,
}

/// When an alert was heard of again, as columns.
#[derive(Debug)]
pub(crate) struct HeardRow {
    pub(crate) alert_hash: String,
    pub(crate) last_seen_at_us: i64,
}

impl EpisodeRow {
    fn of(episode: &Episode) -> Result<Self, Failure> {
        Ok(Self {
            alert_hash: alert_hash(&episode.key),
            source: text(&episode.key.source),
            fingerprint: text(&episode.key.fingerprint),
            group_hash: group_hash(&episode.group),
            state: match episode.state {
                AlertStatus::Firing => "firing",
                AlertStatus::Resolved => "resolved",
            },
            starts_at_us: micros(episode.starts_at),
            ends_at_us: episode.ends_at.map(micros),
            last_seen_at_us: micros(episode.last_seen_at),
            episode: json(episode, "an episode")?,
        })
    }
}

/// Keeps episodes, in the order they are given. Without an incident, an episode stays with the one it belongs to.
pub(crate) async fn keep(
    connection: &mut Connection,
    incident: IncidentId,
    episodes: &[Episode],
) -> Result<(), Failure> {
    for round in rounds(episodes) {
        for batch in round.chunks(BATCH) {
            let rows = batch
                .iter()
                .map(|episode| EpisodeRow::of(episode))
                .collect::<Result<Vec<_>, _>>()?;
            dialect::upsert_episodes(connection, &rows, reference(incident)).await?;
        }
    }
    Ok(())
}

/// Notes when alerts were last heard of. Most of what comes in is a repeat, and a time is written in a fraction of what a
/// whole episode takes.
pub(crate) async fn hear_again(
    connection: &mut Connection,
    heard: &BTreeMap<AlertKey, DateTime<Utc>>,
) -> Result<(), Failure> {
    let rows: Vec<HeardRow> = heard
        .iter()
        .map(|(key, at)| HeardRow {
            alert_hash: alert_hash(key),
            last_seen_at_us: micros(*at),
        })
        .collect();
    for batch in rows.chunks(BATCH) {
        dialect::hear_again(connection, batch).await?;
    }
    Ok(())
}

/// Splits the episodes so that each alert occurs at most once in a round: a statement sees only what stood before it.
fn rounds(episodes: &[Episode]) -> Vec<Vec<&Episode>> {
    let mut seen: BTreeMap<&AlertKey, usize> = BTreeMap::new();
    let mut rounds: Vec<Vec<&Episode>> = Vec::new();
    for episode in episodes {
        let count = seen.entry(&episode.key).or_default();
        if rounds.len() == *count {
            rounds.push(Vec::new());
        }
        rounds[*count].push(episode);
        *count += 1;
    }
    rounds
}

/// An episode as it was written, last heard of when its column says: repeats move only that.
fn read(
    stored: &str,
    last_seen_at_us: i64,
    what: impl FnOnce() -> String,
) -> Result<Episode, Unreadable> {
    let mut episode: Episode = from_json(stored, what)?;
    episode.last_seen_at = time(last_seen_at_us)?;
    Ok(episode)
}

pub(crate) async fn of(store: &TheStore, incident: IncidentId) -> Result<Vec<Episode>, ReadError> {
    let rows = query!(
        "select fingerprint, last_seen_at_us, episode from episode where incident = $1 order by starts_at_us, alert_hash, number",
        incident.0
    )
    .fetch_all(store.readers())
    .await?;
    let read = rows.iter().map(|row| {
        read(&row.episode, row.last_seen_at_us, || {
            format!("an episode of alert {}", row.fingerprint)
        })
    });
    Ok(read.collect::<Result<_, _>>()?)
}

/// The newest episode of an alert, as it is stored.
pub(crate) struct NewestRow {
    pub(crate) incident: Option<i64>,
    pub(crate) fingerprint: String,
    pub(crate) last_seen_at_us: i64,
    pub(crate) episode: String,
}

pub(crate) async fn newest(
    store: &TheStore,
    alerts: &[AlertKey],
) -> Result<Vec<(Option<IncidentId>, Episode)>, ReadError> {
    let hashes: BTreeSet<String> = alerts.iter().map(alert_hash).collect();
    let hashes: Vec<String> = hashes.into_iter().collect();
    let mut found = Vec::with_capacity(hashes.len());
    for batch in hashes.chunks(BATCH) {
        for row in dialect::newest_episodes(store.readers(), batch).await? {
            let episode = read(&row.episode, row.last_seen_at_us, || {
                format!("the newest episode of alert {}", row.fingerprint)
            })?;
            found.push((row.incident.map(IncidentId), episode));
        }
    }
    Ok(found)
}
