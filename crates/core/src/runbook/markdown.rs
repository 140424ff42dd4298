//! The Markdown half of a runbook: headings become phases, task-list items become steps.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::ReferenceSection;
use super::attributes::{
    Attributes, COMMENT_START, comment_text, include_target, looks_like_attributes,
};
use super::finding::{Findings, Place};
use super::step::{CommandFence, Step, StepId, StepPhase, role_from_words};
use crate::role::Role;

/// A step and where it stands.
#[derive(Debug)]
pub(crate) struct PlacedStep {
    pub(crate) step: Step,
    pub(crate) place: Place,
}

/// What the Markdown half says.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) title: Option<(String, Place)>,
    pub(crate) meaning: String,
    pub(crate) meaning_place: Option<Place>,
    pub(crate) steps: Vec<PlacedStep>,
    pub(crate) reference: Vec<ReferenceSection>,
    /// Targets of links, as written.
    pub(crate) links: Vec<(String, Place)>,
}

type Spanned<'a> = (Event<'a>, Range<usize>);

/// Where the reader is between two headings.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Section {
    Meaning,
    Phase(StepPhase),
    /// A heading that is no phase; its text starts at this byte.
    Reference(usize),
}

/// Reads the Markdown that starts at byte `body_start` of `text`.
pub(crate) fn read(text: &str, body_start: usize, findings: &mut Findings<'_>) -> Body {
    let options = Options::ENABLE_TASKLISTS
        | Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_GFM;
    let events: Vec<Spanned<'_>> = Parser::new_ext(&text[body_start..], options)
        .into_offset_iter()
        .map(|(event, range)| (event, range.start + body_start..range.end + body_start))
        .collect();
    let ends = ends_of(&events);
    let comments = comments_of(text, &events);
    let (body, seen) = (Body::default(), Vec::new());
    let mut reader = Reader {
        text,
        events: &events,
        ends,
        comments,
        findings,
        body,
        seen,
    };
    reader.read();
    reader.body
}

