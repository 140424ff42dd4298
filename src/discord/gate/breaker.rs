//! The circuit breaker: when Discord is down, one call at a time finds out whether it is back.
//!
//! Closed until five calls in a row fail by a server error, a time-out or a lost connection. Then open: nobody
//! calls for 5 seconds, doubling up to 60, each with up to a fifth of jitter on top. Afterwards half open: exactly
//! one probe goes out, and it has a deadline of its own, so that a probe that never settles cannot wedge the bot.
//! A refusal (4xx) is an answer: it closes the circuit like a success.

use std::time::{Duration, Instant};

const FAILURES_TO_OPEN: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How much of a pause jitter may add.
const JITTER_SHARE: f64 = 0.2;

/// How a call ended, as far as the health of the peer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// It answered, whatever the answer was.
    Answered,
    /// Server error, time-out, refused or lost connection.
    Failed,
    /// The caller gave up before anything was known.
    Abandoned,
}

/// What an operator sees of the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    Closed,
    /// Nobody calls for this much longer.
    Open {
        remaining: Duration,
    },
    /// One probe is out, or the next caller will be the probe.
    HalfOpen,
}

/// Whether a call may leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Pass,
    /// May leave, alone: its end decides.
    Probe,
    /// Nobody before this moment.
    Blocked(Instant),
    /// The probe that is out decides, or its deadline does.
    ProbeOut(Instant),
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant, pause: Duration },
    Probing { deadline: Instant, pause: Duration },
}

#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// A probe unsettled for this long counts as lost, and the next one may go.
    probe_limit: Duration,
}

impl Breaker {
    pub(super) fn new(probe_limit: Duration) -> Self {
        Self {
            state: State::Closed { failures: 0 },
            probe_limit,
        }
    }

    pub(super) fn entry(&self, now: Instant) -> Entry {
        match self.state {
            State::Closed { .. } => Entry::Pass,
            State::Open { until, .. } if now < until => Entry::Blocked(until),
            State::Probing { deadline, .. } if now < deadline => Entry::ProbeOut(deadline),
            State::Open { .. } | State::Probing { .. } => Entry::Probe,
        }
    }

    /// A call that was let in as [`Entry::Probe`] leaves now.
    pub(super) fn probe_leaves(&mut self, now: Instant) {
        if let State::Open { pause, .. } | State::Probing { pause, .. } = self.state {
            self.state = State::Probing {
                deadline: now + self.probe_limit,
                pause,
            };
        }
    }

    /// Takes in how a call ended. `jitter` is in `0.0..1.0`.
    pub(super) fn settle(&mut self, probe: bool, peer: Peer, now: Instant, jitter: f64) {
        self.state = match (self.state, peer) {
            (State::Closed { .. }, Peer::Answered) => State::Closed { failures: 0 },
            (State::Closed { failures }, Peer::Failed) if failures + 1 < FAILURES_TO_OPEN => {
                State::Closed {
                    failures: failures + 1,
                }
            }
            (State::Closed { .. }, Peer::Failed) => open(FIRST_PAUSE, now, jitter),
            (State::Probing { .. }, Peer::Answered) if probe => State::Closed { failures: 0 },
            (State::Probing { pause, .. }, Peer::Failed) if probe => {
                open((pause * 2).min(LONGEST_PAUSE), now, jitter)
            }
            (State::Probing { pause, .. }, Peer::Abandoned) if probe => {
                State::Open { until: now, pause }
            }
            // Calls that left before the circuit opened say nothing about the peer of today.
            (unchanged, _) => unchanged,
        };
    }

    pub(super) fn circuit(&self, now: Instant) -> Circuit {
        match self.state {
            State::Closed { .. } => Circuit::Closed,
            State::Open { until, .. } if now < until => Circuit::Open {
                remaining: until - now,
            },
            State::Open { .. } | State::Probing { .. } => Circuit::HalfOpen,
        }
    }
}

fn open(pause: Duration, now: Instant, jitter: f64) -> State {
    State::Open {
        until: now + pause.mul_f64(1.0 + JITTER_SHARE * jitter.clamp(0.0, 1.0)),
        pause,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::pace;
    use super::*;

    const PROBE_LIMIT: Duration = Duration::from_secs(12);

    fn tripped(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(PROBE_LIMIT);
        for _ in 0..FAILURES_TO_OPEN {
            breaker.settle(false, Peer::Failed, now, 0.0);
        }
        breaker
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn four_failures_and_an_answer_leave_the_circuit_closed() {
        let now = pace::now();
        let mut breaker = Breaker::new(PROBE_LIMIT);
        for _ in 0..2 {
            for _ in 0..4 {
                breaker.settle(false, Peer::Failed, now, 0.0);
            }
            breaker.settle(false, Peer::Answered, now, 0.0);
        }
        assert_eq!(breaker.entry(now), Entry::Pass);
    }

    #[test]
    fn five_failures_in_a_row_stop_everybody_for_five_seconds() {
        let now = pace::now();
        let breaker = tripped(now);
        assert_eq!(breaker.entry(now), Entry::Blocked(now + seconds(5)));
        assert_eq!(
            breaker.circuit(now + seconds(2)),
            Circuit::Open {
                remaining: seconds(3)
            }
        );
        assert_eq!(breaker.entry(now + seconds(5)), Entry::Probe);
    }

    #[test]
    fn each_failed_probe_doubles_the_pause_up_to_a_minute() {
        let mut now = pace::now();
        let mut breaker = tripped(now);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let Circuit::Open { remaining } = breaker.circuit(now) else {
                panic!("the circuit is open after a failure");
            };
            pauses.push(remaining.as_secs());
            now += remaining;
            breaker.probe_leaves(now);
            breaker.settle(true, Peer::Failed, now, 0.0);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn only_one_probe_is_out_at_a_time_and_its_success_closes_the_circuit() {
        let now = pace::now();
        let mut breaker = tripped(now);
        let later = now + seconds(6);
        breaker.probe_leaves(later);
        assert_eq!(breaker.entry(later), Entry::ProbeOut(later + PROBE_LIMIT));
        breaker.settle(false, Peer::Answered, later, 0.0);
        assert_eq!(
            breaker.circuit(later),
            Circuit::HalfOpen,
            "an old call's answer is no proof"
        );
        breaker.settle(true, Peer::Answered, later, 0.0);
        assert_eq!(breaker.entry(later), Entry::Pass);
    }

    #[test]
    fn a_probe_that_never_settles_is_replaced_after_its_deadline() {
        let now = pace::now();
        let mut breaker = tripped(now);
        let later = now + seconds(6);
        breaker.probe_leaves(later);
        assert_eq!(breaker.entry(later + PROBE_LIMIT), Entry::Probe);
    }

    #[test]
    fn an_abandoned_probe_frees_its_place_at_once() {
        let now = pace::now();
        let mut breaker = tripped(now);
        let later = now + seconds(6);
        breaker.probe_leaves(later);
        breaker.settle(true, Peer::Abandoned, later, 0.0);
        assert_eq!(breaker.entry(later), Entry::Probe);
    }

    #[test]
    fn jitter_lengthens_the_pause_by_at_most_a_fifth() {
        let now = pace::now();
        let mut breaker = Breaker::new(PROBE_LIMIT);
        for _ in 0..FAILURES_TO_OPEN {
            breaker.settle(false, Peer::Failed, now, 1.0);
        }
        assert_eq!(breaker.entry(now), Entry::Blocked(now + seconds(6)));
    }
}
