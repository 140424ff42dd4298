//! Who does what, and who commands. A role is filled only when a person says yes; command is a token that one person
//! holds, and it never moves by itself.

use std::collections::BTreeSet;

use super::{cut, may_command, must_be_live, one_line, person_of, undoable};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::{Handover, HandoverSubject, Incident, RoleState};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// The longest briefing that is kept, in characters.
const MAX_BRIEFING_CHARACTERS: usize = 1_500;

pub(super) fn propose(
    incident: &Incident,
    role: Role,
    to: PersonId,
) -> Result<Vec<Event>, Refusal> {
    must_be_live(incident)?;
    match incident.roles.get(&role) {
        Some(RoleState::Accepted { by, .. }) => Err(Refusal::RoleTaken { role, by: *by }),
        Some(RoleState::Proposed { to: asked, .. }) if *asked == to => Ok(Vec::new()),
        _ => Ok(vec![Event::RoleProposed { role, to }]),
    }
}

pub(super) fn accept(
    incident: &Incident,
    request: &Request,
    role: Role,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    if incident.phase == Phase::Closed || incident.phase == Phase::Cancelled {
        must_be_live(incident)?;
    }
    match incident.holder(role) {
        Some(by) if by == person => return Ok(Vec::new()),
        Some(by) => return Err(Refusal::RoleTaken { role, by }),
        None => {}
    }
    let mut events = vec![
        undoable(format!("being {role}")),
        Event::RoleAccepted { role, by: person },
    ];
    if role == Role::Bridge && incident.command.is_none() && incident.is_active() {
        events.push(Event::CommandMoved {
            from: None,
            to: person,
            reason: None,
        });
    }
    Ok(events)
}

pub(super) fn decline(
    incident: &Incident,
    request: &Request,
    role: Role,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    match incident.roles.get(&role) {
        Some(RoleState::Proposed { to, .. }) if *to == person => {
            Ok(vec![Event::RoleDeclined { role, by: person }])
        }
        Some(RoleState::Declined { by, .. }) if *by == person => Ok(Vec::new()),
        Some(RoleState::Accepted { by, .. }) => Err(Refusal::RoleTaken { role, by: *by }),
        _ => Err(Refusal::Unusable(format!(
            "You are not proposed as {role}."
        ))),
    }
}

pub(super) fn release(
    incident: &Incident,
    request: &Request,
    role: Role,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    if incident.holder(role) == Some(person) {
        Ok(vec![
            undoable(format!("giving back {role}")),
            Event::RoleReleased { role, by: person },
        ])
    } else {
        Err(Refusal::NotHeld { role })
    }
}

pub(super) fn take_command(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    match incident.command {
        Some(holder) if holder == person => Ok(Vec::new()),
        Some(holder) => Err(Refusal::NeedsCommand {
            holder,
            what: "give command away; ask for a hand-over",
        }),
        None => Ok(vec![
            undoable("taking command"),
            Event::CommandMoved {
                from: None,
                to: person,
                reason: None,
            },
        ]),
    }
}

pub(super) fn give_command(
    incident: &Incident,
    request: &Request,
    to: PersonId,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    if incident.command == Some(to) {
        return Ok(Vec::new());
    }
    if !may_command(incident, request) {
        return Err(Refusal::NeedsCommand {
            holder: incident.command.unwrap_or(person),
            what: "give command away",
        });
    }
    if incident.holder(Role::Bridge) != Some(to) {
        return Err(Refusal::Unusable(format!(
            "{to} is not Bridge Engineer. Use *Hand over*: they must say that they have it."
        )));
    }
    Ok(vec![
        undoable("giving command away"),
        Event::CommandMoved {
            from: incident.command,
            to,
            reason: Some("Bridge Engineer is here".to_owned()),
        },
    ])
}

pub(super) fn offer_handover(
    incident: &Incident,
    request: &Request,
    subjects: &BTreeSet<HandoverSubject>,
    to: PersonId,
    reason: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    if to == person {
        return Err(Refusal::ToYourself);
    }
    if let Some(pending) = &incident.handover {
        return if pending.to == to && pending.from == person {
            Ok(Vec::new())
        } else {
            Err(Refusal::HandoverPending { to: pending.to })
        };
    }
    let held: BTreeSet<HandoverSubject> = subjects
        .iter()
        .copied()
        .filter(|subject| holds(incident, person, *subject))
        .collect();
    if held.is_empty() {
        return Err(Refusal::NothingToHandOver);
    }
    Ok(vec![Event::HandoverOffered(Handover {
        subjects: held,
        from: person,
        to,
        at: request.at,
        reason: reason
            .map(|reason| one_line(reason, 200))
            .filter(|reason| !reason.is_empty()),
    })])
}

fn holds(incident: &Incident, person: PersonId, subject: HandoverSubject) -> bool {
    match subject {
        HandoverSubject::Command => incident.command == Some(person),
        HandoverSubject::Role(role) => incident.holder(role) == Some(person),
    }
}

pub(super) fn accept_handover(
    incident: &Incident,
    request: &Request,
    briefing: &str,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    let pending = incident
        .handover
        .as_ref()
        .filter(|pending| pending.to == person)
        .ok_or(Refusal::NoHandover)?;
    let mut events = vec![Event::HandoverAccepted {
        subjects: pending.subjects.clone(),
        from: pending.from,
        to: person,
        briefing: cut(briefing, MAX_BRIEFING_CHARACTERS),
    }];
    for subject in &pending.subjects {
        match subject {
            // What the giver has lost since the offer is no longer theirs to give.
            subject if !holds(incident, pending.from, *subject) => {}
            HandoverSubject::Role(role) => events.push(Event::RoleAccepted {
                role: *role,
                by: person,
            }),
            HandoverSubject::Command => events.push(Event::CommandMoved {
                from: Some(pending.from),
                to: person,
                reason: pending.reason.clone(),
            }),
        }
    }
    Ok(events)
}

pub(super) fn decline_handover(
    incident: &Incident,
    request: &Request,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    let pending = incident
        .handover
        .as_ref()
        .filter(|pending| pending.to == person || pending.from == person)
        .ok_or(Refusal::NoHandover)?;
    Ok(vec![Event::HandoverEnded {
        from: pending.from,
        to: pending.to,
        declined: true,
    }])
}
