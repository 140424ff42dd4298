//! Builds every part from the configuration; starts, supervises, drains and stops them.
//!
//! The order matters twice. At start, alerts are taken in before Discord is asked anything: an alert waits for Discord,
//! never the other way round. At the end, the doors close first, then what is under way is finished, then the store.

mod rules;
mod sink;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use bridgewatch_commands as commands;
use bridgewatch_core::drill::{self, Drills};
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::oncall::{self, Rota};
use bridgewatch_core::ports::{Broken, Notifier, Pager, Store};
use bridgewatch_core::runbook::Library;
use bridgewatch_store_sqlite::SqliteStore;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::activity::InHand;
use crate::clock::{Clock, new_id, pause, pause_until};
use crate::config::{self, Capture, Config, NameOrId};
use crate::desk::{DeskParts, IncidentDesk, Team};
use crate::discord::chat::{DiscordChat, Named, Places};
use crate::discord::gate::GateSettings;
use crate::discord::gateway::{GatewayParts, Roles, SessionState, keep_session};
use crate::discord::hearing::Hearing;
use crate::discord::rest::{Rest, RestSettings};
use crate::http::{self, Health, Probe, Server, State};
use crate::intake::{self, Intake, IntakeLimits, Tokens};
use crate::notify::{DiscordNotifier, WebhookKind, WebhookNotifier, WebhookPager, http_client};
use crate::runner::{Runner, RunnerParts, Schedule, ScheduleParts};
use crate::telemetry;
pub use rules::{correlator_of, policy_of};
pub use sink::StoreSink;

/// How long the parts may take to finish what is under way.
pub const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// How often the gauges are read.
const GAUGES_EVERY: Duration = Duration::from_secs(5);

/// Every how many of those rounds a refused token is tried again: once a minute.
const TOKEN_CHECK_ROUNDS: u32 = 12;

