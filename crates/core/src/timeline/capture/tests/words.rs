//! What is written: prefixes, times in front, what was said twice, what is chatter.

use super::*;
use crate::cards::UNREADABLE;

/// Acceptance scenario 11, by the rules alone.
///
/// When someone writes `@02:47 obs: first 500s`, the entry has event time 02:47 in their zone, recorded time now, the mark
/// 🕓, and a 📌 reaction; editing the message adds a revision; deleting it keeps the entry with a mark.
#[test]
fn timeline_by_message() {
    let mut channel = Channel::at("03:05");
    let heard = said("03:05", "@02:47 obs: first 500s");
    let written = channel.hears(&Signal::Message(heard.clone()));
    let Captured::Write {
        marked,
        announce_late,
        ..
    } = &written
    else {
        panic!("it was not written: {written:?}");
    };
    assert_eq!(*marked, Some(true), "the message carries our mark");
    assert!(announce_late, "nothing enters the past invisibly");
    let entry = channel.entry().clone();
    assert_eq!(entry.kind, Kind::Observation);
    assert_eq!(entry.text, "first 500s");
    assert_eq!(entry.event_at, at("02:47"));
    assert_eq!(entry.event_at.to_rfc3339(), "2026-11-21T01:47:00+00:00");
    assert_eq!(entry.precision, Precision::Minute);
    assert_eq!(entry.recorded_at, at("03:05"));
    assert!(entry.is_late(crate::incident::Policy::default().late_after));
    assert_snapshot!(readable(&crate::cards::late_line(IncidentId(1), &entry).content), @"🕓 added late: T-1 02:47 (01:47 UTC) **observation** first 500s");

    channel.at_clock("03:07");
    let edited = said("03:05", "@02:46 obs: first 500s at the edge");
    channel.hears(&Signal::Edited(edited.clone()));
    let entry = channel.entry().clone();
    assert_eq!(entry.text, "first 500s at the edge");
    assert_eq!(entry.event_at, at("02:46"));
    assert_eq!(entry.revisions.len(), 1);
    assert_eq!(entry.revisions[0].text, "first 500s");
    assert_eq!(entry.revisions[0].event_at, at("02:47"));
    assert_eq!(channel.hears(&Signal::Edited(edited)), Captured::Nothing);

    channel.at_clock("03:52");
    let deleted = Signal::Deleted {
        message: heard.message,
    };
    channel.hears(&deleted);
    let entry = channel.entry().clone();
    assert_eq!(entry.source_deleted_at, Some(at("03:52")));
    assert_eq!(entry.text, "first 500s at the edge", "it was a record");
    assert!(entry.is_active());
    channel.at_clock("03:53");
    assert_eq!(channel.hears(&deleted), Captured::Nothing);
}

#[test]
fn the_authors_prefix_counts_whatever_is_heard_first() {
    let heard = said("03:19", "@03:11 obs: first 500s");
    let mut prefix_first = Channel::at("03:19");
    prefix_first.hears(&Signal::Message(heard.clone()));
    prefix_first
        .at_clock("03:20")
        .hears(&reacted(&heard, KIM, "⚖️"));
    let mut reaction_first = Channel::at("03:20");
    reaction_first.hears(&reacted(&heard, KIM, "⚖️"));
    reaction_first.hears(&Signal::Message(heard.clone()));
    assert_eq!(prefix_first.entry(), reaction_first.entry());
    assert_eq!(prefix_first.entry().kind, Kind::Decision);
    assert_eq!(prefix_first.entry().event_at, at("03:11"));

    for mut channel in [prefix_first, reaction_first] {
        channel
            .at_clock("03:21")
            .hears(&unreacted(&heard, KIM, "⚖️"));
        assert!(channel.entry().is_active(), "its author's mark stands");
        assert_eq!(channel.entry().kind, Kind::Observation);
    }
}

