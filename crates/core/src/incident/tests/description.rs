//! What an incident is, put right by people.

use insta::assert_snapshot;

use super::{ADA, KIM, Night, SAM};
use crate::category::Category;
use crate::incident::{Command, Description};
use crate::role::Role::Frontend;
use crate::severity::Severity::Sev2;

fn declared() -> Night {
    let mut night = Night::at("03:02");
    night.by(SAM).declares("it is broken", Sev2);
    night.channel_opens();
    night
}

fn what_it_is(night: &Night) -> Description {
    night.incident().description()
}

#[test]
fn title_category_and_services_are_put_right_and_call_for_the_right_people() {
    let mut night = declared();
    assert!(!night.incident().required_roles().contains(&Frontend));
    let mut is = what_it_is(&night);
    is.title = "checkout page stays blank".to_owned();
    is.category = Category::Frontend;
    is.services = ["web".to_owned(), "  ".to_owned()].into();
    is.summary = Some("Since the release the page shows nothing.".to_owned());
    night.by(ADA).asks(Command::Describe(is.clone()));
    assert!(night.incident().required_roles().contains(&Frontend));
    assert_snapshot!(
        night.noted().pop().expect("it is a line"),
        @"note: it is: checkout page stays blank; category frontend; services: web. Since the release the page shows nothing."
    );
    let board = crate::cards::board(night.incident());
    assert!(board.title.contains("checkout page") || board.body.contains("checkout page"));
    // The same once more is nothing.
    let known = what_it_is(&night);
    night.by(ADA).asks(Command::Describe(known));
    assert!(night.happened().is_empty());
}

#[test]
fn it_keeps_a_title_and_takes_what_fits() {
    let mut night = declared();
    let mut is = what_it_is(&night);
    is.title = " \n ".to_owned();
    night.by(SAM).asks(Command::Describe(is.clone()));
    assert_snapshot!(night.refusal(), @"An incident needs a title: say in a few words what is wrong.");
    is.title = "x".to_owned();
    is.services = (0..11).map(|number| format!("service-{number}")).collect();
    night.by(SAM).asks(Command::Describe(is.clone()));
    assert_snapshot!(night.refusal(), @"These are 11 services: name at most 10.");
    is.services.clear();
    is.summary = Some("ß".repeat(900));
    night.by(SAM).asks(Command::Describe(is));
    let summary = what_it_is(&night).summary.expect("it is kept");
    assert!(summary.chars().count() <= 500);
}

#[test]
fn what_is_over_and_closed_is_described_no_more() {
    let mut night = declared();
    night.by(SAM).cancels(crate::incident::CancelReason::Test);
    let mut is = what_it_is(&night);
    is.title = "another".to_owned();
    night.by(KIM).asks(Command::Describe(is));
    assert!(night.was_refused());
}
