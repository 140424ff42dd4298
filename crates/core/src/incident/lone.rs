//! One person commands and repairs at the same time. That is told them once, some minutes after the Bridge Engineer was
//! asked: nothing has to be done about it, but it is easily forgotten that somebody else could decide.

use chrono::{DateTime, Utc};

use super::policy::Policy;
use super::quiet::may_prompt_from;
use super::state::{Incident, RoleState};
use crate::incident::MilestoneName;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::severity::Severity;

/// The roles of those who repair.
const REPAIR: [Role; 3] = [Role::OnCall, Role::Backend, Role::Frontend];

/// Who commands and repairs in a SEV1 while the Bridge Engineer is missing, unless they were told.
fn alone(incident: &Incident) -> Option<PersonId> {
    let repairs = |person: &PersonId| {
        REPAIR
            .into_iter()
            .any(|role| incident.holder(role) == Some(*person))
    };
    let bridge_is_missing =
        incident.severity == Severity::Sev1 && incident.holder(Role::Bridge).is_none();
    let is_worked_on = matches!(
        incident.phase,
        Phase::Diagnosis | Phase::Mitigation | Phase::Fix
    );
    incident
        .command
        .filter(repairs)
        .filter(|_| bridge_is_missing && is_worked_on && incident.lone_told_at.is_none())
}

/// Whom to tell, and when.
pub(super) fn lone_hint_due(
    incident: &Incident,
    policy: &Policy,
) -> Option<(PersonId, DateTime<Utc>)> {
    let person = alone(incident)?;
    let since = [
        Some(incident.live_since),
        incident.milestones.at(MilestoneName::Acknowledged),
        bridge_asked_at(incident),
    ]
    .into_iter()
    .flatten()
    .max()?;
    let due = since + policy.lone_hint_after;
    Some((person, may_prompt_from(incident, person, due, policy)))
}

/// Since when somebody is asked to be Bridge Engineer.
fn bridge_asked_at(incident: &Incident) -> Option<DateTime<Utc>> {
    match incident.roles.get(&Role::Bridge) {
        Some(RoleState::Proposed { at, .. }) => Some(*at),
        _ => None,
    }
}
