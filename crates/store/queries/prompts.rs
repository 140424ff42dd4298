//! When people were last asked for something by the bot itself, whatever incident asked.

use std::collections::BTreeMap;

use bridgewatch_core::person::PersonId;
use chrono::{DateTime, Utc};
use sqlx::query;

use super::rows::{ReadError, micros, snowflake, time, unsigned};
use super::{Connection, Failure};
use crate::TheStore;

/// Notes that these people are asked now. Somebody who was asked after the prompt that was known is a conflict: the
/// caller looks again, and leaves them alone.
pub(crate) async fn note(
    connection: &mut Connection,
    prompts: &BTreeMap<PersonId, DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    for (person, known) in prompts {
        let person = snowflake(person.0)?;
        let noted = query!(
            "insert into prompt (person_id, at_us) values ($1, $2)
             on conflict (person_id) do update set at_us = excluded.at_us where prompt.at_us <= $3",
            person,
            micros(at),
            micros(*known)
        )
        .execute(&mut *connection)
        .await?;
        if noted.rows_affected() == 0 {
            return Err(Failure::Conflict);
        }
    }
    Ok(())
}

pub(crate) async fn since(
    store: &TheStore,
    since: DateTime<Utc>,
) -> Result<BTreeMap<PersonId, DateTime<Utc>>, ReadError> {
    let rows = query!(
        "select person_id, at_us from prompt where at_us >= $1",
        micros(since)
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|row| Ok((PersonId(unsigned(row.person_id)?), time(row.at_us)?)))
        .collect()
}
