//! Where an alert goes: into an incident that exists, into a new one, or nowhere.
//!
//! One outage makes many alerts, in many groups, within seconds. People want one channel for it, and they want to know why
//! an alert is in that channel. [`route`] therefore decides about one delivery at a time, always in the same order, and
//! writes down every question it asked:
//!
//! 1. Does an active incident hold this **group**, or one of these **alerts**? Then it joins, always. What a duplicate
//!    held is held by the incident it was merged into.
//! 2. Does an active incident that had an alert in the last 30 minutes share a **label**: `incident`, `service`,
//!    `namespace` and `job` together, `category`, in this order? Then it joins.
//! 3. Is an alert critical, and did alerts open an incident that still receives them, the last at most 60 seconds ago?
//!    Then it is the same **burst**: it joins the newest such incident. Without this rule a night in which API, database
//!    and AI go red together would begin as three incidents. A burst is followed for at most the storm window (10
//!    minutes) after its incident was declared.
//! 4. Did an incident with this group or alert end in the last 24 hours? Then it may be a **relapse**: people are asked
//!    whether the old one is to be reopened. Until they answer, for five minutes at most, the alerts belong to none; then
//!    they are routed again, into the old incident or into a new one that names it. What cannot be reopened any more is
//!    not asked about.
//! 5. Is there an **umbrella** younger than 10 minutes? It takes in whatever would need a channel.
//! 6. Would it be the second new channel within 60 seconds, or the sixth active incident? Then the **brake** holds: an
//!    umbrella incident is opened, or joined if one is active and there are too many incidents.
//! 7. It opens an incident of its own.
//!
//! Between 1 and 2: did a person say within the last 30 minutes that what these alerts opened was no incident? Then they
//! are **hushed**, also when they fire anew. One alert that was not part of it is enough, and all of them are routed. What
//! still fires when the half hour is over is routed as soon as it is heard of again.
//!
//! A group that a person has **split off** from a live incident goes its own way: rules 2, 3, 5 and 6 do not hold for it.
//!
//! An alert that fires on after its incident ended opens nothing: people knew of it when they ended that. One that begins
//! anew after that end does, also when nobody told us that it had cleared in between: its episode is over with the incident
//! ([`Episode::over_with_its_incident`]) before it is heard.
//!
//! Severity only rises: to what the worst new alert asks for, and to SEV1 by the **storm rule** once three distinct
//! critical alert names have come together within 10 minutes.
//!
//! Rules 2, 3, 5 and 6 stop at a **fence**: a security alert is not shown to people outside a restricted incident, and
//! other alerts do not vanish into one. The label `incident` crosses it, because somebody set it on purpose.

mod decide;
mod held;
mod reason;
mod rules;
#[cfg(test)]
mod tests;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, AlertKey, Episode, EpisodeChange, GroupKey, UNNAMED, alert_name, merge};
use crate::category::Category;
use crate::ids::IncidentId;
use crate::severity::Severity;

pub use decide::route;
pub use held::route_within;
pub use reason::{Brake, Reason};
pub use rules::{CorrelationKey, HUSH_AFTER_CANCEL_MINUTES, NotACorrelationKey, RoutingRules};

/// An alert of the delivery at hand, merged into what was known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedAlert {
    /// The episode that is now current.
    pub episode: Episode,
    /// What the delivery changed about it.
    pub change: EpisodeChange,
    /// The incident to which this alert was last attached, in this episode or an earlier one. `None` also if the alert
    /// was written down but never routed; it is routed then, so that a crash in between loses nothing.
    pub known_incident: Option<IncidentId>,
}

impl MergedAlert {
    /// Hears `alert`. `known` is the newest stored episode of it with the incident that episode belongs to.
    #[must_use]
    pub fn hear(
        known: Option<&(Option<IncidentId>, Episode)>,
        alert: &Alert,
        received_at: DateTime<Utc>,
    ) -> Self {
        let merged = merge(known.map(|(_, episode)| episode), alert, received_at);
        Self {
            episode: merged.episode,
            change: merged.change,
            known_incident: known.and_then(|(incident, _)| *incident),
        }
    }
}

/// An alert name that was attached to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSighting {
    /// The `alertname`.
    pub name: String,
    /// When an alert of this name last joined.
    pub at: DateTime<Utc>,
    /// Whether one of them asked for SEV1 or SEV2.
    pub critical: bool,
}

