//! The sender: a process of its own with one thread, so that what it costs is not taken for the server's.
//!
//! It speaks just enough HTTP/1.1: a request that was written beforehand, and an answer with a length.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bridgewatch::clock::{Clock, monotonic};
use chrono::{DateTime, Utc};
use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::bodies::{Bodies, Kind};
use super::machine;

/// What the sender shows at the door.
pub const TOKEN: &str = "a-token-of-thirty-two-characters";

/// What to send where.
#[derive(Args, Clone, Debug)]
pub struct Load {
    /// Where the intake listens.
    pub address: SocketAddr,
    /// What the bodies say.
    #[arg(long)]
    pub kind: Kind,
    /// How many alert groups take turns.
    #[arg(long)]
    pub groups: u64,
    /// How many connections are open at once.
    #[arg(long)]
    pub connections: usize,
    /// When the alerts began to fire.
    #[arg(long)]
    pub begin: DateTime<Utc>,
    /// The number of the first request.
    #[arg(long, default_value_t = 0)]
    pub first: u64,
    /// End after so many requests.
    #[arg(long)]
    pub requests: Option<u64>,
    /// End after so long.
    #[arg(long)]
    pub seconds: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Sent {
    /// Answered 202.
    pub accepted: u64,
    /// Answered otherwise.
    pub refused: u64,
    /// When the first request was sent.
    pub began: DateTime<Utc>,
    /// From the first request to the last answer.
    pub seconds: f64,
    /// How long an answer took, in milliseconds.
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub longest_ms: f64,
    /// Processor time of the sender.
    pub processor_seconds: f64,
}

impl Sent {
    /// Seconds from the first request until now.
    pub fn seconds_since_begin(&self) -> f64 {
        let since = Clock::real().now() - self.began;
        since.as_seconds_f64()
    }
}

/// Sends in a process of its own.
pub async fn run(load: &Load) -> anyhow::Result<Sent> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("load")
        .arg(load.address.to_string())
        .args(["--kind", &format!("{:?}", load.kind).to_lowercase()])
        .args(["--groups", &load.groups.to_string()])
        .args(["--connections", &load.connections.to_string()])
        .args(["--begin", &load.begin.to_rfc3339()])
        .args(["--first", &load.first.to_string()]);
    if let Some(requests) = load.requests {
        command.args(["--requests", &requests.to_string()]);
    }
    if let Some(seconds) = load.seconds {
        command.args(["--seconds", &seconds.to_string()]);
    }
    command.stderr(Stdio::inherit());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    if !output.status.success() {
        bail!("the sender ended with {}", output.status);
    }
    serde_json::from_slice(&output.stdout).context("the sender's report")
}

/// The sender's whole life.
pub fn send(load: &Load) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let sent = runtime.block_on(send_all(load))?;
    println!("{}", serde_json::to_string(&sent)?);
    Ok(())
}

/// What all connections share.
struct Plan {
    bodies: Bodies,
    next: AtomicU64,
    end: u64,
    until: Option<Instant>,
    host: SocketAddr,
}

async fn send_all(load: &Load) -> anyhow::Result<Sent> {
    let mut streams = Vec::new();
    for _ in 0..load.connections {
        let stream = TcpStream::connect(load.address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let bodies = Bodies::new(load.kind, load.groups, load.begin)?;
    let processor_before = machine::processor_seconds(std::process::id())?;
    let (began, began_at) = (monotonic(), Clock::real().now());
    let plan = Arc::new(Plan {
        bodies,
        next: AtomicU64::new(load.first),
        end: load
            .requests
            .map_or(u64::MAX, |requests| load.first + requests),
        until: load
            .seconds
            .map(|seconds| began + Duration::from_secs(seconds)),
        host: load.address,
    });
    let running: Vec<_> = streams
        .into_iter()
        .map(|stream| tokio::spawn(talk(stream, Arc::clone(&plan))))
        .collect();
    let (mut refused, mut waits) = (0, Vec::new());
    for one in running {
        let (refusals, more) = one.await??;
        refused += refusals;
        waits.extend(more);
    }
    let seconds = began.elapsed().as_secs_f64();
    let accepted = waits.len() as u64;
    waits.sort_unstable();
    let percentile = |percent: usize| {
        let wait = waits.get(waits.len().saturating_sub(1) * percent / 100);
        wait.map_or(f64::NAN, |wait| wait.as_secs_f64() * 1_000.0)
    };
    Ok(Sent {
        accepted,
        refused,
        began: began_at,
        seconds,
        p50_ms: percentile(50),
        p99_ms: percentile(99),
        longest_ms: percentile(100),
        processor_seconds: machine::processor_seconds(std::process::id())? - processor_before,
    })
}

/// One connection: request, answer, request; how many were refused, and how long the others took.
async fn talk(mut stream: TcpStream, plan: Arc<Plan>) -> anyhow::Result<(u64, Vec<Duration>)> {
    let (mut refused, mut waits) = (0, Vec::new());
    let (mut body, mut request, mut answer) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let number = plan.next.fetch_add(1, Ordering::Relaxed);
        if number >= plan.end || plan.until.is_some_and(|until| monotonic() >= until) {
            return Ok((refused, waits));
        }
        body.clear();
        plan.bodies.write(number, &mut body);
        request.clear();
        let head = format!(
            "POST /hooks/alertmanager HTTP/1.1\r\nHost: {}\r\nUser-Agent: Alertmanager/0.28.1\r\n\
             Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            plan.host,
            body.len()
        );
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(&body);
        let began = monotonic();
        stream.write_all(&request).await?;
        if read_answer(&mut stream, &mut answer).await? == 202 {
            waits.push(began.elapsed());
        } else {
            refused += 1;
        }
    }
}

/// Reads one answer to its end; its status.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> anyhow::Result<u16> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            bail!("the server closed a connection");
        }
        let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&answer[..end])?;
        let status = head.get(9..12).context("a status line")?.parse()?;
        let length: usize = head
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim())
            })
            .context("an answer with a length")?
            .parse()?;
        while answer.len() < end + 4 + length {
            if stream.read_buf(answer).await? == 0 {
                bail!("the server closed a connection within an answer");
            }
        }
        return Ok(status);
    }
}
