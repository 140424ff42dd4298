//! A server with people in it, and the verbs they have.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bridgewatch_commands::forms::FormId;
use bridgewatch_commands::{Data, GuardSettings, Place, Reply, Who, press, submit};
use bridgewatch_core::card::{Act, Card, Does, Press, Row};
use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{
    Actor, Command, Expectation, Incident, Rank, Refusal, Report, Visibility,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{
    Answer, Ask, Checked, Checkup, Desk, FileReader, Members, Membership, NotRead, Standing,
};
use bridgewatch_core::severity::Severity;
use chrono::TimeDelta;
use tokio::sync::Notify;

use crate::desk::{MemoryDesk, declaration};

/// A server in which nothing is missing.
struct AllIsWell;

#[async_trait::async_trait]
impl Checkup for AllIsWell {
    async fn look(&self) -> Vec<Checked> {
        vec![Checked::fine("nothing is missing")]
    }
}

/// The first responder, who takes the incident in most tests.
pub const SAM: PersonId = PersonId(5);
/// Another responder.
pub const ADA: PersonId = PersonId(6);
/// The incident of most tests.
pub const INCIDENT: IncidentId = IncidentId(142);
/// Its channel.
pub const CHANNEL: ChannelId = ChannelId(900);

/// Nobody here brings files along.
struct NoFiles;

#[async_trait::async_trait]
impl FileReader for NoFiles {
    async fn read(&self, _link: &str, _most_bytes: u64) -> Result<Vec<u8>, NotRead> {
        Err(NotRead::Expired)
    }
}

/// A server that says the same of everybody.
pub struct Server {
    says: Membership,
    /// How often it was asked.
    pub asked: AtomicUsize,
    /// Whom it was told of.
    pub told: Mutex<Vec<(PersonId, Standing)>>,
}

impl Server {
    pub fn of(says: Membership) -> Self {
        Self {
            says,
            asked: AtomicUsize::new(0),
            told: Mutex::default(),
        }
    }
}

#[async_trait::async_trait]
impl Members for Server {
    async fn membership(&self, _person: PersonId) -> Membership {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.says.clone()
    }

    fn seen(&self, person: PersonId, standing: Standing) {
        self.told.lock().expect("one test").push((person, standing));
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
                files: Arc::new(NoFiles),
                chosen_files: Default::default(),
                guard: GuardSettings {
                    guild_id: 1,
                    responder_role: None,
                    commander_role: None,
                    admin_role: None,
                },
                checkup: Arc::new(AllIsWell),
                members: Arc::new(Server::of(Membership::Member(Standing::default()))),
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

    /// The incident is closed.
    pub fn becomes_closed(&self) {
        let mut memory = self.desk.memory();
        let (incident, _) = memory.incidents.get_mut(&INCIDENT).expect("it is there");
        incident.phase = Phase::Closed;
    }

    /// The line that was noted last.
    pub fn newest_line(&self) -> EntryNumber {
        let memory = self.desk.memory();
        let (_, entries) = memory.incidents.get(&INCIDENT).expect("it is there");
        let newest = entries
            .iter()
            .filter_map(|stored| stored.entry.number)
            .max();
        newest.expect("something was noted")
    }

    /// Whoever held command holds it no more.
    pub fn nobody_commands(&self) {
        let mut memory = self.desk.memory();
        let (incident, _) = memory.incidents.get_mut(&INCIDENT).expect("it is there");
        incident.command = None;
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
        manages_server: false,
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
    Refusal::ViewerOnly { holder: None }.to_string()
}
