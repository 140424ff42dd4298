//! How soon a slash command and a button are answered while a thousand incidents are open, and what that takes.
//!
//! The bot is a process of its own; the people and the local Discord are here. The time runs from the moment the local
//! Discord sends the interaction to the moment it has the first answer, so the wire and the local Discord's own work are
//! in it.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bridgewatch::clock::{Clock, monotonic, pause};
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, Command, Declaration, Expectation, Policy, Rank, Request, Visibility, declare, plan,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Change, EntryWrite, Expected, Store};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Entry, EntryState, Importance, Kind, Precision, Source, Who};
use bridgewatch_store_sqlite::SqliteStore;
use chrono::{DateTime, TimeDelta, Utc};
use discord_sim::{LocalDiscord, Person, RateLimits, Settings};

use super::machine;
use super::service::{IDLE, Running, start, wait_until_ready};

/// How many incidents are open beside the one that is worked on.
const INCIDENTS: i64 = 1_000;

/// How many entries each of them has.
const ENTRIES: usize = 200;

/// How often each thing is asked.
const TIMES: usize = 200;

/// The database, in the folder of the measurement.
pub(super) const DATABASE: &str = "replies.db";

pub async fn measure() -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let discord = LocalDiscord::start(Settings {
        rate_limits: RateLimits::Off,
        ..Settings::default()
    })
    .await?;
    let settings = settings_for(&discord);
    let sam = discord.person("sam").context("Sam is in the server")?;
    // One incident that is really there, with its channel and its board.
    let (bot, _) = running(folder.path(), &settings, &discord).await?;
    let (channel, board) = begun(&discord, &sam).await?;
    drop(bot);

    fill(&folder.path().join(DATABASE)).await?;

    let (bot, _) = running(folder.path(), &settings, &discord).await?;
    until(|| async { sam.slash(channel, "/inc show").await.is_ok() }).await?;
    pause(IDLE).await;
    let process = bot.0.id();
    println!(
        "\n{INCIDENTS} open incidents with {ENTRIES} entries each; each thing asked {TIMES} times\n\n\
         | asked | p50 ms | p99 ms | longest, ms |\n|---|---|---|---|"
    );
    for label in ["More…", "Roles", "Next step", "Update"] {
        let asked = timed(async || click(&sam, board, label).await).await?;
        row(&format!("button *{label}*"), asked);
    }
    for line in [
        "/inc show",
        "/inc list",
        "/inc log text:5xx at 9 %",
        "/inc roles incident:INC-0500",
    ] {
        let asked = timed(async || slash(&sam, channel, line).await).await?;
        row(&format!("`{line}`"), asked);
    }
    let asked = timed(async || {
        let offered = sam.complete(channel, "/inc show incident:INC-05").await;
        offered
            .map(|_| ())
            .map_err(|refused| anyhow!("{refused:?}"))
    })
    .await?;
    row("the choices while typing `incident:`", asked);
    println!(
        "\nmemory then: {:.1} MiB, at most {:.1} MiB",
        machine::resident_mib(process, "VmRSS")?,
        machine::resident_mib(process, "VmHWM")?
    );
    drop(bot);
    discord.stop().await;
    Ok(())
}

