//! What comes in from outside: webhooks as they were, and the ids of everything that has been handled.

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{KeptBody, KeptReceipt, Receipt, ReceiptState};
use chrono::{DateTime, Utc};
use sqlx::query;

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

/// Keeps a receipt, and its body unless an equal one is kept already.
#[derive(Debug)]
pub(crate) struct KeepReceipt(pub(crate) Receipt);

impl Write for KeepReceipt {
    type Made = KeptBody;

    async fn perform(&self, connection: &mut Connection) -> Result<KeptBody, Failure> {
        let receipt = &self.0;
        let body = query!(
            "insert into intake_body (hash, body) values ($1, $2) on conflict (hash) do nothing",
            receipt.body_hash,
            receipt.body
        )
        .execute(&mut *connection)
        .await?;
        let state = if receipt.problem.is_some() {
            "unreadable"
        } else {
            "pending"
        };
        query!(
            "insert into intake_receipt (id, source, received_at_us, body_hash, state, trace)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (id) do nothing",
            text(&receipt.id),
            text(&receipt.source),
            micros(receipt.received_at),
            receipt.body_hash,
            state,
            receipt.problem.as_deref().map(text),
        )
        .execute(connection)
        .await?;
        Ok(if body.rows_affected() == 0 {
            KeptBody::Repeated
        } else {
            KeptBody::New
        })
    }
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

/// How much of the bodies is read into memory at once; one that is larger comes alone.
const LARGEST_PAGE_BYTES: i64 = 32 * 1024 * 1024;

pub(crate) async fn pending(store: &TheStore, most: i64) -> Result<Vec<Receipt>, ReadError> {
    let rows = query!(
        "select receipt.id, receipt.source, receipt.received_at_us, receipt.body_hash, intake_body.body
         from (
             select page.id, page.source, page.received_at_us, page.body_hash,
                 sum(page.bytes) over (order by page.received_at_us, page.id) - page.bytes as bytes_before
             from (
                 select pending.id, pending.source, pending.received_at_us, pending.body_hash, length(sized.body) as bytes
                 from intake_receipt pending join intake_body sized on sized.hash = pending.body_hash
                 where pending.state = 'pending'
                 order by pending.received_at_us, pending.id limit $1) page) receipt
         join intake_body on intake_body.hash = receipt.body_hash
         where receipt.bytes_before < $2
         order by receipt.received_at_us, receipt.id",
        most,
        LARGEST_PAGE_BYTES
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Receipt {
                id: row.id,
                source: row.source,
                received_at: time(row.received_at_us)?,
                body: row.body,
                body_hash: row.body_hash,
                problem: None,
            })
        })
        .collect()
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
