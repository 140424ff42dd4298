//! The contract of a store, on PostgreSQL: run with `BRIDGEWATCH_TEST_POSTGRES=postgres://…` naming a database in which
//! schemas may be made, one for each test; they stay. `scripts/sql.sh --test` starts one for this. Without the variable
//! the tests fail, so that nobody takes them for passed; `BRIDGEWATCH_TEST_POSTGRES=skip` leaves them out knowingly.

#[path = "../../contract/mod.rs"]
mod contract;

use std::sync::atomic::{AtomicU32, Ordering};

use bridgewatch_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const ADDRESS: &str = "BRIDGEWATCH_TEST_POSTGRES";

/// The server to test on, unless somebody chose to do without.
fn server() -> Option<String> {
    match std::env::var(ADDRESS) {
        Ok(choice) if choice == "skip" => None,
        Ok(address) => Some(address),
        Err(_) => panic!(
            "nothing is tested on PostgreSQL: run scripts/sql.sh --test, which starts a server; or name a database of \
             yours in {ADDRESS}; or set {ADDRESS}=skip"
        ),
    }
}

/// A fresh schema for one test.
struct Home {
    address: String,
    schema: String,
}

impl Home {
    async fn new() -> Option<Self> {
        static SCHEMAS: AtomicU32 = AtomicU32::new(1);
        let address = server()?;
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let schema = format!("contract_{}_{number}", std::process::id());
        let home = Self { address, schema };
        home.ask("create schema").await;
        Some(home)
    }

    async fn open(&self) -> PostgresStore {
        let joint = if self.address.contains('?') { '&' } else { '?' };
        let address = format!(
            "{}{joint}options[search_path]={}",
            self.address, self.schema
        );
        PostgresStore::open(&address)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    async fn ask(&self, what: &str) {
        let mut connection = PgConnection::connect(&self.address)
            .await
            .expect("the database of the tests");
        let question = AssertSqlSafe(format!("{what} {}", self.schema));
        connection
            .execute(question)
            .await
            .expect("schemas may be made");
    }

    /// Goes at the database behind the store's back.
    async fn tamper(&self, statements: &'static str) {
        let mut connection = PgConnection::connect(&self.address)
            .await
            .expect("the database of the tests");
        let statements = format!("set search_path to {}; {statements}", self.schema);
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(statements)))
            .await
            .expect("the statements are right");
    }

    /// Every value of every table, a line each.
    async fn everything(&self) -> String {
        let mut connection = PgConnection::connect(&self.address)
            .await
            .expect("the database of the tests");
        let columns: Vec<(String, String, String)> = sqlx::query_as(
            "select table_name::text, column_name::text, data_type::text from information_schema.columns
             where table_schema = $1 and table_name <> '_sqlx_migrations'",
        )
        .bind(&self.schema)
        .fetch_all(&mut connection)
        .await
        .expect("the schema");
        let mut lines = Vec::new();
        for (table, column, kind) in columns {
            let shown = match kind.as_str() {
                "bytea" => format!("encode({column}, 'escape')"),
                _ => format!("{column}::text"),
            };
            let question = format!(
                "select {shown} from {}.{table} where {column} is not null",
                self.schema
            );
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
