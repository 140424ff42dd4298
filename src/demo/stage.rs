//! The stage: a local Discord, the bot, one clock for both, and a button that fires the alerts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post as on_post;
use chrono::{DateTime, TimeDelta, Utc};
use discord_sim::{LocalDiscord, Page, PageButton, Settings, TokenClock, permissions};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::clock::{Clock, new_id, pause};
use crate::config::Config;
use crate::telemetry;

/// The night of the scenario: 03:02 in Berlin.
const NIGHT_BEGINS: &str = "2026-11-21T02:02:00Z";

/// How long and how often it is asked whether everybody is done.
const ROUND: Duration = Duration::from_millis(20);
const ROUNDS_OF_PATIENCE: u32 = 500;

/// Everything that runs while the demo does.
pub(super) struct Stage {
    pub(super) discord: LocalDiscord,
    pub(super) app: App,
    pub(super) clock: Clock,
    pub(super) client: reqwest::Client,
    folder: PathBuf,
    fired_at: Arc<Mutex<DateTime<Utc>>>,
    door: JoinHandle<()>,
}

/// The three alerts of the scenario, in three groups, as Alertmanager would send them; resolved when an end is given.
pub(super) fn three_alerts(
    fired_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
) -> Vec<serde_json::Value> {
    let alert = |name: &str, category: &str, service: &str, summary: &str, minutes_ago: i64| {
        webhook(
            name,
            category,
            service,
            summary,
            fired_at - TimeDelta::minutes(minutes_ago),
            ends_at,
        )
    };
    vec![
        alert(
            "ApiErrorRateHigh",
            "backend",
            "orders-api",
            "orders-api 5xx 38%",
            7,
        ),
        alert(
            "DbConnectionsSaturated",
            "backend",
            "orders-db",
            "DB 100/100",
            6,
        ),
        alert(
            "AiTaskQueueStalled",
            "ai",
            "ai-worker",
            "AI queue stalled",
            5,
        ),
    ]
}

/// One webhook with one alert; resolved when an end is given.
fn webhook(
    name: &str,
    category: &str,
    service: &str,
    summary: &str,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
) -> serde_json::Value {
    let status = if ends_at.is_some() {
        "resolved"
    } else {
        "firing"
    };
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{alertname=\"{name}\"}}"),
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "bridgewatch",
        "groupLabels": {"alertname": name},
        "commonLabels": {"alertname": name, "severity": "critical"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": [{
            "status": status,
            "labels": {
                "alertname": name, "severity": "critical", "service": service, "category": category,
            },
            "annotations": {
                "summary": summary,
                "dashboard_url": "https://grafana.example.com/d/night",
                "logs_url": "https://logs.example.com/search?service=orders-api",
            },
            "startsAt": starts_at.to_rfc3339(),
            "endsAt": ends_at.map_or("0001-01-01T00:00:00Z".to_owned(), |end| end.to_rfc3339()),
            "generatorURL": "http://prometheus.example:9090/graph",
            "fingerprint": format!("{:016x}", name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(byte))),
        }],
    })
}

impl Stage {
    /// Opens the stage. `speed` is how many times as fast as real time the night runs.
    pub(super) async fn open(listen: Option<SocketAddr>, speed: f64) -> anyhow::Result<Self> {
        let start: DateTime<Utc> = NIGHT_BEGINS.parse().context("the night's beginning")?;
        let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("the demo's own door")?;
        let door_address = door.local_addr()?;
        let discord = LocalDiscord::start(Settings {
            listen: listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            start_time: Some(start),
            speed,
            bot_name: "Bridgewatch".to_owned(),
            interaction_token_clock: TokenClock::Monotonic,
            page: Page {
                title: "Bridgewatch demo".to_owned(),
                banner: "Demo: nothing here is real. Fire the alerts, then be Sam.".to_owned(),
                buttons: vec![
                    PageButton {
                        label: "Fire the 3 AM alerts".to_owned(),
                        url: format!("http://{door_address}/fire"),
                        hint: "Posts three critical alerts to the bot's webhook".to_owned(),
                    },
                    PageButton {
                        label: "Clear the alerts".to_owned(),
                        url: format!("http://{door_address}/clear"),
                        hint: "Posts that all three have resolved".to_owned(),
                    },
                    PageButton {
                        label: "+5 minutes".to_owned(),
                        url: format!("http://{door_address}/later"),
                        hint: "Moves the demo's clock".to_owned(),
                    },
                ],
            },
            ..Settings::default()
        })
        .await
        .context("the local Discord")?;
        // A pin is one of the ways into the timeline, so a team lets its responders pin.
        discord.set_role_permissions("responder", permissions::PIN_MESSAGES);

        let folder = std::env::temp_dir().join(format!("bridgewatch-demo-{}", new_id()));
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("the folder {}", folder.display()))?;
        let config = write_config(&folder, &discord)?;
        let clock = Clock::starting_at(start, speed);
        let app = App::start(&config, clock.clone(), telemetry::metrics_handle()?).await?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let fired_at = Arc::new(Mutex::new(start));
        let actors = Actors {
            discord: discord.clone(),
            clock: clock.clone(),
            intake: app.address(),
            client: client.clone(),
            fired_at: Arc::clone(&fired_at),
        };
        let door = tokio::spawn(serve_door(door, actors));
        Ok(Self {
            discord,
            app,
            clock,
            client,
            folder,
            fired_at,
            door,
        })
    }

    /// Fires the three alerts at the bot's real intake.
    pub(super) async fn fire(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        *self.fired_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
        for body in three_alerts(now, None) {
            post(&self.client, self.app.address(), &body).await?;
        }
        Ok(())
    }

    /// Clears some of the alerts, by their places in the list.
    pub(super) async fn clear(&self, which: std::ops::Range<usize>) -> anyhow::Result<()> {
        let fired_at = *self.fired_at.lock().unwrap_or_else(PoisonError::into_inner);
        for body in &three_alerts(fired_at, Some(self.clock.now()))[which] {
            post(&self.client, self.app.address(), body).await?;
        }
        Ok(())
    }

    /// Moves the night forward, for the bot and for Discord, once nobody is in the middle of anything: a call that takes
    /// a moment must not seem to take an hour.
    pub(super) async fn advance(&self, by: TimeDelta) {
        let mut quiet_rounds = 0;
        for _ in 0..ROUNDS_OF_PATIENCE {
            let doing = self.app.activity();
            let quiet = doing.effects_in_hand == 0 && doing.events_in_hand == 0;
            quiet_rounds = if quiet { quiet_rounds + 1 } else { 0 };
            if quiet_rounds == 3 {
                break;
            }
            pause(ROUND).await;
        }
        self.clock.advance(by);
        self.discord.set_time(self.clock.now());
    }

    /// Stops everything and removes what it wrote.
    pub(super) async fn close(self) {
        self.door.abort();
        self.app.stop().await;
        self.discord.stop().await;
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}

