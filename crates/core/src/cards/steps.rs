//! The runbook, one step at a time. The bot shows commands and never runs them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::changes::{change_lines, roll_back_lines};
use super::reference::{first_section_of, reference_button};
use super::runbooks::newer_button;
use super::{buttons, clock, line, plain, relative, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Ping, Press, Row, Tone};
use crate::change::ReportedChange;
use crate::incident::{Incident, Link, cut};
use crate::person::PersonId;
use crate::role::Role;
use crate::runbook::{Checklist, RunbookId, SkipReason, Step, StepId, StepPhase, StepState};

/// The most of a step's text that the card shows; the rest is behind *More*.
const MAX_STEP_CHARACTERS: usize = 900;

/// The most text of a runbook's meaning.
const MAX_MEANING_CHARACTERS: usize = 400;

/// The most lines the list shows.
const MAX_LIST_LINES: usize = 9;

/// The next step of the phase people work in, or what to do when none is left.
#[must_use]
pub fn next_step(incident: &Incident) -> Card {
    next_step_among(incident, &[])
}

/// The same, with what was changed around the time it began where a step asks for that.
#[must_use]
pub fn next_step_among(incident: &Incident, changes: &[ReportedChange]) -> Card {
    let Some((checklist, phase)) = checklist(incident) else {
        return line(if incident.is_active() {
            "No runbook step is open here."
        } else {
            "The runbook ended with the incident."
        });
    };
    match checklist.next_step(phase) {
        Some(step) => one_step(incident, checklist, phase, step, changes),
        None => no_step_left(incident, checklist, phase),
    }
}

/// The same for one reader: what they are on comes first, and what another is there for comes last.
#[must_use]
pub fn next_step_for(incident: &Incident, reader: PersonId, changes: &[ReportedChange]) -> Card {
    let of_others: BTreeSet<Role> = incident
        .holders()
        .filter(|(_, holder)| *holder != reader)
        .map(|(role, _)| role)
        .collect();
    let of_reader = checklist(incident).and_then(|(list, phase)| {
        let step = list.next_step_of(phase, reader, &of_others)?;
        Some((list, phase, step))
    });
    match of_reader {
        Some((list, phase, step)) => one_step(incident, list, phase, step, changes),
        None => next_step_among(incident, changes),
    }
}

/// One step of the phase people work in, for whoever is on it: the shared card has moved on to the next.
#[must_use]
pub fn claimed_step(incident: &Incident, step: &StepId) -> Card {
    match checklist(incident).and_then(|(list, phase)| Some((list, phase, list.step(step)?))) {
        Some((list, phase, step)) => one_step(incident, list, phase, step, &[]),
        None => next_step(incident),
    }
}

