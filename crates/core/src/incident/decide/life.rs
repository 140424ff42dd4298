//! The life of an incident: taken, moved, reopened, cancelled; its severity; its alerts; the undo.

use chrono::{DateTime, Utc};

use super::runbooks::may_be_exchanged;
use super::{must_be_live, needs_command, one_line, person_of, undoable};
use crate::ids::Seq;
use crate::incident::command::{Command, ImpactAnswer, Request};
use crate::incident::event::Event;
use crate::incident::facts::MilestoneName;
use crate::incident::policy::Policy;
use crate::incident::refusal::{NoUndo, Refusal};
use crate::incident::relations::RelapseState;
use crate::incident::state::{CancelReason, Incident, MAX_LINKS, RoleState};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::severity::Severity;
use crate::timeline::Precision;

/// Whether the request repeats what the same press has just done. Two presses within ten seconds are one.
pub(super) fn is_repeat(incident: &Incident, request: &Request, policy: &Policy) -> bool {
    let just_now = request.at - incident.phase_since < policy.double_press;
    match &request.command {
        // Whoever says only now since when it is over says something new.
        Command::Move {
            impact: Some(ImpactAnswer::OverSince(_)),
            ..
        } => false,
        Command::Move { to, .. } => *to == incident.phase && just_now,
        Command::Resolve { .. } => incident.phase == Phase::Learning && just_now,
        Command::Close => incident.phase == Phase::Closed && just_now,
        Command::Cancel { .. } => incident.phase == Phase::Cancelled && just_now,
        // Whoever was asked to be something else took it as that, and holds command.
        Command::Take => request.actor.person().is_some_and(|person| {
            incident.is_active()
                && incident.phase != Phase::Open
                && (incident.holder(Role::OnCall) == Some(person)
                    || incident.command == Some(person) && just_now)
        }),
        Command::Reopen => incident.phase == Phase::Diagnosis && just_now,
        Command::SetSeverity { to, .. } => *to == incident.severity && incident.is_active(),
        Command::Undo { seq } => incident.undone == Some(*seq),
        Command::WaitToResolve => incident.resolve_put_off.is_some_and(|(by, until)| {
            let asked_at = until - policy.resolve_wait;
            request.actor.person() == Some(by) && request.at - asked_at < policy.double_press
        }),
        _ => false,
    }
}

pub(super) fn take(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    let role = request
        .actor
        .person()
        .and_then(|person| role_of_taker(incident, person));
    take_as(incident, request, role)
}

/// Takes the incident in a certain role.
pub(super) fn take_as(
    incident: &Incident,
    request: &Request,
    role: Option<Role>,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    if incident.phase != Phase::Open {
        return match (
            incident.holder(Role::OnCall),
            incident.milestones.at(MilestoneName::Acknowledged),
        ) {
            (Some(by), Some(at)) => Err(Refusal::Taken { by, at }),
            // They took it in the role they were asked for: the same tap heard again adds no other.
            _ if took_it_in_another_role(incident, person) => Ok(Vec::new()),
            // Taken once and given back since: whoever presses now has it.
            _ => Ok(vec![
                undoable("taking it"),
                Event::RoleAccepted {
                    role: Role::OnCall,
                    by: person,
                },
            ]),
        };
    }
    let mut events = vec![undoable("taking it")];
    events.extend(taken_by(incident, request, role)?);
    events.push(Event::PhaseChanged {
        from: Phase::Open,
        to: Phase::Diagnosis,
        note: None,
    });
    Ok(events)
}

fn took_it_in_another_role(incident: &Incident, person: PersonId) -> bool {
    let acknowledged = incident.milestones.current(MilestoneName::Acknowledged);
    let was_given_back = matches!(
        incident.roles.get(&Role::OnCall),
        Some(RoleState::Released { .. })
    );
    acknowledged.is_some_and(|statement| statement.set_by == Some(person))
        && !was_given_back
        && !incident.roles_of(person).is_empty()
}

/// The role that comes with taking an incident: the one the person was asked to take; otherwise they are its On-Call
/// Engineer, unless somebody is already.
pub(super) fn role_of_taker(incident: &Incident, person: PersonId) -> Option<Role> {
    let asked = |role: &Role| matches!(incident.roles.get(role), Some(RoleState::Proposed { to, .. }) if *to == person);
    [Role::OnCall]
        .into_iter()
        .chain(Role::ALL)
        .filter(|role| *role != Role::Observer)
        .find(asked)
        .or_else(|| {
            incident
                .holder(Role::OnCall)
                .is_none()
                .then_some(Role::OnCall)
        })
}

