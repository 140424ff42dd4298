//! Whose turn it is: the decisions of the gate as a plain state machine, with the stop-watch reading as an argument.
//!
//! [`Turns::advance`] looks at everybody who waits and lets out all who may go, in this order: the more urgent lane
//! first, but a lane passed over nineteen times goes next, so none gets less than one call in twenty; within a lane
//! who came first. Nobody is kept waiting for something that will not come in time: whoever's bucket stays blocked
//! beyond the caller's patience is turned away at once.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::super::route::RouteName;
use super::breaker::{Breaker, Entry};
use super::buckets::{Answer, BucketKey, Buckets, Room};
use super::invalid::{Alarm, InvalidRequests};
use super::{
    GateSettings, GateStatus, LANES, Lane, Outcome, RateLimited, Scope, TurnedAway, place,
};

/// After so many calls of other lanes a waiting lane goes first: one call in twenty at least.
const PASSED_OVER_AT_MOST: u32 = 19;
const ONE_SECOND: Duration = Duration::from_secs(1);
/// What a caller who ran out of patience without a known end of the obstacle is told.
const UNKNOWN_WAIT: Duration = Duration::from_secs(1);
/// How long work rests when the token was refused: until somebody restarts the bot with a good one.
const REFUSED_TOKEN_WAIT: Duration = Duration::from_secs(60);

/// A call that wants to leave.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) lane: Lane,
    pub(super) route: RouteName,
    pub(super) major: Option<u64>,
    /// False for interaction webhooks, which Discord leaves out of the global limit.
    pub(super) counts_globally: bool,
    /// True for the call that finds out whether the token is good again.
    pub(super) checks_token: bool,
    pub(super) deadline: Instant,
}

pub(super) type WaiterId = u64;
pub(super) type FlightId = u64;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Go(FlightId),
    TurnAway(TurnedAway),
}

/// What one look at the queue decided.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) verdicts: Vec<(WaiterId, Verdict)>,
    /// When to look again, should nothing happen before.
    pub(super) wake_at: Option<Instant>,
}

/// A call that is out.
#[derive(Debug)]
struct Flight {
    key: BucketKey,
    route: RouteName,
    urgent: bool,
    probe: bool,
    checks_token: bool,
}

