//! Who does what, and who commands.

use insta::assert_snapshot;

use super::night::message;
use super::{ADA, KIM, MO, Night, PRIYA, SAM, at};
use crate::card::{HandoverReason, HandoverSet, Ping};
use crate::effect::DirectTopic;
use crate::ids::ChannelId;
use crate::incident::{
    Actor, Command, DirectMessage, Expectation, HandoverSubject, MilestoneName, Rank, Report,
    RoleState,
};
use crate::phase::Phase::{Diagnosis, Mitigation};
use crate::role::Role::{self, Backend, Bridge, Documentation, Frontend, OnCall};
use crate::severity::Severity::{Sev1, Sev2, Sev3};

/// Sam has it since 03:02.
fn taken() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.after_minutes(1);
    night
}

const COMMAND: HandoverSubject = HandoverSubject::Command;

#[test]
fn undoing_the_second_of_two_presses_of_one_instant_leaves_the_first() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    let sam = Actor::Person {
        id: SAM,
        rank: Rank::Responder,
    };
    let accept = Command::Accept { role: Bridge };
    night.ask(sam, Expectation::default(), accept);
    let undo = night.incident().undo.clone().expect("it can be undone");
    night.ask(sam, Expectation::default(), Command::Undo { seq: undo.seq });
    assert_eq!(night.incident().holder(Bridge), None);
    assert_eq!(night.incident().holder(OnCall), Some(SAM));
    assert!(
        night
            .incident()
            .milestones
            .at(MilestoneName::Acknowledged)
            .is_some()
    );
}

#[test]
fn being_asked_fills_no_role() {
    let night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    assert_eq!(night.incident().holder(OnCall), None);
    assert!(matches!(
        night.incident().roles.get(&OnCall),
        Some(RoleState::Proposed { to, .. }) if *to == SAM
    ));
}

#[test]
fn a_role_is_accepted_with_one_press_by_anybody() {
    let mut night = taken();
    night.by(SAM).proposes(Backend, ADA);
    night.by(KIM).accepts(Backend);
    assert_eq!(night.incident().holder(Backend), Some(KIM));
    night.by(KIM).accepts(Backend);
    assert!(night.happened().is_empty());
    night.by(ADA).accepts(Backend);
    assert_snapshot!(night.refusal(), @"@Kim is Backend Engineer. They can hand it over to you.");
    night.by(SAM).proposes(Backend, ADA);
    assert!(night.was_refused(), "nobody is asked to replace a holder");
}

#[test]
fn whoever_cannot_says_so_and_is_asked_no_more() {
    let mut night = taken();
    night.by(SAM).proposes(Bridge, MO);
    night.by(SAM).proposes(Bridge, MO);
    assert!(night.happened().is_empty(), "asked once");
    night.by(MO).declines(Bridge);
    assert_eq!(night.happened(), ["role_declined"]);
    night.by(MO).declines(Bridge);
    assert!(night.happened().is_empty());
    night.by(KIM).declines(Bridge);
    assert_snapshot!(night.refusal(), @"You are not proposed as Bridge Engineer.");
    night.by(SAM).proposes(Bridge, PRIYA);
    night.by(PRIYA).accepts(Bridge);
    assert_eq!(night.incident().holder(Bridge), Some(PRIYA));
}

#[test]
fn a_role_is_given_back_by_its_holder_only() {
    let mut night = taken();
    night.by(ADA).gives_back(OnCall);
    assert_snapshot!(night.refusal(), @"You are not On-Call Engineer, so there is nothing to give back. *Roles* shows who is.");
    night.by(SAM).gives_back(OnCall);
    assert_eq!(night.incident().holder(OnCall), None);
    night.after_seconds(3).by(SAM).gives_back(OnCall);
    assert!(night.happened().is_empty(), "the same press, heard twice");
    night.after_seconds(30).by(SAM).gives_back(OnCall);
    assert!(night.was_refused());
}

#[test]
fn one_person_may_have_several_roles() {
    let mut night = taken();
    for role in [Bridge, Documentation, Backend] {
        night.by(SAM).accepts(role);
    }
    assert_eq!(night.incident().roles_of(SAM).len(), 4);
}

