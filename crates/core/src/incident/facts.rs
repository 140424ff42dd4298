//! What is true of the world: milestones, impact, guesses and estimates. Kept apart from the phases, which say what
//! people are doing.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::EntryNumber;
use crate::person::PersonId;
use crate::severity::Severity;
use crate::timeline::Precision;

/// A point in an incident's life that metrics are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneName {
    /// The first user got a worse result than promised.
    ImpactStart,
    /// The organisation held the information: an alert began firing, or a person first said so.
    Detected,
    /// The first webhook arrived.
    AlertReceived,
    /// The incident record was created.
    Declared,
    /// The first page left.
    PagedFirst,
    /// A person accepted responsibility.
    Acknowledged,
    /// The first role was taken.
    FirstRoleFilled,
    /// Every role that it called for was taken.
    AllRolesFilled,
    /// Somebody started mitigating.
    MitigationStarted,
    /// A responder said what it probably is.
    CauseIdentified,
    /// User impact ended, or shrank to what the owner accepts for now.
    Mitigated,
    /// The fix was applied.
    FixApplied,
    /// The first update to stakeholders that a person sent.
    FirstInternalUpdate,
    /// Validation passed and held.
    Resolved,
    /// The stakeholders were told that it is over.
    AllClearSent,
    /// The postmortem draft existed.
    PostmortemDrafted,
    /// The postmortem duties were done.
    Closed,
}

impl MilestoneName {
    /// Every milestone, in the order in which they are usually reached.
    pub const ALL: [Self; 17] = [
        Self::ImpactStart,
        Self::Detected,
        Self::AlertReceived,
        Self::Declared,
        Self::PagedFirst,
        Self::Acknowledged,
        Self::FirstRoleFilled,
        Self::AllRolesFilled,
        Self::FirstInternalUpdate,
        Self::CauseIdentified,
        Self::MitigationStarted,
        Self::Mitigated,
        Self::FixApplied,
        Self::Resolved,
        Self::AllClearSent,
        Self::PostmortemDrafted,
        Self::Closed,
    ];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::ImpactStart => "impact_start",
            Self::Detected => "detected",
            Self::AlertReceived => "alert_received",
            Self::Declared => "declared",
            Self::PagedFirst => "paged_first",
            Self::Acknowledged => "acknowledged",
            Self::FirstRoleFilled => "first_role_filled",
            Self::AllRolesFilled => "all_roles_filled",
            Self::MitigationStarted => "mitigation_started",
            Self::CauseIdentified => "cause_identified",
            Self::Mitigated => "mitigated",
            Self::FixApplied => "fix_applied",
            Self::FirstInternalUpdate => "first_internal_update",
            Self::Resolved => "resolved",
            Self::AllClearSent => "all_clear_sent",
            Self::PostmortemDrafted => "postmortem_drafted",
            Self::Closed => "closed",
        }
    }

    /// The words people read.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ImpactStart => "Impact start",
            Self::Detected => "Detected",
            Self::AlertReceived => "Alert received",
            Self::Declared => "Declared",
            Self::PagedFirst => "First page",
            Self::Acknowledged => "Acknowledged",
            Self::FirstRoleFilled => "First role filled",
            Self::AllRolesFilled => "Every role filled",
            Self::MitigationStarted => "Mitigation started",
            Self::CauseIdentified => "Cause suspected",
            Self::Mitigated => "Mitigated",
            Self::FixApplied => "Fix applied",
            Self::FirstInternalUpdate => "First update by a person",
            Self::Resolved => "Resolved",
            Self::AllClearSent => "All-clear sent",
            Self::PostmortemDrafted => "Postmortem drafted",
            Self::Closed => "Closed",
        }
    }
}

/// Where a milestone's time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneSource {
    /// An alert's own times.
    Alert,
    /// A button.
    Button,
    /// The bot's clock at the moment it happened.
    System,
    /// A person said so afterwards.
    Human,
}

/// One statement about a milestone. Statements are added, never changed; the newest that stands counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Which one.
    pub name: MilestoneName,
    /// When it was reached.
    pub at: DateTime<Utc>,
    /// How exactly that is known.
    pub precision: Precision,
    /// Who or what says so.
    pub source: MilestoneSource,
    /// The person who said so, if it was one.
    pub set_by: Option<PersonId>,
    /// When it was said.
    pub recorded_at: DateTime<Utc>,
    /// The entry of the timeline that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EntryNumber>,
    /// Taken back by an undo.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

/// All statements about milestones, in the order they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milestones(pub Vec<Milestone>);

impl Milestones {
    /// The statement that counts.
    #[must_use]
    pub fn current(&self, name: MilestoneName) -> Option<&Milestone> {
        self.0
            .iter()
            .rev()
            .find(|milestone| milestone.name == name && !milestone.withdrawn)
    }

    /// When it was reached, if it was.
    #[must_use]
    pub fn at(&self, name: MilestoneName) -> Option<DateTime<Utc>> {
        self.current(name).map(|milestone| milestone.at)
    }
}

/// A stretch of time in which users were hurt. A relapse adds another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactInterval {
    /// When it began.
    pub start: DateTime<Utc>,
    /// How exactly that is known.
    pub start_precision: Precision,
    /// When it ended; `None` while it lasts.
    pub end: Option<DateTime<Utc>>,
    /// The severity when it began.
    pub severity: Severity,
}

/// A guess about the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// The guess, in one line.
    pub text: String,
    /// What became of it.
    pub state: HypothesisState,
    /// Why, if it was said when its state changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Who said it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// The line of the timeline that says it, if it was written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<EntryNumber>,
}

/// What became of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HypothesisState {
    /// Said, neither supported nor refuted.
    Open,
    /// Evidence speaks for it.
    Supported,
    /// Evidence speaks against it.
    Refuted,
    /// Established.
    Confirmed,
}

impl HypothesisState {
    /// Every state, in the order in which a guess becomes certain.
    pub const ALL: [Self; 4] = [Self::Open, Self::Supported, Self::Refuted, Self::Confirmed];

    /// The stable id, which is also the word people read.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Supported => "supported",
            Self::Refuted => "refuted",
            Self::Confirmed => "confirmed",
        }
    }

    /// The word at the beginning of a line.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "A guess again",
            Self::Supported => "Supported",
            Self::Refuted => "Refuted",
            Self::Confirmed => "Confirmed",
        }
    }
}

/// How sure an estimate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess.
    Guess,
    /// Likely.
    Likely,
    /// Firm.
    Firm,
}

impl Confidence {
    /// The stable id, which is also the word people read.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Guess => "guess",
            Self::Likely => "likely",
            Self::Firm => "firm",
        }
    }
}

/// How long it will take: a range with its basis, for internal eyes only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The short end, in minutes from `given_at`.
    pub low_minutes: u32,
    /// The long end, in minutes from `given_at`.
    pub high_minutes: u32,
    /// What it rests on.
    pub basis: String,
    /// How sure.
    pub confidence: Confidence,
    /// When it was given.
    pub given_at: DateTime<Utc>,
}
