//! Calling somebody for a role: the buttons, whom to choose where the rota names nobody, and who would have been called.

use super::buttons;
use crate::card::{Act, Button, Card, Press, Row};
use crate::incident::{Incident, RoleState, WhomToPage};
use crate::oncall::{Candidate, Reach};
use crate::person::PersonId;
use crate::role::Role;
use crate::severity::Severity;

/// A button for each role that such an incident calls for and nobody has.
pub(super) fn page_row(incident: &Incident) -> Option<Row> {
    let missing: Vec<Button> = Role::ALL
        .into_iter()
        .filter(|role| is_missing(incident, *role))
        .enumerate()
        .map(|(place, role)| {
            let press = Press::any_time(incident.id, Act::PageRole(role));
            let label = format!("Page {}", role.short());
            // Whoever fights alone needs somebody.
            if incident.is_solo() && place == 0 {
                Button::primary(label, press)
            } else {
                Button::plain(label, press)
            }
        })
        .collect();
    (!missing.is_empty()).then(|| buttons(missing))
}

/// Whether the incident calls for a role that nobody has. Whoever works alone can still call others.
pub(super) fn is_missing(incident: &Incident, role: Role) -> bool {
    incident.is_active()
        && incident.holder(role).is_none()
        && Role::required(incident.severity, incident.category).contains(&role)
}

/// Whom to page, where the rota names nobody who can be.
#[must_use]
pub fn ask_whom_to_page(incident: &Incident, role: Role, found: WhomToPage) -> Card {
    let why = match found {
        WhomToPage::Person(person) => format!("{person} can be paged for {role}."),
        WhomToPage::Yourself => format!("The rota names you for {role}, and nobody after you."),
        WhomToPage::OnlySev1(person) => {
            format!("At this hour the rota wakes {person} for {role} in a SEV1 only.")
        }
        WhomToPage::Nobody => format!("The rota has nobody to page for {role} now."),
    };
    let mut card = super::line(format!("{why} Page somebody else?"));
    card.rows = vec![Row::People {
        hint: format!("Page as {}…", role.short()),
        press: Press::any_time(incident.id, Act::PageRole(role)),
    }];
    if found == WhomToPage::Yourself {
        card.rows.push(buttons([Button::plain(
            format!("I'll be {}", role.short()),
            Press::any_time(incident.id, Act::Accept(role)),
        )]));
    }
    card
}

/// Whoever takes it although the rota names somebody else is told who that is, and whether they know. They have it all the
/// same. `candidates` are those of the On-Call Engineer, in the rota's order.
#[must_use]
pub fn not_on_the_rota(
    incident: &Incident,
    taker: PersonId,
    candidates: &[Candidate],
) -> Option<String> {
    let first = candidates.first()?;
    let is_on = first.reach == Reach::Always || incident.severity == Severity::Sev1;
    if first.person == taker || !is_on {
        return None;
    }
    // What taking it replaced is kept for its undo.
    let was_asked = incident.undo.as_ref().is_some_and(|undo| {
        let asked = undo.before.roles.get(&Role::OnCall);
        matches!(asked, Some(RoleState::Proposed { to, .. }) if *to == first.person)
    });
    let knows = if incident.surface.direct.contains_key(&first.person) {
        "and is told that you have it"
    } else if was_asked {
        "and was named on the board"
    } else {
        "and was not called"
    };
    Some(format!(
        "You are not on the rota for On-Call now; {} is, {knows}.",
        first.person
    ))
}
