//! Quiet: at night nobody is asked for something by the bot more than once in five minutes.
//!
//! Pages and updates that are due are exempt; they are what people are awake for. What is held back waits in *More…*, and
//! is asked when the five minutes are over, if it is still worth asking then.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::event::Event;
use super::policy::Policy;
use super::state::Incident;
use crate::person::PersonId;

/// How long a person is left alone after a prompt at night.
pub const QUIET_FOR: TimeDelta = TimeDelta::minutes(5);

/// The hour at which the night begins, on the wall.
const NIGHT_FROM_HOUR: u32 = 22;

/// The hour at which it ends.
const NIGHT_UNTIL_HOUR: u32 = 7;

/// Whether clocks in a zone show a time between 22:00 and 07:00.
#[must_use]
pub fn is_night(at: DateTime<Utc>, zone: Tz) -> bool {
    let hour = at.with_timezone(&zone).hour();
    !(NIGHT_UNTIL_HOUR..NIGHT_FROM_HOUR).contains(&hour)
}

/// Whether the bot may ask this person for something by itself now.
#[must_use]
pub fn may_prompt(incident: &Incident, person: PersonId, now: DateTime<Utc>, zone: Tz) -> bool {
    !is_night(now, zone)
        || incident
            .last_prompt
            .get(&person)
            .is_none_or(|last| now - *last >= QUIET_FOR)
}

/// The first instant from `due` on at which this person may be asked.
pub(super) fn may_prompt_from(
    incident: &Incident,
    person: PersonId,
    due: DateTime<Utc>,
    policy: &Policy,
) -> DateTime<Utc> {
    if may_prompt(incident, person, due, policy.zone) {
        return due;
    }
    // Morning may come within the five minutes; asking a little late then hurts nobody.
    incident
        .last_prompt
        .get(&person)
        .map_or(due, |last| due.max(*last + QUIET_FOR))
}

/// Whom an event asks for something, if the bot asks by itself. Pages and updates that are due are not among these.
pub(super) fn prompted(incident: &Incident, event: &Event) -> Option<PersonId> {
    match event {
        Event::EffectAsked { about, .. } => Some(about.by),
        Event::StepOverdue { by, .. } => Some(*by),
        Event::TaskLate { number } => incident.task(*number).map(|task| task.by),
        _ => None,
    }
}

/// Of what falls due at the same moment of a night each person gets one thing; the rest is due when their five minutes are
/// over.
pub(super) fn one_for_each(
    incident: &Incident,
    mut events: Vec<Event>,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Vec<Event> {
    if is_night(now, policy.zone) {
        let mut asked = BTreeSet::new();
        events.retain(|event| prompted(incident, event).is_none_or(|person| asked.insert(person)));
    }
    events
}
