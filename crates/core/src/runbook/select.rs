//! Which runbook fits these alerts, and the sentence that says why.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::matcher::{CompiledMatcher, MatchBlock};
use super::{Runbook, RunbookId};

/// Attached when nothing matches.
pub const FALLBACK_RUNBOOK: &str = "first-minutes";
/// Attached when a storm of alerts touches the API, the database and AI at once.
pub const STORM_RUNBOOK: &str = "scenario-3am";
/// How many runbooks are offered next to the attached one.
const MAXIMUM_ALSO: usize = 4;

/// What selection reads of one alert.
#[derive(Clone, Copy, Debug)]
pub struct AlertFacts<'a> {
    pub labels: &'a BTreeMap<String, String>,
    pub annotations: &'a BTreeMap<String, String>,
}

/// How well a runbook fits, in hundredths of a point so that comparing is exact.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Score(pub u32);

impl Score {
    const MATCHER: u32 = 1000;
    const REGEX_MATCHER: u32 = 500;
    const NAMED_BY_ANNOTATION: u32 = 500;
}

/// As points: `10.50`.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// One proposed runbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: RunbookId,
    pub score: Score,
    /// A sentence for people. Holds label values: escape it before it is shown.
    pub reason: String,
}

/// The outcome of looking at all alerts and all runbooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// `None` only when nothing matches and the library has no `first-minutes`.
    pub attached: Option<Choice>,
    /// Up to four more, best first.
    pub also: Vec<Choice>,
    /// Every `http(s)` address in a `runbook_url` annotation, each once: shown even when nothing matches.
    pub runbook_urls: Vec<String>,
}

/// Chooses the runbook for these alerts. `storm` says that the alerts arrived together as one storm; then alerts
/// about the API, the database and AI together attach [`STORM_RUNBOOK`]. The order of `runbooks` and of `alerts`
/// does not change what is attached.
pub fn select(runbooks: &[Runbook], alerts: &[AlertFacts<'_>], storm: bool) -> Selection {
    let mut choices: Vec<(Reverse<Score>, Choice)> = runbooks
        .iter()
        .filter_map(|runbook| judge(runbook, alerts))
        .map(|choice| (Reverse(choice.score), choice))
        .collect();
    choices.sort_by(|(left, left_choice), (right, right_choice)| {
        left.cmp(right)
            .then_with(|| left_choice.id.cmp(&right_choice.id))
    });
    let mut choices: Vec<Choice> = choices.into_iter().map(|(_, choice)| choice).collect();

    let has = |id: &str| runbooks.iter().find(|runbook| runbook.id.as_str() == id);
    if let Some((runbook, reason)) = has(STORM_RUNBOOK).zip(storm_reason(alerts).filter(|_| storm))
    {
        let score = choices
            .iter()
            .find(|choice| choice.id == runbook.id)
            .map_or(priority(runbook), |choice| choice.score);
        choices.retain(|choice| choice.id != runbook.id);
        choices.insert(
            0,
            Choice {
                id: runbook.id.clone(),
                score,
                reason,
            },
        );
    }
    if choices.is_empty()
        && let Some(runbook) = has(FALLBACK_RUNBOOK)
    {
        let reason = "No runbook fits these alerts; this is the list for any incident.".to_owned();
        choices.push(Choice {
            id: runbook.id.clone(),
            score: Score(0),
            reason,
        });
    }
    choices.truncate(1 + MAXIMUM_ALSO);
    let mut choices = choices.into_iter();
    Selection {
        attached: choices.next(),
        also: choices.collect(),
        runbook_urls: runbook_urls(alerts),
    }
}

/// The labels that all alerts agree on, for filling placeholders: an alert without the label does not object, two
/// different values leave it out.
pub fn agreed_labels(alerts: &[AlertFacts<'_>]) -> BTreeMap<String, String> {
    agreed(alerts.iter().flat_map(|alert| alert.labels))
}

/// The same for annotations.
pub fn agreed_annotations(alerts: &[AlertFacts<'_>]) -> BTreeMap<String, String> {
    agreed(alerts.iter().flat_map(|alert| alert.annotations))
}

fn agreed<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> BTreeMap<String, String> {
    let mut agreed: BTreeMap<&String, Option<&String>> = BTreeMap::new();
    for (name, value) in pairs {
        let known = agreed.entry(name).or_insert(Some(value));
        if known.is_some_and(|known| known != value) {
            *known = None;
        }
    }
    agreed
        .into_iter()
        .filter_map(|(name, value)| Some((name.clone(), value?.clone())))
        .collect()
}

fn priority(runbook: &Runbook) -> Score {
    Score(u32::from(runbook.priority))
}

/// `None` when neither a block nor an annotation leads to the runbook.
fn judge(runbook: &Runbook, alerts: &[AlertFacts<'_>]) -> Option<Choice> {
    let is_named = |alert: &AlertFacts<'_>| {
        alert
            .annotations
            .get("runbook")
            .is_some_and(|named| named.trim() == runbook.id.as_str())
    };
    let named_by = alerts.iter().find(|alert| is_named(alert));
    let best = runbook
        .match_blocks
        .iter()
        .filter_map(|block| {
            first_matching(block, alerts).map(|alert| (block_score(block), block, alert))
        })
        // The earlier block wins a tie, so that the reason is the same every time.
        .min_by_key(|(score, ..)| Reverse(*score));

    let named_score = if named_by.is_some() {
        Score::NAMED_BY_ANNOTATION
    } else {
        0
    };
    let block_score = best.as_ref().map_or(0, |(score, ..)| *score);
    let reason = match (best, named_by) {
        (Some((_, block, alert)), None) => format!(
            "{} matches {}.",
            capitalised(alert),
            shortened(&block.to_string(), 120)
        ),
        (Some((_, block, alert)), Some(_)) => {
            format!(
                "{} matches {}, and an alert names this runbook.",
                capitalised(alert),
                shortened(&block.to_string(), 120)
            )
        }
        (None, Some(alert)) => format!("{} names this runbook.", capitalised(alert)),
        (None, None) => return None,
    };
    let score = Score(block_score + named_score + priority(runbook).0);
    Some(Choice {
        id: runbook.id.clone(),
        score,
        reason,
    })
}

/// What a block is worth before priority: in hundredths, 1000 for a comparison and 500 for a regular expression.
pub(crate) fn block_score(block: &MatchBlock) -> u32 {
    let worth = |regex: bool| {
        if regex {
            Score::REGEX_MATCHER
        } else {
            Score::MATCHER
        }
    };
    block
        .matchers
        .iter()
        .map(|matcher| worth(matcher.operator.is_regex()))
        .sum()
}

/// Among several matching alerts the one with the least name, so that their order does not change the reason.
fn first_matching<'a, 'm>(
    block: &MatchBlock,
    alerts: &'a [AlertFacts<'m>],
) -> Option<&'a AlertFacts<'m>> {
    let compiled: Vec<CompiledMatcher<'_>> =
        block.matchers.iter().map(CompiledMatcher::of).collect();
    let fits =
        |alert: &&AlertFacts<'_>| compiled.iter().all(|matcher| matcher.matches(alert.labels));
    alerts
        .iter()
        .filter(fits)
        .min_by_key(|alert| alert.labels.get("alertname"))
}

fn capitalised(alert: &AlertFacts<'_>) -> String {
    match name_of(alert) {
        Some(name) => format!("Alert {name}"),
        None => "An alert".to_owned(),
    }
}

fn name_of(alert: &AlertFacts<'_>) -> Option<String> {
    let name = alert
        .labels
        .get("alertname")
        .filter(|name| !name.trim().is_empty())?;
    Some(shortened(name, 60))
}

/// One line of at most `limit` characters.
fn shortened(text: &str, limit: usize) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.chars().count() <= limit {
        return line;
    }
    line.chars().take(limit - 1).chain(['…']).collect()
}

/// The three parts of the system that a storm must touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Api,
    Database,
    Ai,
}