#[test]
fn command_goes_to_the_bridge_engineer_only_when_its_holder_gives_it() {
    let mut night = taken();
    night.by(MO).accepts(Bridge);
    assert_eq!(night.incident().command, Some(SAM));
    let question = &night.said()[0];
    assert_eq!(
        super::readable(&question.content),
        "@Mo is **Bridge Engineer**. @Sam holds command 👑 – should it go to @Mo?"
    );
    night.by(KIM).asks(Command::GiveCommand { to: MO });
    assert_snapshot!(night.refusal(), @"Only @Sam, who holds command, can give command away.");
    night.by(SAM).asks(Command::GiveCommand { to: KIM });
    assert_snapshot!(night.refusal(), @"@Kim is not Bridge Engineer. Use *Hand over*: they must say that they have it.");
    night.by(SAM).asks(Command::GiveCommand { to: MO });
    assert_eq!(night.incident().command, Some(MO));
    night.by(SAM).asks(Command::GiveCommand { to: MO });
    assert!(night.happened().is_empty());
}

#[test]
fn a_bridge_engineer_commands_where_nobody_does() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(MO).accepts(Bridge);
    assert_eq!(night.incident().command, Some(MO));
    night.by(SAM).takes_it();
    assert_eq!(night.incident().command, Some(MO));
}

#[test]
fn command_is_asked_for_and_given() {
    let mut night = taken();
    night.by(ADA).asks(Command::TakeCommand);
    assert_eq!(night.happened(), ["command_asked"]);
    assert_eq!(night.incident().command, Some(SAM));
    assert_eq!(night.said()[0].ping, Ping::People(vec![SAM]));
    night
        .after_minutes(1)
        .by(SAM)
        .asks(Command::GiveCommand { to: ADA });
    assert_eq!(night.incident().command, Some(ADA));
    night.by(ADA).asks(Command::TakeCommand);
    assert!(night.happened().is_empty(), "she has it");
}

#[test]
fn command_is_taken_from_whoever_stays_silent_for_two_minutes() {
    let mut night = taken();
    night.by(ADA).asks(Command::TakeCommand);
    night.after_seconds(3).by(ADA).asks(Command::TakeCommand);
    assert!(night.happened().is_empty(), "the same press, heard twice");
    night.after_seconds(60).by(ADA).asks(Command::TakeCommand);
    assert_snapshot!(night.refusal(), @"@Sam was asked for command. If they do nothing meanwhile, you can take it at 03:05:00.");
    night.after_seconds(57).by(ADA).asks(Command::TakeCommand);
    assert_eq!(night.incident().command, Some(ADA));
    assert_eq!(
        night.noted(),
        ["handover: took command from @Sam – no answer for 2 minutes"]
    );
}

#[test]
fn whoever_does_something_or_says_not_yet_is_not_silent() {
    let mut night = taken();
    night.by(ADA).asks(Command::TakeCommand);
    night.after_minutes(1).by(SAM).moves_to(Mitigation);
    night.after_minutes(1).by(ADA).asks(Command::TakeCommand);
    assert_eq!(night.happened(), ["command_asked"], "asked anew");
    night.by(SAM).asks(Command::NotYet);
    night.after_minutes(3).by(ADA).asks(Command::TakeCommand);
    assert_eq!(night.happened(), ["command_asked"]);
    assert_eq!(night.incident().command, Some(SAM));
}

