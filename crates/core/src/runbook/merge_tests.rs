//! Two runbooks on one incident, and a newer version of one of them.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::{Checklist, Runbook, SkipReason, StepId, StepPhase, StepState, parse};
use crate::person::PersonId;

const SAM: PersonId = PersonId(11);

pub(super) fn runbook(id: &str, steps: &str) -> Runbook {
    let text = format!(
        "---\nid: {id}\ntitle: {id} fails\ncategory: backend\nmatch: [['a=\"b\"']]\nvariables:\n  host: {{ from: labels.host, default: \"<host>\" }}\n---\n\
         # {id} fails\n\nIt fails.\n\n{steps}"
    );
    parse(&text)
        .runbook
        .unwrap_or_else(|| panic!("{:?}", parse(&text).findings))
}

pub(super) fn pinned(runbook: &Runbook) -> Checklist {
    Checklist::pin(runbook, &BTreeMap::new(), false)
}

fn database() -> Checklist {
    pinned(&runbook(
        "database",
        "## Diagnosis\n- [ ] Look at the log <!-- id:log -->\n- [ ] Count connections <!-- id:count -->\n\
         ## Communication\n- [ ] **Bridge Engineer:** Tell support <!-- id:tell -->\n\
         ## Validation\n- [ ] Check it <!-- id:check critical:yes -->\n",
    ))
}

fn frontend() -> Checklist {
    pinned(&runbook(
        "frontend",
        "## Diagnosis\n- [ ] Look at the browser's log <!-- id:log -->\n\
         ## Communication\n- [ ] **Bridge Engineer:** Tell support <!-- id:tell -->\n\
         ## Validation\n- [ ] Open the shop on a phone <!-- id:phone critical:yes -->\n",
    ))
}

pub(super) fn step(id: &str) -> StepId {
    StepId::new(id).expect("the test writes sound ids")
}

fn done() -> StepState {
    StepState::Done {
        by: SAM,
        at: DateTime::UNIX_EPOCH,
        for_role: None,
        choice: None,
    }
}

pub(super) fn ticked(mut checklist: Checklist, ids: &[&str]) -> Checklist {
    for id in ids {
        assert!(checklist.step(&step(id)).is_some(), "there is no {id}");
        checklist.set(&step(id), done());
    }
    checklist
}

