//! What is asked where there is no incident: the front desk, what it leads to, and the way into an incident.

use bridgewatch_core::card::{Act, Card};
use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Actor;
use bridgewatch_core::ports::{Answer, DeclareAsk, TestAlert};
use bridgewatch_core::severity::Severity;

use super::Asker;
use crate::Data;
use crate::forms::FormAsks;
use crate::guard::{self, Who};
use crate::reply::{Reply, Told, apology, no_incident, say, sentence};
use crate::words;

/// What somebody is told who asks for what concerns those who keep the bot running.
const FOR_MANAGERS: &str = "Only those who manage the server see this (*Manage Server*): ask one of them to press \
                            *Check the setup*. Everything else here is yours.";

/// One person with one request about no incident.
pub(crate) struct Caller<'request> {
    pub(crate) data: &'request Data,
    pub(crate) who: &'request Who,
    /// The interaction, `discord-interaction:<id>`.
    pub(crate) delivery: String,
}

impl Caller<'_> {
    /// Does what an act asks that belongs to no incident, if this person may ask it from here.
    pub(crate) async fn answer(&self, act: &Act, values: &[String]) -> Told {
        if let Some(refusal) = guard::refuses(self.who, act) {
            return Err(refusal);
        }
        match act {
            Act::FrontDesk => Ok(Reply::Update(cards::front_desk())),
            Act::NewIncident => Ok(words::open_alone(self, FormAsks::NewIncident)),
            Act::Incidents(list) => self.incidents(*list).await,
            Act::OpenBoard => self.open_board(values).await,
            Act::FindIncidents => Ok(words::open_alone(self, FormAsks::FindIncidents)),
            Act::Library => Ok(self.runbooks_about("")),
            Act::ReadRunbook => self.read_runbook(values.first().map_or("", String::as_str)),
            Act::FindRunbooks => Ok(words::open_alone(self, FormAsks::FindRunbooks)),
            Act::LintRunbooks => self.lint_runbooks(),
            Act::CheckSetup if self.who.manages_server => Ok(self.check_setup().await),
            Act::CheckSetup => Err(say(FOR_MANAGERS)),
            Act::Maintenance => self.maintenance().await.map(Reply::Update),
            Act::PlanMaintenance => Ok(words::open_alone(self, FormAsks::Maintenance)),
            Act::EndMaintenance(id) => Ok(self.end_maintenance(*id).await),
            Act::Help => Ok(Reply::Private(cards::help(None))),
            Act::HelpAbout(topic) => Ok(Reply::Private(cards::help_topic(*topic))),
            Act::FireTestAlert => self.fire_test_alert().await,
            _ => Err(no_incident()),
        }
    }

    /// What is typed after `/inc more` where there is no incident.
    pub(crate) async fn answer_by_name(&self, what: Option<&str>) -> Told {
        let Some(what) = what else {
            return self.answer(&Act::FrontDesk, &[]).await;
        };
        if let Some(offer) = cards::desk_offer(what) {
            return self.answer(&offer.act, &[]).await;
        }
        if let Some(offer) = cards::offer(what) {
            return Err(say(format!(
                "*{}* is asked of an incident, and this channel belongs to none: name it with the option `incident`.",
                offer.label
            )));
        }
        Err(say(format!(
            "I know nothing called `{}` here. `/inc more` alone shows what there is; in an incident's channel, or with \
             the option `incident`, it is everything about that incident.",
            crate::card::cut(&what.replace('`', "'"), 60)
        )))
    }

    /// The same person with the same request, about an incident.
    pub(crate) fn about(&self, incident: IncidentId) -> Asker<'_> {
        Asker {
            data: self.data,
            who: self.who,
            incident,
            phase: None,
            delivery: self.delivery.clone(),
        }
    }

    /// Logs what broke, once, and apologises with the id under which it was logged.
    pub(super) fn broken(&self, what: &str, error: &dyn std::error::Error) -> Reply {
        tracing::error!(error.id = self.delivery, %error, "{what}");
        apology(&self.delivery)
    }

    /// Begins an incident. Whoever did not say how bad it is, is asked in the answer.
    pub(crate) async fn declare(&self, title: &str, severity: Option<Severity>) -> Told {
        let ask = DeclareAsk {
            actor: Actor::Person {
                id: self.who.id,
                rank: self.who.rank,
            },
            delivery: Some(self.delivery.clone()),
            title: title.to_owned(),
            severity,
        };
        let incident = match self.data.desk.declare(ask).await {
            Answer::Done { incident, .. } => incident,
            Answer::Refused(refusal) => return Err(say(refusal.to_string())),
            Answer::Unknown => return Err(no_incident()),
            Answer::Broken { error_id } => return Err(apology(&error_id)),
        };
        let place = incident.surface.channel.map_or_else(
            || "Its channel opens within seconds.".to_owned(),
            |channel| format!("<#{}>", channel.0),
        );
        // Somebody who may only read has told of it and carries nothing.
        let carries = incident.command == Some(self.who.id);
        let yours = if carries {
            "You have it and hold command 👑. "
        } else {
            ""
        };
        let mut card = sentence(format!(
            "{} **{}** {}: {}. {yours}{place}",
            incident.severity.mark(),
            incident.id,
            incident.severity,
            incident.title
        ));
        if severity.is_none() && carries {
            let question = cards::ten_seconds(&incident);
            card = Card {
                content: card.content,
                ..question
            };
        }
        Ok(Reply::Private(card))
    }

    /// What I need and do not have.
    pub(crate) async fn check_setup(&self) -> Reply {
        let found = self.data.checkup.look().await;
        Reply::Private(cards::checkup(&found))
    }

    async fn fire_test_alert(&self) -> Told {
        match self.data.desk.fire_test_alert().await {
            Ok(TestAlert::Fired) => Ok(Reply::Private(cards::test_alert_fired())),
            Ok(TestAlert::OnItsWay) => Ok(say("The test alert is on its way already.")),
            Err(broken) => Err(self.broken("the test alert was not fired", &broken)),
        }
    }
}