/// Acceptance scenario 7, by the rules alone.
///
/// Given Sam holds command; when Sam hands over to Ada and Ada does not answer for five minutes, Sam still holds it;
/// when Ada accepts the second proposal, the channel shows the change with both times and the briefing is stored.
#[test]
fn a_call_left_before_it_was_answered_though_it_is_reported_afterwards() {
    let mut night = Night::at("03:02")
        .on_duty(Role::OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night.at_clock("03:02:10").by(SAM).takes_it();
    let direct = DirectMessage {
        channel: ChannelId(1_001),
        message: message(at("03:02:05"), SAM, "").message,
        about: DirectTopic::Page,
    };
    night
        .at_clock("03:02:12")
        .bot(Command::Report(Report::Paged(Some(SAM))));
    night.bot(Command::Report(Report::DirectPosted(SAM, direct)));
    let paged = |night: &Night| night.incident().milestones.at(MilestoneName::PagedFirst);
    assert_eq!(paged(&night), Some(at("03:02:05")));
    // Later calls change nothing.
    night
        .at_clock("03:03")
        .bot(Command::Report(Report::Paged(Some(SAM))));
    assert_eq!(paged(&night), Some(at("03:02:05")));
}

#[test]
fn a_call_cannot_have_left_before_the_incident_was_declared() {
    // Two clocks: Discord's may be behind.
    let mut night = Night::at("03:02")
        .on_duty(Role::OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night
        .after_seconds(3)
        .was_written_to(SAM, DirectTopic::Page);
    let milestones = &night.incident().milestones;
    assert_eq!(
        milestones.at(MilestoneName::PagedFirst),
        Some(night.incident().declared_at())
    );
}

#[test]
fn role_hand_over() {
    let mut night = taken();
    night
        .runs_until("04:20")
        .by(SAM)
        .describes_impact("Nobody can order");
    night
        .by(SAM)
        .hands_over_to(ADA, [COMMAND, HandoverSubject::Role(OnCall)]);
    assert_eq!(night.happened(), ["handover_offered"]);
    assert_eq!(night.incident().command, Some(SAM), "until she says yes");
    assert_eq!(night.rings_next_at(), Some(at("04:25")));
    night.runs_until("04:25");
    assert_eq!(night.happened(), ["handover_ended"]);
    assert_eq!(night.followed(), ["tell"], "Sam hears of it");
    assert_eq!(night.incident().command, Some(SAM));

    night
        .at_clock("04:30")
        .by(SAM)
        .hands_over_to(ADA, [COMMAND, HandoverSubject::Role(OnCall)]);
    night.at_clock("04:31").by(ADA).says_i_have_it();
    assert_eq!(night.incident().command, Some(ADA));
    assert_eq!(night.incident().holder(OnCall), Some(ADA));
    assert_eq!(night.incident().handovers, 1);
    let lines: Vec<String> = night
        .said()
        .iter()
        .map(|card| super::readable(&card.content))
        .collect();
    assert_snapshot!(lines.join("\n"), @"👑 Command: @Sam → @Ada at 04:31 (03:31 UTC). Reason: fatigue. Next update was due 03:32. With it: On-Call Engineer.");
    assert_snapshot!(night.noted().join("\n"), @"
    handover: took over from @Sam: command, On-Call Engineer – fatigue. Briefing: **orders-api 5xx** – SEV2 – Rapid Diagnosis
    **Broken, for whom:** Nobody can order
    **Since:** 02:55 (01:55 UTC)
    **Promised:** next update by 03:32 – overdue by 59 min, owed by @Sam
    **Why SEV2:** declared so at 03:02, first alert OrdersApi5xx
    **Here:** 👑 @Sam; On-Call @Sam
    **Alerts:** 3 firing, 0 clear
    handover: took command from @Sam – fatigue
    role: took the role On-Call Engineer
    ");

    night.after_seconds(4).by(ADA).says_i_have_it();
    assert!(night.happened().is_empty(), "the same press, heard twice");
}

#[test]
fn accepting_after_the_offer_lapsed_is_refused_even_when_the_clock_was_late() {
    let mut night = taken();
    night.by(SAM).hands_over_to(ADA, [COMMAND]);
    night.after_minutes(5).by(ADA).says_i_have_it();
    assert_snapshot!(night.refusal(), @"No hand-over waits for you. It was answered, or its time ran out: ask whoever has it to offer it again.");
    assert_eq!(night.incident().command, Some(SAM));
    night.by(SAM).hands_over_to(MO, [COMMAND]);
    assert_eq!(night.happened(), ["handover_ended", "handover_offered"]);
}

#[test]
fn not_now_leaves_everything_with_the_giver() {
    let mut night = taken();
    night.by(SAM).hands_over_to(ADA, [COMMAND]);
    night.by(KIM).asks(Command::DeclineHandover);
    assert_snapshot!(night.refusal(), @"No hand-over waits for you. It was answered, or its time ran out: ask whoever has it to offer it again.");
    night.by(ADA).asks(Command::DeclineHandover);
    assert_eq!(night.incident().command, Some(SAM));
    assert_eq!(night.followed(), ["tell"]);
}

#[test]
fn one_hand_over_at_a_time_of_what_one_has_to_somebody_else() {
    let mut night = taken();
    night.by(ADA).hands_over_to(SAM, [COMMAND]);
    assert_snapshot!(night.refusal(), @"You hold neither command nor a role here, so there is nothing to hand over. *Roles* shows who does.");
    night.by(SAM).hands_over_to(SAM, [COMMAND]);
    assert_snapshot!(night.refusal(), @"You already have it. Choose somebody else.");
    night.by(SAM).hands_over_to(ADA, [COMMAND]);
    night.by(SAM).hands_over_to(ADA, [COMMAND]);
    assert!(night.happened().is_empty());
    night.by(SAM).hands_over_to(MO, [COMMAND]);
    assert_snapshot!(night.refusal(), @"A hand-over to @Ada waits for its answer. It lapses by itself if none comes.");
}

#[test]
fn what_the_giver_has_lost_meanwhile_is_not_handed_over() {
    let mut night = taken();
    night.by(SAM).accepts(Bridge);
    night
        .by(SAM)
        .hands_over_to(ADA, [HandoverSubject::Role(Bridge)]);
    night.by(SAM).gives_back(Bridge);
    night.by(ADA).says_i_have_it();
    assert!(night.was_refused());
    assert_eq!(night.incident().handovers, 0);
}

#[test]
fn a_person_asked_for_two_roles_is_asked_twice() {
    let night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, SAM)
        .fires("orders-api 5xx", Sev1);
    let keys: Vec<&str> = night
        .effects
        .iter()
        .filter(|effect| effect.effect.kind() == "sync_direct")
        .filter_map(|effect| effect.coalesce_key.as_deref())
        .collect();
    assert_eq!(keys, ["inc-1/direct/1/page", "inc-1/direct/1/bridge"]);
}

#[test]
fn minor_incidents_write_to_nobody_until_they_become_major() {
    let mut night = Night::at("03:02")
        .with_pager()
        .on_duty(OnCall, SAM)
        .fires("orders-api slow", Sev3);
    assert!(
        !night
            .effects
            .iter()
            .any(|effect| { matches!(effect.effect.kind(), "sync_direct" | "page" | "tell") })
    );
    night.after_minutes(2).by(ADA).rates(Sev2);
    assert!(night.followed().contains(&"page"));
    assert!(night.followed().contains(&"sync_direct"));
}

#[test]
fn whoever_was_let_sleep_is_called_again_when_the_taking_is_undone() {
    let mut night = Night::at("03:02")
        .with_pager()
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night.was_written_to(SAM, DirectTopic::Page);
    night.by(ADA).takes_it();
    night.after_seconds(20).by(ADA).undoes();
    assert!(night.followed().contains(&"page"));
}

#[test]
fn everybody_written_to_reads_how_it_went_on() {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night.was_written_to(SAM, DirectTopic::Page);
    night.was_written_to(SAM, DirectTopic::Proposal { role: Bridge });
    for step in ["taken", "resolved", "reopened"] {
        match step {
            "taken" => night.by(ADA).takes_it(),
            "resolved" => night.after_minutes(30).by(ADA).resolves_anyway(),
            _ => night.after_minutes(30).by(ADA).reopens(),
        };
        let edited = night
            .followed()
            .iter()
            .filter(|kind| **kind == "sync_direct")
            .count();
        assert_eq!(edited, 2, "{step}");
    }
}

#[test]
fn roles_are_refused_once_nothing_is_left_to_do() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).cancels(crate::incident::CancelReason::Test);
    for role in Role::ALWAYS {
        night.by(SAM).accepts(role);
        assert!(night.was_refused());
        night.by(SAM).proposes(role, ADA);
        assert!(night.was_refused());
    }
    assert_snapshot!(night.refusal(), @"The incident is *Cancelled*: this works only while it is live. If it is not over, reopen it.");
    assert_ne!(night.phase(), Diagnosis);
}

