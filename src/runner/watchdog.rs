//! Whether the watchdog still comes; told once when it stays away, and once when it is back.

use std::sync::Arc;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Broken, Store};
use bridgewatch_core::watchdog::{MISSED_INTERVALS, Watchdog};
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::desk::WATCHDOG_SEEN;
use crate::telemetry::WATCHDOG_MISSING;

/// The fact that says for which silence people were told; empty when there is none.
const TOLD: &str = "watchdog-told";

/// Waits for the watchdog.
pub(super) struct Waiting {
    store: Arc<dyn Store>,
    watchdog: Option<Watchdog>,
    effects_waiting: Arc<Notify>,
    /// When this bot began to listen; `None` before the first look.
    started_at: Option<DateTime<Utc>>,
}

impl Waiting {
    pub(super) fn new(
        store: Arc<dyn Store>,
        watchdog: Option<Watchdog>,
        effects_waiting: Arc<Notify>,
    ) -> Self {
        Self {
            store,
            watchdog,
            effects_waiting,
            started_at: None,
        }
    }

    /// Tells what there is to tell.
    pub(super) async fn look(&mut self, now: DateTime<Utc>) -> Result<(), Broken> {
        let Some(watchdog) = &self.watchdog else {
            return Ok(());
        };
        let started_at = *self.started_at.get_or_insert(now);
        let seen_at = self.time(WATCHDOG_SEEN).await?;
        let told_for = self.time(TOLD).await?;
        let is_missing = watchdog.is_missing(seen_at, started_at, now);
        metrics::gauge!(WATCHDOG_MISSING).set(f64::from(u8::from(is_missing)));
        match (seen_at, told_for) {
            (Some(seen_at), None) if is_missing => {
                let minutes = (watchdog.interval * MISSED_INTERVALS).num_minutes();
                let text = format!(
                    "⚠ The watchdog alert has not come since <t:{}:t>, for {minutes} minutes and more: alerts may \
                     not reach me. Look at the monitoring, at Alertmanager, and at the way from there to here.",
                    seen_at.timestamp()
                );
                self.tell("missing", seen_at, text, now).await?;
                self.store.remember(TOLD, &seen_at.to_rfc3339()).await
            }
            (Some(seen_at), Some(told_for)) if seen_at > told_for => {
                let text = format!(
                    "✅ The watchdog alert is back since <t:{}:t>: alerts reach me again.",
                    seen_at.timestamp()
                );
                self.tell("back", told_for, text, now).await?;
                self.store.remember(TOLD, "").await
            }
            _ => Ok(()),
        }
    }

    async fn time(&self, fact: &str) -> Result<Option<DateTime<Utc>>, Broken> {
        let text = self.store.fact(fact).await?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// Once for each silence, however often it is tried.
    async fn tell(
        &self,
        what: &str,
        silence: DateTime<Utc>,
        text: String,
        now: DateTime<Utc>,
    ) -> Result<(), Broken> {
        let told = NewEffect {
            id: EffectId(format!("watchdog/{what}/{}", silence.timestamp_micros())),
            incident: None,
            stream: "operators".to_owned(),
            lane: Lane::Interactive,
            coalesce_key: None,
            not_before: None,
            effect: Effect::TellOperators { text },
        };
        self.store.enqueue(vec![told], now).await?;
        self.effects_waiting.notify_one();
        Ok(())
    }
}
