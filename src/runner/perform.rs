//! One effect, one goal: look at what is true now, and make the outside agree.

use bridgewatch_core::card::Card;
use bridgewatch_core::cards;
use bridgewatch_core::effect::{Effect, Lane};
use bridgewatch_core::ids::{ChannelId, IncidentId, MessageId};
use bridgewatch_core::incident::{
    Incident, MilestoneName, Report, Visibility, channel_marker_of, channel_name_of,
    channel_topic_of, is_still_called,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{
    Called, ChannelSpec, Claimed, Failure, Notice, Place, StoredPostmortem,
};
use bridgewatch_core::timeline::looks_like_a_fact;
use bridgewatch_core::update;
use chrono::{DateTime, Utc};

use super::{Performed, Runner, incident_of, trouble_of};

/// The most messages offered as facts: what one menu holds.
const MOST_FACTS: usize = 25;

/// The fact that says whether the greeting was posted.
const GREETED: &str = "greeted";

impl Runner {
    pub(super) async fn perform(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        if self.is_kept_inside(claimed).await? {
            return Ok(Performed::Done);
        }
        match &claimed.effect {
            Effect::OpenChannel => self.open_channel(claimed).await,
            Effect::Admit { person } => {
                let incident = self.load(claimed).await?;
                let surface = &incident.surface;
                let into_channel = match surface.channel {
                    Some(channel) => self.chat.admit(channel, *person).await,
                    None => Ok(()),
                };
                // One that cannot be opened to them keeps them out of no other.
                let into_call = match surface.call.channel() {
                    Some(call) => {
                        let admitted = self.chat.admit(call, *person).await;
                        self.unless_gone(&incident, call, admitted).await
                    }
                    None => Ok(()),
                };
                into_channel.and(into_call).map(|()| Performed::Done)
            }
            Effect::OpenCall => self.open_call(claimed).await,
            Effect::EndCall { channel } => self.end_call(claimed, *channel).await,
            Effect::Absorb { into } => self
                .desk
                .absorb(incident_of(claimed)?, *into)
                .await
                .map(|()| Performed::Done)
                .map_err(|trouble| trouble_of(&trouble)),
            Effect::SyncLink { other, only_phase } => self
                .desk
                .sync_link(incident_of(claimed)?, *other, *only_phase)
                .await
                .map(|()| Performed::Done)
                .map_err(|trouble| trouble_of(&trouble)),
            Effect::Signpost { into, hidden } => self.signpost(claimed, *into, *hidden).await,
            Effect::RouteAgain { receipts } => self
                .desk
                .route_again(&claimed.claim.id.0, receipts)
                .await
                .map(|()| Performed::Done)
                .map_err(|trouble| trouble_of(&trouble)),
            Effect::SyncAccess => self.sync_access(claimed).await,
            Effect::SyncChannelName => self.sync_channel_name(claimed).await,
            Effect::SyncBoard => self.sync_board(claimed).await,
            Effect::PinBoard { message } => {
                let incident = self.load(claimed).await?;
                let Some(channel) = incident.surface.channel else {
                    return Ok(Performed::Done);
                };
                self.chat
                    .pin(channel, *message)
                    .await
                    .map(|()| Performed::Done)
            }
            Effect::SyncSteps => self.sync_steps(claimed).await,
            Effect::SyncDigest => self.sync_digest(claimed).await,
            Effect::Say { card } => {
                let incident = self.load(claimed).await?;
                let Some(channel) = incident.surface.channel else {
                    if incident.surface.lost_channel.is_some() {
                        // There is nowhere to say it; its timeline has it.
                        return Ok(Performed::Done);
                    }
                    return Err(Failure::Retry {
                        after: None,
                        why: "its channel is not open yet".to_owned(),
                    });
                };
                self.post(claimed, channel, card, claimed.lane)
                    .await
                    .map(|_| Performed::Done)
            }
            Effect::SyncDirect {
                person,
                about,
                anew,
            } => self.sync_direct(claimed, *person, about, *anew).await,
            Effect::Tell { person, card } => {
                let channel = self.chat.direct_channel(*person).await?;
                self.post(claimed, channel, card, claimed.lane)
                    .await
                    .map(|_| Performed::Done)
            }
            Effect::Page { person } => self.page(claimed, *person).await,
            Effect::DeliverUpdate { number, target } => {
                self.deliver_update(claimed, *number, target).await
            }
            Effect::MarkStored {
                channel,
                message,
                present,
            } => self
                .chat
                .mark(*channel, *message, *present)
                .await
                .map(|()| Performed::Done),
            Effect::CopyFile { message, round } => self.copy_file(claimed, *message, *round).await,
            Effect::DeleteMessage {
                channel,
                message,
                number,
            } => {
                self.delete_message(claimed, *channel, *message, *number)
                    .await
            }
            Effect::OfferRedaction {
                person,
                message,
                recorded_at,
            } => {
                self.offer_redaction(claimed, *person, *message, *recorded_at)
                    .await
            }
            Effect::OfferFacts => self.offer_facts(claimed).await,
            Effect::NoteStatements => self.note_statements(claimed).await,
            Effect::NoteMitigation {
                message,
                recorded_at,
            } => self.note_mitigation(claimed, *message, *recorded_at).await,
            Effect::SayLate {
                message,
                recorded_at,
            } => self.say_late(claimed, *message, *recorded_at).await,
            Effect::AskAboutGap { asked, round } => {
                self.ask_about_gap(claimed, *asked, *round).await
            }
            Effect::HintAtFacts { from, to } => self.hint_at_facts(claimed, *from, *to).await,
            Effect::KeepFact { message, by, kind } => {
                self.keep_fact(claimed, *message, *by, *kind).await
            }
            Effect::DraftPostmortem => self.draft_postmortem(claimed).await,
            Effect::PostPostmortem { version, last } => {
                self.post_postmortem(claimed, *version, *last).await
            }
            Effect::LockChannel => {
                let incident = self.load(claimed).await?;
                match incident.surface.channel {
                    Some(channel) if !incident.is_active() => {
                        self.chat.lock(channel).await.map(|()| Performed::Done)
                    }
                    _ => Ok(Performed::Done),
                }
            }
            Effect::TellOperators { text } => {
                let card = Card {
                    content: text.clone(),
                    ..Card::default()
                };
                self.post_in_digest(claimed, &card)
                    .await
                    .map(|_| Performed::Done)
            }
            Effect::NoteInDigest { text } => {
                let card = Card {
                    content: text.clone(),
                    quiet: true,
                    ..Card::default()
                };
                self.post_in_digest(claimed, &card)
                    .await
                    .map(|_| Performed::Done)
            }
            Effect::Greet => self.greet(claimed).await,
            Effect::SyncFrontDesk => self.sync_front_desk(claimed).await,
        }
    }

    pub(super) async fn load(&self, claimed: &Claimed) -> Result<Incident, Failure> {
        let id = incident_of(claimed)?;
        match self.store.incident(id).await {
            Ok(Some(incident)) => Ok(incident),
            Ok(None) => Err(Failure::Gone {
                why: format!("{id} does not exist"),
            }),
            Err(trouble) => Err(trouble_of(&trouble)),
        }
    }

    /// Posts once: noted before it leaves, and with a nonce made from the effect's id.
    pub(super) async fn post(
        &self,
        claimed: &Claimed,
        channel: ChannelId,
        card: &Card,
        lane: Lane,
    ) -> Result<MessageId, Failure> {
        self.about_to_send(claimed).await?;
        self.chat.post(channel, card, &claimed.claim.id, lane).await
    }

    /// Posts in the channel that has a line for each incident.
    pub(super) async fn post_in_digest(
        &self,
        claimed: &Claimed,
        card: &Card,
    ) -> Result<(ChannelId, MessageId), Failure> {
        self.about_to_send(claimed).await?;
        self.chat
            .post_in(Place::Digest, card, &claimed.claim.id, claimed.lane)
            .await
    }

    /// Settles the effect with what it learned, in one transaction.
    pub(super) async fn learned(
        &self,
        claimed: &Claimed,
        id: IncidentId,
        report: Report,
    ) -> Result<Performed, Failure> {
        self.learned_with(claimed, id, report, None).await
    }

    /// The same, with a postmortem version that is kept in the same transaction.
    pub(super) async fn learned_with(
        &self,
        claimed: &Claimed,
        id: IncidentId,
        report: Report,
        postmortem: Option<StoredPostmortem>,
    ) -> Result<Performed, Failure> {
        let settled = self
            .in_progress
            .as_holder(&claimed.claim, |claim| {
                let (report, postmortem) = (report.clone(), postmortem.clone());
                async move { self.desk.report(id, report, &claim, postmortem).await }
            })
            .await;
        match settled {
            Ok(true) => Ok(Performed::Settled),
            Ok(false) => Err(Failure::Retry {
                after: None,
                why: "the claim was lost".to_owned(),
            }),
            Err(trouble) => Err(trouble_of(&trouble)),
        }
    }

    async fn open_channel(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        if incident.surface.channel.is_some() {
            return Ok(Performed::Done);
        }
        let restricted = incident.visibility == Visibility::Restricted;
        let spec = ChannelSpec {
            name: channel_name_of(&incident),
            topic: channel_topic_of(&incident),
            marker: channel_marker_of(incident.id),
            only_for: restricted.then(|| incident.circle().into_iter().collect()),
            look_first: claimed.maybe_sent_at.is_some(),
        };
        self.about_to_send(claimed).await?;
        let channel = self.chat.open_channel(&spec).await?;
        if let Some(seconds) = seconds_since_the_alert(&incident, self.clock.now()) {
            metrics::histogram!(crate::telemetry::ALERT_TO_CHANNEL).record(seconds);
        }
        self.learned(claimed, incident.id, Report::ChannelReady(channel))
            .await
    }

    async fn page(
        &self,
        claimed: &Claimed,
        person: Option<PersonId>,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(pager) = &self.pager else {
            return Ok(Performed::Done);
        };
        // Somebody has it, or it is over: waking anybody now would be noise.
        if !is_still_called(&incident, person) {
            return Ok(Performed::Done);
        }
        let names = self
            .store
            .names()
            .await
            .map_err(|trouble| trouble_of(&trouble))?;
        let name = person.map(|person| match names.get(&person) {
            Some(name) => name.clone(),
            None => person.0.to_string(),
        });
        let called = person
            .zip(name.as_deref())
            .map(|(person, name)| Called { person, name });
        pager.page(&claimed.claim.id.0, &incident, called).await?;
        self.learned(claimed, incident.id, Report::Paged(person))
            .await
    }

    async fn deliver_update(
        &self,
        claimed: &Claimed,
        number: u32,
        target: &str,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(sent) = incident
            .updates
            .iter()
            .find(|update| update.number == number)
        else {
            return Ok(Performed::Done);
        };
        let report = |problem| Report::UpdateDelivered {
            number,
            target: target.to_owned(),
            problem,
        };
        if incident.visibility == Visibility::Restricted {
            let problem = Some("it became restricted before this left".to_owned());
            return self.learned(claimed, incident.id, report(problem)).await;
        }
        let Some(notifier) = self
            .notifiers
            .iter()
            .find(|notifier| notifier.name() == target)
        else {
            let problem = Some("this target is no longer configured".to_owned());
            return self.learned(claimed, incident.id, report(problem)).await;
        };
        let notice = Notice {
            id: claimed.claim.id.0.clone(),
            incident: incident.id,
            title: incident.title.clone(),
            severity: incident.severity,
            status: update::public_status(&incident).word(),
            text: sent.text.clone(),
            at: sent.at,
            next_due: sent.next_due,
        };
        self.about_to_send(claimed).await?;
        match notifier.notify(&notice).await {
            Ok(()) => self.learned(claimed, incident.id, report(None)).await,
            Err(Failure::Retry { after, why }) => Err(Failure::Retry { after, why }),
            // Whoever sent it must learn now that it did not arrive.
            Err(
                Failure::Refused { why }
                | Failure::Waits { why }
                | Failure::Gone { why }
                | Failure::TooOld { why }
                | Failure::ChannelGone { why, .. },
            ) => self.learned(claimed, incident.id, report(Some(why))).await,
        }
    }

    /// Offers, once, the unmarked messages that look like facts. They are read now and not kept.
    async fn offer_facts(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let (page, last, more) = self.chat.messages_after(channel, after).await?;
            for heard in page
                .into_iter()
                .filter(|heard| looks_like_a_fact(&heard.text))
            {
                let known = self.store.entry_of_message(heard.message).await;
                if known.map_err(|trouble| trouble_of(&trouble))?.is_none() {
                    found.push((heard.message, heard.author, heard.text));
                }
            }
            match last {
                Some(last) if more => after = Some(last),
                _ => break,
            }
        }
        if found.is_empty() {
            return Ok(Performed::Done);
        }
        let newest = found.split_off(found.len().saturating_sub(MOST_FACTS));
        let card = cards::facts_offer(&incident, &newest);
        self.post(claimed, channel, &card, claimed.lane)
            .await
            .map(|_| Performed::Done)
    }

    async fn greet(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let greeted = self
            .store
            .fact(GREETED)
            .await
            .map_err(|trouble| trouble_of(&trouble))?;
        if greeted.is_some() {
            return Ok(Performed::Done);
        }
        let (_, message) = self.post_in_digest(claimed, &cards::greeting()).await?;
        self.store
            .remember(GREETED, &message.0.to_string())
            .await
            .map(|()| Performed::Done)
            .map_err(|trouble| trouble_of(&trouble))
    }
}

