//! The small words of the document: times, durations, people by their roles, questions.

use chrono::{DateTime, TimeDelta, Utc};

use super::Material;
use crate::person::PersonId;
use crate::timeline::{Entry, Precision, Who};

/// A question that stands where its answer goes.
pub(super) fn question(text: &str) -> String {
    format!("> **To be answered:** {text}\n")
}

/// Lists that people fill.
pub(super) fn lists(titles: &[&str]) -> String {
    titles
        .iter()
        .map(|title| format!("**{title}**\n\n- *(to be filled)*\n\n"))
        .collect()
}

/// `02:47` in UTC; the day is named in the header and wherever it changes.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%H:%M").to_string()
}

/// `2026-11-21 02:47:10`.
pub(super) fn full_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `1 h 05 min`, `12 min`, `45 s`. A negative duration is no duration.
pub(super) fn duration(delta: TimeDelta) -> String {
    let seconds = delta.num_seconds();
    if seconds < 0 {
        "– (the times contradict each other)".to_owned()
    } else if seconds < 60 {
        format!("{seconds} s")
    } else if seconds < 3600 {
        format!("{} min", seconds / 60)
    } else {
        format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60)
    }
}

pub(super) fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Exact => "exact",
        Precision::Minute => "to the minute",
        Precision::Approximate => "estimate",
    }
}

/// A person by the role they hold, for the text of the document.
pub(super) fn by_role(material: &Material, person: PersonId) -> String {
    let roles = material.incident.roles_of(person);
    if roles.is_empty() {
        "a responder".to_owned()
    } else {
        roles
            .iter()
            .map(|role| format!("the {role}"))
            .collect::<Vec<_>>()
            .join(" and ")
    }
}

/// Who an entry speaks for, by the roles they held then.
pub(super) fn who(entry: &Entry) -> String {
    match &entry.who {
        Who::Person { roles, .. } if roles.is_empty() => "responder".to_owned(),
        Who::Person { roles, .. } => roles
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        Who::Alert => "monitoring".to_owned(),
        Who::Bot => "bot".to_owned(),
    }
}

/// A name for the list of participants.
pub(super) fn name(material: &Material, person: PersonId) -> String {
    material
        .names
        .get(&person)
        .cloned()
        .unwrap_or_else(|| format!("person {}", person.0))
}

/// A text for the document: one line for table cells, Discord's signs for people and times turned into words.
pub(super) fn prose(material: &Material, text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        result.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('>') else {
            break;
        };
        let token = &rest[start + 1..start + end];
        let words = token
            .strip_prefix('@')
            .and_then(|id| id.trim_start_matches('!').parse().ok())
            .map(|id| by_role(material, PersonId(id)))
            .or_else(|| {
                let unix = token.strip_prefix("t:")?.split(':').next()?.parse().ok()?;
                DateTime::from_timestamp(unix, 0).map(|at| format!("{} UTC", time(at)))
            });
        match words {
            Some(words) => {
                result.push_str(&words);
                rest = &rest[start + end + 1..];
            }
            None => {
                result.push_str("&lt;");
                rest = &rest[start + 1..];
            }
        }
    }
    result.push_str(&rest.replace('<', "&lt;"));
    result
}

/// A text as a table cell.
pub(super) fn cell(material: &Material, text: &str) -> String {
    prose(material, text)
        .replace('|', "\\|")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
