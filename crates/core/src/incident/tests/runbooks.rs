//! Which runbooks a night is worked by.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;

use super::{ADA, Night, SAM, readable};
use crate::card::Ping;
use crate::cards;
use crate::effect::Effect;
use crate::incident::{Actor, Command, Expectation};
use crate::runbook::{
    Checklist, Library, MAXIMUM_RUNBOOKS, RunbookId, StepAction, StepId, StepPhase,
};
use crate::severity::Severity::Sev2;
use crate::timeline::Kind;

fn pinned(id: &str) -> Checklist {
    let library = Library::embedded();
    let runbook = library.get(id).expect("an embedded runbook");
    Checklist::pin(runbook, &BTreeMap::new(), false)
}

/// The runbook as somebody has edited it since: its first step asks for something else, and there is a new one.
fn edited(id: &str) -> Checklist {
    let library = Library::embedded();
    let mut runbook = library.get(id).expect("an embedded runbook").clone();
    runbook.steps[0].text = "Look twice".to_owned();
    let new = crate::runbook::Step {
        id: step("new"),
        text: "Ask who deployed".to_owned(),
        ..runbook.steps[1].clone()
    };
    runbook.steps.push(new);
    runbook.content_hash = "fedcba9876543210".to_owned();
    Checklist::pin(&runbook, &BTreeMap::new(), false)
}

fn step(id: &str) -> StepId {
    StepId::new(id).expect("a step's id")
}

fn attach(checklist: Checklist) -> Command {
    Command::AttachRunbook {
        checklist,
        reason: "Chosen by a person.".to_owned(),
    }
}

fn read(checklist: &Checklist) -> Command {
    Command::RunbooksRead {
        versions: BTreeMap::from([(checklist.runbook_id.clone(), checklist.content_hash.clone())]),
    }
}

fn alerts_call_for(night: &mut Night, checklist: Checklist) {
    let command = Command::AlertsChanged {
        attached: Vec::new(),
        picture: Box::new(night.incident().alerts.clone()),
        news: Vec::new(),
        links: Vec::new(),
        services: BTreeSet::new(),
        severity: None,
        storm: false,
        runbook: Some((checklist, "Alert DBDown matches.".to_owned())),
    };
    night.ask(Actor::Alerts, Expectation::default(), command);
}

fn names(night: &Night) -> String {
    let checklist = night.incident().checklist.as_ref();
    checklist.map(Checklist::names).unwrap_or_default()
}

fn a_night_with(runbook: &str) -> Night {
    let mut night = Night::at("03:02")
        .with_runbook(runbook)
        .fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
}

#[test]
fn the_general_list_makes_way_for_a_runbook_that_fits() {
    let mut night = a_night_with("first-minutes");
    night.by(SAM).asks(attach(pinned("backend")));
    assert_eq!(names(&night), "backend");
}

#[test]
fn the_general_list_stays_once_somebody_has_ticked_a_step_of_it() {
    let mut night = a_night_with("first-minutes");
    let first = night
        .incident()
        .checklist
        .as_ref()
        .and_then(|list| list.next_step(StepPhase::Diagnosis));
    let first = first.expect("it has a step").id.clone();
    night.by(SAM).finishes(first.as_str());
    night.by(ADA).asks(attach(pinned("backend")));
    assert_eq!(names(&night), "first-minutes + backend");
}

#[test]
fn a_second_runbook_joins_the_first_and_can_be_taken_back() {
    let mut night = a_night_with("backend");
    night.by(ADA).asks(attach(pinned("frontend")));
    assert_eq!(names(&night), "backend + frontend");
    let line = night
        .entries()
        .into_iter()
        .rfind(|entry| entry.kind == Kind::Checklist);
    assert_snapshot!(line.expect("the timeline says so").text, @"Runbook frontend attached as well: Chosen by a person.");
    let list = cards::step_list(night.incident());
    let shown = readable(&list.body);
    let more = shown.lines().find(|line| line.starts_with('…'));
    assert_snapshot!(more.unwrap_or_default(), @"… and 4 more: tick them in the menu");
    assert_snapshot!(shown.lines().last().unwrap_or_default(), @"📣 Communication 0 of 3 · next: **Bridge Engineer:** Say which user actions fail and which still work: is it read-only?");
    night.by(ADA).undoes();
    assert_eq!(names(&night), "backend");
}

