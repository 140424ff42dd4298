//! Words that judge where the document should describe: marked for the owner, never rewritten.
//!
//! Only what people wrote is looked at. Each hint says where it is, what was found, and what to ask instead.

use std::sync::LazyLock;

use regex::Regex;

use super::Material;
use crate::timeline::{Entry, Source, Who};

/// One hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where: `T-14`, or a section by its title.
    pub place: String,
    /// The words that were found.
    pub found: String,
    /// What to ask instead.
    pub advice: &'static str,
}

struct Rule {
    pattern: Regex,
    advice: &'static str,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    [
        (
            r"(?i)\b(should have|could have|would have|if only|had \w+ not)\b",
            "This did not happen. Describe what did; put the improvement under Actions.",
        ),
        (
            r"(?i)\b(failed to|forgot|neglected|ignored|did not bother|careless|sloppy|negligent)\b",
            "What did the person see and know then? What made the other choice reasonable?",
        ),
        (
            r"(?i)\b(human error|operator error|user error|mistake by|fault of|to blame)\b",
            "This is where the analysis starts. Which conditions allowed it?",
        ),
        (
            r"(?i)\b(obviously|clearly|simply|just|of course)\b",
            "Hindsight. What was visible at that moment?",
        ),
        (
            r"(?i)\b(insufficient|lack of|no monitoring)\b",
            "An improvement in disguise: name it under contributing factors or Actions.",
        ),
    ]
    .into_iter()
    .map(|(pattern, advice)| Rule {
        pattern: Regex::new(pattern).expect("regex is a literal"),
        advice,
    })
    .collect()
});

/// Every hint for what people wrote, in the order of the document.
#[must_use]
pub fn wording(material: &Material) -> Vec<Hint> {
    let mut hints = Vec::new();
    let incident = &material.incident;
    if let Some(text) = &incident.impact_text {
        look("Impact", text, &mut hints);
    }
    for entry in material.timeline.iter().filter(|entry| is_written(entry)) {
        let place = entry
            .number
            .map_or_else(|| "Timeline".to_owned(), |number| number.to_string());
        look(&place, &entry.text, &mut hints);
    }
    for guess in &incident.hypotheses {
        look("Diagnosis path", &guess.text, &mut hints);
    }
    if let Some(cause) = &incident.postmortem.cause {
        let place = "Cause and contributing factors";
        for text in [&cause.trigger, &cause.cause, &cause.kept_from_worse]
            .into_iter()
            .chain(&cause.factors)
        {
            look(place, text, &mut hints);
        }
        if cause.factors.len() == 1 {
            hints.push(Hint {
                place: place.to_owned(),
                found: "one factor".to_owned(),
                advice: "Complex failures rarely have one. What delayed detection? What delayed recovery?",
            });
        }
    }
    hints
}

/// Whether a person put it into words; what a button wrote is ours.
fn is_written(entry: &Entry) -> bool {
    entry.is_active()
        && matches!(entry.who, Who::Person { .. })
        && matches!(
            entry.source,
            Source::Message | Source::Reaction | Source::Pin | Source::Menu | Source::Command
        )
}

fn look(place: &str, text: &str, hints: &mut Vec<Hint>) {
    for rule in RULES.iter() {
        if let Some(found) = rule.pattern.find(text) {
            hints.push(Hint {
                place: place.to_owned(),
                found: found.as_str().to_owned(),
                advice: rule.advice,
            });
        }
    }
}
