//! Who is on duty, and whom to ask next.

use chrono::{DateTime, TimeDelta, Utc};

use super::rota::{Outside, Rota};
use crate::person::PersonId;
use crate::role::Role;
use crate::wall_clock;

/// No rota is looked at further ahead.
pub(super) const FURTHEST: TimeDelta = TimeDelta::days(400);

/// Why somebody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// They stand in for somebody.
    Override {
        /// Why, if the one who arranged it said so.
        reason: Option<String>,
    },
    /// It is their turn.
    Slot,
    /// They back up whose turn it is.
    Backup,
    /// They are on the team, and everybody before them did not answer.
    TeamOrder,
}

/// For which incidents somebody may be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// For every incident that needs the role.
    Always,
    /// Outside the role's hours: only for SEV1.
    OnlySev1,
}

/// Somebody to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Whom.
    pub person: PersonId,
    /// Why them.
    pub because: Because,
    /// For what.
    pub reach: Reach,
}

/// Who holds a role at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnDuty {
    /// Who.
    pub person: PersonId,
    /// When another answer begins to hold; `None` when nothing in the rota ends it within 400 days.
    pub until: Option<DateTime<Utc>>,
    /// Why them.
    pub because: Because,
    /// For what they may be woken.
    pub reach: Reach,
    /// Their own time of day, such as `04:12 there`, with the day if it is another one than in the rota's zone:
    /// `Tue 04:12 there`.
    pub local_time_text: String,
}

/// Whom to ask for `role` at `at`, each person once, in this order: active override, the schedule's slot, its backup,
/// the rest of the team. Empty when the rota has no schedule for the role or nobody is to be asked at that hour.
#[must_use]
pub fn candidates(rota: &Rota, role: Role, at: DateTime<Utc>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for swap in rota.overrides_of(role).filter(|swap| swap.is_active(at)) {
        let because = Because::Override {
            reason: swap.reason.clone(),
        };
        add(&mut found, swap.person, because, Reach::Always);
    }
    for reach in [Reach::Always, Reach::OnlySev1] {
        let schedules: Vec<_> = rota
            .schedules_of(role)
            .filter(|schedule| match reach {
                Reach::Always => schedule.is_staffed(at),
                Reach::OnlySev1 => {
                    schedule.outside == Outside::PageOnlySev1 && !schedule.is_staffed(at)
                }
            })
            .collect();
        for person in schedules.iter().filter_map(|schedule| schedule.turn_of(at)) {
            add(&mut found, person, Because::Slot, reach);
        }
        for person in schedules
            .iter()
            .filter_map(|schedule| schedule.backup_at(at))
        {
            add(&mut found, person, Because::Backup, reach);
        }
        for person in schedules.iter().flat_map(|schedule| &schedule.people) {
            add(&mut found, *person, Because::TeamOrder, reach);
        }
    }
    found
}

fn add(found: &mut Vec<Candidate>, person: PersonId, because: Because, reach: Reach) {
    if found.iter().all(|candidate| candidate.person != person) {
        found.push(Candidate {
            person,
            because,
            reach,
        });
    }
}

/// Who holds `role` at `at`: the first of [`candidates`], until when, and what time it is for them.
#[must_use]
pub fn who_is_on(rota: &Rota, role: Role, at: DateTime<Utc>) -> Option<OnDuty> {
    let first = first_candidate(rota, role, at)?;
    let until = end_of_duty(rota, role, at, &first);
    Some(OnDuty {
        person: first.person,
        until,
        because: first.because,
        reach: first.reach,
        local_time_text: local_time_text(rota, first.person, at),
    })
}

fn first_candidate(rota: &Rota, role: Role, at: DateTime<Utc>) -> Option<Candidate> {
    candidates(rota, role, at).into_iter().next()
}

fn end_of_duty(
    rota: &Rota,
    role: Role,
    at: DateTime<Utc>,
    duty: &Candidate,
) -> Option<DateTime<Utc>> {
    let mut moment = at;
    while moment < at + FURTHEST {
        moment = next_change(rota, role, moment)?;
        if first_candidate(rota, role, moment).as_ref() != Some(duty) {
            return Some(moment);
        }
    }
    None
}

/// The next moment after `at` at which the answer for `role` may change.
pub(super) fn next_change(rota: &Rota, role: Role, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let schedules = rota
        .schedules_of(role)
        .filter_map(|schedule| schedule.next_change(at));
    let swaps = rota
        .overrides_of(role)
        .flat_map(|swap| [swap.from, swap.to])
        .filter(|edge| *edge > at);
    schedules.chain(swaps).min()
}

fn local_time_text(rota: &Rota, person: PersonId, at: DateTime<Utc>) -> String {
    let there = rota.local_time(person, at);
    let here = wall_clock::local_of(rota.zone, at);
    let format = if there.date() == here.date() {
        "%H:%M there"
    } else {
        "%a %H:%M there"
    };
    there.format(format).to_string()
}
