//! The one door in: load, decide, commit.
//!
//! People, alerts, clocks and finished effects all come through here. The desk loads the incident, asks the pure core,
//! and writes incident, events, timeline and effects in one transaction. When somebody else was faster it decides again
//! from what is true now; when the same cause comes twice, nothing happens twice.

mod alerts;
mod files;
mod links;
mod maintenance;
mod port;
mod record;
mod relapse;
mod relations;
mod roster;
mod runbooks;
mod shelf;
mod team;
mod timeline;
mod worker;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bridgewatch_core::change;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    self, Actor, Around, Command, Event, Expectation, Incident, Plan, Policy, Prompt, Recorded,
    Report, Request, Shift, may_prompt_from,
};
use bridgewatch_core::oncall;
use bridgewatch_core::oncall::Rota;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{
    Ask, Broken, Change, Claim, CommitError, EntryWrite, Expected, Outcome, Store, StoredPostmortem,
};
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use alerts::InMind;
pub use alerts::{AtHand, CorrelatorSettings, Understand, WATCHDOG_SEEN, Worked};
pub use files::Copied;
pub use roster::Roster;
pub use shelf::Shelf;
pub use team::Team;

use crate::clock::{Clock, jittered, new_id, pause};

/// How often a decision is made again because somebody else was faster.
const MAX_TRIES: u32 = 20;

/// How many changes of the systems are looked at for one incident, the newest first.
const MOST_CHANGES: i64 = 200;

/// The desk. Cheap to share.
pub struct IncidentDesk {
    store: Arc<dyn Store>,
    clock: Clock,
    /// The numbers, with the zones that the rota gives people.
    policy: RwLock<Arc<Policy>>,
    team: Team,
    correlator: CorrelatorSettings,
    understand: Understand,
    keep_everything: bool,
    /// Rung after every commit: effects may be waiting.
    effects_waiting: Arc<Notify>,
    /// One delivery at a time is correlated, so that three groups of one outage meet one incident.
    correlating: tokio::sync::Mutex<InMind>,
    at_hand: Arc<AtHand>,
    /// Rung when a receipt waits.
    receipts_waiting: Arc<Notify>,
}

impl std::fmt::Debug for IncidentDesk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("IncidentDesk")
            .field("policy", &self.policy())
            .finish_non_exhaustive()
    }
}

/// What a desk is made from.
pub struct DeskParts {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Clock,
    /// The numbers.
    pub policy: Policy,
    /// Rota and runbooks.
    pub team: Team,
    /// How alerts become incidents.
    pub correlator: CorrelatorSettings,
    /// Reads the bodies that the intake keeps.
    pub understand: Understand,
    /// Bodies that the intake has read already.
    pub at_hand: Arc<AtHand>,
    /// Whether every message is kept in the timeline.
    pub keep_everything: bool,
    /// Rung after every commit.
    pub effects_waiting: Arc<Notify>,
    /// Rung when a receipt waits.
    pub receipts_waiting: Arc<Notify>,
}

impl IncidentDesk {
    /// Opens the desk.
    #[must_use]
    pub fn open(parts: DeskParts) -> Self {
        Self {
            store: parts.store,
            clock: parts.clock,
            policy: RwLock::new(Arc::new(parts.policy)),
            team: parts.team,
            correlator: parts.correlator,
            understand: parts.understand,
            keep_everything: parts.keep_everything,
            effects_waiting: parts.effects_waiting,
            correlating: tokio::sync::Mutex::new(InMind::default()),
            at_hand: parts.at_hand,
            receipts_waiting: parts.receipts_waiting,
        }
    }

    /// The memory behind it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The clock it works by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The rota and the runbooks it consults.
    #[must_use]
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// The numbers it decides by, as they are now.
    #[must_use]
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The team has written another rota: from now on it says who is asked, and where they live. Whether it is another.
    pub fn take_rota(&self, rota: Rota) -> bool {
        if *self.team.roster.rota() == rota {
            return false;
        }
        let policy = Policy {
            zones: rota.zones(),
            ..Policy::clone(&self.policy())
        };
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        self.team.roster.exchange(rota);
        true
    }

