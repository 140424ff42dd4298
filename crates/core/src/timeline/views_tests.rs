//! The night as each reader wants it.

use insta::assert_snapshot;

use super::*;
use crate::incident::tests::night::{ADA, KIM, MO, SAM, at};
use crate::incident::tests::seed_night::the_night_at;
use crate::timeline::{Precision, Source, may_ask_about_gaps};

/// A line, noted as it happened.
fn line(number: i64, clock: &str, who: Who, kind: Kind, text: &str) -> Entry {
    Entry {
        number: Some(EntryNumber(number)),
        kind,
        event_at: at(clock),
        precision: Precision::Exact,
        recorded_at: at(clock),
        who,
        text: text.to_owned(),
        source: Source::Message,
        importance: kind.default_importance(),
        message: None,
        files: Vec::new(),
        marks: Vec::new(),
        choice: None,
        revisions: Vec::new(),
        state: EntryState::Active,
        audience: Default::default(),
        source_deleted_at: None,
    }
}

fn person(id: PersonId) -> Who {
    Who::Person {
        id,
        roles: std::collections::BTreeSet::new(),
    }
}

/// A view as numbers, with what was folded into them.
fn told(reading: Reading, timeline: &[Entry]) -> Vec<String> {
    let night = the_night_at("03:25");
    lines(
        reading,
        night.incident(),
        timeline,
        night.now,
        &night.policy,
    )
    .iter()
    .filter_map(|line| match line {
        Line::Entry {
            entry, times: 1, ..
        } => Some(entry.number?.to_string()),
        Line::Entry { entry, times, .. } => Some(format!("{} ×{times}", entry.number?)),
        Line::Calls { times, .. } => Some(format!("{times} calls")),
        Line::Heading(Who::Person { id, .. }) => Some(format!("{id}:")),
        Line::Heading(_) => Some("by itself:".to_owned()),
        Line::Ticks(_) | Line::Gap(_) => None,
    })
    .collect()
}

#[test]
fn repeats_of_one_alert_are_one_line() {
    let again = |number, clock, text| line(number, clock, Who::Alert, Kind::Alert, text);
    let timeline = [
        again(1, "03:02", "DatabaseConnections fires again (2 of 3)"),
        again(2, "03:04", "OrdersApi5xx fires again (1 of 1)"),
        again(3, "03:06", "DatabaseConnections fires again (3 of 3)"),
        again(4, "03:08", "DatabaseConnections fires again (1 of 3)"),
    ];
    assert_eq!(told(Reading::All, &timeline), ["T-2", "T-4 ×3"]);
}

#[test]
fn several_notes_of_one_number_within_two_minutes_are_one_line() {
    let note = |number, clock, who, text| line(number, clock, person(who), Kind::Observation, text);
    let timeline = [
        note(1, "03:02", SAM, "5xx 38 %"),
        note(2, "03:03", SAM, "5xx 41 %"),
        note(3, "03:04", SAM, "5xx 9 %"),
        note(4, "03:04", ADA, "5xx 8 %"),
        note(5, "03:09", SAM, "5xx 2 %"),
        note(6, "03:09", SAM, "queue 2000"),
    ];
    assert_eq!(
        told(Reading::All, &timeline),
        ["T-3 ×3", "T-4", "T-5", "T-6"],
        "others' numbers, later ones and other numbers stand by themselves"
    );
}

#[test]
fn calls_in_a_row_are_one_line_and_what_stands_between_them_parts_them() {
    let call = |number, clock| line(number, clock, Who::Bot, Kind::Page, "asked <@1>");
    let timeline = [
        call(1, "03:02"),
        call(2, "03:03"),
        line(3, "03:04", Who::Bot, Kind::Nudge, "reminded <@1>"),
        line(4, "03:05", person(SAM), Kind::Ack, "took it"),
        call(5, "03:06"),
    ];
    assert_eq!(told(Reading::All, &timeline), ["3 calls", "T-4", "T-5"]);
}

#[test]
fn what_was_taken_back_or_merged_is_in_no_view() {
    let mut gone = line(1, "03:02", person(SAM), Kind::Decision, "fail over");
    gone.state = EntryState::Retracted {
        at: at("03:05"),
        reason: "taken back".to_owned(),
    };
    let mut same = line(2, "03:03", person(SAM), Kind::Decision, "roll back");
    same.state = EntryState::Merged {
        into: EntryNumber(3),
        at: at("03:05"),
    };
    let stands = line(3, "03:03", person(SAM), Kind::Decision, "roll back");
    for reading in [Reading::Key, Reading::All, Reading::Decisions] {
        assert_eq!(
            told(reading, &[gone.clone(), same.clone(), stands.clone()]),
            ["T-3"]
        );
    }
}

#[test]
fn decisions_and_actions_have_a_view_each() {
    let timeline = [
        line(1, "03:02", person(SAM), Kind::Decision, "roll back"),
        line(2, "03:03", person(SAM), Kind::Action, "rolled back"),
        line(3, "03:04", person(SAM), Kind::Observation, "5xx gone"),
    ];
    assert_eq!(told(Reading::Decisions, &timeline), ["T-1"]);
    assert_eq!(told(Reading::Actions, &timeline), ["T-2"]);
}

