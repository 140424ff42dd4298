//! Alerts on their way to incidents: parse, merge, route, commit.
//!
//! One delivery at a time, so that three groups of one outage meet one incident. Receipts are on disk before they come
//! here; what fails here is tried again, and what cannot be understood is kept for `replay`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bridgewatch_core::alert::{
    AlertStatus, Delivery, Episode, EpisodeChange, UNNAMED, alert_name, safe_line, summarise,
};
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, AlertNews, AlertPicture, Command, Declaration, Expectation, Incident, Visibility,
};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{Ask, Broken, Change, CommitError, Expected, Receipt};
use bridgewatch_core::routing::{
    Decision, MergedAlert, OpenIncident, Routing, RoutingRules, StormState, route,
};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{Begun, Decided, IncidentDesk};
use crate::clock::new_id;

/// How many names and summaries a board can use.
const MOST_NAMES: usize = 10;
const MOST_SUMMARIES: usize = 3;

/// The source whose form the test alert has.
const TEST_ALERT_SOURCE: &str = "alertmanager";

/// Reads the body of a source, by the source's name; an error is a sentence that names the field.
pub type Understand = fn(&str, &[u8]) -> Result<Delivery, String>;

/// How alerts become incidents.
#[derive(Clone, Debug, Default)]
pub struct CorrelatorSettings {
    /// The rules.
    pub rules: RoutingRules,
}

/// What correlating has learned of live incidents, so that it need not read every episode for every delivery. It is
/// rebuilt from the store whenever something is missing.
#[derive(Debug, Default)]
pub struct Correlation {
    pictures: HashMap<IncidentId, OpenIncident>,
}

/// What came of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// The trace of the decision.
    pub trace: String,
    /// The incident it led to.
    pub incident: Option<IncidentId>,
}

impl IncidentDesk {
    /// Works a receipt off: every alert in it finds its incident.
    ///
    /// # Errors
    /// When the store is in trouble; the receipt stays pending.
    pub async fn work_off(&self, receipt: &Receipt) -> Result<Worked, Broken> {
        let delivery = match (self.understand)(&receipt.source, &receipt.body) {
            Ok(delivery) => delivery,
            Err(problem) => {
                self.store
                    .finish_receipt(&receipt.id, &problem, None)
                    .await?;
                return Ok(Worked {
                    trace: problem,
                    incident: None,
                });
            }
        };
        let mut correlation = self.correlating.lock().await;
        let merged = self.merge(&delivery, receipt.received_at).await?;
        let now = self.clock.now();
        let open = self.open_incidents(&mut correlation, now).await?;
        let routing = route(
            &merged,
            &open,
            &StormState::of(&open),
            &self.correlator.rules,
            now,
        );
        let trace = routing.explain();
        let worked = self
            .carry_in(&delivery, &merged, &routing, receipt, &trace)
            .await?;
        // What was learned is forgotten where it changed; the next delivery reads it anew.
        if let Some(id) = worked.incident {
            correlation.pictures.remove(&id);
        }
        for alert in &merged {
            if let Some(id) = alert.known_incident {
                correlation.pictures.remove(&id);
            }
        }
        Ok(worked)
    }

    /// What would come of a body, without doing it.
    ///
    /// # Errors
    /// The sentence that says why the body cannot be understood, or the store's trouble.
    pub async fn explain(&self, source: &str, body: &[u8]) -> Result<String, String> {
        let delivery = (self.understand)(source, body)?;
        let mut correlation = self.correlating.lock().await;
        let now = self.clock.now();
        let trouble = |trouble: Broken| trouble.to_string();
        let merged = self.merge(&delivery, now).await.map_err(trouble)?;
        let open = self
            .open_incidents(&mut correlation, now)
            .await
            .map_err(trouble)?;
        let routing = route(
            &merged,
            &open,
            &StormState::of(&open),
            &self.correlator.rules,
            now,
        );
        let mut text = routing.explain();
        let episodes: Vec<Episode> = merged.into_iter().map(|alert| alert.episode).collect();
        let storm = matches!(
            routing.decision,
            Decision::Open { storm: true, .. }
                | Decision::Join { storm: true, .. }
                | Decision::Umbrella { storm: true, .. }
        );
        if let Some((checklist, reason)) = self.team.runbook_for(&episodes, storm) {
            text.push_str(&format!("\nRunbook {}: {reason}", checklist.runbook_id));
        }
        Ok(text)
    }

