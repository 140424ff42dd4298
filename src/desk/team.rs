//! What the team has written down: its rota and its runbooks.

use std::collections::BTreeMap;

use bridgewatch_core::alert::Episode;
use bridgewatch_core::category::Category;
use bridgewatch_core::incident::{Incident, Link};
use bridgewatch_core::oncall::{self, Reach};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{
    self, AlertFacts, Checklist, Choice, FALLBACK_RUNBOOK, RunbookId, Values,
};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::Prefixes;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Roster, Shelf};

#[cfg(test)]
mod tests;

/// The rota and the runbooks.
#[derive(Clone, Debug)]
pub struct Team {
    /// Who is on call; nobody when the team has written no rota. It may be read again while the bot runs.
    pub roster: Roster,
    /// The runbooks; they may be read again while the bot runs.
    pub shelf: Shelf,
    /// The zone in which times are typed.
    pub zone: Tz,
    /// The words that mark a message.
    pub prefixes: Prefixes,
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
        let rota = self.roster.rota();
        Role::required(severity, category)
            .into_iter()
            .filter_map(|role| {
                let duty = oncall::who_is_on(&rota, role, at)?;
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
    pub fn runbook_for(
        &self,
        episodes: &[Episode],
        storm: bool,
        now: DateTime<Utc>,
    ) -> Option<(Checklist, String)> {
        let facts = facts_of(episodes);
        let library = self.shelf.library();
        let choice = runbook::select(library.runbooks(), &facts, storm).attached?;
        self.pin(choice.id.as_str(), choice.reason, episodes, now)
    }

    /// A runbook by its id, pinned, with its placeholders filled from the alerts as far as that is safe.
    #[must_use]
    pub fn pin(
        &self,
        id: &str,
        reason: String,
        episodes: &[Episode],
        now: DateTime<Utc>,
    ) -> Option<(Checklist, String)> {
        let library = self.shelf.library();
        let runbook = library.get(id)?;
        let agreed = Agreed::on(episodes);
        let mut checklist = Checklist::pin(runbook, agreed.values(), false);
        self.shelf.date(&mut checklist, now);
        Some((checklist, reason))
    }

    /// Every runbook, as id and title.
    #[must_use]
    pub fn all_runbooks(&self) -> Vec<(RunbookId, String)> {
        self.shelf
            .library()
            .runbooks()
            .iter()
            .map(|runbook| (runbook.id.clone(), runbook.title.clone()))
            .collect()
    }

    /// Runbooks that fit these alerts besides those that are attached: at most four, best first.
    #[must_use]
    pub fn also_relevant(&self, incident: &Incident, episodes: &[Episode]) -> Vec<Choice> {
        let facts = facts_of(episodes);
        let library = self.shelf.library();
        let selection = runbook::select(library.runbooks(), &facts, incident.storm);
        let is_attached = |id: &RunbookId| {
            let attached = incident.checklist.as_ref();
            attached.is_some_and(|checklist| checklist.pinned(id).is_some())
        };
        selection
            .attached
            .into_iter()
            .chain(selection.also)
            .filter(|choice| choice.id.as_str() != FALLBACK_RUNBOOK && !is_attached(&choice.id))
            .take(4)
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
        let library = self.shelf.library();
        if let Some(runbook) = runbook.and_then(|id| library.get(id.as_str())) {
            for link in runbook.filled_links(Agreed::on(episodes).values()) {
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

/// What the alerts do not disagree on: only that may fill a placeholder.
struct Agreed {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

impl Agreed {
    fn on(episodes: &[Episode]) -> Self {
        let facts = facts_of(episodes);
        Self {
            labels: runbook::agreed_labels(&facts),
            annotations: runbook::agreed_annotations(&facts),
        }
    }

    fn values(&self) -> Values<'_> {
        Values {
            annotations: Some(&self.annotations),
            ..Values::from(&self.labels)
        }
    }
}