pub(super) fn one_step(
    incident: &Incident,
    checklist: &Checklist,
    phase: StepPhase,
    step: &Step,
    changes: &[ReportedChange],
) -> Card {
    let list = checklist.list(phase);
    let place = list.iter().position(|(listed, _)| listed.id == step.id);
    let runbook = checklist.runbook_of(&step.id);
    let unused = checklist.unused_days.get(runbook).map(|days| {
        format!("🕸 Nobody used or reviewed *{runbook}* for {days} days: look twice.\n\n")
    });
    // What it is about is said with the first step.
    let meaning = checklist
        .opening_meaning(runbook)
        .map(|meaning| format!("{}\n\n", quoted(&meaning)));
    let mut body = format!(
        "{}{}**{}:** {}",
        unused.unwrap_or_default(),
        meaning.unwrap_or_default(),
        step.owner,
        step.text
    );
    let details = step_body(step);
    if !details.is_empty() {
        body.push_str("\n\n");
        body.push_str(&cut(&details, MAX_STEP_CHARACTERS));
    }
    if let Some(lines) = changes_for(incident, checklist, phase, step, changes) {
        body.push_str(&format!("\n\n{lines}"));
    }
    let mut footer = vec![runbook.to_string()];
    if step.critical {
        footer.push("critical".to_owned());
    }
    if step.high_risk {
        footer.push("⚠ risky: say it before you do it".to_owned());
    }
    if let Some(seconds) = step.time_limit_seconds {
        footer.push(format!("about {} min", seconds.div_ceil(60)));
    }
    if let StepState::Claimed { by, at } = checklist.state(&step.id) {
        body.push_str(&format!("\n\n{by} is on it since {}", clock(*at)));
    }
    let id = incident.id;
    let in_phase = |act| Press::in_phase(id, incident.phase, act);
    let done_button = if step.decision.is_some() {
        Button::primary("Decide…", in_phase(Act::DecideStep(step.id.clone())))
    } else {
        Button::primary("Done", in_phase(Act::FinishStep(step.id.clone())))
    };
    let mut rows = vec![buttons([
        done_button,
        Button::plain("I'm on it", in_phase(Act::ClaimStep(step.id.clone()))),
        Button::plain("Skip", in_phase(Act::AskSkip(step.id.clone()))),
        Button::plain("Ask for help", in_phase(Act::StepHelp(step.id.clone()))),
        Button::plain("All steps", Press::any_time(id, Act::StepList)),
    ])];
    let mut links: Vec<Button> = Vec::new();
    let mut text_links: Vec<String> = Vec::new();
    for link in incident.links.iter().take(3) {
        if is_safe_link(&link.url) {
            links.push(Button::link(cut(&link.label, 30), link.url.clone()));
        } else {
            text_links.push(format!("{}: `{}`", link.label, link.url.replace('`', "'")));
        }
    }
    if details.chars().count() > MAX_STEP_CHARACTERS
        || first_section_of(checklist, runbook).is_some()
    {
        links.insert(
            0,
            Button::plain("More", Press::any_time(id, Act::StepMore(step.id.clone()))),
        );
    }
    if let Some(outdated) = outdated_runbook(incident, checklist, &step.id) {
        body.push_str(&format!("\n\n📄 *{outdated}* has a newer version."));
        let several = !checklist.further.is_empty();
        links.push(newer_button(incident, outdated, several));
    }
    if !links.is_empty() {
        rows.push(buttons(links));
    }
    if !text_links.is_empty() {
        body.push_str(&format!("\n\n{}", cut(&text_links.join("\n"), 600)));
    }
    Card {
        title: format!(
            "{} {} · step {} of {}",
            incident.phase.mark(),
            phase.heading(),
            place.map_or(1, |place| place + 1),
            list.len()
        ),
        body: cut(&body, 3_500),
        footer: footer.join(" · "),
        tone: if step.high_risk {
            Tone::Major
        } else {
            Tone::Plain
        },
        rows,
        quiet: true,
        ..Card::default()
    }
}

/// A runbook of which there is a newer version: the step's own first.
fn outdated_runbook<'incident>(
    incident: &'incident Incident,
    checklist: &'incident Checklist,
    step: &StepId,
) -> Option<&'incident RunbookId> {
    let own = checklist.runbook_of(step);
    let newer = &incident.newer_runbooks;
    if newer.contains_key(own) {
        Some(own)
    } else {
        newer.keys().next()
    }
}

/// The first question of a diagnosis is what has changed; who rolls back must know what.
fn changes_for(
    incident: &Incident,
    checklist: &Checklist,
    phase: StepPhase,
    step: &Step,
    changes: &[ReportedChange],
) -> Option<String> {
    let text = step.text.to_lowercase();
    if text.contains("roll back") || text.contains("rollback") {
        return roll_back_lines(incident, changes);
    }
    let steps = checklist.list(phase);
    let is_first = steps.first().is_some_and(|(first, _)| first.id == step.id);
    let asks = text.contains("changed") || text.contains("deploy");
    if phase == StepPhase::Diagnosis && (is_first || asks) {
        return change_lines(incident, changes);
    }
    None
}

/// Whether a link may become a button: https or http, without anything that hides where it leads.
pub(super) fn is_safe_link(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    url.len() <= Link::MAX_URL_BYTES
        && rest.is_some_and(|rest| {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            !host.is_empty() && !host.contains('@')
        })
        && !url.chars().any(|character| {
            character.is_whitespace()
                || character.is_control()
                || matches!(character, '<' | '>' | '"' | '`')
        })
}

