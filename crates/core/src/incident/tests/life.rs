//! From the first alert to the end: who may move an incident where, and what is said when they may not.

use insta::assert_snapshot;

use super::{ADA, MO, Night, PRIYA, SAM, at};
use crate::incident::{CancelReason, Command, ImpactAnswer, MilestoneName, RoleState};
use crate::phase::Phase::{
    self, Cancelled, Closed, Diagnosis, Fix, Learning, Mitigation, Open, Validation,
};
use crate::role::Role;
use crate::severity::Severity::{Sev1, Sev2};

/// A night whose incident stands in a phase since a minute; Sam has it.
pub(super) fn standing_in(phase: Phase) -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    match phase {
        Open => {}
        Cancelled => {
            night.by(SAM).cancels(CancelReason::FalseAlarm);
        }
        Learning | Closed => {
            night.by(SAM).takes_it();
            night.by(SAM).resolves_anyway();
        }
        Diagnosis => {
            night.by(SAM).takes_it();
        }
        Mitigation | Fix | Validation => {
            night.by(SAM).takes_it();
            night.by(SAM).moves_to(phase);
        }
    }
    if phase == Closed {
        super::learning::everything_is_learned(&mut night);
        night.by(SAM).closes();
    }
    assert_eq!(night.phase(), phase);
    night.after_minutes(1);
    night
}

/// What a hand does.
type Press = fn(super::night::Hand<'_>) -> &mut Night;

#[test]
fn an_alert_opens_an_incident_that_nobody_has() {
    let night = Night::alert_fires("orders-api 5xx", Sev2);
    let incident = night.incident();
    assert_eq!(incident.phase, Open);
    assert_eq!(incident.command, None);
    let at_milestone = |name| incident.milestones.at(name);
    assert_eq!(at_milestone(MilestoneName::Declared), Some(at("03:02")));
    assert_eq!(
        at_milestone(MilestoneName::AlertReceived),
        Some(at("03:02"))
    );
    assert_eq!(at_milestone(MilestoneName::Detected), Some(at("02:55")));
    assert_eq!(at_milestone(MilestoneName::ImpactStart), Some(at("02:55")));
    assert_eq!(at_milestone(MilestoneName::Acknowledged), None);
}

#[test]
fn whoever_declares_has_it_and_stands_in_where_nobody_is_on_duty() {
    let mut night = Night::at("03:02");
    night.by(SAM).declares("checkout is slow", Sev2);
    let incident = night.incident();
    assert_eq!(incident.phase, Diagnosis);
    assert_eq!(incident.command, Some(SAM));
    assert_eq!(incident.holder(Role::OnCall), Some(SAM));
    assert_eq!(
        incident.milestones.at(MilestoneName::Acknowledged),
        incident.milestones.at(MilestoneName::Declared)
    );
}

#[test]
fn whoever_is_on_duty_is_called_also_when_somebody_else_declares() {
    let mut night = Night::at("03:02").with_pager().on_duty(Role::OnCall, SAM);
    night.by(PRIYA).declares("checkout is slow", Sev2);
    let incident = night.incident();
    assert_eq!(incident.command, Some(PRIYA));
    assert!(matches!(
        incident.roles.get(&Role::OnCall),
        Some(RoleState::Proposed { to, .. }) if *to == SAM
    ));
    assert!(night.followed().contains(&"page"));
    assert!(night.followed().contains(&"sync_direct"));
}

#[test]
fn those_who_may_only_read_can_say_that_something_is_wrong_but_not_have_it() {
    let mut night = Night::at("03:02");
    night
        .by(PRIYA)
        .only_viewing()
        .declares("checkout is slow", Sev2);
    assert_eq!(night.phase(), Open);
    assert_eq!(night.incident().command, None);
    night.by(PRIYA).only_viewing().takes_it();
    assert_snapshot!(night.refusal(), @"You can read here. To act you need the responder role: ask an administrator of the server.");
}

#[test]
fn an_incident_without_a_title_is_not_declared() {
    let mut night = Night::at("03:02");
    night.by(SAM).declares(" \n\t ", Sev2);
    assert_snapshot!(night.refusal(), @"An incident needs a title: say in a few words what is wrong.");
}

#[test]
fn a_title_is_one_line_of_at_most_a_hundred_characters() {
    let mut night = Night::at("03:02");
    night
        .by(SAM)
        .declares(&format!("orders\n\u{7}api {}", "x".repeat(300)), Sev2);
    let title = &night.incident().title;
    assert_eq!(title.chars().count(), 100);
    assert!(title.starts_with("orders api x") && title.ends_with('…'));
}

#[test]
fn taking_it_acknowledges_once_and_gives_command() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.after_seconds(40).by(SAM).takes_it();
    assert_eq!(
        night.happened(),
        [
            "undo_offered",
            "acknowledged",
            "role_accepted",
            "command_moved",
            "phase_changed"
        ]
    );
    let acknowledged = night.incident().milestones.at(MilestoneName::Acknowledged);
    assert_eq!(acknowledged, Some(at("03:02:40")));

    night.after_seconds(5).by(SAM).takes_it();
    assert!(night.happened().is_empty(), "the same press, heard twice");
    night.after_minutes(3).by(ADA).takes_it();
    assert_snapshot!(night.refusal(), @"@Sam has it since 03:02.");
    assert_eq!(
        night.incident().milestones.at(MilestoneName::Acknowledged),
        acknowledged
    );
}

