//! The gate in front of every call to Discord.
//!
//! Discord answers too many calls with refusals, and too many refusals by shutting the bot out. So every call asks
//! here first and waits for its turn: below the bot's global rate, inside the limits of its route, one probe at a
//! time while Discord is down, and the opening of an incident before everything else. A call never sleeps longer
//! than its caller's patience; it comes back with the time after which it makes sense.
//!
//! * **Lanes.** 30 % of the rate and of the calls that may be out at once belong to [`Lane::Opening`] alone, so a
//!   new incident overtakes any backlog. Every other lane gets at least one call in twenty.
//! * **Rate.** At most 45 departures in any second (Discord allows 50); interaction webhooks do not count.
//! * **Stops.** A global 429 pauses everybody. A refused token (401) or 5,000 refused calls in ten minutes stop
//!   everything; [`Gate::status`] tells, for `/readyz`.

mod breaker;
mod buckets;
mod invalid;
mod turns;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

pub use bridgewatch_core::effect::Lane;

pub use breaker::{Circuit, Peer};
pub use buckets::LimitHeaders;
pub use invalid::{STOP_AT, WARN_AT};

use super::error::ApiError;
use super::route::Route;
use super::{meter, pace};
use turns::{Ask, FlightId, Turns, Verdict, WaiterId};

/// The place of a lane in an array of lanes.
fn place(lane: Lane) -> usize {
    match lane {
        Lane::Opening => 0,
        Lane::Interactive => 1,
        Lane::Mirror => 2,
        Lane::Background => 3,
    }
}

const LANES: usize = Lane::ALL.len();

/// The sizes of the gate.
#[derive(Clone, Copy, Debug)]
pub struct GateSettings {
    /// Departures in any second, all lanes together; at least 2.
    pub requests_per_second: usize,
    /// Calls out at once; at least 2.
    pub in_flight: usize,
    /// The part of both that only [`Lane::Opening`] may use, in percent.
    pub opening_reserve_percent: usize,
    /// After this long a probe of the circuit breaker counts as lost; more than a request may take.
    pub probe_limit: Duration,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            requests_per_second: 45,
            in_flight: 16,
            opening_reserve_percent: 30,
            probe_limit: Duration::from_secs(12),
        }
    }
}

impl GateSettings {
    /// What is left of `whole` for the lanes without a reserve; never nothing.
    fn ordinary(&self, whole: usize) -> usize {
        let reserve = whole * self.opening_reserve_percent / 100;
        whole.saturating_sub(reserve).max(1)
    }
}

/// What an operator may know about the gate.
#[derive(Clone, Debug, PartialEq)]
pub struct GateStatus {
    pub circuit: Circuit,
    /// Discord answered 401: nothing is sent until the token is good again.
    pub token_refused: bool,
    /// The hard stop after too many refused calls lasts this much longer.
    pub stopped_for: Option<Duration>,
    /// The pause of a global 429 lasts this much longer.
    pub paused_for: Option<Duration>,
    /// Refused calls (401, 403, 429) of the last ten minutes.
    pub invalid_requests: usize,
    /// Waiting calls per lane, in the order of [`Lane::ALL`].
    pub waiting: [usize; LANES],
    pub in_flight: usize,
}

impl GateStatus {
    /// Whether calls can be made at all; waiting for one's turn is normal.
    pub fn is_open(&self) -> bool {
        !self.token_refused && self.stopped_for.is_none() && self.circuit == Circuit::Closed
    }

    /// The same as JSON for operators; durations in seconds.
    pub fn detail(&self) -> Value {
        let seconds = |span: Option<Duration>| span.map(|span| span.as_secs_f64());
        let (circuit, circuit_open_for) = match self.circuit {
            Circuit::Closed => ("closed", None),
            Circuit::HalfOpen => ("half open", None),
            Circuit::Open { remaining } => ("open", Some(remaining)),
        };
        json!({
            "circuit": circuit,
            "circuit_open_for_seconds": seconds(circuit_open_for),
            "token_refused": self.token_refused,
            "stopped_for_seconds": seconds(self.stopped_for),
            "paused_for_seconds": seconds(self.paused_for),
            "invalid_requests": self.invalid_requests,
            "waiting": self.waiting,
            "in_flight": self.in_flight,
        })
    }
}

/// Whom a 429 is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This bot on this route.
    Bucket,
    /// Everybody on this channel or guild; Discord does not hold it against us.
    Shared,
    /// This bot on all routes, or this address.
    Global,
}

/// A 429.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimited {
    pub after: Duration,
    pub scope: Scope,
}

/// What the gate learns from the end of a call.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub peer: Peer,
    pub limits: Option<LimitHeaders>,
    pub rate_limited: Option<RateLimited>,
    /// Discord counts this answer towards shutting us out.
    pub invalid: bool,
    /// Whether the bot token was accepted, where the answer tells.
    pub token: Option<bool>,
}

