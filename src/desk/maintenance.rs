//! Maintenance windows: planned and ended by people, consulted with every delivery, and let go of by the clock.
//!
//! They are read and written only while nothing is being correlated.

use bridgewatch_core::cards;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::maintenance::{NewWindow, Window, Windows};
use bridgewatch_core::ports::Broken;
use chrono::{DateTime, Utc};

use super::IncidentDesk;

/// The name under which earlier versions remembered all windows as one value.
const REMEMBERED_AS: &str = "maintenance-windows";

impl IncidentDesk {
    /// Every window that is planned or on, or over and not settled.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn windows(&self) -> Result<Windows, Broken> {
        self.store.windows().await
    }

    /// Takes over the windows that an earlier version remembered. Done again after a crash, it comes to the same.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn take_over_windows(&self) -> Result<(), Broken> {
        let remembered = self.store.fact(REMEMBERED_AS).await?;
        let Some(text) = remembered.filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        let windows: Windows = match serde_json::from_str(&text) {
            Ok(windows) => windows,
            Err(error) => {
                // Alerts that nobody expects are better than none.
                tracing::error!(%error, "the maintenance windows of an earlier version cannot be read");
                return Ok(());
            }
        };
        for window in &windows.0 {
            self.store.keep_window(window, self.clock.now()).await?;
            for (group, receipt) in &window.held {
                self.store
                    .hold_notice(window.id, group, receipt, None)
                    .await?;
            }
        }
        self.store.remember(REMEMBERED_AS, "").await
    }

    pub(super) async fn plan_window(
        &self,
        new: &NewWindow,
    ) -> Result<Result<Window, String>, Broken> {
        let _alone = self.correlating.lock().await;
        let mut windows = self.windows().await?;
        let now = self.clock.now();
        let planned = windows.plan(new, now);
        if let Ok(window) = &planned {
            self.store.keep_window(window, now).await?;
        }
        Ok(planned)
    }

    pub(super) async fn end_window(&self, id: u32) -> Result<Option<Window>, Broken> {
        let ended = {
            let _alone = self.correlating.lock().await;
            let mut windows = self.windows().await?;
            let now = self.clock.now();
            let ended = windows.end(id, now);
            if let Some(window) = &ended {
                self.store.keep_window(window, now).await?;
            }
            ended
        };
        self.settle_windows().await?;
        Ok(ended)
    }

    /// A window holds a notice. The caller correlates, so nobody else writes.
    pub(super) async fn hold(&self, id: u32, group: &str, receipt: &str) -> Result<(), Broken> {
        let now = self.clock.now();
        let windows = self.windows().await?;
        let first = windows
            .0
            .iter()
            .find(|window| window.id == id)
            .map(|window| (held_note(window, now), now));
        if self.store.hold_notice(id, group, receipt, first).await? {
            self.effects_waiting.notify_one();
        }
        Ok(())
    }

    /// Routes what windows held that are over; when the next one ends.
    ///
    /// # Errors
    /// When the store is in trouble: it is done again with the next look.
    pub async fn settle_windows(&self) -> Result<Option<DateTime<Utc>>, Broken> {
        let now = self.clock.now();
        let known = self.windows().await?;
        if known.due(now).next().is_none() {
            return Ok(known.next_end(now));
        }
        let _alone = self.correlating.lock().await;
        let windows = self.windows().await?;
        for window in windows.due(now) {
            let receipts: Vec<String> = window.held.values().cloned().collect();
            let cause = format!("maintenance-{}-{}", window.id, window.from.timestamp());
            self.route_again(&cause, &receipts).await?;
            let settled = Window {
                is_settled: true,
                ..window.clone()
            };
            self.store.keep_window(&settled, now).await?;
        }
        Ok(windows.next_end(now))
    }
}

/// The line of the digest about a window that begins to hold something.
fn held_note(window: &Window, now: DateTime<Utc>) -> NewEffect {
    // No word of the alerts: one of them may be about something that only few may know.
    let text = format!(
        "🔧 Maintenance of {} until {}: what fires for it is held quietly.",
        window.what,
        cards::over_at(window, now)
    );
    let begun = window.from.timestamp();
    NewEffect {
        id: EffectId(format!("maintenance/{}/{begun}/held", window.id)),
        incident: None,
        stream: "operators".to_owned(),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::NoteInDigest { text },
    }
}
