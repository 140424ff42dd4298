//! Who was asked for what, and what people believe: the cards on which one task has one person and one time, and a guess
//! has a fate.

use super::spoken::spoken;
use super::{buttons, clock, line, plain, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Ping, Press, Row, Tone};
use crate::ids::EntryNumber;
use crate::incident::{
    Hypothesis, HypothesisState, Incident, MOST_WORK, Mitigation, Outcome, Task, TaskAnswer,
    TaskState, cut,
};
use crate::person::PersonId;
use crate::runbook::{StepPhase, StepState};
use crate::timeline::{Entry, Kind, Source, Who};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

/// The most lines of a list.
const MAX_LISTED: usize = 15;

/// The most tasks on the board.
const MAX_ON_BOARD: usize = 4;

/// The most characters of what somebody was asked for.
const MAX_WHAT: usize = 200;

/// The most characters of what came of it.
const MAX_RESULT: usize = 200;

/// Whom to ask for something. What and by when is asked next.
#[must_use]
pub fn ask_whom_for_a_task(incident: &Incident) -> Card {
    let mut card = line("Who should do it? What, and by when, comes next.");
    card.rows = vec![Row::People {
        hint: "Ask somebody to do something…".to_owned(),
        press: Press::any_time(incident.id, Act::AskTask),
    }];
    card
}

/// One person is asked for one thing by one time. It pings them and nobody else.
#[must_use]
pub fn task_asked(incident: &Incident, task: &Task) -> Card {
    let any = |act| Press::any_time(incident.id, act);
    Card {
        content: format!(
            "🙋 {}, {} asks you: **{}** – answer by {}",
            task.to,
            task.by,
            what(task),
            clock(task.due)
        ),
        ping: Ping::People(vec![task.to]),
        rows: vec![buttons([
            Button::primary("On it", any(Act::TaskOnIt(task.number))),
            Button::good("Done", any(Act::TaskDone(task.number))),
            Button::plain("Can't", any(Act::TaskCannot(task.number))),
        ])],
        ..Card::default()
    }
}

/// What was said to a task. Only *Can't* calls whoever asked: they have to find somebody else.
#[must_use]
pub fn task_answered(incident: &Incident, task: &Task, by: PersonId, answer: &TaskAnswer) -> Card {
    match answer {
        TaskAnswer::OnIt => line(format!("▶ {by} is on it: {}", what(task))),
        TaskAnswer::Done { result } => {
            let result = result
                .as_ref()
                .map(|result| format!(" → {}", spoken(result, MAX_RESULT)))
                .unwrap_or_default();
            line(format!("☑ {by}: {}{result}", what(task)))
        }
        TaskAnswer::Cannot => Card {
            content: format!("✋ {by} can't: **{}** {}?", what(task), task.by),
            ping: Ping::People(vec![task.by]),
            rows: vec![buttons([Button::plain(
                "Ask somebody else",
                Press::any_time(incident.id, Act::AskTask),
            )])],
            ..Card::default()
        },
    }
}

/// The time of a task is over: told to whoever asked, once, without a sound.
#[must_use]
pub fn task_late(incident: &Incident, task: &Task) -> Card {
    let place = incident
        .surface
        .channel
        .map(|channel| format!(" → <#{}>", channel.0))
        .unwrap_or_default();
    line(format!(
        "⏰ {}: {} has not answered *{}*, due {}.{place}",
        incident.id,
        task.to,
        what(task),
        clock(task.due)
    ))
}

