//! Effects out: claim what is due, carry it out, settle it.
//!
//! The outbox is the retry engine. An effect is claimed under a lease; when this process dies, the next one finds it. What
//! the peer's trouble costs is time, never the effect: only a refusal that will be the same every time parks it, and then
//! people are told.

mod perform;
mod postmortem;
mod schedule;

use std::sync::Arc;
use std::time::Duration;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{Broken, Chat, Claimed, Failure, Notifier, Outcome, Pager, Store};
use chrono::TimeDelta;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;

pub use schedule::{Schedule, ScheduleParts};

use crate::activity::InHand;
use crate::clock::{Clock, jittered, monotonic, pause};
use crate::desk::IncidentDesk;
use crate::telemetry;

/// How long a claim holds. Longer than any single call may take.
const LEASE_SECONDS: i64 = 60;

/// How many effects are under way at once.
const AT_ONCE: usize = 16;

/// How often the outbox is looked at when nobody rings.
const POLL: Duration = Duration::from_millis(250);

/// The longest wait between two attempts.
const MAX_BACKOFF_SECONDS: i64 = 300;

/// Carries effects out.
pub struct Runner {
    store: Arc<dyn Store>,
    desk: Arc<IncidentDesk>,
    chat: Arc<dyn Chat>,
    notifiers: Vec<Arc<dyn Notifier>>,
    pager: Option<Arc<dyn Pager>>,
    clock: Clock,
    waiting: Arc<Notify>,
    owner: String,
    in_hand: InHand,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Runner")
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

/// What a runner is made from.
pub struct RunnerParts {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// Where it reports what it learned.
    pub desk: Arc<IncidentDesk>,
    /// The chat platform.
    pub chat: Arc<dyn Chat>,
    /// The ways to reach stakeholders.
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// The way to wake people.
    pub pager: Option<Arc<dyn Pager>>,
    /// The time.
    pub clock: Clock,
    /// Rung when effects may be waiting.
    pub waiting: Arc<Notify>,
    /// This incarnation's own name.
    pub owner: String,
    /// Counts the effects that are under way.
    pub in_hand: InHand,
}

/// What carrying an effect out came to.
pub(crate) enum Performed {
    /// It is done and settled.
    Settled,
    /// It is done.
    Done,
}

impl Runner {
    /// Readies a runner.
    #[must_use]
    pub fn new(parts: RunnerParts) -> Self {
        Self {
            store: parts.store,
            desk: parts.desk,
            chat: parts.chat,
            notifiers: parts.notifiers,
            pager: parts.pager,
            clock: parts.clock,
            waiting: parts.waiting,
            owner: parts.owner,
            in_hand: parts.in_hand,
        }
    }

    /// Runs until told to stop, then finishes what is under way.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        let mut under_way = JoinSet::new();
        while !*stop.borrow() {
            // Register for the bell before looking, so that no ring between looking and waiting is lost.
            let bell = self.waiting.notified();
            let stepped = self.clock.stepped();
            // From before the claim until every claimed effect counts by itself, so that none is ever between the two.
            let looking = self.in_hand.begin();
            let free = permits.available_permits();
            let claimed = if free == 0 {
                Ok(Vec::new())
            } else {
                self.claim(free).await
            };
            match claimed {
                Ok(claimed) if !claimed.is_empty() => {
                    for effect in claimed {
                        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                            break;
                        };
                        let runner = Arc::clone(&self);
                        let under_way_now = self.in_hand.begin();
                        under_way.spawn(async move {
                            runner.carry_out(effect).await;
                            drop(permit);
                            runner.waiting.notify_one();
                            drop(under_way_now);
                        });
                    }
                    while under_way.try_join_next().is_some() {}
                    continue;
                }
                Ok(_) => {}
                Err(trouble) => {
                    tracing::error!(error = %trouble, "the outbox cannot be read");
                    pause(jittered(Duration::from_secs(1))).await;
                }
            }
            drop(looking);
            tokio::select! {
                () = bell => {}
                () = stepped => {}
                () = pause(POLL) => {}
                _ = stop.changed() => {}
            }
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
    }

    async fn claim(&self, most: usize) -> Result<Vec<Claimed>, Broken> {
        let most = i64::try_from(most).unwrap_or(1);
        // A call takes the machine's time; on a faster clock the same call needs a longer lease.
        let lease_seconds = (LEASE_SECONDS as f64 * self.clock.speed().max(1.0)) as i64;
        self.store
            .claim(self.clock.now(), &self.owner, lease_seconds, most)
            .await
    }

