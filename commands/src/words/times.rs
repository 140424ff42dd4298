//! The form that corrects a milestone, and what it would change.

use bridgewatch_core::cards::{self, Correction};
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::incident::{
    Actor, Command, Expectation, MilestoneName, Request, effects, previewed,
};
use bridgewatch_core::ports::Heard;
use bridgewatch_core::timeline::{Kind, Precision, Signal, said_alone, typed_time};

use super::Fields;
use crate::card::cut;
use crate::forms::Field;
use crate::press::{Asker, no_entry, unheard};
use crate::reply::{Reply, Told, say};

/// The longest link to what shows a time.
const MAX_EVIDENCE: u16 = 500;

/// The form that corrects a milestone.
pub(super) async fn form(
    asker: &Asker<'_>,
    name: MilestoneName,
) -> Result<(String, Vec<Field>), Reply> {
    let view = asker.view().await?;
    view.incident
        .may_correct(name)
        .map_err(|refusal| say(refusal.to_string()))?;
    let zone = asker.zone();
    let known = view.incident.milestones.current(name);
    let at = known.map(|known| typed_time(known.at, zone));
    let evidence = known.and_then(|known| known.evidence);
    Ok((
        cut(&format!("When: {}", name.title()), 45),
        vec![
            Field::line("at", &cut(&format!("Time ({zone})"), 45), 30)
                .with(at.unwrap_or_default())
                .hint("02:53, 02:53:10, yesterday 23:50 or 2026-11-21 02:53"),
            Field::line("sure", "How sure: exact, minute or estimate", 10)
                .with("minute")
                .optional(),
            Field::line("evidence", "What shows it: T-14 or a link", MAX_EVIDENCE)
                .with(evidence.map_or_else(String::new, |number| number.to_string()))
                .optional(),
        ],
    ))
}

/// A corrected time: what it would change is shown first.
pub(super) async fn corrected(asker: &Asker<'_>, name: MilestoneName, fields: &Fields<'_>) -> Told {
    let desk = &asker.data.desk;
    let now = desk.now();
    let view = asker.view().await?;
    let said = said_alone(fields.text("at"), asker.zone(), now)
        .map_err(|problem| say(format!("{problem}.")))?;
    let precision = how_sure(fields.text("sure"))?;
    let mut correction = Correction {
        name,
        at: said.at,
        precision,
        evidence: None,
    };
    let request = |correction: &Correction| Request {
        actor: Actor::Person {
            id: asker.who.id,
            rank: asker.who.rank,
        },
        at: now,
        expects: Expectation::default(),
        command: Command::CorrectMilestone {
            name: correction.name,
            at: correction.at,
            precision: correction.precision,
            evidence: correction.evidence,
        },
        last_prompts: std::collections::BTreeMap::new(),
    };
    // A refused time must leave no evidence behind.
    previewed(&view.incident, &request(&correction), &desk.policy())
        .map_err(|refusal| say(refusal.to_string()))?;
    correction.evidence = evidence(asker, fields.text("evidence")).await?;
    let after = previewed(&view.incident, &request(&correction), &desk.policy())
        .map_err(|refusal| say(refusal.to_string()))?;
    match after {
        Some(after) => {
            let effects = effects(&view.incident, &after, now);
            Ok(Reply::Private(cards::correction(
                &view.incident,
                &correction,
                &effects,
            )))
        }
        None => Ok(say(format!("*{}* says so already.", name.title()))),
    }
}

fn how_sure(text: &str) -> Result<Precision, Reply> {
    match text.to_lowercase().as_str() {
        "" | "minute" => Ok(Precision::Minute),
        "exact" => Ok(Precision::Exact),
        "estimate" | "about" => Ok(Precision::Approximate),
        _ => Err(say(format!(
            "`{}` is not how sure you are: write exact, minute or estimate.",
            cut(text, 30).replace('`', "'")
        ))),
    }
}

/// The entry that shows a time. A link becomes an entry of its own, so that it can be found and is kept.
async fn evidence(asker: &Asker<'_>, text: &str) -> Result<Option<EntryNumber>, Reply> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.trim_start_matches(['T', 't', '-']);
    if let Ok(number) = number.parse().map(EntryNumber) {
        let entries = asker.entries().await?;
        let exists = entries.iter().any(|entry| entry.number == Some(number));
        return if exists {
            Ok(Some(number))
        } else {
            Err(no_entry(number))
        };
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Err(say(
            "What shows it is an entry, such as T-14, or a link that begins with https://.",
        ));
    }
    let signal = Signal::Typed {
        by: asker.who.id,
        kind: Some(Kind::Evidence),
        text: text.to_owned(),
        at: None,
        choice: None,
    };
    match asker.hear(signal).await {
        Heard::Stored(stored) | Heard::Doubted { stored, .. } => Ok(stored.entry.number),
        Heard::Nothing => Ok(None),
        other => Err(unheard(other)),
    }
}
