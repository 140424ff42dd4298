//! The words and signs by which people mark a fact.

use super::Kind;

/// A text with the kind its prefix gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixed<'a> {
    /// The kind.
    pub kind: Kind,
    /// The text without the prefix.
    pub text: &'a str,
}

const PREFIXES: [(&str, Kind); 12] = [
    ("obs", Kind::Observation),
    ("act", Kind::Action),
    ("dec", Kind::Decision),
    ("hyp", Kind::Hypothesis),
    ("imp", Kind::Impact),
    ("todo", Kind::Todo),
    ("ask", Kind::Question),
    ("note", Kind::Note),
    ("o", Kind::Observation),
    ("a", Kind::Action),
    ("d", Kind::Decision),
    ("t", Kind::Todo),
];

/// Reads the prefix of a text: `obs:`, `act:`, `dec:`, `hyp:`, `imp:`, `todo:`, `ask:`, `note:`, and `o:` `a:` `d:` `t:`,
/// in any case. A prefix with nothing behind it marks nothing.
#[must_use]
pub fn prefixed(text: &str) -> Option<Prefixed<'_>> {
    let (word, rest) = text.trim_start().split_once(':')?;
    let kind = PREFIXES
        .iter()
        .find(|(prefix, _)| word.eq_ignore_ascii_case(prefix))
        .map(|(_, kind)| *kind)?;
    let text = rest.trim();
    // `a://` and `t:30` are not sentences.
    let reads_like_words = rest.starts_with(char::is_whitespace) || word.len() > 1;
    (!text.is_empty() && reads_like_words && !rest.starts_with("//"))
        .then_some(Prefixed { kind, text })
}

/// The kind an emoji gives to the message it stands under; with or without the emoji's colour mark.
#[must_use]
pub fn emoji_kind(emoji: &str) -> Option<Kind> {
    match emoji.trim_end_matches('\u{fe0f}') {
        "📌" => Some(Kind::Note),
        "🔎" | "🔍" => Some(Kind::Observation),
        "🛠" => Some(Kind::Action),
        "⚖" => Some(Kind::Decision),
        "❗" => Some(Kind::Impact),
        "📝" => Some(Kind::Todo),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_gives_its_kind_in_any_case() {
        for (text, kind, rest) in [
            ("obs: 5xx at 38 %", Kind::Observation, "5xx at 38 %"),
            ("ACT:rollback", Kind::Action, "rollback"),
            (
                "  Dec: roll back, it is reversible",
                Kind::Decision,
                "roll back, it is reversible",
            ),
            ("o: slow", Kind::Observation, "slow"),
            ("t: write the alert", Kind::Todo, "write the alert"),
        ] {
            assert_eq!(
                prefixed(text),
                Some(Prefixed { kind, text: rest }),
                "{text}"
            );
        }
    }

    #[test]
    fn chatter_has_no_prefix() {
        for text in [
            "hello",
            "observe: this",
            "obs:",
            "obs:   ",
            "a://b",
            "https://example.org",
            "t:30",
            "note",
        ] {
            assert_eq!(prefixed(text), None, "{text}");
        }
    }
}
