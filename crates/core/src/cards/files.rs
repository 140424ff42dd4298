//! Files that hang on lines of the timeline.

use super::line;
use super::spoken::spoken;
use crate::card::Card;
use crate::ids::EntryNumber;
use crate::timeline::{AttachedFile, FileCopy, readable_size};

/// The most of a file's name that is shown, in characters.
const MOST_OF_A_NAME: usize = 80;

/// A file that is not kept, said once: its link will expire.
#[must_use]
pub fn file_left(number: EntryNumber, file: &AttachedFile, why: &str) -> Card {
    line(format!(
        "📎 {number}: {} ({}) is not copied: {why}. Discord's link to it expires within a day: keep it elsewhere, and say \
         where with `/inc log`.",
        spoken(&file.name, MOST_OF_A_NAME),
        readable_size(file.size_bytes)
    ))
}

/// A file on the card of its line.
pub(super) fn file_words(file: &AttachedFile) -> String {
    let sign = match file.copy {
        FileCopy::Waiting { .. } => "…",
        FileCopy::Kept { .. } => "✓",
        FileCopy::Left { .. } => "✗",
    };
    format!(
        "📎 {} {sign} {}",
        spoken(&file.name, MOST_OF_A_NAME),
        spoken(&file.words(), 300)
    )
}
