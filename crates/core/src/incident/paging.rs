//! Somebody is wanted now: two taps call whoever the rota names for a role.
//!
//! A proposal asks, and the person may answer when they see it. A page is a person's own wish that a phone makes a sound,
//! so it rings whatever the severity, and again for whoever was asked and has not answered. The same person is called at
//! most three times for a role; after that the next in the rota is wanted, not one more noise.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::state::{Incident, RoleState};
use crate::oncall::{Candidate, Reach};
use crate::person::PersonId;
use crate::role::Role;
use crate::severity::Severity;

/// How often one person is called for one role.
pub(super) const MOST_CALLS: u32 = 3;

/// How long somebody who was called has before they can be called again.
pub(super) const TIME_TO_ANSWER: TimeDelta = TimeDelta::minutes(2);

/// Who was called for a role by somebody's press, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Whom.
    pub to: PersonId,
    /// How often.
    pub times: u32,
    /// When last.
    pub at: DateTime<Utc>,
}

impl Incident {
    /// How often somebody was called since they were last asked for a role. Whoever had it, or said no, and is asked again
    /// is called anew.
    #[must_use]
    pub fn calls_of(&self, role: Role, person: PersonId) -> Option<&Calls> {
        let asked_at = match self.roles.get(&role) {
            Some(RoleState::Proposed { to, at }) if *to == person => *at,
            _ => return None,
        };
        self.calls
            .get(&role)
            .filter(|calls| calls.to == person && calls.at >= asked_at)
    }

    /// As what somebody was called, while another has the incident.
    #[must_use]
    pub fn wanted_as(&self, person: PersonId) -> Option<Role> {
        self.holder(Role::OnCall)?;
        Role::ALL
            .into_iter()
            .find(|role| self.calls_of(*role, person).is_some())
    }
}

/// Whom a page for a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhomToPage {
    /// This person.
    Person(PersonId),
    /// Whoever presses is the one whom the rota names.
    Yourself,
    /// At this hour this person is woken for a SEV1 only.
    OnlySev1(PersonId),
    /// The rota names nobody, or nobody who is left to call.
    Nobody,
}

/// Whom the rota would have called for a role: the first of `candidates`, which stand in the rota's order, who has not said
/// no and was not called three times already. `asker` is never called.
#[must_use]
pub fn whom_to_page(
    incident: &Incident,
    role: Role,
    candidates: &[Candidate],
    asker: PersonId,
) -> WhomToPage {
    let is_left = |person: PersonId| {
        let said_no = matches!(
            incident.roles.get(&role),
            Some(RoleState::Declined { by, .. } | RoleState::Released { by, .. }) if *by == person
        );
        let calls = incident.calls_of(role, person);
        let called_enough = calls.is_some_and(|calls| calls.times >= MOST_CALLS);
        !said_no && !called_enough
    };
    let mut sleeping = None;
    for candidate in candidates {
        if candidate.person == asker || !is_left(candidate.person) {
            continue;
        }
        if candidate.reach == Reach::OnlySev1 && incident.severity != Severity::Sev1 {
            sleeping = sleeping.or(Some(candidate.person));
            continue;
        }
        return WhomToPage::Person(candidate.person);
    }
    let is_asker = candidates
        .first()
        .is_some_and(|first| first.person == asker);
    match sleeping {
        _ if is_asker => WhomToPage::Yourself,
        Some(person) => WhomToPage::OnlySev1(person),
        None => WhomToPage::Nobody,
    }
}

/// Whether a call that is on its way still makes sense: nobody has the incident yet, or this person was called for a role
/// that they have not answered for. Anything else would be noise.
#[must_use]
pub fn is_still_called(incident: &Incident, person: Option<PersonId>) -> bool {
    let waits_for = |person: PersonId| {
        Role::ALL
            .into_iter()
            .any(|role| incident.calls_of(role, person).is_some())
    };
    incident.is_active()
        && (incident.holder(Role::OnCall).is_none() || person.is_some_and(waits_for))
}
