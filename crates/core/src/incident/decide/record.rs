//! Taking something out of the record: at once by whoever sees it, for good by whoever may.

use super::person_of;
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
    /// Whether that is asked which nobody can take back: a press on *Redact for good*.
    pub for_good: bool,
}

/// Everybody who may act hides any line at once. For good it goes by its author, by an admin, and while the incident is live
/// by whoever commands; where nobody does, by a second press, which is written down.
pub(super) fn redact(
    incident: &Incident,
    request: &Request,
    line: &RedactedLine,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    let is_sealed = incident.sealed.contains(&line.number);
    let for_good = line.author == Some(by)
        || decides(incident, request)
        || (line.for_good && is_sealed && nobody_else_decides(incident));
    if line.is_gone {
        return Ok(Vec::new());
    }
    if is_sealed && !for_good {
        return if line.for_good {
            Err(not_decider(incident, line.number, "redact it for good"))
        } else {
            Ok(Vec::new())
        };
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
    if !decides(incident, request) && !nobody_else_decides(incident) {
        return Err(not_decider(incident, number, "show it again"));
    }
    Ok(vec![Event::EntryShownAgain { number }])
}

fn not_decider(incident: &Incident, number: EntryNumber, what: &'static str) -> Refusal {
    Refusal::NotDecider {
        number,
        holder: incident.command.filter(|_| incident.is_active()),
        what,
    }
}

/// Whether the person decides about what others wrote: an admin always, command while there is something to command.
fn decides(incident: &Incident, request: &Request) -> bool {
    match request.actor {
        Actor::Person { rank, .. } if rank >= Rank::Admin => true,
        Actor::Person { id, rank } => {
            incident.is_active() && (rank >= Rank::Commander || incident.command == Some(id))
        }
        Actor::Alerts | Actor::Bot => false,
    }
}

/// Whether it is night and nobody is there to decide.
fn nobody_else_decides(incident: &Incident) -> bool {
    incident.is_active() && incident.command.is_none()
}
