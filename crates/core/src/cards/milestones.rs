//! The times that metrics are made of: all of them in order with what they rest on, one to correct, and what a correction
//! changes before it is saved.

use super::{buttons, clock, relative, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row, Tone};
use crate::ids::EntryNumber;
use crate::incident::{
    Effects, Incident, MEASURES, Milestone, MilestoneName, MilestoneSource, contradictions,
};
use crate::timeline::Precision;
use chrono::{DateTime, Utc};

/// Every milestone in the order of its time, what it rests on, and what follows from it; a menu corrects one.
#[must_use]
pub fn milestones(incident: &Incident) -> Card {
    let mut known: Vec<&Milestone> = MilestoneName::ALL
        .into_iter()
        .filter_map(|name| incident.milestones.current(name))
        .collect();
    known.sort_by_key(|milestone| milestone.at);
    let mut body: Vec<String> = known.iter().map(|milestone| line(milestone)).collect();
    let wrong = contradictions(incident);
    if !wrong.is_empty() {
        body.push(String::new());
        body.extend(wrong.iter().map(|pair| contradiction(*pair)));
    }
    body.push(String::new());
    body.extend(
        MEASURES
            .iter()
            .map(|measure| format!("{}: **{}**", measure.title, measure.of(incident).words())),
    );
    let mut card = text_card(
        format!("{} – times", incident.id),
        body.join("\n"),
        Tone::Plain,
    );
    card.footer = "“≥” stands where impact start is an estimate".to_owned();
    let can: Vec<MenuOption> = MilestoneName::ALL
        .into_iter()
        .filter(|name| incident.may_correct(*name).is_ok())
        .map(|name| MenuOption {
            value: name.id().to_owned(),
            label: name.title().to_owned(),
            description: match incident.milestones.at(name) {
                Some(at) => format!("{} UTC", at.format("%Y-%m-%d %H:%M")),
                None => "not noted".to_owned(),
            },
        })
        .collect();
    let any = |act| Press::any_time(incident.id, act);
    if !can.is_empty() {
        card.rows.push(Row::Menu(Menu {
            hint: "Correct a time…".to_owned(),
            options: can,
            most: 1,
            press: any(Act::ChooseMilestone),
        }));
    }
    card.rows
        .push(buttons([Button::plain("Timeline", any(Act::Timeline))]));
    card
}

fn line(milestone: &Milestone) -> String {
    let rests_on = match milestone.source {
        MilestoneSource::Alert => "the alert's own time".to_owned(),
        MilestoneSource::Button => "a button".to_owned(),
        MilestoneSource::System => "my clock".to_owned(),
        MilestoneSource::Human => "a correction".to_owned(),
    };
    let by = milestone
        .set_by
        .map(|person| format!(" by {person}"))
        .unwrap_or_default();
    let evidence = milestone
        .evidence
        .map(|number| format!(", see {number}"))
        .unwrap_or_default();
    let precision = match milestone.precision {
        Precision::Exact => "",
        Precision::Minute => ", to the minute",
        Precision::Approximate => ", an estimate",
    };
    format!(
        "{} **{}**{precision} – {rests_on}{by}{evidence}",
        clock(milestone.at),
        milestone.name.title()
    )
}

fn contradiction((first, then): (MilestoneName, MilestoneName)) -> String {
    format!(
        "⚠ {} lies after {}: what is measured between them has no value.",
        first.title(),
        then.title()
    )
}

/// A correction that waits to be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which milestone.
    pub name: MilestoneName,
    /// The time it gets.
    pub at: DateTime<Utc>,
    /// How exactly that is known.
    pub precision: Precision,
    /// The entry that shows it.
    pub evidence: Option<EntryNumber>,
}

/// What a correction changes, with the choice to save it or not.
#[must_use]
pub fn correction(incident: &Incident, correction: &Correction, effects: &Effects) -> Card {
    let before = match incident.milestones.at(correction.name) {
        Some(at) => format!("{} → ", clock(at)),
        None => String::new(),
    };
    let mut body = vec![format!(
        "**{}** {before}**{}** ({} UTC, {}){}",
        correction.name.title(),
        clock(correction.at),
        correction.at.format("%Y-%m-%d %H:%M"),
        relative(correction.at),
        correction
            .evidence
            .map(|number| format!(", see {number}"))
            .unwrap_or_default()
    )];
    let changes = effects
        .measures
        .iter()
        .map(|(title, before, after)| format!("{title} {before} → **{after}**"));
    body.extend(changes);
    if let Some((before, after)) = &effects.impact {
        body.push(format!("Users hurt for {before} → **{after}**"));
    }
    if effects.measures.is_empty() && effects.impact.is_none() {
        body.push("No measure changes.".to_owned());
    }
    body.extend(
        effects
            .contradictions
            .iter()
            .map(|pair| contradiction(*pair)),
    );
    let mut card = text_card(
        format!("{} – save this time?", incident.id),
        body.join("\n"),
        Tone::Plain,
    );
    card.rows = vec![buttons([
        Button::primary(
            "Save",
            Press::any_time(
                incident.id,
                Act::SaveMilestone {
                    name: correction.name,
                    seconds: correction.at.timestamp(),
                    precision: correction.precision,
                    evidence: correction.evidence,
                },
            ),
        ),
        Button::plain("Back", Press::any_time(incident.id, Act::Milestones)),
    ])];
    card
}
