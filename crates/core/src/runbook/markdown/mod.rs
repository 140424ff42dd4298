//! The Markdown half of a runbook: headings become phases, task-list items become steps.

mod step;

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

use super::ReferenceSection;
use super::attributes::{comment_text, include_target};
use super::finding::{Findings, Place};
use super::include::misplaced;
use super::step::{Step, StepPhase};

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
pub(crate) fn read(text: &str, body_start: usize, findings: &mut Findings) -> Body {
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

struct Reader<'r> {
    text: &'r str,
    events: &'r [Spanned<'r>],
    /// For each event the index of the event that ends it.
    ends: Vec<usize>,
    /// Where the HTML comments stand, in order.
    comments: Vec<Range<usize>>,
    findings: &'r mut Findings,
    body: Body,
    seen: Vec<StepPhase>,
}

impl Reader<'_> {
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
                let place = self.findings.place(range.start);
                let (message, mend) = misplaced(place, target);
                self.findings.error(place, message, mend);
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
