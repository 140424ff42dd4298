//! What attached files hold.

use std::sync::Arc;

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{Change, Expected, FileContent, Store};

use super::{at, declare};
use crate::Home;

fn content(sha256: &str, bytes: &[u8]) -> FileContent {
    FileContent {
        sha256: sha256.to_owned(),
        bytes: Arc::from(bytes),
    }
}

fn keeping(id: IncidentId, contents: Vec<FileContent>) -> Change {
    Change {
        files: contents,
        ..Change::of(id, Expected::Any, at(0))
    }
}

#[tokio::test]
async fn equal_content_is_kept_once_for_each_incident() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let other = declare(&store, "ApiSlow").await.id;
    let bytes = [0, 159, 146, 150, 255];
    for incident in [id, other, id] {
        let change = keeping(incident, vec![content("aa", &bytes), content("bb", b"")]);
        store.commit(change).await.expect("nobody is faster");
    }
    for incident in [id, other] {
        let sizes = store.files(incident).await.expect("a read");
        let sizes: Vec<(&str, u64)> = sizes
            .iter()
            .map(|(hash, size)| (hash.as_str(), *size))
            .collect();
        assert_eq!(sizes, [("aa", 5), ("bb", 0)]);
        let kept = store.file(incident, "aa").await.expect("a read");
        assert_eq!(kept.as_deref(), Some(bytes.as_slice()), "byte for byte");
    }
    assert_eq!(store.file(id, "cc").await.expect("a read"), None);
}

#[tokio::test]
async fn content_is_destroyed_in_its_incident_alone() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let other = declare(&store, "ApiSlow").await.id;
    for incident in [id, other] {
        let change = keeping(incident, vec![content("aa", b"one"), content("bb", b"two")]);
        store.commit(change).await.expect("nobody is faster");
    }
    let change = Change {
        files_gone: ["aa".to_owned(), "never".to_owned()].into(),
        ..Change::of(id, Expected::Any, at(1))
    };
    store.commit(change).await.expect("nobody is faster");
    assert_eq!(store.file(id, "aa").await.expect("a read"), None);
    assert!(store.file(id, "bb").await.expect("a read").is_some());
    assert!(store.file(other, "aa").await.expect("a read").is_some());
}
