//! The contract of a store, on SQLite.

#[path = "../../contract/mod.rs"]
mod contract;

use bridgewatch_store_sqlite::SqliteStore;
use tempfile::TempDir;

/// A fresh place for one test.
struct Home(TempDir);

impl Home {
    #[expect(
        clippy::unused_async,
        reason = "other databases have to be reached first"
    )]
    async fn new() -> Option<Self> {
        Some(Self(TempDir::new().expect("a temporary folder")))
    }

    async fn open(&self) -> SqliteStore {
        let path = self.0.path().join("bridgewatch.db");
        let path = path.to_str().expect("temporary folders have plain names");
        SqliteStore::open(path)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }
}
