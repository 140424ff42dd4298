use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;

use super::*;
use crate::telemetry;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);
const GET: &str = "GET /hello HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";

fn patient() -> Limits {
    Limits {
        header_read: LONG,
        request: LONG,
        connections: 512,
        drain: LONG,
    }
}

fn hello() -> Router {
    Router::new().route("/hello", get(async || "hello"))
}

/// A route that tells when it was entered and answers when it is told to.
fn held() -> (Router, oneshot::Receiver<()>, oneshot::Sender<()>) {
    let (entered_sender, entered) = oneshot::channel();
    let (release, released) = oneshot::channel();
    let ends = Arc::new(Mutex::new(Some((entered_sender, released))));
    let routes = hello().route(
        "/held",
        get(async move || {
            let ends = ends.lock().expect("no panic while locked").take();
            let (entered, released) = ends.expect("only one request is held");
            entered.send(()).expect("the test waits");
            released.await.expect("the test releases");
            "held"
        }),
    );
    (routes, entered, release)
}

struct Running {
    address: SocketAddr,
    server: Server,
    stop: oneshot::Sender<()>,
}

async fn run(limits: Limits, routes: Router) -> Running {
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::start_with(limits, listen, routes, shutdown)
        .await
        .expect("a free port exists");
    Running {
        address: server.address(),
        server,
        stop,
    }
}

async fn open(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address)
        .await
        .expect("the server listens")
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream
        .write_all(text.as_bytes())
        .await
        .expect("the server reads");
}

/// Everything the server says until it closes the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    timeout(Duration::from_secs(6), stream.read_to_string(&mut text))
        .await
        .expect("the connection is closed in time")
        .expect("the answer is text");
    text
}

async fn request(address: SocketAddr, text: &str) -> String {
    let mut stream = open(address).await;
    send(&mut stream, text).await;
    read_to_end(&mut stream).await
}

