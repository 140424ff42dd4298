//! Hearing deliveries: what each alert in them changes about what is known of it.

use std::collections::HashMap;

use bridgewatch_core::alert::{
    Alert, AlertKey, AlertStatus, Delivery, Episode, EpisodeChange, title_of,
};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::Broken;
use bridgewatch_core::routing::MergedAlert;
use chrono::{DateTime, Utc};

use super::Correlation;
use crate::desk::IncidentDesk;

/// How much is remembered between pages, counted as text: twenty thousand usual alerts, enough for a storm of four thousand
/// groups.
const MOST_KNOWN_BYTES: usize = 32 * 1024 * 1024;

/// How long after a repeat was written down the next one is worth it, in seconds. The members of a pair say the same within
/// seconds of each other, and a sender that hears no answer says it again at once.
const REPEAT_WRITTEN_AFTER_SECONDS: i64 = 60;

/// What hearing an alert added to what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learnt {
    /// Something that must be written.
    News,
    /// Only that it was heard of again, and when.
    Repeat,
    /// That, and it was written down a moment ago.
    Nothing,
}

/// What is known of an alert.
#[derive(Debug)]
struct Remembered {
    /// Its newest episode, with the incident that belongs to.
    newest: (Option<IncidentId>, Episode),
    /// The `last_seen_at` that is written down.
    written_seen_at: DateTime<Utc>,
}

/// The newest episode of each alert, as the store has it or as deliveries before this one leave it.
#[derive(Debug, Default)]
pub(super) struct Known {
    alerts: HashMap<AlertKey, Remembered>,
    /// Of everything that was learnt since there was room.
    bytes: usize,
}

/// A delivery, heard.
#[derive(Debug)]
pub(in crate::desk) struct Heard {
    /// Earlier steps of alerts that occur more than once in the delivery.
    overtaken: Vec<MergedAlert>,
    /// Each alert once, as the delivery leaves it.
    pub(in crate::desk) merged: Vec<MergedAlert>,
}

impl Heard {
    /// What was split off from an incident has no home there.
    pub(super) fn forget_homes(&mut self, correlation: &Correlation) {
        for alert in self.overtaken.iter_mut().chain(&mut self.merged) {
            alert.known_incident = alert
                .known_incident
                .filter(|home| !correlation.is_split(*home, &alert.episode.group));
        }
    }

    /// What begins to fire, in a few harmless words; `None` if nothing does.
    pub(super) fn what_begins(&self) -> Option<String> {
        let begins: Vec<&Episode> = self
            .merged
            .iter()
            .filter(|alert| alert.change.is_new_firing() || alert.known_incident.is_none())
            .map(|alert| &alert.episode)
            .filter(|episode| episode.state == AlertStatus::Firing)
            .collect();
        (!begins.is_empty()).then(|| title_of(&begins))
    }

    /// Everything that happened; the steps of one alert in their order.
    pub(super) fn into_steps(self) -> impl Iterator<Item = MergedAlert> {
        self.overtaken.into_iter().chain(self.merged)
    }
}

impl Known {
    /// Hears a delivery, without believing it yet.
    pub(super) fn hear(&self, delivery: &Delivery, received_at: DateTime<Utc>) -> Heard {
        let mut overtaken = Vec::new();
        let mut merged: Vec<MergedAlert> = Vec::with_capacity(delivery.alerts.len());
        let mut places: HashMap<AlertKey, usize> = HashMap::with_capacity(delivery.alerts.len());
        for alert in &delivery.alerts {
            let key = alert.key();
            let Some(place) = places.get(&key).copied() else {
                let known = self.alerts.get(&key).map(|alert| &alert.newest);
                places.insert(key, merged.len());
                merged.push(MergedAlert::hear(known, alert, received_at));
                continue;
            };
            // The same alert twice in one delivery is heard twice, the second time after the first.
            let before = &mut merged[place];
            let known = (before.known_incident, before.episode.clone());
            let again = MergedAlert::hear(Some(&known), alert, received_at);
            if !again.change.is_quiet() {
                overtaken.push(std::mem::replace(before, again));
            }
        }
        Heard { overtaken, merged }
    }

