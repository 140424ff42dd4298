//! Placeholders: putting the alert's own words into a command, safely.
//!
//! An alert label is text that an attacker may influence, and a command is text that somebody pastes into
//! a shell at three in the morning. A value is therefore put in only when every character of it is harmless;
//! otherwise the placeholder stays visible and the reader is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Variable;

/// Text with its placeholders filled as far as that is safe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    pub text: String,
    /// The placeholders that are still visible in `text`, each once, in order of appearance.
    pub unfilled: Vec<Unfilled>,
}

/// A placeholder that stayed visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfilled {
    pub name: String,
    pub reason: UnfilledReason,
}

/// Why a placeholder stayed visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnfilledReason {
    /// The alerts carry no such label and the runbook gives no default.
    NoValue,
    /// The value is empty, longer than 128 characters, or holds a character that could mean something to a shell.
    UnusualCharacters,
}

impl Unfilled {
    /// The line shown next to the text.
    pub fn note(&self) -> String {
        match self.reason {
            UnfilledReason::NoValue => format!("⚠ ${{{}}} not filled: no value", self.name),
            UnfilledReason::UnusualCharacters => {
                format!("⚠ ${{{}}} not filled: unusual characters", self.name)
            }
        }
    }
}

/// Fills every `${name}`. A declared variable reads its label, then its default; an undeclared one reads the
/// label of the same name. Names are lower case: `${HOME}` belongs to the shell and stays as it is.
pub fn fill(
    text: &str,
    labels: &BTreeMap<String, String>,
    variables: &BTreeMap<String, Variable>,
) -> Filled {
    let mut filled = Filled {
        text: String::with_capacity(text.len()),
        unfilled: Vec::new(),
    };
    let mut copied = 0;
    for placeholder in placeholders(text) {
        filled.text.push_str(&text[copied..placeholder.start]);
        copied = placeholder.end;
        match value_of(placeholder.name, labels, variables) {
            Ok(value) => filled.text.push_str(value),
            Err(reason) => {
                filled
                    .text
                    .push_str(&text[placeholder.start..placeholder.end]);
                let unfilled = Unfilled {
                    name: placeholder.name.to_owned(),
                    reason,
                };
                if !filled.unfilled.contains(&unfilled) {
                    filled.unfilled.push(unfilled);
                }
            }
        }
    }
    filled.text.push_str(&text[copied..]);
    filled
}

fn value_of<'a>(
    name: &str,
    labels: &'a BTreeMap<String, String>,
    variables: &'a BTreeMap<String, Variable>,
) -> Result<&'a str, UnfilledReason> {
    let variable = variables.get(name);
    let label = match variable {
        Some(variable) => variable
            .label
            .as_deref()
            .and_then(|label| labels.get(label)),
        None => labels.get(name),
    };
    if let Some(value) = label {
        return if is_safe_value(value) {
            Ok(value)
        } else {
            Err(UnfilledReason::UnusualCharacters)
        };
    }
    match variable.and_then(|variable| variable.default.as_deref()) {
        Some(default) if is_safe_default(default) => Ok(default),
        Some(_) => Err(UnfilledReason::UnusualCharacters),
        None => Err(UnfilledReason::NoValue),
    }
}

/// `^[A-Za-z0-9._:/@-]{1,128}$`, and no hyphen in front: a command would read `-rf` as an option.
pub(crate) fn is_safe_value(value: &str) -> bool {
    (1..=128).contains(&value.len())
        && !value.starts_with('-')
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte))
}

/// A default comes from the team, so it may also be a hint in angle brackets that begs to be replaced.
pub(crate) fn is_safe_default(default: &str) -> bool {
    let hint = default
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    is_safe_value(hint.unwrap_or(default))
}

/// One `${name}` in a text, by byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placeholder<'a> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) name: &'a str,
}

pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = Placeholder<'_>> {
    text.match_indices("${").filter_map(|(start, _)| {
        let inner = &text[start + 2..];
        let name = &inner[..inner.find('}')?];
        let end = start + 2 + name.len() + 1;
        is_variable_name(name).then_some(Placeholder { start, end, name })
    })
}

