//! What each alert of a delivery asks for.

use std::collections::BTreeMap;

use super::{MergedAlert, Reason, RoutingRules};
use crate::alert::{
    AlertSeverity, AlertStatus, EpisodeChange, SeverityVerdict, UNNAMED, alert_name, safe_line,
};
use crate::severity::Severity;

/// How many kinds of alerts a trace tells of.
const MOST_TOLD: usize = 6;

/// An alert and what it asks for.
pub(super) struct Weighed<'a> {
    pub(super) alert: &'a MergedAlert,
    pub(super) name: String,
    pub(super) verdict: SeverityVerdict,
    /// Whether it fires and has no incident yet, so that it must be given one.
    pub(super) is_new: bool,
}

impl Weighed<'_> {
    pub(super) fn is_critical(&self) -> bool {
        self.verdict.severity.is_critical()
    }

    /// Whether it asks for an incident now.
    pub(super) fn asks(&self) -> bool {
        self.is_new && self.verdict.severity.incident().is_some()
    }

    /// Whether its severity counts for the incident it joins.
    pub(super) fn counts(&self) -> bool {
        let relabelled = self.alert.change == EpisodeChange::LabelsChanged
            && self.alert.episode.state == AlertStatus::Firing;
        self.asks() || relabelled
    }
}

pub(super) fn weigh<'a>(delivery: &'a [MergedAlert], rules: &RoutingRules) -> Vec<Weighed<'a>> {
    let mut alerts: Vec<_> = delivery
        .iter()
        .map(|alert| Weighed {
            name: safe_line(alert_name(&alert.episode.labels).unwrap_or(UNNAMED), 60),
            verdict: rules.severity.severity_of(&alert.episode.labels),
            is_new: alert.episode.state == AlertStatus::Firing
                && (alert.change.is_new_firing() || alert.known_incident.is_none()),
            alert,
        })
        .collect();
    // The worst first, the sender's order among equals: it decides titles and categories.
    alerts.sort_by_key(|weighed| rank(weighed.verdict.severity));
    alerts
}

/// The worst first, what is only recorded last.
pub(super) fn rank(severity: AlertSeverity) -> (bool, Severity) {
    severity
        .incident()
        .map_or((true, Severity::Sev4), |severity| (false, severity))
}

/// The beginning of every trace: what the delivery says, worst first.
pub(super) fn what_was_said(alerts: &[Weighed<'_>]) -> Vec<Reason> {
    /// Its rank, its name and the reason for its severity.
    type Told<'a> = ((bool, Severity), &'a str, &'a str);
    let mut told: BTreeMap<Told<'_>, (AlertSeverity, u32)> = BTreeMap::new();
    let (mut repeated, mut stale, mut cleared, mut otherwise) = (0_u32, 0_u32, 0_u32, 0_u32);
    for weighed in alerts {
        if weighed.is_new || weighed.counts() {
            let (_, times) = told
                .entry((
                    rank(weighed.verdict.severity),
                    &weighed.name,
                    &weighed.verdict.why,
                ))
                .or_insert((weighed.verdict.severity, 0));
            *times += 1;
        } else {
            match weighed.alert.change {
                EpisodeChange::Repeated => repeated += 1,
                EpisodeChange::Stale => stale += 1,
                EpisodeChange::Cleared | EpisodeChange::ArrivedCleared => cleared += 1,
                _ => otherwise += 1,
            }
        }
    }
    let mut trace: Vec<_> = told
        .into_iter()
        .take(MOST_TOLD)
        .map(|((_, name, why), (severity, count))| Reason::Weighed {
            alert: name.to_owned(),
            count,
            severity,
            why: why.to_owned(),
        })
        .collect();
    if cleared + otherwise > 0 {
        trace.push(Reason::Changed { cleared, otherwise });
    }
    if repeated + stale > 0 {
        trace.push(Reason::Quiet { repeated, stale });
    }
    trace
}
