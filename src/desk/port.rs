//! The desk as the conversation sees it.

use std::sync::Arc;

use async_trait::async_trait;
use bridgewatch_core::category::Category;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::{ChannelId, IncidentId, MessageId};
use bridgewatch_core::incident::{Command, Declaration, Incident, Policy, Tie, Visibility};
use bridgewatch_core::maintenance::{NewWindow, Window, Windows};
use bridgewatch_core::oncall::{self, Candidate};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{
    Answer, Ask, Broken, DeclareAsk, Desk, Heard, ListFilter, Listed, RedactAsk, Redacted,
    StoredPostmortem, TestAlert, View, entries,
};
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{Checklist, Choice, Library, RunbookId};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Entry, Kind, Looked, Prefixes, Signal};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Begun, Decided, IncidentDesk};

#[async_trait]
impl Desk for IncidentDesk {
    async fn ask(&self, id: IncidentId, ask: Ask) -> Answer {
        match self.decide_and_commit(id, &ask, None, |_| {}).await {
            Ok(decided) => answer(decided),
            Err(trouble) => Answer::Broken {
                error_id: self.apologise("asking", &trouble),
            },
        }
    }

    async fn declare(&self, ask: DeclareAsk) -> Answer {
        let severity = ask.severity.unwrap_or(Severity::Sev2);
        let now = self.clock.now();
        let runbook = self.team.runbook_for(&[], false, now);
        let links = self.team.links(
            &[],
            runbook.as_ref().map(|(checklist, _)| &checklist.runbook_id),
        );
        let declaration = Declaration {
            title: ask.title,
            severity,
            category: Category::Unknown,
            visibility: Visibility::Normal,
            services: std::collections::BTreeSet::new(),
            alerts: None,
            news: Vec::new(),
            alert_received_at: None,
            storm: false,
            runbook,
            links,
            origin: None,
            optional_roles: self.policy().optional_roles.clone(),
            proposals: self.team.proposals(severity, Category::Unknown, now),
        };
        match self
            .begin(ask.actor, ask.delivery, declaration, |_| {})
            .await
        {
            Ok(Begun::Done { incident, events }) => Answer::Done { incident, events },
            Ok(Begun::Refused(refusal)) => Answer::Refused(refusal),
            // A declaration of one's own meets no other: only the same interaction heard twice ends here.
            Ok(Begun::Duplicate | Begun::Conflict) => Answer::Unknown,
            Err(trouble) => Answer::Broken {
                error_id: self.apologise("declaring", &trouble),
            },
        }
    }

    async fn declare_relapse(&self, of: IncidentId, ask: Ask) -> Answer {
        match self.begin_relapse(of, ask).await {
            Ok(answer) => answer,
            Err(trouble) => Answer::Broken {
                error_id: self.apologise("declaring a relapse", &trouble),
            },
        }
    }

