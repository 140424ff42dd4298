//! The memory of Bridgewatch in one SQLite file, for one process.
//!
//! Open it with [`SqliteStore::open`]; everything else is the port [`bridgewatch_core::ports::Store`]. Reads go to a small
//! pool of connections that cannot write; writes go to one task that puts whatever is waiting into one transaction, so
//! that a burst of webhooks costs one wait for the disk. Who has an answer has it on disk.
//!
//! The statements are in `../../queries`, a folder that is also a module of `bridgewatch-store-postgres`: one text,
//! checked against both databases when it is compiled. What this crate adds is `Db`, `dialect` and `TheStore`. After a
//! change to a statement run `scripts/sql.sh`.

mod connection;
mod dialect;
mod place;
#[path = "../../queries/mod.rs"]
mod queries;
mod writer;

use std::path::{Path, PathBuf};

use bridgewatch_core::ports::{CommitError, KeptBody, Receipt};
use queries::{Failure, Write};
use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use writer::Writer;

/// The driver of this crate.
pub(crate) type Db = sqlx::Sqlite;

/// The store of this crate, by the name the shared statements know it by.
pub(crate) type TheStore = SqliteStore;

/// A memory in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    readers: SqlitePool,
    /// `None` when it was opened for reading beside the process that writes.
    writer: Option<Writer>,
}

/// Why a store cannot be opened. Every text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The text names no file.
    #[error(
        "`{0}` names no database file: write a path such as /var/lib/bridgewatch/bridgewatch.db"
    )]
    NotAFile(String),
    /// Another process has it.
    #[error(
        "another process is using {database}: stop it first. A SQLite file serves one bridgewatch at a time \
         (lock file: {lock})"
    )]
    InUse {
        /// The database.
        database: PathBuf,
        /// The lock file beside it.
        lock: PathBuf,
    },
    /// The file or its folder cannot be used.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system answered.
        source: std::io::Error,
    },
    /// SQLite refuses the file.
    #[error("cannot open {path} as a database: {source}")]
    Database {
        /// Which file.
        path: PathBuf,
        /// What SQLite answered.
        source: sqlx::Error,
    },
    /// A newer program has changed the schema.
    #[error(
        "{path} was changed by a newer bridgewatch (migration {version}): start that version, or restore a backup from before"
    )]
    TooNew {
        /// Which file.
        path: PathBuf,
        /// The migration that this program does not know.
        version: i64,
    },
    /// The schema cannot be brought up to date.
    #[error("cannot bring the schema of {path} up to date: {source}")]
    Migration {
        /// Which file.
        path: PathBuf,
        /// What went wrong.
        source: MigrateError,
    },
}

impl SqliteStore {
    /// Opens a database file, makes it if there is none, and brings its schema up to date.
    ///
    /// `url_or_path` is a path, or one behind `sqlite:` or `sqlite://`. The file, its folder if it has to be made, and the
    /// lock file beside it can be read by nobody else. A second process is refused.
    pub async fn open(url_or_path: &str) -> Result<Self, OpenError> {
        let path = place::path_of(url_or_path)?;
        let lock = place::take(&path)?;
        let database_error = |source| OpenError::Database {
            path: path.clone(),
            source,
        };
        let writers = connection::writers(&path).await.map_err(database_error)?;
        migrate(&writers, &path).await?;
        let readers = connection::readers(&path).await.map_err(database_error)?;
        Ok(Self {
            readers,
            writer: Some(Writer::start(writers, lock)),
        })
    }

    /// Whether there is something to open. What is no address of a file counts as there: opening it says what is wrong.
    #[must_use]
    pub fn exists(url_or_path: &str) -> bool {
        place::path_of(url_or_path).map_or(true, |path| path.exists())
    }

    /// Opens an existing database file for reading only, also while another process is using it.
    pub async fn open_for_reading(url_or_path: &str) -> Result<Self, OpenError> {
        let path = place::path_of(url_or_path)?;
        if let Err(source) = std::fs::metadata(&path) {
            return Err(OpenError::File {
                action: "read",
                path,
                source,
            });
        }
        let readers = connection::readers(&path)
            .await
            .map_err(|source| OpenError::Database { path, source })?;
        Ok(Self {
            readers,
            writer: None,
        })
    }

    /// Writes what is waiting, closes the file and lets others have it. Writes that come later are refused.
    pub async fn close(&self) {
        if let Some(writer) = &self.writer {
            writer.refuse();
        }
        // The last connection to close tidies up the write-ahead log, and that has to be the one that may write.
        self.readers.close().await;
        if let Some(writer) = &self.writer {
            writer.finish().await;
        }
    }

    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Made, CommitError> {
        let written = self.writer()?.write(write).await;
        written.map_err(Failure::into_commit_error)
    }

    pub(crate) async fn keep(&self, receipt: Receipt) -> Result<KeptBody, CommitError> {
        let kept = self.writer()?.keep(receipt).await;
        kept.map_err(Failure::into_commit_error)
    }

    fn writer(&self) -> Result<&Writer, CommitError> {
        self.writer.as_ref().ok_or_else(|| {
            CommitError::Broken("the database was opened for reading only".to_owned())
        })
    }
}

async fn migrate(writers: &SqlitePool, path: &Path) -> Result<(), OpenError> {
    sqlx::migrate!("../../../migrations/sqlite")
        .run(writers)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(version) => OpenError::TooNew {
                path: path.to_owned(),
                version,
            },
            source => OpenError::Migration {
                path: path.to_owned(),
                source,
            },
        })
}
