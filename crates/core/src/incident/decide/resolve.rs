//! The end: what speaks for and against resolving, resolving itself, and waiting a little.

use chrono::{DateTime, Utc};

use super::{may_command, must_be_live, person_of};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::policy::Policy;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::phase::Phase;
use crate::runbook::StepPhase;
use crate::timeline::Precision;

/// One line of the card shown before an incident is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What should be true.
    pub text: String,
    /// Whether it is.
    pub met: bool,
}

/// What speaks for and against resolving now. Nothing here blocks: it is asked, recorded and let go.
#[must_use]
pub fn findings(incident: &Incident, now: DateTime<Utc>, policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    if incident.alerts.firing + incident.alerts.cleared > 0 {
        let firing = incident.alerts.firing;
        findings.push(Finding {
            text: match firing {
                0 => "No attached alert fires".to_owned(),
                1 => "1 attached alert still fires".to_owned(),
                firing => format!("{firing} attached alerts still fire"),
            },
            met: firing == 0,
        });
    }
    if let Some(checklist) = &incident.checklist {
        let open = checklist
            .open_critical_steps()
            .iter()
            .filter(|step| step.phase == StepPhase::Validation)
            .count();
        findings.push(Finding {
            text: match open {
                0 => "Critical validation checks are ticked".to_owned(),
                1 => "1 critical validation check is not ticked".to_owned(),
                open => format!("{open} critical validation checks are not ticked"),
            },
            met: open == 0,
        });
    }
    let window = policy.stability_window(incident.severity);
    if window > chrono::TimeDelta::zero() {
        let since = if incident.phase == Phase::Validation {
            Some(incident.phase_since)
        } else {
            None
        };
        let met = since.is_some_and(|since| now - since >= window);
        let minutes = window.num_minutes();
        findings.push(Finding {
            text: if met {
                format!("Stable in validation for {minutes} minutes")
            } else {
                format!("Not yet stable in validation for {minutes} minutes")
            },
            met,
        });
    }
    findings.extend(parts_over(incident));
    let over = incident.is_mitigated();
    findings.push(Finding {
        text: if over {
            "User impact is over".to_owned()
        } else {
            "Nobody has said that user impact is over".to_owned()
        },
        met: over,
    });
    // Whoever was told that something is broken waits for the word that it is over.
    if !incident.updates.is_empty() {
        let drafted = incident.impact_text.is_some();
        findings.push(Finding {
            text: if drafted {
                "The all-clear is drafted".to_owned()
            } else {
                "The all-clear cannot be drafted in full: nobody has said who was hurt".to_owned()
            },
            met: drafted,
        });
    }
    findings
}

/// A whole is rarely over before its parts.
fn parts_over(incident: &Incident) -> Option<Finding> {
    incident.relations.parts().next()?;
    let open: Vec<String> = incident
        .relations
        .open_parts()
        .map(|part| part.to_string())
        .collect();
    let unknown = incident.relations.unknown_parts().next();
    Some(Finding {
        text: match (open.as_slice(), unknown) {
            ([], Some(part)) => format!("No part is known to be live; look yourself: {part}"),
            ([], None) => "All of its parts are over".to_owned(),
            ([one], _) => format!("1 part is not over: {one}"),
            (several, _) => format!(
                "{} parts are not over: {}",
                several.len(),
                several.join(", ")
            ),
        },
        met: open.is_empty(),
    })
}

pub(super) fn resolve(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
    anyway: bool,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    let may = may_command(incident, request);
    match incident.resolve_asked {
        _ if may => {}
        None => return Ok(vec![Event::ResolveAsked { by: person }]),
        // Asking again starts no new clock: otherwise the question would never come to an end.
        Some((_, at)) if request.at - at < policy.resolve_answer => return Ok(Vec::new()),
        Some(_) => {}
    }
    let findings = findings(incident, request.at, policy);
    let mut unmet: Vec<String> = findings
        .iter()
        .filter(|finding| !finding.met)
        .map(|finding| finding.text.clone())
        .collect();
    if !unmet.is_empty() && !anyway {
        return Err(Refusal::Findings(findings));
    }
    if !may {
        unmet.push(format!(
            "whoever holds command did not answer within {} minutes",
            policy.resolve_answer.num_minutes()
        ));
    }
    let mut events = Vec::new();
    if incident.impact_is_open() {
        events.push(Event::ImpactEnded {
            at: request.at,
            precision: Precision::Approximate,
        });
    }
    events.push(Event::Resolved { despite: unmet });
    Ok(events)
}

/// Whoever looked at the card and would rather see it stay well is asked again in a few minutes.
pub(super) fn wait(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    must_be_live(incident)?;
    Ok(vec![Event::ResolvePutOff {
        by: person,
        until: request.at + policy.resolve_wait,
    }])
}