#[test]
fn everybodys_lines_stand_under_their_name_and_machines_come_last() {
    let timeline = [
        line(1, "03:02", Who::Bot, Kind::Milestone, "declared"),
        line(2, "03:03", person(SAM), Kind::Action, "restarted"),
        line(3, "03:04", person(MO), Kind::Decision, "roll back"),
        line(4, "03:05", person(SAM), Kind::Observation, "better"),
    ];
    assert_eq!(
        told(Reading::People, &timeline),
        [
            format!("{SAM}:"),
            "T-2".to_owned(),
            "T-4".to_owned(),
            format!("{MO}:"),
            "T-3".to_owned(),
            "by itself:".to_owned(),
            "T-1".to_owned(),
        ]
    );
}

#[test]
fn the_key_view_keeps_every_key_moment_and_fills_up_with_the_newest_of_the_rest() {
    let mut timeline = Vec::new();
    for number in 1..=40 {
        let kind = if number % 2 == 0 {
            Kind::Decision
        } else {
            Kind::Note
        };
        let clock = format!("03:{number:02}");
        let text = format!(
            "line of {}",
            "x".repeat(usize::try_from(number).unwrap_or(0))
        );
        timeline.push(line(number, &clock, person(KIM), kind, &text));
    }
    let night = the_night_at("03:25");
    let shown = lines(
        Reading::Key,
        night.incident(),
        &timeline,
        night.now,
        &night.policy,
    );
    assert_eq!(shown.len(), LINES_PER_PAGE);
    let numbers: Vec<i64> = shown
        .iter()
        .filter_map(|line| line.number().map(|number| number.0))
        .collect();
    let keys = numbers.iter().filter(|number| **number % 2 == 0).count();
    assert_eq!(keys, 20);
    assert_eq!(
        numbers.iter().find(|number| **number % 2 == 1),
        Some(&35),
        "older notes give way"
    );
}

#[test]
fn silences_of_more_than_fifteen_minutes_are_gaps() {
    let night = the_night_at("03:25");
    let incident = night.incident();
    let timeline = [
        line(1, "03:10", person(SAM), Kind::Note, "a"),
        // What monitoring says breaks no silence.
        line(2, "03:20", Who::Alert, Kind::Alert, "fires"),
        line(3, "03:25", person(SAM), Kind::Note, "b"),
        line(4, "03:48", person(SAM), Kind::Note, "c"),
    ];
    let found: Vec<String> = gaps(incident, &timeline, at("04:10"), night.policy.gap_after)
        .iter()
        .map(|gap| {
            let minutes = (gap.to - gap.from).num_minutes();
            let still = if gap.lasts { " and lasts" } else { "" };
            format!("{minutes} min{still}")
        })
        .collect();
    assert_snapshot!(found.join(", "), @"23 min, 22 min and lasts");
    assert_eq!(
        gaps(incident, &timeline, at("04:03"), night.policy.gap_after).len(),
        1
    );
    let shorter = chrono::TimeDelta::minutes(14);
    assert_eq!(gaps(incident, &timeline, at("04:03"), shorter).len(), 3);
}

#[test]
fn whoever_works_alone_is_asked_about_gaps_only_when_users_are_no_longer_hurt() {
    let mut night = crate::incident::tests::Night::at("03:02")
        .fires("orders-api 5xx", crate::severity::Severity::Sev1);
    night.by(SAM).takes_it();
    assert_eq!(night.incident().alone(), Some(SAM));
    assert!(!may_ask_about_gaps(night.incident()));
    assert!(may_ask_about_gaps(the_night_at("03:25").incident()));
}

#[test]
fn what_is_new_is_what_others_wrote_changed_or_took_back_since() {
    let mut timeline = vec![
        line(1, "03:02", person(SAM), Kind::Note, "old"),
        line(2, "03:03", person(SAM), Kind::Note, "changed later"),
        line(3, "03:04", person(SAM), Kind::Note, "taken back later"),
    ];
    let looked = Looked::now(&timeline, at("03:05"));
    assert_eq!(Looked::decode(&looked.encode()), Some(looked));
    timeline[1].revisions.push(crate::timeline::Revision {
        text: "before".to_owned(),
        kind: Kind::Note,
        event_at: at("03:03"),
        importance: None,
        changed_at: at("03:07"),
        changed_by: person(ADA),
        why: None,
    });
    timeline[2].state = EntryState::Retracted {
        at: at("03:08"),
        reason: "taken back".to_owned(),
    };
    // Noted late: it happened before they looked, and is new all the same.
    let mut late = line(4, "02:47", person(ADA), Kind::Observation, "first 500s");
    late.recorded_at = at("03:06");
    timeline.push(late);
    timeline.push(line(5, "03:09", person(KIM), Kind::Note, "mine"));
    timeline.push(line(6, "03:10", Who::Alert, Kind::Alert, "a detail"));
    let words = |reader| -> Vec<String> {
        news_since(&timeline, looked, reader)
            .iter()
            .map(|news| match news {
                News::New(entry) => format!("new {}", entry.text),
                News::Changed(entry) => format!("changed {}", entry.text),
                News::Gone(entry) => format!("gone {}", entry.text),
            })
            .collect()
    };
    assert_eq!(
        words(KIM),
        [
            "new first 500s",
            "changed changed later",
            "gone taken back later"
        ]
    );
    assert_eq!(
        words(ADA),
        ["gone taken back later", "new mine"],
        "what she did is no news to her"
    );
}
