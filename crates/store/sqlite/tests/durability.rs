//! What was acknowledged is there: after a kill, after a full disk, whoever hangs up.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use bridgewatch_core::ports::{Receipt, Store};
use bridgewatch_store_sqlite::{OpenError, SqliteStore};
use chrono::DateTime;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// Set for the process that is to be killed: the database it writes to.
const VICTIM: &str = "BRIDGEWATCH_TEST_VICTIM";

fn receipt(id: &str, bytes: usize) -> Receipt {
    Receipt {
        id: id.to_owned(),
        source: "alertmanager".to_owned(),
        received_at: DateTime::UNIX_EPOCH,
        body: vec![b'x'; bytes],
        body_hash: format!("hash of {id}"),
        problem: None,
    }
}

async fn open(path: &Path) -> SqliteStore {
    let path = path.to_str().expect("temporary folders have plain names");
    SqliteStore::open(path)
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn kept(store: &SqliteStore) -> BTreeSet<String> {
    let receipts = store.receipts(None, i64::MAX).await.expect("a read");
    receipts.into_iter().map(|receipt| receipt.id).collect()
}

fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("bridgewatch.db");
    (folder, path)
}

/// Not a test by itself: the process that [`what_was_acknowledged_survives_a_kill`] kills.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn victim_of_a_kill() {
    let Ok(path) = std::env::var(VICTIM) else {
        return;
    };
    let store = Arc::new(open(Path::new(&path)).await);
    let process = std::process::id();
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            for number in 0.. {
                let id = format!("{process}-{writer}-{number}");
                store.keep_receipt(receipt(&id, 600)).await.expect("kept");
                println!("acknowledged {id}");
            }
        });
    }
    writers.join_all().await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let (_folder, path) = place();
    let mut acknowledged = BTreeSet::new();
    for kill_after in [1, 40, 150] {
        let mut victim = Command::new(std::env::current_exe().expect("this test"))
            .args([
                "--exact",
                "victim_of_a_kill",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test starts again");
        let output = victim.stdout.take().expect("its output is piped");
        let mut killed = false;
        let mut count = 0;
        // What it said before it died counts, also what it said after we decided to kill it.
        for line in BufReader::new(output).lines() {
            let line = line.expect("text");
            // A line that was cut by the kill is not an acknowledgement.
            let Some((_, id)) = line.split_once("acknowledged ") else {
                continue;
            };
            acknowledged.insert(id.to_owned());
            count += 1;
            if count >= kill_after && !killed {
                victim.kill().expect("it runs");
                killed = true;
            }
        }
        assert!(killed, "it ended by itself after {count} acknowledgements");
        victim.wait().expect("it has ended");

        let store = open(&path).await;
        let kept = kept(&store).await;
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_has_closed() {
    let (_folder, path) = place();
    let name = path.to_str().expect("a plain name");
    let first = open(&path).await;
    let refused = SqliteStore::open(name).await;
    assert!(
        matches!(refused, Err(OpenError::InUse { .. })),
        "{refused:?}"
    );
    assert!(
        refused
            .expect_err("refused")
            .to_string()
            .starts_with("another process is using")
    );
    first.close().await;
    let again = first.keep_receipt(receipt("late", 1)).await;
    assert!(again.expect_err("closed").to_string().contains("closed"));
    SqliteStore::open(name).await.expect("the first has let go");
}

#[tokio::test]
async fn nobody_else_can_read_the_files() {
    let (folder, _) = place();
    let path = folder.path().join("var/lib/bridgewatch.db");
    let store = open(&path).await;
    store.keep_receipt(receipt("r1", 10)).await.expect("kept");
    let mode = |path: &Path| {
        std::fs::metadata(path)
            .expect("it exists")
            .permissions()
            .mode()
            & 0o777
    };
    let folder = path.parent().expect("it has one");
    assert_eq!(mode(folder), 0o700);
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .map(|path| {
            (
                path.extension()
                    .expect("an ending")
                    .to_string_lossy()
                    .into_owned(),
                mode(&path),
            )
        })
        .collect();
    let private = ["db", "db-shm", "db-wal", "lock"].map(|ending| (ending.to_owned(), 0o600));
    assert_eq!(files, BTreeSet::from(private));
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    let (_folder, path) = place();
    open(&path).await.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options)
        .await
        .expect("the database");
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'from the future', true, x'00', 0)",
    )
    .execute(&pool)
    .await
    .expect("a migration of the future");
    pool.close().await;
    let refused = SqliteStore::open(path.to_str().expect("a plain name")).await;
    assert!(
        matches!(refused, Err(OpenError::TooNew { version: 9999, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn callers_that_hang_up_leave_the_writer_healthy() {
    let (_folder, path) = place();
    let store = Arc::new(open(&path).await);
    let mut stay = JoinSet::new();
    let mut leave = Vec::new();
    for number in 0..200 {
        let store = Arc::clone(&store);
        let write = async move {
            let id = format!(
                "{}-{number}",
                if number % 2 == 0 { "stay" } else { "leave" }
            );
            store.keep_receipt(receipt(&id, 600)).await
        };
        if number % 2 == 0 {
            stay.spawn(write);
        } else {
            leave.push(tokio::spawn(write));
        }
    }
    for (number, caller) in leave.into_iter().enumerate() {
        // Some go before they have said anything, some while they wait for the answer.
        if number % 3 == 0 {
            tokio::task::yield_now().await;
        }
        caller.abort();
    }
    for outcome in stay.join_all().await {
        outcome.expect("whoever stays is answered");
    }
    let kept = kept(&store).await;
    assert_eq!(kept.iter().filter(|id| id.starts_with("stay")).count(), 100);
    store.check().await.expect("the writer is well");
}

#[tokio::test]
async fn closing_writes_what_waits() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let keep = async |id: &str| store.keep_receipt(receipt(id, 10)).await;
    // Polled in this order: two wait in the queue when the store is told to close, one comes afterwards.
    let (first, second, (), late) =
        tokio::join!(biased; keep("first"), keep("second"), store.close(), keep("late"));
    first.expect("it waited before the store was closed");
    second.expect("it waited before the store was closed");
    assert!(
        late.expect_err("it came too late")
            .to_string()
            .contains("closed")
    );
    let store = open(&path).await;
    assert_eq!(
        kept(&store).await,
        BTreeSet::from(["first", "second"].map(str::to_owned))
    );
}

/// What fills the small disk before the database does.
const BALLAST_BYTES: usize = 1_500_000;

/// Set to `skip` by whoever knowingly does without.
const FULL_DISK: &str = "BRIDGEWATCH_TEST_FULL_DISK";

/// A file system of three megabytes. Only root may make one.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// None when somebody chose to do without.
    fn mount() -> Option<Self> {
        if std::env::var_os(FULL_DISK).is_some_and(|choice| choice == "skip") {
            return None;
        }
        let folder = TempDir::new().expect("a temporary folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
            .arg(folder.path())
            .output();
        assert!(
            mounted.as_ref().is_ok_and(|output| output.status.success()),
            "a full disk is not tested, since a small one cannot be mounted: run this as root, or set {FULL_DISK}=skip \
             ({mounted:?})"
        );
        Some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .status()
            .ok();
    }
}

#[tokio::test]
async fn a_full_disk_costs_nothing_that_was_acknowledged_and_no_restart() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let path = disk.0.path().join("bridgewatch.db");
    let store = open(&path).await;
    let ballast = disk.0.path().join("ballast");
    let mut acknowledged = BTreeSet::new();
    std::fs::write(&ballast, vec![0; BALLAST_BYTES]).expect("there is space for the ballast");
    for round in 1..=3 {
        let mut refused = 0;
        for number in 0..4_000 {
            let id = format!("{round}-{number}");
            match store.keep_receipt(receipt(&id, 2_000)).await {
                Ok(_) => drop(acknowledged.insert(id)),
                Err(_) => refused += 1,
            }
            if refused >= 10 {
                break;
            }
        }
        assert_eq!(refused, 10, "the disk is full");

        let less = BALLAST_BYTES - round * BALLAST_BYTES / 3;
        let file = File::options()
            .write(true)
            .open(&ballast)
            .expect("the ballast");
        file.set_len(u64::try_from(less).expect("a small number"))
            .expect("space is freed");
        store.check().await.expect("it works again");
        let id = format!("{round}-after");
        store
            .keep_receipt(receipt(&id, 10))
            .await
            .expect("it works again");
        acknowledged.insert(id);
        assert_eq!(kept(&store).await, acknowledged);
    }
    store.close().await;
    let store = open(&path).await;
    assert_eq!(
        kept(&store).await,
        acknowledged,
        "and is there after a restart"
    );
    store.close().await;
}