/// `[a-z_][a-z0-9_]*`, at most 64 characters.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    fn instance_with_default(default: &str) -> BTreeMap<String, Variable> {
        let variable = Variable {
            label: Some("instance".to_owned()),
            default: Some(default.to_owned()),
        };
        BTreeMap::from([("instance".to_owned(), variable)])
    }

    #[test]
    fn a_harmless_label_is_put_into_the_command() {
        let filled = fill(
            "pg_isready -h ${instance} -h ${instance}",
            &one("instance", "db-1.example:5432"),
            &BTreeMap::new(),
        );
        assert_eq!(
            filled.text,
            "pg_isready -h db-1.example:5432 -h db-1.example:5432"
        );
        assert_eq!(filled.unfilled, []);
    }

    #[test]
    fn a_label_that_is_a_command_never_reaches_the_command() {
        for attack in [
            "x; rm -rf /",
            "$(reboot)",
            "`id`",
            "a|b",
            "a\nb",
            "a b",
            "-rf",
            "",
            "é",
            "${instance}",
            "a&b",
            "../*",
        ] {
            let filled = fill(
                "ssh ${instance} uptime",
                &one("instance", attack),
                &instance_with_default("<db-primary>"),
            );
            assert_eq!(filled.text, "ssh ${instance} uptime", "{attack:?}");
            assert_eq!(filled.unfilled.len(), 1, "{attack:?}");
            assert_eq!(
                filled.unfilled[0].note(),
                "⚠ ${instance} not filled: unusual characters"
            );
        }
    }

    #[test]
    fn one_unusual_character_anywhere_is_enough_to_refuse_a_value() {
        let usual = |c: char| c.is_ascii_alphanumeric() || "._:/@-".contains(c);
        for character in (0..=u8::MAX).map(char::from) {
            for value in [
                format!("{character}a"),
                format!("a{character}b"),
                format!("a{character}"),
            ] {
                let expected = usual(character) && !value.starts_with('-');
                assert_eq!(is_safe_value(&value), expected, "{value:?}");
            }
        }
    }

    #[test]
    fn a_missing_label_takes_the_default_and_without_one_stays_visible() {
        let filled = fill(
            "${instance} ${zone}",
            &BTreeMap::new(),
            &instance_with_default("<db-primary>"),
        );
        assert_eq!(filled.text, "<db-primary> ${zone}");
        assert_eq!(filled.unfilled[0].note(), "⚠ ${zone} not filled: no value");
    }

    #[test]
    fn a_dangerous_default_is_refused_like_a_label() {
        let filled = fill(
            "ssh ${instance}",
            &BTreeMap::new(),
            &instance_with_default("x; reboot"),
        );
        assert_eq!(filled.text, "ssh ${instance}");
    }

    #[test]
    fn a_value_of_128_characters_is_the_longest() {
        assert!(is_safe_value(&"a".repeat(128)));
        assert!(!is_safe_value(&"a".repeat(129)));
    }

    #[test]
    fn the_variables_of_the_shell_are_left_alone() {
        let text = "echo ${HOME} ${} ${unclosed";
        assert_eq!(
            fill(text, &one("home", "x"), &BTreeMap::new()),
            Filled {
                text: text.to_owned(),
                unfilled: vec![]
            }
        );
    }

    proptest! {
        #[test]
        fn filling_adds_no_character_a_shell_could_act_on(
            value in any::<String>(), default in any::<String>(), has_label in any::<bool>(),
        ) {
            let labels = if has_label { one("instance", &value) } else { BTreeMap::new() };
            let filled = fill("[${instance}]", &labels, &instance_with_default(&default));
            let inner = &filled.text[1..filled.text.len() - 1];
            if filled.unfilled.is_empty() {
                let bare = inner.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(inner);
                prop_assert!(!has_label || bare == inner);
                prop_assert!(!bare.is_empty() && !bare.contains(|c: char| !c.is_ascii_alphanumeric() && !"._:/@-".contains(c)));
            } else {
                prop_assert_eq!(inner, "${instance}");
            }
        }

        #[test]
        fn filling_never_panics(text in "[${}a-z_ \\PC]{0,200}", value in any::<String>()) {
            fill(&text, &one("a", &value), &BTreeMap::new());
        }
    }
}
