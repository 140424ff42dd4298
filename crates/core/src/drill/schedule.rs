//! Planned drills and when they begin.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::announcement::GRACE;
use super::cron_expression::CronExpression;
use crate::person::PersonId;
use crate::role::Role;
use crate::team_file::reader::shown;
use crate::team_file::values::{Unit, length};
use crate::wall_clock;

/// A whole drill plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drills {
    /// In file order; every id once.
    pub schedules: Vec<DrillSchedule>,
}

/// A drill that comes again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillSchedule {
    /// Its name in commands and in the ids of its announcements.
    pub id: String,
    /// Which scenario is played.
    pub scenario: String,
    /// When, on the wall clock of `zone`.
    pub cron: CronExpression,
    /// The zone of `cron`.
    pub zone: Tz,
    /// Who plays; never empty.
    pub players: Vec<Player>,
    /// How long before it is announced, longest first; never empty.
    pub announce: Vec<Lead>,
    /// Who runs it and may abort it.
    pub facilitator: PersonId,
    /// How the facilitator is shown.
    pub facilitator_name: String,
    /// How the drill is called; without it the scenario's id is shown.
    pub title: Option<String>,
    /// How long it takes, if the plan says so.
    pub length_minutes: Option<u32>,
}

/// Who plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Player {
    /// Everybody whom the rota names for a role: `role:oncall-team`.
    Team(Role),
    /// One person, with the name to show.
    Person(PersonId, String),
}

impl fmt::Display for Player {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let team = match self {
            Self::Team(Role::OnCall) => "on-call",
            Self::Team(Role::Backend) => "backend",
            Self::Team(Role::Frontend) => "frontend",
            Self::Team(Role::Bridge) => "bridge",
            Self::Team(Role::Documentation) => "documentation",
            Self::Team(role) => role.id(),
            Self::Person(_, name) => return formatter.write_str(name),
        };
        write!(formatter, "the {team} team")
    }
}

/// How long before a drill something is said: `7d`, `1d`, `1h`, `10m`. Days are days of the calendar, so that an
/// announcement a week ahead comes at the drill's own time of day even when the clocks change in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    count: u32,
    unit: Unit,
}

/// Why a text is not a lead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time before the drill")]
pub struct NotALead(pub String);

impl NotALead {
    /// What can be written instead.
    pub const MEND: &str = "Write 1m to 60d, as in \"7d\", \"1h\" or \"10m\"";
}

impl Lead {
    const LONGEST_MINUTES: u32 = 60 * 24 * 60;

    /// Its length when no clock changes.
    #[must_use]
    pub fn minutes(self) -> u32 {
        self.count
            * match self.unit {
                Unit::Minutes => 1,
                Unit::Hours => 60,
                Unit::Days => 24 * 60,
                Unit::Weeks => 7 * 24 * 60,
            }
    }

    /// The moment so long before a drill in `zone` that begins at `starts_at`.
    #[must_use]
    pub fn before(self, zone: Tz, starts_at: DateTime<Utc>) -> DateTime<Utc> {
        let length = TimeDelta::minutes(i64::from(self.minutes()));
        match self.unit {
            Unit::Minutes | Unit::Hours => starts_at - length,
            Unit::Days | Unit::Weeks => {
                let on_the_wall = wall_clock::local_of(zone, starts_at) - length;
                wall_clock::instant_of(zone, on_the_wall)
            }
        }
    }
}

impl FromStr for Lead {
    type Err = NotALead;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        length(text.trim())
            .map(|(count, unit)| Self { count, unit })
            .filter(|lead| lead.minutes() <= Self::LONGEST_MINUTES)
            .ok_or_else(|| NotALead(shown(text)))
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Minutes => 'm',
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        };
        write!(formatter, "{}{unit}", self.count)
    }
}