#[test]
fn a_time_that_is_hardly_meant_costs_no_line_and_is_asked_about() {
    for (text, doubts) in [
        ("@03:45 obs: later", Some(at("03:45"))),
        ("-9d obs: long ago", Some(at("03:10") - TimeDelta::days(9))),
        ("@02:47 obs: first 500s", None),
    ] {
        let mut channel = Channel::at("03:10");
        let captured = channel.hears(&Signal::Message(said("03:10", text)));
        let Captured::Write { doubted, .. } = captured else {
            panic!("{text}: {captured:?}");
        };
        assert_eq!(doubted, doubts, "{text}");
        if doubts.is_some() {
            assert_eq!(channel.entry().event_at, at("03:10"), "as it was written");
        }
        let meant = EntryChange {
            instant: doubts,
            ..EntryChange::default()
        };
        channel.hears(&changed(SAM, meant, None));
        assert_eq!(channel.entry().event_at, doubts.unwrap_or(at("02:47")));
    }
}

#[test]
fn an_incident_that_was_noticed_long_ago_reaches_further_back() {
    let mut room = Room::plain(at("03:10"), ZONE);
    let typed = Signal::Typed {
        by: SAM,
        kind: None,
        text: "-9d act: deployed".to_owned(),
        at: None,
        choice: None,
    };
    let doubted = |room: &Room| match capture(None, &typed, room) {
        Captured::Write { doubted, .. } => doubted,
        other => panic!("not written: {other:?}"),
    };
    assert!(doubted(&room).is_some());
    room.detected_at = Some(at("03:10") - TimeDelta::days(3));
    assert_eq!(doubted(&room), None);
}

#[test]
fn what_is_done_to_end_it_is_a_key_moment() {
    for (phase, importance) in [
        (Phase::Diagnosis, Importance::Normal),
        (Phase::Mitigation, Importance::Key),
        (Phase::Fix, Importance::Key),
        (Phase::Validation, Importance::Normal),
    ] {
        let mut channel = Channel::at("03:10");
        channel.phase = phase;
        channel.hears(&Signal::Message(said("03:10", "act: flag off")));
        assert_eq!(channel.entry().importance, importance, "{phase}");
    }
}

#[test]
fn the_same_said_twice_in_a_row_is_one_line() {
    let note = |clock: &str, by: PersonId, text: &str| {
        let mut channel = Channel::at(clock);
        channel.hears(&Signal::Typed {
            by,
            kind: Some(Kind::Observation),
            text: text.to_owned(),
            at: None,
            choice: None,
        });
        channel.entry().clone()
    };
    let known = [note(
        "03:10",
        SAM,
        "the AI workers hold all the connections",
    )];
    for (entry, same) in [
        (
            note("03:11", SAM, "the AI workers hold all the conections"),
            true,
        ),
        (
            note("03:11", SAM, "The AI workers hold  all the connections"),
            true,
        ),
        (
            note("03:13", SAM, "the AI workers hold all the connections"),
            false,
        ),
        (
            note("03:11", ADA, "the AI workers hold all the connections"),
            false,
        ),
        (note("03:11", SAM, "the database is fine"), false),
    ] {
        let mut entry = entry;
        entry.number = Some(EntryNumber(2));
        let merged = said_already(&entry, &known);
        assert_eq!(merged, same.then_some(EntryNumber(1)), "{}", entry.text);
    }
    let mut screenshot = note("03:11", SAM, "the AI workers hold all the connections");
    screenshot.number = Some(EntryNumber(2));
    screenshot.files.push(graph());
    assert_eq!(
        said_already(&screenshot, &known),
        None,
        "another picture is another fact, however it is called"
    );
    let unread = [note("03:10", SAM, UNREADABLE)];
    let mut another = note("03:11", SAM, UNREADABLE);
    another.number = Some(EntryNumber(2));
    assert_eq!(
        said_already(&another, &unread),
        None,
        "of two messages that cannot be read nobody knows what they say"
    );
    let numbers = [note(
        "03:10",
        SAM,
        "connections 100 of 100, most from ai-worker",
    )];
    let mut another = note("03:11", SAM, "connections 160 of 100, most from ai-worker");
    another.number = Some(EntryNumber(2));
    assert_eq!(
        said_already(&another, &numbers),
        None,
        "another number is another fact"
    );
}

#[test]
fn an_impossible_time_is_refused_only_where_the_timeline_was_meant() {
    let mut channel = Channel::at("03:10");
    let sentence = |captured: Captured| match captured {
        Captured::Refused(sentence) => sentence,
        other => panic!("not refused: {other:?}"),
    };
    let nonsense = channel.hears(&Signal::Message(said("03:10", "@27:99 act: rollback")));
    assert_snapshot!(sentence(nonsense), @"`27:99` is not a time: write it like @02:47, -15m or yesterday 23:50");
    let chatter = channel.hears(&Signal::Message(said("03:10", "@27:99 what?")));
    assert_eq!(chatter, Captured::Nothing);
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    let edited = channel.hears(&Signal::Edited(said("03:10", "@27:99 obs: first 500s")));
    assert!(matches!(edited, Captured::Refused(_)));
    assert_eq!(channel.entry().text, "first 500s");
}

