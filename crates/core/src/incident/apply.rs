//! What is true after an event. The row that is stored is nothing but the fold of these.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::command::Declaration;
use super::event::{Event, Recorded};
use super::facts::{
    Hypothesis, HypothesisState, ImpactInterval, Milestone, MilestoneName, MilestoneSource,
    Milestones,
};
use super::state::{
    Before, Incident, PostmortemState, Promise, RoleState, SeveritySpan, Surface, Undo, UpdateKind,
    UpdateRecord,
};
use crate::effect::DirectTopic;
use crate::ids::IncidentId;
use crate::phase::Phase;
use crate::role::Role;
use crate::timeline::Precision;

/// The most links a next-step card shows.
const MAX_LINKS: usize = 3;

/// What is true after all these events; `None` when there are none, or the first is not the declaration.
#[must_use]
pub fn fold(id: IncidentId, events: &[Recorded]) -> Option<Incident> {
    let (first, rest) = events.split_first()?;
    let Event::Declared(declaration) = &first.event else {
        return None;
    };
    let mut incident = declared(id, first, declaration);
    for recorded in rest {
        incident = apply(incident, recorded);
    }
    Some(incident)
}

fn declared(id: IncidentId, recorded: &Recorded, declaration: &Declaration) -> Incident {
    let at = recorded.at;
    let mut incident = Incident {
        id,
        seq: recorded.seq,
        title: declaration.title.clone(),
        phase: Phase::Open,
        phase_since: at,
        severity: declaration.severity,
        severities: vec![SeveritySpan {
            severity: declaration.severity,
            since: at,
        }],
        visibility: declaration.visibility,
        category: declaration.category,
        services: declaration.services.clone(),
        impact_text: None,
        impact: Vec::new(),
        hypotheses: Vec::new(),
        milestones: Milestones::default(),
        cancelled: None,
        command: None,
        roles: std::collections::BTreeMap::new(),
        handover: None,
        participants: BTreeSet::new(),
        checklist: declaration
            .runbook
            .as_ref()
            .map(|(checklist, _)| checklist.clone()),
        storm: declaration.storm,
        links: declaration.links.iter().take(MAX_LINKS).cloned().collect(),
        alerts: declaration.alerts.clone().unwrap_or_default(),
        all_clear_asked_at: None,
        promise: None,
        past_promises: Vec::new(),
        updates: Vec::new(),
        estimates: Vec::new(),
        resolve_asked: None,
        resolved_despite: Vec::new(),
        surface: Surface::default(),
        undo: None,
        postmortem: PostmortemState::default(),
        turn_backs: 0,
        handovers: 0,
    };
    let began = incident
        .alerts
        .earliest_start
        .map_or(at, |start| start.min(at));
    milestone(
        &mut incident,
        recorded,
        MilestoneName::Declared,
        at,
        Precision::Exact,
        MilestoneSource::System,
    );
    if let Some(received) = declaration.alert_received_at {
        milestone(
            &mut incident,
            recorded,
            MilestoneName::AlertReceived,
            received,
            Precision::Exact,
            MilestoneSource::System,
        );
    }
    // An alert begins to fire only after its `for:` delay, so users were hurt no later than this.
    milestone(
        &mut incident,
        recorded,
        MilestoneName::ImpactStart,
        began,
        Precision::Approximate,
        MilestoneSource::Alert,
    );
    milestone(
        &mut incident,
        recorded,
        MilestoneName::Detected,
        began,
        Precision::Exact,
        MilestoneSource::Alert,
    );
    incident.impact.push(ImpactInterval {
        start: began,
        start_precision: Precision::Approximate,
        end: None,
        severity: declaration.severity,
    });
    incident.participants.extend(recorded.actor.person());
    incident
}