fn no_step_left(incident: &Incident, checklist: &Checklist, phase: StepPhase) -> Card {
    let (done, total) = checklist.progress(phase);
    let mut card = text_card(
        format!(
            "{} {} · {done} of {total} steps",
            incident.phase.mark(),
            phase.heading()
        ),
        "Every step of this phase is done or skipped. The board's buttons lead on.",
        Tone::Good,
    );
    card.quiet = true;
    card.rows = vec![buttons([Button::plain(
        "All steps",
        Press::any_time(incident.id, Act::StepList),
    )])];
    card
}

/// Everything that belongs to a step, with what is not filled in left visible, and the way to what its runbook says besides.
#[must_use]
pub fn step_text(incident: &Incident, step: &Step) -> Card {
    let mut card = text_card(step.text.clone(), cut(&step_body(step), 4_000), Tone::Plain);
    let section = incident
        .checklist
        .as_ref()
        .and_then(|list| first_section_of(list, list.runbook_of(&step.id)));
    if let Some(section) = section {
        card.rows = vec![buttons([reference_button(incident, section)])];
    }
    card
}

/// A text as a quote. Its lines stay what they are.
fn quoted(text: &str) -> String {
    let lines: Vec<String> = cut(text, MAX_MEANING_CHARACTERS)
        .lines()
        .map(|line| format!("> {line}"))
        .collect();
    lines.join("\n")
}

/// The text under a step.
fn step_body(step: &Step) -> String {
    with_callouts(&step.body)
}

/// A runbook's text. Discord knows no callouts, so their first line is said in words.
pub(super) fn with_callouts(text: &str) -> String {
    let line_of = |line: &str| {
        let kind = line
            .trim()
            .strip_prefix("> [!")
            .and_then(|rest| rest.strip_suffix(']'));
        match kind {
            Some("WARNING") => "> ⚠ **Warning**".to_owned(),
            Some("CAUTION") => "> ⚠ **Caution**".to_owned(),
            Some("IMPORTANT") => "> ❗ **Important**".to_owned(),
            Some("NOTE") => "> **Note**".to_owned(),
            Some("TIP") => "> **Tip**".to_owned(),
            _ => line.to_owned(),
        }
    };
    let lines: Vec<String> = text.trim().lines().map(line_of).collect();
    lines.join("\n")
}

