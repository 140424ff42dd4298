//! The HTTP server and the routes operators watch: `/healthz`, `/readyz` and `/metrics`.
//!
//! It must answer a valid alert quickly whatever else knocks at the door. Headers have five seconds to arrive, at most
//! 512 connections are open, and when all are taken the one that has been idle longest makes room. A client that opens
//! connections and says nothing therefore hurts only itself.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, extract};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Map, Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio::time::timeout;

/// How long clients may take, and how many there may be.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For a request's headers; also the longest a kept-alive connection stays idle.
    pub header_read: Duration,
    /// From the headers to the answer. Routes have shorter limits of their own; this is the net below them.
    pub request: Duration,
    /// Connections open at once.
    pub connections: usize,
    /// For requests still running when the server is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_read: Duration::from_secs(5),
            request: Duration::from_secs(30),
            connections: 512,
            drain: Duration::from_secs(10),
        }
    }
}

/// Who is at the other end; every request carries it as an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// The address could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen on {address}: {source}; set http.listen to a free address, or stop what uses it"
)]
pub struct ListenError {
    pub address: SocketAddr,
    pub source: std::io::Error,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on `listen` (port 0: any free one) until `shutdown` is done, then lets running requests finish.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(
        listen: SocketAddr,
        routes: Router,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Self, ListenError> {
        Self::start_with(Limits::default(), listen, routes, shutdown).await
    }

    /// Like [`Server::start`], with other limits.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start_with(
        limits: Limits,
        listen: SocketAddr,
        routes: Router,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Self, ListenError> {
        let failed = |source| ListenError {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let front = Front::new(limits, routes);
        let task = tokio::spawn(front.run(listener, shutdown));
        Ok(Self { address, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has stopped.
    pub async fn stopped(self) {
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the HTTP server ended unexpectedly");
        }
    }
}

/// One open connection, from the accepting side.
struct Open {
    /// A request is being answered on it.
    busy: Arc<AtomicBool>,
    task: AbortHandle,
}

/// The accepting side.
struct Front {
    limits: Arc<Limits>,
    routes: Router,
    /// Oldest first.
    open: Vec<Open>,
    tasks: JoinSet<()>,
    /// Told when a connection becomes idle.
    idle: Arc<Notify>,
    stop: watch::Sender<bool>,
}

impl Front {
    fn new(limits: Limits, routes: Router) -> Self {
        Self {
            limits: Arc::new(limits),
            routes,
            open: Vec::new(),
            tasks: JoinSet::new(),
            idle: Arc::new(Notify::new()),
            stop: watch::Sender::new(false),
        }
    }

    async fn run(mut self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let idle = Arc::clone(&self.idle);
        loop {
            let room = self.open.len() < self.limits.connections || self.oldest_idle().is_some();
            tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    let id = match ended {
                        Ok((id, ())) => id,
                        Err(error) => error.id(),
                    };
                    self.open.retain(|open| open.task.id() != id);
                }
                () = idle.notified(), if !room => {}
                accepted = listener.accept(), if room => match accepted {
                    Ok((stream, peer)) => self.serve(stream, peer),
                    Err(error) => {
                        // Out of file descriptors, most likely: wait for one to come back instead of spinning.
                        tracing::warn!(%error, "cannot accept a connection");
                        self.close_one_idle();
                        let _ = timeout(Duration::from_millis(100), idle.notified()).await;
                    }
                },
            }
        }
        drop(listener);
        self.stop.send_replace(true);
        let all_ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.limits.drain, all_ended).await.is_err() {
            tracing::warn!("some HTTP requests did not finish in time and were cut off");
        }
        self.tasks.shutdown().await;
    }

    fn oldest_idle(&self) -> Option<usize> {
        self.open
            .iter()
            .position(|open| !open.busy.load(Ordering::Acquire))
    }

    fn close_one_idle(&mut self) {
        if let Some(index) = self.oldest_idle() {
            self.open.remove(index).task.abort();
        }
    }

    fn serve(&mut self, stream: TcpStream, peer: SocketAddr) {
        if self.open.len() >= self.limits.connections {
            self.close_one_idle();
        }
        let busy = Arc::new(AtomicBool::new(false));
        let connection = serve_connection(
            stream,
            peer,
            self.routes.clone(),
            Arc::clone(&self.limits),
            Busy {
                flag: Arc::clone(&busy),
                idle: Arc::clone(&self.idle),
            },
            self.stop.subscribe(),
        );
        let task = self.tasks.spawn(connection);
        self.open.push(Open { busy, task });
    }
}

/// Marks a connection as busy while a request is being answered.
#[derive(Clone)]
struct Busy {
    flag: Arc<AtomicBool>,
    idle: Arc<Notify>,
}

impl Busy {
    fn begin(&self) -> BusyNow {
        self.flag.store(true, Ordering::Release);
        BusyNow(self.clone())
    }
}

struct BusyNow(Busy);

impl Drop for BusyNow {
    fn drop(&mut self) {
        self.0.flag.store(false, Ordering::Release);
        self.0.idle.notify_one();
    }
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    limits: Arc<Limits>,
    busy: Busy,
    mut stop: watch::Receiver<bool>,
) {
    let routes = TowerToHyperService::new(routes);
    let request_limit = limits.request;
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let busy_now = busy.begin();
        let answer = routes.call(request);
        async move {
            let answer = timeout(request_limit, answer).await;
            drop(busy_now);
            answer.unwrap_or_else(|_| {
                tracing::warn!("a request was not answered in time");
                Ok(retry_later("not answered in time"))
            })
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let told_to_stop = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = told_to_stop => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients hang up and time out all day.
        tracing::debug!(%error, %peer, "connection ended early");
    }
}

/// 503: come back soon. Alertmanager retries this within seconds; a 429 would cost it minutes.
pub(crate) fn retry_later(error: &str) -> Response {
    let mut response = (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(json!({ "error": error })),
    )
        .into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// How a part of the service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// All is well.
    Ready,
    /// Something is wrong, but alerts are still taken in: the process must keep its traffic.
    Degraded,
    /// Alerts cannot be taken in: traffic should go elsewhere.
    NotReady,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::NotReady => "not ready",
        }
    }
}

