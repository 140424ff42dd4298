//! What was changed, and when.

use bridgewatch_core::change::{ChangeKind, ReportedChange};
use bridgewatch_core::ports::{Change, Cutoff, Store};

use super::at;
use crate::Home;

fn change(id: &str, seconds: i64) -> ReportedChange {
    ReportedChange {
        id: id.to_owned(),
        service: "orders".to_owned(),
        version: "2026.11.3".to_owned(),
        kind: ChangeKind::Flag,
        who: Some("ada\0".to_owned()),
        link: None,
        at: at(seconds),
    }
}

fn reporting(changes: Vec<ReportedChange>, received: i64) -> Change {
    Change {
        reported: changes,
        ..Change::of_no_incident(at(received))
    }
}

async fn ids(store: &dyn Store, from: i64, until: i64, most: i64) -> Vec<String> {
    let changes = store.changes(at(from), at(until), most).await;
    let changes = changes.expect("a read").into_iter();
    changes.map(|change| change.id).collect()
}

#[tokio::test]
async fn changes_are_kept_once_and_read_newest_first() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let told = vec![
        change("first", 10),
        change("second", 20),
        change("third", 30),
    ];
    store.commit(reporting(told, 40)).await.expect("kept");
    let mut again = change("second", 25);
    again.version = "another".to_owned();
    store
        .commit(reporting(vec![again], 50))
        .await
        .expect("known");
    assert_eq!(ids(&store, 10, 30, 9).await, ["third", "second", "first"]);
    assert_eq!(ids(&store, 11, 29, 9).await, ["second"]);
    assert_eq!(ids(&store, 10, 30, 2).await, ["third", "second"]);
    let kept = store.changes(at(20), at(20), 1).await.expect("a read");
    let mut expected = change("second", 20);
    expected.who = Some("ada\u{fffd}".to_owned());
    assert_eq!(kept, [expected]);
}

#[tokio::test]
async fn a_change_is_forgotten_when_its_report_is_old() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let old = reporting(vec![change("old", 10)], 10);
    store.commit(old).await.expect("kept");
    let young = reporting(vec![change("young", 10)], 500);
    store.commit(young).await.expect("kept");
    let cutoff = Cutoff {
        settled_before: at(0),
        received_before: at(400),
    };
    assert_eq!(store.forget(cutoff, 10).await.expect("a write"), 1);
    assert_eq!(ids(&store, 0, 600, 9).await, ["young"]);
}
