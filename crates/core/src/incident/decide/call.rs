//! Joining the call: the first tap opens it, every other finds it.

use super::person_of;
use crate::incident::call::{CallPolicy, CallState};
use crate::incident::command::{Report, Request};
use crate::incident::event::Event;
use crate::incident::policy::Policy;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::phase::Phase;

/// Somebody wants to join, and there is nothing to join yet.
pub(super) fn open(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    if !incident.is_active() && incident.phase != Phase::Learning {
        return Err(Refusal::NotLive {
            phase: incident.phase,
        });
    }
    match (&policy.call, &incident.surface.call) {
        (CallPolicy::Off, CallState::None | CallState::Failed { .. }) => Err(Refusal::Unusable(
            "No call is set up here. Whoever runs me can name an address or let me open a voice channel: `[call]` in my \
             configuration."
                .to_owned(),
        )),
        (CallPolicy::Link(_), _) | (_, CallState::Opening | CallState::Open { .. }) => {
            Ok(Vec::new())
        }
        (CallPolicy::Voice { .. }, CallState::None | CallState::Failed { .. }) => {
            Ok(vec![Event::CallAsked { by }])
        }
    }
}

/// What became of the channel. What is known already changes nothing.
pub(super) fn reported(incident: &Incident, report: &Report) -> Option<Event> {
    let call = &incident.surface.call;
    match report {
        Report::CallOpened { channel, url } if *call == CallState::Opening => {
            Some(Event::CallOpened {
                channel: *channel,
                url: url.clone(),
            })
        }
        Report::CallFailed { why } if *call == CallState::Opening => {
            Some(Event::CallFailed { why: why.clone() })
        }
        Report::CallGone(channel) if call.channel() == Some(*channel) => {
            Some(Event::CallEnded { channel: *channel })
        }
        _ => None,
    }
}