#[test]
fn a_long_list_shows_what_is_left_to_do() {
    let mut night = a_night_with("backend");
    night.by(ADA).asks(attach(pinned("frontend")));
    let settled = [
        "database-up",
        "connection-count",
        "locks",
        "lag-disk-memory",
        "last-change",
    ];
    for id in settled {
        night.by(SAM).finishes(id);
    }
    let list = readable(&cards::step_list(night.incident()).body);
    // What both are about stands above it.
    let list = list.lines().skip_while(|line| !line.starts_with('☑'));
    let list = list.collect::<Vec<_>>();
    assert!(list.len() <= 11, "{list:?}");
    assert_snapshot!(list[0], @"☑ 4 more, done or skipped");
    assert!(list[list.len() - 2].contains("`frontend`"), "{list:?}");
}

#[test]
fn nobody_can_follow_more_than_five() {
    let mut night = a_night_with("backend");
    for id in ["frontend", "integration", "ai", "performance"] {
        night.by(SAM).asks(attach(pinned(id)));
    }
    let checklist = night
        .incident()
        .checklist
        .as_ref()
        .expect("it has runbooks");
    assert_eq!(checklist.runbooks().len(), MAXIMUM_RUNBOOKS);
    night.by(SAM).asks(attach(pinned("security")));
    assert_snapshot!(night.refusal(), @"5 runbooks are attached already: nobody can follow more.");
}

#[test]
fn alerts_exchange_only_what_nobody_chose_or_began() {
    let mut night = a_night_with("backend");
    alerts_call_for(&mut night, pinned("scenario-3am"));
    assert_eq!(names(&night), "scenario-3am");
    alerts_call_for(&mut night, edited("scenario-3am"));
    let checklist = night.incident().checklist.as_ref().expect("it has one");
    assert!(
        checklist.step(&step("new")).is_none(),
        "an edit moves no ground"
    );

    let mut night = a_night_with("first-minutes");
    night.by(SAM).asks(attach(pinned("frontend")));
    alerts_call_for(&mut night, pinned("backend"));
    assert_eq!(names(&night), "frontend", "a person chose it");
}

#[test]
fn a_newer_version_is_a_quiet_line_until_somebody_takes_it() {
    let mut night = a_night_with("backend");
    let first = night
        .incident()
        .checklist
        .as_ref()
        .expect("it has one")
        .steps[0]
        .clone();
    night.by(SAM).finishes(first.id.as_str());
    let newer = edited("backend");
    night.bot(read(&newer));
    let card = cards::next_step(night.incident());
    assert!(
        card.body.contains("📄 *backend* has a newer version."),
        "{}",
        card.body
    );
    assert!(card.quiet);
    assert!(format!("{:?}", card.rows).contains("Use the newer version…"));
    let seq = night.incident().seq;
    night.bot(read(&newer));
    assert_eq!(night.incident().seq, seq, "it is noted once");

    night
        .by(SAM)
        .asks(Command::RenewRunbook { checklist: newer });
    let checklist = night.incident().checklist.as_ref().expect("it has one");
    assert!(
        !checklist.state(&first.id).is_settled(),
        "it asks for something else"
    );
    assert!(checklist.step(&step("new")).is_some());
    assert!(night.incident().newer_runbooks.is_empty());
    let line = night
        .entries()
        .into_iter()
        .rfind(|entry| entry.kind == Kind::Checklist);
    assert_snapshot!(line.expect("the timeline says so").text, @"Runbook backend: the newer version is in use. Steps: 1 added, 1 changed.");
}

#[test]
fn a_version_that_went_away_again_is_no_news() {
    let mut night = a_night_with("backend");
    night.bot(read(&edited("backend")));
    assert!(!night.incident().newer_runbooks.is_empty());
    night.bot(read(&pinned("backend")));
    assert!(night.incident().newer_runbooks.is_empty());
    night.bot(read(&edited("backend")));
    night.bot(Command::RunbooksRead {
        versions: BTreeMap::new(),
    });
    assert!(
        night.incident().newer_runbooks.is_empty(),
        "a file that is gone is no newer version"
    );
}