/// How long ago the alert was received that an incident began with; `None` for one that a person declared.
fn seconds_since_the_alert(incident: &Incident, now: DateTime<Utc>) -> Option<f64> {
    let received = incident.milestones.at(MilestoneName::AlertReceived)?;
    Some((now - received).num_milliseconds().max(0) as f64 / 1000.0)
}

#[cfg(test)]
pub(super) mod tests {
    use bridgewatch_core::category::Category;
    use bridgewatch_core::ids::Seq;
    use bridgewatch_core::incident::{Actor, Declaration, Event, Recorded, fold};
    use bridgewatch_core::severity::Severity;
    use chrono::TimeDelta;

    use super::*;

    /// An incident that was declared at a time.
    pub(in crate::runner) fn declared(
        at: DateTime<Utc>,
        alert_received_at: Option<DateTime<Utc>>,
    ) -> Incident {
        let declaration = Declaration {
            title: "api-latency".to_owned(),
            severity: Severity::Sev2,
            category: Category::Unknown,
            visibility: Visibility::Normal,
            services: Default::default(),
            alerts: None,
            news: Vec::new(),
            alert_received_at,
            storm: false,
            runbook: None,
            links: Vec::new(),
            origin: None,
            optional_roles: Default::default(),
            proposals: Default::default(),
        };
        let recorded = Recorded {
            seq: Seq(1),
            at,
            actor: Actor::Alerts,
            event: Event::Declared(Box::new(declaration)),
        };
        fold(IncidentId(1), &[recorded]).expect("it begins with its declaration")
    }

    #[test]
    fn from_alert_to_channel_counts_from_the_webhook_and_not_where_a_person_declared() {
        let received: DateTime<Utc> = "2026-11-21T02:02:00Z".parse().expect("a literal time");
        let declared_at = received + TimeDelta::seconds(40);
        let now = received + TimeDelta::milliseconds(41_500);
        let seconds = |received| seconds_since_the_alert(&declared(declared_at, received), now);
        assert_eq!(seconds(Some(received)), Some(41.5));
        assert_eq!(seconds(None), None);
    }
}
