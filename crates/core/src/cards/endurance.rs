//! What tired people are told, and those whose shift ends: alone, with a hand-over one tap away.

use chrono::{DateTime, Utc};

use super::night::open_channel;
use super::{buttons, clock, line};
use crate::card::{Act, Button, Card, Press};
use crate::incident::{Incident, length_words};
use crate::person::PersonId;
use crate::role::Role;

/// Whoever has held command for hours reads that another could.
#[must_use]
pub fn fatigue_hint(incident: &Incident, now: DateTime<Utc>) -> Card {
    let held = incident.command_held_for(now).unwrap_or_default();
    let mut card = line(format!(
        "You have held command of {} for {}. Somebody rested sees more; handing it over is no failure.{}",
        incident.id,
        length_words(held),
        open_channel(incident)
    ));
    card.rows = vec![buttons([Button::primary(
        "Hand over",
        Press::any_time(incident.id, Act::AskHandover),
    )])];
    card
}

/// Whoever has a role reads when their shift ends and who is next.
#[must_use]
pub fn shift_end(
    incident: &Incident,
    (role, ends_at, next): (Role, DateTime<Utc>, Option<PersonId>),
    now: DateTime<Utc>,
) -> Card {
    let here = |act: Act| Press::any_time(incident.id, act);
    let is_over = ends_at <= now;
    let (ends, next_word) = if is_over {
        ("ended", "on now")
    } else {
        ("ends", "next")
    };
    let (who, hand_over) = match next {
        Some(next) => (
            format!("{next} is {next_word}."),
            Button::primary("Prepare hand-over", here(Act::OfferHandoverTo(next))),
        ),
        None => (
            format!(
                "Nobody is on the rota {}.",
                if is_over { "now" } else { "then" }
            ),
            Button::primary("Hand over", here(Act::AskHandover)),
        ),
    };
    let mut card = line(format!(
        "Your shift as {role} {ends} at {}, and {} is not over. {who}{}",
        clock(ends_at),
        incident.id,
        open_channel(incident)
    ));
    let stay = Button::plain("I stay", here(Act::Dismiss));
    card.rows = vec![buttons([hand_over, stay])];
    card
}
