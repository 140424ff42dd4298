//! What a runbook says beside its steps: text under headings that are no phase. It is pinned with the steps, so that it
//! fits them, and read page by page, so that none of it is lost to a limit.

use super::{Checklist, ReferenceSection, Runbook, RunbookId, StepState, Unfilled, Values, fill};

/// The most text of a page, in the units that Discord's limits count at most: a card takes 4,096.
const MAXIMUM_PAGE: usize = 3_500;

/// What opens and closes a block of code.
const FENCE: &str = "```";

impl Checklist {
    /// The reference text of the attached runbooks, in their order.
    pub fn reference_sections(&self) -> Vec<(RunbookId, ReferenceSection)> {
        let of = |pinned: super::PinnedRunbook| {
            let id = pinned.runbook_id;
            pinned
                .reference
                .into_iter()
                .map(move |section| (id.clone(), section))
        };
        self.runbooks().into_iter().flat_map(of).collect()
    }

    /// What a runbook is for, until the first of its steps is done or skipped.
    pub fn opening_meaning(&self, runbook: &RunbookId) -> Option<String> {
        let is_begun = self
            .steps_of(runbook)
            .any(|step| StepState::is_settled(self.state(&step.id)));
        let meaning = self.pinned(runbook)?.meaning;
        (!is_begun && !meaning.trim().is_empty()).then_some(meaning)
    }
}

/// The sections that say something, their placeholders filled as far as that is safe; what stayed open is said below.
pub(super) fn filled_reference(runbook: &Runbook, values: Values<'_>) -> Vec<ReferenceSection> {
    let written = runbook
        .reference
        .iter()
        .filter(|section| !section.text.trim().is_empty());
    written
        .map(|section| {
            let filled = fill(&section.text, values, &runbook.variables);
            let mut notes: Vec<String> = filled.unfilled.iter().map(Unfilled::note).collect();
            notes.sort();
            notes.dedup();
            notes.insert(0, filled.text);
            ReferenceSection {
                title: section.title.clone(),
                text: notes.join("\n\n"),
            }
        })
        .collect()
}

/// A text in pages, all of it: cut between lines, and a block of code that goes on is closed and opened again.
#[must_use]
pub fn pages(text: &str) -> Vec<String> {
    let mut pages = vec![Page::default()];
    for line in text.lines() {
        for piece in pieces(line) {
            let last = pages.len() - 1;
            if !pages[last].takes(piece) {
                let next = pages[last].broken_off();
                pages.push(next);
            }
            if let Some(page) = pages.last_mut() {
                page.add(piece);
            }
        }
    }
    pages.into_iter().map(Page::finished).collect()
}

/// A page that is being filled.
#[derive(Default)]
struct Page {
    text: String,
    units: usize,
    /// The line that opened the block of code that is still open.
    open: Option<String>,
}

impl Page {
    fn takes(&self, line: &str) -> bool {
        self.text.is_empty() || self.units + units(line) < MAXIMUM_PAGE - FENCE.len() - 1
    }

    fn add(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.units += units(line) + 1;
        if let Some(rest) = line.trim_start().strip_prefix(FENCE) {
            self.open = match self.open.take() {
                // One that opens and closes on one line opens nothing.
                None if !rest.trim_start_matches('`').contains('`') => {
                    Some(line.trim_start().chars().take(40).collect())
                }
                _ => None,
            };
        }
    }

    /// The next page, in which the block of code goes on.
    fn broken_off(&self) -> Self {
        let mut next = Self::default();
        if let Some(open) = &self.open {
            next.add(open);
        }
        next
    }

    fn finished(self) -> String {
        match self.open {
            Some(_) => format!("{}\n{FENCE}", self.text),
            None => self.text,
        }
    }
}

/// A line that no page takes whole, in pieces that fit.
fn pieces(line: &str) -> Vec<&str> {
    let most = MAXIMUM_PAGE - 200;
    let mut pieces = Vec::new();
    let (mut from, mut taken) = (0, 0);
    for (at, character) in line.char_indices() {
        if taken + character.len_utf16() > most {
            pieces.push(&line[from..at]);
            (from, taken) = (at, 0);
        }
        taken += character.len_utf16();
    }
    pieces.push(&line[from..]);
    pieces
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything but the fences, which may be opened and closed once more.
    fn words(text: &str) -> String {
        text.lines()
            .filter(|line| !line.trim_start().starts_with(FENCE))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_short_text_is_one_page_and_nothing_is_an_empty_one() {
        assert_eq!(pages("Who owns it?\n\nAda."), ["Who owns it?\n\nAda."]);
        assert_eq!(pages(""), [""]);
    }

    #[test]
    fn every_line_of_a_long_text_stands_on_some_page_and_every_page_fits_a_card() {
        let lines: Vec<String> = (0..400)
            .map(|number| format!("line {number} 🧯 of the text"))
            .collect();
        let text = lines.join("\n");
        let pages = pages(&text);
        assert!(pages.len() > 2);
        assert_eq!(pages.join("\n"), text);
        for page in &pages {
            assert!(units(page) <= MAXIMUM_PAGE, "{}", units(page));
        }
    }

    #[test]
    fn a_block_of_code_that_is_cut_is_closed_and_opened_again() {
        let code: Vec<String> = (0..300).map(|number| format!("select {number};")).collect();
        let text = format!("Look:\n```sql\n{}\n```\nThen wait.", code.join("\n"));
        let pages = pages(&text);
        assert!(pages.len() > 1);
        for page in &pages {
            assert_eq!(page.matches(FENCE).count() % 2, 0, "{page}");
            assert!(units(page) <= MAXIMUM_PAGE);
        }
        assert!(pages[1].starts_with("```sql\nselect "));
        let all: Vec<String> = pages.iter().map(|page| words(page)).collect();
        assert_eq!(all.join("\n"), words(&text));
    }

    #[test]
    fn a_block_that_nobody_closed_ends_with_its_page_and_a_line_without_end_is_cut_not_lost() {
        assert_eq!(pages("```sh\nrm -r x"), ["```sh\nrm -r x\n```"]);
        assert_eq!(pages("```one line``` only"), ["```one line``` only"]);
        let endless = "🧯".repeat(6_000);
        let pages = pages(&endless);
        assert_eq!(pages.concat(), endless);
        assert!(pages.iter().all(|page| units(page) <= MAXIMUM_PAGE));
    }
}
