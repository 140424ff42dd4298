//! The audit log: what is changed behind the bot's back is found.

use bridgewatch_core::audit::{Begins, Verdict, verify};
use bridgewatch_core::ids::{EntryNumber, IncidentId};
use bridgewatch_core::incident::Incident;
use bridgewatch_core::ports::{Change, EntryWrite, Expected, Store};
use bridgewatch_core::timeline::Entry;

use super::timeline::{line, writing};
use super::{at, declare, described, load};
use crate::Home;

/// An incident with three events and three lines, the second of which was changed once.
pub(crate) async fn night(store: &dyn Store) -> Incident {
    let incident = declare(store, "DbDown").await;
    for text in ["orders fail", "orders fail for everybody"] {
        let before = load(store, incident.id).await;
        let change = described(&before, text, at(10));
        store.commit(change).await.expect("nobody was faster");
    }
    let lines = ["first", "second", "third"].map(|text| EntryWrite::Add(line(text, 20)));
    let adding = writing(incident.id, lines);
    store.commit(adding).await.expect("chat");
    rewrite(store, incident.id, EntryNumber(2), "second, corrected").await;
    load(store, incident.id).await
}

async fn rewrite(store: &dyn Store, id: IncidentId, number: EntryNumber, text: &str) {
    let stored = store.entry(id, number).await.expect("a read");
    let stored = stored.expect("the line is there");
    let rewrite = EntryWrite::Rewrite {
        entry: Entry {
            text: text.to_owned(),
            ..stored.entry
        },
        revision: stored.revision,
    };
    store.commit(writing(id, [rewrite])).await.expect("chat");
}

pub(crate) async fn verdict(store: &dyn Store, id: IncidentId) -> Verdict {
    verify(&store.audit_trail(id).await.expect("a read"))
}

/// What the log says after somebody has gone at the database.
async fn found_after(statement: &'static str) -> Option<String> {
    let home = Home::new().await?;
    let store = home.open().await;
    let id = night(&store).await.id;
    assert_eq!(verdict(&store, id).await.breaks, [], "before {statement}");
    home.tamper(statement).await;
    let found = verdict(&store, id).await.breaks;
    let first = found
        .first()
        .unwrap_or_else(|| panic!("not found: {statement}"));
    Some(format!("{}: {}", first.number, first.what))
}

#[track_caller]
fn assert_found(found: Option<String>, expected: &str) {
    // `None` where the database is not there, which has been said.
    if let Some(found) = found {
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn every_event_and_every_written_line_is_in_the_log_of_its_incident() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = night(&store).await;
    let other = declare(&store, "ApiSlow").await;

    let verdict = verdict(&store, incident.id).await;
    assert_eq!(verdict.breaks, []);
    assert_eq!(verdict.rows, 7, "three events, three lines, one correction");
    assert_eq!(verdict.begins, Begins::WithTheIncident);
    assert_eq!(super::audit::verdict(&store, other.id).await.rows, 1);
    assert_eq!(
        store.audited().await.expect("a read"),
        [incident.id, other.id]
    );
}

#[tokio::test]
async fn a_change_that_is_refused_leaves_no_row() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = night(&store).await;
    let before = verdict(&store, incident.id).await;
    let mut late = described(&incident, "late", at(60));
    late.expected = Expected::At(bridgewatch_core::ids::Seq(1));
    store.commit(late).await.expect_err("it is out of date");
    assert_eq!(verdict(&store, incident.id).await, before);
}

#[tokio::test]
async fn changed_text_is_found() {
    assert_found(
        found_after("update entry set entry = replace(entry, 'first', 'worst') where number = 1")
            .await,
        "4: T-1 was changed",
    );
    assert_found(
        found_after("update entry set event_at_us = event_at_us - 60000000 where number = 2").await,
        "7: T-2 was changed",
    );
    assert_found(
        found_after("update event set event = replace(event, 'everybody', 'nobody')").await,
        "3: event 3 was changed",
    );
}

#[tokio::test]
async fn a_removed_row_is_found() {
    assert_found(
        found_after("delete from entry where number = 3").await,
        "6: T-3 was removed",
    );
    assert_found(
        found_after("delete from event where seq = 2").await,
        "2: event 2 was removed",
    );
    assert_found(
        found_after("delete from audit where number = 3").await,
        "3: row 3 was removed: row 4 follows",
    );
    assert_found(
        found_after("delete from audit").await,
        "1: the end was cut off: the log has 0 rows, 7 were written",
    );
    assert_found(
        found_after("delete from audit; delete from audit_head").await,
        "1: the whole log was removed",
    );
}

#[tokio::test]
async fn a_row_that_was_put_in_is_found() {
    assert_found(
        found_after(
            "insert into entry (incident, number, kind, event_at_us, recorded_at_us, revision, entry)
             select incident, 4, kind, event_at_us, recorded_at_us, revision, entry from entry where number = 1",
        )
        .await,
        "8: T-4 was put in: the log knows nothing of it",
    );
}

#[tokio::test]
async fn changed_order_is_found() {
    assert_found(
        found_after(
            "update audit set number = case when number = 4 then 105 else 104 end where number in (4, 5);
             update audit set number = number - 100 where number > 100",
        )
        .await,
        "4: it does not follow on the row before: one of them was changed, moved or put in",
    );
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found_even_with_what_it_vouched_for() {
    assert_found(
        found_after(
            "delete from audit where number > 5;
             delete from entry where number = 3;
             update entry set revision = 0 where number = 2",
        )
        .await,
        "5: T-2 was changed",
    );
    assert_found(
        found_after("delete from audit where number = 6; delete from audit where number = 7; delete from entry").await,
        "4: T-1 was removed",
    );
    assert_found(
        found_after(
            "delete from audit where number > 3;
             delete from entry",
        )
        .await,
        "4: the end was cut off: the log has 3 rows, 7 were written",
    );
}

#[tokio::test]
async fn an_incident_that_is_older_than_the_log_is_covered_from_the_next_change_on() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = home.open().await;
    let incident = night(&store).await;
    home.tamper(
        "delete from audit; delete from audit_head; update counter set value = 1 where name = 'unaudited'",
    )
    .await;
    assert_eq!(verdict(&store, incident.id).await.begins, Begins::NotYet);
    assert_eq!(verdict(&store, incident.id).await.breaks, []);

    store
        .commit(writing(incident.id, [EntryWrite::Add(line("fourth", 30))]))
        .await
        .expect("chat");
    let begun = verdict(&store, incident.id).await;
    assert_eq!(begun.breaks, []);
    assert_eq!(
        begun.begins,
        Begins::Later {
            after_event: 3,
            after_line: 3
        }
    );
    assert_eq!(begun.rows, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_at_the_same_time_makes_one_chain() {
    let Some(home) = Home::new().await else {
        return;
    };
    let store = std::sync::Arc::new(home.open().await);
    let id = declare(store.as_ref(), "DbDown").await.id;
    let writers = (0..8).map(|writer| {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            for said in 0..5 {
                let text = format!("{writer} says {said}");
                let change: Change = writing(id, [EntryWrite::Add(line(&text, 20))]);
                store
                    .commit(change)
                    .await
                    .expect("chat conflicts with nobody");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no writer panics");
    }
    let verdict = verdict(store.as_ref(), id).await;
    assert_eq!(verdict.breaks, []);
    assert_eq!(verdict.rows, 41);
}
