//! What was changed around the time it began. Never called a cause.

use chrono::{DateTime, Utc};

use super::steps::is_safe_link;
use super::{clock, text_card};
use crate::alert::safe_line;
use crate::card::{Card, Tone};
use crate::change::{
    ChangeKind, LOOKED_BACK_MINUTES, ReportedChange, impact_of, nearest, to_roll_back,
};
use crate::incident::Incident;

/// How many changes a board or a step names.
const MOST_NAMED: usize = 3;

/// How many the view of its own lists.
const MOST_LISTED: usize = 20;

/// A longer link is left to the view of its own.
const MAX_BOARD_LINK_BYTES: usize = 200;

/// The lines for a board or a step, if there is anything to tell.
pub(super) fn change_lines(incident: &Incident, changes: &[ReportedChange]) -> Option<String> {
    let near: Vec<_> = nearest(incident, changes)
        .into_iter()
        .filter(|change| change.kind != ChangeKind::Other)
        .collect();
    named("**CHANGES** (correlates, not cause)", incident, &near)
}

/// The lines for a step that rolls back.
pub(super) fn roll_back_lines(incident: &Incident, changes: &[ReportedChange]) -> Option<String> {
    let candidates = to_roll_back(incident, changes);
    named(
        "**Could be rolled back** (correlates, not cause)",
        incident,
        &candidates,
    )
}

fn named(heading: &str, incident: &Incident, changes: &[&ReportedChange]) -> Option<String> {
    if changes.is_empty() {
        return None;
    }
    let impact = impact_of(incident);
    let mut lines = vec![heading.to_owned()];
    lines.extend(
        changes
            .iter()
            .take(MOST_NAMED)
            .map(|change| line_of(change, impact, MAX_BOARD_LINK_BYTES)),
    );
    if changes.len() > MOST_NAMED {
        lines.push(format!("+{}", changes.len() - MOST_NAMED));
    }
    Some(lines.join("\n"))
}

/// Every change around the time it began.
#[must_use]
pub fn changes(incident: &Incident, changes: &[ReportedChange]) -> Card {
    let near = nearest(incident, changes);
    let impact = impact_of(incident);
    let mut lines = vec![format!(
        "From {} on, {} hours before it began. They correlate; that makes none of them the cause.",
        clock(impact - chrono::TimeDelta::minutes(LOOKED_BACK_MINUTES)),
        LOOKED_BACK_MINUTES / 60
    )];
    if near.is_empty() {
        lines.push("No change was reported.".to_owned());
    }
    let mut room = 3_500_usize;
    let mut listed = 0;
    for change in near.iter().take(MOST_LISTED) {
        let line = line_of(change, impact, usize::MAX);
        let length = line.chars().count() + 1;
        if length > room {
            break;
        }
        room -= length;
        listed += 1;
        lines.push(line);
    }
    if near.len() > listed {
        lines.push(format!("+{} more", near.len() - listed));
    }
    text_card(
        format!("{} · {} changes", incident.id, near.len()),
        lines.join("\n"),
        Tone::Plain,
    )
}

fn line_of(change: &ReportedChange, impact: DateTime<Utc>, max_link_bytes: usize) -> String {
    let who = change
        .who
        .as_deref()
        .map(|who| safe_line(who, 40))
        .filter(|who| !who.is_empty())
        .map(|who| format!(", {who}"))
        .unwrap_or_default();
    let link = change
        .link
        .as_deref()
        .filter(|link| is_safe_link(link) && link.len() <= max_link_bytes)
        .map(|link| format!(" <{link}>"))
        .unwrap_or_default();
    format!(
        "• {} {}: {} {} ({}){who}{link}",
        safe_line(&change.service, 60),
        safe_line(&change.version, 60),
        change.kind.word(),
        clock(change.at),
        distance(change.at, impact)
    )
}

/// How far from the beginning: "14 min before".
fn distance(at: DateTime<Utc>, impact: DateTime<Utc>) -> String {
    let minutes = (at - impact).num_minutes();
    match minutes {
        0 => "when it began".to_owned(),
        ..0 => format!("{} min before it began", -minutes),
        _ => format!("{minutes} min after it began"),
    }
}

#[cfg(test)]
mod tests;
