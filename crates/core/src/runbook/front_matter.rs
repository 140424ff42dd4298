//! The YAML between the two `---` lines: what the runbook is called and when it fits.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::fill::{is_safe_default, is_variable_name};
use super::finding::{Findings, Place};
use super::matcher::{MatchBlock, Matcher};
use super::{RunbookCategory, RunbookId, RunbookLink, Variable, VariableSource};
use crate::severity::Severity;

const KEYS: &str =
    "id, title, category, severity_hint, match, priority, owners, review_by, variables, links";

/// What could be read. `None` and empty fields are either optional or have a finding.
#[derive(Debug, Default)]
pub(crate) struct FrontMatter {
    pub(crate) id: Option<RunbookId>,
    pub(crate) title: Option<String>,
    pub(crate) category: Option<RunbookCategory>,
    pub(crate) severity_hint: Option<Severity>,
    pub(crate) match_blocks: Vec<(MatchBlock, Place)>,
    pub(crate) priority: u8,
    pub(crate) owners: Vec<String>,
    pub(crate) review_by: Option<(NaiveDate, Place)>,
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) links: Vec<(RunbookLink, Place)>,
}

/// The two halves of a file.
#[derive(Debug)]
pub(crate) struct Halves<'a> {
    pub(crate) yaml: &'a str,
    /// Byte offset at which the Markdown begins.
    pub(crate) body_start: usize,
}

/// `None` when the file does not begin with a closed front matter.
pub(crate) fn split(text: &str) -> Option<Halves<'_>> {
    let start = text.strip_prefix("---\n").map(|_| 4)?;
    let mut line_start = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some(Halves {
                yaml: &text[start..line_start],
                body_start: line_start + line.len(),
            });
        }
        line_start += line.len();
    }
    None
}

pub(crate) fn read(yaml: &str, findings: &mut Findings) -> FrontMatter {
    // One empty line stands for the opening `---`, so that YAML counts lines as the file does.
    let document = format!("\n{yaml}");
    let options = serde_saphyr::options! { with_snippet: false };
    let entries = match serde_saphyr::from_str_with_options::<Spanned<Node>>(&document, options) {
        Ok(Spanned {
            value: Node::Map(entries),
            ..
        }) => entries,
        Ok(_) => {
            let mend = format!("Write one `key: value` per line; the keys are {KEYS}");
            findings.error(Place::START, "the front matter holds no keys", mend);
            return FrontMatter::default();
        }
        Err(error) => {
            let place = error.location().map_or(Place::START, place_of);
            let message = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
            let sentence = message.lines().next().unwrap_or_default();
            // The place is said once, in front.
            let sentence = sentence.split(" at line ").next().unwrap_or_default();
            let sentence = sentence.trim_end_matches('.').to_owned();
            let mend =
                "Mend the YAML; quote a value that holds : # { } [ ] or starts with a symbol";
            findings.error(
                place,
                format!("the front matter is not valid YAML: {sentence}"),
                mend,
            );
            return FrontMatter::default();
        }
    };
    let mut reader = Reader {
        findings,
        front_matter: FrontMatter::default(),
    };
    for (key, value) in &entries {
        reader.read_key(key, value);
    }
    for required in ["id", "title", "category"] {
        if !entries.iter().any(|(key, _)| key.value == required) {
            reader.findings.error(
                Place::START,
                format!("the front matter has no `{required}`"),
                format!("Add a line `{required}: …` between the two --- lines"),
            );
        }
    }
    reader.front_matter
}

fn source_of(text: &str) -> Option<VariableSource> {
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    match text.split_once('.') {
        Some(("labels", name)) => named(name).map(VariableSource::Label),
        Some(("annotations", name)) => named(name).map(VariableSource::Annotation),
        None if text == "service" => Some(VariableSource::Service),
        _ => None,
    }
}

fn place_of(location: serde_saphyr::Location) -> Place {
    let at_least_one = |number: u64| usize::try_from(number).unwrap_or(1).max(1);
    Place {
        source: 0,
        line: at_least_one(location.line()),
        column: at_least_one(location.column()),
    }
}

struct Reader<'r> {
    findings: &'r mut Findings,
    front_matter: FrontMatter,
}

