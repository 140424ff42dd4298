//! Who is rung where nobody is on call by name: the pager has a schedule of its own.

use super::{ADA, Night, SAM};
use crate::effect::{Effect, NewEffect};
use crate::ids::IncidentId;
use crate::incident::{Actor, CancelReason, Command, Event, MilestoneName, Report, plan};
use crate::person::PersonId;
use crate::role::Role::{Bridge, OnCall};
use crate::severity::Severity::{Sev1, Sev2, Sev3};

/// Whom the pager has been asked to ring so far; `None` is whoever its own schedule names.
fn rung(night: &Night) -> Vec<Option<PersonId>> {
    calls_in(&night.effects)
}

fn calls_in(effects: &[NewEffect]) -> Vec<Option<PersonId>> {
    effects
        .iter()
        .filter_map(|effect| match effect.effect {
            Effect::Page { person } => Some(person),
            _ => None,
        })
        .collect()
}

#[test]
fn a_major_alert_rings_the_pager_also_where_nobody_is_on_call() {
    for severity in [Sev1, Sev2] {
        let night = Night::at("03:02")
            .with_pager()
            .fires("orders-api 5xx", severity);
        assert_eq!(rung(&night), [None], "{severity}");
    }
    let night = Night::at("03:02")
        .with_pager()
        .on_duty(Bridge, ADA)
        .fires("orders-api 5xx", Sev1);
    assert_eq!(rung(&night), [None], "Ada is no On-Call Engineer");
}

#[test]
fn whoever_is_on_call_is_rung_by_name_and_nobody_else() {
    let night = Night::at("03:02")
        .with_pager()
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    assert_eq!(rung(&night), [Some(SAM)]);
}

#[test]
fn a_minor_alert_rings_nobody_and_without_a_pager_nothing_rings() {
    let night = Night::at("03:02")
        .with_pager()
        .fires("orders-api slow", Sev3);
    assert!(rung(&night).is_empty());
    let night = Night::at("03:02").fires("orders-api 5xx", Sev1);
    assert!(rung(&night).is_empty());
}

#[test]
fn what_becomes_major_rings_once_and_only_as_long_as_nobody_has_it() {
    let mut night = Night::at("03:02")
        .with_pager()
        .fires("orders-api slow", Sev3);
    night.after_minutes(2).by(ADA).rates(Sev2);
    assert_eq!(rung(&night), [None]);
    night.after_minutes(2).by(ADA).rates(Sev1);
    assert_eq!(rung(&night), [None], "it was major already");

    let mut taken = Night::at("03:02")
        .with_pager()
        .fires("orders-api slow", Sev3);
    taken.by(SAM).takes_it();
    taken.after_minutes(2).by(SAM).rates(Sev1);
    assert!(rung(&taken).is_empty(), "Sam is On-Call Engineer");
}

/// The rota may name somebody only for the worse severity, or their turn may have begun meanwhile.
#[test]
fn whoever_is_asked_as_it_becomes_major_is_rung_and_nobody_without_a_name() {
    let night = Night::at("03:02")
        .with_pager()
        .fires("orders-api slow", Sev3);
    let events = vec![
        Event::SeverityChanged {
            from: Sev3,
            to: Sev1,
            reason: None,
        },
        Event::RoleProposed {
            role: OnCall,
            to: SAM,
        },
    ];
    let before = Some(night.incident().clone());
    let planned = plan(
        IncidentId(1),
        before,
        Actor::Alerts,
        night.now,
        events,
        &night.policy,
    )
    .expect("something happened");
    assert_eq!(calls_in(&planned.effects), [Some(SAM)]);
}

#[test]
fn whoever_declares_is_awake_unless_they_may_only_read() {
    let mut night = Night::at("03:02").with_pager();
    night.by(SAM).declares("checkout is slow", Sev1);
    assert!(rung(&night).is_empty());
    let mut night = Night::at("03:02").with_pager();
    night
        .by(SAM)
        .only_viewing()
        .declares("checkout is slow", Sev1);
    assert_eq!(rung(&night), [None]);
}

#[test]
fn when_the_taking_is_undone_the_pager_is_called_anew() {
    let mut night = Night::at("03:02")
        .with_pager()
        .fires("orders-api 5xx", Sev1);
    night.by(ADA).takes_it();
    night.after_seconds(20).by(ADA).undoes();
    assert_eq!(rung(&night), [None, None]);
}

#[test]
fn what_returns_rings_nobody_as_long_as_somebody_has_it() {
    let mut night = Night::at("03:02")
        .with_pager()
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).cancels(CancelReason::FalseAlarm);
    night.after_minutes(5).by(ADA).reopens();
    assert_eq!(night.incident().holder(OnCall), Some(ADA));
    assert_eq!(rung(&night), [None], "only when it began");
}

#[test]
fn a_call_without_a_name_is_a_call_in_timeline_and_milestones() {
    let mut night = Night::at("03:02")
        .with_pager()
        .fires("orders-api 5xx", Sev1);
    night
        .after_seconds(2)
        .bot(Command::Report(Report::Paged(None)));
    assert_eq!(
        night.noted(),
        ["page: the pager was called: nobody is on call by name, its own schedule decides"]
    );
    assert_eq!(
        night.incident().milestones.at(MilestoneName::PagedFirst),
        Some(night.now)
    );
}

/// What an earlier version stored is still carried out.
#[test]
fn a_call_that_was_stored_with_its_person_is_read_as_it_was_meant() {
    let stored = r#"{"do":"page","person":1}"#;
    let effect: Effect = serde_json::from_str(stored).expect("it is an effect");
    assert_eq!(effect, Effect::Page { person: Some(SAM) });
}
