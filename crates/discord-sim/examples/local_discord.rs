//! Runs a local Discord until Ctrl-C: `cargo run -p discord-sim --example local_discord [port]`.
//!
//! The environment may set `DISCORD_TOKEN` (what the bot must present), `REQUEST_LOG` (a file for JSON lines) and `RATE_LIMITS=off`.

use std::env;

use discord_sim::{LocalDiscord, RateLimits, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut settings = Settings::default();
    if let Some(port) = env::args().nth(1) {
        settings.listen.set_port(port.parse()?);
    }
    if let Ok(token) = env::var("DISCORD_TOKEN") {
        settings.token = token;
    }
    if env::var("RATE_LIMITS").is_ok_and(|told| told == "off") {
        settings.rate_limits = RateLimits::Off;
    }
    settings.request_log = env::var_os("REQUEST_LOG").map(Into::into);
    let discord = LocalDiscord::start(settings).await?;
    println!(
        "{}  (REST below /api/v10; open it in a browser to look in)",
        discord.url()
    );
    tokio::signal::ctrl_c().await?;
    discord.stop().await;
    Ok(())
}
