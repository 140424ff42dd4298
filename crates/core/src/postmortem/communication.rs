//! The review of communication and coordination, computed: no adjectives, only numbers and what they are made of.

use chrono::{DateTime, TimeDelta, Utc};

use super::Material;
use crate::incident::{Event, MilestoneName, Promise, UpdateKind};
use crate::role::Role;
use crate::timeline::{Entry, Importance, Kind, Who};

/// What the data say about communication and coordination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Communication {
    /// From the declaration to the first automatic note.
    pub first_note_after: Option<TimeDelta>,
    /// From the declaration to the first word by a person.
    pub first_update_after: Option<TimeDelta>,
    /// Promises that a person kept in time, and all that had to be kept.
    pub promises_kept: (usize, usize),
    /// By how much each missed promise was late; `None` when no person's update followed.
    pub missed: Vec<(DateTime<Utc>, Option<TimeDelta>)>,
    /// The longest time between two words to the stakeholders while it was live.
    pub longest_silence: Option<TimeDelta>,
    /// The longest time without any entry by a person while it was live, and when it began.
    pub longest_gap: Option<(DateTime<Utc>, TimeDelta)>,
    /// From when a role was asked for to when it was accepted.
    pub roles: Vec<(Role, Option<TimeDelta>)>,
    /// How long one person commanded and fixed at the same time.
    pub alone: TimeDelta,
    /// Hand-overs with an accepted briefing.
    pub handovers: usize,
    /// Entries written down late, and all entries by people.
    pub late_entries: (usize, usize),
    /// Key entries.
    pub key_entries: usize,
    /// Updates that did not reach a target.
    pub undelivered: usize,
}

/// Computes the review.
#[must_use]
pub fn communication(material: &Material) -> Communication {
    let incident = &material.incident;
    let declared = incident.declared_at();
    let end = incident
        .milestones
        .at(MilestoneName::Resolved)
        .unwrap_or(material.now);
    let by_people: Vec<&Entry> = material
        .timeline
        .iter()
        .filter(|entry| entry.is_active() && matches!(entry.who, Who::Person { .. }))
        .collect();
    let human_updates: Vec<DateTime<Utc>> = incident
        .updates
        .iter()
        .filter(|update| update.by.is_some())
        .map(|update| update.at)
        .collect();
    // What was promised for after the end had not to be kept; what was kept early counts all the same.
    let due: Vec<&Promise> = incident
        .past_promises
        .iter()
        .filter(|promise| promise.due <= end || promise.kept_at.is_some())
        .collect();
    let mut missed = Vec::new();
    for promise in &due {
        let answer = human_updates
            .iter()
            .copied()
            .find(|at| *at > promise.given_at);
        let kept = answer.is_some_and(|at| at <= promise.due + material.policy.promise_grace);
        if !kept {
            missed.push((promise.due, answer.map(|at| at - promise.due)));
        }
    }
    Communication {
        first_note_after: incident
            .updates
            .iter()
            .find(|update| update.kind == UpdateKind::Holding)
            .map(|update| update.at - declared),
        first_update_after: human_updates.first().map(|at| *at - declared),
        promises_kept: (due.len() - missed.len(), due.len()),
        missed,
        longest_silence: longest(
            declared,
            end,
            incident.updates.iter().map(|update| update.at),
        )
        .map(|(_, length)| length),
        longest_gap: longest(
            declared,
            end,
            by_people.iter().map(|entry| entry.recorded_at),
        ),
        roles: incident
            .required_roles()
            .into_iter()
            .map(|role| (role, time_to_role(material, role)))
            .collect(),
        alone: alone(material, end),
        handovers: material
            .events
            .iter()
            .filter(|recorded| matches!(recorded.event, Event::HandoverAccepted { .. }))
            .count(),
        late_entries: (
            by_people
                .iter()
                .filter(|entry| {
                    entry.is_late(material.policy.late_after) && entry.kind != Kind::Milestone
                })
                .count(),
            by_people.len(),
        ),
        key_entries: material
            .timeline
            .iter()
            .filter(|entry| entry.is_active() && entry.importance == Importance::Key)
            .count(),
        undelivered: incident
            .updates
            .iter()
            .flat_map(|update| update.deliveries.values())
            .filter(|result| result.is_err())
            .count(),
    }
}

/// The longest stretch without any of these moments between two times.
fn longest(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    moments: impl Iterator<Item = DateTime<Utc>>,
) -> Option<(DateTime<Utc>, TimeDelta)> {
    let mut marks: Vec<DateTime<Utc>> = moments.filter(|at| *at >= start && *at <= end).collect();
    marks.sort_unstable();
    marks.insert(0, start);
    marks.push(end);
    marks
        .windows(2)
        .map(|pair| (pair[0], pair[1] - pair[0]))
        .max_by_key(|(_, length)| *length)
}

fn time_to_role(material: &Material, role: Role) -> Option<TimeDelta> {
    let asked = material
        .events
        .iter()
        .find(|recorded| matches!(&recorded.event, Event::RoleProposed { role: asked, .. } if *asked == role))
        .map_or(material.incident.declared_at(), |recorded| recorded.at);
    material
        .events
        .iter()
        .find(|recorded| matches!(&recorded.event, Event::RoleAccepted { role: taken, .. } if *taken == role))
        .map(|recorded| (recorded.at - asked).max(TimeDelta::zero()))
}

/// How long the person in command was also the On-Call Engineer.
fn alone(material: &Material, end: DateTime<Utc>) -> TimeDelta {
    let mut total = TimeDelta::zero();
    let mut command = None;
    let mut oncall = None;
    let mut since: Option<DateTime<Utc>> = None;
    for recorded in &material.events {
        match &recorded.event {
            Event::CommandMoved { to, .. } => command = Some(*to),
            Event::RoleAccepted {
                role: Role::OnCall,
                by,
            } => oncall = Some(*by),
            Event::RoleReleased {
                role: Role::OnCall, ..
            } => oncall = None,
            Event::Resolved { .. } | Event::Cancelled { .. } => command = None,
            _ => continue,
        }
        let both = command.is_some() && command == oncall;
        match (both, since) {
            (true, None) => since = Some(recorded.at),
            (false, Some(start)) => {
                total += recorded.at.min(end) - start;
                since = None;
            }
            _ => {}
        }
    }
    since.map_or(total, |start| total + (end - start).max(TimeDelta::zero()))
}
