//! The gate against a Discord that counts, in simulated time.

use std::collections::BTreeMap;

use super::super::super::pace;
use super::super::{Circuit, LimitHeaders, Peer};
use super::*;

const SEND: RouteName = RouteName {
    method: "POST",
    template: "/channels/{channel}/messages",
    sub_limit: None,
};
const LATENCY: Duration = Duration::from_millis(80);

/// Five calls per channel and five seconds, as Discord does for messages, with a 429 for each one too many.
#[derive(Default)]
struct CountingDiscord {
    windows: HashMap<Option<u64>, (Instant, u32)>,
    too_many: usize,
}

impl CountingDiscord {
    const LIMIT: u32 = 5;
    const WINDOW: Duration = Duration::from_secs(5);

    fn answer(&mut self, channel: Option<u64>, at: Instant, epoch: Instant) -> Outcome {
        let (started, used) = self.windows.entry(channel).or_insert((at, 0));
        if at >= *started + Self::WINDOW {
            (*started, *used) = (at, 0);
        }
        let resets_at = *started + Self::WINDOW;
        let mut outcome = answered();
        if *used >= Self::LIMIT {
            self.too_many += 1;
            outcome.invalid = true;
            outcome.rate_limited = Some(RateLimited {
                after: resets_at - at,
                scope: Scope::Bucket,
            });
            return outcome;
        }
        *used += 1;
        outcome.limits = Some(LimitHeaders {
            bucket: Some("80c17d2f".to_owned()),
            limit: Self::LIMIT,
            remaining: Self::LIMIT - *used,
            reset_after: resets_at - at,
            reset_stamp_ms: u64::try_from((resets_at - epoch).as_millis()).ok(),
        });
        outcome
    }
}

fn answered() -> Outcome {
    Outcome::without_answer(Peer::Answered)
}

/// A gate, a Discord and a stop-watch that is moved by hand.
struct Simulation {
    turns: Turns,
    discord: CountingDiscord,
    /// Overrides the counting Discord: how every call ends.
    always: Option<Outcome>,
    epoch: Instant,
    now: Instant,
    asks: HashMap<WaiterId, Ask>,
    returning: BTreeMap<(Instant, FlightId), Outcome>,
    left: Vec<(Duration, Lane)>,
    turned_away: Vec<(Duration, TurnedAway)>,
}

impl Simulation {
    fn new(settings: GateSettings) -> Self {
        let now = pace::now();
        Self {
            turns: Turns::new(settings),
            discord: CountingDiscord::default(),
            always: None,
            epoch: now,
            now,
            asks: HashMap::new(),
            returning: BTreeMap::new(),
            left: Vec::new(),
            turned_away: Vec::new(),
        }
    }

    fn where_every_call_ends(settings: GateSettings, outcome: Outcome) -> Self {
        Self {
            always: Some(outcome),
            ..Self::new(settings)
        }
    }

    fn ask(&mut self, lane: Lane, channel: u64, patience: Duration) {
        let ask = Ask {
            lane,
            route: SEND,
            major: Some(channel),
            counts_globally: true,
            checks_token: false,
            deadline: self.now + patience,
        };
        self.enqueue(ask);
    }

    fn enqueue(&mut self, ask: Ask) {
        let waiter = self.turns.enqueue(ask.clone());
        self.asks.insert(waiter, ask);
    }

    fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        loop {
            while let Some(((at, flight), _)) = self.returning.first_key_value()
                && *at <= self.now
            {
                let key = (*at, *flight);
                if let Some(outcome) = self.returning.remove(&key) {
                    self.turns.settle(key.1, &outcome, self.now, 0.0);
                }
            }
            let round = self.turns.advance(self.now);
            for (waiter, verdict) in round.verdicts {
                let ask = self.asks.remove(&waiter).expect("each is decided once");
                match verdict {
                    Verdict::Go(flight) => self.depart(&ask, flight),
                    Verdict::TurnAway(why) => self.turned_away.push((self.now - self.epoch, why)),
                }
            }
            let returns = self.returning.keys().next().map(|(at, _)| *at);
            let next = [round.wake_at, returns].into_iter().flatten().min();
            match next {
                Some(at) if at < end => self.now = self.now.max(at),
                _ => break,
            }
        }
        self.now = end;
    }

    fn depart(&mut self, ask: &Ask, flight: FlightId) {
        self.left.push((self.now - self.epoch, ask.lane));
        let reaches_discord = self.now + LATENCY / 2;
        let outcome = self
            .always
            .clone()
            .unwrap_or_else(|| self.discord.answer(ask.major, reaches_discord, self.epoch));
        self.returning.insert((self.now + LATENCY, flight), outcome);
    }

    fn most_departures_in_a_second(&self) -> usize {
        let at: Vec<Duration> = self.left.iter().map(|(at, _)| *at).collect();
        at.iter()
            .map(|from| {
                at.iter()
                    .filter(|to| *from <= **to && **to < *from + ONE_SECOND)
                    .count()
            })
            .max()
            .unwrap_or(0)
    }
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn twelve_parallel_posts_into_five_per_five_seconds_meet_no_429() {
    let mut world = Simulation::new(GateSettings::default());
    for _ in 0..12 {
        world.ask(Lane::Mirror, 7, seconds(30));
    }
    world.run_for(seconds(30));
    assert_eq!(world.left.len(), 12);
    assert_eq!(world.discord.too_many, 0);
    let last = world.left.last().expect("twelve left").0;
    assert!(last < Duration::from_millis(10_500), "took {last:?}");
}

