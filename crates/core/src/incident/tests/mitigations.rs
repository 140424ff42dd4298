//! Did it help? One question, five minutes later, to whoever did it.

use insta::assert_snapshot;

use super::cards::shown;
use super::{ADA, Night, SAM, readable};
use crate::card::{Card, Ping};
use crate::cards;
use crate::effect::Effect;
use crate::ids::EntryNumber;
use crate::incident::{Around, Command, MOST_WORK, Mitigation, Outcome, is_work};
use crate::phase::Phase::{Diagnosis, Fix, Mitigation as Mitigating};
use crate::runbook::{StepAction, StepId, StepState};
use crate::severity::Severity::Sev1;
use crate::timeline::{Audience, Entry, Kind, Who};

pub(super) fn mitigating() -> Night {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.at_clock("03:12").by(SAM).moves_to(Mitigating);
    night
}

pub(super) fn answered(outcome: Outcome) -> Command {
    Command::AnswerEffect { number: 1, outcome }
}

/// The questions that are asked until this time.
fn asked_until(night: &mut Night, clock: &str) -> Vec<Card> {
    let before = night.effects.len();
    night.runs_until(clock);
    night.effects[before..]
        .iter()
        .filter_map(|effect| match &effect.effect {
            Effect::Say { card } if card.content.contains("Effect of") => Some(card.clone()),
            _ => None,
        })
        .collect()
}

fn acts(night: &mut Night, what: &str) {
    let done = Mitigation {
        what: what.to_owned(),
        by: ADA,
        at: night.now,
        step: None,
        entry: Some(EntryNumber(i64::try_from(what.len()).expect("short"))),
    };
    night.bot(Command::NoteMitigation(done));
}

#[test]
fn five_minutes_after_a_step_whoever_ticked_it_is_asked_and_answers_with_one_tap() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    assert!(asked_until(&mut night, "03:16").is_empty());
    let asked = asked_until(&mut night, "03:17");
    assert_eq!(asked[0].ping, Ping::People(vec![SAM]));
    assert_snapshot!(shown(&asked[0]), @r#"
    @Sam Effect of "Switch the AI features off and cached data on"? Done 03:12.
    [✓ Better] [No change] [! Worse]
    "#);
    night.by(SAM).asks(answered(Outcome::Better));
    assert_snapshot!(night.noted().join("\n"), @r#"observation: Effect of "Switch the AI features off and cached data on" (02:12 UTC): better"#);
    assert_snapshot!(shown(&night.said()[0]), @r#"📈 **Better** after "Switch the AI features off and cached data on" (@Sam)"#);
    night.by(SAM).asks(answered(Outcome::Better));
    assert!(night.happened().is_empty(), "the same tap twice is one");
    assert!(asked_until(&mut night, "04:30").is_empty());
}

#[test]
fn what_made_it_worse_is_undone_by_people_and_the_step_is_open_again() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    night.runs_until("03:17");
    night.by(SAM).asks(answered(Outcome::Worse));
    assert_snapshot!(shown(&night.said()[0]), @r#"
    📉 **Worse** after "Switch the AI features off and cached data on" (@Sam)
    [*Undo it*] [Back to diagnosis]
    "#);
    night
        .by(SAM)
        .asks(Command::TakeBackMitigation { number: 1 });
    assert_snapshot!(night.noted().join("\n"), @"
    action: took back: Switch the AI features off and cached data on
    checklist: ▢ open again: Switch the AI features off and cached data on
    ");
    let step = StepId::new("ai-off").expect("a step's id");
    let checklist = night.incident().checklist.clone().expect("it has one");
    assert_eq!(*checklist.state(&step), StepState::Open);
    night
        .by(ADA)
        .asks(Command::TakeBackMitigation { number: 1 });
    assert!(night.happened().is_empty());
}

#[test]
fn only_the_newest_of_several_is_asked_about_and_one_question_is_open_at_a_time() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    night.after_minutes(1);
    acts(&mut night, "added two workers");
    night.after_minutes(1);
    acts(&mut night, "restarted the queue");
    night.at_clock("03:20").clock_rings();
    let asked: Vec<Card> = night
        .said()
        .into_iter()
        .filter(|card| card.content.contains("Effect of"))
        .collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].content.contains("restarted the queue"));
    night.at_clock("03:21");
    acts(&mut night, "blocked a crawler");
    assert!(asked_until(&mut night, "03:30").is_empty(), "one is open");
    let mut impatient = night.fork();
    impatient.by(ADA).asks(answered(Outcome::NoChange));
    assert_eq!(asked_until(&mut impatient, "03:31").len(), 1);
    assert_eq!(asked_until(&mut night, "03:36").len(), 1);
    assert!(asked_until(&mut night, "05:00").is_empty());
}