struct Reader<'r, 'f> {
    text: &'r str,
    events: &'r [Spanned<'r>],
    /// For each event the index of the event that ends it.
    ends: Vec<usize>,
    /// Where the HTML comments stand, in order.
    comments: Vec<Range<usize>>,
    findings: &'r mut Findings<'f>,
    body: Body,
    seen: Vec<StepPhase>,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        self.look_for_links_and_includes();
        let mut section = Section::Meaning;
        let mut at = 0;
        while at < self.events.len() {
            let end = self.ends[at];
            let (event, range) = &self.events[at];
            let range = range.clone();
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    section = self.read_heading(*level, at..end, section);
                }
                Event::Start(Tag::List(_)) if matches!(section, Section::Phase(_)) => {
                    if let Section::Phase(phase) = section {
                        self.read_list(at, end, phase);
                    }
                }
                Event::Start(Tag::HtmlBlock) => {}
                Event::Start(_) | Event::Rule => self.read_block(range, section),
                _ => {}
            }
            at = end + 1;
        }
        self.close_section(section, self.text.len());
    }

    fn read_heading(
        &mut self,
        level: HeadingLevel,
        events: Range<usize>,
        section: Section,
    ) -> Section {
        let range = self.events[events.start].1.clone();
        let place = self.findings.place(range.start);
        let words = self.plain_text(events.start..events.end);
        match level {
            HeadingLevel::H1 => {
                if self.body.title.is_some() {
                    self.findings.error(
                        place,
                        "a second title",
                        "Use ## for a section; one # title is enough",
                    );
                } else {
                    self.body.title = Some((words, place));
                }
                section
            }
            HeadingLevel::H2 => {
                self.close_section(section, range.start);
                let phase = StepPhase::ALL
                    .into_iter()
                    .find(|phase| phase.heading().eq_ignore_ascii_case(&words));
                let Some(phase) = phase else {
                    self.body.reference.push(ReferenceSection {
                        title: words,
                        text: String::new(),
                    });
                    return Section::Reference(range.end);
                };
                if self.seen.contains(&phase) {
                    let message =
                        format!("the heading {} stands here a second time", phase.heading());
                    self.findings
                        .error(place, message, "Move its steps under the first one");
                }
                self.seen.push(phase);
                Section::Phase(phase)
            }
            _ => {
                if matches!(section, Section::Phase(_)) {
                    self.findings.warning(
                        place,
                        format!("the heading `{words}` inside a phase is not shown"),
                        "Remove it, or make it a ## section of its own",
                    );
                }
                section
            }
        }
    }

    /// Text outside lists: the meaning at the top, reference text under its heading, lost inside a phase.
    fn read_block(&mut self, range: Range<usize>, section: Section) {
        let place = self.findings.place(range.start);
        match section {
            Section::Meaning => {
                let paragraph = collapse(&self.without_comments(range));
                if !self.body.meaning.is_empty() && !paragraph.is_empty() {
                    self.body.meaning.push_str("\n\n");
                }
                self.body.meaning_place.get_or_insert(place);
                self.body.meaning.push_str(&paragraph);
            }
            Section::Phase(phase) => self.findings.warning(
                place,
                format!(
                    "text under {} that belongs to no step is not shown",
                    phase.heading()
                ),
                "Indent it under a step, or move it to a ## section of its own",
            ),
            Section::Reference(_) => {}
        }
    }

    fn close_section(&mut self, section: Section, end: usize) {
        let Section::Reference(start) = section else {
            return;
        };
        let text = self.without_comments(start..end).trim().to_owned();
        if let Some(reference) = self.body.reference.last_mut() {
            reference.text = text;
        }
        let task = self.events.iter().find(|(event, range)| {
            matches!(event, Event::TaskListMarker(_)) && (start..end).contains(&range.start)
        });
        if let Some((_, range)) = task {
            let place = self.findings.place(range.start);
            let phases = StepPhase::ALL.map(StepPhase::heading).join(", ");
            self.findings.warning(
                place,
                "a task under a heading that is no phase is not a step",
                format!("Move it under one of ## {phases}"),
            );
        }
    }

    fn read_list(&mut self, list: usize, list_end: usize, phase: StepPhase) {
        let mut at = list + 1;
        while at < list_end {
            let end = self.ends[at];
            let range = self.events[at].1.clone();
            let first = if matches!(self.events[at + 1].0, Event::Start(Tag::Paragraph)) {
                at + 2
            } else {
                at + 1
            };
            if let Event::TaskListMarker(ticked) = self.events[first].0 {
                let place = self.findings.place(range.start);
                if ticked {
                    self.findings.warning(
                        place,
                        "a step is ticked in the file",
                        "Write - [ ]; ticks belong to an incident",
                    );
                }
                if let Some(step) = self.read_step(range, first, end, phase) {
                    self.body.steps.push(PlacedStep { step, place });
                }
            } else {
                let place = self.findings.place(range.start);
                self.findings.warning(
                    place,
                    "a list item without a box is not a step and is not shown",
                    "Write - [ ] in front of it, or indent it under a step",
                );
            }
            at = end + 1;
        }
    }

    /// `marker` is the event of the box, `end` the end of the item.
    fn read_step(
        &mut self,
        item: Range<usize>,
        marker: usize,
        end: usize,
        phase: StepPhase,
    ) -> Option<Step> {
        let place = self.findings.place(item.start);
        let lead_end = (marker + 1..end)
            .find(|at| is_block_boundary(&self.events[*at].0))
            .unwrap_or(end);
        let lead_start = self.events[marker].1.end;
        let body_start = self.events[marker..lead_end]
            .iter()
            .map(|(_, range)| range.end)
            .max()
            .unwrap_or(lead_start);

        let mut attributes = Attributes::default();
        let comments: Vec<Range<usize>> = self.comments_in(lead_start..item.end).collect();
        for range in comments {
            let Some(comment) = comment_text(&self.text[range.clone()]) else {
                continue;
            };
            let comment_place = self.findings.place(range.start);
            if include_target(comment).is_some() {
                continue;
            }
            if range.end <= body_start {
                let start = range.start + COMMENT_START.len();
                attributes.read(comment, start, self.findings);
            } else if looks_like_attributes(comment) {
                self.findings.error(
                    comment_place,
                    "the attributes of a step stand below its first line",
                    "Move the comment to the end of the line with the box",
                );
            }
        }

        let (owner, text_start) = self.read_owner(marker + 1, lead_end, lead_start);
        let text = collapse(&self.without_comments(text_start..body_start));
        let decision = decision_question(&text);
        let is_decision = decision.is_some();
        let text = decision.unwrap_or(text);
        if text.is_empty() {
            self.findings.error(
                place,
                "a step says nothing",
                "Write after the box what is to be done or asked",
            );
            return None;
        }
        let id = attributes.id.or_else(|| StepId::from_words(&text));
        let Some(id) = id else {
            self.findings.error(
                place,
                "no id can be made from the words of this step",
                "Add <!-- id:short-name --> at the end of the line",
            );
            return None;
        };
        if let Some(earlier) = self.body.steps.iter().find(|placed| placed.step.id == id) {
            let message = format!("the step id `{id}` is taken by line {}", earlier.place.line);
            self.findings.error(
                place,
                message,
                "Give one of them <!-- id:another-name --> at the end of the line",
            );
        }
        let nested =
            (lead_end..end).find(|at| matches!(self.events[*at].0, Event::TaskListMarker(_)));
        if let Some(nested) = nested {
            let place = self.findings.place(self.events[nested].1.start);
            self.findings.warning(
                place,
                "a box inside a step is not a step",
                "Make it a step of its own, or a plain list",
            );
        }
        Some(Step {
            id,
            phase,
            owner,
            text,
            body: self.step_body(&item, body_start),
            commands: self.fences(marker..end),
            time_limit_seconds: attributes.time_limit_seconds,
            high_risk: attributes.high_risk,
            confirm: attributes.confirm.unwrap_or(attributes.high_risk),
            critical: attributes.critical,
            condition: attributes.condition,
            decision: if is_decision {
                self.choices(lead_end, end, place)
            } else {
                None
            },
            skip_in_drill: attributes.skip_in_drill,
        })
    }

    /// The bold role with a colon at the start, and where the text after it begins.
    fn read_owner(&mut self, first: usize, lead_end: usize, lead_start: usize) -> (Role, usize) {
        let nobody = (Role::OnCall, lead_start);
        let blank =
            |event: &Event<'_>| matches!(event, Event::Text(text) if text.trim().is_empty());
        let Some(strong) = (first..lead_end).find(|at| !blank(&self.events[*at].0)) else {
            return nobody;
        };
        if !matches!(self.events[strong].0, Event::Start(Tag::Strong)) {
            return nobody;
        }
        let range = self.events[strong].1.clone();
        let words = self.plain_text(strong..self.ends[strong]);
        let after = &self.text[range.end..];
        let (name, text_start) = match words.strip_suffix(':') {
            Some(name) => (name, range.end),
            None if after.starts_with(':') => (words.as_str(), range.end + 1),
            None => return nobody,
        };
        if name.eq_ignore_ascii_case("decision") {
            return nobody;
        }
        let owner = role_from_words(name).unwrap_or_else(|| {
            let place = self.findings.place(range.start);
            let roles = Role::ALL.map(|role| role.to_string()).join(", ");
            let mend = format!("Use one of {roles}, or write the word without bold");
            self.findings
                .error(place, format!("`{name}` is no role"), mend);
            Role::OnCall
        });
        (owner, text_start)
    }

    /// The choices of a decision step: the items of its first nested list.
    fn choices(&mut self, lead_end: usize, end: usize, place: Place) -> Option<Vec<String>> {
        let mut choices = Vec::new();
        let list =
            (lead_end..end).find(|at| matches!(self.events[*at].0, Event::Start(Tag::List(_))));
        if let Some(list) = list {
            let list_end = self.ends[list];
            let mut at = list + 1;
            while at < list_end {
                let item_end = self.ends[at];
                let stop = (at + 1..item_end)
                    .find(|inner| {
                        matches!(
                            self.events[*inner].0,
                            Event::Start(Tag::List(_) | Tag::CodeBlock(_))
                        )
                    })
                    .unwrap_or(item_end);
                choices.push(self.plain_text(at + 1..stop));
                at = item_end + 1;
            }
        }
        let too_long = choices
            .iter()
            .any(|choice| choice.is_empty() || choice.chars().count() > 100);
        if !(2..=25).contains(&choices.len()) || too_long {
            self.findings.error(
                place,
                "a decision step needs 2 to 25 choices of at most 100 characters",
                "Indent a plain list under the step, one choice per item",
            );
            return None;
        }
        Some(choices)
    }

    fn fences(&self, events: Range<usize>) -> Vec<CommandFence> {
        events
            .filter_map(|at| {
                let Event::Start(Tag::CodeBlock(kind)) = &self.events[at].0 else {
                    return None;
                };
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                let inner = &self.events[at + 1..self.ends[at]];
                let text: String = inner
                    .iter()
                    .filter_map(|(event, _)| text_of(event))
                    .collect();
                Some(CommandFence {
                    language,
                    text: text.trim_end_matches('\n').to_owned(),
                })
            })
            .collect()
    }

    /// The Markdown under a step, moved to the left margin.
    fn step_body(&self, item: &Range<usize>, body_start: usize) -> String {
        let column = self.findings.place(item.start).column - 1;
        let bullet = &self.text[item.clone()];
        let marker_width = bullet.find(|c: char| c.is_whitespace()).unwrap_or(1);
        let spaces = bullet[marker_width..]
            .chars()
            .take_while(|c| *c == ' ')
            .count();
        let indentation =
            column + marker_width + if (1..=4).contains(&spaces) { spaces } else { 1 };
        let source = self.without_comments(body_start..item.end);
        let lines: Vec<&str> = source
            .lines()
            .map(|line| dedent(line, indentation))
            .collect();
        lines.join("\n").trim_matches('\n').trim_end().to_owned()
    }

    fn look_for_links_and_includes(&mut self) {
        for (event, range) in self.events {
            if let Event::Start(Tag::Link { dest_url, .. }) = event {
                self.body
                    .links
                    .push((dest_url.to_string(), self.findings.place(range.start)));
            }
        }
        for range in &self.comments {
            if let Some(target) = comment_text(&self.text[range.clone()]).and_then(include_target) {
                self.findings.error(
                    self.findings.place(range.start),
                    format!("`{target}` is not included: a runbook is one file"),
                    "Copy the steps into this file",
                );
            }
        }
    }

    fn plain_text(&self, events: Range<usize>) -> String {
        let text: String = self.events[events]
            .iter()
            .filter_map(|(event, _)| text_of(event))
            .collect();
        collapse(&text)
    }

    fn without_comments(&self, range: Range<usize>) -> String {
        let mut text = String::new();
        let mut copied = range.start;
        for comment in self.comments_in(range.clone()) {
            text.push_str(&self.text[copied..comment.start]);
            copied = comment.end;
        }
        text.push_str(&self.text[copied..range.end]);
        text
    }

    fn comments_in(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'_> {
        let first = self
            .comments
            .partition_point(|comment| comment.start < range.start);
        self.comments[first..]
            .iter()
            .take_while(move |comment| comment.end <= range.end)
            .cloned()
    }
}

