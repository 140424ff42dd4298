//! Where the people of an incident talk: one address for all incidents, or a voice channel of the incident's own that is
//! opened when somebody first wants to join.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::state::Incident;
use crate::ids::{ChannelId, IncidentId};

/// How long after its incident is over a voice channel stays: whoever is still in it talks to the end.
pub const CALL_ENDS_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What its name begins with. Voice channels have no topic, so the name is the marker by which an interrupted opening
/// finds its channel again; it holds the number and no word of the incident.
const NAME_PREFIX: &str = "call-inc-";

/// How a team talks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallPolicy {
    /// Not through this bot.
    Off,
    /// Always at the same address.
    Link(String),
    /// In a voice channel of the incident's own.
    Voice {
        /// The address that is offered when the channel cannot be opened.
        fallback: Option<String>,
        /// Whether the channel stays when the incident is over.
        keep: bool,
    },
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self::Voice {
            fallback: None,
            keep: false,
        }
    }
}

/// The voice channel of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum CallState {
    /// Nobody has wanted one, or it is gone.
    #[default]
    None,
    /// Somebody wants to join; it is being opened.
    Opening,
    /// It is there.
    Open {
        /// Which channel.
        channel: ChannelId,
        /// Where it is joined.
        url: String,
    },
    /// It could not be opened.
    Failed {
        /// Why, and how to mend it.
        why: String,
    },
}

impl CallState {
    /// Whether there is nothing to say about it.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// The channel, while there is one.
    #[must_use]
    pub fn channel(&self) -> Option<ChannelId> {
        match self {
            Self::Open { channel, .. } => Some(*channel),
            Self::None | Self::Opening | Self::Failed { .. } => None,
        }
    }
}

/// What the voice channel of an incident is called.
#[must_use]
pub fn call_name_of(id: IncidentId) -> String {
    format!("{NAME_PREFIX}{:04}", id.0)
}

/// The incident whose voice channel would be called so.
#[must_use]
pub fn incident_of_call(name: &str) -> Option<IncidentId> {
    let number = name.strip_prefix(NAME_PREFIX)?.parse().ok()?;
    Some(IncidentId(number)).filter(|id| call_name_of(*id) == name)
}

/// Where a call is joined with one tap, if it is.
#[must_use]
pub fn call_link<'a>(incident: &'a Incident, policy: &'a CallPolicy) -> Option<&'a str> {
    match (&incident.surface.call, policy) {
        (CallState::Open { url, .. }, _) | (_, CallPolicy::Link(url)) => Some(url),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_channel_is_known_by_its_name_alone() {
        let name = call_name_of(IncidentId(142));
        assert_eq!(name, "call-inc-0142");
        assert_eq!(incident_of_call(&name), Some(IncidentId(142)));
        for other in [
            "call-inc-",
            "call-inc-142",
            "call-inc-x",
            "General",
            "inc-0142",
        ] {
            assert_eq!(incident_of_call(other), None, "{other}");
        }
    }
}