impl Part {
    const WORDS: [(Part, &'static [&'static str]); 3] = [
        (
            Part::Ai,
            &[
                "ai",
                "ml",
                "llm",
                "model",
                "models",
                "inference",
                "gpu",
                "embedding",
                "embeddings",
                "recommendation",
                "recommendations",
            ],
        ),
        (
            Part::Database,
            &[
                "db",
                "dbs",
                "database",
                "databases",
                "sql",
                "postgres",
                "postgresql",
                "mysql",
                "mariadb",
                "pgbouncer",
            ],
        ),
        (
            Part::Api,
            &[
                "api",
                "apis",
                "http",
                "https",
                "backend",
                "endpoint",
                "endpoints",
                "gateway",
                "5xx",
                "500",
            ],
        ),
    ];
}

/// Which part an alert is about, by the words of its name, then by its category.
fn part_of(alert: &AlertFacts<'_>) -> Option<Part> {
    ["alertname", "category"]
        .into_iter()
        .filter_map(|label| alert.labels.get(label))
        .find_map(|text| {
            let words = words_of(text);
            Part::WORDS
                .into_iter()
                .find(|(_, known)| words.iter().any(|word| known.contains(&word.as_str())))
                .map(|(part, _)| part)
        })
}

/// `AiTaskQueueStalled`, `ai_task_queue` and `AI-Task` all begin with the word `ai`; `Airflow` does not.
fn words_of(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, character) in characters.iter().enumerate() {
        let after_lower =
            at > 0 && (characters[at - 1].is_lowercase() || characters[at - 1].is_ascii_digit());
        let before_lower = characters
            .get(at + 1)
            .is_some_and(|next| next.is_lowercase());
        let after_upper = at > 0 && characters[at - 1].is_uppercase();
        let starts_word =
            character.is_uppercase() && (after_lower || (after_upper && before_lower));
        if !character.is_alphanumeric() || starts_word {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words
}

fn storm_reason(alerts: &[AlertFacts<'_>]) -> Option<String> {
    let name_for = |part: Part| {
        let touching = alerts.iter().filter(|alert| part_of(alert) == Some(part));
        touching
            .map(|alert| name_of(alert).unwrap_or_else(|| "an unnamed alert".to_owned()))
            .min()
    };
    let (api, database, ai) = (
        name_for(Part::Api)?,
        name_for(Part::Database)?,
        name_for(Part::Ai)?,
    );
    Some(format!(
        "Alert storm over the API ({api}), the database ({database}) and AI ({ai}) together."
    ))
}

fn runbook_urls(alerts: &[AlertFacts<'_>]) -> Vec<String> {
    let mut urls: Vec<String> = alerts
        .iter()
        .filter_map(|alert| alert.annotations.get("runbook_url"))
        .map(|url| url.trim())
        .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
        .filter(|url| !url.contains(|c: char| c.is_whitespace() || c.is_control()))
        .map(str::to_owned)
        .collect();
    urls.sort();
    urls.dedup();
    urls
}
