//! What a rota says, understood.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::people::People;
use super::rotation::Rotation;
use super::staffed_hours::StaffedHours;
use crate::person::PersonId;
use crate::role::Role;
use crate::wall_clock;

/// A whole rota: who is there, who takes turns, and who swapped.
#[derive(Clone, Debug, PartialEq)]
pub struct Rota {
    /// The zone of every wall-clock time that names no other.
    pub zone: Tz,
    /// Everybody who has a name here.
    pub people: People,
    /// The turns, in file order. Two schedules of a role never staff the same hours of the week, unless they are written
    /// in different zones; then the first one in the file goes first.
    pub schedules: Vec<Schedule>,
    /// The swaps. Those of one role never overlap.
    pub overrides: Vec<Override>,
}

/// Who takes turns in one role.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The role that is staffed.
    pub role: Role,
    /// The zone in which turns and hours are meant.
    pub zone: Tz,
    /// Who takes turns, in order; never empty. Somebody may stand in it twice.
    pub people: Vec<PersonId>,
    /// How turns change. Without it the first of the people always has the turn.
    pub rotation: Option<Rotation>,
    /// When the role is staffed; `None` is always.
    pub hours: Option<StaffedHours>,
    /// What holds outside `hours`.
    pub outside: Outside,
    /// Who is asked after the one whose turn it is.
    pub backup: Option<Backup>,
}

/// What holds outside a schedule's hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outside {
    /// Nobody is there, and that is reported as a gap.
    #[default]
    Gap,
    /// Nobody is there on purpose: `outside = "nobody"`.
    Nobody,
    /// The turn goes on, but is only for SEV1: `outside = "page-only-sev1"`.
    PageOnlySev1,
}

/// Who is asked when the one whose turn it is does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    /// Whoever had the turn before: `backup = "previous"`.
    Previous,
    /// Whoever has the next turn: `backup = "next"`.
    Next,
    /// Always the same person.
    Person(PersonId),
}

/// Somebody stands in for whoever would have had the turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The role taken over.
    pub role: Role,
    /// Who takes it over.
    pub person: PersonId,
    /// From when, inclusive.
    pub from: DateTime<Utc>,
    /// Until when, exclusive.
    pub to: DateTime<Utc>,
    /// Why, in the words of whoever arranged it.
    pub reason: Option<String>,
}

impl Override {
    /// Whether it holds at `at`.
    #[must_use]
    pub fn is_active(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.role == other.role && self.from < other.to && other.from < self.to
    }
}

impl Rota {
    /// A rota that names nobody.
    #[must_use]
    pub fn empty(zone: Tz) -> Self {
        Self {
            zone,
            people: People::default(),
            schedules: Vec::new(),
            overrides: Vec::new(),
        }
    }

    /// Everybody who takes turns in `role`, each once, in file order, whatever the hour.
    #[must_use]
    pub fn team(&self, role: Role) -> Vec<PersonId> {
        let mut team = Vec::new();
        for person in self
            .schedules_of(role)
            .flat_map(|schedule| &schedule.people)
        {
            if !team.contains(person) {
                team.push(*person);
            }
        }
        team
    }

    /// The zone of everybody in it.
    #[must_use]
    pub fn zones(&self) -> BTreeMap<PersonId, Tz> {
        let people = self.people.iter();
        people
            .map(|(_, person)| (person.id, self.zone_of(person.id)))
            .collect()
    }

    /// The zone somebody lives in, or else the rota's.
    #[must_use]
    pub fn zone_of(&self, person: PersonId) -> Tz {
        self.people
            .get(person)
            .and_then(|known| known.timezone)
            .unwrap_or(self.zone)
    }

    /// What the clock on somebody's wall says.
    #[must_use]
    pub fn local_time(&self, person: PersonId, at: DateTime<Utc>) -> NaiveDateTime {
        wall_clock::local_of(self.zone_of(person), at)
    }

    pub(super) fn schedules_of(&self, role: Role) -> impl Iterator<Item = &Schedule> {
        self.schedules
            .iter()
            .filter(move |schedule| schedule.role == role)
    }

    pub(super) fn overrides_of(&self, role: Role) -> impl Iterator<Item = &Override> {
        self.overrides.iter().filter(move |swap| swap.role == role)
    }
}

impl Schedule {
    /// Whether the role is staffed by this schedule at `at`.
    #[must_use]
    pub fn is_staffed(&self, at: DateTime<Utc>) -> bool {
        self.hours
            .as_ref()
            .is_none_or(|hours| hours.contain(self.zone, at))
    }

    /// Whose turn it is at `at`, whatever the hours; nobody before the first turn.
    #[must_use]
    pub fn turn_of(&self, at: DateTime<Utc>) -> Option<PersonId> {
        self.turn_with_offset(at, 0)
    }

    /// Who backs up whoever has the turn at `at`.
    #[must_use]
    pub fn backup_at(&self, at: DateTime<Utc>) -> Option<PersonId> {
        match self.backup? {
            Backup::Previous => self.turn_with_offset(at, -1),
            Backup::Next => self.turn_with_offset(at, 1),
            Backup::Person(person) => Some(person),
        }
    }

    fn turn_with_offset(&self, at: DateTime<Utc>, offset: i64) -> Option<PersonId> {
        let index = match &self.rotation {
            Some(rotation) => rotation.slot_at(self.zone, at)?.index,
            None => 0,
        };
        let count = i64::try_from(self.people.len()).ok()?;
        let place = (index + offset).checked_rem_euclid(count)?;
        self.people.get(usize::try_from(place).ok()?).copied()
    }

    /// The next moment after `at` at which the turn or the staffing may change.
    pub(super) fn next_change(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let turn = self.rotation.as_ref().and_then(|rotation| {
            match rotation.slot_at(self.zone, at) {
                None => Some(rotation.starts_at(self.zone)),
                // Somebody who takes turns with nobody hands over to nobody.
                Some(_) if self.people.windows(2).all(|two| two[0] == two[1]) => None,
                Some(slot) => Some(slot.until),
            }
        });
        let edge = self
            .hours
            .as_ref()
            .and_then(|hours| hours.next_edge(self.zone, at));
        turn.into_iter().chain(edge).min()
    }
}
