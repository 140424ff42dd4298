//! The outbox against a model of it: whatever is asked of it in whatever order, both do the same.

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Claim, Outcome, Store};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::at;
use crate::Home;

const LEASE_SECONDS: i64 = 30;
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Something asked of an outbox.
#[derive(Clone, Debug)]
enum Step {
    /// An effect is stored; the number names it, so that it may be one that is known.
    Add {
        name: u8,
        stream: u8,
        lane: usize,
        goal: Option<u8>,
        put_off_seconds: Option<i64>,
    },
    /// Up to so many are claimed.
    Claim { most: i64 },
    /// A claim, perhaps a lost one, is about to send.
    Mark { claim: prop::sample::Index },
    /// A claim, perhaps a lost one, is settled.
    Settle {
        claim: prop::sample::Index,
        how: How,
    },
    /// The clock moves, perhaps back.
    Wait { seconds: i64 },
    /// A process starts.
    Recover,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Done,
    Dead,
    Retry { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let put_off = prop_oneof![4 => Just(None), 1 => (1..200_i64).prop_map(Some)];
    let how = prop_oneof![
        3 => Just(How::Done),
        1 => Just(How::Dead),
        3 => (0..9_000_i64).prop_map(|seconds| How::Retry { seconds }),
    ];
    prop_oneof![
        8 => (0..60_u8, 0..4_u8, 0..4_usize, prop::option::of(0..3_u8), put_off).prop_map(
            |(name, stream, lane, goal, put_off_seconds)| Step::Add { name, stream, lane, goal, put_off_seconds }
        ),
        6 => (1..5_i64).prop_map(|most| Step::Claim { most }),
        3 => any::<prop::sample::Index>().prop_map(|claim| Step::Mark { claim }),
        5 => (any::<prop::sample::Index>(), how).prop_map(|(claim, how)| Step::Settle { claim, how }),
        4 => prop_oneof![5 => 0..120_i64, 1 => -100_000..100_000_i64].prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Recover),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Claimed,
    Settled,
}

#[derive(Clone, Debug)]
struct Known {
    name: String,
    stream: u8,
    lane: usize,
    goal: Option<u8>,
    state: State,
    attempts: i64,
    epoch: i64,
    maybe_sent_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// The outbox as one would explain it; the effects in the order in which they were stored.
#[derive(Debug, Default)]
struct Model(Vec<Known>);

impl Model {
    fn add(&mut self, new: Known) {
        if self.0.iter().any(|known| known.name == new.name) {
            return;
        }
        for older in &mut self.0 {
            let same_goal = older.goal.is_some() && older.goal == new.goal;
            if same_goal && older.state == State::Open && older.maybe_sent_at.is_none() {
                older.state = State::Settled;
            }
        }
        self.0.push(new);
    }

    fn claim(
        &mut self,
        now: DateTime<Utc>,
        most: i64,
    ) -> Vec<(String, i64, Option<DateTime<Utc>>)> {
        let mut due: Vec<usize> = (0..self.0.len())
            .filter(|index| {
                let this = &self.0[*index];
                let is_head = !self.0[..*index].iter().any(|earlier| {
                    earlier.stream == this.stream && earlier.state != State::Settled
                });
                let is_due = this.due_at <= now
                    || (this.attempts == 0 && this.due_at <= this.created_at)
                    || (this.attempts > 0 && this.due_at > now + HOUR);
                this.state != State::Settled && is_head && is_due
            })
            .collect();
        due.sort_by_key(|index| {
            let this = &self.0[*index];
            (this.lane, this.due_at, this.name.clone())
        });
        due.truncate(usize::try_from(most).expect("a small number"));
        let mut claimed: Vec<_> = due
            .into_iter()
            .map(|index| {
                let this = &mut self.0[index];
                this.state = State::Claimed;
                this.attempts += 1;
                this.epoch += 1;
                this.due_at = now + TimeDelta::seconds(LEASE_SECONDS);
                (this.name.clone(), this.epoch, this.maybe_sent_at)
            })
            .collect();
        claimed.sort();
        claimed
    }

