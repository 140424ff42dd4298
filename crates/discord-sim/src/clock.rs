//! The two clocks: wall time, which can be set, stopped and hurried, and real time for the protocol's own deadlines.
//!
//! Messages and ids are stamped from the wall clock, so that a test or a demo can live through an hour in a second. The three-second
//! rule, rate limits and heartbeats are measured in real time: a client on the other end of the wire cannot be hurried.

use std::time::Instant;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Real time, for deadlines.
#[expect(
    clippy::disallowed_methods,
    reason = "this file is the crate's one reader of time"
)]
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "this file is the crate's one reader of time"
)]
fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

/// Waits in real time.
#[expect(
    clippy::disallowed_methods,
    reason = "this file is the crate's one reader of time"
)]
pub(crate) async fn wait(duration: std::time::Duration) {
    tokio::time::sleep(duration).await;
}

/// Wall time: `base + speed * real time since the base was set`.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    base: DateTime<Utc>,
    since: Instant,
    speed: f64,
}

impl Clock {
    pub(crate) fn new(start: Option<DateTime<Utc>>, speed: f64) -> Self {
        Clock {
            base: start.unwrap_or_else(machine_time),
            since: monotonic(),
            speed: speed.max(0.0),
        }
    }

    /// Wall time now, to the millisecond, which is all an id can carry.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let real = self.since.elapsed().as_secs_f64() * self.speed;
        (self.base + TimeDelta::milliseconds((real * 1000.0) as i64)).trunc_subsecs(3)
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    pub(crate) fn set(&mut self, now: DateTime<Utc>) {
        self.base = now;
        self.since = monotonic();
    }

    /// Changes the speed without a jump.
    pub(crate) fn set_speed(&mut self, speed: f64) {
        let now = self.now();
        self.set(now);
        self.speed = speed.max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_it_is_set() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).expect("the number is a date");
        let mut clock = Clock::new(Some(start), 0.0);
        assert_eq!(clock.now(), start);
        clock.set(start + TimeDelta::minutes(15));
        assert_eq!(clock.now(), start + TimeDelta::minutes(15));
    }

    #[test]
    fn a_change_of_speed_is_no_jump() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).expect("the number is a date");
        let mut clock = Clock::new(Some(start), 0.0);
        clock.set_speed(1.0);
        assert!(clock.now() - start < TimeDelta::seconds(5));
    }
}
