//! What people get for a press: every act, double presses, old cards, and the life of an incident.

use bridgewatch_commands::card::{MAX_FIELD_HINT, MAX_FORM_WORDS, render, render_form};
use bridgewatch_commands::{Reply, opens_form};
use bridgewatch_core::card::{Act, Press};
use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::CancelReason;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::severity::Severity;
use chrono::TimeDelta;

use crate::acts::{every_act, step};
use crate::card::must_be_postable;
use crate::world::{
    ADA, SAM, World, card_of, form_of, in_channel, in_direct_messages, in_private, said, viewer,
};

/// What Discord checks of any answer.
fn must_be_answerable(reply: &Reply) {
    match reply {
        Reply::Form(form) => {
            let json = render_form(form);
            let rows = json["components"].as_array().map_or(0, Vec::len);
            assert!((1..=5).contains(&rows));
            assert!(
                form.title.chars().count() <= MAX_FORM_WORDS,
                "{}",
                form.title
            );
            for field in &form.fields {
                assert!(
                    field.label.chars().count() <= MAX_FORM_WORDS,
                    "{}",
                    field.label
                );
                assert!(
                    field.placeholder.chars().count() <= MAX_FIELD_HINT,
                    "{}",
                    field.placeholder
                );
                assert!(field.value.chars().count() <= usize::from(field.max));
            }
        }
        Reply::Quiet => {}
        other => must_be_postable(&render(card_of(other))),
    }
}

#[tokio::test]
async fn every_act_answers_in_every_phase_and_place() {
    for phase in Phase::ALL {
        for act in every_act() {
            for who in [
                in_channel(SAM),
                in_channel(ADA),
                in_private(SAM),
                in_direct_messages(ADA),
                viewer(ADA),
            ] {
                let world = World::in_phase(phase);
                let values = match act {
                    Act::OfferHandover(_)
                    | Act::OfferHandoverBecause(..)
                    | Act::AskPropose(_)
                    | Act::PageRole(_) => vec!["77"],
                    Act::TickSteps(_) => vec!["db-up", "read-log"],
                    Act::AttachRunbook => vec!["frontend"],
                    Act::PickFacts => vec!["4711"],
                    _ => Vec::new(),
                };
                let reply = world.choose(&who, act.clone(), &values).await;
                must_be_answerable(&reply);
                let step_on_shared_card = matches!(
                    act,
                    Act::FinishStep(_) | Act::ConfirmStep(_) | Act::SkipStep(..)
                );
                if reply == Reply::Quiet {
                    assert!(step_on_shared_card, "{act:?} says nothing in {phase}");
                }
                let opened = matches!(reply, Reply::Form(_));
                assert!(!opened || opens_form(&act), "{act:?} opens a form too late");
            }
        }
    }
}

#[tokio::test]
async fn every_act_apologises_when_the_store_is_broken() {
    for act in every_act() {
        let world = World::in_phase(Phase::Diagnosis);
        world.breaks();
        let reply = world.press(&in_channel(SAM), act.clone()).await;
        must_be_answerable(&reply);
        if let Reply::Private(card) | Reply::Update(card) = &reply
            && !matches!(act, Act::Dismiss | Act::PickFacts)
        {
            assert!(
                card.content.starts_with("Something broke on my side"),
                "{act:?}: {}",
                card.content
            );
        }
    }
}

#[tokio::test]
async fn taking_it_is_one_tap_and_can_be_taken_back() {
    let world = World::with_open_incident();
    let reply = world.press(&in_channel(SAM), Act::Take).await;
    insta::assert_snapshot!(said(&reply), @"You have it. You hold command 👑. [Undo]");
    assert_eq!(world.incident().phase, Phase::Diagnosis);
    let undone = world.press_on(&reply, &in_private(SAM), "Undo").await;
    insta::assert_snapshot!(said(&undone), @"Undone: taking it.");
    assert_eq!(world.incident().phase, Phase::Open);
}

