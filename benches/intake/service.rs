//! The whole program: how large it is, how soon it is ready, how much memory it takes.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bridgewatch::clock::{monotonic, pause};
use bridgewatch_core::ports::Store as _;
use bridgewatch_store_sqlite::SqliteStore;

use super::load::{Load, TOKEN, run};
use super::{machine, storm};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bridgewatch");

/// The database, in a folder of its own.
const DATABASE: &str = "bench.db";

/// Long enough to be idle.
pub const IDLE: Duration = Duration::from_secs(5);

pub async fn measure(seconds: u64) -> anyhow::Result<()> {
    let bytes = std::fs::metadata(PROGRAM)?.len();
    println!(
        "\nThe program, with the local Discord and the demo in it: {:.1} MB.\n",
        bytes as f64 / 1e6
    );
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (_discord, said) = start(
        folder.path(),
        &[],
        &["local-discord", "--listen", "127.0.0.1:0"],
    )
    .await?;
    let word_after = |mark: &str| {
        let rest = said.split(mark).nth(1).unwrap_or_default();
        let end = rest.find([' ', ',', ')']).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let settings = [
        ("BRIDGEWATCH__DISCORD__API_URL", word_after("runs at ")),
        ("BRIDGEWATCH__DISCORD__TOKEN", word_after("token ")),
        ("BRIDGEWATCH__DISCORD__GUILD_ID", word_after("server ")),
        ("BRIDGEWATCH__DATABASE__URL", format!("sqlite:{DATABASE}")),
        ("BRIDGEWATCH__HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        ("BRIDGEWATCH__INTAKE__TOKEN", TOKEN.to_owned()),
        ("BRIDGEWATCH__LOG__FILTER", "error".to_owned()),
    ];
    for is_first in [true, false] {
        let began = monotonic();
        let (bot, said) = start(folder.path(), &settings, &["serve"]).await?;
        let address = said
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .context("the address the bot says")?
            .parse()?;
        wait_until_ready(address).await?;
        println!(
            "* {}: ready after {:.0} ms",
            if is_first {
                "first start, with a new database"
            } else {
                "next start"
            },
            began.elapsed().as_secs_f64() * 1_000.0
        );
        pause(IDLE).await;
        let process = bot.0.id();
        println!(
            "* memory, idle: {:.1} MiB",
            machine::resident_mib(process, "VmRSS")?
        );
        if is_first {
            under_load(process, address, &folder.path().join(DATABASE), seconds).await?;
        }
        drop(bot);
    }
    Ok(())
}

/// A storm, and as much as it can take after that.
async fn under_load(
    process: u32,
    address: SocketAddr,
    database: &Path,
    seconds: u64,
) -> anyhow::Result<()> {
    let storm = storm::load(address);
    let sent = run(&storm).await?;
    settle(database).await?;
    println!(
        "* {} groups at once: p99 {:.1} ms, longest answer {:.1} ms, {} refused, all correlated after {:.2} s",
        storm.groups,
        sent.p99_ms,
        sent.longest_ms,
        sent.refused,
        sent.seconds_since_begin()
    );
    let load = Load {
        first: storm.groups,
        requests: None,
        seconds: Some(seconds),
        ..storm
    };
    let sent = run(&load).await?;
    settle(database).await?;
    println!(
        "* then repeats over {} connections: {:.0} a second until all were correlated, p99 {:.1} ms, {} refused",
        load.connections,
        sent.accepted as f64 / sent.seconds_since_begin(),
        sent.p99_ms,
        sent.refused
    );
    println!(
        "* memory, at most until then: {:.1} MiB",
        machine::resident_mib(process, "VmHWM")?
    );
    pause(IDLE).await;
    println!(
        "* memory, {} s later: {:.1} MiB",
        IDLE.as_secs(),
        machine::resident_mib(process, "VmRSS")?
    );
    Ok(())
}

pub async fn wait_until_ready(address: SocketAddr) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    loop {
        let answer = client.get(format!("http://{address}/readyz")).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            return Ok(());
        }
        pause(Duration::from_millis(1)).await;
    }
}

/// Waits until a bot that runs beside this has worked off every receipt.
async fn settle(database: &Path) -> anyhow::Result<()> {
    let path = database.to_str().context("a plain path")?;
    let store = SqliteStore::open_for_reading(path).await?;
    while !store.pending_receipts(1).await?.is_empty() {
        pause(Duration::from_millis(5)).await;
    }
    store.close().await;
    Ok(())
}

/// A program that runs, and ends with this.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program in a folder; the first line it prints.
pub async fn start(
    folder: &Path,
    settings: &[(&str, String)],
    arguments: &[&str],
) -> anyhow::Result<(Running, String)> {
    let child = Command::new(PROGRAM)
        .args(arguments)
        .envs(settings.iter().map(|(key, value)| (key, value)))
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut running = Running(child);
    let output = running.0.stdout.take().context("what the program prints")?;
    let mut lines = BufReader::new(output).lines();
    let (line, lines) = tokio::task::spawn_blocking(move || (lines.next(), lines)).await?;
    let Some(line) = line.transpose()? else {
        bail!("`bridgewatch {}` ended at once", arguments.join(" "));
    };
    // Whatever else it prints must go somewhere, or it would end.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Ok((running, line))
}
