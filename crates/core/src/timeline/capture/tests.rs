//! What people do with messages, and what the timeline makes of it.

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::{Captured, MessageHeard, Room, Signal, capture, looks_like_a_fact};
use crate::ids::{EntryNumber, FileId, IncidentId};
use crate::incident::tests::night::{ADA, CHANNEL, KIM, SAM, ZONE, at, message};
use crate::incident::tests::readable;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::ports::{EntryWrite, StoredEntry};
use crate::timeline::{
    AttachedFile, Entry, EntryChange, EntryState, Importance, Keeper, Kind, MarkedBy, Precision,
    Source, Who, said_already, typed_time,
};

/// A channel with at most one line that matters.
struct Channel {
    now: DateTime<Utc>,
    keep_everything: bool,
    keeper: Keeper,
    phase: Phase,
    known: Option<StoredEntry>,
    writes: usize,
}

impl Channel {
    fn at(clock: &str) -> Self {
        Self {
            now: at(clock),
            keep_everything: false,
            keeper: Keeper::Everybody,
            phase: Phase::Open,
            known: None,
            writes: 0,
        }
    }

    fn keeping_everything(mut self) -> Self {
        self.keep_everything = true;
        self
    }

    fn at_clock(&mut self, clock: &str) -> &mut Self {
        self.now = at(clock);
        self
    }

    fn hears(&mut self, signal: &Signal) -> Captured {
        let room = Room {
            keep_everything: self.keep_everything,
            keeper: self.keeper,
            phase: self.phase,
            ..Room::plain(self.now, ZONE)
        };
        let captured = capture(self.known.as_ref(), signal, &room);
        if let Captured::Write { write, .. } = &captured {
            self.writes += 1;
            self.known = Some(match &**write {
                EntryWrite::Add(entry) => StoredEntry {
                    incident: IncidentId(1),
                    entry: Entry {
                        number: Some(EntryNumber(1)),
                        ..entry.clone()
                    },
                    revision: 0,
                },
                EntryWrite::Rewrite { entry, revision } => StoredEntry {
                    incident: IncidentId(1),
                    entry: entry.clone(),
                    revision: revision + 1,
                },
            });
        }
        captured
    }

    fn entry(&self) -> &Entry {
        &self.known.as_ref().expect("a line was written").entry
    }

    fn is_marked(captured: &Captured) -> Option<bool> {
        match captured {
            Captured::Write { marked, .. } => *marked,
            other => panic!("nothing was written: {other:?}"),
        }
    }
}

fn said(clock: &str, text: &str) -> MessageHeard {
    message(at(clock), SAM, text)
}

fn reacted(heard: &MessageHeard, by: PersonId, emoji: &str) -> Signal {
    Signal::Reacted {
        message: heard.clone(),
        by,
        emoji: emoji.to_owned(),
    }
}

fn unreacted(heard: &MessageHeard, by: PersonId, emoji: &str) -> Signal {
    Signal::Unreacted {
        message: heard.message,
        by,
        emoji: emoji.to_owned(),
    }
}

fn chosen(heard: &MessageHeard, by: PersonId, kind: Kind, text: Option<&str>) -> Signal {
    Signal::Chosen {
        message: heard.clone(),
        by,
        kind,
        text: text.map(str::to_owned),
        at: None,
        with: MarkedBy::Menu,
    }
}

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
    assert!(entry.is_late());
    assert_snapshot!(readable(&crate::cards::late_line(IncidentId(1), &entry).content), @"🕓 added late: T-1 02:47 (01:47 UTC) observation – first 500s");

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

