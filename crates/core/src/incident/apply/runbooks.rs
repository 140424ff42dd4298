//! What is true of the attached runbooks after an event.

use crate::incident::event::{Event, Recorded};
use crate::incident::state::Incident;

pub(super) fn change(incident: &mut Incident, recorded: &Recorded) {
    match &recorded.event {
        Event::RunbookAttached { checklist, .. } => {
            let mut checklist = checklist.clone();
            checklist.chosen = recorded.actor.person().is_some();
            incident.checklist = Some(checklist);
            incident.newer_runbooks.clear();
        }
        Event::RunbookAdded { checklist, .. } => match &mut incident.checklist {
            Some(pinned) => pinned.merge(checklist),
            None => incident.checklist = Some(checklist.clone()),
        },
        Event::RunbookRenewed { checklist, .. } => {
            if let Some(pinned) = &mut incident.checklist {
                pinned.renew(checklist);
            }
            incident.newer_runbooks.remove(&checklist.runbook_id);
        }
        Event::RunbookVersionSeen { runbook, newer } => {
            match newer {
                Some(hash) => incident
                    .newer_runbooks
                    .insert(runbook.clone(), hash.clone()),
                None => incident.newer_runbooks.remove(runbook),
            };
        }
        _ => {}
    }
}
