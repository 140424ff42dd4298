//! Who decides about what others wrote: its author, an admin, and at night whoever is there.

use super::{ADA, KIM, MO, Night, SAM};
use crate::ids::EntryNumber;
use crate::incident::{Command, RedactedLine};
use crate::person::PersonId;
use crate::severity::Severity::Sev2;

const LINE: EntryNumber = EntryNumber(3);

/// Kim wrote a line, and somebody takes it out.
fn taking_out(for_good: bool) -> Command {
    Command::RedactEntry(RedactedLine {
        number: LINE,
        author: Some(KIM),
        message: None,
        is_gone: false,
        for_good,
    })
}

fn open_night() -> Night {
    let mut night = Night::at("03:02").fires("orders-api 5xx", Sev2);
    night.channel_opens();
    night
}

/// Whether what just happened destroyed the words; `None` where nothing happened.
fn is_gone(night: &Night) -> Option<bool> {
    let gone = !night.incident().sealed.contains(&LINE);
    (!night.happened().is_empty()).then_some(gone)
}

fn commanded_by(person: PersonId) -> Night {
    let mut night = open_night();
    night.by(person).takes_it();
    night
}

#[test]
fn anybody_hides_a_line_and_its_author_an_admin_and_command_redact_it_for_good() {
    let mut night = commanded_by(SAM);
    night.by(ADA).asks(taking_out(false));
    assert_eq!(is_gone(&night), Some(false));
    night.by(MO).asks(taking_out(true));
    assert_eq!(
        night.refusal(),
        "T-3 is hidden. @Sam, who holds command, or an admin can redact it for good."
    );
    night.by(SAM).asks(taking_out(true));
    assert_eq!(is_gone(&night), Some(true));

    let mut by_author = commanded_by(SAM);
    by_author.by(KIM).asks(taking_out(false));
    assert_eq!(is_gone(&by_author), Some(true));
    let mut by_admin = commanded_by(SAM);
    by_admin.by(ADA).administering().asks(taking_out(false));
    assert_eq!(is_gone(&by_admin), Some(true));
    let mut by_commander = commanded_by(SAM);
    by_commander.by(ADA).commanding().asks(taking_out(false));
    assert_eq!(is_gone(&by_commander), Some(true));
}

#[test]
fn where_nobody_commands_the_second_press_destroys_it_and_that_is_written_down() {
    let mut night = open_night();
    night.by(ADA).asks(taking_out(true));
    assert_eq!(is_gone(&night), Some(false), "hidden first, always");
    night.by(ADA).asks(taking_out(false));
    assert_eq!(is_gone(&night), None, "a hurried second press is the first");
    night.by(MO).asks(taking_out(true));
    assert_eq!(is_gone(&night), Some(true));
    let noted = night.noted();
    assert!(
        noted.contains(
            &"note: done by a responder, nobody held command: redacting for good what somebody else wrote".to_owned()
        ),
        "{noted:?}"
    );
}

#[test]
fn an_author_needs_nobody_and_nothing_is_noted_beside_it() {
    let mut night = open_night();
    night.by(KIM).asks(taking_out(true));
    assert_eq!(is_gone(&night), Some(true));
    assert!(
        night
            .noted()
            .iter()
            .all(|line| !line.contains("nobody held command"))
    );
}

#[test]
fn once_it_is_over_only_the_author_and_an_admin_decide() {
    let mut night = commanded_by(SAM);
    night.by(SAM).asks(Command::Resolve { anyway: true });
    night.by(ADA).asks(taking_out(false));
    assert_eq!(is_gone(&night), Some(false));
    night.by(SAM).commanding().asks(taking_out(true));
    assert_eq!(
        night.refusal(),
        "T-3 is hidden. An admin can redact it for good."
    );
    night.by(SAM).asks(Command::ShowEntryAgain { number: LINE });
    assert_eq!(
        night.refusal(),
        "T-3 is hidden. An admin can show it again."
    );
    night.by(MO).administering().asks(taking_out(true));
    assert_eq!(is_gone(&night), Some(true));
}

#[test]
fn a_hidden_line_is_shown_again_by_command_and_where_there_is_none_by_anybody() {
    let show = || Command::ShowEntryAgain { number: LINE };
    let mut night = commanded_by(SAM);
    night.by(ADA).asks(taking_out(false));
    night.by(ADA).asks(show());
    assert_eq!(
        night.refusal(),
        "T-3 is hidden. @Sam, who holds command, or an admin can show it again."
    );
    night.by(SAM).asks(show());
    assert!(night.incident().sealed.is_empty());

    let mut alone = open_night();
    alone.by(ADA).asks(taking_out(false));
    alone.by(MO).asks(show());
    assert!(alone.incident().sealed.is_empty());
    let noted = alone.noted();
    assert!(
        noted
            .iter()
            .any(|line| line.ends_with("showing a hidden line again")),
        "{noted:?}"
    );
}
