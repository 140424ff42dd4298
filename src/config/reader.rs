//! Reads settings one by one from the file and the environment, and remembers what it was asked for.
//!
//! Every setting is named once, where [`super::Config`] is built: from those calls follow its default, its environment
//! variable, the line that `bridgewatch check` prints, and the list against which unknown names are held.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigErrors, Place, Problem, Wrong, nearest};

/// What stands in the example where a secret belongs.
const PLACEHOLDER: &str = "replace-me";

/// What every environment variable of ours starts with.
pub const ENVIRONMENT_PREFIX: &str = "BRIDGEWATCH__";

/// One setting as it was understood; what `bridgewatch check` prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// Full name, such as `http.listen`.
    pub key: String,
    /// The value as text; `set` or `not set` for a secret.
    pub value: String,
    /// Where it was written; `None` for a default.
    pub place: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    Truth,
    List,
    Table,
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Truth => "true or false",
            Self::List => "a list",
            Self::Table => "a section",
        }
    }
}

#[derive(Debug)]
struct Written {
    /// One text per item: exactly one unless the shape is a list.
    items: Vec<String>,
    shape: Shape,
    place: Place,
}

/// The settings as written, and what has been read from them so far.
#[derive(Debug)]
pub(super) struct Reader {
    written: BTreeMap<String, Written>,
    known: Vec<String>,
    understood: Vec<Understood>,
    problems: Vec<Problem>,
}

impl Reader {
    /// Collects what stands in the file (none: no file) and then in the environment, which wins.
    pub(super) fn open(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Self {
        let mut reader = Self {
            written: BTreeMap::new(),
            known: Vec::new(),
            understood: Vec::new(),
            problems: Vec::new(),
        };
        if let Some(path) = path {
            match std::fs::read_to_string(path) {
                Ok(text) => reader.add_file(path, &text),
                Err(error) => reader.problems.push(Problem {
                    place: Place::Nowhere,
                    key: String::new(),
                    what: format!("cannot read the file {}: {error}", path.display()),
                    mend: "name an existing, readable file; deploy/config.example.toml is one to start from"
                        .into(),
                }),
            }
        }
        reader.add_environment(environment);
        reader
    }

    fn add_file(&mut self, path: &Path, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            self.problems.push(Problem {
                place: place_in_file(path, text, offset),
                key: String::new(),
                what: format!("this is not TOML: {}", error.message().replace('\n', ", ")),
                mend: "write `key = value` below a [section]; text needs quotation marks".into(),
            });
        }
        if errors.is_empty() {
            self.flatten(path, text, "", table.get_ref());
        }
    }

