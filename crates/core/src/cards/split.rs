//! Alerts that joined because of a likeness, and the way out of that.

use super::{buttons, line};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row};
use crate::incident::{Attached, Incident, cut};
use crate::person::PersonId;

/// Why these alerts are here, once for each group.
#[must_use]
pub fn attached_line(incident: &Incident, attached: &Attached) -> Card {
    let because = attached.because.as_deref().unwrap_or_default();
    let mut card = line(format!("➕ {} attached {because}.", attached.what));
    card.rows = vec![buttons([Button::plain(
        "Split off",
        Press::any_time(incident.id, Act::SplitOff(attached.group.digest())),
    )])];
    card
}

/// A group went its own way.
#[must_use]
pub fn split_line(attached: &Attached, by: Option<PersonId>) -> Card {
    let by = by.map(|by| format!(" ({by})")).unwrap_or_default();
    line(format!(
        "✂ **{}** was split off{by}: while it fires it has an incident of its own. A mistake? Merge that one into this.",
        attached.what
    ))
}

/// Which?
#[must_use]
pub fn ask_split(incident: &Incident) -> Card {
    if incident.relations.attached.is_empty() {
        return line(
            "No alert group joined this because of a likeness: there is nothing to split off.",
        );
    }
    let mut card =
        line("Which alerts are something else? They leave this incident and get one of their own.");
    card.rows = vec![Row::Menu(Menu {
        hint: "Split off…".to_owned(),
        options: incident
            .relations
            .attached
            .iter()
            .take(25)
            .map(|attached| MenuOption {
                value: attached.group.digest(),
                label: cut(&attached.what, 90),
                description: cut(attached.because.as_deref().unwrap_or_default(), 90),
            })
            .collect(),
        most: 1,
        press: Press::any_time(incident.id, Act::AskSplit),
    })];
    card
}
