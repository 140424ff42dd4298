//! Silences: stretches of a live incident in which nobody noted anything. Each is a question while people still know the
//! answer.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, Who};
use crate::incident::{Incident, MilestoneName};
use crate::person::PersonId;
use crate::role::Role;

/// A stretch of time in which nobody noted anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When the last thing before it happened.
    pub from: DateTime<Utc>,
    /// When the next thing happened, or now.
    pub to: DateTime<Utc>,
    /// Whether it still lasts.
    pub lasts: bool,
}

/// The silences of an incident until `now`, oldest first. They are looked for from the moment a person had it, since
/// before that nobody was there to note anything, until it was over. Those of `gap_after` and less are none.
#[must_use]
pub fn gaps(
    incident: &Incident,
    timeline: &[Entry],
    now: DateTime<Utc>,
    gap_after: TimeDelta,
) -> Vec<Gap> {
    let Some(begun) = incident.milestones.at(MilestoneName::Acknowledged) else {
        return Vec::new();
    };
    let end = incident.ended_at().unwrap_or(now);
    let mut moments: Vec<DateTime<Utc>> = timeline
        .iter()
        .filter(|entry| entry.is_active() && matches!(entry.who, Who::Person { .. }))
        .map(|entry| entry.event_at)
        .filter(|at| *at > begun && *at < end)
        .collect();
    moments.sort_unstable();
    moments.insert(0, begun);
    moments.push(end);
    moments
        .windows(2)
        .filter_map(|pair| match pair {
            [from, to] if *to - *from > gap_after => Some(Gap {
                from: *from,
                to: *to,
                lasts: *to == end && incident.is_active(),
            }),
            _ => None,
        })
        .collect()
}

/// Who is shown what could be noted: the Documentation Lead, and where they work alone not before users are no longer hurt.
#[must_use]
pub fn hinted_at_facts(incident: &Incident) -> Option<PersonId> {
    incident
        .holder(Role::Documentation)
        .filter(|_| incident.is_active() && !is_left_to_it(incident))
}

/// Somebody who works alone is left to it while users are hurt: from the first minute, since then the most is to do.
fn is_left_to_it(incident: &Incident) -> bool {
    incident.alone().is_some() && !incident.is_mitigated()
}

/// Whether silences are asked about now: somebody who works alone is left to it until users are no longer hurt.
#[must_use]
pub fn may_ask_about_gaps(incident: &Incident) -> bool {
    !is_left_to_it(incident) || !incident.is_active()
}
