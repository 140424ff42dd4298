//! Two incidents that are one. The duplicate ends and says where it goes on; the other takes over its alerts and refers to
//! its timeline. Both steps repeat harmlessly: a crash between them loses nothing.

use super::{must_be_live, needs_command, person_of};
use crate::ids::IncidentId;
use crate::incident::command::{Absorption, Other, Request};
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::{CancelReason, Incident, Visibility};

pub(super) fn merge(
    incident: &Incident,
    request: &Request,
    into: &Other,
) -> Result<Vec<Event>, Refusal> {
    person_of(request)?;
    if incident.relations.merged_into == Some(into.id) {
        return Ok(Vec::new());
    }
    must_be_live(incident)?;
    may_go_into(incident, into)?;
    needs_command(incident, request, "merge it into another")?;
    Ok(vec![
        Event::MergedInto {
            into: into.id,
            hidden: into.restricted,
        },
        Event::Cancelled {
            reason: CancelReason::Duplicate,
        },
    ])
}

fn may_go_into(incident: &Incident, into: &Other) -> Result<(), Refusal> {
    let unusable = |why: String| Err(Refusal::Unusable(why));
    if into.id == incident.id {
        return unusable("An incident cannot be merged into itself: choose another.".to_owned());
    }
    if !into.active {
        return unusable(format!(
            "{} is over. Choose one that is live, or reopen it first.",
            into.id
        ));
    }
    if incident.visibility == Visibility::Restricted && !into.restricted {
        return unusable(format!(
            "This is restricted and {} is not: what only few may know would stand where everybody reads. Make {} restricted \
             first.",
            into.id, into.id
        ));
    }
    Ok(())
}

/// The other side takes over what the duplicate had; once.
pub(super) fn absorb(incident: &Incident, absorption: &Absorption) -> Vec<Event> {
    if incident.relations.merged.contains(&absorption.from) {
        return Vec::new();
    }
    let mut events = vec![Event::Absorbed {
        from: absorption.from,
        title: absorption.title.clone(),
        channel: absorption.channel,
        entries: absorption.entries,
        groups: absorption.groups.clone(),
    }];
    if absorption.picture != incident.alerts || !absorption.services.is_subset(&incident.services) {
        events.push(Event::AlertsChanged {
            picture: absorption.picture.clone(),
            news: Vec::new(),
            links: Vec::new(),
            services: absorption.services.clone(),
            storm: false,
        });
    }
    if incident.is_active() && absorption.severity.is_worse_than(incident.severity) {
        events.push(Event::SeverityChanged {
            from: incident.severity,
            to: absorption.severity,
            reason: Some(merged_words(absorption.from)),
        });
    }
    events
}

fn merged_words(from: IncidentId) -> String {
    format!("{from} was merged into it")
}
