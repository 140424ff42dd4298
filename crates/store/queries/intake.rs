//! What comes in from outside: webhooks as they were, and the ids of everything that has been handled.

use std::collections::HashSet;

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{KeptBody, KeptReceipt, Receipt, ReceiptState};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use sqlx::{query, query_scalar};

use super::rows::{ReadError, Unreadable, micros, reference, text, time};
use super::{Connection, Failure, Write};
use crate::{TheStore, dialect};

/// The least number of digits by which a body is looked for.
const SHORTEST_HASH_PREFIX: usize = 4;

/// Notes that an outside cause is being handled; it can be handled once.
pub(crate) async fn handle_delivery_once(
    connection: &mut Connection,
    delivery: &str,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let inserted = query!(
        "insert into delivery (id, at_us) values ($1, $2) on conflict (id) do nothing",
        text(delivery),
        micros(at)
    )
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 {
        Err(Failure::Duplicate)
    } else {
        Ok(())
    }
}

/// When so many bytes of bodies have been read, the rest is left for the next page.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// How many bytes of bodies go into one statement; a larger body goes alone.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// A receipt that has just come in, as columns.
#[derive(Debug)]
pub(crate) struct ReceiptRow<'a> {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) received_at_us: i64,
    pub(crate) body_hash: &'a str,
    pub(crate) state: &'static str,
    pub(crate) problem: Option<String>,
    pub(crate) body: &'a [u8],
}

impl<'a> ReceiptRow<'a> {
    fn of(receipt: &'a Receipt) -> Self {
        Self {
            id: text(&receipt.id),
            source: text(&receipt.source),
            received_at_us: micros(receipt.received_at),
            body_hash: &receipt.body_hash,
            state: if receipt.problem.is_some() {
                "unreadable"
            } else {
                "pending"
            },
            problem: receipt.problem.as_deref().map(text),
            body: &receipt.body,
        }
    }
}

/// Keeps receipts, and their bodies unless equal ones are kept already; what was known of each body before.
pub(crate) async fn keep(
    connection: &mut Connection,
    receipts: &[Receipt],
) -> Result<Vec<KeptBody>, Failure> {
    let mut known = Vec::with_capacity(receipts.len());
    let mut rest = receipts;
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(batch_length(rest));
        let rows: Vec<ReceiptRow<'_>> = batch.iter().map(ReceiptRow::of).collect();
        let new = dialect::keep_receipts(connection, &rows).await?;
        let mut new: HashSet<String> = new.into_iter().collect();
        // Of equal ones that came together, the first is the new one.
        known.extend(batch.iter().map(|receipt| {
            if new.remove(&receipt.body_hash) {
                KeptBody::New
            } else {
                KeptBody::Repeated
            }
        }));
        rest = later;
    }
    Ok(known)
}

/// How many of these share a statement; at least one.
fn batch_length(receipts: &[Receipt]) -> usize {
    let mut bytes = 0;
    let fit = receipts.iter().take_while(|receipt| {
        bytes += receipt.body.len();
        bytes <= BATCH_BYTES
    });
    fit.count().max(1)
}

/// Marks a receipt as worked on.
#[derive(Debug)]
pub(crate) struct FinishReceipt {
    pub(crate) id: String,
    pub(crate) trace: String,
    pub(crate) incident: Option<IncidentId>,
}

impl Write for FinishReceipt {
    type Made = ();

    async fn perform(&self, connection: &mut Connection) -> Result<(), Failure> {
        let done = [(self.id.clone(), self.trace.clone())];
        finish(connection, &done, self.incident.and_then(reference)).await
    }
}

/// A receipt that is done, as columns.
#[derive(Debug)]
pub(crate) struct DoneRow {
    pub(crate) id: String,
    pub(crate) trace: String,
}

/// Marks receipts as worked on, each with the trace of its decision.
pub(crate) async fn finish(
    connection: &mut Connection,
    receipts: &[(String, String)],
    incident: Option<i64>,
) -> Result<(), Failure> {
    if receipts.is_empty() {
        return Ok(());
    }
    let rows: Vec<DoneRow> = receipts
        .iter()
        .map(|(id, trace)| DoneRow {
            id: text(id),
            trace: text(trace),
        })
        .collect();
    let updated = dialect::finish_receipts(connection, &rows, incident).await?;
    if updated < rows.len() as u64 {
        // Losing what was decided would be worse than losing the note about it.
        tracing::warn!(
            receipts = ?rows.iter().map(|row| &row.id).collect::<Vec<_>>(),
            updated,
            "of the receipts that were to be marked as done, some are not stored"
        );
    }
    Ok(())
}

