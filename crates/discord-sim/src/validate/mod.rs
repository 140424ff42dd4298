//! Reading what a client sent, with every error at its place as Discord reports it.

mod channel;
mod command;
mod components;
mod embeds;
mod message;
mod modal;
mod small;

use std::cell::RefCell;

use serde_json::{Map, Value};

pub(crate) use channel::{
    channel_edit, new_channel, overwrite, positions, scheduled_event, thread,
};
pub(crate) use command::command;
pub(crate) use message::{Purpose, content_type, message_edit, new_message};
pub(crate) use modal::modal;
pub(crate) use small::{
    bulk_delete, choices, member_roles, nick, recipient, role_edit, role_positions, webhook_name,
    webhook_username,
};

use crate::error::{ApiError, FormErrors};
use crate::snowflake::read_id;

/// A body being read; gathers errors while it is.
#[derive(Debug, Default)]
pub(crate) struct Form {
    errors: RefCell<FormErrors>,
}

impl Form {
    /// The fields of a body; anything but an object is an error.
    pub(crate) fn fields<'a>(&'a self, body: &'a Value) -> Fields<'a> {
        self.at(body, String::new())
    }

    fn at<'a>(&'a self, value: &'a Value, path: String) -> Fields<'a> {
        let map = value.as_object();
        if map.is_none() && !value.is_null() {
            self.errors.borrow_mut().add(
                &path,
                "MODEL_TYPE_CONVERT",
                "Only dictionaries may be used in a ModelType",
            );
        }
        Fields {
            form: self,
            map,
            path,
        }
    }

    pub(crate) fn add(&self, path: &str, code: &str, message: impl Into<String>) {
        self.errors.borrow_mut().add(path, code, message);
    }

    /// The errors, if there were any.
    pub(crate) fn check(self) -> Result<(), ApiError> {
        self.errors.into_inner().check()
    }
}

/// One object of a body.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    form: &'a Form,
    map: Option<&'a Map<String, Value>>,
    path: String,
}

impl<'a> Fields<'a> {
    /// Whether the field was sent at all, be it null.
    pub(crate) fn sent(&self, name: &str) -> bool {
        self.map.is_some_and(|map| map.contains_key(name))
    }

