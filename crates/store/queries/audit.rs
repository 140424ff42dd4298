//! The audit log: a chain of hashes for each incident, written with what it vouches for.
//!
//! A commit takes the end of its incident's chain first, so that on PostgreSQL two that write to one chain wait for one
//! another, adds all its rows in one statement, and moves the end.

use bridgewatch_core::audit::{
    AuditRow, EntryText, EventText, Head, NewRow, Trail, What, chained, name_of, name_of_author,
};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{Change, EntryWrite, Expected};
use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::memory::Counter;
use super::rows::{ReadError, Unreadable, time};
use super::{Connection, Failure};
use crate::{TheStore, dialect};

/// Records what a change has written.
pub(crate) async fn record(
    connection: &mut Connection,
    change: &Change,
    events: &[EventText],
    entries: &[EntryText],
    redacted: Vec<NewRow>,
) -> Result<(), Failure> {
    if events.is_empty() && entries.is_empty() && redacted.is_empty() {
        return Ok(());
    }
    let of_events = events.iter().zip(&change.events).map(|(text, recorded)| {
        let salt = salt();
        NewRow {
            at: recorded.at,
            actor: name_of(&recorded.actor),
            what: What::Event,
            subject: text.seq,
            revision: 0,
            digest: text.digest(&salt),
            salt,
        }
    });
    let of_entries = entries.iter().zip(&change.entries).map(|(text, write)| {
        let salt = salt();
        NewRow {
            at: change.at,
            actor: writer_of(change, write),
            what: match (write, &change.scrub) {
                (EntryWrite::Rewrite { .. }, Some(_)) => What::EntryRedacted,
                _ => What::Entry,
            },
            subject: text.number,
            revision: text.revision,
            digest: text.digest(&salt),
            salt,
        }
    });
    let rows: Vec<NewRow> = of_events.chain(of_entries).chain(redacted).collect();
    for row in rows.iter().filter(|row| row.what == What::EntryRedacted) {
        destroy_salts(connection, change.incident, row.subject, What::is_of_a_line).await?;
    }
    let is_new = change.expected == Expected::New;
    let covered = (!is_new).then_some((events.len(), change.entries.as_slice()));
    append(connection, change.incident, change.at, rows, covered).await
}

/// Who wrote a line. A line that is rewritten says in its revisions who changed it, where the change itself does not.
fn writer_of(change: &Change, write: &EntryWrite) -> String {
    match (write, change.by) {
        (EntryWrite::Add(entry), _) => name_of_author(&entry.who),
        (EntryWrite::Rewrite { .. }, Some(person)) => person.0.to_string(),
        (EntryWrite::Rewrite { .. }, None) => "bot".to_owned(),
    }
}