/// Every task of an incident, the open ones first.
#[must_use]
pub fn tasks(incident: &Incident) -> Card {
    let mut sorted: Vec<&Task> = incident.tasks.iter().collect();
    sorted.sort_by_key(|task| !task.is_open());
    let mut lines: Vec<String> = sorted
        .iter()
        .take(MAX_LISTED)
        .map(|task| task_line(task))
        .collect();
    if sorted.len() > MAX_LISTED {
        lines.push(format!("… and {} more", sorted.len() - MAX_LISTED));
    }
    if lines.is_empty() {
        lines.push("Nobody was asked for anything yet.".to_owned());
    }
    let open: Vec<MenuOption> = sorted
        .iter()
        .filter(|task| task.is_open())
        .take(25)
        .map(|task| MenuOption {
            value: task.number.to_string(),
            label: cut(&task.what, 90),
            description: String::new(),
        })
        .collect();
    let mut rows = Vec::new();
    if incident.is_active() {
        rows.push(buttons([Button::primary(
            "Ask somebody…",
            Press::any_time(incident.id, Act::AskTask),
        )]));
    }
    if !open.is_empty() {
        rows.push(Row::Menu(Menu {
            hint: "Done…".to_owned(),
            options: open,
            most: 1,
            press: Press::any_time(incident.id, Act::FinishTask),
        }));
    }
    Card {
        rows,
        ..text_card("Tasks", cut(&lines.join("\n"), 4_000), Tone::Plain)
    }
}

fn task_line(task: &Task) -> String {
    match &task.state {
        TaskState::Asked | TaskState::Taken if task.is_late() => {
            format!(
                "⏰ {} – {}, late since {}",
                what(task),
                task.to,
                clock(task.due)
            )
        }
        TaskState::Asked => format!("▢ {} – {}, by {}", what(task), task.to, clock(task.due)),
        TaskState::Taken => format!("▶ {} – {}, by {}", what(task), task.to, clock(task.due)),
        TaskState::Done { result: None } => format!("☑ {} – {}", what(task), task.to),
        TaskState::Done {
            result: Some(result),
        } => format!(
            "☑ {} – {} → {}",
            what(task),
            task.to,
            spoken(result, MAX_RESULT)
        ),
        TaskState::Refused => format!("✋ {} – {} can't", what(task), task.to),
    }
}

/// What somebody was asked for, in the words of who asked.
fn what(task: &Task) -> String {
    spoken(&task.what, MAX_WHAT)
}

/// What is being done, for the board: steps that somebody is on, tasks that are open, the late ones marked in words, and
/// what was noted as done last, with what it changed.
#[must_use]
pub(super) fn doing(incident: &Incident, work: &[Entry]) -> Option<String> {
    let mut parts = in_hand(incident);
    parts.extend(noted_last(incident, work).iter().map(|noted| {
        let who = noted.by.map(|by| by.to_string());
        noted.told(&spoken(&plain(noted.what), 60), who, &clock(noted.at))
    }));
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What runs right now: steps that somebody is on, and tasks that are open, with who and until when.
pub(super) fn in_hand(incident: &Incident) -> Vec<String> {
    let mut parts: Vec<String> = steps_in_hand(incident)
        .map(|(step, by, at)| format!("{} ({by}, since {})", spoken(step, 80), clock(at)))
        .collect();
    let open: Vec<&Task> = incident.open_tasks().collect();
    parts.extend(open.iter().take(MAX_ON_BOARD).map(|task| {
        let when = if task.is_late() {
            format!("⏰ late since {}", clock(task.due))
        } else {
            format!("answer by {}", clock(task.due))
        };
        format!("{} ({}, {when})", spoken(&task.what, 80), task.to)
    }));
    if open.len() > MAX_ON_BOARD {
        parts.push(format!("{} more", open.len() - MAX_ON_BOARD));
    }
    parts
}

/// The steps that somebody said they are on.
pub(super) fn steps_in_hand(
    incident: &Incident,
) -> impl Iterator<Item = (&str, PersonId, DateTime<Utc>)> {
    let checklist = incident.checklist.as_ref().filter(|_| incident.is_active());
    checklist.into_iter().flat_map(|checklist| {
        checklist
            .steps
            .iter()
            .filter_map(|step| match checklist.state(&step.id) {
                StepState::Claimed { by, at } => Some((step.text.as_str(), *by, *at)),
                _ => None,
            })
    })
}

/// Something that was done or decided, for a board.
pub(super) struct Noted<'a> {
    /// Whether it is a step that was ticked, and nobody's own words.
    is_tick: bool,
    pub(super) what: &'a str,
    pub(super) is_decision: bool,
    pub(super) by: Option<PersonId>,
    pub(super) at: DateTime<Utc>,
    /// Its line, if it has one.
    pub(super) number: Option<EntryNumber>,
    /// What somebody said that it changed.
    pub(super) outcome: Option<Outcome>,
}