/// What is true after one more event.
#[must_use]
pub fn apply(mut incident: Incident, recorded: &Recorded) -> Incident {
    let at = recorded.at;
    forget_foreign_undo(&mut incident, recorded);
    incident.seq = recorded.seq;
    incident.participants.extend(recorded.actor.person());
    match &recorded.event {
        // Only the first event declares; a second one would be an inconsistent history and changes nothing.
        Event::Declared(_) => {}
        Event::UndoOffered { what } => {
            if let Some(by) = recorded.actor.person() {
                incident.undo = Some(Box::new(Undo {
                    seq: recorded.seq,
                    by,
                    at,
                    what: what.clone(),
                    before: before(&incident),
                }));
            }
        }
        Event::Acknowledged { .. } => button(&mut incident, recorded, MilestoneName::Acknowledged),
        Event::PhaseChanged { to, .. } => change_phase(&mut incident, recorded, *to),
        Event::ImpactStarted {
            at: start,
            precision,
        } => incident.impact.push(ImpactInterval {
            start: *start,
            start_precision: *precision,
            end: None,
            severity: incident.severity,
        }),
        Event::ImpactEnded { at: end, precision } => {
            for interval in &mut incident.impact {
                if interval.end.is_none() {
                    interval.end = Some((*end).max(interval.start));
                }
            }
            milestone(
                &mut incident,
                recorded,
                MilestoneName::Mitigated,
                *end,
                *precision,
                MilestoneSource::Button,
            );
        }
        Event::ImpactDescribed { text } => incident.impact_text = Some(text.clone()),
        Event::MilestoneCorrected {
            name,
            at: corrected,
            precision,
        } => {
            milestone(
                &mut incident,
                recorded,
                *name,
                *corrected,
                *precision,
                MilestoneSource::Human,
            );
            if *name == MilestoneName::ImpactStart
                && let Some(first) = incident.impact.first_mut()
            {
                first.start = first.end.map_or(*corrected, |end| end.min(*corrected));
                first.start_precision = *precision;
            }
        }
        Event::SeverityChanged { to, .. } => {
            incident.severity = *to;
            incident.severities.push(SeveritySpan {
                severity: *to,
                since: at,
            });
        }
        Event::RoleProposed { role, to } => {
            incident
                .roles
                .insert(*role, RoleState::Proposed { to: *to, at });
        }
        Event::RoleAccepted { role, by } => {
            incident
                .roles
                .insert(*role, RoleState::Accepted { by: *by, at });
            incident.participants.insert(*by);
        }
        Event::RoleDeclined { role, by } => {
            incident
                .roles
                .insert(*role, RoleState::Declined { by: *by, at });
        }
        Event::RoleReleased { role, by } => {
            incident
                .roles
                .insert(*role, RoleState::Released { by: *by, at });
        }
        Event::CommandMoved { to, .. } => {
            incident.command = Some(*to);
            incident.participants.insert(*to);
        }
        Event::HandoverOffered(handover) => incident.handover = Some(handover.clone()),
        Event::HandoverAccepted { .. } => {
            incident.handover = None;
            incident.handovers += 1;
        }
        Event::HandoverEnded { .. } => incident.handover = None,
        Event::StepChanged { step, state } => {
            if let Some(checklist) = &mut incident.checklist {
                checklist.set(step, state.clone());
            }
        }
        Event::RunbookAttached { checklist, .. } => incident.checklist = Some(checklist.clone()),
        Event::AlertsChanged {
            picture,
            links,
            services,
            ..
        } => {
            if !picture.all_clear() {
                incident.all_clear_asked_at = None;
            }
            incident.alerts = picture.clone();
            incident.services.extend(services.iter().cloned());
            for link in links {
                if incident.links.len() < MAX_LINKS && !incident.links.contains(link) {
                    incident.links.push(link.clone());
                }
            }
        }
        Event::AllClearAsked => incident.all_clear_asked_at = Some(at),
        Event::HypothesisStated { text } => {
            if let Some(by) = recorded.actor.person() {
                incident.hypotheses.push(Hypothesis {
                    text: text.clone(),
                    state: HypothesisState::Open,
                    by,
                    at,
                });
            }
            button(&mut incident, recorded, MilestoneName::CauseIdentified);
        }
        Event::EstimateGiven(estimate) => incident.estimates.push(estimate.clone()),
        Event::UpdateSent {
            kind,
            text,
            next_due,
        } => {
            send_update(&mut incident, recorded, *kind, text, *next_due);
        }
        Event::UpdateDelivered {
            number,
            target,
            problem,
        } => {
            if let Some(update) = incident
                .updates
                .iter_mut()
                .find(|update| update.number == *number)
            {
                let result = match problem {
                    None => Ok(at),
                    Some(problem) => Err(problem.clone()),
                };
                update.deliveries.insert(target.clone(), result);
            }
        }
        Event::PromiseReminded { due, at_due } => {
            if let Some(promise) = incident
                .promise
                .as_mut()
                .filter(|promise| promise.due == *due)
            {
                promise.reminded_before = true;
                promise.reminded_at |= at_due;
            }
        }
        Event::ResolveAsked { by } => incident.resolve_asked = Some((*by, at)),
        Event::Resolved { despite } => {
            button(&mut incident, recorded, MilestoneName::Resolved);
            incident.resolved_despite.clone_from(despite);
            incident.postmortem.owner = incident
                .holder(Role::Documentation)
                .or_else(|| incident.holder(Role::OnCall));
            end(&mut incident, recorded, Phase::Learning);
        }
        Event::Cancelled { reason } => {
            incident.cancelled = Some(*reason);
            end(&mut incident, recorded, Phase::Cancelled);
        }
        Event::Reopened { .. } => {
            for statement in &mut incident.milestones.0 {
                if matches!(
                    statement.name,
                    MilestoneName::Resolved
                        | MilestoneName::AllClearSent
                        | MilestoneName::Mitigated
                ) {
                    statement.withdrawn = true;
                }
            }
            incident.cancelled = None;
            incident.resolved_despite.clear();
            incident.phase = Phase::Diagnosis;
            incident.phase_since = at;
        }
        Event::Closed => {
            button(&mut incident, recorded, MilestoneName::Closed);
            end(&mut incident, recorded, Phase::Closed);
        }
        Event::Undone { .. } => undo(&mut incident),
        Event::ChannelLinked { channel } => incident.surface.channel = Some(*channel),
        Event::BoardPosted { message } => incident.surface.board = Some(*message),
        Event::StepsPosted { message } => incident.surface.steps = Some(*message),
        Event::DigestPosted { channel, message } => {
            incident.surface.digest = Some((*channel, *message))
        }
        Event::DirectPosted { person, direct } => {
            if direct.about == DirectTopic::Page {
                paged(&mut incident, recorded);
            }
            incident.surface.direct.insert(*person, direct.clone());
        }
        Event::Paged { .. } => paged(&mut incident, recorded),
        Event::PostmortemDrafted { version } => {
            incident.postmortem.version = *version;
            if incident
                .milestones
                .at(MilestoneName::PostmortemDrafted)
                .is_none()
            {
                milestone(
                    &mut incident,
                    recorded,
                    MilestoneName::PostmortemDrafted,
                    at,
                    Precision::Exact,
                    MilestoneSource::System,
                );
            }
        }
        Event::CauseRecorded(cause) => {
            incident.postmortem.cause = Some(cause.clone());
            // What was reviewed is no longer what is written.
            incident.postmortem.reviewed = None;
        }
        Event::ActionAdded(action) => incident.postmortem.actions.push(action.clone()),
        Event::LearningWaived { because } => {
            incident.postmortem.no_learning_because = Some(because.clone());
        }
        Event::Reviewed { by } => incident.postmortem.reviewed = Some((*by, at)),
    }
    incident
}

