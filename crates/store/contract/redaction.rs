//! A secret that is taken out is nowhere afterwards, and the record verifies.

use bridgewatch_core::alert::{Alert, AlertStatus, Episode, Pairs, merge};
use bridgewatch_core::card::Card;
use bridgewatch_core::change::{ChangeKind, NewChange, ReportedChange};
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::incident::{Event, Incident, Policy, fold};
use bridgewatch_core::maintenance::{NewWindow, Windows};
use bridgewatch_core::ports::{
    Change, CommitError, Cutoff, EntryWrite, Expected, Outcome, Receipt, Store, StoredEntry,
    StoredPostmortem,
};
use bridgewatch_core::redaction::Scrub;
use bridgewatch_core::timeline::EntryState;

use super::audit::verdict;
use super::timeline::{line, writing};
use super::{SAM, at, continued, declare, load};
use crate::Home;

const SECRET: &str = "amberOtter4711";

/// An incident in which the secret was said everywhere where something can be said.
async fn careless_night(store: &dyn Store) -> Incident {
    let incident = declare(store, &format!("login fails with {SECRET}")).await;
    let said = format!("the login is {SECRET} now");
    for event in [
        Event::ImpactDescribed { text: said.clone() },
        Event::HypothesisStated { text: said.clone() },
    ] {
        let before = load(store, incident.id).await;
        let change = continued(&before, event, at(10));
        store.commit(change).await.expect("nobody was faster");
    }
    let mut careless = line(&said, 20);
    let before = serde_json::json!({
        "text": format!("{SECRET}, I think"), "kind": "note", "event_at": at(20), "changed_at": at(25),
        "changed_by": {"is": "bot"}
    });
    let before = serde_json::from_value(before).expect("a revision");
    careless.revisions.push(before);
    let repeated = line(&format!("Sam said: {said}"), 30);
    let mut change = writing(incident.id, [careless, repeated].map(EntryWrite::Add));
    for (number, state) in [(1, "waits"), (2, "was sent")] {
        change.effects.push(NewEffect {
            id: EffectId(format!("inc-{}/say/{number}", incident.id.0)),
            incident: Some(incident.id),
            stream: format!("inc-{}", incident.id.0),
            lane: Lane::Interactive,
            coalesce_key: None,
            not_before: None,
            effect: Effect::Say {
                card: Card {
                    content: format!("{state}: {said}"),
                    ..Card::default()
                },
            },
        });
    }
    change.postmortem = Some(StoredPostmortem {
        incident: incident.id,
        version: 1,
        markdown: format!("# What happened\n\n{said}\n"),
        at: at(40),
    });
    change.episodes.push(fired(&said));
    store.commit(change).await.expect("chat");
    let claimed = store.claim(at(40), "one", 60, 1).await.expect("a claim");
    let failed = Outcome::Retry {
        not_before: at(50),
        why: format!("the far end says: {said}"),
    };
    let settled = store.settle(&claimed[0].claim, failed, at(41)).await;
    assert!(settled.expect("settled"), "it was claimed");
    store
        .keep_receipt(Receipt {
            id: "receipt-1".to_owned(),
            source: "alertmanager".to_owned(),
            received_at: at(0),
            body: format!("{{\"summary\": \"{said}\"}}").into_bytes(),
            body_hash: "a-hash".to_owned(),
            problem: None,
        })
        .await
        .expect("it is kept");
    store
        .finish_receipt("receipt-1", &format!("opened: {said}"), Some(incident.id))
        .await
        .expect("it is there");
    said_beside_it(store, &incident, &said).await;
    load(store, incident.id).await
}

/// An alert whose annotation says it.
fn fired(said: &str) -> Episode {
    let alert = Alert {
        source: "alertmanager".to_owned(),
        receiver: "bridge".to_owned(),
        group_key: "{}:{}".to_owned(),
        fingerprint: "f1".to_owned(),
        status: AlertStatus::Firing,
        labels: Pairs::from([("alertname".to_owned(), "LoginFails".to_owned())]),
        annotations: Pairs::from([("summary".to_owned(), said.to_owned())]),
        starts_at: at(0),
        ends_at: None,
        generator_url: None,
    };
    merge(None, &alert, at(0)).episode
}

