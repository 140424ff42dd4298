//! What routing must know of the incidents there are, kept between deliveries so that it need not be read every time.

use std::collections::{BTreeMap, HashMap};

use bridgewatch_core::alert::GroupKey;
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    CancelReason, Incident, MilestoneName, Policy, RelapseState, Visibility,
};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::Broken;
use bridgewatch_core::routing::{MergedAlert, OpenIncident, RelapseAnswer, RoutingRules};
use chrono::{DateTime, TimeDelta, Utc};

use crate::desk::IncidentDesk;

/// The label by which people say what an incident is about.
const SERVICE: &str = "service";

/// What correlating has learned of the incidents. Only correlating writes down alerts, so what was read once stays true;
/// what people and clocks change is looked at again with every page.
#[derive(Debug, Default)]
pub struct Correlation {
    open: Vec<OpenIncident>,
    /// What the newest notices left out, by incident and by the group's digest.
    left_out: HashMap<IncidentId, BTreeMap<String, u64>>,
}

impl Correlation {
    /// The incidents, as routing wants them.
    pub(super) fn open(&self) -> &[OpenIncident] {
        &self.open
    }

    fn picture(&mut self, id: IncidentId) -> Option<&mut OpenIncident> {
        self.open.iter_mut().find(|picture| picture.id == id)
    }

    /// The live incident that holds a group.
    pub(in crate::desk) fn holder_of(&self, group: &GroupKey) -> Option<IncidentId> {
        self.open
            .iter()
            .filter(|picture| picture.active && picture.groups.contains(group))
            .max_by_key(|picture| picture.declared_at)
            .map(|picture| picture.id)
    }

    /// The live incident that a group was split off from.
    pub(super) fn split_from(&self, group: &GroupKey) -> Option<&OpenIncident> {
        self.open
            .iter()
            .find(|picture| picture.active && picture.split.contains(group))
    }

    /// Whether a group was split off from an incident, so that what it held of it is not its own any more.
    pub(super) fn is_split(&self, id: IncidentId, group: &GroupKey) -> bool {
        let mut open = self.open.iter();
        open.any(|picture| picture.id == id && picture.split.contains(group))
    }

    /// The live incident that goes on where this one went; itself, if it was merged into none.
    pub(super) fn where_it_went(&self, id: IncidentId) -> IncidentId {
        let mut current = id;
        for _ in 0..self.open.len() {
            let known = self.open.iter().find(|picture| picture.id == current);
            match known.filter(|picture| !picture.active) {
                Some(picture) => match picture.merged_into {
                    Some(next) => current = next,
                    None => break,
                },
                None => break,
            }
        }
        current
    }

    /// An incident was declared.
    pub(super) fn declared(&mut self, incident: &Incident, policy: &Policy) {
        let mut picture = OpenIncident::new(incident.id, incident.severity, incident.declared_at());
        refresh(&mut picture, incident, policy);
        self.open.push(picture);
    }

    /// An alert is now an incident's.
    pub(super) fn joined(&mut self, id: IncidentId, alert: &MergedAlert, rules: &RoutingRules) {
        if let Some(picture) = self.picture(id) {
            remember(picture, alert, rules);
        }
    }

    /// A group is now an incident's; whether that is new.
    pub(super) fn took_group(&mut self, id: IncidentId, group: &GroupKey) -> bool {
        let Some(picture) = self.picture(id) else {
            return true;
        };
        let is_new = !picture.groups.contains(group);
        if is_new {
            picture.groups.insert(group.clone());
        }
        is_new
    }

    /// The severity of an incident rises.
    pub(super) fn rises(&mut self, id: IncidentId, to: bridgewatch_core::severity::Severity) {
        if let Some(picture) = self.picture(id) {
            picture.severity = to;
        }
    }

    /// A notice of a group left so many alerts out; whether that is new.
    pub(super) fn leaves_out(&mut self, id: IncidentId, digest: &str, alerts: u64) -> bool {
        let groups = self.left_out.entry(id).or_default();
        let before = if alerts == 0 {
            groups.remove(digest)
        } else {
            groups.insert(digest.to_owned(), alerts)
        };
        before.unwrap_or(0) != alerts
    }
}

