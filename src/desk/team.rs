//! What the team has written down: its rota and its runbooks.

use std::collections::BTreeMap;
use std::sync::Arc;

use bridgewatch_core::alert::Episode;
use bridgewatch_core::category::Category;
use bridgewatch_core::incident::{Incident, Link};
use bridgewatch_core::oncall::{self, Reach, Rota};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{self, AlertFacts, Checklist, Library, RunbookId};
use bridgewatch_core::severity::Severity;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

#[cfg(test)]
mod tests;

/// The rota and the runbooks, read at start.
#[derive(Clone, Debug)]
pub struct Team {
    /// Who is on call; empty when the team has written none.
    pub rota: Arc<Rota>,
    /// The runbooks.
    pub library: Arc<Library>,
    /// The zone in which times are typed.
    pub zone: Tz,
}

impl Team {
    /// Whom the rota proposes for the roles that such an incident calls for at once. Whoever may be woken outside their
    /// hours only for SEV1 is let sleep through everything else.
    #[must_use]
    pub fn proposals(
        &self,
        severity: Severity,
        category: Category,
        at: DateTime<Utc>,
    ) -> BTreeMap<Role, PersonId> {
        Role::required(severity, category)
            .into_iter()
            .filter_map(|role| {
                let duty = oncall::who_is_on(&self.rota, role, at)?;
                let reached = match duty.reach {
                    Reach::Always => true,
                    Reach::OnlySev1 => severity == Severity::Sev1,
                };
                reached.then_some((role, duty.person))
            })
            .collect()
    }

    /// The runbook that fits these alerts, pinned, with the reason.
    #[must_use]
    pub fn runbook_for(&self, episodes: &[Episode], storm: bool) -> Option<(Checklist, String)> {
        let facts = facts_of(episodes);
        let choice = runbook::select(self.library.runbooks(), &facts, storm).attached?;
        self.pin(choice.id.as_str(), choice.reason, episodes)
    }

    /// A runbook by its id, pinned, with its placeholders filled from the alerts as far as that is safe.
    #[must_use]
    pub fn pin(
        &self,
        id: &str,
        reason: String,
        episodes: &[Episode],
    ) -> Option<(Checklist, String)> {
        let runbook = self.library.get(id)?;
        Some((Checklist::pin(runbook, &agreed(episodes), false), reason))
    }

    /// Runbooks that could be attached instead of the pinned one.
    #[must_use]
    pub fn others(&self, incident: Option<&Incident>) -> Vec<(RunbookId, String)> {
        let pinned = incident
            .and_then(|incident| incident.checklist.as_ref())
            .map(|checklist| &checklist.runbook_id);
        self.library
            .runbooks()
            .iter()
            .filter(|runbook| Some(&runbook.id) != pinned)
            .map(|runbook| (runbook.id.clone(), runbook.title.clone()))
            .collect()
    }

    /// Links for the next-step card: from the alerts' annotations first, then from the runbook. At most three.
    #[must_use]
    pub fn links(&self, episodes: &[Episode], runbook: Option<&RunbookId>) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        let mut add = |label: &str, url: &str| {
            let known = links
                .iter()
                .any(|link| link.label == label || link.url == url);
            let url = url.trim();
            // One that is too long for a button is left out: cut, it would lead elsewhere.
            let fits = !url.is_empty() && url.len() <= Link::MAX_URL_BYTES;
            if links.len() < 3 && !known && fits {
                links.push(Link {
                    label: label.to_owned(),
                    url: url.to_owned(),
                });
            }
        };
        for (annotation, label) in [
            ("runbook_url", "Runbook"),
            ("dashboard_url", "Dashboard"),
            ("dashboard", "Dashboard"),
            ("panel_url", "Panel"),
            ("logs_url", "Logs"),
            ("logs", "Logs"),
            ("source_url", "Source"),
        ] {
            if let Some(url) = episodes
                .iter()
                .find_map(|episode| episode.annotations.get(annotation))
            {
                add(label, url);
            }
        }
        if let Some(runbook) = runbook.and_then(|id| self.library.get(id.as_str())) {
            for link in runbook.filled_links(&agreed(episodes)) {
                add(&link.label, &link.url);
            }
        }
        // What helps to look comes before what makes it quiet.
        if let Some(url) = episodes
            .iter()
            .find_map(|episode| episode.annotations.get("silence_url"))
        {
            add("Silence", url);
        }
        links
    }
}

fn facts_of(episodes: &[Episode]) -> Vec<AlertFacts<'_>> {
    episodes
        .iter()
        .map(|episode| AlertFacts {
            labels: &episode.labels,
            annotations: &episode.annotations,
        })
        .collect()
}

/// The labels the alerts do not disagree on: only those may fill a placeholder.
fn agreed(episodes: &[Episode]) -> BTreeMap<String, String> {
    runbook::agreed_labels(&facts_of(episodes))
}