#[test]
fn whoever_takes_it_in_the_role_they_were_asked_for_gets_no_other_by_a_second_tap() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(MO).proposes(Role::Backend, ADA);
    night.by(ADA).takes_it();
    assert_eq!(night.incident().holder(Role::Backend), Some(ADA));
    night.by(ADA).takes_it();
    assert!(night.happened().is_empty());
    assert_eq!(night.incident().holder(Role::OnCall), None);
}

/// Sam commands and is On-Call and Bridge Engineer; Ada is asked to take these over.
fn offers(night: &mut Night, set: HandoverSet, reason: Option<HandoverReason>) {
    night.by(SAM).asks(Command::OfferHandover {
        subjects: set.subjects(&night_roles()),
        to: ADA,
        reason: reason.map(|reason| reason.words().to_owned()),
        briefing: "what is known".to_owned(),
    });
}

fn night_roles() -> std::collections::BTreeSet<Role> {
    [OnCall, Bridge].into_iter().collect()
}

#[test]
fn one_role_is_handed_over_alone_and_the_line_says_when_and_why() {
    let mut night = taken();
    night.by(SAM).accepts(Bridge);
    offers(
        &mut night,
        HandoverSet::Role(Bridge),
        Some(HandoverReason::ShiftEnd),
    );
    night.at_clock("08:59").by(ADA).says_i_have_it();
    let incident = night.incident();
    assert_eq!(incident.holder(Bridge), Some(SAM), "five minutes are over");
    offers(
        &mut night,
        HandoverSet::Role(Bridge),
        Some(HandoverReason::ShiftEnd),
    );
    night.by(ADA).says_i_have_it();
    let incident = night.incident();
    assert_eq!(
        (
            incident.holder(Bridge),
            incident.holder(OnCall),
            incident.command
        ),
        (Some(ADA), Some(SAM), Some(SAM))
    );
    let said = night.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_snapshot!(
        super::readable(&said[0].content),
        @"🤝 Bridge Engineer: @Sam → @Ada at 08:59 (07:59 UTC). Reason: end of shift."
    );
    let line = night.noted().remove(0);
    assert!(
        line.contains("took over from @Sam: Bridge Engineer – end of shift."),
        "{line}"
    );
}

