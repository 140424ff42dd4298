//! A second pair of eyes for a risky step, while whoever does it has hardly woken up.

use chrono_tz::Tz;

use super::{ADA, KIM, Night, SAM, at};
use crate::card::Ping;
use crate::cards;
use crate::incident::{Command, second_pair_worth_asking};
use crate::person::PersonId;
use crate::role::Role::{Backend, Documentation, OnCall};
use crate::runbook::{Step, StepAction, StepId, StepState};
use crate::severity::Severity::Sev1;

/// The risky step of the night.
const RISKY: &str = "terminate-sessions";

fn risky() -> StepId {
    StepId::new(RISKY).expect("a step's id")
}

/// Sam takes it at 03:03, on call; Ada comes at 03:05.
fn both_are_there() -> Night {
    let mut night = sam_is_there();
    night.at_clock("03:05").by(ADA).accepts(Backend);
    night
}

fn sam_is_there() -> Night {
    let mut night = Night::at("03:02")
        .with_runbook("backend")
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night.policy.zone = Tz::Europe__Berlin;
    night.at_clock("03:03").by(SAM).takes_it();
    night
}

fn known(night: &Night) -> Step {
    let checklist = night.incident().checklist.as_ref().expect("a runbook");
    let step = checklist.step(&risky()).expect("the runbook has the step");
    assert!(step.high_risk);
    step.clone()
}

fn offered(night: &Night) -> Option<PersonId> {
    second_pair_worth_asking(
        night.incident(),
        &known(night),
        SAM,
        night.now,
        &night.policy,
    )
}

fn ask() -> Command {
    Command::AskSecondLook { step: risky() }
}

fn answer(confirmed: bool) -> Command {
    Command::AnswerSecondLook {
        step: risky(),
        confirmed,
    }
}

#[test]
fn it_is_offered_in_the_first_half_hour_of_a_night_while_somebody_is_there() {
    assert_eq!(offered(&sam_is_there()), None, "nobody is there");
    let mut night = both_are_there();
    assert_eq!(offered(&night), Some(ADA));
    night.now = at("03:32:59");
    assert_eq!(offered(&night), Some(ADA));
    night.now = at("03:33");
    assert_eq!(offered(&night), None, "Sam is awake");
}

#[test]
fn it_is_night_where_the_person_lives() {
    let mut night = both_are_there();
    night.policy.zones.insert(SAM, Tz::America__Los_Angeles);
    assert_eq!(offered(&night), None, "it is 18:05 there");
}

#[test]
fn an_ordinary_step_needs_nobody() {
    let night = both_are_there();
    let ordinary = Step {
        high_risk: false,
        ..known(&night)
    };
    let offered =
        second_pair_worth_asking(night.incident(), &ordinary, SAM, night.now, &night.policy);
    assert_eq!(offered, None);
}

#[test]
fn whoever_commands_is_asked_first_and_nobody_asks_themselves() {
    let mut night = both_are_there();
    night.by(KIM).accepts(Documentation);
    let by = |asker, night: &Night| {
        second_pair_worth_asking(
            night.incident(),
            &known(night),
            asker,
            night.now,
            &night.policy,
        )
    };
    assert_eq!(by(ADA, &night), Some(SAM), "Sam commands");
    assert_ne!(by(SAM, &night), Some(SAM));
}

#[test]
fn a_yes_ticks_it_for_whoever_asked_and_the_line_names_both() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    let question = night.said().pop().expect("Ada is asked in the channel");
    assert_eq!(question.ping, Ping::People(vec![ADA]));
    night.by(SAM).asks(ask());
    assert!(night.happened().is_empty(), "asked once");
    night.after_minutes(1).by(ADA).asks(answer(true));
    let checklist = night.incident().checklist.as_ref().expect("a runbook");
    assert!(matches!(
        checklist.state(&risky()),
        StepState::Done { by: SAM, .. }
    ));
    let line = night.noted().pop().expect("the tick leaves a line");
    assert!(line.contains("done by @Sam, confirmed by @Ada"), "{line}");
    night.by(ADA).undoes();
    let checklist = night.incident().checklist.as_ref().expect("a runbook");
    assert_eq!(*checklist.state(&risky()), StepState::Open);
}

