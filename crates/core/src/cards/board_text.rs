//! The board in plain lines: for screen readers, which cannot read an embed's pictures, and for exports. No sign stands
//! for a word; every time has its zone and UTC beside it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::plain;
use super::work::{noted_last, steps_in_hand};
use crate::alert::safe_line;
use crate::card::Card;
use crate::change::{ChangeKind, nearest};
use crate::incident::{
    Around, CallState, HypothesisState, Incident, MilestoneName, RoleState, cut, length_words,
    one_line,
};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::StepPhase;
use crate::timeline::{Entry, Precision};
use crate::wall_clock::zoned;

/// The most text; what one message holds.
const MOST_CHARACTERS: usize = 1_900;
/// The most changes that are named.
const MOST_CHANGES: usize = 3;

/// How things stand, for somebody in Discord. `around` is what is kept beside it.
#[must_use]
pub fn board_text(incident: &Incident, around: &Around, zone: Tz, now: DateTime<Utc>) -> Card {
    super::line(board_lines(incident, around, zone, now, &|person| {
        person.to_string()
    }))
}

/// How things stand, a sentence a line. `name` says what a person is called where this is read.
#[must_use]
pub fn board_lines(
    incident: &Incident,
    around: &Around,
    zone: Tz,
    now: DateTime<Utc>,
    name: &dyn Fn(PersonId) -> String,
) -> String {
    let time = |at: DateTime<Utc>| zoned(at, zone, now);
    let words = |text: &str| plain(&one_line(text, 300));
    let mut lines = vec![
        format!(
            "{}, {}, {} since {}.",
            incident.id,
            incident.severity,
            incident.phase,
            time(incident.phase_since)
        ),
        format!("Broken: {}.", words(&incident.title)),
        format!(
            "Who {} hurt: {}.",
            match incident.impact_ended_at() {
                Some(_) => "was",
                None => "is",
            },
            match &incident.impact_text {
                Some(text) => words(text),
                None => "not confirmed".to_owned(),
            }
        ),
    ];
    if incident.is_near_miss() {
        lines.push("It cleared before anybody acted, and counts as a near miss.".to_owned());
    }
    if let Some(start) = incident.milestones.current(MilestoneName::ImpactStart) {
        let estimate = match start.precision {
            Precision::Approximate => " (an estimate)",
            Precision::Exact | Precision::Minute => "",
        };
        let end = incident.impact_ended_at();
        let until = end.map_or_else(String::new, |end| format!(", until {}", time(end)));
        lines.push(format!("Since: {}{estimate}{until}.", time(start.at)));
    }
    let cause = incident.postmortem.cause.as_ref();
    if let Some(cause) = cause.filter(|_| !incident.is_active()) {
        lines.push(format!(
            "Cause: {}.",
            words(cause.cause.trim_end_matches('.'))
        ));
    } else if let Some(guess) = incident.leading_hypothesis() {
        let state = match guess.state {
            HypothesisState::Confirmed => "confirmed",
            HypothesisState::Supported => "supported, not confirmed",
            HypothesisState::Open | HypothesisState::Refuted => "a guess",
        };
        lines.push(format!("Belief: {} ({state}).", words(&guess.text)));
    }
    lines.extend(doing(incident, &around.work, &time, name));
    let rated = incident.severity_times(now);
    if rated.len() > 1 {
        let minutes: Vec<String> = rated
            .iter()
            .map(|(severity, time)| format!("{severity} {} min", time.num_minutes()))
            .collect();
        lines.push(format!("Time in each severity: {}.", minutes.join(", ")));
    }
    lines.push(format!(
        "Alerts: {} firing, {} cleared.",
        incident.alerts.firing, incident.alerts.cleared
    ));
    lines.extend(incident.alerts.flapping.iter().take(3).map(|alert| {
        format!(
            "{} is flapping: it cleared {} times, last at {}.",
            words(&alert.name),
            alert.cycles,
            time(alert.last_end)
        )
    }));
    let near: Vec<String> = nearest(incident, &around.changes)
        .into_iter()
        .filter(|change| change.kind != ChangeKind::Other)
        .take(MOST_CHANGES)
        .map(|change| {
            format!(
                "{} {} at {}",
                safe_line(&change.service, 60),
                safe_line(&change.version, 60),
                time(change.at)
            )
        })
        .collect();
    if !near.is_empty() {
        lines.push(format!(
            "Changed around then (correlates, not cause): {}.",
            near.join("; ")
        ));
    }
    let step = StepPhase::during(incident.phase)
        .zip(incident.checklist.as_ref())
        .map(|(phase, checklist)| (checklist.progress(phase), checklist.next_step(phase)));
    if let Some(((done, total), next)) = step {
        let next = next.map_or_else(String::new, |step| {
            format!("; next: {}", cut(&words(&step.text), 120))
        });
        lines.push(format!("Steps: {done} of {total} done{next}."));
    }
    lines.push(match incident.command {
        Some(holder) => format!("In command: {}.", name(holder)),
        None if incident.is_active() => "In command: nobody.".to_owned(),
        None => "In command: nobody any more.".to_owned(),
    });
    if let Some(solo) = incident.solo.filter(|_| incident.is_active()) {
        lines.push(format!("{} works alone.", name(solo.person)));
    }
    for role in Role::ALL {
        let state = match incident.roles.get(&role) {
            Some(RoleState::Accepted { by, .. }) => name(*by),
            Some(RoleState::Proposed { to, .. }) => {
                format!("{} is asked and has not answered", name(*to))
            }
            Some(RoleState::Declined { .. } | RoleState::Released { .. }) => "nobody".to_owned(),
            None if incident.is_active() && incident.required_roles().contains(&role) => {
                "nobody".to_owned()
            }
            None => continue,
        };
        lines.push(format!("{role}: {state}."));
    }
    let links: Vec<String> = incident
        .relations
        .links
        .iter()
        .map(|(id, link)| match link.phase {
            Some(phase) => format!("{}, {phase}", link.tie.says(*id)),
            None => link.tie.says(*id),
        })
        .collect();
    if !links.is_empty() {
        lines.push(format!("Other incidents: {}.", links.join("; ")));
    }
    match &incident.surface.call {
        CallState::Open { url, .. } => lines.push(format!("Call: {url}")),
        CallState::Failed { why } => {
            lines.push(format!("The call could not be opened: {}", words(why)));
        }
        CallState::None | CallState::Opening => {}
    }
    lines.push(updates(incident, now, &time));
    if matches!(incident.phase, Phase::Learning | Phase::Closed) {
        lines.push(format!(
            "Postmortem: version {}, {} actions, {}.",
            incident.postmortem.version,
            incident.postmortem.actions.len(),
            if incident.postmortem.reviewed.is_some() {
                "reviewed"
            } else {
                "not reviewed"
            }
        ));
    }
    lines.push(format!(
        "As of {}. Times are those of {zone}, with UTC beside.",
        time(now)
    ));
    cut(&lines.join("\n"), MOST_CHARACTERS)
}

