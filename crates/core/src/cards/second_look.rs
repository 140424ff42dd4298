//! A second pair of eyes for a risky step: the offer, the one button for who is asked, and what they said.

use super::{buttons, line};
use crate::card::{Act, Button, Card, Ping, Press};
use crate::incident::{Incident, cut};
use crate::person::PersonId;
use crate::runbook::{Step, StepId};

fn here(incident: &Incident, act: Act) -> Press {
    Press::in_phase(incident.id, incident.phase, act)
}

fn alone(incident: &Incident, step: &StepId) -> Button {
    Button::risky(
        "Go on alone",
        here(incident, Act::ConfirmStep(step.clone())),
    )
}

/// The second tap of a risky step, with somebody there who could look.
#[must_use]
pub fn confirm_step_with(incident: &Incident, step: &Step, second: PersonId) -> Card {
    let mut card = line(format!(
        "⚠ **{}**\nThis step is risky. Is it really done? {second} is here – ask them to confirm?",
        step.text
    ));
    card.rows = vec![buttons([
        Button::primary("Ask", here(incident, Act::AskSecondLook(step.id.clone()))),
        alone(incident, &step.id),
        Button::plain("Not yet", Press::any_time(incident.id, Act::Dismiss)),
    ])];
    card
}

/// What whoever asked reads while they wait.
#[must_use]
pub fn second_look_waits(incident: &Incident, step: &StepId, of: PersonId) -> Card {
    let mut card = line(format!(
        "{of} is asked in the channel; their *Confirm* ticks it. You can go on at any time."
    ));
    card.rows = vec![buttons([alone(incident, step)])];
    card
}

/// The question. It pings whoever is asked and nobody else.
#[must_use]
pub fn second_look_question(incident: &Incident, step: &Step, by: PersonId, of: PersonId) -> Card {
    Card {
        content: format!(
            "👀 {of}, {by} says that this risky step is done:\n**{}**\nIs it? *Confirm* ticks it for {by}.",
            cut(&step.text, 300)
        ),
        ping: Ping::People(vec![of]),
        rows: vec![buttons([
            Button::primary(
                "Confirm",
                here(incident, Act::ConfirmSecondLook(step.id.clone())),
            ),
            Button::plain("Wait", here(incident, Act::WaitSecondLook(step.id.clone()))),
        ])],
        ..Card::default()
    }
}

/// What was said. Whoever asked waits for it, so a no pings them; one that comes when the step is ticked does, too.
#[must_use]
pub fn second_look_answered(
    incident: &Incident,
    step: &Step,
    (by, asker): (PersonId, PersonId),
    confirmed: bool,
) -> Card {
    let what = cut(&step.text, 300);
    if confirmed {
        line(format!("👀 {by} confirmed what {asker} did: **{what}**"))
    } else {
        let objection = if incident.is_ticked(&step.id) {
            "objects, though it is ticked"
        } else {
            "asks you to wait with this"
        };
        Card {
            content: format!("✋ {asker}, {by} {objection}: **{what}**"),
            ping: Ping::People(vec![asker]),
            ..Card::default()
        }
    }
}
