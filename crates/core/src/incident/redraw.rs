//! Drawing an incident's surfaces again although nothing happened to it: what they show beside it has changed.

use crate::effect::{Effect, EffectId, Lane, NewEffect};

use super::state::Incident;

/// The board and the step card are drawn again, as far as they are there. `cause` makes the effects those of one cause: the
/// same cause twice draws once.
#[must_use]
pub fn redraw(incident: &Incident, cause: &str) -> Vec<NewEffect> {
    let mirror = |name: &str, effect: Effect| {
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
    };
    let mut effects = Vec::new();
    if incident.surface.board.is_some() {
        effects.push(mirror("board", Effect::SyncBoard));
    }
    if incident.surface.steps.is_some() {
        effects.push(mirror("steps", Effect::SyncSteps));
    }
    effects
}