    async fn merge(
        &self,
        delivery: &Delivery,
        received_at: DateTime<Utc>,
    ) -> Result<Vec<MergedAlert>, Broken> {
        let mut merged: Vec<MergedAlert> = Vec::with_capacity(delivery.alerts.len());
        for alert in &delivery.alerts {
            let key = alert.key();
            // The same alert twice in one delivery is heard twice, the second time after the first.
            let earlier = merged.iter().rposition(|known| known.episode.key == key);
            if let Some(index) = earlier {
                let known = (merged[index].known_incident, merged[index].episode.clone());
                let again = MergedAlert::hear(Some(&known), alert, received_at);
                if !again.change.is_quiet() {
                    merged[index] = again;
                }
                continue;
            }
            let known = self
                .store
                .newest_episode(&key.source, &key.fingerprint)
                .await?;
            merged.push(MergedAlert::hear(known.as_ref(), alert, received_at));
        }
        Ok(merged)
    }

    /// What routing must know of the incidents there are.
    async fn open_incidents(
        &self,
        correlation: &mut Correlation,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenIncident>, Broken> {
        let window = TimeDelta::from_std(self.correlator.rules.reopen_window)
            .unwrap_or_else(|_| TimeDelta::hours(24));
        let incidents = self.store.recent_incidents(now - window).await?;
        let mut open = Vec::with_capacity(incidents.len());
        for incident in &incidents {
            let picture = match correlation.pictures.remove(&incident.id) {
                Some(picture) => picture,
                None => self.picture_of(incident).await?,
            };
            open.push(refreshed(picture, incident));
        }
        correlation.pictures = open
            .iter()
            .map(|picture| (picture.id, picture.clone()))
            .collect();
        Ok(open)
    }

    async fn picture_of(&self, incident: &Incident) -> Result<OpenIncident, Broken> {
        let mut picture = OpenIncident::new(incident.id, incident.severity, incident.declared_at());
        for episode in self.store.episodes(incident.id).await? {
            picture.remember(&episode, episode.first_seen_at, &self.correlator.rules);
        }
        for group in self.store.groups(incident.id).await? {
            if !picture.groups.contains(&group) {
                picture.groups.push(group);
            }
        }
        Ok(picture)
    }

    /// Writes what was decided.
    async fn carry_in(
        &self,
        delivery: &Delivery,
        merged: &[MergedAlert],
        routing: &Routing,
        receipt: &Receipt,
        trace: &str,
    ) -> Result<Worked, Broken> {
        let done = vec![(receipt.id.clone(), trace.to_owned())];
        let target = match &routing.decision {
            Decision::Ignore { .. } => None,
            Decision::Join { incident, .. } => Some(*incident),
            Decision::Open {
                severity,
                title,
                category,
                services,
                storm,
                ..
            } => {
                let visibility = if *category == Category::Security {
                    Visibility::Restricted
                } else {
                    Visibility::Normal
                };
                let opening = Opening {
                    title,
                    severity: *severity,
                    category: *category,
                    visibility,
                    services,
                    storm: *storm,
                };
                return self
                    .open_for(&opening, delivery, merged, receipt, done)
                    .await;
            }
            Decision::Umbrella {
                severity,
                title,
                services,
                storm,
                ..
            } => {
                let opening = Opening {
                    title,
                    severity: *severity,
                    category: Category::Other,
                    visibility: Visibility::Normal,
                    services,
                    storm: *storm,
                };
                return self
                    .open_for(&opening, delivery, merged, receipt, done)
                    .await;
            }
        };
        // An alert that belongs to an incident stays there, whatever its delivery joins.
        let mut homes: BTreeMap<IncidentId, Vec<&MergedAlert>> = BTreeMap::new();
        for alert in merged {
            let home = match target {
                Some(target) if alert.change.is_new_firing() => Some(target),
                _ => alert.known_incident.or(target),
            };
            if let Some(home) = home {
                homes.entry(home).or_default().push(alert);
            }
        }
        for (home, alerts) in &homes {
            let raised = match &routing.decision {
                Decision::Join {
                    incident,
                    because,
                    severity_raised_to: Some(severity),
                    ..
                } if incident == home => Some((*severity, because.clone())),
                _ => None,
            };
            let storm = matches!(
                &routing.decision,
                Decision::Join { incident, storm: true, .. } if incident == home
            );
            let receipts = if target.is_none_or(|target| target == *home) {
                done.clone()
            } else {
                Vec::new()
            };
            self.join(
                *home,
                alerts,
                delivery,
                raised,
                storm,
                receipts,
                receipt.received_at,
            )
            .await?;
        }
        let incident = target.or_else(|| homes.keys().next().copied());
        if incident.is_none() || target.is_some_and(|target| !homes.contains_key(&target)) {
            self.store
                .finish_receipt(&receipt.id, trace, incident)
                .await?;
        }
        Ok(Worked {
            trace: trace.to_owned(),
            incident,
        })
    }

    async fn open_for(
        &self,
        opening: &Opening<'_>,
        delivery: &Delivery,
        merged: &[MergedAlert],
        receipt: &Receipt,
        done: Vec<(String, String)>,
    ) -> Result<Worked, Broken> {
        let episodes: Vec<Episode> = merged.iter().map(|alert| alert.episode.clone()).collect();
        let runbook = self.team.runbook_for(&episodes, opening.storm);
        let declaration = Declaration {
            title: opening.title.to_owned(),
            severity: opening.severity,
            category: opening.category,
            visibility: opening.visibility,
            services: opening.services.clone(),
            alerts: Some(picture(&episodes, delivery.truncated_alerts)),
            news: news(&merged.iter().collect::<Vec<_>>(), true, false),
            alert_received_at: Some(receipt.received_at),
            storm: opening.storm,
            links: self.team.links(
                &episodes,
                runbook.as_ref().map(|(checklist, _)| &checklist.runbook_id),
            ),
            runbook,
            proposals: self.team.proposals(opening.severity, self.clock.now()),
        };
        let groups = vec![delivery.group()];
        let complete = |change: &mut Change| {
            change.episodes.clone_from(&episodes);
            change.groups.clone_from(&groups);
            change.receipts.clone_from(&done);
        };
        match self
            .begin(Actor::Alerts, None, declaration, complete)
            .await?
        {
            Begun::Done { incident, .. } => Ok(Worked {
                trace: done.into_iter().map(|(_, trace)| trace).collect(),
                incident: Some(incident.id),
            }),
            // Somebody else opened one for the same group meanwhile: the receipt is worked off again and joins it.
            Begun::Conflict | Begun::Duplicate => Err(Broken(
                "another incident took the alert group first".to_owned(),
            )),
            Begun::Refused(refusal) => Err(Broken(refusal.to_string())),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one private call with everything a joined delivery carries"
    )]
    async fn join(
        &self,
        home: IncidentId,
        alerts: &[&MergedAlert],
        delivery: &Delivery,
        raised: Option<(bridgewatch_core::severity::Severity, String)>,
        storm: bool,
        receipts: Vec<(String, String)>,
        received_at: DateTime<Utc>,
    ) -> Result<(), Broken> {
        let changed: Vec<Episode> = alerts.iter().map(|alert| alert.episode.clone()).collect();
        let loud: Vec<&MergedAlert> = alerts
            .iter()
            .copied()
            .filter(|alert| !alert.change.is_quiet())
            .collect();
        let groups = vec![delivery.group()];
        let is_live = self
            .store
            .incident(home)
            .await?
            .is_some_and(|incident| incident.is_active());
        let complete = |change: &mut Change| {
            change.episodes.clone_from(&changed);
            if is_live {
                change.groups.clone_from(&groups);
            }
            change.receipts.clone_from(&receipts);
        };
        if !loud.is_empty() {
            let known = self.store.episodes(home).await?;
            let all = overlaid(known, &changed);
            let runbook = if storm || loud.iter().any(|alert| alert.change.is_new_firing()) {
                self.team.runbook_for(&all, storm)
            } else {
                None
            };
            let whole = picture(&all, delivery.truncated_alerts);
            let all_clear = whole.all_clear();
            let services = loud
                .iter()
                .filter_map(|alert| alert.episode.labels.get("service"))
                .map(|name| safe_line(name, 60));
            let command = Command::AlertsChanged {
                news: news(&loud, false, all_clear),
                links: self.team.links(
                    &all,
                    runbook.as_ref().map(|(checklist, _)| &checklist.runbook_id),
                ),
                services: services.collect::<BTreeSet<String>>(),
                picture: whole,
                severity: raised,
                storm,
                runbook,
            };
            let ask = Ask {
                actor: Actor::Alerts,
                delivery: None,
                expects: Expectation::default(),
                command,
            };
            if let Decided::Done { events, .. } =
                self.decide_and_commit(home, &ask, None, complete).await?
                && !events.is_empty()
            {
                return Ok(());
            }
        }
        // Nothing for people, but what was heard is noted, and the receipt is done.
        let mut change = Change::of(home, Expected::Any, received_at.max(self.clock.now()));
        complete(&mut change);
        match self.store.commit(change).await {
            Ok(_) | Err(CommitError::Duplicate) => Ok(()),
            Err(trouble) => Err(Broken(trouble.to_string())),
        }
    }

    /// Puts a test alert into the intake: from there on it is an alert like any other.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn take_in_test_alert(&self) -> Result<(), Broken> {
        let now = self.clock.now();
        let id = new_id();
        let body = serde_json::json!({
            "version": "4",
            "groupKey": format!("{{}}:{{alertname=\"BridgewatchTest\", test=\"{id}\"}}"),
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "bridgewatch",
            "groupLabels": {"alertname": "BridgewatchTest"},
            "commonLabels": {"alertname": "BridgewatchTest", "severity": "warning"},
            "commonAnnotations": {},
            "externalURL": "",
            "alerts": [{
                "status": "firing",
                "labels": {"alertname": "BridgewatchTest", "severity": "warning", "test": id},
                "annotations": {"summary": "A test alert: nothing is wrong"},
                "startsAt": now.to_rfc3339(),
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "",
                "fingerprint": hex(&Sha256::digest(id.as_bytes()))[..16].to_owned(),
            }],
        })
        .to_string()
        .into_bytes();
        let receipt = Receipt {
            id,
            source: TEST_ALERT_SOURCE.to_owned(),
            received_at: now,
            body_hash: hex(&Sha256::digest(&body)),
            body,
            problem: None,
        };
        self.store.keep_receipt(receipt).await?;
        self.receipts_waiting.notify_one();
        Ok(())
    }
}