    /// The field unless it is absent or null.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a Value> {
        self.map
            .and_then(|map| map.get(name))
            .filter(|value| !value.is_null())
    }

    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(crate) fn error(&self, name: &str, code: &str, message: impl Into<String>) {
        let path = if name.is_empty() {
            self.path.clone()
        } else {
            self.path_of(name)
        };
        self.form.add(&path, code, message);
    }

    pub(crate) fn missing(&self, name: &str) {
        self.error(name, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// A text of `shortest` to `longest` characters.
    pub(crate) fn text(&self, name: &str, shortest: usize, longest: usize) -> Option<&'a str> {
        let value = self.raw(name)?;
        let Some(text) = value.as_str() else {
            self.error(
                name,
                "STRING_TYPE_CONVERT",
                format!("Could not interpret \"{value}\" as string."),
            );
            return None;
        };
        self.length(name, text.chars().count(), shortest, longest);
        Some(text)
    }

    pub(crate) fn required_text(&self, name: &str, shortest: usize, longest: usize) -> &'a str {
        if self.raw(name).is_none() {
            self.missing(name);
        }
        self.text(name, shortest, longest).unwrap_or_default()
    }

    fn length(&self, name: &str, length: usize, shortest: usize, longest: usize) {
        if (shortest..=longest).contains(&length) {
            return;
        }
        if shortest == 0 {
            self.error(
                name,
                "BASE_TYPE_MAX_LENGTH",
                format!("Must be {longest} or fewer in length."),
            );
        } else {
            self.error(
                name,
                "BASE_TYPE_BAD_LENGTH",
                format!("Must be between {shortest} and {longest} in length."),
            );
        }
    }

    pub(crate) fn integer(&self, name: &str, least: i64, most: i64) -> Option<i64> {
        let value = self.raw(name)?;
        let number = match value {
            Value::Number(number) => number.as_i64().or_else(|| {
                // Whole and below 2^53: the cast is exact.
                number
                    .as_f64()
                    .filter(|number| number.fract() == 0.0 && number.abs() < 9e15)
                    .map(|number| number as i64)
            }),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            self.error(
                name,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{}\" is not int.", plain(value)),
            );
            return None;
        };
        if number < least {
            let message = format!("int value should be greater than or equal to {least}.");
            self.error(name, "NUMBER_TYPE_MIN", message);
        } else if number > most {
            self.error(
                name,
                "NUMBER_TYPE_MAX",
                format!("int value should be less than or equal to {most}."),
            );
        }
        Some(number)
    }

    /// An integer that must be one of `choices`.
    pub(crate) fn choice(&self, name: &str, choices: &[i64]) -> Option<i64> {
        let number = self.integer(name, i64::MIN, i64::MAX)?;
        if !choices.contains(&number) {
            let list: Vec<String> = choices.iter().map(i64::to_string).collect();
            self.error(
                name,
                "BASE_TYPE_CHOICES",
                format!("Value must be one of ({}).", list.join(", ")),
            );
        }
        Some(number)
    }

    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        match self.raw(name)? {
            Value::Bool(is) => Some(*is),
            _ => {
                self.error(
                    name,
                    "BOOLEAN_TYPE_CONVERT",
                    "Must be either true or false.",
                );
                None
            }
        }
    }

    pub(crate) fn id(&self, name: &str) -> Option<u64> {
        let value = self.raw(name)?;
        let id = read_id(value);
        if id.is_none() {
            self.error(
                name,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{}\" is not snowflake.", plain(value)),
            );
        }
        id
    }

    /// Permission bits, sent as text.
    pub(crate) fn bits(&self, name: &str) -> Option<u64> {
        let value = self.raw(name)?;
        let bits = read_id(value);
        if bits.is_none() {
            self.error(
                name,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{}\" is not int.", plain(value)),
            );
        }
        bits
    }

    /// A list of ids of at most `most`.
    pub(crate) fn ids(&self, name: &str, most: usize) -> Option<Vec<u64>> {
        let list = self.list(name, 0, most)?;
        let read = list.iter().enumerate().filter_map(|(index, value)| {
            let id = read_id(value);
            if id.is_none() {
                let message = format!("Value \"{}\" is not snowflake.", plain(value));
                self.error(&format!("{name}.{index}"), "NUMBER_TYPE_COERCE", message);
            }
            id
        });
        Some(read.collect())
    }

    pub(crate) fn list(&self, name: &str, fewest: usize, most: usize) -> Option<&'a [Value]> {
        let Some(list) = self.raw(name)?.as_array() else {
            self.error(
                name,
                "LIST_TYPE_CONVERT",
                "Only iterables may be used in a ListType",
            );
            return None;
        };
        self.length(name, list.len(), fewest, most);
        Some(list)
    }

    /// A list of objects.
    pub(crate) fn objects(
        &self,
        name: &str,
        fewest: usize,
        most: usize,
    ) -> Option<Vec<Fields<'a>>> {
        let list = self.list(name, fewest, most)?;
        let path = self.path_of(name);
        Some(
            list.iter()
                .enumerate()
                .map(|(index, value)| self.form.at(value, format!("{path}.{index}")))
                .collect(),
        )
    }

    /// An object inside this one.
    pub(crate) fn object(&self, name: &str) -> Option<Fields<'a>> {
        Some(self.form.at(self.raw(name)?, self.path_of(name)))
    }

    /// An http or https address; `attachment://` too where files can be meant.
    pub(crate) fn url(&self, name: &str, longest: usize, attachments: bool) -> Option<&'a str> {
        let url = self.text(name, 0, longest)?;
        if url.is_empty() || (attachments && url.starts_with("attachment://")) {
            return Some(url);
        }
        match url.split_once("://") {
            Some(("http" | "https", rest))
                if !rest.is_empty() && !rest.starts_with('/') && !url.contains(' ') => {}
            Some((scheme, _)) if scheme != "http" && scheme != "https" => self.error(
                name,
                "URL_TYPE_INVALID_SCHEME",
                format!(
                    "Scheme \"{scheme}\" is not supported. Scheme must be one of ('http', 'https')."
                ),
            ),
            _ => self.error(name, "URL_TYPE_INVALID_URL", "Not a well formed URL."),
        }
        Some(url)
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
