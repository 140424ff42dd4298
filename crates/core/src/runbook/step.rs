//! One line of a checklist: who does what, in which phase.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::is_identifier;
use crate::phase::Phase;
use crate::role::Role;

/// The name of a step, unique in its runbook and stable over edits: `[a-z0-9-]`, 1 to 48 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    pub const MAXIMUM_LENGTH: usize = 48;

    /// `None` when `text` is not 1 to 48 characters of `[a-z0-9-]`.
    pub fn new(text: &str) -> Option<StepId> {
        (text.len() <= StepId::MAXIMUM_LENGTH && is_identifier(text))
            .then(|| StepId(text.to_owned()))
    }

    /// The id of a step that names none: its words joined by hyphens. `None` when it has no usable word.
    pub(crate) fn from_words(text: &str) -> Option<StepId> {
        let mut slug = String::new();
        for word in text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            if slug.len() + word.len() + 1 > StepId::MAXIMUM_LENGTH {
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(&word.to_ascii_lowercase());
        }
        StepId::new(&slug)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The part of the work a step belongs to: the level-2 heading it stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepPhase {
    Diagnosis,
    Mitigation,
    /// Belongs to no single phase: shown to the Bridge Engineer all the time.
    Communication,
    Resolution,
    Validation,
    Learning,
}

impl StepPhase {
    pub const ALL: [StepPhase; 6] = [
        StepPhase::Diagnosis,
        StepPhase::Mitigation,
        StepPhase::Communication,
        StepPhase::Resolution,
        StepPhase::Validation,
        StepPhase::Learning,
    ];

    /// The part of a checklist people work on during a phase of an incident. `None` once nobody works on it.
    pub fn during(phase: Phase) -> Option<StepPhase> {
        match phase {
            Phase::Open | Phase::Diagnosis => Some(StepPhase::Diagnosis),
            Phase::Mitigation => Some(StepPhase::Mitigation),
            Phase::Fix => Some(StepPhase::Resolution),
            Phase::Validation => Some(StepPhase::Validation),
            Phase::Learning => Some(StepPhase::Learning),
            Phase::Closed | Phase::Cancelled => None,
        }
    }

    /// The word of the heading, as in `## Diagnosis`.
    pub fn heading(self) -> &'static str {
        match self {
            StepPhase::Diagnosis => "Diagnosis",
            StepPhase::Mitigation => "Mitigation",
            StepPhase::Communication => "Communication",
            StepPhase::Resolution => "Resolution",
            StepPhase::Validation => "Validation",
            StepPhase::Learning => "Learning",
        }
    }

    /// The word in attributes and stored data, as in `if:mitigation`.
    pub fn id(self) -> &'static str {
        match self {
            StepPhase::Diagnosis => "diagnosis",
            StepPhase::Mitigation => "mitigation",
            StepPhase::Communication => "communication",
            StepPhase::Resolution => "resolution",
            StepPhase::Validation => "validation",
            StepPhase::Learning => "learning",
        }
    }
}

/// Reads the bold word at the start of a step: the role's title, its short name or its id, in any case.
pub(crate) fn role_from_words(words: &str) -> Option<Role> {
    let short = || {
        Role::ALL
            .into_iter()
            .find(|role| role.short().eq_ignore_ascii_case(words))
    };
    words.parse().ok().or_else(short)
}

/// A fenced block of a step. Shown, never run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandFence {
    /// The word after the opening fence; empty when there is none. `text` marks expected output.
    pub language: String,
    /// As written, placeholders unfilled, without the last line break.
    pub text: String,
}

/// One line of a checklist with everything indented under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub id: StepId,
    pub phase: StepPhase,
    /// The role that is asked to do it. Anybody may tick it.
    pub owner: Role,
    /// One line of Markdown without the owner and without attributes.
    pub text: String,
    /// The Markdown indented under the step, with that indentation removed. May be empty.
    pub body: String,
    /// The fenced blocks within `body`.
    pub commands: Vec<CommandFence>,
    /// About how long it takes; shown beside the step.
    pub time_limit_seconds: Option<u32>,
    pub high_risk: bool,
    /// Ticking asks for a second tap.
    pub confirm: bool,
    /// Counted when somebody wants to resolve.
    pub critical: bool,
    /// A phase or tag; the step is shown only while it holds.
    pub condition: Option<String>,
    /// Present on a decision step: ticking asks for one of these.
    pub decision: Option<Vec<String>>,
    /// Left out of drills.
    pub skip_in_drill: bool,
}

impl Step {
    /// Sixteen hexadecimal digits that change when the step asks for something else: its words, what stands under it, its
    /// phase or its choices. Who does it, how long it takes and how risky it is leave a tick worth what it was.
    pub(crate) fn digest(&self) -> String {
        let choices = self.decision.iter().flatten().map(String::as_str);
        let parts = [self.text.as_str(), self.body.as_str(), self.phase.id()];
        let mut digest = Sha256::new();
        for part in parts.into_iter().chain(choices) {
            digest.update(part.as_bytes());
            // No text holds this byte, so that no two lists of parts run into one.
            digest.update([0]);
        }
        let whole = digest.finalize();
        whole[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
