//! The timeline as somebody wants to read it: the key moments, everything, decisions, actions, person by person, and
//! where nothing was noted.
//!
//! Pure: the same lines give the same view. Nothing is lost by folding, since *everything* shows each line again.

use chrono::{DateTime, TimeDelta, Utc};

use super::gaps::{Gap, gaps};
use super::{Entry, EntryState, Importance, Kind, Who};
use crate::ids::EntryNumber;
use crate::incident::{Incident, Policy};
use crate::person::PersonId;
use crate::runbook::{Checklist, Fold};

/// The most lines of the key view, and of one page of any other.
pub const LINES_PER_PAGE: usize = 25;

/// Several notes of one changing number by one author count as one when each follows the last within this.
const SAME_NUMBER_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// What somebody wants to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// What a hurried reader needs.
    Key,
    /// Every line that stands.
    All,
    /// What was decided, and against what.
    Decisions,
    /// What was done to the systems.
    Actions,
    /// Who did and saw what.
    People,
    /// Where nothing was noted.
    Gaps,
}

impl Reading {
    /// Every view, in the order the menu offers them.
    pub const ALL: [Self; 6] = [
        Self::Key,
        Self::All,
        Self::Decisions,
        Self::Actions,
        Self::People,
        Self::Gaps,
    ];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::All => "all",
            Self::Decisions => "decisions",
            Self::Actions => "actions",
            Self::People => "people",
            Self::Gaps => "gaps",
        }
    }

    /// The words people read.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Key => "key moments",
            Self::All => "everything",
            Self::Decisions => "decisions",
            Self::Actions => "actions",
            Self::People => "by person",
            Self::Gaps => "gaps",
        }
    }
}

/// One line of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'timeline> {
    /// Whose lines follow: a person, monitoring or the bot.
    Heading(&'timeline Who),
    /// An entry, standing for `times` that say the same; the newest of them, which happened until `until`.
    Entry {
        /// The entry.
        entry: &'timeline Entry,
        /// How many it stands for.
        times: usize,
        /// When the first of them happened.
        since: DateTime<Utc>,
    },
    /// What was ticked and skipped in a phase.
    Ticks(Fold),
    /// People were called and reminded, several times in a row.
    Calls {
        /// How often.
        times: usize,
        /// When first.
        from: DateTime<Utc>,
        /// When last.
        to: DateTime<Utc>,
    },
    /// Nobody noted anything.
    Gap(Gap),
}

impl Line<'_> {
    /// The numbers of the entry it shows.
    #[must_use]
    pub fn number(&self) -> Option<EntryNumber> {
        match self {
            Self::Entry { entry, .. } => entry.number,
            Self::Heading(_) | Self::Ticks(_) | Self::Calls { .. } | Self::Gap(_) => None,
        }
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Entry { entry, .. } => Some(entry.event_at),
            Self::Ticks(fold) => Some(fold.to),
            Self::Calls { to, .. } => Some(*to),
            Self::Gap(gap) => Some(gap.from),
            Self::Heading(_) => None,
        }
    }
}

/// The lines of a view, oldest first. `timeline` is in order.
#[must_use]
pub fn lines<'timeline>(
    reading: Reading,
    incident: &Incident,
    timeline: &'timeline [Entry],
    now: DateTime<Utc>,
    policy: &Policy,
) -> Vec<Line<'timeline>> {
    let active = || timeline.iter().filter(|entry| entry.is_active());
    let of_kind = |kind: Kind| folded(active().filter(move |entry| entry.kind == kind));
    match reading {
        Reading::Key => key(incident, active().collect()),
        Reading::All => folded(active()),
        Reading::Decisions => of_kind(Kind::Decision),
        Reading::Actions => of_kind(Kind::Action),
        Reading::People => by_person(active().collect()),
        Reading::Gaps => gaps(incident, timeline, now, policy.gap_after)
            .into_iter()
            .map(Line::Gap)
            .collect(),
    }
}

/// The key moments and, as far as there is room, the newest of what is less important. Ticks are one line for a phase.
fn key<'timeline>(incident: &Incident, active: Vec<&'timeline Entry>) -> Vec<Line<'timeline>> {
    let with = |least: Importance| {
        let told = active.iter().copied();
        folded(told.filter(move |entry| entry.importance <= least))
    };
    let ticks: Vec<Line<'timeline>> = incident
        .checklist
        .iter()
        .flat_map(Checklist::folded)
        .map(Line::Ticks)
        .collect();
    let shown = with(Importance::Normal);
    let is_key = |line: &Line<'_>| matches!(line, Line::Entry { entry, .. } if entry.importance == Importance::Key);
    let keys = shown.iter().filter(|line| is_key(line)).count();
    let mut room = LINES_PER_PAGE.saturating_sub(keys + ticks.len());
    let mut lines: Vec<Line<'timeline>> = Vec::new();
    for line in shown.into_iter().rev() {
        if is_key(&line) {
            lines.push(line);
        } else if room > 0 {
            room -= 1;
            lines.push(line);
        }
    }
    lines.reverse();
    for tick in ticks {
        let place = lines.partition_point(|line| line.at() <= tick.at());
        lines.insert(place, tick);
    }
    lines
}

