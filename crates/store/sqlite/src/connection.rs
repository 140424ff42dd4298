//! Connections, and that they are what we think they are.

use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolConnectionMetadata;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Error, SqlitePool};

/// How many reads can run at once.
const READERS: u32 = 4;
/// How long a statement waits for a lock before it fails.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for a free connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many rows SQLite's thread reads ahead before it waits for whoever asked.
const ROW_BUFFER: usize = 1_000;
/// How many pages of 4 KiB the write-ahead log grows by before they are copied into the database (16 MiB). Everybody who
/// writes waits for that, and for the disk twice more, so it should not happen with every storm's every group.
const CHECKPOINT_PAGES: i64 = 4_000;
/// How much of the database the writing connection keeps in memory, in KiB (16 MiB), once it has needed as much.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// The size to which the write-ahead log is cut back after a burst, in bytes (64 MiB).
const JOURNAL_SIZE_LIMIT_BYTES: i64 = 64 * 1024 * 1024;

/// The one connection that writes.
pub(crate) async fn writers(path: &Path) -> Result<SqlitePool, Error> {
    pool_options(1)
        .test_before_acquire(false)
        .after_connect(|connection, _| Box::pin(assert_settings(connection)))
        .connect_with(
            connect_options(path)
                // What was redacted, and the files with it, is overwritten and not only no longer found.
                .pragma("secure_delete", "on")
                // A negative number counts KiB, a positive one pages.
                .pragma("cache_size", (-WRITER_CACHE_KIB).to_string())
                .optimize_on_close(true, 400),
        )
        .await
}

/// The connections that read.
pub(crate) async fn readers(path: &Path) -> Result<SqlitePool, Error> {
    pool_options(READERS)
        .after_connect(|connection, _| {
            Box::pin(async move {
                assert_settings(connection).await?;
                sqlx::query("pragma query_only = on")
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .connect_with(connect_options(path))
        .await
}

fn pool_options(most: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        // One stays open, so that the last one closing does not take the write-ahead log away.
        .min_connections(1)
        .max_connections(most)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, metadata| Box::pin(is_fit_for_use(connection, metadata)))
}

/// Whether a connection may be used again.
///
/// After "disk full" SQLite may have rolled back by itself; sqlx 0.9 then believes that a transaction is still open, makes
/// the next one a savepoint inside of nothing, and reports commits that never happened. Such a connection is closed.
async fn is_fit_for_use(
    connection: &mut SqliteConnection,
    _: PoolConnectionMetadata,
) -> Result<bool, Error> {
    // Lets a rollback that is still queued finish first.
    if connection.ping().await.is_err() {
        return Ok(false);
    }
    Ok(!connection.is_in_transaction())
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        // NORMAL may lose the last commits when the power fails, and these have been answered with 2xx.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .row_buffer_size(ROW_BUFFER)
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT_BYTES.to_string())
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string())
}

/// What was asked for is also what is: a pragma that is misspelt or not supported is ignored without a word.
async fn assert_settings(connection: &mut SqliteConnection) -> Result<(), Error> {
    assert_setting(connection, "journal_mode", "pragma journal_mode", "wal").await?;
    assert_setting(connection, "synchronous", "pragma synchronous", "2").await?;
    assert_setting(connection, "foreign_keys", "pragma foreign_keys", "1").await?;
    let busy_timeout_ms = BUSY_TIMEOUT.as_millis().to_string();
    assert_setting(
        connection,
        "busy_timeout",
        "pragma busy_timeout",
        &busy_timeout_ms,
    )
    .await?;
    let limit = JOURNAL_SIZE_LIMIT_BYTES.to_string();
    assert_setting(
        connection,
        "journal_size_limit",
        "pragma journal_size_limit",
        &limit,
    )
    .await?;
    let pages = CHECKPOINT_PAGES.to_string();
    assert_setting(
        connection,
        "wal_autocheckpoint",
        "pragma wal_autocheckpoint",
        &pages,
    )
    .await
}

async fn assert_setting(
    connection: &mut SqliteConnection,
    name: &str,
    question: &'static str,
    expected: &str,
) -> Result<(), Error> {
    let row = sqlx::query(question).fetch_one(connection).await?;
    let found = sqlx::Row::try_get_unchecked::<String, _>(&row, 0)?;
    if found.eq_ignore_ascii_case(expected) {
        Ok(())
    } else {
        Err(Error::Configuration(
            format!("SQLite keeps {name} at {found} where {expected} is needed: is the file on a network drive?").into(),
        ))
    }
}
