//! Episodes: from all that is said about an alert, what is true.
//!
//! # The rule
//!
//! Deliveries arrive late, twice and out of order, so an episode must not depend on the order in which they came. It is
//! therefore computed from quantities that only grow: the latest time at which the alert is known to have begun, and the
//! latest time at which it is known to have ended. **It fires if it began after it last ended.** From this follow the
//! three rules people ask about:
//!
//! * A resolved notice is ignored if the alert is known to have begun again later.
//! * A firing notice that began before the known end is stale: the other member of a pair sent it late.
//! * Unless it is sent again: a sender that still says so [`STALE_FIRING_BELIEVED_AFTER_SECONDS`] later means it. (That
//!   happens when an alert is declared resolved for want of news, and the news comes back.) This is the one rule that
//!   depends on when we hear something.
//!
//! An episode is firing-to-resolved *as seen by us*: an alert that cleared and fired again between two notices, so that
//! only its start has moved, stays one episode. Only when its incident ended in between is it two
//! ([`Episode::over_with_its_incident`]): what begins after the end of an incident is a new outage.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Alert, AlertKey, AlertStatus, GroupKey, Pairs};

/// A firing notice that contradicts a known end is believed when it is repeated at least this long after it was first
/// disbelieved. Longer than Alertmanager retries one notice by default (its group interval of five minutes and a pair's
/// fifteen seconds), so that a retry is never taken for a repeat.
pub const STALE_FIRING_BELIEVED_AFTER_SECONDS: i64 = 6 * 60;

/// One stretch of one alert, from firing to resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Which alert.
    pub key: AlertKey,
    /// The group it was last sent in. Changes when the sender's routes are edited.
    pub group: GroupKey,
    /// What identifies the alert.
    pub labels: Pairs,
    /// What explains it, as last said.
    pub annotations: Pairs,
    /// Whether it fires.
    pub state: AlertStatus,
    /// When it began: the earliest start any sender gave for this episode.
    pub starts_at: DateTime<Utc>,
    /// When it cleared; `None` while it fires.
    pub ends_at: Option<DateTime<Utc>>,
    /// When we first heard of it.
    pub first_seen_at: DateTime<Utc>,
    /// When we last heard of it.
    pub last_seen_at: DateTime<Utc>,
    /// Where the sender explains the rule.
    pub generator_url: Option<String>,
    /// What must be remembered to judge notices that arrive late.
    pub marks: ArrivalMarks,
}

impl Episode {
    /// Whether `alert` says that this alert, which fires as far as is known, began later than was known: it cleared and
    /// fired again, and nobody told us of the end.
    #[must_use]
    pub fn begins_anew_with(&self, alert: &Alert) -> bool {
        let known_start = self.marks.latest_start_at.max(Some(self.starts_at));
        self.state == AlertStatus::Firing
            && alert.status == AlertStatus::Firing
            && Some(alert.starts_at) > known_start
    }

    /// Whether `later` says nothing but that the alert was heard of again.
    #[must_use]
    pub fn is_repeated_by(&self, later: &Self) -> bool {
        let Self {
            key,
            group,
            labels,
            annotations,
            state,
            starts_at,
            ends_at,
            first_seen_at,
            last_seen_at: _,
            generator_url,
            marks,
        } = later;
        self.state == *state
            && self.starts_at == *starts_at
            && self.ends_at == *ends_at
            && self.first_seen_at == *first_seen_at
            && self.marks == *marks
            && self.key == *key
            && self.group == *group
            && self.generator_url == *generator_url
            && self.labels == *labels
            && self.annotations == *annotations
    }

    /// This episode as it is kept from now on when `alert` began anew after its incident ended: over since that end.
    /// When it cleared in truth nobody said. Hearing `alert` then begins the next episode.
    ///
    /// `None` when it did not begin anew, or did while people were still at work.
    #[must_use]
    pub fn over_with_its_incident(
        &self,
        alert: &Alert,
        incident_ended_at: DateTime<Utc>,
    ) -> Option<Self> {
        let is_over = self.begins_anew_with(alert) && alert.starts_at > incident_ended_at;
        is_over.then(|| Self {
            state: AlertStatus::Resolved,
            ends_at: Some(incident_ended_at.max(self.starts_at)),
            ..self.clone()
        })
    }
}

/// What an episode remembers about notices so that their order does not matter. Opaque to everybody but [`merge`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivalMarks {
    /// The latest start any notice gave. `None` if no notice gave a believable one.
    pub latest_start_at: Option<DateTime<Utc>>,
    /// Ends up to here belong to earlier episodes.
    pub settled_until: Option<DateTime<Utc>>,
    /// When a firing notice that contradicts the known end was first heard.
    pub disbelieved_since: Option<DateTime<Utc>>,
}