/// What a part of the service says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    pub state: State,
    /// Shown to operators as JSON; never a secret, never an incident's title.
    pub detail: Value,
}

/// A part of the service whose health `/readyz` shows.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Unique among the probes: `database`, `gateway`, `outbox`, `discord_gate`.
    fn name(&self) -> &'static str;
    /// Must answer within two seconds, or counts as not ready.
    async fn probe(&self) -> Health;
}

const PROBE_LIMIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Operations {
    probes: Arc<[Arc<dyn Probe>]>,
    probe_limit: Duration,
    metrics: PrometheusHandle,
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.probes.iter().map(|probe| probe.name()).collect();
        f.debug_struct("Operations")
            .field("probes", &names)
            .finish()
    }
}

/// `/healthz`: the process is alive. `/readyz`: it can take alerts, and how each part is. `/metrics`: for Prometheus.
pub fn operations(probes: Vec<Arc<dyn Probe>>, metrics: PrometheusHandle) -> Router {
    operations_within(PROBE_LIMIT, probes, metrics)
}

fn operations_within(
    probe_limit: Duration,
    probes: Vec<Arc<dyn Probe>>,
    metrics: PrometheusHandle,
) -> Router {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(Operations {
            probes: probes.into(),
            probe_limit,
            metrics,
        })
}

async fn ready(extract::State(operations): extract::State<Operations>) -> Response {
    let mut parts = Map::new();
    let mut worst = State::Ready;
    for probe in operations.probes.iter() {
        let health = timeout(operations.probe_limit, probe.probe())
            .await
            .unwrap_or_else(|_| Health {
                state: State::NotReady,
                detail: json!("no answer in time"),
            });
        worst = worst.max(health.state);
        let part = json!({ "state": health.state.name(), "detail": health.detail });
        parts.insert(probe.name().to_owned(), part);
    }
    let status = match worst {
        State::Ready | State::Degraded => StatusCode::OK,
        State::NotReady => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = json!({ "state": worst.name(), "parts": parts });
    (status, Json(body)).into_response()
}

async fn scrape(extract::State(operations): extract::State<Operations>) -> Response {
    let content_type = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (content_type, operations.metrics.render()).into_response()
}

#[cfg(test)]
mod tests;
