//! A night told in sentences: `night.by(SAM).takes_it()`. Nothing here does I/O; every step goes through `decide` and
//! `plan`, and after every step the rules that hold for every incident are checked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::rules;
use crate::card::Card;
use crate::category::Category;
use crate::effect::{Effect, NewEffect};
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use crate::incident::{
    Actor, AlertNews, AlertPicture, CancelReason, Command, Declaration, DirectMessage, Expectation,
    HandoverSubject, ImpactAnswer, Incident, Plan, Policy, Rank, Recorded, Refusal, Report,
    Request, UpdateKind, Visibility, decide, declare, plan,
};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::ports::{EntryWrite, StoredEntry};
use crate::role::Role;
use crate::runbook::{Checklist, Library, StepAction, StepId};
use crate::severity::Severity;
use crate::timeline::{Captured, Entry, MessageHeard, Room, Signal, capture};

pub(crate) const SAM: PersonId = PersonId(1);
pub(crate) const ADA: PersonId = PersonId(2);
pub(crate) const MO: PersonId = PersonId(3);
pub(crate) const KIM: PersonId = PersonId(4);
pub(crate) const PRIYA: PersonId = PersonId(5);

pub(crate) const ZONE: Tz = chrono_tz::Europe::Berlin;
pub(crate) const CHANNEL: ChannelId = ChannelId(900);

/// The instant at which clocks in Berlin show `clock` in the night of the tests.
pub(crate) fn at(clock: &str) -> DateTime<Utc> {
    let format = if clock.len() > 5 { "%H:%M:%S" } else { "%H:%M" };
    let time = NaiveTime::parse_from_str(clock, format).expect("a test writes a time of day");
    let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).expect("a literal date");
    ZONE.from_local_datetime(&day.and_time(time))
        .single()
        .expect("no clock is changed in that night")
        .to_utc()
}

/// What came of the last request.
#[derive(Clone, Debug)]
enum Answer {
    Done(Box<Plan>),
    Nothing,
    Refused(Refusal),
}

/// A night with one incident.
#[derive(Clone, Debug)]
pub(crate) struct Night {
    pub(crate) policy: Policy,
    pub(crate) now: DateTime<Utc>,
    duty: BTreeMap<Role, PersonId>,
    runbook: Option<Checklist>,
    visibility: Visibility,
    category: Category,
    incident: Option<Incident>,
    pub(crate) history: Vec<Recorded>,
    pub(crate) effects: Vec<NewEffect>,
    pub(crate) timeline: Vec<StoredEntry>,
    wake_at: Option<DateTime<Utc>>,
    /// When people were asked for something by another incident.
    pub(crate) elsewhere: BTreeMap<PersonId, DateTime<Utc>>,
    last: Answer,
}

impl Night {
    pub(crate) fn at(clock: &str) -> Self {
        Self {
            policy: Policy::default(),
            now: at(clock),
            duty: BTreeMap::new(),
            runbook: None,
            visibility: Visibility::Normal,
            category: Category::Backend,
            incident: None,
            history: Vec::new(),
            effects: Vec::new(),
            timeline: Vec::new(),
            wake_at: None,
            elsewhere: BTreeMap::new(),
            last: Answer::Nothing,
        }
    }

    // Before it begins.

    pub(crate) fn on_duty(mut self, role: Role, person: PersonId) -> Self {
        self.duty.insert(role, person);
        self
    }

    pub(crate) fn with_runbook(mut self, id: &str) -> Self {
        let library = Library::embedded();
        let runbook = library.get(id).expect("an embedded runbook");
        self.runbook = Some(Checklist::pin(runbook, &BTreeMap::new(), false));
        self
    }

    /// A step of the runbook asks for one of these choices.
    pub(crate) fn with_choice<const N: usize>(mut self, step: &str, choices: [&str; N]) -> Self {
        let steps = self.runbook.iter_mut().flat_map(|list| &mut list.steps);
        for step in steps.filter(|known| known.id.as_str() == step) {
            step.decision = Some(choices.map(str::to_owned).to_vec());
        }
        self
    }

