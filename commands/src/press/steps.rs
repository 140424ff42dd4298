//! The runbook's buttons. On the shared card a tick is silent: it shows the next step by itself. On a private card the
//! next step takes the place of the last.

use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, cut, effect_asked_at};
use bridgewatch_core::runbook::{SkipReason, StepAction, StepId};

use super::asker::step_of;
use super::{Asker, in_the_open};
use crate::card::MAX_OPTION_TEXT;
use crate::reply::{Reply, Told, say, sentence, undo_button, with_buttons};

impl Asker<'_> {
    /// "I'm on it." The shared card moves on to the next step, so whoever is on this one gets it for themselves.
    pub(super) async fn claim_step(&self, step: StepId) -> Told {
        let command = Command::Step {
            step: step.clone(),
            action: StepAction::Claim,
        };
        let answer = self.ask(command.clone(), "").await;
        let (incident, events) = self.done(answer, &command).await?;
        Ok(Reply::Update(with_buttons(
            cards::claimed_step(&incident, &step),
            undo_button(incident.id, &events),
        )))
    }

    /// Done.
    pub(super) async fn finish_step(
        &self,
        step: StepId,
        choice: Option<String>,
        confirmed: bool,
    ) -> Told {
        let action = StepAction::Done {
            for_role: None,
            choice,
            confirmed,
        };
        self.change_step(step, action).await
    }

    /// Not needed, or not now.
    pub(super) async fn skip_step(&self, step: StepId, reason: SkipReason) -> Told {
        self.change_step(step, StepAction::Skip { reason }).await
    }

    async fn change_step(&self, step: StepId, action: StepAction) -> Told {
        let command = Command::Step {
            step: step.clone(),
            action,
        };
        let answer = self.ask(command.clone(), "").await;
        let (incident, events) = self.done(answer, &command).await?;
        let desk = &self.data.desk;
        // Whoever did something against the impact need not say yet whether it helped.
        let announced = effect_asked_at(&incident, &step, &desk.policy())
            .filter(|_| !events.is_empty())
            .map(|asked_at| cards::effect_announced(desk.now(), asked_at));
        let undo = undo_button(incident.id, &events);
        if in_the_open(self.who) {
            return Ok(match announced {
                Some(words) => Reply::Private(with_buttons(sentence(words), undo)),
                None => Reply::Quiet,
            });
        }
        let changes = self.view().await?.around.changes;
        let mut card = cards::next_step_for(&incident, self.who.id, &changes);
        if let Some(words) = announced {
            card.content = format!("{words}\n{}", card.content).trim_end().to_owned();
        }
        Ok(Reply::Update(with_buttons(card, undo)))
    }

    /// Asks whoever else is there to look at a risky step; going on alone stays one tap.
    pub(super) async fn ask_second_look(&self, step: StepId) -> Told {
        let command = Command::AskSecondLook { step: step.clone() };
        let answer = self.ask(command.clone(), "").await;
        let (incident, _) = self.done(answer, &command).await?;
        Ok(match incident.second_look(&step) {
            Some(look) => Reply::Update(cards::second_look_waits(&incident, &step, look.of)),
            None => Reply::Quiet,
        })
    }

    /// What somebody says who was asked to look.
    pub(super) async fn second_look(&self, step: StepId, confirmed: bool) -> Told {
        self.change(Command::AnswerSecondLook { step, confirmed })
            .await
    }

    /// Shows the options of a decision step, or takes the chosen one.
    pub(super) async fn decide_step(&self, step: StepId, values: &[String]) -> Told {
        let view = self.fresh().await?;
        let Some(known) = step_of(&view.incident, &step) else {
            return Err(say(format!("This checklist has no step `{step}`.")));
        };
        let Some(value) = values.first() else {
            return Ok(Reply::Update(cards::ask_choice(&view.incident, known)));
        };
        // A menu cuts long options; the whole one is what is stored.
        let choice = known
            .decision
            .iter()
            .flatten()
            .find(|choice| {
                cut(choice, MAX_OPTION_TEXT) == *value
                    || crate::card::cut(choice, MAX_OPTION_TEXT) == *value
            })
            .cloned();
        // One confirmation is enough: choosing an option is a second look already.
        self.finish_step(step, choice.or_else(|| Some(value.clone())), true)
            .await
    }

    /// The rest of a long step.
    pub(super) async fn step_more(&self, step: &StepId) -> Told {
        let view = self.view().await?;
        match step_of(&view.incident, step) {
            Some(step) => Ok(Reply::Private(cards::step_text(&view.incident, step))),
            None => Err(say(format!("This checklist has no step `{step}`."))),
        }
    }

    /// What the runbooks say beside their steps.
    pub(super) async fn reference(&self, section: u16, page: u16) -> Told {
        let view = self.view().await?;
        let card = cards::reference(&view.incident, section.into(), page.into());
        Ok(Reply::Update(card))
    }

    /// Asks the channel for help with a step.
    pub(super) async fn step_help(&self, step: &StepId) -> Told {
        let view = self.fresh().await?;
        match step_of(&view.incident, step) {
            Some(step) => Ok(Reply::Public(cards::help_wanted(
                &view.incident,
                step,
                self.who.id,
            ))),
            None => Err(say(format!("This checklist has no step `{step}`."))),
        }
    }

    /// Ticks the chosen steps one after the other and shows the list as it is then.
    pub(super) async fn tick_steps(&self, values: &[String]) -> Told {
        let mut trouble = Vec::new();
        for value in values {
            let Some(step) = StepId::new(value) else {
                trouble.push(format!("`{}` is no step.", crate::card::cut(value, 50)));
                continue;
            };
            let part = format!(":{step}");
            let command = Command::Step {
                step: step.clone(),
                action: StepAction::Done {
                    for_role: None,
                    choice: None,
                    confirmed: false,
                },
            };
            match self.ask(command, &part).await {
                bridgewatch_core::ports::Answer::Done { .. } => {}
                bridgewatch_core::ports::Answer::Refused(refusal) => {
                    trouble.push(format!("`{step}`: {refusal}"));
                }
                bridgewatch_core::ports::Answer::Unknown => {
                    return Err(crate::reply::no_incident());
                }
                bridgewatch_core::ports::Answer::Broken { error_id } => {
                    return Err(crate::reply::apology(&error_id));
                }
            }
        }
        let view = self.view().await?;
        let mut card = cards::step_list(&view.incident);
        if !trouble.is_empty() {
            card.content = trouble.join("\n");
        }
        Ok(Reply::Update(card))
    }
}