/// What a notice did to what we hold true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpisodeChange {
    /// The first we hear of this alert, and it fires.
    Opened,
    /// It had cleared and fires anew: a new episode, to be stored beside the old one.
    Refired,
    /// The same episode fires after all: the sender insists, so what we took for its end was none.
    Reopened,
    /// It cleared.
    Cleared,
    /// A new episode that was over before we heard of it.
    ArrivedCleared,
    /// It cleared and fired again unseen: a later start was heard of, without an end before it.
    Restarted,
    /// Another sender saw it begin earlier.
    StartMovedEarlier,
    /// It had cleared, a little later than we knew.
    EndMovedLater,
    /// The labels differ; only with senders whose fingerprint is not made of the labels.
    LabelsChanged,
    /// Only the explanation or its link differs.
    AnnotationsChanged,
    /// Nothing new.
    Repeated,
    /// Older than what we know; nothing people see has changed.
    Stale,
}

impl EpisodeChange {
    /// Whether an alert began to fire, as far as people are concerned.
    #[must_use]
    pub fn is_new_firing(self) -> bool {
        matches!(self, Self::Opened | Self::Refired | Self::Reopened)
    }

    /// Whether the episode is a new one: a new row, not a new state of the current one.
    #[must_use]
    pub fn is_new_episode(self) -> bool {
        matches!(self, Self::Opened | Self::Refired | Self::ArrivedCleared)
    }

    /// Whether nothing but "we heard of it again" has changed: no line in a timeline, no redrawn board.
    #[must_use]
    pub fn is_quiet(self) -> bool {
        matches!(self, Self::Repeated | Self::Stale)
    }
}

/// The result of hearing one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// The episode that is now current. If `change.is_new_episode()`, the one given to [`merge`] is over and stays as it is.
    pub episode: Episode,
    /// What is new about it.
    pub change: EpisodeChange,
}

/// Hears `alert` at `received_at`, given the latest episode of the same alert, if any.
///
/// Hearing the same alert again changes nothing but `last_seen_at`. The state, the start and the end do
/// not depend on the order in which the notices of an alert arrive (see the module's rule for the one exception).
///
/// `current` must have the key of `alert`; [`Alert::key`] finds it.
#[must_use]
pub fn merge(current: Option<&Episode>, alert: &Alert, received_at: DateTime<Utc>) -> Merge {
    match (current, alert.status) {
        (None, AlertStatus::Firing) => begin(alert, received_at, None, EpisodeChange::Opened),
        (None, AlertStatus::Resolved) => arrive_cleared(alert, received_at, None),
        (Some(episode), AlertStatus::Firing) => hear_firing(episode, alert, received_at),
        (Some(episode), AlertStatus::Resolved) => hear_resolved(episode, alert, received_at),
    }
}

fn hear_firing(episode: &Episode, alert: &Alert, received_at: DateTime<Utc>) -> Merge {
    let start = alert.starts_at;
    if let (AlertStatus::Resolved, Some(end)) = (episode.state, episode.ends_at) {
        if start > end {
            return begin(alert, received_at, Some(end), EpisodeChange::Refired);
        }
        let disbelieved_since = episode.marks.disbelieved_since.unwrap_or(received_at);
        let mut next = heard(episode, received_at);
        include_start(&mut next, start);
        if received_at - disbelieved_since < TimeDelta::seconds(STALE_FIRING_BELIEVED_AFTER_SECONDS)
        {
            next.marks.disbelieved_since = Some(disbelieved_since);
            let change = if next.starts_at < episode.starts_at {
                EpisodeChange::StartMovedEarlier
            } else {
                EpisodeChange::Stale
            };
            return Merge {
                episode: next,
                change,
            };
        }
        next.state = AlertStatus::Firing;
        next.ends_at = None;
        next.marks.settled_until = episode.marks.settled_until.max(Some(end));
        next.marks.disbelieved_since = None;
        describe(&mut next, alert);
        return Merge {
            episode: next,
            change: EpisodeChange::Reopened,
        };
    }

    let belongs_to_the_past = episode
        .marks
        .settled_until
        .is_some_and(|settled| start <= settled)
        && start < episode.starts_at;
    if belongs_to_the_past {
        return Merge {
            episode: heard(episode, received_at),
            change: EpisodeChange::Stale,
        };
    }
    let mut next = heard(episode, received_at);
    include_start(&mut next, start);
    let described = describe(&mut next, alert);
    let change = if next.starts_at < episode.starts_at {
        EpisodeChange::StartMovedEarlier
    } else if next.marks.latest_start_at > episode.marks.latest_start_at {
        EpisodeChange::Restarted
    } else {
        described
    };
    Merge {
        episode: next,
        change,
    }
}

