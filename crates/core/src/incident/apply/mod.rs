//! What is true after an event. The row that is stored is nothing but the fold of these.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

mod milestones;
mod mitigations;
mod relations;
mod runbooks;
mod undo;
mod visibility;
mod work;

use super::activity;
use super::call::CallState;
use super::command::{Actor, Declaration};
use super::description;
use super::endurance::{self, Shift};
use super::event::{Event, Recorded};
use super::facts::{
    Hypothesis, HypothesisState, ImpactInterval, MilestoneName, MilestoneSource, Milestones,
};
use super::mitigations::Mitigations;
use super::quiet::{Prompt, prompted};
use super::relations::RelapseState;
use super::second_look::{self, SecondAnswer, SecondLook};
use super::solo::{self, Solo};
use super::state::{
    FirstUpdateReminder, Incident, MAX_LINKS, PostmortemState, Promise, RoleState, SeveritySpan,
    Surface, Undo, UpdateKind, UpdateRecord,
};
use super::statements::{self, Described};
use crate::effect::DirectTopic;
use crate::ids::IncidentId;
use crate::phase::Phase;
use crate::role::Role;
use crate::timeline::Precision;
use milestones::{
    began_earlier, button, correct_impact, milestone, paged, role_filled, roles_called_for,
    withdraw,
};
use undo::{before, forget_foreign_undo, undo};

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
        live_since: at,
        severity: declaration.severity,
        severities: vec![SeveritySpan {
            severity: declaration.severity,
            since: at,
        }],
        visibility: declaration.visibility,
        relations: relations::born_with(recorded, declaration),
        category: declaration.category,
        services: declaration.services.clone(),
        summary: None,
        impact_text: None,
        impact_described: None,
        impact_line: None,
        redacted: BTreeSet::new(),
        redacted_last: None,
        vanished_at: None,
        impact: Vec::new(),
        hypotheses: Vec::new(),
        tasks: Vec::new(),
        mitigations: Mitigations::default(),
        last_prompt: std::collections::BTreeMap::new(),
        held_prompts: BTreeSet::new(),
        facts_shown_from: None,
        facts_shown_until: None,
        optional_roles: declaration.optional_roles.clone(),
        lone_told_at: None,
        command_held: None,
        shifts: std::collections::BTreeMap::new(),
        shift_ends_told: BTreeSet::new(),
        milestones: Milestones::default(),
        cancelled: None,
        command: None,
        command_asked: None,
        asked_to_do: None,
        roles: std::collections::BTreeMap::new(),
        calls: std::collections::BTreeMap::new(),
        refused: std::collections::BTreeMap::new(),
        handover: None,
        received: None,
        participants: BTreeSet::new(),
        activity: std::collections::BTreeMap::new(),
        solo: None,
        checklist: declaration
            .runbook
            .as_ref()
            .map(|(checklist, _)| checklist.clone()),
        newer_runbooks: std::collections::BTreeMap::new(),
        overdue_told: std::collections::BTreeMap::new(),
        second_looks: std::collections::BTreeMap::new(),
        storm: declaration.storm,
        links: declaration.links.iter().take(MAX_LINKS).cloned().collect(),
        alerts: declaration.alerts.clone().unwrap_or_default(),
        all_clear_asked_at: None,
        promise: None,
        first_update_reminded: None,
        past_promises: Vec::new(),
        updates: Vec::new(),
        estimates: Vec::new(),
        resolve_asked: None,
        resolve_put_off: None,
        resolved_despite: Vec::new(),
        surface: Surface::default(),
        undo: None,
        undone: None,
        postmortem: PostmortemState::default(),
        sealed: BTreeSet::new(),
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
    let said_by = if declaration.alerts.is_some() {
        MilestoneSource::Alert
    } else {
        MilestoneSource::Button
    };
    // An alert begins to fire only after its `for:` delay, so users were hurt no later than this.
    milestone(
        &mut incident,
        recorded,
        MilestoneName::ImpactStart,
        began,
        Precision::Approximate,
        said_by,
    );
    milestone(
        &mut incident,
        recorded,
        MilestoneName::Detected,
        began,
        Precision::Exact,
        said_by,
    );
    incident.impact.push(ImpactInterval {
        start: began,
        start_precision: Precision::Approximate,
        end: None,
        severity: declaration.severity,
    });
    incident.participants.extend(recorded.actor.person());
    activity::note(&mut incident, recorded);
    visibility::keep_the_circle(&mut incident);
    incident
}