    /// Carries one effect out and settles it.
    #[tracing::instrument(
        name = "effect",
        skip_all,
        fields(effect.kind = claimed.effect.kind(), effect.id = claimed.claim.id.0, attempt = claimed.attempts)
    )]
    async fn carry_out(&self, claimed: Claimed) {
        let started = monotonic();
        let kind = claimed.effect.kind();
        let result = self.perform(&claimed).await;
        let (word, settled) = match result {
            Ok(Performed::Settled) => ("done", Ok(true)),
            Ok(Performed::Done) => (
                "done",
                self.store
                    .settle(&claimed.claim, Outcome::Done, self.clock.now())
                    .await,
            ),
            Err(Failure::Retry { after, why }) => {
                ("retry", self.put_off(&claimed, after, why).await)
            }
            // What it was about is gone, so nothing is left to do: the next change makes it anew.
            Err(Failure::Gone { why }) => {
                tracing::info!(why, "what the effect was about is gone");
                (
                    "gone",
                    self.store
                        .settle(&claimed.claim, Outcome::Done, self.clock.now())
                        .await,
                )
            }
            Err(Failure::Refused { why }) => ("refused", self.refused(&claimed, why).await),
        };
        match settled {
            Ok(true) => {}
            Ok(false) => tracing::warn!("the claim was lost: somebody else carries it out"),
            // The lease ends by itself and the effect is found again.
            Err(trouble) => tracing::error!(error = %trouble, "the effect cannot be settled"),
        }
        metrics::counter!(telemetry::EFFECT_ATTEMPTS, "kind" => kind, "result" => word)
            .increment(1);
        tracing::debug!(
            result = word,
            duration_ms = started.elapsed().as_millis() as u64,
            "effect carried out"
        );
    }

    async fn put_off(
        &self,
        claimed: &Claimed,
        after: Option<Duration>,
        why: String,
    ) -> Result<bool, Broken> {
        let wait = after
            .and_then(|after| TimeDelta::from_std(after).ok())
            .unwrap_or_else(|| backoff(claimed.attempts));
        tracing::warn!(
            why,
            wait_seconds = wait.num_seconds(),
            "the effect waits for another attempt"
        );
        let not_before = self.clock.now() + wait;
        self.store
            .settle(
                &claimed.claim,
                Outcome::Retry { not_before, why },
                self.clock.now(),
            )
            .await
    }

    /// A refusal parks the effect and is told; an incident without a channel is tried again, since a person can mend it.
    async fn refused(&self, claimed: &Claimed, why: String) -> Result<bool, Broken> {
        tracing::error!(why, "Discord refuses the effect");
        if claimed.attempts == 0 && !matches!(claimed.effect, Effect::TellOperators { .. }) {
            let about = claimed
                .incident
                .map(|id| format!("{id}: "))
                .unwrap_or_default();
            let told = NewEffect {
                id: EffectId(format!("{}/told", claimed.claim.id.0)),
                incident: claimed.incident,
                stream: "operators".to_owned(),
                lane: Lane::Interactive,
                coalesce_key: None,
                not_before: None,
                effect: Effect::TellOperators {
                    text: format!("⚠ {about}{why}"),
                },
            };
            self.store.enqueue(vec![told], self.clock.now()).await?;
        }
        if matches!(claimed.effect, Effect::OpenChannel) {
            return self
                .put_off(claimed, Some(Duration::from_secs(60)), why)
                .await;
        }
        self.store
            .settle(&claimed.claim, Outcome::Dead { why }, self.clock.now())
            .await
    }

    /// Notes, before the first byte leaves, that it may have left.
    async fn about_to_send(&self, claimed: &Claimed) -> Result<(), Failure> {
        match self
            .store
            .mark_sending(&claimed.claim, self.clock.now())
            .await
        {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Retry {
                after: None,
                why: "the claim was lost".to_owned(),
            }),
            Err(trouble) => Err(trouble_of(&trouble)),
        }
    }
}

/// The store's trouble as a reason to try again.
fn trouble_of(trouble: &Broken) -> Failure {
    Failure::Retry {
        after: None,
        why: trouble.to_string(),
    }
}

/// 1, 2, 4 … seconds, at most five minutes, spread so that those who failed together do not come back together.
fn backoff(attempts: i64) -> TimeDelta {
    let exponent = u32::try_from(attempts.clamp(0, 9)).unwrap_or(9);
    let seconds = (1_i64 << exponent).min(MAX_BACKOFF_SECONDS);
    let wait = jittered(Duration::from_secs(u64::try_from(seconds).unwrap_or(1)));
    TimeDelta::from_std(wait).unwrap_or_else(|_| TimeDelta::seconds(seconds))
}

/// The incident of an effect that belongs to one.
fn incident_of(claimed: &Claimed) -> Result<IncidentId, Failure> {
    claimed.incident.ok_or_else(|| Failure::Refused {
        why: "the stored effect names no incident".to_owned(),
    })
}
