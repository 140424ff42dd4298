//! Asking somebody for something, their answer, and the fate of a guess.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, HypothesisState, TaskAnswer};
use bridgewatch_core::person::PersonId;

use super::Asker;
use crate::forms::FormAsks;
use crate::reply::{Reply, Told, with_buttons};
use crate::words;

impl Asker<'_> {
    /// Whom; then what and by when.
    pub(super) async fn ask_task(&self, to: Option<PersonId>) -> Told {
        match to {
            Some(to) => words::open(self, FormAsks::Task { to }).await,
            None => {
                let view = self.view().await?;
                Ok(Reply::Update(cards::ask_whom_for_a_task(&view.incident)))
            }
        }
    }

    /// "On it", or "Can't".
    pub(super) async fn answer_task(&self, number: u32, answer: TaskAnswer) -> Told {
        self.change(Command::AnswerTask { number, answer }).await
    }

    /// "Done", with the offer to say what came of it.
    pub(super) async fn finish_task(&self, number: u32) -> Told {
        let result = self.button("What came of it…", Act::TaskResult(number));
        let told = self
            .answer_task(number, TaskAnswer::Done { result: None })
            .await?;
        Ok(match told {
            Reply::Update(card) => Reply::Update(with_buttons(card, [result])),
            other => other,
        })
    }

    /// What became of a guess, with the offer to say why.
    pub(super) async fn judge_belief(&self, number: u32, state: HypothesisState) -> Told {
        let why = self.button("Why…", Act::WhyBelief(number, state));
        let told = self
            .change(Command::JudgeHypothesis {
                number,
                state,
                because: None,
            })
            .await?;
        Ok(match told {
            Reply::Update(card) => Reply::Update(with_buttons(card, [why])),
            other => other,
        })
    }
}
