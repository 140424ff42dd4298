//! Alerts: what a monitoring system says, and what is true about it.
//!
//! A monitoring system says the same thing many times, late, twice from a pair, and sometimes in the wrong order. A
//! [`Delivery`] is one such saying, as a source's parser understood it; an [`Episode`] is what follows from all of them:
//! one stretch of one alert, from the moment it fired until it cleared. [`merge`] turns the first into the second.
//!
//! Three sentences a reader must know before touching this:
//!
//! * An alert that is missing from a delivery has **not** cleared: it may be silenced, inhibited or cut off.
//! * The status of a whole delivery says nothing: it is computed by the sender after cutting alerts off. Only the status
//!   of each alert counts, and so [`Delivery`] has none.
//! * Times are kept in microseconds, the finest that both databases keep.

mod category;
mod episode;
mod flapping;
mod identity;
mod pairs;
mod severity;
mod summary;
mod title;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use category::{category_of, guessed_category};
pub use episode::{
    ArrivalMarks, Episode, EpisodeChange, Merge, STALE_FIRING_BELIEVED_AFTER_SECONDS, merge,
};
pub use flapping::{FLAPPING_CYCLES, FLAPPING_WINDOW_SECONDS, Flapping, flapping, flapping_names};
pub(crate) use identity::digest_of;
pub use identity::{AlertKey, GroupKey, fingerprint_of};
pub use pairs::Pairs;
pub use severity::{AlertSeverity, SeverityRules, SeverityVerdict, severity_of};
pub use summary::{AlertSummary, summarise};
pub(crate) use title::is_invisible;
pub use title::{MAX_TITLE_CHARS, safe_line, storm_title, title_of};

/// Whether an alert fires. The same word is used for what a sender says and for what we hold true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertStatus {
    /// The condition holds.
    Firing,
    /// The condition held and no longer does.
    Resolved,
}

/// One alert as one delivery describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The name of the intake it came through, for example `alertmanager`.
    pub source: String,
    /// Whom the sender meant to tell, by the sender's name for it.
    pub receiver: String,
    /// The sender's name for the group the alert was sent in.
    pub group_key: String,
    /// The identity of the alert within its source: the same for as long as its labels are the same.
    pub fingerprint: String,
    /// Whether it fires, according to this delivery.
    pub status: AlertStatus,
    /// What identifies it. May lack `alertname`.
    pub labels: Pairs,
    /// What explains it.
    pub annotations: Pairs,
    /// When it began to fire, by the sender's clock. May move between deliveries of one episode, in both directions.
    pub starts_at: DateTime<Utc>,
    /// When it cleared. `None` while it fires, and for senders that do not say.
    pub ends_at: Option<DateTime<Utc>>,
    /// Where the sender explains the rule. Often a host that only the inside can reach.
    pub generator_url: Option<String>,
}

impl Alert {
    /// Which alert this is, whichever member of a pair sent it.
    #[must_use]
    pub fn key(&self) -> AlertKey {
        AlertKey {
            source: self.source.clone(),
            fingerprint: self.fingerprint.clone(),
        }
    }

    /// Which group it was sent in.
    #[must_use]
    pub fn group(&self) -> GroupKey {
        GroupKey {
            source: self.source.clone(),
            receiver: self.receiver.clone(),
            group_key: self.group_key.clone(),
        }
    }
}

/// One request of a sender, understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The name of the intake it came through.
    pub source: String,
    /// Whom the sender meant to tell.
    pub receiver: String,
    /// The sender's name for the group. It holds neither the receiver nor the sender's own name.
    pub group_key: String,
    /// Where the sender can be reached by a person; differs between the members of a pair.
    pub external_url: Option<String>,
    /// How many alerts the sender left out. They may be firing.
    pub truncated_alerts: u64,
    /// Why the sender speaks now, in its own words, if it says so.
    pub notification_reason: Option<String>,
    /// The labels that all alerts of this delivery share. They change as members come and go.
    pub common_labels: Pairs,
    /// The alerts, in the sender's order; never empty.
    pub alerts: Vec<Alert>,
}

impl Delivery {
    /// The same delivery under the name that the configuration gives its intake. Two Alertmanagers that are no pair want
    /// two names, or their groups would meet.
    #[must_use]
    pub fn named(mut self, source: &str) -> Self {
        self.source = source.to_owned();
        for alert in &mut self.alerts {
            alert.source = source.to_owned();
        }
        self
    }

    /// Which group this is.
    #[must_use]
    pub fn group(&self) -> GroupKey {
        GroupKey {
            source: self.source.clone(),
            receiver: self.receiver.clone(),
            group_key: self.group_key.clone(),
        }
    }
}

/// The `alertname` of a set of labels, if there is one that says anything.
#[must_use]
pub fn alert_name(labels: &Pairs) -> Option<&str> {
    labels
        .get("alertname")
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
}

/// What to call an alert that has no name.
pub const UNNAMED: &str = "alert without a name";

#[cfg(test)]
pub(crate) mod tests;
