//! From Discord's Markdown to words that make sense elsewhere.

use chrono::DateTime;

/// Turns Discord's timestamps into times with their zone, and its signs for people and channels into words.
pub(super) fn plain_text(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        result.push_str(&rest[..start]);
        let token_end = rest[start..].find('>').map(|end| start + end);
        let words = token_end.and_then(|end| words_of(&rest[start + 1..end]));
        match (words, token_end) {
            (Some(words), Some(end)) => {
                result.push_str(&words);
                rest = &rest[end + 1..];
            }
            _ => {
                result.push('<');
                rest = &rest[start + 1..];
            }
        }
    }
    result.push_str(rest);
    result
}

fn words_of(token: &str) -> Option<String> {
    if let Some(time) = token.strip_prefix("t:") {
        let unix = time.split(':').next()?.parse().ok()?;
        return DateTime::from_timestamp(unix, 0).map(|at| format!("{} UTC", at.format("%H:%M")));
    }
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    if token
        .strip_prefix("@!")
        .or_else(|| token.strip_prefix('@'))
        .is_some_and(is_id)
    {
        return Some("a responder".to_owned());
    }
    token
        .strip_prefix('#')
        .filter(|id| is_id(id))
        .map(|_| "the incident channel".to_owned())
}