/// The steps of the phase people work in, with a menu to tick several at once.
#[must_use]
pub fn step_list(incident: &Incident) -> Card {
    let Some((checklist, phase)) = checklist(incident) else {
        return line("No runbook is attached.");
    };
    let steps = checklist.list(phase);
    let from = |step: &Step| {
        if checklist.further.is_empty() {
            String::new()
        } else {
            format!(" · `{}`", checklist.runbook_of(&step.id))
        }
    };
    // Where not all fit, what is settled makes way for what is left to do.
    let mut to_fold = steps.len().saturating_sub(MAX_LIST_LINES);
    let (folded, unfolded): (Vec<_>, Vec<_>) = steps.iter().partition(|(_, state)| {
        let folds = to_fold > 0 && state.is_settled();
        to_fold -= usize::from(folds);
        folds
    });
    let mut lines: Vec<String> = unfolded
        .iter()
        .take(MAX_LIST_LINES)
        .map(|(step, state)| format!("{}{}", list_line(step, state), from(step)))
        .collect();
    if !folded.is_empty() {
        lines.insert(0, format!("☑ {} more, done or skipped", folded.len()));
    }
    if unfolded.len() > MAX_LIST_LINES {
        lines.push(format!(
            "… and {} more: tick them in the menu",
            unfolded.len() - MAX_LIST_LINES
        ));
    }
    let (done, total) = checklist.progress(phase);
    let runbooks = checklist.runbooks();
    let most = MAX_MEANING_CHARACTERS.min(800 / runbooks.len().max(1));
    let meanings: Vec<String> = runbooks
        .iter()
        .filter(|pinned| !pinned.meaning.trim().is_empty())
        .map(|pinned| {
            let title = cut(&plain(&pinned.title), 100);
            format!("**{title}**\n{}\n", quoted(&cut(&pinned.meaning, most)))
        })
        .collect();
    lines.splice(0..0, meanings);
    let beside = communication(checklist, phase);
    if let Some((step, _)) = beside.iter().find(|(_, state)| !state.is_settled()) {
        let (told, of) = checklist.progress(StepPhase::Communication);
        lines.push(format!(
            "📣 Communication {told} of {of} · next: **{}:** {}",
            step.owner,
            cut(&step.text, 110)
        ));
    }
    let open: Vec<MenuOption> = steps
        .iter()
        .chain(&beside)
        // Risky steps and decisions want a look of their own.
        .filter(|(step, state)| !state.is_settled() && !step.confirm && step.decision.is_none())
        .map(|(step, _)| MenuOption {
            value: step.id.to_string(),
            label: cut(&plain(&step.text), 90),
            description: step.owner.to_string(),
        })
        .take(25)
        .collect();
    let mut rows = Vec::new();
    if !open.is_empty() {
        rows.push(Row::Menu(Menu {
            hint: "Tick several…".to_owned(),
            most: u8::try_from(open.len()).unwrap_or(25),
            options: open,
            press: Press::any_time(incident.id, Act::TickSteps(phase)),
        }));
    }
    let mut ways = vec![
        Button::primary("Next step", Press::any_time(incident.id, Act::NextStep)),
        Button::plain(
            "Runbooks…",
            Press::any_time(incident.id, Act::AttachRunbook),
        ),
    ];
    if !checklist.reference_sections().is_empty() {
        ways.push(reference_button(incident, 0));
    }
    rows.push(buttons(ways));
    let is_shown = |mark: fn(&Step) -> bool| {
        unfolded
            .iter()
            .take(MAX_LIST_LINES)
            .any(|(step, _)| mark(step))
    };
    let mut legend = Vec::new();
    if is_shown(|step| step.critical) {
        legend.push("❗ critical");
    }
    if is_shown(|step| step.high_risk) {
        legend.push("⚠ risky");
    }
    Card {
        rows,
        footer: legend.join(" · "),
        ..text_card(
            format!("{} · {done} of {total}", phase.heading()),
            lines.join("\n"),
            Tone::Plain,
        )
    }
}

/// What is to be said to others belongs into every phase of the work.
fn communication(checklist: &Checklist, phase: StepPhase) -> Vec<(&Step, &StepState)> {
    match phase {
        StepPhase::Learning | StepPhase::Communication => Vec::new(),
        _ => checklist.list(StepPhase::Communication),
    }
}

fn list_line(step: &Step, state: &StepState) -> String {
    let marks = match (step.critical, step.high_risk) {
        (true, true) => " ❗⚠",
        (true, false) => " ❗",
        (false, true) => " ⚠",
        (false, false) => "",
    };
    let text = cut(&step.text, 110);
    match state {
        StepState::Open => format!("▢ {} – {text}{marks}", step.owner.short()),
        StepState::Claimed { by, at } => {
            let meant = step
                .time_limit_seconds
                .map(|seconds| format!(", about {} min", seconds.div_ceil(60)))
                .unwrap_or_default();
            format!("▶ {text}{marks} – {by}, begun {}{meant}", relative(*at))
        }
        StepState::Done {
            by,
            choice: Some(choice),
            ..
        } => format!("☑ {text} → **{choice}** – {by}"),
        StepState::Done { by, .. } => format!("☑ {text} – {by}"),
        StepState::Skipped { by, reason, .. } => format!("⊘ {text} – {}, {by}", reason.words()),
    }
}

