//! Alertmanager matchers: `name="v"`, `name!="v"`, `name=~"regex"`, `name!~"regex"`.
//!
//! They mean what they mean in Alertmanager: a regular expression must match the whole value, and a label
//! that an alert does not carry has the empty value.

use std::collections::BTreeMap;
use std::fmt;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MatcherOperator {
    #[serde(rename = "=")]
    Equal,
    #[serde(rename = "!=")]
    NotEqual,
    #[serde(rename = "=~")]
    Regex,
    #[serde(rename = "!~")]
    NotRegex,
}

impl MatcherOperator {
    pub fn symbol(self) -> &'static str {
        match self {
            MatcherOperator::Equal => "=",
            MatcherOperator::NotEqual => "!=",
            MatcherOperator::Regex => "=~",
            MatcherOperator::NotRegex => "!~",
        }
    }

    pub fn is_regex(self) -> bool {
        matches!(self, MatcherOperator::Regex | MatcherOperator::NotRegex)
    }
}

/// One comparison of one label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Matcher {
    pub name: String,
    pub operator: MatcherOperator,
    /// The value, or the regular expression without anchors.
    pub value: String,
}

/// Matchers that must all hold for one alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MatchBlock {
    pub matchers: Vec<Matcher>,
}

/// Why a matcher could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MatcherError {
    pub message: String,
    pub mend: String,
}

impl MatcherError {
    fn new(message: impl Into<String>, mend: impl Into<String>) -> MatcherError {
        MatcherError {
            message: message.into(),
            mend: mend.into(),
        }
    }
}

const EXAMPLE: &str = "Write it like alertname=~\"Db.*\", one matcher per list item";

impl Matcher {
    /// Reads one matcher. A bare value without quotes is accepted as Alertmanager accepts it.
    pub fn parse(text: &str) -> Result<Matcher, MatcherError> {
        let text = text.trim();
        let name_length = text
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(name_length);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(MatcherError::new(
                "a matcher must start with a label name",
                EXAMPLE,
            ));
        }
        let rest = rest.trim_start();
        let operator = [
            MatcherOperator::Regex,
            MatcherOperator::NotRegex,
            MatcherOperator::NotEqual,
            MatcherOperator::Equal,
        ]
        .into_iter()
        .find(|operator| rest.starts_with(operator.symbol()))
        .ok_or_else(|| {
            MatcherError::new(
                format!("after `{name}` one of = != =~ !~ is missing"),
                EXAMPLE,
            )
        })?;
        let value = read_value(rest[operator.symbol().len()..].trim_start())?;
        if operator.is_regex() {
            anchored(&value).map_err(|error| {
                // The last line of a regex error is the sentence; the lines above draw the pattern.
                let error = error.to_string();
                let sentence = error
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ");
                MatcherError::new(
                    format!("the regular expression of `{name}` does not compile: {sentence}"),
                    "Alertmanager uses RE2 syntax: no look-around and no back-references",
                )
            })?;
        }
        Ok(Matcher {
            name: name.to_owned(),
            operator,
            value,
        })
    }

    /// Whether the labels satisfy this matcher. A missing label counts as empty.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        CompiledMatcher::of(self).matches(labels)
    }

    /// Whether the matcher accepts this one value of its label.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        CompiledMatcher::of(self).accepts(value)
    }
}

/// As Alertmanager writes it: always quoted.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self
            .value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        write!(f, "{}{}\"{value}\"", self.name, self.operator.symbol())
    }
}

impl MatchBlock {
    /// Whether one alert's labels satisfy every matcher.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(labels))
    }
}

impl fmt::Display for MatchBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, matcher) in self.matchers.iter().enumerate() {
            let separator = if index == 0 { "" } else { " and " };
            write!(f, "{separator}{matcher}")?;
        }
        Ok(())
    }
}

/// A matcher ready to look at many alerts.
pub(crate) struct CompiledMatcher<'a> {
    matcher: &'a Matcher,
    /// `None` for a plain comparison, and for a stored pattern this build can no longer compile.
    regex: Option<Regex>,
}

impl<'a> CompiledMatcher<'a> {
    pub(crate) fn of(matcher: &'a Matcher) -> CompiledMatcher<'a> {
        let regex = if matcher.operator.is_regex() {
            anchored(&matcher.value).ok()
        } else {
            None
        };
        CompiledMatcher { matcher, regex }
    }

    pub(crate) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.accepts(labels.get(&self.matcher.name).map_or("", String::as_str))
    }

    fn accepts(&self, value: &str) -> bool {
        match self.matcher.operator {
            MatcherOperator::Equal => value == self.matcher.value,
            MatcherOperator::NotEqual => value != self.matcher.value,
            // A pattern that does not compile must propose nothing, neither as itself nor negated.
            MatcherOperator::Regex => self
                .regex
                .as_ref()
                .is_some_and(|regex| regex.is_match(value)),
            MatcherOperator::NotRegex => self
                .regex
                .as_ref()
                .is_some_and(|regex| !regex.is_match(value)),
        }
    }
}

