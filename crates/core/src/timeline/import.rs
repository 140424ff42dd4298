//! Notes that were taken elsewhere, brought into the timeline afterwards: lines of a log, times on paper, a table.
//!
//! Each line needs a time it begins with and some words; everything else is told back as not understood, and nothing of it
//! is guessed.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sha2::{Digest as _, Sha256};

use super::capture::MAX_ENTRY_CHARACTERS;
use super::{Audience, Entry, EntryState, Kind, Precision, Prefixes, Source, Who};
use crate::incident::{Incident, cut};
use crate::person::PersonId;
use crate::wall_clock::{instant_of, local_of};

/// The most lines of one import.
pub const MOST_IMPORTED: usize = 200;

/// A line that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedLine {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// How exactly that is known.
    pub precision: Precision,
    /// What sort of fact it is.
    pub kind: Kind,
    /// The words.
    pub text: String,
    /// Who reads it.
    pub audience: Audience,
}

/// What became of one line: its number, counted from 1, and what was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLine {
    /// Its number.
    pub number: usize,
    /// What it says, or why it is not understood.
    pub read: Result<ImportedLine, String>,
}

/// Reads notes line by line. Empty lines and the heading of a table are passed over. A time without a day is the one
/// nearest to when the incident was declared.
#[must_use]
pub fn read_notes(
    text: &str,
    incident: &Incident,
    (zone, prefixes): (Tz, &Prefixes),
    now: DateTime<Utc>,
) -> Vec<ReadLine> {
    let near = incident.declared_at();
    let mut lines: Vec<ReadLine> = text
        .lines()
        .enumerate()
        .map(|(place, line)| (place + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !is_heading(line))
        .map(|(number, line)| ReadLine {
            number,
            read: read_line(line, near, (zone, prefixes), now),
        })
        .collect();
    for line in lines.iter_mut().skip(MOST_IMPORTED) {
        line.read = Err(format!(
            "more than {MOST_IMPORTED} lines: import it in parts"
        ));
    }
    lines
}

fn is_heading(line: &str) -> bool {
    let lower = line.to_lowercase();
    (lower.starts_with("time") || lower.starts_with("when")) && lower.contains([',', ';', '\t'])
}

fn read_line(
    line: &str,
    near: DateTime<Utc>,
    (zone, prefixes): (Tz, &Prefixes),
    now: DateTime<Utc>,
) -> Result<ImportedLine, String> {
    let line = line.trim_start_matches(['[', '-', '*', '•', ' ', '"']);
    let Some((at, precision, rest)) = time_in_front(line, near, zone) else {
        return Err("no time in front: write it like 02:47 or 2026-11-21 02:47".to_owned());
    };
    if at > now + TimeDelta::minutes(1) {
        return Err("it lies in the future".to_owned());
    }
    let rest = rest.trim_start_matches([']', ',', ';', '\t', ' ', '-', '–', '|', '"']);
    let (kind, audience, text) = kind_in_front(rest, prefixes);
    let text = text.trim().trim_matches('"').trim();
    if text.is_empty() {
        return Err("no words behind the time".to_owned());
    }
    Ok(ImportedLine {
        at,
        precision,
        kind,
        text: cut(text, MAX_ENTRY_CHARACTERS),
        audience,
    })
}

/// The kind, as a prefix (`obs: …`) or as a cell of its own (`obs,…`).
fn kind_in_front<'text>(rest: &'text str, prefixes: &Prefixes) -> (Kind, Audience, &'text str) {
    if let Some(found) = prefixes.read(rest) {
        return (found.kind, found.audience, found.text);
    }
    let cell = rest.split_once([',', ';', '\t']);
    let found = cell.and_then(|(word, text)| {
        let word = word.trim().trim_matches('"').to_lowercase();
        let kind = Kind::WRITTEN
            .into_iter()
            .find(|kind| kind.id() == word)
            .or_else(|| prefixes.kind_of(&word))?;
        Some((kind, Audience::Everybody, text))
    });
    found.unwrap_or((Kind::Note, Audience::Everybody, rest))
}

fn time_in_front(
    line: &str,
    near: DateTime<Utc>,
    zone: Tz,
) -> Option<(DateTime<Utc>, Precision, &str)> {
    let end = line
        .find(|character: char| {
            !(character.is_ascii_digit() || matches!(character, '-' | ':' | 'T' | 'Z' | '+' | '.'))
        })
        .unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    if let Ok(at) = DateTime::parse_from_rfc3339(word) {
        return Some((at.to_utc(), Precision::Exact, rest));
    }
    for (format, precision) in [
        ("%Y-%m-%dT%H:%M:%S%.f", Precision::Exact),
        ("%Y-%m-%dT%H:%M", Precision::Minute),
    ] {
        if let Ok(local) = NaiveDateTime::parse_from_str(word, format) {
            return Some((instant_of(zone, local), precision, rest));
        }
    }
    if word.matches('-').count() == 2 && word.len() == 10 {
        let behind = rest.trim_start();
        let end = behind
            .find(|character: char| !(character.is_ascii_digit() || matches!(character, ':' | '.')))
            .unwrap_or(behind.len());
        let (clock, rest) = behind.split_at(end);
        let (time, precision) = clock_of(clock)?;
        let day = word.parse().ok()?;
        let local = NaiveDateTime::new(day, time);
        // Some logs write milliseconds behind a comma.
        let rest = match rest.strip_prefix(',') {
            Some(behind) if behind.starts_with(|c: char| c.is_ascii_digit()) => {
                behind.trim_start_matches(|c: char| c.is_ascii_digit())
            }
            _ => rest,
        };
        return Some((instant_of(zone, local), precision, rest));
    }
    let (time, precision) = clock_of(word)?;
    let day = local_of(zone, near).date();
    let at = [day.pred_opt(), Some(day), day.succ_opt()]
        .into_iter()
        .flatten()
        .map(|day| instant_of(zone, day.and_time(time)))
        .min_by_key(|at| (*at - near).abs())?;
    Some((at, precision, rest))
}