#[test]
fn what_is_typed_may_say_kind_and_time_in_front() {
    let typed = |text: &str, kind: Option<Kind>, time: Option<&str>| Signal::Typed {
        by: SAM,
        kind,
        text: text.to_owned(),
        at: time.map(str::to_owned),
        choice: None,
    };
    for (signal, kind, text, event_at) in [
        (
            typed("-15m act: rollback", None, None),
            Kind::Action,
            "rollback",
            at("03:15"),
        ),
        (
            typed("what I saw", None, None),
            Kind::Note,
            "what I saw",
            at("03:30"),
        ),
        (
            typed("queue is full", Some(Kind::Observation), Some("02:47")),
            Kind::Observation,
            "queue is full",
            at("02:47"),
        ),
    ] {
        let mut channel = Channel::at("03:30");
        let written = channel.hears(&signal);
        assert_eq!(Channel::is_marked(&written), None, "no message to mark");
        let entry = channel.entry();
        assert_eq!(
            (entry.kind, entry.text.as_str(), entry.event_at),
            (kind, text, event_at)
        );
        assert_eq!(entry.source, Source::Command);
    }
    let mut channel = Channel::at("03:30");
    for empty in ["", "  ", "@02:47"] {
        let captured = channel.hears(&typed(empty, None, None));
        assert!(matches!(captured, Captured::Refused(_)), "{empty:?}");
    }
}

#[test]
fn a_line_is_at_most_a_thousand_characters() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said(
        "03:10",
        &format!("obs: {}", "ä".repeat(3_000)),
    )));
    assert_eq!(channel.entry().text.chars().count(), 1_000);
    channel.hears(&Signal::Edited(said(
        "03:10",
        &format!("obs: {}", "ö".repeat(3_000)),
    )));
    assert_eq!(channel.entry().text.chars().count(), 1_000);
}

#[test]
fn a_team_that_keeps_everything_keeps_chatter_as_chatter() {
    let mut channel = Channel::at("03:10").keeping_everything();
    let heard = said("03:10", "anybody here?");
    let kept = channel.hears(&Signal::Message(heard.clone()));
    assert_eq!(
        Channel::is_marked(&kept),
        Some(false),
        "no mark under chatter"
    );
    assert_eq!(channel.entry().kind, Kind::Chat);
    channel.at_clock("03:11");
    let tagged = channel.hears(&reacted(&heard, KIM, "🔎"));
    assert_eq!(Channel::is_marked(&tagged), Some(true));
    assert_eq!(channel.entry().kind, Kind::Observation);
    let untagged = channel.hears(&unreacted(&heard, KIM, "🔎"));
    assert_eq!(Channel::is_marked(&untagged), Some(false));
    assert_eq!(channel.entry().kind, Kind::Chat);
    assert!(channel.entry().is_active());
    channel.hears(&Signal::Edited(said("03:10", "obs: nobody is here")));
    assert_eq!(channel.entry().kind, Kind::Observation);
}

#[test]
fn a_message_the_bot_heard_of_late_is_not_late_itself() {
    let mut channel = Channel::at("03:40");
    channel.hears(&Signal::Message(said("03:05", "obs: first 500s")));
    assert_eq!(channel.entry().recorded_at, at("03:05"));
    assert!(
        !channel
            .entry()
            .is_late(crate::incident::Policy::default().late_after)
    );
}

#[test]
fn facts_are_told_from_chatter() {
    for fact in [
        "rolling back 2026.11.3 now",
        "Restarted the workers",
        "5xx at 38 %",
        "p95 is 900ms",
        "connections 100/100",
        "confirmed: the flag was on",
    ] {
        assert!(looks_like_a_fact(fact), "{fact}");
    }
    for chatter in [
        "good morning",
        "should we roll back?",
        "is it 5xx?",
        "ok",
        "",
    ] {
        assert!(!looks_like_a_fact(chatter), "{chatter}");
    }
}
