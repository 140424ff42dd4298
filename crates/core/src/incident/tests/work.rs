//! One task, one person, one time limit; and what becomes of a guess.

use insta::assert_snapshot;

use super::cards::shown;
use super::{ADA, KIM, Night, SAM, at};
use crate::card::Ping;
use crate::cards;
use crate::effect::Effect;
use crate::incident::{Command, HypothesisState, TaskAnswer, TaskState};
use crate::severity::Severity::Sev1;

fn taken() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night
}

fn asked() -> Night {
    let mut night = taken();
    night.by(SAM).asks(Command::AskFor {
        what: "roll back the 02:41 release".to_owned(),
        to: ADA,
        minutes: 10,
    });
    night
}

fn answers(answer: TaskAnswer) -> Command {
    Command::AnswerTask { number: 1, answer }
}

fn done(result: Option<&str>) -> Command {
    answers(TaskAnswer::Done {
        result: result.map(str::to_owned),
    })
}

#[test]
fn the_asked_person_is_pinged_and_nobody_else_and_the_board_says_by_when() {
    let night = asked();
    let card = &night.said()[0];
    assert_eq!(card.ping, Ping::People(vec![ADA]));
    assert_snapshot!(shown(card), @"
    🙋 @Ada, @Sam asks you: **roll back the 02:41 release** – answer by 03:12
    [*On it*] [✓ Done] [Can't]
    ");
    let board = cards::board(night.incident());
    assert!(
        board
            .body
            .contains("**DOING** roll back the 02:41 release (<@"),
        "{}",
        board.body
    );
    assert!(board.body.contains("answer by <t:"));
}

#[test]
fn a_late_task_is_told_once_and_quietly_to_whoever_asked() {
    let mut night = asked();
    let due = night.incident().tasks[0].due;
    night.now = due;
    night.clock_rings();
    let told: Vec<_> = night
        .last_effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Tell { person, card } => Some((person, card)),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, SAM);
    assert!(told[0].1.quiet);
    assert_eq!(told[0].1.ping, Ping::Nobody);
    assert!(
        cards::board(night.incident())
            .body
            .contains("⏰ late since")
    );
    night.after_minutes(5).clock_rings();
    assert!(
        !night
            .last_effects()
            .iter()
            .any(|effect| matches!(effect, Effect::Tell { card, .. } if card.content.contains("has not answered")))
    );
}

#[test]
fn a_task_that_is_answered_in_time_is_never_late() {
    let mut night = asked();
    night.by(ADA).asks(answers(TaskAnswer::OnIt));
    assert_eq!(night.incident().tasks[0].state, TaskState::Taken);
    night.by(ADA).asks(done(None));
    assert!(!cards::board(night.incident()).body.contains("DOING"));
    night.by(ADA).asks(done(Some("5xx down to 2 %")));
    night.by(ADA).asks(done(Some("5xx down to 2 %")));
    assert!(night.happened().is_empty(), "the same word twice is one");
    let lines: Vec<String> = night
        .entries()
        .iter()
        .map(|entry| entry.text.clone())
        .collect();
    assert!(
        lines.contains(&"done: roll back the 02:41 release → 5xx down to 2 %".to_owned()),
        "{lines:?}"
    );
    let due = night.incident().tasks[0].due;
    assert_ne!(night.rings_next_at(), Some(due));
}

#[test]
fn whoever_cannot_says_so_and_whoever_asked_looks_for_somebody_else() {
    let mut night = asked();
    night.by(KIM).asks(answers(TaskAnswer::Cannot));
    assert_snapshot!(night.refusal(), @"Only @Ada can say that they cannot do it.");
    night.by(ADA).asks(answers(TaskAnswer::Cannot));
    let card = &night.said()[0];
    assert_eq!(card.ping, Ping::People(vec![SAM]));
    assert_snapshot!(shown(card), @"
    ✋ @Ada can't: **roll back the 02:41 release** @Sam?
    [Ask somebody else]
    ");
    night.by(KIM).asks(answers(TaskAnswer::OnIt));
    assert_eq!(
        night.incident().tasks[0].to,
        KIM,
        "anybody may take it over"
    );
}

#[test]
fn a_task_has_a_text_and_a_time_that_can_be_kept() {
    for (what, minutes) in [("", 10), ("roll back", 0), ("roll back", 24 * 60 + 1)] {
        let mut night = taken();
        night.by(SAM).asks(Command::AskFor {
            what: what.to_owned(),
            to: ADA,
            minutes,
        });
        assert!(night.was_refused(), "{what:?} {minutes}");
    }
}

#[test]
fn nobody_is_told_of_late_tasks_when_it_is_over() {
    let mut night = asked();
    night.by(SAM).resolves_anyway();
    assert_ne!(night.rings_next_at(), Some(at("03:12")));
    night.after_minutes(30).clock_rings();
    assert!(night.last_effects().is_empty());
}

fn judged(number: u32, state: HypothesisState, because: Option<&str>) -> Command {
    Command::JudgeHypothesis {
        number,
        state,
        because: because.map(str::to_owned),
    }
}

#[test]
fn a_guess_can_be_supported_refuted_and_confirmed() {
    let mut night = taken();
    night.by(SAM).thinks("the release of 02:41");
    night.by(ADA).thinks("the database is full");
    let belief = |night: &Night| {
        let board = cards::board(night.incident());
        board
            .body
            .lines()
            .find(|line| line.starts_with("**BELIEF**"))
            .map(str::to_owned)
            .unwrap_or_default()
    };
    assert_eq!(belief(&night), "**BELIEF** the database is full – a guess");
    night
        .by(SAM)
        .asks(judged(1, HypothesisState::Supported, None));
    assert_eq!(
        belief(&night),
        "**BELIEF** the release of 02:41 – supported, not confirmed"
    );
    night.by(SAM).asks(judged(
        1,
        HypothesisState::Refuted,
        Some("rolled back, no change"),
    ));
    assert_eq!(belief(&night), "**BELIEF** the database is full – a guess");
    night
        .by(SAM)
        .asks(judged(2, HypothesisState::Refuted, None));
    assert_eq!(belief(&night), "", "what is refuted leaves the board");
    let lines: Vec<String> = night
        .entries()
        .iter()
        .map(|entry| entry.text.clone())
        .collect();
    assert!(
        lines.contains(&"Refuted: the release of 02:41, because rolled back, no change".to_owned()),
        "{lines:?}"
    );
    assert_snapshot!(shown(&cards::beliefs(night.incident(), Some(1))), @"
    What we think it is
    **2** the database is full – refuted
    → **1** the release of 02:41 – refuted: rolled back, no change
    [Supported] [Confirmed] [Only a guess]
    <Another guess…>
    [We think it is…]
    ");
    night
        .by(SAM)
        .asks(judged(3, HypothesisState::Confirmed, None));
    assert!(night.was_refused());
}

#[test]
fn help_answers_by_what_is_open_and_who_asks() {
    let night = Night::alert_fires("orders-api 5xx", Sev1);
    let of = |night: &Night, reader| cards::help(Some((night.incident(), reader))).body;
    assert!(of(&night, SAM).starts_with("**Nobody has it:** press *Take it*."));
    let night = asked();
    assert!(of(&night, SAM).contains("**You hold command 👑:**"));
    assert!(!of(&night, ADA).contains("You hold command"));
    assert!(of(&night, ADA).contains("**You were asked:** roll back the 02:41 release"));
    assert!(!of(&night, KIM).contains("You were asked"));
}
