//! What an incident that only few may see keeps inside, also what was on its way when somebody hid it.

use bridgewatch_core::cards;
use bridgewatch_core::effect::Effect;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{Incident, Visibility, channel_name_of, channel_topic_of};
use bridgewatch_core::ports::{Claimed, Failure};

use super::{Performed, Runner, trouble_of};

impl Runner {
    /// Whether an effect that waits would carry words out of the circle. Then it is dropped: what it was to say holds for
    /// those inside, and they read it there.
    pub(super) async fn is_kept_inside(&self, claimed: &Claimed) -> Result<bool, Failure> {
        let (Effect::Tell { person, .. } | Effect::SyncDirect { person, .. }) = &claimed.effect
        else {
            return Ok(false);
        };
        let incident = self.load(claimed).await?;
        let is_outside =
            incident.visibility == Visibility::Restricted && !incident.circle().contains(person);
        let can_be_rewritten = matches!(claimed.effect, Effect::SyncDirect { .. })
            && (incident.surface.direct.contains_key(person) || claimed.maybe_sent_at.is_some());
        Ok(is_outside && !can_be_rewritten)
    }

    /// Where a duplicate goes on, for those who may know.
    pub(super) async fn signpost(
        &self,
        claimed: &Claimed,
        into: IncidentId,
        hidden: bool,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let target = self
            .store
            .incident(into)
            .await
            .map_err(|trouble| trouble_of(&trouble))?
            .filter(|target| !hidden && target.visibility == Visibility::Normal);
        let way = target
            .and_then(|target| target.surface.channel)
            .map(|channel| self.chat.link_to(channel));
        let card = cards::signpost(&incident, into, way.as_deref());
        self.post(claimed, channel, &card, claimed.lane)
            .await
            .map(|_| Performed::Done)
    }

    /// Who sees the channel.
    pub(super) async fn sync_access(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let circle: Option<Vec<_>> = match incident.visibility {
            Visibility::Restricted => Some(incident.circle().into_iter().collect()),
            Visibility::Normal => None,
        };
        let surface = &incident.surface;
        if let Some(channel) = surface.channel {
            self.chat.restrict(channel, circle.as_deref()).await?;
        }
        if let Some(call) = surface.call.channel() {
            let restricted = self.chat.restrict(call, circle.as_deref()).await;
            self.unless_gone(&incident, call, restricted).await?;
        }
        Ok(Performed::Done)
    }

    /// What the channel is called.
    pub(super) async fn sync_channel_name(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let (name, topic) = (channel_name_of(&incident), channel_topic_of(&incident));
        self.chat
            .rename(channel, &name, &topic)
            .await
            .map(|()| Performed::Done)
    }
}

/// Whether the digest channel never had a line of an incident that is restricted. A line that may have been posted right
/// before a crash is found by posting it again, and then rewritten.
pub(super) fn never_stood_there(claimed: &Claimed, incident: &Incident) -> bool {
    incident.visibility == Visibility::Restricted
        && incident.surface.digest.is_none()
        && claimed.maybe_sent_at.is_none()
}
