//! Runbooks: what a tired person should do next, as plain Markdown a team edits.
//!
//! A runbook is a Markdown file with YAML front matter. It renders well anywhere, and Bridgewatch only
//! *reads* it: nothing in a runbook is ever executed. [`parse()`] turns a file into a [`Runbook`] or into
//! findings that name the line and how to mend it, [`select()`] says which runbook fits the alerts at hand
//! and why, [`fill()`] puts alert labels into commands without letting a label become shell code, and a
//! [`Checklist`] pins a copy of the steps so that an edit of the file never moves the ground under an
//! ongoing incident.

mod attributes;
mod checklist;
#[cfg(test)]
mod checklist_tests;
mod difference;
#[cfg(test)]
mod difference_tests;
mod fill;
mod find;
mod finding;
mod fold;
mod front_matter;
#[cfg(test)]
mod hostile_tests;
mod include;
#[cfg(test)]
mod include_tests;
mod library;
#[cfg(test)]
mod library_tests;
mod lint;
mod markdown;
mod matcher;
mod merge;
#[cfg(test)]
mod merge_tests;
mod parse;
#[cfg(test)]
mod parse_tests;
#[cfg(test)]
mod read_again_tests;
mod reference;
mod select;
#[cfg(test)]
mod select_tests;
mod step;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::severity::Severity;

pub use checklist::{
    Checklist, Origin, PinnedRunbook, SkipReason, StepAction, StepRefusal, StepState,
};
pub use difference::Difference;
use fill::fill_address;
pub use fill::{Filled, Unfilled, UnfilledReason, Values, fill};
pub use find::{Found, found};
pub use finding::{FileFindings, Finding, FindingSeverity};
pub use fold::Fold;
pub use include::{Folder, Includable};
pub use library::{Library, Renewal};
pub use matcher::{MatchBlock, Matcher, MatcherError, MatcherOperator};
pub use merge::MAXIMUM_RUNBOOKS;
pub use parse::{MAXIMUM_FILE_BYTES, MAXIMUM_STEPS, MAXIMUM_STEPS_PER_PHASE, Parsed, parse};
pub use reference::pages;
pub use select::{
    AlertFacts, Choice, FALLBACK_RUNBOOK, STORM_RUNBOOK, Score, Selection, agreed_annotations,
    agreed_labels, select,
};
pub use step::{CommandFence, Step, StepId, StepPhase};

/// The stable name of a runbook: `[a-z0-9-]`, 2 to 48 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunbookId(String);

impl RunbookId {
    /// `None` when `text` is not 2 to 48 characters of `[a-z0-9-]`.
    pub fn new(text: &str) -> Option<RunbookId> {
        let long_enough = (2..=48).contains(&text.len());
        (long_enough && is_identifier(text)).then(|| RunbookId(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunbookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case letters, digits and hyphens: the characters of every id and tag in a runbook.
pub(crate) fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The kind of failure a runbook is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunbookCategory {
    Backend,
    Frontend,
    Integration,
    Ai,
    Security,
    Performance,
    /// A whole night rather than one kind of failure.
    Scenario,
    /// Fits any failure: the list to start with when nothing else matches.
    General,
}

impl RunbookCategory {
    pub const ALL: [RunbookCategory; 8] = [
        RunbookCategory::Backend,
        RunbookCategory::Frontend,
        RunbookCategory::Integration,
        RunbookCategory::Ai,
        RunbookCategory::Security,
        RunbookCategory::Performance,
        RunbookCategory::Scenario,
        RunbookCategory::General,
    ];

    /// The word in the file, as in `category: backend`.
    pub fn id(self) -> &'static str {
        match self {
            RunbookCategory::Backend => "backend",
            RunbookCategory::Frontend => "frontend",
            RunbookCategory::Integration => "integration",
            RunbookCategory::Ai => "ai",
            RunbookCategory::Security => "security",
            RunbookCategory::Performance => "performance",
            RunbookCategory::Scenario => "scenario",
            RunbookCategory::General => "general",
        }
    }
}

/// What of the alerts a variable reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VariableSource {
    /// `labels.instance`: the label that the alerts agree on.
    Label(String),
    /// `annotations.region`: the annotation that they agree on.
    Annotation(String),
    /// `service`: the one service that the alerts are about.
    Service,
}

/// Where the value of a `${name}` placeholder comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// What is read. `None`: the default is the value.
    pub from: Option<VariableSource>,
    /// Used when the alerts carry nothing of the kind: harmless characters, or a hint such as `<db-primary>`.
    pub default: Option<String>,
}

/// A dashboard or page that helps with this kind of failure. The address may hold placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunbookLink {
    pub label: String,
    pub url: String,
}

/// Text under a heading that is no phase. Shown under *More*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceSection {
    pub title: String,
    /// Markdown as written.
    pub text: String,
}

/// One parsed runbook file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runbook {
    pub id: RunbookId,
    pub title: String,
    pub category: RunbookCategory,
    /// The severity an incident of this kind usually has. A hint: people decide.
    pub severity_hint: Option<Severity>,
    /// Any one of these blocks is enough to propose the runbook.
    pub match_blocks: Vec<MatchBlock>,
    /// 0 to 100; decides between runbooks that fit equally well.
    pub priority: u8,
    pub owners: Vec<String>,
    /// The day by which somebody should have read the file again.
    pub review_by: Option<NaiveDate>,
    pub variables: BTreeMap<String, Variable>,
    pub links: Vec<RunbookLink>,
    /// What is broken and what it means for users; at most 400 characters, shown first.
    pub meaning: String,
    /// In the order of the file.
    pub steps: Vec<Step>,
    pub reference: Vec<ReferenceSection>,
    /// Hexadecimal SHA-256 of the file's bytes. An incident pins it.
    pub content_hash: String,
}

impl Runbook {
    /// The links whose placeholders could all be filled, percent-encoded. A hint such as `<db-primary>` leads nowhere, so
    /// such a link is left out, as is one that is no `http(s)` address or whose host an alert would decide.
    pub fn filled_links<'values>(&self, values: impl Into<Values<'values>>) -> Vec<RunbookLink> {
        let values = values.into();
        let filled = self.links.iter().filter_map(|link| {
            let url = fill_address(&link.url, values, &self.variables);
            let is_web = url.text.starts_with("https://") || url.text.starts_with("http://");
            let leads_somewhere = is_web && url.unfilled.is_empty();
            leads_somewhere.then(|| RunbookLink {
                label: link.label.clone(),
                url: url.text,
            })
        });
        filled.collect()
    }

    /// The step with this id, if the runbook has one.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id.as_str() == id)
    }
}
