//! A webhook of somebody else: takes what is posted, and answers as it is told.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;

/// A webhook that remembers.
#[derive(Clone)]
pub struct Sink {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
}

#[derive(Default)]
struct Book {
    posted: Vec<Posted>,
    /// What the next requests are answered; 200 when it is empty.
    answers: VecDeque<u16>,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq)]
pub struct Posted {
    /// The body.
    pub body: Value,
    /// Which delivery it is: the same for each attempt.
    pub idempotency_key: String,
    /// What it was answered.
    pub status: u16,
}

impl Sink {
    /// Listens on a free port until the test ends.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port can be listened on");
        let sink = Self {
            address: listener.local_addr().expect("a listener has an address"),
            book: Arc::default(),
        };
        let routes = Router::new()
            .route("/hook", post(take))
            .with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        sink
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The next requests are answered like this.
    pub fn answers_next(&self, statuses: &[u16]) {
        self.book().answers.extend(statuses);
    }

    /// Everything that came, in its order.
    pub fn posted(&self) -> Vec<Posted> {
        self.book().posted.clone()
    }

    /// The bodies of what was taken.
    pub fn taken(&self) -> Vec<Value> {
        let was_taken = |posted: &&Posted| posted.status < 300;
        self.book()
            .posted
            .iter()
            .filter(was_taken)
            .map(|posted| posted.body.clone())
            .collect()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(State(sink): State<Sink>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut book = sink.book();
    let status = book.answers.pop_front().unwrap_or(200);
    let key = headers.get("idempotency-key");
    book.posted.push(Posted {
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        idempotency_key: key
            .and_then(|key| key.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        status,
    });
    StatusCode::from_u16(status).expect("a test names a status there is")
}
