//! What was changed shortly before: reported by whatever changes the systems, shown where people look for it.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{Alert, Setup, Span as _, World};

const BOARD: &str = "**CHANGES** (correlates, not cause)";

fn deployment(world: &World, version: &str, minutes_ago: i64) -> Value {
    json!({
        "service": "orders-api",
        "version": version,
        "kind": "deployment",
        "who": "release-bot",
        "link": format!("https://ci.example.com/{version}"),
        "at": (world.now() - minutes_ago.minutes()).to_rfc3339(),
        "id": format!("run-{version}"),
    })
}

async fn reports(world: &World, change: &Value, headers: &[(&str, &str)]) -> StatusCode {
    let bytes = change.to_string().into_bytes();
    let answer = world
        .alertmanager()
        .posts_to("change", bytes, headers)
        .await;
    world.settle().await;
    answer.0
}

async fn orders_fail(world: &World) {
    let alert = Alert::named("ApiErrorRateHigh")
        .severity("critical")
        .service("orders-api")
        .category("backend")
        .summary("orders-api 5xx 38%");
    world.alertmanager().sends(alert).await;
}

/// A deployment that came before the alert stands on the first board and beside the first step; one that is reported while
/// people are at work appears on both.
#[tokio::test]
async fn changes_stand_on_the_board_and_beside_the_first_step() {
    let world = World::new().await;
    assert_eq!(
        reports(&world, &deployment(&world, "2026.11.3", 21), &[]).await,
        StatusCode::ACCEPTED
    );
    let too_old = deployment(&world, "2026.11.1", 121);
    reports(&world, &too_old, &[]).await;
    assert_eq!(world.incidents().await, 0, "a change is no incident");

    orders_fail(&world).await;
    let channel = world.channel("inc-0001-");
    channel
        .expect_board(BOARD)
        .expect_board("orders-api 2026.11.3: deployment")
        .expect_board("(21 min before it began), release-bot <https://ci.example.com/2026.11.3>")
        .expect_board_without("2026.11.1");
    world.sam().in_channel(&channel).takes_it().await;
    let step = channel.saying("step 1 of");
    assert!(step.text.contains(BOARD), "{}", step.text);

    let flag = json!({"service": "orders-api", "version": "ai-hints on", "kind": "flag",
        "at": (world.now() - 2.minutes()).to_rfc3339()});
    for _ in 0..2 {
        // A pipeline that heard no answer asks again.
        reports(&world, &flag, &[]).await;
    }
    channel.expect_board("orders-api ai-hints on: flag");
    assert_eq!(channel.board().text.matches("ai-hints").count(), 1);
    let step = channel.saying("step 1 of");
    assert!(step.text.contains("ai-hints on"), "{}", step.text);
    let shown = world.sam().in_channel(&channel).types("/inc show").await;
    shown.expect("ai-hints on").expect_private();
    let view = world
        .sam()
        .in_channel(&channel)
        .types("/inc show view:changes")
        .await;
    view.expect("2 changes")
        .expect("21 min before it began")
        .expect_private();

    for version in ["2026.11.4", "2026.11.5"] {
        reports(&world, &deployment(&world, version, 1), &[]).await;
    }
    channel.expect_board("\n+1\n");
    world.ends().await;
}

