//! Tying incidents to each other, and untying them. People do it on one side; the other side follows by an effect.

use super::{person_of, undoable};
use crate::ids::IncidentId;
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::links::{Linked, MOST_LINKS, Neighbour, Tie};
use crate::incident::refusal::Refusal;
use crate::incident::state::{Incident, Visibility};
use crate::phase::Phase;

/// A person ties this incident to another.
pub(super) fn link(
    incident: &Incident,
    request: &Request,
    other: &Neighbour,
    tie: Tie,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    let links = &incident.relations.links;
    if links.get(&other.id).is_some_and(|link| link.tie == tie) {
        return Ok(Vec::new());
    }
    may_be_tied(incident, other, tie).map_err(Refusal::Unusable)?;
    // How far the other is, is told only where the other side is told too.
    let both_open = incident.visibility == Visibility::Normal && !other.restricted;
    let link = Linked {
        tie,
        phase: both_open.then_some(other.phase),
    };
    Ok(vec![
        undoable(format!("the link to {}", other.id)),
        Event::Linked {
            other: other.id,
            link,
        },
    ])
}

fn may_be_tied(incident: &Incident, other: &Neighbour, tie: Tie) -> Result<(), String> {
    let links = &incident.relations.links;
    if other.id == incident.id {
        return Err("An incident cannot be linked to itself: name another.".to_owned());
    }
    if incident.phase == Phase::Closed {
        return Err(format!(
            "{} is closed, and what is closed stays as it is.",
            incident.id
        ));
    }
    if other.restricted {
        // From an open incident the other side is asked; here both are hidden.
        return Err(
            "Both are restricted: a link would tell the people of each that there is the other."
                .to_owned(),
        );
    }
    if let Some(known) = links.get(&other.id) {
        return Err(format!(
            "They are linked already: {}. Take that back first: `/inc more what:unlink {}`.",
            known.tie.says(other.id),
            other.id
        ));
    }
    if other.closes_a_circle {
        return Err(format!(
            "That would be a circle: {} and {} would each be a part of the other.",
            incident.id, other.id
        ));
    }
    let whole = match tie {
        Tie::PartOf => incident
            .relations
            .part_of()
            .map(|whole| (incident.id, whole)),
        Tie::HasPart => other
            .part_of
            .filter(|whole| *whole != incident.id)
            .map(|whole| (other.id, whole)),
        Tie::Related => None,
    };
    if let Some((part, whole)) = whole {
        return Err(format!(
            "{part} is a part of {whole} already, and can be of one only. *Related* always works."
        ));
    }
    if links.len() >= MOST_LINKS {
        return Err(format!(
            "{MOST_LINKS} links are all that fit on a card: take one back first."
        ));
    }
    Ok(())
}

/// A person takes a tie back.
pub(super) fn unlink(
    incident: &Incident,
    request: &Request,
    other: IncidentId,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    match incident.relations.links.get(&other) {
        Some(link) => Ok(vec![
            undoable(format!("unlinking {other}")),
            Event::Unlinked {
                other,
                tie: link.tie,
                quietly: false,
            },
        ]),
        None => Err(Refusal::Unusable(format!(
            "{} and {other} are not linked.",
            incident.id
        ))),
    }
}

/// The other side has changed: what is kept here follows. Told twice is once.
pub(super) fn mirror(
    incident: &Incident,
    other: IncidentId,
    now: Option<Linked>,
    quietly: bool,
) -> Vec<Event> {
    let before = incident.relations.links.get(&other).copied();
    match (before, now) {
        (before, now) if before == now => Vec::new(),
        (None, None) => Vec::new(),
        (Some(before), Some(now)) if before.tie == now.tie => vec![Event::LinkedMoved {
            other,
            phase: now.phase,
        }],
        (_, Some(link)) => vec![Event::Linked { other, link }],
        (Some(link), None) => vec![Event::Unlinked {
            other,
            tie: link.tie,
            quietly,
        }],
    }
}

/// How far the other is. A tie that somebody has taken back meanwhile stays away.
pub(super) fn hear(incident: &Incident, other: IncidentId, phase: Phase) -> Vec<Event> {
    let phase = Some(phase);
    match incident.relations.links.get(&other) {
        Some(link) if link.phase != phase => vec![Event::LinkedMoved { other, phase }],
        _ => Vec::new(),
    }
}

/// What takes a link back that somebody has just made, or makes it again.
pub(super) fn undone(incident: &Incident) -> Option<Event> {
    let (other, before) = incident.undo.as_ref()?.before.link?;
    let now = incident.relations.links.get(&other).copied();
    match (before, now) {
        (Some(link), None) => Some(Event::Linked { other, link }),
        (None, Some(link)) => Some(Event::Unlinked {
            other,
            tie: link.tie,
            quietly: false,
        }),
        _ => None,
    }
}
