//! How bad it is, what can be taken back, and what monitoring may change.

use insta::assert_snapshot;

use super::{ADA, KIM, MO, Night, PRIYA, SAM, at};
use crate::incident::{Actor, Command, Expectation, HandoverSubject, ImpactAnswer, MilestoneName};
use crate::phase::Phase::{Diagnosis, Fix, Learning, Mitigation, Open, Validation};
use crate::role::Role::{Backend, OnCall};
use crate::severity::Severity::{self, Sev1, Sev2, Sev3, Sev4};
use crate::timeline::Precision;

fn taken() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.after_minutes(1);
    night
}

#[test]
fn anybody_raises_the_severity() {
    let mut night = taken();
    night.by(ADA).rates(Sev1);
    assert_eq!(night.incident().severity, Sev1);
    assert_eq!(night.incident().severity_peak(), Sev1);
    assert_eq!(night.incident().severity_reported(), Sev2);
    assert_eq!(night.noted(), ["severity: SEV2 → SEV1"]);
}

#[test]
fn only_command_lowers_it_and_says_why() {
    let mut night = taken();
    night
        .by(ADA)
        .rates_because(Sev3, "scope smaller than feared");
    assert_snapshot!(night.refusal(), @"Only @Sam, who holds command, can lower the severity.");
    night.by(SAM).rates(Sev3);
    assert_snapshot!(night.refusal(), @"Lowering the severity needs a reason: choose one.");
    night.by(SAM).rates_because(Sev3, " \n ");
    assert!(night.was_refused(), "white space is no reason");
    night
        .by(SAM)
        .rates_because(Sev3, "scope smaller than feared");
    assert_eq!(night.incident().severity, Sev3);
    assert_eq!(night.incident().severity_peak(), Sev2);
    assert_eq!(
        night.noted(),
        ["severity: SEV2 → SEV3: scope smaller than feared"]
    );
    night.by(MO).commanding().rates_because(Sev4, "other");
    assert_eq!(night.incident().severity, Sev4);
}

#[test]
fn the_same_severity_again_is_nothing_and_an_ended_incident_has_its_last() {
    let mut night = taken();
    night.by(SAM).rates(Sev2);
    assert!(night.happened().is_empty());
    night.by(SAM).resolves_anyway();
    night.by(SAM).rates(Sev1);
    assert_snapshot!(night.refusal(), @"The incident is *Postmortem & Learning*: this works only while it is live. If it is not over, reopen it.");
}

#[test]
fn monitoring_raises_but_never_lowers() {
    let mut night = taken();
    let news = |severity: Severity| Command::AlertsChanged {
        attached: Vec::new(),
        picture: Box::new(crate::incident::AlertPicture {
            firing: 9,
            ..crate::incident::AlertPicture::default()
        }),
        news: Vec::new(),
        links: Vec::new(),
        services: std::collections::BTreeSet::new(),
        severity: Some((severity, "storm: 3 alert names in 10 minutes".to_owned())),
        storm: true,
        runbook: None,
    };
    night.ask(Actor::Alerts, Expectation::default(), news(Sev3));
    assert_eq!(night.happened(), ["alerts_changed"]);
    night.ask(Actor::Alerts, Expectation::default(), news(Sev1));
    assert_eq!(
        night.happened(),
        ["severity_changed"],
        "the picture was known"
    );
    assert_eq!(night.incident().severity, Sev1);
    assert!(night.incident().storm);
    night.ask(Actor::Alerts, Expectation::default(), news(Sev1));
    assert!(night.happened().is_empty(), "a repeat says nothing new");
}

/// Acceptance scenario 3, by the rules alone.
///
/// Given an incident that is live; when the same group is sent again, nothing is written; when one alert resolves, the
/// board counts it by the sender's time and the incident stays active.
#[test]
fn repeat_and_late_alerts() {
    let mut night = taken();
    night.alerts_say(|_| {});
    assert!(night.happened().is_empty());
    assert!(night.followed().is_empty());
    let ended = at("03:01");
    night.at_clock("03:06").alerts_say(|picture| {
        picture.firing = 1;
        picture.cleared = 2;
        picture.last_cleared_at = Some(ended);
    });
    let board = crate::cards::board(night.incident());
    assert!(super::readable(&board.body).contains("2 of 3 clear since 03:01"));
    assert!(night.incident().is_active());
}

#[test]
fn alerts_never_resolve_and_their_news_after_the_end_only_redraw() {
    let mut night = taken();
    let before = night.phase();
    night.all_alerts_clear();
    assert_eq!(night.phase(), before, "people say when it is over");
    night.by(SAM).resolves_anyway();
    night.alerts_say(|picture| picture.firing = 1);
    night.all_alerts_clear();
    assert_eq!(night.phase(), Learning);
    assert_eq!(night.followed(), ["sync_board"]);
}

