//! What several runbooks share is written once: `<!-- include: common/communication.md -->` on a line of its own stands for
//! the text of that file. One level deep, and never a file outside the team's folder.
//!
//! The text is put in before anything is read, so limits count the whole. Findings know for each byte which file it came
//! from.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

use super::attributes::{comment_text, include_target};
use super::finding::{Finding, FindingSeverity, Findings, Piece, Place, Source};

/// A file below the runbooks' folder: its name in findings and its text, or why it cannot be used.
pub type Includable = Result<(String, String), String>;

/// The files of a team's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// The runbooks: name in findings, and text.
    pub runbooks: Vec<(String, String)>,
    /// What runbooks may include, by the path that an include names: `common/communication.md`.
    pub includable: BTreeMap<String, Includable>,
    /// The paths of every file in the folder and below, as a link in a runbook names them. Empty when nobody looked: then
    /// only links to neighbours can be judged.
    pub paths: BTreeSet<String>,
}

impl From<Vec<(String, String)>> for Folder {
    fn from(runbooks: Vec<(String, String)>) -> Folder {
        Folder {
            runbooks,
            ..Folder::default()
        }
    }
}

/// A text with its includes put in.
pub(super) struct Expanded {
    pub(super) text: String,
    pub(super) sources: Vec<Source>,
    pub(super) pieces: Vec<Piece>,
    /// What is wrong with the includes themselves.
    pub(super) findings: Vec<Finding>,
    /// The texts that were put in, in their order.
    pub(super) included: Vec<String>,
}

/// Line endings as everything else here expects them.
pub(super) fn unified(text: &str) -> String {
    text.strip_prefix('\u{feff}')
        .unwrap_or(text)
        .replace("\r\n", "\n")
}

/// Puts in what the text asks for. What cannot be put in is left out, with a finding.
pub(super) fn expand(text: &str, includable: &BTreeMap<String, Includable>) -> Expanded {
    let mut expanded = Expanded {
        text: String::with_capacity(text.len()),
        sources: vec![Source::of(None, text)],
        pieces: vec![Piece::at(0, 0, 0)],
        findings: Vec::new(),
        included: Vec::new(),
    };
    let mut copied = 0;
    for (range, target) in includes(text) {
        expanded.copy(text, copied..range.start);
        let wrong = |within: Option<&str>, place: Place, message: String, mend: String| Finding {
            severity: FindingSeverity::Error,
            within: within.map(str::to_owned),
            line: place.line,
            column: place.column,
            message,
            mend,
        };
        match usable(&target, includable) {
            Ok((name, included)) if unified(included).starts_with("---\n") => {
                let message = "an included file has no head between two --- lines".to_owned();
                let mend = "Remove it: what is included is only text".to_owned();
                let finding = wrong(Some(name), Place::START, message, mend);
                expanded.findings.push(finding);
            }
            Ok((name, included)) => expanded.put_in(name, &unified(included), range.start),
            Err((message, mend)) => {
                let place = Findings::in_one_file(text).place(range.start);
                expanded.findings.push(wrong(None, place, message, mend));
            }
        }
        copied = range.end;
    }
    expanded.copy(text, copied..text.len());
    expanded
}

impl Expanded {
    fn copy(&mut self, text: &str, range: Range<usize>) {
        self.pieces.push(Piece::at(self.text.len(), 0, range.start));
        self.text.push_str(&text[range]);
    }

    /// Blank lines around it keep what is put in from continuing the paragraph before it.
    fn put_in(&mut self, name: &str, included: &str, at: usize) {
        self.pieces.push(Piece::at(self.text.len(), 0, at));
        self.text.push('\n');
        self.pieces
            .push(Piece::at(self.text.len(), self.sources.len(), 0));
        self.sources
            .push(Source::of(Some(name.to_owned()), included));
        self.text.push_str(included);
        self.text.push_str("\n\n");
        self.included.push(included.to_owned());
    }
}

/// The comments on lines of their own that ask for a file, outside lists and code, in their order.
fn includes(text: &str) -> Vec<(Range<usize>, String)> {
    if !text.contains("include") {
        return Vec::new();
    }
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::HtmlBlock) if depth == 0 => {
                let target = comment_text(&text[range.clone()]).and_then(include_target);
                found.extend(target.map(|target| (range, target.to_owned())));
                depth += 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

fn usable<'folder>(
    target: &str,
    includable: &'folder BTreeMap<String, Includable>,
) -> Result<(&'folder str, &'folder str), (String, String)> {
    const INSIDE: &str =
        "Name a file in a folder below the runbooks, such as common/communication.md";
    let is_plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let shown: String = target.chars().take(80).collect();
    if !target.split('/').all(is_plain) || !target.ends_with(".md") {
        return Err((
            format!("`{shown}` is no file that a runbook may include"),
            INSIDE.to_owned(),
        ));
    }
    match includable.get(target) {
        Some(Ok((name, text))) => Ok((name, text)),
        Some(Err(why)) => Err((
            format!("`{shown}` cannot be included: {why}"),
            INSIDE.to_owned(),
        )),
        None => Err((
            format!("there is no `{shown}` to include"),
            format!("Correct the name. {INSIDE}"),
        )),
    }
}

/// What is said about an include that was not put in because of where it stands.
pub(super) fn misplaced(place: Place, target: &str) -> (String, &'static str) {
    if place.source == 0 {
        let message = format!("`{target}` is not included: the comment belongs to something else");
        (
            message,
            "Put the comment on a line of its own, at the left margin",
        )
    } else {
        let message =
            format!("`{target}` is not included: an included file includes nothing further");
        (message, "Include it from the runbook itself")
    }
}
