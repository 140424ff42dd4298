//! After it is over: cause, actions, review, close. The only hard stops of the product are here, where nobody is in a
//! hurry any more.

use std::fmt;

use super::{MAX_TEXT_CHARACTERS, cut, one_line, person_of, written};
use crate::incident::command::{Actor, Command, Rank, Request};
use crate::incident::event::Event;
use crate::incident::refusal::Refusal;
use crate::incident::state::{ActionItem, Cause, Incident};
use crate::phase::Phase;
use crate::severity::Severity;

/// What is missing before a SEV1 or SEV2 can be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseGap {
    /// Cause and contributing factors are not written.
    Cause,
    /// No action of a learning kind exists, and nobody has said why none is needed.
    LearningAction,
    /// An action has no owner or no date, and is not dropped with a reason.
    Unowned(u32),
    /// Nobody has reviewed it.
    Review,
}

impl fmt::Display for CloseGap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cause => formatter.write_str("write cause and contributing factors"),
            Self::LearningAction => formatter.write_str(
                "decide at least one action of kind threshold, playbook or observability, or say why none is needed",
            ),
            Self::Unowned(number) => write!(formatter, "give action {number} an owner and a date"),
            Self::Review => formatter.write_str("have somebody review the postmortem"),
        }
    }
}

/// What is missing. Empty for SEV3 and SEV4: those are asked, not forced.
#[must_use]
pub fn close_gaps(incident: &Incident) -> Vec<CloseGap> {
    if !incident.severity_peak().is_major() {
        return Vec::new();
    }
    let postmortem = &incident.postmortem;
    let mut gaps = Vec::new();
    if postmortem.cause.is_none() {
        gaps.push(CloseGap::Cause);
    }
    let learning = postmortem
        .actions
        .iter()
        .any(|action| action.kind.is_learning())
        || postmortem.no_learning_because.is_some();
    if !learning {
        gaps.push(CloseGap::LearningAction);
    }
    gaps.extend(
        postmortem
            .actions
            .iter()
            .filter(|action| {
                action.wont_do_because.is_none() && (action.owner.is_none() || action.due.is_none())
            })
            .map(|action| CloseGap::Unowned(action.number)),
    );
    if postmortem.reviewed.is_none() {
        gaps.push(CloseGap::Review);
    }
    gaps
}

pub(super) fn close(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    if incident.phase != Phase::Learning {
        return Err(Refusal::WrongPhase {
            phase: incident.phase,
            instead: "An incident is closed after it was resolved.",
        });
    }
    let commander = matches!(request.actor, Actor::Person { rank, .. } if rank >= Rank::Commander);
    let entitled = [incident.postmortem.owner, incident.command]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    if !commander
        && let Some(who) = entitled.first()
        && !entitled.contains(&person)
    {
        return Err(Refusal::NotYours {
            who: *who,
            what: "close it",
        });
    }
    let gaps = close_gaps(incident);
    if gaps.is_empty() {
        Ok(vec![Event::Closed])
    } else {
        Err(Refusal::NotReadyToClose(gaps))
    }
}

/// Cause, actions and the decision that none is needed.
pub(super) fn record(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    if matches!(incident.phase, Phase::Closed | Phase::Cancelled) {
        return Err(Refusal::NotLive {
            phase: incident.phase,
        });
    }
    Ok(match &request.command {
        Command::RecordCause {
            trigger,
            cause,
            factors,
            kept_from_worse,
        } => {
            let cause = Cause {
                trigger: written(trigger, "The trigger")?,
                cause: written(cause, "The cause")?,
                factors: factors
                    .iter()
                    .map(|factor| one_line(factor, 300))
                    .filter(|factor| !factor.is_empty())
                    .collect(),
                kept_from_worse: cut(kept_from_worse.trim(), MAX_TEXT_CHARACTERS),
                by: person,
            };
            if incident.postmortem.cause.as_ref() == Some(&cause) {
                Vec::new()
            } else {
                vec![Event::CauseRecorded(cause)]
            }
        }
        Command::AddAction {
            title,
            kind,
            owner,
            due,
        } => {
            let title = one_line(&written(title, "The action")?, 200);
            let known = incident
                .postmortem
                .actions
                .iter()
                .find(|action| action.title == title && action.kind == *kind);
            if let Some(known) = known {
                // Said again, it gets what was missing: an owner or a date.
                let completed = ActionItem {
                    owner: owner.or(known.owner),
                    due: due.or(known.due),
                    ..known.clone()
                };
                return Ok(if completed == *known {
                    Vec::new()
                } else {
                    vec![Event::ActionAdded(completed)]
                });
            }
            let number = incident
                .postmortem
                .actions
                .iter()
                .map(|action| action.number)
                .max()
                .unwrap_or(0)
                + 1;
            vec![Event::ActionAdded(ActionItem {
                number,
                title,
                kind: *kind,
                owner: *owner,
                due: *due,
                wont_do_because: None,
            })]
        }
        Command::WaiveLearning { because } => {
            let because = one_line(&written(because, "The reason")?, 300);
            if incident.postmortem.no_learning_because.as_ref() == Some(&because) {
                Vec::new()
            } else {
                vec![Event::LearningWaived { because }]
            }
        }
        _ => Vec::new(),
    })
}

/// The alert said one thing, the night another: how bad it was is settled by a person who looks back.
pub(super) fn confirm_severity(
    incident: &Incident,
    request: &Request,
    severity: Severity,
) -> Result<Vec<Event>, Refusal> {
    let by = person_of(request)?;
    if incident.phase != Phase::Learning {
        return Err(Refusal::WrongPhase {
            phase: incident.phase,
            instead: "How bad it was is said after *Resolve*, before *Close*.",
        });
    }
    let known = incident.postmortem.severity_final;
    if known.is_some_and(|(known, ..)| known == severity) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::SeverityConfirmed { severity, by }])
}

pub(super) fn mark_reviewed(incident: &Incident, request: &Request) -> Result<Vec<Event>, Refusal> {
    let person = person_of(request)?;
    if incident.phase != Phase::Learning {
        return Err(Refusal::WrongPhase {
            phase: incident.phase,
            instead: "The review follows *Resolve*.",
        });
    }
    if incident.postmortem.reviewed.is_some() {
        return Ok(Vec::new());
    }
    if incident.severity_peak().is_major() && incident.postmortem.cause.is_none() {
        return Err(Refusal::Unusable(
            "There is nothing to review yet: write cause and contributing factors first."
                .to_owned(),
        ));
    }
    Ok(vec![Event::Reviewed { by: person }])
}
