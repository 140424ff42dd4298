//! The postmortem draft: made from what is stored the moment an incident is resolved.
//!
//! What the data can say is filled in; what only people know is asked as a question in the place where the answer goes.
//! Cause, factors, judgements and decisions are never written by the machine. People appear by their roles; their names
//! stand once, in the list of participants.

mod communication;
mod people;
#[cfg(test)]
mod people_tests;
mod review;
mod sections;
#[cfg(test)]
mod tests;
mod times;
mod wording;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::alert::Episode;
use crate::incident::{Incident, Policy, Recorded};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::timeline::Entry;

pub use communication::{Communication, communication};
pub use wording::{Hint, wording};

/// Everything a draft is made from.
#[derive(Clone, Debug)]
pub struct Material {
    /// The incident.
    pub incident: Incident,
    /// Its timeline, in order.
    pub timeline: Vec<Entry>,
    /// Its alerts.
    pub episodes: Vec<Episode>,
    /// Its history.
    pub events: Vec<Recorded>,
    /// What people are called.
    pub names: BTreeMap<PersonId, String>,
    /// How the team runs its incidents: what counts as late, when it is night and where each lives.
    pub policy: Policy,
    /// The zone named in the header; all tables are in UTC.
    pub zone: Tz,
    /// When the draft is made.
    pub now: DateTime<Utc>,
}

/// The titles of the sections, in their order. Section 0 is the header.
pub const SECTIONS: [&str; 18] = [
    "Summary",
    "Impact",
    "Key times and measures",
    "Timeline",
    "Detection",
    "Diagnosis path",
    "Mitigation and resolution",
    "Cause and contributing factors",
    "What surprised us",
    "What helped, what made it hard, where we were lucky",
    "Communication and coordination review",
    "Runbook review",
    "Actions",
    "Decided not to do",
    "AI involvement",
    "External summary",
    "Similar incidents",
    "Sign-off",
];

/// The draft as Markdown.
#[must_use]
pub fn draft(material: &Material) -> String {
    let mut text = sections::header(material);
    let bodies = [
        sections::summary(material),
        sections::impact(material),
        times::key_times(material),
        sections::timeline(material),
        sections::detection(material),
        sections::diagnosis(material),
        sections::mitigation(material),
        sections::cause(material),
        words::question("What did not behave as you expected?"),
        words::lists(&["What helped", "What made it hard", "Where we were lucky"]),
        review::communication_review(material),
        review::runbook_review(material),
        review::actions(material),
        words::question("Which proposals were rejected, and why?"),
        review::ai_involvement(material),
        review::external_summary(material),
        words::question("Have we seen this before? Name the incident and what helped then."),
        review::sign_off(material),
    ];
    for (number, (title, body)) in SECTIONS.iter().zip(bodies).enumerate() {
        text.push_str(&format!(
            "\n## {}. {title}\n\n{}\n",
            number + 1,
            body.trim_end()
        ));
    }
    if material.incident.phase != Phase::Closed {
        text.push_str(&review::wording_hints(material));
    }
    text
}
