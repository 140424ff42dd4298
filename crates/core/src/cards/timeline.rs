//! The timeline as people read it in Discord: a view, page by page, and the way to each of its lines.

use super::spoken::spoken;
use super::{buttons, clock, plain, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row, Tone};
use crate::ids::{IncidentId, MessageId};
use crate::incident::{Incident, Policy, cut, length_words};
use crate::person::PersonId;
use crate::runbook::Fold;
use crate::timeline::{Entry, Gap, Kind, LINES_PER_PAGE, Line, Reading, Who, lines};
use chrono::{DateTime, Utc};

/// The most characters of a page: what an embed holds, with room for the words around it.
const CHARACTERS_PER_PAGE: usize = 3_700;
/// The most characters of an entry's text.
const MOST_TEXT: usize = 220;
/// The most silences that a page can offer to fill.
const MOST_GAPS: usize = 10;

/// A page of a view. Page 0 has the newest lines; what there is not shows the oldest.
#[must_use]
pub fn timeline_view(
    incident: &Incident,
    timeline: &[Entry],
    reading: Reading,
    page: u16,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Card {
    let all = lines(reading, incident, timeline, now, policy);
    let told: Vec<(String, &Line<'_>)> =
        all.iter().map(|line| (words(line, policy), line)).collect();
    let pages = pages(&told);
    let last = pages.len().saturating_sub(1);
    let page = usize::from(page).min(last);
    let shown = pages.get(page).copied().unwrap_or_default();
    let mut body: Vec<String> = Vec::new();
    let gaps: Vec<&Gap> = shown
        .iter()
        .filter_map(|(_, line)| match line {
            Line::Gap(gap) => Some(gap),
            _ => None,
        })
        .collect();
    if reading == Reading::Gaps {
        let numbered = shown.iter().enumerate();
        body.extend(numbered.map(|(place, (words, _))| format!("{}. {words}", place + 1)));
    } else {
        body.extend(shown.iter().map(|(words, _)| words.clone()));
    }
    if body.is_empty() {
        body.push(nothing(reading, policy));
    }
    let mut card = text_card(
        format!("{} – timeline: {}", incident.id, reading.title()),
        body.join("\n"),
        Tone::Plain,
    );
    card.footer = footer(reading, timeline, &all, page, pages.len());
    card.rows = rows(incident.id, reading, page, last, shown, &gaps);
    card
}

/// Cuts lines into pages from the newest back, each as long as fits.
fn pages<'page, 'line>(
    told: &'page [(String, &'line Line<'line>)],
) -> Vec<&'page [(String, &'line Line<'line>)]> {
    let mut pages = Vec::new();
    let mut end = told.len();
    while end > 0 {
        let mut start = end;
        let mut characters = 0;
        while start > 0 && end - start < LINES_PER_PAGE {
            characters += told[start - 1].0.chars().count() + 1;
            if characters > CHARACTERS_PER_PAGE && start < end {
                break;
            }
            start -= 1;
        }
        pages.push(&told[start..end]);
        end = start;
    }
    pages
}

fn nothing(reading: Reading, policy: &Policy) -> String {
    match reading {
        Reading::Key | Reading::All | Reading::People => "Nothing yet.",
        Reading::Decisions => {
            "No decision is noted. Write one with `dec:`, or mark a message with ⚖️."
        }
        Reading::Actions => "No action is noted. Write one with `act:`, or mark a message with 🛠️.",
        Reading::Gaps => {
            return format!(
                "No gaps: never more than {} without a line.",
                length_words(policy.gap_after)
            );
        }
    }
    .to_owned()
}

fn footer(
    reading: Reading,
    timeline: &[Entry],
    all: &[Line<'_>],
    page: usize,
    pages: usize,
) -> String {
    let mut parts = Vec::new();
    if reading == Reading::Key {
        let shown = all
            .iter()
            .filter(|line| matches!(line, Line::Entry { .. }))
            .count();
        let active = timeline.iter().filter(|entry| entry.is_active()).count();
        if active > shown {
            parts.push(format!("{} of {active} lines", shown));
        }
    }
    if pages > 1 {
        parts.push(format!("page {} of {pages}", pages - page));
    }
    parts.join(" · ")
}

fn rows(
    incident: IncidentId,
    reading: Reading,
    page: usize,
    last: usize,
    shown: &[(String, &Line<'_>)],
    gaps: &[&Gap],
) -> Vec<Row> {
    let any = |act| Press::any_time(incident, act);
    let turn_to = |page: usize| {
        let page = u16::try_from(page).unwrap_or(u16::MAX);
        any(Act::Read(reading, page))
    };
    let mut rows = Vec::new();
    let add: Vec<Button> = gaps
        .iter()
        .take(MOST_GAPS)
        .enumerate()
        .map(|(place, gap)| {
            let label = format!("Add to {}", place + 1);
            Button::plain(label, any(Act::LogAt(gap.from.timestamp())))
        })
        .collect();
    rows.extend(add.chunks(5).map(|row| buttons(row.iter().cloned())));
    let mut turns = Vec::new();
    if page < last {
        turns.push(Button::plain("◀ Older", turn_to(page + 1)));
    }
    if page > 0 {
        turns.push(Button::plain("Newer ▶", turn_to(page - 1)));
    }
    turns.extend([
        Button::plain("Catch up", any(Act::CatchUp)),
        Button::plain("Decision…", any(Act::Decision)),
        Button::plain("Times", any(Act::Milestones)),
    ]);
    rows.push(buttons(turns));
    rows.push(Row::Menu(Menu {
        hint: "Another view…".to_owned(),
        options: Reading::ALL
            .into_iter()
            .filter(|other| *other != reading)
            .map(|other| MenuOption {
                value: other.id().to_owned(),
                label: other.title().to_owned(),
                description: String::new(),
            })
            .collect(),
        most: 1,
        press: any(Act::ChooseReading),
    }));
    let entries: Vec<MenuOption> = shown
        .iter()
        .filter_map(|(_, line)| match line {
            Line::Entry { entry, .. } => Some((entry.number?, *entry)),
            _ => None,
        })
        .map(|(number, entry)| MenuOption {
            value: number.0.to_string(),
            label: format!("{number} {}", entry.kind),
            description: cut(&plain(&entry.text.replace('\n', " ")), 90),
        })
        .collect();
    if !entries.is_empty() {
        rows.push(Row::Menu(Menu {
            hint: "Look at a line, or change it…".to_owned(),
            options: entries,
            most: 1,
            press: any(Act::ChooseEntry),
        }));
    }
    rows
}

fn words(line: &Line<'_>, policy: &Policy) -> String {
    match line {
        Line::Heading(who) => format!("**{}**", name(who)),
        Line::Entry {
            entry,
            times,
            since,
        } => {
            let again = if *times > 1 {
                format!(" ×{times} since {}", clock(*since))
            } else {
                String::new()
            };
            format!("{}{again}", entry_line(entry, MOST_TEXT, policy))
        }
        Line::Ticks(fold) => ticks_line(fold),
        Line::Calls { times, from, to } => format!(
            "📟 {}–{} people were asked and reminded {times} times",
            clock(*from),
            clock(*to)
        ),
        Line::Gap(gap) => gap_line(gap),
    }
}

/// The question about a silence, for the Documentation Lead alone.
#[must_use]
pub fn gap_question(incident: &Incident, gap: &Gap) -> Card {
    let any = |act| Press::any_time(incident.id, act);
    let mut card = super::line(format!("🕳 {}: {}", incident.id, gap_line(gap)));
    card.rows = vec![buttons([
        Button::primary("Add", any(Act::LogAt(gap.from.timestamp()))),
        Button::plain("Catch up", any(Act::CatchUp)),
        Button::plain("Nothing happened", any(Act::Dismiss)),
    ])];
    card
}

/// Messages that look like facts and that nobody marked, for the Documentation Lead alone.
#[must_use]
pub fn log_hint(incident: &Incident, messages: &[(MessageId, PersonId, String)]) -> Card {
    let any = |act| Press::any_time(incident.id, act);
    let mut lines = vec![format!("📝 {}: log this?", incident.id)];
    let mut card = Card {
        quiet: true,
        ..Card::default()
    };
    for (place, (message, author, text)) in messages.iter().enumerate() {
        let number = place + 1;
        let shown = cut(&text.replace('\n', " "), 200);
        lines.push(format!("{number}. {author} {shown}"));
        let as_what = [
            ("did", Kind::Action),
            ("saw", Kind::Observation),
            ("decided", Kind::Decision),
        ];
        card.rows.push(buttons(as_what.map(|(word, kind)| {
            Button::plain(
                format!("{number} {word}"),
                any(Act::KeepMessage(*message, kind)),
            )
        })));
    }
    card.content = lines.join("\n");
    card.rows
        .push(buttons([Button::plain("No", any(Act::Dismiss))]));
    card
}

/// A silence as a question.
pub(super) fn gap_line(gap: &Gap) -> String {
    if gap.lasts {
        format!("Since {}: nothing noted. What happened?", clock(gap.from))
    } else {
        format!(
            "{}–{}: nothing noted. What happened?",
            clock(gap.from),
            clock(gap.to)
        )
    }
}

fn name(who: &Who) -> String {
    match who {
        Who::Person { id, roles } if roles.is_empty() => id.to_string(),
        Who::Person { id, roles } => {
            let roles: Vec<String> = roles.iter().map(ToString::to_string).collect();
            format!("{id} · {}", roles.join(", "))
        }
        Who::Alert => "Monitoring".to_owned(),
        Who::Bot => "The bot by itself".to_owned(),
    }
}

fn ticks_line(fold: &Fold) -> String {
    let when = if fold.is_one_moment() {
        clock(fold.to)
    } else {
        format!("{}–{}", clock(fold.from), clock(fold.to))
    };
    format!("📋 {when} {}", cut(&fold.words, MOST_TEXT))
}

/// An entry in one line, with at most `most` characters of its text.
pub(super) fn entry_line(entry: &Entry, most: usize, policy: &Policy) -> String {
    let number = entry
        .number
        .map(|number| number.to_string())
        .unwrap_or_default();
    let late = if entry.is_late(policy.late_after) {
        format!(" 🕓 noted {}", clock(entry.recorded_at))
    } else {
        String::new()
    };
    let number = if entry.is_for_everybody() {
        number
    } else {
        format!("🔐 {number}")
    };
    let edited = if entry.revisions.is_empty() {
        ""
    } else {
        " ✎"
    };
    let deleted = entry
        .source_deleted_at
        .map(|at| format!(" *(source message deleted {})*", clock(at)))
        .unwrap_or_default();
    let choice = entry
        .choice
        .as_ref()
        .and_then(crate::timeline::Choice::words)
        .map(|words| format!(" – {}", spoken(&words, most)))
        .unwrap_or_default();
    let who = match &entry.who {
        Who::Person { id, .. } => format!("{id} "),
        Who::Alert | Who::Bot => String::new(),
    };
    // An update was written to be formatted; in a line its marks would only show.
    let words = match entry.kind {
        Kind::Update => plain(&entry.text),
        _ => entry.text.clone(),
    };
    format!(
        "`{number}` {} **{}** {who}{}{choice}{late}{edited}{deleted}",
        clock(entry.event_at),
        entry.kind,
        spoken(&words, most)
    )
}