/// What was done and decided last, oldest first: lines of the timeline, and steps that were ticked. A risky step has its
/// line already.
pub(super) fn noted_last<'a>(incident: &'a Incident, work: &'a [Entry]) -> Vec<Noted<'a>> {
    if !incident.is_active() {
        return Vec::new();
    }
    let outcome = |of: &dyn Fn(&Mitigation) -> bool| {
        let mut asked = incident.mitigations.asked.iter().rev();
        let question = asked.find(|question| of(&question.about));
        question.and_then(|question| question.outcome)
    };
    let lines = work.iter().rev().map(|entry| Noted {
        is_tick: entry.source == Source::Checklist,
        what: &entry.text,
        is_decision: entry.kind == Kind::Decision,
        by: match &entry.who {
            Who::Person { id, .. } => Some(*id),
            Who::Alert | Who::Bot => None,
        },
        at: entry.event_at,
        number: entry.number,
        outcome: outcome(&|about| {
            let is_this_line = entry.number.is_some() && about.entry == entry.number;
            // The line of a risky step is written in the moment of its tick.
            let is_this_tick = about.step.is_some() && about.at == entry.event_at;
            is_this_line || is_this_tick
        }),
    });
    let checklist = incident.checklist.iter();
    let ticked = checklist.flat_map(|checklist| {
        checklist
            .steps
            .iter()
            .filter(|step| matches!(step.phase, StepPhase::Mitigation | StepPhase::Resolution))
            .filter(|step| !step.high_risk && step.decision.is_none())
            .filter_map(|step| match checklist.state(&step.id) {
                StepState::Done { by, at, .. } => Some(Noted {
                    is_tick: true,
                    what: &step.text,
                    is_decision: false,
                    by: Some(*by),
                    at: *at,
                    number: None,
                    outcome: outcome(&|about| about.step.as_ref() == Some(&step.id)),
                }),
                _ => None,
            })
    });
    let mut noted = told_once(lines.collect(), ticked.collect());
    noted.sort_by_key(|noted| noted.at);
    noted.split_off(noted.len().saturating_sub(MOST_WORK))
}

/// How far apart somebody says what they do and ticks it.
const SAID_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// What somebody wrote and then ticked is one thing: it is told in their words.
fn told_once<'a>(lines: Vec<Noted<'a>>, ticked: Vec<Noted<'a>>) -> Vec<Noted<'a>> {
    let all = lines.into_iter().chain(ticked);
    let (ticks, mut noted): (Vec<_>, Vec<_>) = all.partition(|noted| noted.is_tick);
    for tick in ticks {
        let said = noted.iter_mut().find(|said| {
            !said.is_tick
                && !said.is_decision
                && said.by == tick.by
                && (said.at - tick.at).abs() <= SAID_WITHIN
                && names_the_same(said.what, tick.what)
        });
        match said {
            Some(said) => said.outcome = said.outcome.or(tick.outcome),
            None => noted.push(tick),
        }
    }
    noted
}

/// Whether most words of the shorter text stand in the longer one, whatever their endings: *rolling back* and *Roll back the
/// last deploy*.
fn names_the_same(one: &str, other: &str) -> bool {
    let stems = |text: &str| -> BTreeSet<String> {
        text.to_lowercase()
            .split(|character: char| !character.is_alphanumeric())
            // Shorter ones say nothing of what was done.
            .filter(|word| word.chars().count() >= STEM_CHARACTERS)
            .map(|word| word.chars().take(STEM_CHARACTERS).collect())
            .collect()
    };
    let (one, other) = (stems(one), stems(other));
    let shorter = one.len().min(other.len());
    let shared = one.intersection(&other).count();
    shorter > 0 && shared * 10 >= shorter * 6
}