    pub(crate) fn restricted(mut self) -> Self {
        self.visibility = Visibility::Restricted;
        self.category = Category::Security;
        self
    }

    pub(crate) fn with_pager(mut self) -> Self {
        self.policy.has_pager = true;
        self
    }

    /// An alert that fired opens an incident, whose channel and board appear at once.
    pub(crate) fn alert_fires(title: &str, severity: Severity) -> Self {
        Self::at("03:02").fires(title, severity)
    }

    pub(crate) fn fires(mut self, title: &str, severity: Severity) -> Self {
        let picture = AlertPicture {
            firing: 3,
            cleared: 0,
            truncated: 0,
            truncated_by_group: BTreeMap::new(),
            names: vec!["OrdersApi5xx".to_owned(), "DatabaseConnections".to_owned()],
            summaries: vec!["orders-api 5xx 38 %".to_owned(), "DB 100/100".to_owned()],
            earliest_start: Some(self.now - TimeDelta::minutes(7)),
            last_cleared_at: None,
            flapping: Vec::new(),
        };
        let news = vec![AlertNews {
            text: "OrdersApi5xx fires".to_owned(),
            at: self.now - TimeDelta::minutes(7),
            key: true,
        }];
        let declaration = Declaration {
            alerts: Some(picture),
            news,
            alert_received_at: Some(self.now),
            ..self.declaration(title, severity)
        };
        self.declared(Actor::Alerts, declaration);
        self.channel_opens();
        self
    }

    pub(crate) fn declaration(&self, title: &str, severity: Severity) -> Declaration {
        Declaration {
            title: title.to_owned(),
            severity,
            category: self.category,
            visibility: self.visibility,
            services: BTreeSet::from(["orders-api".to_owned()]),
            alerts: None,
            news: Vec::new(),
            alert_received_at: None,
            storm: false,
            runbook: self
                .runbook
                .clone()
                .map(|checklist| (checklist, "alerts match".to_owned())),
            links: Vec::new(),
            origin: None,
            optional_roles: self.policy.optional_roles.clone(),
            proposals: self.duty.clone(),
        }
    }

    pub(crate) fn declared(&mut self, actor: Actor, declaration: Declaration) -> &mut Self {
        let request = self.request(actor, Expectation::default(), Command::Tick);
        match declare(&request, declaration) {
            Ok(events) => self.carry(actor, events),
            Err(refusal) => self.last = Answer::Refused(refusal),
        }
        self
    }

    /// The runner opens the channel and posts what belongs into it.
    pub(crate) fn channel_opens(&mut self) -> &mut Self {
        self.bot(Command::Report(Report::ChannelReady(CHANNEL)));
        self.bot(Command::Report(Report::BoardPosted(MessageId(901))));
        self
    }

    /// The runner has written to somebody.
    pub(crate) fn was_written_to(
        &mut self,
        person: PersonId,
        about: crate::effect::DirectTopic,
    ) -> &mut Self {
        let direct = DirectMessage {
            channel: ChannelId(1_000 + person.0),
            message: MessageId(2_000 + person.0),
            about,
        };
        self.bot(Command::Report(Report::DirectPosted(person, direct)))
    }

    // The clock.

    pub(crate) fn at_clock(&mut self, clock: &str) -> &mut Self {
        let then = at(clock);
        assert!(then >= self.now, "a night does not run backward");
        self.now = then;
        self
    }

    pub(crate) fn after_minutes(&mut self, minutes: i64) -> &mut Self {
        self.now += TimeDelta::minutes(minutes);
        self
    }

    pub(crate) fn after_seconds(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        self
    }

    /// Lets the clock run on, and rings whenever the incident asked for it.
    pub(crate) fn runs_until(&mut self, clock: &str) -> &mut Self {
        let until = at(clock);
        for _ in 0..50 {
            match self.wake_at {
                Some(due) if due <= until => {
                    self.now = self.now.max(due);
                    self.clock_rings();
                }
                _ => {
                    self.now = self.now.max(until);
                    return self;
                }
            }
        }
        panic!("the clock rings without end");
    }

