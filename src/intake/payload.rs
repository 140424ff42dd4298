//! Reading a JSON body field by field, so that a mistake can be named by its place: `alerts[2].startsAt`.
//!
//! The values stay raw text until somebody asks for them. What nobody asks for is skipped without being built, however
//! deep or large it is: a sender may add fields at any time.

use std::borrow::Cow;
use std::fmt;

use bridgewatch_core::alert::Pairs;
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The longest text that an error repeats, in characters.
const QUOTED_CHARS: usize = 60;

/// The most labels or annotations an alert may have. Prometheus users have some ten; a hundred is a mistake or an attack.
pub const MAX_PAIRS: usize = 256;

/// The longest name of a label or annotation, in bytes.
pub const MAX_NAME_BYTES: usize = 1_024;

/// The most fields an object may have. Formats have a dozen; what is not known of them is skipped.
const MAX_FIELDS: usize = 256;

/// Why a body cannot be taken: where, what, and how to mend it. Never repeats more than a few words of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}. {mend}.")]
pub struct PayloadError {
    /// Where: `alerts[2].startsAt`, or `body` for all of it.
    pub path: String,
    /// What is wrong, without a full stop.
    pub problem: String,
    /// How to mend it, without a full stop.
    pub mend: String,
}

impl PayloadError {
    /// An error at `path`.
    pub fn new(
        path: impl fmt::Display,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_string(),
            problem: problem.into(),
            mend: mend.into(),
        }
    }
}

/// A JSON object whose values are still text.
#[derive(Debug)]
pub struct Object<'body> {
    path: String,
    fields: Fields<'body>,
}

/// Names and raw values in their order. Objects have a dozen fields: looking through them costs less than sorting them.
#[derive(Debug)]
struct Fields<'body>(Vec<(Cow<'body, str>, &'body RawValue)>);

impl<'body> Fields<'body> {
    /// The value of a field; of several with one name the last, as everybody reads JSON.
    fn get(&self, name: &str) -> Option<&'body RawValue> {
        let named = self.0.iter().rev().find(|(known, _)| known == name);
        named.map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// A name that is borrowed from the body unless it has escapes in it.
#[derive(Deserialize)]
struct Name<'body>(#[serde(borrow)] Cow<'body, str>);

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<Self::Value, Map::Error> {
        let mut fields = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            if fields.len() == MAX_FIELDS {
                return Err(Map::Error::custom("an object with too many fields"));
            }
            fields.push((name, value));
        }
        Ok(Fields(fields))
    }
}

/// Names and texts, counted to the end and kept as far as they are allowed.
struct Texts {
    kept: Vec<(String, String)>,
    total: usize,
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts")
    }

    fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<Self::Value, Map::Error> {
        let mut kept = Vec::new();
        while kept.len() < MAX_PAIRS {
            match map.next_entry()? {
                Some(pair) => kept.push(pair),
                None => break,
            }
        }
        let mut total = kept.len();
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            total += 1;
        }
        Ok(Texts { kept, total })
    }
}

/// The items of a list, counted to the end and kept as far as they are allowed: a list of a million empty objects fits into
/// a body, and must not become a gigabyte here.
struct Items<'body> {
    kept: Vec<Fields<'body>>,
    total: usize,
}

struct ItemsUpTo(usize);

impl<'de> DeserializeSeed<'de> for ItemsUpTo {
    type Value = Items<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ItemsUpTo {
    type Value = Items<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of objects")
    }

    fn visit_seq<List: SeqAccess<'de>>(self, mut list: List) -> Result<Self::Value, List::Error> {
        let mut kept = Vec::new();
        while kept.len() < self.0 {
            match list.next_element()? {
                Some(fields) => kept.push(fields),
                None => break,
            }
        }
        let mut total = kept.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            total += 1;
        }
        Ok(Items { kept, total })
    }
}

/// The whole body as one JSON object.
///
/// # Errors
/// Names what is wrong with the text: not UTF-8, not JSON, not an object.
pub fn body_object(body: &[u8]) -> Result<Object<'_>, PayloadError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(PayloadError::new(
            "body",
            "it is empty",
            "Send the notification as a JSON object",
        ));
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        PayloadError::new(
            "body",
            format!("it is not UTF-8 from byte {} on", error.valid_up_to()),
            "Send JSON encoded as UTF-8, uncompressed",
        )
    })?;
    let fields = serde_json::from_str(text).map_err(|error| {
        if error.is_data() && text.trim_start().starts_with('{') {
            return too_many_fields("body".to_owned());
        }
        PayloadError::new(
            "body",
            format!("it is not a JSON object ({})", plain(&error)),
            "Send the notification as a JSON object",
        )
    })?;
    Ok(Object {
        path: String::new(),
        fields,
    })
}

