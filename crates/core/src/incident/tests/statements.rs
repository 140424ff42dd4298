//! What is written in passing reaches the board, and leaves it when it is taken back.

use super::mitigations::mitigating;
use super::{ADA, MO, Night, SAM};
use crate::ids::{EntryNumber, Seq};
use crate::incident::{
    Command, HypothesisState, MilestoneName, RedactedLine, Said, Statements, statements_in,
};
use crate::person::PersonId;
use crate::timeline::EntryState;

fn line(night: &Night, number: i64, by: PersonId, text: &str) -> Said {
    Said {
        text: text.to_owned(),
        by,
        at: night.now,
        line: EntryNumber(number),
    }
}

fn impact_is(night: &mut Night, said: Option<&Said>) {
    night.bot(Command::NoteStatements(Statements {
        impact: said.cloned(),
        ..Statements::default()
    }));
}

fn guesses_are(night: &mut Night, guesses: &[&Said]) {
    night.bot(Command::NoteStatements(Statements {
        guesses: guesses.iter().copied().cloned().collect(),
        ..Statements::default()
    }));
}

fn impact(night: &Night) -> Option<&str> {
    night.incident().impact_text.as_deref()
}

#[test]
fn the_newest_line_about_the_impact_stands_until_it_is_taken_back() {
    let mut night = mitigating();
    let some = line(&night, 30, ADA, "some cannot order");
    impact_is(&mut night, Some(&some));
    assert_eq!(impact(&night), Some("some cannot order"));
    assert!(night.noted().is_empty(), "the line is its own record");

    night.after_minutes(1);
    let many = line(&night, 31, SAM, "many cannot order");
    impact_is(&mut night, Some(&many));
    impact_is(&mut night, Some(&many));
    assert!(night.happened().is_empty(), "it knows");
    impact_is(&mut night, Some(&some));
    assert_eq!(impact(&night), Some("some cannot order"), "it counts again");
    impact_is(&mut night, None);
    assert_eq!(impact(&night), None);
}

#[test]
fn what_was_said_last_counts_by_the_button_or_in_a_line() {
    let mut night = mitigating();
    let old = line(&night, 30, ADA, "some cannot order");
    night.after_minutes(1);
    night
        .by(SAM)
        .asks(Command::DescribeImpact("nobody can order".to_owned()));
    impact_is(&mut night, Some(&old));
    assert_eq!(impact(&night), Some("nobody can order"));

    night.after_minutes(1);
    let slip = line(&night, 31, MO, "test");
    impact_is(&mut night, Some(&slip));
    assert_eq!(impact(&night), Some("test"));
    impact_is(&mut night, Some(&old));
    assert_eq!(
        impact(&night),
        Some("nobody can order"),
        "a slip erases nothing"
    );
}

#[test]
fn a_guess_that_is_written_is_a_guess_like_any_other_and_follows_its_line() {
    let mut night = mitigating();
    let guess = line(&night, 30, ADA, "the 02:41 release");
    let again = line(&night, 31, MO, "the 02:41 release");
    guesses_are(&mut night, &[&guess, &again]);
    let known = &night.incident().hypotheses;
    assert_eq!(known.len(), 1, "said twice is one guess");
    assert_eq!((known[0].by, known[0].line), (ADA, Some(EntryNumber(30))));

    guesses_are(&mut night, &[&again]);
    let known = &night.incident().hypotheses;
    assert_eq!(known[0].state, HypothesisState::Refuted, "taken back");
    assert_eq!((known[1].by, known[1].state), (MO, HypothesisState::Open));

    let corrected = line(&night, 31, MO, "the 02:31 release");
    guesses_are(&mut night, &[&corrected]);
    assert_eq!(night.incident().hypotheses[1].text, "the 02:31 release");
    guesses_are(&mut night, &[]);
    guesses_are(&mut night, &[&corrected]);
    let back = &night.incident().hypotheses;
    assert_eq!((back.len(), back[1].state), (2, HypothesisState::Open));
}

#[test]
fn a_guess_that_people_have_judged_stays_when_its_line_goes_unless_it_is_for_responders_only() {
    let mut night = mitigating();
    let guess = line(&night, 30, ADA, "customer Meier sees foreign orders");
    guesses_are(&mut night, &[&guess]);
    night.by(SAM).asks(Command::JudgeHypothesis {
        number: 1,
        state: HypothesisState::Supported,
        because: None,
    });
    guesses_are(&mut night, &[]);
    let judged = &night.incident().hypotheses[0];
    assert_eq!(judged.state, HypothesisState::Supported);

    night.bot(Command::NoteStatements(Statements {
        kept_inside: vec![EntryNumber(30)],
        ..Statements::default()
    }));
    let hidden = &night.incident().hypotheses[0];
    assert_eq!(hidden.text, "[not shown]");
    assert_eq!(night.incident().vanished_at, Some(night.now));
}

