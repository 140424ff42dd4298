//! What is true of every incident at every moment, whoever did what in whichever order.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::ids::{IncidentId, Seq};
use crate::incident::{Event, Incident, MilestoneName, Plan, Recorded, RelapseState, fold};
use crate::phase::Phase;

/// The stable name of an event.
pub(crate) fn name_of(event: &Event) -> String {
    let value = serde_json::to_value(event).expect("an event can be stored");
    value["is"].as_str().expect("events are tagged").to_owned()
}

pub(crate) fn hold_for_a_plan(before: Option<&Incident>, plan: &Plan) {
    for recorded in &plan.events {
        let stored = serde_json::to_string(&recorded.event).expect("an event can be stored");
        let read: Event = serde_json::from_str(&stored).expect("what is stored can be read");
        assert_eq!(read, recorded.event, "as it was");
    }
    let mut expected = before.map_or(Seq(0), |incident| incident.seq);
    for recorded in &plan.events {
        expected = expected.next();
        assert_eq!(recorded.seq, expected, "history has no gaps");
    }
    assert_eq!(plan.after.seq, expected);
    let keys: Vec<&String> = plan
        .effects
        .iter()
        .filter_map(|effect| effect.coalesce_key.as_ref())
        .collect();
    let distinct: BTreeSet<&&String> = keys.iter().collect();
    assert_eq!(keys.len(), distinct.len(), "one mirror per thing and plan");
    let ids: BTreeSet<_> = plan.effects.iter().map(|effect| &effect.id).collect();
    assert_eq!(ids.len(), plan.effects.len(), "an effect's id is its own");
    for effect in &plan.effects {
        // The number of the event in the id is what keeps the ids of two plans apart.
        let seq = effect
            .id
            .0
            .split('/')
            .nth(1)
            .and_then(|seq| seq.parse().ok());
        assert!(
            plan.events
                .iter()
                .any(|recorded| Some(recorded.seq.0) == seq),
            "{} belongs to no event of the plan",
            effect.id.0
        );
    }
}

pub(crate) fn hold_for_a_history(history: &[Recorded], after: &Incident) {
    let folded = fold(IncidentId(1), history).expect("a history begins with a declaration");
    assert_eq!(&folded, after, "the row is the fold of its history");
}

pub(crate) fn hold_for_an_incident(incident: &Incident, wake_at: Option<DateTime<Utc>>) {
    assert!(!incident.severities.is_empty());
    assert_eq!(
        incident.severities.last().map(|span| span.severity),
        Some(incident.severity)
    );
    if let Some(holder) = incident.command {
        assert!(incident.participants.contains(&holder));
    }
    let reached = |name| incident.milestones.at(name).is_some();
    if incident.is_active() {
        assert!(!reached(MilestoneName::Resolved), "live and resolved");
        assert!(!reached(MilestoneName::AllClearSent), "live and all clear");
        assert!(!reached(MilestoneName::Closed), "live and closed");
        assert!(incident.cancelled.is_none(), "live and cancelled");
        if incident.phase != Phase::Open {
            assert!(incident.command.is_some(), "somebody commands");
            assert!(reached(MilestoneName::Acknowledged), "somebody took it");
        }
    } else {
        assert_eq!(incident.promise, None, "no promise runs after the end");
        assert_eq!(
            incident.handover, None,
            "nothing is handed over after the end"
        );
        assert_eq!(incident.resolve_asked, None);
        assert_eq!(incident.resolve_put_off, None);
        assert_eq!(incident.command_asked, None);
        let is_asked = incident
            .relations
            .relapse
            .as_ref()
            .is_some_and(|relapse| relapse.state == RelapseState::Asked);
        assert_eq!(
            wake_at.is_some(),
            is_asked,
            "after the end a clock runs only while people think about a relapse"
        );
    }
    if matches!(incident.phase, Phase::Learning | Phase::Closed) {
        assert!(reached(MilestoneName::Resolved));
        assert!(!incident.impact_is_open(), "resolved while users are hurt");
    }
    assert_eq!(
        reached(MilestoneName::Closed),
        incident.phase == Phase::Closed
    );
    if incident.phase == Phase::Open {
        assert!(!reached(MilestoneName::Acknowledged), "taken and open");
    }
    if reached(MilestoneName::Mitigated) {
        assert!(!incident.impact_is_open(), "mitigated while users are hurt");
    }
    let open = incident
        .impact
        .iter()
        .filter(|interval| interval.end.is_none())
        .count();
    assert!(open <= 1, "users are hurt twice at once");
    for interval in &incident.impact {
        assert!(interval.end.is_none_or(|end| end >= interval.start));
    }
    let stored = serde_json::to_string(incident).expect("an incident can be stored");
    let read: Incident = serde_json::from_str(&stored).expect("a stored incident can be read");
    assert_eq!(&read, incident, "storing loses nothing");
}
