//! After it is over: the only hard stops, and the sentences that say what is missing.

use chrono::NaiveDate;
use insta::assert_snapshot;

use super::{ADA, KIM, Night, PRIYA, SAM};
use crate::cards;
use crate::effect::{Effect, NewEffect};
use crate::incident::{ActionKind, Command, Report};
use crate::phase::Phase::{Closed, Diagnosis, Learning};
use crate::severity::Severity::{self, Sev1, Sev2, Sev3, Sev4};

fn resolved(severity: Severity) -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", severity);
    night.by(SAM).takes_it();
    night.after_minutes(30).by(SAM).resolves_anyway();
    night.after_minutes(600);
    night
}

fn the_cause() -> Command {
    Command::RecordCause {
        trigger: "Release 2026.11.3 at 02:41".to_owned(),
        cause: "AI workers held database connections while waiting for the model".to_owned(),
        factors: vec![
            "the pool has no limit per client".to_owned(),
            " ".to_owned(),
            "the queue alert watched length, not age".to_owned(),
        ],
        kept_from_worse: "Reading pages came from the cache".to_owned(),
    }
}

fn an_action(kind: ActionKind) -> Command {
    Command::AddAction {
        title: "Alert on the age of the oldest task".to_owned(),
        kind,
        owner: Some(ADA),
        due: NaiveDate::from_ymd_opt(2026, 12, 19),
    }
}

/// Everything a major incident needs before it can be closed.
pub(super) fn everything_is_learned(night: &mut Night) {
    night.by(SAM).asks(the_cause());
    night.by(SAM).asks(an_action(ActionKind::Threshold));
    night.by(KIM).asks(Command::MarkReviewed);
}

#[test]
fn a_major_incident_is_closed_only_when_something_was_learned() {
    for severity in [Sev1, Sev2] {
        let mut night = resolved(severity);
        night.by(SAM).closes();
        assert_eq!(
            night.refusal(),
            "Before it can be closed: write cause and contributing factors; decide at least one action of kind \
             threshold, playbook or observability, or say why none is needed; have somebody review the postmortem."
        );
        night.by(SAM).asks(the_cause());
        night.by(SAM).asks(an_action(ActionKind::Fix));
        night.by(KIM).asks(Command::MarkReviewed);
        night.by(SAM).closes();
        assert_eq!(
            night.refusal(),
            "Before it can be closed: decide at least one action of kind threshold, playbook or observability, or say \
             why none is needed."
        );
        night.by(SAM).asks(an_action(ActionKind::Playbook));
        night.by(SAM).closes();
        assert_eq!(night.phase(), Closed, "{severity}");
        assert!(night.followed().contains(&"lock_channel"));
        assert!(night.followed().contains(&"draft_postmortem"));
    }
}

/// The versions that were posted as a file so far.
fn posted(night: &Night) -> Vec<(u32, bool)> {
    let file = |effect: &NewEffect| match effect.effect {
        Effect::PostPostmortem { version, last } => Some((version, last)),
        _ => None,
    };
    night.effects.iter().filter_map(file).collect()
}

fn is_drafted(night: &mut Night, version: u32) {
    night.bot(Command::Report(Report::PostmortemDrafted(version)));
}

#[test]
fn the_first_draft_after_each_resolve_is_posted_once() {
    let mut night = resolved(Sev2);
    is_drafted(&mut night, 1);
    assert_eq!(posted(&night), [(1, false)]);
    night.by(SAM).asks(the_cause());
    is_drafted(&mut night, 2);
    assert_eq!(posted(&night), [(1, false)], "nobody waits for that one");

    night.by(SAM).reopens();
    night.after_minutes(30).by(SAM).resolves_anyway();
    assert!(night.said()[0].content.contains("draft follows here"));
    is_drafted(&mut night, 3);
    assert_eq!(posted(&night), [(1, false), (3, false)]);
    night.by(SAM).asks(an_action(ActionKind::Threshold));
    is_drafted(&mut night, 4);
    night.by(KIM).asks(Command::MarkReviewed);
    night.by(SAM).closes();
    is_drafted(&mut night, 5);
    assert_eq!(posted(&night), [(1, false), (3, false), (5, true)]);
}

#[test]
fn why_nothing_is_to_be_learned_can_be_said_instead() {
    let mut night = resolved(Sev2);
    night.by(SAM).asks(the_cause());
    night.by(SAM).asks(Command::WaiveLearning {
        because: "the supplier had announced it".to_owned(),
    });
    night.by(KIM).asks(Command::MarkReviewed);
    night.by(SAM).closes();
    assert_eq!(night.phase(), Closed);
}

#[test]
fn a_minor_incident_closes_without_paper() {
    for severity in [Sev3, Sev4] {
        let mut night = resolved(severity);
        night.by(SAM).closes();
        assert_eq!(night.phase(), Closed, "{severity}");
    }
}

#[test]
fn an_incident_that_was_major_once_owes_what_a_major_one_owes() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.by(SAM).rates_because(Sev3, "workaround works");
    night.by(SAM).resolves_anyway();
    night.by(SAM).closes();
    assert!(night.was_refused());
}

#[test]
fn an_action_without_owner_or_date_is_completed_by_saying_it_again() {
    let mut night = resolved(Sev2);
    everything_is_learned(&mut night);
    let title = "Limit the pool per client";
    let action = |owner, due| Command::AddAction {
        title: title.to_owned(),
        kind: ActionKind::Fix,
        owner,
        due,
    };
    night.by(SAM).asks(action(Some(ADA), None));
    night.by(SAM).closes();
    assert_snapshot!(night.refusal(), @"Before it can be closed: give action 2 an owner and a date.");
    night
        .by(SAM)
        .asks(action(None, NaiveDate::from_ymd_opt(2026, 12, 1)));
    let actions = &night.incident().postmortem.actions;
    assert_eq!(actions.len(), 2);
    assert_eq!((actions[1].number, actions[1].owner), (2, Some(ADA)));
    night.by(SAM).asks(action(None, None));
    assert!(night.happened().is_empty(), "nothing new was said");
    night.by(SAM).closes();
    assert_eq!(night.phase(), Closed);
}

