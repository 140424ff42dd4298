//! A page of receipts: decided one after the other, written together.
//!
//! What a delivery changes about an incident waits here until somebody needs it to be true: an incident that is opened,
//! an alert that moves from one incident to another, the end of the page. A receipt is done in the same transaction as
//! its work, or after all of it; a page that breaks off is worked off again, which is harmless.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bridgewatch_core::alert::{AlertKey, Delivery, Episode, GroupKey, flapping};
use bridgewatch_core::change::ReportedChange;
use bridgewatch_core::effect::NewEffect;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, Attached, Command, Declaration, Expectation, Incident, Origin, Visibility,
};
use bridgewatch_core::maintenance::Windows;
use bridgewatch_core::ports::{Ask, Broken, Change, CommitError, Expected, Receipt};
use bridgewatch_core::routing::{Decision, MergedAlert, Reason, Routing, StormState, route_within};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::restless_lines;
use chrono::{DateTime, Utc};

use super::hearing::{Heard, Known, Learnt, comes_firing, is_news, overlaid};
use super::opening::Opening;
use super::words::{news, picture, services_of};
use super::{Correlation, InMind, Worked};
use crate::desk::{Begun, Decided, IncidentDesk};

/// How often a group is attached again because the incident has changed meanwhile.
const MAX_TRIES: u32 = 5;

/// The receipts that are worked off together.
pub(super) struct Page<'desk> {
    pub(super) desk: &'desk IncidentDesk,
    correlation: Correlation,
    known: Known,
    windows: Windows,
    /// What is decided and not written, by the incident it belongs to.
    waiting: BTreeMap<Option<IncidentId>, Waiting>,
    /// Where in `waiting` the newest step of each alert is.
    places: HashMap<AlertKey, (Option<IncidentId>, usize)>,
    /// Receipts whose work concerns several incidents: done when all of it is written.
    spread: Vec<(String, String, Option<IncidentId>)>,
}

/// What is decided about one incident, or about none.
#[derive(Default)]
struct Waiting {
    alerts: Vec<MergedAlert>,
    /// Groups that are the incident's from now on.
    groups: Vec<GroupKey>,
    /// Alerts of which nothing is new but that they were heard of again.
    heard_again: BTreeMap<AlertKey, DateTime<Utc>>,
    /// What the newest notices left out, by the group's digest, where that has changed.
    left_out: BTreeMap<String, u64>,
    /// Groups of which something new fires.
    attached: Vec<Attached>,
    raised: Option<(Severity, String)>,
    storm: bool,
    /// Whether the incident must be live for this, because alerts were sent there.
    must_be_live: bool,
    receipts: Vec<(String, String)>,
    /// Changes of the systems, which belong to no incident.
    reported: Vec<ReportedChange>,
    effects: Vec<NewEffect>,
}

impl Waiting {
    /// Several deliveries of a group are one.
    fn brings(&mut self, new: Attached) {
        match self
            .attached
            .iter_mut()
            .find(|known| known.group == new.group)
        {
            Some(known) => known.receipts.extend(new.receipts),
            None => self.attached.push(new),
        }
    }
}

impl<'desk> Page<'desk> {
    pub(super) fn new(
        desk: &'desk IncidentDesk,
        correlation: Correlation,
        known: Known,
        windows: Windows,
    ) -> Self {
        Self {
            desk,
            correlation,
            known,
            windows,
            waiting: BTreeMap::new(),
            places: HashMap::new(),
            spread: Vec::new(),
        }
    }

    /// A receipt that cannot be understood is done: it is kept for `replay`.
    pub(super) fn give_up(&mut self, receipt: &Receipt, problem: String) -> Worked {
        let nobody = self.waiting.entry(None).or_default();
        nobody.receipts.push((receipt.id.clone(), problem.clone()));
        Worked {
            trace: problem,
            incident: None,
        }
    }

    /// What belongs to no incident: a change of the systems, what follows from it, and the receipt that is done with it.
    pub(super) fn note(
        &mut self,
        change: ReportedChange,
        effects: Vec<NewEffect>,
        done: (String, String),
    ) {
        let nobody = self.waiting.entry(None).or_default();
        nobody.reported.push(change);
        nobody.effects.extend(effects);
        nobody.receipts.push(done);
    }