#[tokio::test]
async fn the_same_press_twice_is_one_and_a_second_person_hears_who_has_it() {
    let world = World::with_open_incident();
    world.press(&in_channel(SAM), Act::Take).await;
    let before = world.incident();
    let again = world.press(&in_channel(SAM), Act::Take).await;
    insta::assert_snapshot!(said(&again), @"You have it already.");
    let late = world.press(&in_channel(ADA), Act::Take).await;
    insta::assert_snapshot!(said(&late), @"<@5> has it since <t:1795140180:t>. [Roles]");
    assert_eq!(world.incident(), before);
}

#[tokio::test]
async fn a_double_press_on_a_phase_button_moves_once() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_channel(SAM);
    let act = Act::Move(Phase::Mitigation);
    let first = world.press_in(&sam, Phase::Diagnosis, act.clone()).await;
    insta::assert_snapshot!(said(&first), @"Now in *Mitigation & Containment*. [Undo]");
    world.after(TimeDelta::seconds(3));
    let second = world.press_in(&sam, Phase::Diagnosis, act).await;
    insta::assert_snapshot!(said(&second), @"It is in *Mitigation & Containment* already.");
    assert_eq!(world.incident().turn_backs, 0);
}

#[tokio::test]
async fn a_press_on_an_old_card_changes_nothing_and_shows_the_way_to_the_new_one() {
    let world = World::in_phase(Phase::Validation);
    let before = world.incident();
    for act in [
        Act::Move(Phase::Mitigation),
        Act::AskImpactOver,
        Act::FinishStep(step()),
        Act::SendUpdate(Some(20)),
        Act::AskSkip(step()),
        Act::Resolve,
    ] {
        let reply = world
            .press_in(&in_channel(SAM), Phase::Diagnosis, act)
            .await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(
                said(&reply),
                @"This card is old. The incident is in *Resolution – validation* since <t:1795140180:t>. [Show current board]"
            );
        }
    }
    assert_eq!(world.incident(), before);
    let old = world
        .press_in(&in_channel(SAM), Phase::Diagnosis, Act::Resolve)
        .await;
    let board = world
        .press_on(&old, &in_private(SAM), "Show current board")
        .await;
    assert!(card_of(&board).title.contains("Resolution – validation"));
}

#[tokio::test]
async fn impact_is_asked_about_where_the_phase_is_chosen() {
    let world = World::in_phase(Phase::Mitigation);
    let question = world
        .press_in(&in_channel(SAM), Phase::Mitigation, Act::AskImpactOver)
        .await;
    insta::assert_snapshot!(said(&question), @"Is user impact over? [Yes, just now] [Yes, earlier…] [Not yet]");
    let reply = world
        .press_on(&question, &in_private(SAM), "Yes, just now")
        .await;
    insta::assert_snapshot!(said(&reply), @"User impact is over. Now in *Resolution – fix*. [Undo] [It ended earlier…]");
    assert!(!world.incident().impact_is_open());
}

#[tokio::test]
async fn impact_over_on_the_board_is_one_tap_and_can_be_dated_back() {
    let world = World::in_phase(Phase::Mitigation);
    let reply = world
        .press_in(&in_channel(SAM), Phase::Mitigation, Act::ImpactOverNow)
        .await;
    insta::assert_snapshot!(said(&reply), @"User impact is over. Now in *Resolution – fix*. [Undo] [It ended earlier…]");
    let form = world
        .press_on(&reply, &in_private(SAM), "It ended earlier…")
        .await;
    let id = form_of(&form).id.clone();
    let earlier = world.fill(&in_private(SAM), id, &[("at", "-1m")]).await;
    insta::assert_snapshot!(said(&earlier), @"Mitigated is corrected.");
}

#[tokio::test]
async fn impact_that_was_over_earlier_asks_when() {
    let world = World::in_phase(Phase::Mitigation);
    let question = world
        .press_in(&in_channel(SAM), Phase::Mitigation, Act::AskImpactOver)
        .await;
    let form = world
        .press_on(&question, &in_private(SAM), "Yes, earlier…")
        .await;
    let id = form_of(&form).id.clone();
    let wrong = world
        .fill(&in_private(SAM), id.clone(), &[("at", "soonish")])
        .await;
    insta::assert_snapshot!(said(&wrong), @"`soonish` is not a time: write it like @02:47, -15m or yesterday 23:50.");
    let reply = world.fill(&in_private(SAM), id, &[("at", "-1m")]).await;
    insta::assert_snapshot!(said(&reply), @"User impact is over. Now in *Resolution – fix*. [Undo]");
}

