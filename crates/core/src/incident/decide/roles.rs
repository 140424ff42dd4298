//! Who does what, and who commands. A role is filled only when a person says yes; command is a token that one person
//! holds, and it never moves by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::life::take_as;
use super::{cut, may_command, must_be_live, needs_command, one_line, person_of, undoable};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::policy::Policy;
use crate::incident::refusal::Refusal;
use crate::incident::state::{Handover, HandoverSubject, Incident, RoleState};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// The longest briefing that is kept, in characters.
const MAX_BRIEFING_CHARACTERS: usize = 1_500;

/// Refuses a role that the team has not switched on.
pub(super) fn must_be_here(incident: &Incident, role: Role) -> Result<(), Refusal> {
    if incident.roles_here().contains(&role) {
        return Ok(());
    }
    Err(Refusal::Unusable(format!(
        "{role} is no role here. Whoever maintains the bot adds `{}` to `policy.optional_roles`; incidents that begin then \
         have it.",
        role.id()
    )))
}

pub(super) fn propose(
    incident: &Incident,
    role: Role,
    to: PersonId,
) -> Result<Vec<Event>, Refusal> {
    must_be_live(incident)?;
    must_be_here(incident, role)?;
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
    must_be_here(incident, role)?;
    match incident.holder(role) {
        Some(by) if by == person => return Ok(Vec::new()),
        Some(by) => return Err(Refusal::RoleTaken { role, by }),
        None => {}
    }
    if role == Role::OnCall && incident.phase == Phase::Open {
        // Being its On-Call Engineer and having it is the same thing.
        return take_as(incident, request, Some(role));
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
    if matches!(incident.phase, Phase::Closed | Phase::Cancelled) {
        must_be_live(incident)?;
    }
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
    policy: &Policy,
    role: Role,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    if matches!(incident.phase, Phase::Closed | Phase::Cancelled) {
        must_be_live(incident)?;
    }
    match incident.roles.get(&role) {
        Some(RoleState::Accepted { by, .. }) if *by == person => Ok(vec![
            undoable(format!("giving back {role}")),
            Event::RoleReleased { role, by: person },
        ]),
        Some(RoleState::Released { by, at })
            if *by == person && request.at - *at < policy.double_press =>
        {
            Ok(Vec::new())
        }
        _ => Err(Refusal::NotHeld { role }),
    }
}

/// Command is asked for, never snatched: its holder gives it, or has been silent for a while.
pub(super) fn take_command(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    let taking = |from, reason| {
        vec![
            undoable("taking command"),
            Event::CommandMoved {
                from,
                to: person,
                reason,
            },
        ]
    };
    let Some(holder) = incident.command else {
        return Ok(taking(None, None));
    };
    if holder == person {
        return Ok(Vec::new());
    }
    match incident.command_asked {
        None => Ok(vec![Event::CommandAsked { by: person }]),
        Some((_, at)) if request.at - at >= policy.command_answer => Ok(taking(
            Some(holder),
            Some(format!(
                "no answer for {} minutes",
                policy.command_answer.num_minutes()
            )),
        )),
        Some((by, at)) if by == person && request.at - at < policy.double_press => Ok(Vec::new()),
        Some((_, at)) => Err(Refusal::CommandAsked {
            holder,
            free_at: at + policy.command_answer,
        }),
    }
}

/// The holder of command says no to whoever asked, and is asked anew next time.
pub(super) fn not_yet(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    needs_command(incident, request, "answer this")?;
    if incident.resolve_asked.is_none() && incident.command_asked.is_none() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::NotYetSaid { by: person }])
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
    let reason = if incident.holder(Role::Bridge) == Some(to) {
        "Bridge Engineer is here"
    } else if incident.holder(Role::Deputy) == Some(to) {
        "Deputy stands by"
    } else if incident.command_asked.is_some_and(|(by, _)| by == to) {
        "asked for it"
    } else {
        return Err(Refusal::Unusable(format!(
            "{to} is not Bridge Engineer. Use *Hand over*: they must say that they have it."
        )));
    };
    Ok(vec![
        undoable("giving command away"),
        Event::CommandMoved {
            from: incident.command,
            to,
            reason: Some(reason.to_owned()),
        },
    ])
}

pub(super) fn offer_handover(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
    subjects: &BTreeSet<HandoverSubject>,
    to: PersonId,
    (reason, briefing): (Option<&str>, &str),
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    if to == person {
        return Err(Refusal::ToYourself);
    }
    let mut events = Vec::new();
    match &incident.handover {
        None => {}
        Some(lapsed) if has_lapsed(lapsed, request.at, policy) => {
            events.push(Event::HandoverEnded {
                from: lapsed.from,
                to: lapsed.to,
                declined: false,
            });
        }
        Some(pending) if pending.to == to && pending.from == person => return Ok(Vec::new()),
        Some(pending) => return Err(Refusal::HandoverPending { to: pending.to }),
    }
    let held: BTreeSet<HandoverSubject> = subjects
        .iter()
        .copied()
        .filter(|subject| holds(incident, person, *subject))
        .collect();
    if held.is_empty() {
        return Err(Refusal::NothingToHandOver);
    }
    events.push(Event::HandoverOffered(Handover {
        subjects: held,
        from: person,
        to,
        at: request.at,
        reason: reason
            .map(|reason| one_line(reason, 200))
            .filter(|reason| !reason.is_empty()),
        briefing: briefing.to_owned(),
    }));
    Ok(events)
}

/// Whether nobody answered in time, also where the clock has not said so yet.
fn has_lapsed(handover: &Handover, now: DateTime<Utc>, policy: &Policy) -> bool {
    now - handover.at >= policy.handover_expiry
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
    policy: &Policy,
    briefing: &str,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    let Some(pending) = incident
        .handover
        .as_ref()
        .filter(|pending| pending.to == person && !has_lapsed(pending, request.at, policy))
    else {
        // The second press on *I have it* is the first one, heard twice.
        let just_received = incident
            .received
            .is_some_and(|(by, at)| by == person && request.at - at < policy.double_press);
        return if just_received {
            Ok(Vec::new())
        } else {
            Err(Refusal::NoHandover)
        };
    };
    // What the giver has lost since the offer is no longer theirs to give.
    let given: BTreeSet<HandoverSubject> = pending
        .subjects
        .iter()
        .copied()
        .filter(|subject| holds(incident, pending.from, *subject))
        .collect();
    if given.is_empty() {
        return Err(Refusal::NoHandover);
    }
    let mut events = vec![Event::HandoverAccepted {
        subjects: given.clone(),
        from: pending.from,
        to: person,
        briefing: cut(briefing, MAX_BRIEFING_CHARACTERS),
        reason: pending.reason.clone(),
    }];
    for subject in &given {
        match subject {
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
        .filter(|pending| pending.to == person)
        .ok_or(Refusal::NoHandover)?;
    Ok(vec![Event::HandoverEnded {
        from: pending.from,
        to: pending.to,
        declined: true,
    }])
}
