//! Faults on purpose: each as a client meets it, and what it left behind.

use std::time::Duration;

use discord_sim::Scope;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bot::{Bot, started};

const MESSAGES: &str = "/channels/*/messages";

/// Sends a message and tells whether any answer came.
async fn is_answered(bot: &Bot, body: Value) -> bool {
    let request = bot
        .request(Method::POST, &format!("/channels/{}/messages", bot.general))
        .json(&body);
    request.send().await.is_ok()
}

/// Waits until the channel holds this many messages.
async fn until_there_are(bot: &Bot, count: usize) {
    let mut changes = bot.discord.changes();
    while bot.discord.messages(bot.general).len() < count {
        changes.changed().await.expect("the local Discord runs");
    }
}

#[tokio::test]
async fn a_fault_strikes_the_route_it_names_as_often_as_it_says() {
    let bot = started().await;
    bot.discord
        .faults()
        .on("POST", MESSAGES)
        .after(1)
        .times(2)
        .status(503);
    let statuses = async || {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(bot.says(json!({"content": "x"})).await.status);
        }
        statuses
    };
    assert_eq!(statuses().await, [200, 503, 503, 200]);
    assert_eq!(bot.get("/users/@me").await.status, 200);
    assert_eq!(bot.discord.faults().armed(), 0);
}

#[tokio::test]
async fn a_server_error_is_a_page_of_html() {
    let bot = started().await;
    bot.discord.faults().anywhere().status(502);
    let answer = bot.says(json!({"content": "x"})).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (502, Some("text/html"))
    );
    assert!(
        answer
            .body
            .as_str()
            .is_some_and(|page| page.starts_with("<html>"))
    );
    assert!(bot.general_texts().is_empty());
}

#[tokio::test]
async fn a_lost_answer_leaves_its_effect() {
    let bot = started().await;
    bot.discord.faults().on("POST", MESSAGES).answer_lost();
    let body = json!({"content": "once", "nonce": "e1", "enforce_nonce": true});
    assert!(!is_answered(&bot, body.clone()).await);
    assert_eq!(bot.general_texts(), ["once"]);
    bot.said(body).await;
    assert_eq!(bot.general_texts(), ["once"]);
}

#[tokio::test]
async fn a_late_effect_comes_after_the_connection_is_gone() {
    let bot = started().await;
    bot.discord
        .faults()
        .on("POST", MESSAGES)
        .late_effect(Duration::from_millis(1));
    assert!(!is_answered(&bot, json!({"content": "late"})).await);
    until_there_are(&bot, 1).await;
}

#[tokio::test]
async fn a_hanging_request_is_let_go_when_the_fault_is_cleared() {
    let bot = started().await;
    let fault = bot.discord.faults().on("POST", MESSAGES).always().hang();
    let mut changes = bot.discord.changes();
    let (answered, ()) = tokio::join!(is_answered(&bot, json!({"content": "x"})), async {
        while bot.discord.faults().struck(fault) == 0 {
            changes.changed().await.expect("the local Discord runs");
        }
        bot.discord.faults().clear();
    });
    assert!(!answered);
    let record = &bot.discord.requests()[0];
    assert_eq!((record.status, record.fault), (0, Some("hang")));
}

#[tokio::test]
async fn a_rate_limit_on_purpose_looks_like_a_real_one() {
    let bot = started().await;
    bot.discord
        .faults()
        .on("POST", MESSAGES)
        .rate_limited(Scope::Global, Duration::from_millis(1500));
    let answer = bot.says(json!({"content": "x"})).await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.body,
        json!({"message": "You are being rate limited.", "code": 0, "retry_after": 1.5, "global": true})
    );
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("x-ratelimit-global"), Some("true"));
    assert_eq!(answer.header("x-ratelimit-scope"), Some("global"));
}

#[tokio::test]
async fn a_refusal_on_purpose_carries_discords_code() {
    let bot = started().await;
    bot.discord.faults().on("POST", MESSAGES).forbidden(50013);
    let answer = bot.says(json!({"content": "x"})).await;
    assert_eq!((answer.status, answer.code()), (403, 50013));
    bot.discord
        .faults()
        .on("PATCH", "/channels/*/messages/*")
        .refused(
            400,
            30046,
            "Maximum number of edits to messages older than 1 hour reached",
        );
    let id = bot.said(json!({"content": "x"})).await;
    assert_eq!(
        bot.patch(
            &format!("/channels/{}/messages/{id}", bot.general),
            json!({"content": "y"})
        )
        .await
        .code(),
        30046
    );
}

#[tokio::test]
async fn a_slow_answer_comes_after_all() {
    let bot = started().await;
    bot.discord
        .faults()
        .on("POST", MESSAGES)
        .slow(Duration::from_millis(30));
    assert_eq!(bot.says(json!({"content": "x"})).await.status, 200);
    let record = &bot.discord.requests()[0];
    assert!(record.duration_ms >= 30);
    assert_eq!(record.fault, Some("slow"));
}

#[tokio::test]
async fn what_was_asked_is_written_down_without_tokens() {
    let bot = started().await;
    let hook = bot
        .post(
            &format!("/channels/{}/webhooks", bot.general),
            json!({"name": "Alerts"}),
        )
        .await;
    let token = hook.body["token"]
        .as_str()
        .expect("a webhook has a token")
        .to_owned();
    bot.post(
        &format!("/webhooks/{}/{token}?wait=true", hook.id()),
        json!({"content": "x"}),
    )
    .await;
    let records = bot.discord.requests();
    let last = records.last().expect("two requests were made");
    assert_eq!(last.route, "/webhooks/{webhook_id}/{webhook_token}");
    assert_eq!(
        last.path,
        format!("/api/v10/webhooks/{}/{{token}}?wait=true", hook.id())
    );
    assert_eq!(last.request, json!({"content": "x"}));
    assert!(!format!("{records:?}").contains(&token));
    bot.discord.clear_requests();
    assert!(bot.discord.requests().is_empty());
}
