//! How an incident ends, and how it comes back.

use insta::assert_snapshot;

use super::life::standing_in;
use super::{ADA, KIM, MO, Night, SAM, at};
use crate::incident::{CancelReason, Command, ImpactAnswer, MilestoneName, findings};
use crate::phase::Phase::{
    Cancelled, Closed, Diagnosis, Fix, Learning, Mitigation, Open, Validation,
};
use crate::role::Role;
use crate::severity::Severity::{Sev1, Sev2, Sev3};

#[test]
fn only_what_nobody_worked_on_is_no_incident() {
    for phase in [Open, Diagnosis] {
        let mut night = standing_in(phase);
        night.by(SAM).cancels(CancelReason::FalseAlarm);
        assert_eq!(night.phase(), Cancelled);
    }
    let mut night = standing_in(Mitigation);
    night.by(SAM).cancels(CancelReason::FalseAlarm);
    assert_snapshot!(night.refusal(), @"This does not work in *Mitigation & Containment*. Work has been done on it: use *Resolve*, so that it is not forgotten.");
    night.by(SAM).cancels(CancelReason::Duplicate);
    assert_eq!(night.phase(), Cancelled, "another incident goes on with it");
}

#[test]
fn the_on_call_engineer_or_command_says_that_it_is_no_incident() {
    let mut night = standing_in(Diagnosis);
    night.by(MO).accepts(Role::Bridge);
    night.by(SAM).asks(Command::GiveCommand { to: MO });
    night.by(KIM).cancels(CancelReason::Test);
    assert_snapshot!(night.refusal(), @"Only @Mo, who holds command, can say that this is no incident.");
    night.by(SAM).cancels(CancelReason::Test);
    assert_eq!(night.phase(), Cancelled, "Sam is the On-Call Engineer");
}

#[test]
fn resolving_asks_and_lets_go() {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.by(SAM).moves_to(Validation);
    night.after_minutes(3).by(SAM).resolves();
    assert_snapshot!(night.refusal(), @"4 of the resolve checks are not met.");
    night.by(SAM).resolves_anyway();
    assert_eq!(night.phase(), Learning);
    assert_snapshot!(night.noted().join("\n"), @"
    milestone: User impact is counted as over from here: nobody said when it ended
    phase: moved on to Postmortem & Learning
    milestone: Resolved
    decision: Resolved anyway, although: 3 attached alerts still fire; 4 critical validation checks are not ticked; Not yet stable in validation for 15 minutes; Nobody has said that user impact is over
    ");
}

#[test]
fn whoever_was_told_that_it_is_broken_waits_for_an_all_clear_that_says_who_was_hurt() {
    let about_the_all_clear = |night: &Night| {
        findings(night.incident(), night.now, &night.policy)
            .into_iter()
            .find(|finding| finding.text.contains("all-clear"))
    };
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    assert_eq!(
        about_the_all_clear(&night),
        None,
        "nobody was told anything"
    );
    night.after_minutes(2).clock_rings();
    let finding = about_the_all_clear(&night).expect("the holding note went out");
    assert!(!finding.met);
    assert_snapshot!(finding.text, @"The all-clear cannot be drafted in full: nobody has said who was hurt");
    night
        .by(SAM)
        .asks(Command::DescribeImpact("Nobody can order.".to_owned()));
    let finding = about_the_all_clear(&night).expect("it is still due");
    assert!(finding.met);
    assert_snapshot!(finding.text, @"The all-clear is drafted");
}

#[test]
fn whoever_would_rather_wait_is_asked_once_more_after_five_minutes() {
    let mut night = standing_in(Validation);
    night.by(SAM).asks(Command::WaitToResolve);
    assert_eq!(night.happened(), ["resolve_put_off"]);
    night.by(SAM).asks(Command::WaitToResolve);
    assert!(night.happened().is_empty(), "pressed twice is pressed once");
    night.after_minutes(4).clock_rings();
    let asked = |night: &Night| night.happened().contains(&"resolve_came_up".to_owned());
    assert!(!asked(&night));
    night.after_minutes(1).clock_rings();
    assert!(asked(&night));
    let said: Vec<_> = night
        .said()
        .into_iter()
        .filter(|card| card.content.contains("wait"))
        .collect();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].ping, crate::card::Ping::People(vec![SAM]));
    assert_snapshot!(said[0].content, @"<@1>, you wanted to wait: can INC-0001 be resolved now?");
    night.after_minutes(5).clock_rings();
    assert!(!asked(&night), "once is enough");
}

#[test]
fn whoever_waited_is_not_asked_about_what_has_gone_on_without_them() {
    for goes_on in [
        Command::Resolve { anyway: true },
        Command::Move {
            to: Fix,
            impact: None,
            note: None,
        },
    ] {
        let mut night = standing_in(Validation);
        night.by(SAM).asks(Command::WaitToResolve);
        night.after_minutes(1).by(SAM).asks(goes_on);
        assert_eq!(night.incident().resolve_put_off, None);
    }
}

#[test]
fn what_is_well_is_resolved_with_one_press() {
    let mut night = standing_in(Mitigation);
    night.all_alerts_clear();
    night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.by(SAM).moves_to(Validation);
    night
        .after_minutes(10)
        .by(SAM)
        .on_a_card_of(Validation)
        .resolves();
    assert_eq!(night.phase(), Learning);
    assert_eq!(night.happened(), ["resolved"]);
    assert!(night.incident().resolved_despite.is_empty());
}