/// What people said to the question whether an incident came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelapseAnswer {
    /// It is over for good: nobody is asked.
    #[default]
    Final,
    /// Nobody was asked yet.
    Unasked,
    /// They were asked and may answer until then.
    Waits(DateTime<Utc>),
    /// It is another one.
    New,
}

/// What routing must know of an incident: the active ones, and those that ended within the reopen window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIncident {
    /// Which incident.
    pub id: IncidentId,
    /// Whether people still work on it.
    pub active: bool,
    /// How bad it is now.
    pub severity: Severity,
    /// Whether only chosen people may see it.
    pub restricted: bool,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Whether alerts opened it, rather than a person.
    pub opened_by_alerts: bool,
    /// Whether it gathers what a storm leaves over.
    pub umbrella: bool,
    /// When the last new alert joined it.
    pub last_alert_at: Option<DateTime<Utc>>,
    /// The incident it was merged into, if it was.
    pub merged_into: Option<IncidentId>,
    /// What people said to its relapse.
    pub relapse: RelapseAnswer,
    /// The groups that wait for that answer.
    pub relapse_groups: BTreeSet<GroupKey>,
    /// The groups that a person has split off from it.
    pub split: BTreeSet<GroupKey>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When a person said that it is no incident, for a reason that hushes its alerts.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// The alerts that are hushed then; empty for every other incident.
    pub hushed: BTreeSet<AlertKey>,
    /// The groups it holds.
    pub groups: BTreeSet<GroupKey>,
    /// By correlation key (see [`CorrelationKey`], for example `service` or `namespace+job`): the values of its alerts.
    pub correlation: BTreeMap<String, Vec<String>>,
    /// The names of its alerts; those older than the storm window may be left out.
    pub alert_names: Vec<AlertSighting>,
}

impl OpenIncident {
    /// An active incident without alerts.
    #[must_use]
    pub fn new(id: IncidentId, severity: Severity, declared_at: DateTime<Utc>) -> Self {
        Self {
            id,
            active: true,
            severity,
            restricted: false,
            declared_at,
            opened_by_alerts: false,
            umbrella: false,
            last_alert_at: None,
            merged_into: None,
            relapse: RelapseAnswer::default(),
            relapse_groups: BTreeSet::new(),
            split: BTreeSet::new(),
            resolved_at: None,
            cancelled_at: None,
            hushed: BTreeSet::new(),
            groups: BTreeSet::new(),
            correlation: BTreeMap::new(),
            alert_names: Vec::new(),
        }
    }

    /// Takes an alert into account that joined at `at`. Used both to rebuild an incident's picture from its stored
    /// episodes (with [`Episode::first_seen_at`]) and to keep it up to date.
    pub fn remember(&mut self, episode: &Episode, at: DateTime<Utc>, rules: &RoutingRules) {
        self.last_alert_at = self.last_alert_at.max(Some(at));
        if !self.groups.contains(&episode.group) {
            self.groups.insert(episode.group.clone());
        }
        for key in &rules.correlation_keys {
            if let Some(value) = key.value_of(&episode.labels) {
                let values = self.correlation.entry(key.to_string()).or_default();
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        let name = alert_name(&episode.labels).unwrap_or(UNNAMED);
        let critical = rules
            .severity
            .severity_of(&episode.labels)
            .severity
            .is_critical();
        let same_name =
            |sighting: &&mut AlertSighting| sighting.name == name && sighting.critical == critical;
        match self.alert_names.iter_mut().find(same_name) {
            Some(sighting) => sighting.at = sighting.at.max(at),
            None => self.alert_names.push(AlertSighting {
                name: name.to_owned(),
                at,
                critical,
            }),
        }
    }
}

/// What the storm brake must know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StormState {
    /// When alerts last opened a channel, umbrellas included.
    pub last_opened_at: Option<DateTime<Utc>>,
    /// How many incidents are active, umbrellas left out.
    pub active_incidents: u32,
}

impl StormState {
    /// The state that follows from all active incidents.
    #[must_use]
    pub fn of(open: &[OpenIncident]) -> Self {
        let active = open
            .iter()
            .filter(|incident| incident.active && !incident.umbrella);
        Self {
            last_opened_at: open
                .iter()
                .filter(|incident| incident.opened_by_alerts)
                .map(|incident| incident.declared_at)
                .max(),
            active_incidents: u32::try_from(active.count()).unwrap_or(u32::MAX),
        }
    }
}

/// Where a delivery goes.
///
/// It says where the *new* alerts go. An alert that already belongs to an incident stays there, whatever the delivery
/// joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Nowhere: nothing is new, or nothing asks for an incident.
    Ignore {
        /// Why, as a sentence.
        why: String,
    },
    /// Into an incident that exists. Also when alerts of that incident cleared or changed, so that its board is redrawn.
    Join {
        /// Which.
        incident: IncidentId,
        /// Why, as a sentence: "joined because service=orders-api".
        because: String,
        /// The severity that the incident must rise to, if it must.
        severity_raised_to: Option<Severity>,
        /// Whether the storm rule holds for it now.
        storm: bool,
    },
    /// Nowhere yet: people are asked whether an incident that was resolved has come back.
    AskRelapse {
        /// Which.
        incident: IncidentId,
    },
    /// Nowhere while a maintenance window is on.
    Hold {
        /// Which window.
        window: u32,
        /// When it is over.
        until: DateTime<Utc>,
    },
    /// Into an incident of its own.
    Open {
        /// How bad.
        severity: Severity,
        /// One harmless line of at most 100 characters.
        title: String,
        /// What kind of failure. [`Category::Security`] opens restricted.
        category: Category,
        /// The services concerned.
        services: BTreeSet<String>,
        /// Whether the storm rule holds.
        storm: bool,
        /// The resolved incident that seems to have come back, though people said, by a word or by silence, that this is
        /// another one.
        relapse_of: Option<IncidentId>,
    },
    /// Into a new incident that gathers what a storm leaves over.
    Umbrella {
        /// How bad.
        severity: Severity,
        /// "Alert storm 03:04", in UTC.
        title: String,
        /// The services concerned.
        services: BTreeSet<String>,
        /// Whether the storm rule holds.
        storm: bool,
        /// Why it has no channel of its own, as a sentence.
        because: String,
    },
}

