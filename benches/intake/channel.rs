//! From an alert to a channel with its board: the bot's own time, and what a slow Discord adds.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bridgewatch::app::App;
use bridgewatch::clock::{Clock, monotonic, pause};
use bridgewatch::config::Config;
use bridgewatch::discord::gateway::SessionState;
use bridgewatch::telemetry;
use discord_sim::{LocalDiscord, RateLimits, Settings};
use serde_json::json;

use super::spread;

const INCIDENTS: usize = 8;

/// An incident is waited for this long at most.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn measure() -> anyhow::Result<()> {
    println!("\nfrom the webhook to a channel with its board, {INCIDENTS} incidents\n");
    println!("| Discord answers after | channel, ms | board in it, ms | calls until then |");
    println!("|---|---|---|---|");
    for delay_ms in [0, 100] {
        let discord = LocalDiscord::start(Settings {
            rate_limits: RateLimits::Off,
            ..Settings::default()
        })
        .await?;
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let config = config(&discord, folder.path())?;
        let app = App::start(&config, Clock::real(), telemetry::metrics_handle()?).await?;
        let mut session = app.session();
        session
            .wait_for(|state| *state == SessionState::Connected)
            .await?;
        quiet(&discord).await;
        if delay_ms > 0 {
            let slow = discord.faults().anywhere().always();
            slow.slow(Duration::from_millis(delay_ms));
        }
        let (mut channels, mut boards, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..INCIDENTS {
            let (channel, board, called) = one(&discord, app.address(), number).await?;
            channels.push(channel);
            boards.push(board);
            calls.push(called);
            quiet(&discord).await;
        }
        println!(
            "| {delay_ms} ms | {} | {} | {} |",
            spread(&channels, 0),
            spread(&boards, 0),
            spread(&calls, 0)
        );
        app.stop().await;
        discord.stop().await;
    }
    Ok(())
}

/// Milliseconds to the channel and to its board, and the calls until then.
async fn one(
    discord: &LocalDiscord,
    address: SocketAddr,
    number: usize,
) -> anyhow::Result<(f64, f64, f64)> {
    let known: Vec<u64> = discord
        .channels()
        .iter()
        .map(|channel| channel.id)
        .collect();
    discord.clear_requests();
    let mut changes = discord.changes();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let began = monotonic();
    let answer = client
        .post(format!("http://{address}/hooks/alertmanager"))
        .json(&webhook(number))
        .send()
        .await?;
    anyhow::ensure!(answer.status() == 202, "answered {}", answer.status());
    let mut seen_at = None;
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            changes.mark_unchanged();
            let new = discord
                .channels()
                .into_iter()
                .find(|channel| !known.contains(&channel.id) && channel.name.starts_with("inc-"));
            if let Some(channel) = new {
                let at = *seen_at.get_or_insert_with(|| began.elapsed());
                if !discord.messages(channel.id).is_empty() {
                    return (at, began.elapsed());
                }
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    })
    .await;
    let calls = discord.requests().len() as f64;
    let (channel, board) = found.context("no channel with a board appeared")?;
    let ms = |duration: Duration| duration.as_secs_f64() * 1_000.0;
    Ok((ms(channel), ms(board), calls))
}

/// Waits until the bot has called nothing for a while.
async fn quiet(discord: &LocalDiscord) {
    let mut seen = usize::MAX;
    loop {
        let now = discord.requests().len();
        if now == seen {
            return;
        }
        seen = now;
        pause(Duration::from_millis(700)).await;
    }
}

fn webhook(number: usize) -> serde_json::Value {
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{service=\"service-{number}\"}}"),
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "bridgewatch",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [{
            "status": "firing",
            "labels": {"alertname": format!("Alert{number}"), "severity": "critical", "service": format!("service-{number}")},
            "annotations": {"summary": "Something is wrong"},
            "startsAt": Clock::real().now().to_rfc3339(),
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "",
            "fingerprint": format!("{number:016x}"),
        }],
    })
}

fn config(discord: &LocalDiscord, folder: &std::path::Path) -> anyhow::Result<Config> {
    let settings = [
        ("BRIDGEWATCH__DISCORD__TOKEN", discord.token()),
        (
            "BRIDGEWATCH__DISCORD__GUILD_ID",
            discord.guild_id().to_string(),
        ),
        ("BRIDGEWATCH__DISCORD__API_URL", discord.url()),
        (
            "BRIDGEWATCH__DATABASE__URL",
            format!("sqlite:{}", folder.join("bench.db").display()),
        ),
        ("BRIDGEWATCH__HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        // Each alert opens an incident of its own.
        ("BRIDGEWATCH__POLICY__BURST_WINDOW", "0s".to_owned()),
        ("BRIDGEWATCH__POLICY__NEW_CHANNEL_MIN_GAP", "0s".to_owned()),
        (
            "BRIDGEWATCH__POLICY__MAX_ACTIVE_INCIDENTS",
            "1000".to_owned(),
        ),
    ];
    let settings = settings
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    Config::load(None, settings).map_err(|errors| anyhow!("{errors}"))
}
