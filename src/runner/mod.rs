//! Effects out: claim what is due, carry it out, settle it.
//!
//! The outbox is the retry engine. An effect is claimed under a lease; when this process dies, the next one finds it. What
//! the peer's trouble costs is time, never the effect: only a refusal that will be the same every time parks it, and then
//! people are told.

mod announcements;
mod board_pace;
mod call;
mod files;
mod front_desk;
mod in_progress;
mod mirrors;
mod perform;
mod postmortem;
mod record;
mod restricted;
mod schedule;
mod timeline;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::{ChannelId, IncidentId};
use bridgewatch_core::incident::{Report, Visibility};
use bridgewatch_core::ports::{
    Broken, Chat, Claimed, Failure, FileReader, Notifier, Outcome, Pager, Store,
};
use bridgewatch_core::timeline::FileBudget;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;

pub use files::sha256_of;
pub use schedule::{Schedule, ScheduleParts};

use crate::activity::InHand;
use crate::clock::{Clock, jittered, monotonic, pause};
use crate::desk::IncidentDesk;
use crate::telemetry;
use board_pace::BoardPace;
use in_progress::{InHandHere, InProgress};

/// How long a claim holds. Longer than any single call may take; if the clock jumps, it is renewed.
const LEASE_SECONDS: i64 = 60;

/// How many effects are under way at once.
const AT_ONCE: usize = 16;

/// How soon it is tried again what a person must mend first: whoever mends it sees soon that it was the cause.
const FOR_PEOPLE: Duration = Duration::from_secs(60);

/// The same for what only keeps up what is there already. Every no counts: at 10,000 in ten minutes Discord shuts us out.
const FOR_PEOPLE_LATER: Duration = Duration::from_secs(120);

/// How often the outbox is looked at when nobody rings.
const POLL: Duration = Duration::from_millis(250);

/// The longest wait between two attempts that we choose.
const MAX_BACKOFF_SECONDS: i64 = 300;

/// The longest wait that a peer can ask for: what it says is a stranger's number.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// Carries effects out.
pub struct Runner {
    store: Arc<dyn Store>,
    desk: Arc<IncidentDesk>,
    chat: Arc<dyn Chat>,
    files: Arc<dyn FileReader>,
    file_budget: FileBudget,
    notifiers: Vec<Arc<dyn Notifier>>,
    pager: Option<Arc<dyn Pager>>,
    front_desk: bool,
    clock: Clock,
    waiting: Arc<Notify>,
    owner: String,
    in_hand: InHand,
    in_progress: InProgress,
    board_pace: BoardPace,
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
    /// Where attached files are read.
    pub files: Arc<dyn FileReader>,
    /// How much of them is kept.
    pub file_budget: FileBudget,
    /// The ways to reach stakeholders.
    pub notifiers: Vec<Arc<dyn Notifier>>,
    /// The way to wake people.
    pub pager: Option<Arc<dyn Pager>>,
    /// Whether a message stands in the announcement channel for whoever finds something broken.
    pub front_desk: bool,
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
    /// It is better done later, for this reason.
    NotBefore(DateTime<Utc>, &'static str),
}

impl Runner {
    /// Readies a runner.
    #[must_use]
    pub fn new(parts: RunnerParts) -> Self {
        Self {
            store: parts.store,
            desk: parts.desk,
            chat: parts.chat,
            files: parts.files,
            file_budget: parts.file_budget,
            notifiers: parts.notifiers,
            pager: parts.pager,
            front_desk: parts.front_desk,
            clock: parts.clock,
            waiting: parts.waiting,
            owner: parts.owner,
            in_hand: parts.in_hand,
            in_progress: InProgress::default(),
            board_pace: BoardPace::default(),
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
                    for (effect, here) in claimed {
                        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                            break;
                        };
                        let runner = Arc::clone(&self);
                        let under_way_now = self.in_hand.begin();
                        under_way.spawn(async move {
                            runner.carry_out(effect).await;
                            drop(here);
                            drop(permit);
                            runner.waiting.notify_one();
                            drop(under_way_now);
                        });
                    }
                    while let Some(ended) = under_way.try_join_next() {
                        tell_of(ended);
                    }
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
            while let Some(ended) = under_way.try_join_next() {
                tell_of(ended);
            }
        }
        while let Some(ended) = under_way.join_next().await {
            tell_of(ended);
        }
    }

    async fn claim(&self, most: usize) -> Result<Vec<(Claimed, InHandHere)>, Broken> {
        let most = i64::try_from(most).unwrap_or(1);
        self.in_progress
            .only_new(
                self.store
                    .claim(self.clock.now(), &self.owner, LEASE_SECONDS, most),
            )
            .await
    }