fn hear_resolved(episode: &Episode, alert: &Alert, received_at: DateTime<Utc>) -> Merge {
    // A sender that gives no end means now; hearing it twice must not move the end.
    let end = match (alert.ends_at, episode.ends_at) {
        (Some(end), _) => end.max(alert.starts_at),
        (None, Some(known)) if alert.starts_at <= known => known,
        (None, _) => received_at.max(alert.starts_at),
    };
    // Alertmanager gives an end alone the same time as start: such a start says nothing.
    let start = Some(alert.starts_at).filter(|start| *start < end);

    if let (AlertStatus::Resolved, Some(known_end)) = (episode.state, episode.ends_at)
        && start.is_some_and(|start| start > known_end)
    {
        return arrive_cleared(alert, received_at, Some(known_end));
    }
    let settled = episode
        .marks
        .settled_until
        .is_some_and(|settled| end <= settled);
    let latest_start = episode.marks.latest_start_at.max(start);
    let began_again_later = latest_start.is_some_and(|latest| end < latest);
    if settled || began_again_later {
        let mut next = heard(episode, received_at);
        if began_again_later && !settled {
            next.marks.settled_until = Some(end);
            // What we took for one episode was two: the current one began after this end.
            if let Some(latest) = latest_start
                && next.starts_at <= end
            {
                next.starts_at = latest;
            }
        }
        let change = if next.starts_at > episode.starts_at {
            EpisodeChange::Restarted
        } else {
            EpisodeChange::Stale
        };
        return Merge {
            episode: next,
            change,
        };
    }

    let mut next = heard(episode, received_at);
    if let Some(start) = start {
        include_start(&mut next, start);
    }
    next.state = AlertStatus::Resolved;
    next.ends_at = episode.ends_at.max(Some(end));
    let described = describe(&mut next, alert);
    let change = if episode.state == AlertStatus::Firing {
        EpisodeChange::Cleared
    } else if next.ends_at > episode.ends_at {
        EpisodeChange::EndMovedLater
    } else if next.starts_at < episode.starts_at {
        EpisodeChange::StartMovedEarlier
    } else {
        described
    };
    if next.ends_at > episode.ends_at {
        next.marks.disbelieved_since = None;
    }
    Merge {
        episode: next,
        change,
    }
}

/// The same episode, heard of again.
fn heard(episode: &Episode, received_at: DateTime<Utc>) -> Episode {
    let mut next = episode.clone();
    next.last_seen_at = next.last_seen_at.max(received_at);
    next.first_seen_at = next.first_seen_at.min(received_at);
    next
}

/// Takes a start into account, unless it belongs to an earlier episode.
fn include_start(episode: &mut Episode, start: DateTime<Utc>) {
    let earlier_episode = episode
        .marks
        .settled_until
        .is_some_and(|settled| start <= settled);
    if !earlier_episode {
        episode.starts_at = episode.starts_at.min(start);
    }
    episode.marks.latest_start_at = episode.marks.latest_start_at.max(Some(start));
}

/// Takes over what the notice says about the alert, and tells whether that was news.
fn describe(episode: &mut Episode, alert: &Alert) -> EpisodeChange {
    let labels_changed = episode.labels != alert.labels;
    let annotations_changed = episode.annotations != alert.annotations
        || (alert.generator_url.is_some() && episode.generator_url != alert.generator_url);
    episode.group = alert.group();
    if labels_changed {
        episode.labels = alert.labels.clone();
    }
    if annotations_changed {
        episode.annotations = alert.annotations.clone();
        if alert.generator_url.is_some() {
            episode.generator_url = alert.generator_url.clone();
        }
    }
    if labels_changed {
        EpisodeChange::LabelsChanged
    } else if annotations_changed {
        EpisodeChange::AnnotationsChanged
    } else {
        EpisodeChange::Repeated
    }
}

fn begin(
    alert: &Alert,
    received_at: DateTime<Utc>,
    settled_until: Option<DateTime<Utc>>,
    change: EpisodeChange,
) -> Merge {
    Merge {
        episode: Episode {
            key: alert.key(),
            group: alert.group(),
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            state: AlertStatus::Firing,
            starts_at: alert.starts_at,
            ends_at: None,
            first_seen_at: received_at,
            last_seen_at: received_at,
            generator_url: alert.generator_url.clone(),
            marks: ArrivalMarks {
                latest_start_at: Some(alert.starts_at),
                settled_until,
                disbelieved_since: None,
            },
        },
        change,
    }
}

fn arrive_cleared(
    alert: &Alert,
    received_at: DateTime<Utc>,
    settled_until: Option<DateTime<Utc>>,
) -> Merge {
    let mut merge = begin(
        alert,
        received_at,
        settled_until,
        EpisodeChange::ArrivedCleared,
    );
    let end = alert.ends_at.unwrap_or(received_at).max(alert.starts_at);
    let episode = &mut merge.episode;
    episode.state = AlertStatus::Resolved;
    episode.ends_at = Some(end);
    if end == alert.starts_at {
        episode.marks.latest_start_at = None;
    }
    merge
}

#[cfg(test)]
mod tests;
