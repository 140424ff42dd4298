//! Alert groups and episodes.

use bridgewatch_core::alert::{Alert, AlertKey, AlertStatus, Episode, GroupKey, Pairs, merge};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Event;
use bridgewatch_core::ports::{Change, Expected, Store};

use super::{assert_broken, assert_conflict, at, cancelled, continued, declare, declared, load};
use crate::Home;

fn group(name: &str) -> GroupKey {
    GroupKey {
        source: "alertmanager".to_owned(),
        receiver: "bridge".to_owned(),
        // Longer than an index entry may be on either database.
        group_key: format!(
            "{{}}:{{alertname=\"{name}\", pods=\"{}\"}}",
            "orders-7f9c ".repeat(400)
        ),
    }
}

fn alert(fingerprint: &str, status: AlertStatus, starts: i64, ends: Option<i64>) -> Alert {
    let group = group("DbDown");
    Alert {
        source: group.source,
        receiver: group.receiver,
        group_key: group.group_key,
        fingerprint: fingerprint.to_owned(),
        status,
        labels: Pairs::from([("alertname".to_owned(), "DbDown".to_owned())]),
        annotations: Pairs::new(),
        starts_at: at(starts),
        ends_at: ends.map(at),
        generator_url: None,
    }
}

fn firing(fingerprint: &str, starts: i64) -> Alert {
    alert(fingerprint, AlertStatus::Firing, starts, None)
}

fn resolved(fingerprint: &str, starts: i64, ends: i64) -> Alert {
    alert(fingerprint, AlertStatus::Resolved, starts, Some(ends))
}

fn keeping(id: IncidentId, episodes: impl IntoIterator<Item = Episode>) -> Change {
    Change {
        episodes: episodes.into_iter().collect(),
        ..Change::of(id, Expected::Any, at(0))
    }
}

async fn newest(
    store: &dyn Store,
    source: &str,
    fingerprint: &str,
) -> Option<(Option<IncidentId>, Episode)> {
    let key = AlertKey {
        source: source.to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let mut found = store.newest_episodes(&[key]).await.expect("a read");
    assert!(found.len() <= 1, "{found:?}");
    found.pop()
}

fn heard(before: Option<&Episode>, alert: &Alert, when: i64) -> Episode {
    merge(before, alert, at(when)).episode
}

#[tokio::test]
async fn one_group_declares_one_incident() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let (one, other) = (IncidentId(1), IncidentId(2));
    let first = Change {
        groups: vec![group("DbDown")],
        ..declared(one, "DbDown")
    };
    let second = Change {
        groups: vec![group("DbDown")],
        ..declared(other, "DbDown")
    };
    let (first, second) = tokio::join!(store.commit(first), store.commit(second));
    let (winner, loser) = match (first.is_ok(), second.is_ok()) {
        (true, false) => (one, second),
        (false, true) => (other, first),
        both => panic!("one of them must win: {both:?}"),
    };
    assert_conflict(loser);
    assert_eq!(store.list(false, 10).await.expect("a list").len(), 1);
    assert_eq!(
        store.groups(winner).await.expect("a read"),
        [group("DbDown")]
    );
}

#[tokio::test]
async fn a_group_stays_with_its_incident_while_that_is_live() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let first = declare(&store, "DbDown").await;
    let attach = |id| Change {
        groups: vec![group("DbDown"), group("ApiSlow")],
        ..Change::of(id, Expected::Any, at(1))
    };
    store
        .commit(attach(first.id))
        .await
        .expect("nobody has them");
    store
        .commit(attach(first.id))
        .await
        .expect("they are its own");

    let second = declare(&store, "ApiSlow").await;
    assert_conflict(store.commit(attach(second.id)).await);

    store
        .commit(cancelled(&first, at(60)))
        .await
        .expect("nobody was faster");
    assert_eq!(
        store.groups(first.id).await.expect("a read").len(),
        2,
        "what it had is remembered"
    );
    let take_one = Change {
        groups: vec![group("DbDown")],
        ..Change::of(second.id, Expected::Any, at(61))
    };
    store.commit(take_one).await.expect("the first has let go");

    // Reopened, the first takes back what nobody has taken meanwhile.
    let ended = load(&store, first.id).await;
    store
        .commit(continued(
            &ended,
            Event::Reopened { from: ended.phase },
            at(62),
        ))
        .await
        .expect("nobody was faster");
    assert_eq!(
        store.groups(first.id).await.expect("a read"),
        [group("ApiSlow")],
        "a live incident has only what it holds"
    );
    let third = declare(&store, "third").await;
    let try_take = |name: &str| Change {
        groups: vec![group(name)],
        ..Change::of(third.id, Expected::Any, at(63))
    };
    assert_conflict(store.commit(try_take("ApiSlow")).await);
    assert_conflict(store.commit(try_take("DbDown")).await);
    store
        .commit(cancelled(&second, at(64)))
        .await
        .expect("nobody was faster");
    store
        .commit(try_take("DbDown"))
        .await
        .expect("only the second had it");
}

