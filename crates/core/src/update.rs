//! Word for the stakeholders, drafted from what is known. Where nothing is known, the text says so instead of guessing.

use chrono::{DateTime, Utc};

use crate::card::DataLoss;
use crate::incident::{HypothesisState, Incident, MilestoneName, Policy, cut};
use crate::phase::Phase;
use crate::timeline::{Entry, Kind, Precision};

/// The longest draft, in characters: the limit that readers put up with.
pub const MAX_DRAFT_CHARACTERS: usize = 900;

/// The status that the outside world understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicStatus {
    /// Nobody knows yet.
    Investigating,
    /// The cause is known well enough to act on it.
    Identified,
    /// A remedy is in place and being watched.
    Monitoring,
    /// It is over.
    Resolved,
}

impl PublicStatus {
    /// The word people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }
}

/// What the work words mean to an audience.
#[must_use]
pub fn public_status(incident: &Incident) -> PublicStatus {
    let known = incident.leading_hypothesis().is_some_and(|guess| {
        matches!(
            guess.state,
            HypothesisState::Supported | HypothesisState::Confirmed
        )
    });
    match incident.phase {
        Phase::Learning | Phase::Closed | Phase::Cancelled => PublicStatus::Resolved,
        Phase::Validation => PublicStatus::Monitoring,
        _ if incident.milestones.at(MilestoneName::Mitigated).is_some() => PublicStatus::Monitoring,
        Phase::Mitigation | Phase::Fix if known => PublicStatus::Identified,
        _ => PublicStatus::Investigating,
    }
}

/// The draft of the next internal update. `timeline` is the incident's, in its order; `next_due` is what it promises.
#[must_use]
pub fn draft(incident: &Incident, timeline: &[Entry], next_due: DateTime<Utc>) -> String {
    let number = incident.updates.len() + 1;
    let mut lines = vec![format!(
        "**{} {} – {} – {}** (update {number})",
        incident.severity.mark(),
        incident.severity,
        incident.title,
        public_status(incident).word()
    )];
    lines.push(format!("**Impact:** {}", impact(incident)));
    lines.push(format!("**What we know:** {}", belief(incident)));
    lines.push(format!("**What we do:** {}", doing(incident, timeline)));
    if let Some(estimate) = incident.estimates.last() {
        lines.push(format!(
            "**Estimate:** {}–{} minutes from <t:{}:t>, because {} ({}).",
            estimate.low_minutes,
            estimate.high_minutes,
            estimate.given_at.timestamp(),
            estimate.basis.trim_end_matches('.'),
            estimate.confidence.id()
        ));
    }
    lines.push(next_update(next_due));
    cut(&lines.join("\n"), MAX_DRAFT_CHARACTERS)
}

/// "No news" is an update too: the impact and the work unchanged, with a new promise.
#[must_use]
pub fn nothing_new(incident: &Incident, timeline: &[Entry], next_due: DateTime<Utc>) -> String {
    let lines = [
        format!(
            "**{} {} – {} – {}: nothing new**",
            incident.severity.mark(),
            incident.severity,
            incident.title,
            public_status(incident).word()
        ),
        format!("**Impact:** {}", impact(incident)),
        format!("**Still at work:** {}", doing(incident, timeline)),
        next_update(next_due),
    ];
    cut(&lines.join("\n"), MAX_DRAFT_CHARACTERS)
}

/// The automatic first note: it claims nothing beyond the symptoms.
#[must_use]
pub fn holding_note(incident: &Incident, next_due: DateTime<Utc>) -> String {
    let reports = if incident.alerts.names.is_empty() {
        incident.title.clone()
    } else {
        incident
            .alerts
            .names
            .iter()
            .take(5)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    };
    let paged = if incident
        .milestones
        .at(MilestoneName::Acknowledged)
        .is_some()
    {
        "The on-call engineer has it."
    } else if incident.roles.is_empty() {
        "Nobody is on call by the rota; the incident waits to be taken."
    } else {
        "On-call has been called."
    };
    format!(
        "**{} {} opened at <t:{}:t> – severity {} (automatic).** Monitoring reports: {reports}. {paged} Impact on users \
         is not confirmed yet. A person will update by <t:{}:t>. *(Automatic message.)*",
        incident.severity.mark(),
        incident.id,
        incident.declared_at().timestamp(),
        incident.severity,
        next_due.timestamp()
    )
}

