//! Taking something out of the record: at once by whoever sees it, for good by whoever may.

use super::{may_command, person_of};
use crate::ids::{ChannelId, EntryNumber, MessageId};
use crate::incident::command::{Actor, Rank, Request};
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::person::PersonId;

/// The line that is to be redacted, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedactedLine {
    /// Which.
    pub number: EntryNumber,
    /// Who wrote it, if a person did.
    pub author: Option<PersonId>,
    /// The message it was taken from.
    pub message: Option<(ChannelId, MessageId)>,
    /// Whether its words are destroyed already.
    pub is_gone: bool,
}

/// Everybody who may act hides any line; its author, whoever holds command, and commanders redact it for good.
pub(super) fn redact(
    incident: &Incident,
    request: &Request,
    line: &RedactedLine,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    let for_good = line.author == Some(by) || decides(incident, request);
    let is_sealed = incident.sealed.contains(&line.number);
    if line.is_gone || (is_sealed && !for_good) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::EntryRedacted {
        number: line.number,
        sealed: !for_good,
        message: line.message,
        author: line.author,
    }])
}

pub(super) fn show_again(
    incident: &Incident,
    request: &Request,
    number: EntryNumber,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if !incident.sealed.contains(&number) {
        return Ok(Vec::new());
    }
    if !decides(incident, request) {
        return Err(Refusal::Unusable(format!(
            "{number} was hidden. Whoever holds command, or a commander, can show it again."
        )));
    }
    Ok(vec![Event::EntryShownAgain { number }])
}

/// Whether the person decides about what others wrote.
fn decides(incident: &Incident, request: &Request) -> bool {
    match request.actor {
        Actor::Person { rank, .. } if rank >= Rank::Commander => true,
        Actor::Person { .. } => incident.command.is_some() && may_command(incident, request),
        Actor::Alerts | Actor::Bot => false,
    }
}
