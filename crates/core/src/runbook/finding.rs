//! What is wrong with a runbook file, where, and how to mend it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingSeverity {
    /// The file is not used until this is mended.
    Error,
    /// The file is used; somebody should look.
    Warning,
}

/// One thing to mend in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub severity: FindingSeverity,
    /// The included file that it stands in; `None`: the file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// What is wrong: a sentence without its full stop.
    pub message: String,
    /// What to do about it: a sentence without its full stop.
    pub mend: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            FindingSeverity::Error => "error",
            FindingSeverity::Warning => "warning",
        };
        write!(
            f,
            "{}:{}: {severity}: {}. {}.",
            self.line, self.column, self.message, self.mend
        )
    }
}

/// Everything found in one file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct FileFindings {
    pub file: String,
    pub findings: Vec<Finding>,
}

impl FileFindings {
    /// Whether the file can be used as it is.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.findings)
    }
}

/// One line `file:line:column: severity: message. mend.` for each finding.
impl fmt::Display for FileFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            let file = finding.within.as_ref().unwrap_or(&self.file);
            write!(f, "{separator}{file}:{finding}")?;
        }
        Ok(())
    }
}

pub(crate) fn has_errors(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == FindingSeverity::Error)
}

/// Line and column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// 0 is the file itself, others are included ones.
    pub(crate) source: usize,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    pub(crate) const START: Place = Place {
        source: 0,
        line: 1,
        column: 1,
    };
}

/// A file that the text which is read was put together from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// `None` for the file itself.
    pub(crate) name: Option<String>,
    text: String,
    line_starts: Vec<usize>,
}

impl Source {
    pub(crate) fn of(name: Option<String>, text: &str) -> Source {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Source {
            name,
            line_starts: std::iter::once(0).chain(breaks).collect(),
            text: text.to_owned(),
        }
    }
}

/// From where on the text comes from which place of which source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    start: usize,
    source: usize,
    source_offset: usize,
}

impl Piece {
    pub(crate) fn at(start: usize, source: usize, source_offset: usize) -> Piece {
        Piece {
            start,
            source,
            source_offset,
        }
    }
}

/// Collects findings while a file is read; knows where each byte of the text stands.
#[derive(Debug)]
pub(crate) struct Findings {
    sources: Vec<Source>,
    /// By their start; the first starts at 0.
    pieces: Vec<Piece>,
    found: Vec<Finding>,
}

impl Findings {
    /// For a text that was put together from several files.
    pub(crate) fn of(sources: Vec<Source>, pieces: Vec<Piece>) -> Findings {
        Findings {
            sources,
            pieces,
            found: Vec::new(),
        }
    }

    pub(crate) fn in_one_file(text: &str) -> Findings {
        Findings::of(vec![Source::of(None, text)], vec![Piece::at(0, 0, 0)])
    }

    pub(crate) fn place(&self, offset: usize) -> Place {
        let after = self.pieces.partition_point(|piece| piece.start <= offset);
        let piece = self.pieces[after.max(1) - 1];
        let source = &self.sources[piece.source];
        let offset = piece.source_offset + offset.saturating_sub(piece.start);
        let line = source
            .line_starts
            .partition_point(|start| *start <= offset)
            .max(1);
        let start = source.line_starts[line - 1];
        let column = source
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count())
            + 1;
        Place {
            source: piece.source,
            line,
            column,
        }
    }

    /// The name of an included file; `None` for the file itself.
    pub(crate) fn name_of(&self, place: Place) -> Option<String> {
        self.sources.get(place.source)?.name.clone()
    }

    pub(crate) fn error(
        &mut self,
        place: Place,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(FindingSeverity::Error, place, message.into(), mend.into());
    }

    pub(crate) fn warning(
        &mut self,
        place: Place,
        message: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(FindingSeverity::Warning, place, message.into(), mend.into());
    }

    fn add(&mut self, severity: FindingSeverity, place: Place, message: String, mend: String) {
        let finding = Finding {
            severity,
            within: self.name_of(place),
            line: place.line,
            column: place.column,
            message,
            mend,
        };
        self.found.push(finding);
    }

    /// What was found before the text was put together.
    pub(crate) fn take_in(&mut self, findings: Vec<Finding>) {
        self.found.extend(findings);
    }

    pub(crate) fn has_errors(&self) -> bool {
        has_errors(&self.found)
    }

    /// The findings in the order of the file, those of included files behind its own.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        let order = |finding: &Finding| (finding.within.clone(), finding.line, finding.column);
        self.found.sort_by_key(order);
        self.found
    }
}
