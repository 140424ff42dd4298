//! Maintenance windows as people read them.

use chrono::{DateTime, Utc};

use super::{buttons, line, text_card};
use crate::card::{Act, Button, Card, Press, Tone};
use crate::maintenance::{Window, Windows};

/// The most windows that one card shows and ends.
const SHOWN: usize = 5;

/// What is planned and on.
#[must_use]
pub fn maintenance(windows: &Windows, now: DateTime<Utc>) -> Card {
    let open: Vec<&Window> = windows
        .0
        .iter()
        .filter(|window| now < window.until)
        .collect();
    if open.is_empty() {
        return line(
            "No maintenance is planned. `/admin maintenance service:orders-api minutes:60 reason:…` plans one.",
        );
    }
    let mut lines: Vec<String> = open
        .iter()
        .take(SHOWN)
        .map(|window| maintenance_line(window, now))
        .collect();
    if open.len() > SHOWN {
        lines.push(format!("… and {} more", open.len() - SHOWN));
    }
    let mut card = text_card("Maintenance", lines.join("\n"), Tone::Plain);
    card.rows = vec![buttons(open.iter().take(SHOWN).map(|window| {
        Button::plain(
            format!("End {}", window.id),
            Press {
                incident: None,
                phase: None,
                act: Act::EndMaintenance(window.id),
            },
        )
    }))];
    card
}

/// One window in one line.
#[must_use]
pub fn maintenance_line(window: &Window, now: DateTime<Utc>) -> String {
    let when = if window.is_on(now) {
        format!("until <t:{}:f>", window.until.timestamp())
    } else {
        format!(
            "<t:{}:f> to <t:{}:t>",
            window.from.timestamp(),
            window.until.timestamp()
        )
    };
    let held = match window.held.len() {
        0 => String::new(),
        1 => " · 1 group held".to_owned(),
        groups => format!(" · {groups} groups held"),
    };
    format!(
        "🔧 {} · {} · {when} · {} ({}){held}",
        window.id, window.what, window.reason, window.by
    )
}

/// The answer to whoever planned it.
#[must_use]
pub fn maintenance_planned(window: &Window) -> Card {
    line(format!(
        "🔧 Maintenance {} of {} from <t:{}:f> until <t:{}:f>: what fires for it is held without a channel or a page, and \
         opens its incident if it still fires then.",
        window.id,
        window.what,
        window.from.timestamp(),
        window.until.timestamp()
    ))
}