impl<'body> Object<'body> {
    /// The place of one of its fields.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The raw value of a field; `null` counts as missing.
    fn raw(&self, name: &str) -> Option<&'body RawValue> {
        self.fields.get(name).filter(|value| value.get() != "null")
    }

    /// Whether the object has such a field.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    fn required(&self, name: &str, mend: &str) -> Result<&'body RawValue, PayloadError> {
        self.raw(name)
            .ok_or_else(|| PayloadError::new(self.place(name), "it is missing", mend))
    }

    fn read<T: DeserializeOwned>(
        &self,
        name: &str,
        value: &RawValue,
        kind: &str,
    ) -> Result<T, PayloadError> {
        read(|| self.place(name), value, kind)
    }

    /// A text of at most `max_bytes`; `None` if it is missing or empty.
    ///
    /// # Errors
    /// If it is no text, too long, or has a NUL character in it.
    pub fn text(&self, name: &str, max_bytes: usize) -> Result<Option<String>, PayloadError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let text: String = self.read(name, value, "a text")?;
        storable(|| self.place(name), &text, max_bytes)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A text that must be there; `mend` says where it should come from.
    ///
    /// # Errors
    /// If it is missing, empty, no text, too long, or has a NUL character in it.
    pub fn required_text(
        &self,
        name: &str,
        max_bytes: usize,
        mend: &str,
    ) -> Result<String, PayloadError> {
        self.required(name, mend)?;
        self.text(name, max_bytes)?
            .ok_or_else(|| PayloadError::new(self.place(name), "it is empty", mend))
    }

    /// A count; 0 if it is missing.
    ///
    /// # Errors
    /// If it is no whole number from 0 up.
    pub fn count(&self, name: &str) -> Result<u64, PayloadError> {
        match self.raw(name) {
            Some(value) => self.read(name, value, "a whole number from 0 up"),
            None => Ok(0),
        }
    }

    /// Names and numbers, for example what a rule measured; none if the field is missing. A number that is none, such as
    /// a measurement that failed, is left out.
    ///
    /// # Errors
    /// If it is no object, or has too many or too long names.
    pub fn numbers(&self, name: &str) -> Result<Vec<(String, f64)>, PayloadError> {
        let Some(value) = self.raw(name) else {
            return Ok(Vec::new());
        };
        let fields: Fields<'_> = serde_json::from_str(value.get())
            .map_err(|_| wrong_kind(self.place(name), value, "an object of numbers"))?;
        let mut numbers = Vec::new();
        for (key, value) in fields.0 {
            storable(|| self.place(name), &key, MAX_NAME_BYTES)?;
            if let Ok(number) = serde_json::from_str::<f64>(value.get()) {
                numbers.push((key.into_owned(), number));
            }
        }
        Ok(numbers)
    }

    /// What a stranger wrote for people to read: too long, it is cut and says so; a NUL character is replaced. Nobody is
    /// left asleep because a text is too long.
    ///
    /// # Errors
    /// If it is no text.
    pub fn words(&self, name: &str, max_bytes: usize) -> Result<Option<String>, PayloadError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let text: String = self.read(name, value, "a text")?;
        Ok(Some(readable(text, max_bytes)).filter(|text| !text.is_empty()))
    }

    /// As [`Self::words`], where they must be there.
    ///
    /// # Errors
    /// If it is missing, empty, or no text.
    pub fn required_words(
        &self,
        name: &str,
        max_bytes: usize,
        mend: &str,
    ) -> Result<String, PayloadError> {
        self.required(name, mend)?;
        self.words(name, max_bytes)?
            .ok_or_else(|| PayloadError::new(self.place(name), "it is empty", mend))
    }

    /// Names and texts, for example labels; none if the field is missing. A text that is too long is cut and says so, a NUL
    /// character is replaced: what is wrong with one label is no reason to let nobody know.
    ///
    /// # Errors
    /// If it is no object of texts, or has too many, or too long names.
    pub fn pairs(&self, name: &str, max_value_bytes: usize) -> Result<Pairs, PayloadError> {
        let kept = self.pairs_as_sent(name)?;
        Ok(kept
            .into_iter()
            .map(|(key, text)| (without_nul(key), readable(text, max_value_bytes)))
            .collect())
    }

    /// The same, as the sender wrote them: for what they identify, never for what is stored or shown.
    ///
    /// # Errors
    /// If it is no object of texts, or has too many, or too long names.
    pub fn pairs_as_sent(&self, name: &str) -> Result<Vec<(String, String)>, PayloadError> {
        let Some(value) = self.raw(name) else {
            return Ok(Vec::new());
        };
        // Almost always all is well, and naming the place of each text would cost more than reading it.
        let Ok(Texts { kept, total }) = serde_json::from_str(value.get()) else {
            return Err(self.what_is_no_text(name, value));
        };
        if total > MAX_PAIRS {
            return Err(PayloadError::new(
                self.place(name),
                format!("it has {total} entries, more than {MAX_PAIRS}"),
                "Drop the ones nobody reads in the alerting rule",
            ));
        }
        for (key, _) in &kept {
            short_enough(|| self.place(name), key, MAX_NAME_BYTES)?;
        }
        Ok(kept)
    }

    /// Names what is wrong with names and texts: all of them, or the first that is no text.
    fn what_is_no_text(&self, name: &str, value: &RawValue) -> PayloadError {
        let place = self.place(name);
        let fields = match serde_json::from_str::<Fields<'_>>(value.get()) {
            Ok(fields) => fields,
            Err(_) if value.get().starts_with('{') => return too_many_fields(place),
            Err(_) => return wrong_kind(place, value, "an object of texts"),
        };
        let mut texts = fields.0.iter().map(|(key, value)| {
            let place = || self.place_of_pair(name, key);
            storable(|| self.place(name), key, MAX_NAME_BYTES)
                .and_then(|()| read::<String>(place, value, "a text"))
        });
        texts
            .find_map(Result::err)
            .unwrap_or_else(|| wrong_kind(place, value, "an object of texts"))
    }

    fn place_of_pair(&self, name: &str, key: &str) -> String {
        format!("{}.{}", self.place(name), quoted(key))
    }

    /// A list of objects; `mend` says what should be in it.
    ///
    /// # Errors
    /// If it is missing, no list, empty, longer than `max_items`, or one of its items is no object.
    pub fn objects(
        &self,
        name: &str,
        max_items: usize,
        mend: &str,
    ) -> Result<Vec<Object<'body>>, PayloadError> {
        let value = self.required(name, mend)?;
        let place = self.place(name);
        // Almost always all is well; only a mistake is looked for item by item.
        let mut json = serde_json::Deserializer::from_str(value.get());
        let items = match ItemsUpTo(max_items).deserialize(&mut json) {
            Ok(items) => items,
            Err(_) => return Err(what_is_no_object(place, value)),
        };
        if items.total == 0 {
            return Err(PayloadError::new(place, "it is empty", mend));
        }
        if items.total > max_items {
            return Err(PayloadError::new(
                place,
                format!("it has {} items, more than {max_items}", items.total),
                "Group by more labels, or limit the group at the sender (max_alerts)",
            ));
        }
        let objects = items
            .kept
            .into_iter()
            .enumerate()
            .map(|(index, fields)| Object {
                path: format!("{place}[{index}]"),
                fields,
            });
        Ok(objects.collect())
    }

    /// A time as [`Self::time`], or as a whole number of seconds or milliseconds since 1970, also as a text: what
    /// templates of other programs can write.
    ///
    /// # Errors
    /// If it is neither, or a time before 2000 or after 2199.
    pub fn time_or_number(&self, name: &str) -> Result<Option<DateTime<Utc>>, PayloadError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let digits = value.get().trim_matches('"');
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return self.time(name);
        }
        // Seconds have ten digits until the year 2286, milliseconds thirteen.
        let time = digits.parse::<i64>().ok().and_then(|number| {
            if digits.len() > 11 {
                DateTime::from_timestamp_millis(number)
            } else {
                DateTime::from_timestamp(number, 0)
            }
        });
        match time {
            Some(time) if (2000..=2199).contains(&time.year()) => Ok(Some(time)),
            _ => Err(PayloadError::new(
                self.place(name),
                format!("`{}` is no time of these years", quoted(digits)),
                "Write it like 2026-11-21T03:02:10Z, or as seconds or milliseconds since 1970",
            )),
        }
    }

    /// A time in microseconds; `None` if it is missing or the year 1, by which programs written in Go mean "no time".
    ///
    /// # Errors
    /// If it is no RFC 3339 time, or a time before 2000 or after 2199.
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, PayloadError> {
        let Some(value) = self.raw(name) else {
            return Ok(None);
        };
        let text: String = self.read(name, value, "an RFC 3339 time")?;
        let time = DateTime::parse_from_rfc3339(&text)
            .map_err(|_| {
                PayloadError::new(
                    self.place(name),
                    format!("`{}` is not an RFC 3339 time", quoted(&text)),
                    "Write it like 2026-11-21T03:02:10Z",
                )
            })?
            .to_utc();
        match time.year() {
            ..=1 => Ok(None),
            2000..=2199 => Ok(Some(time.trunc_subsecs(6))),
            year => Err(PayloadError::new(
                self.place(name),
                format!("it lies in the year {year}"),
                "Check the clock of the sender",
            )),
        }
    }
}

