//! Nothing that the two founding documents ask for may be lost.
//!
//! The project began with two pages: a catalogue of failure modes and the scenario of an outage at 3 AM. Every example,
//! mitigation, action and responsibility in them is quoted here, next to what carries it in the product. What is named is
//! looked up in the product itself: the embedded runbooks, the board, an update and the postmortem of an incident that
//! is lived through, the card that a role's holder reads. What is renamed or dropped there turns these tests red.

mod carriers;
mod first_document;
mod night;
mod second_document;

use std::collections::BTreeSet;
use std::path::Path;

use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::Library;

use carriers::{Carrier, Line, Product};
use first_document::FAILURE_MODES;
use second_document::SCENARIO;

/// What a later version brings. Nothing else is open.
const OPEN: [&str; 1] = ["drills"];

fn all_lines() -> impl Iterator<Item = &'static Line> {
    FAILURE_MODES.iter().chain(SCENARIO)
}

#[test]
fn every_line_of_the_founding_documents_is_carried_by_something_that_exists() {
    let product = Product::as_it_is();
    for (quote, carriers) in all_lines() {
        assert!(!carriers.is_empty(), "nothing carries: {quote}");
        for carrier in *carriers {
            let stands = match carrier {
                Carrier::Open(what) => OPEN.contains(what),
                other => product.has(*other),
            };
            assert!(
                stands,
                "{carrier:?} does not exist, it should carry: {quote}"
            );
        }
    }
}

#[test]
fn what_is_open_is_still_missing() {
    let named: BTreeSet<&str> = all_lines()
        .flat_map(|(_, carriers)| *carriers)
        .filter_map(|carrier| match carrier {
            Carrier::Open(what) => Some(*what),
            _ => None,
        })
        .collect();
    assert_eq!(named, BTreeSet::from(OPEN));
    let playbooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../playbooks");
    assert!(playbooks.join("runbooks").is_dir());
    assert!(
        !playbooks.join("drills").exists(),
        "there are drills now: name the one that carries each line"
    );
}

#[test]
fn each_line_is_quoted_once() {
    let mut quotes: Vec<&str> = all_lines().map(|(quote, _)| *quote).collect();
    let count = quotes.len();
    quotes.sort_unstable();
    quotes.dedup();
    assert_eq!(quotes.len(), count);
}

#[test]
fn each_role_is_asked_for_something_in_the_night_of_the_scenario() {
    let library = Library::embedded();
    let night = library
        .get("scenario-3am")
        .expect("the scenario is embedded");
    for role in Role::ALL.into_iter().filter(|role| !role.is_optional()) {
        assert!(
            night.steps.iter().any(|step| step.owner == role),
            "{role} has nothing to do"
        );
    }
}
