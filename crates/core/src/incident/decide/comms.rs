//! What people say: the impact, their guesses, an estimate, and the word to the stakeholders.

use chrono::TimeDelta;

use super::{cut, may_command, must_be_live, one_line, person_of, written};
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::facts::{Confidence, Estimate, HypothesisState, MilestoneName};
use crate::incident::policy::Policy;
use crate::incident::refusal::Refusal;
use crate::incident::state::{Incident, UpdateKind, Visibility};
use crate::phase::Phase;
use crate::role::Role;
use crate::update::with_promise;

/// The longest update that is sent, in characters: it must fit into one message everywhere.
const MAX_UPDATE_CHARACTERS: usize = 1_800;

/// The longest promise: one day.
const MAX_PROMISE_MINUTES: u32 = 24 * 60;

/// Refuses once nobody is told any more: while it is live, and in learning, where the all-clear and the postmortem still
/// need the words.
pub(in crate::incident) fn still_told(incident: &Incident) -> Result<(), Refusal> {
    if incident.phase == Phase::Learning {
        Ok(())
    } else {
        must_be_live(incident)
    }
}

pub(super) fn describe_impact(incident: &Incident, text: &str) -> Result<Vec<Event>, Refusal> {
    still_told(incident)?;
    let text = cut(&written(text, "The impact")?, 300);
    if incident.impact_text.as_ref() == Some(&text) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ImpactDescribed { text }])
}

pub(super) fn state_hypothesis(incident: &Incident, text: &str) -> Result<Vec<Event>, Refusal> {
    still_told(incident)?;
    let text = one_line(&written(text, "The guess")?, 300);
    if incident
        .hypotheses
        .iter()
        .any(|known| known.text == text && known.state != HypothesisState::Refuted)
    {
        return Ok(Vec::new());
    }
    Ok(vec![Event::HypothesisStated { text }])
}

pub(super) fn give_estimate(
    incident: &Incident,
    request: &Request,
    low_minutes: u32,
    high_minutes: u32,
    basis: &str,
    confidence: Confidence,
) -> Result<Vec<Event>, Refusal> {
    must_be_live(incident)?;
    let low_minutes = low_minutes.min(high_minutes);
    if high_minutes == 0 || high_minutes > 7 * 24 * 60 {
        return Err(Refusal::Unusable(
            "An estimate is a range of minutes between 1 minute and 7 days, such as 15–30."
                .to_owned(),
        ));
    }
    let basis = one_line(&written(basis, "The basis of the estimate")?, 200);
    Ok(vec![Event::EstimateGiven(Estimate {
        low_minutes,
        high_minutes,
        basis,
        confidence,
        given_at: request.at,
    })])
}

/// What a text begins with that is to be sent although it looks like it holds a secret.
const ANYWAY: &str = "anyway:";

pub(super) fn send_update(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
    kind: UpdateKind,
    text: &str,
    next_in_minutes: Option<u32>,
) -> Result<Vec<Event>, Refusal> {
    if kind == UpdateKind::Holding {
        return Err(Refusal::Unusable(
            "The first note goes out by itself. Send an update instead.".to_owned(),
        ));
    }
    let person = person_of(request)?;
    let over = matches!(incident.phase, Phase::Learning | Phase::Closed);
    if kind == UpdateKind::AllClear {
        if !over {
            return Err(Refusal::WrongPhase {
                phase: incident.phase,
                instead: "The all-clear goes out after *Resolve*.",
            });
        }
        if incident
            .milestones
            .at(MilestoneName::AllClearSent)
            .is_some()
        {
            return Ok(Vec::new());
        }
    } else {
        must_be_live(incident)?;
    }
    if !incident.writes_to_stakeholders(person)
        && let Some(holder) = incident.command
        && !may_command(incident, request)
    {
        let has_lead = incident.holder(Role::Communications).is_some();
        return Err(Refusal::NotSender {
            holder,
            also: if has_lead {
                Role::Communications
            } else {
                Role::Bridge
            },
        });
    }
    // The same card pressed twice sends once, whoever presses.
    let just_sent = incident
        .updates
        .last()
        .filter(|last| kind != UpdateKind::AllClear && request.at - last.at < policy.double_press);
    if let Some(last) = just_sent
        && let Some(by) = last.by
    {
        return if by == person && last.kind == kind {
            Ok(Vec::new())
        } else {
            Err(Refusal::JustSent { by, at: last.at })
        };
    }
    let (text, is_meant) = match text.trim().strip_prefix(ANYWAY) {
        Some(text) => (text, true),
        None => (text, false),
    };
    let text = cut(text.trim(), MAX_UPDATE_CHARACTERS);
    if let Some((class, name)) = policy.secrets.first(&text).filter(|_| !is_meant) {
        return Err(Refusal::LooksSecret {
            what: class.words(),
            name,
        });
    }
    if text.is_empty() {
        return Err(Refusal::Unusable(
            "The update is empty: write what is broken and what is being done.".to_owned(),
        ));
    }
    let next_due = if kind == UpdateKind::AllClear {
        None
    } else {
        let usual = policy.cadence(incident.severity, incident.is_mitigated());
        let minutes = next_in_minutes.or(usual);
        if minutes.is_some_and(|minutes| minutes == 0 || minutes > MAX_PROMISE_MINUTES) {
            return Err(Refusal::Unusable(
                "Promise the next update within 1 minute to 24 hours.".to_owned(),
            ));
        }
        minutes.map(|minutes| request.at + TimeDelta::minutes(i64::from(minutes)))
    };
    let text = match kind {
        UpdateKind::AllClear => text,
        _ => with_promise(&text, next_due),
    };
    Ok(vec![Event::UpdateSent {
        kind,
        text,
        next_due,
        // What only few may know is told to nobody outside: it stands in the channel.
        targets: match incident.visibility {
            Visibility::Restricted => Vec::new(),
            Visibility::Normal => policy.update_targets.clone(),
        },
    }])
}
