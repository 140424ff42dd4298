//! Announcements of drills: each is made once, whether the bot was there when it fell due or came a little later.
//!
//! Until when they were looked for is kept in mind, and noted in the store with each announcement and otherwise every few
//! minutes. So the note is behind, but never behind an announcement: what is looked through again after a restart holds none
//! that was made. Where the note itself was lost, the store knows the announcement by its id.

use std::sync::Arc;

use bridgewatch_core::drill::{self, Drills};
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Broken, Store};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

/// The fact that remembers until when announcements were looked for.
const LOOKED_UNTIL: &str = "drill-announcements-until";

/// How often that is noted when there is nothing to announce.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// Makes the announcements of a team's drills.
pub(super) struct Announcements {
    store: Arc<dyn Store>,
    drills: Drills,
    effects_waiting: Arc<Notify>,
    /// Until when they were looked for; `None` before the first look.
    looked_until: Option<DateTime<Utc>>,
    /// What the store remembers of that.
    noted: Option<DateTime<Utc>>,
}

impl Announcements {
    pub(super) fn new(store: Arc<dyn Store>, drills: Drills, effects_waiting: Arc<Notify>) -> Self {
        Self {
            store,
            drills,
            effects_waiting,
            looked_until: None,
            noted: None,
        }
    }

    /// Makes those that became due. Those the bot slept through are not made late: they are told as missed.
    pub(super) async fn make(&mut self, now: DateTime<Utc>) -> Result<(), Broken> {
        if self.drills.schedules.is_empty() {
            return Ok(());
        }
        let after = match self.looked_until {
            Some(until) => until,
            None => {
                self.noted = self
                    .store
                    .fact(LOOKED_UNTIL)
                    .await?
                    .and_then(|text| text.parse().ok());
                self.noted.unwrap_or(now)
            }
        };
        let effects = self.due(after, now);
        let is_due_to_be_noted = !effects.is_empty()
            || self
                .noted
                .is_none_or(|noted| (now - noted).abs() >= NOTED_EVERY);
        if !effects.is_empty() {
            self.store.enqueue(effects, now).await?;
            self.effects_waiting.notify_one();
        }
        if is_due_to_be_noted {
            self.store.remember(LOOKED_UNTIL, &now.to_rfc3339()).await?;
            self.noted = Some(now);
        }
        self.looked_until = Some(now);
        Ok(())
    }

    fn due(&self, after: DateTime<Utc>, now: DateTime<Utc>) -> Vec<NewEffect> {
        let due = drill::due_announcements(&self.drills, after, now);
        let sent = due
            .send
            .into_iter()
            .map(|announcement| effect(announcement.id, announcement.text));
        let missed = due.missed.into_iter().map(|missed| {
            let text = format!(
                "A drill announcement was missed while the bot was away: {} on {} UTC.",
                missed.schedule_id,
                missed.starts_at.format("%Y-%m-%d %H:%M")
            );
            effect(format!("{}/missed", missed.id), text)
        });
        sent.chain(missed).collect()
    }
}

fn effect(id: String, text: String) -> NewEffect {
    NewEffect {
        id: EffectId(id),
        incident: None,
        stream: "drills".to_owned(),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::TellOperators { text },
    }
}

#[cfg(test)]
mod tests;
