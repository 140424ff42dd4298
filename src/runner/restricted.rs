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
        match claimed.effect {
            Effect::Tell { .. } | Effect::SyncDirect { .. } => {
                let incident = self.load(claimed).await?;
                Ok(would_leave_the_circle(claimed, &incident))
            }
            _ => Ok(false),
        }
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
        let channel = match surface.channel {
            Some(channel) => self.chat.restrict(channel, circle.as_deref()).await,
            None => Ok(()),
        };
        // One that cannot be hidden leaves no other open.
        let call = match surface.call.channel() {
            Some(call) => {
                let restricted = self.chat.restrict(call, circle.as_deref()).await;
                self.unless_gone(&incident, call, restricted).await
            }
            None => Ok(()),
        };
        channel.and(call).map(|()| Performed::Done)
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

/// Whether somebody outside the circle would read it. A message that they have already is rewritten.
fn would_leave_the_circle(claimed: &Claimed, incident: &Incident) -> bool {
    let (Effect::Tell { person, .. } | Effect::SyncDirect { person, .. }) = &claimed.effect else {
        return false;
    };
    let is_outside =
        incident.visibility == Visibility::Restricted && !incident.circle().contains(person);
    let can_be_rewritten = matches!(claimed.effect, Effect::SyncDirect { .. })
        && (incident.surface.direct.contains_key(person) || claimed.maybe_sent_at.is_some());
    is_outside && !can_be_rewritten
}

/// Whether the digest channel never had a line of an incident that is restricted. A line that may have been posted right
/// before a crash is found by posting it again, and then rewritten.
pub(super) fn never_stood_there(claimed: &Claimed, incident: &Incident) -> bool {
    incident.visibility == Visibility::Restricted
        && incident.surface.digest.is_none()
        && claimed.maybe_sent_at.is_none()
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::card::Card;
    use bridgewatch_core::effect::{DirectTopic, EffectId, Lane};
    use bridgewatch_core::ids::{ChannelId, MessageId};
    use bridgewatch_core::person::PersonId;
    use bridgewatch_core::ports::Claim;
    use chrono::{DateTime, Utc};

    use super::super::perform::tests::declared;
    use super::*;

    const FAY: PersonId = PersonId(7);

    fn now() -> DateTime<Utc> {
        "2026-11-21T02:02:00Z".parse().expect("a literal time")
    }

    /// An incident that somebody hid while effects waited.
    fn hidden() -> Incident {
        let mut incident = declared(now(), None);
        incident.visibility = Visibility::Restricted;
        incident
    }

    fn waits(effect: Effect) -> Claimed {
        Claimed {
            claim: Claim {
                id: EffectId("inc-1/1/tell".to_owned()),
                epoch: 1,
            },
            incident: Some(IncidentId(1)),
            stream: "inc-1".to_owned(),
            lane: Lane::Interactive,
            effect,
            attempts: 0,
            maybe_sent_at: None,
            created_at: now(),
        }
    }

    fn told() -> Claimed {
        let card = Card::default();
        waits(Effect::Tell { person: FAY, card })
    }

    fn asked() -> Claimed {
        waits(Effect::SyncDirect {
            person: FAY,
            about: DirectTopic::Page,
            anew: false,
        })
    }

    #[test]
    fn what_waited_for_somebody_outside_is_dropped_once_it_is_hidden() {
        let open = declared(now(), None);
        for waiting in [told(), asked()] {
            assert!(would_leave_the_circle(&waiting, &hidden()));
            assert!(!would_leave_the_circle(&waiting, &open));
            let mut inside = hidden();
            inside.relations.admitted.insert(FAY);
            assert!(!would_leave_the_circle(&waiting, &inside));
        }
        let mut left_before = asked();
        left_before.maybe_sent_at = Some(now());
        assert!(
            !would_leave_the_circle(&left_before, &hidden()),
            "what they may have already is rewritten"
        );
    }

    #[test]
    fn a_line_that_the_digest_never_had_is_not_posted_once_it_is_hidden() {
        let waiting = waits(Effect::SyncDigest);
        assert!(never_stood_there(&waiting, &hidden()));
        assert!(!never_stood_there(&waiting, &declared(now(), None)));

        let mut stands_there = hidden();
        stands_there.surface.digest = Some((ChannelId(1), MessageId(2)));
        assert!(!never_stood_there(&waiting, &stands_there));
        let mut may_stand_there = waits(Effect::SyncDigest);
        may_stand_there.maybe_sent_at = Some(now());
        assert!(!never_stood_there(&may_stand_there, &hidden()));
    }
}
