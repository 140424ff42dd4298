//! All runbooks of a team, or the ones that come with Bridgewatch.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::finding::{FileFindings, Finding, FindingSeverity, Place};
use super::matcher::{MatchBlock, Matcher, MatcherOperator};
use super::parse::Places;
use super::select::block_score;
use super::{FALLBACK_RUNBOOK, Runbook, parse};

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        [$((concat!($name, ".md"), include_str!(concat!("../../../../playbooks/runbooks/", $name, ".md")))),+]
    };
}

/// The files of `playbooks/runbooks`, by name.
pub(crate) const EMBEDDED: [(&str, &str); 8] = embedded![
    "ai",
    "backend",
    "first-minutes",
    "frontend",
    "integration",
    "performance",
    "scenario-3am",
    "security"
];

/// A set of runbooks without contradictions: every id once, no error in any file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    runbooks: Vec<Runbook>,
    /// File and places of the runbook at the same index.
    files: Vec<(String, Places)>,
    warnings: Vec<FileFindings>,
}

impl Library {
    /// The runbooks that come with Bridgewatch.
    pub fn embedded() -> Library {
        let files = EMBEDDED
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        Library::parse(files).expect("a test parses the embedded runbooks and finds nothing")
    }

    /// Reads `(file name, text)` pairs. On any error nothing is used and all findings are returned, of every file.
    pub fn parse(files: Vec<(String, String)>) -> Result<Library, Vec<FileFindings>> {
        let mut parsed: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.clone(), parse(text)))
            .collect();
        parsed.sort_by(|(left, _), (right, _)| left.cmp(right));

        let mut first_file: BTreeMap<String, String> = BTreeMap::new();
        let mut library = Library {
            runbooks: Vec::new(),
            files: Vec::new(),
            warnings: Vec::new(),
        };
        for (file, outcome) in parsed {
            let mut findings = outcome.findings;
            if let Some(runbook) = outcome.runbook {
                if let Some(earlier) = first_file.get(runbook.id.as_str()) {
                    findings.push(finding(
                        FindingSeverity::Error,
                        Place::START,
                        format!("the runbook id `{}` is taken by {earlier}", runbook.id),
                        "Give one of the two files another id",
                    ));
                } else {
                    first_file.insert(runbook.id.to_string(), file.clone());
                    library.runbooks.push(runbook);
                    library.files.push((file.clone(), outcome.places));
                }
            }
            library.warnings.push(FileFindings { file, findings });
        }
        library.warnings.extend(library.look_at_all_files(&files));
        let findings = merged(std::mem::take(&mut library.warnings));
        if findings.iter().any(FileFindings::has_errors) {
            return Err(findings);
        }
        library.warnings = findings;
        Ok(library)
    }

    /// In the order of their file names.
    pub fn runbooks(&self) -> &[Runbook] {
        &self.runbooks
    }

    pub fn get(&self, id: &str) -> Option<&Runbook> {
        self.runbooks
            .iter()
            .find(|runbook| runbook.id.as_str() == id)
    }

    /// What should be looked at, as known without a calendar.
    pub fn warnings(&self) -> &[FileFindings] {
        &self.warnings
    }

    /// The warnings, and in addition the runbooks whose `review_by` is before `today`.
    pub fn lint(&self, today: NaiveDate) -> Vec<FileFindings> {
        let mut findings = self.warnings.clone();
        for (runbook, (file, places)) in self.runbooks.iter().zip(&self.files) {
            let Some(review_by) = runbook.review_by.filter(|day| *day < today) else {
                continue;
            };
            let overdue = finding(
                FindingSeverity::Warning,
                places.review_by.unwrap_or(Place::START),
                format!("the review was due on {review_by}"),
                "Read the runbook once, correct it, and set review_by to a later day",
            );
            findings.push(FileFindings {
                file: file.clone(),
                findings: vec![overdue],
            });
        }
        merged(findings)
    }

    fn look_at_all_files(&self, files: &[(String, String)]) -> Vec<FileFindings> {
        let mut all = Vec::new();
        for (index, (file, places)) in self.files.iter().enumerate() {
            let mut findings = self.unreachable_blocks(index, places);
            for (target, place) in &places.links {
                if is_dead(target, files) {
                    findings.push(finding(
                        FindingSeverity::Warning,
                        *place,
                        format!("the link `{target}` leads to no file in this folder"),
                        "Correct the name, or link to a full https:// address",
                    ));
                }
            }
            all.push(FileFindings {
                file: file.clone(),
                findings,
            });
        }
        if !self.runbooks.is_empty() && self.get(FALLBACK_RUNBOOK).is_none() {
            let file = self
                .files
                .first()
                .map(|(file, _)| file.clone())
                .unwrap_or_default();
            let missing = finding(
                FindingSeverity::Warning,
                Place::START,
                format!(
                    "no runbook has the id `{FALLBACK_RUNBOOK}`: when nothing fits, nothing is attached"
                ),
                format!("Add one with id: {FALLBACK_RUNBOOK} and category: general to the folder"),
            );
            all.push(FileFindings {
                file,
                findings: vec![missing],
            });
        }
        all
    }

    /// Blocks that can never attach their runbook, because another one fits whenever they fit and scores more.
    fn unreachable_blocks(&self, index: usize, places: &Places) -> Vec<Finding> {
        let runbook = &self.runbooks[index];
        let rank =
            |owner: &Runbook, block: &MatchBlock| block_score(block) + u32::from(owner.priority);
        let mut findings = Vec::new();
        for (block, place) in runbook.match_blocks.iter().zip(&places.match_blocks) {
            let mine = rank(runbook, block);
            let stronger = self
                .runbooks
                .iter()
                .filter(|other| other.id != runbook.id)
                .find(|other| {
                    other.match_blocks.iter().any(|theirs| {
                        let wins = rank(other, theirs) > mine
                            || (rank(other, theirs) == mine && other.id < runbook.id);
                        wins && theirs
                            .matchers
                            .iter()
                            .all(|matcher| follows_from(matcher, block))
                    })
                });
            if let Some(stronger) = stronger {
                findings.push(finding(
                    FindingSeverity::Warning,
                    *place,
                    format!(
                        "`{block}` never decides: whenever it fits, `{}` fits better",
                        stronger.id
                    ),
                    "Remove the block, add a matcher to it, or raise priority",
                ));
            }
        }
        findings
    }
}

