//! Who may see it. Anybody who may act hides an incident at once: too much caution costs little. Command shows it to
//! everybody again; where nobody holds it, whoever does it stands in the timeline.

use super::person_of;
use crate::incident::command::{Actor, Rank, Request};
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::{Incident, Visibility};
use crate::person::PersonId;

pub(super) fn set(
    incident: &Incident,
    request: &Request,
    to: Visibility,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if incident.visibility == to {
        return Ok(Vec::new());
    }
    if let (Visibility::Normal, Actor::Person { id, rank }) = (to, request.actor) {
        may_show(incident, id, rank)?;
    }
    let mut events = vec![Event::VisibilityChanged { to }];
    if to == Visibility::Restricted {
        events.extend(reminder_of_evidence(incident));
    }
    Ok(events)
}

/// Whether somebody may show it to everybody again. While it is live and nobody commands, any responder may, and that is
/// written down. Once it is over nothing presses: then whoever owns the postmortem may, or, where nobody does, whoever took
/// part; and that is written down, too.
///
/// # Errors
/// Who can instead.
pub fn may_show(incident: &Incident, person: PersonId, rank: Rank) -> Result<(), Refusal> {
    let what = "show it to everybody again";
    match incident.command {
        _ if rank >= Rank::Commander => Ok(()),
        Some(holder) if holder == person => Ok(()),
        Some(holder) => Err(Refusal::NeedsCommand { holder, what }),
        None if incident.is_active() => Ok(()),
        None => match incident.postmortem.owner {
            Some(owner) if owner == person => Ok(()),
            Some(owner) => Err(Refusal::NotYours { who: owner, what }),
            None if incident.circle().contains(&person) => Ok(()),
            None => Err(Refusal::NobodyCommands { what }),
        },
    }
}

/// What is contained is changed, and what is changed proves nothing any more: said once.
pub(super) fn reminder_of_evidence(incident: &Incident) -> Option<Event> {
    let has_room = incident.surface.channel.is_some();
    (has_room && !incident.relations.evidence_reminded && incident.is_active())
        .then_some(Event::EvidenceReminded)
}

pub(super) fn admit(
    incident: &Incident,
    request: &Request,
    person: PersonId,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if incident.visibility == Visibility::Normal {
        return Err(Refusal::Unusable(
            "Everybody in the server sees it already: nobody has to be let in.".to_owned(),
        ));
    }
    if incident.circle().contains(&person) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::PersonAdmitted { person }])
}
