//! The times that metrics are made of: looking at them, and saving a correction.

use bridgewatch_core::cards;
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::incident::{Command, MilestoneName};
use bridgewatch_core::timeline::Precision;
use chrono::DateTime;

use super::Asker;
use crate::reply::{Told, say};

impl Asker<'_> {
    /// Every milestone with what it rests on.
    pub(super) async fn milestones(&self) -> Told {
        let view = self.view().await?;
        Ok(self.as_answer(cards::milestones(&view.incident)))
    }

    /// A correction whose effects were shown.
    pub(super) async fn save_milestone(
        &self,
        name: MilestoneName,
        seconds: i64,
        precision: Precision,
        evidence: Option<EntryNumber>,
    ) -> Told {
        let Some(at) = DateTime::from_timestamp(seconds, 0) else {
            return Err(say("That is no time."));
        };
        self.change(Command::CorrectMilestone {
            name,
            at,
            precision,
            evidence,
        })
        .await
    }
}
