//! Maintenance windows: planned and ended by people, consulted with every delivery, and let go of by the clock.
//!
//! They are few and small, so all of them are one remembered value; it is read and written only while nothing is being
//! correlated.

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::maintenance::{NewWindow, Window, Windows};
use bridgewatch_core::ports::Broken;
use chrono::{DateTime, Utc};

use super::IncidentDesk;

/// The name under which the windows are remembered.
const REMEMBERED_AS: &str = "maintenance-windows";

impl IncidentDesk {
    /// Every window that is planned or on, and the newest that are over.
    ///
    /// # Errors
    /// When the store is in trouble, or what it remembers cannot be read.
    pub async fn windows(&self) -> Result<Windows, Broken> {
        match self.store.fact(REMEMBERED_AS).await? {
            None => Ok(Windows::default()),
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                Broken(format!("the maintenance windows cannot be read: {error}"))
            }),
        }
    }

    async fn remember_windows(&self, windows: &Windows) -> Result<(), Broken> {
        let text = serde_json::to_string(windows)
            .map_err(|error| Broken(format!("the maintenance windows cannot be kept: {error}")))?;
        self.store.remember(REMEMBERED_AS, &text).await
    }

    pub(super) async fn plan_window(
        &self,
        new: &NewWindow,
    ) -> Result<Result<Window, String>, Broken> {
        let _alone = self.correlating.lock().await;
        let mut windows = self.windows().await?;
        let planned = windows.plan(new, self.clock.now());
        if planned.is_ok() {
            self.remember_windows(&windows).await?;
        }
        Ok(planned)
    }

    pub(super) async fn end_window(&self, id: u32) -> Result<Option<Window>, Broken> {
        let ended = {
            let _alone = self.correlating.lock().await;
            let mut windows = self.windows().await?;
            let ended = windows.end(id, self.clock.now());
            if ended.is_some() {
                self.remember_windows(&windows).await?;
            }
            ended
        };
        self.settle_windows().await?;
        Ok(ended)
    }

    /// A window holds a notice. The caller correlates, so nobody else writes.
    pub(super) async fn hold(&self, id: u32, group: String, receipt: String) -> Result<(), Broken> {
        let mut windows = self.windows().await?;
        let is_first = windows.hold(id, group, receipt);
        self.remember_windows(&windows).await?;
        let Some(window) = windows.0.iter().find(|window| window.id == id && is_first) else {
            return Ok(());
        };
        // No word of the alerts: one of them may be about something that only few may know.
        let text = format!(
            "🔧 Maintenance of {} until <t:{}:t>: what fires for it is held quietly.",
            window.what,
            window.until.timestamp()
        );
        let note = NewEffect {
            id: EffectId(format!("maintenance/{id}/{}/held", window.from.timestamp())),
            incident: None,
            stream: "operators".to_owned(),
            lane: Lane::Background,
            coalesce_key: None,
            not_before: None,
            effect: Effect::NoteInDigest { text },
        };
        self.store.enqueue(vec![note], self.clock.now()).await?;
        self.effects_waiting.notify_one();
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
        let mut windows = self.windows().await?;
        let due: Vec<Window> = windows.due(now).cloned().collect();
        for window in &due {
            let receipts: Vec<String> = window.held.values().cloned().collect();
            let cause = format!("maintenance-{}-{}", window.id, window.from.timestamp());
            self.route_again(&cause, &receipts).await?;
            windows.settle(window.id);
        }
        self.remember_windows(&windows).await?;
        Ok(windows.next_end(now))
    }
}
