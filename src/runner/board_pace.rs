//! How often a board is drawn.
//!
//! Discord limits how often a message may be changed, and in a storm a board would use up what the answers to people need.
//! So the first change after a pause shows at once, and those that follow within a few seconds show together, once the
//! time is over. Only what takes a secret off a board does not wait. The outbox holds one drawing of a board at most, and it draws what is true when it is carried out: nothing
//! is lost by waiting. What is kept here is only when; a new process draws at once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bridgewatch_core::ids::IncidentId;
use chrono::{DateTime, TimeDelta, Utc};

/// When each board was drawn last, as far as that still matters.
#[derive(Default)]
pub(super) struct BoardPace {
    drawn: Mutex<HashMap<IncidentId, DateTime<Utc>>>,
}

impl BoardPace {
    /// From when on the board may be drawn, if that is not now. `None`: it is drawn now, and that is noted.
    pub(super) fn wait(
        &self,
        incident: IncidentId,
        now: DateTime<Utc>,
        apart: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        let mut drawn = self.lock();
        // A clock that was set back makes nobody wait.
        drawn.retain(|_, last| *last <= now && now - *last < apart);
        if let Some(last) = drawn.get(&incident) {
            return Some(*last + apart);
        }
        drawn.insert(incident, now);
        None
    }

    /// A board is drawn now, whenever it was drawn last.
    pub(super) fn drawn(&self, incident: IncidentId, now: DateTime<Utc>) {
        self.lock().insert(incident, now);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IncidentId, DateTime<Utc>>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: TimeDelta = TimeDelta::seconds(5);

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    #[test]
    fn the_first_change_after_a_pause_shows_at_once_and_those_that_follow_wait() {
        let pace = BoardPace::default();
        let board = IncidentId(1);
        assert_eq!(pace.wait(board, at(100), APART), None);
        assert_eq!(pace.wait(board, at(101), APART), Some(at(105)));
        assert_eq!(pace.wait(board, at(104), APART), Some(at(105)));
        assert_eq!(pace.wait(board, at(105), APART), None);
        assert_eq!(pace.wait(board, at(106), APART), Some(at(110)));
    }

    #[test]
    fn one_board_waits_for_no_other() {
        let pace = BoardPace::default();
        assert_eq!(pace.wait(IncidentId(1), at(100), APART), None);
        assert_eq!(pace.wait(IncidentId(2), at(100), APART), None);
    }

    #[test]
    fn without_an_interval_and_after_a_clock_set_back_nobody_waits() {
        let pace = BoardPace::default();
        let board = IncidentId(1);
        assert_eq!(pace.wait(board, at(100), TimeDelta::zero()), None);
        assert_eq!(pace.wait(board, at(100), TimeDelta::zero()), None);
        assert_eq!(pace.wait(board, at(100), APART), None);
        assert_eq!(pace.wait(board, at(50), APART), None);
    }
}