/// The oldest receipts that wait: at most so many, and not many more bytes of bodies than [`PAGE_BYTES`].
pub(crate) async fn pending(store: &TheStore, most: i64) -> Result<Vec<Receipt>, ReadError> {
    let mut rows = query!(
        "select receipt.id, receipt.source, receipt.received_at_us, receipt.body_hash, intake_body.body
         from intake_receipt receipt join intake_body on intake_body.hash = receipt.body_hash
         where receipt.state = 'pending'
         order by receipt.received_at_us, receipt.id limit $1",
        most
    )
    .fetch(store.readers());
    let (mut receipts, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES
        && let Some(row) = rows.try_next().await?
    {
        bytes += row.body.len();
        receipts.push(Receipt {
            id: row.id,
            source: row.source,
            received_at: time(row.received_at_us)?,
            body: row.body,
            body_hash: row.body_hash,
            problem: None,
        });
    }
    Ok(receipts)
}

/// When the oldest receipt that waits came in.
pub(crate) async fn oldest_pending(store: &TheStore) -> Result<Option<DateTime<Utc>>, ReadError> {
    let oldest = query_scalar!(
        r#"select min(received_at_us) as "oldest: i64" from intake_receipt where state = 'pending'"#
    )
    .fetch_one(store.readers())
    .await?;
    Ok(oldest.map(time).transpose()?)
}

pub(crate) async fn kept(
    store: &TheStore,
    id_or_hash: &str,
) -> Result<Option<(KeptReceipt, Vec<u8>)>, ReadError> {
    let wanted = text(id_or_hash.trim());
    let prefix = wanted.to_ascii_lowercase();
    let is_prefix = prefix.len() >= SHORTEST_HASH_PREFIX
        && prefix
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // `g` is the first letter after the digits of a hash, so the two bounds enclose what begins with the prefix.
    let (from, until) = if is_prefix {
        (prefix.clone(), format!("{prefix}g"))
    } else {
        Default::default()
    };
    let row = query!(
        "select receipt.id, receipt.source, receipt.received_at_us, receipt.body_hash, receipt.state, receipt.trace,
                receipt.incident, intake_body.body
         from intake_receipt receipt join intake_body on intake_body.hash = receipt.body_hash
         where receipt.id = $1 or (receipt.body_hash >= $2 and receipt.body_hash < $3)
         order by case when receipt.id = $1 then 0 else 1 end, receipt.received_at_us desc, receipt.id desc limit 1",
        wanted,
        from,
        until
    )
    .fetch_optional(store.readers())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let receipt = KeptRow {
        id: row.id,
        source: row.source,
        received_at_us: row.received_at_us,
        body_hash: row.body_hash,
        state: row.state,
        trace: row.trace,
        incident: row.incident,
    };
    Ok(Some((receipt.read()?, row.body)))
}

pub(crate) async fn newest(
    store: &TheStore,
    of: Option<IncidentId>,
    most: i64,
) -> Result<Vec<KeptReceipt>, ReadError> {
    let rows = match of {
        Some(incident) => {
            sqlx::query_as!(
                KeptRow,
                "select id, source, received_at_us, body_hash, state, trace, incident from intake_receipt
                 where incident = $1 order by received_at_us desc, id desc limit $2",
                incident.0,
                most
            )
            .fetch_all(store.readers())
            .await?
        }
        None => {
            sqlx::query_as!(
                KeptRow,
                "select id, source, received_at_us, body_hash, state, trace, incident from intake_receipt
                 order by received_at_us desc, id desc limit $1",
                most
            )
            .fetch_all(store.readers())
            .await?
        }
    };
    Ok(rows
        .into_iter()
        .map(KeptRow::read)
        .collect::<Result<_, _>>()?)
}

/// A receipt as columns.
struct KeptRow {
    id: String,
    source: String,
    received_at_us: i64,
    body_hash: String,
    state: String,
    trace: Option<String>,
    incident: Option<i64>,
}

impl KeptRow {
    fn read(self) -> Result<KeptReceipt, Unreadable> {
        let state = match self.state.as_str() {
            "pending" => ReceiptState::Pending,
            "done" => ReceiptState::Done,
            "unreadable" => ReceiptState::Unreadable,
            other => {
                return Err(Unreadable(format!(
                    "receipt {} has the state `{other}`",
                    self.id
                )));
            }
        };
        Ok(KeptReceipt {
            id: self.id,
            source: self.source,
            received_at: time(self.received_at_us)?,
            body_hash: self.body_hash,
            state,
            trace: self.trace,
            incident: self.incident.map(IncidentId),
        })
    }
}
