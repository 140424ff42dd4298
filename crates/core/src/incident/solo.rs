//! One person fights the night alone, and nothing asks them to be five.
//!
//! **The rule**, from the state alone. Somebody is *alone* while nobody else has a role or command. They work *solo* from
//! the moment at which that, and nobody else having done anything in the incident, has lasted ten minutes since it was
//! taken (or reopened); it ends with whatever somebody else takes or does next, and begins again after ten more minutes
//! without company. Being asked, saying "Can't" and mere chat are no company: what counts is a line in the timeline, and
//! whatever somebody presses or types that changes the incident.
//!
//! Solo, the board asks for no role but the On-Call Engineer, the cards of several roles become one, and whatever the
//! timeline lacks is asked about when users are no longer hurt. Whoever was asked for a role stays asked, and can be paged.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::state::{Incident, RoleState};
use crate::incident::MilestoneName;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// How long nobody else is there before somebody works solo.
pub const ALONE_FOR: TimeDelta = TimeDelta::minutes(10);

/// Whoever writes line after line is noted as company once in this time.
const SEEN_ONCE_IN: TimeDelta = TimeDelta::minutes(1);

/// Somebody works on it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solo {
    /// Who.
    pub person: PersonId,
    /// Since when that is said.
    pub since: DateTime<Utc>,
}

impl Incident {
    /// The one person who has a role or command, if it is one.
    #[must_use]
    pub fn alone(&self) -> Option<PersonId> {
        let mut holders: BTreeSet<PersonId> = self
            .roles
            .iter()
            // Whoever only reads along is no help.
            .filter(|(role, _)| **role != Role::Observer)
            .filter_map(|(_, state)| match state {
                RoleState::Accepted { by, .. } => Some(*by),
                _ => None,
            })
            .collect();
        holders.extend(self.command);
        match holders.pop_first() {
            Some(person) if holders.is_empty() && self.phase != Phase::Open => Some(person),
            _ => None,
        }
    }

    /// Whether one person works on it alone, and has for a while.
    #[must_use]
    pub fn is_solo(&self) -> bool {
        self.solo.is_some()
    }
}

/// When somebody else than this person last did something in it.
fn last_company(incident: &Incident, person: PersonId) -> Option<DateTime<Utc>> {
    incident
        .activity
        .iter()
        .filter(|(other, _)| **other != person)
        .map(|(_, activity)| activity.last)
        .max()
}

/// Who is said to work solo from when on, unless it is said already.
pub(super) fn solo_due(incident: &Incident) -> Option<(PersonId, DateTime<Utc>)> {
    let person = incident.alone().filter(|_| incident.solo.is_none())?;
    let taken = incident.milestones.at(MilestoneName::Acknowledged)?;
    let since = [
        Some(taken),
        Some(incident.live_since),
        last_company(incident, person),
    ]
    .into_iter()
    .flatten()
    .max()?;
    Some((person, since + ALONE_FOR))
}

/// Forgets that somebody works solo once it is not so any more. How it was at the end stays.
pub(super) fn keep_true(incident: &mut Incident) {
    let Some(solo) = incident.solo.filter(|_| incident.is_active()) else {
        return;
    };
    let has_company =
        last_company(incident, solo.person).is_some_and(|company| company > solo.since);
    let is_of_before = solo.since < incident.live_since;
    if incident.alone() != Some(solo.person) || has_company || is_of_before {
        incident.solo = None;
    }
}

/// Somebody who wrote a line of the timeline is there, which matters only where another would seem to be alone.
pub(super) fn seen(incident: &Incident, person: PersonId, now: DateTime<Utc>) -> Vec<Event> {
    let is_company = incident.is_active() && incident.alone().is_some_and(|alone| alone != person);
    let known = incident.activity.get(&person);
    let is_news = known.is_none_or(|activity| now - activity.last >= SEEN_ONCE_IN);
    if is_company && is_news {
        vec![Event::SeenAtWork { person }]
    } else {
        Vec::new()
    }
}
