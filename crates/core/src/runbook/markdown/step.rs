//! One task-list item: its owner, attributes, text and everything indented under it.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::super::attributes::{
    Attributes, COMMENT_START, comment_text, include_target, looks_like_attributes,
};
use super::super::finding::Place;
use super::super::step::{CommandFence, Step, StepId, StepPhase, role_from_words};
use super::{Reader, collapse, text_of};
use crate::role::Role;

/// The longest first line of a step, in characters: it stands in lists and timelines.
const MAXIMUM_TEXT: usize = 300;

impl Reader<'_> {
    /// `marker` is the event of the box, `end` the end of the item.
    pub(super) fn read_step(
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
        // A step's own words end with its attributes: a line under them explains, even without a blank line between.
        let lead_end = (marker + 1..lead_end)
            .find(|at| matches!(self.events[*at].0, Event::InlineHtml(_)))
            .and_then(|comment| {
                (comment..lead_end)
                    .find(|at| matches!(self.events[*at].0, Event::SoftBreak | Event::HardBreak))
            })
            .unwrap_or(lead_end);
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
        let length = text.chars().count();
        if length > MAXIMUM_TEXT {
            self.findings.error(
                place,
                format!("the first line of this step has {length} characters, the limit is {MAXIMUM_TEXT}"),
                "Keep what is to be done; indent the rest under it",
            );
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
