//! A desk in memory: the core's own decisions over a map. It is all that a conversation needs to meet.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use async_trait::async_trait;
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{
    Actor, Around, Command, Declaration, Expectation, Incident, Neighbour, Other, Policy,
    RedactedLine, Request, Tie, Visibility, decide, declare, plan,
};
use bridgewatch_core::maintenance::{NewWindow, Window, Windows};
use bridgewatch_core::oncall::Candidate;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{
    Answer, Ask, Broken, DeclareAsk, Desk, EntryWrite, Heard, LineOf, ListFilter, Listed,
    RedactAsk, RedactTask, Redacted, StoredEntry, StoredPostmortem, TestAlert, View, entries,
};
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{Checklist, Choice, Library, RunbookId, Score, parse};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Captured, Entry, Kind, Looked, Prefixes, Room, Signal, capture};
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::world::{ADA, SAM};

const RUNBOOK: &str = "---
id: backend
title: Database refuses connections
category: backend
match:
  - ['alertname=~\"DB.*\"']
priority: 50
owners: [team]
review_by: 2030-01-01
---

# Database refuses connections

Users get errors because the API cannot reach its database.

## Diagnosis

- [ ] **On-Call Engineer:** Is the database up? <!-- id:db-up critical:yes -->
  ```sh
  pg_isready -h db
  ```
- [ ] **Backend Engineer:** Terminate the blocking session <!-- id:terminate risk:high confirm:yes -->
- [ ] **Bridge Engineer:** Decision: roll back the release? <!-- id:roll-back -->
  - roll back now
  - wait for the fix
- [ ] **On-Call Engineer:** Read the log <!-- id:read-log -->

## Mitigation

- [ ] **On-Call Engineer:** Serve cached pages <!-- id:cached -->

## Resolution

- [ ] **Backend Engineer:** Cap the pool <!-- id:cap -->

## Validation

- [ ] **On-Call Engineer:** Is the error rate normal? <!-- id:normal critical:yes -->

## Learning

- [ ] **Documentation Lead:** Add the alert <!-- id:add-alert -->
";

static CHECKLIST: LazyLock<Checklist> = LazyLock::new(|| pinned(RUNBOOK));

fn checklist() -> Checklist {
    CHECKLIST.clone()
}

fn pinned(text: &str) -> Checklist {
    let parsed = parse(text);
    let runbook = parsed
        .runbook
        .unwrap_or_else(|| panic!("the test runbook is broken: {:?}", parsed.findings));
    Checklist::pin(&runbook, &BTreeMap::new(), false)
}

/// The same steps under another name.
fn checklist_of(id: &str) -> Checklist {
    pinned(&RUNBOOK.replace("id: backend", &format!("id: {id}")))
}

/// The test runbook as somebody has edited it since.
pub fn newer_checklist() -> Checklist {
    pinned(&RUNBOOK.replace("Read the log", "Read the log of the primary"))
}

/// What the desk remembers.
#[derive(Default)]
pub struct Memory {
    pub now: DateTime<Utc>,
    pub incidents: HashMap<IncidentId, (Incident, Vec<StoredEntry>)>,
    pub deliveries: HashSet<String>,
    pub met: BTreeMap<PersonId, String>,
    pub rota: BTreeMap<Role, Vec<Candidate>>,
    pub postmortem: Option<String>,
    pub picked: Vec<MessageId>,
    pub looked: HashMap<(IncidentId, PersonId), Looked>,
    pub windows: Windows,
    pub notes: HashMap<(IncidentId, String), String>,
    pub tests_fired: u32,
    pub broken: bool,
    pub slow: Option<Arc<Notify>>,
}

/// The desk in memory.
#[derive(Default)]
pub struct MemoryDesk {
    memory: Mutex<Memory>,
    policy: Policy,
    prefixes: Prefixes,
}

fn trouble() -> Broken {
    Broken("the disk is full".to_owned())
}

fn broken() -> Answer {
    Answer::Broken {
        error_id: "e-1".to_owned(),
    }
}

