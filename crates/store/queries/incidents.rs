//! Incidents and their histories.

use std::collections::BTreeSet;

use bridgewatch_core::audit::EventText;
use bridgewatch_core::ids::{ChannelId, IncidentId, Seq};
use bridgewatch_core::incident::{CancelReason, Incident, Recorded, Visibility};
use bridgewatch_core::ports::Listed;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{query, query_scalar};

use super::memory::Counter;
use super::rows::{ReadError, Unreadable, from_json, json, micros, snowflake, text, time};
use super::{Connection, Failure, Write, memory, rows};
use crate::TheStore;

/// The shape of the stored state. Grows when older rows need help to be read.
const STATE_VERSION: i64 = 1;

/// Gives out the next number.
#[derive(Debug)]
pub(crate) struct NextIncident;

impl Write for NextIncident {
    type Made = IncidentId;

    async fn perform(&self, connection: &mut Connection) -> Result<IncidentId, Failure> {
        memory::count(connection, Counter::Incident)
            .await
            .map(IncidentId)
    }
}

/// What the incident was before the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// Live.
    Live,
    /// Over.
    Ended,
}

pub(crate) async fn expect_none(
    connection: &mut Connection,
    id: IncidentId,
) -> Result<(), Failure> {
    let found = query_scalar!("select id from incident where id = $1", id.0)
        .fetch_optional(connection)
        .await?;
    if found.is_some() {
        Err(Failure::Conflict)
    } else {
        Ok(())
    }
}

pub(crate) async fn expect_at(
    connection: &mut Connection,
    id: IncidentId,
    seq: Seq,
) -> Result<Before, Failure> {
    let found = query!(
        "select ended_at_us from incident where id = $1 and seq = $2",
        id.0,
        seq.0
    )
    .fetch_optional(connection)
    .await?;
    match found {
        None => Err(Failure::Conflict),
        Some(row) if row.ended_at_us.is_some() => Ok(Before::Ended),
        Some(_) => Ok(Before::Live),
    }
}

pub(crate) async fn insert(
    connection: &mut Connection,
    incident: &Incident,
    wake_at: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let columns = Columns::of(incident, wake_at)?;
    let ended_at_us = (!incident.is_active()).then(|| micros(at));
    let inserted = query!(
        "insert into incident (id, seq, title, phase, severity, visibility, channel_id, declared_at_us, ended_at_us,
                               wake_at_us, state_version, state)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (id) do nothing",
        incident.id.0,
        incident.seq.0,
        columns.title,
        columns.phase,
        columns.severity,
        columns.visibility,
        columns.channel_id,
        columns.declared_at_us,
        ended_at_us,
        columns.wake_at_us,
        STATE_VERSION,
        columns.state,
    )
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 {
        Err(Failure::Conflict)
    } else {
        Ok(())
    }
}

pub(crate) async fn update(
    connection: &mut Connection,
    expected: Seq,
    incident: &Incident,
    before: &Before,
    wake_at: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let columns = Columns::of(incident, wake_at)?;
    let ends_now_us = (*before == Before::Live && !incident.is_active()).then(|| micros(at));
    let stays_ended = *before == Before::Ended && !incident.is_active();
    let updated = query!(
        "update incident
         set seq = $3, title = $4, phase = $5, severity = $6, visibility = $7, channel_id = $8, declared_at_us = $9,
             ended_at_us = case when $10 then ended_at_us else $11 end, wake_at_us = $12, state_version = $13, state = $14
         where id = $1 and seq = $2",
        incident.id.0,
        expected.0,
        incident.seq.0,
        columns.title,
        columns.phase,
        columns.severity,
        columns.visibility,
        columns.channel_id,
        columns.declared_at_us,
        stays_ended,
        ends_now_us,
        columns.wake_at_us,
        STATE_VERSION,
        columns.state,
    )
    .execute(connection)
    .await?;
    if updated.rows_affected() == 0 {
        Err(Failure::Conflict)
    } else {
        Ok(())
    }
}

/// The columns that are the same in an insert and an update.
struct Columns {
    title: String,
    phase: &'static str,
    severity: &'static str,
    visibility: &'static str,
    channel_id: Option<i64>,
    declared_at_us: i64,
    wake_at_us: Option<i64>,
    state: String,
}

impl Columns {
    fn of(incident: &Incident, wake_at: Option<DateTime<Utc>>) -> Result<Self, Failure> {
        Ok(Self {
            title: text(&incident.title),
            phase: incident.phase.id(),
            severity: incident.severity.id(),
            visibility: match incident.visibility {
                Visibility::Normal => "normal",
                Visibility::Restricted => "restricted",
            },
            channel_id: incident
                .surface
                .channel
                .map(|channel| snowflake(channel.0))
                .transpose()?,
            declared_at_us: micros(incident.declared_at()),
            wake_at_us: wake_at.map(micros),
            state: json(incident, "the state of an incident")?,
        })
    }
}