    /// From now on this is what is known of an alert.
    pub(super) fn learn(&mut self, home: Option<IncidentId>, alert: &MergedAlert) -> Learnt {
        if let Some(known) = self.alerts.get_mut(&alert.episode.key)
            && known.newest.0 == home
            && known.newest.1.is_repeated_by(&alert.episode)
        {
            let seen_at = alert.episode.last_seen_at;
            known.newest.1.last_seen_at = seen_at;
            let since_written = seen_at - known.written_seen_at;
            if since_written.num_seconds() < REPEAT_WRITTEN_AFTER_SECONDS {
                return Learnt::Nothing;
            }
            known.written_seen_at = seen_at;
            return Learnt::Repeat;
        }
        self.insert(home, alert.episode.clone());
        Learnt::News
    }

    fn insert(&mut self, home: Option<IncidentId>, episode: Episode) {
        self.bytes += weight_bytes(&episode);
        let key = episode.key.clone();
        let remembered = Remembered {
            written_seen_at: episode.last_seen_at,
            newest: (home, episode),
        };
        self.alerts.insert(key, remembered);
    }

    /// The alerts of deliveries of which nothing is known here.
    pub(super) fn lacks<'of>(
        &self,
        deliveries: impl Iterator<Item = &'of Delivery>,
    ) -> Vec<AlertKey> {
        deliveries
            .flat_map(|delivery| &delivery.alerts)
            .map(Alert::key)
            .filter(|key| !self.alerts.contains_key(key))
            .collect()
    }

    /// Learns what the store knows.
    pub(super) fn read(&mut self, episodes: Vec<(Option<IncidentId>, Episode)>) {
        for (incident, episode) in episodes {
            self.insert(incident, episode);
        }
    }

    /// Forgets everything when there is too much of it: what is needed again is read again.
    pub(super) fn make_room(&mut self) {
        if self.bytes > MOST_KNOWN_BYTES {
            *self = Self::default();
        }
    }
}

impl IncidentDesk {
    /// Before a delivery is heard: the alerts in it that began anew after their incident ended were over with that
    /// incident. Gives back what is to be learnt and written about it, by incident.
    pub(super) async fn end_with_incidents(
        &self,
        known: &Known,
        delivery: &Delivery,
    ) -> Result<Vec<(IncidentId, MergedAlert)>, Broken> {
        let mut ends: HashMap<IncidentId, Option<DateTime<Utc>>> = HashMap::new();
        let mut over = Vec::new();
        for alert in &delivery.alerts {
            let known = known.alerts.get(&alert.key()).map(|known| &known.newest);
            let Some((Some(home), episode)) = known else {
                continue;
            };
            if !episode.begins_anew_with(alert) {
                continue;
            }
            let home = *home;
            let end = match ends.get(&home) {
                Some(end) => *end,
                None => {
                    let incident = self.store.incident(home).await?;
                    let end = incident.and_then(|incident| incident.ended_at());
                    ends.insert(home, end);
                    end
                }
            };
            let Some(episode) = end.and_then(|end| episode.over_with_its_incident(alert, end))
            else {
                continue;
            };
            let merged = MergedAlert {
                episode,
                // Nobody is told: the incident is over, and so is what it was about.
                change: EpisodeChange::Stale,
                known_incident: Some(home),
            };
            over.push((home, merged));
        }
        Ok(over)
    }
}

/// About what an episode takes.
fn weight_bytes(episode: &Episode) -> usize {
    /// What is in every episode, labels aside.
    const FRAME: usize = 1_024;
    let texts = episode.labels.iter().chain(&episode.annotations);
    texts.fold(FRAME, |sum, (name, value)| sum + name.len() + value.len())
}

/// Whether an incident hears something new of an alert.
pub(super) fn is_news(alert: &MergedAlert, home: Option<IncidentId>) -> bool {
    !alert.change.is_quiet() || comes_firing(alert, home)
}

/// Whether an alert that was known already comes to an incident with all its fire.
pub(super) fn comes_firing(alert: &MergedAlert, home: Option<IncidentId>) -> bool {
    alert.episode.state == AlertStatus::Firing && home.is_some() && alert.known_incident != home
}

/// The episodes of an incident with what has just been heard on top.
pub(super) fn overlaid(mut known: Vec<Episode>, heard: &[MergedAlert]) -> Vec<Episode> {
    // What is known comes in the order of the starts, so the last of each alert is its newest.
    let mut newest: HashMap<AlertKey, usize> = known
        .iter()
        .enumerate()
        .map(|(place, episode)| (episode.key.clone(), place))
        .collect();
    for alert in heard {
        let episode = alert.episode.clone();
        match newest.get(&episode.key) {
            Some(place) if !alert.change.is_new_episode() => known[*place] = episode,
            _ => {
                newest.insert(episode.key.clone(), known.len());
                known.push(episode);
            }
        }
    }
    known
}
