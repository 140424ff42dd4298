//! What a team wants to be asked about: credentials always, personal data unless it says no, addresses of machines if it says
//! so, and what its own patterns match.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::{Class, Found, find, personal};

/// The most patterns of a team's own: each is tried on each line.
pub const MOST_PATTERNS: usize = 50;

/// The longest pattern, in characters.
const LONGEST_PATTERN_CHARACTERS: usize = 500;

/// What one compiled pattern may take, in bytes: `\\w{1000}{1000}` is refused at start, not at night.
const LARGEST_PATTERN_BYTES: usize = 1 << 20;

/// What is asked about.
#[derive(Clone, Debug)]
pub struct SecretRules {
    personal_data: bool,
    ip_addresses: bool,
    own: Arc<[Regex]>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// It is no regular expression, or needs too much memory.
    #[error("this is no usable regular expression: {0}")]
    NotOne(String),
    /// It is longer than anybody can check by reading.
    #[error("it has more than {LONGEST_PATTERN_CHARACTERS} characters")]
    TooLong,
    /// It matches everywhere.
    #[error("it matches an empty text, and so every line")]
    MatchesNothing,
}

impl Default for SecretRules {
    fn default() -> Self {
        Self {
            personal_data: true,
            ip_addresses: false,
            own: Arc::from([]),
        }
    }
}

impl PartialEq for SecretRules {
    fn eq(&self, other: &Self) -> bool {
        let shapes = |rules: &Self| -> Vec<String> {
            rules
                .own
                .iter()
                .map(|own| own.as_str().to_owned())
                .collect()
        };
        (self.personal_data, self.ip_addresses, shapes(self))
            == (other.personal_data, other.ip_addresses, shapes(other))
    }
}

impl Eq for SecretRules {}

impl SecretRules {
    /// The usual rules, with or without personal data and addresses of machines.
    #[must_use]
    pub fn asking_about(personal_data: bool, ip_addresses: bool) -> Self {
        Self {
            personal_data,
            ip_addresses,
            ..Self::default()
        }
    }

    /// The same, with one pattern more.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn and(&self, pattern: &str) -> Result<Self, BadPattern> {
        if pattern.chars().count() > LONGEST_PATTERN_CHARACTERS {
            return Err(BadPattern::TooLong);
        }
        let shape = RegexBuilder::new(pattern)
            .size_limit(LARGEST_PATTERN_BYTES)
            .build()
            .map_err(|error| BadPattern::NotOne(in_one_line(&error.to_string())))?;
        if shape.is_match("") {
            return Err(BadPattern::MatchesNothing);
        }
        Ok(Self {
            own: self.own.iter().cloned().chain([shape]).collect(),
            ..self.clone()
        })
    }

    /// Everything in a text that is asked about, in the order of the text; credentials name what they overlap.
    #[must_use]
    pub fn find<'text>(&self, text: &'text str) -> Vec<Found<'text>> {
        let mut found: Vec<Found<'text>> = find(text).collect();
        let own = self.own.iter().flat_map(|shape| {
            let places = shape.find_iter(text).map(|one| one.range());
            places.map(|place| (Class::Own, "pattern of your team", place))
        });
        let personal = self.personal_data.then(|| personal::find(text));
        let addresses = self.ip_addresses.then(|| personal::find_addresses(text));
        let about_people = personal
            .into_iter()
            .chain(addresses)
            .flatten()
            .map(|(name, place)| (Class::PersonalData, name, place));
        for (class, name, place) in own.chain(about_people) {
            let overlaps = found
                .iter()
                .any(|other| place.start < other.place.end && other.place.start < place.end);
            if !overlaps && !place.is_empty() {
                found.push(Found {
                    class,
                    name,
                    text: &text[place.clone()],
                    place,
                });
            }
        }
        found.sort_by_key(|one| one.place.start);
        found
    }

    /// What the first of it is, and what it is called; `None` where there is nothing.
    #[must_use]
    pub fn first(&self, text: &str) -> Option<(Class, &'static str)> {
        self.find(text)
            .first()
            .map(|found| (found.class, found.name))
    }

    /// A text with a word in the place of everything that is asked about.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for found in self.find(text) {
            masked.push_str(&text[done..found.place.start]);
            masked.push_str(match found.class {
                Class::Credential | Class::Own => "[secret]",
                Class::PersonalData => "[personal data]",
            });
            done = found.place.end;
        }
        masked.push_str(&text[done..]);
        masked
    }
}

/// The last line of what the library says is the reason; those above it draw an arrow.
fn in_one_line(problem: &str) -> String {
    let last = problem.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(rules: &SecretRules, text: &str) -> Option<&'static str> {
        rules.first(text).map(|(class, _)| class.noun())
    }

    #[test]
    fn personal_data_is_asked_about_unless_a_team_says_no_and_addresses_only_if_it_says_so() {
        let usual = SecretRules::default();
        assert_eq!(named(&usual, "mail to bob@shop.com"), Some("personal data"));
        assert_eq!(named(&usual, "10.2.0.17 is slow"), None);
        let other = SecretRules::asking_about(false, true);
        assert_eq!(named(&other, "mail to bob@shop.com"), None);
        assert_eq!(named(&other, "10.2.0.17 is slow"), Some("personal data"));
    }

    #[test]
    fn a_credential_names_what_stands_inside_it() {
        let text = "redis://:bob@shop.com@cache and password=bob@shop.com";
        let found = SecretRules::default().find(text);
        assert!(
            found.iter().all(|one| one.class == Class::Credential),
            "{found:?}"
        );
    }

    #[test]
    fn a_team_has_patterns_of_its_own() {
        let rules = SecretRules::default()
            .and(r"\bKD-[0-9]{6}\b")
            .expect("a pattern");
        assert_eq!(
            named(&rules, "customer KD-004711 waits"),
            Some("team pattern")
        );
        assert_eq!(
            rules.masked("KD-004711, bob@shop.com"),
            "[secret], [personal data]"
        );
    }

    #[test]
    fn a_pattern_that_cannot_be_used_is_refused_with_the_reason() {
        let refused = |pattern: &str| {
            let refused = SecretRules::default().and(pattern);
            refused.expect_err("it cannot be used").to_string()
        };
        assert_eq!(
            refused("KD-[0-9"),
            "this is no usable regular expression: unclosed character class"
        );
        assert_eq!(refused("x*"), "it matches an empty text, and so every line");
        assert_eq!(refused(&"x".repeat(501)), "it has more than 500 characters");
        assert!(
            refused(r"\w{900}{900}").contains("size limit"),
            "{}",
            refused(r"\w{900}{900}")
        );
    }
}
