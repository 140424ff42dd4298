//! What people get for a press.

use bridgewatch_commands::card::{MAX_FIELD_HINT, MAX_FORM_WORDS, render, render_form};
use bridgewatch_commands::{Reply, opens_form};
use bridgewatch_core::card::{Act, DataLoss, HandoverSet, LowerReason, Ping, Press};
use bridgewatch_core::ids::{EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{Actor, CancelReason, Command, Rank, RoleState};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{SkipReason, StepId, StepPhase};
use bridgewatch_core::severity::Severity;
use chrono::TimeDelta;

use crate::acts::{every_act, step};
use crate::card::must_be_postable;
use crate::world::{
    ADA, INCIDENT, SAM, World, button, card_of, form_of, in_channel, in_direct_messages,
    in_private, said, viewer, viewers_are_told,
};

fn named(step: &str) -> StepId {
    StepId::new(step).expect("the literal is an identifier")
}

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
                    Act::OfferHandover(_) | Act::AskPropose(_) => vec!["77"],
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
    insta::assert_snapshot!(said(&late), @"<@5> has it since <t:1795140180:t>.");
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
        Act::SendUpdate(20),
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
async fn impact_over_is_two_taps() {
    let world = World::in_phase(Phase::Mitigation);
    let question = world
        .press_in(&in_channel(SAM), Phase::Mitigation, Act::AskImpactOver)
        .await;
    insta::assert_snapshot!(said(&question), @"Is user impact over? [Yes, just now] [Yes, earlier…] [Not yet]");
    let reply = world
        .press_on(&question, &in_private(SAM), "Yes, just now")
        .await;
    insta::assert_snapshot!(said(&reply), @"User impact is over. Now in *Resolution – fix*. [Undo]");
    assert!(!world.incident().impact_is_open());
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
async fn a_severity_is_raised_in_two_taps_and_lowered_in_three() {
    let world = World::in_phase(Phase::Diagnosis);
    let severities = world.press(&in_channel(SAM), Act::AskSeverity).await;
    let raised = world.press_on(&severities, &in_private(SAM), "SEV1").await;
    insta::assert_snapshot!(said(&raised), @"Severity is SEV1 now. [Undo]");
    let severities = world.press(&in_channel(SAM), Act::AskSeverity).await;
    let why = world.press_on(&severities, &in_private(SAM), "SEV3").await;
    insta::assert_snapshot!(said(&why), @"Why SEV3? [scope smaller than feared] [workaround works] [wrong service] [other]");
    let lowered = world
        .press_on(&why, &in_private(SAM), "workaround works")
        .await;
    insta::assert_snapshot!(said(&lowered), @"Severity is SEV3 now. [Undo]");
    assert_eq!(world.incident().severity, Severity::Sev3);
}

#[tokio::test]
async fn a_refusal_says_who_can() {
    let world = World::in_phase(Phase::Diagnosis);
    let lower = Act::LowerSeverity(Severity::Sev3, LowerReason::Scope);
    let reply = world.press(&in_channel(ADA), lower).await;
    insta::assert_snapshot!(said(&reply), @"Only <@5>, who holds command, can lower the severity.");
    let reply = world.press(&in_channel(ADA), Act::TakeCommand).await;
    insta::assert_snapshot!(said(&reply), @"<@5> holds command and is asked. If they show no sign for two minutes, press *Ask for command* again.");
    let reply = world
        .press(&in_channel(ADA), Act::Accept(Role::OnCall))
        .await;
    insta::assert_snapshot!(said(&reply), @"<@5> is On-Call Engineer. They can hand it over to you.");
    let reply = world.press(&in_channel(ADA), Act::SendUpdate(20)).await;
    insta::assert_snapshot!(said(&reply), @"Only <@5>, who holds command, can send updates, beside the Bridge Engineer.");
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
        assert_eq!(world.incident(), before, "{act:?}");
        assert_eq!(world.tests_fired(), 0);
        assert!(world.picked().is_empty());
        assert!(
            !matches!(reply, Reply::Form(_) | Reply::Public(_)),
            "{act:?} lets a reader speak"
        );
    }
    let world = World::in_phase(Phase::Diagnosis);
    let board = world.press(&viewer(ADA), Act::ShowBoard).await;
    assert!(card_of(&board).title.contains("INC-0142"));
    let think = world.press(&viewer(ADA), Act::Think).await;
    assert_eq!(said(&think), viewers_are_told());
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
    insta::assert_snapshot!(said(&accepted), @"It is yours. <@5> is told. You hold command 👑. You are On-Call Engineer.");
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

#[tokio::test]
async fn a_step_is_one_tap_silent_on_the_shared_card_and_shows_the_next_on_a_private_one() {
    let world = World::in_phase(Phase::Diagnosis);
    let finish = Act::FinishStep(step());
    let shared = world
        .press_in(&in_channel(SAM), Phase::Diagnosis, finish.clone())
        .await;
    assert_eq!(shared, Reply::Quiet);
    let again = world
        .press_in(&in_private(SAM), Phase::Diagnosis, finish)
        .await;
    assert!(
        card_of(&again)
            .body
            .contains("Terminate the blocking session")
    );
    let claimed = world
        .press_in(
            &in_private(SAM),
            Phase::Diagnosis,
            Act::ClaimStep(named("terminate")),
        )
        .await;
    assert!(card_of(&claimed).body.contains("<@5> is on it since"));
    button(card_of(&claimed), "Undo");
    button(card_of(&claimed), "Done");
    let taken = world
        .press(&in_channel(ADA), Act::ClaimStep(named("terminate")))
        .await;
    insta::assert_snapshot!(said(&taken), @"<@5> is on it since 02:04 UTC. Ask them, or tick it when it is done.");
}

#[tokio::test]
async fn a_risky_step_asks_twice_and_a_decision_asks_which() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_channel(SAM);
    let risky = world
        .press_in(&sam, Phase::Diagnosis, Act::FinishStep(named("terminate")))
        .await;
    insta::assert_snapshot!(said(&risky), @r"
    ⚠ **Terminate the blocking session**
    This step is risky. Is it really done? [Confirm] [Not yet]
    ");
    let confirmed = world.press_on(&risky, &in_private(SAM), "Confirm").await;
    assert!(matches!(confirmed, Reply::Update(_)));
    let decision = Act::DecideStep(named("roll-back"));
    let which = world
        .press_in(&sam, Phase::Diagnosis, decision.clone())
        .await;
    assert_eq!(card_of(&which).rows.len(), 1);
    let finish = world.press(&sam, Act::FinishStep(named("roll-back"))).await;
    assert_eq!(finish, which, "ticking a decision asks which");
    world
        .choose(&in_private(SAM), decision, &["roll back now"])
        .await;
    let incident = world.incident();
    let checklist = incident.checklist.expect("it has a runbook");
    assert!(format!("{:?}", checklist.state(&named("roll-back"))).contains("roll back now"));
}

#[tokio::test]
async fn several_steps_are_ticked_at_once_and_what_could_not_be_is_said() {
    let world = World::in_phase(Phase::Diagnosis);
    let reply = world
        .choose(
            &in_private(SAM),
            Act::TickSteps(StepPhase::Diagnosis),
            &["db-up", "terminate", "NO STEP", "read-log"],
        )
        .await;
    let card = card_of(&reply);
    insta::assert_snapshot!(card.content, @r"
    `terminate`: This step is risky. Tap again to say that it is done.
    `NO STEP` is no step.
    ");
    assert!(card.title.contains("2 of 4"), "{}", card.title);
}

#[tokio::test]
async fn a_skip_asks_for_one_of_three_reasons() {
    let world = World::in_phase(Phase::Diagnosis);
    let why = world
        .press_in(&in_channel(SAM), Phase::Diagnosis, Act::AskSkip(step()))
        .await;
    insta::assert_snapshot!(said(&why), @"Why is this step skipped? [not applicable] [already done] [too risky now]");
    let next = world
        .press_on(&why, &in_private(SAM), "too risky now")
        .await;
    assert!(card_of(&next).body.contains("Terminate"));
    let skip = Act::SkipStep(step(), SkipReason::AlreadyDone);
    let settled = world.press(&in_channel(ADA), skip).await;
    insta::assert_snapshot!(said(&settled), @"<@5> has skipped this at 02:04 UTC: too risky now.");
}

#[tokio::test]
async fn asking_for_help_calls_those_who_can_and_nobody_else() {
    let world = World::in_phase(Phase::Diagnosis);
    let backend = Command::Accept {
        role: Role::Backend,
    };
    let ada = Actor::Person {
        id: ADA,
        rank: Rank::Responder,
    };
    world.does(ada, backend);
    let reply = world
        .press_in(
            &in_channel(SAM),
            Phase::Diagnosis,
            Act::StepHelp(named("terminate")),
        )
        .await;
    assert!(matches!(reply, Reply::Public(_)), "the channel sees it");
    insta::assert_snapshot!(said(&reply), @"🙋 <@5> asks for help: **Terminate the blocking session** <@6>? [Show the step]");
    assert_eq!(card_of(&reply).ping, Ping::People(vec![ADA]));
    let alone = World::in_phase(Phase::Diagnosis);
    let reply = alone
        .press(&in_channel(SAM), Act::StepHelp(named("terminate")))
        .await;
    insta::assert_snapshot!(said(&reply), @"🙋 <@5> asks for help: **Terminate the blocking session** Who can help as Backend Engineer? [Show the step]");
}

#[tokio::test]
async fn the_due_update_is_one_tap_and_pressing_twice_sends_once() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_channel(SAM);
    let sent = world
        .press_in(&sam, Phase::Diagnosis, Act::SendUpdate(30))
        .await;
    insta::assert_snapshot!(said(&sent), @"It goes out. The next one is promised by <t:1795142040:t>.");
    let again = world
        .press_in(&sam, Phase::Diagnosis, Act::SendUpdate(30))
        .await;
    insta::assert_snapshot!(said(&again), @"That went out already.");
    assert_eq!(world.incident().updates.len(), 1);
    world.after(TimeDelta::minutes(20));
    world.press(&sam, Act::NothingNew).await;
    assert!(world.incident().updates[1].text.contains("nothing new"));
}

#[tokio::test]
async fn an_update_can_be_changed_before_it_goes_out() {
    let world = World::in_phase(Phase::Diagnosis);
    let form = world.press(&in_private(SAM), Act::EditUpdate).await;
    let form = form_of(&form);
    assert!(form.fields[0].value.contains("SEV2"));
    assert_eq!(form.fields[1].value, "30");
    let words = "Orders fail for many users since 03:02.";
    let wrong = world
        .fill(
            &in_private(SAM),
            form.id.clone(),
            &[("text", words), ("minutes", "soon")],
        )
        .await;
    insta::assert_snapshot!(said(&wrong), @r"
    `soon` is no number of minutes: write it like 20 or 1h.
    Your words, to copy
    Orders fail for many users since 03:02.
    ");
    world
        .fill(
            &in_private(SAM),
            form.id.clone(),
            &[("text", words), ("minutes", "45")],
        )
        .await;
    assert_eq!(world.incident().updates[0].text, words);
}

#[tokio::test]
async fn resolving_shows_what_speaks_against_it_and_never_blocks() {
    let world = World::in_phase(Phase::Validation);
    let card = world
        .press_in(&in_channel(SAM), Phase::Validation, Act::Resolve)
        .await;
    insta::assert_snapshot!(said(&card), @"
    Resolve INC-0142?
    ✗ 1 critical validation check is not ticked
    ✗ Not yet stable in validation for 10 minutes
    ✗ Nobody has said that user impact is over [Resolve anyway] [Not yet]
    ");
    let resolved = world
        .press_on(&card, &in_private(SAM), "Resolve anyway")
        .await;
    assert!(said(&resolved).contains("Resolved. Thank you."));
    assert_eq!(world.incident().phase, Phase::Learning);
}

#[tokio::test]
async fn somebody_without_command_asks_command_to_resolve() {
    let world = World::in_phase(Phase::Validation);
    let asked = world.press(&in_channel(ADA), Act::Resolve).await;
    insta::assert_snapshot!(said(&asked), @"<@5> holds command and is asked. With no answer in five minutes, press *Resolve* again.");
    let again = world.press(&in_channel(ADA), Act::Resolve).await;
    insta::assert_snapshot!(said(&again), @"<@5> holds command and has been asked already.");
}

#[tokio::test]
async fn closing_shows_what_is_missing_with_the_buttons_that_mend_it() {
    let world = World::in_phase(Phase::Learning);
    let sam = in_channel(SAM);
    let gaps = world.press(&sam, Act::Close).await;
    insta::assert_snapshot!(said(&gaps), @r"
    Before INC-0142 can be closed
    ✗ write cause and contributing factors
    ✗ decide at least one action of kind threshold, playbook or observability, or say why none is needed
    ✗ have somebody review the postmortem [Cause and factors] [Add action] [None needed…] [Reviewed]
    ");
    let cause = world
        .press_on(&gaps, &in_private(SAM), "Cause and factors")
        .await;
    let written = world
        .fill(
            &in_private(SAM),
            form_of(&cause).id.clone(),
            &[
                ("trigger", "the 02:41 release"),
                ("cause", "workers hold connections"),
                ("factors", "- no alert on the pool\n\n* reviewed late"),
                ("kept", "the cache"),
            ],
        )
        .await;
    insta::assert_snapshot!(said(&written), @"Cause and factors are in the postmortem.");
    let known = world.incident().postmortem.cause.expect("it was written");
    assert_eq!(known.factors, ["no alert on the pool", "reviewed late"]);
    let prefilled = world.press(&sam, Act::Cause).await;
    assert_eq!(form_of(&prefilled).fields[0].value, "the 02:41 release");
    let kinds = world.press(&sam, Act::AskAction).await;
    let action = world.press_on(&kinds, &in_private(SAM), "threshold").await;
    let action_id = form_of(&action).id.clone();
    let nobody = world
        .fill(
            &in_private(SAM),
            action_id.clone(),
            &[("title", "Alert at 80 %"), ("owner", "Sam"), ("due", "4w")],
        )
        .await;
    insta::assert_snapshot!(said(&nobody), @r"
    `Sam` is nobody I can name: write `me`, or a Discord user id (right-click a person → *Copy User ID*).
    Your words, to copy
    Alert at 80 %
    ");
    world
        .fill(
            &in_private(SAM),
            action_id,
            &[("title", "Alert at 80 %"), ("owner", "me"), ("due", "4w")],
        )
        .await;
    world.press(&in_channel(ADA), Act::Reviewed).await;
    let closed = world.press(&sam, Act::Close).await;
    insta::assert_snapshot!(said(&closed), @"Closed.");
}

#[tokio::test]
async fn the_all_clear_says_what_was_lost_by_the_button_that_is_pressed() {
    let world = World::in_phase(Phase::Learning);
    let draft = world.press(&in_channel(SAM), Act::AllClear).await;
    let sent = world
        .press_on(&draft, &in_private(SAM), "Send: nothing lost")
        .await;
    insta::assert_snapshot!(said(&sent), @"The all-clear goes out.");
    assert!(
        world.incident().updates[0]
            .text
            .contains("Nothing was lost.")
    );
    let live = World::in_phase(Phase::Mitigation);
    let early = live.press(&in_channel(SAM), Act::AllClear).await;
    insta::assert_snapshot!(said(&early), @"This does not work in *Mitigation & Containment*. The all-clear goes out after *Resolve*.");
    let early = live
        .press(&in_channel(SAM), Act::SendAllClear(DataLoss::No))
        .await;
    assert!(said(&early).contains("after *Resolve*"));
}

#[tokio::test]
async fn a_line_of_the_timeline_is_written_taken_back_and_put_back() {
    let world = World::in_phase(Phase::Diagnosis);
    let before = world.timeline().len();
    let form = world.press(&in_private(SAM), Act::Log).await;
    let id = form_of(&form).id.clone();
    let bad = world
        .fill(
            &in_private(SAM),
            id.clone(),
            &[("text", "pool is at 100/100"), ("kind", "gossip")],
        )
        .await;
    insta::assert_snapshot!(said(&bad), @r"
    `gossip` is no kind of entry: use obs, act, dec, hyp, imp, todo, ask or note.
    Your words, to copy
    pool is at 100/100
    ");
    let noted = world
        .fill(
            &in_private(SAM),
            id,
            &[
                ("text", "pool is at 100/100"),
                ("kind", "obs"),
                ("at", "-1m"),
            ],
        )
        .await;
    let said_so = said(&noted);
    assert!(said_so.contains("(02:03 UTC) **observation** pool is at 100/100"));
    assert_eq!(world.timeline().len(), before + 1);
    let taken_back = world
        .press_on(&noted, &in_private(SAM), "Take it back")
        .await;
    assert_eq!(world.timeline().len(), before);
    world
        .press_on(&taken_back, &in_private(SAM), "Put it back")
        .await;
    assert_eq!(world.timeline().len(), before + 1);
    let gone = Act::RetractEntry(EntryNumber(99));
    let gone = world.press(&in_private(SAM), gone).await;
    assert!(matches!(gone, Reply::Update(_)));
}

#[tokio::test]
async fn picked_facts_go_to_the_timeline_and_nothing_picked_is_said() {
    let world = World::in_phase(Phase::Learning);
    let reply = world
        .choose(&in_channel(SAM), Act::PickFacts, &["11", "12"])
        .await;
    insta::assert_snapshot!(said(&reply), @"2 messages go into the timeline.");
    assert_eq!(world.picked(), [MessageId(11), MessageId(12)]);
    let none = world.choose(&in_channel(SAM), Act::PickFacts, &[]).await;
    insta::assert_snapshot!(said(&none), @"Nothing was chosen: pick the messages that belong in the timeline.");
}

#[tokio::test]
async fn the_postmortem_comes_as_a_file() {
    let world = World::in_phase(Phase::Learning);
    let none = world.press(&in_channel(SAM), Act::Postmortem).await;
    insta::assert_snapshot!(said(&none), @"INC-0142 has no postmortem yet: the draft is made when it is resolved.");
    world.has_postmortem("# INC-0142\n");
    let Reply::File { name, text, .. } = world.press(&in_channel(SAM), Act::Postmortem).await
    else {
        panic!("no file came")
    };
    assert_eq!(
        (name.as_str(), text.as_str()),
        ("inc-0142-postmortem-v2.md", "# INC-0142\n")
    );
}

#[tokio::test]
async fn another_runbook_is_attached_until_work_has_begun() {
    let world = World::in_phase(Phase::Diagnosis);
    let more = world.press(&in_channel(SAM), Act::More).await;
    assert!(!format!("{:?}", card_of(&more).rows).contains("Runbook backend"));
    let attached = world
        .choose(&in_private(SAM), Act::AttachRunbook, &["frontend"])
        .await;
    insta::assert_snapshot!(said(&attached), @"Runbook **frontend** is attached.");
    world.press(&in_channel(SAM), Act::FinishStep(step())).await;
    let kept = world
        .choose(&in_private(SAM), Act::AttachRunbook, &["ai"])
        .await;
    insta::assert_snapshot!(said(&kept), @"Steps of the attached runbook are already ticked; it stays, so that nobody's work is lost.");
}

#[tokio::test]
async fn what_is_no_incident_is_said_with_a_reason() {
    let world = World::with_open_incident();
    let why = world
        .press_in(&in_channel(SAM), Phase::Open, Act::AskCancel)
        .await;
    insta::assert_snapshot!(said(&why), @"Why is it not an incident? [False alarm] [Duplicate] [Cleared by itself] [A test]");
    let cancelled = world.press_on(&why, &in_private(SAM), "A test").await;
    insta::assert_snapshot!(said(&cancelled), @"Cancelled: A test.");
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
async fn whoever_presses_is_known_by_name_from_then_on() {
    let world = World::with_open_incident();
    world.press(&in_channel(SAM), Act::ShowBoard).await;
    assert_eq!(
        world.names().get(&SAM).map(String::as_str),
        Some("person 5")
    );
    assert_eq!(world.incident().id, INCIDENT);
}
