//! Roles that a team switches on beside the five: they are offered, taken and handed over like any other, and never required.

use insta::assert_snapshot;

use super::cards::buttons_of;
use super::{ADA, KIM, MO, Night, SAM, readable};
use crate::card::{Card, Row};
use crate::cards;
use crate::incident::Command;
use crate::role::Role::{self, Bridge, Communications, Deputy, Observer, Security};
use crate::severity::Severity::Sev1;

fn with(roles: &[Role]) -> Night {
    let mut night = Night::at("03:02");
    night.policy.optional_roles = roles.iter().copied().collect();
    let mut night = night.fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night
}

fn offered(card: &Card) -> Vec<String> {
    card.rows
        .iter()
        .filter_map(|row| match row {
            Row::Acts(menu) => Some(&menu.options),
            _ => None,
        })
        .flatten()
        .map(|(label, _)| label.clone())
        .collect()
}

#[test]
fn a_role_that_is_not_switched_on_is_offered_to_nobody_and_refused() {
    let mut night = with(&[]);
    let card = cards::roles(night.incident(), SAM);
    assert!(offered(&card).is_empty());
    assert!(buttons_of(&card).contains("[Ask for Docs…]"));
    assert!(!card.body.contains("Security"));
    night.by(ADA).accepts(Security);
    assert_snapshot!(night.refusal(), @"Security Engineer is no role here. Whoever maintains the bot adds `security` to `policy.optional_roles`; incidents that begin then have it.");
    night.by(SAM).proposes(Security, ADA);
    assert!(night.was_refused());
}

#[test]
fn a_role_that_is_switched_on_is_taken_and_asked_for_and_nobody_is_nagged_about_it() {
    let mut night = with(&[Security, Observer]);
    assert!(!night.incident().required_roles().contains(&Security));
    let card = cards::roles(night.incident(), SAM);
    assert_eq!(
        offered(&card),
        [
            "I'll be Security",
            "I'll be Observer",
            "Ask for Bridge…",
            "Ask for Backend…",
            "Ask for Frontend…",
            "Ask for Docs…",
            "Ask for Security…",
            "Ask for Observer…",
        ]
    );
    assert!(card.rows.len() <= 5);
    night.by(ADA).accepts(Security);
    assert_eq!(night.incident().holder(Security), Some(ADA));
    let board = readable(&cards::board(night.incident()).body);
    assert!(board.contains("Security @Ada"), "{board}");
    assert!(!board.contains("Observer"), "{board}");
    night.by(ADA).gives_back(Security);
    assert_eq!(night.incident().holder(Security), None);
}

#[test]
fn who_only_reads_along_is_no_company() {
    let mut night = with(&[Observer]);
    night.by(KIM).accepts(Observer);
    assert_eq!(night.incident().alone(), Some(SAM));
}

#[test]
fn the_communications_lead_keeps_the_promise_and_writes_though_another_commands() {
    let mut night = with(&[Communications]);
    night.by(MO).accepts(Bridge);
    night.by(ADA).accepts(Communications);
    assert_eq!(night.incident().promise_keeper(), Some(ADA));
    night.by(ADA).sends("Orders fail for half of the users.");
    assert!(!night.was_refused());
    night.by(ADA).gives_back(Communications);
    assert_eq!(night.incident().promise_keeper(), Some(MO));
}

#[test]
fn the_deputy_is_given_command_with_one_word() {
    let mut night = with(&[Deputy]);
    night.by(ADA).accepts(Deputy);
    night.by(SAM).asks(Command::GiveCommand { to: ADA });
    assert_eq!(night.incident().command, Some(ADA));
}
