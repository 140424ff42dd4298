//! Maintenance windows, looked at and ended.

use bridgewatch_core::cards;
use bridgewatch_core::maintenance::{NewWindow, Windows};

use super::Asker;
use crate::Data;
use crate::reply::{Reply, Told, apology, say};

impl Asker<'_> {
    /// What monitoring says of the incident, and what maintenance holds.
    pub(super) async fn alerts(&self) -> Told {
        let view = self.view().await?;
        let windows = windows(self.data, &self.delivery).await?;
        Ok(Reply::Private(cards::alerts(
            &view.incident,
            &windows,
            self.data.desk.now(),
        )))
    }
}

/// The windows there are.
pub(crate) async fn windows(data: &Data, delivery: &str) -> Result<Windows, Reply> {
    data.desk.maintenance().await.map_err(|broken| {
        tracing::error!(error.id = delivery, error = %broken, "the windows could not be read");
        apology(delivery)
    })
}

/// Plans a window; what is wrong with it is said.
pub(crate) async fn plan_maintenance(data: &Data, new: &NewWindow, delivery: &str) -> Told {
    match data.desk.plan_maintenance(new).await {
        Ok(Ok(window)) => Ok(Reply::Private(cards::maintenance_planned(&window))),
        Ok(Err(why)) => Err(say(why)),
        Err(broken) => {
            tracing::error!(error.id = delivery, error = %broken, "the window was not planned");
            Err(apology(delivery))
        }
    }
}

/// What is planned and on, with a button that ends each.
pub(crate) async fn maintenance(data: &Data, delivery: &str) -> Reply {
    match windows(data, delivery).await {
        Ok(windows) => Reply::Private(cards::maintenance(&windows, data.desk.now())),
        Err(reply) => reply,
    }
}

/// Ends a window: what it held is routed now.
pub(crate) async fn end_maintenance(data: &Data, id: u32, delivery: &str) -> Reply {
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
