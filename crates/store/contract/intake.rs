//! Webhooks as they came in.

use std::sync::Arc;

use bridgewatch_core::ports::{Change, Cutoff, Expected, KeptBody, Receipt, ReceiptState, Store};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{at, declare};
use crate::Home;

fn receipt(id: &str, body: &[u8], received: i64) -> Receipt {
    Receipt {
        id: id.to_owned(),
        source: "alertmanager".to_owned(),
        received_at: at(received),
        body: body.to_vec(),
        body_hash: Sha256::digest(body)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        problem: None,
    }
}

async fn pending(store: &dyn Store) -> Vec<String> {
    store
        .pending_receipts(10)
        .await
        .expect("a read")
        .into_iter()
        .map(|receipt| receipt.id)
        .collect()
}

#[tokio::test]
async fn a_receipt_waits_until_its_work_is_done() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await.id;
    for (id, received) in [("r3", 3), ("r1", 1), ("r2", 2)] {
        store
            .keep_receipt(receipt(id, b"{\"status\":\"firing\"}", received))
            .await
            .expect("kept");
    }
    assert_eq!(pending(&store).await, ["r1", "r2", "r3"], "oldest first");
    let first = store.pending_receipts(1).await.expect("a read");
    assert_eq!(first, [receipt("r1", b"{\"status\":\"firing\"}", 1)]);

    store
        .finish_receipt("r1", "ignored: a repeat", None)
        .await
        .expect("done");
    let change = Change {
        receipts: vec![("r2".to_owned(), "joined".to_owned())],
        ..Change::of(incident, Expected::Any, at(4))
    };
    store.commit(change).await.expect("done with a change");
    assert_eq!(pending(&store).await, ["r3"]);

    let traces: Vec<_> = store
        .receipts(None, 10)
        .await
        .expect("a read")
        .into_iter()
        .map(|kept| (kept.id, kept.state, kept.trace, kept.incident))
        .collect();
    assert_eq!(
        traces,
        [
            ("r3".to_owned(), ReceiptState::Pending, None, None),
            (
                "r2".to_owned(),
                ReceiptState::Done,
                Some("joined".to_owned()),
                Some(incident)
            ),
            (
                "r1".to_owned(),
                ReceiptState::Done,
                Some("ignored: a repeat".to_owned()),
                None
            ),
        ]
    );
    let of_incident = store.receipts(Some(incident), 10).await.expect("a read");
    assert_eq!(
        of_incident
            .iter()
            .map(|kept| kept.id.as_str())
            .collect::<Vec<_>>(),
        ["r2"]
    );
}

#[tokio::test]
async fn many_receipts_are_done_in_one_change() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = declare(&store, "DbDown").await.id;
    for (number, id) in ["r1", "r2", "r3"].into_iter().enumerate() {
        store
            .keep_receipt(receipt(id, id.as_bytes(), number as i64))
            .await
            .expect("kept");
    }
    let oldest = async || store.oldest_pending_receipt().await.expect("a read");
    assert_eq!(oldest().await, Some(at(0)));
    let done = |receipts: &[(&str, &str)]| {
        receipts
            .iter()
            .map(|(id, trace)| ((*id).to_owned(), (*trace).to_owned()))
            .collect()
    };
    let joined = Change {
        receipts: done(&[("r1", "joined"), ("r2", "joined, \"too\"")]),
        ..Change::of(incident, Expected::Any, at(4))
    };
    store.commit(joined).await.expect("two of an incident");
    assert_eq!(oldest().await, Some(at(2)));
    let nowhere = Change {
        receipts: done(&[("r3", "ignored"), ("r9", "not stored")]),
        ..Change::of_no_incident(at(5))
    };
    store.commit(nowhere).await.expect("one of none");
    assert_eq!(oldest().await, None);
    let kept: Vec<_> = store
        .receipts(None, 10)
        .await
        .expect("a read")
        .into_iter()
        .map(|kept| (kept.id, kept.trace.unwrap_or_default(), kept.incident))
        .collect();
    assert_eq!(
        kept,
        [
            ("r3".to_owned(), "ignored".to_owned(), None),
            (
                "r2".to_owned(),
                "joined, \"too\"".to_owned(),
                Some(incident)
            ),
            ("r1".to_owned(), "joined".to_owned(), Some(incident)),
        ]
    );
}

#[tokio::test]
async fn an_equal_body_is_known_when_it_comes_again() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let mut known = Vec::new();
    for (id, body) in [("r1", b"one"), ("r2", b"one"), ("r3", b"two")] {
        let kept = store.keep_receipt(receipt(id, body, 1)).await;
        known.push(kept.expect("kept"));
    }
    assert_eq!(known, [KeptBody::New, KeptBody::Repeated, KeptBody::New]);
    assert_eq!(
        pending(&store).await,
        ["r1", "r2", "r3"],
        "each is worked off"
    );
}

