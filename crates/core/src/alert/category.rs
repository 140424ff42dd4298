//! From labels to a category of failure.

use std::sync::LazyLock;

use regex::Regex;

use super::{Pairs, alert_name};
use crate::category::Category;

/// Names that give a category away, in the order in which they are tried. Like Alertmanager's matchers they are anchored
/// at the start. `Ai`, `Api` and `Db` want a capital or an underscore after them, so that `Airflow` is no AI.
static NAMES: LazyLock<Vec<(Category, Regex)>> = LazyLock::new(|| {
    [
        (
            Category::Backend,
            r"^(?:(?:DB|Db|API|Api)(?:[A-Z_]\w*)?|(?i:database|postgres|mysql)\w*?)(?i:down|error|connection|timeout)",
        ),
        (
            Category::Frontend,
            r"^(?:JS(?:[A-Z_]|$)|(?i:frontend|webvitals|clienterror))",
        ),
        (
            Category::Integration,
            r"^(?i:webhook|contract|schema|serialization|serialisation|upstream|consumer)",
        ),
        (
            Category::Ai,
            r"^(?:(?:AI|Ai|LLM|Llm|GPU|Gpu)(?:[A-Z_0-9]|$)|(?i:model|inference|embedding))",
        ),
        (
            Category::Security,
            r"^(?:WAF|Waf|(?i:auth|unauthorized|unauthorised|injection|leak|privilege))",
        ),
        (
            Category::Performance,
            r"^(?:CPU|Cpu|OOM|Oom|(?i:latency|slow|memory|cachehit|saturation))",
        ),
    ]
    .into_iter()
    .map(|(category, pattern)| {
        (category, Regex::new(pattern).expect("the pattern is a literal"))
    })
    .collect()
});

/// What kind of failure an alert's name suggests; [`Category::Unknown`] if nothing.
#[must_use]
pub fn guessed_category(alert_name: &str) -> Category {
    NAMES
        .iter()
        .find(|(_, pattern)| pattern.is_match(alert_name))
        .map_or(Category::Unknown, |(category, _)| *category)
}

/// What kind of failure an alert is: its label `category`, or else what its name suggests.
#[must_use]
pub fn category_of(labels: &Pairs) -> Category {
    labels
        .get("category")
        .and_then(|text| text.parse().ok())
        .or_else(|| alert_name(labels).map(guessed_category))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::pairs;

    #[test]
    fn names_give_categories_away() {
        for (name, category) in [
            ("DBDown", Category::Backend),
            ("DbConnectionsSaturated", Category::Backend),
            ("ApiErrorRateHigh", Category::Backend),
            ("PostgresTooManyConnections", Category::Backend),
            ("database_timeout", Category::Backend),
            ("JSExceptions", Category::Frontend),
            ("FrontendUnhandledExceptions", Category::Frontend),
            ("ClientErrorsHigh", Category::Frontend),
            ("WebhookDeadLetters", Category::Integration),
            ("AiTaskQueueStalled", Category::Ai),
            ("AI_latency", Category::Ai),
            ("GPUMemoryHigh", Category::Ai),
            ("InferenceSlow", Category::Ai),
            ("UnauthorizedAdminCalls", Category::Security),
            ("AuthFailures", Category::Security),
            ("LatencyHigh", Category::Performance),
            ("MemoryLeakSuspected", Category::Performance),
            ("OOMKilled", Category::Performance),
            ("AirflowTaskFailed", Category::Unknown),
            ("ApiaryUnhappy", Category::Unknown),
            ("JsonParseFailed", Category::Unknown),
            ("HighRequestLatency", Category::Unknown),
            ("", Category::Unknown),
        ] {
            assert_eq!(guessed_category(name), category, "{name}");
        }
    }

    #[test]
    fn a_label_says_more_than_a_name() {
        let labels = pairs(&[("alertname", "DBDown"), ("category", "Performance")]);
        assert_eq!(category_of(&labels), Category::Performance);
        let labels = pairs(&[("alertname", "DBDown"), ("category", "night")]);
        assert_eq!(category_of(&labels), Category::Backend);
        assert_eq!(category_of(&pairs(&[])), Category::Unknown);
    }
}
