//! The lines of a timeline.

use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Change, EntryWrite, Expected, Store};
use bridgewatch_core::timeline::{Entry, EntryState, Importance, Kind, Precision, Source, Who};

use super::{SAM, assert_broken, assert_conflict, at, declare};
use crate::Home;

pub(crate) fn line(text: &str, happened: i64) -> Entry {
    Entry {
        number: None,
        kind: Kind::Observation,
        event_at: at(happened),
        precision: Precision::Exact,
        recorded_at: at(happened + 5),
        who: Who::Person {
            id: SAM,
            roles: [].into(),
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
    }
}

fn said(text: &str, happened: i64, message: u64) -> Entry {
    Entry {
        message: Some((ChannelId(1), MessageId(message))),
        ..line(text, happened)
    }
}

pub(crate) fn writing(id: IncidentId, entries: impl IntoIterator<Item = EntryWrite>) -> Change {
    Change {
        entries: entries.into_iter().collect(),
        ..Change::of(id, Expected::Any, at(0))
    }
}

#[tokio::test]
async fn the_newest_work_is_what_was_done_or_decided_last_and_still_stands() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let other = declare(&store, "ApiSlow").await.id;
    let work = |kind: Kind, text: &str, happened: i64| Entry {
        kind,
        ..line(text, happened)
    };
    let taken_back = Entry {
        state: EntryState::Retracted {
            at: at(50),
            reason: "a slip".to_owned(),
        },
        ..work(Kind::Action, "taken back", 40)
    };
    let redacted = |text: &str, happened: i64| Entry {
        state: EntryState::Redacted {
            at: at(60),
            by: PersonId(5),
            sealed: false,
        },
        ..work(Kind::Action, text, happened)
    };
    let entries = [
        work(Kind::Action, "fourth", 5),
        work(Kind::Action, "third", 10),
        work(Kind::Action, "first", 30),
        work(Kind::Decision, "second", 20),
        work(Kind::Observation, "only seen", 35),
        Entry {
            source: Source::Button,
            ..work(Kind::Decision, "resolved anyway", 45)
        },
        taken_back,
        redacted("[redacted: by Kim 04:10 UTC]", 50),
        redacted(
            "rotated [redacted: credential, by Kim 04:10 UTC] on all hosts",
            25,
        ),
    ];
    let change = writing(id, entries.map(EntryWrite::Add));
    store.commit(change).await.expect("it is stored");
    let elsewhere = EntryWrite::Add(work(Kind::Action, "elsewhere", 60));
    let change = writing(other, [elsewhere]);
    store.commit(change).await.expect("it is stored");

    let work = store.newest_work(id).await.expect("it can be read");
    let texts: Vec<&str> = work.iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(
        texts,
        ["first", "rotated [redacted] on all hosts", "second"],
        "of a redacted line what is left, and of one that is gone nothing"
    );
}

#[tokio::test]
async fn what_was_recorded_within_a_span_is_read_without_the_rest() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let other = declare(&store, "ApiSlow").await.id;
    let recorded = |text: &str, second: i64| {
        EntryWrite::Add(Entry {
            event_at: at(100 - second),
            recorded_at: at(second),
            ..line(text, 0)
        })
    };
    let change = writing(
        id,
        [
            recorded("before", 9),
            recorded("first", 10),
            recorded("last", 20),
            recorded("after", 21),
        ],
    );
    store.commit(change).await.expect("it is stored");
    store
        .commit(writing(other, [recorded("elsewhere", 15)]))
        .await
        .expect("it is stored");

    let within = store.recorded_within(id, at(10), at(20)).await;
    let within = within.expect("it can be read");
    let texts: Vec<&str> = within.iter().map(|line| line.entry.text.as_str()).collect();
    assert_eq!(texts, ["last", "first"], "in the order they happened");
    let nothing = store.recorded_within(id, at(11), at(19)).await;
    assert!(nothing.expect("it can be read").is_empty());
}

#[tokio::test]
async fn lines_are_numbered_in_the_order_they_come_and_read_in_the_order_they_happened() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let other = declare(&store, "ApiSlow").await.id;

    let change = writing(
        id,
        [
            EntryWrite::Add(line("b", 20)),
            EntryWrite::Add(line("a", 10)),
        ],
    );
    let committed = store
        .commit(change)
        .await
        .expect("chat conflicts with nobody");
    assert_eq!(committed.entries, [EntryNumber(1), EntryNumber(2)]);
    let committed = store
        .commit(writing(other, [EntryWrite::Add(line("x", 5))]))
        .await
        .expect("chat");
    assert_eq!(
        committed.entries,
        [EntryNumber(1)],
        "each incident counts by itself"
    );
    let committed = store
        .commit(writing(id, [EntryWrite::Add(line("c", 15))]))
        .await
        .expect("chat");
    assert_eq!(committed.entries, [EntryNumber(3)]);

    let timeline = store.timeline(id).await.expect("a read");
    let seen: Vec<_> = timeline
        .iter()
        .map(|stored| {
            (
                stored.entry.text.as_str(),
                stored.entry.number.map(|number| number.0),
                stored.revision,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [("a", Some(2), 0), ("c", Some(3), 0), ("b", Some(1), 0)]
    );
}

#[tokio::test]
async fn a_line_is_rewritten_only_as_it_was_read() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    store
        .commit(writing(id, [EntryWrite::Add(said("pool is full", 10, 77))]))
        .await
        .expect("chat");

    let read = store
        .entry_of_message(MessageId(77))
        .await
        .expect("a read")
        .expect("it is stored");
    assert_eq!(
        store
            .entry(id, EntryNumber(1))
            .await
            .expect("a read")
            .as_ref(),
        Some(&read)
    );
    let rewrite = |text: &str| EntryWrite::Rewrite {
        entry: Entry {
            text: text.to_owned(),
            ..read.entry.clone()
        },
        revision: read.revision,
    };
    store
        .commit(writing(id, [rewrite("pool is full: 100/100")]))
        .await
        .expect("as it was read");
    assert_conflict(
        store
            .commit(writing(id, [rewrite("somebody else's words")]))
            .await,
    );

    let now = store
        .entry(id, EntryNumber(1))
        .await
        .expect("a read")
        .expect("it is stored");
    assert_eq!(
        (now.entry.text.as_str(), now.revision),
        ("pool is full: 100/100", read.revision + 1)
    );
}

#[tokio::test]
async fn a_message_has_one_line() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    store
        .commit(writing(id, [EntryWrite::Add(said("pool is full", 10, 77))]))
        .await
        .expect("chat");
    assert_conflict(
        store
            .commit(writing(id, [EntryWrite::Add(said("pool is full", 10, 77))]))
            .await,
    );
    let committed = store
        .commit(writing(id, [EntryWrite::Add(line("typed", 20))]))
        .await
        .expect("chat");
    assert_eq!(
        committed.entries,
        [EntryNumber(2)],
        "a refused line uses up no number"
    );
}

#[tokio::test]
async fn a_line_needs_its_incident_and_a_rewrite_its_number() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let change = writing(IncidentId(5), [EntryWrite::Add(line("nowhere", 1))]);
    assert_broken(store.commit(change).await, "breaks a rule of the schema");
    let rewrite = EntryWrite::Rewrite {
        entry: line("which?", 1),
        revision: 0,
    };
    assert_broken(
        store.commit(writing(IncidentId(5), [rewrite])).await,
        "without a number",
    );
}
