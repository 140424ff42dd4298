//! Maintenance windows and what they hold.

use std::collections::BTreeMap;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::incident::Policy;
use bridgewatch_core::maintenance::{NewWindow, Window, Windows};
use bridgewatch_core::ports::{Cutoff, Store};

use super::{SAM, at};
use crate::Home;

async fn planned(store: &dyn Store, what: &str) -> Window {
    let mut windows = store.windows().await.expect("a read");
    let new = NewWindow {
        what: what.to_owned(),
        from: String::new(),
        until: String::new(),
        zone: Policy::default().zone,
        reason: "new\0database".to_owned(),
        by: SAM,
    };
    let window = windows.plan(&new, at(0)).expect("within the limits");
    store.keep_window(&window, at(0)).await.expect("it is kept");
    window
}

async fn settled(store: &dyn Store, window: &Window, seconds: i64) {
    let window = Window {
        is_settled: true,
        ..window.clone()
    };
    let kept = store.keep_window(&window, at(seconds)).await;
    kept.expect("it is kept");
}

fn note(receipt: &str) -> NewEffect {
    NewEffect {
        id: EffectId(format!("told-of-{receipt}")),
        incident: None,
        // Of one stream only the first would be claimed.
        stream: format!("operators-{receipt}"),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::NoteInDigest {
            text: "held".to_owned(),
        },
    }
}

async fn numbers(store: &dyn Store) -> Vec<u32> {
    let windows = store.windows().await.expect("a read");
    windows.0.iter().map(|window| window.id).collect()
}

#[tokio::test]
async fn a_window_is_read_as_it_was_planned_and_holds_the_newest_notice_of_each_group() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    assert_eq!(store.windows().await.expect("a read"), Windows::default());
    let first = planned(&store, "orders").await;
    let second = planned(&store, "service=mail,zone=eu").await;
    for (group, receipt, is_first) in [("g1", "r1", true), ("g1", "r2", false), ("g2", "r3", false)]
    {
        let note = Some((note(receipt), at(10)));
        let held = store.hold_notice(first.id, group, receipt, note).await;
        assert_eq!(held.expect("it is held"), is_first, "{receipt}");
    }
    let claimed = store.claim(at(10), "one", 60, 10).await.expect("a claim");
    let told: Vec<&str> = claimed
        .iter()
        .map(|claimed| claimed.claim.id.0.as_str())
        .collect();
    assert_eq!(told, ["told-of-r1"], "with the first notice, and no other");
    let mut read = store.windows().await.expect("a read").0;
    let held =
        [("g1", "r2"), ("g2", "r3")].map(|(group, receipt)| (group.to_owned(), receipt.to_owned()));
    assert_eq!(read[0].held, BTreeMap::from(held));
    read[0].held.clear();
    assert_eq!(read, [first.clone(), second]);

    let ended = Window {
        until: at(100),
        ..first
    };
    store
        .keep_window(&ended, at(100))
        .await
        .expect("it is kept");
    let read = store.windows().await.expect("a read").0;
    assert_eq!((read[0].until, read[0].held.len()), (at(100), 2));
}

#[tokio::test]
async fn what_is_settled_is_no_longer_read_and_no_number_comes_twice() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let first = planned(&store, "orders").await;
    let second = planned(&store, "mail").await;
    let held = store.hold_notice(first.id, "g1", "r1", None).await;
    held.expect("it is held");
    settled(&store, &second, 200).await;
    assert_eq!(numbers(&store).await, [1, 2]);
    settled(&store, &first, 100).await;
    assert_eq!(
        numbers(&store).await,
        [2],
        "the newest says which number is next"
    );

    let cutoff = Cutoff {
        settled_before: at(0),
        received_before: at(300),
    };
    assert_eq!(store.forget(cutoff, 100).await.expect("forgotten"), 2);
    assert_eq!(store.forget(cutoff, 100).await.expect("forgotten"), 0);
    assert_eq!(planned(&store, "edge").await.id, 3);
    assert_eq!(numbers(&store).await, [3]);
}
