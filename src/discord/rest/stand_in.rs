//! A small, strict stand-in for Discord on a real socket: it gives the replies it was told to give, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, Response};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::super::gate::GateSettings;
use super::super::pace;
use super::{Rest, RestSettings};

pub(super) const TOKEN: &str = "MTA5.secret-of-the-bot";

/// What the stand-in saw of one request.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) at: Instant,
    pub(super) line: String,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the client sends JSON")
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }
}

pub(super) enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Keeps the caller waiting for ever.
    Hang,
}

pub(super) fn json_reply(status: u16, body: &Value) -> Reply {
    Reply::Answer {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.to_string(),
    }
}

pub(super) fn html_reply(status: u16) -> Reply {
    Reply::Answer {
        status,
        headers: vec![("content-type", "text/html".to_owned())],
        body: "<html><body>upstream connect error</body></html>".to_owned(),
    }
}

/// Gives its replies in order and then nothing but 204.
pub(super) struct StandIn {
    pub(super) address: String,
    state: Arc<StandInState>,
}

#[derive(Default)]
struct StandInState {
    seen: Mutex<Vec<Seen>>,
    replies: Mutex<VecDeque<Reply>>,
}

impl StandIn {
    pub(super) async fn answering(replies: impl IntoIterator<Item = Reply>) -> Self {
        let state = Arc::new(StandInState {
            seen: Mutex::default(),
            replies: Mutex::new(replies.into_iter().collect()),
        });
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            address: format!("http://{address}"),
            state,
        }
    }

    pub(super) fn client(&self) -> Rest {
        let mut settings = RestSettings::new(&self.address, TOKEN.into());
        settings.request_timeout = Duration::from_millis(300);
        Rest::new(settings, GateSettings::default()).expect("good settings")
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.state
            .seen
            .lock()
            .expect("no test panics in it")
            .clone()
    }

    pub(super) fn only_request(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

async fn answer(State(state): State<Arc<StandInState>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("the client sends whole bodies");
    state.seen.lock().expect("no panic").push(Seen {
        at: pace::now(),
        line: format!("{} {}", parts.method, parts.uri),
        headers: parts.headers,
        body,
    });
    let reply = state.replies.lock().expect("no panic").pop_front();
    let (status, headers, body) = match reply {
        Some(Reply::Answer {
            status,
            headers,
            body,
        }) => (status, headers, body),
        Some(Reply::Hang) => std::future::pending().await,
        None => (204, Vec::new(), String::new()),
    };
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).expect("a valid response")
}
