//! What is written in passing reaches the board, and leaves it when it is taken back.

use super::mitigations::mitigating;
use super::{ADA, Night, SAM};
use crate::ids::EntryNumber;
use crate::incident::{About, Command, HypothesisState, Statement};

fn line(night: &Night, number: i64, about: About, text: &str) -> Statement {
    Statement {
        about,
        text: text.to_owned(),
        by: ADA,
        said_at: night.now,
        line: EntryNumber(number),
        stands: true,
    }
}

fn says(night: &mut Night, statement: &Statement) {
    night.bot(Command::NoteStatement(statement.clone()));
}

fn takes_back(night: &mut Night, statement: &Statement) {
    night.bot(Command::NoteStatement(Statement {
        stands: false,
        ..statement.clone()
    }));
}

#[test]
fn the_newest_line_about_the_impact_stands_until_it_is_taken_back() {
    let mut night = mitigating();
    let some = line(&night, 30, About::Impact, "some cannot order");
    says(&mut night, &some);
    assert_eq!(
        night.incident().impact_text.as_deref(),
        Some("some cannot order")
    );
    assert!(night.noted().is_empty(), "the line is its own record");

    night.after_minutes(1);
    let many = line(&night, 31, About::Impact, "  many cannot order  ");
    says(&mut night, &many);
    says(&mut night, &many);
    says(&mut night, &some);
    assert_eq!(
        night.incident().impact_text.as_deref(),
        Some("many cannot order")
    );

    takes_back(&mut night, &some);
    assert!(
        night.incident().impact_text.is_some(),
        "it said something else"
    );
    takes_back(&mut night, &many);
    assert_eq!(night.incident().impact_text, None);
}

#[test]
fn what_was_said_by_the_button_later_is_not_overruled_by_an_older_line() {
    let mut night = mitigating();
    let old = line(&night, 30, About::Impact, "some cannot order");
    night.after_minutes(1);
    night
        .by(SAM)
        .asks(Command::DescribeImpact("nobody can order".to_owned()));
    says(&mut night, &old);
    assert_eq!(
        night.incident().impact_text.as_deref(),
        Some("nobody can order")
    );
}

#[test]
fn a_guess_that_is_written_is_a_guess_like_any_other_and_follows_its_line() {
    let mut night = mitigating();
    let guess = line(&night, 30, About::Cause, "the 02:41 release");
    says(&mut night, &guess);
    says(&mut night, &guess);
    let again = line(&night, 31, About::Cause, "the 02:41 release");
    says(&mut night, &again);
    let known = &night.incident().hypotheses;
    assert_eq!(known.len(), 1, "said twice is one guess");
    assert_eq!((known[0].by, known[0].line), (ADA, Some(EntryNumber(30))));

    let corrected = line(&night, 30, About::Cause, "the 02:31 release");
    says(&mut night, &corrected);
    assert_eq!(night.incident().hypotheses[0].text, "the 02:31 release");

    takes_back(&mut night, &corrected);
    assert_eq!(
        night.incident().hypotheses[0].state,
        HypothesisState::Refuted
    );
    says(&mut night, &corrected);
    let back = &night.incident().hypotheses;
    assert_eq!((back.len(), back[0].state), (1, HypothesisState::Open));
}

#[test]
fn a_guess_that_people_have_judged_stays_when_its_line_goes() {
    let mut night = mitigating();
    let guess = line(&night, 30, About::Cause, "the 02:41 release");
    says(&mut night, &guess);
    night.by(SAM).asks(Command::JudgeHypothesis {
        number: 1,
        state: HypothesisState::Supported,
        because: None,
    });
    takes_back(&mut night, &guess);
    assert_eq!(
        night.incident().hypotheses[0].state,
        HypothesisState::Supported
    );
}
