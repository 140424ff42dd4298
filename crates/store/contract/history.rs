//! Incidents: one change at a time, each exactly once.

use std::collections::BTreeSet;
use std::sync::Arc;

use bridgewatch_core::ids::{ChannelId, IncidentId, Seq};
use bridgewatch_core::incident::{CancelReason, Event, fold};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{Change, CommitError, Expected, Store};

use super::{
    assert_broken, assert_conflict, at, cancelled, continued, declare, declared, described, load,
};
use crate::Home;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_make_one_dense_history() {
    const WRITERS: usize = 8;
    const CHANGES: usize = 20;
    let Some(home) = Home::new().await else {
        return;
    };
    let store = Arc::new(home.open().await);
    let id = declare(store.as_ref(), "DbDown on orders").await.id;

    let writers = (0..WRITERS).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for change in 0..CHANGES {
                let name = format!("{writer}/{change}");
                loop {
                    let before = load(store.as_ref(), id).await;
                    let mut change = described(&before, &name, at(1));
                    change.delivery = Some(name.clone());
                    match store.commit(change).await {
                        Ok(_) => break,
                        Err(CommitError::Conflict) => {}
                        Err(other) => panic!("{name}: {other}"),
                    }
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no writer panics");
    }

    let events = store.events(id).await.expect("a history");
    let positions: Vec<_> = events.iter().map(|event| event.seq.0).collect();
    let all = i64::try_from(WRITERS * CHANGES).expect("a small number") + 1;
    assert_eq!(positions, (1..=all).collect::<Vec<_>>());
    let said: BTreeSet<_> = events
        .iter()
        .filter_map(|event| match &event.event {
            Event::ImpactDescribed { text } => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(said.len(), WRITERS * CHANGES, "every change is there once");
    assert_eq!(
        fold(id, &events),
        Some(load(store.as_ref(), id).await),
        "the state is what the history says"
    );
}

#[tokio::test]
async fn what_is_read_is_what_was_written() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = store.next_incident().await.expect("a number");
    let mut change = declared(id, "Orders: “größer” 🟥 \u{0} than before");
    change.wake_at = Some(at(300));
    store.commit(change.clone()).await.expect("a new incident");
    assert_eq!(store.incident(id).await.expect("a read"), change.after);
    assert_eq!(store.events(id).await.expect("a read"), change.events);
    assert_eq!(
        store.incident(IncidentId(id.0 + 1)).await.expect("a read"),
        None
    );
    assert_eq!(store.next_wake().await.expect("a read"), Some(at(300)));
    assert_eq!(store.due_incidents(at(299)).await.expect("a read"), []);
    assert_eq!(store.due_incidents(at(300)).await.expect("a read"), [id]);
}

#[tokio::test]
async fn numbers_are_never_given_twice() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = Arc::new(home.open().await);
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.next_incident().await.expect("a number") })
        })
        .collect();
    let mut given = BTreeSet::new();
    for number in asked {
        given.insert(number.await.expect("no panic"));
    }
    assert_eq!(given, (1..=20).map(IncidentId).collect());
}

#[tokio::test]
async fn a_decision_made_from_an_older_state_is_refused_and_leaves_nothing() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = declare(&store, "DbDown").await;
    store
        .commit(described(&before, "first", at(1)))
        .await
        .expect("nobody was faster");

    let mut late = described(&before, "second", at(2));
    late.delivery = Some("interaction-1".to_owned());
    late.cursor = Some((ChannelId(7), bridgewatch_core::ids::MessageId(9)));
    assert_conflict(store.commit(late.clone()).await);
    assert_eq!(store.cursor(ChannelId(7)).await.expect("a read"), None);

    // The delivery id was not used up: the same cause may try again from what is true now.
    let mut again = described(&load(&store, before.id).await, "second", at(3));
    again.delivery = late.delivery;
    store
        .commit(again)
        .await
        .expect("the delivery is still new");
    assert_eq!(
        load(&store, before.id).await.impact_text.as_deref(),
        Some("second")
    );
}

#[tokio::test]
async fn a_delivery_heard_twice_changes_nothing_the_second_time() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = declare(&store, "DbDown").await;
    let mut first = described(&before, "first", at(1));
    first.delivery = Some("interaction-1".to_owned());
    store.commit(first).await.expect("the first time");

    let now = load(&store, before.id).await;
    let mut second = described(&now, "again", at(2));
    second.delivery = Some("interaction-1".to_owned());
    let outcome = store.commit(second).await;
    assert!(
        matches!(outcome, Err(CommitError::Duplicate)),
        "{outcome:?}"
    );
    assert_eq!(load(&store, before.id).await, now);
}

