//! Somebody is wanted now: two taps call whoever the rota names for a role.
//!
//! A proposal asks, and the person may answer when they see it. A page is a person's own wish that a phone makes a sound:
//! whoever is paged gets a message of its own whatever the severity, again where they were asked and have not answered,
//! and in a SEV1 or SEV2 the pager rings too. The same person is called at most so often for a role, three times unless a team says otherwise, and whoever said
//! that they cannot is not called for it by the rota again: the next is wanted, not one more noise.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::policy::Policy;
use super::state::{Incident, RoleState};
use crate::effect::DirectTopic;
use crate::oncall::{Candidate, Reach};
use crate::person::PersonId;
use crate::role::Role;
use crate::severity::Severity;

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

/// For each role, everybody who was called. A row of an earlier version holds one person for a role.
pub(super) fn everybody_called<'de, D: Deserializer<'de>>(
    stored: D,
) -> Result<BTreeMap<Role, Vec<Calls>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        One(Calls),
        Each(Vec<Calls>),
    }
    let stored = BTreeMap::<Role, Stored>::deserialize(stored)?;
    let each = stored.into_iter().map(|(role, stored)| match stored {
        Stored::One(calls) => (role, vec![calls]),
        Stored::Each(calls) => (role, calls),
    });
    Ok(each.collect())
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
/// no and was not called often enough already. `asker` is never called.
#[must_use]
pub fn whom_to_page(
    incident: &Incident,
    role: Role,
    candidates: &[Candidate],
    asker: PersonId,
    policy: &Policy,
) -> WhomToPage {
    let is_left = |person: PersonId| {
        let called_enough = incident
            .calls_of(role, person)
            .is_some_and(|calls| calls.times >= policy.most_calls);
        !incident.has_refused(role, person) && !called_enough
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
            .any(|role| incident.is_called_for(role, person))
    };
    incident.is_active()
        && (incident.holder(Role::OnCall).is_none() || person.is_some_and(waits_for))
}

/// Whether a message about this still waits for this person's answer, so that a phone may ring for it.
#[must_use]
pub fn waits_for_answer(incident: &Incident, person: PersonId, about: &DirectTopic) -> bool {
    let role = match about {
        DirectTopic::Page => Role::OnCall,
        DirectTopic::Proposal { role } => *role,
    };
    incident.is_active()
        && matches!(incident.roles.get(&role), Some(RoleState::Proposed { to, .. }) if *to == person)
}

impl Incident {
    /// How often somebody was called for a role and has not answered. Whoever answers, and is asked again, is called anew;
    /// that others were called in between is no answer.
    #[must_use]
    pub fn calls_of(&self, role: Role, person: PersonId) -> Option<&Calls> {
        let called = self.calls.get(&role)?;
        called.iter().find(|calls| calls.to == person)
    }

    /// Whether somebody was called for a role that waits for their answer.
    fn is_called_for(&self, role: Role, person: PersonId) -> bool {
        let is_asked =
            matches!(self.roles.get(&role), Some(RoleState::Proposed { to, .. }) if *to == person);
        is_asked && self.calls_of(role, person).is_some()
    }

    /// As what somebody was called, while another has the incident.
    #[must_use]
    pub fn wanted_as(&self, person: PersonId) -> Option<Role> {
        self.holder(Role::OnCall)?;
        Role::ALL
            .into_iter()
            .find(|role| self.is_called_for(*role, person))
    }

    /// Whether somebody said that they cannot have a role, or gave it back, and has not taken it since; whoever was asked
    /// in between.
    fn has_refused(&self, role: Role, person: PersonId) -> bool {
        match self.roles.get(&role) {
            Some(RoleState::Declined { by, .. } | RoleState::Released { by, .. })
                if *by == person =>
            {
                true
            }
            Some(RoleState::Accepted { by, .. }) if *by == person => false,
            _ => self
                .refused
                .get(&role)
                .is_some_and(|refused| refused.contains(&person)),
        }
    }

    /// Keeps in mind who said no, before somebody else is asked in their place; whoever takes the role takes it back.
    pub(super) fn remember_refusals(&mut self) {
        for (role, state) in &self.roles {
            match state {
                RoleState::Declined { by, .. } | RoleState::Released { by, .. } => {
                    self.refused.entry(*role).or_default().insert(*by);
                }
                RoleState::Accepted { by, .. } => {
                    if let Some(refused) = self.refused.get_mut(role) {
                        refused.remove(by);
                    }
                }
                RoleState::Proposed { .. } => {}
            }
        }
        self.refused.retain(|_, refused| !refused.is_empty());
    }
}
