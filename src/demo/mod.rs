//! One incident, live, on a machine that has nothing: a local Discord in the browser, the bot's own code on both sides of
//! the wire, SQLite on disk, and a clock that runs faster and says so.

mod night;
mod stage;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use discord_sim::{LocalDiscord, Settings};

use crate::cli::told_to_stop;
use crate::output::outln;
use stage::Stage;

/// Opens the stage and waits until it is told to stop.
///
/// # Errors
/// What cannot be started.
pub async fn live(listen: SocketAddr, speed: f64) -> anyhow::Result<()> {
    let stage = Stage::open(Some(listen), speed).await?;
    outln!("Open {} in your browser.", stage.discord.url());
    outln!(
        "It is a local Discord, and it is 03:02 at night. Press \"Fire the 3 AM alerts\" at the top, then be Sam."
    );
    outln!("Ctrl-C ends it.");
    told_to_stop().await?;
    stage.close().await;
    Ok(())
}

/// Plays the night by itself, prints the transcript and the postmortem.
///
/// # Errors
/// Where the night went otherwise than it should.
pub async fn once() -> anyhow::Result<()> {
    let stage = Stage::open(None, 1.0).await?;
    let played = night::play(&stage).await;
    if played.is_err() {
        eprintln!("{}", night::transcript(&stage));
    }
    stage.close().await;
    let report = played?;
    outln!("{report}");
    Ok(())
}

/// Runs the local Discord alone until told to stop.
///
/// # Errors
/// When it cannot listen there, or the request log cannot be written.
pub async fn local_discord(listen: SocketAddr, request_log: Option<PathBuf>) -> anyhow::Result<()> {
    let discord = LocalDiscord::start(Settings {
        listen,
        request_log,
        ..Settings::default()
    })
    .await
    .with_context(|| format!("a local Discord cannot listen on {listen}"))?;
    outln!(
        "A local Discord runs at {} (token {}, server {}).",
        discord.url(),
        discord.token(),
        discord.guild_id()
    );
    told_to_stop().await?;
    discord.stop().await;
    Ok(())
}