#[test]
fn a_wait_calls_whoever_asked_and_blocks_nothing() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    night.by(ADA).asks(answer(false));
    let said = night.said().pop().expect("Sam is told");
    assert_eq!(said.ping, Ping::People(vec![SAM]));
    night.by(SAM).finishes(RISKY);
    let line = night.noted().pop().expect("the tick leaves a line");
    assert!(!line.contains("confirmed by"), "{line}");
}

#[test]
fn whoever_asked_goes_on_alone_by_the_same_button() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    night.by(SAM).asks(answer(true));
    let line = night.noted().pop().expect("the tick leaves a line");
    assert!(!line.contains("confirmed by"), "{line}");
    night.by(ADA).asks(answer(true));
    assert!(night.was_refused(), "it is ticked");
}

/// Sam asked Ada, and went on alone after all.
fn asked_and_ticked_alone() -> Night {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    night.by(SAM).finishes(RISKY);
    night
}

fn state(night: &Night) -> StepState {
    let checklist = night.incident().checklist.as_ref().expect("a runbook");
    checklist.state(&risky()).clone()
}

#[test]
fn an_old_question_confirms_nothing_once_the_step_has_changed() {
    let mut night = asked_and_ticked_alone();
    night.after_minutes(10).by(SAM).asks(Command::Step {
        step: risky(),
        action: StepAction::Reopen,
    });
    assert_eq!(state(&night), StepState::Open);
    night.after_minutes(60).by(KIM).asks(answer(true));
    assert!(night.refusal().contains("Nobody waits for a second look"));
    assert_eq!(state(&night), StepState::Open);
    night.by(SAM).asks(ask());
    night.by(KIM).asks(answer(true));
    assert!(matches!(state(&night), StepState::Done { by: SAM, .. }));
}

#[test]
fn an_old_question_confirms_nothing_once_the_tick_was_taken_back() {
    let mut night = asked_and_ticked_alone();
    night.by(SAM).undoes();
    assert_eq!(state(&night), StepState::Open);
    night.by(ADA).asks(answer(true));
    assert!(night.was_refused());
    assert_eq!(state(&night), StepState::Open);
}

#[test]
fn whoever_said_wait_is_asked_again_before_anything_is_confirmed() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    night.by(ADA).asks(answer(false));
    night.by(ADA).asks(answer(false));
    assert!(night.happened().is_empty(), "said once");
    night.by(ADA).asks(answer(true));
    assert!(night.was_refused());
    night.by(SAM).asks(ask());
    night.by(ADA).asks(answer(true));
    assert!(matches!(state(&night), StepState::Done { by: SAM, .. }));
}

#[test]
fn the_question_says_what_confirming_does() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    let question = night.said().pop().expect("Ada is asked in the channel");
    let text = super::readable(&question.content);
    assert!(
        text.contains("@Sam says that this risky step is done"),
        "{text}"
    );
    assert!(text.ends_with("*Confirm* ticks it for @Sam."), "{text}");
}

#[test]
fn nobody_is_asked_who_has_left() {
    let mut night = both_are_there();
    night.by(ADA).gives_back(Backend);
    night.by(SAM).asks(ask());
    assert!(night.refusal().contains("Go on alone"));
}

#[test]
fn the_offer_has_the_tap_that_there_always_was() {
    let night = both_are_there();
    let card = cards::confirm_step_with(night.incident(), &known(&night), ADA);
    assert!(
        card.content
            .contains("Is it really done? <@2> is here – ask them to confirm?")
    );
    let labels = format!("{:?}", card.rows);
    assert!(labels.contains("Go on alone") && labels.contains("\"Ask\""));
}

#[test]
fn an_objection_is_heard_though_another_was_faster_to_confirm() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    night.by(ADA).asks(answer(true));
    night.by(KIM).asks(answer(false));
    let said = night.said().pop().expect("Sam is told");
    let text = super::readable(&said.content);
    assert!(
        text.starts_with("✋ @Sam, @Kim objects, though it is ticked: **"),
        "{text}"
    );
    assert_eq!(said.ping, Ping::People(vec![SAM]));
    night.by(KIM).asks(answer(false));
    assert!(night.happened().is_empty(), "said once");
}

#[test]
fn what_is_ticked_against_a_wait_says_so_in_the_timeline() {
    let mut night = both_are_there();
    night.by(SAM).asks(ask());
    night.by(ADA).asks(answer(false));
    night.by(SAM).finishes(RISKY);
    let line = night.noted().pop().expect("the tick leaves a line");
    assert!(line.ends_with("– although @Ada said wait"), "{line}");
}
