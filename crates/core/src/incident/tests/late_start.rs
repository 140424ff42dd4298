//! Whoever was up in the night reads from when until when, once it is over.

use chrono_tz::Tz;
use insta::assert_snapshot;

use super::{ADA, KIM, MO, Night, SAM, readable};
use crate::cards;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role::{Backend, Bridge};
use crate::severity::Severity::Sev1;

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
fn nothing_is_said_before_it_is_over() {
    let mut night = resolved_at("04:58");
    night.by(SAM).reopens();
    assert_eq!(told(&night, SAM), None);
}
