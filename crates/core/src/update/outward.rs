//! People's words for those who were not there: no names, no links, no halves of sentences.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::incident::{Incident, one_line};
use crate::person::PersonId;

/// A mention of a person, a group or a channel; a name after an at sign; an address.
static INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<@!?(?P<person>\d+)>|<@&\d+>|<#\d+>|(?:^|\s)@[\p{L}_][\w.-]*|(?:[,;:(]?\s*\bsee:?)?\s*https?://\S+")
        .expect("regex is a literal")
});

/// Words after which somebody is part of the sentence; elsewhere at its end they are only called.
const LEAD_TO_SOMEBODY: [&str; 9] = [
    "by", "with", "from", "to", "for", "and", "of", "at", "asked",
];

/// A longest word may be this much of what is kept of a text that is cut.
const FEW_CHARACTERS: usize = 20;

/// People's words in one line of at most `most` characters. Whoever is mentioned appears by their role.
pub(super) fn outward(incident: &Incident, text: &str, most: usize) -> String {
    let text = text.trim();
    let replaced = INSIDE.replace_all(text, |found: &Captures<'_>| {
        let whole = found.get(0).map_or("", |found| found.as_str());
        let (start, end) = found
            .get(0)
            .map_or((0, 0), |found| (found.start(), found.end()));
        if whole.contains("://") {
            return String::new();
        }
        if whole.starts_with("<#") {
            return "the incident's channel".to_owned();
        }
        let space = if whole.starts_with(char::is_whitespace) {
            " "
        } else {
            ""
        };
        let before = text[..start].split_whitespace().next_back();
        let is_last = text[end..].chars().all(|rest| !rest.is_alphanumeric());
        let leads = before.is_some_and(|word| LEAD_TO_SOMEBODY.contains(&word));
        if is_last && !leads {
            return String::new();
        }
        let person = found
            .name("person")
            .and_then(|id| id.as_str().parse().ok())
            .map(PersonId);
        format!("{space}{}", in_words(incident, person))
    });
    let line = one_line(&replaced, usize::MAX);
    let line = line.replace(" .", ".").replace(" ,", ",").replace("()", "");
    cut_at_sentence(
        line.trim_start_matches(['☑', '✅', '⊘', '▢', ' ', ',', ':'])
            .trim(),
        most,
    )
}

fn in_words(incident: &Incident, person: Option<PersonId>) -> String {
    let role = person.and_then(|person| incident.roles_of(person).into_iter().next());
    role.map_or_else(|| "a responder".to_owned(), |role| format!("the {role}"))
}

/// A text cut to a length in characters: at the end of a sentence if one ends in its second half, else between two words.
pub(super) fn cut_at_sentence(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most.saturating_sub(1)).collect();
    let sentence = head
        .char_indices()
        .filter(|(at, character)| {
            let after = head[at + character.len_utf8()..].chars().next();
            matches!(character, '.' | '!' | '?') && after.is_none_or(char::is_whitespace)
        })
        .map(|(at, character)| at + character.len_utf8())
        .next_back()
        .filter(|end| *end >= head.len() / 2);
    if let Some(end) = sentence {
        return head[..end].to_owned();
    }
    let is_whole = text[head.len()..].starts_with(char::is_whitespace);
    let kept = match head.rfind(' ') {
        Some(blank) if !is_whole && blank + FEW_CHARACTERS >= head.len() => &head[..blank],
        _ => head.as_str(),
    };
    let kept = kept.trim_end_matches([' ', ',', ';', ':', '–', '-', '(', '.']);
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_falls_at_the_end_of_a_sentence_or_between_two_words() {
        for (text, most, kept) in [
            ("Orders fail.", 12, "Orders fail."),
            ("Orders fail. Search works too.", 20, "Orders fail."),
            (
                "Rollback to 2026.11.2 is running",
                22,
                "Rollback to 2026.11.2…",
            ),
            ("Orders fail, search works", 14, "Orders fail…"),
            ("Hippopotamuses everywhere", 10, "Hippopota…"),
        ] {
            assert_eq!(cut_at_sentence(text, most), kept, "{text}");
            assert!(kept.chars().count() <= most);
        }
    }
}
