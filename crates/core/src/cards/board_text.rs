//! The board without an embed, colours or emphasis: one plain line per fact, for screen readers and for exports.

use super::board::board_among;
use crate::card::Card;
use crate::change::ReportedChange;
use crate::incident::Incident;

/// The marks that say in a picture what the words beside them say too.
const PICTURES: [char; 24] = [
    '🔴', '🟠', '🟡', '🔵', '⚪', '⚫', '🔎', '🧯', '🔧', '🧪', '✅', '📘', '👑', '⏰', '⚠', '☑',
    '▢', '❗', '📌', '🛠', '⚖', '🙋', '🟢', '\u{fe0f}',
];

/// The board as plain lines.
#[must_use]
pub fn board_text(incident: &Incident, changes: &[ReportedChange]) -> Card {
    let board = board_among(incident, changes);
    let mut lines = vec![plain_line(&board.title)];
    lines.extend(
        board
            .body
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| {
                // **IMPACT** many cannot order → Impact: many cannot order
                match line
                    .strip_prefix("**")
                    .and_then(|rest| rest.split_once("** "))
                {
                    Some((word, rest)) if word.chars().all(char::is_uppercase) => {
                        format!("{}: {}", capitalised(word), plain_line(rest))
                    }
                    _ => plain_line(line),
                }
            }),
    );
    lines.push(plain_line(&board.footer));
    Card {
        content: lines.join("\n"),
        quiet: true,
        ..Card::default()
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first: String = characters.next().into_iter().collect();
    format!("{first}{}", characters.as_str().to_lowercase())
}

/// A line without emphasis and pictures. Who holds command is said by a picture alone, so that becomes a word.
fn plain_line(line: &str) -> String {
    let spoken = line
        .replace("👑", "in command:")
        .replace(" · ", ", ")
        .replace("☑", "done:")
        .replace("▢", "missing:");
    let kept: String = spoken
        .replace("**", "")
        .chars()
        .filter(|character| !PICTURES.contains(character))
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}
