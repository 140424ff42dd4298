//! The loop that works receipts off, in the order they came.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::IncidentDesk;
use crate::clock::{jittered, pause};

/// How often the store is asked for receipts that nobody rang for.
const SWEEP: Duration = Duration::from_secs(2);

/// How many receipts are read at once.
const PAGE: i64 = 100;

impl IncidentDesk {
    /// Works receipts off until told to stop. What fails is tried again; nothing overtakes it, so that the order of the
    /// alerts of one incident is kept.
    pub async fn work_off_receipts(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let bell = self.receipts_waiting.notified();
            match self.work_off_page(&stop).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(trouble) => {
                    tracing::error!(error = %trouble, "a receipt cannot be worked off; it is tried again");
                    pause(jittered(Duration::from_secs(1))).await;
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
    async fn work_off_page(
        &self,
        stop: &watch::Receiver<bool>,
    ) -> Result<usize, bridgewatch_core::ports::Broken> {
        let receipts = self.store.pending_receipts(PAGE).await?;
        for receipt in &receipts {
            if *stop.borrow() {
                break;
            }
            let worked = self.work_off(receipt).await?;
            tracing::debug!(receipt.id, incident = ?worked.incident, "receipt worked off");
        }
        Ok(receipts.len())
    }
}
