//! After a secret: the message that showed it goes, and whoever may have typed one is asked.

use bridgewatch_core::cards;
use bridgewatch_core::ids::{ChannelId, EntryNumber, MessageId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Claimed, Failure};
use bridgewatch_core::timeline::Who;
use chrono::{DateTime, Utc};

use super::{Performed, Runner};

impl Runner {
    /// Deletes a message; where the bot may not, a person is told to.
    pub(super) async fn delete_message(
        &self,
        claimed: &Claimed,
        channel: ChannelId,
        message: MessageId,
        number: EntryNumber,
    ) -> Result<Performed, Failure> {
        let reason = Some("What it said was redacted");
        let deleted = self.chat.delete(channel, message, claimed.lane, reason);
        match deleted.await {
            Ok(()) | Err(Failure::Gone { .. } | Failure::ChannelGone { .. }) => Ok(Performed::Done),
            Err(Failure::Retry { after, why }) => Err(Failure::Retry { after, why }),
            Err(Failure::Waits { .. } | Failure::Refused { .. } | Failure::TooOld { .. }) => {
                let link = format!("{}/{}", self.chat.link_to(channel), message.0);
                let incident = self.load(claimed).await?;
                let card = cards::may_not_delete(&incident, number, &link);
                self.post(claimed, channel, &card, claimed.lane)
                    .await
                    .map(|_| Performed::Done)
            }
        }
    }

    /// Asks whoever wrote something that looks like a secret. What was redacted meanwhile, or changed, is not asked about.
    pub(super) async fn offer_redaction(
        &self,
        claimed: &Claimed,
        person: PersonId,
        message: Option<MessageId>,
        recorded_at: DateTime<Utc>,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let rules = &self.desk.policy().secrets;
        let found = self.entries(incident.id).await?.iter().find_map(|entry| {
            let is_theirs = matches!(entry.who, Who::Person { id, .. } if id == person);
            let is_meant = match message {
                Some(message) => entry.message.is_some_and(|(_, id)| id == message),
                None => entry.recorded_at == recorded_at,
            };
            if !is_theirs || !is_meant || !entry.is_active() || entry.is_redacted() {
                return None;
            }
            Some((entry.number?, rules.first(&entry.text)?))
        });
        let Some((number, looks)) = found else {
            return Ok(Performed::Done);
        };
        let channel = self.chat.direct_channel(person).await?;
        let card = cards::secret_offer(&incident, number, looks);
        self.post(claimed, channel, &card, claimed.lane)
            .await
            .map(|_| Performed::Done)
    }
}
