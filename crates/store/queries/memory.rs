//! The small things: counters, cursors, facts, names, postmortems.

use std::collections::BTreeMap;

use bridgewatch_core::ids::{ChannelId, IncidentId, MessageId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::StoredPostmortem;
use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::rows::{self, ReadError, Unreadable, micros, snowflake, text, time, unsigned};
use super::{Connection, Failure, Write};
use crate::TheStore;

/// A number that only grows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counter {
    /// The last number given to an incident.
    Incident,
    /// Proves that writing works.
    Beat,
    /// The last incident that is older than the audit log. Written by the migration that brought the log, never again.
    Unaudited,
}

impl Counter {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Beat => "beat",
            Self::Unaudited => "unaudited",
        }
    }
}

/// Adds one and returns the new value.
pub(crate) async fn count(connection: &mut Connection, counter: Counter) -> Result<i64, Failure> {
    let value = query_scalar!(
        "insert into counter (name, value) values ($1, 1)
         on conflict (name) do update set value = counter.value + 1
         returning value",
        counter.name()
    )
    .fetch_one(connection)
    .await?;
    Ok(value)
}

/// Writes the next beat.
#[derive(Debug)]
pub(crate) struct Beat;

impl Write for Beat {
    type Made = i64;

    async fn perform(&self, connection: &mut Connection) -> Result<i64, Failure> {
        count(connection, Counter::Beat).await
    }
}

/// The last beat that another connection can see.
pub(crate) async fn last_beat(store: &TheStore) -> Result<i64, ReadError> {
    let value = query_scalar!(
        "select value from counter where name = $1",
        Counter::Beat.name()
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(value.unwrap_or(0))
}

/// Moves the cursor of a channel forward.
#[derive(Debug)]
pub(crate) struct MoveCursor {
    pub(crate) channel: ChannelId,
    pub(crate) message: MessageId,
}

impl Write for MoveCursor {
    type Made = ();

    async fn perform(&self, connection: &mut Connection) -> Result<(), Failure> {
        move_cursor(connection, self.channel, self.message).await
    }
}

pub(crate) async fn move_cursor(
    connection: &mut Connection,
    channel: ChannelId,
    message: MessageId,
) -> Result<(), Failure> {
    let channel_id = snowflake(channel.0)?;
    let message_id = snowflake(message.0)?;
    query!(
        "insert into channel_cursor (channel_id, message_id) values ($1, $2)
         on conflict (channel_id) do update set message_id = excluded.message_id
         where excluded.message_id > channel_cursor.message_id",
        channel_id,
        message_id
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn cursor(
    store: &TheStore,
    channel: ChannelId,
) -> Result<Option<MessageId>, ReadError> {
    let channel_id = snowflake(channel.0)?;
    let message = query_scalar!(
        "select message_id from channel_cursor where channel_id = $1",
        channel_id
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(message.map(rows::message).transpose()?)
}

/// Keeps a postmortem. A version that exists is a conflict: the caller looks, and makes the next one. One that was
/// drafted before something was redacted may hold it: whoever drafted it begins anew.
pub(crate) async fn keep_postmortem(
    connection: &mut Connection,
    postmortem: &StoredPostmortem,
) -> Result<(), Failure> {
    let outdated = query_scalar!(
        "select number from audit
         where incident = $1 and what in ('entry-redacted', 'event-redacted') and at_us >= $2 limit 1",
        postmortem.incident.0,
        micros(postmortem.at)
    )
    .fetch_optional(&mut *connection)
    .await?;
    if outdated.is_some() {
        return Err(Failure::ClaimLost);
    }
    let inserted = query!(
        "insert into postmortem (incident, version, markdown, at_us) values ($1, $2, $3, $4)
         on conflict (incident, version) do nothing",
        postmortem.incident.0,
        i64::from(postmortem.version),
        text(&postmortem.markdown),
        micros(postmortem.at),
    )
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 {
        Err(Failure::Conflict)
    } else {
        Ok(())
    }
}

pub(crate) async fn postmortem(
    store: &TheStore,
    incident: IncidentId,
    version: Option<u32>,
) -> Result<Option<StoredPostmortem>, ReadError> {
    let wanted = version.map(i64::from);
    let row = query!(
        "select version, markdown, at_us from postmortem
         where incident = $1 and version = coalesce($2, version)
         order by version desc limit 1",
        incident.0,
        wanted
    )
    .fetch_optional(store.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let version = u32::try_from(row.version).map_err(|_| {
        Unreadable(format!(
            "the postmortem of {incident} has the version {}",
            row.version
        ))
    })?;
    Ok(Some(StoredPostmortem {
        incident,
        version,
        markdown: row.markdown,
        at: time(row.at_us)?,
    }))
}

/// Remembers a fact.
#[derive(Debug)]
pub(crate) struct Remember {
    pub(crate) name: String,
    pub(crate) value: String,
    /// When, of what is forgotten one day.
    pub(crate) kept_at: Option<DateTime<Utc>>,
}

impl Write for Remember {
    type Made = ();

    async fn perform(&self, connection: &mut Connection) -> Result<(), Failure> {
        query!(
            "insert into fact (name, value, kept_at_us) values ($1, $2, $3)
             on conflict (name) do update set value = excluded.value,
                 kept_at_us = coalesce(excluded.kept_at_us, fact.kept_at_us)",
            text(&self.name),
            text(&self.value),
            self.kept_at.map(micros)
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

pub(crate) async fn fact(store: &TheStore, name: &str) -> Result<Option<String>, ReadError> {
    let value = query_scalar!("select value from fact where name = $1", text(name))
        .fetch_optional(store.readers())
        .await?;
    Ok(value)
}

/// Remembers what a person is called.
#[derive(Debug)]
pub(crate) struct Meet {
    pub(crate) person: PersonId,
    pub(crate) name: String,
}

impl Write for Meet {
    type Made = ();

    async fn perform(&self, connection: &mut Connection) -> Result<(), Failure> {
        let id = snowflake(self.person.0)?;
        query!(
            "insert into person (id, name) values ($1, $2) on conflict (id) do update set name = excluded.name
             where person.name <> excluded.name",
            id,
            text(&self.name)
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

pub(crate) async fn names(store: &TheStore) -> Result<BTreeMap<PersonId, String>, ReadError> {
    let rows = query!("select id, name from person")
        .fetch_all(store.readers())
        .await?;
    rows.into_iter()
        .map(|row| Ok((PersonId(unsigned(row.id)?), row.name)))
        .collect()
}