    async fn hear(&self, id: IncidentId, signal: Signal, delivery: Option<String>) -> Heard {
        match self.take_down(id, &signal, delivery, None).await {
            Ok(heard) => heard,
            Err(trouble) => Heard::Broken {
                error_id: self.apologise("the timeline", &trouble),
            },
        }
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, Broken> {
        self.store.incident(id).await
    }

    async fn redact(&self, id: IncidentId, ask: RedactAsk) -> Redacted {
        match self.take_out(id, &ask).await {
            Ok(redacted) => redacted,
            Err(trouble) => Redacted::Broken {
                error_id: self.apologise("redacting", &trouble),
            },
        }
    }

    async fn view(&self, id: IncidentId) -> Result<Option<View>, Broken> {
        let Some(incident) = self.store.incident(id).await? else {
            return Ok(None);
        };
        let around = self.around(&incident).await?;
        Ok(Some(View { incident, around }))
    }

    async fn timeline(&self, id: IncidentId) -> Result<Vec<Entry>, Broken> {
        Ok(entries(self.store.timeline(id).await?))
    }

    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken> {
        self.store.incident_of_channel(channel).await
    }

    async fn look(
        &self,
        id: IncidentId,
        person: PersonId,
        now_read: Looked,
    ) -> Result<Option<Looked>, Broken> {
        let key = format!("looked/{}/{}", id.0, person.0);
        let before = self.store.fact(&key).await?;
        self.store.remember(&key, &now_read.encode()).await?;
        Ok(before.as_deref().and_then(Looked::decode))
    }

    async fn list(&self, only_live: bool) -> Result<Vec<Listed>, Broken> {
        self.store.list(only_live, 25).await
    }

    async fn find(&self, filter: &ListFilter) -> Result<Vec<Listed>, Broken> {
        self.found(filter).await
    }

    async fn postmortem(&self, id: IncidentId) -> Result<Option<StoredPostmortem>, Broken> {
        self.store.postmortem(id, None).await
    }

    fn candidates(&self, role: Role) -> Vec<Candidate> {
        oncall::candidates(&self.team.roster.rota(), role, self.clock.now())
    }

    async fn why(&self, id: IncidentId) -> Result<String, Broken> {
        let receipts = self.store.receipts(Some(id), 10).await?;
        let mut lines: Vec<String> = receipts
            .iter()
            .rev()
            .map(|receipt| {
                format!(
                    "{} UTC, receipt {}:\n{}",
                    receipt.received_at.format("%H:%M:%S"),
                    receipt.id,
                    receipt.trace.as_deref().unwrap_or("not worked on yet")
                )
            })
            .collect();
        if lines.is_empty() {
            lines.push("No alert led here: a person declared it.".to_owned());
        }
        if let Some(incident) = self.store.incident(id).await?
            && let Some(checklist) = &incident.checklist
        {
            lines.extend(checklist.runbooks().into_iter().map(|pinned| {
                format!(
                    "Runbook {} is pinned at version {}.",
                    pinned.runbook_id,
                    pinned.content_hash.chars().take(12).collect::<String>()
                )
            }));
        }
        Ok(lines.join("\n\n"))
    }

    fn library(&self) -> std::sync::Arc<Library> {
        self.team.shelf.library()
    }

    async fn runbooks(&self) -> Vec<(RunbookId, String)> {
        self.team.all_runbooks()
    }

    async fn also_relevant(&self, id: IncidentId) -> Result<Vec<Choice>, Broken> {
        let Some(incident) = self.store.incident(id).await? else {
            return Ok(Vec::new());
        };
        let episodes = self.store.episodes(id).await?;
        Ok(self.team.also_relevant(&incident, &episodes))
    }

    async fn fresh_runbook(
        &self,
        id: IncidentId,
        runbook: &RunbookId,
    ) -> Result<Option<Checklist>, Broken> {
        let episodes = self.store.episodes(id).await?;
        let now = self.clock.now();
        let pinned = self
            .team
            .pin(runbook.as_str(), String::new(), &episodes, now);
        Ok(pinned.map(|(checklist, _)| checklist))
    }

    async fn attach_runbook(&self, id: IncidentId, runbook: &RunbookId, ask: Ask) -> Answer {
        let episodes = match self.store.episodes(id).await {
            Ok(episodes) => episodes,
            Err(trouble) => {
                return Answer::Broken {
                    error_id: self.apologise("attaching a runbook", &trouble),
                };
            }
        };
        let Some((checklist, reason)) = self.team.pin(
            runbook.as_str(),
            "Chosen by a person.".to_owned(),
            &episodes,
            self.clock.now(),
        ) else {
            return Answer::Unknown;
        };
        self.ask(
            id,
            Ask {
                command: Command::AttachRunbook { checklist, reason },
                ..ask
            },
        )
        .await
    }

    async fn maintenance(&self) -> Result<Windows, Broken> {
        self.windows().await
    }

    async fn plan_maintenance(&self, new: &NewWindow) -> Result<Result<Window, String>, Broken> {
        self.plan_window(new).await
    }

    async fn end_maintenance(&self, id: u32) -> Result<Option<Window>, Broken> {
        self.end_window(id).await
    }

    async fn merge(&self, id: IncidentId, into: IncidentId, ask: Ask) -> Answer {
        self.merge_into(id, into, ask).await
    }

    async fn link(&self, id: IncidentId, other: IncidentId, tie: Tie, ask: Ask) -> Answer {
        match self.decide_link(id, other, tie, ask).await {
            Ok(decided) => answer(decided),
            Err(trouble) => Answer::Broken {
                error_id: self.apologise("linking", &trouble),
            },
        }
    }

    async fn split_off(&self, id: IncidentId, group: &str, ask: Ask) -> Answer {
        self.split_group_off(id, group, ask).await
    }

    async fn keep_notes(&self, id: IncidentId, key: &str, text: &str) -> Result<(), Broken> {
        let now = self.clock.now();
        self.store
            .remember_notes(&notes_fact(id, key), text, now)
            .await
    }

    async fn import(
        &self,
        id: IncidentId,
        key: &str,
        by: PersonId,
        delivery: Option<String>,
    ) -> Result<Option<usize>, Broken> {
        let fact = notes_fact(id, key);
        let notes = self.store.fact(&fact).await?;
        let Some(notes) = notes.filter(|notes| !notes.is_empty()) else {
            return Ok(None);
        };
        let count = self.import_notes(id, &notes, by, delivery).await?;
        // Nobody needs them any more.
        self.store.remember(&fact, "").await?;
        Ok(Some(count))
    }

    async fn fire_test_alert(&self) -> Result<TestAlert, Broken> {
        self.take_in_test_alert().await
    }

    async fn pick_facts(
        &self,
        id: IncidentId,
        messages: Vec<MessageId>,
        kind: Kind,
        by: PersonId,
        delivery: Option<String>,
    ) -> Heard {
        let effects = messages
            .into_iter()
            .map(|message| NewEffect {
                id: EffectId(match kind {
                    Kind::Note => format!("inc-{}/fact/{}", id.0, message.0),
                    other => format!("inc-{}/fact/{}/{other}", id.0, message.0),
                }),
                incident: Some(id),
                stream: format!("inc-{}/facts", id.0),
                lane: Lane::Interactive,
                coalesce_key: None,
                not_before: None,
                effect: Effect::KeepFact { message, by, kind },
            })
            .collect();
        // The effect ids make a second hearing harmless, so the delivery adds nothing here.
        let _ = delivery;
        match self.store.enqueue(effects, self.clock.now()).await {
            Ok(()) => {
                self.effects_waiting.notify_one();
                Heard::Nothing
            }
            Err(trouble) => Heard::Broken {
                error_id: self.apologise("keeping facts", &trouble),
            },
        }
    }

    async fn meet(&self, person: PersonId, name: &str) {
        if let Err(trouble) = self.store.meet(person, name).await {
            tracing::warn!(error = %trouble, "a person's name could not be remembered");
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn policy(&self) -> Arc<Policy> {
        Self::policy(self)
    }

    fn zone(&self) -> Tz {
        self.team.zone
    }

    fn prefixes(&self) -> &Prefixes {
        &self.team.prefixes
    }
}

fn notes_fact(id: IncidentId, key: &str) -> String {
    format!("notes/{}/{key}", id.0)
}

pub(super) fn answer(decided: Decided) -> Answer {
    match decided {
        Decided::Done { incident, events } => Answer::Done { incident, events },
        Decided::Refused(refusal) => Answer::Refused(refusal),
        // A person's request settles no effect.
        Decided::Unknown | Decided::ClaimLost => Answer::Unknown,
    }
}
