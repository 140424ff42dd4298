//! What an incident is, in the words of people: its title, its failure mode, the services and a summary.
//!
//! Alerts say some of it, and whoever declares at 3 AM says as little as they can. Both are put right later: a title that
//! names what is really broken, the category that calls for the right people, the services. None of it changes what
//! happened, so the timeline keeps each version.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::refusal::Refusal;
use super::state::Incident;
use super::{MAX_TITLE_CHARACTERS, cut};
use crate::alert::safe_line;
use crate::category::Category;

/// The longest summary, in characters.
pub const MAX_SUMMARY_CHARACTERS: usize = 500;

/// The most services of one incident that people name.
const MOST_SERVICES: usize = 10;

/// The longest name of a service, in characters.
const MAX_SERVICE_CHARACTERS: usize = 60;

/// What an incident is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// What is broken: one line.
    pub title: String,
    /// The failure mode.
    pub category: Category,
    /// The services concerned.
    #[serde(default)]
    pub services: BTreeSet<String>,
    /// What happened, for somebody who was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

impl Incident {
    /// What it is, as far as anybody has said.
    #[must_use]
    pub fn description(&self) -> Description {
        Description {
            title: self.title.clone(),
            category: self.category,
            services: self.services.clone(),
            summary: self.summary.clone(),
        }
    }
}

/// Somebody says what it is. What is the same already changes nothing.
pub(super) fn describe(incident: &Incident, wanted: &Description) -> Result<Vec<Event>, Refusal> {
    super::decide::still_told(incident)?;
    let title = safe_line(&wanted.title, MAX_TITLE_CHARACTERS);
    if title.is_empty() {
        return Err(Refusal::Unusable(
            "An incident needs a title: say in a few words what is wrong.".to_owned(),
        ));
    }
    let services: BTreeSet<String> = wanted
        .services
        .iter()
        .map(|service| safe_line(service, MAX_SERVICE_CHARACTERS))
        .filter(|service| !service.is_empty())
        .collect();
    if services.len() > MOST_SERVICES {
        return Err(Refusal::Unusable(format!(
            "These are {} services: name at most {MOST_SERVICES}.",
            services.len()
        )));
    }
    let summary = wanted.summary.as_deref().map(str::trim);
    let described = Description {
        title,
        category: wanted.category,
        services,
        summary: summary
            .filter(|summary| !summary.is_empty())
            .map(|summary| cut(summary, MAX_SUMMARY_CHARACTERS)),
    };
    if described == incident.description() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Described(Box::new(described))])
}

/// What is true afterwards.
pub(super) fn described(incident: &mut Incident, described: &Description) {
    incident.title.clone_from(&described.title);
    incident.category = described.category;
    incident.services.clone_from(&described.services);
    incident.summary.clone_from(&described.summary);
}

/// The line of the timeline: all that is said now.
pub(super) fn words(described: &Description) -> String {
    let services: Vec<&str> = described.services.iter().map(String::as_str).collect();
    let services = if services.is_empty() {
        String::new()
    } else {
        format!("; services: {}", services.join(", "))
    };
    let summary = described
        .summary
        .as_ref()
        .map(|summary| format!(". {summary}"))
        .unwrap_or_default();
    format!(
        "it is: {}; category {}{services}{summary}",
        described.title, described.category
    )
}
