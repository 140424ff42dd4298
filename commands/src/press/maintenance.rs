//! Maintenance windows, looked at and ended.

use bridgewatch_core::cards;

use crate::Data;
use crate::reply::{Reply, apology, say};

/// What is planned and on, with a button that ends each.
pub(crate) async fn maintenance(data: &Data, delivery: &str) -> Reply {
    match data.desk.maintenance().await {
        Ok(windows) => Reply::Private(cards::maintenance(&windows, data.desk.now())),
        Err(broken) => {
            tracing::error!(error.id = delivery, error = %broken, "the windows could not be read");
            apology(delivery)
        }
    }
}

/// Ends a window: what it held is routed now.
pub(super) async fn end_maintenance(data: &Data, id: u32, delivery: &str) -> Reply {
    match data.desk.end_maintenance(id).await {
        Ok(Some(window)) => say(format!(
            "Maintenance of {} is over. What still fires opens its incident now.",
            window.what
        )),
        Ok(None) => say("That window is over already."),
        Err(broken) => {
            tracing::error!(error.id = delivery, error = %broken, "the window could not be ended");
            apology(delivery)
        }
    }
}
