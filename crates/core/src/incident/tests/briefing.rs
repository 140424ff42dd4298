//! What somebody reads before they say *I have it*.

use insta::assert_snapshot;

use super::mitigations::answered;
use super::{ADA, KIM, MO, Night, SAM, readable};
use crate::cards;
use crate::incident::{Command, Outcome};
use crate::phase::Phase::Mitigation;
use crate::runbook::{StepAction, StepId};
use crate::severity::Severity::{Sev1, Sev2};

fn briefing(night: &Night) -> String {
    cards::briefing(night.incident(), &night.entries(), night.now)
}

fn line<'text>(text: &'text str, what: &str) -> Option<&'text str> {
    text.lines().find(|line| line.starts_with(what))
}

/// Sam switched the AI features off and said that it helped, stops workers, and asked Ada for something; whether to roll
/// back is for people to decide.
fn busy() -> Night {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .with_choice("roll-back", ["roll back", "wait"])
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.at_clock("03:12").by(SAM).moves_to(Mitigation);
    night.by(SAM).finishes("ai-off");
    night.runs_until("03:17");
    night.by(SAM).asks(answered(Outcome::Better));
    night.by(SAM).asks(Command::AskFor {
        what: "look at *slow* queries".to_owned(),
        to: ADA,
        minutes: 10,
    });
    night.by(SAM).asks(Command::Step {
        step: StepId::new("free-connections").expect("a step's id"),
        action: StepAction::Claim,
    });
    night
}

#[test]
fn the_briefing_says_what_was_tried_and_what_it_did_and_what_runs_and_what_waits() {
    let mut night = busy();
    night.by(MO).asks(Command::TakeCommand);
    assert_snapshot!(readable(&briefing(&night)), @r"
    **orders-api 5xx** – SEV1 – Mitigation & Containment
    **Broken, for whom:** nobody has said who is hurt
    **Since:** 02:55 (01:55 UTC)
    **Waits for a decision:** Roll back the last deploy if it is within 60 minutes of the start; @Mo wants command (asked 03:17)
    **Runs now:** Free connections: stop the workers that hold them (@Sam, since 03:17); look at \*slow\* queries (@Ada, answer by 03:27)
    **Do not:** restart the database for this – Free connections: stop the workers that hold them
    **Promised:** next update by 03:32, owed by @Sam
    **Why SEV1:** declared so at 03:02, first alert OrdersApi5xx
    **Tried:** Switch the AI features off and cached data on → better
    **Here:** 👑 @Sam; On-Call @Sam
    **Alerts:** 3 firing, 0 clear
    **Runbook:** scenario-3am 1/5 of Mitigation, next: Roll back the last deploy if it is within 60 minutes of the start
    ");
}

#[test]
fn a_decision_that_was_made_waits_no_longer() {
    let mut night = busy();
    assert!(line(&briefing(&night), "**Waits for a decision:**").is_some());
    let step = StepId::new("roll-back").expect("a step's id");
    night.by(SAM).asks(Command::Step {
        step,
        action: StepAction::Done {
            for_role: None,
            choice: Some("roll back".to_owned()),
            confirmed: true,
        },
    });
    assert_eq!(line(&briefing(&night), "**Waits for a decision:**"), None);
}

#[test]
fn the_briefing_says_who_raised_the_severity_and_why() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.by(KIM).rates_because(Sev1, "most users cannot order");
    assert_snapshot!(
        readable(line(&briefing(&night), "**Why SEV1:**").expect("a reason")),
        @"**Why SEV1:** SEV2 → SEV1: most users cannot order (@Kim, 03:02)"
    );
}

#[test]
fn a_briefing_of_long_words_keeps_to_its_length_and_cuts_no_line() {
    let mut night = busy();
    let long = "**many** `users` _cannot_ order anything at all ".repeat(6);
    night.by(SAM).describes_impact(&long);
    for number in 0..4 {
        night.by(SAM).thinks(&format!("{number} {long}"));
        night.by(SAM).writes(&format!("act: {number} {long}"));
        night.by(SAM).writes(&format!("dec: {number} {long}"));
        night.by(SAM).asks(Command::AskFor {
            what: format!("{number} {long}"),
            to: ADA,
            minutes: 10,
        });
    }
    let text = briefing(&night);
    assert!(text.chars().count() <= 1_500, "{}", text.chars().count());
    assert!(line(&text, "**Waits for a decision:**").is_some(), "{text}");
    assert!(line(&text, "**Runs now:**").is_some(), "{text}");
    assert!(text.ends_with("*More on the board.*"), "{text}");
}

#[test]
fn the_briefing_says_what_must_not_be_done() {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    assert_eq!(line(&briefing(&night), "**Do not:**"), None);
    night.at_clock("03:12").by(SAM).moves_to(Mitigation);
    night.by(SAM).finishes("ai-off");
    night.runs_until("03:17");
    night.by(SAM).asks(answered(Outcome::Worse));
    night
        .by(MO)
        .writes("dec: roll back; do not restart the primary, it replays for an hour");
    night.by(KIM).writes("obs: it never came back");
    assert_snapshot!(
        readable(line(&briefing(&night), "**Do not:**").expect("there is something")),
        @"**Do not:** again: Switch the AI features off and cached data on (made it worse 03:12); restart the primary, it replays for an hour (T-13); restart the database for this – Free connections: stop the workers that hold them"
    );
}

#[test]
fn a_step_that_says_what_not_to_do_is_believed_until_it_is_settled() {
    let mut night = Night::at("03:02")
        .with_runbook("security")
        .fires("token used", Sev1);
    night.by(SAM).takes_it();
    night.by(SAM).moves_to(Mitigation);
    let told = briefing(&night);
    assert_snapshot!(
        readable(line(&told, "**Do not:**").expect("there is something")),
        @"**Do not:** delete, and do not reboot before the snapshot: memory is evidence – Isolate the host; without asking whoever commands: ⚠ Isolate the host"
    );
}

#[test]
fn what_people_tell_of_forbids_nothing() {
    let mut night = Night::at("03:02").fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night
        .by(SAM)
        .writes("dec: roll back, writes do not succeed");
    night.by(KIM).writes("act: users don't see prices");
    assert_eq!(line(&briefing(&night), "**Do not:**"), None);
    night
        .after_minutes(1)
        .by(MO)
        .writes("dec: the cache is cold, please do not flush it again");
    let told = briefing(&night);
    let told = line(&told, "**Do not:**").expect("that is an order");
    assert!(told.contains("flush it again"), "{told}");
}