    fn held(&mut self, claim: &Claim) -> Option<&mut Known> {
        self.0
            .iter_mut()
            .find(|known| known.name == claim.id.0)
            .filter(|known| known.epoch == claim.epoch && known.state == State::Claimed)
    }
}

async fn play(store: &dyn Store, steps: &[Step]) -> TestCaseResult {
    let mut model = Model::default();
    let mut now = at(0);
    let mut claims: Vec<Claim> = Vec::new();
    for step in steps {
        match step {
            Step::Wait { seconds } => now += TimeDelta::seconds(*seconds),
            Step::Add {
                name,
                stream,
                lane,
                goal,
                put_off_seconds,
            } => {
                let name = format!("effect-{name}");
                let not_before = put_off_seconds.map(|seconds| now + TimeDelta::seconds(seconds));
                let new = NewEffect {
                    id: EffectId(name.clone()),
                    incident: None,
                    stream: format!("stream-{stream}"),
                    lane: Lane::ALL[*lane],
                    coalesce_key: goal.map(|goal| format!("goal-{goal}")),
                    not_before,
                    effect: Effect::SyncBoard,
                };
                store.enqueue(vec![new], now).await.expect("stored");
                model.add(Known {
                    name,
                    stream: *stream,
                    lane: *lane,
                    goal: *goal,
                    state: State::Open,
                    attempts: 0,
                    epoch: 0,
                    maybe_sent_at: None,
                    created_at: now,
                    due_at: not_before.unwrap_or(now),
                });
            }
            Step::Claim { most } => {
                let claimed = store
                    .claim(now, "one#1", LEASE_SECONDS, *most)
                    .await
                    .expect("claimed");
                claims.extend(claimed.iter().map(|claimed| claimed.claim.clone()));
                let mut found: Vec<_> = claimed
                    .into_iter()
                    .map(|claimed| {
                        (
                            claimed.claim.id.0,
                            claimed.claim.epoch,
                            claimed.maybe_sent_at,
                        )
                    })
                    .collect();
                found.sort();
                prop_assert_eq!(found, model.claim(now, *most));
            }
            Step::Mark { .. } | Step::Settle { .. } if claims.is_empty() => {}
            Step::Mark { claim } => {
                let claim = claim.get(&claims);
                let held = store.mark_sending(claim, now).await.expect("answered");
                let known = model.held(claim);
                prop_assert_eq!(held, known.is_some());
                if let Some(known) = known {
                    known.maybe_sent_at = known.maybe_sent_at.or(Some(now));
                }
            }
            Step::Settle { claim, how } => {
                let claim = claim.get(&claims);
                let why = "no luck".to_owned();
                let outcome = match how {
                    How::Done => Outcome::Done,
                    How::Dead => Outcome::Dead { why },
                    How::Retry { seconds } => Outcome::Retry {
                        not_before: now + TimeDelta::seconds(*seconds),
                        why,
                    },
                };
                let held = store.settle(claim, outcome, now).await.expect("answered");
                let known = model.held(claim);
                prop_assert_eq!(held, known.is_some());
                if let Some(known) = known {
                    match how {
                        How::Done | How::Dead => known.state = State::Settled,
                        How::Retry { seconds } => {
                            known.state = State::Open;
                            known.due_at = now + TimeDelta::seconds(*seconds).min(HOUR);
                        }
                    }
                }
            }
            Step::Recover => {
                let taken = store.recover_claims("one#2").await.expect("recovered");
                let held = model
                    .0
                    .iter_mut()
                    .filter(|known| known.state == State::Claimed);
                let count = held
                    .map(|known| {
                        known.state = State::Open;
                        known.due_at = known.created_at;
                    })
                    .count();
                prop_assert_eq!(usize::try_from(taken).expect("a count"), count);
            }
        }
    }
    let open = model
        .0
        .iter()
        .filter(|known| known.state != State::Settled)
        .count();
    let depth = store.outbox_depth(now).await.expect("a read");
    prop_assert_eq!(
        usize::try_from(depth.open.values().sum::<i64>()).expect("a count"),
        open
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_outbox_does_what_its_model_does(steps in prop::collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let Some(home) = Home::new().await else { return Ok(()) };
            let store = home.open().await;
            let outcome = play(&store, &steps).await;
            store.close().await;
            outcome
        })?;
    }
}
