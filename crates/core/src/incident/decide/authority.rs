//! What takes command, and what happens where nobody holds it: it is recorded, not refused. And asking those who may.

use chrono::TimeDelta;

use super::person_of;
use crate::card::{Act, HandoverSet};
use crate::incident::command::{Actor, Command, Rank, Request};
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::{Incident, Visibility};
use crate::person::PersonId;
use crate::phase::Phase;

/// A second request by the same person within this time is the first one, heard twice.
const ASKED_ONCE_IN: TimeDelta = TimeDelta::seconds(60);

/// What of a request takes command, in words; `None` for what everybody may who may act.
fn takes_command(incident: &Incident, command: &Command) -> Option<&'static str> {
    match command {
        Command::Cancel { .. } => Some("saying that it is no incident"),
        Command::Merge { .. } => Some("merging it into another"),
        Command::Resolve { .. } => Some("resolving it"),
        Command::SendUpdate { .. } => Some("sending word to the stakeholders"),
        Command::SetVisibility {
            to: Visibility::Normal,
        } => Some("showing it to everybody again"),
        Command::RedactEntry(line) if line.for_good => {
            Some("redacting for good what somebody else wrote")
        }
        Command::ShowEntryAgain { .. } => Some("showing a hidden line again"),
        Command::SetSeverity { to, .. } if incident.severity.is_worse_than(*to) => {
            Some("lowering the severity")
        }
        _ => None,
    }
}

/// At night nobody meets a locked door because nobody is there to open it. Whoever may act did it, and that is written down.
pub(super) fn recorded_not_refused(
    incident: &Incident,
    request: &Request,
    events: &[Event],
) -> Option<Event> {
    let by_responder = matches!(
        request.actor,
        Actor::Person {
            rank: Rank::Responder,
            ..
        }
    );
    // Once it is over nothing else takes command that somebody could do without it.
    let shows = matches!(
        request.command,
        Command::SetVisibility {
            to: Visibility::Normal
        }
    );
    let counts = incident.is_active() || shows;
    if events.is_empty() || !by_responder || incident.command.is_some() || !counts {
        return None;
    }
    if let Command::RedactEntry(line) = &request.command
        && line.author == request.actor.person()
    {
        return None;
    }
    takes_command(incident, &request.command).map(|what| Event::DoneWithoutCommand {
        what: what.to_owned(),
    })
}

/// A reader asks once in this time: whoever commands at night has other things to read.
const READER_ASKS_ONCE_IN: TimeDelta = TimeDelta::minutes(5);

/// Asks whoever can: in the channel, with the button.
pub(super) fn ask_to_do(
    incident: &Incident,
    request: &Request,
    act: &Act,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    let reads_only = matches!(
        request.actor,
        Actor::Person {
            rank: Rank::Viewer,
            ..
        }
    );
    let once_in = if reads_only {
        READER_ASKS_ONCE_IN
    } else {
        ASKED_ONCE_IN
    };
    let again = incident
        .asked_to_do
        .is_some_and(|(who, at)| who == by && request.at - at < once_in);
    if again {
        return Ok(Vec::new());
    }
    let whom = whom_to_ask(incident, act)?;
    if whom == Some(by) {
        return Err(Refusal::Unusable(
            "That is you: press the button itself.".to_owned(),
        ));
    }
    Ok(vec![Event::AskedToDo {
        by,
        whom,
        act: Box::new(act.clone()),
        reads_only,
    }])
}

/// Who can: whoever has the role that is wanted, an admin where only they decide, the owner of the postmortem once it is
/// over, else whoever commands. `None` where nobody in particular can.
fn whom_to_ask(incident: &Incident, act: &Act) -> Result<Option<PersonId>, Refusal> {
    if let Act::AskHandoverOf(HandoverSet::Role(role)) = act {
        let holder = incident.holder(*role);
        return holder.map(Some).ok_or(Refusal::RoleFree { role: *role });
    }
    Ok(match incident.phase {
        _ if !incident.is_active() && crate::cards::is_for_an_admin(act) => None,
        Phase::Learning | Phase::Closed => incident.postmortem.owner.or(incident.command),
        _ => incident.command,
    })
}