/// Why a waiting call cannot leave.
#[derive(Clone, Copy)]
enum Obstacle {
    Until(Instant, &'static str),
    /// A call that is out must come back first, which it does by the moment given, if one is.
    Return(Option<Instant>, &'static str),
    /// Waiting is pointless: come again after this long.
    Stop(Duration, &'static str),
}

#[derive(Debug)]
pub(super) struct Turns {
    settings: GateSettings,
    queues: [BTreeMap<WaiterId, Ask>; LANES],
    passed_over: [u32; LANES],
    /// The departures of the last second, and whether each was in the opening lane.
    departures: VecDeque<(Instant, bool)>,
    flights: HashMap<FlightId, Flight>,
    next_id: u64,
    paused_until: Option<Instant>,
    token_refused: bool,
    breaker: Breaker,
    invalid: InvalidRequests,
    buckets: Buckets,
}

impl Turns {
    pub(super) fn new(settings: GateSettings) -> Self {
        Self {
            breaker: Breaker::new(settings.probe_limit),
            settings,
            queues: Default::default(),
            passed_over: [0; LANES],
            departures: VecDeque::new(),
            flights: HashMap::new(),
            next_id: 0,
            paused_until: None,
            token_refused: false,
            invalid: InvalidRequests::default(),
            buckets: Buckets::default(),
        }
    }

    pub(super) fn enqueue(&mut self, ask: Ask) -> WaiterId {
        self.next_id += 1;
        self.queues[place(ask.lane)].insert(self.next_id, ask);
        self.next_id
    }

    /// The caller does not wait any more.
    pub(super) fn withdraw(&mut self, waiter: WaiterId) {
        for queue in &mut self.queues {
            queue.remove(&waiter);
        }
    }

    /// Decides everything that can be decided now.
    pub(super) fn advance(&mut self, now: Instant) -> Round {
        let mut round = Round::default();
        self.forget_departures(now);
        while let Some((lane, waiter)) = self.next_in_turn(now) {
            let Some(ask) = self.queues[place(lane)].remove(&waiter) else {
                break;
            };
            let flight = self.depart(&ask, now);
            round.verdicts.push((waiter, Verdict::Go(flight)));
        }
        self.look_after_the_rest(now, &mut round);
        round
    }

    /// Takes in how a call ended.
    pub(super) fn settle(
        &mut self,
        flight: FlightId,
        outcome: &Outcome,
        now: Instant,
        jitter: f64,
    ) {
        let Some(flight) = self.flights.remove(&flight) else {
            return;
        };
        let mut blocked_for = None;
        if let Some(RateLimited { after, scope }) = outcome.rate_limited {
            match scope {
                Scope::Global => {
                    self.paused_until = self.paused_until.max(Some(now + after));
                }
                Scope::Bucket | Scope::Shared => blocked_for = Some(after),
            }
        }
        let answer = Answer {
            route: flight.route,
            headers: outcome.limits.as_ref(),
            blocked_for,
            answered: outcome.answered(),
        };
        self.buckets.come_back(&flight.key, answer, now);
        self.breaker.settle(flight.probe, outcome.peer, now, jitter);
        if outcome.invalid {
            match self.invalid.record(now) {
                Some(Alarm::Warning) => tracing::warn!(
                    "1,000 calls to Discord were refused within ten minutes; at 5,000 the bot stops calling. \
                     Look for missing permissions and for other programs using the same token"
                ),
                Some(Alarm::Stop) => tracing::error!(
                    "5,000 calls to Discord were refused within ten minutes; the bot stops calling for some \
                     minutes so that Discord does not shut out this address"
                ),
                None => {}
            }
        }
        match outcome.token {
            Some(false) if !self.token_refused => {
                self.token_refused = true;
                tracing::error!(
                    "Discord does not accept the bot token (401): nothing more is sent. Create a new token in the \
                     developer portal and restart the bot"
                );
            }
            Some(true) if self.token_refused && flight.checks_token => {
                self.token_refused = false;
                tracing::info!("Discord accepts the bot token again");
            }
            _ => {}
        }
    }

    pub(super) fn status(&mut self, now: Instant) -> GateStatus {
        GateStatus {
            circuit: self.breaker.circuit(now),
            token_refused: self.token_refused,
            stopped_for: self
                .invalid
                .stopped_until(now)
                .map(|until| until.saturating_duration_since(now)),
            paused_for: self
                .paused_until
                .filter(|until| now < *until)
                .map(|until| until - now),
            invalid_requests: self.invalid.count(now),
            waiting: std::array::from_fn(|lane| self.queues[lane].len()),
            in_flight: self.flights.len(),
        }
    }

    fn forget_departures(&mut self, now: Instant) {
        while self
            .departures
            .front()
            .is_some_and(|(at, _)| *at + ONE_SECOND <= now)
        {
            self.departures.pop_front();
        }
    }

    /// Turns away those whose obstacle outlasts their patience or whose patience is over, and finds the next
    /// moment at which something changes for the others.
    fn look_after_the_rest(&mut self, now: Instant, round: &mut Round) {
        let mut turned_away = Vec::new();
        for lane in Lane::ALL {
            let common = self.common_obstacles(lane, now);
            for (waiter, ask) in &self.queues[place(lane)] {
                let obstacle = common
                    .of(ask)
                    .or_else(|| self.route_obstacle(ask, now))
                    // Free now, but too late for this look: the next one comes at once.
                    .unwrap_or(Obstacle::Until(now, "others go first"));
                let (change, why) = match obstacle {
                    Obstacle::Stop(after, why) => {
                        turned_away.push((*waiter, TurnedAway { after, why }));
                        continue;
                    }
                    Obstacle::Until(until, why) if until > ask.deadline => {
                        let after = until - now;
                        turned_away.push((*waiter, TurnedAway { after, why }));
                        continue;
                    }
                    Obstacle::Until(until, why) => (Some(until), why),
                    Obstacle::Return(until, why) => (until, why),
                };
                if now >= ask.deadline {
                    let after = UNKNOWN_WAIT;
                    turned_away.push((*waiter, TurnedAway { after, why }));
                    continue;
                }
                let change = change.map_or(ask.deadline, |change| change.min(ask.deadline));
                round.wake_at = Some(round.wake_at.map_or(change, |at| at.min(change)));
            }
        }
        for (waiter, why) in turned_away {
            self.withdraw(waiter);
            round.verdicts.push((waiter, Verdict::TurnAway(why)));
        }
    }

    /// What stands in the way of a whole lane.
    fn common_obstacles(&mut self, lane: Lane, now: Instant) -> CommonObstacles {
        let urgent = lane == Lane::Opening;
        let all = self.obstacle_for_all(urgent, now);
        let token = self.token_refused.then_some(Obstacle::Stop(
            REFUSED_TOKEN_WAIT,
            "Discord does not accept the bot token",
        ));
        let rate = self
            .rate_free_at(urgent)
            .filter(|until| now < *until)
            .map(|until| Obstacle::Until(until, "the bot's own rate is used up"));
        CommonObstacles { all, token, rate }
    }

    fn obstacle_for_all(&mut self, urgent: bool, now: Instant) -> Option<Obstacle> {
        if let Some(until) = self.invalid.stopped_until(now) {
            let why = "5,000 calls were refused within ten minutes";
            return Some(Obstacle::Stop(until.saturating_duration_since(now), why));
        }
        if let Some(until) = self.paused_until
            && now < until
        {
            let why = "the bot's global rate limit is used up";
            return Some(Obstacle::Until(until, why));
        }
        match self.breaker.entry(now) {
            Entry::Blocked(until) => {
                return Some(Obstacle::Until(until, "Discord does not answer"));
            }
            Entry::ProbeOut(until) => {
                let why = "Discord does not answer, one call is finding out whether it is back";
                return Some(Obstacle::Return(Some(until), why));
            }
            Entry::Pass | Entry::Probe => {}
        }
        let out = self.flights.len();
        let ordinary_out = self
            .flights
            .values()
            .filter(|flight| !flight.urgent)
            .count();
        let full = out >= self.settings.in_flight
            || (!urgent && ordinary_out >= self.settings.ordinary(self.settings.in_flight));
        full.then_some(Obstacle::Return(None, "too many calls are out"))
    }

    /// What stands in the way of calls to this route only.
    fn route_obstacle(&self, ask: &Ask, now: Instant) -> Option<Obstacle> {
        let key = self.buckets.key(ask.route, ask.major);
        match self.buckets.room(&key, now) {
            Room::Free => None,
            Room::At(until) => {
                let why = "the rate limit of this route is used up";
                Some(Obstacle::Until(until, why))
            }
            Room::AfterReturn => {
                let why = "an earlier call of this route is still out";
                Some(Obstacle::Return(None, why))
            }
        }
    }

    /// When the global rate lets the next call out; `None` when it does now.
    fn rate_free_at(&self, urgent: bool) -> Option<Instant> {
        let nth_from_last = |limit: usize, ordinary_only: bool| {
            self.departures
                .iter()
                .rev()
                .filter(|(_, opening)| !(ordinary_only && *opening))
                .nth(limit.saturating_sub(1))
                .map(|(at, _)| *at + ONE_SECOND)
        };
        let limit = self.settings.requests_per_second;
        let all = nth_from_last(limit, false);
        if urgent {
            all
        } else {
            all.max(nth_from_last(self.settings.ordinary(limit), true))
        }
    }

    fn next_in_turn(&mut self, now: Instant) -> Option<(Lane, WaiterId)> {
        let mut candidates: Vec<(Lane, WaiterId)> = Vec::with_capacity(LANES);
        for lane in Lane::ALL {
            let common = self.common_obstacles(lane, now);
            let queue = &self.queues[place(lane)];
            if common.all.is_some() || queue.is_empty() {
                continue;
            }
            let ready = queue.iter().find(|(_, ask)| {
                common.of(ask).is_none() && self.route_obstacle(ask, now).is_none()
            });
            candidates.extend(ready.map(|(waiter, _)| (lane, *waiter)));
        }
        let neglected = candidates
            .iter()
            .filter(|(lane, _)| self.passed_over[place(*lane)] >= PASSED_OVER_AT_MOST)
            .max_by_key(|(lane, _)| self.passed_over[place(*lane)]);
        let chosen = *neglected.or(candidates.first())?;
        for (lane, _) in &candidates {
            self.passed_over[place(*lane)] += 1;
        }
        self.passed_over[place(chosen.0)] = 0;
        Some(chosen)
    }

    fn depart(&mut self, ask: &Ask, now: Instant) -> FlightId {
        let urgent = ask.lane == Lane::Opening;
        let key = self.buckets.key(ask.route, ask.major);
        self.buckets.leave(&key, now);
        if ask.counts_globally {
            self.departures.push_back((now, urgent));
        }
        let probe = self.breaker.entry(now) == Entry::Probe;
        if probe {
            self.breaker.probe_leaves(now);
        }
        self.next_id += 1;
        let flight = Flight {
            key,
            route: ask.route,
            urgent,
            probe,
            checks_token: ask.checks_token,
        };
        self.flights.insert(self.next_id, flight);
        self.next_id
    }
}

/// What stands in the way of a lane, and which of its calls it concerns.
struct CommonObstacles {
    all: Option<Obstacle>,
    /// Not for the call that finds out whether the token is good again.
    token: Option<Obstacle>,
    /// Not for interaction webhooks.
    rate: Option<Obstacle>,
}

impl CommonObstacles {
    fn of(&self, ask: &Ask) -> Option<Obstacle> {
        self.all
            .or(self.token.filter(|_| !ask.checks_token))
            .or(self.rate.filter(|_| ask.counts_globally))
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
