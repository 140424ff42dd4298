//! What joined because of a likeness and is something else. The channel hears of each such group once, with the way out;
//! whoever takes it gets the group an incident of its own.

use super::{must_be_live, person_of};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::relations::{Attached, MOST_RECEIPTS};
use crate::incident::state::{AlertPicture, Incident};

/// Notes which groups joined, and which webhooks brought more of them, as many as one menu can offer.
pub(super) fn attached(incident: &Incident, groups: &[Attached]) -> Vec<Event> {
    groups
        .iter()
        .filter(|new| {
            let known = incident
                .relations
                .attached
                .iter()
                .find(|known| known.group == new.group);
            match known {
                Some(known) => {
                    known.receipts.len() < MOST_RECEIPTS && !new.receipts.is_subset(&known.receipts)
                }
                None => new.because.is_some() && incident.relations.has_room(),
            }
        })
        .cloned()
        .map(Event::GroupAttached)
        .collect()
}

/// The group of this digest goes its own way.
pub(super) fn split_off(
    incident: &Incident,
    request: &Request,
    digest: &str,
    rest: &AlertPicture,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if incident
        .relations
        .split
        .iter()
        .any(|group| group.digest() == digest)
    {
        return Ok(Vec::new());
    }
    must_be_live(incident)?;
    let Some(attached) = incident.relations.attached(digest) else {
        return Err(Refusal::Unusable(
            "This alert group is not attached here any more: there is nothing to split off."
                .to_owned(),
        ));
    };
    let mut events = vec![Event::GroupSplit(attached.clone())];
    if *rest != incident.alerts {
        events.push(Event::AlertsChanged {
            picture: rest.clone(),
            news: Vec::new(),
            links: Vec::new(),
            services: std::collections::BTreeSet::new(),
            storm: false,
        });
    }
    Ok(events)
}
