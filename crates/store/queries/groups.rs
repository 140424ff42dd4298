//! Alert groups: one group leads to one live incident.

use bridgewatch_core::alert::GroupKey;
use bridgewatch_core::ids::IncidentId;
use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::rows::{ReadError, group_hash, micros, text};
use super::{Connection, Failure};
use crate::TheStore;

/// Attaches groups to an incident. A group that belongs to another live incident is a conflict: the other one was
/// declared first, and the alert belongs there. An incident that is no longer live remembers its groups and holds none.
pub(crate) async fn attach(
    connection: &mut Connection,
    incident: IncidentId,
    groups: &[GroupKey],
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    if groups.is_empty() {
        return Ok(());
    }
    // Written so that the row is locked: whoever ends the incident comes before this or after it, not at the same time.
    let ended_at_us = query_scalar!(
        "update incident set ended_at_us = ended_at_us where id = $1 returning ended_at_us",
        incident.0
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or_else(|| {
        Failure::Wrong(format!(
            "{incident} does not exist and can have no alert groups"
        ))
    })?;
    let released_at_us = ended_at_us.map(|_| micros(at));
    for group in groups {
        let hash = group_hash(group);
        let taken = query!(
            "select incident from incident_group where group_hash = $1 and released_at_us is null and incident <> $2",
            hash,
            incident.0
        )
        .fetch_optional(&mut *connection)
        .await?;
        if taken.is_some() && released_at_us.is_none() {
            return Err(Failure::Conflict);
        }
        // Another replica may still take the group between the two statements: the unique index then says so.
        query!(
            "insert into incident_group (incident, group_hash, source, receiver, group_key, attached_at_us, released_at_us)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (incident, group_hash) do update set released_at_us = excluded.released_at_us",
            incident.0,
            hash,
            text(&group.source),
            text(&group.receiver),
            text(&group.group_key),
            micros(at),
            released_at_us,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Groups that are none of an incident's any more, also when it is reopened one day.
pub(crate) async fn detach(
    connection: &mut Connection,
    incident: IncidentId,
    groups: &[GroupKey],
) -> Result<(), Failure> {
    for group in groups {
        let hash = group_hash(group);
        query!(
            "delete from incident_group where incident = $1 and group_hash = $2",
            incident.0,
            hash
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Lets go of the groups of an incident that is no longer live: what fires next is a new incident.
pub(crate) async fn release(
    connection: &mut Connection,
    incident: IncidentId,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    query!(
        "update incident_group set released_at_us = $2 where incident = $1 and released_at_us is null",
        incident.0,
        micros(at)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes the groups of an incident that is live again, except those that another one has taken meanwhile.
pub(crate) async fn take_back(
    connection: &mut Connection,
    incident: IncidentId,
) -> Result<(), Failure> {
    query!(
        "update incident_group set released_at_us = null
         where incident = $1 and released_at_us is not null and not exists (
             select 1 from incident_group other
             where other.group_hash = incident_group.group_hash and other.released_at_us is null)",
        incident.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(crate) async fn of(store: &TheStore, incident: IncidentId) -> Result<Vec<GroupKey>, ReadError> {
    let rows = query!(
        "select source, receiver, group_key from incident_group
         where incident = $1 and (released_at_us is null or not exists (
             select 1 from incident where incident.id = incident_group.incident and incident.ended_at_us is null))
         order by attached_at_us, source, receiver, group_key",
        incident.0
    )
    .fetch_all(store.readers())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| GroupKey {
            source: row.source,
            receiver: row.receiver,
            group_key: row.group_key,
        })
        .collect())
}
