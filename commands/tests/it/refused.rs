//! What is refused to somebody is one tap from whoever can do it.

use bridgewatch_core::card::Act;
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::incident::{Actor, CancelReason, Command, Rank};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::severity::Severity;

use crate::acts::{MO, every_act};
use crate::world::{
    ADA, INCIDENT, SAM, World, button, card_of, in_channel, in_direct_messages, in_private, said,
    viewer,
};
use bridgewatch_commands::buttons::{MAX_ID_CHARACTERS, encode};
use bridgewatch_commands::forms::{FormAsks, FormId};
use bridgewatch_commands::{Needs, needs_of_act};

fn responder(id: bridgewatch_core::person::PersonId) -> Actor {
    Actor::Person {
        id,
        rank: Rank::Responder,
    }
}

#[tokio::test]
async fn a_reader_is_told_who_commands_and_asks_them_with_one_tap() {
    let world = World::in_phase(Phase::Diagnosis);
    let refused = world
        .press(&viewer(ADA), Act::SetSeverity(Severity::Sev1))
        .await;
    insta::assert_snapshot!(said(&refused), @"You can read here. To act you need the responder role: ask an administrator of the server. <@5>, who holds command, can do it for you. [Ask them]");
    let asked = world.press_on(&refused, &viewer(ADA), "Ask them").await;
    insta::assert_snapshot!(said(&asked), @"<@5> is asked, in the channel.");
    insta::assert_snapshot!(world.timeline().pop().expect("it is noted"), @"02:04 question asked <@5>: Set it to SEV1");
    assert_eq!(world.incident().severity, Severity::Sev2);
}

/// Whatever a reader presses, the button under the words fits Discord and asks for something.
#[tokio::test]
async fn whatever_a_reader_may_not_do_can_be_asked_for() {
    let mut walked = 0;
    for act in every_act() {
        if needs_of_act(&act) == Needs::Viewer {
            continue;
        }
        walked += 1;
        let world = World::in_phase(Phase::Diagnosis);
        let refused = world.press(&viewer(ADA), act.clone()).await;
        let id = encode(&button(card_of(&refused), "Ask them"));
        assert!(id.chars().count() <= MAX_ID_CHARACTERS, "{id}");
        let asked = world.press_on(&refused, &viewer(ADA), "Ask them").await;
        assert_eq!(said(&asked), "<@5> is asked, in the channel.", "{act:?}");
    }
    assert!(walked > 80, "{walked}");
}

#[tokio::test]
async fn a_reader_outside_a_restricted_incident_learns_nothing_of_it() {
    let world = World::in_phase(Phase::Diagnosis);
    world.becomes_restricted();
    let elsewhere = bridgewatch_commands::Who {
        channel: bridgewatch_core::ids::ChannelId(1),
        ..viewer(MO)
    };
    let refused = said(&world.press(&elsewhere, Act::Log).await);
    insta::assert_snapshot!(refused, @"You can read here. To act you need the responder role: ask an administrator of the server.");
}

#[tokio::test]
async fn a_role_that_somebody_has_is_asked_of_them_or_another_is_taken() {
    let world = World::in_phase(Phase::Diagnosis);
    let backend = Role::Backend;
    world.does(responder(MO), Command::Accept { role: backend });
    let refused = world.press(&in_channel(ADA), Act::Accept(backend)).await;
    insta::assert_snapshot!(said(&refused), @"<@77> is Backend Engineer. They can hand it over to you. [Ask them] [Roles]");
    let asked = world.press_on(&refused, &in_private(ADA), "Ask them").await;
    insta::assert_snapshot!(said(&asked), @"<@77> is asked, in the channel.");
}

/// A page is answered at the bedside, and so is what came of it.
#[tokio::test]
async fn a_refusal_in_direct_messages_can_be_asked_away_there() {
    let world = World::in_phase(Phase::Diagnosis);
    let refused = world
        .press(&in_direct_messages(ADA), Act::SendUpdate(Some(20)))
        .await;
    let asked = world
        .press_on(&refused, &in_direct_messages(ADA), "Ask them")
        .await;
    insta::assert_snapshot!(said(&asked), @"<@5> is asked, in the channel.");
}

#[tokio::test]
async fn what_was_hidden_is_asked_of_those_who_decide() {
    let world = World::in_phase(Phase::Diagnosis);
    let number = EntryNumber(1);
    world.press(&in_channel(ADA), Act::Redact(number)).await;
    for act in [Act::RedactForGood(number), Act::ShowEntryAgain(number)] {
        let world = World::in_phase(Phase::Diagnosis);
        world.press(&in_channel(ADA), Act::Redact(number)).await;
        let refused = world.press(&in_channel(ADA), act).await;
        assert!(
            said(&refused).starts_with("T-1 is hidden. <@5>, who holds command, or an admin can"),
            "{}",
            said(&refused)
        );
        let asked = world.press_on(&refused, &in_private(ADA), "Ask them").await;
        assert_eq!(said(&asked), "<@5> is asked, in the channel.");
    }
}

#[tokio::test]
async fn once_it_is_closed_a_change_is_asked_of_the_owner_of_the_postmortem() {
    let world = World::in_phase(Phase::Learning);
    let log = FormId {
        incident: Some(INCIDENT),
        phase: None,
        asks: FormAsks::Log,
    };
    world
        .fill(&in_channel(ADA), log, &[("text", "obs: 5xx 9 %")])
        .await;
    let number = world.newest_line();
    world.becomes_closed();
    let owner = world.incident().postmortem.owner;
    assert_eq!(owner, Some(SAM));
    let refused = world
        .press(&in_channel(ADA), Act::RetractEntry(number))
        .await;
    insta::assert_snapshot!(said(&refused), @"The incident is closed: only <@5>, who owns the postmortem, can change its timeline. Ask them. [Ask them]");
    let asked = world.press_on(&refused, &in_private(ADA), "Ask them").await;
    insta::assert_snapshot!(said(&asked), @"<@5> is asked, in the channel.");
}

#[tokio::test]
async fn what_can_no_longer_be_undone_leads_to_what_does_it_all_the_same() {
    let world = World::in_phase(Phase::Diagnosis);
    let moved = world
        .press(&in_channel(SAM), Act::Move(Phase::Mitigation))
        .await;
    let refused = world.press_on(&moved, &in_private(ADA), "Undo").await;
    insta::assert_snapshot!(said(&refused), @"Only <@5>, who did it, can undo it. You can do the opposite instead. [Back to Rapid Diagnosis] [Show current board]");
    world
        .press_on(&refused, &in_private(ADA), "Back to Rapid Diagnosis")
        .await;
    assert_eq!(world.incident().phase, Phase::Diagnosis);
}

#[tokio::test]
async fn what_works_only_while_it_is_live_offers_to_reopen_it() {
    let world = World::with_open_incident();
    let reason = CancelReason::FalseAlarm;
    world.does(responder(SAM), Command::Cancel { reason });
    let refused = world.press(&in_channel(ADA), Act::TakeCommand).await;
    insta::assert_snapshot!(said(&refused), @"The incident is *Cancelled*: this works only while it is live. If it is not over, reopen it. [Reopen] [Show current board]");
}
