//! The database, in the hands of whoever gets in the bot's way.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::World;

/// A connection of its own to the bot's database.
pub struct Database {
    connection: SqliteConnection,
}

impl World {
    /// Opens the bot's database beside it.
    pub async fn database(&self) -> Database {
        let file = self.folder().join("bridgewatch.db");
        let connection = SqliteConnectOptions::new().filename(file).connect().await;
        Database {
            connection: connection.expect("the bot has made its database"),
        }
    }
}

impl Database {
    /// Runs a statement.
    pub async fn runs(&mut self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&mut self.connection)
            .await
            .unwrap_or_else(|error| panic!("`{statement}` does not run: {error}"));
    }

    /// How many bodies of senders are on disk.
    pub async fn receipts(&mut self) -> i64 {
        sqlx::query_scalar("select count(*) from intake_receipt")
            .fetch_one(&mut self.connection)
            .await
            .expect("receipts can be counted")
    }

    /// How many webhooks wait to be worked off.
    pub async fn pending(&mut self) -> i64 {
        sqlx::query_scalar("select count(*) from intake_receipt where state = 'pending'")
            .fetch_one(&mut self.connection)
            .await
            .expect("the receipts can be counted")
    }

    pub async fn close(self) {
        self.connection
            .close()
            .await
            .expect("the connection closes");
    }
}
