//! What becomes of an incident's ties to others.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::incident::event::Suspicion;
use crate::incident::relations::{Relapse, RelapseState};
use crate::incident::state::Incident;

/// The first suspicion asks, what comes while the question waits is part of it.
pub(super) fn suspect(incident: &mut Incident, suspicion: &Suspicion, at: DateTime<Utc>) {
    let waiting = incident
        .relations
        .relapse
        .take()
        .filter(|relapse| relapse.state == RelapseState::Asked);
    let mut relapse = waiting.unwrap_or_else(|| Relapse {
        asked_at: at,
        began_at: suspicion.began_at,
        groups: BTreeSet::new(),
        receipts: BTreeSet::new(),
        state: RelapseState::Asked,
    });
    relapse.began_at = relapse.began_at.min(suspicion.began_at);
    relapse.groups.insert(suspicion.group.clone());
    relapse.receipts.insert(suspicion.receipt.clone());
    incident.relations.relapse = Some(relapse);
}

/// The question is answered, if one waits.
pub(super) fn answer(incident: &mut Incident, state: RelapseState) {
    if let Some(relapse) = &mut incident.relations.relapse
        && relapse.state == RelapseState::Asked
    {
        relapse.state = state;
    }
}
