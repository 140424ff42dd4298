//! Which runbooks an incident works by. People add one or take a newer version; alerts exchange the one that the bot chose
//! as long as nobody has begun with it.

use std::collections::BTreeMap;

use super::steps::workable;
use super::{must_be_live, undoable};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::runbook::{Checklist, FALLBACK_RUNBOOK, MAXIMUM_RUNBOOKS, RunbookId};

/// Attaches a runbook that somebody chose.
pub(super) fn attach(
    incident: &Incident,
    request: &Request,
    checklist: &Checklist,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    must_be_live(incident)?;
    let attached = || Event::RunbookAttached {
        checklist: checklist.clone(),
        reason: reason.to_owned(),
    };
    let event = match &incident.checklist {
        None => attached(),
        Some(pinned) => match pinned.pinned(&checklist.runbook_id) {
            Some(same) if same.content_hash == checklist.content_hash => return Ok(Vec::new()),
            Some(_) => {
                return Err(Refusal::Unusable(format!(
                    "{} is attached already, in another version. *Use the newer version* on the step's card shows the difference.",
                    checklist.runbook_id
                )));
            }
            None if is_placeholder(pinned) => attached(),
            None if pinned.runbooks().len() >= MAXIMUM_RUNBOOKS => {
                return Err(Refusal::Unusable(format!(
                    "{MAXIMUM_RUNBOOKS} runbooks are attached already: nobody can follow more."
                )));
            }
            None => Event::RunbookAdded {
                checklist: checklist.clone(),
                reason: reason.to_owned(),
            },
        },
    };
    let mut events = Vec::new();
    if request.actor.person().is_some() {
        events.push(undoable("attaching a runbook"));
    }
    events.push(event);
    Ok(events)
}

/// The general list stands in for a runbook that fits. Nobody misses it once one does.
fn is_placeholder(pinned: &Checklist) -> bool {
    pinned.runbook_id.as_str() == FALLBACK_RUNBOOK
        && pinned.further.is_empty()
        && pinned.is_untouched()
}

/// Puts a newer version in the place of the pinned one.
pub(super) fn renew(
    incident: &Incident,
    request: &Request,
    newer: &Checklist,
) -> Result<Vec<Event>, Refusal> {
    let checklist = workable(incident)?;
    let Some(pinned) = checklist.pinned(&newer.runbook_id) else {
        return Err(Refusal::Unusable(format!(
            "{} is not attached here.",
            newer.runbook_id
        )));
    };
    if pinned.content_hash == newer.content_hash {
        return Ok(Vec::new());
    }
    let mut events = Vec::new();
    if request.actor.person().is_some() {
        events.push(undoable("using the newer version of a runbook"));
    }
    events.push(Event::RunbookRenewed {
        summary: checklist.difference(newer).summary(),
        checklist: newer.clone(),
    });
    Ok(events)
}

/// Notes which of the pinned runbooks exist in another version by now. A runbook that is gone from the folder is no newer
/// version.
pub(super) fn read(incident: &Incident, versions: &BTreeMap<RunbookId, String>) -> Vec<Event> {
    let Some(checklist) = incident
        .checklist
        .as_ref()
        .filter(|_| workable(incident).is_ok())
    else {
        return Vec::new();
    };
    let seen = checklist.runbooks().into_iter().filter_map(|pinned| {
        let newer = versions
            .get(&pinned.runbook_id)
            .filter(|hash| **hash != pinned.content_hash);
        let noted = incident.newer_runbooks.get(&pinned.runbook_id);
        (newer != noted).then(|| Event::RunbookVersionSeen {
            newer: newer.cloned(),
            runbook: pinned.runbook_id,
        })
    });
    seen.collect()
}

/// Whether alerts that came may exchange the runbook: the bot chose it, nobody has begun with it, and it is another one. A
/// newer version of the same is for people to take.
pub(super) fn may_be_exchanged(incident: &Incident, better: &Checklist) -> bool {
    incident.checklist.as_ref().is_none_or(|pinned| {
        !pinned.chosen
            && pinned.further.is_empty()
            && pinned.is_untouched()
            && pinned.runbook_id != better.runbook_id
    })
}
