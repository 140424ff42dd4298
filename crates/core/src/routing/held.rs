//! Maintenance comes after everything an active incident already holds, and before everything that would open a channel or
//! join one because of a likeness.

use chrono::{DateTime, Utc};

use super::weigh::{Weighed, weigh};
use super::{
    Decision, MergedAlert, OpenIncident, Reason, Routing, RoutingRules, StormState, route,
};
use crate::alert::category_of;
use crate::category::Category;
use crate::maintenance::Windows;

/// Decides where the alerts of one delivery go, as [`route`] does, while these windows are planned or on.
#[must_use]
pub fn route_within(
    windows: &Windows,
    delivery: &[MergedAlert],
    open: &[OpenIncident],
    storm: &StormState,
    rules: &RoutingRules,
    now: DateTime<Utc>,
) -> Routing {
    let mut routing = route(delivery, open, storm, rules, now);
    let belongs_already = routing.trace.iter().any(|reason| {
        matches!(
            reason,
            Reason::SameGroup { .. } | Reason::SameAlert { .. } | Reason::Merged { .. }
        )
    });
    let alerts = weigh(delivery, rules);
    let asking = alerts
        .iter()
        .filter(|weighed| Weighed::asks(weighed))
        .map(|weighed| &weighed.alert.episode.labels);
    // Nobody expects to be broken into.
    let are_security = asking
        .clone()
        .any(|labels| category_of(labels) == Category::Security);
    if belongs_already || are_security || matches!(routing.decision, Decision::Ignore { .. }) {
        return routing;
    }
    if let Some(window) = windows.covering(asking, now) {
        routing.trace.push(Reason::Maintenance {
            window: window.id,
            what: window.what.to_string(),
            until: window.until,
        });
        routing.decision = Decision::Hold {
            window: window.id,
            until: window.until,
        };
    }
    routing
}