fn ids(checklist: &Checklist) -> String {
    let lines = StepPhase::ALL.into_iter().filter_map(|phase| {
        let list = checklist.list(phase);
        let ids: Vec<String> = list.iter().map(|(step, _)| step.id.to_string()).collect();
        (!ids.is_empty()).then(|| format!("{}: {}", phase.id(), ids.join(", ")))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_second_runbook_stands_behind_the_first_phase_by_phase_and_ticks_stay() {
    let mut checklist = ticked(database(), &["log"]);
    checklist.merge(&frontend());
    insta::assert_snapshot!(ids(&checklist), @"
    diagnosis: log, count, frontend-log
    communication: tell
    validation: check, phone
    ");
    assert_eq!(*checklist.state(&step("log")), done());
    assert_eq!(*checklist.state(&step("frontend-log")), StepState::Open);
    assert_eq!(
        checklist.runbook_of(&step("frontend-log")).as_str(),
        "frontend"
    );
    assert_eq!(checklist.runbook_of(&step("log")).as_str(), "database");
    assert_eq!(checklist.names(), "database + frontend");
    let critical = checklist.open_critical_steps();
    assert_eq!(critical.len(), 2, "both have something to validate");
}

#[test]
fn a_step_that_both_hold_word_for_word_is_asked_once() {
    let mut checklist = database();
    checklist.merge(&frontend());
    assert_eq!(checklist.list(StepPhase::Communication).len(), 1);
}

#[test]
fn the_same_runbook_is_not_added_twice() {
    let mut checklist = database();
    checklist.merge(&frontend());
    let once = checklist.clone();
    checklist.merge(&frontend());
    checklist.merge(&database());
    assert_eq!(checklist, once);
}

#[test]
fn ids_stay_short_enough_for_a_button_and_apart_from_each_other() {
    let long = "a-step-with-a-name-of-exactly-48-characters-long";
    assert_eq!(long.len(), StepId::MAXIMUM_LENGTH);
    let with = |id: &str, text: &str| {
        pinned(&runbook(
            id,
            &format!("## Diagnosis\n- [ ] {text} <!-- id:{long} -->\n"),
        ))
    };
    let mut checklist = with("first", "Look here");
    checklist.merge(&with(
        "a-runbook-with-a-very-long-name-indeed-one",
        "Look there",
    ));
    checklist.merge(&with(
        "a-runbook-with-a-very-long-name-indeed-two",
        "Look elsewhere",
    ));
    let ids: Vec<&str> = checklist
        .steps
        .iter()
        .map(|step| step.id.as_str())
        .collect();
    insta::assert_snapshot!(ids.join("\n"), @"
    a-step-with-a-name-of-exactly-48-characters-long
    a-runbook-w-a-step-with-a-name-of-exactly-48-cha
    a-runbook-a-step-with-a-name-of-exactly-48-cha-2
    ");
}

#[test]
fn a_newer_version_keeps_the_ticks_of_what_it_still_asks_for() {
    let before = ticked(database(), &["log", "count", "tell"]);
    let mut after = before.clone();
    after.renew(&pinned(&runbook(
        "database",
        "## Diagnosis\n- [ ] Count connections <!-- id:count time:2m -->\n- [ ] Read the log of the primary <!-- id:log -->\n\
         - [ ] Ask who deployed <!-- id:deployed -->\n## Validation\n- [ ] Check it <!-- id:check critical:yes -->\n",
    )));
    insta::assert_snapshot!(ids(&after), @"
    diagnosis: count, log, deployed
    validation: check
    ");
    assert_eq!(*after.state(&step("count")), done(), "only its time is new");
    assert_eq!(
        *after.state(&step("log")),
        StepState::Open,
        "it asks for something else"
    );
    assert_eq!(*after.state(&step("tell")), StepState::Open, "it is gone");
    assert!(after.step(&step("tell")).is_none());
    assert_ne!(after.content_hash, before.content_hash);
}

#[test]
fn a_tick_stays_when_only_a_placeholder_is_filled_otherwise() {
    let by_host = |host: Option<&str>| {
        let labels = host.map(|host| ("host".to_owned(), host.to_owned()));
        let runbook = runbook(
            "database",
            "## Diagnosis\n- [ ] Ping ${host} <!-- id:ping -->\n",
        );
        Checklist::pin(
            &runbook,
            &labels.into_iter().collect::<BTreeMap<_, _>>(),
            false,
        )
    };
    let mut checklist = ticked(by_host(Some("db-1")), &["ping"]);
    checklist.renew(&by_host(None));
    assert_eq!(*checklist.state(&step("ping")), done());
    assert_eq!(
        checklist.step(&step("ping")).map(|step| step.text.as_str()),
        Some("Ping <host>")
    );
}

#[test]
fn the_second_runbook_is_renewed_without_touching_the_first() {
    let mut checklist = database();
    checklist.merge(&frontend());
    let mut checklist = ticked(checklist, &["log", "frontend-log", "tell"]);
    let skipped = StepState::Skipped {
        by: SAM,
        at: DateTime::UNIX_EPOCH,
        reason: SkipReason::NotApplicable,
    };
    checklist.set(&step("phone"), skipped.clone());
    checklist.renew(&pinned(&runbook(
        "frontend",
        "## Diagnosis\n- [ ] Look at the browser's log <!-- id:log -->\n- [ ] Empty the cache <!-- id:cache -->\n\
         ## Validation\n- [ ] Open the shop on a phone <!-- id:phone critical:yes -->\n",
    )));
    insta::assert_snapshot!(ids(&checklist), @"
    diagnosis: log, count, frontend-log, cache
    communication: tell
    validation: check, phone
    ");
    for id in ["log", "frontend-log", "tell"] {
        assert_eq!(*checklist.state(&step(id)), done(), "{id}");
    }
    assert_eq!(*checklist.state(&step("phone")), skipped);
}

#[test]
fn what_another_runbook_asks_for_too_stays_when_one_drops_it() {
    let mut checklist = database();
    checklist.merge(&frontend());
    let mut checklist = ticked(checklist, &["tell"]);
    checklist.renew(&pinned(&runbook(
        "database",
        "## Diagnosis\n- [ ] Look at the log <!-- id:log -->\n## Validation\n- [ ] Check it <!-- id:check -->\n",
    )));
    assert_eq!(*checklist.state(&step("tell")), done());
    assert_eq!(checklist.runbook_of(&step("tell")).as_str(), "frontend");
    let unique: std::collections::BTreeSet<_> =
        checklist.steps.iter().map(|step| &step.id).collect();
    assert_eq!(unique.len(), checklist.steps.len());
}

#[test]
fn a_checklist_stored_before_runbooks_could_be_joined_is_still_read() {
    let mut row = serde_json::to_value(ticked(database(), &["log"])).expect("it can be stored");
    let fields = row.as_object_mut().expect("a checklist is an object");
    for newer in ["further", "origins", "chosen"] {
        fields.remove(newer);
    }
    let mut checklist: Checklist = serde_json::from_value(row).expect("an old row is read");
    assert_eq!(checklist.names(), "database");
    checklist.merge(&frontend());
    assert_eq!(*checklist.state(&step("log")), done());
    assert!(checklist.step(&step("frontend-log")).is_some());
    checklist.renew(&database());
    assert_eq!(*checklist.state(&step("log")), done());
}
