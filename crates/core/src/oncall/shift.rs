//! When somebody's turn is over, and whose it is then.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::resolve::{candidates, who_is_on};
use super::rota::Rota;
use crate::person::PersonId;
use crate::role::Role;

/// An end further away than this concerns no incident of today.
const FURTHEST_END: TimeDelta = TimeDelta::days(2);

/// The end of a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftEnd {
    /// When.
    pub at: DateTime<Utc>,
    /// Whose turn it is then; `None` where the rota has a gap.
    pub next: Option<PersonId>,
}

/// When this person's turn in this role ends, if it is their turn and the rota ends it within two days. A turn that goes on for another
/// reason, as after a swap, goes on.
#[must_use]
pub fn shift_end(
    rota: &Rota,
    role: Role,
    person: PersonId,
    now: DateTime<Utc>,
) -> Option<ShiftEnd> {
    let mut moment = now;
    // A turn that only changes its reason, as between staffed hours, may go on for ever.
    while moment < now + FURTHEST_END {
        let duty = who_is_on(rota, role, moment).filter(|duty| duty.person == person)?;
        let at = duty.until?;
        let next = candidates(rota, role, at).first().map(|first| first.person);
        if next != Some(person) {
            return Some(ShiftEnd { at, next });
        }
        moment = at;
    }
    None
}
