//! What it took of people, as sums: how soon roles were filled, how long responders were at it, how much of that fell into
//! their night, and how many alerts it was. No number here belongs to one person, and none is a target.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Material;
use super::words::{active, duration};
use crate::incident::{Event, Incident, is_work_on_it};
use crate::person::PersonId;
use crate::role::Role;
use crate::timeline::Who;

/// Several ways to one person at the same time are one page.
const ONE_PAGE: TimeDelta = TimeDelta::minutes(2);

/// A measure as the table shows it.
pub(super) struct Row {
    pub(super) title: String,
    pub(super) value: String,
    pub(super) mind: &'static str,
}

/// The measures of people and alerts.
pub(super) fn rows(material: &Material) -> Vec<Row> {
    let mut rows = role_fill(material);
    rows.push(responder_minutes(material));
    rows.push(night_burden(material));
    rows.push(alerts(&material.incident));
    rows
}

/// Since when an incident has called for a role, if it ever did.
fn called_for_since(incident: &Incident, role: Role) -> Option<DateTime<Utc>> {
    incident
        .severities
        .iter()
        .find(|span| Role::required(span.severity, incident.category).contains(&role))
        .map(|span| span.since)
}

fn role_fill(material: &Material) -> Vec<Row> {
    let mind = "one person alone in a small incident is no failure";
    let taken = |role: Role| {
        material
            .events
            .iter()
            .find(|recorded| {
                matches!(&recorded.event, Event::RoleAccepted { role: taken, .. } if *taken == role)
            })
            .map(|recorded| recorded.at)
    };
    let calls: Vec<(Role, DateTime<Utc>)> = Role::ALL
        .into_iter()
        .filter_map(|role| Some((role, called_for_since(&material.incident, role)?)))
        .collect();
    let mut rows = Vec::new();
    let mut last: Option<TimeDelta> = None;
    let mut unfilled = Vec::new();
    for (role, since) in &calls {
        let value = match taken(*role) {
            None => {
                unfilled.push(role.short());
                "– (nobody took it)".to_owned()
            }
            Some(at) if at < *since => "– (taken before it was called for)".to_owned(),
            Some(at) => {
                last = last.max(Some(at - *since));
                duration(at - *since)
            }
        };
        rows.push(Row {
            title: format!("Time to fill {}", role.short()),
            value,
            mind,
        });
    }
    if calls.len() > 1 {
        rows.push(Row {
            title: "Time to fill every role".to_owned(),
            value: match last {
                _ if !unfilled.is_empty() => format!("– (never filled: {})", unfilled.join(", ")),
                Some(last) => duration(last),
                None => "– (taken before they were called for)".to_owned(),
            },
            mind,
        });
    }
    rows
}

/// From when until when each person was at it while it was live.
fn stretches(material: &Material) -> BTreeMap<PersonId, (DateTime<Utc>, DateTime<Utc>)> {
    let end = material.incident.ended_at().unwrap_or(material.now);
    let done = material
        .events
        .iter()
        .filter(|recorded| is_work_on_it(recorded))
        .filter_map(|recorded| Some((recorded.actor.person()?, recorded.at)));
    let noted = active(material).filter_map(|entry| match &entry.who {
        Who::Person { id, .. } => Some((*id, entry.recorded_at)),
        Who::Alert | Who::Bot => None,
    });
    let mut stretches: BTreeMap<PersonId, (DateTime<Utc>, DateTime<Utc>)> = BTreeMap::new();
    for (person, at) in done.chain(noted).filter(|(_, at)| *at <= end) {
        let stretch = stretches.entry(person).or_insert((at, at));
        stretch.0 = stretch.0.min(at);
        stretch.1 = stretch.1.max(at);
    }
    for (person, stretch) in &mut stretches {
        if let Some(left) = left_at(material, *person) {
            stretch.1 = stretch.1.min(left.max(stretch.0));
        }
    }
    stretches
}

/// When a person gave back or handed over the last role that they had; what they say afterwards is said in passing.
fn left_at(material: &Material, person: PersonId) -> Option<DateTime<Utc>> {
    let mut held: BTreeSet<Role> = BTreeSet::new();
    let mut left = None;
    for recorded in &material.events {
        match &recorded.event {
            Event::RoleAccepted { role, by } if *by == person => {
                held.insert(*role);
                left = None;
            }
            Event::RoleAccepted { role, .. } | Event::RoleReleased { role, .. } => {
                let had_it = held.remove(role);
                if had_it && held.is_empty() {
                    left = Some(recorded.at);
                }
            }
            _ => {}
        }
    }
    left
}

fn responder_minutes(material: &Material) -> Row {
    let stretches = stretches(material);
    let minutes: i64 = stretches
        .values()
        .map(|(first, last)| (*last - *first).num_minutes())
        .sum();
    Row {
        title: "Responder minutes, all together".to_owned(),
        value: if stretches.is_empty() {
            "– (nobody did anything)".to_owned()
        } else {
            format!("{minutes} min")
        },
        mind: "from the first to the last thing each did; says nothing about anybody",
    }
}

fn zone_of(material: &Material, person: PersonId) -> Tz {
    material
        .policy
        .zones
        .get(&person)
        .copied()
        .unwrap_or(material.zone)
}

fn night_burden(material: &Material) -> Row {
    let awake: i64 = stretches(material)
        .into_iter()
        .map(|(person, stretch)| night_minutes(stretch, material, zone_of(material, person)))
        .sum();
    let pages = pages(material)
        .into_iter()
        .filter(|(person, at)| material.policy.night.cover(*at, zone_of(material, *person)))
        .count();
    let pages = match pages {
        1 => "1 page".to_owned(),
        several => format!("{several} pages"),
    };
    Row {
        title: format!("Night burden, {} where each lives", material.policy.night),
        value: format!("{pages}, {awake} min"),
        mind: "for the team's health, not for ranking",
    }
}

/// How many minutes of a stretch are night.
fn night_minutes(
    (first, last): (DateTime<Utc>, DateTime<Utc>),
    material: &Material,
    zone: Tz,
) -> i64 {
    let minutes = (last - first).num_minutes();
    let night = material.policy.night;
    let is_one = |minute: &i64| night.cover(first + TimeDelta::minutes(*minute), zone);
    let count = (0..minutes).filter(is_one).count();
    i64::try_from(count).unwrap_or(minutes)
}

/// Who was called when. By pager and by message at the same time is called once.
fn pages(material: &Material) -> Vec<(PersonId, DateTime<Utc>)> {
    let mut called: Vec<(PersonId, DateTime<Utc>)> = Vec::new();
    let mut written_to = BTreeSet::new();
    for recorded in &material.events {
        let person = match &recorded.event {
            Event::Paged { person } => *person,
            Event::RolePaged { to, .. } => Some(*to),
            Event::DirectPosted { person, .. } => written_to.insert(*person).then_some(*person),
            _ => None,
        };
        let Some(person) = person else { continue };
        let again = called
            .iter()
            .any(|(known, at)| *known == person && recorded.at - *at < ONE_PAGE);
        if !again {
            called.push((person, recorded.at));
        }
    }
    called
}

fn alerts(incident: &Incident) -> Row {
    let alerts = &incident.alerts;
    let count = alerts.firing + alerts.cleared;
    let left_out = if alerts.truncated > 0 {
        format!(" (and {} that the sender left out)", alerts.truncated)
    } else {
        String::new()
    };
    Row {
        title: "Alerts".to_owned(),
        value: if count == 0 {
            "0 (a person declared it)".to_owned()
        } else {
            format!("{count}{left_out}")
        },
        mind: "many for one fault wake people no better than one",
    }
}