impl std::fmt::Display for Decision {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ignore { why } => write!(formatter, "Ignore: {why}."),
            Self::Join {
                incident,
                because,
                severity_raised_to,
                ..
            } => {
                write!(formatter, "Join {incident}: {because}")?;
                if let Some(severity) = severity_raised_to {
                    write!(formatter, "; it rises to {severity}")?;
                }
                formatter.write_str(".")
            }
            Self::AskRelapse { incident } => {
                write!(formatter, "Ask whether {incident} has come back.")
            }
            Self::Hold { window, until } => write!(
                formatter,
                "Hold for maintenance {window} until {} UTC.",
                until.format("%H:%M")
            ),
            Self::Open {
                severity,
                title,
                category,
                relapse_of,
                ..
            } => {
                write!(
                    formatter,
                    "Open a {severity} incident \"{title}\" (category {category})"
                )?;
                if let Some(incident) = relapse_of {
                    write!(formatter, ", perhaps a relapse of {incident}")?;
                }
                formatter.write_str(".")
            }
            Self::Umbrella {
                severity,
                title,
                because,
                ..
            } => write!(
                formatter,
                "Open a {severity} umbrella incident \"{title}\": {because}."
            ),
        }
    }
}

/// A decision and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    /// Where it goes.
    pub decision: Decision,
    /// The questions that were asked, in order, with their answers.
    pub trace: Vec<Reason>,
}

impl Routing {
    /// Whether it goes nowhere only for the time being. Then its alerts belong to no incident, so that whichever still
    /// fires afterwards is routed when it is heard of again.
    #[must_use]
    pub fn is_hushed(&self) -> bool {
        let hushed = |reason: &Reason| matches!(reason, Reason::Hushed { .. });
        let waits = matches!(
            self.decision,
            Decision::AskRelapse { .. } | Decision::Hold { .. }
        );
        waits || self.trace.iter().any(hushed)
    }

    /// Because of which likeness it joins an incident, in words that follow "attached"; `None` if it belongs there anyway,
    /// or if what gathers a storm took it in.
    #[must_use]
    pub fn likeness(&self) -> Option<String> {
        let is_alike =
            |reason: &Reason| matches!(reason, Reason::Correlated { .. } | Reason::Burst { .. });
        match &self.decision {
            Decision::Join { because, .. } if self.trace.iter().any(is_alike) => {
                Some(because.trim_start_matches("joined ").to_owned())
            }
            _ => None,
        }
    }

    /// The decision on the first line, then each reason on a line of its own.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut text = self.decision.to_string();
        for reason in &self.trace {
            write!(text, "\n  - {reason}").expect("writing to a String cannot fail");
        }
        text
    }
}
