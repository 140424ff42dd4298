//! What must be done outside: in order, fenced, never lost.

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Change, Claimed, CommitError, Expected, Outcome, Store};
use chrono::{DateTime, Utc};

use super::{assert_conflict, at, declare, described, load};
use crate::Home;

const LEASE_SECONDS: i64 = 30;

fn effect(stream: &str, id: &str) -> NewEffect {
    NewEffect {
        id: EffectId(id.to_owned()),
        incident: None,
        stream: stream.to_owned(),
        lane: Lane::Interactive,
        coalesce_key: None,
        not_before: None,
        effect: Effect::TellOperators {
            text: id.to_owned(),
        },
    }
}

fn mirror(id: &str) -> NewEffect {
    NewEffect {
        coalesce_key: Some("board".to_owned()),
        ..effect("board", id)
    }
}

async fn add(store: &dyn Store, effects: impl IntoIterator<Item = NewEffect>) {
    store
        .enqueue(effects.into_iter().collect(), at(0))
        .await
        .expect("added");
}

async fn claim(store: &dyn Store, now: DateTime<Utc>) -> Vec<Claimed> {
    store
        .claim(now, "one#1", LEASE_SECONDS, 8)
        .await
        .expect("claimed")
}

fn ids(claimed: &[Claimed]) -> Vec<&str> {
    claimed
        .iter()
        .map(|claimed| claimed.claim.id.0.as_str())
        .collect()
}

async fn settle(
    store: &dyn Store,
    claimed: &Claimed,
    outcome: Outcome,
    now: DateTime<Utc>,
) -> bool {
    store
        .settle(&claimed.claim, outcome, now)
        .await
        .expect("settled")
}

fn retry(not_before: DateTime<Utc>) -> Outcome {
    Outcome::Retry {
        not_before,
        why: "503".to_owned(),
    }
}

fn dead() -> Outcome {
    Outcome::Dead {
        why: "403".to_owned(),
    }
}

#[tokio::test]
async fn a_stream_keeps_its_order() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(
        &store,
        [
            effect("inc-1", "b-first"),
            effect("inc-1", "a-second"),
            effect("inc-2", "other"),
        ],
    )
    .await;
    let claimed = claim(&store, at(1)).await;
    assert_eq!(
        ids(&claimed),
        ["b-first", "other"],
        "only the heads of the streams"
    );
    assert_eq!(
        ids(&claim(&store, at(2)).await),
        [""; 0],
        "the head is being worked on"
    );

    // The head has to wait; what stands behind it waits with it.
    assert!(settle(&store, &claimed[0], retry(at(60)), at(2)).await);
    assert_eq!(
        ids(&claim(&store, at(59)).await),
        ["other"],
        "its lease is over, but the head of inc-1 waits"
    );
    let claimed = claim(&store, at(60)).await;
    assert_eq!(ids(&claimed), ["b-first"]);
    assert!(settle(&store, &claimed[0], Outcome::Done, at(61)).await);
    assert_eq!(ids(&claim(&store, at(61)).await), ["a-second"]);
}

#[tokio::test]
async fn the_most_urgent_lane_goes_first() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let of = |lane, id: &str| NewEffect {
        lane,
        ..effect(id, id)
    };
    add(
        &store,
        [
            of(Lane::Background, "back"),
            of(Lane::Mirror, "mirror"),
            of(Lane::Opening, "open"),
        ],
    )
    .await;
    let first = store
        .claim(at(1), "one#1", LEASE_SECONDS, 2)
        .await
        .expect("claimed");
    assert_eq!(ids(&first), ["open", "mirror"]);
    assert_eq!(first[0].lane, Lane::Opening);
    assert_eq!(ids(&claim(&store, at(1)).await), ["back"]);
}

#[tokio::test]
async fn an_effect_stored_twice_is_stored_once() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(&store, [effect("inc-1", "open")]).await;
    let claimed = claim(&store, at(1)).await;
    assert!(settle(&store, &claimed[0], Outcome::Done, at(2)).await);
    add(&store, [effect("inc-1", "open"), effect("inc-1", "next")]).await;
    assert_eq!(
        ids(&claim(&store, at(3)).await),
        ["next"],
        "what is done stays done"
    );
}

