//! What the timeline asks of people by itself, and what they answer with one tap: a silence that grows long, and messages
//! that look like facts. Both go to the Documentation Lead alone; nothing that nobody marked is kept.

use bridgewatch_core::cards;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::{IncidentId, MessageId};
use bridgewatch_core::incident::{
    Incident, Mitigation, Prompt, Statements, facts_to_show, statements_in,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Claimed, Failure, entries};
use bridgewatch_core::role::Role;
use bridgewatch_core::timeline::{
    Entry, Kind, MarkedBy, Signal, Who, gaps, hinted_at_facts, looks_like_a_fact,
    may_ask_about_gaps,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::desk::MayPrompt;

use super::{Performed, Runner, incident_of, trouble_of};

/// Why a prompt waits.
const LEFT_ALONE: &str = "a person is left alone until then";

/// The most messages in one hint: what a card has rows for.
const MOST_HINTS: usize = 4;

impl Runner {
    /// The lines of an incident's timeline.
    pub(super) async fn entries(&self, id: IncidentId) -> Result<Vec<Entry>, Failure> {
        let timeline = self.store.timeline(id).await;
        timeline
            .map(entries)
            .map_err(|trouble| trouble_of(&trouble))
    }

    /// Says in the channel that a line was noted late, with the way to correct its time. One that was taken back meanwhile is
    /// not mentioned.
    pub(super) async fn say_late(
        &self,
        claimed: &Claimed,
        message: Option<MessageId>,
        recorded_at: DateTime<Utc>,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let late_after = self.desk.policy().late_after;
        let entry = self
            .entries(incident.id)
            .await?
            .into_iter()
            .filter(|entry| {
                entry.is_active() && entry.is_late(late_after) && entry.is_for_everybody()
            })
            .find(|entry| match message {
                Some(message) => entry.message.is_some_and(|(_, known)| known == message),
                None => entry.message.is_none() && entry.recorded_at == recorded_at,
            });
        let Some(entry) = entry else {
            return Ok(Performed::Done);
        };
        let card = cards::late_line(incident.id, &entry);
        self.post(claimed, channel, &card, claimed.lane)
            .await
            .map(|_| Performed::Done)
    }

    /// Tells the incident of an action that was written down. One that was taken back meanwhile is not asked about.
    pub(super) async fn note_mitigation(
        &self,
        claimed: &Claimed,
        message: Option<MessageId>,
        recorded_at: DateTime<Utc>,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let timeline = self.entries(incident.id).await?;
        let line = the_line(&timeline, message, recorded_at);
        if let Some(done) = line.and_then(Mitigation::of_line) {
            self.desk
                .note_mitigation(incident.id, done)
                .await
                .map_err(|trouble| trouble_of(&trouble))?;
        }
        Ok(Performed::Done)
    }

    /// What the lines say of who is hurt, and of what it could be, becomes known to the incident.
    pub(super) async fn note_statements(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let id = incident_of(claimed)?;
        let read_at = Some(self.load(claimed).await?.seq);
        let said = Statements {
            read_at,
            ..statements_in(&self.entries(id).await?)
        };
        let noted = self.desk.note_statements(id, said).await;
        noted
            .map(|()| Performed::Done)
            .map_err(|trouble| trouble_of(&trouble))
    }

    /// Asks about a silence that has just grown long, once, and looks again when the next one could have. `asked` is the
    /// beginning of the silence that was asked about last.
    pub(super) async fn ask_about_gap(
        &self,
        claimed: &Claimed,
        asked: Option<DateTime<Utc>>,
        round: u32,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        if !incident.is_active() {
            return self.nothing_to_ask(&incident, Prompt::Gap).await;
        }
        let now = self.clock.now();
        let gap_after = self.desk.policy().gap_after;
        let timeline = self.entries(incident.id).await?;
        let lasting = gaps(&incident, &timeline, now, gap_after)
            .into_iter()
            .find(|gap| gap.lasts);
        let lead = incident
            .holder(Role::Documentation)
            .filter(|_| may_ask_about_gaps(&incident));
        let question = lasting
            .filter(|gap| asked != Some(gap.from))
            .and_then(|gap| Some((lead?, gap)));
        let direct = match question {
            Some((lead, _)) => Some(self.chat.direct_channel(lead).await),
            None => None,
        };
        if let (Some((lead, _)), Some(Ok(_))) = (question, &direct)
            && let Some(from) = self
                .left_alone(claimed, incident.id, lead, (Prompt::Gap, None))
                .await?
        {
            return Ok(Performed::NotBefore(from, LEFT_ALONE));
        }
        let asked = question.as_ref().map(|(_, gap)| gap.from).or(asked);
        let look_again_at = match lasting {
            Some(_) => now + gap_after,
            None => last_note(&timeline).max(now - gap_after) + gap_after,
        };
        let stream = format!("inc-{}/gaps", incident.id.0);
        let begun_as = claimed.claim.id.0.split('#').next().unwrap_or_default();
        let next = NewEffect {
            // Named after what began it and how often was looked since: carried out twice, it goes on once.
            id: EffectId(format!("{begun_as}#{}", round + 1)),
            incident: Some(incident.id),
            stream: stream.clone(),
            lane: Lane::Background,
            coalesce_key: Some(stream),
            // A second more than it takes: a silence of exactly that long is none.
            not_before: Some(look_again_at.max(now) + TimeDelta::seconds(1)),
            effect: Effect::AskAboutGap {
                asked,
                round: round + 1,
            },
        };
        // First, so that a person who takes no messages ends no more than their own questions.
        self.store
            .enqueue(vec![next], now)
            .await
            .map_err(|trouble| trouble_of(&trouble))?;
        let (Some((_, gap)), Some(direct)) = (question, direct) else {
            return self.nothing_to_ask(&incident, Prompt::Gap).await;
        };
        let channel = direct?;
        let card = cards::gap_question(&incident, &gap);
        self.post(claimed, channel, &card, claimed.lane)
            .await
            .map(|_| Performed::Done)
    }

    /// Until when a person is to be left alone, if they are. Otherwise it is noted that they are asked now. What may have
    /// left in an earlier attempt was noted then.
    async fn left_alone(
        &self,
        claimed: &Claimed,
        incident: IncidentId,
        person: PersonId,
        (about, until): (Prompt, Option<DateTime<Utc>>),
    ) -> Result<Option<DateTime<Utc>>, Failure> {
        if claimed.maybe_sent_at.is_some() {
            return Ok(None);
        }
        match self.desk.prompt(incident, person, about, until).await {
            Ok(MayPrompt::Now) => Ok(None),
            Ok(MayPrompt::From(from)) => Ok(Some(from)),
            Err(trouble) => Err(trouble_of(&trouble)),
        }
    }

    /// What was held back before, if it was, is not worth asking any more.
    async fn nothing_to_ask(
        &self,
        incident: &Incident,
        about: Prompt,
    ) -> Result<Performed, Failure> {
        if incident.held_prompts.contains(&about) {
            self.desk
                .drop_prompt(incident.id, about)
                .await
                .map_err(|trouble| trouble_of(&trouble))?;
        }
        Ok(Performed::Done)
    }

    /// Shows the Documentation Lead the messages since a moment that look like facts and were not marked. They are read now
    /// and not kept. What was held back for a while is shown together.
    pub(super) async fn hint_at_facts(
        &self,
        claimed: &Claimed,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let (Some(channel), Some(lead)) = (incident.surface.channel, hinted_at_facts(&incident))
        else {
            return self.nothing_to_ask(&incident, Prompt::Facts).await;
        };
        let tried_before = claimed.attempts > 0 || claimed.maybe_sent_at.is_some();
        let now = self.clock.now();
        let Some(shown) = facts_to_show(&incident, (from, to), tried_before, now) else {
            return Ok(Performed::Done);
        };
        let (from, to) = (shown.from, shown.to);
        let mut found = Vec::new();
        let mut after = Some(MessageId::before(from));
        loop {
            let (page, last, more) = self.chat.messages_after(channel, after).await?;
            for heard in page {
                let written_at = heard.message.written_at();
                let is_hinted = written_at >= from
                    && written_at < to
                    && heard.author != lead
                    && looks_like_a_fact(&heard.text);
                if is_hinted
                    && self
                        .store
                        .entry_of_message(heard.message)
                        .await
                        .map_err(|trouble| trouble_of(&trouble))?
                        .is_none()
                {
                    found.push((heard.message, heard.author, heard.text));
                }
            }
            match last {
                Some(last) if more && last.written_at() < to => after = Some(last),
                _ => break,
            }
        }
        if found.is_empty() {
            return self.nothing_to_ask(&incident, Prompt::Facts).await;
        }
        let newest = found.split_off(found.len().saturating_sub(MOST_HINTS));
        let direct = self.chat.direct_channel(lead).await?;
        if !shown.is_let_through
            && let Some(from) = self
                .left_alone(claimed, incident.id, lead, (Prompt::Facts, Some(to)))
                .await?
        {
            return Ok(Performed::NotBefore(from, LEFT_ALONE));
        }
        let card = cards::log_hint(&incident, &newest);
        self.post(claimed, direct, &card, claimed.lane)
            .await
            .map(|_| Performed::Done)
    }

    /// Writes down a message that somebody picked, as the kind they gave it. It is read again, since unpicked ones are not
    /// kept.
    pub(super) async fn keep_fact(
        &self,
        claimed: &Claimed,
        message: MessageId,
        by: PersonId,
        kind: Kind,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let Some(heard) = self.chat.message(channel, message).await? else {
            return Ok(Performed::Done);
        };
        let signal = Signal::Chosen {
            message: heard,
            by,
            kind,
            text: None,
            at: None,
            with: if incident.is_active() {
                MarkedBy::Menu
            } else {
                MarkedBy::Offer
            },
        };
        self.desk
            .take_down(incident.id, &signal, Some(claimed.claim.id.0.clone()), None)
            .await
            .map_err(|trouble| trouble_of(&trouble))?;
        if incident.is_active() {
            return Ok(Performed::Done);
        }
        // What was picked belongs into the draft.
        self.redraft(claimed, incident.id).await
    }
}

fn last_note(timeline: &[Entry]) -> DateTime<Utc> {
    timeline
        .iter()
        .filter(|entry| entry.is_active() && matches!(entry.who, Who::Person { .. }))
        .map(|entry| entry.event_at)
        .max()
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// The line that was taken from a message, or typed at this instant.
fn the_line(
    timeline: &[Entry],
    message: Option<MessageId>,
    recorded_at: DateTime<Utc>,
) -> Option<&Entry> {
    timeline.iter().find(|entry| match message {
        Some(message) => entry.message.is_some_and(|(_, known)| known == message),
        None => entry.message.is_none() && entry.recorded_at == recorded_at,
    })
}