/// What it means that a person takes an open incident.
pub(super) fn taken_by(
    incident: &Incident,
    request: &Request,
    role: Option<Role>,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    let mut events = vec![Event::Acknowledged { by: person }];
    if let Some(role) = role {
        events.push(Event::RoleAccepted { role, by: person });
    }
    if incident.command.is_none() {
        events.push(Event::CommandMoved {
            from: None,
            to: person,
            reason: None,
        });
    }
    Ok(events)
}

pub(super) fn move_to(
    incident: &Incident,
    request: &Request,
    to: Phase,
    impact: Option<ImpactAnswer>,
    note: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    must_be_live(incident)?;
    match to {
        Phase::Open => {
            return Err(Refusal::WrongPhase {
                phase: incident.phase,
                instead: "Somebody has it already; go back to diagnosis instead.",
            });
        }
        Phase::Learning => {
            return Err(Refusal::WrongPhase {
                phase: incident.phase,
                instead: "Use *Resolve* when it is over.",
            });
        }
        Phase::Closed | Phase::Cancelled => {
            return Err(Refusal::WrongPhase {
                phase: incident.phase,
                instead: "Use *Resolve*, or *Not an incident* while nobody has it.",
            });
        }
        Phase::Diagnosis | Phase::Mitigation | Phase::Fix | Phase::Validation => {}
    }
    if to == incident.phase {
        // Whoever moved on with one press may still say that the impact ended earlier.
        return Ok(impact_answered(incident, request.at, impact)?
            .into_iter()
            .collect());
    }
    let mut events = vec![undoable(format!("the move to {to}"))];
    if incident.phase == Phase::Open {
        let role = role_of_taker(incident, person_of(request)?);
        events.extend(taken_by(incident, request, role)?);
    }
    events.extend(impact_answered(incident, request.at, impact)?);
    events.push(Event::PhaseChanged {
        from: incident.phase,
        to,
        note: note
            .map(|note| one_line(note, 300))
            .filter(|note| !note.is_empty()),
    });
    Ok(events)
}

fn impact_answered(
    incident: &Incident,
    now: DateTime<Utc>,
    answer: Option<ImpactAnswer>,
) -> Result<Option<Event>, Refusal> {
    Ok(match answer {
        // It was over already: there is nothing new to say.
        Some(ImpactAnswer::OverNow) if !incident.impact_is_open() => None,
        Some(ImpactAnswer::OverNow) => Some(Event::ImpactEnded {
            at: now,
            precision: Precision::Exact,
        }),
        Some(ImpactAnswer::OverSince(at)) => {
            let begun = incident.impact.last().map(|interval| interval.start);
            if at > now {
                return Err(Refusal::Unusable(
                    "The impact cannot end in the future.".to_owned(),
                ));
            }
            if begun.is_some_and(|begun| at < begun) {
                return Err(Refusal::Unusable(
                    "The impact cannot end before it began.".to_owned(),
                ));
            }
            let precision = Precision::Minute;
            if incident.impact_is_open() {
                Some(Event::ImpactEnded { at, precision })
            } else if incident.milestones.at(MilestoneName::Mitigated) == Some(at) {
                None
            } else {
                Some(Event::MilestoneCorrected {
                    name: MilestoneName::Mitigated,
                    at,
                    precision,
                    evidence: None,
                })
            }
        }
        Some(ImpactAnswer::Back) if !incident.impact_is_open() => Some(Event::ImpactStarted {
            at: now,
            precision: Precision::Exact,
        }),
        Some(ImpactAnswer::Back | ImpactAnswer::NotYet) | None => None,
    })
}

pub(super) fn cancel(
    incident: &Incident,
    request: &Request,
    reason: CancelReason,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    // What another incident covers is not forgotten by ending this one.
    let too_late = !matches!(incident.phase, Phase::Open | Phase::Diagnosis);
    if too_late && reason != CancelReason::Duplicate {
        return Err(Refusal::WrongPhase {
            phase: incident.phase,
            instead: "Work has been done on it: use *Resolve*, so that it is not forgotten.",
        });
    }
    if too_late || incident.holder(Role::OnCall) != Some(person) {
        needs_command(incident, request, "say that this is no incident")?;
    }
    Ok(vec![Event::Cancelled { reason }])
}

