//! When stakeholders hear again. The line is made from the promise that is given, so that what they read and what the bot
//! keeps are the same; whoever edits a draft does not see it, and cannot leave an old one in it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use regex::{Captures, Regex};
use sha2::{Digest as _, Sha256};

use super::clock;

/// The most characters that [`with_promise`] adds.
pub(super) const MAX_PROMISE_CHARACTERS: usize = 64;

/// What a line about the next word begins with.
const NEXT: &str = "next update";

/// Such a line as a draft carries it that was made earlier.
static MADE_EARLIER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^\*\*Next update(?: by <t:\d+:t>|: when something changes)\.\*\* Questions\? Ask here\.$",
    )
    .expect("regex is a literal")
});

static TIME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<t:(\d+)(?::[tTdDfFR])?>").expect("regex is a literal"));

/// The text with the line that says when the next word comes: by then, or when something changes. It takes the place of
/// such a line of a draft that was made earlier; whoever wrote one by hand keeps it, and gets no second one.
#[must_use]
pub fn with_promise(text: &str, next_due: Option<DateTime<Utc>>) -> String {
    let lines: Vec<&str> = text
        .trim_end()
        .lines()
        .filter(|line| !MADE_EARLIER.is_match(line))
        .collect();
    let text = lines.join("\n");
    if text.lines().any(says_when) {
        return text;
    }
    let when = match next_due {
        Some(due) => format!("Next update by {}.", clock(due)),
        None => "Next update: when something changes.".to_owned(),
    };
    format!("{text}\n**{when}** Questions? Ask here.")
}

/// Whether a line, or a sentence of it, says when the next word comes. Behind a label, as in `**Impact:** …`, stand other
/// people's words.
fn says_when(line: &str) -> bool {
    let begins = |sentence: &str| {
        let words = sentence.trim_start_matches(|character: char| !character.is_alphanumeric());
        words
            .get(..NEXT.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(NEXT))
    };
    let has_label = line.starts_with("**") && line.contains(":** ");
    begins(line) || (!has_label && line.split(['.', '!', '?', ';']).any(begins))
}

/// A short sign of a text: another text has another one. Eight hexadecimal digits.
#[must_use]
pub fn mark_of(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The text with its times as people write them, in this zone: `03:20 CET`. A form shows what is in it, not what Discord
/// makes of it.
#[must_use]
pub fn times_written_out(text: &str, zone: Tz) -> String {
    let written = |found: &Captures<'_>| {
        let at = found[1]
            .parse()
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        match at {
            Some(at) => at.with_timezone(&zone).format("%H:%M %Z").to_string(),
            None => found[0].to_owned(),
        }
    };
    TIME.replace_all(text, written).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due() -> Option<DateTime<Utc>> {
        Some("2026-11-21T02:45:00Z".parse().expect("a literal time"))
    }

    #[test]
    fn the_promise_is_added_once() {
        let sent = with_promise("Orders fail.\n", due());
        assert_eq!(
            sent,
            "Orders fail.\n**Next update by <t:1795229100:t>.** Questions? Ask here."
        );
        assert_eq!(with_promise(&sent, due()), sent);
        let changed = with_promise("Orders fail.", None);
        assert_eq!(with_promise(&sent, None), changed);
        assert_eq!(with_promise(&changed, due()), sent);
        assert!(with_promise("Orders fail.", None).contains("when something changes"));
    }

    #[test]
    fn whoever_wrote_when_the_next_word_comes_keeps_it() {
        for typed in [
            "Orders fail.\nNext update by 05:00 CET.",
            "Orders fail. Next update at five.",
            "**next update:** at five",
            "Orders fail\n> *Next update* at five",
        ] {
            assert_eq!(with_promise(typed, due()), typed);
        }
    }

    #[test]
    fn other_words_of_the_next_update_are_no_promise() {
        for text in [
            "**Impact:** Checkout fails. Next update by never.",
            "The next update of the app is affected.",
            "Nächste",
        ] {
            assert!(
                with_promise(text, due()).contains("<t:1795229100:t>"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_line_keeps_to_the_room_that_is_left_for_it() {
        for next_due in [due(), None] {
            let added = with_promise("", next_due).chars().count();
            assert!(added <= MAX_PROMISE_CHARACTERS, "{added}");
        }
    }

    #[test]
    fn a_form_shows_times_as_people_write_them() {
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(
            times_written_out("Since <t:1795226520:t>, <t:x:t> <t:1795226520>", zone),
            "Since 03:02 CET, <t:x:t> 03:02 CET"
        );
    }

    #[test]
    fn another_text_has_another_sign() {
        assert_eq!(mark_of("a").len(), 8);
        assert_eq!(mark_of("a"), mark_of("a"));
        assert_ne!(mark_of("a"), mark_of("b"));
    }
}