#[test]
fn many_channels_at_once_meet_no_429_and_never_exceed_the_global_rate() {
    let mut world = Simulation::new(GateSettings::default());
    for round in 0..20 {
        for channel in 1..=40 {
            world.ask(Lane::ALL[round % LANES], channel, seconds(600));
        }
    }
    world.run_for(seconds(600));
    assert_eq!(world.left.len(), 800);
    assert_eq!(world.discord.too_many, 0);
    assert!(world.most_departures_in_a_second() <= 45);
}

#[test]
fn an_opening_overtakes_a_backlog_of_250_posts_whenever_it_comes() {
    let ten_per_second = GateSettings {
        requests_per_second: 10,
        ..GateSettings::default()
    };
    for declared_ms in (3_000..4_000).step_by(50) {
        let mut world = Simulation::where_every_call_ends(ten_per_second, answered());
        for channel in 0..250 {
            world.ask(Lane::Background, channel, seconds(600));
        }
        let declared = Duration::from_millis(declared_ms);
        world.run_for(declared);
        world.ask(Lane::Opening, 900, seconds(30));
        world.run_for(seconds(60));
        let openings = world.left.iter().filter(|(_, lane)| *lane == Lane::Opening);
        let left: Vec<Duration> = openings.map(|(at, _)| *at - declared).collect();
        assert_eq!(left, [Duration::ZERO], "declared after {declared:?}");
        assert_eq!(world.left.len(), 251);
        assert!(world.most_departures_in_a_second() <= 10);
    }
}

#[test]
fn a_flood_of_openings_leaves_every_other_lane_one_call_in_twenty() {
    let mut world = Simulation::where_every_call_ends(GateSettings::default(), answered());
    for channel in 0..3_000 {
        for lane in Lane::ALL {
            world.ask(lane, channel, seconds(600));
        }
    }
    world.run_for(seconds(20));
    let total = world.left.len();
    for lane in Lane::ALL {
        let share = world.left.iter().filter(|(_, left)| *left == lane).count();
        assert!(share * 20 + 20 >= total, "{lane:?}: {share} of {total}");
    }
    let openings = world.left.iter().filter(|(_, lane)| *lane == Lane::Opening);
    assert!(openings.count() * 100 / total >= 80);
}