#[tokio::test]
async fn an_incident_that_has_ended_holds_no_group() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let ended = declare(&store, "DbDown").await;
    store
        .commit(cancelled(&ended, at(60)))
        .await
        .expect("nobody was faster");
    let attach = |id| Change {
        groups: vec![group("DbDown")],
        ..Change::of(id, Expected::Any, at(61))
    };
    // Whoever hears an alert may not know yet that the incident has ended.
    store
        .commit(attach(ended.id))
        .await
        .expect("it is remembered");
    assert_eq!(
        store.groups(ended.id).await.expect("a read"),
        [group("DbDown")]
    );
    let live = declare(&store, "DbDown again").await;
    store
        .commit(attach(live.id))
        .await
        .expect("nobody holds it");
    store
        .commit(attach(ended.id))
        .await
        .expect("and the ended one takes nothing away");
    assert_broken(
        store.commit(attach(IncidentId(99))).await,
        "INC-0099 does not exist",
    );
}

#[tokio::test]
async fn an_episode_goes_on_until_the_alert_fires_anew() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;

    let first = heard(None, &firing("f1", 0), 1);
    store
        .commit(keeping(id, [first.clone()]))
        .await
        .expect("a new episode");
    let earlier = heard(Some(&first), &firing("f1", -5), 2);
    store
        .commit(keeping(id, [earlier.clone()]))
        .await
        .expect("its start has moved");
    let cleared = heard(Some(&earlier), &resolved("f1", 0, 60), 61);
    store
        .commit(keeping(id, [cleared.clone()]))
        .await
        .expect("it cleared");
    assert_eq!(
        store.episodes(id).await.expect("a read"),
        std::slice::from_ref(&cleared),
        "all of that is one episode"
    );

    let again = heard(Some(&cleared), &firing("f1", 120), 121);
    store
        .commit(keeping(id, [again.clone()]))
        .await
        .expect("it fires anew");
    assert_eq!(
        store.episodes(id).await.expect("a read"),
        [cleared, again.clone()]
    );
    assert_eq!(
        newest(&store, "alertmanager", "f1").await,
        Some((Some(id), again))
    );
    assert_eq!(newest(&store, "grafana", "f1").await, None);
}

#[tokio::test]
async fn the_newest_episodes_of_many_alerts_are_read_at_once() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let first = heard(None, &firing("f1", 0), 1);
    let cleared = heard(Some(&first), &resolved("f1", 0, 60), 61);
    let again = heard(Some(&cleared), &firing("f1", 120), 121);
    let other = heard(None, &firing("f2", 0), 1);
    store
        .commit(keeping(id, [cleared, again.clone()]))
        .await
        .expect("two episodes of one alert");
    store
        .commit(Change {
            episodes: vec![other.clone()],
            ..Change::of_no_incident(at(0))
        })
        .await
        .expect("an alert that led nowhere");

    let asked = [
        again.key.clone(),
        other.key.clone(),
        again.key.clone(),
        AlertKey {
            source: "grafana".to_owned(),
            fingerprint: "f1".to_owned(),
        },
    ];
    let mut found = store.newest_episodes(&asked).await.expect("a read");
    found.sort_by(|(_, one), (_, two)| one.key.cmp(&two.key));
    assert_eq!(found, [(Some(id), again), (None, other)]);
    assert_eq!(store.newest_episodes(&[]).await.expect("a read"), []);
}

