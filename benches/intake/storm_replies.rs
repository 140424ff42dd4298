//! How soon people are answered while a storm comes in.
//!
//! The bot, the sender of the storm, and the people with the local Discord are three processes. From the first webhook of
//! the storm to the moment when the last one is worked off, somebody presses a button and types commands, one after the
//! other; as in the replies, the wire and the local Discord's own work are in the time.

use anyhow::Context as _;
use bridgewatch::clock::monotonic;
use bridgewatch_core::ports::Store as _;
use bridgewatch_store_sqlite::SqliteStore;
use discord_sim::{LocalDiscord, RateLimits, Settings};

use super::load::{Load, TOKEN, run};
use super::replies::{DATABASE, begun, click, row, running, settings_for, slash};
use super::storm;

/// What is pressed and typed in turn; what is typed last also writes.
const TYPED: [&str; 2] = ["/inc show", "/inc log text:5xx at 9 %"];

pub async fn measure(groups: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let discord = LocalDiscord::start(Settings {
        rate_limits: RateLimits::Off,
        ..Settings::default()
    })
    .await?;
    let mut settings = settings_for(&discord);
    settings.push(("BRIDGEWATCH__INTAKE__TOKEN", TOKEN.to_owned()));
    let sam = discord.person("sam").context("Sam is in the server")?;
    let (bot, address) = running(folder.path(), &settings, &discord).await?;
    let (channel, board) = begun(&discord, &sam).await?;
    let database = folder.path().join(DATABASE);
    let database = database.to_str().context("a plain path")?;
    let store = SqliteStore::open_for_reading(database).await?;

    let load = Load {
        groups,
        requests: Some(groups),
        ..storm::load(address)
    };
    let began = monotonic();
    let storm = tokio::spawn(async move { run(&load).await });
    let (mut pressed, mut typed) = (Vec::new(), TYPED.map(|line| (line, Vec::new())));
    let worked_off = loop {
        let at = monotonic();
        click(&sam, board, "More…").await?;
        pressed.push(at.elapsed().as_secs_f64() * 1_000.0);
        for (line, took) in &mut typed {
            let at = monotonic();
            slash(&sam, channel, line).await?;
            took.push(at.elapsed().as_secs_f64() * 1_000.0);
        }
        if storm.is_finished() && store.pending_receipts(1).await?.is_empty() {
            break began.elapsed();
        }
    };
    let sent = storm.await??;
    store.close().await;

    println!(
        "\n{groups} new alert groups at once, over {} connections, all answered in {:.2} s and worked off in {:.2} s; \
         meanwhile each thing was asked {} times\n\n\
         | asked | p50 ms | p99 ms | longest, ms |\n|---|---|---|---|",
        storm::CONNECTIONS,
        sent.seconds,
        worked_off.as_secs_f64(),
        pressed.len()
    );
    row("button *More…*", pressed);
    for (line, took) in typed {
        row(&format!("`{line}`"), took);
    }
    println!("\nwebhooks refused: {}", sent.refused);
    drop(bot);
    discord.stop().await;
    Ok(())
}
