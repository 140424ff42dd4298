//! How bad it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The severity of an incident. `Sev1` is the worst; the order of the variants is the order of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The main thing does not work for most users, or data or safety is at risk.
    Sev1,
    /// An important thing works badly for many users.
    Sev2,
    /// Something is impaired; a workaround exists.
    Sev3,
    /// No user impact; it needs a coordinated look.
    Sev4,
}

impl Severity {
    /// Worst first.
    pub const ALL: [Self; 4] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4];

    /// The stable id: `sev1` to `sev4`.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Sev1 => "sev1",
            Self::Sev2 => "sev2",
            Self::Sev3 => "sev3",
            Self::Sev4 => "sev4",
        }
    }

    /// The word stakeholders read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Sev1 => "Critical",
            Self::Sev2 => "Major",
            Self::Sev3 => "Minor",
            Self::Sev4 => "Low",
        }
    }

    /// A colour mark that is never shown without the word beside it.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Sev1 => "🟥",
            Self::Sev2 => "🟧",
            Self::Sev3 => "🟨",
            Self::Sev4 => "🟦",
        }
    }

    /// The one line by which a person chooses this severity.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Sev1 => "Most users cannot do the main thing, or data is at risk",
            Self::Sev2 => "Many users are hurt",
            Self::Sev3 => "Some users are hurt; there is a workaround",
            Self::Sev4 => "Nobody is hurt; it needs a look",
        }
    }

    /// Whether this is worse than `other`.
    #[must_use]
    pub fn is_worse_than(self, other: Self) -> bool {
        self < other
    }

    /// The worse of the two: when unsure, the higher severity wins.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        self.min(other)
    }

    /// Whether people are woken and the rules for major incidents apply (SEV1 and SEV2).
    #[must_use]
    pub fn is_major(self) -> bool {
        self <= Self::Sev2
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sev1 => "SEV1",
            Self::Sev2 => "SEV2",
            Self::Sev3 => "SEV3",
            Self::Sev4 => "SEV4",
        })
    }
}

/// Why a text is not a severity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a severity: use sev1, sev2, sev3 or sev4")]
pub struct NotASeverity(pub String);

impl FromStr for Severity {
    type Err = NotASeverity;

    /// Accepts `sev1`, `SEV1` and `1`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        Self::ALL
            .into_iter()
            .find(|severity| {
                severity.id().eq_ignore_ascii_case(trimmed) || &severity.id()[3..] == trimmed
            })
            .ok_or_else(|| NotASeverity(text.chars().take(40).collect()))
    }
}
