//! Maintenance windows: looked at, planned and ended.

use bridgewatch_core::card::Card;
use bridgewatch_core::cards;
use bridgewatch_core::maintenance::{NewWindow, Windows};

use super::{Asker, Caller};
use crate::reply::{Reply, Told, say};

impl Asker<'_> {
    /// What monitoring says of the incident, and what maintenance holds.
    pub(super) async fn alerts(&self) -> Told {
        let view = self.view().await?;
        let windows = self.caller().windows().await?;
        Ok(Reply::Private(cards::alerts(
            &view.incident,
            &windows,
            self.data.desk.now(),
        )))
    }
}

impl Caller<'_> {
    /// The windows there are.
    pub(super) async fn windows(&self) -> Result<Windows, Reply> {
        let windows = self.data.desk.maintenance().await;
        windows.map_err(|broken| self.broken("the windows could not be read", &broken))
    }

    /// Plans a window; what is wrong with it is said.
    pub(crate) async fn plan_maintenance(&self, new: &NewWindow) -> Told {
        match self.data.desk.plan_maintenance(new).await {
            Ok(Ok(window)) => Ok(Reply::Private(cards::maintenance_planned(&window))),
            Ok(Err(why)) => Err(say(why)),
            Err(broken) => Err(self.broken("the window was not planned", &broken)),
        }
    }

    /// What is planned and on, with a button that plans more and one that ends each.
    pub(crate) async fn maintenance(&self) -> Result<Card, Reply> {
        let windows = self.windows().await?;
        Ok(cards::maintenance(&windows, self.data.desk.now()))
    }

    /// Ends a window: what it held is routed now.
    pub(crate) async fn end_maintenance(&self, id: u32) -> Reply {
        match self.data.desk.end_maintenance(id).await {
            Ok(Some(window)) => Reply::Private(cards::maintenance_ended(&window)),
            Ok(None) => say("That window is over already."),
            Err(broken) => self.broken("the window could not be ended", &broken),
        }
    }
}
