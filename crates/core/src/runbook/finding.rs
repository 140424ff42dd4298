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
            write!(f, "{separator}{}:{finding}", self.file)?;
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
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    pub(crate) const START: Place = Place { line: 1, column: 1 };
}

/// Collects findings while a file is read; knows where each byte of the file stands.
#[derive(Debug)]
pub(crate) struct Findings<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(crate) fn of(text: &'a str) -> Findings<'a> {
        let breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Findings {
            text,
            line_starts: std::iter::once(0).chain(breaks).collect(),
            found: Vec::new(),
        }
    }

    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self
            .line_starts
            .partition_point(|start| *start <= offset)
            .max(1);
        let start = self.line_starts[line - 1];
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count())
            + 1;
        Place { line, column }
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
        let Place { line, column } = place;
        self.found.push(Finding {
            severity,
            line,
            column,
            message,
            mend,
        });
    }

    pub(crate) fn has_errors(&self) -> bool {
        has_errors(&self.found)
    }

    /// The findings in the order of the file.
    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        self.found
            .sort_by_key(|finding| (finding.line, finding.column));
        self.found
    }
}