/// The secret where it belongs to no incident.
async fn said_beside_it(store: &dyn Store, incident: &Incident, said: &str) {
    store
        .remember(&pasted(incident), &format!("03:12 {said}"))
        .await
        .expect("remembered");
    store
        .keep_receipt(Receipt {
            id: "receipt-2".to_owned(),
            source: "change".to_owned(),
            received_at: at(0),
            body: format!("{{\"id\": \"{SECRET}\", \"version\": \"{said}\"}}").into_bytes(),
            body_hash: "another-hash".to_owned(),
            problem: None,
        })
        .await
        .expect("it is kept");
    let reported = NewChange {
        id: None,
        service: "orders".to_owned(),
        version: said.to_owned(),
        kind: ChangeKind::Deployment,
        who: Some(SECRET.to_owned()),
        link: Some(format!("https://ci.example/{SECRET}")),
        at: Some(at(0)),
    };
    let named = ["id:", "at:0/deployment/orders/"].map(|before| ReportedChange {
        id: format!("{before}{SECRET}"),
        who: None,
        link: None,
        version: "7".to_owned(),
        ..reported.clone().reported("receipt-2", at(0))
    });
    let mut reported = vec![reported.reported("receipt-2", at(0))];
    reported.extend(named);
    let change = Change {
        reported,
        ..Change::of_no_incident(at(0))
    };
    store.commit(change).await.expect("it is kept");
    let mut windows = Windows::default();
    let window = NewWindow {
        what: "orders".to_owned(),
        from: String::new(),
        until: String::new(),
        zone: Policy::default().zone,
        reason: said.to_owned(),
        by: SAM,
    };
    let window = windows.plan(&window, at(0)).expect("within the limits");
    store.keep_window(&window, at(0)).await.expect("it is kept");
}

/// The name of notes that were pasted and not imported.
fn pasted(incident: &Incident) -> String {
    format!("notes/{}/0123", incident.id.0)
}

/// The redaction of the first line, as the desk writes it.
async fn redaction(store: &dyn Store, before: &Incident, sealed: bool) -> Change {
    let timeline = store.timeline(before.id).await.expect("a read");
    let careless = line_of(&timeline, 1);
    let history = store.events(before.id).await.expect("a read");
    let scrub = Scrub::of(&careless, Some(SECRET), &history, "[redacted]".to_owned())
        .expect("the line says it");
    let number = EntryNumber(1);
    let event = Event::EntryRedacted {
        number,
        sealed,
        message: None,
        author: Some(SAM),
    };
    let state = EntryState::Redacted {
        at: at(60),
        by: SAM,
        sealed,
    };
    Change {
        entries: scrub.lines(&timeline, &state),
        scrub: Some(scrub),
        seal: Some((number, sealed.then_some(careless.entry))),
        by: Some(SAM),
        ..continued(before, event, at(60))
    }
}

fn line_of(timeline: &[StoredEntry], number: i64) -> StoredEntry {
    timeline
        .iter()
        .find(|stored| stored.entry.number == Some(EntryNumber(number)))
        .expect("the line is there")
        .clone()
}

#[tokio::test]
async fn no_table_holds_a_redacted_secret() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = careless_night(&store).await;
    let held = home.everything().await;
    assert!(held.matches(SECRET).count() >= 10, "it was said everywhere");

    let change = redaction(&store, &before, false).await;
    store.commit(change).await.expect("nobody was faster");

    let held = home.everything().await;
    let left: Vec<&str> = held.lines().filter(|row| row.contains(SECRET)).collect();
    assert_eq!(left, [] as [&str; 0]);
    let after = load(&store, before.id).await;
    let history = store.events(before.id).await.expect("a read");
    assert_eq!(fold(before.id, &history), Some(after.clone()));
    assert_eq!(after.title, "login fails with [redacted]");
    assert_eq!(
        store.list(false, 1).await.expect("a list")[0].title,
        after.title
    );
    assert_eq!(verdict(&store, before.id).await.breaks, []);
    let changes = store.changes(at(0), at(0), 10).await;
    let services: Vec<String> = changes
        .expect("a read")
        .into_iter()
        .map(|change| change.service)
        .collect();
    assert_eq!(services, ["orders"; 3], "each change is still there");
}