#[test]
fn what_monitoring_says_after_the_end_raises_nothing() {
    let mut night = taken();
    night.by(SAM).resolves_anyway();
    let before = night.incident().severity;
    let picture = crate::incident::AlertPicture {
        firing: 9,
        ..crate::incident::AlertPicture::default()
    };
    let news = Command::AlertsChanged {
        attached: Vec::new(),
        picture: Box::new(picture),
        news: Vec::new(),
        links: Vec::new(),
        services: std::collections::BTreeSet::new(),
        severity: Some((Sev1, "three alert names".to_owned())),
        storm: true,
        runbook: None,
    };
    assert_ne!(before, Sev1);
    night.ask(Actor::Alerts, Expectation::default(), news);
    assert_eq!(night.happened(), ["alerts_changed"]);
    assert_eq!(night.incident().severity, before);
}

#[test]
fn an_alert_that_began_earlier_moves_the_estimate_until_a_person_has_spoken() {
    let mut night = taken();
    night.alerts_say(|picture| picture.earliest_start = Some(at("02:50")));
    let start = |night: &Night| night.incident().milestones.at(MilestoneName::ImpactStart);
    assert_eq!(start(&night), Some(at("02:50")));
    assert_eq!(night.incident().impact[0].start, at("02:50"));
    assert_eq!(
        night.incident().milestones.at(MilestoneName::Detected),
        Some(at("02:50"))
    );
    night.by(KIM).asks(Command::CorrectMilestone {
        name: MilestoneName::ImpactStart,
        at: at("02:53"),
        precision: Precision::Minute,
        evidence: None,
    });
    assert_eq!(
        night.noted(),
        ["milestone: Impact start corrected to 01:53 UTC"]
    );
    night.alerts_say(|picture| picture.earliest_start = Some(at("02:41")));
    assert_eq!(start(&night), Some(at("02:53")), "a person said so");
}

#[test]
fn milestones_are_corrected_only_where_they_were_reached() {
    let mut night = taken();
    let correct = |name, clock| Command::CorrectMilestone {
        name,
        at: at(clock),
        precision: Precision::Minute,
        evidence: None,
    };
    let mut sentences = Vec::new();
    for (name, clock) in [
        (MilestoneName::Resolved, "03:00"),
        (MilestoneName::Mitigated, "03:00"),
        (MilestoneName::Declared, "03:00"),
        (MilestoneName::ImpactStart, "05:00"),
    ] {
        night.by(KIM).asks(correct(name, clock));
        sentences.push(night.refusal());
    }
    assert_snapshot!(sentences.join("\n"), @"
    *Resolved* has not been reached, so there is nothing to correct.
    *Mitigated* has not been reached, so there is nothing to correct.
    The bot's own clock set this time; it is not corrected.
    A milestone cannot lie in the future.
    ");
    night.by(SAM).resolves_anyway();
    night
        .by(KIM)
        .asks(correct(MilestoneName::Mitigated, "02:58"));
    assert_eq!(night.incident().impact[0].end, Some(at("02:58")));
    night
        .by(KIM)
        .asks(correct(MilestoneName::MitigationStarted, "02:57"));
    assert_eq!(
        night.happened(),
        ["milestone_corrected"],
        "it was only forgotten"
    );
    night
        .by(KIM)
        .asks(correct(MilestoneName::MitigationStarted, "02:57"));
    assert!(night.happened().is_empty());
}

/// Undo restores phase, severity, roles, ticks and milestones; only the history knows.
#[test]
fn every_change_can_be_taken_back_for_a_minute() {
    type Change = fn(&mut Night);
    let changes: [(&str, Change); 8] = [
        ("phase", |night| drop_it(night.by(SAM).moves_to(Mitigation))),
        ("impact", |night| {
            drop_it(night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow));
        }),
        ("validation", |night| {
            drop_it(night.by(SAM).moves_to(Validation))
        }),
        ("severity", |night| drop_it(night.by(SAM).rates(Sev1))),
        ("role", |night| drop_it(night.by(SAM).accepts(Backend))),
        ("giving back", |night| {
            drop_it(night.by(SAM).gives_back(OnCall))
        }),
        ("tick", |night| {
            drop_it(night.by(SAM).finishes("newest-deploy"))
        }),
        ("return", |night| {
            drop_it(night.by(SAM).moves_to_saying(Diagnosis, ImpactAnswer::Back));
        }),
    ];
    for (what, change) in changes {
        let mut night = Night::at("03:02")
            .with_runbook("scenario-3am")
            .fires("orders-api 5xx", Sev2);
        night.by(SAM).takes_it();
        if what == "return" {
            night
                .by(SAM)
                .moves_to_saying(Validation, ImpactAnswer::OverNow);
        }
        night.after_minutes(2);
        let before = night.incident().clone();
        change(&mut night);
        assert!(!night.happened().is_empty(), "{what} changed nothing");
        night.after_seconds(60).by(SAM).undoes();
        let after = night.incident().clone();
        assert_eq!(after.phase, before.phase, "{what}");
        assert_eq!(after.phase_since, before.phase_since, "{what}");
        assert_eq!(after.severity, before.severity, "{what}");
        assert_eq!(after.severities, before.severities, "{what}");
        assert_eq!(after.roles, before.roles, "{what}");
        assert_eq!(after.command, before.command, "{what}");
        assert_eq!(after.checklist, before.checklist, "{what}");
        assert_eq!(after.impact, before.impact, "{what}");
        assert_eq!(after.turn_backs, before.turn_backs, "{what}");
        for name in [
            MilestoneName::Mitigated,
            MilestoneName::MitigationStarted,
            MilestoneName::FixApplied,
            MilestoneName::Acknowledged,
        ] {
            assert_eq!(
                after.milestones.at(name),
                before.milestones.at(name),
                "{what}"
            );
        }
        assert!(night.noted()[0].starts_with("note: Undone: "), "{what}");
    }
}