impl Reader<'_> {
    fn read_key(&mut self, key: &Spanned<String>, value: &Spanned<Node>) {
        let place = place_of(value.referenced);
        match key.value.as_str() {
            "id" => self.read_id(value),
            "title" => self.front_matter.title = self.text("title", value),
            "category" => {
                let known = RunbookCategory::ALL.map(|category| (category.id(), category));
                self.front_matter.category = self.one_of("category", value, &known);
            }
            "severity_hint" => {
                let known = Severity::ALL.map(|severity| (severity.id(), severity));
                self.front_matter.severity_hint = self.one_of("severity_hint", value, &known);
            }
            "match" => self.read_match(value),
            "priority" => match self.text("priority", value).map(|text| text.parse::<u8>()) {
                Some(Ok(priority @ 0..=100)) => self.front_matter.priority = priority,
                Some(_) => self.findings.error(
                    place,
                    "`priority` is not a whole number from 0 to 100",
                    "Write for example `priority: 50`; the higher one wins",
                ),
                None => {}
            },
            "owners" => self.read_owners(value),
            "review_by" => {
                let Some(text) = self.text("review_by", value) else {
                    return;
                };
                match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
                    Ok(date) => self.front_matter.review_by = Some((date, place)),
                    Err(_) => self.findings.error(
                        place,
                        format!("`review_by` is not a day: `{text}`"),
                        "Write year-month-day, for example 2027-03-01",
                    ),
                }
            }
            "variables" => self.read_variables(value),
            "links" => self.read_links(value),
            unknown => self.unknown_key(place_of(key.referenced), unknown, KEYS),
        }
    }

    fn read_id(&mut self, value: &Spanned<Node>) {
        let Some(text) = self.text("id", value) else {
            return;
        };
        self.front_matter.id = RunbookId::new(&text);
        if self.front_matter.id.is_none() {
            self.findings.error(
                place_of(value.referenced),
                format!("`{text}` cannot be the id of a runbook"),
                "Use 2 to 48 lower-case letters, digits and hyphens, and keep it for ever",
            );
        }
    }

    fn read_match(&mut self, value: &Spanned<Node>) {
        const SHAPE: &str =
            "Write a list of blocks, each block a list of matchers: - ['alertname=~\"Db.*\"']";
        for block in self.list("match", value, SHAPE) {
            let mut matchers = Vec::new();
            let items = self.list("match", block, SHAPE);
            if items.is_empty() {
                if matches!(block.value, Node::List(_) | Node::Null) {
                    let place = place_of(block.referenced);
                    self.findings
                        .error(place, "a block of `match` is empty", SHAPE);
                }
                continue;
            }
            for item in items {
                let Some(text) = self.text("match", item) else {
                    continue;
                };
                match Matcher::parse(&text) {
                    Ok(matcher) => matchers.push(matcher),
                    Err(error) => self.findings.error(
                        place_of(item.referenced),
                        format!("`{text}` is no matcher: {}", error.message),
                        error.mend,
                    ),
                }
            }
            if matchers.len() == items.len() {
                self.front_matter
                    .match_blocks
                    .push((MatchBlock { matchers }, place_of(block.referenced)));
            }
        }
    }

    fn read_owners(&mut self, value: &Spanned<Node>) {
        for item in self.list("owners", value, "Write a list such as [team-data]") {
            let owner = self.text("owners", item);
            self.front_matter.owners.extend(owner);
        }
    }

    fn read_variables(&mut self, value: &Spanned<Node>) {
        const SHAPE: &str =
            "Write it like instance: { from: labels.instance, default: \"<db-primary>\" }";
        for (name, fields) in self.map("variables", value, SHAPE) {
            if !is_variable_name(&name.value) {
                self.findings.error(
                    place_of(name.referenced),
                    format!("`{}` cannot be the name of a variable", name.value),
                    "Use lower-case letters, digits and _ (upper case is left to the shell)",
                );
                continue;
            }
            let mut variable = Variable {
                from: None,
                default: None,
            };
            for (key, field) in self.map("variables", fields, SHAPE) {
                let place = place_of(field.referenced);
                match key.value.as_str() {
                    "from" => {
                        let Some(text) = self.text("from", field) else {
                            continue;
                        };
                        variable.from = source_of(&text);
                        if variable.from.is_none() {
                            self.findings.error(
                                place,
                                format!("`from: {text}` names nothing that alerts have"),
                                "Write labels.instance, annotations.region (with the names that yours have), or service",
                            );
                        }
                    }
                    "default" => {
                        let Some(text) = self.text("default", field) else {
                            continue;
                        };
                        if !is_safe_default(&text) {
                            self.findings.error(
                                place,
                                format!("the default of `{}` holds a character that a shell could act on", name.value),
                                "Use letters, digits and . _ : / @ - only, or a hint in angle brackets such as <db-primary>",
                            );
                        }
                        variable.default = Some(text);
                    }
                    unknown => self.unknown_key(place_of(key.referenced), unknown, "from, default"),
                }
            }
            self.front_matter
                .variables
                .insert(name.value.clone(), variable);
        }
    }

    fn read_links(&mut self, value: &Spanned<Node>) {
        const SHAPE: &str =
            "Write it like - { label: \"DB dashboard\", url: \"https://grafana.example/d/db\" }";
        for item in self.list("links", value, SHAPE) {
            let (mut label, mut url) = (None, None);
            for (key, field) in self.map("links", item, SHAPE) {
                match key.value.as_str() {
                    "label" => label = self.text("label", field),
                    "url" => url = self.text("url", field),
                    unknown => self.unknown_key(place_of(key.referenced), unknown, "label, url"),
                }
            }
            let place = place_of(item.referenced);
            match (label, url) {
                (Some(label), Some(url)) => self
                    .front_matter
                    .links
                    .push((RunbookLink { label, url }, place)),
                _ => self
                    .findings
                    .error(place, "a link needs a label and a url", SHAPE),
            }
        }
    }

    fn unknown_key(&mut self, place: Place, key: &str, known: &str) {
        self.findings.error(
            place,
            format!("the front matter knows no key `{key}`"),
            format!("Remove it or use one of {known}"),
        );
    }

    /// A scalar that is not empty; otherwise a finding.
    fn text(&mut self, key: &str, value: &Spanned<Node>) -> Option<String> {
        match &value.value {
            Node::Scalar(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Node::Scalar(_) | Node::Null => {
                self.findings.error(
                    place_of(value.referenced),
                    format!("`{key}` has no value"),
                    "Write a value or remove the line",
                );
                None
            }
            Node::List(_) | Node::Map(_) => {
                self.findings.error(
                    place_of(value.referenced),
                    format!("`{key}` must be a single value"),
                    "Write text or a number; quote it when it holds brackets",
                );
                None
            }
        }
    }

    fn one_of<T: Copy>(
        &mut self,
        key: &str,
        value: &Spanned<Node>,
        known: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(key, value)?;
        let found = known
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, known)| *known);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            self.findings.error(
                place_of(value.referenced),
                format!("`{text}` is no {key}"),
                format!("Use one of {}", words.join(", ")),
            );
        }
        found
    }

    fn list<'n>(&mut self, key: &str, value: &'n Spanned<Node>, mend: &str) -> &'n [Spanned<Node>] {
        match &value.value {
            Node::List(items) => items,
            Node::Null => &[],
            Node::Scalar(_) | Node::Map(_) => {
                self.findings.error(
                    place_of(value.referenced),
                    format!("`{key}` must be a list"),
                    mend,
                );
                &[]
            }
        }
    }

    fn map<'n>(
        &mut self,
        key: &str,
        value: &'n Spanned<Node>,
        mend: &str,
    ) -> &'n [(Spanned<String>, Spanned<Node>)] {
        match &value.value {
            Node::Map(entries) => entries,
            Node::Null => &[],
            Node::Scalar(_) | Node::List(_) => {
                self.findings.error(
                    place_of(value.referenced),
                    format!("`{key}` must hold keys and values"),
                    mend,
                );
                &[]
            }
        }
    }
}

/// YAML before it means anything, so that one wrong value does not hide the next.
#[derive(Debug)]
enum Node {
    Null,
    Scalar(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Node::Map(map))
    }
}