/// Names what is wrong with a list of objects: the list, or the first item that is no object.
fn what_is_no_object(place: String, list: &RawValue) -> PayloadError {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(list.get()) else {
        return wrong_kind(place, list, "a list of objects");
    };
    for (index, item) in items.into_iter().enumerate() {
        if serde_json::from_str::<Fields<'_>>(item.get()).is_err() {
            let path = format!("{place}[{index}]");
            return if item.get().starts_with('{') {
                too_many_fields(path)
            } else {
                wrong_kind(path, item, "an object")
            };
        }
    }
    wrong_kind(place, list, "a list of objects")
}

/// An object that is one, and that nobody means.
fn too_many_fields(path: String) -> PayloadError {
    PayloadError::new(
        path,
        format!("it has more than {MAX_FIELDS} fields, or one whose name cannot be read"),
        "Send the fields of the format, and no others",
    )
}

/// `place` is asked only when something is wrong there.
fn read<T: DeserializeOwned>(
    place: impl FnOnce() -> String,
    value: &RawValue,
    kind: &str,
) -> Result<T, PayloadError> {
    serde_json::from_str(value.get()).map_err(|_| wrong_kind(place(), value, kind))
}

fn wrong_kind(place: String, value: &RawValue, kind: &str) -> PayloadError {
    let found = match value.get().as_bytes().first() {
        Some(b'"') => "a text",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    };
    let problem = if found == kind || kind.starts_with(found) {
        // The kind is right and the content is not: a lone surrogate in a text, a number with a fraction or a sign.
        format!("`{}` is not {kind}", quoted(value.get()))
    } else {
        format!("it is {found}, not {kind}")
    };
    PayloadError::new(place, problem, format!("Send {kind}"))
}