/// A running service.
pub struct App {
    address: SocketAddr,
    desk: Arc<IncidentDesk>,
    store: Arc<SqliteStore>,
    session: watch::Receiver<SessionState>,
    hearing: Hearing,
    effects: InHand,
    stop_doors: watch::Sender<bool>,
    stop_work: watch::Sender<bool>,
    server: Server,
    doors: Vec<(&'static str, JoinHandle<()>)>,
    work: Vec<(&'static str, JoinHandle<()>)>,
}

/// What a service is doing at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Gateway dispatches heard since the start.
    pub dispatches_heard: u64,
    /// Events of Discord that are being handled.
    pub events_in_hand: i64,
    /// Effects that are being looked for or carried out.
    pub effects_in_hand: i64,
}

impl std::fmt::Debug for App {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("App")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Starts every part. Returns once alerts are taken in; Discord is connected to meanwhile.
    ///
    /// # Errors
    /// What cannot be started, and how to mend it.
    pub async fn start(
        config: &Config,
        clock: Clock,
        metrics: PrometheusHandle,
    ) -> anyhow::Result<Self> {
        let credentials = config.credentials().map_err(|errors| anyhow!("{errors}"))?;
        let team = read_team(config)?;
        let drills = read_drills(config, &team.rota)?;
        let store = Arc::new(
            SqliteStore::open(&config.database.url)
                .await
                .context("the database")?,
        );
        let shared_store: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;

        let rest = Rest::new(
            RestSettings::new(config.discord.api_url.clone(), credentials.token.clone()),
            GateSettings::default(),
        )
        .context("the Discord client")?;
        let chat = Arc::new(DiscordChat::new(
            rest,
            Places {
                guild_id: credentials.guild_id,
                incident_category: named(&config.discord.incident_category),
                digest: named(&config.discord.digest_channel),
                stakeholders: named(&config.discord.stakeholder_channel),
            },
        ));

        let client = http_client().context("the HTTP client for webhooks")?;
        let notifiers = notifiers(config, &chat, &client);
        let pager: Option<Arc<dyn Pager>> = config
            .pager
            .url
            .clone()
            .map(|url| Arc::new(WebhookPager::new(url, client.clone())) as Arc<dyn Pager>);

        let effects_waiting = Arc::new(Notify::new());
        let receipts_waiting = Arc::new(Notify::new());
        let desk = Arc::new(IncidentDesk::open(DeskParts {
            store: Arc::clone(&shared_store),
            clock: clock.clone(),
            policy: policy_of(config),
            team,
            correlator: correlator_of(config),
            understand: intake::understand,
            keep_everything: config.timeline.capture == Capture::All,
            effects_waiting: Arc::clone(&effects_waiting),
            receipts_waiting: Arc::clone(&receipts_waiting),
        }));

        // This process holds the database alone, so whatever an earlier one had claimed is free.
        let gauged_chat = Arc::clone(&chat);
        let owner = new_id();
        let recovered = shared_store.recover_claims(&owner).await?;
        if recovered > 0 {
            tracing::info!(recovered, "took over effects that an earlier run had begun");
        }
        greet_once(shared_store.as_ref(), &clock).await?;

        let (stop_doors, doors_stop) = watch::channel(false);
        let (stop_work, work_stop) = watch::channel(false);
        let (session_tx, session) = watch::channel(SessionState::Connecting);
        let hearing = Hearing::default();
        let effects = InHand::default();

        let sink = Arc::new(StoreSink::new(Arc::clone(&shared_store), receipts_waiting));
        let probes: Vec<Arc<dyn Probe>> = vec![
            Arc::new(DatabaseProbe(Arc::clone(&shared_store))),
            Arc::new(GatewayProbe {
                session: session.clone(),
                hearing: hearing.clone(),
            }),
            Arc::new(OutboxProbe {
                store: Arc::clone(&shared_store),
                clock: clock.clone(),
            }),
            Arc::new(GateProbe(Arc::clone(&chat))),
        ];
        let door = Intake::new(
            Tokens::new(&config.intake.tokens),
            IntakeLimits::for_bodies_up_to(config.http.max_body_bytes),
            sink,
            clock.clone(),
        );
        let routes = http::operations(probes, metrics).merge(door.routes(intake::SOURCES));
        let server = Server::start(config.http.listen, routes, stopped(doors_stop.clone()))
            .await
            .context("the HTTP server")?;
        let address = server.address();

        let runner = Arc::new(Runner::new(RunnerParts {
            store: Arc::clone(&shared_store),
            desk: Arc::clone(&desk),
            chat: Arc::clone(&chat) as Arc<dyn bridgewatch_core::ports::Chat>,
            notifiers,
            pager,
            clock: clock.clone(),
            waiting: Arc::clone(&effects_waiting),
            owner,
            in_hand: effects.clone(),
        }));
        let schedule = Schedule::new(ScheduleParts {
            store: Arc::clone(&shared_store),
            desk: Arc::clone(&desk),
            drills,
            clock: clock.clone(),
            effects_waiting,
        });
        let data = commands::Data {
            desk: Arc::clone(&desk) as Arc<dyn bridgewatch_core::ports::Desk>,
            guard: commands::GuardSettings {
                guild_id: credentials.guild_id,
                responder_role: None,
                commander_role: None,
            },
        };
        let gateway = keep_session(
            GatewayParts {
                api_url: config.discord.api_url.clone(),
                token: credentials.token,
                desk: Arc::clone(&desk),
                chat,
                data,
                roles: Roles {
                    responder: config.discord.responder_role.as_ref().map(named),
                    commander: config.discord.commander_role.as_ref().map(named),
                },
                state: session_tx,
                hearing: hearing.clone(),
            },
            doors_stop.clone(),
        );

        let doors = vec![
            (
                "gateway",
                tokio::spawn(async move {
                    if let Err(why) = gateway.await {
                        tracing::error!(
                            why,
                            "Discord refuses the bot; alerts are still taken in and kept"
                        );
                    }
                }),
            ),
            (
                "receipts",
                tokio::spawn(Arc::clone(&desk).work_off_receipts(doors_stop.clone())),
            ),
            ("schedule", tokio::spawn(schedule.run(doors_stop))),
        ];
        let work = vec![
            (
                "runner",
                tokio::spawn(Arc::clone(&runner).run(work_stop.clone())),
            ),
            (
                "gauges",
                tokio::spawn(read_gauges(
                    shared_store,
                    Arc::clone(&gauged_chat),
                    clock,
                    work_stop,
                )),
            ),
        ];
        tracing::info!(%address, "taking alerts in");
        Ok(Self {
            address,
            desk,
            store,
            session,
            hearing,
            effects,
            stop_doors,
            stop_work,
            server,
            doors,
            work,
        })
    }

    /// Where alerts are taken in.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The one door in.
    #[must_use]
    pub fn desk(&self) -> &Arc<IncidentDesk> {
        &self.desk
    }

    /// How the Discord session is.
    #[must_use]
    pub fn session(&self) -> watch::Receiver<SessionState> {
        self.session.clone()
    }

    /// What it is doing at this moment.
    #[must_use]
    pub fn activity(&self) -> Activity {
        Activity {
            dispatches_heard: self.hearing.dispatches(),
            events_in_hand: self.hearing.in_hand().count(),
            effects_in_hand: self.effects.count(),
        }
    }