#[tokio::test]
async fn the_newest_of_equal_goals_wins_and_never_replaces_itself() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(&store, [mirror("edit-1")]).await;
    add(&store, [mirror("edit-2")]).await;
    add(&store, [mirror("edit-3")]).await;
    // A sender that did not hear our answer sends again.
    add(&store, [mirror("edit-3")]).await;
    add(&store, [mirror("edit-2")]).await;
    let claimed = claim(&store, at(1)).await;
    assert_eq!(ids(&claimed), ["edit-3"]);
    assert!(settle(&store, &claimed[0], Outcome::Done, at(2)).await);
    assert_eq!(
        ids(&claim(&store, at(3)).await),
        [""; 0],
        "the older ones are gone"
    );
}

#[tokio::test]
async fn a_goal_that_was_begun_is_not_replaced() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(&store, [mirror("edit-1")]).await;
    let claimed = claim(&store, at(1)).await;
    add(&store, [mirror("edit-2")]).await;
    assert!(
        store
            .mark_sending(&claimed[0].claim, at(1))
            .await
            .expect("marked"),
        "it was not taken away"
    );
    assert!(settle(&store, &claimed[0], retry(at(5)), at(2)).await);
    add(&store, [mirror("edit-3")]).await;

    let claimed = claim(&store, at(5)).await;
    assert_eq!(
        ids(&claimed),
        ["edit-1"],
        "a byte may have left: it has to look"
    );
    assert_eq!(
        (claimed[0].maybe_sent_at, claimed[0].attempts),
        (Some(at(1)), 1)
    );
    assert!(settle(&store, &claimed[0], Outcome::Done, at(6)).await);
    assert_eq!(
        ids(&claim(&store, at(6)).await),
        ["edit-3"],
        "edit-2 was never begun"
    );
}

#[tokio::test]
async fn a_lease_that_ends_fences_its_owner_out() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = declare(&store, "DbDown").await;
    add(&store, [effect("inc-1", "open")]).await;
    let slow = claim(&store, at(0)).await.remove(0);
    assert_eq!(ids(&claim(&store, at(LEASE_SECONDS - 1)).await), [""; 0]);
    assert_eq!(
        store.next_effect_due().await.expect("a read"),
        Some(at(LEASE_SECONDS))
    );
    let quick = store
        .claim(at(LEASE_SECONDS), "two#1", LEASE_SECONDS, 8)
        .await
        .expect("claimed")
        .remove(0);
    assert_eq!(quick.claim.id, slow.claim.id);
    assert_ne!(quick.claim.epoch, slow.claim.epoch);

    assert!(
        !store
            .mark_sending(&slow.claim, at(31))
            .await
            .expect("answered"),
        "it must not send"
    );
    for outcome in [Outcome::Done, retry(at(40)), dead()] {
        assert!(
            !settle(&store, &slow, outcome, at(31)).await,
            "it is no longer its business"
        );
    }
    let mut product = described(&before, "from the slow one", at(31));
    product.settles = Some(slow.claim.clone());
    let outcome = store.commit(product).await;
    assert!(
        matches!(outcome, Err(CommitError::ClaimLost)),
        "{outcome:?}"
    );
    assert_eq!(
        load(&store, before.id).await,
        before,
        "nothing of it was written"
    );

    let mut product = described(&before, "from the quick one", at(32));
    product.settles = Some(quick.claim.clone());
    store.commit(product).await.expect("the claim is its own");
    assert!(
        !settle(&store, &quick, Outcome::Done, at(33)).await,
        "it is done already"
    );
    assert_eq!(ids(&claim(&store, at(90)).await), [""; 0]);
}

#[tokio::test]
async fn a_dead_effect_blocks_nobody() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(&store, [effect("inc-1", "open"), effect("inc-1", "say")]).await;
    let claimed = claim(&store, at(1)).await;
    assert!(settle(&store, &claimed[0], dead(), at(2)).await);
    assert_eq!(ids(&claim(&store, at(2)).await), ["say"]);
    let depth = store.outbox_depth(at(2)).await.expect("a read");
    assert_eq!(
        (
            depth.dead,
            depth.open.get(&Lane::Interactive.number()).copied()
        ),
        (1, Some(1))
    );
}

