//! The contract of a store, on PostgreSQL: run with `BRIDGEWATCH_TEST_POSTGRES=postgres://…` naming a database in which
//! schemas may be made, one for each test; they stay. `scripts/sql.sh --test` starts one for this.

#[path = "../../contract/mod.rs"]
mod contract;

use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use bridgewatch_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const ADDRESS: &str = "BRIDGEWATCH_TEST_POSTGRES";

fn say_once_that_nothing_was_tested() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        // Not `println!`: what a test prints is shown only when it fails.
        let line = format!(
            "SKIPPED: nothing of this was tested on PostgreSQL, since {ADDRESS} is not set\n"
        );
        std::io::stderr().write_all(line.as_bytes()).ok();
    });
}

/// A fresh schema for one test.
struct Home {
    address: String,
    schema: String,
}

impl Home {
    async fn new() -> Option<Self> {
        static SCHEMAS: AtomicU32 = AtomicU32::new(1);
        let Ok(address) = std::env::var(ADDRESS) else {
            say_once_that_nothing_was_tested();
            return None;
        };
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
}
