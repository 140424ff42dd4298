//! Nobody changes the record without being found.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

const INCIDENT: IncidentId = IncidentId(7);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn event(seq: i64, what: &str) -> EventText {
    EventText {
        seq,
        at_us: seq,
        actor: "sam".to_owned(),
        event: what.to_owned(),
    }
}

fn line(number: i64, revision: i64, what: &str) -> EntryText {
    EntryText {
        number,
        revision,
        columns: EntryText::columns_of("note", 1, 2, None, Some(3)),
        entry: what.to_owned(),
    }
}

fn row(what: What, subject: i64, revision: i64, digest: impl Fn(&str) -> String) -> NewRow {
    let salt = format!("salt {subject} {revision} {}", what.id());
    NewRow {
        at: at(subject),
        actor: "175".to_owned(),
        what,
        subject,
        revision,
        digest: digest(&salt),
        salt,
    }
}

/// Three events and two lines, the second of which was changed once.
fn night() -> Trail {
    let events = vec![event(1, "declared"), event(2, "taken"), event(3, "moved")];
    let entries = vec![line(1, 0, "first"), line(2, 1, "second, corrected")];
    let before = line(2, 0, "second");
    let rows = vec![
        row(What::Event, 1, 0, |salt| events[0].digest(salt)),
        row(What::Entry, 1, 0, |salt| entries[0].digest(salt)),
        row(What::Event, 2, 0, |salt| events[1].digest(salt)),
        row(What::Entry, 2, 0, |salt| before.digest(salt)),
        row(What::Entry, 2, 1, |salt| entries[1].digest(salt)),
        row(What::Event, 3, 0, |salt| events[2].digest(salt)),
    ];
    let (rows, head) = chained(&Head::empty(INCIDENT), rows);
    Trail {
        incident: INCIDENT,
        exists: true,
        from_the_beginning: true,
        rows,
        head: Some(head),
        events,
        entries,
    }
}

/// The first thing that is wrong after a change behind the bot's back.
fn first_break(change: impl FnOnce(&mut Trail)) -> String {
    let mut trail = night();
    change(&mut trail);
    match verify(&trail).breaks.first() {
        Some(found) => format!("{}: {}", found.number, found.what),
        None => "in order".to_owned(),
    }
}

#[test]
fn a_record_that_nobody_touched_is_in_order_and_says_where_it_ends() {
    let trail = night();
    let verdict = verify(&trail);
    assert_eq!(verdict.breaks, []);
    assert_eq!(verdict.rows, 6);
    assert_eq!(verdict.begins, Begins::WithTheIncident);
    assert_eq!(Some(verdict.head), trail.head);
}

#[test]
fn what_was_changed_behind_the_bots_back_is_named() {
    assert_eq!(
        first_break(|trail| trail.entries[0].entry = "something else".to_owned()),
        "2: T-1 was changed"
    );
    assert_eq!(
        first_break(|trail| trail.entries[1].revision = 2),
        "5: T-2 was changed"
    );
    assert_eq!(
        first_break(|trail| trail.entries[1].columns.push('0')),
        "5: T-2 was changed"
    );
    assert_eq!(
        first_break(|trail| trail.events[1].actor = "ada".to_owned()),
        "3: event 2 was changed"
    );
    assert_eq!(
        first_break(|trail| trail.rows[2].actor = "176".to_owned()),
        "3: the row itself was changed"
    );
}

#[test]
fn what_was_removed_or_put_in_is_named() {
    assert_eq!(
        first_break(|trail| drop(trail.entries.remove(0))),
        "2: T-1 was removed"
    );
    assert_eq!(
        first_break(|trail| drop(trail.events.remove(2))),
        "6: event 3 was removed"
    );
    assert_eq!(
        first_break(|trail| trail.entries.push(line(3, 0, "never said"))),
        "7: T-3 was put in: the log knows nothing of it"
    );
    assert_eq!(
        first_break(|trail| drop(trail.rows.remove(2))),
        "3: row 3 was removed: row 4 follows"
    );
    assert_eq!(
        first_break(|trail| trail.exists = false),
        "1: the incident itself was removed"
    );
}

#[test]
fn a_tail_that_was_cut_off_is_missed_even_with_what_it_was_about() {
    assert_eq!(
        first_break(|trail| {
            trail.rows.pop();
            trail.events.pop();
        }),
        "6: the end was cut off: the log has 5 rows, 6 were written"
    );
    assert_eq!(
        first_break(|trail| trail.head = None),
        "6: the note where the log ends was removed"
    );
    assert_eq!(
        first_break(|trail| {
            trail.rows.clear();
            trail.head = None;
        }),
        "1: the whole log was removed"
    );
}

#[test]
fn rows_that_changed_places_do_not_follow_one_another() {
    let found = first_break(|trail| {
        trail.rows.swap(1, 2);
        trail.rows[1].number = 2;
        trail.rows[2].number = 3;
    });
    assert_eq!(
        found,
        "2: it does not follow on the row before: one of them was changed, moved or put in"
    );
}

#[test]
fn a_redaction_is_in_the_log_itself_and_so_breaks_nothing() {
    let mut trail = night();
    trail.rows[1].salt = None;
    trail.entries[0] = line(1, 1, "[redacted]");
    let left = trail.entries[0].clone();
    let redacted = row(What::EntryRedacted, 1, 1, |salt| left.digest(salt));
    let (more, head) = chained(&trail.head.clone().expect("a head"), vec![redacted]);
    trail.rows.extend(more);
    trail.head = Some(head);
    assert_eq!(verify(&trail).breaks, []);

    // Without that row, it is a change like any other.
    assert_eq!(
        first_break(|trail| {
            trail.rows[1].salt = None;
            trail.entries[0] = line(1, 1, "[redacted]");
        }),
        "2: T-1 cannot be checked: its salt was removed without a redaction"
    );
}

#[test]
fn an_incident_that_is_older_than_the_log_says_from_where_it_is_covered() {
    let mut trail = night();
    trail.from_the_beginning = false;
    trail.rows.clear();
    trail.head = None;
    assert_eq!(verify(&trail).begins, Begins::NotYet);
    assert_eq!(verify(&trail).breaks, []);

    let new = event(4, "resolved");
    trail.events.push(new.clone());
    let began = row(What::Began, 3, 2, |_| String::new());
    let (rows, head) = chained(
        &Head::empty(INCIDENT),
        vec![began, row(What::Event, 4, 0, |salt| new.digest(salt))],
    );
    trail.rows = rows;
    trail.head = Some(head);
    let verdict = verify(&trail);
    assert_eq!(verdict.breaks, []);
    assert_eq!(
        verdict.begins,
        Begins::Later {
            after_event: 3,
            after_line: 2
        }
    );

    // An incident that is younger than the log has no such beginning.
    trail.from_the_beginning = true;
    assert_eq!(
        verify(&trail).breaks[0].what,
        "the log was begun anew: the incident is younger than the audit log, so its first row is its first event"
    );
}

proptest! {
    #[test]
    fn no_stored_character_can_be_exchanged_unnoticed(
        of in 0_usize..5, place in any::<prop::sample::Index>(), with in "[a-z]"
    ) {
        let mut trail = night();
        let text = if of < 3 { &mut trail.events[of].event } else { &mut trail.entries[of - 3].entry };
        let place = place.index(text.len());
        prop_assume!(text[place..=place] != with);
        text.replace_range(place..=place, &with);
        prop_assert_eq!(verify(&trail).breaks.len(), 1);
    }
}
