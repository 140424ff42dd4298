//! Turns taken one after another, handed over on the wall clock.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::team_file::values::{Unit, length};
use crate::wall_clock;

/// How turns follow one another: `{ every = "1w", start = "2026-11-02T09:00" }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Length of a turn on the wall clock, in hours.
    every_hours: u32,
    start: NaiveDateTime,
}

/// One turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// How many turns came before it.
    pub index: i64,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When the next one begins.
    pub until: DateTime<Utc>,
}

/// Why a text is not the length of a turn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the length of a turn")]
pub struct NotARotation(pub String);

impl NotARotation {
    /// What can be written instead.
    pub const MEND: &str = "Write 1d to 365d or 1w to 52w, or a part of a day that hands over at the same times every day: 1h, 2h, 3h, 4h, 6h, 8h or 12h";
}

impl Rotation {
    /// Turns of the length `every`, such as `12h`, `1d`, `2w`, the first of which begins at `start` on the wall clock.
    ///
    /// # Errors
    /// When `every` is no such length, or one that would hand over at other hours every day.
    pub fn new(every: &str, start: NaiveDateTime) -> Result<Self, NotARotation> {
        Ok(Self {
            every_hours: hours_of_a_turn(every)?,
            start,
        })
    }

    /// When the first turn begins.
    #[must_use]
    pub fn starts_at(&self, zone: Tz) -> DateTime<Utc> {
        wall_clock::instant_of(zone, self.start)
    }

    /// The turn at `at`, or nothing before the first one.
    #[must_use]
    pub fn slot_at(&self, zone: Tz, at: DateTime<Utc>) -> Option<Slot> {
        if at < self.starts_at(zone) {
            return None;
        }
        let elapsed = wall_clock::local_of(zone, at) - self.start;
        let mut index = elapsed
            .num_seconds()
            .div_euclid(i64::from(self.every_hours) * 3600);
        // While the wall shows an hour for the second time, it lags behind hand-overs of the first time.
        while self.boundary(zone, index + 1) <= at {
            index += 1;
        }
        Some(Slot {
            index,
            from: self.boundary(zone, index),
            until: self.boundary(zone, index + 1),
        })
    }

    fn boundary(&self, zone: Tz, index: i64) -> DateTime<Utc> {
        let on_the_wall = self.start + TimeDelta::hours(index * i64::from(self.every_hours));
        wall_clock::instant_of(zone, on_the_wall)
    }
}

/// The hours that `12h`, `1d`, `2w` last on the wall clock.
pub(super) fn hours_of_a_turn(every: &str) -> Result<u32, NotARotation> {
    match length(every.trim()) {
        Some((count, Unit::Hours)) if 24 % count == 0 => Ok(count),
        Some((count, Unit::Days)) if count <= 365 => Ok(count * 24),
        Some((count, Unit::Weeks)) if count <= 52 => Ok(count * 24 * 7),
        _ => Err(NotARotation(crate::team_file::reader::shown(every))),
    }
}
