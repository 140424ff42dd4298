//! The loop that works receipts off, in the order they came.

use std::sync::Arc;
use std::time::Duration;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Broken, Receipt};
use tokio::sync::watch;

use super::IncidentDesk;
use crate::clock::{jittered, pause};

/// How often the store is asked for receipts that nobody rang for.
const SWEEP: Duration = Duration::from_secs(2);

/// How many receipts are worked off together at most: what a page costs is paid once for all of them, and while it is
/// written, those who bring new ones wait.
const PAGE: i64 = 500;

/// After so many failures in a row it is asked whether only the first receipt is the trouble.
const SUSPICIOUS: u32 = 5;

/// After so many the first receipt is the trouble if the store is well, even if nothing behind it gets past: some minutes.
const HOPELESS: u32 = 16;

/// How many receipts behind the first are tried.
const TRIED_BEHIND: i64 = 20;

/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

impl IncidentDesk {
    /// Works receipts off until told to stop. What fails is tried again; nothing overtakes it, so that the order of the
    /// alerts of one incident is kept. Only a receipt that fails while those behind it succeed is set aside.
    pub async fn work_off_receipts(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut page = PAGE;
        let mut failures = 0_u32;
        while !*stop.borrow() {
            let bell = self.receipts_waiting.notified();
            match self.work_off_page(page).await {
                Ok(worked) => {
                    failures = 0;
                    if worked > 0 {
                        page = (page * 2).min(PAGE);
                        continue;
                    }
                    page = PAGE;
                }
                Err(trouble) => {
                    // In small steps, those before the one that makes the trouble are not held up by it.
                    page = 1;
                    failures += 1;
                    tracing::error!(error = %trouble, "receipts cannot be worked off; they are tried again");
                    if failures >= SUSPICIOUS && self.gets_past_the_first(&trouble, failures).await
                    {
                        failures = 0;
                        continue;
                    }
                    let wait = Duration::from_secs(1 << failures.min(10)) / 2;
                    tokio::select! {
                        () = pause(jittered(wait.min(LONGEST_PAUSE))) => {}
                        _ = stop.changed() => {}
                    }
                    continue;
                }
            }
            tokio::select! {
                () = bell => {}
                () = pause(SWEEP) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Works off one page; how many there were.
    ///
    /// # Errors
    /// When the store is in trouble.
    async fn work_off_page(&self, most: i64) -> Result<usize, Broken> {
        let receipts = self.store.pending_receipts(most).await?;
        let worked = self.work_off_all(&receipts).await?;
        for (receipt, worked) in receipts.iter().zip(worked) {
            tracing::debug!(receipt.id, incident = ?worked.incident, "receipt worked off");
        }
        Ok(receipts.len())
    }

    /// Tries the receipts behind the one that fails. If one of them can be worked off, the store is well and the first one
    /// is the trouble: it is set aside, kept for `replay`, and operators are told. So it is when nothing else waits, or
    /// when everything fails, and the store has been well for a long time.
    async fn gets_past_the_first(&self, trouble: &Broken, failures: u32) -> bool {
        let Ok(receipts) = self.store.pending_receipts(1 + TRIED_BEHIND).await else {
            return false;
        };
        let Some((first, behind)) = receipts.split_first() else {
            return false;
        };
        let mut is_the_trouble = failures >= HOPELESS && self.store.check().await.is_ok();
        for receipt in behind {
            if is_the_trouble {
                break;
            }
            let alone = std::slice::from_ref(receipt);
            is_the_trouble = self.work_off_all(alone).await.is_ok();
        }
        if !is_the_trouble {
            return false;
        }
        match self.set_aside(first, trouble).await {
            Ok(()) => true,
            Err(trouble) => {
                tracing::error!(receipt.id = first.id, error = %trouble, "the receipt cannot be set aside");
                false
            }
        }
    }

    async fn set_aside(&self, receipt: &Receipt, trouble: &Broken) -> Result<(), Broken> {
        tracing::error!(receipt.id, error = %trouble, "the receipt is set aside; those behind it go on");
        let told = NewEffect {
            id: EffectId(format!("receipt/{}/told", receipt.id)),
            incident: None,
            stream: "operators".to_owned(),
            lane: Lane::Interactive,
            coalesce_key: None,
            not_before: None,
            effect: Effect::TellOperators {
                text: format!(
                    "⚠ A webhook could not be worked off: {trouble}. It is kept: once the cause is mended, \
                     `bridgewatch replay {}` feeds it again.",
                    receipt.id
                ),
            },
        };
        self.store.enqueue(vec![told], self.clock.now()).await?;
        self.effects_waiting.notify_one();
        self.store
            .finish_receipt(&receipt.id, &format!("set aside: {trouble}"), None)
            .await
    }
}