#[test]
fn taking_it_means_the_role_one_was_asked_for() {
    let mut night = Night::at("03:02")
        .on_duty(Role::OnCall, SAM)
        .on_duty(Role::Bridge, MO)
        .fires("orders-api 5xx", Sev2);
    night.by(MO).takes_it();
    let incident = night.incident();
    assert_eq!(incident.holder(Role::Bridge), Some(MO));
    assert_eq!(incident.holder(Role::OnCall), None, "Sam is still called");
    assert_eq!(incident.command, Some(MO));
    night.after_minutes(1).by(SAM).takes_it();
    assert_eq!(night.incident().holder(Role::OnCall), Some(SAM));
    assert_eq!(
        night.incident().command,
        Some(MO),
        "command does not move by itself"
    );
}

#[test]
fn becoming_on_call_engineer_of_an_open_incident_is_taking_it() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).accepts(Role::OnCall);
    assert_eq!(night.phase(), Diagnosis);
    assert_eq!(night.incident().command, Some(SAM));
}

#[test]
fn what_was_taken_and_given_back_can_be_taken_again() {
    let mut night = standing_in(Diagnosis);
    night.by(SAM).gives_back(Role::OnCall);
    night.after_minutes(1).by(ADA).takes_it();
    assert_eq!(night.incident().holder(Role::OnCall), Some(ADA));
    assert_eq!(
        night.incident().command,
        Some(SAM),
        "command does not move by itself"
    );
}

#[test]
fn any_responder_moves_the_work_to_any_other_active_phase() {
    for from in [Open, Diagnosis, Mitigation, Fix, Validation] {
        for to in [Diagnosis, Mitigation, Fix, Validation] {
            let mut night = standing_in(from);
            night.by(ADA).on_a_card_of(from).moves_to(to);
            assert_eq!(night.phase(), to, "{from} → {to}");
            if from == Open {
                assert_eq!(night.incident().command, Some(ADA), "a jump takes it too");
            }
            let back = u32::from(to < from);
            assert_eq!(night.incident().turn_backs, back, "{from} → {to}");
        }
    }
}

