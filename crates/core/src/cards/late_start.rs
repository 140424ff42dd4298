//! Whoever was up in the night reads from when until when, and that they may sleep: once it is over, in the small hours, and
//! to themselves alone. In the morning nothing is said of it.

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use super::clock;
use crate::card::Card;
use crate::incident::{Incident, MilestoneName, Policy, is_night};
use crate::person::PersonId;

/// Until this hour of the night a late start is worth a word.
const SMALL_HOURS_END: u32 = 6;

/// What happened longer ago belongs to another night.
const ONE_NIGHT: TimeDelta = TimeDelta::hours(10);

/// What a person reads about their night, if the incident was resolved between 00:00 and 06:00 where they live and they
/// worked on it in that night.
#[must_use]
pub fn late_start(incident: &Incident, person: PersonId, policy: &Policy) -> Option<String> {
    let words = policy.late_start.as_ref()?;
    let resolved = incident.milestones.at(MilestoneName::Resolved)?;
    let zone = policy.zone_of(person);
    if resolved.with_timezone(&zone).hour() >= SMALL_HOURS_END {
        return None;
    }
    let activity = incident.activity.get(&person)?;
    let last = activity.last.min(resolved);
    let is_of_this_night = |at: DateTime<Utc>| resolved - at < ONE_NIGHT && is_night(at, zone);
    if !is_of_this_night(last) {
        return None;
    }
    let was_up = if is_of_this_night(activity.first) {
        format!(
            "You were up from {} to {}.",
            clock(activity.first),
            clock(last)
        )
    } else {
        format!("You were up until {}.", clock(last))
    };
    Some(format!("{was_up} {words}"))
}

/// A direct message with it, if there is something to say. The message is edited, so it wakes nobody.
#[must_use]
pub fn direct_with_late_start(
    mut card: Card,
    incident: &Incident,
    person: PersonId,
    policy: &Policy,
) -> Card {
    if let Some(words) = late_start(incident, person, policy) {
        card.content = format!("{}\n{words}", card.content);
    }
    card
}
