//! What concerns two incidents. Nothing spans them but stored effects: the first incident's commit holds the effect that
//! does the second step, and doing that twice does it once.

use std::collections::BTreeMap;

use bridgewatch_core::alert::{AlertKey, AlertStatus, Delivery, Episode, GroupKey, title_of};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Absorption, Actor, Command, Event, Expectation, Incident, Other, Suspicion, Visibility,
};
use bridgewatch_core::ports::{
    Answer, Ask, Broken, Change, Desk as _, ListFilter, Listed, Receipt,
};
use bridgewatch_core::role::Role;

use super::alerts::Heard;
use super::alerts::{Correlation, picture, services_in};
use super::port::answer;
use super::{Decided, InMind, IncidentDesk};

/// How many incidents are looked through, newest first, and how many are found at most.
const MOST_LOOKED_THROUGH: i64 = 1_000;
const MOST_FOUND: usize = 25;

/// How many mergers in a row are followed.
const MOST_MERGERS: usize = 16;

impl IncidentDesk {
    /// The incidents that somebody looks for and may see.
    pub(super) async fn found(&self, filter: &ListFilter) -> Result<Vec<Listed>, Broken> {
        let contains = |text: &str, part: &Option<String>| {
            part.as_ref().is_none_or(|part| {
                text.to_lowercase()
                    .contains(part.trim().to_lowercase().as_str())
            })
        };
        let all = self
            .store
            .list(filter.only_live, MOST_LOOKED_THROUGH)
            .await?;
        let mut found = Vec::new();
        for listed in all {
            let may_see = !listed.restricted
                || listed.channel == Some(filter.channel)
                || listed.circle.contains(&filter.reader);
            let fits = may_see
                && filter
                    .severity
                    .is_none_or(|severity| listed.severity == severity)
                && contains(&listed.title, &filter.text);
            if !fits {
                continue;
            }
            // The rest is asked only of those that fit so far.
            if filter.mine || filter.service.is_some() {
                let Some(incident) = self.store.incident(listed.id).await? else {
                    continue;
                };
                let is_mine = !filter.mine || incident.circle().contains(&filter.reader);
                let concerns = filter.service.is_none()
                    || incident
                        .services
                        .iter()
                        .any(|service| contains(service, &filter.service));
                if !is_mine || !concerns {
                    continue;
                }
            }
            found.push(listed);
            if found.len() == MOST_FOUND {
                break;
            }
        }
        Ok(found)
    }

    /// Merges an incident into another: the first step, with everything the rules must know of the other.
    pub(super) async fn merge_into(&self, id: IncidentId, into: IncidentId, ask: Ask) -> Answer {
        let other = match self.store.incident(into).await {
            Ok(Some(other)) => other,
            Ok(None) => return Answer::Unknown,
            Err(trouble) => {
                return Answer::Broken {
                    error_id: self.apologise("merging", &trouble),
                };
            }
        };
        let into = Other {
            id: other.id,
            active: other.is_active(),
            restricted: other.visibility == Visibility::Restricted,
        };
        let command = Command::Merge { into };
        self.ask(id, Ask { command, ..ask }).await
    }

    /// The second step: the other takes over groups and alerts, and refers to the timeline.
    ///
    /// # Errors
    /// When the store is in trouble: the effect is tried again.
    pub async fn absorb(&self, from: IncidentId, into: IncidentId) -> Result<(), Broken> {
        // Groups and alerts change hands: nothing is correlated meanwhile, and what was in mind is read anew.
        let mut correlating = self.correlating.lock().await;
        *correlating = InMind::default();
        let Some(source) = self.store.incident(from).await? else {
            return Ok(());
        };
        if source.relations.merged_into != Some(into) {
            // It was real after all: it keeps what is its own.
            return Ok(());
        }
        let Some(target) = self.where_it_went(into).await? else {
            return Ok(());
        };
        let correlation = self.refresh(Correlation::default()).await?;
        let groups: Vec<GroupKey> = self
            .store
            .groups(from)
            .await?
            .into_iter()
            .filter(|group| {
                correlation
                    .holder_of(group)
                    .is_none_or(|holder| holder == target.id)
            })
            .collect();
        let episodes = self.newest_of(from).await?;
        let mut all = self.store.episodes(target.id).await?;
        let split = &target.relations.split;
        all.retain(|episode| !split.contains(&episode.group) || groups.contains(&episode.group));
        all.extend(episodes.iter().cloned());
        let mut left_out = target.alerts.truncated_by_group.clone();
        left_out.extend(source.alerts.truncated_by_group.clone());
        let entries = self.store.timeline(from).await?.len();
        let absorption = Absorption {
            from,
            title: source.title.clone(),
            channel: source.surface.channel,
            entries: u32::try_from(entries).unwrap_or(u32::MAX),
            picture: picture(&all, left_out, self.clock.now()),
            services: source
                .services
                .iter()
                .cloned()
                .chain(services_in(&episodes))
                .collect(),
            severity: source.severity,
            groups: groups.iter().cloned().collect(),
        };
        let ask = Ask {
            actor: Actor::Bot,
            delivery: None,
            expects: Expectation::default(),
            command: Command::Absorb(Box::new(absorption)),
        };
        let complete = |change: &mut Change| {
            change.episodes.clone_from(&episodes);
            if change.after.as_ref().is_some_and(Incident::is_active) {
                change.groups.clone_from(&groups);
            }
        };
        match self
            .decide_and_commit(target.id, &ask, None, complete)
            .await?
        {
            Decided::Done { .. } | Decided::ClaimLost | Decided::Unknown => Ok(()),
            Decided::Refused(refusal) => Err(Broken(refusal.to_string())),
        }
    }

