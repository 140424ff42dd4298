//! The budget of invalid requests: Discord's edge shuts out an address that sends 10,000 calls answered 401, 403 or
//! 429 within ten minutes, for everybody behind that address and for an hour. We stop ourselves long before.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The span over which Discord counts.
const SPAN: Duration = Duration::from_secs(600);
/// From here on an operator is told.
pub const WARN_AT: usize = 1_000;
/// From here on nothing is sent any more, until the count is back under [`WARN_AT`].
pub const STOP_AT: usize = 5_000;

/// A line was crossed by the last invalid request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alarm {
    Warning,
    Stop,
}

#[derive(Debug, Default)]
pub(super) struct InvalidRequests {
    seen: VecDeque<Instant>,
    warned: bool,
    stopped: bool,
}

impl InvalidRequests {
    fn forget(&mut self, now: Instant) {
        while self.seen.front().is_some_and(|at| *at + SPAN <= now) {
            self.seen.pop_front();
        }
        if self.seen.len() < WARN_AT {
            self.warned = false;
            self.stopped = false;
        }
    }

    /// Counts one more; names the line it crossed, once per crossing.
    pub(super) fn record(&mut self, now: Instant) -> Option<Alarm> {
        self.forget(now);
        self.seen.push_back(now);
        if self.seen.len() >= STOP_AT && !self.stopped {
            self.stopped = true;
            return Some(Alarm::Stop);
        }
        if self.seen.len() >= WARN_AT && !self.warned {
            self.warned = true;
            return Some(Alarm::Warning);
        }
        None
    }

    /// How many were counted in the last ten minutes.
    pub(super) fn count(&mut self, now: Instant) -> usize {
        self.forget(now);
        self.seen.len()
    }

    /// When calls may leave again, if the hard stop is in force.
    pub(super) fn stopped_until(&mut self, now: Instant) -> Option<Instant> {
        self.forget(now);
        if !self.stopped {
            return None;
        }
        let last_to_forget = self.seen.len().checked_sub(WARN_AT)?;
        self.seen.get(last_to_forget).map(|at| *at + SPAN)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::pace;
    use super::*;

    fn after_recording(count: usize, now: Instant) -> (InvalidRequests, Vec<(usize, Alarm)>) {
        let mut budget = InvalidRequests::default();
        let alarms = (1..=count)
            .filter_map(|number| budget.record(now).map(|alarm| (number, alarm)))
            .collect();
        (budget, alarms)
    }

    #[test]
    fn an_operator_is_warned_once_at_a_thousand_and_all_stops_at_five_thousand() {
        let now = pace::now();
        let (mut budget, alarms) = after_recording(STOP_AT, now);
        assert_eq!(alarms, [(1_000, Alarm::Warning), (5_000, Alarm::Stop)]);
        assert_eq!(budget.stopped_until(now), Some(now + SPAN));
    }

    #[test]
    fn one_below_the_line_nothing_is_stopped() {
        let now = pace::now();
        let (mut budget, _) = after_recording(STOP_AT - 1, now);
        assert_eq!(budget.stopped_until(now), None);
    }

    #[test]
    fn after_ten_minutes_the_budget_is_whole_again() {
        let now = pace::now();
        let (mut budget, _) = after_recording(STOP_AT, now);
        assert_eq!(budget.stopped_until(now + SPAN), None);
        assert_eq!(budget.count(now + SPAN), 0);
    }

    #[test]
    fn the_stop_ends_only_when_the_count_is_back_under_the_warning_line() {
        let now = pace::now();
        let mut budget = InvalidRequests::default();
        for number in 0..STOP_AT {
            let late = if number < STOP_AT - 2_000 { 0 } else { 60 };
            budget.record(now + Duration::from_secs(late));
        }
        assert_eq!(
            budget.stopped_until(now + Duration::from_secs(61)),
            Some(now + Duration::from_secs(660))
        );
        assert!(
            budget
                .stopped_until(now + Duration::from_secs(600))
                .is_some()
        );
        assert_eq!(budget.stopped_until(now + Duration::from_secs(660)), None);
    }
}
