//! The lines of the timelines.

use bridgewatch_core::audit::EntryText;
use bridgewatch_core::ids::{EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{MOST_WORK, is_work};
use bridgewatch_core::ports::{EntryWrite, StoredEntry};
use bridgewatch_core::timeline::Entry;
use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::rows::{ReadError, Unreadable, from_json, json, micros, snowflake};
use super::{Connection, Failure};
use crate::TheStore;

/// How many lines are looked through for those that are still active.
const WORK_LOOKED_THROUGH: i64 = 20;

/// What came of writing lines.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The numbers of the new ones, in the order they were given.
    pub(crate) numbers: Vec<EntryNumber>,
    /// All of them as they are stored, in the order they were given.
    pub(crate) texts: Vec<EntryText>,
}

/// Writes lines.
pub(crate) async fn write(
    connection: &mut Connection,
    incident: IncidentId,
    writes: &[EntryWrite],
) -> Result<Written, Failure> {
    let added = writes
        .iter()
        .filter(|write| matches!(write, EntryWrite::Add(_)))
        .count();
    let mut next = if added > 0 {
        reserve(connection, incident, added).await?
    } else {
        0
    };
    let mut written = Written::default();
    for write in writes {
        match write {
            EntryWrite::Add(entry) => {
                next += 1;
                let number = EntryNumber(next);
                let numbered = Entry {
                    number: Some(number),
                    ..entry.clone()
                };
                let text = insert(connection, incident, number, &numbered).await?;
                written.texts.push(text);
                written.numbers.push(number);
            }
            EntryWrite::Rewrite { entry, revision } => {
                let text = rewrite(connection, incident, entry, *revision).await?;
                written.texts.push(text);
            }
        }
    }
    Ok(written)
}

/// Takes `how_many` numbers and returns the one before the first of them.
async fn reserve(
    connection: &mut Connection,
    incident: IncidentId,
    how_many: usize,
) -> Result<i64, Failure> {
    let how_many = i64::try_from(how_many)
        .map_err(|_| Failure::Wrong("too many entries for one change".to_owned()))?;
    let last = query_scalar!(
        "insert into entry_counter (incident, last) values ($1, $2)
         on conflict (incident) do update set last = entry_counter.last + excluded.last
         returning last",
        incident.0,
        how_many
    )
    .fetch_one(connection)
    .await?;
    Ok(last - how_many)
}

async fn insert(
    connection: &mut Connection,
    incident: IncidentId,
    number: EntryNumber,
    entry: &Entry,
) -> Result<EntryText, Failure> {
    let (channel_id, message_id) = source_of(entry)?;
    let stored = json(entry, "an entry")?;
    let inserted = query!(
        "insert into entry (incident, number, kind, event_at_us, recorded_at_us, channel_id, message_id, revision, entry)
         values ($1, $2, $3, $4, $5, $6, $7, 0, $8)
         on conflict do nothing",
        incident.0,
        number.0,
        entry.kind.id(),
        micros(entry.event_at),
        micros(entry.recorded_at),
        channel_id,
        message_id,
        stored,
    )
    .execute(connection)
    .await?;
    // The message has a line already: the caller reads it and rewrites it.
    if inserted.rows_affected() == 0 {
        return Err(Failure::Conflict);
    }
    Ok(text_of(entry, number, 0, (channel_id, message_id), stored))
}

async fn rewrite(
    connection: &mut Connection,
    incident: IncidentId,
    entry: &Entry,
    revision: i64,
) -> Result<EntryText, Failure> {
    let Some(number) = entry.number else {
        return Err(Failure::Wrong(format!(
            "a line of {incident} without a number cannot be rewritten"
        )));
    };
    let (channel_id, message_id) = source_of(entry)?;
    let stored = json(entry, "an entry")?;
    let updated = query!(
        "update entry set kind = $4, event_at_us = $5, recorded_at_us = $6, channel_id = $7, message_id = $8, entry = $9,
                          revision = revision + 1
         where incident = $1 and number = $2 and revision = $3",
        incident.0,
        number.0,
        revision,
        entry.kind.id(),
        micros(entry.event_at),
        micros(entry.recorded_at),
        channel_id,
        message_id,
        stored,
    )
    .execute(connection)
    .await?;
    if updated.rows_affected() == 0 {
        return Err(Failure::Conflict);
    }
    Ok(text_of(
        entry,
        number,
        revision + 1,
        (channel_id, message_id),
        stored,
    ))
}