/// A change of the same things by somebody else makes an older undo a lie.
fn forget_foreign_undo(incident: &mut Incident, recorded: &Recorded) {
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
            | Event::Resolved { .. }
            | Event::Cancelled { .. }
            | Event::Reopened { .. }
            | Event::Closed
            | Event::HypothesisStated { .. }
            | Event::UpdateSent { .. }
    );
    let foreign = incident
        .undo
        .as_ref()
        .is_some_and(|undo| Some(undo.by) != recorded.actor.person() || undo.at != recorded.at);
    if touches && foreign {
        incident.undo = None;
    }
}

fn before(incident: &Incident) -> Before {
    Before {
        phase: incident.phase,
        phase_since: incident.phase_since,
        severity: incident.severity,
        severities: incident.severities.clone(),
        roles: incident.roles.clone(),
        command: incident.command,
        checklist: incident.checklist.clone(),
        impact: incident.impact.clone(),
        milestone_count: incident.milestones.0.len(),
        turn_backs: incident.turn_backs,
    }
}

fn undo(incident: &mut Incident) {
    let Some(undo) = incident.undo.take() else {
        return;
    };
    let before = undo.before;
    incident.phase = before.phase;
    incident.phase_since = before.phase_since;
    incident.severity = before.severity;
    incident.severities = before.severities;
    incident.roles = before.roles;
    incident.command = before.command;
    incident.checklist = before.checklist;
    incident.impact = before.impact;
    incident.turn_backs = before.turn_backs;
    for statement in incident
        .milestones
        .0
        .iter_mut()
        .skip(before.milestone_count)
    {
        // What the bot's own effects learned meanwhile stays true.
        statement.withdrawn = statement.source == MilestoneSource::Button;
    }
}

