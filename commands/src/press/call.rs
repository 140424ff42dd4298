//! Joining the call.

use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, call_link};

use super::Asker;
use crate::reply::{Reply, Told};

impl Asker<'_> {
    /// The way to the call; whoever is first opens it.
    pub(super) async fn join_call(&self) -> Told {
        let incident = self.view().await?.incident;
        match call_link(&incident, &self.data.desk.policy().call) {
            Some(url) => Ok(Reply::Private(cards::call_is_there(url))),
            None => self.change(Command::OpenCall).await,
        }
    }
}
