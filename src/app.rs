//! Builds every part from the configuration; starts, supervises, drains and stops them.
//!
//! The order matters twice. At start, alerts are taken in before Discord is asked anything: an alert waits for Discord,
//! never the other way round. At the end, the doors close first, then what is under way is finished, then the store.

mod files;
mod folder;
mod parts;
mod probes;
mod reread;
mod rounds;
mod rules;
mod sink;
mod visitors;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bridgewatch_commands as commands;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ports::{Broken, FileReader, Notifier, Pager, Store};
use bridgewatch_core::timeline::FileBudget;
use bridgewatch_store_sqlite::SqliteStore;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{Notify, watch};

use crate::activity::InHand;
use crate::clock::{Clock, new_id, pause_until};
use crate::config::{self, CallKind, Capture, Config, NameOrId};
use crate::desk::{AtHand, DeskParts, IncidentDesk};
use crate::discord::chat::{DiscordChat, Named, Places};
use crate::discord::checkup::DiscordCheckup;
use crate::discord::files::DiscordFiles;
use crate::discord::gate::GateSettings;
use crate::discord::gateway::{GatewayParts, Roles, SessionState, keep_session};
use crate::discord::hearing::Hearing;
use crate::discord::members::MemberBook;
use crate::discord::rest::{Rest, RestSettings};
use crate::http::{self, Probe, Server};
use crate::intake;
use crate::notify::{DiscordNotifier, WebhookKind, WebhookNotifier, WebhookPager, http_client};
use crate::runner::{Runner, RunnerParts, Schedule, ScheduleParts};
pub use files::{read_drills, read_library, read_team};
pub use folder::read_folder;
use parts::Parts;
use probes::{DatabaseProbe, GateProbe, GatewayProbe, OutboxProbe, ReceiptsProbe};
use reread::Reread;
use rounds::{forget, read_gauges, try_the_token};
pub use rules::{correlator_of, policy_of, who_sleeps_on};
pub use sink::StoreSink;
use visitors::intake_of;
pub use visitors::signing_of;

/// How long the parts may take to finish what is under way.
pub const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// What the store gets on top of it.
const STORE_CLOSES: Duration = Duration::from_secs(2);