fn change_phase(incident: &mut Incident, recorded: &Recorded, to: Phase) {
    if to < incident.phase {
        incident.turn_backs += 1;
    }
    if to == Phase::Mitigation
        && incident
            .milestones
            .at(MilestoneName::MitigationStarted)
            .is_none()
    {
        button(incident, recorded, MilestoneName::MitigationStarted);
    }
    if to == Phase::Validation {
        button(incident, recorded, MilestoneName::FixApplied);
    }
    incident.phase = to;
    incident.phase_since = recorded.at;
    incident.resolve_asked = None;
}

fn end(incident: &mut Incident, recorded: &Recorded, phase: Phase) {
    incident.phase = phase;
    incident.phase_since = recorded.at;
    incident.handover = None;
    incident.resolve_asked = None;
    incident.undo = None;
    // A promise that the end of the incident made pointless is neither kept nor broken.
    incident.promise = None;
}

fn send_update(
    incident: &mut Incident,
    recorded: &Recorded,
    kind: UpdateKind,
    text: &str,
    next_due: Option<DateTime<Utc>>,
) {
    let by = recorded.actor.person();
    let number = incident
        .updates
        .iter()
        .map(|update| update.number)
        .max()
        .unwrap_or(0)
        + 1;
    incident.updates.push(UpdateRecord {
        number,
        kind,
        by,
        at: recorded.at,
        text: text.to_owned(),
        next_due,
        deliveries: std::collections::BTreeMap::new(),
    });
    if let Some(mut promise) = incident.promise.take() {
        // Only a person keeps a promise.
        promise.kept_at = by.map(|_| recorded.at);
        incident.past_promises.push(promise);
    }
    incident.promise = next_due.map(|due| Promise {
        due,
        given_at: recorded.at,
        reminded_before: false,
        reminded_at: false,
        kept_at: None,
    });
    if by.is_some()
        && incident
            .milestones
            .at(MilestoneName::FirstInternalUpdate)
            .is_none()
    {
        button(incident, recorded, MilestoneName::FirstInternalUpdate);
    }
    if kind == UpdateKind::AllClear {
        button(incident, recorded, MilestoneName::AllClearSent);
    }
}

/// The first call that left, by whichever way it left first.
fn paged(incident: &mut Incident, recorded: &Recorded) {
    if incident.milestones.at(MilestoneName::PagedFirst).is_none() {
        milestone(
            incident,
            recorded,
            MilestoneName::PagedFirst,
            recorded.at,
            Precision::Exact,
            MilestoneSource::System,
        );
    }
}

/// A milestone reached by pressing something, or by the command that says the same.
fn button(incident: &mut Incident, recorded: &Recorded, name: MilestoneName) {
    milestone(
        incident,
        recorded,
        name,
        recorded.at,
        Precision::Exact,
        MilestoneSource::Button,
    );
}

fn milestone(
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
        withdrawn: false,
    });
}