fn drop_it(_: &mut Night) {}

#[test]
fn taking_it_can_be_taken_back() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.after_seconds(30).by(SAM).undoes();
    assert_eq!(night.phase(), Open);
    assert_eq!(night.incident().command, None);
    assert_eq!(
        night.incident().milestones.at(MilestoneName::Acknowledged),
        None
    );
}

#[test]
fn only_the_author_undoes_and_only_for_a_minute_and_only_the_last_change() {
    let mut night = taken();
    night.by(SAM).moves_to(Mitigation);
    night.by(ADA).undoes();
    assert_snapshot!(night.refusal(), @"Only @Sam, who did it, can undo it. You can do the opposite instead.");
    night.after_seconds(61).by(SAM).undoes();
    assert_snapshot!(night.refusal(), @"This can no longer be undone: its time is over. Do the opposite instead.");

    let mut changed = taken();
    changed.by(SAM).moves_to(Mitigation);
    let first = changed
        .incident()
        .undo
        .as_ref()
        .expect("it can be undone")
        .seq;
    changed.after_seconds(5).by(ADA).rates(Sev1);
    changed.by(SAM).asks(Command::Undo { seq: first });
    assert_snapshot!(changed.refusal(), @"This can no longer be undone: something else has changed since, or it is undone already. The board shows how it stands.");
    assert_eq!(changed.phase(), Mitigation);
}

#[test]
fn what_others_say_or_the_bot_does_meanwhile_leaves_the_undo() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.after_seconds(50).by(SAM).takes_it();
    night.runs_until("03:03:20");
    assert_eq!(night.incident().updates.len(), 1, "the first note went out");
    night.by(ADA).thinks("the release");
    night.by(SAM).undoes();
    assert_eq!(night.phase(), Open);
    assert!(
        night
            .incident()
            .milestones
            .at(MilestoneName::CauseIdentified)
            .is_some(),
        "what Ada said stands"
    );
}

#[test]
fn undoing_twice_is_undoing_once() {
    let mut night = taken();
    night.by(SAM).moves_to(Mitigation);
    night.by(SAM).undoes();
    night.after_seconds(2).by(SAM).undoes();
    assert!(night.happened().is_empty());
    assert_eq!(night.phase(), Diagnosis);
}

#[test]
fn what_ended_is_reopened_not_undone() {
    let mut night = taken();
    night.by(SAM).moves_to(Mitigation);
    night.by(SAM).resolves_anyway();
    night.by(SAM).undoes();
    assert!(night.was_refused());
    assert_eq!(night.phase(), Learning);
}

#[test]
fn an_undo_never_gives_back_what_was_handed_over() {
    let mut night = taken();
    night.by(SAM).moves_to(Mitigation);
    night
        .by(SAM)
        .hands_over_to(PRIYA, [HandoverSubject::Command]);
    night.after_seconds(20).by(PRIYA).says_i_have_it();
    night.by(SAM).undoes();
    assert!(night.was_refused());
    assert_eq!(night.incident().command, Some(PRIYA));
}
