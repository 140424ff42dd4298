//! What people get for a press: who may what, roles, hand-overs, and what works in bed.

use std::collections::BTreeSet;

use bridgewatch_commands::Reply;
use bridgewatch_core::card::{Act, Card, Does, HandoverSet, LowerReason, Row};
use bridgewatch_core::cards;
use bridgewatch_core::effect::DirectTopic;
use bridgewatch_core::incident::{Handover, HandoverSubject, Rank, RoleState};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::severity::Severity;

use crate::acts::every_act;
use crate::world::{
    ADA, INCIDENT, SAM, World, button, card_of, in_channel, in_direct_messages, in_private, said,
    viewer, viewers_are_told,
};

#[tokio::test]
async fn a_refusal_says_who_can() {
    let world = World::in_phase(Phase::Diagnosis);
    let lower = Act::LowerSeverity(Severity::Sev3, LowerReason::Scope);
    let reply = world.press(&in_channel(ADA), lower).await;
    insta::assert_snapshot!(said(&reply), @"Only <@5>, who holds command, can lower the severity. [Ask them]");
    let reply = world.press(&in_channel(ADA), Act::TakeCommand).await;
    insta::assert_snapshot!(said(&reply), @"<@5> holds command and is asked. If they show no sign for two minutes, press *Ask for command* again.");
    let reply = world
        .press(&in_channel(ADA), Act::Accept(Role::OnCall))
        .await;
    insta::assert_snapshot!(said(&reply), @"<@5> is On-Call Engineer. They can hand it over to you. [Ask them] [Roles]");
    let reply = world
        .press(&in_channel(ADA), Act::SendUpdate(Some(20)))
        .await;
    insta::assert_snapshot!(said(&reply), @"<@5> (command) or the Bridge Engineer sends updates. [Ask them]");
}

#[tokio::test]
async fn a_commander_of_the_server_may_lower_without_holding_command() {
    let world = World::in_phase(Phase::Diagnosis);
    let mut commander = in_channel(ADA);
    commander.rank = Rank::Commander;
    let lower = Act::LowerSeverity(Severity::Sev3, LowerReason::Scope);
    world.press(&commander, lower).await;
    assert_eq!(world.incident().severity, Severity::Sev3);
}

#[tokio::test]
async fn whoever_may_only_read_reads_and_changes_nothing() {
    for act in every_act() {
        let world = World::in_phase(Phase::Diagnosis);
        let before = world.incident();
        let reply = world.press(&viewer(ADA), act.clone()).await;
        let mut after = world.incident();
        if matches!(act, Act::PleaseDo(_)) {
            // That they asked those who may is remembered, and nothing else.
            assert_ne!(after.asked_to_do, before.asked_to_do);
            (after.asked_to_do, after.seq) = (before.asked_to_do, before.seq);
        }
        assert_eq!(after, before, "{act:?}");
        assert_eq!(world.tests_fired(), 0);
        assert!(world.picked().is_empty());
        // Whoever may only read looks for things, and may tell that something is wrong.
        let asks_for_words = matches!(
            act,
            Act::NewIncident | Act::FindIncidents | Act::FindRunbooks
        );
        let speaks = matches!(reply, Reply::Form(_) | Reply::Public(_));
        assert_eq!(speaks, asks_for_words, "{act:?} lets a reader speak");
    }
    let world = World::in_phase(Phase::Diagnosis);
    let board = world.press(&viewer(ADA), Act::ShowBoard).await;
    assert!(card_of(&board).title.contains("INC-0142"));
    let think = world.press(&viewer(ADA), Act::Think).await;
    assert!(said(&think).starts_with(&viewers_are_told()));
}

#[tokio::test]
async fn a_role_comes_with_what_its_holder_does() {
    let world = World::in_phase(Phase::Diagnosis);
    let reply = world
        .press(&in_channel(ADA), Act::Accept(Role::Backend))
        .await;
    let card = card_of(&reply);
    assert!(matches!(reply, Reply::Private(_)));
    assert_eq!(card.content, "You are Backend Engineer.");
    assert!(card.body.contains("First five minutes"));
    button(card, "Undo");
    let mine = world.press(&in_channel(ADA), Act::MyRole).await;
    assert_eq!(card_of(&mine).title, "Backend Engineer");
    let none = world.press(&in_channel(crate::acts::MO), Act::MyRole).await;
    insta::assert_snapshot!(said(&none), @"You hold no role here. Take one under *Roles*. [Roles]");
}