impl Outcome {
    /// The end of a call that brought no answer.
    pub fn without_answer(peer: Peer) -> Self {
        Self {
            peer,
            limits: None,
            rate_limited: None,
            invalid: false,
            token: None,
        }
    }

    fn answered(&self) -> bool {
        self.peer == Peer::Answered
    }
}

/// The gate did not let the call out in time.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnedAway {
    pub after: Duration,
    pub why: &'static str,
}

impl TurnedAway {
    pub(super) fn into_error(self, route: &Route) -> ApiError {
        ApiError::Retry {
            after: self.after,
            why: format!("{route} has to wait: {}", self.why),
        }
    }
}

type Admission = Result<Permit, TurnedAway>;

/// Lets calls out in turn. Cheap to clone; all clones are one gate.
#[derive(Clone, Debug)]
pub struct Gate {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct Inner {
    turns: Turns,
    callers: HashMap<WaiterId, oneshot::Sender<Admission>>,
}

impl Gate {
    /// Opens a gate and starts its time-keeper; must be called inside a tokio runtime. The time-keeper ends with
    /// the last clone of the gate.
    pub fn new(settings: GateSettings) -> Self {
        let changed = Arc::new(Notify::new());
        let shared = Arc::new(Shared {
            inner: Mutex::new(Inner {
                turns: Turns::new(settings),
                callers: HashMap::new(),
            }),
            changed: Arc::clone(&changed),
        });
        tokio::spawn(keep_time(Arc::downgrade(&shared), changed));
        Self { shared }
    }

    /// Waits for the call's turn, until `deadline` at the latest.
    pub(super) async fn admit(
        &self,
        route: &Route,
        lane: Lane,
        deadline: Instant,
    ) -> Result<Permit, TurnedAway> {
        let asked_at = pace::now();
        let ask = Ask {
            lane,
            route: route.name(),
            major: route.major(),
            counts_globally: route.with_bot_token(),
            checks_token: route.checks_token(),
            deadline,
        };
        let (sender, verdict) = oneshot::channel();
        let place = {
            let mut inner = self.shared.lock();
            let waiter = inner.turns.enqueue(ask);
            inner.callers.insert(waiter, sender);
            PlaceInQueue {
                shared: &self.shared,
                waiter,
            }
        };
        self.shared.changed.notify_one();
        let verdict = verdict.await;
        drop(place);
        meter::waited(lane, asked_at.elapsed());
        verdict.unwrap_or(Err(TurnedAway {
            after: Duration::from_secs(1),
            why: "the bot is stopping",
        }))
    }

    /// The state of the gate now.
    pub fn status(&self) -> GateStatus {
        self.shared.lock().turns.status(pace::now())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides whose turn it is and tells them; gives the moment to look again.
    fn advance(self: &Arc<Self>) -> Option<Instant> {
        let mut decided = Vec::new();
        let (wake_at, status) = {
            let now = pace::now();
            let mut inner = self.lock();
            let round = inner.turns.advance(now);
            for (waiter, verdict) in round.verdicts {
                decided.push((inner.callers.remove(&waiter), verdict));
            }
            (round.wake_at, inner.turns.status(now))
        };
        meter::gate(&status);
        // Outside the lock: a permit that nobody takes any more gives itself back when it is dropped.
        for (caller, verdict) in decided {
            let admission = match verdict {
                Verdict::Go(flight) => Ok(Permit {
                    shared: Arc::clone(self),
                    flight: Some(flight),
                }),
                Verdict::TurnAway(turned_away) => Err(turned_away),
            };
            if let Some(caller) = caller {
                drop(caller.send(admission));
            }
        }
        wake_at
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.changed.notify_one();
    }
}

/// The only one who sleeps: wakes at the next moment something can change, or when something did.
async fn keep_time(shared: Weak<Shared>, changed: Arc<Notify>) {
    loop {
        let Some(gate) = shared.upgrade() else {
            return;
        };
        let wake_at = gate.advance();
        drop(gate);
        match wake_at {
            Some(at) => tokio::select! {
                () = changed.notified() => {}
                () = pace::sleep_until(at) => {}
            },
            None => changed.notified().await,
        }
    }
}

/// Gives up the place in the queue when the caller goes away.
struct PlaceInQueue<'a> {
    shared: &'a Shared,
    waiter: WaiterId,
}

impl Drop for PlaceInQueue<'_> {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        inner.turns.withdraw(self.waiter);
        inner.callers.remove(&self.waiter);
    }
}

/// The right to make one call. Dropping it without [`Permit::settle`] says that the caller gave up.
#[derive(Debug)]
pub(super) struct Permit {
    shared: Arc<Shared>,
    flight: Option<FlightId>,
}

impl Permit {
    /// The call has ended.
    pub(super) fn settle(mut self, outcome: &Outcome) {
        self.give_back(outcome);
    }

    fn give_back(&mut self, outcome: &Outcome) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        self.shared
            .lock()
            .turns
            .settle(flight, outcome, pace::now(), pace::jitter());
        self.shared.changed.notify_one();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.give_back(&Outcome::without_answer(Peer::Abandoned));
    }
}
