//! Taking a secret out of everything that was stored.
//!
//! A secret that was typed is soon in many places: the line of the timeline, its revisions, the event it came with, the
//! state that the event led to, messages that wait to be sent, drafts of the postmortem. [`Scrub`] takes it out of any
//! stored text or JSON by what it says, not by where it stands, so that no copy is forgotten.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use crate::ids::EntryNumber;
use crate::incident::{Recorded, cut};
use crate::ports::{EntryWrite, StoredEntry};
use crate::secrets;
use crate::timeline::{AttachedFile, Entry, EntryState, FileCopy, MAX_ENTRY_CHARACTERS};

/// The shortest words that are taken out elsewhere, in characters: shorter ones would tear holes into what others said.
pub const SHORTEST_NEEDLE_CHARACTERS: usize = 6;
/// How many characters of longer words, followed by `…`, are still those words.
const SHORTEST_CUT_CHARACTERS: usize = 12;

/// Fields that name things and say nothing: replacing words in them would tear things apart.
const NAMES: [&str; 17] = [
    "is",
    "do",
    "topic",
    "kind",
    "source",
    "target",
    "targets",
    "step",
    "id",
    "runbook_id",
    "content_hash",
    "role",
    "roles",
    "state",
    "fingerprint",
    "group",
    "service",
];

/// Fields in which people, or alerts, speak.
const WORDS: [&str; 14] = [
    "text",
    "note",
    "reason",
    "basis",
    "title",
    "summary",
    "briefing",
    "trigger",
    "cause",
    "because",
    "kept_from_worse",
    "factors",
    "despite",
    "details",
];

/// What is taken out, and what stands there instead.
#[derive(Clone, PartialEq, Eq)]
pub struct Scrub {
    /// The words, the longest first.
    needles: Vec<String>,
    /// What stands there instead.
    replacement: String,
    /// The part of the line that goes; all of it without one.
    selection: Option<String>,
    /// The line that they are taken out of.
    number: EntryNumber,
}

