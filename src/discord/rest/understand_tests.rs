//! What the bot makes of each kind of answer.

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serenity::model::id::{ApplicationId, ChannelId};

use super::*;

const JSON_429: &str =
    r#"{"message":"You are being rate limited.","retry_after":0.65,"global":false}"#;

fn send() -> Route {
    Route::messages(Method::POST, ChannelId::new(7))
}

fn read() -> Route {
    Route::messages(Method::GET, ChannelId::new(7))
}

fn answered(
    route: &Route,
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> (Outcome, Result<Vec<u8>, ApiError>) {
    let headers = headers
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect();
    let answer = RawAnswer {
        status,
        headers,
        body: body.as_bytes().to_vec(),
    };
    understand(route, answer)
}

#[test]
fn the_wait_of_a_429_is_read_from_its_body_to_the_fraction_of_a_second() {
    let (outcome, result) = answered(&send(), 429, &[("retry-after", "1")], JSON_429);
    assert_eq!(
        outcome.rate_limited,
        Some(RateLimited {
            after: Duration::from_millis(650),
            scope: Scope::Bucket
        })
    );
    assert!(outcome.invalid);
    assert_eq!(
        result.expect_err("limited").to_string(),
        "not now, again in 0.7 s: Discord answered POST /channels/7/messages with 429: the limit of this route is \
         used up"
    );
}

#[test]
fn a_429_of_a_shared_limit_is_not_held_against_us() {
    let (outcome, _) = answered(&send(), 429, &[("x-ratelimit-scope", "shared")], JSON_429);
    assert!(!outcome.invalid);
    assert_eq!(
        outcome.rate_limited.map(|limited| limited.scope),
        Some(Scope::Shared)
    );
}

#[test]
fn a_global_429_is_known_by_header_or_body() {
    let global = Some(Scope::Global);
    let by_header = answered(&send(), 429, &[("x-ratelimit-global", "true")], JSON_429).0;
    let by_scope = answered(&send(), 429, &[("x-ratelimit-scope", "global")], JSON_429).0;
    let by_body = answered(&send(), 429, &[], r#"{"retry_after":2,"global":true}"#).0;
    for outcome in [by_header, by_scope, by_body] {
        assert_eq!(outcome.rate_limited.map(|limited| limited.scope), global);
    }
}

#[test]
fn a_429_written_by_the_edge_pauses_everything_for_a_minute() {
    let (outcome, _) = answered(&send(), 429, &[], "error code: 1015");
    assert_eq!(
        outcome.rate_limited,
        Some(RateLimited {
            after: EDGE_BLOCK,
            scope: Scope::Global
        })
    );
}

#[test]
fn a_403_written_by_the_edge_is_a_pause_and_not_a_refusal() {
    let (outcome, result) = answered(&send(), 403, &[], "<html>Access denied</html>");
    assert!(outcome.invalid);
    assert_eq!(result.expect_err("blocked").retry_after(), Some(EDGE_BLOCK));
}

#[test]
fn nonsense_in_retry_after_becomes_a_sane_wait() {
    for body in [
        r#"{"retry_after":-3}"#,
        r#"{"retry_after":1e300}"#,
        r#"{"retry_after":null}"#,
    ] {
        let (outcome, _) = answered(&send(), 429, &[("x-ratelimit-scope", "user")], body);
        let after = outcome.rate_limited.expect("a 429").after;
        assert_eq!(after, UNSAID_RATE_LIMIT, "{body}");
    }
    let (outcome, _) = answered(&send(), 429, &[], r#"{"retry_after":9e7}"#);
    assert_eq!(outcome.rate_limited.expect("a 429").after, LONGEST_PAUSE);
}

#[test]
fn too_many_edits_of_an_old_message_is_a_refusal_that_asks_for_a_new_post() {
    let body = r#"{"message":"Maximum number of edits to messages older than 1 hour reached","code":30046}"#;
    let (outcome, result) = answered(&send(), 429, &[], body);
    assert_eq!(outcome.rate_limited, None);
    let error = result.expect_err("refused");
    assert_eq!(error.code(), Some(30_046));
    assert!(error.to_string().ends_with("post a new one."), "{error}");
}

#[test]
fn a_503_did_nothing_but_a_502_may_come_after_the_deed() {
    let html = "<html><h1>Service Unavailable</h1></html>";
    let (outcome, unavailable) = answered(&send(), 503, &[("retry-after", "7")], html);
    assert_eq!(outcome.peer, Peer::Failed);
    assert_eq!(
        unavailable.expect_err("503").retry_after(),
        Some(Duration::from_secs(7))
    );
    let gateway_trouble = answered(&send(), 502, &[], html).1.expect_err("502");
    assert!(matches!(gateway_trouble, ApiError::Maybe { .. }));
    let reading = answered(&read(), 502, &[], html).1.expect_err("502");
    assert_eq!(reading.retry_after(), Some(SERVER_TROUBLE));
}

#[test]
fn only_the_bot_token_itself_stops_the_bot() {
    let body = r#"{"message":"401: Unauthorized","code":0}"#;
    assert_eq!(answered(&send(), 401, &[], body).0.token, Some(false));
    let webhook = Route::interaction_original(ApplicationId::new(5), &"expired".into());
    assert_eq!(answered(&webhook, 401, &[], body).0.token, None);
}

#[test]
fn the_limit_headers_are_read_and_incomplete_ones_ignored() {
    let complete = [
        ("x-ratelimit-bucket", "80c17d2f"),
        ("x-ratelimit-limit", "5"),
        ("x-ratelimit-remaining", "4"),
        ("x-ratelimit-reset", "1770173023.0457"),
        ("x-ratelimit-reset-after", "4.5"),
    ];
    assert_eq!(
        answered(&send(), 200, &complete, "{}").0.limits,
        Some(LimitHeaders {
            bucket: Some("80c17d2f".to_owned()),
            limit: 5,
            remaining: 4,
            reset_after: Duration::from_millis(4_500),
            reset_stamp_ms: Some(1_770_173_023_045),
        })
    );
    assert_eq!(answered(&send(), 200, &complete[..3], "{}").0.limits, None);
}
