//! A night of alerts, and what becomes of them.

mod explanations;
mod hushing;
mod joining;
mod promises;
mod relations;
mod storms;

use super::*;
use crate::alert::tests::{at, firing};
use crate::alert::{AlertKey, AlertStatus, fingerprint_of};

/// Everything that happens to alerts in one night, as the service would do it.
struct Night {
    rules: RoutingRules,
    incidents: Vec<OpenIncident>,
    episodes: BTreeMap<AlertKey, (Option<IncidentId>, Episode)>,
}

impl Night {
    fn begins() -> Self {
        Self {
            rules: RoutingRules::default(),
            incidents: Vec::new(),
            episodes: BTreeMap::new(),
        }
    }

    /// A delivery arrives at a second of the night, is routed, and what was decided is done.
    fn hears(&mut self, second: i64, alerts: &[Alert]) -> Routing {
        let now = at(second);
        for alert in alerts {
            self.ends_with_its_incident(alert);
        }
        let merged: Vec<_> = alerts
            .iter()
            .map(|alert| MergedAlert::hear(self.episodes.get(&alert.key()), alert, now))
            .collect();
        let storm = StormState::of(&self.incidents);
        let routing = route(&merged, &self.incidents, &storm, &self.rules, now);
        self.carry_out(&routing.decision, now);
        let goes_to = match &routing.decision {
            Decision::Ignore { .. } | Decision::AskRelapse { .. } | Decision::Hold { .. } => None,
            Decision::Join { incident, .. } => Some(*incident),
            Decision::Open { .. } | Decision::Umbrella { .. } => {
                self.incidents.last().map(|incident| incident.id)
            }
        };
        for alert in merged {
            let is_new = alert.episode.state == AlertStatus::Firing
                && (alert.change.is_new_firing() || alert.known_incident.is_none());
            let home = if is_new && routing.is_hushed() {
                None
            } else if is_new {
                goes_to.or(alert.known_incident)
            } else {
                alert.known_incident
            };
            if is_new && let Some(id) = goes_to {
                let rules = self.rules.clone();
                self.incident_mut(id.0)
                    .remember(&alert.episode, now, &rules);
            }
            self.episodes
                .insert(alert.episode.key.clone(), (home, alert.episode));
        }
        routing
    }

    fn ends_with_its_incident(&mut self, alert: &Alert) {
        if let Some((Some(home), episode)) = self.episodes.get_mut(&alert.key())
            && let Some(incident) = self.incidents.iter().find(|incident| incident.id == *home)
            && let Some(ended_at) = incident.resolved_at.or(incident.cancelled_at)
            && let Some(over) = episode.over_with_its_incident(alert, ended_at)
        {
            *episode = over;
        }
    }

    fn carry_out(&mut self, decision: &Decision, now: DateTime<Utc>) {
        let (severity, umbrella, restricted) = match decision {
            Decision::Ignore { .. } | Decision::AskRelapse { .. } | Decision::Hold { .. } => return,
            Decision::Join {
                incident,
                severity_raised_to,
                ..
            } => {
                let incident = self.incident_mut(incident.0);
                incident.severity = severity_raised_to.unwrap_or(incident.severity);
                return;
            }
            Decision::Open {
                severity, category, ..
            } => (*severity, false, *category == Category::Security),
            Decision::Umbrella { severity, .. } => (*severity, true, false),
        };
        let id = i64::try_from(self.incidents.len()).expect("a short night") + 1;
        self.incidents.push(OpenIncident {
            opened_by_alerts: true,
            umbrella,
            restricted,
            ..OpenIncident::new(IncidentId(id), severity, now)
        });
    }

    fn incident_mut(&mut self, number: i64) -> &mut OpenIncident {
        self.incidents
            .iter_mut()
            .find(|incident| incident.id.0 == number)
            .expect("the incident exists")
    }

    fn is_resolved(&mut self, number: i64, second: i64) {
        let incident = self.incident_mut(number);
        incident.active = false;
        incident.resolved_at = Some(at(second));
    }

    /// Somebody says that it was no incident.
    fn is_cancelled(&mut self, number: i64, second: i64) {
        let of_it = |(home, _): &(Option<IncidentId>, Episode)| *home == Some(IncidentId(number));
        let hushed = self
            .episodes
            .iter()
            .filter(|(_, known)| of_it(known))
            .map(|(key, _)| key.clone())
            .collect();
        let incident = self.incident_mut(number);
        incident.active = false;
        incident.cancelled_at = Some(at(second));
        incident.hushed = hushed;
    }

    fn severities(&self) -> Vec<Severity> {
        self.incidents
            .iter()
            .map(|incident| incident.severity)
            .collect()
    }
}

/// The alert with other labels, and so with another fingerprint.
fn with(mut alert: Alert, labels: &[(&str, &str)]) -> Alert {
    for (name, value) in labels {
        alert.labels.insert((*name).to_owned(), (*value).to_owned());
    }
    alert.fingerprint = fingerprint_of(&alert.labels);
    alert
}

fn critical(name: &str, service: &str) -> Alert {
    with(firing(name, 0), &[("service", service)])
}

fn warning(name: &str, service: &str) -> Alert {
    with(critical(name, service), &[("severity", "warning")])
}

/// The three alerts of the night when everything is red.
fn api() -> Alert {
    critical("ApiErrorRateHigh", "orders-api")
}

fn database() -> Alert {
    critical("DbConnectionsSaturated", "orders-db")
}

fn ai() -> Alert {
    critical("AiTaskQueueStalled", "ai-worker")
}

fn joined(routing: &Routing) -> (i64, &str) {
    match &routing.decision {
        Decision::Join {
            incident, because, ..
        } => (incident.0, because),
        other => panic!("it did not join: {other}"),
    }
}

fn is_ignored(routing: &Routing) -> bool {
    matches!(routing.decision, Decision::Ignore { .. })
}

fn is_opened(routing: &Routing) -> bool {
    matches!(routing.decision, Decision::Open { .. })
}

fn is_umbrella(routing: &Routing) -> bool {
    matches!(routing.decision, Decision::Umbrella { .. })
}
