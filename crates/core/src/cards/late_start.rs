//! Whoever was up in the night reads from when until when, and that they may sleep: once it is over, in the small hours, and
//! to themselves alone. It stands in the direct message that they have already; whoever has none gets one, without a sound.
//! In the morning nothing is said of it.

use chrono::{DateTime, TimeDelta, Timelike, Utc};

use super::clock;
use crate::card::Card;
use crate::effect::DirectTopic;
use crate::incident::{Incident, MilestoneName, MilestoneSource, Policy};
use crate::person::PersonId;

/// Until this hour of the night a late start is worth a word.
const SMALL_HOURS_END: u32 = 6;

/// What happened longer ago belongs to another night.
const ONE_NIGHT: TimeDelta = TimeDelta::hours(10);

/// What a person reads about their night, if the incident was resolved between 00:00 and 06:00 where they live and they
/// worked on it in that night.
#[must_use]
pub fn late_start(incident: &Incident, person: PersonId, policy: &Policy) -> Option<String> {
    let resolved = incident.milestones.at(MilestoneName::Resolved)?;
    late_start_at(incident, person, policy, resolved)
}

fn late_start_at(
    incident: &Incident,
    person: PersonId,
    policy: &Policy,
    resolved: DateTime<Utc>,
) -> Option<String> {
    let words = policy.late_start.as_ref()?;
    let zone = policy.zone_of(person);
    if resolved.with_timezone(&zone).hour() >= SMALL_HOURS_END {
        return None;
    }
    let activity = incident.activity.get(&person)?;
    if activity.first > resolved {
        // They came when it was over, to write about it perhaps.
        return None;
    }
    let last = activity.last.min(resolved);
    let is_of_this_night =
        |at: DateTime<Utc>| resolved - at < ONE_NIGHT && policy.night.cover(at, zone);
    if !is_of_this_night(last) {
        return None;
    }
    let minute = |at: DateTime<Utc>| at.timestamp().div_euclid(60);
    let was_up = if minute(activity.first) == minute(last) {
        format!("You were up at {}.", clock(last))
    } else if is_of_this_night(activity.first) {
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

/// A message of its own for somebody who was up and has no direct message that could say it, once: not again where it is
/// reopened and resolved a second time.
#[must_use]
pub fn late_start_alone(incident: &Incident, person: PersonId, policy: &Policy) -> Option<Card> {
    if incident.surface.direct.contains_key(&person) {
        return None;
    }
    let words = late_start(incident, person, policy)?;
    let mut ends = incident.milestones.0.iter().rev().filter(|statement| {
        statement.name == MilestoneName::Resolved && statement.source == MilestoneSource::Button
    });
    ends.next();
    if ends.any(|before| late_start_at(incident, person, policy, before.at).is_some()) {
        return None;
    }
    Some(Card {
        content: format!("{} is over. {words}", incident.id),
        quiet: true,
        ..Card::default()
    })
}

/// A direct message with it, if there is something to say: the first, where somebody has several. The message is edited,
/// so it wakes nobody.
#[must_use]
pub fn direct_with_late_start(
    mut card: Card,
    incident: &Incident,
    (person, about): (PersonId, &DirectTopic),
    policy: &Policy,
) -> Card {
    let messages = incident.surface.direct.get(&person);
    let first = messages.and_then(|messages| messages.first());
    if first.is_some_and(|first| first.about != *about) {
        return card;
    }
    if let Some(words) = late_start(incident, person, policy) {
        card.content = format!("{}\n{words}", card.content);
    }
    card
}