#[tokio::test]
async fn receipts_that_come_at_once_each_keep_their_own_body() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = Arc::new(home.open().await);
    // Some equal, some no text, one empty, and one so large that it shares a statement with nobody.
    let large = vec![b'x'; 5 * 1024 * 1024];
    let bodies: [&[u8]; 5] = [b"{}", "größer".as_bytes(), b"\xff\x00\xfe", b"", &large];
    let mut keeping = JoinSet::new();
    for number in 0..40 {
        let store = Arc::clone(&store);
        let receipt = receipt(
            &format!("r{number:02}"),
            bodies[number % bodies.len()],
            number as i64,
        );
        keeping.spawn(async move { store.keep_receipt(receipt).await });
    }
    let kept: Vec<KeptBody> = keeping
        .join_all()
        .await
        .into_iter()
        .map(|kept| kept.expect("kept"))
        .collect();
    let new = kept.iter().filter(|kept| **kept == KeptBody::New);
    assert_eq!(new.count(), bodies.len(), "each body is new once");
    for number in 0..40 {
        let id = format!("r{number:02}");
        let (kept, body) = store
            .kept_receipt(&id)
            .await
            .expect("a read")
            .expect("it is stored");
        assert_eq!((kept.id, kept.received_at), (id, at(number as i64)));
        assert_eq!(body, bodies[number % bodies.len()], "receipt {number}");
    }
}

#[tokio::test]
async fn a_page_of_large_bodies_is_short() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    for (id, received) in [("r1", 1), ("r2", 2), ("r3", 3)] {
        store
            .keep_receipt(receipt(id, &vec![b'x'; 10 * 1024 * 1024], received))
            .await
            .expect("kept");
    }
    assert_eq!(pending(&store).await, ["r1", "r2"], "and r3 the next time");
}

#[tokio::test]
async fn a_receipt_kept_twice_is_one_receipt() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    store
        .keep_receipt(receipt("r1", b"one", 1))
        .await
        .expect("kept");
    store
        .finish_receipt("r1", "done", None)
        .await
        .expect("done");
    store
        .keep_receipt(receipt("r1", b"one", 2))
        .await
        .expect("the sender did not hear our answer");
    assert_eq!(pending(&store).await, [""; 0], "its work is still done");
    store
        .finish_receipt("r9", "done", None)
        .await
        .expect("an unknown receipt is no reason to fail");
}

#[tokio::test]
async fn a_body_is_found_by_id_or_by_the_beginning_of_its_hash() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let body = b"\x00\xff not even text";
    let unreadable = Receipt {
        problem: Some("line 1: not JSON".to_owned()),
        ..receipt("r1", body, 1)
    };
    store.keep_receipt(unreadable.clone()).await.expect("kept");
    store
        .keep_receipt(receipt("r2", b"other", 2))
        .await
        .expect("kept");
    store
        .keep_receipt(Receipt {
            problem: Some("again".to_owned()),
            ..receipt("r3", body, 3)
        })
        .await
        .expect("kept");
    assert_eq!(
        pending(&store).await,
        ["r2"],
        "what cannot be understood does not wait for work"
    );

    let (kept, found) = store
        .kept_receipt("r1")
        .await
        .expect("a read")
        .expect("by its id");
    assert_eq!(
        (kept.id.as_str(), kept.state, kept.trace.as_deref()),
        ("r1", ReceiptState::Unreadable, Some("line 1: not JSON"))
    );
    assert_eq!(found, body);
    let prefix = unreadable.body_hash[..8].to_ascii_uppercase();
    let (kept, _) = store
        .kept_receipt(&prefix)
        .await
        .expect("a read")
        .expect("by its hash");
    assert_eq!(kept.id, "r3", "the newest with that body");
    for nothing in ["", "abc", "zzzzzz", "0000000000"] {
        assert_eq!(
            store.kept_receipt(nothing).await.expect("a read"),
            None,
            "{nothing}"
        );
    }
}

#[tokio::test]
async fn what_is_kept_is_there_when_the_store_is_opened_again() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    store
        .keep_receipt(receipt("r1", b"one", 1))
        .await
        .expect("kept");
    store.close().await;
    let store = home.open().await;
    assert_eq!(pending(&store).await, ["r1"]);
}

#[tokio::test]
async fn what_is_over_is_forgotten_and_what_waits_is_not() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    declare(&store, "DbDown").await;
    for (id, received) in [("old", 1), ("waiting", 2), ("young", 500)] {
        store
            .keep_receipt(receipt(id, id.as_bytes(), received))
            .await
            .expect("kept");
    }
    for id in ["old", "young"] {
        store
            .finish_receipt(id, "ignored", None)
            .await
            .expect("done");
    }
    let cutoff = Cutoff {
        settled_before: at(400),
        received_before: at(400),
    };
    let mut forgotten = 0;
    loop {
        match store.forget(cutoff, 1).await.expect("a write") {
            0 => break,
            some => forgotten += some,
        }
    }
    assert!(forgotten >= 2, "the receipt and its body: {forgotten}");
    let kept = |id: &'static str| store.kept_receipt(id);
    assert!(kept("old").await.expect("a read").is_none());
    assert!(kept("waiting").await.expect("a read").is_some());
    assert!(kept("young").await.expect("a read").is_some());
    assert_eq!(pending(&store).await, ["waiting"]);
}
