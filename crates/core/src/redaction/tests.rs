//! A secret that was typed once, and where it is afterwards: nowhere.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ids::{ChannelId, FileId, IncidentId, MessageId, Seq};
use crate::incident::{Actor, Event};
use crate::person::PersonId;
use crate::timeline::{
    Captured, Importance, Kind, MessageHeard, Precision, Revision, Room, Signal, Source, Who,
    capture,
};

const KIM: PersonId = PersonId(190_000_000_000_000_004);

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn line(number: i64, text: &str) -> StoredEntry {
    StoredEntry {
        incident: IncidentId(1),
        entry: Entry {
            number: Some(EntryNumber(number)),
            kind: Kind::Observation,
            event_at: at(),
            precision: Precision::Exact,
            recorded_at: at(),
            who: Who::Person {
                id: KIM,
                roles: BTreeSet::new(),
            },
            text: text.to_owned(),
            source: Source::Message,
            importance: Importance::Normal,
            message: None,
            files: Vec::new(),
            marks: Vec::new(),
            choice: None,
            revisions: Vec::new(),
            state: EntryState::Active,
            audience: Default::default(),
            source_deleted_at: None,
        },
        revision: 0,
    }
}

fn scrub(line: &StoredEntry, selection: Option<&str>, events: &[Recorded]) -> Scrub {
    Scrub::of(line, selection, events, "[redacted]".to_owned()).expect("the words are in the line")
}

fn redacted() -> EntryState {
    EntryState::Redacted {
        at: at(),
        by: KIM,
        sealed: false,
    }
}

fn texts(writes: &[EntryWrite]) -> Vec<String> {
    writes
        .iter()
        .map(|write| match write {
            EntryWrite::Add(entry) | EntryWrite::Rewrite { entry, .. } => entry.text.clone(),
        })
        .collect()
}

#[test]
fn the_line_its_past_and_every_line_that_repeats_it_lose_the_words() {
    let mut first = line(1, "the login is amber-otter-42 now");
    first.entry.revisions.push(Revision {
        text: "the login is amber-otter-41".to_owned(),
        ..serde_json::from_value(json!({
            "text": "", "kind": "note", "event_at": at(), "changed_at": at(),
            "changed_by": {"is": "bot"}
        }))
        .expect("a revision")
    });
    let second = line(2, "Kim said: the login is amber-otter-42 now");
    let third = line(3, "nothing of the kind");
    let scrub = scrub(&first, None, &[]);
    let writes = scrub.lines(&[first, second, third], &redacted());
    assert_eq!(texts(&writes), ["[redacted]", "Kim said: [redacted]"]);
    let stored = format!("{writes:?}");
    assert!(!stored.contains("amber-otter"), "{stored}");
    assert!(stored.matches("Redacted").count() >= 2, "{stored}");
}

#[test]
fn a_part_of_a_line_can_go_and_the_rest_stays() {
    let only = line(1, "login with hunter2222 and restart");
    let scrub = scrub(&only, Some(" hunter2222 "), &[]);
    let writes = scrub.lines(std::slice::from_ref(&only), &redacted());
    assert_eq!(texts(&writes), ["login with [redacted] and restart"]);
    let problem = Scrub::of(&only, Some("otter"), &[], String::new()).expect_err("it is not there");
    assert_eq!(
        problem,
        "T-1 does not say that: copy the words from the line, or redact all of it."
    );
}

#[test]
fn a_short_word_goes_from_its_own_line_only() {
    let first = line(1, "pin 4711 works");
    let second = line(2, "queue at 4711 messages");
    let scrub = scrub(&first, Some("4711"), &[]);
    let writes = scrub.lines(&[first, second], &redacted());
    assert_eq!(texts(&writes), ["pin [redacted] works"]);
}

#[test]
fn what_the_event_said_goes_though_the_line_says_it_with_other_words_around_it() {
    let hypothesis = line(1, "We think it is: Bob's laptop 10.1.2.3");
    let event = Recorded {
        seq: Seq(3),
        at: at(),
        actor: Actor::Bot,
        event: Event::HypothesisStated {
            text: "Bob's laptop 10.1.2.3".to_owned(),
        },
    };
    let scrub = scrub(&hypothesis, None, std::slice::from_ref(&event));
    assert_eq!(
        scrub.text("cause: Bob's laptop 10.1.2.3."),
        Some("cause: [redacted].".to_owned())
    );
}

