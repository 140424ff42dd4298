//! Since when and until when each person was at work on it: only the first and the last thing that they did in it is kept.
//! It is for the people themselves, who slept or did not, and for sums; no list compares people by it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::event::{Event, Recorded};
use super::state::Incident;

/// When a person did something in an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// First.
    pub first: DateTime<Utc>,
    /// Last.
    pub last: DateTime<Utc>,
}

/// Whether whoever did this works on the incident by it. Whoever says no, or tells of it and may only read, does not.
#[must_use]
pub fn is_work_on_it(recorded: &Recorded) -> bool {
    let is_no = matches!(
        recorded.event,
        Event::RoleDeclined { .. } | Event::HandoverEnded { declined: true, .. }
    );
    recorded.actor.responder().is_some() && !is_no
}

/// Notes who was at work.
pub(super) fn note(incident: &mut Incident, recorded: &Recorded) {
    let person = match &recorded.event {
        Event::SeenAtWork { person } => Some(*person),
        _ => recorded
            .actor
            .responder()
            .filter(|_| is_work_on_it(recorded)),
    };
    if let Some(person) = person {
        let activity = incident.activity.entry(person).or_insert(Activity {
            first: recorded.at,
            last: recorded.at,
        });
        activity.last = activity.last.max(recorded.at);
    }
}