/// A running service.
pub struct App {
    address: SocketAddr,
    desk: Arc<IncidentDesk>,
    store: Arc<SqliteStore>,
    session: watch::Receiver<SessionState>,
    hearing: Hearing,
    effects: InHand,
    folder_looks: watch::Receiver<u64>,
    stop_doors: watch::Sender<bool>,
    stop_work: watch::Sender<bool>,
    server: Server,
    doors: Parts,
    work: Parts,
    ended: watch::Receiver<Option<&'static str>>,
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
    /// Looks at the folder of the team's runbooks since the start.
    pub folder_looks: u64,
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
        let drills = read_drills(config, &team.roster.rota())?;
        let left_out = {
            let has_pager = config.pager.url.is_some();
            let has_watchdog = config.watchdog.alertname.is_some();
            let roster = team.roster.clone();
            move || rules::left_out(has_pager, has_watchdog, &roster.rota())
        };
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
                front_desk: config.discord.front_desk,
            },
        ));

        let files: Arc<dyn FileReader> =
            Arc::new(DiscordFiles::new(&config.discord.api_url).context("the client for files")?);
        let client = http_client().context("the HTTP client for webhooks")?;
        let notifiers = notifiers(config, &chat, &client);
        let pager: Option<Arc<dyn Pager>> = config
            .pager
            .url
            .clone()
            .map(|url| Arc::new(WebhookPager::new(url, client.clone())) as Arc<dyn Pager>);

        let chat_of_token = Arc::clone(&chat);
        let effects_waiting = Arc::new(Notify::new());
        let receipts_waiting = Arc::new(Notify::new());
        let at_hand: Arc<AtHand> = Arc::default();
        let desk = Arc::new(IncidentDesk::open(DeskParts {
            store: Arc::clone(&shared_store),
            clock: clock.clone(),
            policy: policy_of(config, &team.roster.rota()),
            team,
            correlator: correlator_of(config),
            understand: intake::understand,
            at_hand: Arc::clone(&at_hand),
            keep_everything: config.timeline.capture == Capture::All,
            effects_waiting: Arc::clone(&effects_waiting),
            receipts_waiting: Arc::clone(&receipts_waiting),
        }));

        // This process holds the database alone, so whatever an earlier one had claimed is free.
        let owner = new_id();
        let recovered = shared_store.recover_claims(&owner).await?;
        if recovered > 0 {
            tracing::info!(recovered, "took over effects that an earlier run had begun");
        }
        desk.take_over_windows().await?;
        greet_once(shared_store.as_ref(), &clock).await?;

        let (stop_doors, doors_stop) = watch::channel(false);
        let (stop_work, work_stop) = watch::channel(false);
        let (session_tx, session) = watch::channel(SessionState::Connecting);
        let hearing = Hearing::default();
        let effects = InHand::default();

        let sink = Arc::new(StoreSink::new(
            Arc::clone(&shared_store),
            at_hand,
            receipts_waiting,
        ));
        let probes: Vec<Arc<dyn Probe>> = vec![
            Arc::new(DatabaseProbe(Arc::clone(&shared_store))),
            Arc::new(GatewayProbe {
                session: session.clone(),
                hearing: hearing.clone(),
            }),
            Arc::new(ReceiptsProbe {
                store: Arc::clone(&shared_store),
                clock: clock.clone(),
            }),
            Arc::new(OutboxProbe {
                store: Arc::clone(&shared_store),
                clock: clock.clone(),
            }),
            Arc::new(GateProbe(Arc::clone(&chat))),
        ];
        let door = intake_of(config, sink, clock.clone());
        let routes = http::operations(probes, metrics).merge(door.routes(intake::SOURCES));
        let server = Server::start(config.http.listen, routes, stopped(doors_stop.clone()))
            .await
            .context("the HTTP server")?;
        let address = server.address();

        let reread = Reread {
            folder: config
                .playbooks
                .dir
                .as_ref()
                .map(|dir| dir.join("runbooks")),
            rota_file: config.rota.file.clone(),
            desk: Arc::clone(&desk),
            store: Arc::clone(&shared_store),
            clock: clock.clone(),
            effects_waiting: Arc::clone(&effects_waiting),
            looks: watch::Sender::new(0),
        };
        let folder_looks = reread.looks.subscribe();
        let runner = Arc::new(Runner::new(RunnerParts {
            store: Arc::clone(&shared_store),
            desk: Arc::clone(&desk),
            chat: Arc::clone(&chat) as Arc<dyn bridgewatch_core::ports::Chat>,
            files: Arc::clone(&files),
            file_budget: FileBudget {
                file_bytes: config.timeline.max_file_bytes,
                incident_bytes: config.timeline.max_incident_files_bytes,
            },
            notifiers,
            pager,
            front_desk: config.discord.front_desk,
            clock: clock.clone(),
            waiting: Arc::clone(&effects_waiting),
            owner,
            in_hand: effects.clone(),
        }));
        let schedule = Schedule::new(ScheduleParts {
            store: Arc::clone(&shared_store),
            desk: Arc::clone(&desk),
            drills,
            watchdog: correlator_of(config).watchdog,
            clock: clock.clone(),
            effects_waiting,
        });
        let roles = Roles {
            responder: config.discord.responder_role.as_ref().map(named),
            commander: config.discord.commander_role.as_ref().map(named),
            admin: config.discord.admin_role.as_ref().map(named),
        };
        let checkup = DiscordCheckup {
            chat: Arc::clone(&chat),
            roles: roles.clone(),
            session: session.clone(),
            opens_calls: config.call.kind == CallKind::Voice,
            settings: Box::new(left_out),
        };
        let members = Arc::new(MemberBook::new(Arc::clone(&chat), clock.clone()));
        let data = commands::Data {
            checkup: Arc::new(checkup),
            members: Arc::clone(&members) as Arc<dyn bridgewatch_core::ports::Members>,
            desk: Arc::clone(&desk) as Arc<dyn bridgewatch_core::ports::Desk>,
            files: Arc::clone(&files),
            chosen_files: commands::ChosenFiles::default(),
            guard: commands::GuardSettings {
                guild_id: credentials.guild_id,
                responder_role: None,
                commander_role: None,
                admin_role: None,
            },
        };
        let gateway = keep_session(
            GatewayParts {
                api_url: config.discord.api_url.clone(),
                token: credentials.token,
                desk: Arc::clone(&desk),
                chat,
                data,
                members,
                roles,
                state: session_tx,
                hearing: hearing.clone(),
                clock: clock.clone(),
            },
            doors_stop.clone(),
        );

        let (ended_tx, ended) = watch::channel(None);
        let mut doors = Parts::new(doors_stop.clone(), ended_tx.clone());
        doors.start("gateway", gateway);
        doors.start(
            "receipts",
            Arc::clone(&desk).work_off_receipts(doors_stop.clone()),
        );
        doors.start("files of the team", reread.run(doors_stop.clone()));
        doors.start("schedule", schedule.run(doors_stop));
        let mut work = Parts::new(work_stop.clone(), ended_tx);
        work.start("runner", runner.run(work_stop.clone()));
        work.start(
            "gauges",
            read_gauges(Arc::clone(&shared_store), clock.clone(), work_stop.clone()),
        );
        work.start("forgetting", forget(shared_store, clock, work_stop.clone()));
        work.start("token", try_the_token(chat_of_token, work_stop));
        tracing::info!(%address, "taking alerts in");
        Ok(Self {
            address,
            desk,
            store,
            session,
            hearing,
            effects,
            folder_looks,
            stop_doors,
            stop_work,
            server,
            doors,
            work,
            ended,
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
            folder_looks: *self.folder_looks.borrow(),
        }
    }

    /// Waits until the service cannot go on because a part has ended. Says which; pending for ever while all is well. A
    /// Discord that refuses the bot is no reason to end: alerts are taken in, kept, and page people without it.
    pub fn failed(&self) -> impl Future<Output = String> + Send + use<> {
        let mut ended = self.ended.clone();
        async move {
            let found = ended.wait_for(Option::is_some).await;
            let part = found.ok().and_then(|part| *part);
            match part {
                Some(part) => format!(
                    "the part `{part}` has ended, and nothing would do its work: start me again"
                ),
                None => std::future::pending().await,
            }
        }
    }

    /// Stops in order and within the deadline: doors, then work, then the store. Always ends.
    pub async fn stop(self) {
        let _ = self.stop_doors.send(true);
        let deadline = pause_until;
        let until = crate::clock::monotonic() + DRAIN_DEADLINE;
        self.doors.stopped(|| deadline(until)).await;
        tokio::select! {
            () = self.hearing.in_hand().nothing_left() => {}
            () = deadline(until) => tracing::warn!("events of Discord were still being handled at the deadline"),
        }
        tokio::select! {
            () = self.server.stopped() => {}
            () = deadline(until) => tracing::warn!("requests were still open at the deadline"),
        }
        let _ = self.stop_work.send(true);
        self.work.stopped(|| deadline(until)).await;
        tokio::select! {
            () = self.store.close() => {}
            () = deadline(until + STORE_CLOSES) => tracing::warn!("the store was still busy; what it has taken is on disk"),
        }
        tracing::info!("stopped");
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        if stop.changed().await.is_err() {
            return;
        }
    }
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
