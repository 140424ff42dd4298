//! The team's runbooks, found, read and checked: nothing of it needs an incident.

use bridgewatch_core::card::{Act, Button, Card, Menu, MenuOption, Press, Row, Tone};
use bridgewatch_core::runbook::{FindingSeverity, Found, Runbook, RunbookId, StepPhase, found};

use super::Caller;
use crate::card::{MAX_EMBED_DESCRIPTION, MAX_OPTIONS, cut, length};
use crate::reply::{Reply, Told, say, sentence, with_buttons};

/// The most lines of a list.
const MAX_LISTED: usize = 10;

impl Caller<'_> {
    /// The runbooks that speak of these words, best first; every one without words.
    pub(crate) fn runbooks_about(&self, words: &str) -> Reply {
        let library = self.data.desk.library();
        let hits = found(&library, words);
        if hits.is_empty() {
            let none = sentence(format!(
                "No runbook speaks of `{}`. `/runbook find` alone lists all {}.",
                cut(&words.replace('`', "'"), 60),
                library.runbooks().len()
            ));
            return Reply::Private(with_buttons(none, [find_button(), all_button()]));
        }
        let mut lines: Vec<String> = hits.iter().take(MAX_LISTED).map(hit_line).collect();
        if hits.len() > MAX_LISTED {
            lines.push(format!(
                "… and {} more: choose below, or *Find…*",
                hits.len() - MAX_LISTED
            ));
        }
        let options = hits.iter().take(MAX_OPTIONS).map(|hit| MenuOption {
            value: hit.runbook.id.to_string(),
            label: hit.runbook.title.replace(['*', '`'], ""),
            description: hit.runbook.id.to_string(),
        });
        let read = Menu {
            hint: "Read one…".to_owned(),
            options: options.collect(),
            most: 1,
            press: Press::of_none(Act::ReadRunbook),
        };
        let card = Card {
            title: "Runbooks".to_owned(),
            body: lines.join("\n"),
            footer: "/runbook attach, or Runbooks… in an incident, pins one to it".to_owned(),
            tone: Tone::Plain,
            rows: vec![Row::Menu(read)],
            ..Card::default()
        };
        let mend = Button::plain("What is to be mended", Press::of_none(Act::LintRunbooks));
        let desk = Button::plain("Front desk", Press::of_none(Act::FrontDesk));
        let mut buttons = vec![find_button(), mend, desk];
        if !words.trim().is_empty() {
            buttons.insert(1, all_button());
        }
        Reply::Update(with_buttons(card, buttons))
    }

    /// A runbook as it will be worked through.
    pub(crate) fn read_runbook(&self, typed: &str) -> Told {
        let library = self.data.desk.library();
        let id = RunbookId::new(typed.split_whitespace().next().unwrap_or_default());
        match id.and_then(|id| library.get(id.as_str())) {
            Some(found) => Ok(read(found)),
            None => Err(no_runbook(typed)),
        }
    }

    /// What is to be mended in the team's runbooks.
    pub(crate) fn lint_runbooks(&self) -> Told {
        let desk = &self.data.desk;
        let today = desk.now().with_timezone(&desk.zone()).date_naive();
        let library = desk.library();
        let findings = library.lint(today);
        let lines: Vec<String> = findings
            .iter()
            .flat_map(|file| {
                file.findings.iter().map(|finding| {
                    let mark = match finding.severity {
                        FindingSeverity::Error => "✗",
                        FindingSeverity::Warning => "⚠",
                    };
                    format!("{mark} `{}`:{finding}", file.file)
                })
            })
            .collect();
        if lines.is_empty() {
            return Ok(say(format!(
                "{} runbooks, nothing to mend.",
                library.runbooks().len()
            )));
        }
        Ok(long(
            "Runbooks: to mend",
            &lines.join("\n"),
            "runbook-lint.txt",
        ))
    }
}

/// Where there is no such runbook.
pub(crate) fn no_runbook(typed: &str) -> Reply {
    say(format!(
        "There is no runbook `{}`. `/runbook find` lists them.",
        cut(&typed.replace('`', "'"), 60)
    ))
}

fn hit_line(hit: &Found<'_>) -> String {
    let why = if hit.because.is_empty() {
        String::new()
    } else {
        format!(" – {}", hit.because)
    };
    format!("**{}** `{}`{why}", hit.runbook.title, hit.runbook.id)
}

fn find_button() -> Button {
    Button::plain("Find…", Press::of_none(Act::FindRunbooks))
}

fn all_button() -> Button {
    Button::plain("All runbooks", Press::of_none(Act::Library))
}

/// What it is for, and its steps phase by phase.
fn read(runbook: &Runbook) -> Reply {
    let mut text = format!("{}\n", runbook.meaning);
    for phase in StepPhase::ALL {
        let steps: Vec<_> = runbook
            .steps
            .iter()
            .filter(|step| step.phase == phase)
            .collect();
        if steps.is_empty() {
            continue;
        }
        text.push_str(&format!("\n**{}**\n", phase.heading()));
        for step in steps {
            let marks = match (step.critical, step.high_risk) {
                (true, true) => " ❗⚠",
                (true, false) => " ❗",
                (false, true) => " ⚠",
                (false, false) => "",
            };
            text.push_str(&format!(
                "▢ {} – {}{marks}\n",
                step.owner.short(),
                step.text
            ));
        }
    }
    for section in &runbook.reference {
        text.push_str(&format!("\n**{}**\n{}\n", section.title, section.text));
    }
    long(&runbook.title, &text, &format!("{}.md", runbook.id))
}

/// A text as a card, or as a file where it is too long for one.
fn long(title: &str, text: &str, file: &str) -> Reply {
    if length(text) > MAX_EMBED_DESCRIPTION {
        return Reply::File {
            card: sentence(title),
            name: file.to_owned(),
            text: text.to_owned(),
        };
    }
    Reply::Private(Card {
        title: title.to_owned(),
        body: text.to_owned(),
        ..Card::default()
    })
}
