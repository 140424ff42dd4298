//! The team's runbooks have been read, or used: incidents under way are told which of theirs exist in another version by
//! now, and it is remembered when a runbook last showed a sign of life.

use bridgewatch_core::incident::{Actor, Command, Event, Expectation, Incident, Recorded};
use bridgewatch_core::ports::{Ask, Broken};
use bridgewatch_core::runbook::RunbookId;
use chrono::{DateTime, Utc};

use super::IncidentDesk;

impl IncidentDesk {
    /// Tells every live incident which versions there are. One that cannot be told does not hold up the others.
    ///
    /// # Errors
    /// What kept the last of them from being told.
    pub async fn runbooks_were_read(&self) -> Result<(), Broken> {
        let versions = self.team.shelf.library().versions();
        for (runbook, version) in &versions {
            self.note_version(runbook, version).await?;
        }
        let mut told = Ok(());
        for incident in self.store.recent_incidents(self.clock.now()).await? {
            let ask = Ask {
                actor: Actor::Bot,
                delivery: None,
                expects: Expectation::default(),
                command: Command::RunbooksRead {
                    versions: versions.clone(),
                },
            };
            let decided = self
                .decide_and_commit(incident.id, &ask, None, |_| {})
                .await;
            told = decided.map(drop).and(told);
        }
        told
    }

    /// A version that is seen for the first time was written by somebody.
    async fn note_version(&self, runbook: &RunbookId, version: &str) -> Result<(), Broken> {
        let known = self.store.fact(&fact_of(runbook)).await?;
        let since = known.as_deref().and_then(|known| {
            let (known_version, since) = known.split_once(' ')?;
            let since: DateTime<Utc> = since.parse().ok()?;
            (known_version == version).then_some(since)
        });
        match since {
            Some(since) => {
                self.team.shelf.saw_life(runbook, since);
                Ok(())
            }
            None => {
                let now = self.clock.now();
                self.team.shelf.saw_life(runbook, now);
                self.remember_life(runbook, version, now).await
            }
        }
    }

    /// Notes which runbooks were used. That it cannot be remembered keeps nobody from their work.
    pub(super) async fn note_used_runbooks(&self, incident: &Incident, events: &[Recorded]) {
        let Some(checklist) = &incident.checklist else {
            return;
        };
        for recorded in events {
            let Event::StepChanged { step, state } = &recorded.event else {
                continue;
            };
            let runbook = checklist.runbook_of(step);
            if !state.is_settled() || !self.team.shelf.saw_life(runbook, recorded.at) {
                continue;
            }
            let version = checklist.pinned(runbook).map(|pinned| pinned.content_hash);
            let Some(version) = version else { continue };
            if let Err(trouble) = self.remember_life(runbook, &version, recorded.at).await {
                tracing::warn!(error = %trouble, "that a runbook was used could not be remembered");
            }
        }
    }

    async fn remember_life(
        &self,
        runbook: &RunbookId,
        version: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Broken> {
        let sign = format!("{version} {}", at.to_rfc3339());
        self.store.remember(&fact_of(runbook), &sign).await
    }
}

fn fact_of(runbook: &RunbookId) -> String {
    format!("runbook/{runbook}")
}
