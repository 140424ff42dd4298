//! The whole program: how large it is, how soon it is ready, how much memory it takes.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bridgewatch::clock::{Clock, monotonic, pause};
use chrono::TimeDelta;

use super::bodies::Kind;
use super::load::{Load, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bridgewatch");

/// Long enough to be idle.
const IDLE: Duration = Duration::from_secs(5);

pub async fn measure(seconds: u64) -> anyhow::Result<()> {
    let bytes = std::fs::metadata(PROGRAM)?.len();
    println!(
        "program: {:.1} MB, with the local Discord and the demo in it",
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
        ("BRIDGEWATCH__HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        ("BRIDGEWATCH__LOG__FILTER", "error".to_owned()),
    ];
    for start_number in ["first start, with a new database", "next start"] {
        let began = monotonic();
        let (bot, said) = start(folder.path(), &settings, &["serve"]).await?;
        let address = said
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .context("the address the bot says")?
            .parse()?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        loop {
            let answer = client.get(format!("http://{address}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            pause(Duration::from_millis(1)).await;
        }
        println!(
            "{start_number}: ready after {:.0} ms",
            began.elapsed().as_secs_f64() * 1_000.0
        );
        pause(IDLE).await;
        let process = bot.0.id();
        println!("memory, idle: {:.1} MiB", resident_mib(process, "VmRSS")?);
        let load = Load {
            address,
            kind: Kind::Repeats,
            connections: 256,
            begin: Clock::real().now() - TimeDelta::days(1),
            first: 0,
            requests: None,
            seconds: Some(seconds),
        };
        let sent = run(&load).await?;
        println!(
            "memory, at most, while {} webhooks came over 256 connections: {:.1} MiB",
            sent.accepted,
            resident_mib(process, "VmHWM")?
        );
        pause(IDLE).await;
        println!(
            "memory, {} s later: {:.1} MiB",
            IDLE.as_secs(),
            resident_mib(process, "VmRSS")?
        );
        drop(bot);
    }
    Ok(())
}

/// A program that runs, and ends with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program in a folder; the first line it prints.
async fn start(
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

fn resident_mib(process: u32, what: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(what)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next())
        .context("the memory of a process")?
        .parse()?;
    Ok(kib / 1024.0)
}
