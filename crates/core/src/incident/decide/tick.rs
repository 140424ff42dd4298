//! What the clock makes happen. Only the newest due item of a kind fires, so a bot that was down replays nothing.

use chrono::{DateTime, TimeDelta, Utc};

use crate::incident::command::Request;
use crate::incident::endurance::{fatigue_due, shift_ends_due};
use crate::incident::event::Event;
use crate::incident::lone::lone_hint_due;
use crate::incident::mitigations::question_due;
use crate::incident::policy::Policy;
use crate::incident::quiet::one_for_each;
use crate::incident::solo::solo_due;
use crate::incident::state::{CancelReason, Incident, UpdateKind, Visibility};
use crate::incident::tasks::untold_late;
use crate::incident::wake::{
    all_clear_question_due, first_update_due, holding_note_due, overdue_steps,
    promise_reminder_due, self_clear_due,
};
use crate::update;

/// The events that are due.
pub(super) fn due(incident: &Incident, request: &Request, policy: &Policy) -> Vec<Event> {
    let now = request.at;
    if !incident.is_active() {
        return super::relapse::silence(incident, now, policy);
    }
    let come = |due: Option<DateTime<Utc>>| due.is_some_and(|due| due <= now);
    if come(self_clear_due(incident, policy)) {
        // Nothing else is owed by what is over.
        return vec![Event::Cancelled {
            reason: CancelReason::SelfCleared,
        }];
    }
    let mut events = Vec::new();
    if let Some(minutes) = policy.cadence(incident.severity, false)
        && come(holding_note_due(incident, policy))
    {
        let cadence = TimeDelta::minutes(i64::from(minutes));
        // People count from the beginning; only a note that comes late, as after a raised severity, counts from now.
        let in_time = now - incident.live_since < cadence / 2;
        let next_due = if in_time { incident.live_since } else { now } + cadence;
        events.push(Event::UpdateSent {
            kind: UpdateKind::Holding,
            // Nobody reads it before it goes out.
            text: policy
                .secrets
                .masked(&update::holding_note(incident, next_due)),
            next_due: Some(next_due),
            // A restricted incident sends nothing by itself.
            targets: match incident.visibility {
                Visibility::Restricted => Vec::new(),
                Visibility::Normal => policy.update_targets.clone(),
            },
        });
    }
    if let Some(promise) = incident
        .promise
        .as_ref()
        .filter(|_| come(promise_reminder_due(incident, policy)))
    {
        // After a long silence of the bot itself, the reminder ahead of time would only be noise.
        events.push(Event::PromiseReminded {
            due: promise.due,
            at_due: promise.due <= now,
        });
    }
    if let Some(first) = first_update_due(incident, policy)
        && come(first.remind_at)
    {
        events.push(Event::FirstUpdateReminded {
            due: first.due,
            at_due: first.due <= now,
        });
    }
    if let Some(handover) = &incident.handover
        && handover.at + policy.handover_expiry <= now
    {
        events.push(Event::HandoverEnded {
            from: handover.from,
            to: handover.to,
            declined: false,
        });
    }
    events.extend(
        untold_late(incident, policy)
            .filter(|(_, told_at)| *told_at <= now)
            .map(|(task, _)| Event::TaskLate {
                number: task.number,
            }),
    );
    let effect = question_due(incident, now, policy);
    events.extend(effect.map(|done| super::mitigations::asked(incident, done)));
    if let Some((by, until)) = incident.resolve_put_off
        && until <= now
    {
        events.push(Event::ResolveCameUp { by });
    }
    let solo = solo_due(incident).filter(|(_, due)| *due <= now);
    events.extend(solo.map(|(person, _)| Event::WentSolo { person }));
    let alone = lone_hint_due(incident, policy).filter(|(_, due)| *due <= now);
    events.extend(alone.map(|(person, _)| Event::LoneHinted { person }));
    let tired = fatigue_due(incident, policy).filter(|(_, due)| *due <= now);
    events.extend(tired.map(|(person, _)| Event::FatigueHinted { person }));
    let shifts = shift_ends_due(incident, policy).into_iter();
    events.extend(
        shifts
            .filter(|(.., due)| *due <= now)
            .map(|(role, shift, _)| Event::ShiftEndTold {
                person: shift.person,
                role,
                ends_at: shift.ends.at,
                next: shift.ends.next,
            }),
    );
    let overdue = overdue_steps(incident, policy).filter(|overdue| overdue.due <= now);
    events.extend(overdue.map(|overdue| Event::StepOverdue {
        step: overdue.step,
        by: overdue.by,
        since: overdue.since,
    }));
    if come(all_clear_question_due(incident, policy)) {
        events.push(Event::AllClearAsked);
    }
    one_for_each(incident, events, request, policy)
}