/// The incident wrote them in one line, and they are too few to be looked for anywhere else.
#[test]
fn what_was_learned_from_the_line_goes_though_it_says_it_in_other_or_in_few_words() {
    for (words, learned) in [
        ("customer Meier\nsees it", "customer Meier sees it"),
        ("4711", "4711"),
    ] {
        let scrub = scrub(&line(3, words), None, &[]);
        let stored = json!({"hypothesis_noted": {"text": learned, "by": 1, "line": 3}}).to_string();
        let clean = scrub.json(&stored, |_| true).expect("it names the line");
        assert!(!clean.contains(learned), "{clean}");
        let other = json!({"hypothesis_noted": {"text": "4712", "by": 1, "line": 4}}).to_string();
        assert_eq!(scrub.json(&other, |_| true), None);
    }
}

#[test]
fn words_that_were_cut_to_fit_go_too() {
    let long = line(
        1,
        "the password of the replica is correct horse battery staple",
    );
    let scrub = scrub(&long, None, &[]);
    assert_eq!(
        scrub.text("🕓 added late: the password of the replica is cor…"),
        Some("🕓 added late: [redacted]".to_owned())
    );
    assert_eq!(scrub.text("the password of another thing"), None);
}

#[test]
fn what_names_a_thing_stays_though_somebody_redacts_that_word() {
    let only = line(1, "observation");
    let scrub = scrub(&only, None, &[]);
    let stored = serde_json::to_string(&line(2, "my observation").entry).expect("an entry");
    let clean = scrub
        .json(&stored, |value| Entry::deserialize(value).is_ok())
        .expect("the text says it");
    let entry: Entry = serde_json::from_str(&clean).expect("it can be read");
    assert_eq!(
        (entry.kind, entry.text.as_str()),
        (Kind::Observation, "my [redacted]")
    );

    // A place that would make it unreadable is left alone, and the others are not.
    let odd = json!({"what": "observation", "text": "my observation"}).to_string();
    let clean = scrub.json(&odd, |value| value["what"] == "observation");
    assert_eq!(
        clean,
        Some(json!({"what": "observation", "text": "my [redacted]"}).to_string())
    );
}

#[test]
fn a_scrub_is_never_printed_with_its_words() {
    let only = line(1, "the login is amber-otter-42 now");
    let printed = format!("{:?}", scrub(&only, None, &[]));
    assert!(!printed.contains("otter"), "{printed}");
}

fn with_file(mut line: StoredEntry, name: &str, sha256: &str) -> StoredEntry {
    let mut file = AttachedFile::heard(FileId(9), name, 10, None, "");
    file.copy = FileCopy::Kept {
        sha256: sha256.to_owned(),
    };
    line.entry.files.push(file);
    line
}

fn line_in(writes: &[EntryWrite], number: i64) -> Option<&Entry> {
    writes.iter().find_map(|write| match write {
        EntryWrite::Rewrite { entry, .. } if entry.number == Some(EntryNumber(number)) => {
            Some(entry)
        }
        _ => None,
    })
}

/// What a file holds goes with the line, and from under every other line that has the same.
#[test]
fn the_files_of_a_redacted_line_go_with_it() {
    let timeline = [
        with_file(line(1, "look at this [attached: env.png]"), "env.png", "aa"),
        with_file(line(2, "again [attached: copy.png]"), "copy.png", "aa"),
        with_file(
            line(3, "the graph [attached: graph.png]"),
            "graph.png",
            "bb",
        ),
    ];
    let scrub = Scrub::of(&timeline[0], None, &[], "[redacted]".to_owned()).expect("all of it");
    let mut writes = scrub.lines(&timeline, &redacted());

    let gone = files_taken_out(EntryNumber(1), &timeline, &mut writes);

    assert_eq!(gone, BTreeSet::from(["aa".to_owned()]));
    let first = line_in(&writes, 1).expect("it is redacted");
    assert_eq!(first.files, []);
    let second = line_in(&writes, 2).expect("it had the same content");
    assert_eq!(second.state, EntryState::Active);
    assert_eq!(
        second.files[0].words(),
        "10 bytes, not copied: redacted with T-1"
    );
    assert_eq!(line_in(&writes, 3), None, "another file stays");
}

#[test]
fn of_a_line_that_is_redacted_in_part_only_the_file_that_is_named_goes() {
    let words = "two [attached: env.png] [attached: graph.png]";
    let both = with_file(line(1, words), "env.png", "aa");
    let timeline = [with_file(both, "graph.png", "bb")];
    for (selection, left) in [
        ("env.png", vec!["graph.png"]),
        ("two", vec!["env.png", "graph.png"]),
    ] {
        let scrub = Scrub::of(&timeline[0], Some(selection), &[], "[redacted]".to_owned())
            .expect("the line says it");
        let mut writes = scrub.lines(&timeline, &redacted());
        let gone = files_taken_out(EntryNumber(1), &timeline, &mut writes);
        let after = line_in(&writes, 1).expect("it is redacted");
        let names: Vec<&str> = after.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(
            (names, gone.len()),
            (left.clone(), 2 - left.len()),
            "{selection}"
        );
    }
}

