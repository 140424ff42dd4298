//! Drawing an incident's surfaces again although nothing happened to it: what they show beside it has changed.

use crate::effect::{Effect, EffectId, Lane, NewEffect};

use super::state::Incident;

/// The board and the step card are drawn again, as far as they are there. `cause` makes the effects those of one cause: the
/// same cause twice draws once.
#[must_use]
pub fn redraw(incident: &Incident, cause: &str) -> Vec<NewEffect> {
    let steps = incident.surface.steps.map(|_| Effect::SyncSteps);
    let steps = steps.map(|effect| mirror(incident, "steps", cause, effect));
    redraw_board(incident, cause)
        .into_iter()
        .chain(steps)
        .collect()
}

/// The board alone is drawn again, if it is there.
#[must_use]
pub fn redraw_board(incident: &Incident, cause: &str) -> Option<NewEffect> {
    let board = incident.surface.board.map(|_| Effect::SyncBoard);
    board.map(|effect| mirror(incident, "board", cause, effect))
}

fn mirror(incident: &Incident, name: &str, cause: &str, effect: Effect) -> NewEffect {
    let stream = format!("inc-{}/{name}", incident.id.0);
    NewEffect {
        id: EffectId(format!("{stream}/{cause}")),
        incident: Some(incident.id),
        coalesce_key: Some(stream.clone()),
        stream,
        lane: Lane::Mirror,
        not_before: None,
        effect,
    }
}
