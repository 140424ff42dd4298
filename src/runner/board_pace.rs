//! How often a board is drawn.
//!
//! Discord limits how often a message may be changed, and in a storm a board would use up what the answers to people need.
//! So the first change after a pause shows at once, and those that follow within a few seconds show together, once the
//! time is over. Two things do not wait: what must not be read any longer, and a new phase, since the buttons below the board
//! are those of a phase and an old one misleads whoever presses it. The outbox holds one drawing of a board at most, and
//! it draws what is true when it is carried out: nothing is lost by waiting. What is kept here is only when; a new process
//! draws at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bridgewatch_core::ids::IncidentId;
use chrono::{DateTime, TimeDelta, Utc};

/// What makes a board urgent: the times of the newest phase, and of the newest thing that must not be read any longer.
pub(super) type Urgent = (DateTime<Utc>, Option<DateTime<Utc>>);

/// When each board was drawn and with which urgent news, as far as that still matters.
#[derive(Default)]
pub(super) struct BoardPace {
    drawn: Mutex<HashMap<IncidentId, (DateTime<Utc>, Urgent)>>,
}

impl BoardPace {
    /// From when on the board may be drawn, if that is not now. It is now, if there are `urgent` news that it does not show.
    pub(super) fn wait(
        &self,
        incident: IncidentId,
        urgent: Urgent,
        now: DateTime<Utc>,
        apart: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        let (last, shown) = self.lock().get(&incident).copied()?;
        // A clock that was set back makes nobody wait.
        let is_fresh = last <= now && now - last < apart;
        (is_fresh && urgent == shown).then_some(last + apart)
    }

    /// A board was drawn, and shows these urgent news.
    pub(super) fn drawn(
        &self,
        incident: IncidentId,
        urgent: Urgent,
        at: DateTime<Utc>,
        apart: TimeDelta,
    ) {
        let mut drawn = self.lock();
        drawn.retain(|_, (last, _)| *last <= at && at - *last < apart);
        drawn.insert(incident, (at, urgent));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IncidentId, (DateTime<Utc>, Urgent)>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: TimeDelta = TimeDelta::seconds(5);
    const BOARD: IncidentId = IncidentId(1);
    const NOTHING_NEW: Urgent = (DateTime::UNIX_EPOCH, None);

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn drawn_at(second: i64) -> BoardPace {
        let pace = BoardPace::default();
        pace.drawn(BOARD, NOTHING_NEW, at(second), APART);
        pace
    }

    #[test]
    fn the_first_change_after_a_pause_shows_at_once_and_those_that_follow_wait() {
        let pace = BoardPace::default();
        assert_eq!(pace.wait(BOARD, NOTHING_NEW, at(100), APART), None);
        pace.drawn(BOARD, NOTHING_NEW, at(100), APART);
        for second in [101, 104] {
            let waits = pace.wait(BOARD, NOTHING_NEW, at(second), APART);
            assert_eq!(waits, Some(at(105)));
        }
        assert_eq!(pace.wait(BOARD, NOTHING_NEW, at(105), APART), None);
        pace.drawn(BOARD, NOTHING_NEW, at(105), APART);
        let waits = pace.wait(BOARD, NOTHING_NEW, at(106), APART);
        assert_eq!(waits, Some(at(110)));
    }

    #[test]
    fn a_drawing_that_failed_makes_nobody_wait() {
        let pace = BoardPace::default();
        assert_eq!(pace.wait(BOARD, NOTHING_NEW, at(100), APART), None);
        assert_eq!(pace.wait(BOARD, NOTHING_NEW, at(101), APART), None);
    }

    #[test]
    fn one_board_waits_for_no_other() {
        let other = drawn_at(100).wait(IncidentId(2), NOTHING_NEW, at(100), APART);
        assert_eq!(other, None);
    }

    #[test]
    fn a_new_phase_and_what_must_not_be_read_any_longer_show_at_once_and_only_once() {
        for urgent in [(at(102), None), (NOTHING_NEW.0, Some(at(102)))] {
            let pace = drawn_at(100);
            assert_eq!(pace.wait(BOARD, urgent, at(102), APART), None);
            pace.drawn(BOARD, urgent, at(102), APART);
            assert_eq!(pace.wait(BOARD, urgent, at(103), APART), Some(at(107)));
        }
    }

    #[test]
    fn without_an_interval_and_after_a_clock_set_back_nobody_waits() {
        let none = TimeDelta::zero();
        assert_eq!(drawn_at(100).wait(BOARD, NOTHING_NEW, at(100), none), None);
        assert_eq!(drawn_at(100).wait(BOARD, NOTHING_NEW, at(50), APART), None);
    }
}
