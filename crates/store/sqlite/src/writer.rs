//! The one task that writes.
//!
//! SQLite has one writer at a time and a commit costs a wait for the disk. So everybody who wants to write queues here,
//! and whatever waits is put into one transaction, each write under a savepoint of its own: a write that is refused leaves
//! its neighbours alone. Everybody is answered after the commit, also with a refusal, since what refused it may be a
//! neighbour that would be gone if the commit failed.
//!
//! Receipts come by the thousand in a storm, and what a statement costs is mostly the way to SQLite's thread and back. So
//! the receipts of a group share their statements, without savepoints: nothing about a receipt can be refused.
//!
//! A caller that goes away (a client that hangs up) takes only its place for the answer along: no transaction lives in a
//! future that somebody else can drop.

use std::fs::File;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError, RwLock};

use bridgewatch_core::ports::{KeptBody, Receipt};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::queries::{Failure, Write, intake};

/// How many writes share a transaction at most, so that the first of them does not wait for ever.
const GROUP: usize = 256;
/// How many writes can wait. Whoever comes then waits for a place.
const QUEUE: usize = 1_024;

type Queue = mpsc::Sender<Queued>;
type Answer<Made> = oneshot::Sender<Result<Made, Failure>>;

/// The way to the writing task.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: RwLock<Option<Queue>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the task on a pool with one connection. The task holds `lock`, which keeps other processes away, until
    /// nothing can be written any more.
    pub(crate) fn start(pool: SqlitePool, lock: File) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(pool, waiting, lock));
        Self {
            queue: RwLock::new(Some(queue)),
            task: Mutex::new(Some(task)),
        }
    }

    /// Writes something. Returns when it is on disk, or will never be.
    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Made, Failure> {
        self.queue(|answer| {
            Queued::Job(Box::new(Waiting {
                write,
                outcome: None,
                answer,
            }))
        })
        .await
    }

    /// Keeps a receipt. Returns when it is on disk, or will never be.
    pub(crate) async fn keep(&self, receipt: Receipt) -> Result<KeptBody, Failure> {
        self.queue(|answer| Queued::Receipt(receipt, answer)).await
    }

    async fn queue<Made>(
        &self,
        queued: impl FnOnce(Answer<Made>) -> Queued,
    ) -> Result<Made, Failure> {
        let queue = self
            .queue
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let closed = || Failure::Wrong("the store is closed".to_owned());
        let (answer, answered) = oneshot::channel();
        queue
            .ok_or_else(closed)?
            .send(queued(answer))
            .await
            .map_err(|_| closed())?;
        answered.await.unwrap_or_else(|_| {
            Err(Failure::Wrong(
                "the writer went away before it answered".to_owned(),
            ))
        })
    }

    /// Takes nothing any more.
    pub(crate) fn refuse(&self) {
        // Without a sender left the task finds the end of its queue.
        self.queue
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Waits until everything that was taken is written. Never returns unless [`Writer::refuse`] has been called.
    pub(crate) async fn finish(&self) {
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writer did not stop well");
        }
    }
}

async fn run(pool: SqlitePool, mut waiting: mpsc::Receiver<Queued>, lock: File) {
    let mut queued = Vec::with_capacity(GROUP);
    while waiting.recv_many(&mut queued, GROUP).await > 0 {
        let group = Group::of(queued.drain(..));
        // In a task of its own, so that a panic ends this group and not all writing.
        if let Err(error) = tokio::spawn(write_group(pool.clone(), group)).await {
            tracing::error!(%error, "a group of writes was given up");
        }
    }
    // Somebody else may still have the file open, and then closing does not tidy up the write-ahead log, in which words
    // that were redacted would go on lying.
    let tidied = sqlx::query("pragma wal_checkpoint(truncate)").execute(&pool);
    if let Err(error) = tidied.await {
        tracing::warn!(%error, "the write-ahead log is not tidied up");
    }
    pool.close().await;
    drop(lock);
}

/// What waits for the writer.
enum Queued {
    Receipt(Receipt, Answer<KeptBody>),
    Job(Box<dyn Job>),
}

/// What shares a transaction.
#[derive(Default)]
struct Group {
    receipts: Vec<Receipt>,
    /// Those who wait for the receipts.
    answers: Vec<Answer<KeptBody>>,
    /// What was known of the receipts' bodies, once they are kept.
    known: Vec<KeptBody>,
    /// Everything else, performed after the receipts: nobody knows of a receipt before it is on disk.
    jobs: Vec<Box<dyn Job>>,
}