#[test]
fn work_never_moves_to_a_phase_that_has_a_door_of_its_own() {
    let mut sentences = Vec::new();
    for to in [Open, Learning, Closed, Cancelled] {
        let mut night = standing_in(Mitigation);
        night.by(SAM).moves_to(to);
        sentences.push(night.refusal());
    }
    assert_snapshot!(sentences.join("\n"), @"
    This does not work in *Mitigation & Containment*. Somebody has it already; go back to diagnosis instead.
    This does not work in *Mitigation & Containment*. Use *Resolve* when it is over.
    This does not work in *Mitigation & Containment*. Use *Resolve*, or *Not an incident* while nobody has it.
    This does not work in *Mitigation & Containment*. Use *Resolve*, or *Not an incident* while nobody has it.
    ");
}

#[test]
fn what_has_ended_does_not_move() {
    let mut sentences = Vec::new();
    for phase in [Learning, Closed, Cancelled] {
        let mut night = standing_in(phase);
        night.by(SAM).moves_to(Fix);
        sentences.push(night.refusal());
        night.by(SAM).takes_it();
        assert!(night.was_refused());
    }
    assert_snapshot!(sentences.join("\n"), @"
    The incident is *Postmortem & Learning*: this works only while it is live. If it is not over, reopen it.
    The incident is *Closed*: this works only while it is live. What is closed stays as it is; if it came back, open a new one.
    The incident is *Cancelled*: this works only while it is live. If it is not over, reopen it.
    ");
}

#[test]
fn a_press_on_an_old_card_changes_nothing_and_says_how_things_stand() {
    let mut night = standing_in(Diagnosis);
    night.by(SAM).on_a_card_of(Diagnosis).moves_to(Mitigation);
    night
        .after_minutes(2)
        .by(ADA)
        .on_a_card_of(Diagnosis)
        .moves_to(Fix);
    assert_snapshot!(night.refusal(), @"This card is old. The incident is in *Mitigation & Containment* since 03:03.");
    assert_eq!(night.phase(), Mitigation);
}

#[test]
fn a_board_redrawn_by_an_alert_makes_no_card_old() {
    let mut night = standing_in(Diagnosis);
    night.alerts_say(|picture| picture.firing += 2);
    night.by(SAM).on_a_card_of(Diagnosis).moves_to(Mitigation);
    assert_eq!(night.phase(), Mitigation);
}

#[test]
fn the_same_press_twice_within_ten_seconds_is_one_event() {
    let presses: [(Phase, Press); 6] = [
        (Diagnosis, |hand| hand.moves_to(Mitigation)),
        (Validation, |hand| hand.resolves_anyway()),
        (Open, |hand| hand.cancels(CancelReason::Test)),
        (Learning, |hand| hand.reopens()),
        (Diagnosis, |hand| hand.rates(Sev1)),
        (Open, |hand| hand.takes_it()),
    ];
    for (phase, press) in presses {
        let mut night = standing_in(phase);
        press(night.by(SAM).on_a_card_of(phase));
        assert!(!night.happened().is_empty(), "{phase}");
        night.after_seconds(9);
        let typed = !matches!(phase, Diagnosis | Open);
        let hand = night.by(SAM);
        press(if typed {
            hand.on_a_card_of(phase)
        } else {
            hand
        });
        assert!(night.happened().is_empty(), "{phase}");
    }
}

#[test]
fn two_people_pressing_the_same_button_move_the_work_once() {
    let mut night = standing_in(Diagnosis);
    night.by(SAM).on_a_card_of(Diagnosis).moves_to(Mitigation);
    night
        .after_seconds(4)
        .by(ADA)
        .on_a_card_of(Diagnosis)
        .moves_to(Mitigation);
    assert!(night.happened().is_empty());
}

#[test]
fn on_the_way_to_the_fix_people_say_whether_users_are_still_hurt() {
    let mut over = standing_in(Mitigation);
    over.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
    assert_eq!(
        over.incident().milestones.at(MilestoneName::Mitigated),
        Some(at("03:03"))
    );
    assert!(!over.incident().impact_is_open());

    let mut earlier = standing_in(Mitigation);
    earlier
        .at_clock("03:20")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverSince(at("03:11")));
    assert_eq!(
        earlier.incident().milestones.at(MilestoneName::Mitigated),
        Some(at("03:11"))
    );

    let mut not_yet = standing_in(Mitigation);
    not_yet.by(SAM).moves_to_saying(Fix, ImpactAnswer::NotYet);
    assert_eq!(
        not_yet.incident().milestones.at(MilestoneName::Mitigated),
        None
    );
    assert!(not_yet.incident().impact_is_open());
}

#[test]
fn impact_ends_neither_before_it_began_nor_in_the_future() {
    let mut night = standing_in(Mitigation);
    night
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverSince(at("04:00")));
    assert_snapshot!(night.refusal(), @"The impact cannot end in the future.");
    night
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverSince(at("02:30")));
    assert_snapshot!(night.refusal(), @"The impact cannot end before it began.");
    assert_eq!(night.phase(), Mitigation);
}

#[test]
fn impact_that_was_over_already_ends_only_once() {
    let mut night = standing_in(Mitigation);
    night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.after_minutes(5).by(SAM).moves_to(Mitigation);
    night
        .after_minutes(5)
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    assert_eq!(
        night.incident().milestones.at(MilestoneName::Mitigated),
        Some(at("03:03"))
    );
    night.by(SAM).moves_to(Mitigation);
    night
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverSince(at("02:59")));
    assert_eq!(
        night.incident().milestones.at(MilestoneName::Mitigated),
        Some(at("02:59"))
    );
    assert_eq!(
        night.incident().impact[0].end,
        Some(at("02:59")),
        "a correction"
    );
}

#[test]
fn impact_that_came_back_opens_another_stretch() {
    let mut night = standing_in(Mitigation);
    night
        .at_clock("03:10")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.at_clock("03:15").by(SAM).moves_to(Validation);
    night
        .at_clock("03:20")
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    let incident = night.incident();
    assert_eq!(incident.impact.len(), 2);
    assert_eq!(incident.impact[1].start, at("03:20"));
    assert!(!incident.is_mitigated(), "what came back is not mitigated");
    assert_eq!(
        incident.impact_total(at("03:30")).num_minutes(),
        15 + 10,
        "02:55 to 03:10 and 03:20 to 03:30"
    );
}

#[test]
fn work_that_goes_back_is_counted_and_says_what_did_not_hold() {
    let mut night = standing_in(Mitigation);
    night.by(SAM).asks(Command::Move {
        to: Diagnosis,
        impact: None,
        note: Some("  the flag\nis cached ".to_owned()),
    });
    assert_eq!(night.incident().turn_backs, 1);
    assert_eq!(
        night.noted(),
        ["phase: moved back to Rapid Diagnosis – the flag is cached"]
    );
}
