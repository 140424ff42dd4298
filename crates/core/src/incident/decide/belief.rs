//! What becomes of a guess: evidence speaks for it, against it, or settles it.

use super::comms::still_told;
use super::{one_line, person_of};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::facts::HypothesisState;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;

pub(super) fn judge(
    incident: &Incident,
    request: &Request,
    number: u32,
    state: HypothesisState,
    because: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    still_told(incident)?;
    let guess = incident
        .hypothesis(number)
        .ok_or_else(|| Refusal::Unusable("This incident has no such guess.".to_owned()))?;
    let because = because
        .map(|because| one_line(because, 200))
        .filter(|because| !because.is_empty());
    if guess.state == state && (because.is_none() || guess.because == because) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::HypothesisJudged {
        number,
        state,
        because,
    }])
}
