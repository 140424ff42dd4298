//! Hours of command, and shifts that end: what tired people are told, when, and how often.

use chrono_tz::Tz;

use super::cards::buttons_of;
use super::{ADA, KIM, MO, Night, SAM, at};
use crate::card::Card;
use crate::cards;
use crate::effect::{DirectTopic, Effect};
use crate::incident::{Command, HandoverSubject};
use crate::oncall::ShiftEnd;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role::{Bridge, OnCall};
use crate::severity::Severity::Sev2;

/// Sam takes it at this hour of a town's clock. What happens meanwhile is of no matter here.
fn taken_at(clock: &str, zone: Tz) -> Night {
    let mut night = Night::at(clock)
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev2);
    night.policy.zone = zone;
    night.by(SAM).takes_it();
    night
}

/// When this person was told something like it, and what.
fn told(night: &Night, person: PersonId, words: &str) -> Vec<Card> {
    night
        .effects
        .iter()
        .filter_map(|effect| match &effect.effect {
            Effect::Tell { person: whom, card } if *whom == person => Some(card.clone()),
            _ => None,
        })
        .filter(|card| card.content.contains(words))
        .collect()
}

fn tired(night: &Night, person: PersonId) -> usize {
    told(night, person, "held command").len()
}

#[test]
fn after_three_hours_by_day_a_hand_over_is_suggested_and_each_hour_after() {
    let mut night = taken_at("09:00", Tz::UTC);
    night.runs_until("11:59");
    assert_eq!(tired(&night, SAM), 0);
    night.runs_until("12:00");
    let hints = told(&night, SAM, "held command");
    assert_eq!(
        hints[0].content,
        "You have held command of INC-0001 for 3 h 00 min. Somebody rested sees more; handing it over is no failure. → <#900>"
    );
    assert_eq!(buttons_of(&hints[0]), "[*Hand over*]");
    night.runs_until("12:59");
    assert_eq!(tired(&night, SAM), 1);
    night.runs_until("14:00");
    assert_eq!(tired(&night, SAM), 3);
}

#[test]
fn two_hours_are_long_when_small_hours_are_among_them() {
    let mut night = taken_at("03:02", Tz::UTC);
    night.runs_until("05:01");
    assert_eq!(tired(&night, SAM), 0);
    night.runs_until("05:10");
    assert_eq!(tired(&night, SAM), 1);
    // Four in the afternoon in Berlin is midnight in Tokyo: what counts is where the person lives.
    let mut night = taken_at("15:00", Tz::Europe__Berlin);
    night.policy.zones.insert(SAM, Tz::Asia__Tokyo);
    night.runs_until("16:59");
    assert_eq!(tired(&night, SAM), 0);
    night.runs_until("17:10");
    assert_eq!(tired(&night, SAM), 1);
}

#[test]
fn an_evening_becomes_long_at_midnight() {
    let mut night = taken_at("10:30", Tz::Asia__Tokyo);
    // 18:30 in Tokyo: midnight is five hours and a half away, three hours come first.
    night.runs_until("13:29");
    assert_eq!(tired(&night, SAM), 0);
    night.runs_until("13:40");
    assert_eq!(tired(&night, SAM), 1);
    let mut night = taken_at("13:30", Tz::Asia__Tokyo);
    // 21:30 there: at midnight it has been two hours and a half.
    night.runs_until("15:59");
    assert_eq!(tired(&night, SAM), 0);
    night.runs_until("16:10");
    assert_eq!(tired(&night, SAM), 1);
}

#[test]
fn whoever_takes_command_begins_anew_and_whoever_gets_it_back_by_undo_goes_on() {
    let mut night = taken_at("09:00", Tz::UTC);
    night.runs_until("11:30");
    night.by(ADA).accepts(Bridge);
    night.by(SAM).asks(Command::GiveCommand { to: ADA });
    assert_eq!(night.incident().command, Some(ADA));
    let held = night
        .incident()
        .command_held
        .map(|held| (held.by, held.since));
    assert_eq!(held, Some((ADA, at("11:30"))));
    let undo = night.incident().undo.clone().expect("it can be undone");
    night.by(undo.by).asks(Command::Undo { seq: undo.seq });
    let held = night
        .incident()
        .command_held
        .map(|held| (held.by, held.since));
    assert_eq!(held, Some((SAM, at("09:00"))));
    night.runs_until("12:05");
    assert_eq!((tired(&night, SAM), tired(&night, ADA)), (1, 0));
}

#[test]
fn a_pause_because_it_was_over_is_rest() {
    let mut night = taken_at("09:00", Tz::UTC);
    night.by(SAM).moves_to(Phase::Validation);
    night.by(SAM).resolves_anyway();
    night.runs_until("13:00");
    assert_eq!(tired(&night, SAM), 0, "it is over");
    night.by(SAM).asks(Command::Reopen);
    night.runs_until("15:59");
    assert_eq!(tired(&night, SAM), 0);
    night.runs_until("16:10");
    assert_eq!(tired(&night, SAM), 1);
}

