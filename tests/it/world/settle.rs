//! Settle, not sleep: a world is quiet when nothing of what was caused is still under way.

use std::time::Duration;

use bridgewatch::clock::{monotonic, pause};
use bridgewatch_core::ports::Broken;
use chrono::{DateTime, TimeDelta, Utc};

use super::World;

/// How long a world may take to become quiet, in real time.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// When everything else is quiet for this long, dispatches that were lost with their connection are no longer awaited.
const LOST: Duration = Duration::from_millis(700);

/// What was caused so far. Two looks at a quiet world that differ here were not looks at a quiet world.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    requests: u64,
    dispatches: u64,
}

/// Why a world is not quiet.
enum Restless {
    /// Something is under way.
    Busy(String),
    /// Dispatches were sent that the bot has not heard.
    Unheard(u64),
}

impl World {
    /// Waits until the world is quiet: every event heard and handled, every receipt worked off, every due effect carried out,
    /// every press answered.
    pub async fn settle(&self) {
        let started = monotonic();
        let mut quiet_at: Option<Mark> = None;
        let mut unheard_since = None;
        loop {
            let mark = self.mark();
            let why = match self.restless().await {
                Ok(None) if quiet_at == Some(mark) => return,
                Ok(None) => {
                    quiet_at = Some(mark);
                    continue;
                }
                Ok(Some(Restless::Busy(why))) => {
                    unheard_since = None;
                    why
                }
                Ok(Some(Restless::Unheard(count))) => {
                    let since = *unheard_since.get_or_insert_with(monotonic);
                    if since.elapsed() > LOST {
                        self.unheard.set(self.unheard.get() + count);
                    }
                    format!("{count} dispatches of the local Discord were not heard")
                }
                Err(trouble) => trouble.to_string(),
            };
            quiet_at = None;
            if started.elapsed() > PATIENCE {
                self.fail(&format!(
                    "the world did not become quiet within {PATIENCE:?}: {why}"
                ));
            }
            pause(LOOK).await;
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            requests: self.discord().request_count(),
            dispatches: self.discord().gateway_dispatches(),
        }
    }

    async fn restless(&self) -> Result<Option<Restless>, Broken> {
        let busy = |why: String| Ok(Some(Restless::Busy(why)));
        if self.discord().pending_interactions() > 0 {
            return busy("a press or a command is not answered".to_owned());
        }
        let (activity, is_connected, store) = match &*self.bot.borrow() {
            None => return Ok(None),
            Some(bot) => (bot.activity(), bot.is_connected(), bot.store()),
        };
        let faulty = self.discord().faults().armed() > 0 || !self.discord().bot_is_member();
        if !faulty && (!is_connected || self.discord().gateway_sessions() == 0) {
            return busy("the bot is not connected".to_owned());
        }
        if activity.events_in_hand != 0 {
            return busy(format!("{} events in hand", activity.events_in_hand));
        }
        if activity.effects_in_hand != 0 {
            return busy(format!("{} effects in hand", activity.effects_in_hand));
        }
        if !store.pending_receipts(1).await?.is_empty() {
            return busy("a receipt waits".to_owned());
        }
        // Downstream, and what is in hand once more at the end: whatever one of these has passed on stands in a later one.
        let now = self.now();
        if !store.due_incidents(now).await?.is_empty() {
            return busy("an incident's clock has run out".to_owned());
        }
        if let Some(due) = store.next_effect_due().await?
            && due <= now
        {
            return busy(format!("an effect is due since {due}"));
        }
        let begun = match &*self.bot.borrow() {
            None => return Ok(None),
            Some(bot) => bot.activity(),
        };
        if begun.effects_in_hand != 0 || begun.events_in_hand != 0 {
            return busy("something has just begun".to_owned());
        }
        let sent = self.discord().gateway_dispatches() - self.unheard.get();
        Ok(sent
            .checked_sub(activity.dispatches_heard)
            .filter(|unheard| *unheard > 0 && is_connected)
            .map(Restless::Unheard))
    }

    /// When something is next due; nothing while the bot does not run.
    pub(super) async fn next_due(&self) -> Option<DateTime<Utc>> {
        let store = self.bot.borrow().as_ref().map(super::Bot::store)?;
        let now = self.now();
        let dues = async {
            let effect = store.next_effect_due().await?;
            let wake = store.next_wake().await?;
            Ok::<_, Broken>([effect, wake])
        };
        match dues.await {
            Ok(dues) => dues.into_iter().flatten().filter(|due| *due > now).min(),
            Err(trouble) => self.fail(&trouble.to_string()),
        }
    }
}

impl World {
    /// Waits for something that happens in real time, such as a connection that ends.
    pub async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        self.until_within(PATIENCE, what, is_so).await;
    }

    /// As [`World::until`], for what takes its time.
    pub async fn until_within(
        &self,
        patience: Duration,
        what: &str,
        is_so: impl AsyncFn() -> bool,
    ) {
        let started = monotonic();
        while !is_so().await {
            if started.elapsed() > patience {
                self.fail(&format!("it did not happen within {patience:?}: {what}"));
            }
            pause(LOOK).await;
        }
    }

    /// Whether nothing is under way at this moment.
    pub async fn is_quiet(&self) -> bool {
        matches!(self.restless().await, Ok(None))
    }

    /// How many effects are not carried out yet.
    pub async fn effects_waiting(&self) -> i64 {
        let depth = self.store().outbox_depth(self.now()).await;
        depth.expect("the store answers").open.values().sum()
    }

    /// Lets time pass until every effect got through: after an outage the client itself waits in real time before it dares.
    pub async fn everything_gets_through(&self) {
        let started = monotonic();
        loop {
            self.sleeps(TimeDelta::seconds(10)).await;
            // What is put down for later on purpose, such as a question after a silence, is not held up by anything.
            let soon = self.now() + TimeDelta::minutes(5);
            let next_due = self.store().next_effect_due().await;
            let next_due = next_due.expect("the store answers");
            if next_due.is_none_or(|due| due > soon) {
                return;
            }
            if started.elapsed() > PATIENCE {
                let open = self.effects_waiting().await;
                self.fail(&format!(
                    "{open} effects did not get through within {PATIENCE:?}"
                ));
            }
            pause(Duration::from_millis(200)).await;
        }
    }
}