/// How an incident opens.
struct Opening<'a> {
    title: &'a str,
    severity: bridgewatch_core::severity::Severity,
    category: Category,
    visibility: Visibility,
    services: &'a BTreeSet<String>,
    storm: bool,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What people and clocks may have changed since the picture was made.
fn refreshed(mut picture: OpenIncident, incident: &Incident) -> OpenIncident {
    picture.active = incident.is_active();
    picture.severity = incident.severity;
    picture.restricted = incident.visibility == Visibility::Restricted;
    picture.opened_by_alerts = incident
        .milestones
        .at(bridgewatch_core::incident::MilestoneName::AlertReceived)
        .is_some();
    picture.umbrella =
        incident.category == Category::Other && incident.title.starts_with("Alert storm");
    picture.resolved_at = (incident.phase == Phase::Learning || incident.phase == Phase::Closed)
        .then_some(incident.phase_since);
    picture
}

/// The episodes of an incident with what has just been heard on top.
fn overlaid(mut known: Vec<Episode>, changed: &[Episode]) -> Vec<Episode> {
    for episode in changed {
        match known.iter_mut().find(|old| {
            old.key == episode.key && (old.starts_at == episode.starts_at || old.ends_at.is_none())
        }) {
            Some(old) => *old = episode.clone(),
            None => known.push(episode.clone()),
        }
    }
    known
}