#[tokio::test]
async fn a_process_that_starts_gives_back_what_its_predecessor_had_claimed() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(&store, [effect("inc-1", "open"), effect("inc-2", "page")]).await;
    let old = store
        .claim(at(1), "one#1", LEASE_SECONDS, 1)
        .await
        .expect("claimed")
        .remove(0);
    store.mark_sending(&old.claim, at(1)).await.expect("marked");
    let own = store
        .claim(at(1), "one#2", LEASE_SECONDS, 1)
        .await
        .expect("claimed")
        .remove(0);
    assert_eq!(store.recover_claims("one#2").await.expect("recovered"), 1);
    let again = claim(&store, at(2)).await;
    assert_eq!(
        ids(&again),
        [old.claim.id.0.as_str()],
        "at once, without waiting for the lease"
    );
    assert_eq!(
        again[0].maybe_sent_at,
        Some(at(1)),
        "and it knows that a byte may have left"
    );
    assert!(!settle(&store, &old, Outcome::Done, at(3)).await);
    assert!(
        settle(&store, &own, Outcome::Done, at(3)).await,
        "its own claims stand"
    );
}

#[tokio::test]
async fn an_effect_waits_for_its_time() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let week = 7 * 24 * 3_600;
    add(
        &store,
        [NewEffect {
            not_before: Some(at(week)),
            ..effect("inc-1/lock", "lock")
        }],
    )
    .await;
    assert_eq!(ids(&claim(&store, at(week - 1)).await), [""; 0]);
    assert_eq!(
        store.next_effect_due().await.expect("a read"),
        Some(at(week))
    );
    let depth = store.outbox_depth(at(1)).await.expect("a read");
    assert_eq!(
        (depth.oldest_due_at, depth.open.values().sum::<i64>()),
        (None, 1)
    );
    assert_eq!(
        store
            .outbox_depth(at(week))
            .await
            .expect("a read")
            .oldest_due_at,
        Some(at(week))
    );
    assert_eq!(ids(&claim(&store, at(week)).await), ["lock"]);
}

#[tokio::test]
async fn nothing_waits_because_a_clock_was_set_back() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let day = 24 * 3_600;
    add(
        &store,
        [
            effect("a", "new"),
            effect("b", "waits"),
            effect("c", "leased"),
        ],
    )
    .await;
    let claimed = store
        .claim(at(10), "one#1", LEASE_SECONDS, 8)
        .await
        .expect("claimed");
    let by_id = |id: &str| {
        claimed
            .iter()
            .find(|claimed| claimed.claim.id.0 == id)
            .expect("claimed")
    };
    assert!(settle(&store, by_id("waits"), retry(at(70)), at(10)).await);
    assert!(settle(&store, by_id("new"), Outcome::Done, at(10)).await);
    add(
        &store,
        [
            effect("a", "newer"),
            NewEffect {
                not_before: Some(at(60)),
                ..effect("d", "later")
            },
        ],
    )
    .await;

    let found = claim(&store, at(-day)).await;
    let mut found = ids(&found);
    found.sort_unstable();
    // What was put off on purpose keeps its date: only its author knows what was meant.
    assert_eq!(found, ["leased", "newer", "waits"]);
}

#[tokio::test]
async fn no_wait_between_attempts_is_longer_than_an_hour() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    add(&store, [effect("inc-1", "open")]).await;
    let claimed = claim(&store, at(0)).await;
    assert!(settle(&store, &claimed[0], retry(at(9_999)), at(0)).await);
    assert_eq!(
        store.next_effect_due().await.expect("a read"),
        Some(at(3_600))
    );
}

#[tokio::test]
async fn what_follows_a_decision_is_stored_with_it_or_not_at_all() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = declare(&store, "DbDown").await;
    let deciding = |id: &str| {
        let mut change = described(&before, id, at(1));
        change.effects = vec![NewEffect {
            incident: Some(before.id),
            ..effect("inc-1", id)
        }];
        change
    };
    store
        .commit(deciding("first"))
        .await
        .expect("nobody was faster");
    assert_conflict(store.commit(deciding("second")).await);
    let claimed = claim(&store, at(2)).await;
    assert_eq!(ids(&claimed), ["first"]);
    assert_eq!(
        (claimed[0].incident, claimed[0].created_at),
        (Some(before.id), at(1))
    );
    assert_eq!(
        claimed[0].effect,
        Effect::TellOperators {
            text: "first".to_owned()
        }
    );
    let empty = Change::of(before.id, Expected::Any, at(3));
    store
        .commit(empty)
        .await
        .expect("a change of nothing is no trouble");
}
