//! Alerts on their way to incidents: parse, merge, route, commit.
//!
//! Receipts are on disk before they come here; what fails here is tried again, and what cannot be understood is kept for
//! `replay`. Deliveries are decided one after the other, so that three groups of one outage meet one incident. What they
//! change is written together as far as that changes nothing for anybody: a storm of a hundred notices redraws a board
//! once.

mod at_hand;
mod changes;
mod correlation;
mod hearing;
mod opening;
mod page;
#[cfg(test)]
mod tests;
mod watchdog;
mod words;

use bridgewatch_core::alert::{Delivery, Episode};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{Broken, Receipt, TestAlert};
use bridgewatch_core::routing::{Decision, RoutingRules, StormState, route_within};
use bridgewatch_core::watchdog::Watchdog;
use bridgewatch_core::webhook::Webhook;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::IncidentDesk;
pub use at_hand::AtHand;
use changes::trace_of;
pub(super) use correlation::Correlation;
pub(super) use hearing::Heard;
use hearing::Known;
use page::Page;
pub use watchdog::WATCHDOG_SEEN;
pub(super) use words::{picture, services_in};

/// The source whose form the test alert has.
const TEST_ALERT_SOURCE: &str = "alertmanager";

/// How long after a test alert another is none: longer than the storm brake holds, so that two never look like a storm.
const TEST_ALERT_PAUSE: TimeDelta = TimeDelta::seconds(90);

/// Reads the body of a source, by the source's name; an error is a sentence that names the field.
pub type Understand = fn(&str, &[u8]) -> Result<Webhook, String>;

/// How alerts become incidents.
#[derive(Clone, Debug, Default)]
pub struct CorrelatorSettings {
    /// The rules.
    pub rules: RoutingRules,
    /// The alert that always fires, if the team has one: it opens nothing.
    pub watchdog: Option<Watchdog>,
}

/// What correlating keeps in mind between deliveries. Only correlating writes down alerts, one page at a time, so what was
/// read once stays true.
#[derive(Debug, Default)]
pub(super) struct InMind {
    correlation: Correlation,
    known: Known,
}

/// What came of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// The trace of the decision.
    pub trace: String,
    /// The incident it led to.
    pub incident: Option<IncidentId>,
}

impl IncidentDesk {
    /// Works receipts off, as if one after the other in this order, and says what came of each.
    ///
    /// # Errors
    /// When the store is in trouble. Receipts whose work was not written stay pending; working them off again is
    /// harmless.
    pub async fn work_off_all(&self, receipts: &[Receipt]) -> Result<Vec<Worked>, Broken> {
        let mut correlating = self.correlating.lock().await;
        // Taken out, so that nothing is believed that was not written: on an error the next one reads anew.
        let InMind {
            correlation,
            mut known,
        } = std::mem::take(&mut *correlating);
        let correlation = self.refresh(correlation).await?;
        let understood: Vec<_> = receipts
            .iter()
            .map(|receipt| match self.at_hand.take(&receipt.id) {
                Some(delivery) => Ok(Webhook::Alerts(delivery)),
                None => (self.understand)(&receipt.source, &receipt.body),
            })
            .collect();
        let deliveries = understood.iter().flatten().filter_map(|said| match said {
            Webhook::Alerts(delivery) => Some(delivery),
            Webhook::Change(_) => None,
        });
        self.get_to_know(&mut known, deliveries).await?;
        let windows = self.windows().await?;
        let mut page = Page::new(self, correlation, known, windows);
        let mut worked = Vec::with_capacity(receipts.len());
        for (receipt, understood) in receipts.iter().zip(understood) {
            worked.push(match understood {
                Ok(Webhook::Alerts(delivery)) => page.take(receipt, &delivery).await?,
                Ok(Webhook::Change(change)) => page.take_change(receipt, change).await?,
                Err(problem) => page.give_up(receipt, problem),
            });
        }
        *correlating = page.finish().await?;
        correlating.known.make_room();
        Ok(worked)
    }

