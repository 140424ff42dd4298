//! All runbooks of a team, or the ones that come with Bridgewatch.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::finding::{FileFindings, Finding, FindingSeverity, Place};
use super::include::{Folder, Includable};
use super::matcher::{MatchBlock, Matcher, MatcherOperator};
use super::parse::{Places, parse_in};
use super::select::block_score;
use super::{FALLBACK_RUNBOOK, Runbook, RunbookId};

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

/// What came of reading a folder again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// What can be used: new versions, and the versions before of the files that were refused.
    pub library: Library,
    /// The errors of files that were refused. Of a new file nothing is used; of a changed one, the version before.
    pub refused: Vec<FileFindings>,
}

/// One file that was read.
struct Read {
    file: String,
    findings: Vec<Finding>,
    runbook: Option<(Runbook, Places)>,
}

impl Library {
    /// The runbooks that come with Bridgewatch.
    pub fn embedded() -> Library {
        let files: Vec<(String, String)> = EMBEDDED
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        Library::parse(files).expect("a test parses the embedded runbooks and finds nothing")
    }

    /// Reads the files of a folder: the runbooks as `(file name, text)`, and what they may include. On any error nothing is
    /// used and all findings are returned, of every file.
    pub fn parse(folder: impl Into<Folder>) -> Result<Library, Vec<FileFindings>> {
        let folder = folder.into();
        let (library, refused) = Library::assemble(read(&folder), &folder, |_| None);
        if refused.is_empty() {
            return Ok(library);
        }
        Err(merged([refused, library.warnings].concat()))
    }

    /// Reads a folder again. A file with an error is refused, and the version before stays in its place, so that there is
    /// never half a library; what is gone from the folder is gone.
    pub fn read_again(&self, folder: impl Into<Folder>) -> Renewal {
        let folder = folder.into();
        let before = |file: &str| {
            let index = self.files.iter().position(|(known, _)| known == file)?;
            Some((self.runbooks[index].clone(), self.files[index].1.clone()))
        };
        let mut read = read(&folder);
        // Where two files claim an id, the one that has not changed keeps it.
        read.sort_by_key(|read| {
            let is_as_before = read.runbook.as_ref().is_some_and(|(runbook, _)| {
                before(&read.file).is_some_and(|(known, _)| known == *runbook)
            });
            (!is_as_before, read.file.clone())
        });
        let (library, refused) = Library::assemble(read, &folder, before);
        Renewal { library, refused }
    }

    /// Puts together what was read. `before` is what takes the place of a file that cannot be used.
    fn assemble(
        read: Vec<Read>,
        folder: &Folder,
        before: impl Fn(&str) -> Option<(Runbook, Places)>,
    ) -> (Library, Vec<FileFindings>) {
        let mut first_file: BTreeMap<RunbookId, String> = BTreeMap::new();
        let mut used: Vec<(String, Runbook, Places)> = Vec::new();
        let (mut refused, mut warnings) = (Vec::new(), Vec::new());
        for Read {
            file,
            mut findings,
            runbook,
        } in read
        {
            if let Some((runbook, _)) = &runbook
                && let Some(earlier) = first_file.get(&runbook.id)
            {
                findings.push(finding(
                    FindingSeverity::Error,
                    Place::START,
                    None,
                    format!("the runbook id `{}` is taken by {earlier}", runbook.id),
                    "Give one of the two files another id",
                ));
            }
            let findings = FileFindings {
                file: file.clone(),
                findings,
            };
            let usable = if findings.has_errors() {
                refused.push(findings);
                before(&file).filter(|(runbook, _)| !first_file.contains_key(&runbook.id))
            } else {
                warnings.push(findings);
                runbook
            };
            if let Some((runbook, places)) = usable {
                first_file.insert(runbook.id.clone(), file.clone());
                used.push((file, runbook, places));
            }
        }
        used.sort_by(|(left, ..), (right, ..)| left.cmp(right));
        let mut library = Library {
            runbooks: Vec::with_capacity(used.len()),
            files: Vec::with_capacity(used.len()),
            warnings: Vec::new(),
        };
        for (file, runbook, places) in used {
            library.runbooks.push(runbook);
            library.files.push((file, places));
        }
        warnings.extend(library.look_at_all_files(folder));
        library.warnings = merged(warnings);
        (library, merged(refused))
    }

