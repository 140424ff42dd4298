//! Maintenance windows, and the notices they hold.

use std::collections::BTreeMap;

use bridgewatch_core::effect::NewEffect;
use bridgewatch_core::maintenance::{Covered, Window, Windows};
use bridgewatch_core::person::PersonId;
use chrono::{DateTime, Utc};
use sqlx::{query, query_scalar};

use super::rows::{
    ReadError, Unreadable, from_json, json, micros, snowflake, text, time, unsigned,
};
use super::{Connection, Failure, Write, outbox};
use crate::TheStore;

/// Keeps a window as it is. What it holds is kept apart.
#[derive(Debug)]
pub(crate) struct KeepWindow {
    pub(crate) window: Window,
    pub(crate) at: DateTime<Utc>,
}

impl Write for KeepWindow {
    type Made = ();

    async fn perform(&self, connection: &mut Connection) -> Result<(), Failure> {
        let window = &self.window;
        let settled_at_us = window.is_settled.then(|| micros(self.at));
        query!(
            "insert into maintenance_window (id, what, from_us, until_us, reason, by_person_id, settled_at_us)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (id) do update set from_us = excluded.from_us, until_us = excluded.until_us,
                 settled_at_us = coalesce(maintenance_window.settled_at_us, excluded.settled_at_us)",
            i64::from(window.id),
            text(&json(&window.what, "what a maintenance window covers")?),
            micros(window.from),
            micros(window.until),
            text(&window.reason),
            snowflake(window.by.0)?,
            settled_at_us
        )
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// A window holds the newest notice of a group.
#[derive(Debug)]
pub(crate) struct HoldNotice {
    pub(crate) window: u32,
    pub(crate) group: String,
    pub(crate) receipt: String,
    /// What is stored with the first notice that the window holds, and when.
    pub(crate) first: Option<(NewEffect, DateTime<Utc>)>,
}

impl Write for HoldNotice {
    /// Whether it is the first that the window holds.
    type Made = bool;

    async fn perform(&self, connection: &mut Connection) -> Result<bool, Failure> {
        let window = i64::from(self.window);
        let known = query_scalar!(
            "select receipt_id from held_notice where window_id = $1 limit 1",
            window
        )
        .fetch_optional(&mut *connection)
        .await?;
        query!(
            "insert into held_notice (window_id, group_hash, receipt_id) values ($1, $2, $3)
             on conflict (window_id, group_hash) do update set receipt_id = excluded.receipt_id",
            window,
            text(&self.group),
            text(&self.receipt)
        )
        .execute(&mut *connection)
        .await?;
        let is_first = known.is_none();
        if let Some((effect, at)) = self.first.as_ref().filter(|_| is_first) {
            outbox::add(connection, effect, *at).await?;
        }
        Ok(is_first)
    }
}

pub(crate) async fn windows(store: &TheStore) -> Result<Windows, ReadError> {
    // The newest stays among them: it says which number is next.
    let rows = query!(
        "select id, what, from_us, until_us, reason, by_person_id, settled_at_us from maintenance_window
         where settled_at_us is null or id = (select max(id) from maintenance_window) order by id"
    )
    .fetch_all(store.readers())
    .await?;
    let mut held = held(store).await?;
    let windows: Result<Vec<Window>, Unreadable> = rows
        .into_iter()
        .map(|row| {
            let what: Covered = from_json(&row.what, || format!("maintenance window {}", row.id))?;
            Ok(Window {
                id: number(row.id)?,
                what,
                from: time(row.from_us)?,
                until: time(row.until_us)?,
                reason: row.reason,
                by: PersonId(unsigned(row.by_person_id)?),
                held: held.remove(&row.id).unwrap_or_default(),
                is_settled: row.settled_at_us.is_some(),
            })
        })
        .collect();
    Ok(Windows(windows?))
}

/// What the windows hold that are not settled: for each the newest receipt of each group.
async fn held(store: &TheStore) -> Result<BTreeMap<i64, BTreeMap<String, String>>, ReadError> {
    let rows = query!(
        "select held.window_id, held.group_hash, held.receipt_id
         from held_notice held join maintenance_window kept on kept.id = held.window_id
         where kept.settled_at_us is null"
    )
    .fetch_all(store.readers())
    .await?;
    let mut held: BTreeMap<i64, BTreeMap<String, String>> = BTreeMap::new();
    for row in rows {
        held.entry(row.window_id)
            .or_default()
            .insert(row.group_hash, row.receipt_id);
    }
    Ok(held)
}

fn number(id: i64) -> Result<u32, Unreadable> {
    u32::try_from(id).map_err(|_| Unreadable(format!("{id} is no number of a maintenance window")))
}
