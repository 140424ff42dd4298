//! Who is in the circle of a restricted incident.

use crate::incident::state::{Incident, Visibility};

pub(super) fn change(incident: &mut Incident, to: Visibility) {
    incident.visibility = to;
    match to {
        Visibility::Restricted => {
            incident.relations.was_open = true;
            // The others are not told of it any more, nor it of them.
            for link in incident.relations.links.values_mut() {
                link.phase = None;
            }
        }
        Visibility::Normal => incident.relations.admitted.clear(),
    }
}

/// Whoever is in the circle of a restricted incident once stays in it: they see its channel.
pub(super) fn keep_the_circle(incident: &mut Incident) {
    if incident.visibility == Visibility::Restricted {
        incident.relations.admitted = incident.circle();
    }
}
