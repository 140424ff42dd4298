//! The memory, written once for two databases.
//!
//! This folder is a module of **two** crates, `bridgewatch-store-sqlite` and `bridgewatch-store-postgres`: each includes it
//! by path and gives it the names `crate::Db` (the driver), `crate::dialect` (the few statements that cannot be shared)
//! and `crate::TheStore` (the pools, and how a write reaches the database). So every statement here is checked against
//! both databases when it is compiled, and nothing is generic.
//!
//! What both databases understand alike: `$1`, `returning`, `on conflict`, partial indexes, `count(*) filter`,
//! `is distinct from`. What they do not: `now()`, arrays, `for update`, `greatest`, casts with `::`. Text that comes from
//! outside is bound through [`rows::text`], since PostgreSQL refuses the character NUL.

pub(crate) mod audit;
pub(crate) mod change;
pub(crate) mod changes;
pub(crate) mod entries;
pub(crate) mod episodes;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod incidents;
pub(crate) mod intake;
pub(crate) mod maintenance;
pub(crate) mod memory;
pub(crate) mod outbox;
mod port;
pub(crate) mod prompts;
pub(crate) mod retention;
pub(crate) mod rows;
pub(crate) mod scrub;

use std::future::Future;

use bridgewatch_core::ports::CommitError;

/// A connection of the database this crate is for.
pub(crate) type Connection = <crate::Db as sqlx::Database>::Connection;

/// Something to write: performed inside a transaction that somebody else begins and commits, so that many can share one,
/// and by reference, so that it can be performed again after a conflict between transactions.
pub(crate) trait Write: Send + Sync + 'static {
    /// What it makes.
    type Made: Send + 'static;

    /// Performs it. On a failure, nothing of it may stay: the caller rolls back.
    fn perform(
        &self,
        connection: &mut Connection,
    ) -> impl Future<Output = Result<Self::Made, Failure>> + Send;
}

/// Why a write was not performed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Somebody else was faster.
    Conflict,
    /// The effect it was to settle is somebody else's by now.
    ClaimLost,
    /// It has been handled before.
    Duplicate,
    /// What was to be written makes no sense, or what is stored does not; the database itself is well.
    Wrong(String),
    /// The database is in trouble: nothing that shares the transaction can be relied on.
    Database(sqlx::Error),
}

impl Failure {
    /// The answer for the caller.
    pub(crate) fn into_commit_error(self) -> CommitError {
        match self {
            Self::Conflict => CommitError::Conflict,
            Self::ClaimLost => CommitError::ClaimLost,
            Self::Duplicate => CommitError::Duplicate,
            Self::Wrong(what) => CommitError::Broken(what),
            Self::Database(error) => CommitError::Broken(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for Failure {
    /// A broken rule of the schema is a matter of what was written; everything else is the database's trouble.
    fn from(error: sqlx::Error) -> Self {
        let Some(database_error) = error.as_database_error() else {
            return Self::Database(error);
        };
        if database_error.is_unique_violation() {
            Self::Conflict
        } else if database_error.is_foreign_key_violation()
            || database_error.is_check_violation()
            || is_not_null_violation(database_error)
        {
            Self::Wrong(format!(
                "the data breaks a rule of the schema: {database_error}"
            ))
        } else {
            Self::Database(error)
        }
    }
}

fn is_not_null_violation(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.kind() == sqlx::error::ErrorKind::NotNullViolation
}
