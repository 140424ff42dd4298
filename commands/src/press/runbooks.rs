//! The runbooks' buttons: which are attached, one more, and what a newer version would change.

use bridgewatch_core::cards;
use bridgewatch_core::incident::Command;
use bridgewatch_core::runbook::{Checklist, RunbookId};

use super::Asker;
use crate::reply::{Reply, Told, say};

impl Asker<'_> {
    /// The attached runbooks and those that could be attached as well.
    pub(super) async fn runbooks(&self) -> Told {
        let view = self.view().await?;
        let also = match self.data.desk.also_relevant(self.incident).await {
            Ok(also) => also,
            Err(broken) => return Err(self.broken("the runbooks could not be compared", &broken)),
        };
        let all = self.data.desk.runbooks().await;
        Ok(Reply::Update(cards::runbooks(&view.incident, &also, &all)))
    }

    /// Attaches the runbook that was chosen in a menu.
    pub(super) async fn attach_chosen_runbook(&self, values: &[String]) -> Told {
        match values.first().and_then(|value| RunbookId::new(value)) {
            Some(runbook) => self.attach_runbook(&runbook).await,
            None => self.runbooks().await,
        }
    }

    /// Attaches a runbook beside the others.
    pub(crate) async fn attach_runbook(&self, runbook: &RunbookId) -> Told {
        let is_known = self.data.desk.runbooks().await;
        if !is_known.iter().any(|(id, _)| id == runbook) {
            return Err(no_such_runbook(runbook));
        }
        // The desk reads the runbook and fills in the command itself.
        let ask = self.ask_of(Command::Tick, "");
        let desk = &self.data.desk;
        let answer = desk.attach_runbook(self.incident, runbook, ask).await;
        self.told(answer, &Command::Tick).await
    }

    /// What the newer version of an attached runbook would change.
    pub(super) async fn compare_runbook(&self, runbook: &RunbookId) -> Told {
        let view = self.view().await?;
        let newer = self.fresh_runbook(runbook).await?;
        let card = cards::newer_runbook(&view.incident, &newer);
        // The shared card stays as it is for the others.
        Ok(Reply::Private(card))
    }

    /// Uses the version whose difference was shown. One that came meanwhile is shown first.
    pub(super) async fn renew_runbook(&self, runbook: &RunbookId, version: &str) -> Told {
        let newer = self.fresh_runbook(runbook).await?;
        if version.is_empty() || !newer.content_hash.starts_with(version) {
            let view = self.view().await?;
            let mut card = cards::newer_runbook(&view.incident, &newer);
            if card.content.is_empty() {
                card.content =
                    "It has changed again meanwhile. This is the difference now:".to_owned();
            }
            return Ok(Reply::Update(card));
        }
        self.change(Command::RenewRunbook { checklist: newer })
            .await
    }

    async fn fresh_runbook(&self, runbook: &RunbookId) -> Result<Checklist, Reply> {
        match self.data.desk.fresh_runbook(self.incident, runbook).await {
            Ok(Some(checklist)) => Ok(checklist),
            Ok(None) => Err(no_such_runbook(runbook)),
            Err(broken) => Err(self.broken("the runbook could not be read", &broken)),
        }
    }
}

fn no_such_runbook(runbook: &RunbookId) -> Reply {
    say(format!(
        "The team's folder holds no runbook `{runbook}` any more. What is attached stays."
    ))
}
