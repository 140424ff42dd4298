//! Whoever was up in the night reads from when until when, once it is over.

use chrono_tz::Tz;
use insta::assert_snapshot;

use super::{ADA, KIM, MO, Night, SAM, readable};
use crate::cards;
use crate::effect::{DirectTopic, Effect};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role::{Backend, Bridge, Documentation};
use crate::severity::Severity::{Sev1, Sev3};

/// Sam takes it at 03:02, Ada comes and goes, Mo resolves it at this hour.
fn resolved_at(clock: &str) -> Night {
    let mut night = Night::at("03:02")
        .on_duty(Bridge, MO)
        .fires("orders-api 5xx", Sev1);
    night.policy.zone = Tz::Europe__Berlin;
    night.by(SAM).takes_it();
    night.at_clock("03:10").by(ADA).accepts(Backend);
    night.at_clock("03:20").by(ADA).gives_back(Backend);
    night.by(MO).declines(Bridge);
    night.by(SAM).moves_to(Phase::Validation);
    night.at_clock(clock).by(SAM).resolves_anyway();
    assert_eq!(night.phase(), Phase::Learning);
    night
}

fn told(night: &Night, person: PersonId) -> Option<String> {
    let words = cards::late_start(night.incident(), person, &night.policy);
    words.map(|words| readable(&words))
}

#[test]
fn each_reads_how_long_they_themselves_were_up() {
    let night = resolved_at("04:58");
    assert_snapshot!(
        told(&night, SAM).expect("Sam was up"),
        @"You were up from 03:02 to 04:58. Start late if you can."
    );
    assert_snapshot!(
        told(&night, ADA).expect("Ada was up"),
        @"You were up from 03:10 to 03:20. Start late if you can."
    );
    assert_eq!(told(&night, KIM), None, "Kim slept");
    assert_eq!(told(&night, MO), None, "Mo said no and slept on");
}

#[test]
fn from_six_on_nothing_is_said() {
    assert!(told(&resolved_at("05:59"), SAM).is_some());
    assert_eq!(told(&resolved_at("06:00"), SAM), None);
}

#[test]
fn it_is_night_where_the_person_lives() {
    let mut night = resolved_at("04:58");
    night.policy.zones.insert(SAM, Tz::Asia__Tokyo);
    assert_eq!(told(&night, SAM), None, "it is noon there");
    assert!(told(&night, ADA).is_some());
}

#[test]
fn a_team_says_it_in_its_own_words_or_not_at_all() {
    let mut night = resolved_at("04:58");
    night.policy.late_start = Some("Come at eleven.".to_owned());
    assert!(told(&night, SAM).is_some_and(|words| words.ends_with("Come at eleven.")));
    night.policy.late_start = None;
    assert_eq!(told(&night, SAM), None);
}

#[test]
fn whoever_came_when_it_was_over_reads_nothing() {
    let mut night = resolved_at("04:58");
    night.at_clock("05:30").by(KIM).accepts(Documentation);
    assert_eq!(told(&night, KIM), None);
    assert!(told(&night, SAM).is_some_and(|words| words.contains("to 04:58")));
}

/// Who is written to without a sound when it is resolved, and what.
fn written_to(night: &Night) -> Vec<(PersonId, String)> {
    let effects = night.effects.iter();
    let quiet = effects.filter_map(|effect| match &effect.effect {
        Effect::Tell { person, card } if card.quiet => Some((*person, readable(&card.content))),
        _ => None,
    });
    quiet.collect()
}

#[test]
fn whoever_was_up_without_a_direct_message_gets_one_word_of_it_and_no_sound() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev3);
    night.policy.zone = Tz::Europe__Berlin;
    night.by(SAM).takes_it();
    night.at_clock("03:10").by(ADA).accepts(Documentation);
    night.at_clock("03:12").by(MO).accepts(Backend);
    night.was_written_to(MO, DirectTopic::Proposal { role: Backend });
    night.by(SAM).moves_to(Phase::Validation);
    night.effects.clear();
    night.at_clock("04:58").by(SAM).resolves_anyway();
    let expected = [(
        ADA,
        "INC-0001 is over. You were up at 03:10. Start late if you can.".to_owned(),
    )];
    assert_eq!(
        written_to(&night),
        expected,
        "Mo's message says it, and Sam's answer"
    );
    night.effects.clear();
    night.at_clock("05:05").by(SAM).reopens();
    night.by(SAM).moves_to(Phase::Validation);
    night.at_clock("05:20").by(SAM).resolves_anyway();
    assert_eq!(written_to(&night), [], "not twice");
}

#[test]
fn nothing_is_said_before_it_is_over() {
    let mut night = resolved_at("04:58");
    night.by(SAM).reopens();
    assert_eq!(told(&night, SAM), None);
}
