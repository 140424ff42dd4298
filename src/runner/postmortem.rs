//! The postmortem, made from what is stored: drafted, kept as a version, posted as a file.

use bridgewatch_core::cards;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{Policy, Report};
use bridgewatch_core::ports::{Broken, Claimed, Failure, Store, StoredPostmortem, entries};
use bridgewatch_core::postmortem::{self, Material};
use bridgewatch_core::timeline::Entry;
use chrono_tz::Tz;

use super::{Performed, Runner, trouble_of};

/// Everything the draft is made from, read from the store.
///
/// # Errors
/// When the store is in trouble; `None` when the incident does not exist.
pub async fn draft_of(
    store: &dyn Store,
    id: IncidentId,
    (zone, policy): (Tz, &Policy),
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<String>, Broken> {
    let Some(incident) = store.incident(id).await? else {
        return Ok(None);
    };
    let mut timeline = entries(store.timeline(id).await?);
    // It is posted, passed on and printed.
    timeline.retain(Entry::is_for_everybody);
    let episodes = store.episodes(id).await?;
    let events = store.events(id).await?;
    let names = store.names().await?;
    let material = Material {
        incident,
        timeline,
        episodes,
        events,
        names,
        policy: policy.clone(),
        zone,
        now,
    };
    Ok(Some(postmortem::draft(&material)))
}

impl Runner {
    pub(super) async fn draft_postmortem(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let now = self.clock.now();
        let policy = self.desk.policy();
        let rules = (self.desk.team().zone, policy.as_ref());
        let broken = |trouble: Broken| trouble_of(&trouble);
        let Some(markdown) = draft_of(self.store.as_ref(), incident.id, rules, now)
            .await
            .map_err(broken)?
        else {
            return Ok(Performed::Done);
        };
        let newest = self
            .store
            .postmortem(incident.id, None)
            .await
            .map_err(broken)?;
        if newest
            .as_ref()
            .is_some_and(|newest| newest.markdown == markdown)
        {
            return Ok(Performed::Done);
        }
        let version = newest.map_or(0, |newest| newest.version) + 1;
        let kept = StoredPostmortem {
            incident: incident.id,
            version,
            markdown,
            at: now,
        };
        let report = Report::PostmortemDrafted(version);
        self.learned_with(claimed, incident.id, report, Some(kept))
            .await
    }

    pub(super) async fn post_postmortem(
        &self,
        claimed: &Claimed,
        version: u32,
        last: bool,
    ) -> Result<Performed, Failure> {
        let incident = self.load(claimed).await?;
        let Some(channel) = incident.surface.channel else {
            return Ok(Performed::Done);
        };
        let stored = self.store.postmortem(incident.id, Some(version)).await;
        let Some(postmortem) = stored.map_err(|trouble| trouble_of(&trouble))? else {
            return Ok(Performed::Done);
        };
        self.about_to_send(claimed).await?;
        let name = format!("{}-postmortem-v{version}.md", incident.id);
        let card = cards::posted_postmortem(&incident, last);
        self.chat
            .post_file(
                channel,
                &card,
                &name,
                &postmortem.markdown,
                &claimed.claim.id,
            )
            .await
            .map(|_| Performed::Done)
    }

    /// Has the draft made again because something was added that no event tells of.
    pub(super) async fn redraft(
        &self,
        claimed: &Claimed,
        id: IncidentId,
    ) -> Result<Performed, Failure> {
        let stream = format!("inc-{}/postmortem", id.0);
        let effect = NewEffect {
            id: EffectId(format!("{}/redraft", claimed.claim.id.0)),
            incident: Some(id),
            stream: stream.clone(),
            lane: Lane::Background,
            coalesce_key: Some(stream),
            not_before: None,
            effect: Effect::DraftPostmortem,
        };
        self.store
            .enqueue(vec![effect], self.clock.now())
            .await
            .map(|()| Performed::Done)
            .map_err(|trouble| trouble_of(&trouble))
    }
}