    /// An effect reports what it learned, with a postmortem version where it wrote one; it is settled in the same
    /// transaction. `false` when the claim was lost.
    ///
    /// # Errors
    /// When the store is in trouble: the effect stays claimed and is tried again after its lease.
    pub async fn report(
        &self,
        id: IncidentId,
        report: Report,
        claim: &Claim,
        postmortem: Option<StoredPostmortem>,
    ) -> Result<bool, Broken> {
        let ask = by_the_bot(Command::Report(report));
        let complete = |change: &mut Change| change.postmortem.clone_from(&postmortem);
        match self
            .decide_and_commit(id, &ask, Some(claim), complete)
            .await?
        {
            Decided::Done { events, .. } if events.is_empty() => {
                self.store
                    .settle(claim, Outcome::Done, self.clock.now())
                    .await
            }
            Decided::Done { .. } => Ok(true),
            Decided::ClaimLost => Ok(false),
            // A report cannot be refused, and the incident of a claimed effect exists; either way the work is done.
            Decided::Refused(_) | Decided::Unknown => {
                self.store
                    .settle(claim, Outcome::Done, self.clock.now())
                    .await
            }
        }
    }

    /// Something outside became known without an effect that asked for it: a channel was deleted.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn learn(&self, id: IncidentId, report: Report) -> Result<(), Broken> {
        let ask = by_the_bot(Command::Report(report));
        self.decide_and_commit(id, &ask, None, |_| {})
            .await
            .map(|_| ())
    }

    /// What the board shows beside an incident.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn around(&self, incident: &Incident) -> Result<Around, Broken> {
        let (from, until) = change::window(incident, self.clock.now());
        Ok(Around {
            changes: self.store.changes(from, until, MOST_CHANGES).await?,
            work: self.store.newest_work(incident.id).await?,
        })
    }

    /// Lets the clock run out for an incident.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn tick(&self, id: IncidentId) -> Result<(), Broken> {
        let ask = by_the_bot(Command::Tick);
        self.decide_and_commit(id, &ask, None, |_| {})
            .await
            .map(|_| ())
    }

    /// Lets every incident that is not over know when the shifts of those who hold its roles end.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn note_shifts(&self) -> Result<(), Broken> {
        let now = self.clock.now();
        let incidents = self.store.recent_incidents(now).await?;
        for incident in incidents.iter().filter(|incident| incident.is_active()) {
            for (role, person) in incident.holders() {
                let ends = oncall::shift_end(&self.team.roster.rota(), role, person, now);
                let shift = ends.map(|ends| Shift { person, ends });
                let known = incident.shifts.get(&role).copied();
                // One that has ended is told of, though it is another's turn now.
                let has_ended = shift.is_none() && known.is_some_and(|known| known.ends.at <= now);
                if known != shift && !has_ended {
                    let ask = by_the_bot(Command::NoteShift { role, person, ends });
                    self.decide_and_commit(incident.id, &ask, None, |_| {})
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// The loop at the heart: load, decide, commit; again when somebody else was faster. `complete` adds to the change
    /// what the caller knows beside the decision.
    async fn decide_and_commit(
        &self,
        id: IncidentId,
        ask: &Ask,
        settles: Option<&Claim>,
        complete: impl Fn(&mut Change),
    ) -> Result<Decided, Broken> {
        for attempt in 0..MAX_TRIES {
            let Some(before) = self.store.incident(id).await? else {
                return Ok(Decided::Unknown);
            };
            let at = self.clock.now();
            let request = Request {
                actor: ask.actor,
                at,
                expects: ask.expects,
                command: ask.command.clone(),
                last_prompts: self.last_prompts(&ask.command, at).await?,
            };
            let mut events = match incident::decide(&before, &request, &self.policy()) {
                Ok(events) => events,
                Err(refusal) => return Ok(Decided::Refused(refusal)),
            };
            events.extend(self.asked_when_worse(&before, &events, at));
            let seq = before.seq;
            let last_prompts = request.last_prompts;
            let Some(plan) = incident::plan(
                id,
                Some(before.clone()),
                ask.actor,
                at,
                events,
                &self.policy(),
            ) else {
                return Ok(Decided::Done {
                    incident: Box::new(before),
                    events: Vec::new(),
                });
            };
            let mut change = self.change_of(plan.clone(), Expected::At(seq), at);
            change.delivery.clone_from(&ask.delivery);
            change.settles = settles.cloned();
            if asks_people(&ask.command) {
                for (person, known) in &mut change.prompts {
                    let last = last_prompts.get(person).copied();
                    *known = last.unwrap_or(at - incident::QUIET_FOR);
                }
            }
            complete(&mut change);
            match self.store.commit(change).await {
                Ok(_) => {
                    self.effects_waiting.notify_one();
                    self.note_used_runbooks(&plan.after, &plan.events).await;
                    return Ok(Decided::Done {
                        incident: Box::new(plan.after),
                        events: plan.events,
                    });
                }
                Err(CommitError::Duplicate) => {
                    return Ok(Decided::Done {
                        incident: Box::new(before),
                        events: Vec::new(),
                    });
                }
                Err(CommitError::Conflict) => {
                    metrics::counter!(crate::telemetry::COMMIT_CONFLICTS).increment(1);
                    pause(jittered(Duration::from_millis(2 << attempt.min(6)))).await;
                }
                Err(CommitError::ClaimLost) => return Ok(Decided::ClaimLost),
                Err(CommitError::Broken(why)) => return Err(Broken(why)),
            }
        }
        Err(Broken(format!(
            "{id} is changed by others all the time: gave up after {MAX_TRIES} tries"
        )))
    }

    /// When people were last asked for something by the bot, as far as this command needs to know it.
    async fn last_prompts(
        &self,
        command: &Command,
        at: DateTime<Utc>,
    ) -> Result<BTreeMap<PersonId, DateTime<Utc>>, Broken> {
        if asks_people(command) {
            self.store.last_prompts(at - incident::QUIET_FOR).await
        } else {
            Ok(BTreeMap::new())
        }
    }

    /// Asks whether a person may be asked for what the timeline lacks, and notes it if so, with the moment up to which that
    /// was looked through. Otherwise, from when on.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn prompt(
        &self,
        id: IncidentId,
        person: PersonId,
        about: Prompt,
        until: Option<DateTime<Utc>>,
    ) -> Result<MayPrompt, Broken> {
        let command = Command::Prompt {
            person,
            about,
            until,
        };
        let ask = by_the_bot(command);
        Ok(
            match self.decide_and_commit(id, &ask, None, |_| {}).await? {
                Decided::Done { incident, events } => {
                    let asked =
                        |recorded: &Recorded| matches!(recorded.event, Event::Prompted { .. });
                    if events.iter().any(asked) {
                        MayPrompt::Now
                    } else {
                        let now = self.clock.now();
                        let from = may_prompt_from(&incident, person, now, &self.policy());
                        MayPrompt::From(from)
                    }
                }
                // The bot is not refused its own questions, and the incident of an effect exists.
                Decided::Refused(_) | Decided::ClaimLost | Decided::Unknown => MayPrompt::Now,
            },
        )
    }

    /// What was held back is not worth asking any more.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn drop_prompt(&self, id: IncidentId, about: Prompt) -> Result<(), Broken> {
        let ask = by_the_bot(Command::DropPrompt(about));
        self.decide_and_commit(id, &ask, None, |_| {})
            .await
            .map(|_| ())
    }

    /// Whom the rota names for the roles that a worse severity calls for: asked in the same commit, so that nobody is
    /// forgotten in between.
    fn asked_when_worse(
        &self,
        incident: &Incident,
        events: &[Event],
        at: DateTime<Utc>,
    ) -> Vec<Event> {
        let Some(worse) = events.iter().find_map(|event| match event {
            Event::SeverityChanged { from, to, .. } if to.is_worse_than(*from) => Some(*to),
            _ => None,
        }) else {
            return Vec::new();
        };
        self.team
            .proposals(worse, incident.category, at)
            .into_iter()
            .filter(|(role, _)| !incident.roles.contains_key(role))
            .map(|(role, to)| Event::RoleProposed { role, to })
            .collect()
    }

    /// A planned change as it is written.
    fn change_of(
        &self,
        plan: Plan,
        expected: Expected,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Change {
        let mut change = Change::of(plan.after.id, expected, at);
        change.wake_at = plan.wake_at;
        change.after = Some(plan.after);
        change.events = plan.events;
        change.entries = plan.entries.into_iter().map(EntryWrite::Add).collect();
        change.effects = plan.effects;
        change.prompts = plan
            .prompted
            .into_iter()
            .map(|person| (person, DateTime::<Utc>::MAX_UTC))
            .collect();
        change
    }

    /// Begins an incident: a number, a plan, a commit.
    async fn begin(
        &self,
        actor: Actor,
        delivery: Option<String>,
        declaration: incident::Declaration,
        complete: impl Fn(&mut Change),
    ) -> Result<Begun, Broken> {
        let at = self.clock.now();
        let request = Request {
            actor,
            at,
            expects: Expectation::default(),
            command: Command::Tick,
            last_prompts: BTreeMap::new(),
        };
        let events = match incident::declare(&request, declaration) {
            Ok(events) => events,
            Err(refusal) => return Ok(Begun::Refused(refusal)),
        };
        let id = self.store.next_incident().await?;
        let Some(plan) = incident::plan(id, None, actor, at, events, &self.policy()) else {
            return Err(Broken("a declaration led to nothing".to_owned()));
        };
        let mut change = self.change_of(plan.clone(), Expected::New, at);
        change.delivery = delivery;
        complete(&mut change);
        match self.store.commit(change).await {
            Ok(_) => {
                self.effects_waiting.notify_one();
                tracing::info!(incident.id = %id, severity = %plan.after.severity, "incident declared");
                Ok(Begun::Done {
                    incident: Box::new(plan.after),
                    events: plan.events,
                })
            }
            Err(CommitError::Duplicate) => Ok(Begun::Duplicate),
            Err(CommitError::Conflict | CommitError::ClaimLost) => Ok(Begun::Conflict),
            Err(CommitError::Broken(why)) => Err(Broken(why)),
        }
    }

    /// Turns trouble into an answer with an id that leads to the log.
    fn apologise(&self, what: &str, trouble: &Broken) -> String {
        let id = new_id();
        // The last block is the random one, and short enough to be read out.
        let error_id = id.rsplit('-').next().unwrap_or(&id).to_owned();
        tracing::error!(error.id = error_id, error = %trouble, "{what} failed");
        error_id
    }
}

/// Whether a person may be asked for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayPrompt {
    /// Yes, and that is noted.
    Now,
    /// They are left alone until then.
    From(DateTime<Utc>),
}

/// Whether what people were asked elsewhere matters to this command.
fn asks_people(command: &Command) -> bool {
    matches!(command, Command::Tick | Command::Prompt { .. })
}

/// Something the bot asks of an incident by itself.
fn by_the_bot(command: Command) -> Ask {
    Ask {
        actor: Actor::Bot,
        delivery: None,
        expects: Expectation::default(),
        command,
    }
}

/// What came of a decision.
enum Decided {
    Done {
        incident: Box<Incident>,
        events: Vec<incident::Recorded>,
    },
    Refused(incident::Refusal),
    /// The effect that this was to settle is somebody else's by now.
    ClaimLost,
    Unknown,
}

/// What came of a declaration.
enum Begun {
    Done {
        incident: Box<Incident>,
        events: Vec<incident::Recorded>,
    },
    Refused(incident::Refusal),
    Duplicate,
    Conflict,
}
