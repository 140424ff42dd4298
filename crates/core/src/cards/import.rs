//! What an import understood, line by line, before anything of it is written.

use super::spoken::spoken;
use super::{buttons, clock, text_card};
use crate::card::{Act, Button, Card, Press, Tone};
use crate::incident::{Incident, cut};
use crate::timeline::ReadLine;

/// The most lines that are shown of each sort.
const MOST_SHOWN: usize = 20;

/// The preview. `new` is how many lines are not in the timeline yet; `key` finds the notes again.
#[must_use]
pub fn import_preview(incident: &Incident, lines: &[ReadLine], new: usize, key: &str) -> Card {
    let understood: Vec<String> = lines
        .iter()
        .filter_map(|line| line.read.as_ref().ok())
        .map(|line| {
            format!(
                "{} **{}** {}",
                clock(line.at),
                line.kind,
                spoken(&line.text, 80)
            )
        })
        .collect();
    let not: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            Some(format!(
                "line {}: {}",
                line.number,
                line.read.as_ref().err()?
            ))
        })
        .collect();
    let mut body = vec![format!(
        "**{} understood, {new} of them new**",
        understood.len()
    )];
    body.extend(shown(&understood));
    if !not.is_empty() {
        body.push(format!(
            "**{} not understood; they are left out**",
            not.len()
        ));
        body.extend(shown(&not));
    }
    let mut card = text_card(
        format!("{} – import these notes?", incident.id),
        cut(&body.join("\n"), 3_900),
        Tone::Plain,
    );
    let mut row = Vec::new();
    if new > 0 {
        row.push(Button::primary(
            format!("Import {new}"),
            Press::any_time(incident.id, Act::SaveImport(key.to_owned())),
        ));
    }
    row.push(Button::plain(
        "Back",
        Press::any_time(incident.id, Act::Import),
    ));
    card.rows = vec![buttons(row)];
    card
}

fn shown(lines: &[String]) -> Vec<String> {
    let mut shown: Vec<String> = lines.iter().take(MOST_SHOWN).cloned().collect();
    if lines.len() > MOST_SHOWN {
        shown.push(format!("… and {} more", lines.len() - MOST_SHOWN));
    }
    shown
}
