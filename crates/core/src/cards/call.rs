//! *Join call*: one button, wherever people look when they come in.

use super::spoken::spoken;
use super::{buttons, line};
use crate::card::{Act, Button, Card, Does, Press, Row};
use crate::ids::ChannelId;
use crate::incident::{CallPolicy, CallState, Incident, call_link};
use crate::person::PersonId;

/// What people read on it.
const LABEL: &str = "Join call";

/// The most rows that a message has, and the most buttons of a row.
const MOST_ROWS: usize = 5;

/// The button, while there is something to join or to open.
fn join(incident: &Incident, policy: &CallPolicy) -> Option<Button> {
    if let Some(url) = call_link(incident, policy) {
        let is_over = !incident.is_active() && incident.surface.call.channel().is_none();
        return (!is_over).then(|| Button::link(LABEL, url));
    }
    if !incident.is_active() {
        return None;
    }
    match (policy, &incident.surface.call) {
        (
            CallPolicy::Voice {
                fallback: Some(url),
                ..
            },
            CallState::Failed { .. },
        ) => Some(Button::link(LABEL, url)),
        (CallPolicy::Voice { .. }, _) => Some(Button::plain(
            LABEL,
            Press::any_time(incident.id, Act::JoinCall),
        )),
        (CallPolicy::Off | CallPolicy::Link(_), _) => None,
    }
}

/// The board, with the way to the call in its second row, beside *Catch up*: the others keep their places.
#[must_use]
pub fn with_call(mut board: Card, incident: &Incident, policy: &CallPolicy) -> Card {
    let Some(button) = join(incident, policy) else {
        return board;
    };
    let catches_up =
        |button: &Button| matches!(&button.does, Does::Press(press) if press.act == Act::CatchUp);
    let has_room = board.rows.len() < MOST_ROWS;
    match board.rows.last_mut() {
        Some(Row::Buttons(row)) if row.iter().any(catches_up) => row.insert(0, button),
        _ if has_room => board.rows.push(buttons([button])),
        _ => {}
    }
    board
}

/// A direct message; whoever has the incident or a role in it finds the way to the call there.
#[must_use]
pub fn direct_with_call(
    mut direct: Card,
    incident: &Incident,
    person: PersonId,
    policy: &CallPolicy,
) -> Card {
    let takes_part = incident.command == Some(person) || !incident.roles_of(person).is_empty();
    let Some(button) = join(incident, policy).filter(|_| takes_part && incident.is_active()) else {
        return direct;
    };
    match direct.rows.last_mut() {
        Some(Row::Buttons(row)) if row.len() < MOST_ROWS => row.push(button),
        _ => direct.rows.push(buttons([button])),
    }
    direct
}

/// The answer to whoever asks for a call that is there.
#[must_use]
pub fn call_is_there(url: &str) -> Card {
    let mut card = line("The call is open.");
    card.rows = vec![buttons([Button::link(LABEL, url)])];
    card
}

/// The channel hears that the call is there.
#[must_use]
pub fn call_opened(channel: ChannelId, url: &str) -> Card {
    let mut card = line(format!("🔊 The call is open: <#{}>", channel.0));
    card.rows = vec![buttons([Button::link(LABEL, url)])];
    card
}

/// The channel hears that it is not, and where people can talk meanwhile.
#[must_use]
pub fn call_failed(incident: &Incident, why: &str, policy: &CallPolicy) -> Card {
    let mut card = line(format!(
        "⚠ The call could not be opened. {}",
        spoken(why, 600)
    ));
    card.rows = match policy {
        CallPolicy::Voice {
            fallback: Some(url),
            ..
        } => vec![buttons([Button::link(LABEL, url)])],
        _ => vec![buttons([Button::plain(
            "Try again",
            Press::any_time(incident.id, Act::JoinCall),
        )])],
    };
    card
}
