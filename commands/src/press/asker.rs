//! One person with one request to one incident: asking the desk, and turning its answer into words.

use bridgewatch_core::card::{Act, Button, Press};
use bridgewatch_core::cards;
use bridgewatch_core::effect::DirectTopic;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, Command, Event, Expectation, Incident, Rank, Recorded, Refusal, second_pair_worth_asking,
};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{Answer, Ask, Heard, View};
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{StepId, StepRefusal};
use bridgewatch_core::timeline::{Entry, Signal};

use chrono_tz::Tz;

use super::Caller;
use super::confirmation::{confirmation, nothing_happened};
use super::way_to;
use crate::Data;
use crate::guard::{Place, Who};
use crate::reply::{Reply, Told, apology, no_incident, sentence, undo_button, with_buttons};

/// One person with one request to one incident.
pub(crate) struct Asker<'request> {
    pub(crate) data: &'request Data,
    pub(crate) who: &'request Who,
    pub(crate) incident: IncidentId,
    /// The phase the pressed card was made in, where it matters.
    pub(crate) phase: Option<Phase>,
    /// The interaction, `discord-interaction:<id>`.
    pub(crate) delivery: String,
}

impl Asker<'_> {
    /// The request as the desk takes it. `part` tells apart what one interaction asks several times.
    pub(crate) fn ask_of(&self, command: Command, part: &str) -> Ask {
        Ask {
            actor: Actor::Person {
                id: self.who.id,
                rank: self.who.rank,
            },
            delivery: Some(format!("{}{part}", self.delivery)),
            expects: Expectation { phase: self.phase },
            command,
        }
    }

    /// Asks the desk.
    pub(crate) async fn ask(&self, command: Command, part: &str) -> Answer {
        let ask = self.ask_of(command, part);
        self.data.desk.ask(self.incident, ask).await
    }

    /// Asks the desk and says in one line what came of it.
    pub(crate) async fn change(&self, command: Command) -> Told {
        let answer = self.ask(command.clone(), "").await;
        self.told(answer, &command).await
    }

    /// The usual words for an answer.
    pub(crate) async fn told(&self, answer: Answer, command: &Command) -> Told {
        let (incident, events) = self.done(answer, command).await?;
        Ok(self.confirmed(&incident, &events, command))
    }

    /// What was done, or the words for why it was not.
    pub(crate) async fn done(
        &self,
        answer: Answer,
        command: &Command,
    ) -> Result<(Box<Incident>, Vec<Recorded>), Reply> {
        match answer {
            Answer::Done { incident, events } => Ok((incident, events)),
            Answer::Refused(refusal) => Err(self.refused(refusal, command).await),
            Answer::Unknown => Err(no_incident()),
            Answer::Broken { error_id } => Err(apology(&error_id)),
        }
    }

    /// One line about what happened, with the button that takes it back.
    pub(crate) fn confirmed(
        &self,
        incident: &Incident,
        events: &[Recorded],
        command: &Command,
    ) -> Reply {
        let words = if events.is_empty() {
            nothing_happened(incident, command)
        } else {
            confirmation(incident, events, self.who.id)
        };
        // Whoever takes over reads on in the channel.
        let takes_over = happened(events, |event| {
            matches!(event, Event::HandoverAccepted { .. })
        });
        let way = if takes_over {
            way_to(incident.surface.channel, self.who)
        } else {
            String::new()
        };
        // Moving on needs no reason; what did not hold is worth a line while it is fresh.
        let did_not_hold = happened(events, |event| {
            matches!(
                event,
                Event::PhaseChanged {
                    from: Phase::Mitigation,
                    to: Phase::Diagnosis,
                    note: None,
                }
            )
        });
        let ask = did_not_hold.then(|| self.button("What did not hold…", Act::Decision));
        Reply::Update(with_buttons(
            sentence(format!("{words}{way}")),
            undo_button(incident.id, events).into_iter().chain(ask),
        ))
    }

    /// Why it may not happen: the card that asks what is missing, or a sentence.
    pub(super) async fn refused(&self, refusal: Refusal, command: &Command) -> Reply {
        match self.question_behind(&refusal, command).await {
            Ok(Some(question)) => question,
            Err(trouble) => trouble,
            Ok(None) => {
                let ways = match self.data.desk.incident(self.incident).await {
                    Ok(Some(incident)) => {
                        cards::ways_out(&incident, self.who.id, &refusal, command)
                    }
                    Ok(None) => Vec::new(),
                    Err(broken) => {
                        return self.broken("the incident could not be read", &broken);
                    }
                };
                Reply::Private(with_buttons(sentence(refusal.to_string()), ways))
            }
        }
    }

    /// Some refusals are questions: which reason, which option, really?
    async fn question_behind(
        &self,
        refusal: &Refusal,
        command: &Command,
    ) -> Result<Option<Reply>, Reply> {
        let card = match (refusal, command) {
            (Refusal::Findings(findings), _) => {
                cards::resolve_card(&self.view().await?.incident, findings)
            }
            (Refusal::NotReadyToClose(gaps), _) => {
                cards::close_gaps_card(&self.view().await?.incident, gaps)
            }
            (Refusal::NeedsReason, Command::SetSeverity { to, .. }) => {
                cards::ask_lower_reason(&self.view().await?.incident, *to)
            }
            (Refusal::Step(StepRefusal::NeedsConfirmation), Command::Step { step, .. }) => {
                let view = self.view().await?;
                let Some(step) = step_of(&view.incident, step) else {
                    return Ok(None);
                };
                let (desk, asker) = (&self.data.desk, self.who.id);
                let (now, policy) = (desk.now(), desk.policy());
                match second_pair_worth_asking(&view.incident, step, asker, now, &policy) {
                    Some(second) => cards::confirm_step_with(&view.incident, step, second),
                    None => cards::confirm_step(&view.incident, step),
                }
            }
            (Refusal::Step(StepRefusal::NeedsChoice { .. }), Command::Step { step, .. }) => {
                let view = self.view().await?;
                match step_of(&view.incident, step) {
                    Some(step) => cards::ask_choice(&view.incident, step),
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(Reply::Update(card)))
    }

    /// The zone of whoever asks: what they type and read are their times.
    pub(crate) fn zone(&self) -> Tz {
        self.data.desk.policy().zone_of(self.who.id)
    }

    /// The lines of its timeline that this person may read.
    pub(crate) async fn entries(&self) -> Result<Vec<Entry>, Reply> {
        let entries = self.data.desk.timeline(self.incident).await;
        let mut entries =
            entries.map_err(|broken| self.broken("the timeline could not be read", &broken))?;
        if self.who.rank == Rank::Viewer {
            entries.retain(Entry::is_for_everybody);
        }
        Ok(entries)
    }

    /// The lines that everybody may read: what others are told is made from these, whoever tells it.
    pub(crate) async fn entries_for_everybody(&self) -> Result<Vec<Entry>, Reply> {
        let mut entries = self.entries().await?;
        entries.retain(Entry::is_for_everybody);
        Ok(entries)
    }

    /// What somebody who takes over must know now.
    pub(crate) async fn briefing(&self, incident: &Incident) -> Result<String, Reply> {
        let timeline = self.entries_for_everybody().await?;
        Ok(cards::briefing(incident, &timeline, self.data.desk.now()))
    }

    /// The incident, and what was changed around it.
    pub(crate) async fn view(&self) -> Result<View, Reply> {
        match self.data.desk.view(self.incident).await {
            Ok(Some(view)) => Ok(view),
            Ok(None) => Err(no_incident()),
            Err(broken) => Err(self.broken("the incident could not be read", &broken)),
        }
    }

    /// The incident, if it is still in the phase that the pressed card was made in.
    pub(crate) async fn fresh(&self) -> Result<View, Reply> {
        let view = self.view().await?;
        match self.phase {
            Some(phase) if phase != view.incident.phase => {
                let refusal = Refusal::Stale {
                    phase: view.incident.phase,
                    since: view.incident.phase_since,
                };
                Err(Reply::Private(with_buttons(
                    sentence(refusal.to_string()),
                    [self.button("Show current board", Act::ShowBoard)],
                )))
            }
            _ => Ok(view),
        }
    }

    /// Tells the timeline.
    pub(crate) async fn hear(&self, signal: Signal) -> Heard {
        let delivery = Some(self.delivery.clone());
        self.data.desk.hear(self.incident, signal, delivery).await
    }

    /// Logs what broke, once, and apologises with the id under which it was logged.
    pub(crate) fn broken(&self, what: &str, error: &dyn std::error::Error) -> Reply {
        tracing::error!(incident.id = self.incident.0, error.id = self.delivery, %error, "{what}");
        apology(&self.delivery)
    }

    /// The same person with the same request, about no incident.
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller {
            data: self.data,
            who: self.who,
            delivery: self.delivery.clone(),
        }
    }

    /// A button about this incident.
    pub(crate) fn button(&self, label: &str, act: Act) -> Button {
        Button::plain(label, Press::any_time(self.incident, act))
    }

    /// "I have it."
    pub(crate) async fn take(&self) -> Told {
        let answer = self.ask(Command::Take, "").await;
        let (incident, events) = self.done(answer, &Command::Take).await?;
        if self.who.place == Place::Direct && incident.surface.direct.contains_key(&self.who.id) {
            // The page itself becomes the answer; the effect that follows writes the same.
            let card = cards::direct(&incident, self.who.id, &DirectTopic::Page);
            let policy = self.data.desk.policy();
            let call = &policy.call;
            let card = cards::direct_with_call(card, &incident, self.who.id, call);
            return Ok(Reply::Update(card));
        }
        let mut words = if events.is_empty() {
            "You have it already.".to_owned()
        } else {
            confirmation(&incident, &events, self.who.id)
        };
        // Taken nonetheless: who is awake is not asked twice.
        let candidates = self.data.desk.candidates(Role::OnCall);
        if let Some(note) = cards::not_on_the_rota(&incident, self.who.id, &candidates)
            && happened(&events, |event| {
                matches!(
                    event,
                    Event::RoleAccepted {
                        role: Role::OnCall,
                        ..
                    }
                )
            })
        {
            words.push(' ');
            words.push_str(&note);
        }
        let way = way_to(incident.surface.channel, self.who);
        Ok(Reply::Update(with_buttons(
            sentence(format!("{words}{way}")),
            undo_button(incident.id, &events),
        )))
    }

    /// Takes a role, and shows what its holder does.
    pub(crate) async fn accept(&self, role: Role) -> Told {
        let command = Command::Accept { role };
        let answer = self.ask(command.clone(), "").await;
        let (incident, events) = self.done(answer, &command).await?;
        let words = if events.is_empty() {
            format!("You are {role} already.")
        } else {
            confirmation(&incident, &events, self.who.id)
        };
        let held = incident.roles_of(self.who.id);
        let works_solo = incident.is_solo() && held.len() > 1;
        let mut card = if works_solo {
            cards::solo_role(&held)
        } else {
            cards::responsibilities(role)
        };
        card.content = format!("{words}{}", way_to(incident.surface.channel, self.who));
        // In a channel the pressed card stays as it is for the others; what a role means is worth a message of its own.
        // Whoever comes in the middle of the night asks first what happened so far.
        let buttons = std::iter::once(self.button("Catch up", Act::CatchUp))
            .chain(undo_button(incident.id, &events));
        Ok(Reply::Private(with_buttons(card, buttons)))
    }
}

/// A step of the pinned runbook.
pub(super) fn step_of<'incident>(
    incident: &'incident Incident,
    step: &StepId,
) -> Option<&'incident bridgewatch_core::runbook::Step> {
    incident.checklist.as_ref()?.step(step)
}

/// Whether one of the events is of a kind.
pub(super) fn happened(events: &[Recorded], kind: impl Fn(&Event) -> bool) -> bool {
    events.iter().any(|recorded| kind(&recorded.event))
}
