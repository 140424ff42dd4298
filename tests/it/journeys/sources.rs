//! Senders beside Alertmanager: each at its own address, with its own proof of who it is.

use bridgewatch::intake::Signing;
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::world::{Setup, Span as _, World};

const SECRET: &str = "what both sides of the contact point know";

fn signing() -> Signing {
    Signing::new(
        SecretString::from(SECRET),
        "X-Grafana-Alerting-Signature".to_owned(),
        Some("X-Time".to_owned()),
    )
}

fn grafana(world: &World) -> Value {
    let body = include_str!("../../fixtures/alerts/grafana/firing.json");
    let mut body: Value = serde_json::from_str(body).expect("the fixture is JSON");
    body["alerts"][0]["startsAt"] = json!(world.now().to_rfc3339());
    body
}

fn resolved(mut body: Value, at: DateTime<Utc>) -> Value {
    body["alerts"][0]["status"] = json!("resolved");
    body["alerts"][0]["endsAt"] = json!(at.to_rfc3339());
    body
}

async fn posts(
    world: &World,
    source: &str,
    body: &Value,
    headers: &[(String, String)],
) -> (StatusCode, Value) {
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = world
        .alertmanager()
        .posts_to(source, body.to_string().into_bytes(), &headers)
        .await;
    world.settle().await;
    answer
}

/// From a signed body to a channel with Grafana's links, and to the end of the alert.
#[tokio::test]
async fn grafana_opens_an_incident_with_its_links() {
    let world = Setup::default()
        .with("intake.grafana.hmac_secret", SECRET)
        .with("intake.grafana.timestamp_header", "X-Time")
        .start()
        .await;
    world.expects_warning("intake: wrong or missing signature");
    let body = grafana(&world);
    let bytes = body.to_string().into_bytes();

    let (status, answer) = posts(&world, "grafana", &body, &[]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer["error"], "the signature is missing");
    let recorded = signing().headers(&bytes, world.now() - 6.minutes());
    let (status, answer) = posts(&world, "grafana", &body, &recorded).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer["mend"], "compare the clocks of both machines");
    assert_eq!(world.incidents().await, 0);

    let signed = signing().headers(&bytes, world.now());
    let (status, _) = posts(&world, "grafana", &body, &signed).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let channel = world.channel("inc-0001-");
    channel.expect_board("checkout fails for 1 in 10");
    world.sam().in_channel(&channel).takes_it().await;
    let links: Vec<String> = world
        .incident(1)
        .await
        .links
        .into_iter()
        .map(|link| link.label)
        .collect();
    assert_eq!(links, ["Runbook", "Dashboard", "Panel"]);

    let over = resolved(body, world.now());
    let signed = signing().headers(over.to_string().as_bytes(), world.now());
    posts(&world, "grafana", &over, &signed).await;
    channel.expect_board("1 of 1 clear");
    world.ends().await;
}

/// What is forged looks harmless everywhere it is shown, also when its sender had the token.
#[tokio::test]
async fn a_source_with_a_token_of_its_own_takes_no_other() {
    let world = Setup::default()
        .with("intake.token", "the-token-of-everybody-0123456789")
        .with("intake.generic.token", "the-token-of-scripts-0123456789")
        .start()
        .await;
    world.expects_warning("intake: wrong or missing token");
    let body = json!({
        "id": "export", "status": "Triggered", "title": "@everyone the export [hangs](https://evil.example)",
        "severity": "critical", "service": "export", "starts_at": world.now().timestamp(),
        "links": {"Logs": "https://logs.example/export", "Dashboard": "https://a.example@evil.example/"},
    });
    let bearer = |token: &str| [("authorization".to_owned(), format!("Bearer {token}"))];

    let (status, _) = posts(
        &world,
        "generic",
        &body,
        &bearer("the-token-of-everybody-0123456789"),
    )
    .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, _) = posts(
        &world,
        "grafana",
        &grafana(&world),
        &bearer("the-token-of-scripts-0123456789"),
    )
    .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.incidents().await, 0);

    let (status, _) = posts(
        &world,
        "generic",
        &body,
        &bearer("the-token-of-scripts-0123456789"),
    )
    .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let channel = world.newest_incident_channel();
    channel.expect_board("export");
    channel.expect_board_without("@everyone");
    channel.expect_board_without("](https://evil");
    world.sam().in_channel(&channel).takes_it().await;
    let step = channel.saying("step 1 of");
    assert!(step.buttons().contains(&"Logs"), "{:?}", step.buttons());
    assert!(
        !step.buttons().contains(&"Dashboard"),
        "{:?}",
        step.buttons()
    );
    world.ends().await;
}

#[tokio::test]
async fn a_mistake_in_a_generic_body_is_named_to_its_sender() {
    let world = World::new().await;
    world.expects_warning("a body could not be understood");
    let body =
        json!({"id": "export", "status": "perhaps", "title": "x", "starts_at": 1_795_230_130});
    let (status, answer) = posts(&world, "generic", &body, &[]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(answer["field"], "status");
    assert_eq!(answer["mend"], "Say `firing` or `resolved`");
    world.ends().await;
}