fn write_config(folder: &std::path::Path, discord: &LocalDiscord) -> anyhow::Result<Config> {
    let id = |login: &str| {
        discord
            .person(login)
            .map(|person| person.id())
            .context("a person of the local Discord")
    };
    let mut rota = String::from("timezone = \"Europe/Berlin\"\n[people]\n");
    for login in ["sam", "ada", "fay", "mo", "kim"] {
        rota.push_str(&format!("{login} = \"{}\"\n", id(login)?));
    }
    for (role, login) in [
        ("oncall", "sam"),
        ("backend", "ada"),
        ("frontend", "fay"),
        ("bridge", "mo"),
        ("docs", "kim"),
    ] {
        rota.push_str(&format!(
            "[[schedule]]\nrole = \"{role}\"\npeople = [\"@{login}\"]\n"
        ));
    }
    let rota_file = folder.join("rota.toml");
    std::fs::write(&rota_file, rota).context("the demo's rota")?;
    let settings = [
        ("BRIDGEWATCH__DISCORD__TOKEN", discord.token()),
        (
            "BRIDGEWATCH__DISCORD__GUILD_ID",
            discord.guild_id().to_string(),
        ),
        ("BRIDGEWATCH__DISCORD__API_URL", discord.url()),
        (
            "BRIDGEWATCH__DATABASE__URL",
            format!("sqlite:{}", folder.join("bridgewatch.db").display()),
        ),
        ("BRIDGEWATCH__HTTP__LISTEN", "127.0.0.1:0".to_owned()),
        (
            "BRIDGEWATCH__DISCORD__RESPONDER_ROLE",
            "responder".to_owned(),
        ),
        (
            "BRIDGEWATCH__DISCORD__COMMANDER_ROLE",
            "commander".to_owned(),
        ),
        ("BRIDGEWATCH__ROTA__FILE", rota_file.display().to_string()),
        ("BRIDGEWATCH__SERVER__TIMEZONE", "Europe/Berlin".to_owned()),
    ];
    Config::load(
        None,
        settings
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value)),
    )
    .map_err(|errors| anyhow!("{errors}"))
}

async fn post(
    client: &reqwest::Client,
    intake: SocketAddr,
    body: &serde_json::Value,
) -> anyhow::Result<()> {
    let answer = client
        .post(format!("http://{intake}/hooks/alertmanager"))
        .json(body)
        .send()
        .await?;
    anyhow::ensure!(
        answer.status().is_success(),
        "the intake answered {}",
        answer.status()
    );
    Ok(())
}

/// What the buttons of the page need.
#[derive(Clone)]
struct Actors {
    discord: LocalDiscord,
    clock: Clock,
    intake: SocketAddr,
    client: reqwest::Client,
    fired_at: Arc<Mutex<DateTime<Utc>>>,
}

impl Actors {
    async fn send(&self, bodies: Vec<serde_json::Value>, done: &str) -> (StatusCode, String) {
        for body in bodies {
            if let Err(error) = post(&self.client, self.intake, &body).await {
                return (StatusCode::BAD_GATEWAY, error.to_string());
            }
        }
        (StatusCode::OK, done.to_owned())
    }

    async fn fire(self) -> (StatusCode, String) {
        let now = self.clock.now();
        *self.fired_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
        self.send(three_alerts(now, None), "three alerts fired")
            .await
    }

    async fn clear(self) -> (StatusCode, String) {
        let fired_at = *self.fired_at.lock().unwrap_or_else(PoisonError::into_inner);
        self.send(
            three_alerts(fired_at, Some(self.clock.now())),
            "three alerts cleared",
        )
        .await
    }

    async fn later(self) -> (StatusCode, String) {
        self.clock.advance(TimeDelta::minutes(5));
        self.discord.set_time(self.clock.now());
        (StatusCode::OK, "five minutes later".to_owned())
    }
}

/// The door behind the page's own buttons.
async fn serve_door(listener: TcpListener, actors: Actors) {
    let (fire, clear, later) = (actors.clone(), actors.clone(), actors);
    let routes = Router::new()
        .route("/fire", on_post(move || fire.fire()))
        .route("/clear", on_post(move || clear.clear()))
        .route("/later", on_post(move || later.later()));
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "the demo's door is closed");
    }
}
