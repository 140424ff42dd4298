//! Word for the stakeholders, drafted from what is known. Where nothing is known, the text says so instead of guessing.
//!
//! Whoever reads it was not there: it names no people, and of what was done only what still stands. A draft does not say
//! when the next word comes: that is added when it is sent, from the promise that is given with it.

mod doing;
mod lines;
mod outward;
mod promise;

use chrono::{DateTime, Utc};

use crate::card::DataLoss;
use crate::incident::{
    HypothesisState, Incident, MilestoneName, Policy, RoleState, UpdateKind, cut,
};
use crate::phase::Phase;
use crate::role::Role;
use crate::timeline::{Entry, Precision};

use doing::doing;
use lines::{Line, fitted, fixed};
use outward::outward;
pub use promise::{mark_of, times_written_out, with_promise};

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
        _ if incident.is_mitigated() => PublicStatus::Monitoring,
        Phase::Mitigation | Phase::Fix if known => PublicStatus::Identified,
        _ => PublicStatus::Investigating,
    }
}

/// What those inside read for the state of the work. They hear that something is being done, where the public status keeps
/// to what is known.
fn state_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Open | Phase::Diagnosis => "investigating",
        Phase::Mitigation => "mitigating",
        Phase::Fix => "fixing",
        Phase::Validation => "monitoring",
        Phase::Learning | Phase::Closed | Phase::Cancelled => "resolved",
    }
}

/// The draft of the next internal update, without its promise. `timeline` is the incident's, in its order.
///
/// What must be said always fits: long words of people are shortened, each to its share.
#[must_use]
pub fn draft(incident: &Incident, timeline: &[Entry]) -> String {
    let number = incident.updates.len() + 1;
    let mut lines = vec![fixed(format!(
        "{} (update {number})",
        headline(incident, "")
    ))];
    lines.extend(returned(incident).map(fixed));
    lines.push(impact(incident));
    lines.push(belief(incident));
    lines.push(doing("What we are doing", incident, timeline));
    lines.extend(estimate(incident));
    fitted(lines)
}

/// "No news" is an update too: the impact and the work unchanged. Its promise is added when it is sent.
#[must_use]
pub fn nothing_new(incident: &Incident, timeline: &[Entry]) -> String {
    let mut lines = vec![fixed(headline(incident, ": nothing new"))];
    lines.extend(returned(incident).map(fixed));
    lines.push(impact(incident));
    lines.push(doing("Still at work", incident, timeline));
    fitted(lines)
}

/// The automatic first note: it claims nothing beyond the symptoms.
#[must_use]
pub fn holding_note(incident: &Incident, next_due: DateTime<Utc>) -> String {
    let names = &incident.alerts.names;
    let reports = if names.is_empty() {
        format!("Reported by a person: {}.", incident.title)
    } else {
        let shown: Vec<String> = names.iter().take(5).map(|name| cut(name, 60)).collect();
        format!("Monitoring reports: {}.", shown.join(", "))
    };
    let on_call = incident.roles.get(&Role::OnCall);
    let paged = match on_call {
        Some(RoleState::Accepted { .. }) => "The on-call engineer has it.",
        _ if incident.phase != Phase::Open => "Somebody is working on it.",
        Some(RoleState::Proposed { .. }) => "On-call has been paged.",
        _ => "Nobody is on call by the rota; the incident waits to be taken.",
    };
    let began = if incident.live_since > incident.declared_at() {
        format!("is open again since {}", clock(incident.live_since))
    } else {
        format!("opened at {}", clock(incident.declared_at()))
    };
    let by_whom = if incident.severities.len() == 1 && !names.is_empty() {
        " (automatic)"
    } else {
        ""
    };
    let returned = returned(incident)
        .map(|sentence| format!("{sentence} "))
        .unwrap_or_default();
    format!(
        "**{} {} {began} – severity {}{by_whom}.** {returned}{reports} {paged} Impact on users is not confirmed yet. A \
         person will update by {}. *(Automatic message.)*",
        incident.severity.mark(),
        incident.id,
        incident.severity,
        clock(next_due)
    )
}

/// The all-clear. What was lost is unknown until a person says otherwise.
#[must_use]
pub fn all_clear(incident: &Incident, data_loss: DataLoss) -> String {
    let resolved = incident
        .milestones
        .at(MilestoneName::Resolved)
        .unwrap_or(incident.phase_since);
    let fixed_since = incident
        .milestones
        .at(MilestoneName::FixApplied)
        .map(|at| format!("; the fix has been in place since {}", clock(at)))
        .unwrap_or_default();
    let stretches: Vec<String> = incident
        .impact
        .iter()
        .filter_map(|interval| {
            let about = if interval.start_precision == Precision::Approximate {
                "about "
            } else {
                ""
            };
            let end = interval.end?;
            Some(format!(
                "from {about}{} to {}",
                clock(interval.start),
                clock(end)
            ))
        })
        .collect();
    let window = if stretches.is_empty() {
        "How long is not established".to_owned()
    } else {
        stretches.join(" and ")
    };
    let hurt = match &incident.impact_text {
        Some(text) => format!(
            "Users were hurt {window} (“{}”).",
            outward(incident, text, 300).trim_end_matches('.')
        ),
        None => format!("Users may have been hurt {window}."),
    };
    let lost = match data_loss {
        DataLoss::No => "Nothing was lost.",
        DataLoss::Yes => "Some data was lost; those concerned will hear from us.",
        DataLoss::Unknown => "Whether data was lost is not known yet; we will say.",
    };
    let cause = incident
        .hypotheses
        .iter()
        .rev()
        .find(|guess| guess.state == HypothesisState::Confirmed)
        .map_or_else(
            || "We are still establishing the cause.".to_owned(),
            |guess| {
                format!(
                    "Cause: {}",
                    with_full_stop(&outward(incident, &guess.text, 200))
                )
            },
        );
    format!(
        "**✅ Resolved – {}.** Resolved at {}{fixed_since}. {hurt} {lost} {cause} A review follows.",
        incident.title,
        clock(resolved)
    )
}