#[test]
fn the_card_says_what_and_why_in_the_tap_that_chooses_whom() {
    let mut night = taken();
    night.by(SAM).accepts(Bridge);
    let card = crate::cards::ask_handover(night.incident(), SAM, HandoverSet::Everything);
    assert_snapshot!(super::cards::shown(&card), @"
    You have: command 👑, On-Call Engineer, Bridge Engineer. Choose who takes it over. You keep it until they say *I have it*.
    <Hand everything over to…>
    <I am tired: hand everything over to…>
    <My shift ends: hand everything over to…>
    <Hand over only command to…>
    [Only On-Call…] [Only Bridge…]
    ");
    let card = crate::cards::ask_handover(night.incident(), SAM, HandoverSet::Role(Bridge));
    assert_snapshot!(super::cards::shown(&card), @"
    You have: command 👑, On-Call Engineer, Bridge Engineer. Choose who takes it over. You keep it until they say *I have it*.
    <Hand only Bridge over to…>
    <I am tired: hand only Bridge over to…>
    <My shift ends: hand only Bridge over to…>
    ");
    let card = crate::cards::ask_handover(night.incident(), KIM, HandoverSet::Everything);
    assert_snapshot!(super::cards::shown(&card), @"You have nothing to hand over here.");
    for role in [Backend, Frontend, Documentation] {
        night.by(SAM).accepts(role);
    }
    let card = crate::cards::ask_handover(night.incident(), SAM, HandoverSet::Everything);
    let all = super::cards::shown(&card);
    let last = all.lines().last();
    assert_eq!(
        last.map(str::trim),
        Some("[Only On-Call…] [Only Backend…] [Only Frontend…] [Only Bridge…] [Only Docs…]"),
        "each of the five roles, and command in the menu above"
    );
    assert!(all.contains("<Hand over only command to…>"));
}
