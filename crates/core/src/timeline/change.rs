//! Changing an entry afterwards: its words, its time, its kind, its importance. What it said before stays.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::capture::{MAX_ENTRY_CHARACTERS, Room};
use super::when::said_alone;
use super::{Audience, Choice, Entry, Importance, Kind, Precision, Revision, Who};
use crate::incident::cut;
use crate::person::PersonId;

/// What is to be different. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryChange {
    /// Other words.
    pub text: Option<String>,
    /// Another time that is known to be meant.
    pub instant: Option<DateTime<Utc>>,
    /// Another time, as people type it: `02:47`, `-15m`, `yesterday 23:50`, `2026-11-21 02:47`.
    pub at: Option<String>,
    /// Another kind.
    pub kind: Option<Kind>,
    /// Another importance.
    pub importance: Option<Importance>,
    /// Other readers.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// What a decision was made from.
    pub choice: Option<Choice>,
}

/// Who may change what was noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeper {
    /// Every responder: the incident is not closed.
    #[default]
    Everybody,
    /// The owner of the postmortem, with a reason, since what was agreed on changes. `None` when nobody owns it.
    Owner(Option<PersonId>),
}

impl Keeper {
    /// Whether somebody may change what was noted.
    ///
    /// # Errors
    /// Why not, and who can.
    pub(super) fn lets(self, by: PersonId) -> Result<(), String> {
        match self {
            Self::Everybody => Ok(()),
            Self::Owner(Some(owner)) if owner == by => Ok(()),
            Self::Owner(Some(owner)) => Err(format!(
                "The incident is closed: only {owner}, who owns the postmortem, can change its timeline. Ask them."
            )),
            Self::Owner(None) => Err(
                "The incident is closed and nobody owns its postmortem, so its timeline stays as it is. *Log* adds a line to it."
                    .to_owned(),
            ),
        }
    }
}

/// A time as people type it into the field that [`typed_time`] filled in: an untouched field keeps its seconds.
pub(super) fn same_time(text: &str, at: DateTime<Utc>, zone: Tz) -> bool {
    text == typed_time(at, zone)
}

/// A time as people would type it: `2026-11-21 02:47`.
#[must_use]
pub fn typed_time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// The entry as it is after the change.
///
/// # Errors
/// A sentence for the person: why it may not be changed, or what cannot be read.
pub(super) fn changed(
    entry: &Entry,
    by: PersonId,
    change: &EntryChange,
    why: Option<&str>,
    room: &Room,
) -> Result<Entry, String> {
    let why = why.map(str::trim).filter(|why| !why.is_empty());
    room.keeper.lets(by)?;
    if room.keeper != Keeper::Everybody && why.is_none() {
        return Err(
            "The incident is closed: say why it is changed. *Edit…* asks for it.".to_owned(),
        );
    }
    let mut after = entry.clone();
    if let Some(text) = change.text.as_deref().map(str::trim) {
        if text.is_empty() {
            return Err(
                "An entry needs words. To take it out of the timeline, press *Take it back*."
                    .to_owned(),
            );
        }
        after.text = cut(text, MAX_ENTRY_CHARACTERS);
    }
    if let Some(at) = change.at.as_deref().map(str::trim)
        && !at.is_empty()
        && !same_time(at, entry.event_at, room.zone)
    {
        let said = said_alone(at, room.zone, room.now)
            .or_else(|problem| room.believed(problem))
            .map_err(|problem| format!("{problem}."))?;
        after.event_at = said.at;
        after.precision = said.precision;
    }
    if let Some(instant) = change.instant {
        after.event_at = instant;
        after.precision = Precision::Minute;
    }
    if let Some(kind) = change.kind.filter(|kind| *kind != entry.kind) {
        after.kind = kind;
        // An importance that a person chose stays; the usual one follows the kind.
        if entry.importance == entry.kind.importance_in(room.phase)
            || entry.importance == entry.kind.default_importance()
        {
            after.importance = kind.importance_in(room.phase);
        }
    }
    if let Some(importance) = change.importance {
        after.importance = importance;
    }
    if let Some(audience) = change.audience {
        after.audience = audience;
    }
    if let Some(choice) = &change.choice {
        after.choice = choice.words().is_some().then(|| Choice {
            options: cut(choice.options.trim(), MAX_ENTRY_CHARACTERS),
            reason: cut(choice.reason.trim(), MAX_ENTRY_CHARACTERS),
            decided_by: cut(choice.decided_by.trim(), 200),
        });
    }
    if after == *entry {
        return Ok(after);
    }
    after.revisions.push(Revision {
        text: entry.text.clone(),
        kind: entry.kind,
        event_at: entry.event_at,
        importance: (entry.importance != after.importance).then_some(entry.importance),
        changed_at: room.now,
        changed_by: Who::Person {
            id: by,
            roles: room.roles.clone(),
        },
        why: why.map(|why| cut(why, 300)),
    });
    Ok(after)
}