#[test]
fn who_came_first_leaves_first() {
    let mut world = Simulation::new(GateSettings::default());
    for _ in 0..5 {
        world.ask(Lane::Mirror, 7, seconds(30));
    }
    let mut order = Vec::new();
    for _ in 0..5 {
        for (waiter, verdict) in world.turns.advance(world.now).verdicts {
            let Verdict::Go(flight) = verdict else {
                panic!("nobody is turned away");
            };
            order.push(waiter);
            let lost = Outcome::without_answer(Peer::Abandoned);
            world.turns.settle(flight, &lost, world.now, 0.0);
        }
    }
    assert_eq!(order.len(), 5);
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_global_429_pauses_everybody() {
    let mut world = Simulation::new(GateSettings::default());
    world.always = Some(Outcome {
        rate_limited: Some(RateLimited {
            after: seconds(3),
            scope: Scope::Global,
        }),
        invalid: true,
        ..answered()
    });
    world.ask(Lane::Mirror, 1, seconds(30));
    world.run_for(seconds(1));
    world.always = None;
    world.ask(Lane::Opening, 2, seconds(30));
    world.ask(Lane::Mirror, 3, seconds(30));
    world.run_for(seconds(10));
    let times: Vec<Duration> = world.left.iter().map(|(at, _)| *at).collect();
    assert_eq!(
        times,
        [Duration::ZERO, LATENCY + seconds(3), LATENCY + seconds(3)]
    );
}

#[test]
fn who_cannot_leave_in_time_is_told_at_once_when_to_come_again() {
    let mut world = Simulation::new(GateSettings::default());
    world.always = Some(Outcome {
        rate_limited: Some(RateLimited {
            after: seconds(600),
            scope: Scope::Bucket,
        }),
        ..answered()
    });
    world.ask(Lane::Interactive, 7, seconds(10));
    world.run_for(seconds(1));
    world.ask(Lane::Interactive, 7, seconds(10));
    world.run_for(Duration::from_millis(1));
    let (at, turned_away) = &world.turned_away[0];
    assert_eq!(*at, seconds(1));
    assert_eq!(turned_away.after, seconds(599) + LATENCY);
    assert_eq!(turned_away.why, "the rate limit of this route is used up");
}

#[test]
fn those_already_waiting_are_told_when_the_obstacle_turns_up() {
    let mut world = Simulation::new(GateSettings::default());
    world.always = Some(Outcome {
        rate_limited: Some(RateLimited {
            after: seconds(600),
            scope: Scope::Shared,
        }),
        ..answered()
    });
    world.ask(Lane::Interactive, 7, seconds(10));
    world.ask(Lane::Interactive, 7, seconds(10));
    world.run_for(seconds(1));
    assert_eq!(world.turned_away[0].0, LATENCY);
    assert_eq!(world.turned_away[0].1.after, seconds(600));
}

#[test]
fn patience_ends_even_behind_a_call_that_does_not_come_back() {
    let mut world = Simulation::new(GateSettings::default());
    world.ask(Lane::Mirror, 7, seconds(30));
    let round = world.turns.advance(world.now);
    assert_eq!(round.verdicts.len(), 1, "the first is out and stays out");
    world.asks.clear();
    world.ask(Lane::Mirror, 7, seconds(2));
    world.run_for(seconds(5));
    assert_eq!(world.turned_away[0].0, seconds(2));
    assert_eq!(world.left.len(), 0);
}

#[test]
fn while_discord_is_down_one_probe_goes_at_a_time() {
    let down = Outcome::without_answer(Peer::Failed);
    let mut world = Simulation::where_every_call_ends(GateSettings::default(), down);
    for channel in 0..100 {
        world.ask(Lane::Mirror, channel, seconds(600));
    }
    world.run_for(seconds(60));
    let first_burst = world.left.iter().filter(|(at, _)| *at < seconds(1)).count();
    let afterwards = world.left.len() - first_burst;
    assert!(first_burst <= 16, "{first_burst}");
    assert_eq!(afterwards, 3, "probes after 5, 10 and 20 seconds");
    assert!(matches!(
        world.turns.status(world.now).circuit,
        Circuit::Open { .. }
    ));
    world.always = Some(answered());
    world.run_for(seconds(60));
    assert_eq!(world.left.len(), 100);
    assert_eq!(world.turns.status(world.now).circuit, Circuit::Closed);
}

#[test]
fn hung_calls_cannot_take_the_places_kept_for_openings() {
    let mut world = Simulation::new(GateSettings::default());
    for channel in 0..50 {
        world.ask(Lane::Background, channel, seconds(60));
    }
    let out = world.turns.advance(world.now).verdicts.len();
    assert_eq!(out, 12, "of sixteen places");
    world.asks.clear();
    world.ask(Lane::Opening, 900, seconds(60));
    assert_eq!(world.turns.advance(world.now).verdicts.len(), 1);
}

#[test]
fn a_refused_token_stops_everything_until_a_check_succeeds() {
    let mut world = Simulation::new(GateSettings::default());
    let refused = Outcome {
        token: Some(false),
        invalid: true,
        ..answered()
    };
    world.always = Some(refused);
    world.ask(Lane::Mirror, 1, seconds(30));
    world.run_for(seconds(1));
    let status = world.turns.status(world.now);
    assert!(!status.is_open());
    assert_eq!(status.detail()["token_refused"], true);
    world.ask(Lane::Opening, 2, seconds(30));
    world.run_for(seconds(1));
    assert_eq!(
        world.turned_away[0].1.why,
        "Discord does not accept the bot token"
    );

    world.always = Some(Outcome {
        token: Some(true),
        ..answered()
    });
    let check = Ask {
        lane: Lane::Interactive,
        route: SEND,
        major: None,
        counts_globally: true,
        checks_token: true,
        deadline: world.now + seconds(10),
    };
    world.enqueue(check);
    world.run_for(seconds(1));
    assert!(!world.turns.status(world.now).token_refused);
    world.ask(Lane::Opening, 2, seconds(30));
    world.run_for(seconds(1));
    assert_eq!(world.left.len(), 3);
}

#[test]
fn five_thousand_refused_calls_stop_the_bot_before_discord_does() {
    let forbidden = Outcome {
        invalid: true,
        ..answered()
    };
    let mut world = Simulation::where_every_call_ends(GateSettings::default(), forbidden);
    for channel in 0..5_100 {
        world.ask(Lane::Mirror, channel, seconds(3_600));
    }
    world.run_for(seconds(200));
    let status = world.turns.status(world.now);
    assert!(status.invalid_requests >= 5_000);
    assert!(status.invalid_requests <= 5_016, "{status:?}");
    assert!(status.stopped_for.is_some());
    assert!(!status.is_open());
    assert_eq!(world.left.len(), status.invalid_requests);
}

#[test]
fn answers_to_commands_are_outside_the_global_rate() {
    let one_per_second = GateSettings {
        requests_per_second: 2,
        ..GateSettings::default()
    };
    let mut world = Simulation::where_every_call_ends(one_per_second, answered());
    for webhook in 0..10 {
        let answer = Ask {
            lane: Lane::Interactive,
            route: SEND,
            major: Some(webhook),
            counts_globally: false,
            checks_token: false,
            deadline: world.now + seconds(10),
        };
        world.enqueue(answer);
    }
    world.run_for(Duration::from_millis(1));
    assert_eq!(world.left.len(), 10);
}
