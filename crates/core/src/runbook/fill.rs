//! Placeholders: putting the alert's own words into a command, safely.
//!
//! An alert label is text that an attacker may influence, and a command is text that somebody pastes into
//! a shell at three in the morning. A value is therefore put in only when every character of it is harmless;
//! otherwise the placeholder stays visible and the reader is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Variable, VariableSource};

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
    /// The alerts carry nothing of the kind and the runbook gives no default.
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

/// What the alerts of an incident agree on. All of it is text that strangers may have written.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    pub labels: &'a BTreeMap<String, String>,
    /// `None` where nobody has any.
    pub annotations: Option<&'a BTreeMap<String, String>>,
    /// The one service it is about.
    pub service: Option<&'a str>,
}

/// Labels alone; the service is the label of that name.
impl<'a> From<&'a BTreeMap<String, String>> for Values<'a> {
    fn from(labels: &'a BTreeMap<String, String>) -> Values<'a> {
        Values {
            labels,
            annotations: None,
            service: labels.get("service").map(String::as_str),
        }
    }
}

impl<'a> Values<'a> {
    fn of(self, source: &VariableSource) -> Option<&'a str> {
        match source {
            VariableSource::Label(name) => self.labels.get(name).map(String::as_str),
            VariableSource::Annotation(name) => self.annotations?.get(name).map(String::as_str),
            VariableSource::Service => self.service,
        }
    }
}

/// Fills every `${name}`. A declared variable reads what it names, then its default; an undeclared one reads the label of
/// the same name. Names are lower case: `${HOME}` belongs to the shell and stays as it is.
pub fn fill<'a>(
    text: &str,
    values: impl Into<Values<'a>>,
    variables: &BTreeMap<String, Variable>,
) -> Filled {
    let values = values.into();
    filled(text, |placeholder| {
        value_of(placeholder.name, values, variables).map(str::to_owned)
    })
}

/// Fills an address: values are percent-encoded, and nothing that comes from outside decides which host it leads to. A hint
/// counts as no value, since it leads nowhere.
pub(super) fn fill_address(
    address: &str,
    values: Values<'_>,
    variables: &BTreeMap<String, Variable>,
) -> Filled {
    let path_start = path_start(address);
    filled(address, |placeholder| {
        let value = value_of(placeholder.name, values, variables)?;
        if value.starts_with('<') {
            return Err(UnfilledReason::NoValue);
        }
        if placeholder.start < path_start {
            return Err(UnfilledReason::UnusualCharacters);
        }
        Ok(percent_encoded(value))
    })
}

/// Where the host of an address ends: the first `/`, `?` or `#` behind `://`, or the end.
pub(super) fn path_start(address: &str) -> usize {
    let host_start = address.find("://").map_or(0, |at| at + 3);
    address[host_start..]
        .find(['/', '?', '#'])
        .map_or(address.len(), |at| host_start + at)
}

/// Of the characters that a value may hold, these mean something in an address.
fn percent_encoded(value: &str) -> String {
    value
        .replace(':', "%3A")
        .replace('/', "%2F")
        .replace('@', "%40")
}

fn filled(
    text: &str,
    value_of: impl Fn(Placeholder<'_>) -> Result<String, UnfilledReason>,
) -> Filled {
    let mut filled = Filled {
        text: String::with_capacity(text.len()),
        unfilled: Vec::new(),
    };
    let mut copied = 0;
    for placeholder in placeholders(text) {
        filled.text.push_str(&text[copied..placeholder.start]);
        copied = placeholder.end;
        match value_of(placeholder) {
            Ok(value) => filled.text.push_str(&value),
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
    values: Values<'a>,
    variables: &'a BTreeMap<String, Variable>,
) -> Result<&'a str, UnfilledReason> {
    let variable = variables.get(name);
    let value = match variable {
        Some(variable) => variable.from.as_ref().and_then(|source| values.of(source)),
        None => values.labels.get(name).map(String::as_str),
    };
    if let Some(value) = value {
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
            from: Some(VariableSource::Label("instance".to_owned())),
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
    fn a_variable_reads_a_label_an_annotation_or_the_service() {
        let (labels, annotations) = (one("instance", "db-1"), one("region", "eu-1"));
        let values = Values {
            labels: &labels,
            annotations: Some(&annotations),
            service: Some("orders-api"),
        };
        let variable = |from: Option<VariableSource>, default: &str| Variable {
            from,
            default: Some(default.to_owned()),
        };
        let variables = BTreeMap::from([
            (
                "host".to_owned(),
                variable(Some(VariableSource::Label("instance".to_owned())), "h"),
            ),
            (
                "region".to_owned(),
                variable(Some(VariableSource::Annotation("region".to_owned())), "r"),
            ),
            (
                "service".to_owned(),
                variable(Some(VariableSource::Service), "s"),
            ),
            ("lines".to_owned(), variable(None, "50")),
        ]);
        let text = "${host} ${region} ${service} ${lines}";
        assert_eq!(
            fill(text, values, &variables).text,
            "db-1 eu-1 orders-api 50"
        );
        assert_eq!(fill(text, &BTreeMap::new(), &variables).text, "h r s 50");
    }

    #[test]
    fn what_a_stranger_wrote_into_an_annotation_or_a_service_is_no_better_than_a_label() {
        let nothing = BTreeMap::new();
        let annotations = one("region", "x; rm -rf /");
        let values = Values {
            labels: &nothing,
            annotations: Some(&annotations),
            service: Some("$(reboot)"),
        };
        let variable = |from| Variable {
            from: Some(from),
            default: None,
        };
        let variables = BTreeMap::from([
            (
                "region".to_owned(),
                variable(VariableSource::Annotation("region".to_owned())),
            ),
            ("service".to_owned(), variable(VariableSource::Service)),
        ]);
        let filled = fill("${region} ${service}", values, &variables);
        assert_eq!(filled.text, "${region} ${service}");
        assert_eq!(filled.unfilled.len(), 2);
    }

    #[test]
    fn an_address_takes_values_encoded_and_its_host_from_nobody_else() {
        let address = |address: &str, value: &str| {
            let labels = one("instance", value);
            fill_address(address, Values::from(&labels), &BTreeMap::new()).text
        };
        assert_eq!(
            address("https://g.example/d?var=${instance}", "db-1:5432/a@b"),
            "https://g.example/d?var=db-1%3A5432%2Fa%40b"
        );
        for hostile in [
            "https://${instance}/d",
            "https://${instance}",
            "https://a.${instance}?x",
            "${instance}",
            "https://me@${instance}#x",
        ] {
            assert_eq!(address(hostile, "evil.example"), hostile);
        }
        let with_hint = fill_address(
            "https://g.example/${instance}",
            Values::from(&BTreeMap::new()),
            &instance_with_default("<db-primary>"),
        );
        assert_eq!(with_hint.unfilled.len(), 1);
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
