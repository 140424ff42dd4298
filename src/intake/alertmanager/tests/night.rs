//! From three requests to one incident: the night when API, database and AI go red together.

use std::collections::BTreeSet;

use bridgewatch_core::alert::GroupKey;
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::routing::{
    Decision, MergedAlert, OpenIncident, RoutingRules, StormState, route,
};
use bridgewatch_core::severity::Severity;

use super::*;

#[test]
fn three_requests_of_one_outage_become_one_sev1() {
    let rules = RoutingRules::default();
    let mut open: Vec<OpenIncident> = Vec::new();
    let mut story = Vec::new();
    for (second, name) in [
        (0, "storm-1-api.json"),
        (19, "storm-2-database.json"),
        (33, "storm-3-ai.json"),
    ] {
        let now = time("2026-11-21T02:58:45Z") + TimeDelta::seconds(second);
        let merged: Vec<_> = delivery(name)
            .alerts
            .iter()
            .map(|alert| MergedAlert::hear(None, alert, now))
            .collect();
        let routing = route(&merged, &open, &StormState::of(&open), &rules, now);
        match &routing.decision {
            Decision::Open {
                severity, category, ..
            } => {
                assert_eq!(*category, Category::Backend);
                open.push(OpenIncident {
                    opened_by_alerts: true,
                    ..OpenIncident::new(IncidentId(142), *severity, now)
                });
            }
            Decision::Join {
                severity_raised_to: Some(severity),
                ..
            } => open[0].severity = *severity,
            _ => {}
        }
        for alert in &merged {
            open[0].remember(&alert.episode, now, &rules);
        }
        story.push(routing.decision.to_string());
    }
    assert_eq!(
        story,
        [
            "Open a SEV2 incident \"38 % of requests to orders-api fail\" (category backend).",
            "Join INC-0142: joined because category=backend.",
            "Join INC-0142: joined because it is critical and came 14 s after the last alert; it rises to SEV1.",
        ]
    );
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].severity, Severity::Sev1);
    assert_eq!(
        open[0].groups.iter().collect::<BTreeSet<&GroupKey>>().len(),
        3
    );
}
