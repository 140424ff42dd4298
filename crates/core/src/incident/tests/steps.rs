//! The runbook's steps, and what the timeline keeps of them.

use insta::assert_snapshot;

use super::{ADA, Night, SAM, readable};
use crate::cards;
use crate::incident::Command;
use crate::phase::Phase::Fix;
use crate::role::Role::Backend;
use crate::runbook::{SkipReason, StepAction, StepId};
use crate::severity::Severity::Sev1;
use crate::timeline::{Importance, Kind, Reading};

fn step(id: &str, action: StepAction) -> Command {
    Command::Step {
        step: StepId::new(id).expect("a step's id"),
        action,
    }
}

/// Given a step with `risk:high`; when it is ticked, a second look is asked; a skip keeps its reason; both appear in one
/// folded line of the key timeline.
#[test]
fn checklist_and_risk() {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    for id in ["newest-deploy", "logs", "dashboards"] {
        night.after_minutes(1).by(SAM).finishes(id);
    }
    let too_risky = StepAction::Skip {
        reason: SkipReason::TooRiskyNow,
    };
    night
        .after_minutes(1)
        .by(SAM)
        .asks(step("leading-suspect", too_risky.clone()));
    night.by(SAM).moves_to(Fix);
    night.after_minutes(1).by(ADA).asks(step(
        "retry-batches",
        StepAction::Done {
            for_role: None,
            choice: None,
            confirmed: false,
        },
    ));
    assert_snapshot!(night.refusal(), @"This step is risky. Tap again to say that it is done.");
    night.by(ADA).finishes("retry-batches");
    night
        .after_minutes(1)
        .by(ADA)
        .asks(step("bring-back", too_risky));

    let risky: Vec<_> = night
        .entries()
        .into_iter()
        .filter(|entry| entry.kind == Kind::Action)
        .collect();
    assert_eq!(risky.len(), 1, "a risky step is something that was done");
    assert_eq!(risky[0].importance, Importance::Key);
    assert_snapshot!(risky[0].text, @"☑ Restart the AI services and retry stuck tasks in batches, with backoff (for the Backend Engineer)");

    let key_view = cards::timeline_view(
        night.incident(),
        &night.entries(),
        Reading::Key,
        0,
        night.now,
        &night.policy,
    )
    .body;
    let folded: Vec<String> = readable(&key_view)
        .lines()
        .filter(|line| line.starts_with('📋'))
        .map(str::to_owned)
        .collect();
    assert_snapshot!(folded.join("\n"), @"
    📋 03:03–03:06 Diagnosis: 3 of 9 steps done; skipped: Pick the leading suspect - database, AI pipeline or deploy - and say it as a guess (critical, too risky now)
    📋 03:07–03:08 Resolution: 1 of 3 steps done; skipped: Bring services back one by one, AI last (too risky now)
    ");
    assert!(
        !key_view.contains("newest deploy"),
        "no tick has a line of its own"
    );
    let everything = cards::timeline_view(
        night.incident(),
        &night.entries(),
        Reading::All,
        0,
        night.now,
        &night.policy,
    )
    .body;
    assert!(everything.contains("newest deploy"));
}

#[test]
fn a_phase_in_which_nothing_was_settled_has_no_line() {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.by(SAM).asks(step("logs", StepAction::Claim));
    let checklist = night.incident().checklist.as_ref();
    assert_eq!(checklist.expect("it has one").folded(), []);
}

/// Steps 1, 2, 5 and 7 of its diagnosis are of the On-Call Engineer, 3, 4 and 6 of the Backend Engineer.
#[test]
fn next_step_shows_each_what_is_left_to_them() {
    let mut night = Night::at("03:02")
        .with_runbook("backend")
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    let next = |night: &Night, person| {
        let card = cards::next_step_for(night.incident(), person, &[]);
        card.title.replace("🔎 Diagnosis · step ", "")
    };
    assert_eq!(next(&night, SAM), "1 of 7");
    night.by(SAM).finishes("database-up");
    night.by(SAM).finishes("connection-count");
    // Whoever is alone goes step by step, whoever a step belongs to.
    assert_eq!(next(&night, SAM), "3 of 7");
    night.by(ADA).accepts(Backend);
    assert_eq!(next(&night, ADA), "3 of 7");
    assert_eq!(next(&night, SAM), "5 of 7");
    // What somebody is on stays theirs, whatever the shared card shows.
    night.by(ADA).asks(step("locks", StepAction::Claim));
    assert_eq!(next(&night, ADA), "3 of 7");
}
