//! Who was asked by the bot itself, and when.

use std::collections::BTreeMap;

use bridgewatch_core::ports::{Change, Expected, Store};

use super::{SAM, assert_conflict, at, declare, described, load};
use crate::Home;

#[tokio::test]
async fn of_two_incidents_that_ask_the_same_person_at_once_one_decides_again() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let one = declare(&store, "DbDown").await;
    let other = declare(&store, "QueueLong").await;
    let asking = |incident, known: i64, now: i64| Change {
        prompts: BTreeMap::from([(SAM, at(known))]),
        ..described(incident, "orders fail", at(now))
    };
    assert!(store.last_prompts(at(0)).await.expect("a read").is_empty());
    let known = 0;
    store
        .commit(asking(&one, known, 60))
        .await
        .expect("nobody has asked");
    assert_conflict(store.commit(asking(&other, known, 61)).await);
    assert_eq!(
        load(&store, other.id).await.seq,
        other.seq,
        "nothing of it was written"
    );

    let prompts = store.last_prompts(at(0)).await.expect("a read");
    assert_eq!(prompts, BTreeMap::from([(SAM, at(60))]));
    store
        .commit(asking(&other, 60, 360))
        .await
        .expect("it was decided with the newest prompt");
    let lately = store.last_prompts(at(100)).await.expect("a read");
    assert_eq!(lately, BTreeMap::from([(SAM, at(360))]));
    assert!(
        store
            .last_prompts(at(361))
            .await
            .expect("a read")
            .is_empty()
    );
}

#[tokio::test]
async fn asking_needs_no_incident_that_changes() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await;
    for now in [60, 10] {
        let change = Change {
            prompts: BTreeMap::from([(SAM, chrono::DateTime::<chrono::Utc>::MAX_UTC)]),
            ..Change::of(incident.id, Expected::Any, at(now))
        };
        store.commit(change).await.expect("whatever was asked");
    }
}
