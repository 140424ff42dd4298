//! What is true of the attached runbooks after an event.

use std::collections::BTreeMap;

use crate::incident::event::{Event, Recorded};
use crate::incident::state::Incident;
use crate::runbook::RunbookId;

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
            note(&mut incident.newer_runbooks, runbook, newer.as_ref());
            // What was seen meanwhile stays true when the last change is taken back.
            if let Some(undo) = &mut incident.undo {
                note(&mut undo.before.newer_runbooks, runbook, newer.as_ref());
            }
        }
        _ => {}
    }
}

fn note(seen: &mut BTreeMap<RunbookId, String>, runbook: &RunbookId, newer: Option<&String>) {
    match newer {
        Some(hash) => seen.insert(runbook.clone(), hash.clone()),
        None => seen.remove(runbook),
    };
}