/// What is true after one more event.
#[must_use]
pub fn apply(mut incident: Incident, recorded: &Recorded) -> Incident {
    let at = recorded.at;
    let looks = second_look::waiting(&incident);
    forget_foreign_undo(&mut incident, recorded);
    if incident.command.is_some() && incident.command == recorded.actor.person() {
        // Whoever does something is not silent.
        incident.command_asked = None;
    }
    incident.seq = recorded.seq;
    // Whoever may only read and asks for something takes no part in it: if it is hidden later, it is hidden from them, too.
    let only_asks = matches!(
        recorded.event,
        Event::AskedToDo {
            reads_only: true,
            ..
        }
    );
    if !only_asks {
        incident.participants.extend(recorded.actor.person());
    }
    activity::note(&mut incident, recorded);
    if recorded.actor == Actor::Bot
        && let Some(person) = prompted(&incident, &recorded.event)
    {
        incident.last_prompt.insert(person, at);
    }
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
        } => {
            incident.impact.push(ImpactInterval {
                start: *start,
                start_precision: *precision,
                end: None,
                severity: incident.severity,
            });
            withdraw(&mut incident, &[MilestoneName::Mitigated]);
        }
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
        Event::Described(described) => description::described(&mut incident, described),
        Event::ImpactDescribed { text } => {
            let text = text.clone();
            incident.impact_described = Some(Described { text, at });
            statements::impact_said(&mut incident);
        }
        Event::ImpactNoted { said } => {
            statements::note_impact(&mut incident, said.as_ref(), at);
        }
        Event::HypothesisNoted(said) => {
            statements::note_guess(&mut incident, said);
            let is_first = incident
                .milestones
                .at(MilestoneName::CauseIdentified)
                .is_none();
            if is_first {
                milestone(
                    &mut incident,
                    recorded,
                    MilestoneName::CauseIdentified,
                    said.at,
                    Precision::Minute,
                    MilestoneSource::Human,
                );
            }
        }
        Event::HypothesisWithdrawn { line, kept_inside } => {
            statements::withdraw_guess(&mut incident, *line, *kept_inside, at);
        }
        Event::MilestoneCorrected {
            name,
            at: corrected,
            precision,
            evidence,
        } => {
            milestone(
                &mut incident,
                recorded,
                *name,
                *corrected,
                *precision,
                MilestoneSource::Human,
            );
            if let Some(statement) = incident.milestones.0.last_mut() {
                statement.evidence = *evidence;
            }
            correct_impact(&mut incident, *name, *corrected, *precision);
        }
        Event::SeverityChanged { to, .. } => {
            incident.severity = *to;
            incident.severities.push(SeveritySpan {
                severity: *to,
                since: at,
            });
            roles_called_for(&mut incident, recorded);
        }
        Event::VisibilityChanged { to } => visibility::change(&mut incident, *to),
        Event::PersonAdmitted { person } => {
            incident.relations.admitted.insert(*person);
        }
        Event::EvidenceReminded => incident.relations.evidence_reminded = true,
        Event::MergedInto { into, .. } => incident.relations.merged_into = Some(*into),
        Event::Absorbed { from, groups, .. } => {
            incident.relations.merged.insert(*from);
            incident
                .relations
                .split
                .retain(|group| !groups.contains(group));
        }
        Event::Linked { .. } | Event::Unlinked { .. } | Event::LinkedMoved { .. } => {
            relations::tie(&mut incident, recorded);
        }
        Event::GroupAttached(attached) => relations::attach(&mut incident, attached),
        Event::GroupSplit(attached) => relations::split(&mut incident, &attached.group),
        Event::RelapseSuspected(suspicion) => relations::suspect(&mut incident, suspicion, at),
        Event::RelapseAnswered => relations::answer(&mut incident, RelapseState::New),
        Event::RoleProposed { role, to } => {
            incident
                .roles
                .insert(*role, RoleState::Proposed { to: *to, at });
        }
        Event::RolePaged { role, to, .. } => work::call(&mut incident, *role, *to, at),
        Event::RoleAccepted { role, by } => {
            incident
                .roles
                .insert(*role, RoleState::Accepted { by: *by, at });
            incident.participants.insert(*by);
            work::answer_call(&mut incident, *role, *by);
            role_filled(&mut incident, recorded);
        }
        Event::RoleDeclined { role, by } => {
            incident
                .roles
                .insert(*role, RoleState::Declined { by: *by, at });
            work::answer_call(&mut incident, *role, *by);
        }
        Event::RoleReleased { role, by } => {
            incident
                .roles
                .insert(*role, RoleState::Released { by: *by, at });
        }
        Event::CommandMoved { to, .. } => {
            incident.command = Some(*to);
            // Whoever holds command now was not asked.
            incident.command_asked = None;
            incident.resolve_asked = None;
            incident.participants.insert(*to);
        }
        Event::HandoverOffered(handover) => incident.handover = Some(handover.clone()),
        Event::HandoverAccepted { to, .. } => {
            incident.handover = None;
            incident.received = Some((*to, at));
            incident.handovers += 1;
        }
        Event::HandoverEnded { .. } => incident.handover = None,
        Event::LoneHinted { .. } => incident.lone_told_at = Some(at),
        Event::FatigueHinted { person } => {
            if let Some(held) = incident
                .command_held
                .as_mut()
                .filter(|held| held.by == *person)
            {
                held.told_at = Some(at);
            }
        }
        Event::ShiftNoted { role, person, ends } => {
            let known = &mut incident.shifts;
            match ends {
                Some(ends) => known.insert(
                    *role,
                    Shift {
                        person: *person,
                        ends: *ends,
                    },
                ),
                None => known.remove(role),
            };
        }
        Event::ShiftEndTold {
            person, ends_at, ..
        } => {
            incident.shift_ends_told.insert((*person, *ends_at));
        }
        Event::WentSolo { person } => {
            incident.solo = Some(Solo {
                person: *person,
                since: at,
            });
        }
        Event::StepChanged { step, state } => {
            if let Some(checklist) = &mut incident.checklist {
                checklist.set(step, state.clone());
            }
        }
        Event::SecondLookAsked { step, by, of } => {
            let look = SecondLook {
                by: *by,
                of: *of,
                at,
                answered: None,
                over: false,
            };
            incident.second_looks.insert(step.clone(), look);
        }
        Event::SecondLookAnswered {
            step,
            by,
            confirmed,
        } => {
            if let Some(look) = incident.second_looks.get_mut(step) {
                look.answered = Some(SecondAnswer {
                    by: *by,
                    at,
                    confirmed: *confirmed,
                });
            }
        }
        Event::StepOverdue { step, since, .. } => {
            incident.overdue_told.insert(step.clone(), *since);
        }
        Event::RunbookAttached { .. }
        | Event::RunbookAdded { .. }
        | Event::RunbookRenewed { .. }
        | Event::RunbookVersionSeen { .. } => runbooks::change(&mut incident, recorded),
        Event::AlertsChanged {
            picture,
            links,
            services,
            storm,
            ..
        } => {
            incident.storm |= storm;
            if let Some(earliest) = picture.earliest_start {
                began_earlier(&mut incident, recorded, earliest);
            }
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
                    because: None,
                    by,
                    at,
                    line: None,
                });
            }
            button(&mut incident, recorded, MilestoneName::CauseIdentified);
        }
        Event::HypothesisJudged {
            number,
            state,
            because,
        } => work::judge(&mut incident, *number, *state, because.as_ref()),
        Event::TaskAsked(task) => incident.tasks.push(task.clone()),
        Event::TaskAnswered { number, by, answer } => {
            work::answer_task(&mut incident, recorded, *number, *by, answer);
        }
        Event::TaskLate { number } => {
            if let Some(task) = incident
                .tasks
                .iter_mut()
                .find(|task| task.number == *number)
            {
                task.late_told = true;
            }
        }
        Event::MitigationNoted(done) => incident.mitigations.noted.push(done.clone()),
        Event::MitigationReworded { line, what } => {
            mitigations::reword(&mut incident, *line, what);
        }
        Event::EffectAsked { number, about } => {
            mitigations::ask(&mut incident, recorded, *number, about);
        }
        Event::EffectAnswered { number, outcome } => {
            mitigations::answer(&mut incident, *number, *outcome);
        }
        Event::MitigationTakenBack { number } => mitigations::take_back(&mut incident, *number),
        Event::Prompted { about, until, .. } => {
            incident.held_prompts.remove(about);
            if *about == Prompt::Facts {
                incident.facts_shown_from = incident.facts_shown_until;
                incident.facts_shown_until = Some(until.unwrap_or(at));
            }
        }
        Event::PromptHeld(about) => {
            incident.held_prompts.insert(*about);
        }
        Event::PromptDropped(about) => {
            incident.held_prompts.remove(about);
        }
        Event::LeftAlone { person, since } => {
            let last = incident.last_prompt.entry(*person).or_insert(*since);
            *last = (*last).max(*since);
        }
        Event::EstimateGiven(estimate) => incident.estimates.push(estimate.clone()),
        Event::UpdateSent {
            kind,
            text,
            next_due,
            targets,
        } => {
            send_update(&mut incident, recorded, *kind, text, *next_due, targets);
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
        Event::FirstUpdateReminded { due, at_due } => {
            incident.first_update_reminded = Some(FirstUpdateReminder {
                due: *due,
                at_due: *at_due,
            });
        }
        Event::ResolveAsked { by } => incident.resolve_asked = Some((*by, at)),
        Event::ResolvePutOff { by, until } => incident.resolve_put_off = Some((*by, *until)),
        Event::ResolveCameUp { .. } => incident.resolve_put_off = None,
        Event::AskedToDo { by, .. } => incident.asked_to_do = Some((*by, at)),
        Event::DoneWithoutCommand { .. } | Event::SeenAtWork { .. } => {}
        Event::CommandAsked { by } => incident.command_asked = Some((*by, at)),
        Event::NotYetSaid { .. } => {
            incident.resolve_asked = None;
            incident.command_asked = None;
        }
        Event::Resolved { despite } => {
            button(&mut incident, recorded, MilestoneName::Resolved);
            incident.resolved_despite.clone_from(despite);
            incident.relations.relapse = None;
            incident.postmortem.version_at_resolve = incident.postmortem.version;
            incident.postmortem.owner = incident
                .holder(Role::Documentation)
                .or_else(|| incident.holder(Role::OnCall));
            end(&mut incident, recorded, Phase::Learning);
        }
        Event::Cancelled { reason } => {
            incident.cancelled = Some(*reason);
            end(&mut incident, recorded, Phase::Cancelled);
        }
        Event::Reopened { from } => {
            withdraw(
                &mut incident,
                &[
                    MilestoneName::Resolved,
                    MilestoneName::AllClearSent,
                    MilestoneName::Mitigated,
                ],
            );
            if *from == Phase::Learning {
                incident.turn_backs += 1;
            }
            incident.cancelled = None;
            incident.relations.merged_into = None;
            incident.postmortem.severity_final = None;
            relations::answer(&mut incident, RelapseState::Reopened);
            incident.resolved_despite.clear();
            // What was reviewed is no longer all that happened.
            incident.postmortem.reviewed = None;
            incident.phase = Phase::Diagnosis;
            incident.phase_since = at;
            incident.live_since = at;
        }
        Event::Closed => {
            button(&mut incident, recorded, MilestoneName::Closed);
            end(&mut incident, recorded, Phase::Closed);
        }
        Event::Undone { of, .. } => {
            undo(&mut incident);
            incident.undone = Some(*of);
        }
        Event::ChannelLinked { channel } => {
            incident.surface.channel = Some(*channel);
            incident.surface.lost_channel = None;
        }
        Event::ChannelLost { channel } => {
            incident.surface.channel = None;
            incident.surface.board = None;
            incident.surface.steps = None;
            incident.surface.lost_channel = Some(*channel);
        }
        Event::ChannelAskedAgain => incident.surface.lost_channel = None,
        Event::CallAsked { .. } => incident.surface.call = CallState::Opening,
        Event::CallOpened { channel, url } => {
            incident.surface.call = CallState::Open {
                channel: *channel,
                url: url.clone(),
            };
        }
        Event::CallFailed { why } => {
            incident.surface.call = CallState::Failed { why: why.clone() };
        }
        Event::CallEnded { .. } => incident.surface.call = CallState::None,
        Event::BoardPosted { message } => incident.surface.board = Some(*message),
        Event::StepsPosted { message } => incident.surface.steps = Some(*message),
        Event::DigestPosted { channel, message } => {
            incident.surface.digest = Some((*channel, *message))
        }
        Event::DirectPosted { person, direct } => {
            if direct.about == DirectTopic::Page {
                paged(&mut incident, recorded, direct.message.written_at());
            }
            let messages = incident.surface.direct.entry(*person).or_default();
            messages.retain(|old| old.about != direct.about);
            messages.push(direct.clone());
        }
        Event::Paged { .. } => paged(&mut incident, recorded, at),
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
        Event::ActionAdded(action) => {
            let actions = &mut incident.postmortem.actions;
            match actions.iter_mut().find(|old| old.number == action.number) {
                Some(old) => *old = action.clone(),
                None => actions.push(action.clone()),
            }
        }
        Event::LearningWaived { because } => {
            incident.postmortem.no_learning_because = Some(because.clone());
        }
        Event::EntryRedacted { number, sealed, .. } => {
            statements::forget(&mut incident, *number, at);
            incident.redacted_last = Some(recorded.seq);
            if *sealed {
                incident.sealed.insert(*number);
            } else {
                incident.sealed.remove(number);
            }
        }
        Event::EntryShownAgain { number } => {
            incident.redacted.remove(number);
            incident.sealed.remove(number);
        }
        Event::SeverityConfirmed { severity, by } => {
            incident.postmortem.severity_final = Some((*severity, *by, at));
        }
        Event::Reviewed { by } => incident.postmortem.reviewed = Some((*by, at)),
    }
    incident.remember_refusals();
    second_look::drop_changed(&mut incident, looks);
    solo::keep_true(&mut incident);
    endurance::keep_true(&mut incident, at);
    visibility::keep_the_circle(&mut incident);
    incident
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
    incident.resolve_put_off = None;
}

fn end(incident: &mut Incident, recorded: &Recorded, phase: Phase) {
    incident.phase = phase;
    incident.phase_since = recorded.at;
    incident.handover = None;
    incident.resolve_asked = None;
    incident.resolve_put_off = None;
    incident.command_asked = None;
    incident.undo = None;
    // A promise that the end of the incident made pointless is neither kept nor broken; one whose time had come is
    // remembered.
    incident.past_promises.extend(
        incident
            .promise
            .take()
            .filter(|promise| promise.due <= recorded.at),
    );
}

fn send_update(
    incident: &mut Incident,
    recorded: &Recorded,
    kind: UpdateKind,
    text: &str,
    next_due: Option<DateTime<Utc>>,
    targets: &[String],
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
        targets: targets.to_vec(),
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
