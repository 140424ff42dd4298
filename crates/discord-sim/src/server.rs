//! Listening: one port for REST, the gateway, attachments, the page and the control API.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::attachments;
use crate::control;
use crate::error::StartError;
use crate::faults::FaultBook;
use crate::gateway::{self, Transport};
use crate::model::World;
use crate::rate_limits::Limiter;
use crate::request_log::RequestLog;
use crate::rest;
use crate::settings::Settings;

/// Set on a response to end the connection without sending it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DropConnection;

/// What everything shares.
#[derive(Debug)]
pub(crate) struct Shared {
    pub settings: Arc<Settings>,
    pub address: SocketAddr,
    pub faults: FaultBook,
    pub log: RequestLog,
    world: Mutex<World>,
    limiter: Mutex<Limiter>,
    stop: watch::Sender<bool>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl Shared {
    /// The model, locked. Never held over an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To wait for the end of everything.
    pub(crate) fn stopping(&self) -> Stopping {
        Stopping(self.stop.subscribe())
    }

    /// Ends everything, and returns when the port is free.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        let listening = self
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(listening) = listening {
            // The task ends by itself; only the runtime's own end could cancel it, which frees the port as well.
            let _ = listening.await;
        }
    }
}

/// Waits for the end, also when it has come already.
#[derive(Debug)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    pub(crate) async fn wait(&mut self) {
        // An error means that everything is gone, which is an end too.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// Binds the port and serves until stopped.
pub(crate) async fn start(settings: Settings) -> Result<Arc<Shared>, StartError> {
    let address = settings.listen;
    let listen_error = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let log = RequestLog::open(settings.request_log.as_deref())?;
    let settings = Arc::new(settings);
    let shared = Arc::new(Shared {
        world: Mutex::new(World::new(
            Arc::clone(&settings),
            format!("http://{address}"),
        )),
        settings,
        address,
        faults: FaultBook::default(),
        log,
        limiter: Mutex::default(),
        stop: watch::channel(false).0,
        listening: Mutex::default(),
    });
    let router = router(Arc::clone(&shared));
    let listening = tokio::spawn(accept(listener, router, Arc::clone(&shared)));
    *shared
        .listening
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = Some(listening);
    Ok(shared)
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", any(front))
        .route("/gateway", any(front))
        .route(
            "/attachments/{channel_id}/{attachment_id}/{filename}",
            get(attachments::serve),
        )
        .route(
            "/ephemeral-attachments/{application_id}/{attachment_id}/{filename}",
            get(attachments::serve),
        )
        .merge(control::router(Arc::clone(&shared)))
        .fallback(rest::serve)
        .with_state(shared)
}

async fn accept(listener: TcpListener, router: Router, shared: Arc<Shared>) {
    let mut stop = shared.stopping();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    tokio::spawn(serve_connection(stream, peer, router.clone(), shared.stopping()));
                }
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            },
            () = stop.wait() => return,
        }
    }
}

async fn serve_connection(stream: TcpStream, peer: SocketAddr, router: Router, mut stop: Stopping) {
    // Answers are small and latency is felt by whoever clicks; losing Nagle costs nothing on loopback.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let service = service.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = service
                .call(request)
                .await
                .unwrap_or_else(|never: Infallible| match never {});
            // An error instead of a response makes hyper end the connection without a word.
            if response.extensions().get::<DropConnection>().is_some() {
                Err(Dropped)
            } else {
                Ok(response)
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        // A client that goes away is no news.
        _ = connection => {}
        () = stop.wait() => {}
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

/// The root: the gateway for a WebSocket, the page for a browser.
async fn front(
    State(shared): State<Arc<Shared>>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
    request: Request,
) -> Response {
    let query = Query::<HashMap<String, String>>::try_from_uri(request.uri())
        .map(|Query(query)| query)
        .unwrap_or_default();
    let asked = |name: &str| query.get(name).map(String::as_str);
    match upgrade {
        Ok(_) if asked("encoding").is_some_and(|encoding| encoding != "json") => {
            let told = "This local Discord's gateway speaks JSON only: connect with encoding=json.";
            (StatusCode::BAD_REQUEST, told).into_response()
        }
        Ok(upgrade) => {
            let transport = Transport::asked_by(asked("compress"));
            upgrade
                .max_message_size(64 * 1024)
                .on_upgrade(move |socket| gateway::serve(socket, shared, transport))
        }
        Err(_) if request.uri().path() == "/" => control::index(&shared, &request),
        Err(rejection) => rejection.into_response(),
    }
}
