//! The words and signs by which people mark a fact: those that everybody has, and those a team has added in its own
//! language.

use std::sync::Arc;

use super::{Audience, Kind};
use crate::incident::cut;

/// The longest word that marks, in characters.
const LONGEST_WORD_CHARACTERS: usize = 20;

/// A text with the kind its prefix gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefixed<'a> {
    /// The kind.
    pub kind: Kind,
    /// The text without the prefix.
    pub text: &'a str,
    /// Who reads it: a `!` behind the word, `obs!:`, leaves out everybody who only reads.
    pub audience: Audience,
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

/// The words that mark, a team's own among them. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes {
    /// In lower case.
    own: Arc<[(String, Kind)]>,
}

/// Why a word cannot mark.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPrefix {
    /// It is none at all.
    #[error("`{0}` is no word")]
    NoWord(String),
    /// It is too long to be typed at night.
    #[error("`{0}` has more than 20 characters")]
    TooLong(String),
    /// It marks something else already.
    #[error("`{word}` marks {}", article(.kind))]
    Taken {
        /// The word.
        word: String,
        /// What it marks.
        kind: Kind,
    },
}

fn article(kind: &Kind) -> String {
    let vowel = kind.id().starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

impl Prefixes {
    /// The same with one word more, written with or without its colon. A word is made of letters, digits, `-` and `_`, one
    /// letter at least; with a `!` in front it marks without a colon, too.
    ///
    /// # Errors
    /// Why it cannot mark.
    pub fn and(&self, word: &str, kind: Kind) -> Result<Self, NotAPrefix> {
        let word = word.trim().trim_end_matches(':').to_lowercase();
        let bare = word.strip_prefix('!').unwrap_or(&word);
        let is_a_word = bare
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
            && bare.chars().any(char::is_alphabetic);
        if !is_a_word {
            return Err(NotAPrefix::NoWord(cut(&word, LONGEST_WORD_CHARACTERS)));
        }
        if word.chars().count() > LONGEST_WORD_CHARACTERS {
            return Err(NotAPrefix::TooLong(cut(&word, LONGEST_WORD_CHARACTERS)));
        }
        match self.kind_of(&word) {
            Some(known) if known == kind => Ok(self.clone()),
            Some(known) => Err(NotAPrefix::Taken { word, kind: known }),
            None => Ok(Self {
                own: self.own.iter().cloned().chain([(word, kind)]).collect(),
            }),
        }
    }

    /// What a word marks, written without its colon.
    #[must_use]
    pub fn kind_of(&self, word: &str) -> Option<Kind> {
        let everybodys = PREFIXES
            .iter()
            .find(|(prefix, _)| word.eq_ignore_ascii_case(prefix));
        if let Some((_, kind)) = everybodys {
            return Some(*kind);
        }
        if self.own.is_empty() {
            return None;
        }
        let word = word.to_lowercase();
        self.own
            .iter()
            .find(|(own, _)| *own == word)
            .map(|(_, kind)| *kind)
    }

    /// Reads the prefix of a text: `obs:`, `act:`, `dec:`, `hyp:`, `imp:`, `todo:`, `ask:`, `note:`, and `o:` `a:` `d:`
    /// `t:`, and the team's own, in any case; with a `!` before the colon for responders only. A prefix with nothing behind
    /// it marks nothing.
    #[must_use]
    pub fn read<'text>(&self, text: &'text str) -> Option<Prefixed<'text>> {
        self.before_a_colon(text)
            .or_else(|| self.behind_an_exclamation_mark(text))
    }

    fn before_a_colon<'text>(&self, text: &'text str) -> Option<Prefixed<'text>> {
        let (word, rest) = text.trim_start().split_once(':')?;
        if word.len() > LONGEST_WORD_CHARACTERS * 4 {
            return None;
        }
        let (word, audience) = match word.strip_suffix('!') {
            Some(word) => (word, Audience::RespondersOnly),
            None => (word, Audience::Everybody),
        };
        let kind = self.kind_of(word)?;
        let text = rest.trim();
        // `a://` and `t:30` are not sentences.
        let reads_like_words =
            rest.starts_with(char::is_whitespace) || word.chars().nth(1).is_some();
        (!text.is_empty() && reads_like_words && !rest.starts_with("//")).then_some(Prefixed {
            kind,
            text,
            audience,
        })
    }

    fn behind_an_exclamation_mark<'text>(&self, text: &'text str) -> Option<Prefixed<'text>> {
        let text = text.trim_start();
        if !text.starts_with('!') || self.own.is_empty() {
            return None;
        }
        let (word, rest) = text.split_once(char::is_whitespace)?;
        let kind = self.kind_of(word)?;
        let text = rest.trim();
        (!text.is_empty()).then_some(Prefixed {
            kind,
            text,
            audience: Audience::Everybody,
        })
    }
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

    fn prefixed(text: &str) -> Option<Prefixed<'_>> {
        Prefixes::default().read(text)
    }

    fn for_everybody(kind: Kind, text: &str) -> Prefixed<'_> {
        Prefixed {
            kind,
            text,
            audience: Audience::Everybody,
        }
    }

    #[test]
    fn an_exclamation_mark_before_the_colon_is_for_responders_only() {
        for (text, kind) in [
            ("obs!: x y", Kind::Observation),
            ("D!: x y", Kind::Decision),
        ] {
            let found = prefixed(text).expect("it marks");
            assert_eq!((found.kind, found.text), (kind, "x y"));
            assert_eq!(found.audience, Audience::RespondersOnly);
        }
        for chatter in ["!: x", "obs !: x", "obs!!: x", "obs! x"] {
            assert_eq!(prefixed(chatter), None, "{chatter}");
        }
        let own = german().read("beob!: x").expect("it marks");
        assert_eq!(own.audience, Audience::RespondersOnly);
    }

    /// A team that writes German, and one sign of its own.
    fn german() -> Prefixes {
        [
            ("beob", Kind::Observation),
            ("maßn:", Kind::Action),
            ("!E", Kind::Decision),
            ("Ärger", Kind::Impact),
        ]
        .into_iter()
        .try_fold(Prefixes::default(), |prefixes, (word, kind)| {
            prefixes.and(word, kind)
        })
        .expect("these are words")
    }

    #[test]
    fn a_word_of_the_teams_own_marks_like_everybodys() {
        for (text, kind, rest) in [
            ("beob: 5xx bei 38 %", Kind::Observation, "5xx bei 38 %"),
            ("MASSN: x", Kind::Note, ""),
            ("Maßn:Rollback", Kind::Action, "Rollback"),
            ("ärger: Login geht nicht", Kind::Impact, "Login geht nicht"),
            (
                "!e zurückrollen um 03:10",
                Kind::Decision,
                "zurückrollen um 03:10",
            ),
            ("!E: zurückrollen", Kind::Decision, "zurückrollen"),
            ("obs: still works", Kind::Observation, "still works"),
        ] {
            let found = german().read(text);
            let expected = (!rest.is_empty()).then_some(for_everybody(kind, rest));
            assert_eq!(found, expected, "{text}");
        }
        for chatter in [
            "!E",
            "!x 1",
            "beob",
            "e: x",
            "!beob x",
            "beobachtet: x",
            "!e:",
        ] {
            assert_eq!(german().read(chatter), None, "{chatter}");
        }
        assert_eq!(prefixed("beob: x"), None, "only where it was configured");
    }

    #[test]
    fn a_word_that_cannot_mark_is_refused_with_the_reason() {
        let refused = |word: &str, kind| {
            german()
                .and(word, kind)
                .expect_err("it cannot mark")
                .to_string()
        };
        assert_eq!(refused("a b", Kind::Note), "`a b` is no word");
        assert_eq!(refused("12", Kind::Note), "`12` is no word");
        assert_eq!(refused("", Kind::Note), "`` is no word");
        assert_eq!(refused("@all", Kind::Note), "`@all` is no word");
        assert_eq!(
            refused("Donaudampfschifffahrten", Kind::Note),
            "`donaudampfschifffah…` has more than 20 characters"
        );
        assert_eq!(refused("ACT", Kind::Note), "`act` marks an action");
        assert_eq!(refused("beob", Kind::Action), "`beob` marks an observation");
        assert_eq!(german().and("beob", Kind::Observation), Ok(german()));
    }

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
            assert_eq!(prefixed(text), Some(for_everybody(kind, rest)), "{text}");
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
