//! The small things that are remembered.

use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Change, Expected, Store, StoredPostmortem};

use super::{SAM, assert_conflict, at, declare};
use crate::Home;

#[tokio::test]
async fn a_cursor_never_moves_back() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await.id;
    let channel = ChannelId(5);
    let cursor = async || store.cursor(channel).await.expect("a read");
    assert_eq!(cursor().await, None);
    store
        .move_cursor(channel, MessageId(100))
        .await
        .expect("moved");
    store
        .move_cursor(channel, MessageId(90))
        .await
        .expect("ignored");
    assert_eq!(cursor().await, Some(MessageId(100)));
    for (message, then) in [(110, 110), (105, 110)] {
        let change = Change {
            cursor: Some((channel, MessageId(message))),
            ..Change::of(incident, Expected::Any, at(1))
        };
        store
            .commit(change)
            .await
            .expect("a change that also moves the cursor");
        assert_eq!(cursor().await, Some(MessageId(then)));
    }
}

#[tokio::test]
async fn facts_and_names_are_the_last_that_were_told() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    assert_eq!(store.fact("digest-channel").await.expect("a read"), None);
    for value in ["1", "2"] {
        store
            .remember("digest-channel", value)
            .await
            .expect("remembered");
    }
    assert_eq!(
        store
            .fact("digest-channel")
            .await
            .expect("a read")
            .as_deref(),
        Some("2")
    );
    for name in ["Sam", "Sam", "Sam (on call)"] {
        store.meet(SAM, name).await.expect("met");
    }
    store.meet(PersonId(7), "Ada").await.expect("met");
    let names: Vec<_> = store.names().await.expect("a read").into_iter().collect();
    assert_eq!(
        names,
        [
            (PersonId(7), "Ada".to_owned()),
            (SAM, "Sam (on call)".to_owned())
        ]
    );
}

#[tokio::test]
async fn every_version_of_a_postmortem_is_kept_once() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await.id;
    let draft = |version: u32| StoredPostmortem {
        incident,
        version,
        markdown: format!("# Version {version}"),
        at: at(i64::from(version)),
    };
    let keeping = |version| Change {
        postmortem: Some(draft(version)),
        ..Change::of(incident, Expected::Any, at(1))
    };
    assert_eq!(
        store.postmortem(incident, None).await.expect("a read"),
        None
    );
    for version in [1, 2] {
        store.commit(keeping(version)).await.expect("a new version");
    }
    assert_conflict(store.commit(keeping(2)).await);
    assert_eq!(
        store.postmortem(incident, None).await.expect("a read"),
        Some(draft(2))
    );
    assert_eq!(
        store.postmortem(incident, Some(1)).await.expect("a read"),
        Some(draft(1))
    );
    assert_eq!(
        store.postmortem(incident, Some(3)).await.expect("a read"),
        None
    );
}

#[tokio::test]
async fn a_store_that_works_says_so() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    store.check().await.expect("it works");
    store.check().await.expect("it still works");
}