    /// Waits until Discord refuses the bot for good; pending for ever while it does not.
    pub async fn refused(&self) -> String {
        let mut session = self.session.clone();
        loop {
            if let SessionState::Refused(why) = &*session.borrow_and_update() {
                return why.clone();
            }
            if session.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Stops in order and within the deadline: doors, then work, then the store. Always ends.
    pub async fn stop(self) {
        let _ = self.stop_doors.send(true);
        let deadline = pause_until;
        let until = crate::clock::monotonic() + DRAIN_DEADLINE;
        for (name, task) in self.doors {
            end(name, task, deadline(until)).await;
        }
        tokio::select! {
            () = self.hearing.in_hand().nothing_left() => {}
            () = deadline(until) => tracing::warn!("events of Discord were still being handled at the deadline"),
        }
        tokio::select! {
            () = self.server.stopped() => {}
            () = deadline(until) => tracing::warn!("requests were still open at the deadline"),
        }
        let _ = self.stop_work.send(true);
        for (name, task) in self.work {
            end(name, task, deadline(until)).await;
        }
        self.store.close().await;
        tracing::info!("stopped");
    }
}

async fn end(name: &str, mut task: JoinHandle<()>, deadline: impl Future<Output = ()>) {
    tokio::select! {
        result = &mut task => {
            if let Err(error) = result {
                tracing::error!(part = name, %error, "a part ended badly");
            }
        }
        () = deadline => {
            task.abort();
            tracing::warn!(part = name, "a part was still busy at the deadline; its work is found again at the next start");
        }
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        if stop.changed().await.is_err() {
            return;
        }
    }
}

/// Reads the rota and the runbooks.
///
/// # Errors
/// Every mistake in them, with its place.
pub fn read_team(config: &Config) -> anyhow::Result<Team> {
    let zone = config.server.timezone;
    let rota = match &config.rota.file {
        None => Rota::empty(zone),
        Some(path) => {
            let text = read_file(path, "rota.file")?;
            let checked = oncall::parse(&path.display().to_string(), &text)
                .map_err(|rejected| anyhow!("{rejected}"))?;
            for warning in &checked.warnings {
                tracing::warn!("{warning}");
            }
            checked.value
        }
    };
    let library = match &config.playbooks.dir {
        None => Library::embedded(),
        Some(dir) => Library::parse(read_runbooks(&dir.join("runbooks"))?).map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            anyhow!("{}", lines.join("\n"))
        })?,
    };
    Ok(Team {
        rota: Arc::new(rota),
        library: Arc::new(library),
        zone,
    })
}

fn read_file(path: &Path, key: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .with_context(|| format!("{key} names {}, which cannot be read", path.display()))
}

fn read_runbooks(dir: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let listing = std::fs::read_dir(dir).with_context(|| {
        format!(
            "playbooks.dir needs a folder {}, which cannot be read",
            dir.display()
        )
    })?;
    for entry in listing {
        let path = entry
            .with_context(|| format!("the folder {} cannot be read", dir.display()))?
            .path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push((
                path.display().to_string(),
                read_file(&path, "playbooks.dir")?,
            ));
        }
    }
    files.sort();
    Ok(files)
}

/// Reads the drill schedules.
///
/// # Errors
/// Every mistake in them, with its place.
pub fn read_drills(config: &Config, rota: &Rota) -> anyhow::Result<Drills> {
    let Some(path) = &config.drills.file else {
        return Ok(Drills::default());
    };
    let text = read_file(path, "drills.file")?;
    let checked = drill::parse(&path.display().to_string(), &text, &rota.people)
        .map_err(|rejected| anyhow!("{rejected}"))?;
    for warning in &checked.warnings {
        tracing::warn!("{warning}");
    }
    Ok(checked.value)
}

fn named(place: &NameOrId) -> Named {
    match place {
        NameOrId::Name(name) => Named::Name(name.clone()),
        NameOrId::Id(id) => Named::Id(*id),
    }
}

fn notifiers(
    config: &Config,
    chat: &Arc<DiscordChat>,
    client: &reqwest::Client,
) -> Vec<Arc<dyn Notifier>> {
    let chat = Arc::clone(chat) as Arc<dyn bridgewatch_core::ports::Chat>;
    let mut notifiers: Vec<Arc<dyn Notifier>> = vec![Arc::new(DiscordNotifier::new(chat))];
    for webhook in &config.stakeholders.webhooks {
        let kind = match webhook.kind {
            config::WebhookKind::Generic => WebhookKind::Generic,
            config::WebhookKind::Slack => WebhookKind::Slack,
        };
        notifiers.push(Arc::new(WebhookNotifier::new(
            webhook.name.clone(),
            kind,
            webhook.url.clone(),
            client.clone(),
        )));
    }
    notifiers
}

