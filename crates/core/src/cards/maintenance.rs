//! Maintenance windows as people read them.

use chrono::{DateTime, TimeDelta, Utc};

use super::front_desk::back_to_the_desk;
use super::spoken::spoken;
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
    let plan = buttons([
        Button::primary("Plan…", Press::of_none(Act::PlanMaintenance)),
        back_to_the_desk(),
    ]);
    if open.is_empty() {
        let mut card = line(
            "No maintenance is planned. *Plan…* plans some: what fires for it opens no channel and pages nobody meanwhile.",
        );
        card.rows = vec![plan];
        return card;
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
    card.rows = vec![buttons(
        open.iter()
            .take(SHOWN)
            .map(|window| end(format!("End {}", window.id), window)),
    )];
    card.rows.push(plan);
    card
}

fn end(label: impl Into<String>, window: &Window) -> Button {
    Button::plain(label, Press::of_none(Act::EndMaintenance(window.id)))
}

/// When a window is over, for whoever reads it from `since` on: the time of day, and the day where that could be another.
#[must_use]
pub fn over_at(window: &Window, since: DateTime<Utc>) -> String {
    let is_near = window.until - since < TimeDelta::days(1);
    let style = if is_near { 't' } else { 'f' };
    format!("<t:{}:{style}>", window.until.timestamp())
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
                "🔧 {} · {} held by maintenance until {} ({})",
                window.id,
                spoken(&window.what.to_string(), 200),
                over_at(window, now),
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
    let on: Vec<&Window> = windows.on(now).take(SHOWN).collect();
    if !on.is_empty() {
        let ends = on
            .into_iter()
            .map(|window| end(format!("End maintenance {}", window.id), window));
        card.rows.push(buttons(ends));
    }
    card.rows.push(buttons([
        Button::plain(
            "Maintenance…",
            Press::any_time(incident.id, Act::PlanMaintenance),
        ),
        Button::plain("Why?", Press::any_time(incident.id, Act::Why)),
    ]));
    card
}

/// One window in one line.
#[must_use]
pub fn maintenance_line(window: &Window, now: DateTime<Utc>) -> String {
    let when = if window.is_on(now) {
        format!("until <t:{}:f>", window.until.timestamp())
    } else {
        format!(
            "<t:{}:f> to {}",
            window.from.timestamp(),
            over_at(window, window.from)
        )
    };
    let held = match window.held.len() {
        0 => String::new(),
        1 => " · 1 group held".to_owned(),
        groups => format!(" · {groups} groups held"),
    };
    format!(
        "🔧 {} · {} · {when} · {} ({}){held}",
        window.id,
        spoken(&window.what.to_string(), 200),
        spoken(&window.reason, 200),
        window.by
    )
}

/// The answer to whoever ended it.
#[must_use]
pub fn maintenance_ended(window: &Window) -> Card {
    line(format!(
        "Maintenance of {} is over. What still fires opens its incident now.",
        spoken(&window.what.to_string(), 200)
    ))
}

/// The answer to whoever planned it.
#[must_use]
pub fn maintenance_planned(window: &Window) -> Card {
    let mut card = line(format!(
        "🔧 Maintenance {} of {} from <t:{}:f> until <t:{}:f>: what fires for it is held without a channel or a page, and \
         opens its incident if it still fires then.",
        window.id,
        spoken(&window.what.to_string(), 200),
        window.from.timestamp(),
        window.until.timestamp()
    ));
    card.rows = vec![buttons([end("End it", window)])];
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::at;
    use crate::card::{Does, Row};
    use crate::incident::tests::Night;
    use crate::maintenance::NewWindow;
    use crate::person::PersonId;

    fn planned(from: &str, until: &str) -> Windows {
        let mut windows = Windows::default();
        let new = NewWindow {
            what: "orders-api".to_owned(),
            from: from.to_owned(),
            until: until.to_owned(),
            zone: chrono_tz::Tz::Europe__Berlin,
            reason: "new database".to_owned(),
            by: PersonId(1),
        };
        windows.plan(&new, at(0)).expect("within the limits");
        windows
    }

    fn acts(card: &Card) -> Vec<(String, Act)> {
        let buttons = card.rows.iter().flat_map(|row| match row {
            Row::Buttons(buttons) => buttons.as_slice(),
            _ => &[],
        });
        buttons
            .filter_map(|button| match &button.does {
                Does::Press(press) => Some((button.label.clone(), press.act.clone())),
                Does::Open(_) => None,
            })
            .collect()
    }

    #[test]
    fn an_end_on_another_day_is_said_with_its_day() {
        let tonight = planned("", "90m");
        assert!(held_lines(&tonight, at(0))[0].contains(":t>"));
        let week = planned("", "3d");
        assert!(held_lines(&week, at(0))[0].contains(":f>"));
        let evening = planned("30m", "90m");
        assert!(maintenance_line(&evening.0[0], at(0)).contains(":t>"));
        let week = planned("30m", "3d");
        let line = maintenance_line(&week.0[0], at(0));
        assert_eq!(line.matches(":f>").count(), 2, "{line}");
    }

    #[test]
    fn whoever_plans_a_window_can_end_it_there_and_where_its_alerts_are_looked_at() {
        let windows = planned("", "");
        let end = Act::EndMaintenance(1);
        assert_eq!(
            acts(&maintenance_planned(&windows.0[0])),
            [("End it".to_owned(), end.clone())]
        );
        let night = Night::alert_fires("orders-api 5xx", crate::severity::Severity::Sev2);
        let card = alerts(night.incident(), &windows, at(0));
        assert!(acts(&card).contains(&("End maintenance 1".to_owned(), end.clone())));
        let over = alerts(night.incident(), &windows, at(3_600));
        assert!(acts(&over).iter().all(|(_, act)| *act != end), "it is over");
    }
}