#[test]
fn taking_a_tick_back_does_not_hide_a_newer_version() {
    let mut night = a_night_with("backend");
    let first = night
        .incident()
        .checklist
        .as_ref()
        .expect("it has one")
        .steps[0]
        .id
        .clone();
    night.by(SAM).finishes(first.as_str());
    night.bot(read(&edited("backend")));
    night.by(SAM).undoes();
    let backend = RunbookId::new("backend").expect("a runbook's id");
    assert!(night.incident().newer_runbooks.contains_key(&backend));
}

#[test]
fn taking_an_exchange_back_brings_back_which_runbook_has_a_newer_version() {
    let mut night = a_night_with("first-minutes");
    night.bot(read(&edited("first-minutes")));
    let before = night.incident().newer_runbooks.clone();
    assert!(!before.is_empty());
    night.by(SAM).asks(attach(pinned("backend")));
    assert!(night.incident().newer_runbooks.is_empty());
    night.bot(read(&edited("backend")));
    night.by(SAM).undoes();
    assert_eq!(
        night.incident().newer_runbooks,
        before,
        "the other is not attached any more"
    );
}

#[test]
fn a_runbook_in_another_version_is_not_attached_a_second_time() {
    let mut night = a_night_with("backend");
    night.by(SAM).asks(attach(edited("backend")));
    assert_snapshot!(night.refusal(), @"backend is attached already, in another version. *Use the newer version* on the step's card shows the difference.");
    let seq = night.incident().seq;
    night.by(SAM).asks(attach(pinned("backend")));
    assert_eq!(night.incident().seq, seq);
}

// A step that takes long.

fn claims(night: &mut Night, id: &str) {
    night.by(SAM).asks(Command::Step {
        step: step(id),
        action: StepAction::Claim,
    });
}

fn overdue_lines(night: &Night) -> Vec<String> {
    let said = night
        .effects
        .iter()
        .filter_map(|effect| match &effect.effect {
            Effect::Say { card } => Some(card),
            _ => None,
        });
    let lines = said.filter(|card| card.content.starts_with('⏱'));
    lines.map(|card| card.content.clone()).collect()
}

/// `database-up` is meant to take two minutes.
#[test]
fn whoever_is_on_a_step_for_twice_its_time_gets_one_quiet_line() {
    let mut night = a_night_with("backend");
    night.at_clock("03:10");
    claims(&mut night, "database-up");
    night.runs_until("03:13");
    assert_eq!(overdue_lines(&night), [""; 0]);
    night.runs_until("03:40");
    let lines = overdue_lines(&night);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_snapshot!(readable(&lines[0]), @"
    ⏱ @Sam, this takes longer than the 2 min it was meant to, begun 03:10:
    **Is the database process up and accepting connections?**
    Done, stuck, or is something else more useful?
    ");
    let card = night
        .effects
        .iter()
        .find_map(|effect| match &effect.effect {
            Effect::Say { card } if card.content.starts_with('⏱') => Some(card),
            _ => None,
        });
    let card = card.expect("it was said");
    assert_eq!(card.ping, Ping::Nobody);
    assert!(card.quiet);
}

#[test]
fn a_step_that_nobody_is_on_or_that_is_done_is_never_late() {
    let mut night = a_night_with("backend");
    night.at_clock("03:10");
    claims(&mut night, "database-up");
    night.at_clock("03:12");
    night.by(SAM).finishes("database-up");
    night.runs_until("04:40");
    assert_eq!(overdue_lines(&night), [""; 0]);
}

#[test]
fn a_step_claimed_anew_may_be_late_anew() {
    let mut night = a_night_with("backend");
    night.at_clock("03:10");
    claims(&mut night, "database-up");
    night.runs_until("03:20");
    night.by(SAM).asks(Command::Step {
        step: step("database-up"),
        action: StepAction::Reopen,
    });
    claims(&mut night, "database-up");
    night.runs_until("03:40");
    assert_eq!(overdue_lines(&night).len(), 2);
}
