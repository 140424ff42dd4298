//! What is said when an incident is hidden or shown, and what stands where its words stood.

use super::spoken::spoken;
use super::{buttons, line};
use crate::card::{Act, Button, Card, Press, Row};
use crate::incident::{Incident, Visibility, codename};
use crate::person::PersonId;

/// It is for few from now on, or for everybody again.
#[must_use]
pub fn visibility_line(incident: &Incident, by: Option<PersonId>) -> Card {
    let who = by.map_or_else(|| "It".to_owned(), |by| by.to_string());
    match incident.visibility {
        Visibility::Restricted => {
            let names: Vec<String> = incident.circle().iter().map(ToString::to_string).collect();
            let mut card = line(format!(
                "🔒 {who} made this restricted. Only these people see it: {}. Outside it is called **{}**; nothing goes to \
                 stakeholders.",
                names.join(", "),
                codename(incident.id)
            ));
            card.rows = vec![buttons([Button::plain(
                "Let somebody in",
                Press::any_time(incident.id, Act::AskAdmit),
            )])];
            card
        }
        Visibility::Normal => line(format!(
            "🔓 {who} showed this to everybody again: channel, title and what was written here."
        )),
    }
}

/// Before anything is contained.
#[must_use]
pub fn evidence_reminder(incident: &Incident) -> Card {
    let mut card = line(
        "🔒 Before you contain it: keep the evidence. Copy logs, save disk and memory images, note exact times and who touched \
         what; rotate and delete only after that. Write it down here.",
    );
    card.rows = vec![buttons([Button::plain(
        "Log",
        Press::any_time(incident.id, Act::Log),
    )])];
    card
}

/// Somebody was let in.
#[must_use]
pub fn admitted_line(person: PersonId, by: Option<PersonId>) -> Card {
    line(match by {
        Some(by) => format!("🔒 {by} let {person} in."),
        None => format!("🔒 {person} was let in."),
    })
}

/// Whom to let in?
#[must_use]
pub fn ask_admit(incident: &Incident) -> Card {
    let mut card = line(format!(
        "Who is let into {}? They can read everything in its channel.",
        incident.id
    ));
    card.rows = vec![
        Row::People {
            hint: "Somebody…".to_owned(),
            press: Press::any_time(incident.id, Act::AskAdmit),
        },
        buttons([Button::risky(
            "🔓 Show it to everybody again",
            Press::any_time(incident.id, Act::Unrestrict),
        )]),
    ];
    card
}

/// Shall everybody see it again? This is the one thing here that nobody can take back.
#[must_use]
pub fn ask_unrestrict(incident: &Incident, lines: usize) -> Card {
    let people = incident.circle().len();
    let lines = match lines {
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    };
    let noted = if incident.command.is_none() {
        " Nobody holds command: it is noted that you did it."
    } else {
        ""
    };
    let mut card = line(format!(
        "🔓 Everybody in the server will see {}: its title *{}*, every message in its channel, {lines} of its timeline, and \
         the {people} people in it. The digest names it, and stakeholders are told from then on. **What was read cannot \
         be taken back.**{noted}",
        incident.id,
        spoken(&incident.title, 100),
    ));
    card.rows = vec![buttons([
        Button::risky(
            "Show it to everybody",
            Press::any_time(incident.id, Act::UnrestrictNow),
        ),
        Button::plain(
            "Leave it hidden",
            Press::any_time(incident.id, Act::Dismiss),
        ),
    ])];
    card
}

/// The line in the digest channel of an incident that everybody could see before.
pub(super) fn hidden_digest(incident: &Incident) -> Card {
    line(format!(
        "🔒 {} {} · restricted",
        incident.id,
        codename(incident.id)
    ))
}

/// The direct message of somebody who is not in the circle any more.
pub(super) fn hidden_direct(incident: &Incident) -> Card {
    line(format!(
        "🔒 {}: others go on with it. Nothing is needed from you.",
        incident.id
    ))
}
