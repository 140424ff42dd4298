//! Two incidents that are one, and one that comes back.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{ADA, KIM, Night, SAM, at};
use crate::alert::GroupKey;
use crate::effect::Effect;
use crate::ids::IncidentId;
use crate::incident::{
    Absorption, AlertPicture, CancelReason, Command, MilestoneName, Other, RelapseState, Suspicion,
    Visibility,
};
use crate::phase::Phase;
use crate::severity::Severity::{Sev1, Sev2};

fn other() -> Other {
    Other {
        id: IncidentId(7),
        active: true,
        restricted: false,
    }
}

fn taken() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
}

#[test]
fn a_duplicate_ends_and_says_where_it_goes_on() {
    let mut night = taken();
    night.by(SAM).asks(Command::Merge { into: other() });
    assert_eq!(night.phase(), Phase::Cancelled);
    assert_eq!(night.incident().cancelled, Some(CancelReason::Duplicate));
    assert_eq!(
        night.noted(),
        [
            "decision: merged into INC-0007: it goes on there",
            "phase: Cancelled: Duplicate"
        ]
    );
    let followed = night.followed();
    assert!(followed.contains(&"absorb") && followed.contains(&"signpost"));
    night.by(SAM).asks(Command::Merge { into: other() });
    assert!(night.happened().is_empty(), "pressed twice is once");
}

#[test]
fn what_cannot_be_merged_is_refused_with_the_reason() {
    let mut night = taken();
    let mut refused = |into: Other| {
        night.by(SAM).asks(Command::Merge { into });
        night.refusal()
    };
    assert_eq!(
        refused(Other {
            id: IncidentId(1),
            ..other()
        }),
        "An incident cannot be merged into itself: choose another."
    );
    assert_eq!(
        refused(Other {
            active: false,
            ..other()
        }),
        "INC-0007 is over. Choose one that is live, or reopen it first."
    );
    night.by(ADA).asks(Command::Merge { into: other() });
    assert_eq!(
        night.refusal(),
        "Only @Sam, who holds command, can merge it into another."
    );
}

#[test]
fn a_restricted_incident_is_merged_only_into_a_restricted_one() {
    let mut night = taken();
    night.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    night.by(SAM).asks(Command::Merge { into: other() });
    assert!(
        night
            .refusal()
            .starts_with("This is restricted and INC-0007 is not")
    );
    let hidden = Other {
        restricted: true,
        ..other()
    };
    night.by(SAM).asks(Command::Merge { into: hidden });
    assert_eq!(night.phase(), Phase::Cancelled);

    let mut open = taken();
    open.by(SAM).asks(Command::Merge { into: hidden });
    assert!(
        open.noted()
            .contains(&"decision: merged into a restricted incident".to_owned()),
        "which one is not said where everybody reads: {:?}",
        open.noted()
    );
}

#[test]
fn the_other_takes_over_once_what_the_duplicate_had() {
    let mut night = taken();
    let absorption = Absorption {
        from: IncidentId(7),
        title: "mail is stuck".to_owned(),
        channel: None,
        entries: 12,
        picture: AlertPicture {
            firing: 5,
            ..night.incident().alerts.clone()
        },
        services: BTreeSet::from(["mail".to_owned()]),
        severity: Sev1,
        groups: BTreeSet::new(),
    };
    night.bot(Command::Absorb(Box::new(absorption.clone())));
    assert_eq!(night.incident().alerts.firing, 5);
    assert_eq!(night.incident().severity, Sev1, "it was worse there");
    assert!(night.incident().services.contains("mail"));
    assert_eq!(
        night.noted()[0],
        "decision: INC-0007 \"mail is stuck\" was merged into this; its 12 entries stay there"
    );
    night.bot(Command::Absorb(Box::new(absorption)));
    assert!(
        night.happened().is_empty(),
        "the second attempt adds nothing"
    );
}

