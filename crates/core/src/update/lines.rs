//! The lines of a draft, shortened together: what must be said always fits.

use super::MAX_DRAFT_CHARACTERS;
use super::outward::cut_at_sentence;
use super::promise::MAX_PROMISE_CHARACTERS;

/// A line of a draft: what must stand there, around words of people that can be shortened.
pub(super) struct Line {
    pub(super) before: String,
    /// Each is kept or left out as a whole, the oldest first; only the newest may be cut.
    pub(super) words: Vec<String>,
    pub(super) after: String,
}

impl Line {
    /// Its words within so many characters.
    fn within(&self, most: usize) -> String {
        let Some(newest) = self.words.last() else {
            return String::new();
        };
        let mut kept = cut_at_sentence(newest, most);
        for words in self.words.iter().rev().skip(1) {
            if characters(words) + 1 + characters(&kept) > most {
                break;
            }
            kept = format!("{words} {kept}");
        }
        kept
    }

    fn length_of_words(&self) -> usize {
        characters(&self.words.join(" "))
    }
}

pub(super) fn fixed(text: String) -> Line {
    Line {
        before: text,
        words: Vec::new(),
        after: String::new(),
    }
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

/// Puts the lines together within the limit, with room for the promise. Words that are short keep their length; the long
/// ones share what is left.
pub(super) fn fitted(lines: Vec<Line>) -> String {
    let needed: usize = lines
        .iter()
        .map(|line| characters(&line.before) + characters(&line.after) + 1)
        .sum();
    let mut room = MAX_DRAFT_CHARACTERS.saturating_sub(needed + MAX_PROMISE_CHARACTERS);
    let mut lengths: Vec<usize> = lines.iter().map(Line::length_of_words).collect();
    lengths.retain(|length| *length > 0);
    lengths.sort_unstable();
    let mut share = room;
    let mut left = lengths.len();
    for length in lengths {
        share = room / left;
        if length > share {
            break;
        }
        room -= length;
        left -= 1;
        share = room;
    }
    let texts: Vec<String> = lines
        .iter()
        .map(|line| format!("{}{}{}", line.before, line.within(share), line.after))
        .collect();
    texts.join("\n")
}