/// The second tap of a risky step.
#[must_use]
pub fn confirm_step(incident: &Incident, step: &Step) -> Card {
    let mut card = line(format!(
        "⚠ **{}**\nThis step is risky. Is it really done?",
        step.text
    ));
    card.rows = vec![buttons([
        Button::risky(
            "Confirm",
            Press::in_phase(
                incident.id,
                incident.phase,
                Act::ConfirmStep(step.id.clone()),
            ),
        ),
        Button::plain("Not yet", Press::any_time(incident.id, Act::Dismiss)),
    ])];
    card
}

/// Somebody cannot go on alone with a step: the one message of the runbook that calls people.
#[must_use]
pub fn help_wanted(incident: &Incident, step: &Step, by: PersonId) -> Card {
    let called: BTreeSet<PersonId> = [incident.holder(step.owner), incident.command]
        .into_iter()
        .flatten()
        .filter(|person| *person != by)
        .collect();
    let who = if called.is_empty() {
        format!("Who can help as {}?", step.owner)
    } else {
        let names: Vec<String> = called.iter().map(ToString::to_string).collect();
        format!("{}?", names.join(", "))
    };
    Card {
        content: format!("🙋 {by} asks for help: **{}** {who}", cut(&step.text, 300)),
        ping: Ping::People(called.into_iter().collect()),
        rows: vec![buttons([
            Button::plain(
                "Show the step",
                Press::any_time(incident.id, Act::StepMore(step.id.clone())),
            ),
            Button::plain("Ask somebody…", Press::any_time(incident.id, Act::AskTask)),
        ])],
        ..Card::default()
    }
}

/// Somebody is on a step for longer than twice the time it was meant to take: a quiet line, for them.
#[must_use]
pub fn overdue_step(
    incident: &Incident,
    step: &StepId,
    by: PersonId,
    since: DateTime<Utc>,
) -> Option<Card> {
    let checklist = incident.checklist.as_ref()?;
    let step = checklist.step(step)?;
    let meant = step.time_limit_seconds?.div_ceil(60);
    let in_phase = |act| Press::in_phase(incident.id, incident.phase, act);
    let done = if step.decision.is_some() {
        Button::primary("Decide…", in_phase(Act::DecideStep(step.id.clone())))
    } else {
        Button::primary("Done", in_phase(Act::FinishStep(step.id.clone())))
    };
    let mut card = line(format!(
        "⏱ {by}, this takes longer than the {meant} min it was meant to, begun {}:\n**{}**\nDone, stuck, or is something else \
         more useful?",
        clock(since),
        cut(&step.text, 200)
    ));
    card.rows = vec![buttons([
        done,
        Button::plain("Ask for help", in_phase(Act::StepHelp(step.id.clone()))),
        Button::plain("Skip", in_phase(Act::AskSkip(step.id.clone()))),
    ])];
    Some(card)
}

/// Why is it skipped?
#[must_use]
pub fn ask_skip(incident: &Incident, step: &StepId) -> Card {
    let mut card = line("Why is this step skipped?");
    card.rows = vec![buttons(SkipReason::ALL.into_iter().map(|reason| {
        Button::plain(
            reason.words(),
            Press::in_phase(
                incident.id,
                incident.phase,
                Act::SkipStep(step.clone(), reason),
            ),
        )
    }))];
    card
}

/// Which option of a decision step?
#[must_use]
pub fn ask_choice(incident: &Incident, step: &Step) -> Card {
    let choices = step.decision.clone().unwrap_or_default();
    let mut card = line(format!("**{}**", step.text));
    card.rows = vec![Row::Menu(Menu {
        hint: "Choose…".to_owned(),
        options: choices
            .iter()
            .take(25)
            .map(|choice| MenuOption {
                value: cut(choice, 100),
                label: cut(choice, 100),
                description: String::new(),
            })
            .collect(),
        most: 1,
        press: Press::in_phase(
            incident.id,
            incident.phase,
            Act::DecideStep(step.id.clone()),
        ),
    })];
    card
}

fn checklist(incident: &Incident) -> Option<(&Checklist, StepPhase)> {
    Some((
        incident.checklist.as_ref()?,
        StepPhase::during(incident.phase)?,
    ))
}