    /// The clock rings now, however late.
    pub(crate) fn clock_rings(&mut self) -> &mut Self {
        self.bot(Command::Tick)
    }

    pub(crate) fn rings_next_at(&self) -> Option<DateTime<Utc>> {
        self.wake_at
    }

    // Monitoring.

    pub(crate) fn alerts_say(&mut self, change: impl FnOnce(&mut AlertPicture)) -> &mut Self {
        let mut picture = self.incident().alerts.clone();
        change(&mut picture);
        let command = Command::AlertsChanged {
            attached: Vec::new(),
            picture: Box::new(picture),
            news: Vec::new(),
            links: Vec::new(),
            services: BTreeSet::new(),
            severity: None,
            storm: false,
            runbook: None,
        };
        self.ask(Actor::Alerts, Expectation::default(), command)
    }

    /// Monitoring has one line of news.
    pub(crate) fn alerts_bring(&mut self, news: crate::incident::AlertNews) -> &mut Self {
        let command = Command::AlertsChanged {
            attached: Vec::new(),
            picture: Box::new(self.incident().alerts.clone()),
            news: vec![news],
            links: Vec::new(),
            services: BTreeSet::new(),
            severity: None,
            storm: false,
            runbook: None,
        };
        self.ask(Actor::Alerts, Expectation::default(), command)
    }

    pub(crate) fn all_alerts_clear(&mut self) -> &mut Self {
        let now = self.now;
        self.alerts_say(|picture| {
            picture.cleared += picture.firing;
            picture.firing = 0;
            picture.last_cleared_at = Some(now);
        })
    }

    // People.

