//! The only reader of time and the only source of randomness.
//!
//! Wall time can be stepped and sped up, so that a demo plays a night in minutes and a test plays it at once. What waits
//! for a protocol (a lease on a socket, a rate limit) is monotonic and lives where the protocol is spoken.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::watch;

/// Wall time. Cheap to clone; every clone tells the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    hands: Arc<watch::Sender<Hands>>,
}

/// Where wall time started, and how fast it runs.
#[derive(Clone, Copy, Debug)]
struct Hands {
    /// The wall time at `since`; `None` for the machine's own time.
    base: Option<DateTime<Utc>>,
    since: Instant,
    speed: f64,
}

impl Clock {
    /// The machine's time.
    #[must_use]
    pub fn real() -> Self {
        Self::with(None, 1.0)
    }

    /// A time of our own, running `speed` times as fast as the machine's. Speed 0 stands still until it is stepped.
    #[must_use]
    pub fn starting_at(start: DateTime<Utc>, speed: f64) -> Self {
        Self::with(Some(start), speed)
    }

    fn with(base: Option<DateTime<Utc>>, speed: f64) -> Self {
        Self {
            hands: Arc::new(watch::Sender::new(Hands {
                base,
                since: monotonic(),
                speed,
            })),
        }
    }

    /// Now, in whole microseconds: what every database keeps exactly.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let hands = *self.hands.borrow();
        let now = match hands.base {
            None => machine_time(),
            Some(base) => {
                let elapsed = hands.since.elapsed().as_secs_f64() * hands.speed;
                base + TimeDelta::microseconds((elapsed * 1_000_000.0) as i64)
            }
        };
        now.trunc_subsecs(6)
    }

    /// How many times as fast as the machine's time it runs.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.hands.borrow().speed
    }

    /// Moves a clock of our own forward. The machine's time cannot be moved.
    pub fn advance(&self, by: TimeDelta) {
        let now = self.now();
        self.hands.send_modify(|hands| {
            if hands.base.is_some() {
                hands.base = Some(now + by);
                hands.since = monotonic();
            }
        });
    }

    /// Changes how fast a clock of our own runs.
    pub fn set_speed(&self, speed: f64) {
        let now = self.now();
        self.hands.send_modify(|hands| {
            if hands.base.is_some() {
                hands.base = Some(now);
                hands.since = monotonic();
                hands.speed = speed;
            }
        });
    }

    /// Done when a clock of our own is stepped, counted from this call. The machine's time never is.
    pub fn stepped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut moved = self.hands.subscribe();
        let keeps_the_clock = self.clone();
        async move {
            // The sender lives as long as the clock, so waiting ends only when it is moved.
            let _ = moved.changed().await;
            drop(keeps_the_clock);
        }
    }

    /// Waits until a wall time has come, however the clock is moved meanwhile.
    pub async fn sleep_until(&self, until: DateTime<Utc>) {
        let mut moved = self.hands.subscribe();
        loop {
            moved.mark_unchanged();
            let left = until - self.now();
            if left <= TimeDelta::zero() {
                return;
            }
            let speed = self.speed();
            if speed <= 0.0 {
                // The sender lives as long as `self`, so this ends only when the clock is moved.
                if moved.changed().await.is_err() {
                    return;
                }
                continue;
            }
            let real = left
                .to_std()
                .unwrap_or(Duration::ZERO)
                .div_f64(speed)
                .max(Duration::from_millis(1));
            tokio::select! {
                () = pause(real) => {}
                changed = moved.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// Waits in the machine's time: for protocols, back-off and polling, never for an incident.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that may wait"
)]
pub async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Waits until the monotonic clock shows `at`; returns at once when that is past. For deadlines of the machine, never for
/// an incident.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that may wait"
)]
pub async fn pause_until(at: Instant) {
    tokio::time::sleep_until(at.into()).await;
}

/// The machine's monotonic time: for measuring how long something took.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the monotonic clock"
)]
pub fn monotonic() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the machine's time"
)]
fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

/// A new id that sorts by the time of its making.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that makes random ids"
)]
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A random share of a duration, at least half of it: so that those who failed together do not come back together.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that rolls dice"
)]
pub fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(0.5 + rand::random::<f64>() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_in_the_morning() -> DateTime<Utc> {
        "2026-11-21T02:02:00Z".parse().expect("a literal time")
    }

    #[test]
    fn a_stepped_clock_moves_only_when_it_is_told() {
        let clock = Clock::starting_at(three_in_the_morning(), 0.0);
        assert_eq!(clock.now(), three_in_the_morning());
        clock.advance(TimeDelta::minutes(5));
        assert_eq!(clock.now(), three_in_the_morning() + TimeDelta::minutes(5));
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_stepped_past_its_time() {
        let clock = Clock::starting_at(three_in_the_morning(), 0.0);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move {
                clock
                    .sleep_until(three_in_the_morning() + TimeDelta::hours(1))
                    .await
            }
        });
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(TimeDelta::hours(2));
        sleeper.await.expect("the sleeper does not panic");
    }

    #[tokio::test]
    async fn a_step_is_noticed_from_the_moment_it_was_asked_for() {
        let clock = Clock::starting_at(three_in_the_morning(), 0.0);
        clock.advance(TimeDelta::minutes(1));
        let stepped = tokio::spawn(clock.stepped());
        tokio::task::yield_now().await;
        assert!(!stepped.is_finished());
        clock.advance(TimeDelta::minutes(1));
        stepped.await.expect("the wait does not panic");
    }

    #[test]
    fn time_is_told_in_whole_microseconds() {
        assert_eq!(Clock::real().now().timestamp_subsec_nanos() % 1000, 0);
    }
}