#[tokio::test]
async fn a_step_that_rolls_back_names_what_can_be() {
    let runbook = "---\nid: orders\ntitle: Orders fail\ncategory: backend\nmatch:\n  - ['alertname=\"ApiErrorRateHigh\"']\npriority: 50\n\
        owners: [orders]\nreview_by: 2027-06-30\n---\n\n# Orders fail\n\nOrders answer errors.\n\n## Diagnosis\n\n\
        - [ ] **On-Call Engineer:** Look at the error rate <!-- id:rate -->\n\
        - [ ] **On-Call Engineer:** Read the log <!-- id:log -->\n\n\
        ## Mitigation\n\n- [ ] **On-Call Engineer:** Roll back the last deployment <!-- id:back critical:yes -->\n\n\
        ## Resolution\n\n- [ ] **On-Call Engineer:** Mend it <!-- id:mend -->\n\n\
        ## Validation\n\n- [ ] **On-Call Engineer:** Orders go through again <!-- id:works critical:yes -->\n\n\
        ## Communication\n\n- [ ] **Bridge Engineer:** Say it <!-- id:say -->\n\n\
        ## Learning\n\n- [ ] **Documentation Lead:** Write it down <!-- id:write -->\n";
    let world = Setup::default().runbook("orders.md", runbook).start().await;
    reports(&world, &deployment(&world, "2026.11.3", 21), &[]).await;
    orders_fail(&world).await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    sam.takes_it().await;
    sam.clicks("Done").await;
    let step = channel.saying("step 2 of");
    assert!(!step.text.contains("2026.11.3"), "{}", step.text);

    sam.types("/inc phase to:mitigation").await;
    let step = channel.saying("Roll back the last deployment");
    assert!(
        step.text
            .contains("**Could be rolled back** (correlates, not cause)"),
        "{}",
        step.text
    );
    assert!(step.text.contains("orders-api 2026.11.3"), "{}", step.text);
    world.ends().await;
}

/// What a restricted incident shows stays in its channel, also when a change makes it draw its board again.
#[tokio::test]
async fn a_change_betrays_no_restricted_incident() {
    let world = World::new().await;
    let alert = Alert::named("TokenLeaked")
        .severity("critical")
        .service("vault")
        .category("security")
        .summary("amber otter");
    world.alertmanager().sends(alert).await;
    let mut change = deployment(&world, "2026.11.3", 5);
    change["service"] = json!("vault");
    let answer = world
        .alertmanager()
        .posts_to("change", change.to_string().into_bytes(), &[])
        .await;
    world.settle().await;
    assert!(!answer.1.to_string().contains("INC-"), "{}", answer.1);
    world
        .newest_incident_channel()
        .expect_board("vault 2026.11.3");
    let digest = world.channel("incidents");
    digest
        .expect_no_line("2026.11.3")
        .expect_no_line("amber otter");
    let receipts = world
        .store()
        .receipts(None, 10)
        .await
        .expect("the store answers");
    let trace = receipts
        .iter()
        .find(|receipt| receipt.source == "change")
        .and_then(|receipt| receipt.trace.clone());
    assert_eq!(
        trace.as_deref(),
        Some("a deployment is noted; one live incident shows it")
    );
    world.ends().await;
}

#[tokio::test]
async fn a_change_is_taken_from_whoever_has_the_token_and_is_kept_through_a_crash() {
    let world = Setup::default()
        .with("intake.change.token", "the-token-of-pipelines-0123456789")
        .start()
        .await;
    world.expects_warning("intake: wrong or missing token");
    let change = deployment(&world, "2026.11.3", 21);
    assert_eq!(
        reports(&world, &change, &[]).await,
        StatusCode::UNAUTHORIZED
    );
    let bearer = [("authorization", "Bearer the-token-of-pipelines-0123456789")];
    let answered = world
        .alertmanager()
        .posts_to("change", change.to_string().into_bytes(), &bearer)
        .await;
    assert_eq!(answered.0, StatusCode::ACCEPTED);
    world.kills_the_bot().await;
    world.starts_the_bot().await;
    orders_fail(&world).await;
    world
        .channel("inc-0001-")
        .expect_board("orders-api 2026.11.3");
    world.ends().await;
}

#[tokio::test]
async fn what_strangers_call_their_changes_is_harmless() {
    let world = World::new().await;
    let mut change = deployment(&world, "[v1](https://evil.example)", 21);
    change["who"] = json!("@everyone\n# loud");
    change["link"] = json!("https://ci.example.com@evil.example/");
    reports(&world, &change, &[]).await;
    orders_fail(&world).await;
    let channel = world.channel("inc-0001-");
    channel.expect_board(BOARD);
    for bad in ["@everyone", "\n# loud", "](https", "evil.example/"] {
        channel.expect_board_without(bad);
    }
    world.ends().await;
}
