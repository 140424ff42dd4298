//! A write in a transaction, again if transactions got into each other's way.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgDatabaseError};

use crate::queries::{Failure, Write};

/// How often a write is tried before its caller hears of the trouble.
const ATTEMPTS: u32 = 8;
/// The longest wait before the second attempt, in milliseconds; it doubles with each attempt.
const FIRST_WAIT_MS: u64 = 4;

/// Performs a write in a transaction of its own.
pub(crate) async fn run<W: Write>(pool: &PgPool, write: &W) -> Result<W::Made, Failure> {
    let mut attempt = 1;
    loop {
        match once(pool, write).await {
            Err(Failure::Database(error)) if attempt < ATTEMPTS && is_worth_repeating(&error) => {
                pause(wait_before(attempt + 1)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn once<W: Write>(pool: &PgPool, write: &W) -> Result<W::Made, Failure> {
    let mut transaction = pool.begin().await?;
    match write.perform(&mut transaction).await {
        Ok(made) => {
            transaction.commit().await?;
            Ok(made)
        }
        Err(failure) => {
            if let Err(error) = transaction.rollback().await {
                tracing::debug!(%error, "a rollback did not go well; the connection is given up");
            }
            Err(failure)
        }
    }
}

/// Whether the server undid the transaction only because of another one: serialization failure or deadlock.
fn is_worth_repeating(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        .is_some_and(|error| matches!(error.code(), "40001" | "40P01"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate that waits"
)]
async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// A random wait, so that two that met do not meet again.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this crate that rolls dice"
)]
fn wait_before(attempt: u32) -> Duration {
    let longest_ms = FIRST_WAIT_MS << attempt.min(8);
    Duration::from_millis(longest_ms).mul_f64(rand::random())
}