#[tokio::test]
async fn a_severity_is_raised_in_two_taps_and_lowered_with_a_reason() {
    let world = World::in_phase(Phase::Diagnosis);
    let severities = world.press(&in_channel(SAM), Act::AskSeverity).await;
    let raised = world.press_on(&severities, &in_private(SAM), "SEV1").await;
    insta::assert_snapshot!(said(&raised), @"Severity is SEV1 now. [Undo]");
    let why = world
        .press(&in_private(SAM), Act::SetSeverity(Severity::Sev3))
        .await;
    insta::assert_snapshot!(said(&why), @"Why SEV3? [scope smaller than feared] [workaround works] [wrong service] [other]");
    let lowered = world
        .press_on(&why, &in_private(SAM), "workaround works")
        .await;
    insta::assert_snapshot!(said(&lowered), @"Severity is SEV3 now. [Undo]");
    assert_eq!(world.incident().severity, Severity::Sev3);
}

#[tokio::test]
async fn what_is_no_incident_is_said_with_a_reason() {
    let world = World::with_open_incident();
    let why = world
        .press_in(&in_channel(SAM), Phase::Open, Act::AskCancel)
        .await;
    insta::assert_snapshot!(said(&why), @"Why is it not an incident? [False alarm] [Duplicate] [Cleared by itself] [A test]");
    let cancelled = world.press_on(&why, &in_private(SAM), "A test").await;
    insta::assert_snapshot!(said(&cancelled), @"Cancelled: A test. Nobody held command, so it is noted that you did it.");
    assert_eq!(world.incident().cancelled, Some(CancelReason::Test));
    let real = world
        .press_in(&in_channel(ADA), Phase::Cancelled, Act::Reopen)
        .await;
    assert!(said(&real).contains("It is live again."));
}

#[tokio::test]
async fn the_test_alert_and_the_help_need_no_incident() {
    let world = World::with_open_incident();
    let nowhere = |act| Press {
        incident: None,
        phase: None,
        act,
    };
    let fired = world
        .pressed(&in_channel(SAM), nowhere(Act::FireTestAlert), &[])
        .await;
    assert!(said(&fired).contains("A test alert went through the front door"));
    let again = world
        .pressed(&in_channel(SAM), nowhere(Act::FireTestAlert), &[])
        .await;
    assert_eq!(said(&again), "The test alert is on its way already.");
    assert_eq!(world.tests_fired(), 1);
    let help = world
        .pressed(&in_channel(SAM), nowhere(Act::Help), &[])
        .await;
    assert!(said(&help).contains("/inc new"));
    let lost = world
        .pressed(&in_channel(SAM), nowhere(Act::Take), &[])
        .await;
    insta::assert_snapshot!(said(&lost), @"I know no such incident. `/inc list` shows those there are.");
    let gone = Press::any_time(IncidentId(9_999), Act::Take);
    let gone = world.pressed(&in_channel(SAM), gone, &[]).await;
    assert_eq!(said(&gone), said(&lost));
}

#[tokio::test]
async fn whoever_began_it_without_a_severity_says_it_with_one_tap_in_each_direction() {
    for (severity, taps_to) in [
        (
            "Most users cannot do the main thing, or data is at risk",
            "SEV1",
        ),
        ("Many users are hurt", "SEV2"),
        ("Some users, workaround", "SEV3"),
    ] {
        let world = World::in_phase(Phase::Diagnosis);
        let card = Reply::Private(cards::ten_seconds(&world.incident()));
        world.press_on(&card, &in_private(SAM), severity).await;
        assert_eq!(world.incident().severity.to_string(), taps_to);
    }
}
