//! Between the intake, which knows no store, and the store, which knows no intake.

use std::sync::Arc;

use async_trait::async_trait;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{KeptBody, Store};
use bridgewatch_core::webhook::Webhook;
use tokio::sync::Notify;

use crate::desk::AtHand;
use crate::intake::{self, ReceiptSink, SinkError, Stored};

/// The intake's way to the store.
pub struct StoreSink {
    store: Arc<dyn Store>,
    at_hand: Arc<AtHand>,
    receipts_waiting: Arc<Notify>,
}

impl std::fmt::Debug for StoreSink {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StoreSink").finish_non_exhaustive()
    }
}

impl StoreSink {
    /// Keeps receipts in `store`, lays what was understood of them `at_hand` for the desk, and rings `receipts_waiting`
    /// for each.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, at_hand: Arc<AtHand>, receipts_waiting: Arc<Notify>) -> Self {
        Self {
            store,
            at_hand,
            receipts_waiting,
        }
    }
}

#[async_trait]
impl ReceiptSink for StoreSink {
    async fn store(&self, receipt: intake::Receipt) -> Result<Stored, SinkError> {
        let unreadable = match receipt.parse {
            Ok(Webhook::Change(_)) => None,
            Ok(Webhook::Alerts(delivery)) => {
                // Before it is stored: the desk may come to it at once.
                self.at_hand.lay(&receipt.id, delivery, receipt.body.len());
                None
            }
            Err(problem) => Some(problem),
        };
        let kept = bridgewatch_core::ports::Receipt {
            id: receipt.id.clone(),
            source: receipt.source.to_owned(),
            received_at: receipt.received_at,
            body: receipt.body.to_vec(),
            body_hash: receipt.sha256.clone(),
            problem: unreadable.clone(),
        };
        let body = self.store.keep_receipt(kept).await.map_err(|trouble| {
            self.at_hand.take(&receipt.id);
            SinkError::Broken(trouble.0)
        })?;
        if let Some(problem) = unreadable {
            // Told once for each body: the same poison comes back with every interval of its sender.
            let told = NewEffect {
                id: EffectId(format!("unreadable/{}", receipt.sha256)),
                incident: None,
                stream: "operators".to_owned(),
                lane: Lane::Interactive,
                coalesce_key: None,
                not_before: None,
                effect: Effect::TellOperators {
                    text: format!(
                        "⚠ A webhook of the source {} could not be understood: {problem} It is kept: `bridgewatch replay {}`",
                        receipt.source,
                        &receipt.sha256[..12.min(receipt.sha256.len())]
                    ),
                },
            };
            self.store
                .enqueue(vec![told], receipt.received_at)
                .await
                .map_err(|trouble| SinkError::Broken(trouble.0))?;
        }
        self.receipts_waiting.notify_one();
        Ok(match body {
            KeptBody::New => Stored::New,
            KeptBody::Repeated => Stored::Repeat,
        })
    }
}
