//! What is done now and then beside the work: gauges are read, a refused token is tried again, what is over is forgotten.

use std::sync::Arc;
use std::time::Duration;

use bridgewatch_core::effect::Lane;
use bridgewatch_core::ports::{Broken, Cutoff, Store};
use bridgewatch_core::severity::Severity;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::clock::{Clock, pause};
use crate::discord::chat::DiscordChat;
use crate::telemetry;

/// How often the gauges are read.
const GAUGES_EVERY: Duration = Duration::from_secs(5);

/// How often a refused token is tried again.
const TOKEN_EVERY: Duration = Duration::from_secs(60);

/// How often what is over is forgotten.
const FORGET_EVERY: TimeDelta = TimeDelta::hours(24);

/// How long effects that were carried out and causes that were handled are kept.
const SETTLED_KEPT: TimeDelta = TimeDelta::days(30);

/// How long webhooks that were worked off are kept, for `replay` and `explain`.
const RECEIVED_KEPT: TimeDelta = TimeDelta::days(90);

/// How many rows are forgotten at once, so that nobody waits for the writer.
const FORGET_AT_ONCE: i64 = 500;

/// Reads the gauges until told to stop.
pub(super) async fn read_gauges(
    store: Arc<dyn Store>,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        if let Err(trouble) = read_gauges_once(store.as_ref(), clock.now()).await {
            tracing::error!(error = %trouble, "the gauges cannot be read; they show what was last known");
        }
        tokio::select! {
            () = pause(GAUGES_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn read_gauges_once(store: &dyn Store, now: DateTime<Utc>) -> Result<(), Broken> {
    let depth = store.outbox_depth(now).await?;
    for lane in Lane::ALL {
        let open = depth.open.get(&lane.number()).copied().unwrap_or(0);
        metrics::gauge!(telemetry::OUTBOX_DEPTH, "lane" => lane.name()).set(open as f64);
    }
    let age_seconds = |since: Option<DateTime<Utc>>| {
        since.map_or(0, |since| (now - since).num_seconds().max(0)) as f64
    };
    metrics::gauge!(telemetry::OUTBOX_OLDEST).set(age_seconds(depth.oldest_due_at));
    let oldest_receipt = store.oldest_pending_receipt().await?;
    metrics::gauge!(telemetry::RECEIPTS_OLDEST).set(age_seconds(oldest_receipt));
    let incidents = store.recent_incidents(now).await?;
    for severity in Severity::ALL {
        let live = incidents
            .iter()
            .filter(|incident| incident.is_active() && incident.severity == severity);
        metrics::gauge!(telemetry::INCIDENTS_OPEN, "severity" => severity.id())
            .set(live.count() as f64);
    }
    Ok(())
}

/// A refused token stops every other call; only this one can find out that it was mended.
pub(super) async fn try_the_token(chat: Arc<DiscordChat>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if chat.rest().status().token_refused {
            match chat.rest().current_user().await {
                Ok(_) => tracing::info!("the bot's token is good again"),
                Err(error) => tracing::error!(%error, "Discord refuses the bot's token"),
            }
        }
        tokio::select! {
            () = pause(TOKEN_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Forgets once a day what is over and was kept long enough. Incidents and their timelines are never forgotten.
pub(super) async fn forget(store: Arc<dyn Store>, clock: Clock, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let now = clock.now();
        match forget_once(store.as_ref(), now, &stop).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "forgot what is over"),
            Err(trouble) => tracing::error!(error = %trouble, "what is over cannot be forgotten"),
        }
        tokio::select! {
            () = clock.sleep_until(now + FORGET_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn forget_once(
    store: &dyn Store,
    now: DateTime<Utc>,
    stop: &watch::Receiver<bool>,
) -> Result<u64, Broken> {
    let cutoff = Cutoff {
        settled_before: now - SETTLED_KEPT,
        received_before: now - RECEIVED_KEPT,
    };
    let mut rows = 0;
    while !*stop.borrow() {
        match store.forget(cutoff, FORGET_AT_ONCE).await? {
            0 => break,
            some => rows += some,
        }
    }
    Ok(rows)
}