    /// Decides about a delivery.
    pub(super) async fn take(
        &mut self,
        receipt: &Receipt,
        delivery: &Delivery,
    ) -> Result<Worked, Broken> {
        let Some(delivery) = self.desk.without_the_watchdog(receipt, delivery).await? else {
            let trace = "the watchdog: alerts reach the bot".to_owned();
            let nobody = self.waiting.entry(None).or_default();
            nobody.receipts.push((receipt.id.clone(), trace.clone()));
            return Ok(Worked {
                trace,
                incident: None,
            });
        };
        let delivery = delivery.as_ref();
        let over = self.desk.end_with_incidents(&self.known, delivery);
        for (home, alert) in over.await? {
            self.put(Some(home), alert).await?;
        }
        let mut heard = self.known.hear(delivery, receipt.received_at);
        heard.forget_homes(&self.correlation);
        let open = self.correlation.open();
        let routing = route_within(
            &self.windows,
            &heard.merged,
            open,
            &StormState::of(open),
            &self.desk.correlator.rules,
            self.desk.clock.now(),
        );
        let trace = routing.explain();
        if let Decision::AskRelapse { incident } = &routing.decision {
            // Before the receipt is done: whoever is asked late is asked twice at worst, and that is one question.
            self.write().await?;
            self.desk
                .suspect_relapse(*incident, receipt, delivery, &heard)
                .await?;
        }
        if let Decision::Hold { window, .. } = &routing.decision {
            let group = delivery.group().digest();
            self.desk.hold(*window, &group, &receipt.id).await?;
        }
        let incident = match Opening::of(&routing.decision) {
            Some(opening) => {
                // What was decided before must be true before this begins.
                self.write().await?;
                Some(
                    self.declare(&opening, delivery, heard, receipt, &trace)
                        .await?,
                )
            }
            None => {
                self.sort_in(&routing, delivery, heard, receipt, &trace)
                    .await?
            }
        };
        Ok(Worked { trace, incident })
    }

    /// Writes everything and gives back what was learned.
    pub(super) async fn finish(mut self) -> Result<InMind, Broken> {
        self.write().await?;
        Ok(InMind {
            correlation: self.correlation,
            known: self.known,
        })
    }

    /// Sorts the alerts into the incidents they belong to; the incident that the delivery led to.
    async fn sort_in(
        &mut self,
        routing: &Routing,
        delivery: &Delivery,
        heard: Heard,
        receipt: &Receipt,
        trace: &str,
    ) -> Result<Option<IncidentId>, Broken> {
        let group = delivery.group();
        let target = match &routing.decision {
            Decision::Join { incident, .. } => Some(*incident),
            _ => None,
        };
        let begins = heard.what_begins();
        let mut homes: Vec<Option<IncidentId>> = Vec::new();
        for alert in heard.into_steps() {
            // An alert that belongs to an incident stays there, whatever its delivery joins.
            let begins = alert.change.is_new_firing() && alert.change.is_new_episode();
            let known = alert
                .known_incident
                .map(|known| self.correlation.where_it_went(known));
            let home = if begins && routing.is_hushed() {
                // Its incident is over; until the quiet is over too, what begins now is nobody's.
                None
            } else if alert.change.is_new_firing() {
                target.or(known)
            } else {
                known.or(target)
            };
            if !homes.contains(&home) {
                homes.push(home);
            }
            self.put(home, alert).await?;
        }
        if let Decision::Join {
            incident,
            because,
            severity_raised_to,
            storm,
        } = &routing.decision
        {
            let is_new_group = self.correlation.took_group(*incident, &group);
            if let Some(severity) = severity_raised_to {
                self.correlation.rises(*incident, *severity);
            }
            let waiting = self.waiting.entry(target).or_default();
            waiting.must_be_live = true;
            waiting.storm |= *storm;
            if is_new_group {
                waiting.groups.push(group.clone());
            }
            if let Some(what) = begins {
                waiting.brings(Attached {
                    group: group.clone(),
                    what,
                    because: routing.likeness().filter(|_| is_new_group),
                    receipts: BTreeSet::from([receipt.id.clone()]),
                });
            }
            if let Some(severity) = severity_raised_to {
                waiting.raised = Some((*severity, why_worse(routing, because)));
            }
            if !homes.contains(&target) {
                homes.push(target);
            }
        }
        if let Some(holder) = target.or_else(|| self.correlation.holder_of(&group)) {
            let (digest, left_out) = (group.digest(), delivery.truncated_alerts);
            if self.correlation.leaves_out(holder, &digest, left_out) {
                let waiting = self.waiting.entry(Some(holder)).or_default();
                waiting.left_out.insert(digest, left_out);
                if !homes.contains(&Some(holder)) {
                    homes.push(Some(holder));
                }
            }
        }
        let incident = target.or_else(|| homes.iter().copied().flatten().min());
        let done = (receipt.id.clone(), trace.to_owned());
        match homes.as_slice() {
            [home] => self.waiting.entry(*home).or_default().receipts.push(done),
            _ => self.spread.push((done.0, done.1, incident)),
        }
        Ok(incident)
    }