/// Adds events and returns them as they are stored.
pub(crate) async fn append_events(
    connection: &mut Connection,
    id: IncidentId,
    events: &[Recorded],
) -> Result<Vec<EventText>, Failure> {
    let mut written = Vec::with_capacity(events.len());
    for event in events {
        let text = EventText {
            seq: event.seq.0,
            at_us: micros(event.at),
            actor: json(&event.actor, "an actor")?,
            event: json(&event.event, "an event")?,
        };
        let inserted = query!(
            "insert into event (incident, seq, at_us, actor, event) values ($1, $2, $3, $4, $5)
             on conflict (incident, seq) do nothing",
            id.0,
            text.seq,
            text.at_us,
            text.actor,
            text.event,
        )
        .execute(&mut *connection)
        .await?;
        if inserted.rows_affected() == 0 {
            return Err(Failure::Conflict);
        }
        written.push(text);
    }
    Ok(written)
}

fn read_state(id: i64, version: i64, state: &str) -> Result<Incident, Unreadable> {
    let id = IncidentId(id);
    if version > STATE_VERSION {
        return Err(Unreadable(format!(
            "the state of {id} has version {version}, this program knows up to {STATE_VERSION}: use the newer program"
        )));
    }
    from_json(state, || format!("the state of {id}"))
}

pub(crate) async fn one(store: &TheStore, id: IncidentId) -> Result<Option<Incident>, ReadError> {
    let row = query!(
        "select id, state_version, state from incident where id = $1",
        id.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(row
        .map(|row| read_state(row.id, row.state_version, &row.state))
        .transpose()?)
}

pub(crate) async fn of_channel(
    store: &TheStore,
    channel: ChannelId,
) -> Result<Option<IncidentId>, ReadError> {
    // A channel that was used twice belongs to the incident that is live, or else to the newest.
    let channel_id = snowflake(channel.0)?;
    let id = query_scalar!(
        "select id from incident where channel_id = $1
         order by case when ended_at_us is null then 0 else 1 end, id desc limit 1",
        channel_id
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(id.map(IncidentId))
}

pub(crate) async fn recent(
    store: &TheStore,
    ended_after: DateTime<Utc>,
) -> Result<Vec<Incident>, ReadError> {
    let rows = query!(
        "select id, state_version, state from incident where ended_at_us is null or ended_at_us > $1 order by id",
        micros(ended_after)
    )
    .fetch_all(store.readers())
    .await?;
    let read = rows
        .iter()
        .map(|row| read_state(row.id, row.state_version, &row.state));
    Ok(read.collect::<Result<_, _>>()?)
}

/// Of the state of a cancelled incident only why: reading all of it for every line of a list takes ten times as long.
#[derive(Deserialize)]
struct Ended {
    cancelled: Option<CancelReason>,
}

pub(crate) async fn list(
    store: &TheStore,
    only_live: bool,
    most: i64,
) -> Result<Vec<Listed>, ReadError> {
    let rows = query!(
        r#"select id, title, phase, severity, visibility, declared_at_us, channel_id, state_version,
                  case when visibility = 'normal' and phase <> 'cancelled' then null else state end as "state?: String"
           from incident
           where ended_at_us is null or $1 = false
           order by declared_at_us desc, id desc limit $2"#,
        only_live,
        most
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|row| {
            let id = IncidentId(row.id);
            let unreadable = |error: String| Unreadable(format!("the row of {id}: {error}"));
            let restricted = row.visibility != "normal";
            // Who may see it is asked only where it matters, and of what was cancelled only why.
            let (circle, near_miss) = match &row.state {
                Some(state) if restricted => {
                    let incident = read_state(row.id, row.state_version, state)?;
                    (incident.circle(), incident.is_near_miss())
                }
                Some(state) => {
                    let ended: Ended = from_json(state, || format!("the state of {id}"))?;
                    (
                        BTreeSet::new(),
                        ended.cancelled == Some(CancelReason::SelfCleared),
                    )
                }
                None => (BTreeSet::new(), false),
            };
            Ok(Listed {
                id,
                title: row.title,
                phase: row
                    .phase
                    .parse()
                    .map_err(|error| unreadable(format!("{error}")))?,
                severity: row
                    .severity
                    .parse()
                    .map_err(|error| unreadable(format!("{error}")))?,
                declared_at: time(row.declared_at_us)?,
                channel: row.channel_id.map(rows::channel).transpose()?,
                restricted,
                circle,
                near_miss,
            })
        })
        .collect()
}

pub(crate) async fn due(
    store: &TheStore,
    now: DateTime<Utc>,
) -> Result<Vec<IncidentId>, ReadError> {
    let ids = query_scalar!(
        "select id from incident where wake_at_us is not null and wake_at_us <= $1 order by wake_at_us, id",
        micros(now)
    )
    .fetch_all(store.readers())
    .await?;
    Ok(ids.into_iter().map(IncidentId).collect())
}

pub(crate) async fn next_wake(store: &TheStore) -> Result<Option<DateTime<Utc>>, ReadError> {
    let next = query_scalar!(
        r#"select wake_at_us as "wake_at_us!" from incident where wake_at_us is not null order by wake_at_us limit 1"#
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(next.map(time).transpose()?)
}

pub(crate) async fn events(store: &TheStore, id: IncidentId) -> Result<Vec<Recorded>, ReadError> {
    let rows = query!(
        "select seq, at_us, actor, event from event where incident = $1 order by seq",
        id.0
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|row| {
            let name = || format!("event {} of {id}", row.seq);
            Ok(Recorded {
                seq: Seq(row.seq),
                at: time(row.at_us)?,
                actor: from_json(&row.actor, name)?,
                event: from_json(&row.event, name)?,
            })
        })
        .collect()
}
