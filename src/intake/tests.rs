use std::net::SocketAddr;
use std::sync::Mutex;

use bridgewatch_core::alert::{Delivery, Pairs};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};

use super::*;
use crate::http::{Limits, Server};
use crate::telemetry;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);
const BODY: &str = r#"{"version":"4"}"#;

/// What the store does with the next receipts.
#[derive(Clone)]
pub(super) enum Sink {
    Keeps,
    KnowsThem,
    Overloaded,
    Broken,
    /// Says on entry that it has begun, and keeps the receipt when notified.
    Waits(mpsc::UnboundedSender<()>, Arc<Notify>),
}

struct Shelf {
    sink: Sink,
    receipts: Mutex<Vec<Receipt>>,
    kept: Notify,
}

#[async_trait]
impl ReceiptSink for Shelf {
    async fn store(&self, receipt: Receipt) -> Result<Stored, SinkError> {
        let stored = match &self.sink {
            Sink::Overloaded => return Err(SinkError::Overloaded),
            Sink::Broken => return Err(SinkError::Broken("disk /var/secret is full".into())),
            Sink::Waits(begun, go_on) => {
                begun.send(()).expect("the test listens");
                go_on.notified().await;
                Stored::New
            }
            Sink::KnowsThem => Stored::Repeat,
            Sink::Keeps => Stored::New,
        };
        self.receipts
            .lock()
            .expect("no panic while locked")
            .push(receipt);
        self.kept.notify_one();
        Ok(stored)
    }
}

pub(super) fn three_in_the_morning() -> DateTime<Utc> {
    "2026-11-21T02:02:00Z".parse().expect("a literal time")
}

/// The intake behind a real socket.
pub(super) struct Doorstep {
    address: SocketAddr,
    shelf: Arc<Shelf>,
    _server: Server,
}

pub(super) fn patient() -> IntakeLimits {
    IntakeLimits {
        max_body_bytes: 1024,
        in_flight: 16,
        in_flight_bytes: 1024 * 1024,
        patience: LONG,
    }
}

/// Understands everything but the word `nonsense`, and panics at `panic`.
fn parse(body: &[u8]) -> Result<Webhook, PayloadError> {
    let text = String::from_utf8_lossy(body);
    assert!(!text.contains("panic"), "asked to panic");
    if text.contains("nonsense") {
        return Err(PayloadError {
            path: "alerts[0].startsAt".into(),
            problem: "`nonsense` is not a time".into(),
            mend: "Send RFC 3339".into(),
        });
    }
    Ok(understood())
}

fn understood() -> Webhook {
    Webhook::Alerts(Delivery {
        source: "test".into(),
        receiver: String::new(),
        group_key: String::new(),
        external_url: None,
        truncated_alerts: 0,
        notification_reason: None,
        common_labels: Pairs::new(),
        alerts: Vec::new(),
    })
}

async fn doorstep(sink: Sink, limits: IntakeLimits, name: &'static str) -> Doorstep {
    let source = Source {
        name,
        path: "/hooks/test",
        parse,
    };
    doorstep_of(sink, limits, source, None).await
}

/// The door of one source, which asks for a token, and for a signature if there is a way to make one.
pub(super) async fn doorstep_of(
    sink: Sink,
    limits: IntakeLimits,
    source: Source,
    signing: Option<Signing>,
) -> Doorstep {
    telemetry::metrics_handle().expect("nobody else installs a recorder");
    let shelf = Arc::new(Shelf {
        sink,
        receipts: Mutex::default(),
        kept: Notify::new(),
    });
    let tokens = Tokens::new(&[SecretString::from("new"), SecretString::from("old")]);
    let mut intake = Intake::new(
        tokens.clone(),
        limits,
        Arc::clone(&shelf) as Arc<dyn ReceiptSink>,
        Clock::starting_at(three_in_the_morning(), 0.0),
    );
    if signing.is_some() {
        intake = intake.asking(source.name, Admission { tokens, signing });
    }
    let routes = intake.routes(&[source]);
    let limits = Limits {
        header_read: LONG,
        ..Limits::default()
    };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::start_with(limits, listen, routes, std::future::pending())
        .await
        .expect("a free port exists");
    Doorstep {
        address: server.address(),
        shelf,
        _server: server,
    }
}

/// A request as a sender writes it.
pub(super) fn post_to(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

fn post_with(headers: &str, body: &str) -> String {
    format!("POST /hooks/test HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n{body}")
}

fn post_body(body: &str) -> String {
    let headers = format!(
        "Authorization: Bearer old\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n",
        body.len()
    );
    post_with(&headers, body)
}

impl Doorstep {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address)
            .await
            .expect("the server listens");
        stream
            .write_all(text.as_bytes())
            .await
            .expect("the server reads");
        stream
    }

    pub(super) async fn request(&self, text: &str) -> String {
        read_to_end(self.send(text).await).await
    }

    pub(super) fn receipts(&self) -> Vec<Receipt> {
        self.shelf
            .receipts
            .lock()
            .expect("no panic while locked")
            .clone()
    }
}

async fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    timeout(Duration::from_secs(6), stream.read_to_string(&mut text))
        .await
        .expect("answered in time")
        .expect("the answer is text");
    text
}

pub(super) fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or(answer)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// Exactly one request of this source ended like this.
fn counted(source: &str, result: &str) -> bool {
    count_is(source, result, 1)
}

fn count_is(source: &str, result: &str, count: u32) -> bool {
    let line = format!("{INTAKE_REQUESTS}{{source=\"{source}\",result=\"{result}\"}} {count}\n");
    telemetry::metrics_handle()
        .expect("nobody else installs a recorder")
        .render()
        .contains(&line)
}

#[tokio::test]
async fn an_alert_is_accepted_once_it_is_stored() {
    let door = doorstep(Sink::Keeps, patient(), "accepts").await;
    let answer = door.request(&post_body(BODY)).await;
    assert_eq!(status(&answer), "202", "{answer}");
    let receipts = door.receipts();
    let id = receipts[0].id.clone();
    assert_eq!(body(&answer), format!(r#"{{"receipt":"{id}"}}"#));
    assert_eq!(
        receipts,
        [Receipt {
            id,
            source: "accepts",
            received_at: three_in_the_morning(),
            body: BODY.into(),
            sha256: "546e6a02f9b45ecb877ade7d6c657d9d9f1fae4c8c25dba53533979f78059211".into(),
            remote: "127.0.0.1".into(),
            parse: Ok(understood()),
        }]
    );
    assert!(counted("accepts", "accepted"));
    for result in RESULTS.into_iter().filter(|result| *result != "accepted") {
        assert!(count_is("accepts", result, 0), "{result} begins at 0");
    }
}

#[tokio::test]
async fn a_repeated_body_is_accepted_and_counted_apart() {
    let door = doorstep(Sink::KnowsThem, patient(), "repeats").await;
    let answer = door.request(&post_body(BODY)).await;
    assert_eq!(status(&answer), "202", "{answer}");
    assert!(counted("repeats", "repeated"));
}

#[tokio::test]
async fn basic_authentication_carries_the_token_as_password() {
    let door = doorstep(Sink::Keeps, patient(), "basic").await;
    // alertmanager:new
    let headers = "Authorization: Basic YWxlcnRtYW5hZ2VyOm5ldw==\r\nContent-Length: 2\r\n";
    let answer = door.request(&post_with(headers, "{}")).await;
    assert_eq!(status(&answer), "202", "{answer}");
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_read_or_stored() {
    let door = doorstep(Sink::Keeps, patient(), "stranger").await;
    for authorization in [
        "",
        "Authorization: Bearer wrong\r\n",
        "Authorization: new\r\n",
    ] {
        // The body never comes: the answer must not wait for it.
        let headers = format!("{authorization}Content-Length: 1000\r\n");
        let answer = door.request(&post_with(&headers, "")).await;
        assert_eq!(status(&answer), "401", "{answer}");
        assert!(
            answer.contains("www-authenticate: Bearer realm"),
            "{answer}"
        );
        assert!(answer.contains("www-authenticate: Basic realm"), "{answer}");
    }
    assert_eq!(door.receipts(), []);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_however_it_comes() {
    let door = doorstep(Sink::Keeps, patient(), "large").await;
    let just_right = "x".repeat(1024);
    let answer = door.request(&post_body(&just_right)).await;
    assert_eq!(status(&answer), "202", "{answer}");

    let announced = "Authorization: Bearer new\r\nContent-Length: 1025\r\n";
    let answer = door.request(&post_with(announced, "")).await;
    assert_eq!(status(&answer), "413", "{answer}");
    assert!(body(&answer).contains("http.max_body_bytes"), "{answer}");

    let chunked = "Authorization: Bearer new\r\nTransfer-Encoding: chunked\r\n";
    let chunk = format!("401\r\n{just_right}y\r\n0\r\n\r\n");
    let answer = door.request(&post_with(chunked, &chunk)).await;
    assert_eq!(status(&answer), "413", "{answer}");
    assert_eq!(door.receipts().len(), 1);
}

#[tokio::test]
async fn a_body_nobody_understands_is_stored_and_its_field_is_named() {
    let door = doorstep(Sink::Keeps, patient(), "unparsable").await;
    let answer = door.request(&post_body("nonsense")).await;
    assert_eq!(status(&answer), "400", "{answer}");
    let receipts = door.receipts();
    let shown = body(&answer).replace(&receipts[0].id, "<id>");
    insta::assert_snapshot!(shown, @r#"{"error":"alerts[0].startsAt: `nonsense` is not a time. Send RFC 3339.","field":"alerts[0].startsAt","mend":"Send RFC 3339","receipt":"<id>"}"#);
    assert_eq!(
        receipts[0].parse,
        Err("alerts[0].startsAt: `nonsense` is not a time. Send RFC 3339.".into())
    );
    assert!(counted("unparsable", "unparsable"));
}

#[tokio::test]
async fn a_parser_that_panics_costs_no_alert() {
    let door = doorstep(Sink::Keeps, patient(), "panics").await;
    let answer = door.request(&post_body("panic")).await;
    assert_eq!(status(&answer), "400", "{answer}");
    assert_eq!(door.receipts().len(), 1);
}

#[tokio::test]
async fn a_store_that_fails_makes_the_sender_retry_and_tells_it_nothing_else() {
    for (sink, name) in [(Sink::Overloaded, "full"), (Sink::Broken, "broken")] {
        let door = doorstep(sink, patient(), name).await;
        for text in [BODY, "nonsense"] {
            let answer = door.request(&post_body(text)).await;
            assert_eq!(status(&answer), "503", "{answer}");
            assert!(answer.contains("retry-after: 1"), "{answer}");
            assert!(!answer.contains("secret"), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_makes_the_sender_retry() {
    let (begun, _listener) = mpsc::unbounded_channel();
    let limits = IntakeLimits {
        patience: SHORT,
        ..patient()
    };
    let door = doorstep(Sink::Waits(begun, Arc::default()), limits, "stuck").await;
    let answer = door.request(&post_body(BODY)).await;
    assert_eq!(status(&answer), "503", "{answer}");
}

#[tokio::test]
async fn one_request_more_than_fits_is_asked_to_retry() {
    let few = IntakeLimits {
        in_flight: 1,
        ..patient()
    };
    let small = IntakeLimits {
        in_flight_bytes: 1024,
        ..patient()
    };
    for (limits, name) in [(few, "few"), (small, "small")] {
        let (begun, mut has_begun) = mpsc::unbounded_channel();
        let go_on = Arc::new(Notify::new());
        let door = doorstep(Sink::Waits(begun, Arc::clone(&go_on)), limits, name).await;
        let first = door.send(&post_body(BODY)).await;
        has_begun.recv().await.expect("the first is being stored");

        let answer = door.request(&post_body(BODY)).await;
        assert_eq!(status(&answer), "503", "{answer}");
        assert!(answer.contains("retry-after: 1"), "{answer}");

        go_on.notify_one();
        assert_eq!(status(&read_to_end(first).await), "202");
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_of_its_body_leaves_nothing_behind() {
    let door = doorstep(Sink::Keeps, patient(), "halfway").await;
    let headers = "Authorization: Bearer new\r\nContent-Length: 100\r\n";
    drop(door.send(&post_with(headers, "{\"half")).await);
    until(|| counted("halfway", "hung_up")).await;
    assert_eq!(door.receipts(), []);
}

#[tokio::test]
async fn a_client_that_hangs_up_while_its_alert_is_being_stored_cannot_stop_that() {
    let (begun, mut has_begun) = mpsc::unbounded_channel();
    let go_on = Arc::new(Notify::new());
    let limits = IntakeLimits {
        in_flight: 1,
        ..patient()
    };
    let door = doorstep(Sink::Waits(begun, Arc::clone(&go_on)), limits, "impatient").await;
    let client = door.send(&post_body(BODY)).await;
    has_begun.recv().await.expect("it is being stored");
    drop(client);
    until(|| counted("impatient", "hung_up")).await;

    // What is being stored keeps its seat: clients that hang up and come back cannot pile up work.
    let answer = door.request(&post_body(BODY)).await;
    assert_eq!(status(&answer), "503", "{answer}");

    go_on.notify_one();
    timeout(Duration::from_secs(6), door.shelf.kept.notified())
        .await
        .expect("the alert is stored in time");
    assert_eq!(door.receipts().len(), 1);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let limits = IntakeLimits {
        patience: SHORT,
        ..patient()
    };
    let door = doorstep(Sink::Keeps, limits, "slow").await;
    let headers = "Authorization: Bearer new\r\nContent-Length: 100\r\n";
    let answer = door.request(&post_with(headers, "{")).await;
    assert_eq!(status(&answer), "408", "{answer}");
    assert_eq!(door.receipts(), []);
}

#[tokio::test]
async fn only_post_and_put_are_methods_here() {
    let door = doorstep(Sink::Keeps, patient(), "method").await;
    let get = "GET /hooks/test HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    let answer = door.request(get).await;
    assert_eq!(status(&answer), "405", "{answer}");
    assert!(answer.contains("allow: POST,PUT"), "{answer}");
}

/// Lets the server work until `condition` holds.
async fn until(condition: impl Fn() -> bool) {
    let reached = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(6), reached)
        .await
        .expect("the condition holds in time");
}

#[test]
fn every_source_has_a_name_and_a_path_of_its_own_and_names_what_is_wrong() {
    let names: std::collections::BTreeSet<_> = SOURCES.iter().map(|source| source.name).collect();
    let paths: std::collections::BTreeSet<_> = SOURCES.iter().map(|source| source.path).collect();
    assert_eq!((names.len(), paths.len()), (SOURCES.len(), SOURCES.len()));
    for source in SOURCES {
        let problem = (source.parse)(b"{").expect_err("half an object is no payload");
        assert!(!problem.path.is_empty(), "{problem}");
    }
}