    pub(crate) fn by(&mut self, person: PersonId) -> Hand<'_> {
        Hand {
            night: self,
            person,
            rank: Rank::Responder,
            expects: Expectation::default(),
        }
    }

    pub(crate) fn bot(&mut self, command: Command) -> &mut Self {
        self.ask(Actor::Bot, Expectation::default(), command)
    }

    pub(crate) fn ask(
        &mut self,
        actor: Actor,
        expects: Expectation,
        command: Command,
    ) -> &mut Self {
        let request = self.request(actor, expects, command);
        match decide(self.incident(), &request, &self.policy) {
            Ok(events) => self.carry(actor, events),
            Err(refusal) => self.last = Answer::Refused(refusal),
        }
        self
    }

    fn request(&self, actor: Actor, expects: Expectation, command: Command) -> Request {
        Request {
            actor,
            at: self.now,
            expects,
            command,
            last_prompts: self.elsewhere.clone(),
        }
    }

    fn carry(&mut self, actor: Actor, events: Vec<crate::incident::Event>) {
        let before = self.incident.clone();
        let planned = plan(
            IncidentId(1),
            before.clone(),
            actor,
            self.now,
            events,
            &self.policy,
        );
        let Some(planned) = planned else {
            self.last = Answer::Nothing;
            return;
        };
        self.history.extend(planned.events.iter().cloned());
        rules::hold_for_a_plan(before.as_ref(), &planned);
        rules::hold_for_a_history(&self.history, &planned.after);
        rules::hold_for_an_incident(&planned.after, planned.wake_at);
        self.effects.extend(planned.effects.iter().cloned());
        for entry in &planned.entries {
            self.write(EntryWrite::Add(entry.clone()));
        }
        self.wake_at = planned.wake_at;
        self.incident = Some(planned.after.clone());
        self.last = Answer::Done(Box::new(planned));
    }

    // The timeline.

    fn write(&mut self, write: EntryWrite) {
        match write {
            EntryWrite::Add(mut entry) => {
                let number = i64::try_from(self.timeline.len()).expect("a short night") + 1;
                entry.number = Some(EntryNumber(number));
                self.timeline.push(StoredEntry {
                    incident: IncidentId(1),
                    entry,
                    revision: 0,
                });
            }
            EntryWrite::Rewrite { entry, revision } => {
                let stored = self
                    .timeline
                    .iter_mut()
                    .find(|stored| stored.entry.number == entry.number)
                    .expect("what is rewritten is stored");
                assert_eq!(stored.revision, revision);
                stored.entry = entry;
                stored.revision += 1;
            }
        }
    }

    pub(crate) fn hears(&mut self, signal: &Signal, speaker: PersonId) -> Captured {
        let message = match signal {
            Signal::Message(heard) | Signal::Edited(heard) => Some(heard.message),
            Signal::Reacted { message, .. }
            | Signal::Pinned { message, .. }
            | Signal::Chosen { message, .. } => Some(message.message),
            Signal::Deleted { message }
            | Signal::Unreacted { message, .. }
            | Signal::Unpinned { message } => Some(*message),
            Signal::Typed { .. }
            | Signal::Changed { .. }
            | Signal::Retracted { .. }
            | Signal::Restored { .. } => None,
        };
        let known = self
            .timeline
            .iter()
            .find(|stored| match signal {
                Signal::Changed { number, .. }
                | Signal::Retracted { number, .. }
                | Signal::Restored { number, .. } => stored.entry.number == Some(*number),
                _ => {
                    message.is_some() && stored.entry.message.map(|(_, message)| message) == message
                }
            })
            .cloned();
        let room = Room {
            roles: self.incident().roles_of(speaker),
            ..Room::of(self.incident(), self.now, ZONE)
        };
        let captured = capture(known.as_ref(), signal, &room);
        if let Captured::Write { write, .. } = &captured {
            self.write((**write).clone());
        }
        captured
    }

    /// What stands in a line is another thing now.
    pub(crate) fn rewrites(&mut self, number: EntryNumber, change: impl FnOnce(&mut Entry)) {
        let stored = self
            .timeline
            .iter_mut()
            .find(|stored| stored.entry.number == Some(number))
            .expect("it is stored");
        change(&mut stored.entry);
        stored.revision += 1;
    }

    /// Somebody takes a line back.
    pub(crate) fn retracts(&mut self, person: PersonId, number: EntryNumber) {
        let known = self
            .timeline
            .iter()
            .find(|stored| stored.entry.number == Some(number))
            .cloned();
        let room = Room::of(self.incident(), self.now, ZONE);
        let signal = Signal::Retracted { number, by: person };
        if let Captured::Write { write, .. } = capture(known.as_ref(), &signal, &room) {
            self.write(*write);
        }
    }

    /// The timeline in its order.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self
            .timeline
            .iter()
            .map(|stored| stored.entry.clone())
            .collect();
        entries.sort_by_key(Entry::order);
        entries
    }

    /// The same night, to go on differently.
    pub(crate) fn fork(&self) -> Self {
        self.clone()
    }

    // What can be seen.

    pub(crate) fn incident(&self) -> &Incident {
        self.incident.as_ref().expect("the incident has begun")
    }

    pub(crate) fn incident_mut(&mut self) -> &mut Incident {
        self.incident.as_mut().expect("the incident has begun")
    }

    pub(crate) fn phase(&self) -> Phase {
        self.incident().phase
    }

    /// The names of what the last request made happen.
    pub(crate) fn happened(&self) -> Vec<String> {
        match &self.last {
            Answer::Done(planned) => planned
                .events
                .iter()
                .map(|recorded| rules::name_of(&recorded.event))
                .collect(),
            Answer::Nothing => Vec::new(),
            Answer::Refused(refusal) => panic!("refused: {refusal}"),
        }
    }

    /// The sentence with which the last request was refused.
    pub(crate) fn refusal(&self) -> String {
        match &self.last {
            Answer::Refused(refusal) => readable(&refusal.to_string()),
            other => panic!("it was not refused: {other:?}"),
        }
    }

    pub(crate) fn was_refused(&self) -> bool {
        matches!(self.last, Answer::Refused(_))
    }

    /// What the last request said in the channel.
    pub(crate) fn said(&self) -> Vec<Card> {
        self.last_effects()
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Say { card } => Some(card),
                _ => None,
            })
            .collect()
    }

    /// What must follow from the last request.
    pub(crate) fn last_effects(&self) -> Vec<Effect> {
        match &self.last {
            Answer::Done(planned) => planned
                .effects
                .iter()
                .map(|effect| effect.effect.clone())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The stable names of what must follow from the last request.
    pub(crate) fn followed(&self) -> Vec<&'static str> {
        self.last_effects().iter().map(Effect::kind).collect()
    }

    /// The lines the last request added to the timeline.
    pub(crate) fn noted(&self) -> Vec<String> {
        match &self.last {
            Answer::Done(planned) => planned
                .entries
                .iter()
                .map(|entry| format!("{}: {}", entry.kind, readable(&entry.text)))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A person about to do something.
pub(crate) struct Hand<'a> {
    night: &'a mut Night,
    person: PersonId,
    rank: Rank,
    expects: Expectation,
}

impl<'a> Hand<'a> {
    pub(crate) fn commanding(mut self) -> Self {
        self.rank = Rank::Commander;
        self
    }

    pub(crate) fn administering(mut self) -> Self {
        self.rank = Rank::Admin;
        self
    }

    pub(crate) fn only_viewing(mut self) -> Self {
        self.rank = Rank::Viewer;
        self
    }

    /// The button stands on a card that was made in this phase.
    pub(crate) fn on_a_card_of(mut self, phase: Phase) -> Self {
        self.expects = Expectation { phase: Some(phase) };
        self
    }

    pub(crate) fn asks(self, command: Command) -> &'a mut Night {
        let actor = Actor::Person {
            id: self.person,
            rank: self.rank,
        };
        self.night.ask(actor, self.expects, command)
    }

    pub(crate) fn declares(self, title: &str, severity: Severity) -> &'a mut Night {
        let declaration = self.night.declaration(title, severity);
        let actor = Actor::Person {
            id: self.person,
            rank: self.rank,
        };
        self.night.declared(actor, declaration)
    }

    pub(crate) fn takes_it(self) -> &'a mut Night {
        self.asks(Command::Take)
    }

    pub(crate) fn moves_to(self, to: Phase) -> &'a mut Night {
        self.asks(Command::Move {
            to,
            impact: None,
            note: None,
        })
    }

    pub(crate) fn moves_to_saying(self, to: Phase, impact: ImpactAnswer) -> &'a mut Night {
        self.asks(Command::Move {
            to,
            impact: Some(impact),
            note: None,
        })
    }

    pub(crate) fn cancels(self, reason: CancelReason) -> &'a mut Night {
        self.asks(Command::Cancel { reason })
    }

    pub(crate) fn resolves(self) -> &'a mut Night {
        self.asks(Command::Resolve { anyway: false })
    }

    pub(crate) fn resolves_anyway(self) -> &'a mut Night {
        self.asks(Command::Resolve { anyway: true })
    }

    pub(crate) fn reopens(self) -> &'a mut Night {
        self.asks(Command::Reopen)
    }

    pub(crate) fn closes(self) -> &'a mut Night {
        self.asks(Command::Close)
    }

    pub(crate) fn rates(self, to: Severity) -> &'a mut Night {
        self.asks(Command::SetSeverity { to, reason: None })
    }

    pub(crate) fn rates_because(self, to: Severity, reason: &str) -> &'a mut Night {
        self.asks(Command::SetSeverity {
            to,
            reason: Some(reason.to_owned()),
        })
    }

    /// Presses *Undo* under the change that can be taken back.
    pub(crate) fn undoes(self) -> &'a mut Night {
        let seq = self
            .night
            .history
            .iter()
            .rev()
            .find(|recorded| rules::name_of(&recorded.event) == "undo_offered")
            .expect("something could be taken back once")
            .seq;
        self.asks(Command::Undo { seq })
    }

    pub(crate) fn accepts(self, role: Role) -> &'a mut Night {
        self.asks(Command::Accept { role })
    }

    pub(crate) fn declines(self, role: Role) -> &'a mut Night {
        self.asks(Command::Decline { role })
    }

    pub(crate) fn gives_back(self, role: Role) -> &'a mut Night {
        self.asks(Command::Release { role })
    }

    pub(crate) fn proposes(self, role: Role, to: PersonId) -> &'a mut Night {
        self.asks(Command::Propose { role, to })
    }

    pub(crate) fn hands_over_to<const N: usize>(
        self,
        to: PersonId,
        subjects: [HandoverSubject; N],
    ) -> &'a mut Night {
        let night = &self.night;
        let briefing = crate::cards::briefing(night.incident(), &night.entries(), night.now);
        self.asks(Command::OfferHandover {
            subjects: subjects.into(),
            to,
            reason: Some("fatigue".to_owned()),
            briefing,
        })
    }

    pub(crate) fn says_i_have_it(self) -> &'a mut Night {
        let night = &self.night;
        let briefing = crate::cards::briefing(night.incident(), &night.entries(), night.now);
        self.asks(Command::AcceptHandover { briefing })
    }

    pub(crate) fn sends(self, text: &str) -> &'a mut Night {
        self.asks(Command::SendUpdate {
            kind: UpdateKind::Update,
            text: text.to_owned(),
            next_in_minutes: None,
        })
    }

    pub(crate) fn finishes(self, step: &str) -> &'a mut Night {
        self.asks(step_command(step, None))
    }

    pub(crate) fn describes_impact(self, text: &str) -> &'a mut Night {
        self.asks(Command::DescribeImpact(text.to_owned()))
    }

    pub(crate) fn thinks(self, text: &str) -> &'a mut Night {
        self.asks(Command::StateHypothesis(text.to_owned()))
    }

    /// Writes a message into the channel.
    pub(crate) fn writes(self, text: &str) -> &'a mut Night {
        let heard = message(self.night.now, self.person, text);
        let speaker = self.person;
        self.night.hears(&Signal::Message(heard), speaker);
        self.night
    }
}

