//! When the disk is full: nothing is acknowledged that is not there, and writing goes on once there is space.

use std::fs::File;

use bridgewatch_core::ports::Receipt;
use chrono::DateTime;
use sqlx::SqlitePool;

use super::Writer;
use crate::connection;
use crate::queries::Failure;

/// Pages that the database may grow by before it counts as full.
const SPARE_PAGES: i64 = 16;

struct Disk {
    writers: SqlitePool,
    readers: SqlitePool,
    writer: Writer,
    _folder: tempfile::TempDir,
}

impl Disk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        File::create(&path).expect("a new file");
        let writers = connection::writers(&path).await.expect("a new database");
        crate::migrate(&writers, &path)
            .await
            .expect("an empty database");
        let readers = connection::readers(&path)
            .await
            .expect("a second connection");
        let lock = File::create(folder.path().join("lock")).expect("a new file");
        let writer = Writer::start(writers.clone(), lock);
        Self {
            writers,
            readers,
            writer,
            _folder: folder,
        }
    }

    /// Lets the database grow only a little, as long as the writing connection is the one it is now.
    async fn fill(&self) {
        let mut connection = self
            .writers
            .acquire()
            .await
            .expect("the writing connection");
        let pages: i64 = sqlx::query_scalar("pragma page_count")
            .fetch_one(&mut *connection)
            .await
            .expect("a number");
        let limit = format!("pragma max_page_count = {}", pages + SPARE_PAGES);
        sqlx::query(sqlx::AssertSqlSafe(limit))
            .execute(&mut *connection)
            .await
            .expect("a limit");
    }

    async fn keep(&self, id: &str, bytes: usize) -> Result<(), Failure> {
        let receipt = Receipt {
            id: id.to_owned(),
            source: "alertmanager".to_owned(),
            received_at: DateTime::UNIX_EPOCH,
            body: vec![b'x'; bytes],
            body_hash: id.to_owned(),
            problem: None,
        };
        self.writer.keep(receipt).await.map(drop)
    }

    /// What another connection sees, in order.
    async fn seen(&self) -> Vec<String> {
        sqlx::query_scalar("select id from intake_receipt order by id")
            .fetch_all(&self.readers)
            .await
            .expect("a read")
    }
}

#[track_caller]
fn assert_full(outcome: &Result<(), Failure>) {
    let Err(Failure::Wrong(why)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(why.contains("full"), "{why}");
}

#[tokio::test]
async fn what_is_acknowledged_after_a_full_disk_is_there_for_everybody() {
    let disk = Disk::new().await;
    disk.keep("1-before", 10).await.expect("there is space");
    for round in 0..3 {
        disk.fill().await;
        assert_full(&disk.keep(&format!("too-large-{round}"), 1_000_000).await);
        disk.keep(&format!("2-after-{round}"), 10)
            .await
            .expect("there is space for this one");
    }
    assert_eq!(
        disk.seen().await,
        ["1-before", "2-after-0", "2-after-1", "2-after-2"]
    );
}

#[tokio::test]
async fn whoever_shares_a_transaction_with_what_does_not_fit_is_told() {
    let disk = Disk::new().await;
    disk.fill().await;
    // Both are in the queue before the writer looks at it.
    let (small, large) =
        tokio::join!(biased; disk.keep("small", 10), disk.keep("large", 1_000_000));
    assert_full(&small);
    assert_full(&large);
    assert_eq!(disk.seen().await, [""; 0]);
    disk.keep("small", 10).await.expect("and can try again");
    assert_eq!(disk.seen().await, ["small"]);
}
