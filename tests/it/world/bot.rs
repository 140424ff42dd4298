//! The running service, on threads of its own, so that it can be stopped in order or killed in the middle of anything.

use std::sync::Arc;
use std::time::Duration;

use bridgewatch::app::{Activity, App};
use bridgewatch::clock::{Clock, pause};
use bridgewatch::config::Config;
use bridgewatch::telemetry;
use bridgewatch_core::ports::Store;
use tokio::runtime::{Builder, Runtime};

use super::World;
use super::log::Log;

/// A service that runs.
pub struct Bot {
    app: Option<App>,
    runtime: Option<Runtime>,
    address: std::net::SocketAddr,
    store: Arc<dyn Store>,
}

impl Bot {
    /// Starts the service. A predecessor that was killed may still hold the database for a moment.
    pub(super) async fn start(config: &Config, clock: &Clock, log: &Log) -> Self {
        let metrics = telemetry::metrics_handle().expect("no other recorder is installed here");
        let mut attempts = 0;
        loop {
            let runtime = runtime_logging_to(log.clone());
            let (config, clock, metrics) = (config.clone(), clock.clone(), metrics.clone());
            let starting = runtime.spawn(async move { App::start(&config, clock, metrics).await });
            match starting.await.expect("the start does not panic") {
                Ok(app) => {
                    return Self {
                        address: app.address(),
                        store: Arc::clone(app.desk().store()),
                        app: Some(app),
                        runtime: Some(runtime),
                    };
                }
                Err(error) => {
                    runtime.shutdown_background();
                    let in_use = format!("{error:#}").contains("another process is using");
                    assert!(
                        in_use && attempts < 500,
                        "the service does not start: {error:#}"
                    );
                    attempts += 1;
                    pause(Duration::from_millis(10)).await;
                }
            }
        }
    }

    /// Where alerts are taken in.
    pub fn address(&self) -> std::net::SocketAddr {
        self.address
    }

    pub(super) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    pub(super) fn activity(&self) -> Activity {
        self.app().activity()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.app().session().borrow().is_connected()
    }

    /// Why it could not go on, when that is so.
    fn failed(&self) -> impl Future<Output = String> + use<> {
        self.app().failed()
    }

    fn app(&self) -> &App {
        self.app.as_ref().expect("it runs until it is stopped")
    }

    /// Stops it in order.
    pub(super) async fn stop(mut self) {
        if let (Some(app), Some(runtime)) = (self.app.take(), self.runtime.take()) {
            let stopping = runtime.spawn(app.stop());
            stopping.await.expect("the stop does not panic");
            runtime.shutdown_background();
        }
    }
}

/// A bot that is dropped is killed: its tasks end wherever they are, and nothing is said to anybody.
impl Drop for Bot {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn runtime_logging_to(log: Log) -> Runtime {
    let subscriber: tracing::Dispatch = log.subscriber().into();
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("bot")
        .enable_all()
        .on_thread_start(move || {
            // For the whole life of the thread, which belongs to this bot alone.
            std::mem::forget(tracing::dispatcher::set_default(&subscriber));
        })
        .build()
        .expect("a runtime can be built")
}

impl World {
    /// Kills the bot: no goodbye, nothing finished.
    pub async fn kills_the_bot(&self) {
        drop(self.bot.take());
        // Its connections end by themselves; from then on nothing of it acts any more.
        self.until("the killed bot is gone", async || {
            self.discord().gateway_sessions() == 0
        })
        .await;
    }

    /// Stops the bot in order.
    pub async fn stops_the_bot(&self) {
        let bot = self.bot.take();
        if let Some(bot) = bot {
            bot.stop().await;
        }
    }

    /// Starts the bot on the same database, with the files of the team as they are now.
    pub async fn starts_the_bot(&self) {
        self.unheard.set(self.discord().gateway_dispatches());
        let config = self.setup.config(self.folder.path(), &self.discord);
        let bot = Bot::start(&config, &self.clock, &self.log).await;
        let earlier = self.bot.replace(Some(bot));
        assert!(earlier.is_none(), "the bot is running already");
        self.settle().await;
    }

    /// Every part of the running bot goes on: whoever runs it would not end it.
    pub async fn expect_that_the_bot_goes_on(&self) {
        let failed = self.bot.borrow().as_ref().map(Bot::failed);
        let Some(failed) = failed else { return };
        tokio::select! {
            biased;
            why = failed => self.fail(&why),
            () = std::future::ready(()) => {}
        }
    }

    /// What `/readyz` says.
    pub async fn readiness(&self) -> String {
        let answer = reqwest::get(format!("{}/readyz", self.intake())).await;
        let answer = answer.expect("the server answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.text().await.expect("a text")
    }

    /// Where alerts are taken in.
    pub fn intake(&self) -> String {
        match &*self.bot.borrow() {
            Some(bot) => format!("http://{}", bot.address()),
            None => self.fail("the bot does not run"),
        }
    }

    /// The memory of the running bot.
    pub fn store(&self) -> Arc<dyn Store> {
        match &*self.bot.borrow() {
            Some(bot) => bot.store(),
            None => self.fail("the bot does not run"),
        }
    }
}
