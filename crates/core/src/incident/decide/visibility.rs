//! Who may see it. Anybody who may act hides an incident at once: too much caution costs little. Only command shows it to
//! everybody again.

use super::{may_command, person_of};
use crate::incident::command::Request;
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
    if to == Visibility::Normal {
        let what = "show it to everybody again";
        match incident.command {
            Some(holder) if !may_command(incident, request) => {
                return Err(Refusal::NeedsCommand { holder, what });
            }
            // What was hidden on purpose is not shown because nobody is there to say no.
            None if !is_commander(request) => return Err(Refusal::NobodyCommands { what }),
            _ => {}
        }
    }
    let mut events = vec![Event::VisibilityChanged { to }];
    if to == Visibility::Restricted {
        events.extend(reminder_of_evidence(incident));
    }
    Ok(events)
}

fn is_commander(request: &Request) -> bool {
    use crate::incident::command::{Actor, Rank};
    matches!(request.actor, Actor::Person { rank, .. } if rank >= Rank::Commander)
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