/// Where a word ends and its ending begins, roughly.
const STEM_CHARACTERS: usize = 4;

impl Noted<'_> {
    /// In one line; `when` and `who` are as the reader reads them.
    pub(super) fn told(&self, what: &str, who: Option<String>, when: &str) -> String {
        let decided = if self.is_decision { "decided: " } else { "" };
        let who = who.map_or_else(String::new, |who| format!("{who}, "));
        let outcome = self.outcome.map_or_else(String::new, |outcome| {
            format!(", {}", outcome.words().to_lowercase())
        });
        format!("{decided}{what} ({who}{when}{outcome})")
    }
}

/// What people think it is, with the fate of each guess; `focus` is the guess the buttons are about.
#[must_use]
pub fn beliefs(incident: &Incident, focus: Option<u32>) -> Card {
    let numbered: Vec<(u32, &Hypothesis)> = (1..).zip(&incident.hypotheses).collect();
    let leading = incident.leading_hypothesis();
    let focus = focus.or_else(|| {
        numbered
            .iter()
            .find(|(_, guess)| Some(*guess) == leading)
            .map(|(number, _)| *number)
    });
    let mut lines: Vec<String> = numbered
        .iter()
        .rev()
        .take(MAX_LISTED)
        .map(|(number, guess)| {
            let arrow = if focus == Some(*number) { "→ " } else { "" };
            format!("{arrow}**{number}** {}", guess_line(guess))
        })
        .collect();
    if lines.is_empty() {
        lines.push("Nobody has said what they think it is.".to_owned());
    }
    let any = |act| Press::any_time(incident.id, act);
    let mut rows = Vec::new();
    if let Some((number, guess)) = focus.and_then(|focus| {
        numbered
            .iter()
            .find(|(number, _)| *number == focus)
            .copied()
    }) {
        let fates = [
            (HypothesisState::Supported, "Supported"),
            (HypothesisState::Refuted, "Refuted"),
            (HypothesisState::Confirmed, "Confirmed"),
            (HypothesisState::Open, "Only a guess"),
        ];
        rows.push(buttons(
            fates
                .into_iter()
                .filter(|(state, _)| *state != guess.state)
                .map(|(state, words)| Button::plain(words, any(Act::JudgeBelief(number, state)))),
        ));
    }
    let others: Vec<MenuOption> = numbered
        .iter()
        .rev()
        .filter(|(number, _)| Some(*number) != focus)
        .take(25)
        .map(|(number, guess)| MenuOption {
            value: number.to_string(),
            label: cut(&guess.text, 90),
            description: guess.state.id().to_owned(),
        })
        .collect();
    if !others.is_empty() {
        rows.push(Row::Menu(Menu {
            hint: "Another guess…".to_owned(),
            options: others,
            most: 1,
            press: any(Act::Beliefs),
        }));
    }
    rows.push(buttons([Button::plain("We think it is…", any(Act::Think))]));
    Card {
        rows,
        ..text_card(
            "What we think it is",
            cut(&lines.join("\n"), 4_000),
            Tone::Plain,
        )
    }
}

fn guess_line(guess: &Hypothesis) -> String {
    let why = guess
        .because
        .as_ref()
        .map(|because| format!(": {}", spoken(because, 200)))
        .unwrap_or_default();
    format!("{} – {}{why}", spoken(&guess.text, 300), guess.state.id())
}

#[cfg(test)]
mod tests {
    use super::names_the_same;

    #[test]
    fn the_same_is_meant_where_the_words_that_say_something_agree() {
        assert!(names_the_same("rolling back", "Roll back the last deploy"));
        assert!(names_the_same(
            "ai features off",
            "Switch the AI features off and cached data on"
        ));
        assert!(!names_the_same(
            "restart the worker",
            "Restart the database"
        ));
        assert!(
            !names_the_same("do it", "Restart the database"),
            "nothing is said"
        );
    }
}
