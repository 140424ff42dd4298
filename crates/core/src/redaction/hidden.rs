//! What was hidden of a line, read from the line as it was and as it is shown.

/// The words that a hidden line lacks: `whole` is what it said, `shown` is the same with something else in the place of
/// the words, wherever they stood. `None` when that cannot be told.
pub(super) fn words_taken_out<'whole>(whole: &'whole str, shown: &str) -> Option<&'whole str> {
    // Some of what stands there may have been taken out before.
    shown.match_indices("[redacted: ").find_map(|(before, _)| {
        let replacement = &shown[before..];
        let replacement = &replacement[..=replacement.find(']')?];
        let kept = shown.replace(replacement, "").len();
        let places = shown.matches(replacement).count();
        let bytes = whole.len().checked_sub(kept)? / places;
        let words = whole.get(before..before + bytes)?;
        // Only what gives the line again was really hidden.
        let is_it = !words.is_empty() && words != replacement;
        (is_it && whole.replace(words, replacement) == shown).then_some(words)
    })
}

#[cfg(test)]
mod tests {
    use super::words_taken_out;

    #[test]
    fn the_words_are_told_from_the_line_around_them() {
        let stands = "[redacted: credential, by Kim 04:10 UTC]";
        for whole in [
            "hunter22 it is",
            "it is hunter22",
            "hunter22 was hunter22, yes",
            "hunter22",
        ] {
            let shown = whole.replace("hunter22", stands);
            assert_eq!(words_taken_out(whole, &shown), Some("hunter22"), "{whole}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        assert_eq!(words_taken_out("as it was", "as it was"), None);
        let gone = "it is [redacted: x]";
        assert_eq!(words_taken_out(gone, gone), None);
        let both = words_taken_out(
            "[redacted: x] and hunter22",
            "[redacted: x] and [redacted: y]",
        );
        assert_eq!(both, Some("hunter22"));
        assert_eq!(words_taken_out("short", "another [redacted: x] line"), None);
        assert_eq!(
            words_taken_out("it was edited since", "it [redacted: x] edited"),
            None
        );
    }
}
