//! Did it help? One question to whoever did something, five minutes later, answered with one tap.

use chrono::{DateTime, Utc};

use super::spoken::spoken;
use super::{buttons, clock, line};
use crate::card::{Act, Button, Card, Ping, Press};
use crate::incident::{EffectQuestion, Incident, NOT_SHOWN, Outcome};
use crate::person::PersonId;
use crate::phase::Phase;

/// The question. It pings whoever did it and nobody else.
#[must_use]
pub fn effect_question(incident: &Incident, question: &EffectQuestion) -> Card {
    let answer = |outcome| Press::any_time(incident.id, Act::EffectIs(question.number, outcome));
    let what = if question.about.what == NOT_SHOWN {
        "what you did".to_owned()
    } else {
        format!("\"{}\"", spoken(&question.about.what, 120))
    };
    Card {
        content: format!(
            "{} Effect of {what}? Done {}.",
            question.about.by,
            clock(question.about.at)
        ),
        ping: Ping::People(vec![question.about.by]),
        rows: vec![buttons([
            Button::good(Outcome::Better.words(), answer(Outcome::Better)),
            Button::plain(Outcome::NoChange.words(), answer(Outcome::NoChange)),
            Button::risky(Outcome::Worse.words(), answer(Outcome::Worse)),
        ])],
        ..Card::default()
    }
}

/// What whoever did something reads at once: that nothing has to be said yet.
#[must_use]
pub fn effect_announced(now: DateTime<Utc>, asked_at: DateTime<Utc>) -> String {
    let minutes = (asked_at - now).num_seconds().max(0).div_euclid(60)
        + i64::from((asked_at - now).num_seconds() % 60 > 0);
    format!("Effect? In {minutes} min I ask again.")
}

/// What was answered. What made it worse comes with the two ways on.
#[must_use]
pub fn effect_answered(
    incident: &Incident,
    question: &EffectQuestion,
    outcome: Outcome,
    by: Option<PersonId>,
) -> Card {
    let mark = match outcome {
        Outcome::Better => "📈",
        Outcome::NoChange => "➖",
        Outcome::Worse => "📉",
    };
    let who = by.map(|by| format!(" ({by})")).unwrap_or_default();
    let mut card = line(format!(
        "{mark} **{}** after \"{}\"{who}",
        outcome.words(),
        spoken(&question.about.what, 120)
    ));
    if outcome == Outcome::Worse {
        card.rows = vec![buttons(ways_on(incident, question.number))];
    }
    card
}

/// What can be done about something that made it worse.
#[must_use]
pub fn ways_on(incident: &Incident, number: u32) -> Vec<Button> {
    let mut ways = vec![Button::primary(
        "Undo it",
        Press::any_time(incident.id, Act::TakeBack(number)),
    )];
    if incident.is_active() && incident.phase != Phase::Diagnosis {
        ways.push(Button::plain(
            "Back to diagnosis",
            Press::in_phase(incident.id, incident.phase, Act::Move(Phase::Diagnosis)),
        ));
    }
    ways
}

/// Somebody takes it back.
#[must_use]
pub fn taken_back_line(question: &EffectQuestion, by: Option<PersonId>) -> Card {
    let who = by.map(|by| format!(" ({by})")).unwrap_or_default();
    line(format!(
        "↩ Takes back: {}{who}",
        spoken(&question.about.what, 120)
    ))
}
