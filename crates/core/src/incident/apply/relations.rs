//! What becomes of an incident's ties to others.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::alert::GroupKey;
use crate::incident::command::Declaration;
use crate::incident::event::{Event, Recorded, Suspicion};
use crate::incident::links::{Linked, Tie};
use crate::incident::relations::{Attached, Origin, Relapse, RelapseState, Relations};
use crate::incident::state::{Incident, Visibility};

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

/// A group joined, or brought more.
pub(super) fn attach(incident: &mut Incident, attached: &Attached) {
    let known = incident
        .relations
        .attached
        .iter_mut()
        .find(|known| known.group == attached.group);
    match known {
        Some(known) => known.receipts.extend(attached.receipts.iter().cloned()),
        None => incident.relations.attached.push(attached.clone()),
    }
}

/// A group went its own way.
pub(super) fn split(incident: &mut Incident, group: &GroupKey) {
    incident
        .relations
        .attached
        .retain(|attached| attached.group != *group);
    incident.relations.split.insert(group.clone());
}

/// A tie to another incident was made, taken back, or has news. The change of a person can be taken back.
pub(super) fn tie(incident: &mut Incident, recorded: &Recorded) {
    let links = &mut incident.relations.links;
    let (other, before) = match &recorded.event {
        Event::Linked { other, link } => (*other, links.insert(*other, *link)),
        Event::Unlinked { other, .. } => (*other, links.remove(other)),
        Event::LinkedMoved { other, phase } => {
            if let Some(link) = links.get_mut(other) {
                link.phase = *phase;
            }
            return;
        }
        _ => return,
    };
    if let Some(undo) = &mut incident.undo
        && undo.at == recorded.at
        && Some(undo.by) == recorded.actor.person()
    {
        undo.before.link = Some((other, before));
    }
}

/// What an incident is tied to from its beginning: a person who says that another one came back ties the two.
pub(super) fn born_with(recorded: &Recorded, declaration: &Declaration) -> Relations {
    let mut relations = Relations {
        origin: declaration.origin,
        ..Relations::default()
    };
    let said_so = recorded.actor.person().is_some() && declaration.visibility == Visibility::Normal;
    if let Some(Origin::RelapseOf(before)) = declaration.origin.filter(|_| said_so) {
        let link = Linked {
            tie: Tie::Related,
            phase: None,
        };
        relations.links.insert(before, link);
    }
    relations
}
