//! An incident that came back after the time in which it could be opened again: a person begins a new one that names it.

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{Declaration, Incident, Origin, Refusal};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Answer, Ask, Broken};

use super::{Begun, IncidentDesk};

/// How many live incidents are looked at, newest first, for one that names the old one already.
const MOST_LOOKED_THROUGH: i64 = 1_000;

impl IncidentDesk {
    pub(super) async fn begin_relapse(&self, of: IncidentId, ask: Ask) -> Result<Answer, Broken> {
        // Two who press at the same time begin one incident.
        let _one_at_a_time = self.correlating.lock().await;
        let Some(old) = self.store.incident(of).await? else {
            return Ok(Answer::Unknown);
        };
        if old.is_active() {
            return Ok(Answer::Refused(Refusal::Unusable(format!(
                "{of} is live: it goes on there."
            ))));
        }
        if let Some(begun) = self.live_relapse_of(of, ask.actor.person()).await? {
            return Ok(Answer::Done {
                incident: Box::new(begun),
                events: Vec::new(),
            });
        }
        let declaration = self.declaration_of_relapse(&old);
        let begun = self
            .begin(ask.actor, ask.delivery, declaration, |_| {})
            .await?;
        Ok(match begun {
            Begun::Done { incident, events } => Answer::Done { incident, events },
            Begun::Refused(refusal) => Answer::Refused(refusal),
            // A declaration of one's own meets no other: only the same interaction heard twice ends here.
            Begun::Duplicate | Begun::Conflict => Answer::Unknown,
        })
    }

    /// The live one that names it, if whoever asks may know of it: of one that few may see, others open another.
    async fn live_relapse_of(
        &self,
        of: IncidentId,
        asker: Option<PersonId>,
    ) -> Result<Option<Incident>, Broken> {
        for listed in self.store.list(true, MOST_LOOKED_THROUGH).await? {
            let may_know =
                !listed.restricted || asker.is_some_and(|asker| listed.circle.contains(&asker));
            if !may_know {
                continue;
            }
            let incident = self.store.incident(listed.id).await?;
            let names_it = |incident: &Incident| {
                incident.relations.origin == Some(Origin::RelapseOf(of)) && incident.is_active()
            };
            if let Some(incident) = incident.filter(names_it) {
                return Ok(Some(incident));
            }
        }
        Ok(None)
    }

    /// What is known of the old one is what is known of the new one.
    fn declaration_of_relapse(&self, old: &Incident) -> Declaration {
        let now = self.clock.now();
        let reason = format!("It was used in {}.", old.id);
        let runbook = old
            .checklist
            .as_ref()
            .and_then(|used| self.team.pin(used.runbook_id.as_str(), reason, &[], now))
            .or_else(|| self.team.runbook_for(&[], false, now));
        let links = self.team.links(
            &[],
            runbook.as_ref().map(|(checklist, _)| &checklist.runbook_id),
        );
        Declaration {
            title: old.title.clone(),
            severity: old.severity,
            category: old.category,
            visibility: old.visibility,
            services: old.services.clone(),
            alerts: None,
            news: Vec::new(),
            alert_received_at: None,
            storm: false,
            runbook,
            links,
            origin: Some(Origin::RelapseOf(old.id)),
            optional_roles: self.policy().optional_roles.clone(),
            proposals: self.team.proposals(old.severity, old.category, now),
        }
    }
}