    /// Takes an alert group out of an incident. What it kept of the group is routed again, and finds another place.
    pub(super) async fn split_group_off(&self, id: IncidentId, digest: &str, ask: Ask) -> Answer {
        match self.decide_split(id, digest, ask).await {
            Ok(decided) => answer(decided),
            Err(trouble) => Answer::Broken {
                error_id: self.apologise("splitting off", &trouble),
            },
        }
    }

    async fn decide_split(
        &self,
        id: IncidentId,
        digest: &str,
        ask: Ask,
    ) -> Result<Decided, Broken> {
        let Some(incident) = self.store.incident(id).await? else {
            return Ok(Decided::Unknown);
        };
        let mut episodes = self.episodes_of(&incident).await?;
        episodes.retain(|episode| episode.group.digest() != digest);
        let mut left_out = incident.alerts.truncated_by_group;
        left_out.remove(digest);
        let command = Command::SplitOff {
            group: digest.to_owned(),
            rest: Box::new(picture(&episodes, left_out, self.clock.now())),
        };
        let complete = |change: &mut Change| {
            let split = change
                .events
                .iter()
                .filter_map(|recorded| match &recorded.event {
                    Event::GroupSplit(attached) => Some(attached.group.clone()),
                    _ => None,
                });
            change.released = split.collect();
        };
        self.decide_and_commit(id, &Ask { command, ..ask }, None, complete)
            .await
    }

    /// The episodes of an incident, without those of groups that were split off from it.
    pub(super) async fn episodes_of(&self, incident: &Incident) -> Result<Vec<Episode>, Broken> {
        let mut episodes = self.store.episodes(incident.id).await?;
        let split = &incident.relations.split;
        episodes.retain(|episode| !split.contains(&episode.group));
        Ok(episodes)
    }

    /// Asks people whether an incident that was resolved has come back.
    pub(super) async fn suspect_relapse(
        &self,
        id: IncidentId,
        receipt: &Receipt,
        delivery: &Delivery,
        heard: &Heard,
    ) -> Result<(), Broken> {
        let Some(incident) = self.store.incident(id).await? else {
            return Err(Broken(format!("{id} has alerts and does not exist")));
        };
        let now = self.clock.now();
        let episodes: Vec<&Episode> = heard
            .merged
            .iter()
            .map(|alert| &alert.episode)
            .filter(|episode| episode.state == AlertStatus::Firing)
            .collect();
        let began_at = episodes.iter().map(|episode| episode.starts_at).min();
        let suspicion = Suspicion {
            group: delivery.group(),
            receipt: receipt.id.clone(),
            what: title_of(&episodes),
            began_at: began_at.unwrap_or(now),
            on_call: self
                .team
                .proposals(incident.severity, incident.category, now)
                .get(&Role::OnCall)
                .copied(),
        };
        let ask = Ask {
            actor: Actor::Alerts,
            delivery: None,
            expects: Expectation::default(),
            command: Command::SuspectRelapse(suspicion),
        };
        self.decide_and_commit(id, &ask, None, |_| {})
            .await
            .map(drop)
    }

    /// Works webhooks off once more that waited for an answer. `cause` names it, so that asking twice does it once.
    ///
    /// # Errors
    /// When the store is in trouble: the effect is tried again.
    pub async fn route_again(&self, cause: &str, receipts: &[String]) -> Result<(), Broken> {
        for id in receipts {
            // What was forgotten meanwhile is told again by whoever still has it firing.
            let Some((kept, body)) = self.store.kept_receipt(id).await? else {
                continue;
            };
            let again = Receipt {
                id: format!("{id}/again/{cause}"),
                source: kept.source,
                received_at: kept.received_at,
                body,
                body_hash: kept.body_hash,
                problem: None,
            };
            self.store.keep_receipt(again).await?;
        }
        self.receipts_waiting.notify_one();
        Ok(())
    }

    /// The incident that goes on where this one went, itself if it was merged into none.
    async fn where_it_went(&self, id: IncidentId) -> Result<Option<Incident>, Broken> {
        let mut current = self.store.incident(id).await?;
        for _ in 0..MOST_MERGERS {
            let next = current
                .as_ref()
                .filter(|incident| !incident.is_active())
                .and_then(|incident| incident.relations.merged_into);
            match next {
                Some(next) => current = self.store.incident(next).await?,
                None => break,
            }
        }
        Ok(current)
    }

    /// The newest episode of each alert that is still this incident's. Older ones are its history and stay.
    pub(super) async fn newest_of(&self, id: IncidentId) -> Result<Vec<Episode>, Broken> {
        let mut newest: BTreeMap<AlertKey, Episode> = BTreeMap::new();
        for episode in self.store.episodes(id).await? {
            newest.insert(episode.key.clone(), episode);
        }
        let keys: Vec<AlertKey> = newest.into_keys().collect();
        let known = self.store.newest_episodes(&keys).await?;
        Ok(known
            .into_iter()
            .filter(|(home, _)| *home == Some(id))
            .map(|(_, episode)| episode)
            .collect())
    }
}
