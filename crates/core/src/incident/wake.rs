//! When an incident next needs the clock.
//!
//! Nothing sleeps on behalf of an incident. The store keeps, beside each incident, the instant at which something is due;
//! a schedule asks for those that have come and sends [`Tick`](super::Command::Tick). So a restart forgets no reminder,
//! and a change of state cancels what it makes pointless, because the instant is computed from the state.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::Policy;
use super::quiet::may_prompt_from;
use super::relations::RelapseState;
use super::state::Incident;
use crate::incident::MilestoneName;
use crate::person::PersonId;
use crate::runbook::{StepId, StepState};

/// When the next thing is due, if anything is.
#[must_use]
pub fn wake_at(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    if !incident.is_active() {
        return relapse_answer_due(incident, policy);
    }
    [
        holding_note_due(incident, policy),
        promise_reminder_due(incident, policy),
        first_update_due(incident, policy).and_then(|first| first.remind_at),
        incident
            .handover
            .as_ref()
            .map(|handover| handover.at + policy.handover_expiry),
        super::tasks::next_late(incident, policy),
        super::mitigations::next_question(incident, policy),
        super::lone::lone_hint_due(incident, policy).map(|(_, due)| due),
        super::endurance::fatigue_due(incident, policy).map(|(_, due)| due),
        super::endurance::shift_ends_due(incident, policy)
            .into_iter()
            .map(|(.., due)| due)
            .min(),
        super::solo::solo_due(incident).map(|(_, due)| due),
        incident.resolve_put_off.map(|(_, until)| until),
        all_clear_question_due(incident, policy),
        self_clear_due(incident, policy),
        overdue_steps(incident, policy)
            .map(|overdue| overdue.due)
            .min(),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// When the silence of those who were asked whether it is a relapse has lasted long enough.
pub(super) fn relapse_answer_due(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    incident
        .relations
        .relapse
        .as_ref()
        .filter(|relapse| relapse.state == RelapseState::Asked)
        .map(|relapse| relapse.asked_at + policy.relapse_answer)
}

/// When the automatic first note goes out: only while no promise to the stakeholders runs, which is so when an incident
/// begins, and when it comes back after they were told that it is over.
pub(super) fn holding_note_due(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    let automatic_is_welcome =
        incident.promise.is_none() && incident.visibility == super::Visibility::Normal;
    policy
        .holding_note_delay(incident.severity)
        .filter(|_| automatic_is_welcome)
        .map(|delay| incident.live_since + delay)
}

/// When the keeper of the promise is to be reminded next.
pub(super) fn promise_reminder_due(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    let promise = incident.promise.as_ref()?;
    let told = (promise.reminded_before, promise.reminded_at);
    next_reminder((promise.given_at, promise.due), told, policy)
}

/// Of the reminder ahead of a time and the one at it, the one that comes next. `told` says which have been.
fn next_reminder(
    (from, due): (DateTime<Utc>, DateTime<Utc>),
    told: (bool, bool),
    policy: &Policy,
) -> Option<DateTime<Utc>> {
    let before = due - policy.remind_before;
    // A time so short that the reminder ahead of it would come with it needs none.
    if told == (false, false) && before > from {
        Some(before)
    } else if told.1 {
        None
    } else {
        Some(due)
    }
}

/// The first word to the stakeholders of an incident in which no note goes out by itself.
pub(super) struct FirstUpdate {
    /// When a person is to have written it.
    pub(super) due: DateTime<Utc>,
    /// When whoever keeps the stakeholders informed is to be reminded next, if they are.
    pub(super) remind_at: Option<DateTime<Utc>>,
}

/// The first word that a person owes, as long as none has been given that promises another.
pub(super) fn first_update_due(incident: &Incident, policy: &Policy) -> Option<FirstUpdate> {
    if !incident.owes_first_update() {
        return None;
    }
    // What was a SEV4 until now owed nobody anything until now.
    let spans = incident.severities.iter().rev();
    let owed = spans.take_while(|span| policy.cadence(span.severity, false).is_some());
    let from = owed
        .last()
        .map_or(incident.live_since, |span| span.since)
        .max(incident.live_since);
    let due = from + policy.first_update_within;
    let told = incident
        .first_update_reminded
        .as_ref()
        .filter(|told| told.due == due);
    let told = (told.is_some(), told.is_some_and(|told| told.at_due));
    Some(FirstUpdate {
        due,
        remind_at: next_reminder((from, due), told, policy),
    })
}

/// A claimed step and when it has taken twice the time it was meant to.
pub(super) struct OverdueStep {
    pub(super) step: StepId,
    pub(super) by: PersonId,
    pub(super) since: DateTime<Utc>,
    pub(super) due: DateTime<Utc>,
}

/// The claimed steps that have a time and of which nobody was told yet. Where nobody is on a step, nobody is late.
pub(super) fn overdue_steps(
    incident: &Incident,
    policy: &Policy,
) -> impl Iterator<Item = OverdueStep> {
    let steps = incident.checklist.iter().flat_map(|checklist| {
        checklist
            .steps
            .iter()
            .map(|step| (step, checklist.state(&step.id)))
    });
    steps.filter_map(|(step, state)| {
        let StepState::Claimed { by, at } = state else {
            return None;
        };
        let seconds = i64::from(step.time_limit_seconds?);
        let told = incident.overdue_told.get(&step.id) == Some(at);
        (!told).then(|| OverdueStep {
            step: step.id.clone(),
            by: *by,
            since: *at,
            due: may_prompt_from(incident, *by, *at + TimeDelta::seconds(2 * seconds), policy),
        })
    })
}

/// When the bot asks whether to go to validation: once per calm.
pub(super) fn all_clear_question_due(
    incident: &Incident,
    policy: &Policy,
) -> Option<DateTime<Utc>> {
    let asked = incident.all_clear_asked_at.is_some();
    let worth_asking = incident.phase != crate::phase::Phase::Validation
        && incident.phase != crate::phase::Phase::Open
        && incident.alerts.all_clear();
    incident
        .alerts
        .last_cleared_at
        .filter(|_| worth_asking && !asked)
        // People who have just moved on know; they are asked when it has been quiet since.
        .map(|at| at.max(incident.phase_since) + policy.all_clear_quiet)
}

/// When an incident ends by itself: a minor one that alerts opened, whose alerts are all clear, and that no person has
/// touched. A SEV1 or SEV2 never does: that it went away unseen is no reason to believe it is over.
pub(super) fn self_clear_due(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    let is_minor = !incident.severity.is_major();
    let is_untouched = incident.phase == crate::phase::Phase::Open && !is_touched(incident);
    incident
        .alerts
        .last_cleared_at
        .filter(|_| is_minor && is_untouched && incident.alerts.all_clear())
        .map(|at| at.max(incident.live_since) + policy.self_clear_after)
}

/// Whether a person has had anything to do with it. What people brought back to life counts too.
fn is_touched(incident: &Incident) -> bool {
    let by_alerts = incident.milestones.at(MilestoneName::AlertReceived);
    by_alerts.is_none()
        || incident.live_since != incident.declared_at()
        || !incident.participants.is_empty()
        || incident.asked_to_do.is_some()
}
