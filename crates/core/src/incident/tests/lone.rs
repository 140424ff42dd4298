//! One person who commands and repairs, and the one hint about it.

use super::cards::{buttons_of, first_button};
use super::{ADA, KIM, MO, Night, SAM, at};
use crate::card::{Act, Does, Press};
use crate::effect::Effect;
use crate::incident::Command;
use crate::role::Role::{Bridge, OnCall};
use crate::severity::Severity::{Sev1, Sev2};

/// Sam takes it at 03:03; Mo was asked to be Bridge Engineer at 03:02.
fn sam_alone() -> Night {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, MO)
        .fires("orders-api 5xx", Sev1);
    night.at_clock("03:03").by(SAM).takes_it();
    night
}

/// What Sam was told about it, and when.
fn hints(night: &Night) -> Vec<String> {
    let told = night
        .effects
        .iter()
        .filter_map(|effect| match &effect.effect {
            Effect::Tell { person: SAM, card } => Some(card.content.clone()),
            _ => None,
        });
    told.filter(|text| text.contains("fix alone")).collect()
}

#[test]
fn whoever_commands_and_repairs_alone_is_told_once_after_six_minutes() {
    let mut night = sam_alone();
    night.runs_until("03:08");
    assert!(hints(&night).is_empty());
    night.runs_until("04:30");
    assert_eq!(
        hints(&night),
        [
            "You hold command and fix alone in a SEV1: INC-0001. <@3> (Bridge) was asked 7 min ago. *Roles* asks somebody else. → <#900>"
        ]
    );
}

#[test]
fn the_hint_calls_the_bridge_with_one_tap() {
    let mut night = sam_alone();
    night.runs_until("04:30");
    let hint = night
        .effects
        .iter()
        .find_map(|effect| match &effect.effect {
            Effect::Tell { person: SAM, card } if card.content.contains("fix alone") => Some(card),
            _ => None,
        })
        .expect("Sam is told");
    assert_eq!(buttons_of(hint), "[*Page Bridge*] [Hand over]");
    assert_eq!(
        first_button(hint).map(|button| button.does.clone()),
        Some(Does::Press(Press::any_time(
            night.incident().id,
            Act::PageRole(Bridge)
        )))
    );
}

#[test]
fn whoever_had_the_role_and_gave_it_back_is_named() {
    let mut night = sam_alone();
    night.at_clock("03:04").by(MO).accepts(Bridge);
    night.at_clock("03:05").by(MO).gives_back(Bridge);
    night.runs_until("04:30");
    assert_eq!(
        hints(&night),
        [
            "You hold command and fix alone in a SEV1: INC-0001. <@3> gave Bridge back. *Roles* asks somebody else. → <#900>"
        ]
    );
}

#[test]
fn nobody_is_told_where_somebody_decides_or_nobody_has_to() {
    let mut answered = sam_alone();
    answered.at_clock("03:06").by(MO).accepts(Bridge);
    answered.runs_until("04:00");
    assert!(hints(&answered).is_empty(), "Mo is there");

    let mut given = sam_alone();
    given.at_clock("03:05").by(KIM).asks(Command::TakeCommand);
    given.by(SAM).asks(Command::GiveCommand { to: KIM });
    given.runs_until("04:00");
    assert!(hints(&given).is_empty(), "Kim decides");

    let mut smaller = Night::at("03:02").fires("orders-api slow", Sev2);
    smaller.by(SAM).takes_it();
    smaller.runs_until("04:00");
    assert!(
        hints(&smaller).is_empty(),
        "only a SEV1 is worth it at night"
    );
}

#[test]
fn at_night_it_waits_until_five_minutes_after_the_last_prompt() {
    let mut night = sam_alone();
    // Ada's answer is late at 03:08, and Sam is told.
    night.by(SAM).asks(Command::AskFor {
        what: "read the log".to_owned(),
        to: ADA,
        minutes: 5,
    });
    night.runs_until("03:12");
    assert!(hints(&night).is_empty());
    night.runs_until("03:14");
    assert_eq!(hints(&night).len(), 1);
    assert_eq!(night.incident().lone_told_at, Some(at("03:13")));
}
