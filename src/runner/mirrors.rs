//! The messages that always show how things stand: the board, the step card, the line per incident, direct messages.
//!
//! Each is edited in place. One that somebody deleted is posted again; one that Discord finds too old to be edited (error
//! 30046, a limit on edits of messages older than an hour) is posted anew and the old one is taken away, so that nobody
//! reads an old truth. The new one is posted first: a crash in between leaves two, and the next change finds the older.

use bridgewatch_core::card::Card;
use bridgewatch_core::cards;
use bridgewatch_core::effect::{DirectTopic, Lane};
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::incident::{Around, DirectMessage, Incident, Report, waits_for_answer};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Claimed, Failure};

use super::restricted::never_stood_there;
use super::{Performed, Runner, trouble_of};

/// A message that cannot show any more how things stand.
enum Unusable {
    /// It is gone, with its channel perhaps.
    Gone,
    /// It is there, and shows for ever what it shows now.
    TooOld(ChannelId, MessageId),
    /// It could be edited, and that would make no sound.
    Silent(ChannelId, MessageId),
}

impl Runner {
    /// Brings a message up to date. `Some`: it cannot be, and another has to take its place.
    async fn brought_up_to_date(
        &self,
        claimed: &Claimed,
        (channel, message): (ChannelId, MessageId),
        card: &Card,
    ) -> Result<Option<Unusable>, Failure> {
        match self.chat.edit(channel, message, card, claimed.lane).await {
            Ok(()) => Ok(None),
            Err(Failure::Gone { .. }) => Ok(Some(Unusable::Gone)),
            Err(Failure::TooOld { why }) => {
                tracing::info!(
                    why,
                    "a message is posted anew, since the old one takes no more edits"
                );
                Ok(Some(Unusable::TooOld(channel, message)))
            }
            Err(other) => Err(other),
        }
    }

    /// Takes away what another message has replaced.
    async fn take_away(&self, unusable: Option<Unusable>, lane: Lane) {
        let Some(Unusable::TooOld(channel, message)) = unusable else {
            return;
        };
        if let Err(failure) = self.chat.delete(channel, message, lane, None).await {
            tracing::warn!(%failure, message.id = message.0, "an outdated message stays beside the new one");
        }
    }

    /// The same for what could still be edited: once another is remembered in its place nothing reaches it any more, not
    /// even to hide what it says. So it goes before that, or all of it is tried again.
    async fn retire(
        &self,
        channel: ChannelId,
        message: MessageId,
        lane: Lane,
    ) -> Result<(), Failure> {
        match self.chat.delete(channel, message, lane, None).await {
            Err(retry @ Failure::Retry { .. }) => Err(retry),
            Err(failure) => {
                tracing::warn!(%failure, message.id = message.0, "a replaced message stays beside the new one");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    pub(super) async fn sync_board(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let apart = self.desk.policy().board_min_interval;
        let drawn_at = self.clock.now();
        let pace = &self.board_pace;
        let is_there = incident.surface.board.is_some();
        let urgent = (incident.phase_since, incident.vanished_at);
        if let Some(later) = pace.wait(incident.id, urgent, drawn_at, apart)
            && is_there
        {
            return Ok(Performed::NotBefore(later, "the board was drawn just now"));
        }
        let around = self.around(&incident).await?;
        let mut unusable = None;
        if let Some(message) = incident.surface.board {
            let board = self.with_call(cards::board_among(&incident, &around), &incident);
            unusable = self
                .brought_up_to_date(claimed, (channel, message), &board)
                .await?;
            if unusable.is_none() {
                pace.drawn(incident.id, urgent, drawn_at, apart);
                return Ok(Performed::Done);
            }
        }
        let board = match unusable {
            // It calls nobody a second time.
            Some(_) => cards::board_among(&incident, &around),
            None => cards::opening_board_among(&incident, &around),
        };
        let board = self.with_call(board, &incident);
        let message = self.post(claimed, channel, &board, Lane::Opening).await?;
        pace.drawn(incident.id, urgent, drawn_at, apart);
        self.take_away(unusable, claimed.lane).await;
        self.learned(claimed, incident.id, Report::BoardPosted(message))
            .await
    }

    fn with_call(&self, board: Card, incident: &Incident) -> Card {
        cards::with_call(board, incident, &self.desk.policy().call)
    }

    async fn around(&self, incident: &Incident) -> Result<Around, Failure> {
        let around = self.desk.around(incident).await;
        around.map_err(|trouble| trouble_of(&trouble))
    }

    pub(super) async fn sync_steps(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let around = self.around(&incident).await?;
        let card = cards::next_step_among(&incident, &around.changes);
        let mut unusable = None;
        if let Some(message) = incident.surface.steps {
            unusable = self
                .brought_up_to_date(claimed, (channel, message), &card)
                .await?;
            if unusable.is_none() {
                return Ok(Performed::Done);
            }
        }
        let message = self
            .post(claimed, channel, &card, Lane::Interactive)
            .await?;
        self.take_away(unusable, claimed.lane).await;
        self.learned(claimed, incident.id, Report::StepsPosted(message))
            .await
    }

    pub(super) async fn sync_digest(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let card = cards::digest(&incident);
        let mut unusable = None;
        if let Some(known) = incident.surface.digest {
            unusable = match self.brought_up_to_date(claimed, known, &card).await {
                Err(Failure::ChannelGone { .. }) => Some(Unusable::Gone),
                result => result?,
            };
            if unusable.is_none() {
                return Ok(Performed::Done);
            }
        }
        if never_stood_there(claimed, &incident) {
            return Ok(Performed::Done);
        }
        let (channel, message) = self.post_in_digest(claimed, &card).await?;
        self.take_away(unusable, claimed.lane).await;
        self.learned(claimed, incident.id, Report::DigestPosted(channel, message))
            .await
    }

    pub(super) async fn sync_direct(
        &self,
        claimed: &Claimed,
        person: PersonId,
        about: &DirectTopic,
        anew: bool,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let card = cards::direct(&incident, person, about);
        let policy = self.desk.policy();
        let card = cards::direct_with_call(card, &incident, person, &policy.call);
        let mut card = cards::direct_with_late_start(card, &incident, (person, about), &policy);
        let known = incident
            .surface
            .direct
            .get(&person)
            .and_then(|messages| messages.iter().find(|direct| direct.about == *about));
        // Whoever has answered meanwhile is not rung.
        let rings = anew && waits_for_answer(&incident, person, about);
        let mut unusable = None;
        if let Some(direct) = known.filter(|_| rings) {
            unusable = Some(Unusable::Silent(direct.channel, direct.message));
        } else if let Some(direct) = known {
            unusable = match self
                .brought_up_to_date(claimed, (direct.channel, direct.message), &card)
                .await
            {
                Err(Failure::ChannelGone { .. }) => Some(Unusable::Gone),
                result => result?,
            };
            if unusable.is_none() {
                return Ok(Performed::Done);
            }
        }
        // Only the text changed; a phone that rang for it once does not ring again.
        card.quiet |= matches!(unusable, Some(Unusable::TooOld(..)));
        let channel = self.chat.direct_channel(person).await?;
        let message = self.post(claimed, channel, &card, claimed.lane).await?;
        match unusable {
            Some(Unusable::Silent(channel, message)) => {
                self.retire(channel, message, claimed.lane).await?;
            }
            other => self.take_away(other, claimed.lane).await,
        }
        let direct = DirectMessage {
            channel,
            message,
            about: about.clone(),
        };
        self.learned(claimed, incident.id, Report::DirectPosted(person, direct))
            .await
    }
}
