//! Taking words out of everything that is stored of an incident.
//!
//! Whatever holds them loses them in one transaction with the event that says so: events, the state, effects whether
//! sent or not, postmortems, alert episodes, and the webhooks that led here; and what belongs to no incident and is shown
//! in it ([`elsewhere`]). The lines of the timeline are rewritten by the change itself, since somebody may be changing
//! them at this moment.

mod elsewhere;

use bridgewatch_core::alert::Episode;
use bridgewatch_core::audit::{EventText, NewRow, What};
use bridgewatch_core::effect::Effect;
use bridgewatch_core::ids::{EntryNumber, IncidentId};
use bridgewatch_core::incident::{Event, Incident};
use bridgewatch_core::ports::Change;
use bridgewatch_core::redaction::Scrub;
use bridgewatch_core::timeline::Entry;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::{query, query_scalar};

use super::audit::{destroy_salts, salt};
use super::rows::{ReadError, from_json, json, micros};
use super::{Connection, Failure};
use crate::TheStore;

/// Whether a value is still readable as what it was.
fn is<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

/// The state without the words.
pub(crate) fn state(scrub: &Scrub, after: Option<&Incident>) -> Result<Option<Incident>, Failure> {
    let Some(after) = after else { return Ok(None) };
    let stored = json(after, "the state of an incident")?;
    match scrub.json(&stored, is::<Incident>) {
        Some(clean) => Ok(Some(from_json(&clean, || {
            format!("the state of {}", after.id)
        })?)),
        None => Ok(Some(after.clone())),
    }
}

/// Takes the words of a change out of what is stored, and seals or unseals a line. Returns the rows for the audit log.
pub(crate) async fn stored(
    connection: &mut Connection,
    change: &Change,
) -> Result<Vec<NewRow>, Failure> {
    match &change.seal {
        Some((number, Some(entry))) => seal(connection, change, *number, entry).await?,
        Some((number, None)) => unseal(connection, change.incident, *number).await?,
        None => {}
    }
    let Some(scrub) = &change.scrub else {
        return Ok(Vec::new());
    };
    let rows = events(connection, change, scrub).await?;
    effects(connection, change.incident, scrub).await?;
    postmortems(connection, change.incident, scrub).await?;
    episodes(connection, change.incident, scrub).await?;
    webhooks(connection, change.incident, scrub).await?;
    elsewhere::everything(connection, change, scrub).await?;
    Ok(rows)
}

async fn seal(
    connection: &mut Connection,
    change: &Change,
    number: EntryNumber,
    entry: &Entry,
) -> Result<(), Failure> {
    query!(
        "insert into sealed_entry (incident, number, at_us, entry) values ($1, $2, $3, $4)
         on conflict (incident, number) do nothing",
        change.incident.0,
        number.0,
        micros(change.at),
        json(entry, "an entry")?
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn unseal(
    connection: &mut Connection,
    incident: IncidentId,
    number: EntryNumber,
) -> Result<(), Failure> {
    query!(
        "delete from sealed_entry where incident = $1 and number = $2",
        incident.0,
        number.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn events(
    connection: &mut Connection,
    change: &Change,
    scrub: &Scrub,
) -> Result<Vec<NewRow>, Failure> {
    let incident = change.incident;
    let rows = query!(
        "select seq, at_us, actor, event from event where incident = $1 order by seq",
        incident.0
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut recorded = Vec::new();
    for row in rows {
        let Some(clean) = scrub.json(&row.event, is::<Event>) else {
            continue;
        };
        query!(
            "update event set event = $3 where incident = $1 and seq = $2",
            incident.0,
            row.seq,
            clean
        )
        .execute(&mut *connection)
        .await?;
        destroy_salts(connection, incident, row.seq, What::is_of_an_event).await?;
        let text = EventText {
            seq: row.seq,
            at_us: row.at_us,
            actor: row.actor,
            event: clean,
        };
        let salt = salt();
        recorded.push(NewRow {
            at: change.at,
            actor: change
                .by
                .map_or_else(|| "bot".to_owned(), |person| person.0.to_string()),
            what: What::EventRedacted,
            subject: text.seq,
            revision: 0,
            digest: text.digest(&salt),
            salt,
        });
    }
    Ok(recorded)
}

async fn effects(
    connection: &mut Connection,
    incident: IncidentId,
    scrub: &Scrub,
) -> Result<(), Failure> {
    let rows = query!(
        "select id, effect, last_error from outbox where incident = $1",
        incident.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let effect = scrub.json(&row.effect, is::<Effect>);
        let error = row
            .last_error
            .as_deref()
            .and_then(|error| scrub.text(error));
        if effect.is_none() && error.is_none() {
            continue;
        }
        query!(
            "update outbox set effect = $2, last_error = $3 where id = $1",
            row.id,
            effect.unwrap_or(row.effect),
            error.or(row.last_error)
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn postmortems(
    connection: &mut Connection,
    incident: IncidentId,
    scrub: &Scrub,
) -> Result<(), Failure> {
    let rows = query!(
        "select version, markdown from postmortem where incident = $1",
        incident.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        if let Some(clean) = scrub.text(&row.markdown) {
            query!(
                "update postmortem set markdown = $3 where incident = $1 and version = $2",
                incident.0,
                row.version,
                clean
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

async fn episodes(
    connection: &mut Connection,
    incident: IncidentId,
    scrub: &Scrub,
) -> Result<(), Failure> {
    let rows = query!(
        "select alert_hash, number, episode from episode where incident = $1",
        incident.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        if let Some(clean) = scrub.json(&row.episode, is::<Episode>) {
            query!(
                "update episode set episode = $3 where alert_hash = $1 and number = $2",
                row.alert_hash,
                row.number,
                clean
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

/// The webhooks that led to the incident. A body keeps the hash it came with: by that an equal one is known.
async fn webhooks(
    connection: &mut Connection,
    incident: IncidentId,
    scrub: &Scrub,
) -> Result<(), Failure> {
    let receipts = query!(
        "select id, trace from intake_receipt where incident = $1",
        incident.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in receipts {
        if let Some(clean) = row.trace.as_deref().and_then(|trace| scrub.text(trace)) {
            query!(
                "update intake_receipt set trace = $2 where id = $1",
                row.id,
                clean
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    let bodies = query!(
        "select hash, body from intake_body
         where hash in (select body_hash from intake_receipt where incident = $1)",
        incident.0
    )
    .fetch_all(&mut *connection)
    .await?;
    for row in bodies {
        let body = String::from_utf8_lossy(&row.body);
        let clean = scrub.json(&body, |_| true).or_else(|| scrub.text(&body));
        if let Some(clean) = clean {
            query!(
                "update intake_body set body = $2 where hash = $1",
                row.hash,
                clean.into_bytes()
            )
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

pub(crate) async fn sealed(
    store: &TheStore,
    incident: IncidentId,
    number: EntryNumber,
) -> Result<Option<Entry>, ReadError> {
    let stored = query_scalar!(
        "select entry from sealed_entry where incident = $1 and number = $2",
        incident.0,
        number.0
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(stored
        .map(|stored| from_json(&stored, || format!("the sealed {number} of {incident}")))
        .transpose()?)
}