/// Whether every alert that fits `block` also satisfies `matcher`, as far as that can be seen.
fn follows_from(matcher: &Matcher, block: &MatchBlock) -> bool {
    block.matchers.iter().any(|known| {
        let decides = known.operator == MatcherOperator::Equal && known.name == matcher.name;
        known == matcher || (decides && matcher.accepts(&known.value))
    })
}

/// A relative link to a file that is not among the given ones, which all lie in one folder. Other folders cannot be seen
/// from here.
fn is_dead(target: &str, files: &[(String, String)]) -> bool {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_neighbour = !path.is_empty() && !path.contains(['/', ':', '$']);
    let name_of = |file: &str| file.rsplit('/').next() == Some(path);
    is_neighbour && !files.iter().any(|(file, _)| name_of(file))
}

fn finding(
    severity: FindingSeverity,
    place: Place,
    message: impl Into<String>,
    mend: impl Into<String>,
) -> Finding {
    Finding {
        severity,
        line: place.line,
        column: place.column,
        message: message.into(),
        mend: mend.into(),
    }
}

/// One entry per file that has findings, both in order.
fn merged(findings: Vec<FileFindings>) -> Vec<FileFindings> {
    let mut by_file: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for entry in findings {
        by_file
            .entry(entry.file)
            .or_default()
            .extend(entry.findings);
    }
    let in_order = |mut findings: Vec<Finding>| {
        findings.sort_by_key(|finding| (finding.line, finding.column));
        findings
    };
    by_file
        .into_iter()
        .filter(|(_, findings)| !findings.is_empty())
        .map(|(file, findings)| FileFindings {
            file,
            findings: in_order(findings),
        })
        .collect()
}