    /// Settles an effect. `false`: somebody else has it.
    async fn settle(&self, claimed: &Claimed, outcome: Outcome) -> Result<bool, Broken> {
        self.in_progress
            .as_holder(&claimed.claim, |claim| {
                let outcome = outcome.clone();
                async move { self.store.settle(&claim, outcome, self.clock.now()).await }
            })
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
            Ok(Performed::Done) => ("done", self.settle(&claimed, Outcome::Done).await),
            Ok(Performed::NotBefore(not_before, why)) => {
                let why = why.to_owned();
                let outcome = Outcome::Retry { not_before, why };
                ("later", self.settle(&claimed, outcome).await)
            }
            Err(Failure::Retry { after, why }) => {
                ("retry", self.put_off(&claimed, after, why).await)
            }
            // What it was about is gone, so nothing is left to do: the next change makes it anew.
            Err(Failure::Gone { why }) => {
                tracing::info!(why, "what the effect was about is gone");
                ("gone", self.settle(&claimed, Outcome::Done).await)
            }
            Err(Failure::ChannelGone { channel, why }) => {
                ("gone", self.lost_its_channel(&claimed, channel, why).await)
            }
            Err(Failure::Waits { why }) => ("waits", self.wait_for_people(&claimed, why).await),
            // Mirrors post anew where they can; for anything else it is a no like any other.
            Err(Failure::Refused { why } | Failure::TooOld { why }) => {
                ("refused", self.refused(&claimed, why).await)
            }
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
            .map(|after| {
                TimeDelta::from_std(after).map_or(LONGEST_WAIT, |after| after.min(LONGEST_WAIT))
            })
            .unwrap_or_else(|| backoff(claimed.attempts));
        tracing::warn!(
            why,
            wait_seconds = wait.num_seconds(),
            "the effect waits for another attempt"
        );
        let not_before = self.clock.now() + wait;
        self.settle(claimed, Outcome::Retry { not_before, why })
            .await
    }

    /// A refusal parks the effect and is told; an incident without a channel is tried again, since a person can mend it.
    async fn refused(&self, claimed: &Claimed, why: String) -> Result<bool, Broken> {
        tracing::error!(why, "the effect is refused");
        self.tell_operators(claimed, &claimed.claim.id.0, &why)
            .await?;
        if matches!(claimed.effect, Effect::OpenChannel) {
            return self.put_off(claimed, Some(FOR_PEOPLE), why).await;
        }
        self.settle(claimed, Outcome::Dead { why }).await
    }

    /// Everything waits, in its order, until a person has mended the cause. They are told once an incident, not once an
    /// effect.
    async fn wait_for_people(&self, claimed: &Claimed, why: String) -> Result<bool, Broken> {
        tracing::error!(why, "the effect waits until a person has mended the cause");
        if let Some(id) = claimed.incident {
            self.tell_operators(claimed, &format!("inc-{}/waits", id.0), &why)
                .await?;
        }
        let wait = match &claimed.effect {
            Effect::OpenChannel
            | Effect::Greet
            | Effect::SyncFrontDesk
            | Effect::TellOperators { .. } => FOR_PEOPLE,
            _ => FOR_PEOPLE_LATER,
        };
        self.put_off(claimed, Some(wait), why).await
    }

    /// The incident goes on without its channel; what follows from that is the core's to say.
    async fn lost_its_channel(
        &self,
        claimed: &Claimed,
        channel: Option<ChannelId>,
        why: String,
    ) -> Result<bool, Broken> {
        tracing::error!(why, "the channel of the effect is gone");
        let Some((id, channel)) = claimed.incident.zip(channel) else {
            return self.settle(claimed, Outcome::Done).await;
        };
        // A report about a channel that is not, or no longer, the incident's changes nothing.
        self.in_progress
            .as_holder(&claimed.claim, |claim| async move {
                let gone = Report::ChannelGone(channel);
                self.desk.report(id, gone, &claim, None).await
            })
            .await
    }

    /// Words for whoever keeps the bot running, once for each `about`.
    async fn tell_operators(
        &self,
        claimed: &Claimed,
        about: &str,
        words: &str,
    ) -> Result<(), Broken> {
        if matches!(claimed.effect, Effect::TellOperators { .. }) {
            return Ok(());
        }
        let named = self.named_openly(claimed.incident).await?;
        let told = NewEffect {
            id: EffectId(format!("{about}/told")),
            incident: claimed.incident,
            stream: "operators".to_owned(),
            lane: Lane::Interactive,
            coalesce_key: None,
            not_before: None,
            effect: Effect::TellOperators {
                text: format!("⚠ {named}{words}"),
            },
        };
        self.store.enqueue(vec![told], self.clock.now()).await
    }

    /// An incident as a place that everybody reads may name it: a restricted one leaves no trace there.
    async fn named_openly(&self, id: Option<IncidentId>) -> Result<String, Broken> {
        let Some(id) = id else {
            return Ok(String::new());
        };
        let restricted = self
            .store
            .incident(id)
            .await?
            .is_none_or(|incident| incident.visibility == Visibility::Restricted);
        Ok(if restricted {
            "a restricted incident: ".to_owned()
        } else {
            format!("{id}: ")
        })
    }

    /// Notes, before the first byte leaves, that it may have left.
    async fn about_to_send(&self, claimed: &Claimed) -> Result<(), Failure> {
        let noted = self
            .in_progress
            .as_holder(&claimed.claim, |claim| async move {
                self.store.mark_sending(&claim, self.clock.now()).await
            })
            .await;
        match noted {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Retry {
                after: None,
                why: "the claim was lost".to_owned(),
            }),
            Err(trouble) => Err(trouble_of(&trouble)),
        }
    }
}

/// A task that panicked leaves its effect claimed: it is found again when the lease is over.
fn tell_of(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "an effect ended badly; it is tried again");
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
