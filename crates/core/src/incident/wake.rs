//! When an incident next needs the clock.
//!
//! Nothing sleeps on behalf of an incident. The store keeps, beside each incident, the instant at which something is due;
//! a schedule asks for those that have come and sends [`Tick`](super::Command::Tick). So a restart forgets no reminder,
//! and a change of state cancels what it makes pointless, because the instant is computed from the state.

use chrono::{DateTime, Utc};

use super::policy::Policy;
use super::state::Incident;

/// When the next thing is due, if anything is.
#[must_use]
pub fn wake_at(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    if !incident.is_active() {
        return None;
    }
    [
        holding_note_due(incident, policy),
        promise_reminder_due(incident, policy),
        incident
            .handover
            .as_ref()
            .map(|handover| handover.at + policy.handover_expiry),
        incident.resolve_put_off.map(|(_, until)| until),
        all_clear_question_due(incident, policy),
    ]
    .into_iter()
    .flatten()
    .min()
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
    let before = promise.due - policy.remind_before;
    // A promise so short that the reminder ahead of it would come with it needs none.
    if !promise.reminded_before && before > promise.given_at {
        Some(before)
    } else if promise.reminded_at {
        None
    } else {
        Some(promise.due)
    }
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
