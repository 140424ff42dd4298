//! What stands behind the HTTP server: nothing, the intake, the intake with a store, or all of it up to the desk.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use bridgewatch::app::{StoreSink, correlator_of, policy_of, read_team};
use bridgewatch::clock::{Clock, pause};
use bridgewatch::config::Config;
use bridgewatch::desk::{AtHand, DeskParts, IncidentDesk};
use bridgewatch::http::Server;
use bridgewatch::intake::{
    self, Intake, IntakeLimits, Receipt, ReceiptSink, SinkError, Stored, Tokens,
};
use bridgewatch_core::ports::Store;
use bridgewatch_store_sqlite::SqliteStore;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::load::TOKEN;

/// How far a webhook gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// The same HTTP server reads the body and answers; nobody looks at what is in it.
    Floor,
    /// The whole intake: authenticated, hashed, understood and answered, but kept nowhere.
    Understood,
    /// Committed to SQLite with `synchronous=FULL` before the answer.
    Kept,
    /// As `Kept`, and worked off by the desk afterwards: merged, routed, committed.
    Worked,
}

/// A server with something behind it.
pub struct Door {
    pub address: SocketAddr,
    store: Option<Arc<SqliteStore>>,
    stop: watch::Sender<bool>,
    server: Server,
    desk: Option<JoinHandle<()>>,
    folder: TempDir,
}

/// Keeps nothing.
struct Forgetful;

#[async_trait]
impl ReceiptSink for Forgetful {
    async fn store(&self, _: Receipt) -> Result<Stored, SinkError> {
        Ok(Stored::New)
    }
}

impl Door {
    pub async fn open(mode: Mode) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        let (stop, mut stopped) = watch::channel(false);
        let clock = Clock::real();
        let intake = |sink: Arc<dyn ReceiptSink>| {
            let limits = IntakeLimits::for_bodies_up_to(16 * 1024 * 1024);
            let tokens = Tokens::new(&[SecretString::from(TOKEN)]);
            Intake::new(tokens, limits, sink, clock.clone()).routes(intake::SOURCES)
        };
        let (mut store, mut desk) = (None, None);
        let routes = match mode {
            Mode::Floor => Router::new().route("/hooks/alertmanager", post(answer)),
            Mode::Understood => intake(Arc::new(Forgetful)),
            Mode::Kept | Mode::Worked => {
                let path = folder.path().join("bench.db");
                let path = path.to_str().context("a plain path")?;
                let opened = Arc::new(SqliteStore::open(path).await?);
                store = Some(Arc::clone(&opened));
                let shared: Arc<dyn Store> = opened;
                let bell = Arc::new(Notify::new());
                let at_hand: Arc<AtHand> = Arc::default();
                if mode == Mode::Worked {
                    let worker = open_desk(
                        Arc::clone(&shared),
                        clock.clone(),
                        Arc::clone(&at_hand),
                        Arc::clone(&bell),
                    )?;
                    desk = Some(tokio::spawn(
                        Arc::new(worker).work_off_receipts(stop.subscribe()),
                    ));
                }
                intake(Arc::new(StoreSink::new(shared, at_hand, bell)))
            }
        };
        let shutdown = async move {
            // The sender lives as long as the door.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let server = Server::start((Ipv4Addr::LOCALHOST, 0).into(), routes, shutdown).await?;
        Ok(Self {
            address: server.address(),
            store,
            stop,
            server,
            desk,
            folder,
        })
    }

    /// Waits until the desk has worked everything off.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let (Some(store), Some(_)) = (&self.store, &self.desk) else {
            return Ok(());
        };
        while !store.pending_receipts(1).await?.is_empty() {
            pause(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Makes sure that the alerts of so many groups have really found their incidents.
    pub async fn expect_correlated(&self, groups: u64, alerts_each: u64) -> anyhow::Result<()> {
        let (Some(store), Some(_)) = (&self.store, &self.desk) else {
            return Ok(());
        };
        let (mut held, mut episodes) = (0, 0);
        let incidents = store.list(false, 1_000).await?;
        for incident in &incidents {
            held += store.groups(incident.id).await?.len() as u64;
            episodes += store.episodes(incident.id).await?.len() as u64;
        }
        if held < groups || episodes < groups * alerts_each {
            bail!(
                "of {groups} groups with {alerts_each} alerts each, {held} groups and {episodes} episodes found one of {} \
                 incidents",
                incidents.len()
            );
        }
        Ok(())
    }

    pub async fn close(self) -> anyhow::Result<()> {
        let _ = self.stop.send(true);
        if let Some(desk) = self.desk {
            desk.await?;
        }
        self.server.stopped().await;
        if let Some(store) = self.store {
            store.close().await;
        }
        self.folder.close()?;
        Ok(())
    }
}

/// The floor: a body is read, and an answer of the usual length given.
async fn answer(body: Bytes) -> (StatusCode, String) {
    let receipt = "01890a5d-ac96-774b-bcce-b302099a8057";
    let length = body.len();
    debug_assert!(length > 0, "a webhook has a body");
    (
        StatusCode::ACCEPTED,
        format!("{{\"receipt\":\"{receipt}\"}}"),
    )
}

fn open_desk(
    store: Arc<dyn Store>,
    clock: Clock,
    at_hand: Arc<AtHand>,
    receipts_waiting: Arc<Notify>,
) -> anyhow::Result<IncidentDesk> {
    let config = Config::load(None, std::iter::empty()).map_err(|errors| anyhow!("{errors}"))?;
    let team = read_team(&config)?;
    Ok(IncidentDesk::open(DeskParts {
        store,
        clock,
        policy: policy_of(&config, &team.roster.rota()),
        team,
        correlator: correlator_of(&config),
        understand: intake::understand,
        at_hand,
        keep_everything: false,
        effects_waiting: Arc::new(Notify::new()),
        receipts_waiting,
    }))
}
