//! Walking a chain and holding it against what is stored.

use std::collections::{BTreeMap, BTreeSet};

use super::{AuditRow, Head, Trail, What, hash_of};
use crate::ids::IncidentId;

/// What came of checking one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub incident: IncidentId,
    /// How many rows of the log were checked.
    pub rows: usize,
    /// Where the chain begins.
    pub begins: Begins,
    /// Where it ends, to be noted elsewhere: whoever could rewrite the whole chain could not rewrite that note.
    pub head: Head,
    /// What is not as it was written, in the order of the log.
    pub breaks: Vec<Break>,
}

/// Where a chain begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// With the incident.
    WithTheIncident,
    /// Later: the incident is older than the audit log.
    Later {
        /// The last event that is not covered.
        after_event: i64,
        /// The last line that is not covered.
        after_line: i64,
    },
    /// The incident is older than the audit log, and nothing has happened to it since.
    NotYet,
}

/// A place where the record is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    /// The row of the log; one more than its last where something is not in the log at all.
    pub number: i64,
    /// What is wrong, as a sentence.
    pub what: String,
}

/// Checks one incident.
#[must_use]
pub fn verify(trail: &Trail) -> Verdict {
    let mut breaks = Vec::new();
    if !trail.exists {
        breaks.push(Break {
            number: 1,
            what: "the incident itself was removed".to_owned(),
        });
    }
    let end = follow(trail, &mut breaks);
    let begins = begins(trail, &mut breaks);
    if !trail.rows.is_empty() {
        hold_against_events(trail, begins, &mut breaks);
        hold_against_lines(trail, begins, &mut breaks);
    }
    breaks.sort();
    breaks.dedup();
    Verdict {
        incident: trail.incident,
        rows: trail.rows.len(),
        begins,
        head: end,
        breaks,
    }
}

/// Follows the chain and says where it ends.
fn follow(trail: &Trail, breaks: &mut Vec<Break>) -> Head {
    let mut end = Head::empty(trail.incident);
    for row in &trail.rows {
        let expected = end.count + 1;
        if row.number != expected {
            breaks.push(Break {
                number: expected,
                what: format!("row {expected} was removed: row {} follows", row.number),
            });
        } else if row.previous != end.hash {
            breaks.push(Break {
                number: row.number,
                what:
                    "it does not follow on the row before: one of them was changed, moved or put in"
                        .to_owned(),
            });
        }
        if hash_of(row) != row.hash {
            breaks.push(Break {
                number: row.number,
                what: "the row itself was changed".to_owned(),
            });
        }
        end = Head {
            count: row.number,
            hash: row.hash.clone(),
        };
    }
    match &trail.head {
        Some(head) if *head == end => {}
        None if trail.rows.is_empty() => {}
        Some(head) if head.count > end.count => breaks.push(Break {
            number: end.count + 1,
            what: format!(
                "the end was cut off: the log has {} rows, {} were written",
                end.count, head.count
            ),
        }),
        Some(_) => breaks.push(Break {
            number: end.count,
            what: "the log ends elsewhere than it was noted: rows were put in, or the note was changed"
                .to_owned(),
        }),
        None => breaks.push(Break {
            number: end.count,
            what: "the note where the log ends was removed".to_owned(),
        }),
    }
    end
}

fn begins(trail: &Trail, breaks: &mut Vec<Break>) -> Begins {
    match trail.rows.first() {
        Some(row) if row.what == What::Began => {
            if trail.from_the_beginning {
                breaks.push(Break {
                    number: 1,
                    what: "the log was begun anew: the incident is younger than the audit log, so its first row is \
                           its first event"
                        .to_owned(),
                });
            }
            Begins::Later {
                after_event: row.subject,
                after_line: row.revision,
            }
        }
        Some(_) => Begins::WithTheIncident,
        None if trail.from_the_beginning => {
            breaks.push(Break {
                number: 1,
                what: "the whole log was removed".to_owned(),
            });
            Begins::WithTheIncident
        }
        None => Begins::NotYet,
    }
}

/// The newest row of each event or line, by its number.
fn newest(trail: &Trail, of: impl Fn(What) -> bool) -> BTreeMap<i64, &AuditRow> {
    trail
        .rows
        .iter()
        .filter(|row| of(row.what))
        .map(|row| (row.subject, row))
        .collect()
}

fn hold_against_events(trail: &Trail, begins: Begins, breaks: &mut Vec<Break>) {
    let mut written = newest(trail, What::is_of_an_event);
    let uncovered = match begins {
        Begins::WithTheIncident | Begins::NotYet => 0,
        Begins::Later { after_event, .. } => after_event,
    };
    let mut seen = BTreeSet::new();
    for row in trail.rows.iter().filter(|row| row.what.is_of_an_event()) {
        let again = !seen.insert(row.subject);
        if again && row.what == What::Event {
            breaks.push(Break {
                number: row.number,
                what: format!("event {} is in the log a second time", row.subject),
            });
        }
    }
    for event in &trail.events {
        let row = written.remove(&event.seq);
        if row.is_none() && event.seq <= uncovered {
            continue;
        }
        let name = format!("event {}", event.seq);
        compare(row, &name, |salt| event.digest(salt), trail, breaks);
    }
    for (seq, row) in written {
        breaks.push(Break {
            number: row.number,
            what: format!("event {seq} was removed"),
        });
    }
}

fn hold_against_lines(trail: &Trail, begins: Begins, breaks: &mut Vec<Break>) {
    let mut written = newest(trail, What::is_of_a_line);
    let uncovered = match begins {
        Begins::WithTheIncident | Begins::NotYet => 0,
        Begins::Later { after_line, .. } => after_line,
    };
    for line in &trail.entries {
        let row = written.remove(&line.number);
        if row.is_none() && line.number <= uncovered {
            continue;
        }
        let name = format!("T-{}", line.number);
        compare(row, &name, |salt| line.digest(salt), trail, breaks);
    }
    for (number, row) in written {
        breaks.push(Break {
            number: row.number,
            what: format!("T-{number} was removed"),
        });
    }
}

/// Holds what is stored against the newest row about it.
fn compare(
    row: Option<&AuditRow>,
    name: &str,
    digest: impl Fn(&str) -> String,
    trail: &Trail,
    breaks: &mut Vec<Break>,
) {
    let Some(row) = row else {
        breaks.push(Break {
            number: trail.rows.last().map_or(1, |row| row.number + 1),
            what: format!("{name} was put in: the log knows nothing of it"),
        });
        return;
    };
    match &row.salt {
        Some(salt) if digest(salt) == row.digest => {}
        Some(_) => breaks.push(Break {
            number: row.number,
            what: format!("{name} was changed"),
        }),
        None => breaks.push(Break {
            number: row.number,
            what: format!("{name} cannot be checked: its salt was removed without a redaction"),
        }),
    }
}
