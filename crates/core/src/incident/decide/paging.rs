//! Calling somebody for a role: a message of its own, and the pager where it rings.

use super::roles::must_be_here;
use super::{must_be_live, person_of};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::paging::TIME_TO_ANSWER;
use crate::incident::policy::Policy;
use crate::incident::refusal::Refusal;
use crate::incident::state::{Incident, RoleState};
use crate::person::PersonId;
use crate::role::Role;

pub(super) fn page(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
    role: Role,
    to: PersonId,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    must_be_live(incident)?;
    must_be_here(incident, role)?;
    if let Some(calls) = incident.calls_of(role, to) {
        if request.at - calls.at < policy.double_press {
            return Ok(Vec::new());
        }
        if request.at - calls.at < TIME_TO_ANSWER {
            return Err(Refusal::Unusable(format!(
                "{to} was paged at <t:{}:T>: they can be paged again at <t:{}:T>.",
                calls.at.timestamp(),
                (calls.at + TIME_TO_ANSWER).timestamp()
            )));
        }
        if calls.times >= policy.most_calls {
            return Err(Refusal::Unusable(format!(
                "{to} was paged {} for this and did not answer: ask somebody else.",
                match policy.most_calls {
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                }
            )));
        }
    }
    let paged = Event::RolePaged {
        role,
        to,
        rang: policy.has_pager && incident.severity.is_major(),
    };
    match incident.roles.get(&role) {
        Some(RoleState::Accepted { by, .. }) => Err(Refusal::RoleTaken { role, by: *by }),
        Some(RoleState::Proposed { to: asked, .. }) if *asked == to => Ok(vec![paged]),
        _ => Ok(vec![Event::RoleProposed { role, to }, paged]),
    }
}
