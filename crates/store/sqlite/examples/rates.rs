//! How fast this machine stores: `cargo run --release -p bridgewatch-store-sqlite --example rates -- [folder]`.
//!
//! Writes into a new database in the folder (the current one unless named), on whose disk the answer depends, and takes
//! it away afterwards.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use bridgewatch_core::alert::{Alert, AlertStatus, Pairs, merge};
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{Change, Expected, Outcome, Receipt, Store};
use bridgewatch_store_sqlite::SqliteStore;
use chrono::DateTime;
use tokio::task::JoinSet;

const WRITES: usize = 6_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = tempfile::tempdir_in(Path::new(&folder))?;
    let path = folder.path().join("rates.db");
    let path = path.to_str().ok_or("the folder has an unusual name")?;
    let store = Arc::new(SqliteStore::open(path).await?);
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    println!("{build} build, {WRITES} writes each");
    for callers in [1, 32, 256] {
        measure(
            &store,
            "receipts of 600 bytes",
            callers,
            |store, id| async move {
                store
                    .keep_receipt(receipt(&id))
                    .await
                    .map(drop)
                    .map_err(|error| error.to_string())
            },
        )
        .await?;
        measure(
            &store,
            "changes with a delivery id and an effect",
            callers,
            |store, id| async move {
                store
                    .commit(change(&id))
                    .await
                    .map(drop)
                    .map_err(|error| error.to_string())
            },
        )
        .await?;
    }
    drain(&store).await?;
    many_alerts(&store).await?;
    store.close().await;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "to measure is what this is for")]
fn now() -> Instant {
    Instant::now()
}

async fn measure<F>(
    store: &Arc<SqliteStore>,
    what: &str,
    callers: usize,
    write: fn(Arc<SqliteStore>, String) -> F,
) -> Result<(), String>
where
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let began = now();
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let store = Arc::clone(store);
        running.spawn(async move {
            let mut waits_us = Vec::new();
            for number in 0..WRITES / callers {
                let began = now();
                write(Arc::clone(&store), format!("{callers}/{caller}/{number}")).await?;
                waits_us.push(began.elapsed().as_micros());
            }
            Ok::<_, String>(waits_us)
        });
    }
    let mut waits_us = Vec::new();
    for one in running.join_all().await {
        waits_us.extend(one?);
    }
    waits_us.sort_unstable();
    let percentile = |percent: usize| waits_us[(waits_us.len() - 1) * percent / 100];
    println!(
        "{what}, {callers} callers: {:.0}/s, p50 {} us, p99 {} us",
        waits_us.len() as f64 / began.elapsed().as_secs_f64(),
        percentile(50),
        percentile(99)
    );
    Ok(())
}

/// Carries out everything in the outbox, eight at a time.
async fn drain(store: &SqliteStore) -> Result<(), Box<dyn std::error::Error>> {
    let began = now();
    let epoch = DateTime::UNIX_EPOCH;
    let mut done = 0;
    loop {
        let claimed = store.claim(epoch, "rates#1", 30, 8).await?;
        if claimed.is_empty() {
            break;
        }
        for effect in claimed {
            store.settle(&effect.claim, Outcome::Done, epoch).await?;
            done += 1;
        }
    }
    println!(
        "claimed and settled one after the other: {:.0}/s",
        f64::from(done) / began.elapsed().as_secs_f64()
    );
    Ok(())
}

async fn many_alerts(store: &SqliteStore) -> Result<(), Box<dyn std::error::Error>> {
    const ALERTS: usize = 20_000;
    let episodes: Vec<_> = (0..ALERTS)
        .map(|number| merge(None, &alert(number), DateTime::UNIX_EPOCH).episode)
        .collect();
    for what in ["new", "known"] {
        let began = now();
        let change = Change {
            episodes: episodes.clone(),
            ..Change::of(IncidentId(0), Expected::Any, DateTime::UNIX_EPOCH)
        };
        store.commit(change).await?;
        println!(
            "{ALERTS} {what} alerts in one change: {} ms",
            began.elapsed().as_millis()
        );
    }
    Ok(())
}

fn receipt(id: &str) -> Receipt {
    Receipt {
        id: id.to_owned(),
        source: "alertmanager".to_owned(),
        received_at: DateTime::UNIX_EPOCH,
        body: vec![b'x'; 600],
        body_hash: format!("hash of {id}"),
        problem: None,
    }
}

fn change(id: &str) -> Change {
    Change {
        delivery: Some(id.to_owned()),
        effects: vec![NewEffect {
            id: EffectId(id.to_owned()),
            incident: None,
            stream: id.to_owned(),
            lane: Lane::Mirror,
            coalesce_key: Some(id.to_owned()),
            not_before: None,
            effect: Effect::TellOperators {
                text: "x".repeat(300),
            },
        }],
        ..Change::of(IncidentId(0), Expected::Any, DateTime::UNIX_EPOCH)
    }
}

fn alert(number: usize) -> Alert {
    Alert {
        source: "alertmanager".to_owned(),
        receiver: "bridge".to_owned(),
        group_key: "{}:{alertname=\"PodDown\"}".to_owned(),
        fingerprint: format!("{number:016x}"),
        status: AlertStatus::Firing,
        labels: Pairs::from([
            ("alertname".to_owned(), "PodDown".to_owned()),
            ("pod".to_owned(), format!("orders-7f9c-{number}")),
        ]),
        annotations: Pairs::from([("summary".to_owned(), "The pod does not answer. ".repeat(8))]),
        starts_at: DateTime::UNIX_EPOCH,
        ends_at: None,
        generator_url: None,
    }
}
