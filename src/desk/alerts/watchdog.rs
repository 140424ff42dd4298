//! The watchdog on its way in: it is noted, and opens nothing.

use std::borrow::Cow;

use bridgewatch_core::alert::{AlertStatus, Delivery, alert_name};
use bridgewatch_core::ports::{Broken, Receipt};
use chrono::{DateTime, Utc};

use crate::desk::IncidentDesk;

/// The fact that says when the watchdog was last seen.
pub const WATCHDOG_SEEN: &str = "watchdog-seen";

impl IncidentDesk {
    /// The delivery without the watchdog, whose coming is noted. `None` when nothing else is in it.
    pub(super) async fn without_the_watchdog<'of>(
        &self,
        receipt: &Receipt,
        delivery: &'of Delivery,
    ) -> Result<Option<Cow<'of, Delivery>>, Broken> {
        let Some(watchdog) = &self.correlator.watchdog else {
            return Ok(Some(Cow::Borrowed(delivery)));
        };
        let is_watchdog =
            |alert: &_| alert_name(labels_of(alert)) == Some(watchdog.alertname.as_str());
        if !delivery.alerts.iter().any(is_watchdog) {
            return Ok(Some(Cow::Borrowed(delivery)));
        }
        let barks = delivery
            .alerts
            .iter()
            .any(|alert| is_watchdog(alert) && alert.status == AlertStatus::Firing);
        if barks {
            self.note_the_watchdog(receipt.received_at).await?;
        }
        let mut others = delivery.clone();
        others.alerts.retain(|alert| !is_watchdog(alert));
        Ok((!others.alerts.is_empty()).then_some(Cow::Owned(others)))
    }

    async fn note_the_watchdog(&self, at: DateTime<Utc>) -> Result<(), Broken> {
        let known = self.store.fact(WATCHDOG_SEEN).await?;
        let known: Option<DateTime<Utc>> = known.and_then(|text| text.parse().ok());
        if known < Some(at) {
            self.store.remember(WATCHDOG_SEEN, &at.to_rfc3339()).await?;
        }
        Ok(())
    }
}

fn labels_of(alert: &bridgewatch_core::alert::Alert) -> &bridgewatch_core::alert::Pairs {
    &alert.labels
}