pub(super) fn reopen(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if !matches!(incident.phase, Phase::Learning | Phase::Cancelled) {
        return Err(Refusal::WrongPhase {
            phase: incident.phase,
            instead: "Only an incident that was resolved or cancelled can be reopened.",
        });
    }
    if request.at - incident.phase_since > policy.reopen_window {
        return Err(Refusal::TooLateToReopen {
            hours: policy.reopen_window.num_hours(),
        });
    }
    let mut events = Vec::new();
    if incident
        .milestones
        .at(MilestoneName::Acknowledged)
        .is_none()
    {
        let role = role_of_taker(incident, person_of(request)?);
        events.extend(taken_by(incident, request, role)?);
    } else if incident.command.is_none() {
        let person = person_of(request)?;
        events.push(Event::CommandMoved {
            from: None,
            to: person,
            reason: None,
        });
    }
    // What was cancelled had not ended for the users, as far as anybody said.
    if !incident.impact_is_open() {
        let began_again = incident
            .relations
            .relapse
            .as_ref()
            .filter(|relapse| relapse.state == RelapseState::Asked)
            .map(|relapse| relapse.began_at.max(incident.phase_since).min(request.at));
        events.push(match began_again {
            // What fires began before somebody answered.
            Some(at) => Event::ImpactStarted {
                at,
                precision: Precision::Approximate,
            },
            None => Event::ImpactStarted {
                at: request.at,
                precision: Precision::Exact,
            },
        });
    }
    events.push(Event::Reopened {
        from: incident.phase,
    });
    Ok(events)
}

pub(super) fn set_severity(
    incident: &Incident,
    request: &Request,
    to: Severity,
    reason: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    must_be_live(incident)?;
    let reason = reason
        .map(|reason| one_line(reason, 200))
        .filter(|reason| !reason.is_empty());
    if incident.severity.is_worse_than(to) {
        needs_command(incident, request, "lower the severity")?;
        if reason.is_none() {
            return Err(Refusal::NeedsReason);
        }
    }
    Ok(vec![
        undoable(format!("the change to {to}")),
        Event::SeverityChanged {
            from: incident.severity,
            to,
            reason,
        },
    ])
}

pub(super) fn undo(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
    seq: Seq,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    match &incident.undo {
        Some(undo) if undo.seq == seq => {
            if undo.by != person {
                Err(NoUndo::NotTheirs(undo.by).into())
            } else if request.at - undo.at > policy.undo_window {
                Err(NoUndo::TooLate.into())
            } else {
                let mut events = vec![Event::Undone {
                    of: seq,
                    what: undo.what.clone(),
                }];
                events.extend(super::links::undone(incident));
                Ok(events)
            }
        }
        _ => Err(NoUndo::ChangedSince.into()),
    }
}

pub(super) fn alerts_changed(
    incident: &Incident,
    request: &Request,
) -> Result<Vec<Event>, Refusal> {
    let Command::AlertsChanged {
        picture,
        attached,
        news,
        links,
        services,
        severity,
        storm,
        runbook,
    } = &request.command
    else {
        return Ok(Vec::new());
    };
    let mut events = Vec::new();
    let nothing_new = news.is_empty()
        && **picture == incident.alerts
        && services.is_subset(&incident.services)
        && (!*storm || incident.storm)
        && (incident.links.len() >= MAX_LINKS
            || links.iter().all(|link| incident.links.contains(link)));
    if !nothing_new {
        events.push(Event::AlertsChanged {
            picture: (**picture).clone(),
            news: news.clone(),
            links: links.clone(),
            services: services.clone(),
            storm: *storm,
        });
    }
    if !incident.is_active() {
        return Ok(events);
    }
    events.extend(super::split::attached(incident, attached));
    if let Some((to, reason)) = severity
        && to.is_worse_than(incident.severity)
    {
        events.push(Event::SeverityChanged {
            from: incident.severity,
            to: *to,
            reason: Some(reason.clone()),
        });
    }
    if let Some((checklist, reason)) = runbook
        && may_be_exchanged(incident, checklist)
    {
        events.push(Event::RunbookAttached {
            checklist: checklist.clone(),
            reason: reason.clone(),
        });
    }
    Ok(events)
}