#[tokio::test]
async fn a_request_is_answered() {
    let running = run(patient(), hello()).await;
    let answer = request(running.address, GET).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_client_that_sends_its_headers_slowly_is_closed() {
    let limits = Limits {
        header_read: SHORT,
        ..patient()
    };
    let running = run(limits, hello()).await;
    for beginning in ["", "GET /hello HT", "GET /hello HTTP/1.1\r\nHost: te"] {
        let answer = request(running.address, beginning).await;
        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_that_is_never_answered_ends_with_retry_later() {
    let limits = Limits {
        request: SHORT,
        ..patient()
    };
    let routes = Router::new().route("/hello", get(std::future::pending::<String>));
    let running = run(limits, routes).await;
    let answer = request(running.address, GET).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
}

#[tokio::test]
async fn when_all_seats_are_taken_the_one_idle_longest_makes_room() {
    let limits = Limits {
        connections: 2,
        ..patient()
    };
    let running = run(limits, hello()).await;
    let mut oldest = open(running.address).await;
    let mut younger = open(running.address).await;

    let answer = request(running.address, GET).await;
    assert!(answer.ends_with("hello"), "{answer}");
    assert_eq!(read_to_end(&mut oldest).await, "");
    send(&mut younger, GET).await;
    assert!(read_to_end(&mut younger).await.ends_with("hello"));
}

#[tokio::test]
async fn a_thousand_silent_clients_do_not_delay_a_valid_request() {
    let running = run(patient(), hello()).await;
    let mut silent = Vec::new();
    for _ in 0..1_000 {
        silent.push(open(running.address).await);
    }
    let answer = timeout(Duration::from_secs(1), request(running.address, GET))
        .await
        .expect("answered within a second");
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn a_request_being_answered_keeps_its_seat() {
    let limits = Limits {
        connections: 1,
        ..patient()
    };
    let (routes, entered, release) = held();
    let running = run(limits, routes).await;
    let address = running.address;
    let first = tokio::spawn(async move {
        request(
            address,
            "GET /held HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
        )
        .await
    });
    entered.await.expect("the request arrives");
    let mut second = open(address).await;
    send(&mut second, GET).await;
    release.send(()).expect("the request waits");
    assert!(first.await.expect("no panic").ends_with("held"));
    assert!(read_to_end(&mut second).await.ends_with("hello"));
}

#[tokio::test]
async fn stopping_finishes_what_is_running_and_closes_what_is_idle() {
    let (routes, entered, release) = held();
    let running = run(patient(), routes).await;
    let mut idle = open(running.address).await;
    let mut active = open(running.address).await;
    send(&mut active, "GET /held HTTP/1.1\r\nHost: test\r\n\r\n").await;
    entered.await.expect("the request arrives");

    running.stop.send(()).expect("the server runs");
    assert_eq!(read_to_end(&mut idle).await, "");
    release.send(()).expect("the request waits");
    assert!(read_to_end(&mut active).await.ends_with("held"));
    running.server.stopped().await;
    TcpStream::connect(running.address)
        .await
        .expect_err("nobody listens any more");
}

#[tokio::test]
async fn what_does_not_finish_in_time_is_cut_off_when_stopping() {
    let limits = Limits {
        drain: SHORT,
        ..patient()
    };
    let (routes, entered, _release) = held();
    let running = run(limits, routes).await;
    let mut active = open(running.address).await;
    send(&mut active, "GET /held HTTP/1.1\r\nHost: test\r\n\r\n").await;
    entered.await.expect("the request arrives");
    running.stop.send(()).expect("the server runs");
    running.server.stopped().await;
    assert_eq!(read_to_end(&mut active).await, "");
}

#[tokio::test]
async fn an_address_in_use_is_named_with_its_setting() {
    let running = run(patient(), hello()).await;
    let error = Server::start(running.address, hello(), std::future::pending())
        .await
        .expect_err("the address is taken");
    assert_eq!(
        error.to_string(),
        format!(
            "cannot listen on {}: Address already in use (os error 98); \
             set http.listen to a free address, or stop what uses it",
            running.address
        )
    );
}

struct Part {
    name: &'static str,
    state: Option<State>,
}

#[async_trait]
impl Probe for Part {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn probe(&self) -> Health {
        match self.state {
            Some(state) => Health {
                state,
                detail: json!({ "age_seconds": 3 }),
            },
            None => std::future::pending().await,
        }
    }
}

async fn readiness_within(
    limit: Duration,
    parts: &[(&'static str, Option<State>)],
) -> (StatusCode, String) {
    let probes = parts
        .iter()
        .map(|&(name, state)| Arc::new(Part { name, state }) as Arc<dyn Probe>)
        .collect();
    let metrics = telemetry::metrics_handle().expect("nobody else installs a recorder");
    let request = hyper::Request::get("/readyz")
        .body(axum::body::Body::empty())
        .expect("the request is valid");
    let answer = TowerToHyperService::new(operations_within(limit, probes, metrics))
        .call(request)
        .await
        .expect("routes do not fail");
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 10_000)
        .await
        .expect("the body is complete");
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn readiness(parts: &[(&'static str, Option<State>)]) -> (StatusCode, String) {
    readiness_within(LONG, parts).await
}

#[tokio::test]
async fn ready_shows_every_part() {
    let parts = [
        ("database", Some(State::Ready)),
        ("outbox", Some(State::Ready)),
    ];
    let (status, body) = readiness(&parts).await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_snapshot!(body, @r#"{"parts":{"database":{"detail":{"age_seconds":3},"state":"ready"},"outbox":{"detail":{"age_seconds":3},"state":"ready"}},"state":"ready"}"#);
}

#[tokio::test]
async fn a_degraded_part_is_shown_and_keeps_the_traffic() {
    let parts = [
        ("database", Some(State::Ready)),
        ("gateway", Some(State::Degraded)),
    ];
    let (status, body) = readiness(&parts).await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_snapshot!(body, @r#"{"parts":{"database":{"detail":{"age_seconds":3},"state":"ready"},"gateway":{"detail":{"age_seconds":3},"state":"degraded"}},"state":"degraded"}"#);
}

#[tokio::test]
async fn a_part_that_is_not_ready_sends_the_traffic_elsewhere() {
    let parts = [
        ("database", Some(State::NotReady)),
        ("gateway", Some(State::Degraded)),
    ];
    let (status, body) = readiness(&parts).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    insta::assert_snapshot!(body, @r#"{"parts":{"database":{"detail":{"age_seconds":3},"state":"not ready"},"gateway":{"detail":{"age_seconds":3},"state":"degraded"}},"state":"not ready"}"#);
}

#[tokio::test]
async fn a_part_that_does_not_answer_is_not_ready() {
    let (status, body) = readiness_within(SHORT, &[("database", None)]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    insta::assert_snapshot!(body, @r#"{"parts":{"database":{"detail":"no answer in time","state":"not ready"}},"state":"not ready"}"#);
}

#[tokio::test]
async fn metrics_are_text_for_prometheus() {
    let metrics = telemetry::metrics_handle().expect("nobody else installs a recorder");
    metrics::gauge!(telemetry::GATEWAY_CONNECTED).set(1.0);
    let running = run(patient(), operations(Vec::new(), metrics)).await;
    let answer = request(
        running.address,
        "GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(
        answer.contains("content-type: text/plain; version=0.0.4"),
        "{answer}"
    );
    assert!(
        answer.contains("bridgewatch_gateway_connected 1"),
        "{answer}"
    );
    let alive = request(
        running.address,
        "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(alive.starts_with("HTTP/1.1 200 OK"), "{alive}");
}
