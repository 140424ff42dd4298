//! The memory of Bridgewatch in PostgreSQL, for several replicas.
//!
//! Open it with [`PostgresStore::open`]; everything else is the port [`bridgewatch_core::ports::Store`].
//!
//! The statements are in `../../queries`, a folder that is also a module of `bridgewatch-store-sqlite`: one text, checked
//! against both databases when it is compiled. What this crate adds is `Db`, `dialect` and `TheStore`. After a change
//! to a statement run `scripts/sql.sh`.

mod dialect;
#[path = "../../queries/mod.rs"]
mod queries;
mod transaction;

use std::str::FromStr;
use std::time::Duration;

use bridgewatch_core::ports::{CommitError, KeptBody, Receipt};
use queries::{Connection, Failure, Write, intake};
use sqlx::PgPool;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The driver of this crate.
pub(crate) type Db = sqlx::Postgres;

/// The store of this crate, by the name the shared statements know it by.
pub(crate) type TheStore = PostgresStore;

/// How many connections a replica uses at most.
const CONNECTIONS: u32 = 10;
/// How long a caller waits for a free connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A memory in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
}

/// Why a store cannot be opened. No text contains the address, since it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address cannot be understood.
    #[error(
        "the address of the database cannot be understood: write it like postgres://user:password@host:5432/name"
    )]
    Address,
    /// The server cannot be reached, or refuses.
    #[error("cannot use the PostgreSQL database: {0}")]
    Database(#[source] sqlx::Error),
    /// A newer program has changed the schema.
    #[error("the database was changed by a newer bridgewatch (migration {0}): start that version")]
    TooNew(i64),
    /// The schema cannot be brought up to date.
    #[error("cannot bring the schema up to date: {0}")]
    Migration(#[source] MigrateError),
}

impl PostgresStore {
    /// Opens a database and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        // The parser's own error may repeat the address.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| OpenError::Address)?
            .application_name("bridgewatch")
            .options([
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(OpenError::Database)?;
        sqlx::migrate!("../../../migrations/postgres")
            .run(&pool)
            .await
            .map_err(|error| match error {
                MigrateError::VersionMissing(version) => OpenError::TooNew(version),
                other => OpenError::Migration(other),
            })?;
        Ok(Self { pool })
    }

    /// Waits for what is running and closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn readers(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Made, CommitError> {
        let pool = self.pool.clone();
        // In a task of its own: a caller that goes away must not cut a transaction in two.
        let written = tokio::spawn(async move { transaction::run(&pool, &write).await }).await;
        written
            .unwrap_or_else(|error| Err(Failure::Wrong(format!("the write was given up: {error}"))))
            .map_err(Failure::into_commit_error)
    }

    pub(crate) async fn keep(&self, receipt: Receipt) -> Result<KeptBody, CommitError> {
        self.write(KeepReceipt(receipt)).await
    }
}

/// A receipt on its way in.
struct KeepReceipt(Receipt);

impl Write for KeepReceipt {
    type Made = KeptBody;

    async fn perform(&self, connection: &mut Connection) -> Result<KeptBody, Failure> {
        let kept = intake::keep(connection, std::slice::from_ref(&self.0)).await?;
        kept.into_iter()
            .next()
            .ok_or_else(|| Failure::Wrong("a receipt was not kept".to_owned()))
    }
}