#[tokio::test]
async fn an_alert_may_clear_and_fire_anew_in_one_change() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let first = heard(None, &firing("f1", 0), 1);
    let cleared = heard(Some(&first), &resolved("f1", 0, 60), 61);
    let again = heard(Some(&cleared), &firing("f1", 120), 121);
    store
        .commit(keeping(id, [first, cleared.clone(), again.clone()]))
        .await
        .expect("three steps at once");
    assert_eq!(store.episodes(id).await.expect("a read"), [cleared, again]);
}

#[tokio::test]
async fn a_repeat_moves_only_the_time_at_which_the_newest_episode_was_last_heard_of() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let first = heard(None, &firing("f1", 0), 1);
    let cleared = heard(Some(&first), &resolved("f1", 0, 60), 61);
    let again = heard(Some(&cleared), &firing("f1", 120), 121);
    store
        .commit(keeping(id, [cleared.clone(), again.clone()]))
        .await
        .expect("two episodes of one alert");
    let repeats = |seconds: i64| Change {
        heard_again: [
            (again.key.clone(), at(seconds)),
            (heard(None, &firing("never stored", 0), 1).key, at(seconds)),
        ]
        .into(),
        ..Change::of(id, Expected::Any, at(seconds))
    };
    store.commit(repeats(300)).await.expect("a repeat");
    // A page that is worked off again after a crash brings times that are over.
    store.commit(repeats(200)).await.expect("an older repeat");
    let repeated = Episode {
        last_seen_at: at(300),
        ..again
    };
    assert_eq!(
        store.episodes(id).await.expect("a read"),
        [cleared, repeated.clone()]
    );
    assert_eq!(
        newest(&store, "alertmanager", "f1").await,
        Some((Some(id), repeated))
    );
    assert_eq!(newest(&store, "alertmanager", "never stored").await, None);
}

#[tokio::test]
async fn an_alert_without_an_incident_joins_one_later_and_stays() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let nowhere = IncidentId(0);
    let first = heard(None, &firing("f1", 0), 1);
    store
        .commit(keeping(nowhere, [first.clone()]))
        .await
        .expect("an alert that led nowhere");
    let home_of = async || {
        newest(&store, "alertmanager", "f1")
            .await
            .expect("it is kept")
            .0
    };
    assert_eq!(home_of().await, None);

    let id = declare(&store, "DbDown").await.id;
    store
        .commit(keeping(id, [first.clone()]))
        .await
        .expect("it joins");
    assert_eq!(home_of().await, Some(id));
    store
        .commit(keeping(nowhere, [first]))
        .await
        .expect("it is heard of again");
    assert_eq!(home_of().await, Some(id));
}

#[tokio::test]
async fn a_group_of_many_alerts_is_kept_in_one_change() {
    const ALERTS: usize = 2_500;
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let id = declare(&store, "DbDown").await.id;
    let name = |number: usize| format!("fp-{number:05}");
    let all: Vec<_> = (0..ALERTS)
        .map(|number| heard(None, &firing(&name(number), 0), 1))
        .collect();
    store
        .commit(keeping(id, all.clone()))
        .await
        .expect("many at once");
    let cleared: Vec<_> = all
        .iter()
        .map(|episode| {
            heard(
                Some(episode),
                &resolved(&episode.key.fingerprint, 0, 60),
                61,
            )
        })
        .collect();
    store
        .commit(keeping(id, cleared.clone()))
        .await
        .expect("many at once");

    let by_key = |mut episodes: Vec<Episode>| {
        episodes.sort_by(|one, other| one.key.cmp(&other.key));
        episodes
    };
    assert!(
        by_key(store.episodes(id).await.expect("a read")) == by_key(cleared),
        "all of them cleared, none doubled"
    );
    let key = AlertKey {
        source: "alertmanager".to_owned(),
        fingerprint: name(ALERTS - 1),
    };
    let (_, last) = newest(&store, &key.source, &key.fingerprint)
        .await
        .expect("it is kept");
    assert_eq!((last.key, last.state), (key, AlertStatus::Resolved));
}
