//! Word to the stakeholders: drafted from what is known, sent with one tap, never without a person.

use bridgewatch_core::card::DataLoss;
use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Incident, Refusal, UpdateKind};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::update;

use super::Asker;
use crate::reply::{Reply, Told, say};

impl Asker<'_> {
    /// The draft with its buttons.
    pub(super) async fn show_draft(&self) -> Told {
        let view = self.view().await?;
        if !view.incident.is_active() {
            return self.show_all_clear().await;
        }
        let draft = self.draft_of(&view.incident).await?;
        let (now, policy) = (self.data.desk.now(), self.data.desk.policy());
        let card = cards::update_card(&view.incident, &draft, now, &policy);
        Ok(Reply::Update(card))
    }

    /// Sends the draft as it is now, promising the next within these minutes, or what is usual.
    pub(super) async fn send_draft(&self, minutes: Option<u32>) -> Told {
        let view = self.fresh().await?;
        let draft = self.draft_of(&view.incident).await?;
        self.send(UpdateKind::Update, draft, minutes).await
    }

    /// Sends the draft that was shown. If it is another one by now, that is shown first.
    pub(super) async fn send_shown(&self, minutes: Option<u32>, mark: &str) -> Told {
        let view = self.fresh().await?;
        let draft = self.draft_of(&view.incident).await?;
        let (now, policy) = (self.data.desk.now(), self.data.desk.policy());
        // What was sent a moment ago is the reason for another draft: the second press of the same card is answered as such.
        let just_sent = view
            .incident
            .updates
            .last()
            .is_some_and(|last| last.by.is_some() && now - last.at < policy.double_press);
        if update::mark_of(&draft) != mark && view.incident.is_active() && !just_sent {
            let card = cards::changed_draft(&view.incident, &draft, now, &policy);
            return Ok(Reply::Update(card));
        }
        self.send(UpdateKind::Update, draft, minutes).await
    }

    async fn draft_of(&self, incident: &Incident) -> Result<String, Reply> {
        Ok(update::draft(
            incident,
            &self.entries_for_everybody().await?,
        ))
    }

    async fn send(&self, kind: UpdateKind, text: String, next_in_minutes: Option<u32>) -> Told {
        self.change(Command::SendUpdate {
            kind,
            text,
            next_in_minutes,
        })
        .await
    }

    /// Says that nothing is new: impact and work unchanged, with a new promise.
    pub(super) async fn nothing_new(&self) -> Told {
        let view = self.fresh().await?;
        let text = update::nothing_new(&view.incident, &self.entries_for_everybody().await?);
        self.send(UpdateKind::NothingNew, text, None).await
    }

    /// The all-clear with the one question that only a person can answer.
    pub(super) async fn show_all_clear(&self) -> Told {
        let view = self.view().await?;
        let phase = view.incident.phase;
        if phase == Phase::Cancelled {
            return Err(say(Refusal::NotLive { phase }.to_string()));
        }
        if view.incident.is_active() {
            let instead = "The all-clear goes out after *Resolve*.";
            return Err(say(Refusal::WrongPhase { phase, instead }.to_string()));
        }
        let draft = update::all_clear(&view.incident, DataLoss::Unknown);
        Ok(Reply::Update(cards::all_clear_draft(
            &view.incident,
            &draft,
        )))
    }

    /// Sends the all-clear.
    pub(super) async fn send_all_clear(&self, loss: DataLoss) -> Told {
        let view = self.fresh().await?;
        let text = update::all_clear(&view.incident, loss);
        self.send(UpdateKind::AllClear, text, None).await
    }
}
