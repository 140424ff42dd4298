//! Something fires again that was resolved. People are asked whether it is the same incident; while they are silent nobody
//! else is woken, so the silence is short, and its end is the safe answer: a new incident, which pages.

use chrono::{DateTime, Utc};

use super::{must_be_relapse, person_of};
use crate::incident::command::Request;
use crate::incident::event::{Event, Suspicion};
use crate::incident::policy::Policy;
use crate::incident::refusal::Refusal;
use crate::incident::relations::RelapseState;
use crate::incident::state::Incident;

/// Alerts of it fire again. A delivery that is heard of twice is one.
pub(super) fn suspect(incident: &Incident, suspicion: &Suspicion) -> Vec<Event> {
    let known = incident
        .relations
        .relapse
        .as_ref()
        .is_some_and(|relapse| relapse.receipts.contains(&suspicion.receipt));
    if known || incident.is_active() {
        return Vec::new();
    }
    vec![Event::RelapseSuspected(suspicion.clone())]
}

/// "It is another one."
pub(super) fn is_new(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    match must_be_relapse(incident)? {
        RelapseState::Asked => Ok(vec![Event::RelapseAnswered]),
        RelapseState::New | RelapseState::Reopened => Ok(Vec::new()),
    }
}

/// Nobody answered.
pub(super) fn silence(incident: &Incident, now: DateTime<Utc>, policy: &Policy) -> Vec<Event> {
    match crate::incident::wake::relapse_answer_due(incident, policy) {
        Some(due) if due <= now => vec![Event::RelapseAnswered],
        _ => Vec::new(),
    }
}
