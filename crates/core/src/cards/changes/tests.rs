use insta::assert_snapshot;

use super::*;
use crate::cards;
use crate::incident::Around;
use crate::incident::tests::cards::shown;
use crate::incident::tests::seed_night::the_night_at;
use crate::incident::tests::{Night, at};

fn change(service: &str, version: &str, kind: ChangeKind, clock: &str) -> ReportedChange {
    ReportedChange {
        id: format!("{service} {version}"),
        service: service.to_owned(),
        version: version.to_owned(),
        kind,
        who: Some("release-bot".to_owned()),
        link: Some(format!("https://ci.example.com/{version}")),
        at: at(clock),
    }
}

fn of_the_night() -> Vec<ReportedChange> {
    vec![
        change("orders-api", "2026.11.3", ChangeKind::Deployment, "02:41"),
        change("search", "new-ranking on", ChangeKind::Flag, "02:50"),
        change("orders-db", "0042_index", ChangeKind::Migration, "01:20"),
        change("mail", "smtp.timeout", ChangeKind::Config, "02:30"),
        change("rack", "reboot", ChangeKind::Other, "02:53"),
    ]
}

fn around() -> Around {
    Around {
        changes: of_the_night(),
        work: Vec::new(),
    }
}

fn lines_of(night: &Night) -> String {
    change_lines(night.incident(), &of_the_night()).expect("there is something to tell")
}

#[test]
fn the_board_names_three_and_counts_the_rest() {
    assert_snapshot!(lines_of(&the_night_at("03:11")), @"
    **CHANGES** (correlates, not cause)
    • orders-api 2026.11.3: deployment <t:1795225260:t> (14 min before it began), release-bot <https://ci.example.com/2026.11.3>
    • search new-ranking on: flag <t:1795225800:t> (5 min before it began), release-bot
    • mail smtp.timeout: configuration <t:1795224600:t> (25 min before it began), release-bot <https://ci.example.com/smtp.timeout>
    +1
    ");
    assert_eq!(change_lines(the_night_at("03:11").incident(), &[]), None);
}

#[test]
fn the_board_and_the_first_step_of_the_diagnosis_show_them() {
    let night = the_night_at("03:02");
    let board = cards::board_among(night.incident(), &around()).body;
    assert!(board.contains(&lines_of(&night)), "{board}");
    let opening = cards::opening_board_among(night.incident(), &around()).body;
    assert_eq!(opening, board);
    assert_eq!(
        cards::board_among(night.incident(), &Around::default()),
        cards::board(night.incident())
    );
}

#[test]
fn only_the_first_step_and_those_that_ask_or_roll_back_name_them() {
    let night = Night::at("03:02")
        .with_runbook("backend")
        .fires("orders-api 5xx", crate::severity::Severity::Sev2);
    let mut incident = night.incident().clone();
    incident.phase = crate::phase::Phase::Diagnosis;
    let first = cards::next_step_among(&incident, &of_the_night());
    assert!(
        first.body.contains("**CHANGES** (correlates, not cause)"),
        "{}",
        first.body
    );
    let asks = |step: &crate::runbook::Step| {
        ["changed", "deploy"]
            .iter()
            .any(|word| step.text.contains(word))
    };
    let mut seen = Vec::new();
    let checklist = incident.checklist.clone().expect("it has a runbook");
    for phase in crate::runbook::StepPhase::ALL {
        for (step, _) in checklist.list(phase) {
            let card =
                super::super::steps::one_step(&incident, &checklist, phase, step, &of_the_night());
            let names_changes = card.body.contains("**CHANGES**");
            let is_first = step.id == checklist.list(crate::runbook::StepPhase::Diagnosis)[0].0.id;
            let in_diagnosis = phase == crate::runbook::StepPhase::Diagnosis;
            assert_eq!(
                names_changes,
                in_diagnosis && (is_first || asks(step)),
                "{}",
                step.text
            );
            if card.body.contains("**Could be rolled back**") {
                seen.push(step.text.clone());
            }
        }
    }
    assert!(!seen.is_empty());
    assert!(
        seen.iter().all(|text| text.to_lowercase().contains("roll")),
        "{seen:?}"
    );
}

#[test]
fn the_view_lists_all_of_them() {
    let night = the_night_at("03:11");
    assert_snapshot!(shown(&cards::changes(night.incident(), &of_the_night())), @"
    INC-0001 · 5 changes
    From 00:55 on, 2 hours before it began. They correlate; that makes none of them the cause.
    • orders-api 2026.11.3: deployment 02:41 (14 min before it began), release-bot <https://ci.example.com/2026.11.3>
    • rack reboot: change 02:53 (2 min before it began), release-bot <https://ci.example.com/reboot>
    • search new-ranking on: flag 02:50 (5 min before it began), release-bot
    • mail smtp.timeout: configuration 02:30 (25 min before it began), release-bot <https://ci.example.com/smtp.timeout>
    • orders-db 0042_index: migration 01:20 (95 min before it began), release-bot <https://ci.example.com/0042_index>
    ");
    assert_snapshot!(shown(&cards::changes(night.incident(), &[])), @"
    INC-0001 · 0 changes
    From 00:55 on, 2 hours before it began. They correlate; that makes none of them the cause.
    No change was reported.
    ");
}

#[test]
fn what_strangers_wrote_is_harmless() {
    let hostile = ReportedChange {
        who: Some("@everyone\n# loud".to_owned()),
        link: Some("https://ci.example.com@evil.example/".to_owned()),
        ..change(
            "orders-api` <@777> **bold**",
            "[v1](https://evil.example) ||x|| \u{202e}gnp",
            ChangeKind::Deployment,
            "02:41",
        )
    };
    let night = the_night_at("03:11");
    for text in [
        cards::board_among(
            night.incident(),
            &Around {
                changes: vec![hostile.clone()],
                work: Vec::new(),
            },
        )
        .body,
        cards::changes(night.incident(), std::slice::from_ref(&hostile)).body,
    ] {
        for bad in [
            "@everyone",
            "<@777>",
            "](",
            "||",
            "evil.example/",
            "\u{202e}",
            "\n# loud",
            "**bold**",
        ] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
    }
}