impl std::fmt::Debug for Scrub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Scrub")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Scrub {
    /// What has to go when a line goes, or a part of it.
    ///
    /// `selection` are the words to be taken out; without them it is the whole line, and everything its revisions and
    /// the events of its moment say alike.
    ///
    /// # Errors
    /// A sentence for the person, when the selection is not in the line.
    pub fn of(
        line: &StoredEntry,
        selection: Option<&str>,
        events: &[Recorded],
        replacement: String,
    ) -> Result<Self, String> {
        let entry = &line.entry;
        let number = entry.number.unwrap_or(EntryNumber(0));
        let mut needles = Vec::new();
        let selection = selection.map(str::trim).filter(|words| !words.is_empty());
        match selection {
            Some(words) => {
                let said = |text: &str| text.contains(words);
                if !said(&entry.text) && !entry.revisions.iter().any(|before| said(&before.text)) {
                    return Err(format!(
                        "{number} does not say that: copy the words from the line, or redact all of it."
                    ));
                }
                needles.push(words.to_owned());
            }
            None => {
                let texts = std::iter::once(entry.text.as_str())
                    .chain(entry.revisions.iter().map(|before| before.text.as_str()));
                for text in texts {
                    needles.push(text.trim().to_owned());
                    needles.extend(secrets::find(text).map(|found| found.text.to_owned()));
                }
                needles.extend(
                    events
                        .iter()
                        .filter(|recorded| recorded.at == entry.recorded_at)
                        .flat_map(|recorded| words_of(&recorded.event))
                        .filter(|words| entry.text.contains(words.as_str())),
                );
            }
        }
        needles.retain(|needle| needle.chars().count() >= SHORTEST_NEEDLE_CHARACTERS);
        needles.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        needles.dedup();
        Ok(Self {
            needles,
            replacement,
            selection: selection.map(str::to_owned),
            number,
        })
    }

    /// The line that they are taken out of.
    #[must_use]
    pub fn number(&self) -> EntryNumber {
        self.number
    }

    /// A line that was hidden in part goes for good: what was hidden of it goes with the rest. `whole` is what it said,
    /// `shown` what stands there.
    #[must_use]
    pub fn with_what_was_hidden(mut self, whole: &Entry, shown: &Entry) -> Self {
        let before = whole.revisions.iter().zip(&shown.revisions);
        let texts = std::iter::once((&whole.text, &shown.text))
            .chain(before.map(|(whole, shown)| (&whole.text, &shown.text)));
        for (whole, shown) in texts {
            if let Some(words) = hidden::words_taken_out(whole, shown)
                && words.chars().count() >= SHORTEST_NEEDLE_CHARACTERS
                && !self.needles.iter().any(|needle| needle == words)
            {
                // Behind the longer ones, of which it may be a part.
                self.needles.push(words.to_owned());
            }
        }
        self
    }

    /// Whether one of the words is a secret by its looks, whoever says so.
    #[must_use]
    pub fn is_of_a_secret(&self) -> bool {
        let mut said = self.needles.iter().chain(&self.selection);
        said.any(|words| secrets::name_of_first(words).is_some())
    }

    /// A text without the words; `None` when it does not hold them.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        let mut clean = text.to_owned();
        for needle in &self.needles {
            clean = clean.replace(needle.as_str(), &self.replacement);
            clean = without_the_beginning(&clean, needle, &self.replacement);
        }
        (clean != text).then_some(clean)
    }

    /// Stored JSON without the words; `None` when it does not hold them. `accepts` says whether the outcome can still be
    /// read as what it is: a word that names something and not what somebody said stays.
    #[must_use]
    pub fn json(&self, stored: &str, accepts: impl Fn(&Value) -> bool) -> Option<String> {
        let before: Value = serde_json::from_str(stored).ok()?;
        let mut places = 0;
        let mut clean = before.clone();
        self.walk(&mut clean, &mut |_| {
            places += 1;
            true
        });
        if places == 0 {
            return None;
        }
        if !accepts(&clean) {
            // One place at a time: those that must stay as they are stay.
            clean = before.clone();
            for place in 0..places {
                let mut seen = 0;
                let mut candidate = before.clone();
                let mut kept = clean.clone();
                let only = |seen: &mut usize| {
                    *seen += 1;
                    *seen == place + 1
                };
                self.walk(&mut candidate, &mut |_| only(&mut seen));
                if accepts(&candidate) {
                    merge(&mut kept, &before, &candidate);
                    clean = kept;
                }
            }
        }
        (clean != before).then(|| clean.to_string())
    }

    /// Goes through every string that may hold words, and replaces where `wanted` says so.
    fn walk(&self, value: &mut Value, wanted: &mut impl FnMut(&str) -> bool) {
        match value {
            Value::String(text) => {
                if let Some(clean) = self.text(text)
                    && wanted(text)
                {
                    *text = clean;
                }
            }
            Value::Array(values) => {
                for value in values {
                    self.walk(value, wanted);
                }
            }
            Value::Object(fields) => {
                self.replace_what_the_line_said(fields, wanted);
                for (name, value) in fields.iter_mut() {
                    let is_a_name =
                        NAMES.contains(&name.as_str()) && (value.is_string() || value.is_array());
                    if !is_a_name {
                        self.walk(value, wanted);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// What was learned from the line says it in other words, or in few: it goes because it names the line.
    fn replace_what_the_line_said(
        &self,
        fields: &mut Map<String, Value>,
        wanted: &mut impl FnMut(&str) -> bool,
    ) {
        let is_of_the_line = fields.get("line").and_then(Value::as_i64) == Some(self.number.0);
        if !is_of_the_line || self.selection.is_some() {
            return;
        }
        if let Some(Value::String(text)) = fields.get_mut("text")
            && *text != self.replacement
            && wanted(text)
        {
            self.replacement.clone_into(text);
        }
    }

    /// The lines of a timeline that change: the one that is redacted, and every other that says the same. `state` is
    /// what the redacted ones are afterwards, so that nothing puts the words back.
    #[must_use]
    pub fn lines(&self, timeline: &[StoredEntry], state: &EntryState) -> Vec<EntryWrite> {
        timeline
            .iter()
            .filter_map(|stored| {
                let is_the_line = stored.entry.number == Some(self.number);
                let mut entry = if is_the_line {
                    self.redacted(&stored.entry)
                } else {
                    self.without_copies(&stored.entry)?
                };
                if is_the_line || entry.is_active() {
                    entry.state = state.clone();
                    leave_what_waits(&mut entry);
                }
                Some(EntryWrite::Rewrite {
                    entry,
                    revision: stored.revision,
                })
            })
            .collect()
    }

    /// The line itself: the chosen part, or every word of it, and of what it said before.
    fn redacted(&self, entry: &Entry) -> Entry {
        let mut entry = self.without_copies(entry).unwrap_or_else(|| entry.clone());
        let texts = std::iter::once(&mut entry.text)
            .chain(entry.revisions.iter_mut().map(|before| &mut before.text));
        for text in texts {
            *text = match &self.selection {
                Some(words) => text.replace(words.as_str(), &self.replacement),
                None => self.replacement.clone(),
            };
        }
        // A file that is named goes; without a choice of words, every one.
        entry.files.retain(|file| {
            self.selection.as_ref().is_some_and(|words| {
                !file.name.contains(words.as_str()) && !file.name.contains(&self.replacement)
            })
        });
        if self.selection.is_none() {
            entry.choice = None;
            for before in &mut entry.revisions {
                before.why = None;
            }
        }
        entry.text = cut(&entry.text, MAX_ENTRY_CHARACTERS);
        entry
    }

    /// A line without the words, wherever in it they stand; `None` when it does not hold them.
    fn without_copies(&self, entry: &Entry) -> Option<Entry> {
        let stored = serde_json::to_string(entry).ok()?;
        let clean = self.json(&stored, |value| Entry::deserialize(value).is_ok())?;
        serde_json::from_str(&clean).ok()
    }
}

/// Takes every file out of the lines of a timeline that a redaction takes out of one: `writes` are the lines that it changes,
/// `timeline` is as it was. Returns the hashes of the contents that are destroyed.
#[must_use]
pub fn files_taken_out(
    number: EntryNumber,
    timeline: &[StoredEntry],
    writes: &mut Vec<EntryWrite>,
) -> BTreeSet<String> {
    let hashes = |entry: &Entry| -> BTreeSet<String> {
        let kept = entry.files.iter().filter_map(AttachedFile::sha256);
        kept.map(str::to_owned).collect()
    };
    let mut gone = BTreeSet::new();
    for write in writes.iter() {
        if let EntryWrite::Rewrite { entry, .. } = write
            && let Some(before) = timeline
                .iter()
                .find(|stored| stored.entry.number == entry.number)
        {
            gone.extend(&hashes(&before.entry) - &hashes(entry));
        }
    }
    for stored in timeline {
        let written = writes.iter_mut().find_map(|write| match write {
            EntryWrite::Rewrite { entry, .. } if entry.number == stored.entry.number => Some(entry),
            _ => None,
        });
        match written {
            Some(entry) => leave_out(entry, &gone, number),
            None if hashes(&stored.entry).is_disjoint(&gone) => {}
            None => {
                let mut entry = stored.entry.clone();
                leave_out(&mut entry, &gone, number);
                writes.push(EntryWrite::Rewrite {
                    entry,
                    revision: stored.revision,
                });
            }
        }
    }
    gone
}

/// Nothing is copied any more for a line that is redacted.
fn leave_what_waits(entry: &mut Entry) {
    for file in &mut entry.files {
        if let Some(link) = file.waits_at() {
            file.copy = FileCopy::Left {
                why: "its line was redacted first".to_owned(),
                link: Some(link.to_owned()).filter(|link| !link.is_empty()),
            };
        }
    }
}

/// The same content under another line: the file stays named there, without what it held.
fn leave_out(entry: &mut Entry, gone: &BTreeSet<String>, number: EntryNumber) {
    for file in &mut entry.files {
        if file.sha256().is_some_and(|sha256| gone.contains(sha256)) {
            file.copy = FileCopy::Left {
                why: format!("redacted with {number}"),
                link: None,
            };
        }
    }
}

/// Puts into `kept` what `candidate` changed in `before`.
fn merge(kept: &mut Value, before: &Value, candidate: &Value) {
    match (kept, before, candidate) {
        (Value::Object(kept), Value::Object(before), Value::Object(candidate)) => {
            for (name, value) in kept.iter_mut() {
                if let (Some(before), Some(candidate)) = (before.get(name), candidate.get(name)) {
                    merge(value, before, candidate);
                }
            }
        }
        (Value::Array(kept), Value::Array(before), Value::Array(candidate)) => {
            for ((value, before), candidate) in kept.iter_mut().zip(before).zip(candidate) {
                merge(value, before, candidate);
            }
        }
        (kept, before, candidate) if before != candidate => *kept = candidate.clone(),
        _ => {}
    }
}

/// Long words are shortened where there is little room: their beginning, followed by `…`, goes too.
fn without_the_beginning(text: &str, needle: &str, replacement: &str) -> String {
    let Some((length, _)) = needle.char_indices().nth(SHORTEST_CUT_CHARACTERS) else {
        return text.to_owned();
    };
    let beginning = &needle[..length];
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(beginning) {
        let here = &rest[at..];
        let alike: usize = here
            .chars()
            .zip(needle.chars())
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one.len_utf8())
            .sum();
        if here[alike..].starts_with('…') {
            clean.push_str(&rest[..at]);
            clean.push_str(replacement);
            rest = &here[alike + '…'.len_utf8()..];
        } else {
            clean.push_str(&rest[..at + beginning.len()]);
            rest = &here[beginning.len()..];
        }
    }
    clean.push_str(rest);
    clean
}

/// What people, or alerts, said in an event.
fn words_of(event: &crate::incident::Event) -> Vec<String> {
    let Ok(event) = serde_json::to_value(event) else {
        return Vec::new();
    };
    let mut words = Vec::new();
    collect(&event, false, &mut words);
    words
}

fn collect(value: &Value, speaks: bool, words: &mut Vec<String>) {
    match value {
        Value::String(text) if speaks => words.push(text.trim().to_owned()),
        Value::Array(values) => {
            for value in values {
                collect(value, speaks, words);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                collect(value, WORDS.contains(&name.as_str()), words);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

mod hidden;

#[cfg(test)]
mod tests;
