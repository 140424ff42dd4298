//! Key times and measures: what the milestones say, and what follows from them by subtraction. A measure whose times
//! contradict each other has no value; it is never negative.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Material;
use super::people;
use super::words::{active, cell, duration, full_time, precision, question, time};
use crate::incident::{MEASURES, MilestoneName};
use crate::severity::Severity;
use crate::timeline::{Kind, Precision, Who};

pub(super) fn key_times(material: &Material) -> String {
    let incident = &material.incident;
    let mut text = String::from("| Milestone | Time (UTC) | Precision |\n|---|---|---|\n");
    let names = [
        MilestoneName::ImpactStart,
        MilestoneName::Detected,
        MilestoneName::AlertReceived,
        MilestoneName::Declared,
        MilestoneName::PagedFirst,
        MilestoneName::Acknowledged,
        MilestoneName::FirstRoleFilled,
        MilestoneName::AllRolesFilled,
        MilestoneName::FirstInternalUpdate,
        MilestoneName::CauseIdentified,
        MilestoneName::MitigationStarted,
        MilestoneName::FixApplied,
        MilestoneName::Mitigated,
        MilestoneName::Resolved,
        MilestoneName::AllClearSent,
        MilestoneName::Closed,
    ];
    for name in names {
        if let Some(milestone) = incident.milestones.current(name) {
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                name.title(),
                full_time(milestone.at),
                precision(milestone.precision)
            ));
        }
    }
    text.push_str("\n| Measure | Value | Mind |\n|---|---|---|\n");
    let at = |name| incident.milestones.at(name);
    let estimated = incident
        .milestones
        .current(MilestoneName::ImpactStart)
        .is_some_and(|start| start.precision == Precision::Approximate);
    for measure in MEASURES {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            measure.title,
            measure.of(incident).words(),
            measure.mind
        ));
    }
    let first_act = active(material)
        .filter(|entry| {
            matches!(entry.kind, Kind::Action | Kind::Observation)
                && matches!(entry.who, Who::Person { .. })
        })
        .map(|entry| entry.recorded_at)
        .min();
    let value = match first_act.zip(at(MilestoneName::Acknowledged)) {
        Some((act, acknowledged)) if act >= acknowledged => duration(act - acknowledged),
        Some(_) => "– (it lies before acknowledged)".to_owned(),
        None if at(MilestoneName::Acknowledged).is_none() => {
            "– (not noted: acknowledged)".to_owned()
        }
        None => "– (nobody noted an action or observation)".to_owned(),
    };
    text.push_str(&format!(
        "| Time to first responder action | {value} | depends on what was noted |\n"
    ));
    for (severity, length) in time_in_severities(material) {
        text.push_str(&format!(
            "| Time as {severity} | {} | a severity is a judgement |\n",
            duration(length)
        ));
    }
    for row in people::rows(material) {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            row.title, row.value, row.mind
        ));
    }
    text.push_str(&format!(
        "| Turn-backs | {} | not a fault |\n",
        incident.turn_backs
    ));
    text.push('\n');
    text.push_str(&estimates(material));
    if estimated {
        text.push_str(&question(
            "When did the first user notice? Confirm or correct the impact start.",
        ));
    }
    text
}

/// How long it had each severity until it was resolved.
fn time_in_severities(material: &Material) -> BTreeMap<Severity, TimeDelta> {
    let incident = &material.incident;
    let end = incident
        .milestones
        .at(MilestoneName::Resolved)
        .unwrap_or(material.now);
    let mut lengths = BTreeMap::new();
    for (index, span) in incident.severities.iter().enumerate() {
        let until = incident
            .severities
            .get(index + 1)
            .map_or(end, |next| next.since);
        if until > span.since {
            *lengths.entry(span.severity).or_insert_with(TimeDelta::zero) += until - span.since;
        }
    }
    lengths
}

/// What was estimated, beside what came true.
fn estimates(material: &Material) -> String {
    let incident = &material.incident;
    if incident.estimates.is_empty() {
        return String::new();
    }
    let end = incident
        .milestones
        .at(MilestoneName::Mitigated)
        .or_else(|| incident.milestones.at(MilestoneName::Resolved));
    let mut text = String::from(
        "| Estimate given | Said | Basis | Confidence | It took | Fits |\n|---|---|---|---|---|---|\n",
    );
    for estimate in &incident.estimates {
        let took = end.map(|end| end - estimate.given_at);
        let fits = took.map_or("–", |took| {
            let minutes = took.num_minutes();
            if minutes < i64::from(estimate.low_minutes) {
                "sooner"
            } else if minutes <= i64::from(estimate.high_minutes) {
                "yes"
            } else {
                "later"
            }
        });
        text.push_str(&format!(
            "| {} | {}–{} min | {} | {} | {} | {fits} |\n",
            time(material, estimate.given_at),
            estimate.low_minutes,
            estimate.high_minutes,
            cell(material, &estimate.basis),
            estimate.confidence.id(),
            took.map_or_else(|| "–".to_owned(), duration)
        ));
    }
    text.push('\n');
    text
}