impl MemoryDesk {
    /// What it remembers.
    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory
            .lock()
            .expect("no test panics while it holds the memory")
    }

    /// Decides and remembers.
    pub fn decided(&self, id: IncidentId, ask: Ask) -> Answer {
        let mut memory = self.memory();
        if memory.broken {
            return broken();
        }
        let now = memory.now;
        let Some((incident, mut entries)) = memory.incidents.get(&id).cloned() else {
            return Answer::Unknown;
        };
        if let Some(delivery) = &ask.delivery
            && !memory.deliveries.insert(delivery.clone())
        {
            return Answer::Done {
                incident: Box::new(incident),
                events: Vec::new(),
            };
        }
        let request = Request {
            actor: ask.actor,
            at: now,
            expects: ask.expects,
            command: ask.command,
            last_prompts: BTreeMap::new(),
        };
        let events = match decide(&incident, &request, &self.policy) {
            Ok(events) => events,
            Err(refusal) => return Answer::Refused(refusal),
        };
        let before = Some(incident.clone());
        match plan(id, before, request.actor, now, events, &self.policy) {
            Some(plan) => {
                for mut entry in plan.entries {
                    entry.number = Some(EntryNumber(entries.len() as i64 + 1));
                    entries.push(StoredEntry {
                        incident: id,
                        entry,
                        revision: 1,
                    });
                }
                memory.incidents.insert(id, (plan.after.clone(), entries));
                Answer::Done {
                    incident: Box::new(plan.after),
                    events: plan.events,
                }
            }
            None => Answer::Done {
                incident: Box::new(incident),
                events: Vec::new(),
            },
        }
    }

    /// Begins an incident with this number.
    pub fn begin(&self, id: IncidentId, actor: Actor, declaration: Declaration) -> Answer {
        let mut memory = self.memory();
        if memory.broken {
            return broken();
        }
        let now = memory.now;
        let request = Request {
            actor,
            at: now,
            expects: Expectation::default(),
            command: Command::Tick,
            last_prompts: BTreeMap::new(),
        };
        let events = match declare(&request, declaration) {
            Ok(events) => events,
            Err(refusal) => return Answer::Refused(refusal),
        };
        let plan = plan(id, None, actor, now, events, &self.policy)
            .expect("a declaration always makes an incident");
        memory
            .incidents
            .insert(id, (plan.after.clone(), Vec::new()));
        Answer::Done {
            incident: Box::new(plan.after),
            events: plan.events,
        }
    }
}

#[async_trait]
impl Desk for MemoryDesk {
    async fn ask(&self, id: IncidentId, ask: Ask) -> Answer {
        self.decided(id, ask)
    }

    async fn declare(&self, ask: DeclareAsk) -> Answer {
        let declaration = declaration(&ask.title, ask.severity.unwrap_or(Severity::Sev2));
        self.begin(IncidentId(143), ask.actor, declaration)
    }

    async fn declare_relapse(&self, of: IncidentId, ask: Ask) -> Answer {
        let old = self
            .memory()
            .incidents
            .get(&of)
            .map(|(old, _)| (old.title.clone(), old.severity));
        match old {
            Some((title, severity)) => {
                self.begin(IncidentId(144), ask.actor, declaration(&title, severity))
            }
            None => Answer::Unknown,
        }
    }

