//! What happens to the steps of an incident.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Checklist, Library, Runbook, SkipReason, StepAction, StepId, StepPhase, StepRefusal, StepState,
    parse,
};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

const SAM: PersonId = PersonId(11);
const ADA: PersonId = PersonId(22);

fn runbook() -> Runbook {
    let text = "---\nid: db-down\ntitle: T\ncategory: backend\nmatch: [['a=\"b\"']]\n---\n# T\n\nMeaning.\n\n\
        ## Diagnosis\n- [ ] Look <!-- id:look time:2m -->\n- [ ] Ask <!-- id:ask -->\n- [ ] Check the replica <!-- id:replica if:has-replica -->\n\
        ## Mitigation\n- [ ] Decision: which way? <!-- id:way -->\n  - back\n  - forth\n- [ ] Fail over <!-- id:failover risk:high critical:yes -->\n\
        ## Communication\n- [ ] **Bridge Engineer:** Tell people <!-- id:tell critical:yes if:mitigation -->\n- [ ] **Bridge Engineer:** Page people <!-- id:page drill:skip -->\n\
        ## Validation\n- [ ] Check it <!-- id:check critical:yes -->\n## Learning\n- [ ] Write it down <!-- id:write critical:yes -->\n";
    parse(text)
        .runbook
        .unwrap_or_else(|| panic!("{:?}", parse(text).findings))
}

fn checklist() -> Checklist {
    Checklist::pin(&runbook(), &BTreeMap::new(), false)
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(3) + TimeDelta::minutes(minute)
}

fn step(id: &str) -> StepId {
    StepId::new(id).expect("the test writes sound ids")
}

fn done() -> StepAction {
    StepAction::Done {
        for_role: None,
        choice: None,
        confirmed: false,
    }
}

fn ids(list: &[(&super::Step, &StepState)]) -> Vec<String> {
    list.iter().map(|(step, _)| step.id.to_string()).collect()
}

impl Checklist {
    /// Does what is asked at 03:00 or panics with the refusal.
    fn carry_out(&mut self, id: &str, by: PersonId, action: &StepAction) {
        let state = self
            .decide(&step(id), by, at(0), action)
            .unwrap_or_else(|refusal| panic!("{refusal}"));
        self.set(&step(id), state);
    }
}

#[test]
fn a_checklist_is_a_copy_that_a_newer_file_does_not_change() {
    let mut runbook = runbook();
    let checklist = Checklist::pin(&runbook, &BTreeMap::new(), false);
    runbook.steps.clear();
    runbook.content_hash = "newer".to_owned();
    assert_eq!(checklist.steps.len(), 9);
    assert_ne!(checklist.content_hash, runbook.content_hash);
    assert!(checklist.is_untouched());
}

#[test]
fn the_alerts_labels_are_put_into_the_pinned_commands_and_an_attack_is_not() {
    let library = Library::embedded();
    let backend = library.get("backend").expect("it is embedded");
    let pinned_with = |host: &str| {
        let labels = BTreeMap::from([("db_host".to_owned(), host.to_owned())]);
        Checklist::pin(backend, &labels, false).steps[0].clone()
    };
    let step = pinned_with("db-7.internal");
    assert_eq!(step.commands[0].text, "pg_isready -h db-7.internal");
    assert!(step.body.contains("pg_isready -h db-7.internal") && !step.body.contains('⚠'));

    let step = pinned_with("x; rm -rf /");
    assert_eq!(step.commands[0].text, "pg_isready -h ${db_host}");
    assert!(!step.body.contains("rm -rf"));
    assert!(
        step.body
            .ends_with("\n\n⚠ ${db_host} not filled: unusual characters"),
        "{}",
        step.body
    );
    assert_eq!(
        step.body.matches('⚠').count(),
        1,
        "body and command hold the same placeholder"
    );
}

#[test]
fn a_drill_leaves_out_what_must_not_be_rehearsed() {
    assert!(
        Checklist::pin(&runbook(), &BTreeMap::new(), true)
            .step(&step("page"))
            .is_none()
    );
    assert!(checklist().step(&step("page")).is_some());
}

#[test]
fn the_next_step_moves_on_as_steps_are_ticked() {
    let mut checklist = checklist();
    let next = |checklist: &Checklist| {
        checklist
            .next_step(StepPhase::Diagnosis)
            .map(|step| step.id.to_string())
    };
    assert_eq!(next(&checklist).as_deref(), Some("look"));
    checklist.carry_out("look", SAM, &StepAction::Claim);
    assert_eq!(
        next(&checklist).as_deref(),
        Some("ask"),
        "what somebody is on is not next"
    );
    for id in ["ask", "replica"] {
        let skipped = StepAction::Skip {
            reason: SkipReason::NotApplicable,
        };
        checklist.carry_out(id, ADA, &skipped);
    }
    assert_eq!(
        next(&checklist).as_deref(),
        Some("look"),
        "unless nothing else is left"
    );
    checklist.carry_out("look", SAM, &done());
    assert_eq!(next(&checklist), None);
}

#[test]
fn progress_counts_done_and_skipped_steps() {
    let mut checklist = checklist();
    assert_eq!(checklist.progress(StepPhase::Diagnosis), (0, 3));
    checklist.carry_out("look", SAM, &done());
    checklist.carry_out(
        "ask",
        SAM,
        &StepAction::Skip {
            reason: SkipReason::TooRiskyNow,
        },
    );
    assert_eq!(checklist.progress(StepPhase::Diagnosis), (2, 3));
    let replica = checklist.step(&step("replica")).expect("it is there");
    assert_eq!(replica.text, "If has-replica: Check the replica");
}