/// Nothing is copied for a redacted line, so nothing of it waits.
#[test]
fn a_file_that_was_not_copied_when_its_line_was_redacted_in_part_is_left() {
    let mut only = line(1, "two [attached: graph.png]");
    let file = AttachedFile::heard(
        FileId(9),
        "graph.png",
        10,
        None,
        "https://cdn.example/graph.png",
    );
    only.entry.files.push(file);
    let mut alike = only.clone();
    alike.entry.number = Some(EntryNumber(2));
    let scrub = scrub(&only, Some("two [attached:"), &[]);
    let writes = scrub.lines(&[only, alike], &redacted());
    for number in [1, 2] {
        let after = line_in(&writes, number).expect("it is redacted, as what says the same is");
        assert_eq!(after.next_to_copy(), None);
        assert_eq!(
            after.files[0].words(),
            "10 bytes, not copied: its line was redacted first"
        );
    }
}

/// Hidden in part, then gone for good: the words that were hidden are those that have to go.
#[test]
fn what_was_hidden_of_a_line_goes_with_all_of_it() {
    let whole = line(1, "the login is hunter22 now");
    let mut shown = whole.clone();
    shown.entry.text = "the login is [redacted: by Kim 04:10 UTC] now".to_owned();
    let scrub = scrub(&whole, None, &[]);
    assert_eq!(scrub.text("version hunter22"), None);
    let scrub = scrub.with_what_was_hidden(&whole.entry, &shown.entry);
    assert_eq!(
        scrub.text("version hunter22").as_deref(),
        Some("version [redacted]")
    );
}

/// A service names a thing in every incident.
#[test]
fn a_service_keeps_its_name() {
    let only = line(1, "it is orders-api again");
    let scrub = scrub(&only, Some("orders-api"), &[]);
    let report = json!({"service": "orders-api", "version": "orders-api 7"}).to_string();
    let clean = scrub.json(&report, |_| true).expect("the version says it");
    let clean: serde_json::Value = serde_json::from_str(&clean).expect("still JSON");
    assert_eq!(
        clean,
        json!({"service": "orders-api", "version": "[redacted] 7"})
    );
}

/// Discord tells edits late, twice, and after a restart: whatever is heard of the message, the words stay away.
#[test]
fn nothing_that_is_heard_of_the_message_brings_the_words_back() {
    let mut gone = line(1, "[redacted]");
    gone.entry.state = redacted();
    let heard = MessageHeard {
        channel: ChannelId(1),
        message: MessageId(2),
        author: KIM,
        text: "obs: the login is amber-otter-42 now".to_owned(),
        attachments: Vec::new(),
    };
    let room = Room {
        now: at(),
        zone: chrono_tz::UTC,
        prefixes: crate::timeline::Prefixes::default(),
        keep_everything: true,
        roles: BTreeSet::new(),
        phase: crate::phase::Phase::Diagnosis,
        detected_at: None,
        keeper: crate::timeline::Keeper::Everybody,
        late_after: crate::incident::Policy::default().late_after,
        readers: BTreeSet::new(),
    };
    for signal in [
        Signal::Message(heard.clone()),
        Signal::Edited(heard.clone()),
        Signal::Pinned {
            message: heard.clone(),
            by: KIM,
        },
        Signal::Chosen {
            message: heard,
            by: KIM,
            kind: Kind::Note,
            text: Some("the login is amber-otter-42 now".to_owned()),
            at: None,
            with: crate::timeline::MarkedBy::Menu,
        },
        Signal::Restored {
            number: EntryNumber(1),
            by: KIM,
        },
    ] {
        assert_eq!(capture(Some(&gone), &signal, &room), Captured::Nothing);
    }
}

proptest! {
    #[test]
    fn no_string_of_any_json_holds_the_words_afterwards(
        secret in "[A-Za-z0-9]{6,20}", around in "[ -~]{0,12}", depth in 0_usize..4
    ) {
        let only = line(1, &secret);
        let scrub = Scrub::of(&only, None, &[], "\u{2588}".to_owned()).expect("all of it");
        let mut value = json!({"text": format!("{around}{secret}{around}")});
        for _ in 0..depth {
            value = json!([{"deeper": value, "text": secret.clone()}]);
        }
        let clean = scrub.json(&value.to_string(), |_| true).expect("it held them");
        prop_assert!(!clean.contains(&secret), "{clean}");
    }
}
