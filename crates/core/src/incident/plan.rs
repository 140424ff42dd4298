//! From decided events to everything that is written in one commit.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::apply::{apply, fold};
use super::command::Actor;
use super::entries::entries_of;
use super::event::{Event, Recorded};
use super::policy::Policy;
use super::quiet;
use super::react::react;
use super::state::Incident;
use super::wake::wake_at;
use crate::effect::{Effect, EffectId, Lane, NewEffect};
use crate::ids::{IncidentId, Seq};
use crate::person::PersonId;
use crate::secrets::SecretRules;
use crate::timeline::Entry;

/// What events lead to.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The incident afterwards.
    pub after: Incident,
    /// The events with their places in history.
    pub events: Vec<Recorded>,
    /// The lines they add to the timeline.
    pub entries: Vec<Entry>,
    /// What must follow outside.
    pub effects: Vec<NewEffect>,
    /// Whom the bot asks for something by itself.
    pub prompted: BTreeSet<PersonId>,
    /// When the incident next needs the clock.
    pub wake_at: Option<DateTime<Utc>>,
}

/// Plans what the events lead to; `None` when there are none, or when an incident that does not exist is to begin with
/// something else than its declaration.
#[must_use]
pub fn plan(
    id: IncidentId,
    before: Option<Incident>,
    actor: Actor,
    at: DateTime<Utc>,
    events: Vec<Event>,
    policy: &Policy,
) -> Option<Plan> {
    let mut seq = before.as_ref().map_or(Seq(0), |incident| incident.seq);
    let mut current = before;
    let mut recorded_events = Vec::new();
    let mut entries = Vec::new();
    let mut prompted = BTreeSet::new();
    let mut effects: Vec<NewEffect> = Vec::new();
    for event in events {
        seq = seq.next();
        let recorded = Recorded {
            seq,
            at,
            actor,
            event,
        };
        if recorded.actor == Actor::Bot {
            prompted.extend(
                current
                    .as_ref()
                    .and_then(|incident| quiet::prompted(incident, &recorded.event)),
            );
        }
        let after = match current {
            Some(incident) => apply(incident, &recorded),
            None => fold(id, std::slice::from_ref(&recorded))?,
        };
        let lines = entries_of(&after, &recorded);
        effects.extend(secret_offer(id, &recorded, &lines, &policy.secrets));
        entries.extend(lines);
        effects.extend(react(&after, &recorded, policy));
        recorded_events.push(recorded);
        current = Some(after);
    }
    let after = current.filter(|_| !recorded_events.is_empty())?;
    Some(Plan {
        prompted,
        wake_at: wake_at(&after, policy),
        after,
        events: recorded_events,
        entries,
        effects: called_by_name(newest(effects)),
    })
}

/// Whoever said something that looks like a secret is asked whether it is one.
fn secret_offer(
    id: IncidentId,
    recorded: &Recorded,
    lines: &[Entry],
    rules: &SecretRules,
) -> Option<NewEffect> {
    let person = recorded.actor.person()?;
    lines
        .iter()
        .any(|line| rules.first(&line.text).is_some())
        .then(|| NewEffect {
            id: EffectId::of(id, recorded.seq, "secret"),
            incident: Some(id),
            stream: format!("inc-{}/person/{}", id.0, person.0),
            lane: Lane::Interactive,
            coalesce_key: None,
            not_before: None,
            effect: Effect::OfferRedaction {
                person,
                message: None,
                recorded_at: recorded.at,
            },
        })
}

/// Of several mirrors of the same thing only the last is worth making.
fn newest(effects: Vec<NewEffect>) -> Vec<NewEffect> {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<NewEffect> = effects
        .into_iter()
        .rev()
        .filter(|effect| {
            effect
                .coalesce_key
                .as_ref()
                .is_none_or(|key| seen.insert(key.clone()))
        })
        .collect();
    kept.reverse();
    kept
}

/// Where somebody is rung by name, nobody is rung without one.
fn called_by_name(mut effects: Vec<NewEffect>) -> Vec<NewEffect> {
    let by_name = |effect: &NewEffect| matches!(effect.effect, Effect::Page { person: Some(_) });
    if effects.iter().any(by_name) {
        effects.retain(|effect| effect.effect != Effect::Page { person: None });
    }
    effects
}
