//! A desk in memory: the core's own decisions over a map. It is all that a conversation needs to meet.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use async_trait::async_trait;
use bridgewatch_commands::forms::FormId;
use bridgewatch_commands::{Data, GuardSettings, Place, Reply, Who, press, submit};
use bridgewatch_core::card::{Act, Card, Does, Press, Row};
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{
    Actor, Command, Declaration, Expectation, Incident, Policy, Rank, Refusal, Report, Request,
    Visibility, decide, declare, plan,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{
    Answer, Ask, Broken, DeclareAsk, Desk, EntryWrite, Heard, Listed, StoredEntry,
    StoredPostmortem, View,
};
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{Checklist, RunbookId, parse};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Captured, Room, Signal, capture};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// The first responder, who takes the incident in most tests.
pub const SAM: PersonId = PersonId(5);
/// Another responder.
pub const ADA: PersonId = PersonId(6);
/// The incident of most tests.
pub const INCIDENT: IncidentId = IncidentId(142);
/// Its channel.
pub const CHANNEL: ChannelId = ChannelId(900);

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

static CHECKLIST: LazyLock<Checklist> = LazyLock::new(|| {
    let parsed = parse(RUNBOOK);
    let runbook = parsed
        .runbook
        .unwrap_or_else(|| panic!("the test runbook is broken: {:?}", parsed.findings));
    Checklist::pin(&runbook, &BTreeMap::new(), false)
});

fn checklist() -> Checklist {
    CHECKLIST.clone()
}

#[derive(Default)]
struct Memory {
    now: DateTime<Utc>,
    incidents: HashMap<IncidentId, (Incident, Vec<StoredEntry>)>,
    deliveries: HashSet<String>,
    met: BTreeMap<PersonId, String>,
    postmortem: Option<String>,
    picked: Vec<MessageId>,
    tests_fired: u32,
    broken: bool,
    slow: Option<Arc<Notify>>,
}