#[tokio::test]
async fn what_is_hidden_in_a_hurry_is_sealed_until_somebody_decides() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = careless_night(&store).await;
    let change = redaction(&store, &before, true).await;
    store.commit(change).await.expect("nobody was faster");

    let held = home.everything().await;
    let left: Vec<&str> = held.lines().filter(|row| row.contains(SECRET)).collect();
    // What other incidents show as well waits for the decision.
    let others = ["change.", "intake_body.", "maintenance_window."];
    let left: Vec<&&str> = left
        .iter()
        .filter(|row| !others.iter().any(|other| row.starts_with(other)))
        .collect();
    assert_eq!(left.len(), 1, "only the seal holds it: {left:?}");
    let changes = store.changes(at(0), at(0), 10).await;
    let versions = changes
        .expect("a read")
        .into_iter()
        .map(|change| change.version);
    assert!(versions.into_iter().any(|version| version.contains(SECRET)));
    let sealed = store.sealed(before.id, EntryNumber(1)).await;
    let sealed = sealed.expect("a read").expect("it is sealed");
    assert!(sealed.text.contains(SECRET));

    let hidden = load(&store, before.id).await;
    let event = Event::EntryShownAgain {
        number: EntryNumber(1),
    };
    let timeline = store.timeline(before.id).await.expect("a read");
    let shown = Change {
        entries: vec![EntryWrite::Rewrite {
            entry: sealed.clone(),
            revision: line_of(&timeline, 1).revision,
        }],
        seal: Some((EntryNumber(1), None)),
        ..continued(&hidden, event, at(70))
    };
    store.commit(shown).await.expect("nobody was faster");
    let stored = store.entry(before.id, EntryNumber(1)).await;
    assert_eq!(stored.expect("a read").map(|line| line.entry), Some(sealed));
    assert_eq!(
        store
            .sealed(before.id, EntryNumber(1))
            .await
            .expect("a read"),
        None
    );
    assert_eq!(verdict(&store, before.id).await.breaks, []);
}

/// What somebody looked at and did not import is not kept for ever.
#[tokio::test]
async fn notes_that_nobody_imported_are_forgotten_and_facts_are_not() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    for (key, when) in [("notes/1/old", 0), ("notes/1/new", 100)] {
        let kept = store
            .remember_notes(key, "03:12 db is down", at(when))
            .await;
        kept.expect("remembered");
    }
    // As an earlier version wrote them.
    for key in ["notes/1/of-unknown-age", "digest-channel"] {
        store.remember(key, "7").await.expect("remembered");
    }
    let forget = async |before| {
        let cutoff = Cutoff {
            settled_before: at(before),
            received_before: at(0),
        };
        store.forget(cutoff, 10).await.expect("forgotten")
    };
    assert_eq!([forget(50).await, forget(50).await], [1, 0]);
    let left = home.everything().await;
    assert!(!left.contains("notes/1/old"));
    assert!(left.contains("notes/1/new") && left.contains("notes/1/of-unknown-age"));
    assert_eq!(forget(60).await, 1, "a day later");
    let left = home.everything().await;
    assert!(left.contains("notes/1/new") && !left.contains("of-unknown-age"));
    assert!(left.contains("digest-channel"));
}

#[tokio::test]
async fn a_line_that_changed_meanwhile_is_redacted_as_it_is_now() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = careless_night(&store).await;
    let late = redaction(&store, &before, false).await;
    let timeline = store.timeline(before.id).await.expect("a read");
    let stored = line_of(&timeline, 2);
    let edit = EntryWrite::Rewrite {
        entry: stored.entry.clone(),
        revision: stored.revision,
    };
    store
        .commit(writing(before.id, [edit]))
        .await
        .expect("chat");
    super::assert_conflict(store.commit(late).await);
    assert_eq!(load(&store, before.id).await, before);
}

#[tokio::test]
async fn a_draft_that_was_made_before_a_redaction_is_not_kept() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let before = careless_night(&store).await;
    let change = redaction(&store, &before, false).await;
    store.commit(change).await.expect("nobody was faster");
    let mut late = Change::of(before.id, Expected::Any, at(61));
    late.postmortem = Some(StoredPostmortem {
        incident: before.id,
        version: 2,
        markdown: format!("{SECRET}, read before it was taken out"),
        at: at(59),
    });
    let outcome = store.commit(late).await;
    assert!(
        matches!(outcome, Err(CommitError::ClaimLost)),
        "{outcome:?}"
    );
}
