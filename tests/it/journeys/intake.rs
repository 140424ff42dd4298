//! What the door answers, with the real server behind it: a sender learns what was wrong, and an alert that was accepted is kept.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::world::{Alert, Setup, World};

fn body(world: &World, name: &str) -> Vec<u8> {
    Alert::named(name)
        .severity("critical")
        .webhook(world.now())
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn an_alert_without_the_token_is_refused_and_with_it_accepted() {
    let world = Setup::default()
        .with("intake.token", "a-long-token-of-the-team-0123456789")
        .start()
        .await;
    world.expects_warning("intake: wrong or missing token");
    let posts = async |headers: &[(&str, &str)]| {
        let body = body(&world, "api-latency");
        world.alertmanager().posts_bytes(body, headers).await.0
    };

    assert_eq!(posts(&[]).await, StatusCode::UNAUTHORIZED);
    let wrong = [("authorization", "Bearer guessed")];
    assert_eq!(posts(&wrong).await, StatusCode::UNAUTHORIZED);
    world.settle().await;
    assert_eq!(world.incidents().await, 0);

    let right = [(
        "authorization",
        "Bearer a-long-token-of-the-team-0123456789",
    )];
    assert_eq!(posts(&right).await, StatusCode::ACCEPTED);
    world.settle().await;
    world.channel("inc-0001-api-latency");
    world.ends().await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_answered_413_and_says_how_to_mend_it() {
    let world = Setup::default()
        .with("http.max_body_bytes", "4096")
        .start()
        .await;
    world.expects_warning("its alerts are NOT stored");
    let large = json!({"version": "4", "filler": "x".repeat(8_000)});

    let (status, answer) = world
        .alertmanager()
        .posts_bytes(large.to_string().into_bytes(), &[])
        .await;

    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        answer["mend"]
            .as_str()
            .is_some_and(|mend| mend.contains("http.max_body_bytes")),
        "{answer}"
    );
    world.ends().await;
}

/// The same poison comes back with every interval of its sender: operators hear of it once.
#[tokio::test]
async fn a_body_that_cannot_be_read_names_its_field_is_kept_and_told_to_operators_once() {
    let world = World::new().await;
    world.expects_warning("a body could not be understood");
    let mut poison = Alert::named("Broken")
        .severity("critical")
        .webhook(world.now());
    poison["alerts"][0]["startsAt"] = json!("yesterday");

    for _ in 0..3 {
        let (status, answer) = world
            .alertmanager()
            .posts_bytes(poison.to_string().into_bytes(), &[])
            .await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(
            answer["field"]
                .as_str()
                .is_some_and(|field| field.contains("startsAt")),
            "{answer}"
        );
        world.settle().await;
    }

    let operators = world.channel("incidents");
    operators.expect_once("could not be understood");
    let told = operators.saying("could not be understood").text;
    assert!(told.contains("startsAt"), "{told}");
    let replay = told
        .split("bridgewatch replay ")
        .nth(1)
        .and_then(|rest| rest.split('`').next())
        .expect("it says how to replay it");
    let kept = world.store().kept_receipt(replay).await;
    let (_, kept) = kept.expect("the store answers").expect("it is kept");
    assert_eq!(kept, poison.to_string().into_bytes());
    assert_eq!(world.incidents().await, 0);
    world.ends().await;
}

/// Alerts are worked off in their order, but one that cannot be, ever, is set aside and told: the next may be the one that
/// matters.
#[tokio::test]
async fn a_receipt_that_can_never_be_worked_off_holds_up_nobody() {
    let world = World::new().await;
    world.tolerates_warning("poisoned");
    let mut database = world.database().await;
    database
        .runs(
            "create trigger poison before insert on incident when new.title like '%Poison%' \
             begin select raise(abort, 'poisoned'); end",
        )
        .await;
    database.close().await;

    let poison = Alert::named("Poison").severity("critical");
    assert_eq!(
        world.alertmanager().posts_alert(poison).await,
        StatusCode::ACCEPTED
    );
    let alert = Alert::named("api-latency").severity("critical");
    assert_eq!(
        world.alertmanager().posts_alert(alert).await,
        StatusCode::ACCEPTED
    );
    // It is tried several times, in the machine's time, before it is given up.
    world
        .until_within(
            Duration::from_secs(60),
            "the alert behind it has its channel",
            async || world.incident_channels().len() == 1,
        )
        .await;
    world.settle().await;
    assert_eq!(world.incidents().await, 1);
    world
        .channel("incidents")
        .expect_once("bridgewatch replay ");
    world.ends().await;
}

/// Bodies that are announced and never come take all the room there is: the next sender is asked to come back in a second.
#[tokio::test]
async fn a_sender_is_told_to_come_back_while_there_is_no_room() {
    let world = World::new().await;
    world.expects_warning("intake: overloaded");
    let address = world.intake().replace("http://", "");
    let mut greedy = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(&address)
            .await
            .expect("the door is open");
        let head = format!(
            "POST /hooks/alertmanager HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            16 * 1024 * 1024
        );
        stream
            .write_all(head.as_bytes())
            .await
            .expect("headers are taken");
        greedy.push(stream);
    }
    world
        .until("the room is taken", async || {
            let body = body(&world, "api-latency");
            let (status, _) = world.alertmanager().posts_bytes(body, &[]).await;
            status == StatusCode::SERVICE_UNAVAILABLE
        })
        .await;

    drop(greedy);

    world
        .until("there is room again", async || {
            let body = body(&world, "api-latency");
            let (status, _) = world.alertmanager().posts_bytes(body, &[]).await;
            status == StatusCode::ACCEPTED
        })
        .await;
    world.settle().await;
    world.channel("inc-0001-api-latency");
    world.ends().await;
}

/// Health and metrics answer beside the alerts.
#[tokio::test]
async fn the_service_says_how_it_is() {
    let world = World::new().await;
    let get = async |path: &str| {
        let answer = reqwest::get(format!("{}{path}", world.intake()))
            .await
            .expect("the server answers");
        let status = answer.status();
        (status, answer.text().await.expect("a text"))
    };

    assert_eq!(get("/healthz").await.0, StatusCode::OK);
    let (status, ready) = get("/readyz").await;
    assert_eq!(status, StatusCode::OK);
    assert!(ready.contains("\"session\":\"connected\""), "{ready}");
    let (status, metrics) = get("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        metrics.contains("bridgewatch_intake_requests_total"),
        "{metrics}"
    );
    world.ends().await;
}