/// The all-clear. What was lost is unknown until a person says otherwise.
#[must_use]
pub fn all_clear(incident: &Incident, data_loss: DataLoss) -> String {
    let window = match (
        incident.impact_start(),
        incident.impact.last().and_then(|interval| interval.end),
    ) {
        (Some(start), Some(end)) => {
            format!(
                "Between {}<t:{}:t> and <t:{}:t> {}",
                about(incident),
                start.timestamp(),
                end.timestamp(),
                who_was_hurt(incident)
            )
        }
        _ => format!(
            "How long users were hurt is not established; {}",
            who_was_hurt(incident)
        ),
    };
    let cause = incident
        .hypotheses
        .iter()
        .rev()
        .find(|guess| guess.state == HypothesisState::Confirmed)
        .map_or_else(
            || "We are still establishing the cause.".to_owned(),
            |guess| format!("Cause: {}.", guess.text),
        );
    let lost = match data_loss {
        DataLoss::No => "Nothing was lost.",
        DataLoss::Yes => "Some data was lost; those concerned will hear from us.",
        DataLoss::Unknown => "Whether data was lost is not known yet; we will say.",
    };
    let resolved = incident
        .milestones
        .at(MilestoneName::Resolved)
        .unwrap_or(incident.phase_since);
    format!(
        "**✅ Resolved – {}.** Working normally since <t:{}:t>. {window}. {lost} {cause} A review follows.",
        incident.title,
        resolved.timestamp()
    )
}

fn impact(incident: &Incident) -> String {
    let since = incident.impact_start().map_or_else(String::new, |start| {
        format!(" Since {}<t:{}:t>.", about(incident), start.timestamp())
    });
    let what = incident
        .impact_text
        .clone()
        .unwrap_or_else(|| "Not confirmed yet: nobody has said who is hurt and how.".to_owned());
    let over = if incident.impact_is_open() {
        ""
    } else {
        " User impact is over as far as we know."
    };
    format!("{}{since}{over}", with_full_stop(&what))
}

fn about(incident: &Incident) -> &'static str {
    let exact = incident
        .milestones
        .current(MilestoneName::ImpactStart)
        .is_some_and(|start| start.precision != Precision::Approximate);
    if exact { "" } else { "about " }
}

fn who_was_hurt(incident: &Incident) -> String {
    incident.impact_text.as_ref().map_or_else(
        || "users may have been affected".to_owned(),
        |text| text.trim_end_matches('.').to_owned(),
    )
}

fn belief(incident: &Incident) -> String {
    match incident.leading_hypothesis() {
        Some(guess) if guess.state == HypothesisState::Confirmed => with_full_stop(&guess.text),
        Some(guess) => format!(
            "We believe: {} – not confirmed.",
            guess.text.trim_end_matches('.')
        ),
        None => "The cause is not known yet.".to_owned(),
    }
}

/// The newest three actions and decisions since the last word that went out.
fn doing(incident: &Incident, timeline: &[Entry]) -> String {
    let since = incident.updates.last().map(|update| update.at);
    let told: Vec<&Entry> = timeline
        .iter()
        .filter(|entry| entry.is_active() && matches!(entry.kind, Kind::Action | Kind::Decision))
        .collect();
    let fresh: Vec<&&Entry> = told
        .iter()
        .filter(|entry| since.is_none_or(|since| entry.recorded_at > since))
        .collect();
    let shown: Vec<&Entry> = if fresh.is_empty() {
        told.iter().rev().take(1).copied().collect()
    } else {
        fresh.iter().rev().take(3).map(|entry| **entry).collect()
    };
    if shown.is_empty() {
        return match incident.phase {
            Phase::Open => "On-call is being called.".to_owned(),
            Phase::Diagnosis => "We are looking for the cause.".to_owned(),
            Phase::Mitigation => "We are limiting the damage.".to_owned(),
            Phase::Fix => "We are applying the fix.".to_owned(),
            Phase::Validation => "The fix is in place; we are checking that it holds.".to_owned(),
            Phase::Learning | Phase::Closed | Phase::Cancelled => "The work is over.".to_owned(),
        };
    }
    shown
        .iter()
        .rev()
        .map(|entry| {
            format!(
                "{} (<t:{}:t>).",
                entry.text.trim().trim_end_matches('.'),
                entry.event_at.timestamp()
            )
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn next_update(next_due: DateTime<Utc>) -> String {
    format!(
        "**Next update by <t:{}:t>.** Questions: answer here.",
        next_due.timestamp()
    )
}

fn with_full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// When the next update is due if it goes out now and promises the usual.
#[must_use]
pub fn usual_promise(incident: &Incident, now: DateTime<Utc>, policy: &Policy) -> DateTime<Utc> {
    let mitigated = incident.milestones.at(MilestoneName::Mitigated).is_some();
    now + chrono::TimeDelta::minutes(i64::from(policy.cadence(incident.severity, mitigated)))
}