/// On the first start the digest channel offers to fire a test alert.
async fn greet_once(store: &dyn Store, clock: &Clock) -> Result<(), Broken> {
    let greeting = NewEffect {
        id: EffectId("greeting".to_owned()),
        incident: None,
        stream: "greeting".to_owned(),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::Greet,
    };
    store.enqueue(vec![greeting], clock.now()).await
}

async fn read_gauges(
    store: Arc<dyn Store>,
    chat: Arc<DiscordChat>,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) {
    let mut rounds = 0_u32;
    while !*stop.borrow() {
        let now = clock.now();
        rounds = rounds.wrapping_add(1);
        // A refused token stops every other call; only this one can find out that it was mended.
        if rounds.is_multiple_of(TOKEN_CHECK_ROUNDS) && chat.rest().status().token_refused {
            match chat.rest().current_user().await {
                Ok(_) => tracing::info!("the bot's token is good again"),
                Err(error) => tracing::error!(%error, "Discord refuses the bot's token"),
            }
        }
        if let Ok(depth) = store.outbox_depth(now).await {
            for lane in Lane::ALL {
                let open = depth.open.get(&lane.number()).copied().unwrap_or(0);
                metrics::gauge!(telemetry::OUTBOX_DEPTH, "lane" => lane.name()).set(open as f64);
            }
            let age = depth
                .oldest_due_at
                .map_or(0, |due| (now - due).num_seconds().max(0));
            metrics::gauge!(telemetry::OUTBOX_OLDEST).set(age as f64);
        }
        if let Ok(incidents) = store.recent_incidents(now).await {
            for severity in bridgewatch_core::severity::Severity::ALL {
                let open = incidents
                    .iter()
                    .filter(|incident| incident.is_active() && incident.severity == severity);
                metrics::gauge!(telemetry::INCIDENTS_OPEN, "severity" => severity.id())
                    .set(open.count() as f64);
            }
        }
        tokio::select! {
            () = pause(GAUGES_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

struct DatabaseProbe(Arc<dyn Store>);

#[async_trait]
impl Probe for DatabaseProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn probe(&self) -> Health {
        match self.0.check().await {
            Ok(()) => Health {
                state: State::Ready,
                detail: json!("answers"),
            },
            Err(trouble) => Health {
                state: State::NotReady,
                detail: json!(trouble.to_string()),
            },
        }
    }
}

struct GatewayProbe {
    session: watch::Receiver<SessionState>,
    hearing: Hearing,
}

#[async_trait]
impl Probe for GatewayProbe {
    fn name(&self) -> &'static str {
        "gateway"
    }

    async fn probe(&self) -> Health {
        // Without Discord alerts are still taken in, so this never makes the service unready.
        let (state, session) = match &*self.session.borrow() {
            SessionState::Connected => (State::Ready, "connected"),
            SessionState::Connecting => (State::Degraded, "connecting"),
            SessionState::Refused(why) => {
                return Health {
                    state: State::Degraded,
                    detail: json!(why),
                };
            }
        };
        Health {
            state,
            detail: json!({"session": session, "events_heard": self.hearing.dispatches()}),
        }
    }
}

struct OutboxProbe {
    store: Arc<dyn Store>,
    clock: Clock,
}

#[async_trait]
impl Probe for OutboxProbe {
    fn name(&self) -> &'static str {
        "outbox"
    }

    async fn probe(&self) -> Health {
        let now = self.clock.now();
        match self.store.outbox_depth(now).await {
            Ok(depth) => {
                let age_seconds = depth
                    .oldest_due_at
                    .map_or(0, |due| (now - due).num_seconds().max(0));
                let state = if depth.dead > 0 || age_seconds > 300 {
                    State::Degraded
                } else {
                    State::Ready
                };
                Health {
                    state,
                    detail: json!({
                        "open": depth.open.values().sum::<i64>(),
                        "dead": depth.dead,
                        "oldest_due_seconds": age_seconds,
                    }),
                }
            }
            Err(trouble) => Health {
                state: State::NotReady,
                detail: json!(trouble.to_string()),
            },
        }
    }
}

struct GateProbe(Arc<DiscordChat>);

#[async_trait]
impl Probe for GateProbe {
    fn name(&self) -> &'static str {
        "discord_gate"
    }

    async fn probe(&self) -> Health {
        let status = self.0.rest().status();
        let state = if status.is_open() {
            State::Ready
        } else {
            State::Degraded
        };
        Health {
            state,
            detail: status.detail(),
        }
    }
}