/// What people are at, and what they noted last.
fn doing(
    incident: &Incident,
    work: &[Entry],
    time: &dyn Fn(DateTime<Utc>) -> String,
    name: &dyn Fn(PersonId) -> String,
) -> Option<String> {
    let words = |text: &str| plain(&one_line(text, 120));
    let in_hand = steps_in_hand(incident)
        .map(|(step, by, at)| format!("{} ({}, since {})", words(step), name(by), time(at)));
    let tasks = incident.open_tasks().map(|task| {
        let late = if task.is_late() {
            "late since"
        } else {
            "answer by"
        };
        format!(
            "{} ({}, {late} {})",
            words(&task.what),
            name(task.to),
            time(task.due)
        )
    });
    let noted = noted_last(incident, work);
    let noted = noted
        .iter()
        .map(|noted| noted.told(&words(noted.what), noted.by.map(name), &time(noted.at)));
    let parts: Vec<String> = in_hand.chain(tasks).chain(noted).collect();
    (!parts.is_empty()).then(|| format!("Doing: {}.", parts.join("; ")))
}

fn updates(
    incident: &Incident,
    now: DateTime<Utc>,
    time: &dyn Fn(DateTime<Utc>) -> String,
) -> String {
    let sent = match incident.updates.last() {
        Some(last) => format!(
            "{} sent, the last at {}",
            incident.updates.len(),
            time(last.at)
        ),
        None => "none sent".to_owned(),
    };
    match incident.next_update_due() {
        Some(due) if due > now => format!(
            "Updates: {sent}; the next one is due at {}, in {}.",
            time(due),
            length_words(due - now)
        ),
        Some(due) => format!(
            "Updates: {sent}; the next one is overdue since {}, for {}.",
            time(due),
            length_words(now - due)
        ),
        None => format!("Updates: {sent}."),
    }
}
