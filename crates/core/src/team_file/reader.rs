//! Reading TOML with the place of every value at hand.
//!
//! Not through serde: it stops at the first mistake, and a team should see all of them at once.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Checked, Finding, Rejected, Weight};

/// Bytes of the file's text.
pub(crate) type Span = Range<usize>;

/// A value of the file together with its place.
pub(crate) type Value<'a, 'i> = &'a Spanned<DeValue<'i>>;

/// Something read from the file together with its place.
#[derive(Clone, Debug)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// Collects what is wrong with one file.
#[derive(Debug)]
pub(crate) struct Findings<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<Finding>,
}

impl<'t> Findings<'t> {
    pub(crate) fn of(file: &'t str, text: &'t str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    pub(crate) fn error(&mut self, span: &Span, what: impl Into<String>, mend: impl Into<String>) {
        self.add(Weight::Error, span, what.into(), mend.into());
    }

    pub(crate) fn warning(
        &mut self,
        span: &Span,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Weight::Warning, span, what.into(), mend.into());
    }

    fn add(&mut self, weight: Weight, span: &Span, what: String, mend: String) {
        let (line, column) = self.position(span.start);
        self.found.push(Finding {
            weight,
            file: self.file.to_owned(),
            line,
            column,
            what,
            mend,
        });
    }

    /// Line and column, both from 1, of a byte; a byte outside or inside a character counts as the place before it.
    pub(crate) fn position(&self, byte: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(byte)];
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[line_start..].chars().count() + 1)
    }

    pub(crate) fn line(&self, span: &Span) -> usize {
        self.position(span.start).0
    }

    pub(crate) fn conclude<T>(mut self, value: T) -> Result<Checked<T>, Rejected> {
        self.sort();
        if self
            .found
            .iter()
            .any(|finding| finding.weight == Weight::Error)
        {
            return Err(Rejected(self.found));
        }
        Ok(Checked {
            value,
            warnings: self.found,
        })
    }

    fn sort(&mut self) {
        self.found
            .sort_by_key(|finding| (finding.line, finding.column));
    }

    pub(crate) fn reject(mut self) -> Rejected {
        self.sort();
        Rejected(self.found)
    }
}

/// The whole document, or what keeps it from being TOML at all.
pub(crate) fn parse_document<'t>(
    text: &'t str,
    findings: &mut Findings<'_>,
) -> Option<Spanned<DeTable<'t>>> {
    let (document, mistakes) = DeTable::parse_recoverable(text);
    for mistake in &mistakes {
        let span = mistake.span().unwrap_or(text.len()..text.len());
        findings.error(
            &span,
            format!("this is not TOML: {}", mistake.message()),
            "Correct it here; texts stand in quotes, as in key = \"value\"",
        );
    }
    mistakes.is_empty().then_some(document)
}

/// One table of the file, whose unknown keys have been reported.
#[derive(Clone, Debug)]
pub(crate) struct Section<'a, 'i> {
    name: &'a str,
    span: Span,
    table: &'a DeTable<'i>,
}

impl<'a, 'i> Section<'a, 'i> {
    /// `name` as the author would look for it: `the file`, `[[schedule]]`.
    pub(crate) fn open(
        name: &'a str,
        span: Span,
        table: &'a DeTable<'i>,
        allowed: &[&str],
        findings: &mut Findings<'_>,
    ) -> Self {
        for key in table.keys() {
            if !allowed.contains(&key.get_ref().as_ref()) {
                findings.error(
                    &key.span(),
                    format!("unknown key `{}` in {name}", shown(key.get_ref())),
                    format!("Allowed here: {}", allowed.join(", ")),
                );
            }
        }
        Self { name, span, table }
    }

    /// The same for a value that must be a table.
    pub(crate) fn open_value(
        name: &'a str,
        value: Value<'a, 'i>,
        allowed: &[&str],
        example: &str,
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::open(name, value.span(), table, allowed, findings)),
            other => {
                findings.error(
                    &value.span(),
                    format!("{name} is {}, but must be a table", kind_of(other)),
                    format!("Write {example}"),
                );
                None
            }
        }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    pub(crate) fn value(&self, key: &str) -> Option<Value<'a, 'i>> {
        self.table.get(key)
    }

    /// The value of a key that must be there. `example` is a whole line the author could write.
    pub(crate) fn required(
        &self,
        key: &str,
        example: &str,
        findings: &mut Findings<'_>,
    ) -> Option<Value<'a, 'i>> {
        let value = self.value(key);
        if value.is_none() {
            findings.error(
                &self.span,
                format!("{} has no `{key}`", self.name),
                format!("Add {example}"),
            );
        }
        value
    }

    pub(crate) fn text(
        &self,
        key: &str,
        example: &str,
        findings: &mut Findings<'_>,
    ) -> Option<Placed<&'a str>> {
        text_of(self.value(key)?, key, example, findings)
    }

    pub(crate) fn required_text(
        &self,
        key: &str,
        example: &str,
        findings: &mut Findings<'_>,
    ) -> Option<Placed<&'a str>> {
        text_of(
            self.required(key, example, findings)?,
            key,
            example,
            findings,
        )
    }

    /// The items of a list; nothing when it is not one. A missing key is an empty list.
    pub(crate) fn list(
        &self,
        key: &str,
        example: &str,
        findings: &mut Findings<'_>,
    ) -> Vec<Value<'a, 'i>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            findings.error(
                &value.span(),
                format!(
                    "`{key}` is {}, but must be a list",
                    kind_of(value.get_ref())
                ),
                format!("Write {example}"),
            );
            return Vec::new();
        };
        items.iter().collect()
    }

    /// Every `[[key]]` table, opened. `name` is how it is written, brackets and all.
    pub(crate) fn tables(
        &self,
        key: &str,
        name: &'a str,
        allowed: &[&str],
        findings: &mut Findings<'_>,
    ) -> Vec<Section<'a, 'i>> {
        self.list(key, &format!("{name} above its keys"), findings)
            .into_iter()
            .filter_map(|value| {
                Section::open_value(
                    name,
                    value,
                    allowed,
                    &format!("{name} above its keys"),
                    findings,
                )
            })
            .collect()
    }
}

pub(crate) fn text_of<'a>(
    value: Value<'a, '_>,
    key: &str,
    example: &str,
    findings: &mut Findings<'_>,
) -> Option<Placed<&'a str>> {
    let DeValue::String(text) = value.get_ref() else {
        findings.error(
            &value.span(),
            format!(
                "`{key}` is {}, but must be a text",
                kind_of(value.get_ref())
            ),
            format!("Write {example}"),
        );
        return None;
    };
    if text.trim().is_empty() {
        findings.error(
            &value.span(),
            format!("`{key}` is empty"),
            format!("Write {example}"),
        );
        return None;
    }
    Some(Placed {
        value: text.trim(),
        span: value.span(),
    })
}

/// A text from the file as it may be repeated in a finding: one line, not endless.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// What a value is, with its article, in the words of somebody who writes the file.
pub(crate) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