/// The desk in memory.
#[derive(Default)]
pub struct MemoryDesk {
    memory: Mutex<Memory>,
    policy: Policy,
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
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory
            .lock()
            .expect("no test panics while it holds the memory")
    }

    fn decided(&self, id: IncidentId, ask: Ask) -> Answer {
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

    fn begin(&self, id: IncidentId, actor: Actor, declaration: Declaration) -> Answer {
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

    async fn hear(&self, id: IncidentId, signal: Signal, _delivery: Option<String>) -> Heard {
        let mut memory = self.memory();
        if memory.broken {
            return Heard::Broken {
                error_id: "e-2".to_owned(),
            };
        }
        let room = Room {
            now: memory.now,
            zone: self.zone(),
            keep_everything: false,
            roles: BTreeSet::new(),
        };
        let Some((_, entries)) = memory.incidents.get_mut(&id) else {
            return Heard::Nothing;
        };
        let known = entries.iter().position(|stored| match &signal {
            Signal::Retracted { number, .. } | Signal::Restored { number, .. } => {
                stored.entry.number == Some(*number)
            }
            Signal::Chosen { message, .. } => stored
                .entry
                .message
                .is_some_and(|(_, id)| id == message.message),
            _ => false,
        });
        match capture(known.map(|place| &entries[place]), &signal, &room) {
            Captured::Nothing => Heard::Nothing,
            Captured::Refused(why) => Heard::Refused(why),
            Captured::Write { write, .. } => {
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
                Heard::Stored(Box::new(stored.expect("what was written is there")))
            }
        }
    }

    async fn view(&self, id: IncidentId) -> Result<Option<View>, Broken> {
        let memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        Ok(memory.incidents.get(&id).map(|(incident, timeline)| View {
            incident: incident.clone(),
            timeline: timeline.clone(),
        }))
    }

    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken> {
        let memory = self.memory();
        Ok(memory
            .incidents
            .values()
            .find(|(incident, _)| incident.surface.channel == Some(channel))
            .map(|(incident, _)| incident.id))
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

    async fn why(&self, _id: IncidentId) -> Result<String, Broken> {
        if self.memory().broken {
            return Err(trouble());
        }
        Ok("DBDown is critical: SEV2. Runbook backend: 10 points.".to_owned())
    }

    async fn runbooks(&self) -> Vec<(RunbookId, String)> {
        ["backend", "frontend", "ai"]
            .into_iter()
            .filter_map(|id| Some((RunbookId::new(id)?, format!("Runbook {id}"))))
            .collect()
    }

    async fn attach_runbook(&self, id: IncidentId, runbook: &RunbookId, ask: Ask) -> Answer {
        let mut checklist = checklist();
        checklist.runbook_id = runbook.clone();
        checklist.content_hash = runbook.to_string();
        let command = Command::AttachRunbook {
            checklist,
            reason: "Chosen by a person.".to_owned(),
        };
        self.decided(id, Ask { command, ..ask })
    }

    async fn pick_facts(
        &self,
        _id: IncidentId,
        messages: Vec<MessageId>,
        _by: PersonId,
        _delivery: Option<String>,
    ) -> Heard {
        self.memory().picked.extend(messages);
        Heard::Nothing
    }

    async fn fire_test_alert(&self) -> Result<(), Broken> {
        let mut memory = self.memory();
        if memory.broken {
            return Err(trouble());
        }
        memory.tests_fired += 1;
        Ok(())
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

    fn policy(&self) -> &Policy {
        &self.policy
    }

    fn zone(&self) -> chrono_tz::Tz {
        chrono_tz::Europe::Berlin
    }
}

fn declaration(title: &str, severity: Severity) -> Declaration {
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
        proposals: BTreeMap::from([(Role::OnCall, SAM), (Role::Backend, ADA)]),
    }
}

/// A server with one open incident, and people in it.
pub struct World {
    pub data: Data,
    desk: Arc<MemoryDesk>,
    interactions: Mutex<u64>,
}

impl World {
    /// An incident that monitoring declared a minute ago and nobody has taken.
    pub fn with_open_incident() -> Self {
        let desk = Arc::new(MemoryDesk::default());
        desk.memory().now = "2026-11-20T02:02:00Z".parse().expect("a time");
        let world = Self {
            data: Data {
                desk: Arc::clone(&desk) as Arc<dyn Desk>,
                guard: GuardSettings {
                    guild_id: 1,
                    responder_role: None,
                    commander_role: None,
                },
            },
            desk,
            interactions: Mutex::new(0),
        };
        let declared = declaration("orders-api 5xx", Severity::Sev2);
        world.desk.begin(INCIDENT, Actor::Alerts, declared);
        world.does(Actor::Bot, Command::Report(Report::ChannelReady(CHANNEL)));
        world.after(TimeDelta::minutes(1));
        world
    }

    /// The same, taken by Sam and brought into a phase.
    pub fn in_phase(phase: Phase) -> Self {
        let world = Self::with_open_incident();
        let sam = Actor::Person {
            id: SAM,
            rank: Rank::Responder,
        };
        if phase == Phase::Open {
            return world;
        }
        world.does(sam, Command::Take);
        let to = |to| Command::Move {
            to,
            impact: None,
            note: None,
        };
        match phase {
            Phase::Open | Phase::Diagnosis => {}
            Phase::Mitigation | Phase::Fix | Phase::Validation => world.does(sam, to(phase)),
            Phase::Learning => world.does(sam, Command::Resolve { anyway: true }),
            Phase::Closed => {
                world.does(sam, Command::Resolve { anyway: true });
                world.does(
                    sam,
                    Command::RecordCause {
                        trigger: "a release".to_owned(),
                        cause: "a leak".to_owned(),
                        factors: Vec::new(),
                        kept_from_worse: String::new(),
                    },
                );
                let because = "all is well".to_owned();
                world.does(sam, Command::WaiveLearning { because });
                world.does(sam, Command::MarkReviewed);
                world.does(sam, Command::Close);
            }
            Phase::Cancelled => world.does(
                sam,
                Command::Cancel {
                    reason: bridgewatch_core::incident::CancelReason::FalseAlarm,
                },
            ),
        }
        world.after(TimeDelta::minutes(1));
        assert_eq!(world.incident().phase, phase);
        world
    }

    /// Lets time pass.
    pub fn after(&self, time: TimeDelta) {
        self.desk.memory().now += time;
    }

    /// Lets the store fail from now on.
    pub fn breaks(&self) {
        self.desk.memory().broken = true;
    }

    /// Makes the desk wait until it is released.
    pub fn is_slow(&self) -> Arc<Notify> {
        let released = Arc::new(Notify::new());
        self.desk.memory().slow = Some(Arc::clone(&released));
        released
    }

    /// Gives the incident a postmortem.
    pub fn has_postmortem(&self, markdown: &str) {
        self.desk.memory().postmortem = Some(markdown.to_owned());
    }

    /// Makes the incident one that only those named may see.
    pub fn becomes_restricted(&self) {
        let mut memory = self.desk.memory();
        let (incident, _) = memory.incidents.get_mut(&INCIDENT).expect("it is there");
        incident.visibility = Visibility::Restricted;
    }

    /// Something happens to the incident outside of the conversation.
    pub fn does(&self, actor: Actor, command: Command) {
        let ask = Ask {
            actor,
            delivery: None,
            expects: Expectation::default(),
            command: command.clone(),
        };
        let answer = self.desk.decided(INCIDENT, ask);
        assert!(
            matches!(answer, Answer::Done { .. }),
            "{command:?}: {answer:?}"
        );
    }

    /// The incident as it is.
    pub fn incident(&self) -> Incident {
        let memory = self.desk.memory();
        let (incident, _) = memory.incidents.get(&INCIDENT).expect("it is there");
        incident.clone()
    }

    /// The lines of its timeline that stand.
    pub fn timeline(&self) -> Vec<String> {
        let memory = self.desk.memory();
        let (_, entries) = memory.incidents.get(&INCIDENT).expect("it is there");
        entries
            .iter()
            .filter(|stored| stored.entry.is_active())
            .map(|stored| {
                let at = stored.entry.event_at.format("%H:%M");
                format!("{at} {} {}", stored.entry.kind, stored.entry.text)
            })
            .collect()
    }

    /// What the bot learned that people are called.
    pub fn names(&self) -> BTreeMap<PersonId, String> {
        self.desk.memory().met.clone()
    }

    /// The messages that were picked as facts.
    pub fn picked(&self) -> Vec<MessageId> {
        self.desk.memory().picked.clone()
    }

    /// How many test alerts were fired.
    pub fn tests_fired(&self) -> u32 {
        self.desk.memory().tests_fired
    }

    fn next_interaction(&self) -> String {
        let mut last = self.interactions.lock().expect("nobody panics with it");
        *last += 1;
        format!("discord-interaction:{last}")
    }

    /// A press on a card that does not care for the phase.
    pub async fn press(&self, who: &Who, act: Act) -> Reply {
        self.choose(who, act, &[]).await
    }

    /// A press on a card made in this phase.
    pub async fn press_in(&self, who: &Who, phase: Phase, act: Act) -> Reply {
        let pressed = Press::in_phase(INCIDENT, phase, act);
        self.pressed(who, pressed, &[]).await
    }

    /// A choice in a menu.
    pub async fn choose(&self, who: &Who, act: Act, values: &[&str]) -> Reply {
        self.pressed(who, Press::any_time(INCIDENT, act), values)
            .await
    }

    /// Any press.
    pub async fn pressed(&self, who: &Who, pressed: Press, values: &[&str]) -> Reply {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let delivery = self.next_interaction();
        press(&self.data, who.clone(), pressed, values, delivery).await
    }

    /// A press on the button with these words on an answer.
    pub async fn press_on(&self, reply: &Reply, who: &Who, label: &str) -> Reply {
        let pressed = button(card_of(reply), label);
        self.pressed(who, pressed, &[]).await
    }

    /// A form that comes back filled in.
    pub async fn fill(&self, who: &Who, form: FormId, fields: &[(&str, &str)]) -> Reply {
        let fields = fields
            .iter()
            .map(|(field, text)| ((*field).to_owned(), (*text).to_owned()))
            .collect();
        submit(
            &self.data,
            who.clone(),
            form,
            fields,
            self.next_interaction(),
        )
        .await
    }
}

/// A responder in front of the shared cards of the channel.
pub fn in_channel(id: PersonId) -> Who {
    Who {
        id,
        name: format!("person {}", id.0),
        rank: Rank::Responder,
        channel: CHANNEL,
        place: Place::Channel,
    }
}

/// A responder in front of a card of their own.
pub fn in_private(id: PersonId) -> Who {
    Who {
        place: Place::Private,
        ..in_channel(id)
    }
}

/// A person whom the bot wrote to.
pub fn in_direct_messages(id: PersonId) -> Who {
    Who {
        place: Place::Direct,
        channel: ChannelId(77_000 + id.0),
        ..in_channel(id)
    }
}

/// Somebody who may only read.
pub fn viewer(id: PersonId) -> Who {
    Who {
        rank: Rank::Viewer,
        ..in_channel(id)
    }
}

/// The card of an answer.
pub fn card_of(reply: &Reply) -> &Card {
    match reply {
        Reply::Private(card) | Reply::Update(card) | Reply::Public(card) => card,
        Reply::File { card, .. } => card,
        Reply::Form(_) | Reply::Quiet => panic!("{reply:?} has no card"),
    }
}

/// The text of an answer with the words on its buttons: `You have it. [Undo]`.
pub fn said(reply: &Reply) -> String {
    let card = card_of(reply);
    let mut said = [&card.content, &card.title, &card.body]
        .into_iter()
        .filter(|text| !text.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    for row in &card.rows {
        if let Row::Buttons(buttons) = row {
            for button in buttons {
                said.push_str(&format!(" [{}]", button.label));
            }
        }
    }
    said
}

/// What the button with these words asks.
pub fn button(card: &Card, label: &str) -> Press {
    card.rows
        .iter()
        .filter_map(|row| match row {
            Row::Buttons(buttons) => Some(buttons),
            _ => None,
        })
        .flatten()
        .find(|button| button.label == label)
        .and_then(|button| match &button.does {
            Does::Press(press) => Some(press.clone()),
            Does::Open(_) => None,
        })
        .unwrap_or_else(|| panic!("no button {label} on {card:?}"))
}

/// The form of an answer.
pub fn form_of(reply: &Reply) -> &bridgewatch_commands::forms::Form {
    match reply {
        Reply::Form(form) => form,
        other => panic!("{other:?} is no form"),
    }
}

/// The sentence of the core for somebody who may only read.
pub fn viewers_are_told() -> String {
    Refusal::ViewerOnly.to_string()
}