#[test]
fn a_step_may_be_done_for_another_role_and_the_state_says_so() {
    let mut checklist = checklist();
    checklist.carry_out(
        "tell",
        SAM,
        &StepAction::Done {
            for_role: Some(Role::Bridge),
            choice: None,
            confirmed: false,
        },
    );
    assert_eq!(
        checklist.state(&step("tell")),
        &StepState::Done {
            by: SAM,
            at: at(0),
            for_role: Some(Role::Bridge),
            choice: None
        }
    );
}

#[test]
fn a_claim_belongs_to_one_person_but_anybody_may_tick() {
    let mut checklist = checklist();
    checklist.carry_out("look", SAM, &StepAction::Claim);
    assert_eq!(
        checklist
            .decide(&step("look"), SAM, at(9), &StepAction::Claim)
            .as_ref(),
        Ok(checklist.state(&step("look")))
    );
    let refusal = checklist
        .decide(&step("look"), ADA, at(9), &StepAction::Claim)
        .expect_err("Sam is on it");
    assert_eq!(
        refusal.to_string(),
        "<@11> is on it since 03:00 UTC. Ask them, or tick it when it is done."
    );
    checklist.carry_out("look", ADA, &done());
    let refusal = checklist
        .decide(&step("look"), SAM, at(9), &done())
        .expect_err("Ada has done it");
    assert_eq!(refusal.to_string(), "<@22> has done this at 03:00 UTC.");
}

#[test]
fn a_skipped_step_says_who_and_why_and_can_be_opened_again() {
    let mut checklist = checklist();
    checklist.carry_out(
        "look",
        SAM,
        &StepAction::Skip {
            reason: SkipReason::TooRiskyNow,
        },
    );
    let refusal = checklist
        .decide(&step("look"), ADA, at(1), &done())
        .expect_err("it is skipped");
    assert_eq!(
        refusal.to_string(),
        "<@11> has skipped this at 03:00 UTC: too risky now."
    );
    checklist.carry_out("look", ADA, &StepAction::Reopen);
    assert!(checklist.is_untouched());
}

#[test]
fn a_risky_step_asks_for_a_second_tap() {
    let mut checklist = checklist();
    assert_eq!(
        checklist.decide(&step("failover"), SAM, at(0), &done()),
        Err(StepRefusal::NeedsConfirmation)
    );
    checklist.carry_out(
        "failover",
        SAM,
        &StepAction::Done {
            for_role: None,
            choice: None,
            confirmed: true,
        },
    );
    assert!(checklist.state(&step("failover")).is_settled());
}

#[test]
fn a_decision_asks_for_one_of_its_choices() {
    let mut checklist = checklist();
    let choose = |choice: &str| StepAction::Done {
        for_role: None,
        choice: Some(choice.to_owned()),
        confirmed: false,
    };
    for action in [done(), choose("sideways")] {
        let refusal = checklist
            .decide(&step("way"), SAM, at(0), &action)
            .expect_err("there are two choices");
        assert_eq!(
            refusal.to_string(),
            "This step is a decision. Choose one of: back, forth."
        );
    }
    assert_eq!(
        checklist.decide(&step("look"), SAM, at(0), &choose("back")),
        Err(StepRefusal::NothingToChoose)
    );
    checklist.carry_out("way", SAM, &choose("forth"));
    assert!(
        matches!(checklist.state(&step("way")), StepState::Done { choice: Some(choice), .. } if choice == "forth")
    );
}

#[test]
fn a_step_of_another_checklist_is_refused_and_never_stored() {
    let mut checklist = checklist();
    let refusal = checklist
        .decide(&step("nowhere"), SAM, at(0), &done())
        .expect_err("there is no such step");
    assert_eq!(refusal.to_string(), "This checklist has no step `nowhere`.");
    checklist.set(&step("nowhere"), StepState::Claimed { by: SAM, at: at(0) });
    assert!(checklist.is_untouched());
}

#[test]
fn critical_steps_stay_open_until_done_or_skipped_and_learning_comes_later() {
    let mut checklist = checklist();
    let open = |checklist: &Checklist| {
        checklist
            .open_critical_steps()
            .iter()
            .map(|step| step.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(open(&checklist), ["failover", "tell", "check"]);
    checklist.carry_out("check", SAM, &done());
    checklist.carry_out(
        "failover",
        SAM,
        &StepAction::Skip {
            reason: SkipReason::NotApplicable,
        },
    );
    assert_eq!(open(&checklist), ["tell"]);
}

/// Communication belongs to every phase, so what is meant for one of them stays in the list.
#[test]
fn steps_under_communication_are_listed_whatever_phase_they_are_meant_for() {
    let checklist = checklist();
    assert_eq!(
        ids(&checklist.list(StepPhase::Communication)),
        ["tell", "page"]
    );
}

#[test]
fn each_live_phase_of_an_incident_has_its_part_of_the_checklist() {
    let during: Vec<Option<StepPhase>> = Phase::ALL.into_iter().map(StepPhase::during).collect();
    assert_eq!(
        during,
        [
            Some(StepPhase::Diagnosis),
            Some(StepPhase::Diagnosis),
            Some(StepPhase::Mitigation),
            Some(StepPhase::Resolution),
            Some(StepPhase::Validation),
            Some(StepPhase::Learning),
            None,
            None,
        ]
    );
}

#[test]
fn a_checklist_survives_being_stored() {
    let mut checklist = checklist();
    checklist.carry_out("look", SAM, &done());
    checklist.carry_out(
        "ask",
        ADA,
        &StepAction::Skip {
            reason: SkipReason::AlreadyDone,
        },
    );
    let stored = serde_json::to_string(&checklist).expect("a checklist has only string keys");
    assert_eq!(
        serde_json::from_str::<Checklist>(&stored).expect("what was written can be read"),
        checklist
    );
}
