//! A world for one test: the real service, a local Discord, people, Alertmanager, and one clock for all.
//!
//! Everything a person or an alert does settles before it returns: the world is quiet again, so what is expected next can
//! be looked at without waiting. The clock stands still until a test moves it.

mod alertmanager;
mod bot;
mod conversation;
mod database;
mod ends;
mod leaks;
mod log;
mod people;
mod rooms;
mod settle;
mod setup;
mod sink;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use bridgewatch::clock::{Clock, pause};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Incident;
use bridgewatch_core::timeline::Entry;
use chrono::{DateTime, TimeDelta, Utc};
use discord_sim::LocalDiscord;
use tempfile::TempDir;

pub use alertmanager::{Alert, the_three_of_the_night};
pub use bot::Bot;
pub use database::Database;
pub use leaks::Inside;
pub use people::{Answer, Effort, Person};
pub use rooms::{Message, Room};
pub use setup::Setup;
pub use sink::Sink;

use log::Log;

/// One night.
pub struct World {
    discord: LocalDiscord,
    clock: Clock,
    folder: TempDir,
    setup: Setup,
    bot: RefCell<Option<Bot>>,
    log: Log,
    alerts: RefCell<alertmanager::Memory>,
    /// Dispatches of the local Discord that the present bot is not to be asked for: they went to an earlier one.
    unheard: Cell<u64>,
    /// How many characters were typed so far.
    keystrokes: Cell<usize>,
    ended: Cell<bool>,
}

/// Spans of time as they are said: `15.minutes()`.
pub trait Span {
    fn seconds(self) -> TimeDelta;
    fn minutes(self) -> TimeDelta;
    fn hours(self) -> TimeDelta;
}

impl Span for i64 {
    fn seconds(self) -> TimeDelta {
        TimeDelta::seconds(self)
    }

    fn minutes(self) -> TimeDelta {
        TimeDelta::minutes(self)
    }

    fn hours(self) -> TimeDelta {
        TimeDelta::hours(self)
    }
}

impl World {
    /// An ordinary night: 03:02 in Berlin, everybody has their role, Sam is on call, nothing else is configured.
    pub async fn new() -> Self {
        Setup::default().start().await
    }

    /// The local Discord itself, for faults and for what was asked of it.
    pub fn discord(&self) -> &LocalDiscord {
        &self.discord
    }

    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock to each moment at which something is due, and then to the end of the span. Quiet in between.
    pub async fn advance(&self, by: TimeDelta) {
        let end = self.now() + by;
        loop {
            self.settle().await;
            let due = self.next_due().await.filter(|due| *due < end);
            self.move_clock(due.unwrap_or(end));
            if due.is_none() {
                break;
            }
        }
        self.settle().await;
    }

    /// Moves the clock at once, as if the machine had slept: what became due meanwhile is all late.
    pub async fn sleeps(&self, by: TimeDelta) {
        self.move_clock(self.now() + by);
        self.settle().await;
    }

    /// Moves the clock at once, as soon as this fault has struck.
    pub async fn clock_jumps_when_it_strikes(&self, fault: u64, by: TimeDelta) {
        while self.discord.faults().struck(fault) == 0 {
            pause(Duration::from_millis(2)).await;
        }
        self.move_clock(self.now() + by);
    }

    /// As [`World::advance`], to a time of day.
    pub async fn advance_to(&self, when: &str) {
        let when: DateTime<Utc> = when.parse().expect("a test names a time there is");
        self.advance(when - self.now()).await;
    }

    /// Where the files of the team are.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Writes one of the team's runbooks, and lets the bot look at the folder until it takes the change.
    pub async fn writes_runbook(&self, file: &str, text: &str) {
        let path = self.folder().join("playbooks/runbooks").join(file);
        let parent = path.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(parent).expect("the team's folder can be written");
        std::fs::write(&path, text).expect("the team's folder can be written");
        self.folder_is_looked_at().await;
    }

    /// Writes who has which role, and lets the bot look at the file until it takes the change.
    pub async fn writes_rota(&self, duties: &[(&str, &str)]) {
        self.writes_rota_as(&setup::rota(&self.discord, duties))
            .await;
    }

    /// The same, as whatever somebody saves.
    pub async fn writes_rota_as(&self, text: &str) {
        let file = self.folder().join("rota.toml");
        std::fs::write(&file, text).expect("the team's folder can be written");
        self.folder_is_looked_at().await;
    }

    /// Lets the bot look at the team's folder three times: what it found at first may have been half of a change.
    pub async fn folder_is_looked_at(&self) {
        for _ in 0..3 {
            let before = self.folder_looks();
            self.move_clock(self.now() + TimeDelta::seconds(10));
            self.until("the folder is looked at", async || {
                self.folder_looks() > before
            })
            .await;
        }
        self.settle().await;
    }

    fn folder_looks(&self) -> u64 {
        match &*self.bot.borrow() {
            Some(bot) => bot.activity().folder_looks,
            None => self.fail("the bot does not run"),
        }
    }

    fn move_clock(&self, to: DateTime<Utc>) {
        let by = to - self.now();
        if by > TimeDelta::zero() {
            // The local Discord first: what the bot does in the new time is stamped with it.
            self.discord.set_time(to);
            self.clock.advance(by);
        }
    }

    /// An incident as it is stored.
    pub async fn incident(&self, number: i64) -> Incident {
        let found = self.store().incident(IncidentId(number)).await;
        match found {
            Ok(Some(incident)) => incident,
            Ok(None) => self.fail(&format!("there is no INC-{number:04}")),
            Err(trouble) => self.fail(&trouble.to_string()),
        }
    }

    /// How many incidents there are, of whatever kind.
    pub async fn incidents(&self) -> usize {
        match self.store().list(false, 1_000).await {
            Ok(list) => list.len(),
            Err(trouble) => self.fail(&trouble.to_string()),
        }
    }

    /// The lines of an incident's timeline, in their order.
    pub async fn timeline(&self, number: i64) -> Vec<Entry> {
        match self.store().timeline(IncidentId(number)).await {
            Ok(lines) => lines.into_iter().map(|line| line.entry).collect(),
            Err(trouble) => self.fail(&trouble.to_string()),
        }
    }

    /// The newest postmortem of an incident.
    pub async fn postmortem(&self, number: i64) -> String {
        match self.store().postmortem(IncidentId(number), None).await {
            Ok(Some(postmortem)) => postmortem.markdown,
            Ok(None) => self.fail(&format!("INC-{number:04} has no postmortem")),
            Err(trouble) => self.fail(&trouble.to_string()),
        }
    }

    /// Ends the test with a reason and everything that was said so far.
    #[track_caller]
    pub fn fail(&self, why: &str) -> ! {
        panic!("{why}\n\n{}", self.conversation())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !self.ended.get() && !std::thread::panicking() {
            panic!("the test forgot `world.ends().await`: it proved less than it seems to");
        }
    }
}
