//! Quiet: at night nobody is asked for something by the bot more than once in five minutes, whatever incidents they are in.
//!
//! Pages and updates that are due are exempt; they are what people are awake for. What is held back waits in *More…*, and
//! is asked when the five minutes are over, if it is still worth asking then. It is night where the person lives, if the
//! rota says where that is.
//!
//! An incident knows whom it has asked itself. What others have asked meanwhile comes with the request, and an incident
//! that holds something back because of it remembers that, so that it wakes when the five minutes are over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::command::Request;
use super::event::Event;
use super::policy::Policy;
use super::state::Incident;
use crate::person::PersonId;

/// How long a person is left alone after a prompt at night.
pub const QUIET_FOR: TimeDelta = TimeDelta::minutes(5);

/// From when until when it is night, on the wall. Where both are the same there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NightHours {
    /// When it begins; it may be the evening before.
    pub from: NaiveTime,
    /// When it is over; this minute is morning.
    pub until: NaiveTime,
}

impl Default for NightHours {
    /// From 22:00 to 07:00.
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self {
            from: hour(22),
            until: hour(7),
        }
    }
}

impl NightHours {
    /// Whether clocks in a zone show a time within the night.
    #[must_use]
    pub fn cover(&self, at: DateTime<Utc>, zone: Tz) -> bool {
        let time = at.with_timezone(&zone).time();
        if self.from <= self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}

impl fmt::Display for NightHours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from.format("%H:%M"), self.until.format("%H:%M"));
        write!(formatter, "{from} to {until}")
    }
}

/// What somebody is asked for because the timeline lacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// What happened while nobody noted anything.
    Gap,
    /// Which of the messages that look like facts are some.
    Facts,
}

impl Prompt {
    /// What it is about, as people read it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Gap => "a silence in the timeline",
            Self::Facts => "messages that look like facts",
        }
    }
}

/// Whether the bot may ask this person for something by itself now, as far as this incident knows.
#[must_use]
pub fn may_prompt(
    incident: &Incident,
    person: PersonId,
    now: DateTime<Utc>,
    policy: &Policy,
) -> bool {
    !policy.is_night_for(person, now) || !asked_lately(&incident.last_prompt, person, now)
}

fn asked_lately(
    last_prompts: &BTreeMap<PersonId, DateTime<Utc>>,
    person: PersonId,
    now: DateTime<Utc>,
) -> bool {
    last_prompts
        .get(&person)
        .is_some_and(|last| now - *last < QUIET_FOR)
}

/// The first instant from `due` on at which this person may be asked, as far as this incident knows.
#[must_use]
pub fn may_prompt_from(
    incident: &Incident,
    person: PersonId,
    due: DateTime<Utc>,
    policy: &Policy,
) -> DateTime<Utc> {
    if may_prompt(incident, person, due, policy) {
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
        Event::LoneHinted { person }
        | Event::FatigueHinted { person }
        | Event::ShiftEndTold { person, .. } => Some(*person),
        Event::TaskLate { number } => incident.task(*number).map(|task| task.by),
        Event::Prompted { person, .. } => Some(*person),
        _ => None,
    }
}

/// Since when another incident wants this person to be left alone, if one does.
fn asked_elsewhere(request: &Request, policy: &Policy, person: PersonId) -> Option<DateTime<Utc>> {
    let is_quiet = policy.is_night_for(person, request.at)
        && asked_lately(&request.last_prompts, person, request.at);
    request
        .last_prompts
        .get(&person)
        .copied()
        .filter(|_| is_quiet)
}

/// Of what falls due at the same moment of a night each person gets one thing, and nothing when another incident has just
/// asked them; the rest is due when their five minutes are over.
pub(super) fn one_for_each(
    incident: &Incident,
    events: Vec<Event>,
    request: &Request,
    policy: &Policy,
) -> Vec<Event> {
    let mut asked = BTreeSet::new();
    let mut left_alone = BTreeMap::new();
    let mut kept: Vec<Event> = events
        .into_iter()
        .filter(|event| {
            let Some(person) = prompted(incident, event) else {
                return true;
            };
            if let Some(since) = asked_elsewhere(request, policy, person) {
                left_alone.insert(person, since);
                return false;
            }
            asked.insert(person) || !policy.is_night_for(person, request.at)
        })
        .collect();
    kept.extend(
        left_alone
            .into_iter()
            .map(|(person, since)| Event::LeftAlone { person, since }),
    );
    kept
}

/// Asks a person for what the timeline lacks, or holds it back.
pub(super) fn prompt(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
    (person, about, until): (PersonId, Prompt, Option<DateTime<Utc>>),
) -> Vec<Event> {
    let elsewhere = asked_elsewhere(request, policy, person);
    if elsewhere.is_none() && may_prompt(incident, person, request.at, policy) {
        return vec![Event::Prompted {
            person,
            about,
            until,
        }];
    }
    let known = incident.last_prompt.get(&person);
    let news = elsewhere.filter(|since| known.is_none_or(|known| known < since));
    let held = !incident.held_prompts.contains(&about);
    news.map(|since| Event::LeftAlone { person, since })
        .into_iter()
        .chain(held.then_some(Event::PromptHeld(about)))
        .collect()
}

/// Which stretch of time a hint at messages that look like facts shows, if there is something left of its own minute. What was
/// held back is shown together, up to now. One that was `tried_before` and let through shows the stretch of that time again:
/// what it was to show has not been seen.
#[must_use]
pub fn facts_to_show(
    incident: &Incident,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    tried_before: bool,
    now: DateTime<Utc>,
) -> Option<FactsToShow> {
    let shown_until = incident.facts_shown_until;
    match shown_until.filter(|until| *until >= to) {
        None => Some(FactsToShow {
            from: shown_until.map_or(from, |until| until.max(from)),
            to: to.max(now),
            is_let_through: false,
        }),
        Some(until) => {
            let since = incident.facts_shown_from;
            let was_its_own = tried_before && since.is_none_or(|since| since < to);
            was_its_own.then(|| FactsToShow {
                from: since.map_or(from, |since| since.max(from)),
                to: until,
                is_let_through: true,
            })
        }
    }
}

/// A stretch of time whose messages are shown as possible facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactsToShow {
    /// From when on, this moment included.
    pub from: DateTime<Utc>,
    /// Up to when, this moment not included.
    pub to: DateTime<Utc>,
    /// Whether the person may be asked was decided before.
    pub is_let_through: bool,
}

/// What was held back is not asked any more.
pub(super) fn drop_prompt(incident: &Incident, about: Prompt) -> Vec<Event> {
    if incident.held_prompts.contains(&about) {
        vec![Event::PromptDropped(about)]
    } else {
        Vec::new()
    }
}