fn the_rota_says(night: &mut Night, ends: Option<&str>, next: Option<PersonId>) {
    night.bot(Command::NoteShift {
        role: OnCall,
        person: SAM,
        ends: ends.map(|clock| ShiftEnd {
            at: at(clock),
            next,
        }),
    });
}

#[test]
fn half_an_hour_before_the_shift_ends_its_holder_is_told_once_and_who_is_next() {
    let mut night = taken_at("07:55", Tz::UTC);
    the_rota_says(&mut night, Some("09:00"), Some(KIM));
    night.runs_until("08:29");
    assert!(told(&night, SAM, "Your shift").is_empty(), "not yet");
    the_rota_says(&mut night, Some("09:00"), Some(KIM));
    assert!(night.happened().is_empty(), "it is known");
    night.runs_until("08:50");
    let hints = told(&night, SAM, "Your shift");
    assert_eq!(hints.len(), 1);
    assert_eq!(
        hints[0].content,
        "Your shift as On-Call Engineer ends at <t:1795248000:t>, and INC-0001 is not over. <@4> is next. → <#900>"
    );
    assert_eq!(buttons_of(&hints[0]), "[*Prepare hand-over*] [I stay]");
    // The rota was changed: the shift is longer now.
    the_rota_says(&mut night, Some("10:00"), None);
    night.runs_until("09:35");
    let hints = told(&night, SAM, "Your shift");
    assert_eq!(hints.len(), 2);
    assert!(hints[1].content.contains("Nobody is on the rota then."));
    assert_eq!(buttons_of(&hints[1]), "[*Hand over*] [I stay]");
}

#[test]
fn whoever_slept_through_it_with_the_bot_reads_that_it_has_ended() {
    let mut night = taken_at("07:55", Tz::UTC);
    the_rota_says(&mut night, Some("09:00"), Some(KIM));
    night.at_clock("09:20").clock_rings();
    let hints = told(&night, SAM, "Your shift");
    assert_eq!(
        hints[0].content,
        "Your shift as On-Call Engineer ended at <t:1795248000:t>, and INC-0001 is not over. <@4> is on now. → <#900>"
    );
}

#[test]
fn whoever_has_the_role_no_more_or_no_end_of_shift_is_not_told() {
    let mut night = taken_at("07:55", Tz::UTC);
    the_rota_says(&mut night, Some("09:00"), Some(KIM));
    the_rota_says(&mut night, None, None);
    assert!(night.incident().shifts.is_empty());
    the_rota_says(&mut night, Some("09:00"), Some(KIM));
    let everything = [HandoverSubject::Command, HandoverSubject::Role(OnCall)];
    night.by(SAM).hands_over_to(MO, everything);
    night.by(MO).says_i_have_it();
    night.runs_until("09:30");
    assert!(told(&night, SAM, "Your shift").is_empty());
    the_rota_says(&mut night, Some("10:00"), Some(KIM));
    assert!(night.happened().is_empty(), "Sam has gone home");
}

#[test]
fn at_night_the_end_of_a_shift_waits_its_five_minutes() {
    let mut night = taken_at("03:02", Tz::UTC);
    the_rota_says(&mut night, Some("05:33"), Some(KIM));
    night.runs_until("05:06");
    assert_eq!(tired(&night, SAM), 1, "at 05:02");
    assert!(told(&night, SAM, "Your shift").is_empty());
    night.runs_until("05:07");
    assert_eq!(told(&night, SAM, "Your shift").len(), 1);
}

#[test]
fn whoever_was_woken_and_handed_over_reads_since_when_another_has_it() {
    let mut night = taken_at("03:02", Tz::Europe__Berlin);
    let everything = [HandoverSubject::Command, HandoverSubject::Role(OnCall)];
    night
        .at_clock("04:30")
        .by(SAM)
        .hands_over_to(MO, everything);
    night.by(MO).says_i_have_it();
    let page = |person| cards::direct(night.incident(), person, &DirectTopic::Page);
    assert!(page(SAM).content.starts_with(&format!(
        "<@3> has it since <t:{}:t>.",
        at("04:30").timestamp()
    )),);
    assert!(!page(SAM).content.contains("sleep"), "Sam was up");
    assert!(page(KIM).content.contains("You can sleep on."));
}

#[test]
fn whoever_has_two_roles_that_end_at_different_times_is_told_of_each_once() {
    let mut night = taken_at("07:55", Tz::UTC);
    night.by(SAM).accepts(Bridge);
    the_rota_says(&mut night, Some("09:00"), Some(KIM));
    night.bot(Command::NoteShift {
        role: Bridge,
        person: SAM,
        ends: Some(ShiftEnd {
            at: at("09:10"),
            next: None,
        }),
    });
    night.runs_until("10:30");
    assert_eq!(told(&night, SAM, "Your shift").len(), 2);
    night.clock_rings();
    assert!(night.happened().is_empty(), "nothing is due any more");
}
