//! What `/admin check` answers.

use super::text_card;
use crate::card::{Card, Tone};
use crate::incident::cut;
use crate::ports::Checked;

/// The most text of a card.
const MOST_CHARACTERS: usize = 4_000;

/// What is wrong first, each line with its mend; then what is fine.
#[must_use]
pub fn checkup(found: &[Checked]) -> Card {
    let (wrong, fine): (Vec<&Checked>, Vec<&Checked>) =
        found.iter().partition(|checked| checked.mend.is_some());
    let lines: Vec<String> = wrong
        .iter()
        .chain(&fine)
        .map(|checked| match &checked.mend {
            Some(mend) => format!("✗ **{}**\n　→ {mend}", checked.what),
            None => format!("✓ {}", checked.what),
        })
        .collect();
    let (title, tone) = match wrong.len() {
        0 => ("Everything I need is there".to_owned(), Tone::Good),
        1 => ("1 thing to mend".to_owned(), Tone::Major),
        several => (format!("{several} things to mend"), Tone::Major),
    };
    text_card(title, cut(&lines.join("\n"), MOST_CHARACTERS), tone)
}
