//! From the text of one file to a [`Runbook`] or to everything that is wrong with it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::finding::{Finding, Findings, Place};
use super::front_matter::{self, FrontMatter};
use super::include::{self, Includable};
use super::markdown::{self, Body};
use super::{Runbook, StepPhase, lint};

/// The largest runbook file, in bytes.
pub const MAXIMUM_FILE_BYTES: usize = 64 * 1024;
/// The most steps in one runbook.
pub const MAXIMUM_STEPS: usize = 60;
/// The most steps in one phase.
pub const MAXIMUM_STEPS_PER_PHASE: usize = 15;
/// The longest meaning, in characters.
const MAXIMUM_MEANING: usize = 400;

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Present exactly when no finding is an error.
    pub runbook: Option<Runbook>,
    /// Errors and warnings in the order of the file.
    pub findings: Vec<Finding>,
    pub(crate) places: Places,
}

/// Where the things stand that can only be judged together with other files or with today's date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) match_blocks: Vec<Place>,
    pub(crate) review_by: Option<Place>,
    /// With the name of the included file where it stands in one.
    pub(crate) links: Vec<(String, Place, Option<String>)>,
}

/// Reads one runbook file that includes nothing. Never panics, whatever the text; all findings of a file come at once.
pub fn parse(text: &str) -> Parsed {
    parse_in(text, &BTreeMap::new())
}

/// Reads one runbook file with what it includes.
pub(crate) fn parse_in(text: &str, includable: &BTreeMap<String, Includable>) -> Parsed {
    let unified = include::unified(text);
    let is_too_long = text.len() > MAXIMUM_FILE_BYTES;
    // What is too long already is not made longer.
    let nothing = BTreeMap::new();
    let expanded = include::expand(&unified, if is_too_long { &nothing } else { includable });
    let content_hash = hash_of(text, &expanded.included);
    let unified = expanded.text;
    let mut findings = Findings::of(expanded.sources, expanded.pieces);
    if is_too_long || unified.len() > MAXIMUM_FILE_BYTES {
        let (whole, bytes) = if is_too_long {
            ("the file", text.len())
        } else {
            ("the file with what it includes", unified.len())
        };
        findings.error(
            Place::START,
            format!("{whole} has {bytes} bytes, the limit is {MAXIMUM_FILE_BYTES}"),
            "Split it into several runbooks; nobody reads this much at night",
        );
        return Parsed {
            runbook: None,
            findings: findings.into_sorted(),
            places: Places::default(),
        };
    }

    findings.take_in(expanded.findings);
    let (front_matter, body_start) = match front_matter::split(&unified) {
        Some(halves) => (
            Some(front_matter::read(halves.yaml, &mut findings)),
            halves.body_start,
        ),
        None => {
            findings.error(
                Place::START,
                "the front matter is missing or not closed",
                "Begin the file with a line ---, then id, title and category, then a line ---",
            );
            (None, 0)
        }
    };
    let body = markdown::read(&unified, body_start, &mut findings);
    let front_matter = front_matter.unwrap_or_default();
    check_meaning(&body, &mut findings);
    check_limits(&body, &mut findings);
    lint::look_at_file(&unified, &front_matter, &body, &mut findings);

    let places = Places {
        match_blocks: front_matter
            .match_blocks
            .iter()
            .map(|(_, place)| *place)
            .collect(),
        review_by: front_matter.review_by.map(|(_, place)| place),
        links: front_matter
            .links
            .iter()
            .map(|(link, place)| (link.url.clone(), *place))
            .chain(body.links.clone())
            .map(|(url, place)| (url, place, findings.name_of(place)))
            .collect(),
    };
    let runbook = if findings.has_errors() {
        None
    } else {
        assemble(front_matter, body, content_hash)
    };
    Parsed {
        runbook,
        findings: findings.into_sorted(),
        places,
    }
}

/// `None` only when a required key is missing, which has a finding.
fn assemble(front_matter: FrontMatter, body: Body, content_hash: String) -> Option<Runbook> {
    Some(Runbook {
        id: front_matter.id?,
        title: front_matter.title?,
        category: front_matter.category?,
        severity_hint: front_matter.severity_hint,
        match_blocks: front_matter
            .match_blocks
            .into_iter()
            .map(|(block, _)| block)
            .collect(),
        priority: front_matter.priority,
        owners: front_matter.owners,
        review_by: front_matter.review_by.map(|(date, _)| date),
        variables: front_matter.variables,
        links: front_matter
            .links
            .into_iter()
            .map(|(link, _)| link)
            .collect(),
        meaning: body.meaning,
        steps: body.steps.into_iter().map(|placed| placed.step).collect(),
        reference: body.reference,
        content_hash,
    })
}

fn check_meaning(body: &Body, findings: &mut Findings) {
    let length = body.meaning.chars().count();
    if length == 0 {
        let place = body
            .title
            .as_ref()
            .map_or(Place::START, |(_, place)| *place);
        findings.error(
            place,
            "nothing says what this failure means",
            "Write under the title, in one or two sentences, what is broken and what users feel",
        );
    } else if length > MAXIMUM_MEANING {
        findings.error(
            body.meaning_place.unwrap_or(Place::START),
            format!(
                "the text under the title has {length} characters, the limit is {MAXIMUM_MEANING}"
            ),
            "Keep what is broken and what users feel; move the rest to a ## section",
        );
    }
}

fn check_limits(body: &Body, findings: &mut Findings) {
    if body.steps.is_empty() {
        findings.error(
            Place::START,
            "the runbook has no step",
            "Write under ## Diagnosis a line such as - [ ] **On-Call Engineer:** Is the database up?",
        );
    }
    if let Some(placed) = body.steps.get(MAXIMUM_STEPS) {
        findings.error(
            placed.place,
            format!(
                "the runbook has {} steps, the limit is {MAXIMUM_STEPS}",
                body.steps.len()
            ),
            "Split it into several runbooks",
        );
    }
    for phase in StepPhase::ALL {
        let steps: Vec<_> = body
            .steps
            .iter()
            .filter(|placed| placed.step.phase == phase)
            .collect();
        if let Some(placed) = steps.get(MAXIMUM_STEPS_PER_PHASE) {
            findings.error(
                placed.place,
                format!(
                    "{} has {} steps, the limit is {MAXIMUM_STEPS_PER_PHASE}",
                    phase.heading(),
                    steps.len()
                ),
                "Join or drop steps",
            );
        }
    }
}

/// Of the file's bytes, and of what it includes: an edit there makes a new version, too.
fn hash_of(text: &str, included: &[String]) -> String {
    let mut digest = Sha256::new();
    digest.update(text.as_bytes());
    for included in included {
        digest.update([0]);
        digest.update(included.as_bytes());
    }
    hexadecimal(&digest.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
