//! Finding a runbook by words, for whoever stands before a trouble that no alert named.

use super::{Library, Runbook};

/// A runbook that speaks of what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'library> {
    /// The runbook.
    pub runbook: &'library Runbook,
    /// Where it speaks of it; empty when nothing in particular was asked.
    pub because: String,
    points: u32,
}

/// The runbooks in which every word occurs, best first. Without words, every runbook in its order.
#[must_use]
pub fn found<'library>(library: &'library Library, words: &str) -> Vec<Found<'library>> {
    let words: Vec<String> = words
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let mut hits: Vec<Found<'library>> = library
        .runbooks()
        .iter()
        .filter_map(|runbook| weighed(runbook, &words))
        .collect();
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.points));
    hits
}

fn weighed<'library>(runbook: &'library Runbook, words: &[String]) -> Option<Found<'library>> {
    let places = places(runbook);
    let (mut points, mut best) = (0, (0, ""));
    for word in words {
        let (worth, place) = places
            .iter()
            .filter(|(_, _, text)| text.contains(word.as_str()))
            .map(|(worth, place, _)| (*worth, *place))
            .max_by_key(|(worth, _)| *worth)?;
        points += worth;
        if worth > best.0 {
            best = (worth, place);
        }
    }
    Some(Found {
        runbook,
        because: best.1.to_owned(),
        points,
    })
}

/// What of a runbook is searched, and how much a word there is worth.
fn places(runbook: &Runbook) -> [(u32, &'static str, String); 5] {
    let steps: Vec<&str> = runbook
        .steps
        .iter()
        .map(|step| step.text.as_str())
        .collect();
    let alerts: Vec<&str> = runbook
        .match_blocks
        .iter()
        .flat_map(|block| &block.matchers)
        .map(|matcher| matcher.value.as_str())
        .collect();
    [
        (8, "its title", runbook.title.to_lowercase()),
        (
            6,
            "its name",
            format!("{} {}", runbook.id, runbook.category.id()),
        ),
        (5, "the alerts it fits", alerts.join(" ").to_lowercase()),
        (3, "what it is for", runbook.meaning.to_lowercase()),
        (1, "a step of it", steps.join(" ").to_lowercase()),
    ]
}