#[test]
fn nobody_is_asked_about_a_tick_that_was_taken_back_or_when_it_is_mitigated() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    let mut reopened = night.fork();
    reopened.by(SAM).asks(Command::Step {
        step: StepId::new("ai-off").expect("a step's id"),
        action: StepAction::Reopen,
    });
    assert!(asked_until(&mut reopened, "04:00").is_empty());
    night.by(SAM).moves_to(Fix);
    assert!(asked_until(&mut night, "04:00").is_empty());
}

#[test]
fn an_action_counts_only_while_people_work_against_the_impact() {
    let mut night = mitigating();
    night.by(SAM).moves_to(Diagnosis);
    acts(&mut night, "looked at the log");
    assert!(night.happened().is_empty());
}

#[test]
fn the_question_can_be_brought_up_before_its_time_and_then_is_not_asked_again() {
    let mut night = mitigating();
    night.by(SAM).asks(Command::BringUpEffect);
    assert!(night.was_refused());
    night.by(SAM).finishes("ai-off");
    night.after_minutes(1).by(ADA).asks(Command::BringUpEffect);
    assert!(night.said().is_empty(), "she has it before her");
    assert!(night.incident().mitigations.open_question().is_some());
    assert!(asked_until(&mut night, "04:00").is_empty());
}

#[test]
fn what_waits_for_an_answer_stands_in_more() {
    let mut night = mitigating();
    let more = |night: &Night| crate::cards::more(night.incident(), &[]).body;
    assert_eq!(more(&night), "");
    night.by(SAM).finishes("ai-off");
    assert!(more(&night).contains("1 question waits"));
    night.runs_until("03:17");
    night.by(SAM).asks(answered(Outcome::Better));
    assert_eq!(more(&night), "");
}

fn doing(night: &Night, work: Vec<Entry>) -> String {
    let around = Around {
        changes: Vec::new(),
        work,
    };
    let board = shown(&cards::board_among(night.incident(), &around));
    let line = board.lines().find(|line| line.starts_with("**DOING**"));
    line.unwrap_or_default().to_owned()
}

/// A line as the timeline has it.
fn written(night: &Night, what: &str, kind: Kind) -> Entry {
    let like = night
        .entries()
        .into_iter()
        .find(|entry| matches!(entry.who, Who::Person { .. }));
    Entry {
        number: Some(EntryNumber(i64::try_from(what.len()).expect("short"))),
        kind,
        event_at: night.now,
        text: what.to_owned(),
        ..like.expect("somebody has done something")
    }
}

#[test]
fn the_board_says_what_is_being_done_and_what_it_changed() {
    let mut night = mitigating();
    assert_eq!(doing(&night, Vec::new()), "");
    night.by(SAM).asks(Command::Step {
        step: StepId::new("ai-off").expect("a step's id"),
        action: StepAction::Claim,
    });
    assert_snapshot!(doing(&night, Vec::new()), @"**DOING** Switch the AI features off and cached data on (@Sam, since 03:12)");
    night.by(SAM).finishes("ai-off");
    night.runs_until("03:17");
    night.by(SAM).asks(answered(Outcome::Better));
    assert_snapshot!(doing(&night, Vec::new()), @"**DOING** Switch the AI features off and cached data on (@Sam, 03:12, better)");

    night.after_minutes(1);
    let decided = written(&night, "roll back *02:41*", Kind::Decision);
    acts(&mut night, "rollback to 2026.11.2");
    let done = written(&night, "rollback to 2026.11.2", Kind::Action);
    assert_snapshot!(doing(&night, vec![done.clone(), decided]), @"**DOING** Switch the AI features off and cached data on (@Sam, 03:12, better) · decided: roll back 02:41 (@Sam, 03:18) · rollback to 2026.11.2 (@Sam, 03:18)");
    night.runs_until("03:24");
    night.by(SAM).asks(Command::AnswerEffect {
        number: 2,
        outcome: Outcome::NoChange,
    });
    assert_snapshot!(doing(&night, vec![done]), @"**DOING** Switch the AI features off and cached data on (@Sam, 03:12, better) · rollback to 2026.11.2 (@Sam, 03:18, no change)");
}

