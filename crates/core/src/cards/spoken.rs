//! People's own words on a card that says other things too.
//!
//! In a message of their own people may format as they like. On a board, in a list or behind a label their words are one
//! line, and what Discord would act upon stands there as it was typed: a fence that nobody closed must not swallow the
//! lines below it.

use crate::alert::is_invisible;
use crate::incident::cut;

/// People's words as one line of at most `most` characters, with everything that would format escaped. Addresses stay as
/// they are, so that they can be followed.
pub(super) fn spoken(text: &str, most: usize) -> String {
    let visible: String = text
        .chars()
        .map(|character| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        })
        .filter(|character| !is_invisible(*character))
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    // The cut comes first: it must not part a mark from what makes it harmless.
    let line = cut(&words.join(" "), most);
    let escaped: Vec<String> = line
        .split(' ')
        .map(|word| {
            if is_address(word) {
                word.to_owned()
            } else {
                escaped(word)
            }
        })
        .collect();
    let line = escaped.join(" ");
    // Only at its beginning do these make a heading, a list or a quote.
    if line.starts_with(['#', '-', '+', '>']) {
        format!("\\{line}")
    } else {
        line
    }
}

/// The same of several lines: each stays a line of its own.
pub(super) fn spoken_lines(text: &str, most: usize) -> String {
    let shown = cut(text, most);
    let lines: Vec<String> = shown.lines().map(|line| spoken(line, most)).collect();
    lines.join("\n").trim().to_owned()
}

fn is_address(word: &str) -> bool {
    (word.starts_with("https://") || word.starts_with("http://"))
        && !word.contains(['`', '*', '|', '~', '[', ']', '<', '>', '\\'])
}

fn escaped(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    for character in word.chars() {
        if matches!(character, '\\' | '`' | '*' | '_' | '~' | '|' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_stay_several_and_none_of_them_swallows_what_follows() {
        assert_eq!(
            spoken_lines("first\n```\n# second\u{2028}third", 100),
            "first\n\\`\\`\\`\n\\# second third"
        );
    }

    #[test]
    fn what_would_format_is_read_as_it_was_typed() {
        for (typed, shown) in [
            ("5xx 9 % since 03:12", "5xx 9 % since 03:12"),
            ("``` an open fence", "\\`\\`\\` an open fence"),
            ("**ROLES** nobody", "\\*\\*ROLES\\*\\* nobody"),
            ("two\nlines\u{202e} here", "two lines here"),
            ("# Heading", "\\# Heading"),
            (
                "[here](https://evil.example)",
                "\\[here\\](https://evil.example)",
            ),
            (
                "see https://ci.example/a_b_c/7",
                "see https://ci.example/a_b_c/7",
            ),
            ("a\\", "a\\\\"),
            ("", ""),
        ] {
            assert_eq!(spoken(typed, 100), shown, "{typed:?}");
        }
        assert_eq!(spoken("abcdef", 4), "abc…");
    }

    proptest::proptest! {
        #[test]
        fn no_words_open_anything(text in "\\PC*|[`*_~|>#\\[\\]()\\\\ \n\u{200b}\u{202e}a-c]{0,200}") {
            let line = spoken(&text, 60);
            proptest::prop_assert!(!line.contains('\n'));
            let mut before = None;
            for character in line.chars() {
                if matches!(character, '`' | '*' | '|' | '~' | '[' | ']') {
                    proptest::prop_assert_eq!(before, Some('\\'));
                }
                // A backslash that is itself escaped escapes nothing.
                before = if before == Some('\\') && character == '\\' { None } else { Some(character) };
            }
        }
    }
}
