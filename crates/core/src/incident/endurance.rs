//! Nobody is asked to be a hero: whoever has held command for hours, or whose shift is about to end, is offered a hand-over.
//!
//! Both are said to that person alone, count as prompts at night, and change nothing by themselves. How long somebody holds
//! command is known from the state, so a restart forgets nothing; when a shift ends is in the team's rota, which the bot
//! looks into every minute ([`Command::NoteShift`](super::Command::NoteShift)).

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::policy::Policy;
use super::quiet::may_prompt_from;
use super::state::Incident;
use crate::oncall::ShiftEnd;
use crate::person::PersonId;
use crate::role::Role;
use crate::wall_clock;

/// How long command is held by day before it is suggested to hand it over.
const LONG_BY_DAY: TimeDelta = TimeDelta::hours(3);

/// How long when it is held in the small hours.
const LONG_AT_NIGHT: TimeDelta = TimeDelta::hours(2);

/// The small hours begin at midnight, on the wall, and end at this hour.
const SMALL_HOURS_UNTIL: u32 = 6;

/// How often it is suggested.
const SUGGESTED_EVERY: TimeDelta = TimeDelta::hours(1);

/// How long before a shift ends its holder is told.
const TOLD_BEFORE_SHIFT_ENDS: TimeDelta = TimeDelta::minutes(30);

/// How long one person has held command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandHeld {
    /// Who.
    pub by: PersonId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was last suggested to hand it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<DateTime<Utc>>,
}

/// The turn of somebody who holds a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Whose.
    pub person: PersonId,
    /// When it ends, and who is next.
    pub ends: ShiftEnd,
}

impl Incident {
    /// How long whoever holds command has held it; a break because it was over does not count.
    #[must_use]
    pub fn command_held_for(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let held = self.command_held?;
        Some(now - held.since.max(self.live_since))
    }
}

/// From when on whoever holds command since then has held it for long: three hours, or two with small hours among them.
fn long_from(since: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = wall_clock::local_of(zone, since);
    let small_hours = if local.hour() < SMALL_HOURS_UNTIL {
        Some(since)
    } else {
        let tomorrow = local.date().checked_add_days(Days::new(1));
        tomorrow.map(|day| wall_clock::instant_of(zone, day.and_time(NaiveTime::MIN)))
    };
    let by_day = since + LONG_BY_DAY;
    small_hours.map_or(by_day, |from| by_day.min(from.max(since + LONG_AT_NIGHT)))
}

/// Whom to suggest that somebody rested takes command, and when.
pub(super) fn fatigue_due(
    incident: &Incident,
    policy: &Policy,
) -> Option<(PersonId, DateTime<Utc>)> {
    let held = incident.command_held?;
    let since = held.since.max(incident.live_since);
    let again = held.told_at.map(|told| told + SUGGESTED_EVERY);
    let due = long_from(since, policy.zone_of(held.by)).max(again.unwrap_or(since));
    Some((held.by, may_prompt_from(incident, held.by, due, policy)))
}

/// Somebody else holds command, or nobody.
pub(super) fn keep_true(incident: &mut Incident, at: DateTime<Utc>) {
    let known = incident.command_held.map(|held| held.by);
    if known != incident.command {
        incident.command_held = incident.command.map(|by| CommandHeld {
            by,
            since: at,
            told_at: None,
        });
    }
}

/// What the rota says now of whoever holds a role, where that is news.
pub(super) fn shift_noted(
    incident: &Incident,
    role: Role,
    person: PersonId,
    shift: Option<ShiftEnd>,
) -> Vec<Event> {
    let said = shift.map(|ends| Shift { person, ends });
    let is_known = incident.shifts.get(&role).copied() == said;
    let concerns_them = incident.is_active() && incident.holder(role) == Some(person);
    if is_known || !concerns_them {
        Vec::new()
    } else {
        vec![Event::ShiftNoted {
            role,
            person,
            ends: shift,
        }]
    }
}

/// Who is to be told that their shift ends, in which role, and when they are to be told. Each person once, whatever they
/// hold.
pub(super) fn shift_ends_due(
    incident: &Incident,
    policy: &Policy,
) -> Vec<(Role, Shift, DateTime<Utc>)> {
    let mut due: Vec<(Role, Shift, DateTime<Utc>)> = Vec::new();
    for (role, shift) in &incident.shifts {
        let end = (shift.person, shift.ends.at);
        let told = incident.shift_ends_told.contains(&end);
        let has_it = incident.holder(*role) == Some(shift.person);
        let is_among_them = due.iter().any(|(_, other, _)| other.person == shift.person);
        if has_it && !told && !is_among_them {
            let at = shift.ends.at - TOLD_BEFORE_SHIFT_ENDS;
            let at = may_prompt_from(incident, shift.person, at, policy);
            due.push((*role, *shift, at));
        }
    }
    due
}