impl Group {
    fn of(queued: impl Iterator<Item = Queued>) -> Self {
        let mut group = Self::default();
        for one in queued {
            match one {
                Queued::Receipt(receipt, answer) => {
                    group.receipts.push(receipt);
                    group.answers.push(answer);
                }
                Queued::Job(job) => group.jobs.push(job),
            }
        }
        group
    }
}

async fn write_group(pool: SqlitePool, mut group: Group) {
    let outcome = write_and_commit(&pool, &mut group).await;
    let trouble = outcome.as_ref().err().map(ToString::to_string);
    if let Some(error) = &trouble {
        // Whoever waits for an answer gets the error, and logs it.
        tracing::debug!(
            error,
            receipts = group.receipts.len(),
            writes = group.jobs.len(),
            "nothing of a group of writes could be stored"
        );
    }
    // Without trouble, something is known of each receipt.
    let mut known = group.known.into_iter();
    for answer in group.answers {
        let outcome = match (&trouble, known.next()) {
            (None, Some(known)) => Ok(known),
            (Some(trouble), _) => Err(Failure::Wrong(trouble.clone())),
            (None, None) => Err(Failure::Wrong("the receipt was not kept".to_owned())),
        };
        // Nobody may be waiting any more; that changes nothing about what is stored.
        answer.send(outcome).ok();
    }
    for job in group.jobs {
        job.answer(trouble.as_deref());
    }
}

async fn write_and_commit(pool: &SqlitePool, group: &mut Group) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let outcome = perform(&mut connection, group).await;
    if outcome.is_err() {
        // What state it is in cannot be trusted; a new one can.
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "a connection that had failed did not close well");
        }
    }
    outcome
}

async fn perform(connection: &mut SqliteConnection, group: &mut Group) -> Result<(), sqlx::Error> {
    // IMMEDIATE: a transaction that begins by reading cannot become a writing one once somebody else has written.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    group.known = intake::keep(&mut transaction, &group.receipts)
        .await
        .map_err(|failure| match failure {
            Failure::Database(error) => error,
            refusal => sqlx::Error::Protocol(format!("a receipt was refused: {refusal:?}")),
        })?;
    for job in &mut group.jobs {
        let mut savepoint = transaction.begin().await?;
        match job.perform(&mut savepoint).await {
            Step::Performed => savepoint.commit().await?,
            Step::Refused => savepoint.rollback().await?,
            Step::Broken(error) => return Err(error),
        }
    }
    transaction.commit().await
}

/// What became of one write within its group.
enum Step {
    Performed,
    Refused,
    Broken(sqlx::Error),
}

/// A write with somebody who waits for it.
trait Job: Send {
    fn perform<'job>(
        &'job mut self,
        connection: &'job mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = Step> + Send + 'job>>;

    /// Answers, now that it is known whether the group was committed.
    fn answer(self: Box<Self>, trouble: Option<&str>);
}

struct Waiting<W: Write> {
    write: W,
    outcome: Option<Result<W::Made, Failure>>,
    answer: oneshot::Sender<Result<W::Made, Failure>>,
}

impl<W: Write> Job for Waiting<W> {
    fn perform<'job>(
        &'job mut self,
        connection: &'job mut SqliteConnection,
    ) -> Pin<Box<dyn Future<Output = Step> + Send + 'job>> {
        Box::pin(async move {
            match self.write.perform(connection).await {
                Ok(made) => {
                    self.outcome = Some(Ok(made));
                    Step::Performed
                }
                Err(Failure::Database(error)) => Step::Broken(error),
                Err(refusal) => {
                    self.outcome = Some(Err(refusal));
                    Step::Refused
                }
            }
        })
    }

    fn answer(self: Box<Self>, trouble: Option<&str>) {
        let outcome = match (trouble, self.outcome) {
            (Some(trouble), _) => Err(Failure::Wrong(trouble.to_owned())),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Failure::Wrong("the write was not performed".to_owned())),
        };
        // Nobody may be waiting any more; that changes nothing about what is stored.
        self.answer.send(outcome).ok();
    }
}

#[cfg(test)]
mod tests;
