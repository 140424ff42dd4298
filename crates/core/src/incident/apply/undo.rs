//! Taking the last change back: what was true before it, and when that is no longer possible.

use crate::incident::event::{Event, Recorded};
use crate::incident::state::{Before, Incident};
use crate::runbook::Checklist;

/// A change of the same things by somebody else makes an older undo a lie.
pub(super) fn forget_foreign_undo(incident: &mut Incident, recorded: &Recorded) {
    let touches = matches!(
        recorded.event,
        Event::PhaseChanged { .. }
            | Event::ImpactStarted { .. }
            | Event::ImpactEnded { .. }
            | Event::MilestoneCorrected { .. }
            | Event::SeverityChanged { .. }
            | Event::RoleProposed { .. }
            | Event::RoleAccepted { .. }
            | Event::RoleDeclined { .. }
            | Event::RoleReleased { .. }
            | Event::CommandMoved { .. }
            | Event::StepChanged { .. }
            | Event::RunbookAttached { .. }
            | Event::RunbookAdded { .. }
            | Event::RunbookRenewed { .. }
            | Event::Resolved { .. }
            | Event::Cancelled { .. }
            | Event::Reopened { .. }
            | Event::Closed
    );
    let foreign = incident
        .undo
        .as_ref()
        .is_some_and(|undo| Some(undo.by) != recorded.actor.person() || undo.at != recorded.at);
    if touches && foreign {
        incident.undo = None;
    }
}

pub(super) fn before(incident: &Incident) -> Before {
    Before {
        phase: incident.phase,
        phase_since: incident.phase_since,
        severity: incident.severity,
        severities: incident.severities.clone(),
        roles: incident.roles.clone(),
        refused: incident.refused.clone(),
        command: incident.command,
        command_held: incident.command_held,
        checklist: incident.checklist.clone(),
        newer_runbooks: incident.newer_runbooks.clone(),
        impact: incident.impact.clone(),
        withdrawn: incident
            .milestones
            .0
            .iter()
            .enumerate()
            .filter(|(_, statement)| statement.withdrawn)
            .map(|(index, _)| index)
            .collect(),
        statements: incident.milestones.0.len(),
        turn_backs: incident.turn_backs,
        resolve_asked: incident.resolve_asked,
        resolve_put_off: incident.resolve_put_off,
        command_asked: incident.command_asked,
        link: None,
    }
}

pub(super) fn undo(incident: &mut Incident) {
    let Some(undo) = incident.undo.take() else {
        return;
    };
    let before = undo.before;
    incident.phase = before.phase;
    incident.phase_since = before.phase_since;
    incident.severity = before.severity;
    incident.severities = before.severities;
    incident.roles = before.roles;
    incident.refused = before.refused;
    incident.command = before.command;
    incident.command_held = before.command_held;
    incident.checklist = before.checklist;
    incident.newer_runbooks = before.newer_runbooks;
    let attached = incident.checklist.as_ref().map(Checklist::runbooks);
    let attached = attached.unwrap_or_default();
    incident
        .newer_runbooks
        .retain(|runbook, _| attached.iter().any(|pinned| pinned.runbook_id == *runbook));
    incident.impact = before.impact;
    incident.turn_backs = before.turn_backs;
    incident.resolve_asked = before.resolve_asked;
    incident.resolve_put_off = before.resolve_put_off;
    incident.command_asked = before.command_asked;
    for (index, statement) in incident.milestones.0.iter_mut().enumerate() {
        // What others have said meanwhile, and what the bot's own effects have learned, stays true.
        let of_the_change = index >= before.statements
            && statement.recorded_at == undo.at
            && statement.set_by == Some(undo.by);
        statement.withdrawn = before.withdrawn.contains(&index) || of_the_change;
    }
}
