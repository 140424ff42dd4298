//! The numbers and labels by which alerts are routed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{Pairs, SeverityRules, safe_line};

/// So many minutes the alerts of what was no incident are quiet.
pub const HUSH_AFTER_CANCEL_MINUTES: u64 = 30;

/// What a team may change about routing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoutingRules {
    /// From labels to severities.
    pub severity: SeverityRules,
    /// The labels by which alerts belong together, in the order in which they are asked.
    pub correlation_keys: Vec<CorrelationKey>,
    /// An incident is correlated with until its last alert is older than this.
    pub correlate_window: Duration,
    /// So many distinct critical alert names make a storm.
    pub storm_alertnames: u32,
    /// If they come within this time. Also how long a burst is followed after its incident was declared.
    pub storm_window: Duration,
    /// Critical alerts that follow one another within this time are one burst. Zero switches the rule off.
    pub burst_window: Duration,
    /// Alerts open at most one channel in this time.
    pub new_channel_min_gap: Duration,
    /// Alerts open no further incident while so many are active.
    pub max_active_incidents: u32,
    /// How long an umbrella takes in whatever would need a channel.
    pub umbrella_absorbs: Duration,
    /// An incident that ended at most this long ago has a relapse, not a successor.
    pub reopen_window: Duration,
    /// For so long the alerts of what turned out to be no incident open nothing, though they fire anew.
    pub hush_after_cancel: Duration,
}

impl Default for RoutingRules {
    fn default() -> Self {
        Self {
            severity: SeverityRules::default(),
            correlation_keys: [
                &["incident"][..],
                &["service"],
                &["namespace", "job"],
                &["category"],
            ]
            .into_iter()
            .map(|labels| CorrelationKey(labels.iter().map(|label| (*label).to_owned()).collect()))
            .collect(),
            correlate_window: Duration::from_secs(30 * 60),
            storm_alertnames: 3,
            storm_window: Duration::from_secs(10 * 60),
            burst_window: Duration::from_secs(60),
            new_channel_min_gap: Duration::from_secs(60),
            max_active_incidents: 5,
            umbrella_absorbs: Duration::from_secs(10 * 60),
            reopen_window: Duration::from_secs(24 * 60 * 60),
            hush_after_cancel: Duration::from_secs(HUSH_AFTER_CANCEL_MINUTES * 60),
        }
    }
}

/// Whether `then` is at most `window` before `now`; the future counts as now, since clocks differ.
pub(super) fn within(now: DateTime<Utc>, then: DateTime<Utc>, window: Duration) -> bool {
    TimeDelta::from_std(window).map_or(true, |window| now - then <= window)
}

/// One label, or several that count together: `service`, `namespace+job`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CorrelationKey(Vec<String>);

/// Between the values of several labels: a character that no label has.
const BETWEEN_VALUES: &str = "\u{1f}";

impl CorrelationKey {
    /// What `labels` say for this key; `None` if one of its labels is missing or empty.
    #[must_use]
    pub fn value_of(&self, labels: &Pairs) -> Option<String> {
        let values: Option<Vec<&str>> = self
            .0
            .iter()
            .map(|label| {
                labels
                    .get(label)
                    .map(String::as_str)
                    .filter(|value| !value.is_empty())
            })
            .collect();
        values.map(|values| values.join(BETWEEN_VALUES))
    }

    /// A value as people read it: `service=orders-api`, or `namespace=shop and job=orders`.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        self.0
            .iter()
            .zip(value.split(BETWEEN_VALUES))
            .map(|(label, value)| format!("{label}={}", safe_line(value, 60)))
            .collect::<Vec<_>>()
            .join(" and ")
    }

    /// Whether it is the label `incident`, by which a rule's author says outright what belongs together.
    pub(super) fn is_deliberate(&self) -> bool {
        self.0 == ["incident"]
    }
}

impl fmt::Display for CorrelationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("+"))
    }
}

/// Why a text is not a correlation key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no labels: write one like service, or several like namespace+job")]
pub struct NotACorrelationKey(pub String);

impl FromStr for CorrelationKey {
    type Err = NotACorrelationKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let labels: Vec<String> = text
            .split('+')
            .map(|label| label.trim().to_owned())
            .collect();
        if labels.iter().any(String::is_empty) {
            return Err(NotACorrelationKey(text.chars().take(40).collect()));
        }
        Ok(Self(labels))
    }
}

impl TryFrom<String> for CorrelationKey {
    type Error = NotACorrelationKey;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CorrelationKey> for String {
    fn from(key: CorrelationKey) -> Self {
        key.to_string()
    }
}
