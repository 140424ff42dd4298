//! What attached files hold: equal content once for each incident.

use std::collections::{BTreeMap, BTreeSet};

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::FileContent;
use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::rows::{ReadError, Unreadable, micros};
use super::{Connection, Failure};
use crate::TheStore;

pub(crate) async fn keep(
    connection: &mut Connection,
    incident: IncidentId,
    contents: &[FileContent],
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    for content in contents {
        let bytes: &[u8] = &content.bytes;
        let size = i64::try_from(bytes.len())
            .map_err(|_| Failure::Wrong("a file is too large for any disk".to_owned()))?;
        query!(
            "insert into file (incident, sha256, at_us, size_bytes, content) values ($1, $2, $3, $4, $5)
             on conflict (incident, sha256) do nothing",
            incident.0,
            content.sha256,
            micros(at),
            size,
            bytes
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(crate) async fn destroy(
    connection: &mut Connection,
    incident: IncidentId,
    gone: &BTreeSet<String>,
) -> Result<(), Failure> {
    for sha256 in gone {
        query!(
            "delete from file where incident = $1 and sha256 = $2",
            incident.0,
            sha256
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(crate) async fn sizes(
    store: &TheStore,
    incident: IncidentId,
) -> Result<BTreeMap<String, u64>, ReadError> {
    let rows = query!(
        "select sha256, size_bytes from file where incident = $1",
        incident.0
    )
    .fetch_all(store.readers())
    .await?;
    let sizes: Result<_, Unreadable> = rows
        .into_iter()
        .map(|row| match u64::try_from(row.size_bytes) {
            Ok(size) => Ok((row.sha256, size)),
            Err(_) => Err(Unreadable(format!(
                "a file of {incident} has {} bytes",
                row.size_bytes
            ))),
        })
        .collect();
    Ok(sizes?)
}

pub(crate) async fn one(
    store: &TheStore,
    incident: IncidentId,
    sha256: &str,
) -> Result<Option<Vec<u8>>, ReadError> {
    Ok(query_scalar!(
        "select content from file where incident = $1 and sha256 = $2",
        incident.0,
        sha256
    )
    .fetch_optional(store.readers())
    .await?)
}