/// What the bot learns of the newest line of work.
fn learns(night: &mut Night) {
    let entries = night.entries();
    let line = entries
        .iter()
        .rev()
        .find(|entry| entry.kind == Kind::Action)
        .expect("an action was written");
    let done = Mitigation::of_line(line).expect("it says what was done");
    night.bot(Command::NoteMitigation(done));
}

#[test]
fn what_is_for_responders_only_later_leaves_the_question_what_it_changed() {
    let mut night = mitigating();
    night.by(ADA).writes("act: amber otter revoked");
    learns(&mut night);
    let number = night.entries().last().and_then(|entry| entry.number);
    let number = number.expect("it was written");
    asked_until(&mut night, "03:18");
    let question = night.incident().mitigations.question(1).expect("asked");
    assert_eq!(question.about.what, "amber otter revoked");

    night.rewrites(number, |entry| entry.audience = Audience::RespondersOnly);
    learns(&mut night);
    let stored = serde_json::to_string(night.incident()).expect("it can be stored");
    assert!(!stored.contains("otter"), "no word of it is left");
    let question = night.incident().mitigations.question(1).expect("asked");
    let card = cards::effect_question(night.incident(), question);
    assert_snapshot!(readable(&card.content), @"@Ada Effect of what you did? Done 03:12.");
    learns(&mut night);
    assert!(night.happened().is_empty(), "it knows");

    night.rewrites(number, |entry| entry.audience = Audience::Everybody);
    learns(&mut night);
    let question = night.incident().mitigations.question(1).expect("asked");
    assert_eq!(question.about.what, "amber otter revoked");
}

#[test]
fn what_is_for_responders_only_from_the_beginning_is_not_asked_about() {
    let mut night = mitigating();
    night.by(ADA).writes("act!: amber otter revoked");
    learns(&mut night);
    assert!(night.incident().mitigations.is_empty());
}

/// The board's line about what is being done.
fn work_on_the_board(night: &Night) -> String {
    let work: Vec<_> = night
        .entries()
        .into_iter()
        .rev()
        .filter(is_work)
        .take(MOST_WORK)
        .collect();
    doing(night, work)
}

#[test]
fn what_somebody_writes_and_then_ticks_is_told_once() {
    let mut night = mitigating();
    night.by(SAM).writes("act: AI features off");
    night.after_minutes(1).by(SAM).finishes("ai-off");
    assert_snapshot!(work_on_the_board(&night), @"**DOING** AI features off (@Sam, 03:12)");
    let tried = cards::briefing(night.incident(), &night.entries(), night.now);
    let tried = tried.lines().find(|line| line.starts_with("**Tried:**"));
    assert_snapshot!(readable(tried.expect("it is told")), @"**Tried:** T-9 AI features off");

    // Somebody else, another thing, or another time: two things.
    let mut other = mitigating();
    other.by(ADA).writes("act: AI features off");
    other.by(SAM).finishes("ai-off");
    assert!(
        work_on_the_board(&other).matches("off").count() > 1,
        "{}",
        work_on_the_board(&other)
    );
    let mut later = mitigating();
    later.by(SAM).writes("act: AI features off");
    later.after_minutes(6).by(SAM).finishes("ai-off");
    assert!(
        work_on_the_board(&later).matches("off").count() > 1,
        "{}",
        work_on_the_board(&later)
    );
    let mut apart = mitigating();
    apart.by(SAM).writes("act: pool raised to 200");
    apart.by(SAM).finishes("ai-off");
    assert!(
        work_on_the_board(&apart).contains("pool"),
        "{}",
        work_on_the_board(&apart)
    );
    assert!(
        work_on_the_board(&apart).contains("AI"),
        "{}",
        work_on_the_board(&apart)
    );
}

#[test]
fn what_was_written_keeps_the_answer_to_what_was_ticked() {
    let mut night = mitigating();
    night.by(SAM).writes("act: AI features off");
    night.after_minutes(1).by(SAM).finishes("ai-off");
    asked_until(&mut night, "03:19");
    night.by(SAM).asks(answered(Outcome::Better));
    assert!(
        work_on_the_board(&night).contains("better"),
        "{}",
        work_on_the_board(&night)
    );
}
