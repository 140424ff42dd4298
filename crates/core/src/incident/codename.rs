//! What an incident is called where people read who must not know what it is about.
//!
//! A restricted incident has two neutral words instead of a title. They follow from its number alone: the same incident is
//! called the same everywhere, and nothing of what happened is in them.

use super::decide::channel_name;
use super::state::{Incident, Visibility};
use crate::effect::EffectId;
use crate::ids::{IncidentId, Seq};

/// Words that praise and blame nothing.
const QUALITIES: [&str; 32] = [
    "amber", "ashen", "azure", "birch", "brass", "calm", "cedar", "chalk", "cobalt", "copper",
    "coral", "dusky", "fern", "flint", "grey", "hazel", "indigo", "ivory", "jade", "linen",
    "maple", "mellow", "misty", "olive", "pearl", "plain", "quiet", "russet", "sandy", "silver",
    "teal", "umber",
];

/// Animals that nobody is compared to in anger.
const ANIMALS: [&str; 32] = [
    "otter", "heron", "badger", "finch", "marten", "plover", "newt", "lark", "hare", "curlew",
    "beaver", "wren", "seal", "dipper", "vole", "grebe", "stoat", "siskin", "deer", "avocet",
    "lynx", "bittern", "trout", "linnet", "moth", "pipit", "carp", "osprey", "ibex", "dunlin",
    "toad", "swift",
];

/// Two neutral words for an incident. Neighbours in number share neither of them.
#[must_use]
pub fn codename(id: IncidentId) -> String {
    let number = usize::try_from(id.0).unwrap_or_default();
    let quality = QUALITIES[(number * 13 + 5) % QUALITIES.len()];
    // The second word goes on where the first has been through its list: 1,024 incidents without the same pair.
    let animal = ANIMALS[(number * 7 + number / QUALITIES.len()) % ANIMALS.len()];
    format!("{quality}-{animal}")
}

/// What it is called where everybody may read: its title, or its codename.
#[must_use]
pub fn public_title(incident: &Incident) -> String {
    match incident.visibility {
        Visibility::Normal => incident.title.clone(),
        Visibility::Restricted => codename(incident.id),
    }
}

/// What its channel is called. A list of channels may show names to people who cannot open them.
#[must_use]
pub fn channel_name_of(incident: &Incident) -> String {
    channel_name(incident.id, &public_title(incident))
}

/// The topic of its channel, with the marker by which an interrupted opening finds it again.
#[must_use]
pub fn channel_topic_of(incident: &Incident) -> String {
    format!(
        "{} · {} · the pinned board says how things stand {}",
        incident.id,
        public_title(incident),
        channel_marker_of(incident.id)
    )
}

/// The marker in the topic of its channel, made from the effect that opens it.
#[must_use]
pub fn channel_marker_of(id: IncidentId) -> String {
    format!("[ir:{}]", EffectId::of(id, Seq(1), "open").0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_thousand_incidents_have_a_thousand_codenames() {
        let names: BTreeSet<String> = (1..=1_024).map(|id| codename(IncidentId(id))).collect();
        assert_eq!(names.len(), 1_024);
        assert_eq!(codename(IncidentId(143)), codename(IncidentId(143)));
    }
}