#[test]
fn minutes_are_counted_for_each_severity_until_it_ends() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.at_clock("03:12").by(SAM).takes_it();
    night.at_clock("03:22").by(SAM).rates(Sev1);
    night
        .at_clock("03:52")
        .by(SAM)
        .rates_because(Sev2, "workaround works");
    night.at_clock("04:02").by(SAM).resolves_anyway();
    let minutes: Vec<(String, i64)> = night
        .incident()
        .severity_times(at("06:00"))
        .into_iter()
        .map(|(severity, time)| (severity.to_string(), time.num_minutes()))
        .collect();
    assert_eq!(minutes, [("SEV1".to_owned(), 30), ("SEV2".to_owned(), 30)]);
    assert_eq!(night.incident().severity_reported(), Sev2);
    assert_eq!(night.incident().severity_peak(), Sev1);
}

fn suspicion(receipt: &str) -> Command {
    Command::SuspectRelapse(Suspicion {
        group: GroupKey {
            source: "alertmanager".to_owned(),
            receiver: "bridgewatch".to_owned(),
            group_key: "api".to_owned(),
        },
        receipt: receipt.to_owned(),
        what: "orders-api 5xx".to_owned(),
        began_at: at("03:58"),
        on_call: Some(KIM),
    })
}

/// Resolved at 03:30, with the impact over; at 04:00 the same alert fires again.
fn fires_again() -> Night {
    let mut night = taken();
    night
        .at_clock("03:20")
        .by(SAM)
        .moves_to_saying(Phase::Fix, crate::incident::ImpactAnswer::OverNow);
    night.at_clock("03:30").by(SAM).resolves_anyway();
    night.at_clock("04:00").ask(
        crate::incident::Actor::Alerts,
        Default::default(),
        suspicion("r-1"),
    );
    night
}

/// Acceptance scenario 18, by the rules alone.
#[test]
fn relapse() {
    let asked = fires_again();
    let question = &asked.said()[0];
    assert!(
        question
            .content
            .contains("This looks like a relapse of INC-0001"),
        "{}",
        question.content
    );
    assert_eq!(asked.rings_next_at(), Some(at("04:05")));

    let mut silent = asked.fork();
    silent.runs_until("04:10");
    assert_eq!(silent.phase(), Phase::Learning, "it stays resolved");
    let again = silent
        .effects
        .iter()
        .find_map(|effect| match &effect.effect {
            Effect::RouteAgain { receipts } => Some(receipts.clone()),
            _ => None,
        });
    assert_eq!(
        again,
        Some(vec!["r-1".to_owned()]),
        "what waited is decided now"
    );

    let mut reopened = asked.fork();
    reopened.at_clock("04:02").by(SAM).reopens();
    let incident = reopened.incident();
    assert_eq!(incident.impact.len(), 2);
    assert_eq!(
        incident.impact[1].start,
        at("03:58"),
        "since it fires, not since the press"
    );
    let first = incident.impact[0].end.expect("it was over") - incident.impact[0].start;
    assert_eq!(
        incident.impact_total(at("04:08")),
        first + TimeDelta::minutes(10),
        "the union of both"
    );
    assert!(incident.milestones.at(MilestoneName::Resolved).is_none());
    assert!(reopened.followed().contains(&"route_again"));
    reopened.runs_until("04:04");
    assert!(!reopened.happened().contains(&"relapse_answered".to_owned()));
}

#[test]
fn what_comes_while_the_question_waits_belongs_to_it_and_is_not_asked_again() {
    let mut night = fires_again();
    night.ask(
        crate::incident::Actor::Alerts,
        Default::default(),
        suspicion("r-1"),
    );
    assert!(night.happened().is_empty(), "the same webhook, heard twice");
    night.ask(
        crate::incident::Actor::Alerts,
        Default::default(),
        suspicion("r-2"),
    );
    assert!(night.said().is_empty(), "one question");
    night.by(ADA).asks(Command::RelapseIsNew);
    let relapse = night
        .incident()
        .relations
        .relapse
        .as_ref()
        .expect("it was asked");
    assert_eq!(relapse.state, RelapseState::New);
    assert_eq!(relapse.receipts.len(), 2);
    night.by(ADA).asks(Command::RelapseIsNew);
    assert!(night.happened().is_empty());
    assert_eq!(night.rings_next_at(), None);
}
