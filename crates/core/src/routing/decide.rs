//! The decision itself, in the order of the module's documentation.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::reason::seconds_since;
use super::rules::within;
use super::weigh::{Weighed, weigh, what_was_said};
use super::{
    Brake, Decision, MergedAlert, OpenIncident, Reason, RelapseAnswer, Routing, RoutingRules,
    StormState,
};
use crate::alert::{AlertStatus, category_of, safe_line, storm_title, title_of};
use crate::category::Category;
use crate::severity::Severity;

/// How many things of one kind a trace lists.
const LISTED: usize = 3;

/// How many services an incident takes over from its alerts.
const MOST_SERVICES: usize = 10;

/// Decides where the alerts of one delivery go.
///
/// `delivery` are its alerts, merged; all of one group. `open` are the active incidents and those that ended within the
/// reopen window, in any order. `storm` is usually [`StormState::of`] the same incidents.
#[must_use]
pub fn route(
    delivery: &[MergedAlert],
    open: &[OpenIncident],
    storm: &StormState,
    rules: &RoutingRules,
    now: DateTime<Utc>,
) -> Routing {
    let alerts = weigh(delivery, rules);
    let mut router = Router {
        are_security: alerts.iter().any(|weighed| {
            weighed.asks() && category_of(&weighed.alert.episode.labels) == Category::Security
        }),
        trace: what_was_said(&alerts),
        alerts,
        open,
        rules,
        now,
    };
    let decision = router.decide(storm);
    Routing {
        decision,
        trace: router.trace,
    }
}

struct Router<'a> {
    alerts: Vec<Weighed<'a>>,
    /// Whether one of the new alerts is about security; then all of the delivery is treated so.
    are_security: bool,
    open: &'a [OpenIncident],
    rules: &'a RoutingRules,
    now: DateTime<Utc>,
    trace: Vec<Reason>,
}

impl<'a> Router<'a> {
    fn decide(&mut self, storm: &StormState) -> Decision {
        if let Some((incident, because)) = self.home() {
            let nothing_new = self
                .alerts
                .iter()
                .all(|weighed| weighed.alert.change.is_quiet() && !weighed.is_new);
            if nothing_new {
                return Decision::Ignore {
                    why: format!("nothing is new for {}", incident.id),
                };
            }
            return self.join(incident, because);
        }
        if !self.alerts.iter().any(Weighed::asks) {
            return Decision::Ignore {
                why: self.why_nothing_asks(),
            };
        }
        self.trace.push(Reason::NewGroup);
        if let Some(incident) = self.hushed() {
            return Decision::Ignore {
                why: format!("{} was no incident, and its alerts are quiet", incident.id),
            };
        }
        let goes_its_own_way = self.was_split_off();
        if !goes_its_own_way
            && let Some((incident, because)) = self.correlated().or_else(|| self.burst())
        {
            return self.join(incident, because);
        }
        if let Some(incident) = self.relapse() {
            return self.asked_about(incident);
        }
        if !goes_its_own_way && let Some(decision) = self.braked(storm) {
            return decision;
        }
        self.open_incident(None)
    }

    /// Whether a person took the group out of a live incident: then no likeness brings it back or elsewhere.
    fn was_split_off(&mut self) -> bool {
        let from = self.active().find(|incident| {
            self.alerts
                .iter()
                .any(|weighed| incident.split.contains(&weighed.alert.episode.group))
        });
        if let Some(incident) = from {
            self.trace.push(Reason::SplitOff {
                incident: incident.id,
            });
        }
        from.is_some()
    }

