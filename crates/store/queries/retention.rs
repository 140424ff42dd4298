//! Forgetting: what is over and has been kept long enough. Incidents, their events, timelines and postmortems stay.

use bridgewatch_core::ports::Cutoff;
use sqlx::query;

use super::rows::micros;
use super::{Connection, Failure, Write};

/// Forgets a little at a time, so that nobody waits long for the one writer.
#[derive(Debug)]
pub(crate) struct Forget {
    pub(crate) cutoff: Cutoff,
    pub(crate) most: i64,
}

impl Write for Forget {
    type Made = u64;

    async fn perform(&self, connection: &mut Connection) -> Result<u64, Failure> {
        let settled_before_us = micros(self.cutoff.settled_before);
        let received_before_us = micros(self.cutoff.received_before);
        let effects = query!(
            "delete from outbox where id in (
                 select id from outbox
                 where settled_at_us < $1 and state in ('done', 'superseded') limit $2)",
            settled_before_us,
            self.most
        )
        .execute(&mut *connection)
        .await?;
        let causes = query!(
            "delete from delivery where id in (select id from delivery where at_us < $1 limit $2)",
            settled_before_us,
            self.most
        )
        .execute(&mut *connection)
        .await?;
        let receipts = query!(
            "delete from intake_receipt where id in (
                 select id from intake_receipt
                 where received_at_us < $1 and state <> 'pending' limit $2)",
            received_before_us,
            self.most
        )
        .execute(&mut *connection)
        .await?;
        // A body is as old as the newest receipt that refers to it.
        let bodies = query!(
            "delete from intake_body where hash in (
                 select body.hash from intake_body body
                 where not exists (select 1 from intake_receipt receipt where receipt.body_hash = body.hash) limit $1)",
            self.most
        )
        .execute(&mut *connection)
        .await?;
        let changes = query!(
            "delete from change where id in (select id from change where received_at_us < $1 limit $2)",
            received_before_us,
            self.most
        )
        .execute(&mut *connection)
        .await?;
        let notes = query!(
            "delete from fact where name in (select name from fact where kept_at_us < $1 limit $2)",
            settled_before_us,
            self.most
        )
        .execute(&mut *connection)
        .await?;
        // Those of an earlier version, whose age nobody knows, go with the next round.
        query!(
            "update fact set kept_at_us = $1 where name like 'notes/%' and kept_at_us is null",
            settled_before_us
        )
        .execute(&mut *connection)
        .await?;
        let notices = query!(
            "delete from held_notice where window_id in (
                 select id from maintenance_window where settled_at_us < $1)",
            received_before_us
        )
        .execute(&mut *connection)
        .await?;
        // The newest window says which number is next.
        let windows = query!(
            "delete from maintenance_window
             where settled_at_us < $1 and id < (select max(id) from maintenance_window)",
            received_before_us
        )
        .execute(&mut *connection)
        .await?;
        Ok(effects.rows_affected()
            + notes.rows_affected()
            + notices.rows_affected()
            + windows.rows_affected()
            + causes.rows_affected()
            + receipts.rows_affected()
            + bodies.rows_affected()
            + changes.rows_affected())
    }
}