/// Adds rows at the end of an incident's chain. An incident without one is older than the log, unless `covered` is
/// `None`: then the chain begins with a row that says how far the record is not covered. `covered` is what this change
/// has already written.
pub(crate) async fn append(
    connection: &mut Connection,
    incident: IncidentId,
    at: DateTime<Utc>,
    mut rows: Vec<NewRow>,
    covered: Option<(usize, &[EntryWrite])>,
) -> Result<(), Failure> {
    let empty = Head::empty(incident);
    // Writes the row even where nothing changes, so that nobody else can take the end before this is committed.
    let taken = query!(
        "insert into audit_head (incident, count, hash) values ($1, 0, $2)
         on conflict (incident) do update set count = audit_head.count
         returning count, hash",
        incident.0,
        empty.hash,
    )
    .fetch_one(&mut *connection)
    .await?;
    let head = Head {
        count: taken.count,
        hash: taken.hash,
    };
    if let (0, Some((events, entries))) = (head.count, covered) {
        rows.insert(0, began(connection, incident, at, events, entries).await?);
    }
    let (rows, end) = chained(&head, rows);
    dialect::append_audit(connection, incident.0, &rows).await?;
    query!(
        "update audit_head set count = $2, hash = $3 where incident = $1",
        incident.0,
        end.count,
        end.hash
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Destroys the salts of everything that was recorded of an event or a line: what they said can no longer be guessed.
pub(crate) async fn destroy_salts(
    connection: &mut Connection,
    incident: IncidentId,
    subject: i64,
    of: impl Fn(What) -> bool,
) -> Result<(), Failure> {
    for what in What::ALL.into_iter().filter(|what| of(*what)) {
        query!(
            "update audit set salt = null where incident = $1 and subject = $2 and what = $3",
            incident.0,
            subject,
            what.id()
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The first row of an incident that is older than the log.
async fn began(
    connection: &mut Connection,
    incident: IncidentId,
    at: DateTime<Utc>,
    events: usize,
    entries: &[EntryWrite],
) -> Result<NewRow, Failure> {
    let last_event = query_scalar!("select max(seq) from event where incident = $1", incident.0)
        .fetch_one(&mut *connection)
        .await?;
    let last_line = query_scalar!(
        "select max(number) from entry where incident = $1",
        incident.0
    )
    .fetch_one(connection)
    .await?;
    let added = entries
        .iter()
        .filter(|write| matches!(write, EntryWrite::Add(_)))
        .count();
    let before =
        |last: Option<i64>, new: usize| last.unwrap_or(0) - i64::try_from(new).unwrap_or(i64::MAX);
    Ok(NewRow {
        at,
        actor: "bot".to_owned(),
        what: What::Began,
        subject: before(last_event, events),
        revision: before(last_line, added),
        salt: salt(),
        digest: String::new(),
    })
}

/// What keeps a digest from being guessed: 128 bits in hex.
#[expect(
    clippy::disallowed_methods,
    reason = "a salt belongs to the row it protects, and nobody decides by it"
)]
pub(crate) fn salt() -> String {
    format!("{:032x}", rand::random::<u128>())
}

pub(crate) async fn incidents(store: &TheStore) -> Result<Vec<IncidentId>, ReadError> {
    let ids = query_scalar!(
        r#"select id as "id!" from incident union select incident from audit_head
           union select incident from audit order by 1"#
    )
    .fetch_all(store.readers())
    .await?;
    Ok(ids.into_iter().map(IncidentId).collect())
}

pub(crate) async fn trail(store: &TheStore, incident: IncidentId) -> Result<Trail, ReadError> {
    let mut snapshot = store.readers().begin_with(dialect::SNAPSHOT).await?;
    let exists = query_scalar!("select id from incident where id = $1", incident.0)
        .fetch_optional(&mut *snapshot)
        .await?;
    let unaudited = query_scalar!(
        "select value from counter where name = $1",
        Counter::Unaudited.name()
    )
    .fetch_optional(&mut *snapshot)
    .await?;
    let head = query!(
        "select count, hash from audit_head where incident = $1",
        incident.0
    )
    .fetch_optional(&mut *snapshot)
    .await?;
    let rows = query!(
        "select number, at_us, actor, what, subject, revision, salt, digest, previous, hash
         from audit where incident = $1 order by number",
        incident.0
    )
    .fetch_all(&mut *snapshot)
    .await?;
    let events = query!(
        "select seq, at_us, actor, event from event where incident = $1 order by seq",
        incident.0
    )
    .fetch_all(&mut *snapshot)
    .await?;
    let entries = query!(
        "select number, kind, event_at_us, recorded_at_us, channel_id, message_id, revision, entry
         from entry where incident = $1 order by number",
        incident.0
    )
    .fetch_all(&mut *snapshot)
    .await?;
    snapshot.rollback().await?;
    let rows = rows.into_iter().map(|row| {
        let what = What::named(&row.what).ok_or_else(|| {
            Unreadable(format!(
                "row {} of the audit log of {incident} records `{}`, which this program does not know",
                row.number, row.what
            ))
        })?;
        Ok(AuditRow {
            number: row.number,
            at: time(row.at_us)?,
            actor: row.actor,
            what,
            subject: row.subject,
            revision: row.revision,
            salt: row.salt,
            digest: row.digest,
            previous: row.previous,
            hash: row.hash,
        })
    });
    Ok(Trail {
        incident,
        exists: exists.is_some(),
        from_the_beginning: incident.0 > unaudited.unwrap_or(0),
        rows: rows.collect::<Result<_, Unreadable>>()?,
        head: head.map(|head| Head {
            count: head.count,
            hash: head.hash,
        }),
        events: events
            .into_iter()
            .map(|row| EventText {
                seq: row.seq,
                at_us: row.at_us,
                actor: row.actor,
                event: row.event,
            })
            .collect(),
        entries: entries
            .into_iter()
            .map(|row| EntryText {
                number: row.number,
                revision: row.revision,
                columns: EntryText::columns_of(
                    &row.kind,
                    row.event_at_us,
                    row.recorded_at_us,
                    row.channel_id,
                    row.message_id,
                ),
                entry: row.entry,
            })
            .collect(),
    })
}