    fn new_alerts(&self) -> impl Iterator<Item = &Weighed<'a>> {
        self.alerts.iter().filter(|weighed| weighed.asks())
    }

    fn active(&self) -> impl Iterator<Item = &'a OpenIncident> + use<'a> {
        self.open.iter().filter(|incident| incident.active)
    }

    /// Whether the alerts may join `incident` without being asked to by name.
    fn fence_is_open(&self, incident: &OpenIncident) -> bool {
        self.are_security == incident.restricted
    }

    /// The active incident that already holds the group or one of the alerts.
    fn home(&mut self) -> Option<(&'a OpenIncident, String)> {
        let groups: BTreeSet<_> = self
            .alerts
            .iter()
            .map(|weighed| &weighed.alert.episode.group)
            .collect();
        let same_group = self
            .active()
            .filter(|incident| groups.iter().any(|group| incident.groups.contains(group)))
            .max_by_key(|incident| incident.declared_at);
        if let Some(incident) = same_group {
            self.trace.push(Reason::SameGroup {
                incident: incident.id,
            });
            return Some((incident, "joined because it is the same group".to_owned()));
        }
        let merged = self
            .open
            .iter()
            .filter(|incident| !incident.active && incident.merged_into.is_some())
            .filter(|incident| {
                self.alerts.iter().any(|weighed| {
                    weighed.alert.known_incident == Some(incident.id)
                        || incident.groups.contains(&weighed.alert.episode.group)
                })
            })
            .filter_map(|incident| Some((incident.id, went_to(self.open, incident)?)))
            .max_by_key(|(_, target)| target.declared_at);
        if let Some((from, target)) = merged {
            self.trace.push(Reason::Merged {
                from,
                into: target.id,
            });
            return Some((target, format!("joined because {from} was merged into it")));
        }
        // What is new decides; what is old tells whose board must be redrawn.
        let (incident, alert) = self
            .alerts
            .iter()
            .filter_map(|weighed| {
                let id = weighed.alert.known_incident?;
                let incident = self.active().find(|incident| incident.id == id)?;
                Some((incident, weighed))
            })
            .max_by_key(|(incident, weighed)| (weighed.asks(), incident.declared_at))?;
        self.trace.push(Reason::SameAlert {
            incident: incident.id,
            alert: alert.name.clone(),
        });
        Some((
            incident,
            format!("joined because {} belongs to it", alert.name),
        ))
    }

    /// The incident of which all the new alerts were, if a person said a short time ago that it is none.
    fn hushed(&mut self) -> Option<&'a OpenIncident> {
        let window = chrono::TimeDelta::from_std(self.rules.hush_after_cancel).ok()?;
        let knew_all = |incident: &OpenIncident| {
            self.new_alerts()
                .all(|weighed| incident.hushed.contains(&weighed.alert.episode.key))
        };
        let (incident, cancelled_at) = self
            .open
            .iter()
            .filter_map(|incident| Some((incident, incident.cancelled_at?)))
            .filter(|(_, cancelled_at)| self.now - *cancelled_at < window)
            .filter(|(incident, _)| knew_all(incident))
            .max_by_key(|(incident, cancelled_at)| (*cancelled_at, incident.id))?;
        self.trace.push(Reason::Hushed {
            incident: incident.id,
            minutes: seconds_since(self.now, cancelled_at) / 60,
            until: cancelled_at.checked_add_signed(window)?,
        });
        Some(incident)
    }

    fn correlated(&mut self) -> Option<(&'a OpenIncident, String)> {
        for key in &self.rules.correlation_keys {
            let values: BTreeSet<String> = self
                .new_alerts()
                .filter_map(|weighed| key.value_of(&weighed.alert.episode.labels))
                .collect();
            if values.is_empty() {
                continue;
            }
            let name = key.to_string();
            let matching = |incident: &OpenIncident| {
                incident
                    .correlation
                    .get(&name)?
                    .iter()
                    .find(|value| values.contains(*value))
                    .cloned()
            };
            let mut found: Vec<_> = self
                .active()
                .filter(|incident| {
                    within(
                        self.now,
                        incident.last_alert_at.unwrap_or(incident.declared_at),
                        self.rules.correlate_window,
                    )
                })
                .filter_map(|incident| Some((incident, matching(incident)?)))
                .collect();
            found.sort_by_key(|(incident, _)| {
                (
                    incident.umbrella,
                    Reverse(incident.last_alert_at.unwrap_or(incident.declared_at)),
                    Reverse(incident.id),
                )
            });
            for (incident, value) in found {
                if !key.is_deliberate() && !self.fence_is_open(incident) {
                    self.tell_of_the_fence(incident);
                    continue;
                }
                let shared = key.shown(&value);
                let because = format!("joined because {shared}");
                self.trace.push(Reason::Correlated {
                    incident: incident.id,
                    shared,
                    last_alert_at: incident.last_alert_at.unwrap_or(incident.declared_at),
                });
                return Some((incident, because));
            }
            self.trace.push(Reason::NotCorrelated {
                asked: values
                    .iter()
                    .take(LISTED)
                    .map(|value| key.shown(value))
                    .collect(),
                more: count(values.len().saturating_sub(LISTED)),
            });
        }
        None
    }

    fn burst(&mut self) -> Option<(&'a OpenIncident, String)> {
        if !self.new_alerts().any(Weighed::is_critical) || self.rules.burst_window.is_zero() {
            return None;
        }
        let window_seconds = self.rules.burst_window.as_secs();
        let newest = self
            .active()
            .filter(|incident| incident.opened_by_alerts)
            .filter(|incident| {
                let last = incident.last_alert_at.unwrap_or(incident.declared_at);
                within(self.now, last, self.rules.burst_window)
                    && within(self.now, incident.declared_at, self.rules.storm_window)
            })
            // Security alerts that merely come close together may concern different people.
            .filter(|incident| !incident.restricted && !self.are_security)
            .max_by_key(|incident| (incident.declared_at, incident.id));
        let Some(incident) = newest else {
            self.trace.push(Reason::NoBurst { window_seconds });
            return None;
        };
        let seconds = seconds_since(
            self.now,
            incident.last_alert_at.unwrap_or(incident.declared_at),
        );
        self.trace.push(Reason::Burst {
            incident: incident.id,
            seconds,
            window_seconds,
        });
        Some((
            incident,
            format!("joined because it is critical and came {seconds} s after the last alert"),
        ))
    }

    fn relapse(&mut self) -> Option<&'a OpenIncident> {
        let held = |incident: &OpenIncident| {
            self.new_alerts().any(|weighed| {
                weighed.alert.known_incident == Some(incident.id)
                    || incident.groups.contains(&weighed.alert.episode.group)
                    || incident
                        .relapse_groups
                        .contains(&weighed.alert.episode.group)
            })
        };
        let (incident, resolved_at) = self
            .open
            .iter()
            .filter(|incident| !incident.active)
            .filter_map(|incident| Some((incident, incident.resolved_at?)))
            .filter(|(_, resolved_at)| within(self.now, *resolved_at, self.rules.reopen_window))
            .filter(|(incident, _)| held(incident))
            .max_by_key(|(incident, resolved_at)| (*resolved_at, incident.id))?;
        self.trace.push(Reason::Relapse {
            incident: incident.id,
            resolved_at,
        });
        Some(incident)
    }

    /// Whether people are asked first.
    fn asked_about(&mut self, incident: &OpenIncident) -> Decision {
        let waits = match incident.relapse {
            RelapseAnswer::Unasked => true,
            RelapseAnswer::Waits(until) => self.now < until,
            RelapseAnswer::New | RelapseAnswer::Final => false,
        };
        let id = incident.id;
        if waits {
            self.trace.push(Reason::RelapseAsked { incident: id });
            return Decision::AskRelapse { incident: id };
        }
        if incident.relapse != RelapseAnswer::Final {
            self.trace.push(Reason::RelapseIsNew { incident: id });
        }
        self.open_incident(Some(incident))
    }

    fn braked(&mut self, storm: &StormState) -> Option<Decision> {
        let umbrella = self
            .active()
            .filter(|incident| incident.umbrella)
            .max_by_key(|incident| (incident.declared_at, incident.id));
        let secret = self.are_security;
        if let Some(umbrella) = umbrella
            && !secret
            && within(self.now, umbrella.declared_at, self.rules.umbrella_absorbs)
        {
            return Some(self.join_umbrella(umbrella));
        }

        let too_many = storm.active_incidents >= self.rules.max_active_incidents;
        let brake = if too_many {
            Brake::TooMany {
                active: storm.active_incidents,
                most: self.rules.max_active_incidents,
            }
        } else {
            let opened_at = storm
                .last_opened_at
                .filter(|opened_at| self.now - *opened_at < gap(self.rules));
            let Some(opened_at) = opened_at else {
                self.trace.push(Reason::Free);
                return None;
            };
            Brake::TooSoon {
                seconds: seconds_since(self.now, opened_at),
                gap_seconds: self.rules.new_channel_min_gap.as_secs(),
            }
        };
        self.trace.push(Reason::Braked(brake));
        if secret {
            self.trace.push(Reason::BrakeSparesSecurity);
            // Those that alerts opened restricted are about security, too. Without one, its own channel is the lesser evil.
            let other = self
                .active()
                .filter(|incident| incident.restricted && incident.opened_by_alerts)
                .max_by_key(|incident| (incident.declared_at, incident.id))?;
            return Some(
                self.join(
                    other,
                    "joined because it is about security and no further channel may be opened"
                        .to_owned(),
                ),
            );
        }
        if too_many && let Some(umbrella) = umbrella {
            return Some(self.join_umbrella(umbrella));
        }
        let (severity, storm) = self.severity_for(None);
        Some(Decision::Umbrella {
            severity,
            title: storm_title(self.now),
            services: self.services(),
            storm,
            because: brake.to_string(),
        })
    }

    fn join_umbrella(&mut self, umbrella: &OpenIncident) -> Decision {
        self.trace.push(Reason::UmbrellaTakesIn {
            incident: umbrella.id,
            declared_at: umbrella.declared_at,
        });
        self.join(
            umbrella,
            "joined because it gathers the alert storm".to_owned(),
        )
    }

    fn join(&mut self, incident: &OpenIncident, because: String) -> Decision {
        let (severity, storm) = self.severity_for(Some(incident));
        let raised = severity.is_worse_than(incident.severity);
        if raised {
            self.trace.push(Reason::Rises {
                from: incident.severity,
                to: severity,
            });
        }
        Decision::Join {
            incident: incident.id,
            because,
            severity_raised_to: raised.then_some(severity),
            storm,
        }
    }

    fn open_incident(&mut self, relapse_of: Option<&OpenIncident>) -> Decision {
        let (severity, storm) = self.severity_for(None);
        let episodes: Vec<_> = self
            .new_alerts()
            .map(|weighed| &weighed.alert.episode)
            .collect();
        let category = if self.are_security {
            Category::Security
        } else {
            episodes
                .iter()
                .map(|episode| category_of(&episode.labels))
                .find(|category| *category != Category::Unknown)
                .unwrap_or_default()
        };
        Decision::Open {
            severity,
            title: title_of(&episodes),
            category,
            services: self.services(),
            storm,
            relapse_of: relapse_of.map(|incident| incident.id),
        }
    }

    fn services(&self) -> BTreeSet<String> {
        self.new_alerts()
            .filter_map(|weighed| weighed.alert.episode.labels.get("service"))
            .map(|service| safe_line(service, 60))
            .filter(|service| !service.is_empty())
            .take(MOST_SERVICES)
            .collect()
    }

    /// What the new alerts ask of `incident`, or of a new one, and whether the storm rule holds. Without anything new it
    /// is to stay what it is: a person may have lowered it.
    fn severity_for(&mut self, incident: Option<&OpenIncident>) -> (Severity, bool) {
        let counting = || self.alerts.iter().filter(|weighed| weighed.counts());
        let asked = counting()
            .filter_map(|weighed| weighed.verdict.severity.incident())
            .fold(None, |worst: Option<Severity>, severity| {
                Some(worst.map_or(severity, |worst| worst.worse(severity)))
            });
        let Some(severity) = asked else {
            return (
                incident.map_or(Severity::Sev4, |incident| incident.severity),
                false,
            );
        };

        let new_names: BTreeSet<&str> = counting()
            .filter(|weighed| weighed.is_critical())
            .map(|weighed| weighed.name.as_str())
            .collect();
        if new_names.is_empty() {
            return (severity, false);
        }
        let names: BTreeSet<String> = incident
            .into_iter()
            .flat_map(|incident| &incident.alert_names)
            .filter(|sighting| {
                sighting.critical && within(self.now, sighting.at, self.rules.storm_window)
            })
            .map(|sighting| safe_line(&sighting.name, 60))
            .chain(new_names.into_iter().map(str::to_owned))
            .collect();
        if count(names.len()) < self.rules.storm_alertnames {
            return (severity, false);
        }
        self.trace.push(Reason::Storm {
            names: names.into_iter().take(10).collect(),
            window_seconds: self.rules.storm_window.as_secs(),
        });
        (Severity::Sev1, true)
    }

    fn tell_of_the_fence(&mut self, incident: &OpenIncident) {
        let reason = Reason::Fenced {
            incident: incident.id,
            alerts_are_security: self.are_security,
        };
        if !self.trace.contains(&reason) {
            self.trace.push(reason);
        }
    }

    fn why_nothing_asks(&self) -> String {
        let any = |question: fn(&Weighed<'_>) -> bool| self.alerts.iter().any(question);
        if any(|weighed| weighed.is_new) {
            "no alert asks for an incident".to_owned()
        } else if any(|weighed| weighed.alert.episode.state == AlertStatus::Firing) {
            "what fires belongs to an incident that is over, and has not fired anew".to_owned()
        } else {
            "nothing fires, and no active incident holds these alerts".to_owned()
        }
    }
}

/// The live incident that goes on where a duplicate went, over however many mergers.
fn went_to<'a>(open: &'a [OpenIncident], from: &OpenIncident) -> Option<&'a OpenIncident> {
    let mut next = from.merged_into?;
    for _ in 0..open.len() {
        let incident = open.iter().find(|incident| incident.id == next)?;
        if incident.active {
            return Some(incident);
        }
        next = incident.merged_into?;
    }
    None
}

fn gap(rules: &RoutingRules) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(rules.new_channel_min_gap).unwrap_or(chrono::TimeDelta::MAX)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
