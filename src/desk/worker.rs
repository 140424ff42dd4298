//! The loop that works receipts off, in the order they came.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::IncidentDesk;
use crate::clock::{jittered, pause};

/// How often the store is asked for receipts that nobody rang for.
const SWEEP: Duration = Duration::from_secs(2);

/// How many receipts are worked off together at most: what a page costs is paid once for all of them, and while it is
/// written, those who bring new ones wait.
const PAGE: i64 = 500;

impl IncidentDesk {
    /// Works receipts off until told to stop. What fails is tried again; nothing overtakes it, so that the order of the
    /// alerts of one incident is kept.
    pub async fn work_off_receipts(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut page = PAGE;
        while !*stop.borrow() {
            let bell = self.receipts_waiting.notified();
            match self.work_off_page(page).await {
                Ok(0) => page = PAGE,
                Ok(_) => {
                    page = (page * 2).min(PAGE);
                    continue;
                }
                Err(trouble) => {
                    // In small steps, those before the one that makes the trouble are not held up by it.
                    page = 1;
                    tracing::error!(error = %trouble, "receipts cannot be worked off; they are tried again");
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
    async fn work_off_page(&self, most: i64) -> Result<usize, bridgewatch_core::ports::Broken> {
        let receipts = self.store.pending_receipts(most).await?;
        let worked = self.work_off_all(&receipts).await?;
        for (receipt, worked) in receipts.iter().zip(worked) {
            tracing::debug!(receipt.id, incident = ?worked.incident, "receipt worked off");
        }
        Ok(receipts.len())
    }
}