/// For each event the index of its end; a single event ends itself.
fn ends_of(events: &[Spanned<'_>]) -> Vec<usize> {
    let mut ends: Vec<usize> = (0..events.len()).collect();
    let mut open = Vec::new();
    for (at, (event, _)) in events.iter().enumerate() {
        match event {
            Event::Start(_) => open.push(at),
            Event::End(_) => {
                if let Some(start) = open.pop() {
                    ends[start] = at;
                }
            }
            _ => {}
        }
    }
    ends
}

fn comments_of(text: &str, events: &[Spanned<'_>]) -> Vec<Range<usize>> {
    let html = events
        .iter()
        .filter(|(event, _)| matches!(event, Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock)));
    html.map(|(_, range)| range.clone())
        .filter(|range| comment_text(&text[range.clone()]).is_some())
        .collect()
}

/// Where the first line of an item ends: at a block inside it, or at the end of its paragraph.
fn is_block_boundary(event: &Event<'_>) -> bool {
    match event {
        Event::End(TagEnd::Paragraph | TagEnd::Item) | Event::Rule => true,
        Event::Start(tag) => !matches!(
            tag,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
        ),
        _ => false,
    }
}

/// `Decision: …`, also when the word is bold; then it is written plainly.
fn decision_question(text: &str) -> Option<String> {
    let (word, question) = text.split_once(':')?;
    let is_decision = word
        .trim_start_matches('*')
        .trim_end_matches('*')
        .eq_ignore_ascii_case("decision");
    is_decision.then(|| format!("Decision: {}", question.trim_start_matches('*').trim()))
}

fn text_of<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    }
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn dedent(line: &str, indentation: usize) -> &str {
    let spaces = line
        .bytes()
        .take(indentation)
        .take_while(|byte| *byte == b' ')
        .count();
    let line = &line[spaces..];
    if spaces == 0 {
        line.strip_prefix('\t').unwrap_or(line)
    } else {
        line
    }
    .trim_end()
}
