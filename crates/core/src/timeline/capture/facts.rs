//! Facts that people state without marking them.

/// Words by which people state facts without marking them.
const FACT_WORDS: [&str; 16] = [
    "rolling back",
    "rolled back",
    "restarted",
    "restarting",
    "confirmed",
    "looks like",
    "deployed",
    "switched",
    "disabled",
    "enabled",
    "turned off",
    "failed over",
    "fixed",
    "recovered",
    "back to normal",
    "caused by",
];

/// Whether an unmarked message looks like a fact: worth offering once when the incident ends.
#[must_use]
pub fn looks_like_a_fact(text: &str) -> bool {
    let lower = text.to_lowercase();
    let says_what_happened = FACT_WORDS.iter().any(|words| lower.contains(words));
    let measures = lower
        .split(|character: char| character.is_whitespace() || character == ',')
        .any(|word| {
            word.starts_with(|character: char| character.is_ascii_digit())
                && (word.ends_with('%')
                    || word.ends_with("ms")
                    || word.contains('/')
                    || word.contains("xx"))
        })
        || lower.contains(" %");
    !lower.trim_end().ends_with('?') && (says_what_happened || measures)
}