/// Everybody's lines under their name, in the order in which they first appear; what people said before what machines did.
fn by_person(active: Vec<&Entry>) -> Vec<Line<'_>> {
    let same = |one: &Who, other: &Who| match (one, other) {
        (Who::Person { id: one, .. }, Who::Person { id: other, .. }) => one == other,
        (one, other) => one == other,
    };
    let mut groups: Vec<(&Who, Vec<&Entry>)> = Vec::new();
    for entry in active
        .into_iter()
        .filter(|entry| entry.importance != Importance::Detail)
    {
        match groups.iter_mut().find(|(who, _)| same(who, &entry.who)) {
            Some((who, group)) => {
                // The roles they held last say who they are.
                *who = &entry.who;
                group.push(entry);
            }
            None => groups.push((&entry.who, vec![entry])),
        }
    }
    groups.sort_by_key(|(who, _)| !matches!(who, Who::Person { .. }));
    groups
        .into_iter()
        .flat_map(|(who, group)| {
            let mut lines = vec![Line::Heading(who)];
            lines.extend(folded(group.into_iter()));
            lines
        })
        .collect()
}

/// What says the same again becomes one line: repeats of one alert, calls in a row, one number noted several times.
fn folded<'timeline>(entries: impl Iterator<Item = &'timeline Entry>) -> Vec<Line<'timeline>> {
    let mut lines: Vec<Line<'timeline>> = Vec::new();
    for entry in entries {
        if is_call(entry) {
            match lines.last_mut() {
                Some(Line::Calls { times, to, .. }) => {
                    *times += 1;
                    *to = entry.event_at;
                    continue;
                }
                Some(Line::Entry { entry: last, .. }) if is_call(last) => {
                    let from = last.event_at;
                    lines.pop();
                    lines.push(Line::Calls {
                        times: 2,
                        from,
                        to: entry.event_at,
                    });
                    continue;
                }
                _ => {}
            }
        }
        let known = lines.iter_mut().rev().find(|line| match line {
            Line::Entry { entry: last, .. } => repeats(last, entry),
            _ => false,
        });
        match known {
            Some(Line::Entry {
                entry: last, times, ..
            }) => {
                *last = entry;
                *times += 1;
            }
            _ => lines.push(Line::Entry {
                entry,
                times: 1,
                since: entry.event_at,
            }),
        }
    }
    lines.sort_by_key(|line| line.at());
    lines
}

fn is_call(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Page | Kind::Nudge)
}

/// Whether a line only says again what an earlier one said. What is important stands by itself.
fn repeats(earlier: &Entry, later: &Entry) -> bool {
    if earlier.kind != later.kind || earlier.importance != later.importance {
        return false;
    }
    match (&earlier.who, &later.who) {
        (Who::Alert, Who::Alert) => {
            later.importance == Importance::Detail
                && without_numbers(&earlier.text) == without_numbers(&later.text)
        }
        (Who::Person { id: one, .. }, Who::Person { id: other, .. }) => {
            one == other
                && later.kind == Kind::Observation
                && later.event_at - earlier.event_at <= SAME_NUMBER_WITHIN
                && has_number(&later.text)
                && without_numbers(&earlier.text) == without_numbers(&later.text)
        }
        _ => false,
    }
}

fn has_number(text: &str) -> bool {
    text.contains(|character: char| character.is_ascii_digit())
}

/// A text with `#` for each number in it.
fn without_numbers(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_ascii_digit() {
            result.extend(character.to_lowercase());
        } else if !result.ends_with('#') {
            result.push('#');
        }
    }
    result
}

/// What became of a line since somebody looked last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<'timeline> {
    /// It is new.
    New(&'timeline Entry),
    /// It says something else now.
    Changed(&'timeline Entry),
    /// It was taken back, or turned out to be said already.
    Gone(&'timeline Entry),
}

/// How far somebody has read a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// When they looked.
    pub at: DateTime<Utc>,
    /// The newest line there was then.
    pub newest: EntryNumber,
}

impl Looked {
    /// Where somebody stands who has just read everything.
    #[must_use]
    pub fn now(timeline: &[Entry], now: DateTime<Utc>) -> Self {
        Self {
            at: now,
            newest: timeline
                .iter()
                .filter_map(|entry| entry.number)
                .max()
                .unwrap_or(EntryNumber(0)),
        }
    }

    /// As it is remembered: `1795225620000000/14`.
    #[must_use]
    pub fn encode(self) -> String {
        format!("{}/{}", self.at.timestamp_micros(), self.newest.0)
    }

    /// What [`encode`](Self::encode) wrote.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let (micros, number) = text.split_once('/')?;
        Some(Self {
            at: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
            newest: EntryNumber(number.parse().ok()?),
        })
    }
}

/// What is new to somebody, in the order in which it was written down. Details are left out, and what they did themselves
/// is no news to them.
#[must_use]
pub fn news_since<'timeline>(
    timeline: &'timeline [Entry],
    looked: Looked,
    reader: PersonId,
) -> Vec<News<'timeline>> {
    let own = |who: &Who| matches!(who, Who::Person { id, .. } if *id == reader);
    let mut news: Vec<(DateTime<Utc>, News<'timeline>)> = timeline
        .iter()
        .filter(|entry| entry.importance != Importance::Detail)
        .filter_map(|entry| {
            let is_new = entry.number.is_some_and(|number| number > looked.newest);
            match &entry.state {
                EntryState::Active if is_new && own(&entry.who) => None,
                EntryState::Active if is_new => Some((entry.recorded_at, News::New(entry))),
                EntryState::Active => {
                    let change = entry.revisions.last()?;
                    (change.changed_at > looked.at && !own(&change.changed_by))
                        .then_some((change.changed_at, News::Changed(entry)))
                }
                // What was taken out of sight is no news to anybody.
                EntryState::Redacted { .. } => None,
                EntryState::Retracted { at, .. } | EntryState::Merged { at, .. } => {
                    (!is_new && *at > looked.at).then_some((*at, News::Gone(entry)))
                }
            }
        })
        .collect();
    news.sort_by_key(|(at, _)| *at);
    news.into_iter().map(|(_, news)| news).collect()
}

#[cfg(test)]
#[path = "views_tests.rs"]
mod tests;