    /// Which versions there are: the content hash of each runbook.
    pub fn versions(&self) -> BTreeMap<RunbookId, String> {
        let version = |runbook: &Runbook| (runbook.id.clone(), runbook.content_hash.clone());
        self.runbooks.iter().map(version).collect()
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
                None,
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

    fn look_at_all_files(&self, folder: &Folder) -> Vec<FileFindings> {
        let mut all = Vec::new();
        for (index, (file, places)) in self.files.iter().enumerate() {
            let mut findings = self.unreachable_blocks(index, places);
            for (target, place, within) in &places.links {
                if is_dead(target, within.as_deref(), folder) {
                    findings.push(finding(
                        FindingSeverity::Warning,
                        *place,
                        within.clone(),
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
                None,
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
                    None,
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

/// A relative link to a file that is not there. What lies above the folder, and what lies below it when nobody looked,
/// cannot be seen from here.
fn is_dead(target: &str, within: Option<&str>, folder: &Folder) -> bool {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let path = path.strip_prefix("./").unwrap_or(path);
    let is_relative = !path.is_empty() && !path.starts_with('/') && !path.contains([':', '$']);
    if !is_relative || path.split('/').any(|part| part == "..") {
        return false;
    }
    if folder.paths.is_empty() {
        let is_there = |file: &str| file.rsplit('/').next() == Some(path);
        return !path.contains('/') && !folder.runbooks.iter().any(|(file, _)| is_there(file));
    }
    // A link in an included file is read there, and once more in the runbook that includes it.
    let beside = within.and_then(|within| {
        let includable = folder.includable.iter();
        let named = |(path, file): (&String, &Includable)| {
            let is_it = file.as_ref().is_ok_and(|(name, _)| name == within);
            is_it.then(|| path.clone())
        };
        let place = includable.filter_map(named).next()?;
        Some(place.rsplit_once('/')?.0.to_owned())
    });
    let from_there = beside.map(|folder| format!("{folder}/{path}"));
    !folder.paths.contains(path)
        && from_there.is_none_or(|from_there| !folder.paths.contains(&from_there))
}

fn read(folder: &Folder) -> Vec<Read> {
    let mut read: Vec<Read> = folder
        .runbooks
        .iter()
        .map(|(file, text)| {
            let parsed = parse_in(text, &folder.includable);
            Read {
                file: file.clone(),
                findings: parsed.findings,
                runbook: parsed.runbook.map(|runbook| (runbook, parsed.places)),
            }
        })
        .collect();
    read.sort_by(|left, right| left.file.cmp(&right.file));
    read
}

fn finding(
    severity: FindingSeverity,
    place: Place,
    within: Option<String>,
    message: impl Into<String>,
    mend: impl Into<String>,
) -> Finding {
    Finding {
        severity,
        within,
        line: place.line,
        column: place.column,
        message: message.into(),
        mend: mend.into(),
    }
}

/// One entry per file that has findings, both in order. A finding in a file that several runbooks include is said once.
fn merged(findings: Vec<FileFindings>) -> Vec<FileFindings> {
    let mut by_file: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for entry in findings {
        for mut finding in entry.findings {
            let file = finding.within.take().unwrap_or_else(|| entry.file.clone());
            let known = by_file.entry(file).or_default();
            if !known.contains(&finding) {
                known.push(finding);
            }
        }
    }
    let in_order = |mut findings: Vec<Finding>| {
        findings.sort_by_key(|finding| (finding.line, finding.column));
        findings
    };
    by_file
        .into_iter()
        .map(|(file, findings)| FileFindings {
            file,
            findings: in_order(findings),
        })
        .collect()
}