fn picture(episodes: &[Episode], truncated: u64) -> AlertPicture {
    let summary = summarise(episodes, truncated);
    let mut newest: Vec<&Episode> = episodes
        .iter()
        .filter(|episode| episode.state == AlertStatus::Firing)
        .collect();
    newest.sort_by_key(|episode| std::cmp::Reverse(episode.first_seen_at));
    let mut summaries: Vec<String> = Vec::new();
    for episode in newest {
        let line = episode
            .annotations
            .get("summary")
            .map(String::as_str)
            .or_else(|| alert_name(&episode.labels))
            .unwrap_or(UNNAMED);
        let line = safe_line(line, 60);
        if !summaries.contains(&line) && summaries.len() < MOST_SUMMARIES {
            summaries.push(line);
        }
    }
    AlertPicture {
        firing: summary.firing,
        cleared: summary.cleared,
        truncated: summary.truncated,
        names: summary
            .names
            .iter()
            .take(MOST_NAMES)
            .map(|(name, _)| safe_line(name, 60))
            .collect(),
        summaries,
        earliest_start: summary.earliest_start,
        last_cleared_at: summary.last_cleared_at,
    }
}

/// What is new, one line for each name and change: a group of twenty thousand makes a handful of lines.
fn news(alerts: &[&MergedAlert], first: bool, all_clear: bool) -> Vec<AlertNews> {
    let mut lines: BTreeMap<(String, &'static str), (usize, DateTime<Utc>)> = BTreeMap::new();
    for alert in alerts {
        let name = safe_line(alert_name(&alert.episode.labels).unwrap_or(UNNAMED), 80);
        let (word, at) = match alert.change {
            EpisodeChange::Opened | EpisodeChange::Restarted => ("fires", alert.episode.starts_at),
            EpisodeChange::Refired | EpisodeChange::Reopened => {
                ("fires again", alert.episode.starts_at)
            }
            EpisodeChange::Cleared | EpisodeChange::ArrivedCleared => (
                "cleared",
                alert.episode.ends_at.unwrap_or(alert.episode.last_seen_at),
            ),
            EpisodeChange::StartMovedEarlier
            | EpisodeChange::EndMovedLater
            | EpisodeChange::LabelsChanged
            | EpisodeChange::AnnotationsChanged
            | EpisodeChange::Repeated
            | EpisodeChange::Stale => continue,
        };
        let line = lines.entry((name, word)).or_insert((0, at));
        line.0 += 1;
        line.1 = line.1.min(at);
    }
    let count = lines.len();
    let mut news: Vec<AlertNews> = lines
        .into_iter()
        .enumerate()
        .map(|(index, ((name, word), (times, at)))| {
            let how_many = if times > 1 {
                format!(" ({times} alerts)")
            } else {
                String::new()
            };
            let last_clear = all_clear && index + 1 == count && word == "cleared";
            let text = if last_clear {
                format!("{name} {word}{how_many}: all alerts are clear")
            } else {
                format!("{name} {word}{how_many}")
            };
            AlertNews {
                text,
                at,
                key: first || last_clear,
            }
        })
        .collect();
    news.truncate(20);
    news
}