/// A text without what no database keeps, and not longer than anybody reads: `… (cut, 9,812 bytes)` says how long it was.
fn readable(text: String, max_bytes: usize) -> String {
    let sent_bytes = text.len();
    let text = without_nul(text);
    if text.len() <= max_bytes {
        return text;
    }
    let told = format!("{CUT}{} bytes)", with_thousands(sent_bytes));
    let mut end = max_bytes.saturating_sub(told.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{told}", &text[..end])
}

/// What stands behind a text that was cut, before its length.
const CUT: &str = "… (cut, ";

/// Whether a text was cut here: a link that was leads nowhere.
#[must_use]
pub fn was_cut(text: &str) -> bool {
    text.contains(CUT) && text.ends_with(" bytes)")
}

fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// 9812 as `9,812`.
fn with_thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// Refuses what no database keeps, a NUL character, and more text than a name has.
fn storable(place: impl Fn() -> String, text: &str, max_bytes: usize) -> Result<(), PayloadError> {
    short_enough(&place, text, max_bytes)?;
    if text.contains('\0') {
        return Err(PayloadError::new(
            place(),
            "it has a NUL character in it",
            "Remove the character U+0000",
        ));
    }
    Ok(())
}

fn short_enough(
    place: impl FnOnce() -> String,
    text: &str,
    max_bytes: usize,
) -> Result<(), PayloadError> {
    if text.len() > max_bytes {
        return Err(PayloadError::new(
            place(),
            format!("it has {} bytes, more than {max_bytes}", text.len()),
            "Shorten it in the alerting rule",
        ));
    }
    Ok(())
}

/// The beginning of a text, on one line, without anything invisible.
pub fn quoted(text: &str) -> String {
    bridgewatch_core::alert::safe_line(text, QUOTED_CHARS)
}

/// A syntax error without the words of the library.
fn plain(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("it ends too early, at {place}"),
        serde_json::error::Category::Data => "it is other JSON".to_owned(),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            format!("it cannot be read on at {place}")
        }
    }
}