#[tokio::test]
async fn somebody_is_asked_for_a_role_and_answers_from_bed() {
    let world = World::in_phase(Phase::Diagnosis);
    let roles = world.press(&in_channel(SAM), Act::Roles).await;
    let whom = world
        .press_on(&roles, &in_private(SAM), "Ask for Bridge…")
        .await;
    assert!(matches!(whom, Reply::Update(_)));
    let asked = world
        .choose(&in_private(SAM), Act::AskPropose(Role::Bridge), &["6"])
        .await;
    insta::assert_snapshot!(said(&asked), @"<@6> is asked to be Bridge Engineer.");
    let no = world
        .press(&in_direct_messages(ADA), Act::Decline(Role::Bridge))
        .await;
    insta::assert_snapshot!(said(&no), @"Noted: you cannot be Bridge Engineer now. The channel sees it.");
    assert!(matches!(
        world.incident().roles.get(&Role::Bridge),
        Some(RoleState::Declined { .. })
    ));
}

#[tokio::test]
async fn handing_over_is_three_taps_and_one_of_the_receiver() {
    let world = World::in_phase(Phase::Diagnosis);
    let ask = world.press(&in_channel(SAM), Act::AskHandover).await;
    assert!(
        card_of(&ask)
            .content
            .contains("command 👑, On-Call Engineer")
    );
    let offer = Act::OfferHandover(HandoverSet::Everything);
    let offered = world.choose(&in_private(SAM), offer, &["6"]).await;
    insta::assert_snapshot!(said(&offered), @"<@6> is asked. You still have it until they say *I have it*.");
    let accepted = world
        .press(&in_direct_messages(ADA), Act::AcceptHandover)
        .await;
    insta::assert_snapshot!(said(&accepted), @"It is yours. <@5> is told. You hold command 👑. You are On-Call Engineer. → <#900>");
    assert_eq!(world.incident().command, Some(ADA));
    let again = world
        .press(&in_direct_messages(ADA), Act::AcceptHandover)
        .await;
    insta::assert_snapshot!(said(&again), @"That is done already.");
}

#[tokio::test]
async fn direct_messages_answer_calls_and_nothing_else() {
    let world = World::with_open_incident();
    let reply = world
        .press(&in_direct_messages(SAM), Act::Move(Phase::Fix))
        .await;
    insta::assert_snapshot!(said(&reply), @"This works in the incident's channel, not here.");
    let taken = world.press(&in_direct_messages(SAM), Act::Take).await;
    insta::assert_snapshot!(said(&taken), @"You have it. You hold command 👑. → <#900> [Undo]");
    let draft = world.press(&in_direct_messages(SAM), Act::Update).await;
    assert!(said(&draft).contains("[Send]"));
    let sent = world
        .press_on(&draft, &in_direct_messages(SAM), "Send")
        .await;
    insta::assert_snapshot!(said(&sent), @"It goes out. The next one is promised by <t:1795141980:t>.");
}

/// Every card that the bot sends to one person directly.
fn direct_cards(world: &World) -> Vec<Card> {
    let incident = world.incident();
    let proposal = DirectTopic::Proposal {
        role: Role::Backend,
    };
    let offer = Handover {
        subjects: BTreeSet::from([HandoverSubject::Command]),
        from: SAM,
        to: ADA,
        at: incident.phase_since,
        reason: None,
        briefing: String::new(),
    };
    vec![
        cards::direct(&incident, ADA, &DirectTopic::Page),
        cards::direct(&incident, ADA, &proposal),
        cards::handover_offer(
            &incident,
            &offer,
            &bridgewatch_core::incident::Policy::default(),
        ),
        cards::handover_ended(&incident, ADA, true),
        cards::update_reminder(&incident, incident.phase_since, &world.data.desk.policy()),
    ]
}

#[tokio::test]
async fn every_button_that_comes_by_direct_message_works_there() {
    for phase in [Phase::Open, Phase::Diagnosis, Phase::Learning] {
        for card in direct_cards(&World::in_phase(phase)) {
            for row in &card.rows {
                let Row::Buttons(buttons) = row else {
                    panic!("a menu in direct messages: {row:?}")
                };
                for button in buttons {
                    let Does::Press(pressed) = &button.does else {
                        continue;
                    };
                    let world = World::in_phase(phase);
                    let reply = world
                        .pressed(&in_direct_messages(ADA), pressed.clone(), &[])
                        .await;
                    let told = said(&reply);
                    assert!(!told.contains("not here"), "{}: {told}", button.label);
                    for row in &card_of(&reply).rows {
                        assert!(!matches!(row, Row::People { .. }), "{}", button.label);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn whoever_presses_is_known_by_name_from_then_on() {
    let world = World::with_open_incident();
    world.press(&in_channel(SAM), Act::ShowBoard).await;
    assert_eq!(
        world.names().get(&SAM).map(String::as_str),
        Some("person 5")
    );
    assert_eq!(world.incident().id, INCIDENT);
}
