//! What people get for a press: the runbook and the timeline.

use bridgewatch_commands::Reply;
use bridgewatch_core::card::{Act, Ping};
use bridgewatch_core::ids::{EntryNumber, MessageId};
use bridgewatch_core::incident::{Actor, Command, Rank};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{RunbookId, SkipReason, StepId, StepPhase};

use crate::acts::{frontend, step};
use crate::world::{ADA, SAM, World, button, card_of, form_of, in_channel, in_private, said};

fn named(step: &str) -> StepId {
    StepId::new(step).expect("the literal is an identifier")
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
    insta::assert_snapshot!(said(&taken), @"<@5> is on it since 02:04 UTC. Ask them, or tick it when it is done. [Ask somebody…] [Next step]");
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
    insta::assert_snapshot!(said(&settled), @"<@5> has skipped this at 02:04 UTC: too risky now. [Next step]");
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
    insta::assert_snapshot!(said(&reply), @"🙋 <@5> asks for help: **Terminate the blocking session** <@6>? [Show the step] [Ask somebody…]");
    assert_eq!(card_of(&reply).ping, Ping::People(vec![ADA]));
    let alone = World::in_phase(Phase::Diagnosis);
    let reply = alone
        .press(&in_channel(SAM), Act::StepHelp(named("terminate")))
        .await;
    insta::assert_snapshot!(said(&reply), @"🙋 <@5> asks for help: **Terminate the blocking session** Who can help as Backend Engineer? [Show the step] [Ask somebody…]");
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
async fn a_second_runbook_is_one_tap_and_nobody_loses_a_tick() {
    let world = World::in_phase(Phase::Diagnosis);
    world.press(&in_channel(SAM), Act::FinishStep(step())).await;
    let runbooks = world.press(&in_private(SAM), Act::AttachRunbook).await;
    let attached = world
        .press_on(&runbooks, &in_private(SAM), "＋ frontend")
        .await;
    insta::assert_snapshot!(said(&attached), @"Runbook **frontend** is attached as well; its steps stand behind the others of their phase. [Undo]");
    let checklist = world.incident().checklist.expect("it has runbooks");
    assert_eq!(checklist.names(), "backend + frontend");
    assert!(checklist.state(&step()).is_settled());
    let again = world
        .press(&in_private(SAM), Act::AddRunbook(frontend()))
        .await;
    insta::assert_snapshot!(said(&again), @"That is done already.");
    world.press_on(&attached, &in_private(SAM), "Undo").await;
    let checklist = world.incident().checklist.expect("it has a runbook");
    assert_eq!(checklist.names(), "backend");
    assert!(checklist.state(&step()).is_settled());
}

#[tokio::test]
async fn a_runbook_is_also_attached_from_the_menu_of_all() {
    let world = World::in_phase(Phase::Diagnosis);
    world.press(&in_channel(SAM), Act::FinishStep(step())).await;
    let runbooks = world.press(&in_channel(SAM), Act::AttachRunbook).await;
    assert!(format!("{:?}", card_of(&runbooks).rows).contains("Attach another runbook…"));
    world
        .choose(&in_private(SAM), Act::AttachRunbook, &["frontend"])
        .await;
    let checklist = world.incident().checklist.expect("it has runbooks");
    assert_eq!(checklist.names(), "backend + frontend");
    let unknown = world
        .choose(&in_private(SAM), Act::AttachRunbook, &["nonsense"])
        .await;
    insta::assert_snapshot!(said(&unknown), @"The team's folder holds no runbook `nonsense` any more. What is attached stays.");
}

#[tokio::test]
async fn a_newer_version_is_shown_before_it_is_used() {
    let world = World::in_phase(Phase::Diagnosis);
    world.press(&in_channel(SAM), Act::FinishStep(step())).await;
    let backend = RunbookId::new("backend").expect("the literal is an identifier");
    let shown = world
        .press(&in_channel(SAM), Act::CompareRunbook(backend.clone()))
        .await;
    insta::assert_snapshot!(card_of(&shown).body, @"
    Steps: 1 changed; 1 tick stays.
    ✏ Diagnosis: Read the log of the primary – words
    ");
    let kept = world.press_on(&shown, &in_private(SAM), "Keep").await;
    insta::assert_snapshot!(said(&kept), @"Nothing was changed.");
    // Another version than the one whose difference was shown is shown first.
    let other = Act::RenewRunbook(backend, "01234567".to_owned());
    let shown_again = world.press(&in_private(SAM), other).await;
    insta::assert_snapshot!(said(&shown_again), @"
    It has changed again meanwhile. This is the difference now:
    Newer version of backend
    Steps: 1 changed; 1 tick stays.
    ✏ Diagnosis: Read the log of the primary – words [Use it] [Keep]
    ");
    let read_log = StepId::new("read-log").expect("the literal is an identifier");
    let words_of = |world: &World| {
        let checklist = world.incident().checklist.expect("it has a runbook");
        checklist.step(&read_log).map(|step| step.text.clone())
    };
    assert_eq!(words_of(&world).as_deref(), Some("Read the log"));
    let used = world.press_on(&shown, &in_private(SAM), "Use it").await;
    insta::assert_snapshot!(said(&used), @"Runbook **backend**: the newer version is in use. Steps: 1 changed; 1 tick stays. [Undo]");
    assert_eq!(
        words_of(&world).as_deref(),
        Some("Read the log of the primary")
    );
    let checklist = world.incident().checklist.expect("it has a runbook");
    assert!(checklist.state(&step()).is_settled());
}