    async fn hear(&self, id: IncidentId, signal: Signal, _delivery: Option<String>) -> Heard {
        let mut memory = self.memory();
        if memory.broken {
            return Heard::Broken {
                error_id: "e-2".to_owned(),
            };
        }
        let now = memory.now;
        let Some((incident, entries)) = memory.incidents.get_mut(&id) else {
            return Heard::Nothing;
        };
        let room = Room::of(incident, now, self.zone());
        let known = entries.iter().position(|stored| match &signal {
            Signal::Retracted { number, .. }
            | Signal::Restored { number, .. }
            | Signal::Changed { number, .. } => stored.entry.number == Some(*number),
            Signal::Chosen { message, .. } => stored
                .entry
                .message
                .is_some_and(|(_, id)| id == message.message),
            _ => false,
        });
        match capture(known.map(|place| &entries[place]), &signal, &room) {
            Captured::Nothing => Heard::Nothing,
            Captured::NotTheirs => Heard::NotTheirs,
            Captured::Refused(why) => Heard::Refused(why),
            Captured::Write { write, doubted, .. } => {
                let stored = match *write {
                    EntryWrite::Add(mut entry) => {
                        entry.number = Some(EntryNumber(entries.len() as i64 + 1));
                        entries.push(StoredEntry {
                            incident: id,
                            entry,
                            revision: 1,
                        });
                        entries.last().cloned()
                    }
                    EntryWrite::Rewrite { entry, revision } => known.map(|place| {
                        entries[place] = StoredEntry {
                            incident: id,
                            entry,
                            revision: revision + 1,
                        };
                        entries[place].clone()
                    }),
                };
                let stored = Box::new(stored.expect("what was written is there"));
                match doubted {
                    Some(said) => Heard::Doubted { stored, said },
                    None => Heard::Stored(stored),
                }
            }
        }
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, Broken> {
        let memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        Ok(memory
            .incidents
            .get(&id)
            .map(|(incident, _)| incident.clone()))
    }

    async fn redact(&self, id: IncidentId, ask: RedactAsk) -> Redacted {
        let LineOf::Number(number) = ask.line else {
            return Redacted::Refused("Nothing of this message is stored.".to_owned());
        };
        let command = match ask.task {
            RedactTask::ShowAgain => Command::ShowEntryAgain { number },
            RedactTask::Redact { for_good, .. } => Command::RedactEntry(RedactedLine {
                for_good,
                number,
                author: None,
                message: None,
                is_gone: false,
            }),
        };
        let asked = Ask {
            actor: ask.actor,
            delivery: ask.delivery,
            expects: Expectation::default(),
            command,
        };
        match self.decided(id, asked) {
            Answer::Done { incident, .. } => Redacted::Done { incident, number },
            Answer::Refused(refusal) => Redacted::Denied(refusal),
            Answer::Unknown => Redacted::Refused("I know no such incident.".to_owned()),
            Answer::Broken { error_id } => Redacted::Broken { error_id },
        }
    }

    async fn view(&self, id: IncidentId) -> Result<Option<View>, Broken> {
        let memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        Ok(memory.incidents.get(&id).map(|(incident, _)| View {
            incident: incident.clone(),
            around: Around::default(),
        }))
    }

    async fn timeline(&self, id: IncidentId) -> Result<Vec<Entry>, Broken> {
        let memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        let known = memory.incidents.get(&id);
        Ok(known.map_or_else(Vec::new, |(_, timeline)| entries(timeline.clone())))
    }

    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken> {
        let memory = self.memory();
        Ok(memory
            .incidents
            .values()
            .find(|(incident, _)| incident.surface.channel == Some(channel))
            .map(|(incident, _)| incident.id))
    }

    async fn look(
        &self,
        id: IncidentId,
        person: PersonId,
        now_read: Looked,
    ) -> Result<Option<Looked>, Broken> {
        let mut memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        Ok(memory.looked.insert((id, person), now_read))
    }

    async fn find(&self, filter: &ListFilter) -> Result<Vec<Listed>, Broken> {
        let listed = self.list(filter.only_live).await?;
        let is_shown = |one: &Listed| !one.restricted || one.circle.contains(&filter.reader);
        Ok(listed.into_iter().filter(is_shown).collect())
    }

    async fn list(&self, only_live: bool) -> Result<Vec<Listed>, Broken> {
        let memory = self.memory();
        let mut listed: Vec<Listed> = memory
            .incidents
            .values()
            .filter(|(incident, _)| !only_live || incident.is_active())
            .map(|(incident, _)| Listed {
                id: incident.id,
                title: incident.title.clone(),
                phase: incident.phase,
                severity: incident.severity,
                declared_at: incident.declared_at(),
                channel: incident.surface.channel,
                restricted: incident.visibility == Visibility::Restricted,
                circle: incident.circle(),
                near_miss: incident.is_near_miss(),
            })
            .collect();
        listed.sort_by_key(|one| std::cmp::Reverse(one.id));
        Ok(listed)
    }

    async fn postmortem(&self, id: IncidentId) -> Result<Option<StoredPostmortem>, Broken> {
        let memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        Ok(memory.postmortem.clone().map(|markdown| StoredPostmortem {
            incident: id,
            version: 2,
            markdown,
            at: memory.now,
        }))
    }

    fn candidates(&self, role: Role) -> Vec<Candidate> {
        let rota = &self.memory().rota;
        rota.get(&role).into_iter().flatten().cloned().collect()
    }

    async fn why(&self, _id: IncidentId) -> Result<String, Broken> {
        if self.memory().broken {
            return Err(trouble());
        }
        Ok("DBDown is critical: SEV2. Runbook backend: 10 points.".to_owned())
    }

    fn library(&self) -> Arc<Library> {
        Arc::new(Library::embedded())
    }

    async fn runbooks(&self) -> Vec<(RunbookId, String)> {
        ["backend", "frontend", "ai"]
            .into_iter()
            .filter_map(|id| Some((RunbookId::new(id)?, format!("Runbook {id}"))))
            .collect()
    }

    async fn also_relevant(&self, _id: IncidentId) -> Result<Vec<Choice>, Broken> {
        if self.memory().broken {
            return Err(trouble());
        }
        let frontend = Choice {
            id: RunbookId::new("frontend").expect("the literal is an identifier"),
            score: Score(1000),
            reason: "Alert JsErrors matches category=\"frontend\".".to_owned(),
        };
        Ok(vec![frontend])
    }

    async fn fresh_runbook(
        &self,
        _id: IncidentId,
        runbook: &RunbookId,
    ) -> Result<Option<Checklist>, Broken> {
        if self.memory().broken {
            return Err(trouble());
        }
        Ok(match runbook.as_str() {
            "backend" => Some(newer_checklist()),
            "frontend" => Some(checklist_of("frontend")),
            _ => None,
        })
    }

    async fn attach_runbook(&self, id: IncidentId, runbook: &RunbookId, ask: Ask) -> Answer {
        let checklist = checklist_of(runbook.as_str());
        let command = Command::AttachRunbook {
            checklist,
            reason: "Chosen by a person.".to_owned(),
        };
        self.decided(id, Ask { command, ..ask })
    }

    async fn maintenance(&self) -> Result<Windows, Broken> {
        Ok(self.memory().windows.clone())
    }

    async fn plan_maintenance(&self, new: &NewWindow) -> Result<Result<Window, String>, Broken> {
        let mut memory = self.memory();
        let now = memory.now;
        Ok(memory.windows.plan(new, now))
    }

    async fn end_maintenance(&self, id: u32) -> Result<Option<Window>, Broken> {
        let mut memory = self.memory();
        let now = memory.now;
        let ended = memory
            .windows
            .0
            .iter_mut()
            .find(|window| window.id == id && now < window.until);
        Ok(ended.map(|window| {
            window.until = now;
            window.clone()
        }))
    }

    async fn merge(&self, id: IncidentId, into: IncidentId, ask: Ask) -> Answer {
        let other = self.memory().incidents.get(&into).map(|(other, _)| Other {
            id: other.id,
            active: other.is_active(),
            restricted: other.visibility == Visibility::Restricted,
        });
        match other {
            Some(into) => {
                let command = Command::Merge { into };
                self.decided(id, Ask { command, ..ask })
            }
            None => Answer::Unknown,
        }
    }

    async fn link(&self, id: IncidentId, other: IncidentId, tie: Tie, ask: Ask) -> Answer {
        let other = self
            .memory()
            .incidents
            .get(&other)
            .map(|(other, _)| Neighbour {
                id: other.id,
                restricted: other.visibility == Visibility::Restricted,
                phase: other.phase,
                part_of: other.relations.part_of(),
                closes_a_circle: false,
            });
        match other {
            Some(other) => {
                let command = Command::LinkTo { other, tie };
                self.decided(id, Ask { command, ..ask })
            }
            None => Answer::Unknown,
        }
    }

    async fn split_off(&self, id: IncidentId, group: &str, ask: Ask) -> Answer {
        let rest = self
            .memory()
            .incidents
            .get(&id)
            .map(|(incident, _)| incident.alerts.clone());
        let command = Command::SplitOff {
            group: group.to_owned(),
            rest: Box::new(rest.unwrap_or_default()),
        };
        self.decided(id, Ask { command, ..ask })
    }

    async fn pick_facts(
        &self,
        _id: IncidentId,
        messages: Vec<MessageId>,
        _kind: Kind,
        _by: PersonId,
        _delivery: Option<String>,
    ) -> Heard {
        self.memory().picked.extend(messages);
        Heard::Nothing
    }

    async fn keep_notes(&self, id: IncidentId, key: &str, text: &str) -> Result<(), Broken> {
        let mut memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        memory.notes.insert((id, key.to_owned()), text.to_owned());
        Ok(())
    }

    async fn import(
        &self,
        id: IncidentId,
        key: &str,
        _by: PersonId,
        _delivery: Option<String>,
    ) -> Result<Option<usize>, Broken> {
        let notes = self.memory().notes.remove(&(id, key.to_owned()));
        Ok(notes.map(|notes| notes.lines().count()))
    }

    async fn fire_test_alert(&self) -> Result<TestAlert, Broken> {
        let mut memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        if memory.tests_fired > 0 {
            return Ok(TestAlert::OnItsWay);
        }
        memory.tests_fired += 1;
        Ok(TestAlert::Fired)
    }

    async fn meet(&self, person: PersonId, name: &str) {
        let slow = self.memory().slow.clone();
        if let Some(released) = slow {
            released.notified().await;
        }
        self.memory().met.insert(person, name.to_owned());
    }

    fn now(&self) -> DateTime<Utc> {
        self.memory().now
    }

    fn policy(&self) -> std::sync::Arc<Policy> {
        std::sync::Arc::new(self.policy.clone())
    }

    fn zone(&self) -> chrono_tz::Tz {
        chrono_tz::Europe::Berlin
    }

    fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }
}

/// A declaration with the test runbook and two people proposed.
pub fn declaration(title: &str, severity: Severity) -> Declaration {
    Declaration {
        title: title.to_owned(),
        severity,
        category: Category::Backend,
        visibility: Visibility::Normal,
        services: BTreeSet::new(),
        alerts: None,
        news: Vec::new(),
        alert_received_at: None,
        storm: false,
        runbook: Some((checklist(), "DBDown".to_owned())),
        links: Vec::new(),
        origin: None,
        optional_roles: std::collections::BTreeSet::new(),
        proposals: BTreeMap::from([(Role::OnCall, SAM), (Role::Backend, ADA)]),
    }
}