#[test]
fn the_owner_command_or_a_commander_closes() {
    let mut night = resolved(Sev3);
    night.by(PRIYA).closes();
    assert_snapshot!(night.refusal(), @"Only @Sam can close it.");
    night.by(PRIYA).commanding().closes();
    assert_eq!(night.phase(), Closed);
}

#[test]
fn what_is_live_is_neither_closed_nor_reviewed() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev3);
    night.by(SAM).takes_it();
    night.by(SAM).closes();
    assert_snapshot!(night.refusal(), @"This does not work in *Rapid Diagnosis*. An incident is closed after it was resolved.");
    night.by(SAM).asks(Command::MarkReviewed);
    assert_snapshot!(night.refusal(), @"This does not work in *Rapid Diagnosis*. The review follows *Resolve*.");
    assert_eq!(night.phase(), Diagnosis);
}

#[test]
fn there_is_nothing_to_review_without_a_cause() {
    let mut night = resolved(Sev1);
    night.by(KIM).asks(Command::MarkReviewed);
    assert_snapshot!(night.refusal(), @"There is nothing to review yet: write cause and contributing factors first.");
}

#[test]
fn another_cause_or_a_return_asks_for_another_review() {
    let mut night = resolved(Sev1);
    everything_is_learned(&mut night);
    night.by(SAM).asks(Command::RecordCause {
        trigger: "another".to_owned(),
        cause: "another".to_owned(),
        factors: Vec::new(),
        kept_from_worse: String::new(),
    });
    assert_eq!(night.incident().postmortem.reviewed, None);
    night.by(KIM).asks(Command::MarkReviewed);
    night.by(SAM).reopens();
    night.by(SAM).resolves_anyway();
    assert_eq!(night.phase(), Learning);
    assert_eq!(night.incident().postmortem.reviewed, None);
}

#[test]
fn cause_and_factors_are_a_persons_words() {
    let mut night = resolved(Sev1);
    night.bot(the_cause());
    assert_snapshot!(night.refusal(), @"Only a person can do this.");
    night.bot(Command::WaiveLearning {
        because: "x".to_owned(),
    });
    assert!(night.was_refused());
    night.bot(Command::MarkReviewed);
    assert!(night.was_refused());
    night.by(SAM).asks(the_cause());
    let factors = &night
        .incident()
        .postmortem
        .cause
        .as_ref()
        .expect("it was written")
        .factors;
    assert_eq!(factors.len(), 2, "an empty line is no factor");
    night.by(SAM).asks(the_cause());
    assert!(night.happened().is_empty(), "the same words change nothing");
}

#[test]
fn what_is_closed_stays_as_it_is() {
    let mut night = resolved(Sev3);
    night.by(SAM).closes();
    let mut sentences = Vec::new();
    for command in [
        the_cause(),
        an_action(ActionKind::Fix),
        Command::DescribeImpact("x".to_owned()),
        Command::StateHypothesis("x".to_owned()),
        Command::Release {
            role: crate::role::Role::OnCall,
        },
    ] {
        night.by(SAM).asks(command);
        sentences.push(night.refusal());
    }
    sentences.dedup();
    assert_snapshot!(sentences.join("\n"), @"The incident is *Closed*: this works only while it is live. What is closed stays as it is; if it came back, open a new one.");
}

#[test]
fn the_cause_stands_on_the_board_until_it_turns_out_not_to_be_over() {
    let mut night = resolved(Sev2);
    night.by(SAM).asks(the_cause());
    let board = cards::board(night.incident()).body;
    assert!(board.contains("**CAUSE** AI workers held"), "{board}");
    assert!(!board.contains("**BELIEF**"), "{board}");

    night.by(SAM).reopens();
    let board = cards::board(night.incident()).body;
    assert!(!board.contains("**CAUSE**"), "{board}");
}

#[test]
fn how_bad_it_was_is_said_by_a_person_once_it_is_over() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.by(SAM).rates(Sev1);
    let says = |severity| Command::ConfirmSeverity { severity };
    night.by(SAM).asks(says(Sev2));
    assert_snapshot!(night.refusal(), @"This does not work in *Rapid Diagnosis*. How bad it was is said after *Resolve*, before *Close*.");
    night.by(SAM).resolves_anyway();
    let asked = crate::cards::ask_final_severity(night.incident());
    assert_snapshot!(super::cards::shown(&asked), @"
    How bad was it, all in all?
    Reported SEV2, worst SEV1, at the end SEV1. Nobody has said it yet.
    [*SEV1*] [SEV2] [SEV3] [SEV4]
    ");

    night.by(KIM).asks(says(Sev2));
    assert_eq!(night.noted(), ["severity: Final severity: SEV2"]);
    assert!(night.followed().contains(&"draft_postmortem"));
    night.by(SAM).asks(says(Sev2));
    assert!(night.happened().is_empty(), "it is said");
    assert_eq!(night.incident().severity, Sev1, "what it was stays true");
    let said = night.incident().postmortem.severity_final;
    assert_eq!(
        said.map(|(severity, by, _)| (severity, by)),
        Some((Sev2, KIM))
    );

    night.by(SAM).reopens();
    assert_eq!(night.incident().postmortem.severity_final, None);
}
