//! What follows from the milestones by subtraction. A measure whose times contradict each other has no value and says
//! which times do; it is never negative and never silently cut to zero.

use chrono::{DateTime, TimeDelta, Utc};

use super::apply::apply;
use super::command::Request;
use super::decide::decide;
use super::event::Recorded;
use super::facts::MilestoneName;
use super::policy::Policy;
use super::refusal::Refusal;
use super::state::Incident;
use crate::timeline::Precision;

/// A measure between two milestones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What it is called, in full: short names mean several things.
    pub title: &'static str,
    /// From.
    pub from: MilestoneName,
    /// To.
    pub to: MilestoneName,
    /// What to mind when reading it.
    pub mind: &'static str,
}

/// Every measure that milestones give.
pub const MEASURES: [Measure; 6] = [
    Measure {
        title: "Time to detect",
        from: MilestoneName::ImpactStart,
        to: MilestoneName::Detected,
        mind: "worthless while impact start is an estimate",
    },
    Measure {
        title: "Time to declare",
        from: MilestoneName::Detected,
        to: MilestoneName::Declared,
        mind: "includes the alert's own waiting times",
    },
    Measure {
        title: "Time to acknowledge",
        from: MilestoneName::PagedFirst,
        to: MilestoneName::Acknowledged,
        mind: "a reflex counts as an answer",
    },
    Measure {
        title: "Time to mitigate, as users felt it",
        from: MilestoneName::ImpactStart,
        to: MilestoneName::Mitigated,
        mind: "dominated by detection at night",
    },
    Measure {
        title: "Time to mitigate, from the answer",
        from: MilestoneName::Acknowledged,
        to: MilestoneName::Mitigated,
        mind: "not comparable across categories",
    },
    Measure {
        title: "Time to resolve",
        from: MilestoneName::ImpactStart,
        to: MilestoneName::Resolved,
        mind: "moves with the stability window",
    },
];

/// What a measure comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// This long.
    Took {
        /// How long.
        length: TimeDelta,
        /// Whether it began at an estimate, so that it may have been longer.
        at_least: bool,
    },
    /// One of its times is not known.
    Unknown {
        /// Which.
        missing: MilestoneName,
    },
    /// Its times contradict each other.
    Contradiction {
        /// What should have come first.
        first: MilestoneName,
        /// What should have come after it.
        then: MilestoneName,
    },
}

impl Measure {
    /// What it comes to in an incident.
    #[must_use]
    pub fn of(&self, incident: &Incident) -> Measured {
        let milestones = &incident.milestones;
        let Some(start) = milestones.current(self.from) else {
            return Measured::Unknown { missing: self.from };
        };
        let Some(end) = milestones.at(self.to) else {
            return Measured::Unknown { missing: self.to };
        };
        if end < start.at {
            return Measured::Contradiction {
                first: self.from,
                then: self.to,
            };
        }
        Measured::Took {
            length: end - start.at,
            at_least: self.from == MilestoneName::ImpactStart
                && start.precision == Precision::Approximate,
        }
    }
}

impl Measured {
    /// In words: `45 min`, `≥ 45 min`, or why there is none.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Took { length, at_least } => {
                let sign = if at_least { "≥ " } else { "" };
                format!("{sign}{}", length_words(length))
            }
            Self::Unknown { missing } => {
                format!("– (not noted: {})", missing.title().to_lowercase())
            }
            Self::Contradiction { first, then } => format!(
                "– ({} lies after {})",
                first.title().to_lowercase(),
                then.title().to_lowercase()
            ),
        }
    }
}

/// `1 h 05 min`, `12 min`, `45 s`.
#[must_use]
pub fn length_words(length: TimeDelta) -> String {
    let seconds = length.num_seconds();
    if seconds < 60 {
        format!("{seconds} s")
    } else if seconds < 3600 {
        format!("{} min", seconds / 60)
    } else {
        format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60)
    }
}

/// What one corrected time changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// The measures that come out differently: what they are called, before, after.
    pub measures: Vec<(&'static str, String, String)>,
    /// How long users were hurt, before and after, where that changes.
    pub impact: Option<(String, String)>,
    /// Pairs of times that are in the wrong order afterwards; each leaves a measure without a value, and none is refused.
    pub contradictions: Vec<(MilestoneName, MilestoneName)>,
}

/// The order in which milestones are expected.
pub const EXPECTED_ORDER: [MilestoneName; 7] = [
    MilestoneName::ImpactStart,
    MilestoneName::Detected,
    MilestoneName::Declared,
    MilestoneName::Acknowledged,
    MilestoneName::Mitigated,
    MilestoneName::Resolved,
    MilestoneName::Closed,
];

/// Neighbours of the expected order, among those that are known, which contradict it.
#[must_use]
pub fn contradictions(incident: &Incident) -> Vec<(MilestoneName, MilestoneName)> {
    let known: Vec<(MilestoneName, DateTime<Utc>)> = EXPECTED_ORDER
        .into_iter()
        .filter_map(|name| Some((name, incident.milestones.at(name)?)))
        .collect();
    known
        .windows(2)
        .filter_map(|pair| match pair {
            [(first, at), (then, later)] if later < at => Some((*first, *then)),
            _ => None,
        })
        .collect()
}

/// An incident as a request would leave it; `None` if it would change nothing. Nothing is stored.
///
/// # Errors
/// Why the request is refused.
pub fn previewed(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
) -> Result<Option<Incident>, Refusal> {
    let events = decide(incident, request, policy)?;
    if events.is_empty() {
        return Ok(None);
    }
    let mut after = incident.clone();
    for event in events {
        let recorded = Recorded {
            seq: after.seq.next(),
            at: request.at,
            actor: request.actor,
            event,
        };
        after = apply(after, &recorded);
    }
    Ok(Some(after))
}

/// What changes between an incident as it is and as it would be.
#[must_use]
pub fn effects(before: &Incident, after: &Incident, now: DateTime<Utc>) -> Effects {
    let measures = MEASURES
        .iter()
        .filter_map(|measure| {
            let (before, after) = (measure.of(before), measure.of(after));
            (before != after).then(|| (measure.title, before.words(), after.words()))
        })
        .collect();
    let until = |incident: &Incident| incident.impact_total(incident.ended_at().unwrap_or(now));
    let (hurt_before, hurt_after) = (until(before), until(after));
    Effects {
        measures,
        impact: (hurt_before != hurt_after)
            .then(|| (length_words(hurt_before), length_words(hurt_after))),
        contradictions: contradictions(after),
    }
}
