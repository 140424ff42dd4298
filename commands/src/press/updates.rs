//! Word to the stakeholders: drafted from what is known, sent with one tap, never without a person.

use bridgewatch_core::card::DataLoss;
use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Refusal, UpdateKind};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::update;
use chrono::TimeDelta;

use super::Asker;
use crate::reply::{Reply, Told, say};

impl Asker<'_> {
    /// The draft with its buttons.
    pub(super) async fn show_draft(&self) -> Told {
        let view = self.view().await?;
        let policy = self.data.desk.policy();
        if !view.incident.is_active() {
            return self.show_all_clear().await;
        }
        let now = self.data.desk.now();
        let due = update::usual_promise(&view.incident, now, &policy);
        let draft = update::draft(&view.incident, &self.entries_for_everybody().await?, due);
        Ok(Reply::Update(cards::update_card(
            &view.incident,
            &draft,
            now,
            &policy,
        )))
    }

    /// Sends the draft as it is, promising the next within these minutes, or what is usual.
    pub(super) async fn send_draft(&self, minutes: Option<u32>) -> Told {
        let view = self.fresh().await?;
        let desk = &self.data.desk;
        let due = match minutes {
            Some(minutes) => Some(desk.now() + TimeDelta::minutes(i64::from(minutes))),
            None => update::usual_promise(&view.incident, desk.now(), &desk.policy()),
        };
        let text = update::draft(&view.incident, &self.entries_for_everybody().await?, due);
        self.change(Command::SendUpdate {
            kind: UpdateKind::Update,
            text,
            next_in_minutes: minutes,
        })
        .await
    }

    /// Says that nothing is new: impact and work unchanged, with a new promise.
    pub(super) async fn nothing_new(&self) -> Told {
        let view = self.fresh().await?;
        let desk = &self.data.desk;
        let due = update::usual_promise(&view.incident, desk.now(), &desk.policy());
        let text = update::nothing_new(&view.incident, &self.entries_for_everybody().await?, due);
        self.change(Command::SendUpdate {
            kind: UpdateKind::NothingNew,
            text,
            next_in_minutes: None,
        })
        .await
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
        self.change(Command::SendUpdate {
            kind: UpdateKind::AllClear,
            text: update::all_clear(&view.incident, loss),
            next_in_minutes: None,
        })
        .await
    }
}
