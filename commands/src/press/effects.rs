//! Did it help? The question on demand, and its answer.

use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Outcome};

use super::Asker;
use crate::reply::{Reply, Told, with_buttons};

impl Asker<'_> {
    /// The question that is open, or one about what was done last.
    pub(super) async fn effect(&self) -> Told {
        let answer = self.ask(Command::BringUpEffect, "").await;
        let (incident, _) = self.done(answer, &Command::BringUpEffect).await?;
        match incident.mitigations.open_question() {
            Some(question) => Ok(Reply::Update(cards::effect_question(&incident, question))),
            None => self.more().await,
        }
    }

    /// What it changed. What made it worse is answered with the two ways on.
    pub(super) async fn effect_is(&self, number: u32, outcome: Outcome) -> Told {
        let command = Command::AnswerEffect { number, outcome };
        let answer = self.ask(command.clone(), "").await;
        let (incident, events) = self.done(answer, &command).await?;
        let told = self.confirmed(&incident, &events, &command);
        Ok(match told {
            Reply::Update(card) if outcome == Outcome::Worse => {
                Reply::Update(with_buttons(card, cards::ways_on(&incident, number)))
            }
            other => other,
        })
    }
}