/// When the next update is due if it goes out now and promises the usual; `None` where the usual is no time.
#[must_use]
pub fn usual_promise(
    incident: &Incident,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Option<DateTime<Utc>> {
    let minutes = policy.cadence(incident.severity, incident.is_mitigated())?;
    Some(now + chrono::TimeDelta::minutes(i64::from(minutes)))
}

fn headline(incident: &Incident, addition: &str) -> String {
    format!(
        "**{} {} – {} – {}{addition}**",
        incident.severity.mark(),
        incident.severity,
        incident.title,
        state_word(incident.phase)
    )
}

/// What stakeholders who heard that it was over must hear first.
fn returned(incident: &Incident) -> Option<String> {
    let told_over = incident
        .updates
        .iter()
        .rposition(|update| update.kind == UpdateKind::AllClear)?;
    let told_since = incident.updates[told_over + 1..]
        .iter()
        .any(|update| update.by.is_some());
    if told_since || !incident.is_active() {
        return None;
    }
    let resolved = incident
        .milestones
        .0
        .iter()
        .rev()
        .find(|statement| statement.name == MilestoneName::Resolved)?;
    Some(format!(
        "We said this was resolved at {}. It has returned.",
        clock(resolved.at)
    ))
}

/// Who is hurt and how. What is over is told as what was: the words that were true then stand behind the time until which
/// they were.
fn impact(incident: &Incident) -> Line {
    let about = |precision| {
        if precision == Precision::Approximate {
            "about "
        } else {
            ""
        }
    };
    let start = incident.impact_start().map(|start| {
        let known = incident.milestones.current(MilestoneName::ImpactStart);
        let precision = known.map_or(Precision::Approximate, |known| known.precision);
        (about(precision), clock(start))
    });
    let what = incident
        .impact_text
        .as_deref()
        .map(|text| with_full_stop(&outward(incident, text, 300)));
    let before = "**Impact:** ".to_owned();
    if incident.impact_is_open() {
        return Line {
            before,
            words: vec![what.unwrap_or_else(|| {
                "Not confirmed yet: nobody has said who is hurt and how.".to_owned()
            })],
            after: start
                .map(|(about, start)| format!(" Since {about}{start}."))
                .unwrap_or_default(),
        };
    }
    let ended = incident
        .impact
        .iter()
        .filter_map(|stretch| stretch.end)
        .max();
    let until = ended
        .map(|end| format!("Until {}: ", clock(end)))
        .unwrap_or_default();
    let began = start
        .map(|(about, start)| match about {
            "" => format!("It began at {start} and"),
            about => format!("It began {about}{start} and"),
        })
        .unwrap_or_else(|| "It".to_owned());
    let over = format!(" {began} is over as far as we know.");
    match what {
        Some(words) => Line {
            before: format!("{before}{until}“"),
            words: vec![words],
            after: format!("”{over}"),
        },
        None => fixed(format!(
            "{before}{until}users may have been hurt; nobody has said who and how.{over}"
        )),
    }
}

fn belief(incident: &Incident) -> Line {
    let before = "**What we know:** ".to_owned();
    let words = |text: &str| outward(incident, text, 300);
    match incident.leading_hypothesis() {
        Some(guess) if guess.state == HypothesisState::Confirmed => Line {
            before,
            words: vec![with_full_stop(&words(&guess.text))],
            after: String::new(),
        },
        Some(guess) => Line {
            before: format!("{before}We believe: "),
            words: vec![words(&guess.text).trim_end_matches('.').to_owned()],
            after: " – not confirmed.".to_owned(),
        },
        None => fixed(format!("{before}The cause is not known yet.")),
    }
}

/// How long it may take: a range with what it rests on.
fn estimate(incident: &Incident) -> Option<Line> {
    let estimate = incident.estimates.last()?;
    let range = if estimate.low_minutes == estimate.high_minutes {
        estimate.high_minutes.to_string()
    } else {
        format!("{}–{}", estimate.low_minutes, estimate.high_minutes)
    };
    let basis = outward(incident, &estimate.basis, 200);
    Some(Line {
        before: format!(
            "**Estimate:** {range} minutes from {} – ",
            clock(estimate.given_at)
        ),
        words: vec![basis.trim_end_matches('.').to_owned()],
        after: format!(" ({}).", estimate.confidence.id()),
    })
}

/// A moment as each reader's own clock shows it; a target that knows no such thing gets it in words.
fn clock(at: DateTime<Utc>) -> String {
    format!("<t:{}:t>", at.timestamp())
}

fn with_full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