    /// Adds an alert to what waits for its home.
    async fn put(&mut self, home: Option<IncidentId>, alert: MergedAlert) -> Result<(), Broken> {
        let moves = self
            .places
            .get(&alert.episode.key)
            .is_some_and(|(place, _)| *place != home);
        if moves {
            // The episodes of one alert are written in their order, also when they belong to different incidents.
            self.write().await?;
        }
        let learnt = self.known.learn(home, &alert);
        let is_repeat = learnt != Learnt::News && !is_news(&alert, home);
        if is_repeat && !self.places.contains_key(&alert.episode.key) {
            let waiting = self.waiting.entry(home).or_default();
            if learnt == Learnt::Repeat {
                waiting
                    .heard_again
                    .insert(alert.episode.key, alert.episode.last_seen_at);
            }
            return Ok(());
        }
        if let Some(home) = home.filter(|_| is_news(&alert, home)) {
            self.correlation
                .joined(home, &alert, &self.desk.correlator.rules);
        }
        let alerts = &mut self.waiting.entry(home).or_default().alerts;
        let before = self.places.get(&alert.episode.key);
        match before.and_then(|(_, index)| alerts.get_mut(*index)) {
            // Heard of again: what came of it before stays news, and what is known is this.
            Some(before) if !is_news(&alert, home) => before.episode = alert.episode,
            _ => {
                let place = (home, alerts.len());
                self.places.insert(alert.episode.key.clone(), place);
                alerts.push(alert);
            }
        }
        Ok(())
    }

    /// What comes back of something that only few may see is for few, too.
    fn visibility_of(&self, opening: &Opening<'_>, group: &GroupKey) -> Visibility {
        let left = self.correlation.split_from(group);
        let was_restricted =
            left.is_some_and(|left| left.restricted) || self.was_restricted(opening);
        if was_restricted {
            Visibility::Restricted
        } else {
            opening.visibility
        }
    }

    fn was_restricted(&self, opening: &Opening<'_>) -> bool {
        opening.relapse_of.is_some_and(|before| {
            let mut open = self.correlation.open().iter();
            open.any(|picture| picture.id == before && picture.restricted)
        })
    }

