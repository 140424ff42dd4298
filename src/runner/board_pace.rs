//! How often a board is drawn.
//!
//! Discord limits how often a message may be changed, and in a storm a board would use up what the answers to people need.
//! So the first change after a pause shows at once, and those that follow within a few seconds show together, once the
//! time is over. Only what must not be read any longer does not wait. The outbox holds one drawing of a board at most, and
//! it draws what is true when it is carried out: nothing is lost by waiting. What is kept here is only when; a new process
//! draws at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bridgewatch_core::ids::IncidentId;
use chrono::{DateTime, TimeDelta, Utc};

/// As of when each board shows its incident, as far as that still matters.
#[derive(Default)]
pub(super) struct BoardPace {
    drawn: Mutex<HashMap<IncidentId, DateTime<Utc>>>,
}

impl BoardPace {
    /// From when on the board may be drawn, if that is not now. It is now, if something `vanished_at` a time that the board
    /// does not know of.
    pub(super) fn wait(
        &self,
        incident: IncidentId,
        vanished_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        apart: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        let last = self.lock().get(&incident).copied()?;
        // A clock that was set back makes nobody wait.
        let is_fresh = last <= now && now - last < apart;
        let shows_too_much = vanished_at.is_some_and(|vanished| vanished >= last);
        (is_fresh && !shows_too_much).then_some(last + apart)
    }

    /// A board shows its incident as it was then.
    pub(super) fn drawn(&self, incident: IncidentId, as_of: DateTime<Utc>, apart: TimeDelta) {
        let mut drawn = self.lock();
        drawn.retain(|_, last| *last <= as_of && as_of - *last < apart);
        drawn.insert(incident, as_of);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IncidentId, DateTime<Utc>>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: TimeDelta = TimeDelta::seconds(5);
    const BOARD: IncidentId = IncidentId(1);

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn drawn_at(second: i64) -> BoardPace {
        let pace = BoardPace::default();
        pace.drawn(BOARD, at(second), APART);
        pace
    }

    #[test]
    fn the_first_change_after_a_pause_shows_at_once_and_those_that_follow_wait() {
        let pace = BoardPace::default();
        assert_eq!(pace.wait(BOARD, None, at(100), APART), None);
        pace.drawn(BOARD, at(100), APART);
        assert_eq!(pace.wait(BOARD, None, at(101), APART), Some(at(105)));
        assert_eq!(pace.wait(BOARD, None, at(104), APART), Some(at(105)));
        assert_eq!(pace.wait(BOARD, None, at(105), APART), None);
        pace.drawn(BOARD, at(105), APART);
        assert_eq!(pace.wait(BOARD, None, at(106), APART), Some(at(110)));
    }

    #[test]
    fn a_drawing_that_failed_makes_nobody_wait() {
        let pace = BoardPace::default();
        assert_eq!(pace.wait(BOARD, None, at(100), APART), None);
        assert_eq!(pace.wait(BOARD, None, at(101), APART), None);
    }

    #[test]
    fn one_board_waits_for_no_other() {
        assert_eq!(
            drawn_at(100).wait(IncidentId(2), None, at(100), APART),
            None
        );
    }

    #[test]
    fn what_must_not_be_read_any_longer_goes_at_once_and_only_once() {
        let pace = drawn_at(100);
        assert_eq!(pace.wait(BOARD, Some(at(102)), at(102), APART), None);
        pace.drawn(BOARD, at(103), APART);
        assert_eq!(
            pace.wait(BOARD, Some(at(102)), at(104), APART),
            Some(at(108))
        );
    }

    #[test]
    fn without_an_interval_and_after_a_clock_set_back_nobody_waits() {
        let none = TimeDelta::zero();
        assert_eq!(drawn_at(100).wait(BOARD, None, at(100), none), None);
        assert_eq!(drawn_at(100).wait(BOARD, None, at(50), APART), None);
    }
}