fn anchored(pattern: &str) -> Result<Regex, regex::Error> {
    // Compiled alone first: `a)|(b` would close our own group and escape the anchors.
    Regex::new(pattern)?;
    Regex::new(&format!("^(?:{pattern})$"))
}

fn read_value(text: &str) -> Result<String, MatcherError> {
    let Some(quoted) = text.strip_prefix('"') else {
        return match text.find(|c: char| c.is_whitespace() || "\"'`,{}=!~\\".contains(c)) {
            None => Ok(text.to_owned()),
            Some(_) => Err(MatcherError::new(
                "the value of a matcher must stand in double quotes",
                EXAMPLE,
            )),
        };
    };
    let mut value = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                let rest = characters.as_str().trim();
                return if rest.is_empty() {
                    Ok(value)
                } else {
                    Err(MatcherError::new(
                        format!("`{rest}` stands after the value of a matcher"),
                        EXAMPLE,
                    ))
                };
            }
            '\\' => match characters.next() {
                Some('n') => value.push('\n'),
                Some('"') => value.push('"'),
                Some('\\') => value.push('\\'),
                // Alertmanager keeps the backslash of a regular expression such as \. or \d.
                Some(other) => value.extend(['\\', other]),
                None => break,
            },
            other => value.push(other),
        }
    }
    Err(MatcherError::new(
        "the closing double quote of a matcher is missing",
        EXAMPLE,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matcher(text: &str) -> Matcher {
        Matcher::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn refused(text: &str) -> String {
        Matcher::parse(text).map_or_else(
            |error| error.message,
            |read| panic!("{text} was read as {read}"),
        )
    }

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn each_operator_compares_as_in_alertmanager() {
        let down = labels(&[("alertname", "DbDown")]);
        for (text, expected) in [
            ("alertname=\"DbDown\"", true),
            ("alertname=\"Db\"", false),
            ("alertname!=\"Db\"", true),
            ("alertname!=\"DbDown\"", false),
            ("alertname=~\"Db.*\"", true),
            ("alertname=~\"Down\"", false),
            ("alertname!~\"Down\"", true),
            ("alertname!~\"Db.*\"", false),
            ("alertname = \"DbDown\"", true),
            ("alertname=DbDown", true),
        ] {
            assert_eq!(matcher(text).matches(&down), expected, "{text}");
        }
    }

    #[test]
    fn an_alternation_is_anchored_on_both_sides() {
        let either = matcher("alertname=~\"Api|Db\"");
        assert!(either.matches(&labels(&[("alertname", "Db")])));
        assert!(!either.matches(&labels(&[("alertname", "DbDown")])));
        assert!(!either.matches(&labels(&[("alertname", "MyApi")])));
    }

    #[test]
    fn a_missing_label_is_an_empty_value() {
        let none = BTreeMap::new();
        assert!(matcher("team=\"\"").matches(&none));
        assert!(matcher("team!=\"data\"").matches(&none));
        assert!(matcher("team=~\".*\"").matches(&none));
        assert!(!matcher("team=~\".+\"").matches(&none));
    }

    #[test]
    fn a_block_needs_every_matcher_on_the_same_alert() {
        let block = MatchBlock {
            matchers: vec![
                matcher("category=\"backend\""),
                matcher("service=~\"orders.*\""),
            ],
        };
        assert!(block.matches(&labels(&[
            ("category", "backend"),
            ("service", "orders-api")
        ])));
        assert!(!block.matches(&labels(&[("category", "backend")])));
    }

    #[test]
    fn a_matcher_is_written_back_as_it_can_be_read() {
        for text in ["a=\"x\"", "a!~\"\\\\d+\\\"\"", "a=~\"x|y\""] {
            let read = matcher(text);
            assert_eq!(matcher(&read.to_string()), read, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_matcher_is_said() {
        assert_eq!(refused("=\"x\""), "a matcher must start with a label name");
        assert_eq!(
            refused("9a=\"x\""),
            "a matcher must start with a label name"
        );
        assert_eq!(
            refused("alertname"),
            "after `alertname` one of = != =~ !~ is missing"
        );
        assert_eq!(
            refused("alertname=\"x"),
            "the closing double quote of a matcher is missing"
        );
        assert_eq!(
            refused("a=\"x\", b=\"y\""),
            "`, b=\"y\"` stands after the value of a matcher"
        );
        assert_eq!(
            refused("a=x,b=y"),
            "the value of a matcher must stand in double quotes"
        );
        assert!(
            refused("a=~\"x(\"")
                .starts_with("the regular expression of `a` does not compile: unclosed group")
        );
    }

    #[test]
    fn a_pattern_cannot_escape_its_anchors() {
        assert!(
            refused("a=~\"x)|(y\"").starts_with("the regular expression of `a` does not compile")
        );
    }
}
