//! The contract of a store, on SQLite.

#[path = "../../contract/mod.rs"]
mod contract;

use bridgewatch_store_sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
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

    /// Goes at the database behind the store's back.
    async fn tamper(&self, statements: &'static str) {
        let path = self.0.path().join("bridgewatch.db");
        let address = format!("sqlite://{}", path.display());
        let mut connection = SqliteConnection::connect(&address)
            .await
            .expect("the database of the test");
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(format!(
                "pragma foreign_keys = off; {statements}"
            ))))
            .await
            .expect("the statements are right");
        connection.close().await.expect("it closes");
    }

    /// Every value of every table, a line each.
    async fn everything(&self) -> String {
        let path = self.0.path().join("bridgewatch.db");
        let address = format!("sqlite://{}", path.display());
        let mut connection = SqliteConnection::connect(&address)
            .await
            .expect("the database of the test");
        let columns: Vec<(String, String)> = sqlx::query_as(
            "select tables.name, columns.name from sqlite_master tables, pragma_table_info(tables.name) columns
             where tables.type = 'table' and tables.name <> '_sqlx_migrations'",
        )
        .fetch_all(&mut connection)
        .await
        .expect("the schema");
        let mut lines = Vec::new();
        for (table, column) in columns {
            let question =
                format!("select cast({column} as text) from {table} where {column} is not null");
            let values: Vec<String> = sqlx::query_scalar(AssertSqlSafe(question))
                .fetch_all(&mut connection)
                .await
                .expect("the column is there");
            lines.extend(
                values
                    .iter()
                    .map(|value| format!("{table}.{column}: {}", value.replace('\n', " "))),
            );
        }
        lines.join("\n")
    }
}
