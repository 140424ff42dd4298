//! Asking somebody, their answers, and the fate of a guess, as people press them.

use bridgewatch_commands::Reply;
use bridgewatch_core::card::Act;
use bridgewatch_core::incident::{HypothesisState, TaskState};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::runbook::StepId;

use crate::world::{ADA, INCIDENT, SAM, World, form_of, in_channel, in_private, said};

#[tokio::test]
async fn somebody_is_asked_with_a_choice_and_a_form_and_answers_with_one_tap() {
    let world = World::in_phase(Phase::Mitigation);
    let whom = world.press(&in_channel(SAM), Act::AskTask).await;
    insta::assert_snapshot!(said(&whom), @"Who should do it? What, and by when, comes next.");
    let ada = ADA.0.to_string();
    let form = world.choose(&in_private(SAM), Act::AskTask, &[&ada]).await;
    let id = form_of(&form).id.clone();
    assert_eq!(id.incident, Some(INCIDENT));
    let asked = world
        .fill(
            &in_private(SAM),
            id.clone(),
            &[("what", "roll back"), ("minutes", "")],
        )
        .await;
    assert!(
        said(&asked).contains("is asked; an answer is due"),
        "{}",
        said(&asked)
    );
    assert_eq!(world.incident().tasks[0].to, ADA);
    let refused = world
        .fill(
            &in_private(SAM),
            id,
            &[("what", "roll back once more"), ("minutes", "soon")],
        )
        .await;
    assert!(
        said(&refused).contains("roll back once more"),
        "{}",
        said(&refused)
    );
    assert_eq!(world.incident().tasks.len(), 1);
    let done = world.press(&in_channel(ADA), Act::TaskDone(1)).await;
    insta::assert_snapshot!(said(&done), @"Noted as done. [What came of it…]");
    let form = world.press(&in_private(ADA), Act::TaskResult(1)).await;
    let id = form_of(&form).id.clone();
    world
        .fill(&in_private(ADA), id, &[("result", "5xx down to 2 %")])
        .await;
    assert_eq!(
        world.incident().tasks[0].state,
        TaskState::Done {
            result: Some("5xx down to 2 %".to_owned())
        }
    );
}

#[tokio::test]
async fn what_a_step_changed_is_said_with_one_tap_and_worse_shows_the_two_ways_on() {
    let world = World::in_phase(Phase::Mitigation);
    let step = StepId::new("cached").expect("the literal is an identifier");
    world.press(&in_channel(SAM), Act::FinishStep(step)).await;
    let question = world.press(&in_channel(SAM), Act::Effect).await;
    insta::assert_snapshot!(said(&question), @r#"<@5> Effect of "Serve cached pages"? Done <t:1795140240:t>. [Better] [No change] [Worse]"#);
    let worse = world.press_on(&question, &in_private(SAM), "Worse").await;
    insta::assert_snapshot!(said(&worse), @"Noted: worse. Undo it by hand first, or look again. [Undo it] [Back to diagnosis]");
    let undone = world.press_on(&worse, &in_private(SAM), "Undo it").await;
    insta::assert_snapshot!(said(&undone), @"Noted as taken back; undo it by hand now. The step is open again.");
    let back = world
        .press_on(&worse, &in_private(SAM), "Back to diagnosis")
        .await;
    insta::assert_snapshot!(said(&back), @"Now in *Rapid Diagnosis*. [Undo] [What did not hold…]");
    let nothing = world.press(&in_channel(SAM), Act::Effect).await;
    insta::assert_snapshot!(said(&nothing), @"Nothing was done since the last question: tick a step of the mitigation, or write `act: …`.");
}

#[tokio::test]
async fn a_guess_gets_its_fate_with_one_tap_and_a_reason_with_one_line() {
    let world = World::in_phase(Phase::Diagnosis);
    let form = world.press(&in_channel(SAM), Act::Think).await;
    let id = form_of(&form).id.clone();
    world
        .fill(&in_private(SAM), id, &[("text", "the release of 02:41")])
        .await;
    let judged = world
        .press(
            &in_private(ADA),
            Act::JudgeBelief(1, HypothesisState::Refuted),
        )
        .await;
    insta::assert_snapshot!(said(&judged), @"Refuted; it leaves the board. [Why…]");
    let Reply::Form(why) = world
        .press(
            &in_private(ADA),
            Act::WhyBelief(1, HypothesisState::Refuted),
        )
        .await
    else {
        panic!("a form asks why");
    };
    world
        .fill(
            &in_private(ADA),
            why.id,
            &[("because", "rolled back, no change")],
        )
        .await;
    assert_eq!(
        world.incident().hypotheses[0].because.as_deref(),
        Some("rolled back, no change")
    );
}
