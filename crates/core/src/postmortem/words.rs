//! The small words of the document: times, durations, people by their roles, questions.

use chrono::{DateTime, TimeDelta, Utc};

use super::Material;
use crate::alert::is_invisible;
use crate::person::PersonId;
use crate::role::Role;
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

/// `02:47` in UTC; with the day where it is not the one the header names.
pub(super) fn time(material: &Material, at: DateTime<Utc>) -> String {
    if at.date_naive() == material.incident.declared_at().date_naive() {
        at.format("%H:%M").to_string()
    } else {
        at.format("%Y-%m-%d %H:%M").to_string()
    }
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
    by_role_beside("", material, person)
}

/// The same inside of a text; whoever was asked to be something is not named by it already.
fn by_role_beside(text: &str, material: &Material, person: PersonId) -> String {
    let roles = material.incident.roles_of(person);
    let said = |role: &Role| text.contains(&format!("to be {role}"));
    if roles.is_empty() || roles.iter().any(said) {
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

/// Words of people for the document: on one line, so that they can neither open a section nor leave their list, without
/// what cannot be seen and turns the rest of the line round, with Discord's signs for people, times and places turned into
/// words.
pub(super) fn prose(material: &Material, text: &str) -> String {
    let text: &str = &text
        .chars()
        .filter(|character| !is_invisible(*character))
        .collect::<String>();
    let on_one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let unnamed = without_names(material, &on_one_line);
    let mut result = String::with_capacity(unnamed.len());
    let mut rest = unnamed.as_str();
    while let Some(start) = rest.find('<') {
        result.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('>') else {
            break;
        };
        let token = &rest[start + 1..start + end];
        match words_of(text, material, token) {
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

/// What a sign of Discord's stands for: `@1`, `t:1763694120:t`, `#900`, `:siren:7`.
fn words_of(text: &str, material: &Material, token: &str) -> Option<String> {
    if let Some(id) = token.strip_prefix('@') {
        let person = id.trim_start_matches('!').parse().ok()?;
        return Some(by_role_beside(text, material, PersonId(person)));
    }
    if let Some(unix) = token.strip_prefix("t:") {
        let unix = unix.split(':').next()?.parse().ok()?;
        let at = DateTime::from_timestamp(unix, 0)?;
        return Some(format!("{} UTC", time(material, at)));
    }
    if let Some(id) = token.strip_prefix('#') {
        id.parse::<u64>().ok()?;
        return Some("the channel".to_owned());
    }
    let emoji = token.strip_prefix("a:").or(token.strip_prefix(':'))?;
    let (name, id) = emoji.split_once(':')?;
    id.parse::<u64>().ok()?;
    Some(format!(":{name}:"))
}

/// People who were mentioned by name appear by their roles.
fn without_names(material: &Material, text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let mut known: Vec<(&PersonId, &String)> = material
        .names
        .iter()
        .filter(|(_, name)| !name.trim().is_empty())
        .collect();
    // "@Sam Ray" before "@Sam".
    known.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    let mut text = text.to_owned();
    for (person, name) in known {
        text = text.replace(&format!("@{name}"), &by_role(material, *person));
    }
    text
}

/// Words of people as a table cell: nothing in them ends the cell.
pub(super) fn cell(material: &Material, text: &str) -> String {
    prose(material, text)
        .replace('\\', "\\\\")
        .replace('|', "\\|")
}

/// The lines that stand.
pub(super) fn active(material: &Material) -> impl Iterator<Item = &Entry> {
    material.timeline.iter().filter(|entry| entry.is_active())
}