fn step_command(step: &str, choice: Option<String>) -> Command {
    Command::Step {
        step: StepId::new(step).expect("a step's id"),
        action: StepAction::Done {
            for_role: None,
            choice,
            confirmed: true,
        },
    }
}

/// A message written at a moment; its id says when.
pub(crate) fn message(at: DateTime<Utc>, author: PersonId, text: &str) -> MessageHeard {
    let since_discord_epoch = at.timestamp_millis() - 1_420_070_400_000;
    let id = u64::try_from(since_discord_epoch).expect("Discord is older than the tests") << 22;
    MessageHeard {
        channel: CHANNEL,
        message: MessageId(id | author.0),
        author,
        text: text.to_owned(),
        attachments: Vec::new(),
    }
}

/// A text as a person in Berlin reads it: `<t:…:t>` becomes the time on the wall, `<@1>` a name.
pub(crate) fn readable(text: &str) -> String {
    let times = regex::Regex::new(r"<t:(\d+):([tTR])>").expect("regex is a literal");
    let people = regex::Regex::new(r"<@(\d+)>").expect("regex is a literal");
    let text = times.replace_all(text, |found: &regex::Captures<'_>| {
        let unix = found[1].parse().expect("digits");
        let local = DateTime::from_timestamp(unix, 0)
            .expect("a time of this century")
            .with_timezone(&ZONE);
        match &found[2] {
            "t" => local.format("%H:%M").to_string(),
            "T" => local.format("%H:%M:%S").to_string(),
            _ => format!("in/ago {}", local.format("%H:%M")),
        }
    });
    people
        .replace_all(&text, |found: &regex::Captures<'_>| {
            match &found[1] {
                "1" => "@Sam",
                "2" => "@Ada",
                "3" => "@Mo",
                "4" => "@Kim",
                "5" => "@Priya",
                _ => "@somebody",
            }
            .to_owned()
        })
        .into_owned()
}