    /// Opens an incident for a delivery.
    async fn declare(
        &mut self,
        opening: &Opening<'_>,
        delivery: &Delivery,
        heard: Heard,
        receipt: &Receipt,
        trace: &str,
    ) -> Result<IncidentId, Broken> {
        let desk = self.desk;
        let alerts: Vec<MergedAlert> = heard.into_steps().collect();
        let episodes = overlaid(Vec::new(), &alerts);
        let group = delivery.group();
        let left_out = BTreeMap::from([(group.digest(), delivery.truncated_alerts)]);
        let runbook = desk
            .team
            .runbook_for(&episodes, opening.storm, desk.clock.now());
        let declaration = Declaration {
            title: opening.title.to_owned(),
            severity: opening.severity,
            category: opening.category,
            visibility: self.visibility_of(opening, &group),
            services: opening.services.clone(),
            alerts: Some(picture(&episodes, left_out, desk.clock.now())),
            news: news(&alerts, &[], None, true, false),
            alert_received_at: Some(receipt.received_at),
            storm: opening.storm,
            links: desk.team.links(
                &episodes,
                runbook.as_ref().map(|(checklist, _)| &checklist.runbook_id),
            ),
            runbook,
            origin: opening.relapse_of.map(Origin::RelapseOf).or_else(|| {
                let left = self.correlation.split_from(&group);
                left.map(|left| Origin::SplitFrom(left.id))
            }),
            optional_roles: desk.policy().optional_roles.clone(),
            proposals: desk
                .team
                .proposals(opening.severity, opening.category, desk.clock.now()),
        };
        let complete = |change: &mut Change| {
            change.episodes.clone_from(&episodes);
            change.groups = vec![group.clone()];
            change.receipts = vec![(receipt.id.clone(), trace.to_owned())];
        };
        let begun = desk
            .begin(Actor::Alerts, None, declaration, complete)
            .await?;
        match begun {
            Begun::Done { incident, .. } => {
                self.correlation.declared(&incident, &desk.policy());
                self.correlation.took_group(incident.id, &group);
                self.correlation.leaves_out(
                    incident.id,
                    &group.digest(),
                    delivery.truncated_alerts,
                );
                for alert in &alerts {
                    self.known.learn(Some(incident.id), alert);
                    self.correlation
                        .joined(incident.id, alert, &desk.correlator.rules);
                }
                Ok(incident.id)
            }
            // Somebody else opened one for the same group meanwhile: the receipt is worked off again and joins it.
            Begun::Conflict | Begun::Duplicate => Err(Broken(
                "another incident took the alert group first".to_owned(),
            )),
            Begun::Refused(refusal) => Err(Broken(refusal.to_string())),
        }
    }

    /// Writes what waits.
    async fn write(&mut self) -> Result<(), Broken> {
        self.places.clear();
        for (home, waiting) in std::mem::take(&mut self.waiting) {
            match home {
                Some(home) => self.desk.write_joined(home, waiting).await?,
                None => self.desk.write_noted(waiting).await?,
            }
        }
        for (receipt, trace, incident) in std::mem::take(&mut self.spread) {
            self.desk
                .store
                .finish_receipt(&receipt, &trace, incident)
                .await?;
        }
        Ok(())
    }
}

impl IncidentDesk {
    /// Remembers alerts that lead nowhere, so that what is said about them later is understood.
    async fn write_noted(&self, waiting: Waiting) -> Result<(), Broken> {
        let mut change = Change::of_no_incident(self.clock.now());
        change.episodes = overlaid(Vec::new(), &waiting.alerts);
        change.heard_again = waiting.heard_again;
        change.receipts = waiting.receipts;
        change.reported = waiting.reported;
        change.effects = waiting.effects;
        let is_followed = !change.effects.is_empty();
        self.commit(change).await?;
        if is_followed {
            self.effects_waiting.notify_one();
        }
        Ok(())
    }

    /// Writes what alerts changed about an incident.
    async fn write_joined(&self, home: IncidentId, waiting: Waiting) -> Result<(), Broken> {
        let episodes = overlaid(Vec::new(), &waiting.alerts);
        let is_told = !waiting.left_out.is_empty()
            || waiting.raised.is_some()
            || waiting
                .alerts
                .iter()
                .any(|alert| is_news(alert, Some(home)));
        if is_told && self.tell(home, &waiting, &episodes).await? {
            return Ok(());
        }
        // Nothing for people, but what was heard is noted, and the receipts are done.
        if waiting.groups.is_empty() {
            let mut change = Change::of(home, Expected::Any, self.clock.now());
            change.episodes = episodes;
            change.heard_again = waiting.heard_again;
            change.receipts = waiting.receipts;
            return self.commit(change).await;
        }
        self.attach(home, waiting, episodes).await
    }