/// Acceptance scenario 12, by the rules alone.
///
/// A message tagged ⚖️ by one person: when the reaction is removed, the entry is retracted, not deleted, and can be
/// restored.
#[test]
fn reaction_removed() {
    let mut channel = Channel::at("03:20");
    let heard = said("03:19", "let's roll back, it is reversible");
    let tagged = channel.hears(&reacted(&heard, KIM, "⚖️"));
    assert_eq!(Channel::is_marked(&tagged), Some(true));
    let entry = channel.entry().clone();
    assert_eq!(entry.kind, Kind::Decision);
    assert_eq!(entry.importance, Importance::Key);
    assert_eq!(entry.event_at, at("03:19"), "the message's time");
    assert_eq!(entry.recorded_at, at("03:20"), "the reaction's time");
    assert_eq!(entry.source, Source::Reaction);

    channel.at_clock("03:25");
    // Discord sends the same emoji with and without its colour mark.
    let removed = channel.hears(&unreacted(&heard, KIM, "⚖"));
    assert_eq!(
        Channel::is_marked(&removed),
        Some(false),
        "our mark goes too"
    );
    assert_eq!(
        channel.entry().state,
        EntryState::Retracted {
            at: at("03:25"),
            reason: "the reaction was removed".to_owned()
        }
    );
    assert_eq!(channel.entry().text, "let's roll back, it is reversible");
    assert_eq!(
        channel.hears(&unreacted(&heard, KIM, "⚖️")),
        Captured::Nothing
    );

    channel.hears(&Signal::Restored {
        number: EntryNumber(1),
        by: KIM,
    });
    assert!(channel.entry().is_active());
}

#[test]
fn the_line_stays_while_anybodys_mark_stands() {
    let mut channel = Channel::at("03:20");
    let heard = said("03:19", "rolling back");
    channel.hears(&reacted(&heard, KIM, "⚖️"));
    channel.at_clock("03:21").hears(&reacted(&heard, ADA, "🛠️"));
    assert_eq!(channel.entry().kind, Kind::Action, "the kind chosen last");
    assert_eq!(channel.entry().marks.len(), 2, "both are kept");
    channel
        .at_clock("03:22")
        .hears(&unreacted(&heard, ADA, "🛠️"));
    assert_eq!(channel.entry().kind, Kind::Decision);
    assert!(channel.entry().is_active());
    assert_eq!(
        channel.entry().revisions.len(),
        1,
        "a kind taken back is not forgotten"
    );
    channel.hears(&unreacted(&heard, KIM, "⚖️"));
    assert!(!channel.entry().is_active());
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
fn a_prefix_that_was_forgotten_can_be_edited_in() {
    let mut channel = Channel::at("03:10");
    assert_eq!(
        channel.hears(&Signal::Message(said("03:10", "5xx at 38 %"))),
        Captured::Nothing,
        "unmarked messages are not kept"
    );
    channel.hears(&Signal::Edited(said("03:10", "obs: 5xx at 38 %")));
    assert_eq!(channel.entry().kind, Kind::Observation);
    assert_eq!(channel.entry().text, "5xx at 38 %");
}

#[test]
fn an_edit_follows_a_changed_prefix_but_not_a_later_choice() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: AI features off")));
    channel.at_clock("03:11");
    channel.hears(&Signal::Edited(said("03:10", "act: AI features off")));
    assert_eq!(channel.entry().kind, Kind::Action);
    let heard = said("03:10", "act: AI features off");
    channel.at_clock("03:12").hears(&reacted(&heard, KIM, "⚖️"));
    channel
        .at_clock("03:13")
        .hears(&Signal::Edited(said("03:10", "act: AI features are off")));
    assert_eq!(
        channel.entry().kind,
        Kind::Decision,
        "a typo mended is no choice"
    );
    assert_eq!(channel.entry().text, "AI features are off");
    assert_eq!(channel.entry().revisions.len(), 2);
}

#[test]
fn an_edit_that_only_names_another_time_is_followed() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    channel.hears(&Signal::Edited(said("03:10", "@02:47 obs: first 500s")));
    assert_eq!(channel.entry().event_at, at("02:47"));
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

/// A change of the only line.
fn changed(by: PersonId, change: EntryChange, why: Option<&str>) -> Signal {
    Signal::Changed {
        number: EntryNumber(1),
        by,
        change,
        why: why.map(str::to_owned),
    }
}

