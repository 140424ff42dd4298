//! Maintenance windows as people read them.

use chrono::{DateTime, Utc};

use super::{buttons, line, text_card};
use crate::alert::safe_line;
use crate::card::{Act, Button, Card, Press, Tone};
use crate::incident::Incident;
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
            "No maintenance is planned. `/admin maintenance service:orders-api until:04:30 reason:…` plans one.",
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

/// The lines about what is held now, for lists; none while nothing is.
#[must_use]
pub fn held_lines(windows: &Windows, now: DateTime<Utc>) -> Vec<String> {
    let on: Vec<&Window> = windows.on(now).collect();
    let mut lines: Vec<String> = on
        .iter()
        .take(SHOWN)
        .map(|window| {
            format!(
                "🔧 {} held by maintenance until <t:{}:t> ({})",
                window.what,
                window.until.timestamp(),
                groups(window.held.len())
            )
        })
        .collect();
    if on.len() > SHOWN {
        lines.push(format!("… and {} more windows", on.len() - SHOWN));
    }
    lines
}

fn groups(count: usize) -> String {
    match count {
        0 => "nothing yet".to_owned(),
        1 => "1 group".to_owned(),
        groups => format!("{groups} groups"),
    }
}

/// What monitoring says of an incident, and what maintenance holds beside it.
#[must_use]
pub fn alerts(incident: &Incident, windows: &Windows, now: DateTime<Utc>) -> Card {
    let picture = &incident.alerts;
    let mut lines = vec![format!(
        "**{} firing · {} clear**",
        picture.firing, picture.cleared
    )];
    if picture.truncated > 0 {
        lines.push(format!(
            "+{} alerts that the sender left out",
            picture.truncated
        ));
    }
    let named = picture.names.iter().map(|name| safe_line(name, 80));
    lines.extend(named.map(|name| format!("- {name}")));
    let flapping = picture.flapping.iter().map(crate::alert::Flapping::line);
    lines.extend(flapping.map(|line| format!("- {line}")));
    if let Some(at) = picture.last_cleared_at {
        lines.push(format!("Last cleared <t:{}:t>", at.timestamp()));
    }
    lines.extend(held_lines(windows, now));
    let mut card = text_card(
        format!("{} – alerts", incident.id),
        lines.join("\n"),
        Tone::Plain,
    );
    card.rows = vec![buttons([
        Button::plain(
            "Maintenance…",
            Press::any_time(incident.id, Act::PlanMaintenance),
        ),
        Button::plain("Why?", Press::any_time(incident.id, Act::Why)),
    ])];
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
