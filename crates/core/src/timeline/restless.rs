//! One line for each alert that fires and clears again and again: it is not written anew with every turn, its number
//! grows where it stands.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, EntryState, Kind, Precision, Source, Who};
use crate::alert::Flapping;
use crate::ports::{EntryWrite, StoredEntry};

/// Clocks of two machines differ by less than this.
const CLOCKS_MAY_DIFFER_BY: TimeDelta = TimeDelta::minutes(1);

/// What must be written so that the timeline says of each of them how often it has cleared. `known` is the timeline as it
/// is. A line that a person has put into other words stays as that person left it.
#[must_use]
pub fn restless_lines(
    flapping: &[Flapping],
    known: &[StoredEntry],
    now: DateTime<Utc>,
) -> Vec<EntryWrite> {
    flapping
        .iter()
        .filter_map(|alert| {
            let Some(stored) = known.iter().find(|stored| tells_of(&stored.entry, alert)) else {
                return Some(EntryWrite::Add(begun(alert, now)));
            };
            let text = alert.line();
            let is_ours = stored.entry.revisions.is_empty() && stored.entry.is_active();
            (is_ours && stored.entry.text != text).then(|| EntryWrite::Rewrite {
                entry: Entry {
                    text,
                    ..stored.entry.clone()
                },
                revision: stored.revision,
            })
        })
        .collect()
}

/// Whether it is the line of this alert since it flaps, not one of an earlier time.
fn tells_of(entry: &Entry, alert: &Flapping) -> bool {
    let begins = alert.line_begins();
    let said = entry.revisions.iter().map(|revision| &revision.text);
    entry.kind == Kind::Alert
        && entry.source == Source::Alert
        && entry.recorded_at + CLOCKS_MAY_DIFFER_BY >= alert.since
        && said
            .chain([&entry.text])
            .any(|text| text.starts_with(&begins))
}

fn begun(alert: &Flapping, now: DateTime<Utc>) -> Entry {
    Entry {
        number: None,
        kind: Kind::Alert,
        event_at: alert.since.min(now),
        precision: Precision::Exact,
        recorded_at: now,
        who: Who::Alert,
        text: alert.line(),
        source: Source::Alert,
        importance: Kind::Alert.default_importance(),
        message: None,
        files: Vec::new(),
        marks: Vec::new(),
        choice: None,
        revisions: Vec::new(),
        state: EntryState::Active,
        audience: Default::default(),
        source_deleted_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::AlertKey;
    use crate::ids::{EntryNumber, IncidentId};
    use crate::incident::tests::at;
    use crate::timeline::Revision;

    fn flaps(cycles: u32, since: &str) -> Flapping {
        Flapping {
            key: AlertKey {
                source: "alertmanager".to_owned(),
                fingerprint: "a1".to_owned(),
            },
            name: "QueueLong".to_owned(),
            cycles,
            since: at(since),
            last_end: at("03:20"),
        }
    }

    /// A timeline that writes down what it is told.
    fn written(timeline: &mut Vec<StoredEntry>, alert: &Flapping, clock: &str) {
        for write in restless_lines(std::slice::from_ref(alert), timeline, at(clock)) {
            match write {
                EntryWrite::Add(mut entry) => {
                    entry.number =
                        Some(EntryNumber(41 + i64::try_from(timeline.len()).unwrap_or(0)));
                    timeline.push(StoredEntry {
                        incident: IncidentId(1),
                        entry,
                        revision: 0,
                    });
                }
                EntryWrite::Rewrite { entry, revision } => {
                    let stored = timeline
                        .iter_mut()
                        .find(|stored| stored.entry.number == entry.number)
                        .expect("what is rewritten is stored");
                    assert_eq!(stored.revision, revision);
                    *stored = StoredEntry {
                        entry,
                        revision: revision + 1,
                        ..stored.clone()
                    };
                }
            }
        }
    }

    fn texts(timeline: &[StoredEntry]) -> Vec<&str> {
        timeline
            .iter()
            .map(|stored| stored.entry.text.as_str())
            .collect()
    }

    #[test]
    fn one_line_grows_where_it_stands() {
        let mut timeline = Vec::new();
        for (cycles, clock) in [(3, "03:12"), (3, "03:13"), (4, "03:16"), (7, "03:20")] {
            written(&mut timeline, &flaps(cycles, "03:02"), clock);
        }
        assert_eq!(texts(&timeline), ["QueueLong flapping (7×)"]);
        assert_eq!(
            timeline[0].revision, 2,
            "what is said already is not written"
        );
        assert_eq!(timeline[0].entry.event_at, at("03:02"));
        assert_eq!(timeline[0].entry.recorded_at, at("03:12"));
    }

    #[test]
    fn what_flaps_after_a_rest_gets_another_line() {
        let mut timeline = Vec::new();
        written(&mut timeline, &flaps(7, "03:02"), "03:12");
        written(&mut timeline, &flaps(3, "05:02"), "05:12");
        let lines = ["QueueLong flapping (7×)", "QueueLong flapping (3×)"];
        assert_eq!(texts(&timeline), lines);
    }

    #[test]
    fn a_line_that_somebody_put_into_other_words_is_theirs() {
        let mut timeline = Vec::new();
        written(&mut timeline, &flaps(3, "03:02"), "03:12");
        let entry = &mut timeline[0].entry;
        entry.revisions.push(Revision {
            text: entry.text.clone(),
            kind: entry.kind,
            event_at: entry.event_at,
            importance: None,
            changed_at: at("03:13"),
            changed_by: Who::Person {
                id: crate::incident::tests::SAM,
                roles: std::collections::BTreeSet::new(),
            },
            why: None,
        });
        entry.text = "the queue is at its threshold".to_owned();
        written(&mut timeline, &flaps(4, "03:02"), "03:16");
        assert_eq!(texts(&timeline), ["the queue is at its threshold"]);
    }
}