#[test]
fn whatever_is_changed_the_line_says_what_it_said_before() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    let first = channel.entry().clone();
    for (change, kind, text, event_at, importance) in [
        (
            EntryChange {
                text: Some("first 502s".to_owned()),
                ..EntryChange::default()
            },
            Kind::Observation,
            "first 502s",
            at("03:10"),
            Importance::Normal,
        ),
        (
            EntryChange {
                at: Some("02:47".to_owned()),
                ..EntryChange::default()
            },
            Kind::Observation,
            "first 502s",
            at("02:47"),
            Importance::Normal,
        ),
        (
            EntryChange {
                kind: Some(Kind::Impact),
                ..EntryChange::default()
            },
            Kind::Impact,
            "first 502s",
            at("02:47"),
            Importance::Key,
        ),
        (
            EntryChange {
                importance: Some(Importance::Detail),
                ..EntryChange::default()
            },
            Kind::Impact,
            "first 502s",
            at("02:47"),
            Importance::Detail,
        ),
        (
            EntryChange {
                kind: Some(Kind::Decision),
                ..EntryChange::default()
            },
            Kind::Decision,
            "first 502s",
            at("02:47"),
            // A person chose it: it does not follow the kind.
            Importance::Detail,
        ),
    ] {
        let revisions = channel.entry().revisions.len();
        channel.hears(&changed(KIM, change, Some("read the log")));
        let entry = channel.entry();
        assert_eq!(
            (
                entry.kind,
                entry.text.as_str(),
                entry.event_at,
                entry.importance
            ),
            (kind, text, event_at, importance)
        );
        assert_eq!(entry.revisions.len(), revisions + 1);
        let last = entry.revisions.last().expect("just changed");
        assert_eq!(last.why.as_deref(), Some("read the log"));
        assert!(matches!(last.changed_by, Who::Person { id, .. } if id == KIM));
    }
    assert_eq!(channel.entry().revisions[0].text, first.text);
    assert_eq!(channel.entry().revisions[1].event_at, first.event_at);
    assert_eq!(channel.entry().revisions[2].kind, first.kind);
    assert_eq!(
        channel.entry().revisions[3].importance,
        Some(Importance::Key)
    );
    let untouched = EntryChange {
        text: Some("first 502s".to_owned()),
        at: Some(typed_time(at("02:47"), ZONE)),
        ..EntryChange::default()
    };
    assert_eq!(
        channel.hears(&changed(KIM, untouched, None)),
        Captured::Nothing,
        "a form sent as it opened changes nothing"
    );
}

#[test]
fn an_untouched_time_keeps_its_seconds() {
    let mut channel = Channel::at("03:10");
    channel.now += TimeDelta::seconds(42);
    channel.hears(&Signal::Typed {
        by: SAM,
        kind: None,
        text: "restarted".to_owned(),
        at: None,
        choice: None,
    });
    let noted = channel.entry().event_at;
    let only_the_words = EntryChange {
        text: Some("restarted it".to_owned()),
        at: Some(typed_time(noted, ZONE)),
        ..EntryChange::default()
    };
    channel.hears(&changed(SAM, only_the_words, None));
    assert_eq!(channel.entry().text, "restarted it");
    assert_eq!(channel.entry().event_at, noted);
}