fn text_of(
    entry: &Entry,
    number: EntryNumber,
    revision: i64,
    (channel_id, message_id): (Option<i64>, Option<i64>),
    stored: String,
) -> EntryText {
    EntryText {
        number: number.0,
        revision,
        columns: EntryText::columns_of(
            entry.kind.id(),
            micros(entry.event_at),
            micros(entry.recorded_at),
            channel_id,
            message_id,
        ),
        entry: stored,
    }
}

fn source_of(entry: &Entry) -> Result<(Option<i64>, Option<i64>), Failure> {
    let Some((channel, message)) = entry.message else {
        return Ok((None, None));
    };
    Ok((Some(snowflake(channel.0)?), Some(snowflake(message.0)?)))
}

fn read(
    incident: i64,
    number: i64,
    revision: i64,
    stored: &str,
) -> Result<StoredEntry, Unreadable> {
    let incident = IncidentId(incident);
    let entry: Entry = from_json(stored, || format!("T-{number} of {incident}"))?;
    Ok(StoredEntry {
        incident,
        entry,
        revision,
    })
}

pub(crate) async fn timeline(
    store: &TheStore,
    incident: IncidentId,
) -> Result<Vec<StoredEntry>, ReadError> {
    let rows = query!(
        "select incident, number, revision, entry from entry where incident = $1",
        incident.0
    )
    .fetch_all(store.readers())
    .await?;
    let mut lines = rows
        .iter()
        .map(|row| read(row.incident, row.number, row.revision, &row.entry))
        .collect::<Result<Vec<_>, _>>()?;
    lines.sort_by_key(|line| line.entry.order());
    Ok(lines)
}

pub(crate) async fn recorded_within(
    store: &TheStore,
    incident: IncidentId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<StoredEntry>, ReadError> {
    let (from_us, to_us) = (micros(from), micros(to));
    let rows = query!(
        "select incident, number, revision, entry from entry
         where incident = $1 and recorded_at_us >= $2 and recorded_at_us <= $3",
        incident.0,
        from_us,
        to_us
    )
    .fetch_all(store.readers())
    .await?;
    let mut lines = rows
        .iter()
        .map(|row| read(row.incident, row.number, row.revision, &row.entry))
        .collect::<Result<Vec<_>, _>>()?;
    lines.sort_by_key(|line| line.entry.order());
    Ok(lines)
}

pub(crate) async fn newest_work(
    store: &TheStore,
    incident: IncidentId,
) -> Result<Vec<Entry>, ReadError> {
    let rows = query!(
        "select incident, number, revision, entry from entry
         where incident = $1 and kind in ('action', 'decision')
         order by event_at_us desc, number desc limit $2",
        incident.0,
        WORK_LOOKED_THROUGH
    )
    .fetch_all(store.readers())
    .await?;
    let mut work = Vec::new();
    for row in &rows {
        let mut line = read(row.incident, row.number, row.revision, &row.entry)?.entry;
        if is_work(&line)
            && line.is_active()
            && let Some(left) = line.what_is_left()
        {
            line.text = left.into_owned();
            work.push(line);
        }
        if work.len() == MOST_WORK {
            break;
        }
    }
    Ok(work)
}

pub(crate) async fn one(
    store: &TheStore,
    incident: IncidentId,
    number: EntryNumber,
) -> Result<Option<StoredEntry>, ReadError> {
    let row = query!(
        "select incident, number, revision, entry from entry where incident = $1 and number = $2",
        incident.0,
        number.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row
        .map(|row| read(row.incident, row.number, row.revision, &row.entry))
        .transpose()?)
}

pub(crate) async fn of_message(
    store: &TheStore,
    message: MessageId,
) -> Result<Option<StoredEntry>, ReadError> {
    let message_id = snowflake(message.0)?;
    let row = query!(
        "select incident, number, revision, entry from entry where message_id = $1",
        message_id
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row
        .map(|row| read(row.incident, row.number, row.revision, &row.entry))
        .transpose()?)
}
