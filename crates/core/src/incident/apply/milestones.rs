//! Statements about milestones, and the stretches of impact that follow them.

use chrono::{DateTime, Utc};

use crate::incident::event::Recorded;
use crate::incident::facts::{Milestone, MilestoneName, MilestoneSource};
use crate::incident::state::Incident;
use crate::role::Role;
use crate::timeline::Precision;

/// Takes back every statement about these milestones; a later one counts again.
pub(super) fn withdraw(incident: &mut Incident, names: &[MilestoneName]) {
    for statement in &mut incident.milestones.0 {
        statement.withdrawn |= names.contains(&statement.name);
    }
}

/// Another alert turns out to have begun earlier: as long as no person has said when it began, the earliest start counts.
pub(super) fn began_earlier(incident: &mut Incident, recorded: &Recorded, earliest: DateTime<Utc>) {
    let only_alerts_said_so = |name| {
        incident
            .milestones
            .current(name)
            .is_some_and(|known| known.source == MilestoneSource::Alert && earliest < known.at)
    };
    let impact = only_alerts_said_so(MilestoneName::ImpactStart);
    let detected = only_alerts_said_so(MilestoneName::Detected);
    if impact {
        if let Some(first) = incident.impact.first_mut() {
            first.start = earliest;
        }
        milestone(
            incident,
            recorded,
            MilestoneName::ImpactStart,
            earliest,
            Precision::Approximate,
            MilestoneSource::Alert,
        );
        // Taking back a change would take this back too.
        incident.undo = None;
    }
    if detected {
        milestone(
            incident,
            recorded,
            MilestoneName::Detected,
            earliest,
            Precision::Exact,
            MilestoneSource::Alert,
        );
    }
}

/// The stretches of impact follow the milestones that people correct.
pub(super) fn correct_impact(
    incident: &mut Incident,
    name: MilestoneName,
    corrected: DateTime<Utc>,
    precision: Precision,
) {
    match name {
        MilestoneName::ImpactStart => {
            if let Some(first) = incident.impact.first_mut() {
                first.start = first.end.map_or(corrected, |end| end.min(corrected));
                first.start_precision = precision;
            }
        }
        MilestoneName::Mitigated => {
            if let Some(last) = incident.impact.last_mut().filter(|last| last.end.is_some()) {
                last.end = Some(corrected.max(last.start));
            }
        }
        _ => {}
    }
}

/// A milestone reached by pressing something, or by the command that says the same.
pub(super) fn button(incident: &mut Incident, recorded: &Recorded, name: MilestoneName) {
    milestone(
        incident,
        recorded,
        name,
        recorded.at,
        Precision::Exact,
        MilestoneSource::Button,
    );
}

pub(super) fn milestone(
    incident: &mut Incident,
    recorded: &Recorded,
    name: MilestoneName,
    at: DateTime<Utc>,
    precision: Precision,
    source: MilestoneSource,
) {
    incident.milestones.0.push(Milestone {
        name,
        at,
        precision,
        source,
        set_by: recorded.actor.person(),
        recorded_at: recorded.at,
        evidence: None,
        withdrawn: false,
    });
}

/// The first call that left at `left_at`, by whichever way it left first. What left is reported only afterwards, and whoever
/// was called may have answered before that: so a message counts from the time that Discord gave it.
pub(super) fn paged(incident: &mut Incident, recorded: &Recorded, left_at: DateTime<Utc>) {
    let left_at = left_at.max(incident.declared_at()).min(recorded.at);
    let known = incident.milestones.at(MilestoneName::PagedFirst);
    if known.is_none_or(|known| left_at < known) {
        milestone(
            incident,
            recorded,
            MilestoneName::PagedFirst,
            left_at,
            Precision::Exact,
            MilestoneSource::System,
        );
    }
}

/// Somebody took a role: perhaps the first, perhaps the last that was missing.
pub(super) fn role_filled(incident: &mut Incident, recorded: &Recorded) {
    reached(incident, recorded, MilestoneName::FirstRoleFilled);
    if misses_no_role(incident) {
        reached(incident, recorded, MilestoneName::AllRolesFilled);
    }
}

/// The first time counts.
fn reached(incident: &mut Incident, recorded: &Recorded, name: MilestoneName) {
    if incident.milestones.at(name).is_none() {
        milestone(
            incident,
            recorded,
            name,
            recorded.at,
            Precision::Exact,
            MilestoneSource::System,
        );
    }
}

/// A worse severity calls for more: whether every role is filled is open again. A milder one may call for none that is
/// missing.
pub(super) fn roles_called_for(incident: &mut Incident, recorded: &Recorded) {
    if misses_no_role(incident) {
        reached(incident, recorded, MilestoneName::AllRolesFilled);
    } else {
        withdraw(incident, &[MilestoneName::AllRolesFilled]);
    }
}

fn misses_no_role(incident: &Incident) -> bool {
    Role::required(incident.severity, incident.category)
        .into_iter()
        .all(|role| incident.holder(role).is_some())
}
