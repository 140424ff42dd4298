//! What the clock makes happen: incidents whose time has come, announcements of drills.

use std::sync::Arc;
use std::time::Duration;

use bridgewatch_core::drill::Drills;
use bridgewatch_core::ports::{Broken, Store};
use bridgewatch_core::watchdog::Watchdog;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, watch};

use super::announcements::Announcements;
use super::watchdog::Waiting;
use crate::clock::{Clock, pause};
use crate::desk::IncidentDesk;

/// How long the schedule sleeps at most, in wall time: a timer that was set meanwhile is found by then.
const LONGEST_SLEEP: TimeDelta = TimeDelta::seconds(15);

/// How often it looks whose shift ends.
const SHIFTS_EVERY: TimeDelta = TimeDelta::minutes(1);

/// How often it looks when nothing moves, in the machine's time.
const POLL: Duration = Duration::from_millis(500);

/// Sends what is due on its way.
pub struct Schedule {
    store: Arc<dyn Store>,
    desk: Arc<IncidentDesk>,
    announcements: Announcements,
    watchdog: Waiting,
    clock: Clock,
    /// When it was last looked whose shift ends.
    shifts_seen_at: DateTime<Utc>,
}

impl std::fmt::Debug for Schedule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Schedule").finish_non_exhaustive()
    }
}

/// What a schedule is made from.
pub struct ScheduleParts {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// Where time runs out for incidents.
    pub desk: Arc<IncidentDesk>,
    /// The team's drills.
    pub drills: Drills,
    /// The time.
    pub clock: Clock,
    /// The alert that always fires, if the team has one.
    pub watchdog: Option<Watchdog>,
    /// Rung when an announcement waits.
    pub effects_waiting: Arc<Notify>,
}

impl Schedule {
    /// Readies a schedule.
    #[must_use]
    pub fn new(parts: ScheduleParts) -> Self {
        Self {
            watchdog: Waiting::new(
                Arc::clone(&parts.store),
                parts.watchdog,
                Arc::clone(&parts.effects_waiting),
            ),
            announcements: Announcements::new(
                Arc::clone(&parts.store),
                parts.drills,
                parts.effects_waiting,
            ),
            store: parts.store,
            desk: parts.desk,
            clock: parts.clock,
            shifts_seen_at: DateTime::UNIX_EPOCH,
        }
    }

    /// Runs until told to stop.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let stepped = self.clock.stepped();
            let wake = match self.look().await {
                Ok(wake) => wake,
                Err(trouble) => {
                    tracing::error!(error = %trouble, "the schedule cannot read what is due");
                    self.clock.now() + LONGEST_SLEEP
                }
            };
            tokio::select! {
                () = self.clock.sleep_until(wake) => {}
                () = stepped => {}
                // A decision may have set an earlier time.
                () = pause(POLL) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Sends what is due; when the next thing is.
    async fn look(&mut self) -> Result<DateTime<Utc>, Broken> {
        let now = self.clock.now();
        // A clock that was set back is no reason to look no more.
        if (now - self.shifts_seen_at).abs() >= SHIFTS_EVERY {
            self.shifts_seen_at = now;
            // Whoever's shift ends is no reason to hold up what is due.
            if let Err(trouble) = self.desk.note_shifts().await {
                tracing::error!(error = %trouble, "it cannot be noted whose shift ends");
            }
        }
        let mut soonest = TimeDelta::milliseconds(50);
        for id in self.store.due_incidents(now).await? {
            // One that cannot be told the time does not hold up the others.
            if let Err(trouble) = self.desk.tick(id).await {
                tracing::error!(incident.id = %id, error = %trouble, "the incident cannot be told the time");
                soonest = TimeDelta::seconds(5);
            }
        }
        self.announcements.make(now).await?;
        self.watchdog.look(now).await?;
        let window_ends = self.desk.settle_windows().await?;
        let wake = self.store.next_wake().await?;
        let next = window_ends.into_iter().chain(wake).min();
        Ok(next.map_or(now + LONGEST_SLEEP, |next| {
            next.clamp(now + soonest, now + LONGEST_SLEEP)
        }))
    }
}