#[test]
fn the_first_line_that_guesses_is_when_the_cause_was_suspected() {
    let mut night = mitigating();
    let first = line(&night, 30, ADA, "the pool");
    night.after_minutes(10);
    guesses_are(&mut night, &[&first]);
    let suspected = |night: &Night| {
        night
            .incident()
            .milestones
            .at(MilestoneName::CauseIdentified)
    };
    assert_eq!(suspected(&night), Some(first.at));
    night.after_minutes(60);
    let corrected = Said {
        text: "the connection pool".to_owned(),
        ..first.clone()
    };
    guesses_are(&mut night, &[&corrected]);
    assert_eq!(suspected(&night), Some(first.at), "a typo moves nothing");
}

#[test]
fn a_line_that_is_told_of_twice_says_the_last() {
    let mut night = mitigating();
    let before = line(&night, 30, ADA, "the pool");
    let now = line(&night, 30, ADA, "the connection pool");
    for _ in 0..2 {
        guesses_are(&mut night, &[&before, &now]);
        assert_eq!(night.incident().hypotheses[0].text, "the connection pool");
    }
    assert!(night.happened().is_empty(), "it knows");
}

#[test]
fn two_lines_that_exchange_their_words_are_both_believed() {
    let mut night = mitigating();
    let pool = line(&night, 30, ADA, "the pool");
    let cache = line(&night, 31, SAM, "the cache");
    guesses_are(&mut night, &[&pool, &cache]);
    let now = [
        line(&night, 30, ADA, "the cache"),
        line(&night, 31, SAM, "the pool"),
    ];
    for _ in 0..2 {
        guesses_are(&mut night, &[&now[0], &now[1]]);
        let guesses: Vec<_> = night.incident().hypotheses.iter().collect();
        assert_eq!(guesses.len(), 2);
        assert_eq!(guesses[0].text, "the cache");
        assert_eq!(guesses[1].text, "the pool");
    }
    assert!(night.happened().is_empty(), "it knows");
}

#[test]
fn a_line_is_a_guess_of_its_own_once_the_line_that_it_repeated_says_something_else() {
    let mut night = mitigating();
    let pool = line(&night, 31, SAM, "the pool");
    guesses_are(&mut night, &[&pool]);
    let same = line(&night, 30, ADA, "the pool");
    let other = line(&night, 31, SAM, "the cache");
    for _ in 0..2 {
        guesses_are(&mut night, &[&same, &other]);
        let said: Vec<_> = night
            .incident()
            .hypotheses
            .iter()
            .map(|guess| guess.text.as_str())
            .collect();
        assert_eq!(said, ["the cache", "the pool"]);
    }
    assert!(night.happened().is_empty(), "it knows");
}

/// A line of which this is left.
fn redacted(night: &mut Night, number: EntryNumber, left: &str) {
    let by_admin = Command::RedactEntry(RedactedLine {
        number,
        author: Some(ADA),
        message: None,
        is_gone: false,
        for_good: false,
    });
    night.by(ADA).asks(by_admin);
    night.rewrites(number, |entry| {
        entry.text = left.to_owned();
        entry.state = EntryState::Redacted {
            at: entry.recorded_at,
            by: ADA,
            sealed: false,
        };
    });
}

/// The bot reads the lines after this many events.
fn reads_after(night: &mut Night, read_at: Seq) {
    let said = Statements {
        read_at: Some(read_at),
        ..statements_in(&night.entries())
    };
    night.bot(Command::NoteStatements(said));
}

#[test]
fn of_a_line_that_lost_a_part_the_board_says_what_is_left() {
    let mut night = mitigating();
    night
        .by(ADA)
        .writes("imp: nobody at hunter22 Ltd can order");
    let entries = night.entries();
    let line = entries.iter().find(|entry| entry.text.contains("Ltd"));
    let number = line.and_then(|line| line.number).expect("it was written");
    let seq = night.incident().seq;
    reads_after(&mut night, seq);
    assert_eq!(impact(&night), Some("nobody at hunter22 Ltd can order"));

    let before = night.incident().seq;
    let whole = statements_in(&night.entries());
    let left = "nobody at [redacted: customer, by Ada 04:10 UTC] can order";
    redacted(&mut night, number, left);
    assert_eq!(impact(&night), None, "gone at once");
    night.bot(Command::NoteStatements(Statements {
        read_at: Some(before),
        ..whole
    }));
    assert_eq!(impact(&night), None, "read before, written after");
    let seq = night.incident().seq;
    reads_after(&mut night, seq);
    assert_eq!(impact(&night), Some("nobody at [redacted] can order"));

    redacted(&mut night, number, "[redacted: by Ada 04:11 UTC]");
    let seq = night.incident().seq;
    reads_after(&mut night, seq);
    assert_eq!(impact(&night), None, "nothing is left");
}
