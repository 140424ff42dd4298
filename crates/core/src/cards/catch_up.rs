//! *Catch up*: one tap, and whoever has just sat up in bed knows how things stand and what is new to them. No model, no
//! guessing: the board in two lines, then what changed since they last looked, then the key moments.

use chrono::{DateTime, Utc};

use super::spoken::spoken;
use super::timeline::entry_line;
use super::updates::due_words;
use super::{buttons, clock, plain, relative, text_card};
use crate::card::{Act, Button, Card, Press, Tone};
use crate::incident::{Incident, MilestoneName, Policy, cut};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::runbook::StepPhase;
use crate::timeline::{
    Entry, Kind, LINES_PER_PAGE, Line, Looked, News, Reading, lines, news_since,
};

/// The most text of the card.
const MOST_CHARACTERS: usize = 3_800;
/// The most lines of what is new; the newest ones.
const MOST_NEWS: usize = 15;

/// How things stand, for one reader. `looked` is when they last asked this.
#[must_use]
pub fn catch_up(
    incident: &Incident,
    timeline: &[Entry],
    reader: PersonId,
    looked: Option<Looked>,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Card {
    let [what, who] = in_two_lines(incident, timeline);
    let mut body = vec![what, who, String::new()];
    if let Some(looked) = looked {
        body.extend(news(timeline, looked, reader, policy));
        body.push(String::new());
    }
    body.push("**Key moments**".to_owned());
    let told: Vec<String> = lines(Reading::Key, incident, timeline, now, policy)
        .iter()
        .filter_map(|line| match line {
            Line::Entry { entry, .. } => Some(entry_line(entry, 160, policy)),
            Line::Ticks(fold) => Some(format!("📋 {} {}", clock(fold.to), cut(&fold.words, 120))),
            Line::Heading(_) | Line::Calls { .. } | Line::Gap(_) => None,
        })
        .collect();
    let used: usize = body.iter().map(|line| line.chars().count() + 1).sum();
    let mut room = MOST_CHARACTERS.saturating_sub(used + 60);
    let mut moments: Vec<String> = told
        .iter()
        .rev()
        .take(LINES_PER_PAGE)
        .take_while(|line| {
            let length = line.chars().count() + 1;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        })
        .cloned()
        .collect();
    moments.reverse();
    if moments.is_empty() {
        moments.push("Nothing yet.".to_owned());
    } else if moments.len() < told.len() {
        let older = told.len() - moments.len();
        moments.insert(0, format!("*{older} older ones: Timeline*"));
    }
    body.extend(moments);
    let any = |act| Press::any_time(incident.id, act);
    let mut card = text_card(
        format!("{} – catch up", incident.id),
        body.join("\n"),
        if incident.is_active() {
            Tone::of(incident.severity)
        } else {
            Tone::Good
        },
    );
    card.rows = vec![buttons([
        Button::plain("Timeline", any(Act::Timeline)),
        Button::plain("My role", any(Act::MyRole)),
        Button::plain("Log", any(Act::Log)),
        Button::plain("Board", any(Act::ShowBoard)),
        Button::plain("As plain text", any(Act::TextBoard)),
    ])];
    card
}

/// What is broken and for whom; who commands, what is being done, and when word goes out next.
fn in_two_lines(incident: &Incident, timeline: &[Entry]) -> [String; 2] {
    let hurt = match &incident.impact_text {
        Some(text) => spoken(text, 200),
        None => "who is hurt is not confirmed".to_owned(),
    };
    let over = if incident.is_mitigated() {
        incident
            .milestones
            .at(MilestoneName::Mitigated)
            .map(|at| format!(", over since {}", clock(at)))
    } else {
        incident
            .impact_start()
            .map(|at| format!(", since {}", clock(at)))
    };
    let what = format!(
        "{} **{} · {}** {} – {hurt}{}",
        incident.phase.mark(),
        incident.severity,
        incident.phase,
        incident.title,
        over.unwrap_or_default()
    );
    let command = match incident.command {
        Some(holder) => format!("👑 {holder} commands"),
        None if incident.is_active() => "👑 nobody commands".to_owned(),
        None => "nobody commands any more".to_owned(),
    };
    let next = match due_words(incident) {
        Some(due) => format!("next update {due}"),
        None if incident.is_active() => "no update promised".to_owned(),
        None => "nothing more is promised".to_owned(),
    };
    let who = format!("{command} · {} · {next}", doing(incident, timeline));
    [what, who]
}

/// What was done last, or what the runbook asks next.
fn doing(incident: &Incident, timeline: &[Entry]) -> String {
    match incident.phase {
        Phase::Learning => return "it is over: the review goes on".to_owned(),
        Phase::Closed => return "it is closed".to_owned(),
        Phase::Cancelled => return "it was no incident".to_owned(),
        _ => {}
    }
    let last = timeline
        .iter()
        .rev()
        .find(|entry| entry.is_active() && matches!(entry.kind, Kind::Action | Kind::Decision));
    if let Some(entry) = last {
        let text = spoken(&entry.text, 120);
        return format!("last done: {text} ({})", clock(entry.event_at));
    }
    let step = incident
        .checklist
        .as_ref()
        .zip(StepPhase::during(incident.phase))
        .and_then(|(checklist, phase)| checklist.next_step(phase));
    match step {
        Some(step) => format!("next step: {}", cut(&plain(&step.text), 120)),
        None => "nothing is noted as done yet".to_owned(),
    }
}

/// What changed since they looked.
fn news(timeline: &[Entry], looked: Looked, reader: PersonId, policy: &Policy) -> Vec<String> {
    let news = news_since(timeline, looked, reader);
    if news.is_empty() {
        return vec![format!(
            "**Nothing new since you looked** ({})",
            relative(looked.at)
        )];
    }
    let mut told = vec![format!(
        "**{} new since you looked** ({})",
        news.len(),
        relative(looked.at)
    )];
    let left_out = news.len().saturating_sub(MOST_NEWS);
    if left_out > 0 {
        told.push(format!("*and {left_out} before these: Timeline*"));
    }
    told.extend(news.iter().skip(left_out).map(|news| {
        let (word, entry) = match news {
            News::New(entry) => ("", *entry),
            News::Changed(entry) => ("changed: ", *entry),
            News::Gone(entry) => ("taken back: ", *entry),
        };
        format!("{word}{}", entry_line(entry, 100, policy))
    }));
    told
}