fn clock_of(word: &str) -> Option<(NaiveTime, Precision)> {
    let word = word.trim_end_matches([':', '.', '-']);
    let seconds = NaiveTime::parse_from_str(word, "%H:%M:%S%.f");
    match seconds {
        Ok(time) => Some((time, Precision::Exact)),
        Err(_) => NaiveTime::parse_from_str(word, "%H:%M")
            .ok()
            .map(|time| (time, Precision::Minute)),
    }
}

/// The name under which notes are kept between looking at them and importing them.
#[must_use]
pub fn notes_key(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The entries that an import adds: what it says and was not imported before.
#[must_use]
pub fn imported(
    lines: &[ReadLine],
    timeline: &[Entry],
    incident: &Incident,
    by: PersonId,
    now: DateTime<Utc>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines.iter().filter_map(|line| line.read.as_ref().ok()) {
        let same = |entry: &Entry| {
            entry.source == Source::Import && entry.event_at == line.at && entry.text == line.text
        };
        if timeline.iter().any(same) || entries.iter().any(same) {
            continue;
        }
        entries.push(Entry {
            number: None,
            kind: line.kind,
            event_at: line.at,
            precision: line.precision,
            recorded_at: now,
            who: Who::Person {
                id: by,
                roles: incident.roles_of(by),
            },
            text: line.text.clone(),
            source: Source::Import,
            importance: line.kind.default_importance(),
            message: None,
            files: Vec::new(),
            marks: Vec::new(),
            choice: None,
            revisions: Vec::new(),
            state: EntryState::Active,
            audience: line.audience,
            source_deleted_at: None,
        });
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::night::{KIM, ZONE, at};
    use crate::incident::tests::seed_night::the_night_at;

    /// A line as it was understood, or why it was not.
    type Understood = Result<(DateTime<Utc>, Kind, String), String>;

    fn read(text: &str) -> Vec<Understood> {
        let night = the_night_at("05:00");
        read_notes(
            text,
            night.incident(),
            (ZONE, &Prefixes::default()),
            night.now,
        )
        .into_iter()
        .map(|line| line.read.map(|line| (line.at, line.kind, line.text)))
        .collect()
    }

    #[test]
    fn a_time_and_some_words_are_a_line_however_they_are_written() {
        for (text, clock, kind, words) in [
            ("02:47 first 500s", "02:47", Kind::Note, "first 500s"),
            (
                "02:47 obs: first 500s",
                "02:47",
                Kind::Observation,
                "first 500s",
            ),
            (
                "02:47,obs,first 500s, many",
                "02:47",
                Kind::Observation,
                "first 500s, many",
            ),
            (
                "02:47;action;\"flag off\"",
                "02:47",
                Kind::Action,
                "flag off",
            ),
            (
                "2026-11-21T01:47:00Z flag off",
                "02:47",
                Kind::Note,
                "flag off",
            ),
            ("2026-11-21 02:47 flag off", "02:47", Kind::Note, "flag off"),
            (
                "[2026-11-21 02:47:00,123] ERROR pool",
                "02:47",
                Kind::Note,
                "ERROR pool",
            ),
            ("- 02:47 – rolled back", "02:47", Kind::Note, "rolled back"),
        ] {
            assert_eq!(
                read(text),
                [Ok((at(clock), kind, words.to_owned()))],
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_without_a_day_is_the_nearest_one() {
        let lines = read("23:50 deployed");
        assert_eq!(
            lines,
            [Ok((
                at("23:50") - TimeDelta::days(1),
                Kind::Note,
                "deployed".to_owned()
            ))]
        );
    }

    #[test]
    fn what_is_not_understood_is_told_back_and_costs_nothing_else() {
        let told: Vec<String> =
            read("time,kind,text\n\nno time here\n02:47\n25:99 x\n06:30 later\n02:50 fine")
                .into_iter()
                .map(|line| match line {
                    Ok((_, _, text)) => text,
                    Err(why) => format!("? {why}"),
                })
                .collect();
        assert_eq!(
            told,
            [
                "? no time in front: write it like 02:47 or 2026-11-21 02:47",
                "? no words behind the time",
                "? no time in front: write it like 02:47 or 2026-11-21 02:47",
                "? it lies in the future",
                "fine",
            ]
        );
    }

    #[test]
    fn importing_the_same_again_adds_nothing() {
        let night = the_night_at("05:00");
        let incident = night.incident();
        let lines = read_notes(
            "02:47 a\n02:48 b\n02:47 a",
            incident,
            (ZONE, &Prefixes::default()),
            night.now,
        );
        let first = imported(&lines, &night.entries(), incident, KIM, night.now);
        assert_eq!(first.len(), 2, "a line that stands twice is one");
        let mut timeline = night.entries();
        timeline.extend(first);
        assert_eq!(imported(&lines, &timeline, incident, KIM, night.now), []);
        let more = read_notes(
            "02:48 b\n02:49 c",
            incident,
            (ZONE, &Prefixes::default()),
            night.now,
        );
        assert_eq!(
            imported(&more, &timeline, incident, KIM, night.now).len(),
            1
        );
    }
}
