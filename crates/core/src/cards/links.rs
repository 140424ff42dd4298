//! Incidents that belong together: how the boards say it, and where people say it.

use super::{buttons, line, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row, Tone};
use crate::ids::IncidentId;
use crate::incident::{Incident, Linked, Tie};
use crate::person::PersonId;

/// The other one, with how far it is where that is known.
fn named(id: IncidentId, link: Linked) -> String {
    match link.phase {
        Some(phase) => format!("{id} ({phase})"),
        None => id.to_string(),
    }
}

/// What the board says about other incidents.
pub(super) fn link_lines(incident: &Incident) -> Vec<String> {
    let of = |tie: Tie| {
        incident
            .relations
            .links
            .iter()
            .filter(|(_, link)| link.tie == tie)
            .map(|(id, link)| named(*id, *link))
            .collect::<Vec<_>>()
            .join(", ")
    };
    [
        ("Part of", of(Tie::PartOf)),
        ("Parts:", of(Tie::HasPart)),
        ("Related:", of(Tie::Related)),
    ]
    .into_iter()
    .filter(|(_, others)| !others.is_empty())
    .map(|(words, others)| format!("🔗 {words} {others}"))
    .collect()
}

/// What people press to say it.
#[must_use]
pub fn tie_words(tie: Tie) -> &'static str {
    match tie {
        Tie::PartOf => "It is part of…",
        Tie::HasPart => "It has a part…",
        Tie::Related => "Related to…",
    }
}

/// How does it belong to another? And the way to take that back.
#[must_use]
pub fn ask_link(incident: &Incident) -> Card {
    let press = |act| Press::any_time(incident.id, act);
    let mut card = text_card(
        format!("{} and another incident", incident.id),
        link_lines(incident).join("\n"),
        Tone::Plain,
    );
    card.rows =
        vec![buttons(Tie::ALL.into_iter().map(|tie| {
            Button::plain(tie_words(tie), press(Act::LinkAs(tie)))
        }))];
    let links = &incident.relations.links;
    if !links.is_empty() {
        card.rows.push(Row::Menu(Menu {
            hint: "Unlink…".to_owned(),
            options: links
                .iter()
                .take(25)
                .map(|(id, link)| MenuOption {
                    value: id.to_string(),
                    label: id.to_string(),
                    description: link.tie.says(*id),
                })
                .collect(),
            most: 1,
            press: press(Act::Unlink),
        }));
    }
    card
}

fn by(person: Option<PersonId>) -> String {
    person
        .map(|person| format!(" ({person})"))
        .unwrap_or_default()
}

/// The channel hears of a tie.
#[must_use]
pub fn linked_line(
    incident: &Incident,
    other: IncidentId,
    tie: Tie,
    who: Option<PersonId>,
) -> Card {
    let words = match tie {
        Tie::PartOf => format!("{} is part of {other} now", incident.id),
        Tie::HasPart => format!("{other} is a part of {} now", incident.id),
        Tie::Related => format!("{} is related to {other}", incident.id),
    };
    line(format!("🔗 {words}{}", by(who)))
}

/// The channel hears that a tie is gone.
#[must_use]
pub fn unlinked_line(incident: &Incident, other: IncidentId, who: Option<PersonId>) -> Card {
    line(format!(
        "🔗 {} and {other} are not linked any more{}",
        incident.id,
        by(who)
    ))
}