impl IncidentDesk {
    /// Brings up to date what is known of live incidents, and of those that ended a short time ago.
    pub(in crate::desk) async fn refresh(
        &self,
        before: Correlation,
    ) -> Result<Correlation, Broken> {
        let rules = &self.correlator.rules;
        let window = TimeDelta::from_std(rules.reopen_window.max(rules.hush_after_cancel))
            .unwrap_or_else(|_| TimeDelta::hours(24));
        let incidents = self
            .store
            .recent_incidents(self.clock.now() - window)
            .await?;
        let mut known: HashMap<IncidentId, OpenIncident> = before
            .open
            .into_iter()
            .map(|picture| (picture.id, picture))
            .collect();
        let mut correlation = Correlation::default();
        for incident in &incidents {
            // An incident that ends lets go of its groups, and one that is reopened takes them back as far as it can.
            let unchanged = known
                .remove(&incident.id)
                .filter(|picture| picture.active == incident.is_active())
                .filter(|picture| picture.split == incident.relations.split);
            let mut picture = match unchanged {
                Some(picture) => picture,
                None => self.picture_of(incident).await?,
            };
            refresh(&mut picture, incident, &self.policy());
            correlation.open.push(picture);
            let left_out = &incident.alerts.truncated_by_group;
            if !left_out.is_empty() {
                correlation.left_out.insert(incident.id, left_out.clone());
            }
        }
        Ok(correlation)
    }

    async fn picture_of(&self, incident: &Incident) -> Result<OpenIncident, Broken> {
        let mut picture = OpenIncident::new(incident.id, incident.severity, incident.declared_at());
        for episode in self.episodes_of(incident).await? {
            picture.remember(&episode, episode.first_seen_at, &self.correlator.rules);
            if hushed_at(incident).is_some() {
                picture.hushed.insert(episode.key);
            }
        }
        // Where an alert was last sent may be another incident's group; what counts is what was attached.
        picture.groups = self.store.groups(incident.id).await?.into_iter().collect();
        Ok(picture)
    }
}

/// Takes an alert into account, but not the group it was sent in: see [`Correlation::took_group`].
fn remember(picture: &mut OpenIncident, alert: &MergedAlert, rules: &RoutingRules) {
    let groups = std::mem::take(&mut picture.groups);
    picture.remember(&alert.episode, alert.episode.first_seen_at, rules);
    picture.groups = groups;
}

/// What people said to its relapse. Only what can be reopened is asked about.
fn relapse_answer(incident: &Incident, policy: &Policy) -> RelapseAnswer {
    if incident.phase != Phase::Learning {
        return RelapseAnswer::Final;
    }
    match &incident.relations.relapse {
        None => RelapseAnswer::Unasked,
        Some(relapse) => match relapse.state {
            RelapseState::Asked => RelapseAnswer::Waits(relapse.asked_at + policy.relapse_answer),
            RelapseState::New => RelapseAnswer::New,
            RelapseState::Reopened => RelapseAnswer::Unasked,
        },
    }
}

/// Since when the alerts of an incident that was none are quiet.
fn hushed_at(incident: &Incident) -> Option<DateTime<Utc>> {
    incident
        .ended_at()
        .filter(|_| incident.cancelled.is_some_and(CancelReason::hushes_alerts))
}

/// What people and clocks may have changed since the picture was made.
fn refresh(picture: &mut OpenIncident, incident: &Incident, policy: &Policy) {
    picture.active = incident.is_active();
    picture.merged_into = incident
        .relations
        .merged_into
        .filter(|_| !incident.is_active());
    picture.relapse = relapse_answer(incident, policy);
    picture.relapse_groups = incident
        .relations
        .relapse
        .as_ref()
        .map(|relapse| relapse.groups.clone())
        .unwrap_or_default();
    picture.split.clone_from(&incident.relations.split);
    picture.severity = incident.severity;
    picture.restricted = incident.visibility == Visibility::Restricted;
    picture.opened_by_alerts = incident
        .milestones
        .at(MilestoneName::AlertReceived)
        .is_some();
    picture.umbrella =
        incident.category == Category::Other && incident.title.starts_with("Alert storm");
    picture.resolved_at = incident
        .ended_at()
        .filter(|_| incident.phase != Phase::Cancelled);
    picture.cancelled_at = hushed_at(incident);
    // A person may have said what it is about before any alert did.
    if !incident.services.is_empty() {
        let services = picture.correlation.entry(SERVICE.to_owned()).or_default();
        for service in &incident.services {
            if !services.contains(service) {
                services.push(service.clone());
            }
        }
    }
}