    fn flatten(&mut self, path: &Path, text: &str, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = if prefix.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{prefix}.{}", key.get_ref())
            };
            let place = place_in_file(path, text, key.span().start);
            self.flatten_value(path, text, &name, place, value);
        }
    }

    fn flatten_value(
        &mut self,
        path: &Path,
        text: &str,
        name: &str,
        place: Place,
        value: &Spanned<DeValue<'_>>,
    ) {
        let (shape, items) = match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => {
                return self.flatten(path, text, name, inner);
            }
            DeValue::Array(array) if array.iter().any(|item| item.get_ref().is_table()) => {
                for (index, item) in array.iter().enumerate() {
                    let place = place_in_file(path, text, item.span().start);
                    self.flatten_value(path, text, &format!("{name}.{index}"), place, item);
                }
                return;
            }
            // An empty section says nothing, but a misspelt one must still be reported.
            DeValue::Table(_) => (Shape::Table, Vec::new()),
            DeValue::Array(array) => (
                Shape::List,
                array
                    .iter()
                    .map(|item| scalar(item.get_ref()).1)
                    .collect::<Vec<_>>(),
            ),
            other => {
                let (shape, item) = scalar(other);
                (shape, vec![item])
            }
        };
        self.written.insert(
            name.to_owned(),
            Written {
                items,
                shape,
                place,
            },
        );
    }

    fn add_environment(&mut self, environment: impl Iterator<Item = (String, String)>) {
        for (variable, value) in environment {
            let Some(rest) = variable.strip_prefix(ENVIRONMENT_PREFIX) else {
                continue;
            };
            // Compose files pass an unset variable on as an empty one.
            if value.is_empty() {
                continue;
            }
            let name = rest.to_lowercase().replace("__", ".");
            self.written.insert(
                name,
                Written {
                    items: vec![value],
                    shape: Shape::Text,
                    place: Place::Environment(variable),
                },
            );
        }
    }

    /// Reads a setting that always has a value. `default` is written as a person would write it.
    pub(super) fn value<T>(
        &mut self,
        key: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> T {
        let written = self.take_one(key);
        let (text, place) = match &written {
            Some((text, place)) => (text.as_str(), Some(place.clone())),
            None => (default, None),
        };
        self.understand(key, text, place);
        if let Some((text, place)) = written {
            match parse(&text) {
                Ok(value) => return value,
                Err(wrong) => self.complain(place, key, wrong),
            }
        }
        parse(default).unwrap_or_else(|wrong| {
            panic!(
                "the default of {key} is a literal that every test of the configuration reads: {}",
                wrong.what
            )
        })
    }

    /// Reads a setting that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let Some((text, place)) = self.take_one(key) else {
            self.understand(key, "not set", None);
            return None;
        };
        self.understand(key, &text, Some(place.clone()));
        parse(&text)
            .map_err(|wrong| self.complain(place, key, wrong))
            .ok()
    }

    /// Reads a list that may be absent, in the environment separated by commas. Each item with the place of the list.
    pub(super) fn list(&mut self, key: &str) -> Vec<(String, Place)> {
        self.items(key, |text| text.split(',').map(str::trim).collect())
    }

    /// The same for items that may hold commas: each text is one, and the environment has room for one.
    pub(super) fn list_of_texts(&mut self, key: &str) -> Vec<(String, Place)> {
        self.items(key, |text| vec![text])
    }

    /// Reads a list that has items of its own where none is written; those have no place.
    pub(super) fn list_or(&mut self, key: &str, usual: &[&str]) -> Vec<(String, Place)> {
        if usual.is_empty() || self.written.contains_key(key) {
            return self.list(key);
        }
        self.known.push(key.to_owned());
        self.understand(key, &usual.join(", "), None);
        let items = usual.iter().map(|item| (*item).to_owned());
        items.map(|item| (item, Place::Nowhere)).collect()
    }

    fn items(
        &mut self,
        key: &str,
        parted: impl for<'text> Fn(&'text str) -> Vec<&'text str>,
    ) -> Vec<(String, Place)> {
        let Some(written) = self.take(key) else {
            self.understand(key, "not set", None);
            return Vec::new();
        };
        if !matches!(written.shape, Shape::Text | Shape::List) {
            let wrong = Wrong::new(
                format!("expected a list, found {}", written.shape.name()),
                "write texts in quotation marks between [ and ]",
            );
            self.complain(written.place, key, wrong);
            return Vec::new();
        }
        let items: Vec<&str> = written
            .items
            .iter()
            .flat_map(|text| parted(text))
            .filter(|item| !item.is_empty())
            .collect();
        self.understand(key, &items.join(", "), Some(written.place.clone()));
        items
            .into_iter()
            .map(|item| (item.to_owned(), written.place.clone()))
            .collect()
    }

    /// Reads a secret from `key`, or from the file that `<key>_file` names.
    pub(super) fn secret(
        &mut self,
        key: &str,
        check: impl Fn(&str) -> Result<(), Wrong>,
    ) -> Option<SecretString> {
        self.secrets(key, false, check).pop()
    }

    /// Reads several secrets: a list or comma separated in `key`, or one per line of the file that `<key>_file` names.
    pub(super) fn secret_list(
        &mut self,
        key: &str,
        check: impl Fn(&str) -> Result<(), Wrong>,
    ) -> Vec<SecretString> {
        self.secrets(key, true, check)
    }

    fn secrets(
        &mut self,
        key: &str,
        several: bool,
        check: impl Fn(&str) -> Result<(), Wrong>,
    ) -> Vec<SecretString> {
        let file_key = format!("{key}_file");
        let inline = self.take(key);
        let file = self.take_one(&file_key);
        let from_environment = |place: &Place| matches!(place, Place::Environment(_));
        if let (Some(inline), Some((_, file_place))) = (&inline, &file)
            && from_environment(&inline.place) == from_environment(file_place)
        {
            let wrong = Wrong::new(
                format!("both {key} and {file_key} are set"),
                "keep one of the two",
            );
            self.complain(file_place.clone(), &file_key, wrong);
            return Vec::new();
        }
        let file =
            file.filter(|_| !matches!(&inline, Some(inline) if from_environment(&inline.place)));
        let (written, place, key_read) = match (file, inline) {
            (Some((path, place)), _) => match std::fs::read_to_string(&path) {
                Ok(text) => (vec![text.trim_end().to_owned()], place, file_key),
                Err(error) => {
                    let wrong = Wrong::new(
                        format!("cannot read the secret's file {path}: {error}"),
                        "write the secret there and let the service's user read it",
                    );
                    self.complain(place, &file_key, wrong);
                    return Vec::new();
                }
            },
            (None, Some(inline)) => (inline.items, inline.place, key.to_owned()),
            (None, None) => {
                self.understand(key, "not set", None);
                return Vec::new();
            }
        };
        self.understand(key, "set", Some(place.clone()));
        let values: Vec<&str> = if several {
            written
                .iter()
                .flat_map(|text| text.split([',', '\n']))
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect()
        } else {
            written.iter().map(String::as_str).collect()
        };
        let checked = match values.as_slice() {
            [] | [""] => Err(Wrong::new(
                "is empty",
                "write the secret, or remove the setting",
            )),
            [_, _, ..] if !several => {
                Err(Wrong::new("is a list", "write one text in quotation marks"))
            }
            _ if values.iter().any(|value| value.contains(PLACEHOLDER)) => Err(Wrong::new(
                "is still what the example says",
                "write the secret itself",
            )),
            _ => values.iter().try_for_each(|value| check(value)),
        };
        if let Err(wrong) = checked {
            self.complain(place, &key_read, wrong);
            return Vec::new();
        }
        values.into_iter().map(SecretString::from).collect()
    }

    /// How many tables `[[list]]` has, in the file and the environment together.
    pub(super) fn count(&self, list: &str) -> usize {
        self.written
            .keys()
            .filter_map(|name| {
                let index = name.strip_prefix(list)?.strip_prefix('.')?;
                index.split('.').next()?.parse::<usize>().ok()
            })
            .max()
            .map_or(0, |last| last + 1)
    }

    /// Where `key` was written, before it is read.
    pub(super) fn place(&self, key: &str) -> Place {
        self.written
            .get(key)
            .map_or(Place::Nowhere, |written| written.place.clone())
    }

    /// Whether any of `keys` was written, before they are read.
    pub(super) fn is_written(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.written.contains_key(*key))
    }

    /// Adds a problem that only several settings together show.
    pub(super) fn complain(&mut self, place: Place, key: &str, wrong: Wrong) {
        self.problems.push(Problem {
            place,
            key: key.to_owned(),
            what: wrong.what,
            mend: wrong.mend,
        });
    }

    /// Ends the reading: what nobody asked for is unknown. Gives what was understood, or every problem.
    pub(super) fn finish(mut self) -> Result<Vec<Understood>, ConfigErrors> {
        let sections: Vec<String> = self
            .known
            .iter()
            .flat_map(|key| {
                key.match_indices('.')
                    .map(|(end, _)| key[..end].to_owned())
                    .collect::<Vec<_>>()
            })
            .collect();
        for (name, written) in std::mem::take(&mut self.written) {
            let is_section = sections.contains(&name);
            if is_section && written.shape == Shape::Table {
                continue;
            }
            let wrong = if is_section {
                Wrong::new(
                    "is a section, not a setting",
                    format!("write [{name}] on a line of its own, and its settings below"),
                )
            } else {
                let candidates = self.known.iter().chain(&sections).map(String::as_str);
                let mend = match (nearest(&name, candidates), &written.place) {
                    (Some(near), Place::Environment(_)) => {
                        format!("did you mean {}?", environment_variable(near))
                    }
                    (Some(near), _) => format!("did you mean `{near}`?"),
                    (None, _) => "remove it; deploy/config.example.toml lists every setting".into(),
                };
                Wrong::new("no such setting", mend)
            };
            self.complain(written.place, &name, wrong);
        }
        if self.problems.is_empty() {
            return Ok(self.understood);
        }
        self.problems.sort_by(|a, b| a.place.cmp(&b.place));
        Err(ConfigErrors(self.problems))
    }

    /// The names asked for so far.
    #[cfg(test)]
    pub(super) fn known(&self) -> &[String] {
        &self.known
    }

    /// The names written and not yet read.
    #[cfg(test)]
    pub(super) fn unread(&self) -> Vec<String> {
        self.written.keys().cloned().collect()
    }

    fn understand(&mut self, key: &str, value: &str, place: Option<Place>) {
        self.understood.push(Understood {
            key: key.to_owned(),
            value: value.to_owned(),
            place,
        });
    }

    fn take(&mut self, key: &str) -> Option<Written> {
        self.known.push(key.to_owned());
        self.written.remove(key)
    }

    fn take_one(&mut self, key: &str) -> Option<(String, Place)> {
        let mut written = self.take(key)?;
        match (written.shape, written.items.pop()) {
            (Shape::Text | Shape::Number, Some(text)) => Some((text, written.place)),
            (shape, _) => {
                let wrong = Wrong::new(
                    format!("expected one value, found {}", shape.name()),
                    "write one text in quotation marks, or one number",
                );
                self.complain(written.place, key, wrong);
                None
            }
        }
    }
}

/// The environment variable that sets `key`.
pub(super) fn environment_variable(key: &str) -> String {
    format!(
        "{ENVIRONMENT_PREFIX}{}",
        key.replace('.', "__").to_uppercase()
    )
}

fn scalar(value: &DeValue<'_>) -> (Shape, String) {
    match value {
        DeValue::String(text) => (Shape::Text, text.to_string()),
        DeValue::Integer(number) => (Shape::Number, number.to_string()),
        DeValue::Float(number) => (Shape::Number, number.to_string()),
        DeValue::Boolean(truth) => (Shape::Truth, truth.to_string()),
        DeValue::Datetime(time) => (Shape::Text, time.to_string()),
        DeValue::Array(_) => (Shape::List, String::new()),
        DeValue::Table(_) => (Shape::Table, String::new()),
    }
}

fn place_in_file(path: &Path, text: &str, offset: usize) -> Place {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place::File {
        path: PathBuf::from(path),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}