#[test]
fn the_window_of_stability_belongs_to_the_severity() {
    for (severity, minutes) in [(Sev1, 15), (Sev2, 10), (Sev3, 5)] {
        let mut night = Night::alert_fires("orders-api 5xx", severity);
        night.by(SAM).takes_it();
        night.all_alerts_clear();
        night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
        night.by(SAM).moves_to(Validation);
        night
            .after_minutes(minutes)
            .after_seconds(-1)
            .by(SAM)
            .resolves();
        assert!(night.was_refused(), "{severity}");
        night.after_seconds(1).by(SAM).resolves();
        assert_eq!(night.phase(), Learning, "{severity}");
    }
}

#[test]
fn without_command_one_asks_and_after_five_minutes_anybody_may() {
    let mut night = standing_in(Validation);
    night.by(ADA).resolves_anyway();
    assert_eq!(night.happened(), ["resolve_asked"]);
    assert_eq!(night.phase(), Validation);
    night.after_minutes(3).by(KIM).resolves_anyway();
    assert!(
        night.happened().is_empty(),
        "asking again starts no new clock"
    );
    night.after_minutes(2).by(KIM).resolves_anyway();
    assert_eq!(night.phase(), Learning);
    assert_snapshot!(night.noted().join("\n"), @"
    milestone: User impact is counted as over from here: nobody said when it ended
    phase: moved on to Postmortem & Learning
    milestone: Resolved
    decision: Resolved anyway, although: 3 attached alerts still fire; Not yet stable in validation for 10 minutes; Nobody has said that user impact is over; whoever holds command did not answer within 5 minutes
    ");
}

#[test]
fn command_that_says_not_yet_has_answered() {
    let mut night = standing_in(Validation);
    night.by(ADA).resolves();
    night.after_minutes(1).by(KIM).asks(Command::NotYet);
    assert_snapshot!(night.refusal(), @"Only @Sam, who holds command, can answer this.");
    night.by(SAM).asks(Command::NotYet);
    assert_eq!(night.happened(), ["not_yet_said"]);
    night.after_minutes(6).by(ADA).resolves_anyway();
    assert_eq!(
        night.happened(),
        ["resolve_asked"],
        "the question begins anew"
    );
}

#[test]
fn a_commander_of_the_server_resolves_without_asking() {
    let mut night = standing_in(Validation);
    night.by(MO).commanding().resolves_anyway();
    assert_eq!(night.phase(), Learning);
}

#[test]
fn what_came_back_within_a_day_is_reopened_with_a_second_stretch_of_impact() {
    let mut night = standing_in(Mitigation);
    night
        .at_clock("03:47")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.at_clock("04:07").by(SAM).resolves_anyway();
    night.at_clock("04:37").by(KIM).reopens();
    let incident = night.incident();
    assert_eq!(incident.phase, Diagnosis);
    assert_eq!(incident.milestones.at(MilestoneName::Resolved), None);
    assert_eq!(
        incident.command,
        Some(SAM),
        "command does not move by itself"
    );
    assert_eq!(incident.impact.len(), 2);
    assert_eq!(
        incident.impact_total(at("04:47")).num_minutes(),
        52 + 10,
        "02:55 to 03:47 and 04:37 to 04:47"
    );
}

#[test]
fn stretches_of_impact_that_overlap_count_once() {
    let mut night = standing_in(Mitigation);
    night
        .at_clock("03:40")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night
        .at_clock("03:41")
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    // A person finds out later that the second stretch began while the first still ran.
    night.incident_mut().impact[1].start = at("03:30");
    assert_eq!(night.incident().impact_total(at("03:55")).num_minutes(), 60);
}

#[test]
fn after_a_day_what_came_back_is_another_incident() {
    let mut night = standing_in(Learning);
    night.now += night.policy.reopen_window;
    night.by(SAM).reopens();
    assert_snapshot!(night.refusal(), @"It ended more than 24 hours ago: too late to go on with it. *Open a new one* begins an incident that names it.");
    let mut live = standing_in(Fix);
    live.by(SAM).reopens();
    assert_snapshot!(live.refusal(), @"This does not work in *Resolution – fix*. Only an incident that was resolved or cancelled can be reopened.");
    let mut closed = standing_in(Closed);
    closed.by(SAM).reopens();
    assert!(closed.was_refused());
}

#[test]
fn what_was_cancelled_and_real_after_all_is_taken_by_whoever_says_so() {
    let mut night = standing_in(Cancelled);
    night.by(ADA).reopens();
    let incident = night.incident();
    assert_eq!(incident.phase, Diagnosis);
    assert_eq!(incident.command, Some(ADA));
    assert_eq!(incident.cancelled, None);
    assert_eq!(incident.impact.len(), 1, "for the users nothing had ended");
    let reasons: Vec<String> = night
        .history
        .iter()
        .map(|recorded| super::rules::name_of(&recorded.event))
        .collect();
    assert!(
        reasons.contains(&"cancelled".to_owned()),
        "the reason stays in history"
    );
}

#[test]
fn whoever_worked_on_it_is_called_back_when_it_returns() {
    let mut night = standing_in(Learning);
    night.by(KIM).reopens();
    let said = night.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].ping, crate::card::Ping::People(vec![SAM]));
    assert!(!said[0].quiet);
}