#[test]
fn once_it_is_closed_only_the_owner_changes_it_and_says_why() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    channel.keeper = Keeper::Owner(Some(KIM));
    let other_words = || EntryChange {
        text: Some("first 502s".to_owned()),
        ..EntryChange::default()
    };
    let refused = |captured: Captured| match captured {
        Captured::Refused(sentence) => readable(&sentence),
        other => panic!("not refused: {other:?}"),
    };
    let by_sam = channel.hears(&changed(SAM, other_words(), Some("typo")));
    assert_snapshot!(refused(by_sam), @"The incident is closed: only @Kim, who owns the postmortem, can change its timeline. Ask them.");
    let without_reason = channel.hears(&changed(KIM, other_words(), None));
    assert_snapshot!(refused(without_reason), @"The incident is closed: say why it is changed. *Edit…* asks for it.");
    let taken_back = channel.hears(&Signal::Retracted {
        number: EntryNumber(1),
        by: SAM,
    });
    assert!(matches!(taken_back, Captured::Refused(_)));
    channel.hears(&changed(KIM, other_words(), Some("typo")));
    assert_eq!(channel.entry().text, "first 502s");
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
fn emptying_a_message_leaves_its_line() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    assert_eq!(
        channel.hears(&Signal::Edited(said("03:10", ""))),
        Captured::Nothing
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
fn a_pin_makes_a_note_and_unpinning_takes_it_back() {
    let mut channel = Channel::at("03:10");
    let heard = said("03:09", "the vendor's number is on page two");
    channel.hears(&Signal::Pinned {
        message: heard.clone(),
        by: ADA,
    });
    assert_eq!(channel.entry().kind, Kind::Note);
    assert_eq!(channel.entry().source, Source::Pin);
    assert_eq!(channel.entry().marks[0].by, ADA);
    channel.hears(&Signal::Unpinned {
        message: heard.message,
    });
    assert!(!channel.entry().is_active());
    channel.hears(&Signal::Pinned {
        message: heard,
        by: KIM,
    });
    assert!(channel.entry().is_active(), "pinned again");
}

#[test]
fn the_menu_gives_kind_words_and_time_also_to_what_is_known() {
    let mut channel = Channel::at("03:30");
    let heard = said("03:14", "off now");
    channel.hears(&chosen(
        &heard,
        KIM,
        Kind::Action,
        Some("AI features switched off"),
    ));
    assert_eq!(channel.entry().text, "AI features switched off");
    assert_eq!(channel.entry().event_at, at("03:14"));
    assert!(channel.entry().is_late());

    channel.at_clock("03:31");
    let again = Signal::Chosen {
        message: heard.clone(),
        by: ADA,
        kind: Kind::Decision,
        text: Some("Switch AI features off".to_owned()),
        at: Some("03:12".to_owned()),
        with: MarkedBy::Menu,
    };
    channel.hears(&again);
    let entry = channel.entry().clone();
    assert_eq!(
        (entry.kind, entry.text.as_str(), entry.event_at),
        (Kind::Decision, "Switch AI features off", at("03:12"))
    );
    assert_eq!(entry.revisions.len(), 1);
    channel.at_clock("03:32");
    assert_eq!(channel.hears(&again), Captured::Nothing);
    let nonsense = Signal::Chosen {
        message: heard,
        by: ADA,
        kind: Kind::Decision,
        text: None,
        at: Some("soon".to_owned()),
        with: MarkedBy::Menu,
    };
    assert!(matches!(channel.hears(&nonsense), Captured::Refused(_)));
}

#[test]
fn what_is_picked_from_the_offer_carries_no_mark_of_ours() {
    let mut channel = Channel::at("04:10");
    let picked = channel.hears(&Signal::Chosen {
        message: said("03:14", "restarted the workers"),
        by: KIM,
        kind: Kind::Note,
        text: None,
        at: None,
        with: MarkedBy::Offer,
    });
    assert_eq!(Channel::is_marked(&picked), None);
    assert_eq!(channel.entry().event_at, at("03:14"));
}

#[test]
fn other_emojis_mean_nothing() {
    let mut channel = Channel::at("03:10");
    for emoji in ["👍", "🎉", "❤️", ":custom:", ""] {
        assert_eq!(
            channel.hears(&reacted(&said("03:09", "rolled back"), ADA, emoji)),
            Captured::Nothing
        );
    }
}

#[test]
fn what_a_person_took_back_stays_so_when_an_old_reaction_is_heard_again() {
    let mut channel = Channel::at("03:10");
    let heard = said("03:09", "rolled back");
    let tagged = reacted(&heard, ADA, "🛠️");
    channel.hears(&tagged);
    channel.hears(&Signal::Retracted {
        number: EntryNumber(1),
        by: KIM,
    });
    assert_eq!(channel.hears(&tagged), Captured::Nothing);
    assert!(!channel.entry().is_active());
    channel.at_clock("03:12").hears(&reacted(&heard, SAM, "🛠️"));
    assert!(channel.entry().is_active(), "somebody else marks it now");
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

fn graph() -> AttachedFile {
    let link = "https://cdn.example/graph.png";
    AttachedFile::heard(FileId(7), "graph.png", 46_100, Some("image/png"), link)
}

/// Somebody takes a picture off their message: the record has it, and what was added besides.
#[test]
fn an_edit_adds_files_and_takes_none_away() {
    let mut channel = Channel::at("03:10");
    let mut heard = said("03:10", "obs: look");
    heard.attachments = vec![graph()];
    channel.hears(&Signal::Message(heard.clone()));
    heard.attachments.clear();
    heard.text = "obs: look here".to_owned();
    channel.hears(&Signal::Edited(heard.clone()));
    assert_eq!(channel.entry().files, [graph()]);
    let log = AttachedFile::heard(
        FileId(8),
        "pool.log",
        12,
        None,
        "https://cdn.example/pool.log",
    );
    heard.attachments = vec![log.clone()];
    channel.hears(&Signal::Edited(heard.clone()));
    assert_eq!(channel.entry().files, [graph(), log]);
    assert_eq!(
        channel.hears(&Signal::Edited(heard)),
        Captured::Nothing,
        "heard again, it is no news"
    );
}

#[test]
fn attachments_are_named() {
    let mut channel = Channel::at("03:10");
    let mut heard = said("03:10", "");
    heard.attachments = vec![graph()];
    channel.hears(&reacted(&heard, KIM, "🔎"));
    assert_eq!(channel.entry().text, "[attached: graph.png]");
    assert_eq!(channel.entry().files, [graph()]);
    let nothing = Channel::at("03:10").hears(&reacted(&said("03:09", ""), KIM, "🔎"));
    assert!(matches!(nothing, Captured::Refused(_)));
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
    assert!(!channel.entry().is_late());
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

/// What may be done to one message without taking anything back, each with its own time.
fn additions() -> Vec<(DateTime<Utc>, Signal)> {
    let heard = said("03:10", "@02:50 obs: first 500s");
    let minute = |minutes: i64| at("03:10") + TimeDelta::minutes(minutes);
    vec![
        (minute(0), Signal::Message(heard.clone())),
        (minute(1), reacted(&heard, KIM, "⚖️")),
        (minute(2), reacted(&heard, ADA, "🔎")),
        (minute(3), reacted(&heard, KIM, "🛠️")),
        (
            minute(4),
            Signal::Pinned {
                message: heard.clone(),
                by: ADA,
            },
        ),
        (minute(5), chosen(&heard, ADA, Kind::Impact, None)),
        (
            minute(6),
            Signal::Deleted {
                message: heard.message,
            },
        ),
    ]
}

proptest! {
    #[test]
    fn in_whichever_order_and_however_often_marks_come_to_the_same_line(
        order in Just(additions()).prop_shuffle(),
        repeated in proptest::collection::vec(0_usize..7, 0..10),
    ) {
        let mut orderly = Channel::at("03:10");
        for (now, signal) in additions() {
            orderly.now = now;
            orderly.hears(&signal);
        }
        let mut shuffled = Channel::at("03:10");
        // A deletion of what is not known says nothing; it is heard after the rest.
        for (now, signal) in order.iter().chain(additions().last()) {
            shuffled.now = *now;
            shuffled.hears(signal);
        }
        let comparable = |channel: &Channel| Entry {
            source_deleted_at: None,
            ..channel.entry().clone()
        };
        prop_assert_eq!(comparable(&orderly), comparable(&shuffled));
        prop_assert!(shuffled.entry().source_deleted_at.is_some());
        let writes = shuffled.writes;
        for index in repeated {
            let (now, signal) = &order[index];
            shuffled.now = *now;
            prop_assert_eq!(shuffled.hears(signal), Captured::Nothing);
        }
        prop_assert_eq!(shuffled.writes, writes);
    }

    #[test]
    fn whatever_is_written_is_kept_within_bounds_and_never_panics(
        text in "[ -~äöü@:\\-0-9\n]{0,60}",
        edited in "[ -~äöü@:\\-0-9\n]{0,60}",
        emoji in prop_oneof![Just("⚖️"), Just("🔎"), Just("👍")],
        keep_everything in any::<bool>(),
    ) {
        let mut channel = Channel::at("03:10");
        channel.keep_everything = keep_everything;
        let heard = said("03:09", &text);
        channel.hears(&Signal::Message(heard.clone()));
        channel.hears(&reacted(&heard, KIM, emoji));
        channel.hears(&Signal::Edited(said("03:09", &edited)));
        channel.hears(&unreacted(&heard, KIM, emoji));
        if let Some(stored) = &channel.known {
            prop_assert!(!stored.entry.text.is_empty());
            prop_assert!(stored.entry.event_at <= channel.now);
            prop_assert!(stored.entry.text.chars().count() <= 1_000);
            prop_assert_eq!(stored.entry.message.map(|(channel, _)| channel), Some(CHANNEL));
        }
    }
}