    /// What would come of a body, without doing it.
    ///
    /// # Errors
    /// The sentence that says why the body cannot be understood, or the store's trouble.
    pub async fn explain(&self, source: &str, body: &[u8]) -> Result<String, String> {
        let now = self.clock.now();
        let trouble = |trouble: Broken| trouble.to_string();
        let delivery = match (self.understand)(source, body)? {
            Webhook::Alerts(delivery) => delivery,
            Webhook::Change(change) => {
                let change = change.reported("explained", now);
                let shown = self.shown_by(&change).await.map_err(trouble)?;
                return Ok(trace_of(&change, shown.len()));
            }
        };
        let mut known = Known::default();
        self.get_to_know(&mut known, std::iter::once(&delivery))
            .await
            .map_err(trouble)?;
        let over = self
            .end_with_incidents(&known, &delivery)
            .await
            .map_err(trouble)?;
        for (home, alert) in &over {
            known.learn(Some(*home), alert);
        }
        let merged = known.hear(&delivery, now).merged;
        let correlation = self
            .refresh(Correlation::default())
            .await
            .map_err(trouble)?;
        let open = correlation.open();
        let storm = StormState::of(open);
        let windows = self.windows().await.map_err(trouble)?;
        let rules = &self.correlator.rules;
        let routing = route_within(&windows, &merged, open, &storm, rules, now);
        let mut text = routing.explain();
        let episodes: Vec<Episode> = merged.into_iter().map(|alert| alert.episode).collect();
        let storm = matches!(
            routing.decision,
            Decision::Open { storm: true, .. }
                | Decision::Join { storm: true, .. }
                | Decision::Umbrella { storm: true, .. }
        );
        if let Some((checklist, reason)) = self.team.runbook_for(&episodes, storm, now) {
            text.push_str(&format!("\nRunbook {}: {reason}", checklist.runbook_id));
        }
        Ok(text)
    }

    /// Reads what is stored of the alerts of deliveries, unless it is known.
    async fn get_to_know(
        &self,
        known: &mut Known,
        deliveries: impl Iterator<Item = &Delivery>,
    ) -> Result<(), Broken> {
        let unknown = known.lacks(deliveries);
        if !unknown.is_empty() {
            known.read(self.store.newest_episodes(&unknown).await?);
        }
        Ok(())
    }

    /// Puts a test alert into the intake: from there on it is an alert like any other. One at a time is enough, whoever
    /// presses: two would look like the beginning of a storm.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn take_in_test_alert(&self) -> Result<TestAlert, Broken> {
        let now = self.clock.now();
        let minute = now.timestamp().div_euclid(60);
        for earlier in [minute, minute - 1, minute - 2] {
            let fired = self.store.kept_receipt(&test_alert_id(earlier)).await?;
            if fired.is_some_and(|(fired, _)| now - fired.received_at < TEST_ALERT_PAUSE) {
                return Ok(TestAlert::OnItsWay);
            }
        }
        // Two presses in the same instant make the same receipt, which is kept once.
        let id = test_alert_id(minute);
        let body = serde_json::json!({
            "version": "4",
            "groupKey": format!("{{}}:{{alertname=\"BridgewatchTest\", test=\"{id}\"}}"),
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "bridgewatch",
            "groupLabels": {"alertname": "BridgewatchTest"},
            "commonLabels": {"alertname": "BridgewatchTest", "severity": "warning"},
            "commonAnnotations": {},
            "externalURL": "",
            "alerts": [{
                "status": "firing",
                "labels": {"alertname": "BridgewatchTest", "severity": "warning", "test": id},
                "annotations": {"summary": "A test alert: nothing is wrong"},
                "startsAt": now.to_rfc3339(),
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "",
                "fingerprint": hex(&Sha256::digest(id.as_bytes()))[..16].to_owned(),
            }],
        })
        .to_string()
        .into_bytes();
        let receipt = Receipt {
            id,
            source: TEST_ALERT_SOURCE.to_owned(),
            received_at: now,
            body_hash: hex(&Sha256::digest(&body)),
            body,
            problem: None,
        };
        self.store.keep_receipt(receipt).await?;
        self.receipts_waiting.notify_one();
        Ok(TestAlert::Fired)
    }
}

/// The receipt of the test alert of a minute, counted from 1970.
fn test_alert_id(minute: i64) -> String {
    format!("test-alert-{minute}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