#[tokio::test]
async fn an_incident_is_declared_once() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await;
    assert_conflict(store.commit(declared(incident.id, "the same number")).await);
    assert_conflict(
        store
            .commit(Change::of(incident.id, Expected::New, at(1)))
            .await,
    );
    assert_eq!(load(&store, incident.id).await.title, "DbDown");
}

#[tokio::test]
async fn a_change_that_contradicts_itself_is_refused() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = declare(&store, "DbDown").await;

    let mut gap = described(&before, "gap", at(1));
    gap.events[0].seq = Seq(7);
    assert_broken(store.commit(gap).await, "do not lead from 1 to 2");

    let mut foreign = described(&before, "foreign", at(1));
    foreign.incident = IncidentId(99);
    assert_broken(
        store.commit(foreign).await,
        "the state after it is that of INC-0001",
    );

    let mut blind = described(&before, "blind", at(1));
    blind.expected = Expected::Any;
    assert_broken(
        store.commit(blind).await,
        "does not say what it was decided from",
    );

    let mut stateless = described(&before, "stateless", at(1));
    stateless.after = None;
    assert_broken(store.commit(stateless).await, "no state after them");

    assert_eq!(load(&store, before.id).await, before);
}

#[tokio::test]
async fn an_incident_is_found_by_its_channel() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await;
    let channel = ChannelId(1_234_567_890_123_456_789);
    assert_eq!(
        store.incident_of_channel(channel).await.expect("a read"),
        None
    );
    store
        .commit(continued(
            &incident,
            Event::ChannelLinked { channel },
            at(1),
        ))
        .await
        .expect("nobody was faster");
    assert_eq!(
        store.incident_of_channel(channel).await.expect("a read"),
        Some(incident.id)
    );
}

#[tokio::test]
async fn a_list_tells_what_cleared_by_itself_from_what_was_nothing() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    declare(&store, "live").await;
    for (title, reason) in [
        ("nothing", CancelReason::FalseAlarm),
        ("cleared", CancelReason::SelfCleared),
    ] {
        let incident = declare(&store, title).await;
        let ended = continued(&incident, Event::Cancelled { reason }, at(60));
        store.commit(ended).await.expect("nobody was faster");
    }
    let listed = store.list(false, 10).await.expect("a list");
    let mut near_misses = listed.iter().filter(|row| row.near_miss);
    assert_eq!(
        near_misses.next().map(|row| row.title.as_str()),
        Some("cleared")
    );
    assert!(near_misses.next().is_none());
}

#[tokio::test]
async fn lists_tell_the_live_from_the_ended() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let ended = declare(&store, "DbDown").await;
    let live = declare(&store, "ApiSlow").await;
    store
        .commit(cancelled(&ended, at(60)))
        .await
        .expect("nobody was faster");

    let listed = store.list(false, 10).await.expect("a list");
    let seen: Vec<_> = listed
        .iter()
        .map(|row| (row.id, row.phase, row.title.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (live.id, Phase::Open, "ApiSlow"),
            (ended.id, Phase::Cancelled, "DbDown")
        ]
    );
    assert_eq!(store.list(false, 1).await.expect("a list").len(), 1);
    let only_live: Vec<_> = store
        .list(true, 10)
        .await
        .expect("a list")
        .iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(only_live, [live.id]);

    let recent = async |when| store.recent_incidents(when).await.expect("a read").len();
    assert_eq!(recent(at(59)).await, 2);
    assert_eq!(recent(at(60)).await, 1);
}

#[tokio::test]
async fn an_incident_that_ended_keeps_the_time_of_its_end_until_it_is_reopened() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await;
    store
        .commit(cancelled(&incident, at(60)))
        .await
        .expect("nobody was faster");
    let ended = load(&store, incident.id).await;
    store
        .commit(described(&ended, "told later", at(900)))
        .await
        .expect("nobody was faster");
    assert_eq!(
        store.recent_incidents(at(60)).await.expect("a read"),
        [],
        "it ended at 60, not at 900"
    );

    let told = load(&store, incident.id).await;
    let reopened = continued(&told, Event::Reopened { from: told.phase }, at(1_000));
    store.commit(reopened).await.expect("nobody was faster");
    assert_eq!(
        store
            .recent_incidents(at(9_000))
            .await
            .expect("a read")
            .len(),
        1,
        "it is live"
    );
}