impl DrillSchedule {
    /// How the drill is called.
    #[must_use]
    pub fn shown_title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.scenario)
    }

    /// Its length, or an hour when the plan names none.
    fn planned_length(&self) -> TimeDelta {
        const USUAL_MINUTES: u32 = 60;
        TimeDelta::minutes(i64::from(self.length_minutes.unwrap_or(USUAL_MINUTES)))
    }
}

/// When the drills of `schedule` begin, strictly after `after`, in order. Ends with the year 2100.
pub fn next_fires(
    schedule: &DrillSchedule,
    after: DateTime<Utc>,
) -> impl Iterator<Item = DateTime<Utc>> + '_ {
    schedule.cron.fires_after(schedule.zone, after)
}

/// One drill of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// Stable and unique: `drill/<schedule>/<start, Unix seconds>`.
    pub id: String,
    /// Which schedule.
    pub schedule_id: String,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
}

impl Occurrence {
    pub(super) fn of(schedule: &DrillSchedule, starts_at: DateTime<Utc>) -> Self {
        Self {
            id: format!("drill/{}/{}", schedule.id, starts_at.timestamp()),
            schedule_id: schedule.id.clone(),
            starts_at,
        }
    }
}

/// Which drills were to begin in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueStarts {
    /// To be started now.
    pub start: Vec<Occurrence>,
    /// Too late to start; to be reported and offered for another time.
    pub missed: Vec<Occurrence>,
}

/// The drills that were to begin after `after` and not later than `now`; those more than ten minutes ago are missed.
#[must_use]
pub fn due_starts(drills: &Drills, after: DateTime<Utc>, now: DateTime<Utc>) -> DueStarts {
    due_starts_within(drills, after, now, GRACE)
}

/// [`due_starts`] with another patience than ten minutes.
#[must_use]
pub fn due_starts_within(
    drills: &Drills,
    after: DateTime<Utc>,
    now: DateTime<Utc>,
    grace: TimeDelta,
) -> DueStarts {
    let mut due = DueStarts::default();
    for occurrence in occurrences(drills, after, now) {
        if occurrence.starts_at >= now - grace {
            due.start.push(occurrence);
        } else {
            due.missed.push(occurrence);
        }
    }
    due
}

/// Every drill after `after` and not later than `to`, in order of time.
fn occurrences(drills: &Drills, after: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = drills
        .schedules
        .iter()
        .flat_map(|schedule| {
            next_fires(schedule, after)
                .take_while(move |fire| *fire <= to)
                .map(|fire| Occurrence::of(schedule, fire))
        })
        .collect();
    found.sort_by(|one, other| {
        (one.starts_at, &one.schedule_id).cmp(&(other.starts_at, &other.schedule_id))
    });
    found
}

/// Between the end of a drill and the start of the next.
pub(super) const SHORTEST_PAUSE: TimeDelta = TimeDelta::hours(3);

/// Two drills that overlap or follow each other within three hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The one that begins first.
    pub first: Occurrence,
    /// The one that would have to move.
    pub second: Occurrence,
}

/// The clashes among the drills that begin after `from` and not later than `to`, each with its predecessor. A drill
/// without a planned length counts as an hour.
#[must_use]
pub fn clashes(drills: &Drills, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Clash> {
    let mut found = Vec::new();
    let mut latest: Option<(Occurrence, DateTime<Utc>)> = None;
    for occurrence in occurrences(drills, from, to) {
        let length = drills
            .schedules
            .iter()
            .find(|schedule| schedule.id == occurrence.schedule_id)
            .map_or(TimeDelta::zero(), DrillSchedule::planned_length);
        let end = occurrence.starts_at + length;
        if let Some((first, first_end)) = &latest
            && occurrence.starts_at < *first_end + SHORTEST_PAUSE
        {
            found.push(Clash {
                first: first.clone(),
                second: occurrence.clone(),
            });
        }
        if latest
            .as_ref()
            .is_none_or(|(_, latest_end)| *latest_end < end)
        {
            latest = Some((occurrence, end));
        }
    }
    found
}