/// How a bot is told of this Discord, and of a database of its own.
pub(super) fn settings_for(discord: &LocalDiscord) -> Vec<(&'static str, String)> {
    vec![
        ("BRIDGEWATCH__DISCORD__API_URL", discord.url()),
        ("BRIDGEWATCH__DISCORD__TOKEN", discord.token()),
        (
            "BRIDGEWATCH__DISCORD__GUILD_ID",
            discord.guild_id().to_string(),
        ),
        ("BRIDGEWATCH__DATABASE__URL", format!("sqlite:{DATABASE}")),
        ("BRIDGEWATCH__HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        ("BRIDGEWATCH__LOG__FILTER", "error".to_owned()),
    ]
}

/// Begins the first incident; its channel and its board.
pub(super) async fn begun(discord: &LocalDiscord, person: &Person) -> anyhow::Result<(u64, u64)> {
    let anywhere = discord
        .channel_named("general")
        .context("a channel everybody sees")?
        .id;
    until(|| async {
        person
            .slash(anywhere, "/inc new Checkout is slow")
            .await
            .is_ok()
    })
    .await?;
    let board_is_there = || {
        let channel = discord
            .channels()
            .into_iter()
            .find(|channel| channel.name.starts_with("inc-0001"))?;
        let board = discord
            .messages(channel.id)
            .into_iter()
            .find(|message| message.buttons().any(|button| button.label == "More…"))?;
        Some((channel.id, board.id))
    };
    until(|| async { board_is_there().is_some() }).await?;
    board_is_there().context("a board")
}

pub(super) async fn click(person: &Person, message: u64, label: &str) -> anyhow::Result<()> {
    let reply = person.click(message, label).await;
    reply.map(|_| ()).map_err(|refused| anyhow!("{refused:?}"))
}

pub(super) async fn slash(person: &Person, channel: u64, line: &str) -> anyhow::Result<()> {
    let reply = person.slash(channel, line).await;
    reply.map(|_| ()).map_err(|refused| anyhow!("{refused:?}"))
}

/// The milliseconds that each of many calls took.
async fn timed(call: impl AsyncFn() -> anyhow::Result<()>) -> anyhow::Result<Vec<f64>> {
    let mut took = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let began = monotonic();
        call().await?;
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    Ok(took)
}

/// A line of the table: what was asked, and the milliseconds that each answer took.
pub(super) fn row(asked: &str, mut took: Vec<f64>) {
    took.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = took.len().saturating_sub(1);
        took.get((last as f64 * share).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    println!(
        "| {asked} | {:.1} | {:.1} | {:.1} |",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// Starts a bot and waits until it is in the server; it, and where it takes webhooks in.
pub(super) async fn running(
    folder: &Path,
    settings: &[(&str, String)],
    discord: &LocalDiscord,
) -> anyhow::Result<(Running, SocketAddr)> {
    let (bot, said) = start(folder, settings, &["serve"]).await?;
    let address = said
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .context("the address the bot says")?
        .parse()?;
    wait_until_ready(address).await?;
    until(|| async { discord.gateway_sessions() > 0 }).await?;
    Ok((bot, address))
}

/// Waits until something is so, half a minute at most.
async fn until<F: Future<Output = bool>>(is_so: impl Fn() -> F) -> anyhow::Result<()> {
    let began = monotonic();
    while !is_so().await {
        if began.elapsed() > Duration::from_secs(30) {
            return Err(anyhow!("the bot did not get ready within half a minute"));
        }
        pause(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// A thousand incidents that began over the last days, and entries for each, the first one too.
async fn fill(database: &Path) -> anyhow::Result<()> {
    let path = database.to_str().context("a plain path")?;
    let store = SqliteStore::open(path).await?;
    let now = Clock::real().now();
    for number in 0..INCIDENTS {
        let began = now - TimeDelta::minutes(3 * number);
        let request = Request {
            actor: Actor::Person {
                id: PersonId(1_000_000_000_000_000_101),
                rank: Rank::Responder,
            },
            at: began,
            expects: Expectation::default(),
            command: Command::Tick,
            last_prompts: std::collections::BTreeMap::new(),
        };
        let events = declare(&request, declaration(number))?;
        let id = store.next_incident().await?;
        let planned = plan(id, None, request.actor, began, events, &Policy::default())
            .context("a declaration leads to an incident")?;
        let mut change = Change::of(id, Expected::New, began);
        change.after = Some(planned.after);
        change.events = planned.events;
        change.entries = planned.entries.into_iter().map(EntryWrite::Add).collect();
        // No effects and no clock: these incidents are only there.
        store.commit(change).await?;
        add_entries(&store, id, began).await?;
    }
    add_entries(&store, IncidentId(1), now).await?;
    store.close().await;
    Ok(())
}

async fn add_entries(
    store: &SqliteStore,
    id: IncidentId,
    began: DateTime<Utc>,
) -> anyhow::Result<()> {
    let mut change = Change::of(id, Expected::Any, began);
    change.entries = (0..ENTRIES)
        .map(|number| EntryWrite::Add(observation(began, number)))
        .collect();
    store.commit(change).await?;
    Ok(())
}

fn declaration(number: i64) -> Declaration {
    Declaration {
        title: format!("service {number} answers slowly"),
        severity: Severity::Sev3,
        category: Category::Backend,
        visibility: Visibility::Normal,
        services: [format!("service-{number}")].into(),
        alerts: None,
        news: Vec::new(),
        alert_received_at: None,
        storm: false,
        runbook: None,
        links: Vec::new(),
        optional_roles: Default::default(),
        proposals: Default::default(),
        origin: None,
    }
}

fn observation(began: DateTime<Utc>, number: usize) -> Entry {
    let at = began + TimeDelta::seconds(number as i64 * 15);
    Entry {
        number: None,
        kind: Kind::Observation,
        event_at: at,
        precision: Precision::Exact,
        recorded_at: at,
        who: Who::Bot,
        text: format!("5xx {number} of 1,000 requests, connections 62, most from ai-worker"),
        source: Source::Timer,
        importance: Importance::Normal,
        message: None,
        files: Vec::new(),
        marks: Vec::new(),
        revisions: Vec::new(),
        state: EntryState::Active,
        audience: Default::default(),
        source_deleted_at: None,
        choice: None,
    }
}