    /// Tells the incident what is new; whether it took any of it down, together with the episodes and receipts.
    async fn tell(
        &self,
        home: IncidentId,
        waiting: &Waiting,
        episodes: &[Episode],
    ) -> Result<bool, Broken> {
        let Some(before) = self.store.incident(home).await? else {
            return Err(Broken(format!("{home} has alerts and does not exist")));
        };
        if waiting.must_be_live && !before.is_active() {
            // Somebody ended it a moment ago: the receipts are worked off again and find another place.
            return Err(Broken(format!("{home} ended while alerts joined it")));
        }
        let all = overlaid(self.episodes_of(&before).await?, &waiting.alerts);
        let mut left_out = before.alerts.truncated_by_group;
        left_out.extend(waiting.left_out.clone());
        let now = self.clock.now();
        let whole = picture(&all, left_out, now);
        let lines = if whole.flapping == before.alerts.flapping {
            Vec::new()
        } else {
            restless_lines(&whole.flapping, &self.store.timeline(home).await?, now)
        };
        let fires_anew = waiting
            .alerts
            .iter()
            .any(|alert| alert.change.is_new_firing() || comes_firing(alert, Some(home)));
        let runbook = if waiting.storm || fires_anew {
            self.team.runbook_for(&all, waiting.storm, now)
        } else {
            None
        };
        let command = Command::AlertsChanged {
            news: news(
                &waiting.alerts,
                &flapping(&all, now),
                Some(home),
                false,
                whole.all_clear(),
            ),
            links: self.team.links(
                &all,
                runbook.as_ref().map(|(checklist, _)| &checklist.runbook_id),
            ),
            services: services_of(&waiting.alerts, home),
            picture: Box::new(whole),
            attached: waiting.attached.clone(),
            severity: waiting.raised.clone(),
            storm: waiting.storm,
            runbook,
        };
        let ask = Ask {
            actor: Actor::Alerts,
            delivery: None,
            expects: Expectation::default(),
            command,
        };
        let complete = |change: &mut Change| {
            change.episodes = episodes.to_vec();
            change.heard_again.clone_from(&waiting.heard_again);
            change.receipts.clone_from(&waiting.receipts);
            change.entries.extend(lines.iter().cloned());
            if change.after.as_ref().is_some_and(Incident::is_active) {
                change.groups.clone_from(&waiting.groups);
            }
        };
        let decided = self.decide_and_commit(home, &ask, None, complete).await?;
        Ok(matches!(decided, Decided::Done { events, .. } if !events.is_empty()))
    }

    /// Attaches groups without any news, to an incident that is live while that is written.
    async fn attach(
        &self,
        home: IncidentId,
        waiting: Waiting,
        episodes: Vec<Episode>,
    ) -> Result<(), Broken> {
        for _ in 0..MAX_TRIES {
            let Some(incident) = self.store.incident(home).await? else {
                return Err(Broken(format!("{home} has alerts and does not exist")));
            };
            let mut change = Change::of(home, Expected::At(incident.seq), self.clock.now());
            change.episodes.clone_from(&episodes);
            change.heard_again.clone_from(&waiting.heard_again);
            change.receipts.clone_from(&waiting.receipts);
            if incident.is_active() {
                change.groups.clone_from(&waiting.groups);
            }
            match self.store.commit(change).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict | CommitError::ClaimLost) => {}
                Err(trouble) => return Err(Broken(trouble.to_string())),
            }
        }
        Err(Broken(format!(
            "{home} is changed by others all the time: its alerts are tried again"
        )))
    }

    async fn commit(&self, change: Change) -> Result<(), Broken> {
        self.store
            .commit(change)
            .await
            .map(drop)
            .map_err(|trouble| Broken(trouble.to_string()))
    }
}

/// Why a delivery makes an incident worse: the storm rule, or an alert that asks for more. `because` is why it joined.
fn why_worse(routing: &Routing, because: &str) -> String {
    let storm = routing
        .trace
        .iter()
        .find(|reason| matches!(reason, Reason::Storm { .. }));
    match storm {
        Some(storm) => storm.to_string(),
        None => format!("a worse alert {because}"),
    }
}
