//! Rate limits as a client sees them.

use discord_sim::{RateLimits, Settings};
use serde_json::json;

use crate::bot::{Bot, started, started_with};

async fn limited() -> Bot {
    started_with(Settings {
        rate_limits: RateLimits::Real,
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn every_answer_of_a_bucket_tells_how_much_is_left() {
    let bot = limited().await;
    let first = bot.says(json!({"content": "1"})).await;
    assert_eq!(first.header("x-ratelimit-limit"), Some("5"));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("4"));
    for header in [
        "x-ratelimit-reset",
        "x-ratelimit-reset-after",
        "x-ratelimit-bucket",
    ] {
        assert!(first.header(header).is_some(), "{header}");
    }
    let second = bot.says(json!({"content": "2"})).await;
    assert_eq!(second.header("x-ratelimit-remaining"), Some("3"));
    assert_eq!(
        second.header("x-ratelimit-bucket"),
        first.header("x-ratelimit-bucket")
    );
}

#[tokio::test]
async fn the_sixth_message_in_five_seconds_has_to_wait() {
    let bot = limited().await;
    for number in 0..5 {
        bot.said(json!({"content": number.to_string()})).await;
    }
    let sixth = bot.says(json!({"content": "5"})).await;
    assert_eq!(sixth.status, 429);
    assert_eq!(sixth.body["message"], "You are being rate limited.");
    assert_eq!(sixth.body["global"], false);
    let retry_after = sixth.body["retry_after"].as_f64().unwrap_or_default();
    assert!(retry_after > 0.0 && retry_after <= 5.0, "{retry_after}");
    assert_eq!(sixth.header("x-ratelimit-scope"), Some("user"));
    assert!(sixth.header("retry-after").is_some());
    assert_eq!(bot.general_texts().len(), 5);
}

#[tokio::test]
async fn a_channel_is_renamed_twice_in_ten_minutes_and_otherwise_changed_more_often() {
    let bot = limited().await;
    let path = format!("/channels/{}", bot.general);
    assert_eq!(bot.patch(&path, json!({"topic": "one"})).await.status, 200);
    assert_eq!(bot.patch(&path, json!({"name": "two"})).await.status, 200);
    let third = bot.patch(&path, json!({"topic": "three"})).await;
    assert_eq!(
        (third.status, third.header("x-ratelimit-scope")),
        (429, Some("shared"))
    );
    assert!(
        third.body["retry_after"]
            .as_f64()
            .is_some_and(|seconds| seconds > 500.0)
    );
    assert_eq!(
        bot.patch(&path, json!({"rate_limit_per_user": 5}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn without_limits_there_are_no_headers() {
    let bot = started().await;
    for number in 0..10 {
        let answer = bot.says(json!({"content": number.to_string()})).await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-limit")),
            (200, None)
        );
    }
}
