//! The client against a stand-in for Discord on a real socket.

use serde_json::json;
use serenity::model::id::{ApplicationId, ChannelId, GuildId, MessageId, RoleId, UserId};

use super::super::answers::{ChannelKind, Overwrite, OverwriteFor, PermissionBits};
use super::super::calls::{ChannelEdit, NewChannel};
use super::super::message::{Audience, MessageBody, Nonce};
use super::stand_in::{Reply, StandIn, TOKEN, html_reply, json_reply};
use super::*;

const CHANNEL: ChannelId = ChannelId::new(7);

fn message(id: u64) -> Value {
    json!({
        "id": id.to_string(), "channel_id": "7", "type": 0, "content": "hello",
        "timestamp": "2026-11-22T03:04:05.678000+00:00", "pinned": false,
        "author": { "id": "3", "username": "kim" }
    })
}

fn nonce() -> Nonce {
    Nonce::new("effect-42").expect("it fits")
}

async fn post(rest: &Rest) -> Result<(), ApiError> {
    rest.create_message(CHANNEL, &MessageBody::text("hello"), &nonce(), &[])
        .await
        .map(drop)
}

#[tokio::test]
async fn a_post_carries_token_agent_nonce_and_no_pings() {
    let discord = StandIn::answering([json_reply(200, &message(11))]).await;
    let posted = discord
        .client()
        .because("INC-7: declared — Ops")
        .create_message(CHANNEL, &MessageBody::text("@everyone"), &nonce(), &[])
        .await
        .expect("posted");
    assert_eq!(posted.id, MessageId::new(11));
    let request = discord.only_request();
    assert_eq!(request.line, "POST /api/v10/channels/7/messages");
    assert_eq!(request.header("authorization"), format!("Bot {TOKEN}"));
    assert!(
        request
            .header("user-agent")
            .starts_with("DiscordBot (https://")
    );
    assert_eq!(
        request.header("x-audit-log-reason"),
        "INC%2D7%3A%20declared%20%E2%80%94%20Ops"
    );
    assert_eq!(
        request.json(),
        json!({
            "content": "@everyone", "embeds": [], "components": [],
            "allowed_mentions": { "parse": [], "replied_user": false },
            "nonce": "effect-42", "enforce_nonce": true
        })
    );
}

#[tokio::test]
async fn files_travel_beside_the_body() {
    let discord = StandIn::answering([json_reply(200, &message(11))]).await;
    let file = File {
        name: "postmortem.md".to_owned(),
        content_type: "text/markdown; charset=utf-8",
        bytes: b"# What happened".to_vec(),
    };
    discord
        .client()
        .create_message(CHANNEL, &MessageBody::text("draft"), &nonce(), &[file])
        .await
        .expect("posted");
    let request = discord.only_request();
    assert!(
        request
            .header("content-type")
            .starts_with("multipart/form-data")
    );
    let form = String::from_utf8_lossy(&request.body).into_owned();
    assert!(form.contains(r#"name="payload_json""#), "{form}");
    assert!(form.contains(r#""attachments":[{"filename":"postmortem.md","id":"0"}]"#));
    assert!(form.contains(r#"name="files[0]"; filename="postmortem.md""#));
    assert!(form.contains("# What happened"));
}

#[tokio::test]
async fn a_private_channel_is_made_private_in_one_call() {
    let made = json!({
        "id": "70", "type": 0, "name": "inc-7-orders", "guild_id": "900", "parent_id": "5", "topic": "[ir:inc-7]"
    });
    let discord = StandIn::answering([json_reply(201, &made)]).await;
    let channel = NewChannel {
        name: "inc-7-orders".to_owned(),
        kind: ChannelKind::Text,
        topic: Some("[ir:inc-7]".to_owned()),
        parent: Some(ChannelId::new(5)),
        overwrites: vec![Overwrite {
            of: OverwriteFor::Role(RoleId::new(900)),
            allow: PermissionBits::default(),
            deny: PermissionBits::VIEW_CHANNEL,
        }],
        position: None,
    };
    let made = discord
        .client()
        .create_channel(GuildId::new(900), &channel)
        .await
        .expect("made");
    assert_eq!(made.id, ChannelId::new(70));
    assert_eq!(
        discord.only_request().json(),
        json!({
            "name": "inc-7-orders", "type": 0, "topic": "[ir:inc-7]", "parent_id": "5",
            "permission_overwrites": [{ "id": "900", "type": 0, "allow": "0", "deny": "1024" }]
        })
    );
}

#[tokio::test]
async fn a_short_429_is_waited_for_and_the_call_repeated() {
    let limited =
        json!({ "message": "You are being rate limited.", "retry_after": 0.15, "global": false });
    let discord =
        StandIn::answering([json_reply(429, &limited), json_reply(200, &message(11))]).await;
    post(&discord.client())
        .await
        .expect("the second try is taken");
    let seen = discord.seen();
    assert_eq!(seen.len(), 2);
    let waited = seen[1].at - seen[0].at;
    assert!(waited >= Duration::from_millis(150), "{waited:?}");
}

#[tokio::test]
async fn a_429_longer_than_the_patience_goes_back_to_the_caller() {
    let limited = json!({ "retry_after": 583.2, "global": false });
    let discord = StandIn::answering([json_reply(429, &limited)]).await;
    let rest = discord.client();
    let edit = ChannelEdit {
        topic: Some("third today".to_owned()),
        ..ChannelEdit::default()
    };
    let error = rest
        .edit_channel(CHANNEL, &edit)
        .await
        .expect_err("limited");
    let after = error.retry_after().expect("a wait");
    assert!(after > Duration::from_secs(580), "{after:?}");
    rest.edit_channel(CHANNEL, &edit)
        .await
        .expect_err("the gate knows now");
    assert_eq!(discord.seen().len(), 1, "nothing was sent the second time");
}

#[tokio::test]
async fn a_global_429_holds_back_calls_to_other_channels() {
    let limited = json!({ "retry_after": 0.2, "global": true });
    let discord = StandIn::answering([
        json_reply(429, &limited),
        json_reply(200, &message(1)),
        json_reply(200, &message(2)),
    ])
    .await;
    let rest = discord.client();
    let first = post(&rest.patience(Duration::ZERO)).await;
    assert!(first.expect_err("limited").retry_after().is_some());
    rest.get_message(ChannelId::new(8), MessageId::new(1))
        .await
        .expect("after the pause");
    let seen = discord.seen();
    assert!(seen[1].at - seen[0].at >= Duration::from_millis(200));
}

#[tokio::test]
async fn an_html_503_is_a_retry() {
    let discord = StandIn::answering([html_reply(503)]).await;
    let error = post(&discord.client()).await.expect_err("unavailable");
    assert_eq!(
        error.to_string(),
        "not now, again in 1.0 s: Discord answered POST /channels/7/messages with status 503"
    );
}

#[tokio::test]
async fn a_post_that_hangs_may_have_happened() {
    let discord = StandIn::answering([Reply::Hang]).await;
    let error = post(&discord.client()).await.expect_err("timed out");
    assert_eq!(
        error.to_string(),
        "Discord did not answer POST /channels/7/messages in time; it may have happened all the same"
    );
    assert!(matches!(error, ApiError::Maybe { .. }), "{error:?}");
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("it is bound").port()
    };
    let settings = RestSettings::new(format!("http://127.0.0.1:{port}"), TOKEN.into());
    let rest = Rest::new(settings, GateSettings::default()).expect("good settings");
    let error = post(&rest).await.expect_err("nobody listens");
    assert!(matches!(error, ApiError::NotSent { .. }), "{error:?}");
    assert!(error.to_string().contains("Connection refused"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_not_what_it_should_be_is_an_error() {
    let strange = json!({ "id": 5 });
    let discord = StandIn::answering([json_reply(200, &strange), json_reply(200, &strange)]).await;
    let rest = discord.client();
    let posting = post(&rest).await.expect_err("unreadable");
    assert!(matches!(posting, ApiError::Maybe { .. }), "{posting}");
    let reading = rest
        .get_message(CHANNEL, MessageId::new(5))
        .await
        .expect_err("unreadable");
    assert!(reading.retry_after().is_some(), "{reading}");
}

#[tokio::test]
async fn a_page_of_history_comes_oldest_first_and_survives_an_unreadable_entry() {
    let page = json!([message(13), { "id": "12", "odd": true }, message(11)]);
    let discord = StandIn::answering([json_reply(200, &page)]).await;
    let page = discord
        .client()
        .messages_after(CHANNEL, None, 3)
        .await
        .expect("a page");
    let ids: Vec<u64> = page
        .messages
        .iter()
        .map(|message| message.id.get())
        .collect();
    assert_eq!(ids, [11, 13]);
    assert_eq!(page.unreadable, 1);
    assert!(page.is_full);
    assert_eq!(
        discord.only_request().line,
        "GET /api/v10/channels/7/messages?limit=3&after=0"
    );
}

#[tokio::test]
async fn pins_use_the_older_route_once_the_newer_is_unknown() {
    let unknown = json!({ "message": "404: Not Found", "code": 0 });
    let discord = StandIn::answering([json_reply(404, &unknown)]).await;
    let rest = discord.client();
    rest.pin(CHANNEL, MessageId::new(9)).await.expect("pinned");
    rest.pin(CHANNEL, MessageId::new(10)).await.expect("pinned");
    let lines: Vec<String> = discord.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(
        lines,
        [
            "PUT /api/v10/channels/7/messages/pins/9",
            "PUT /api/v10/channels/7/pins/9",
            "PUT /api/v10/channels/7/pins/10"
        ]
    );
}

#[tokio::test]
async fn deleting_what_is_gone_is_a_success_but_a_wrong_address_is_not() {
    let gone = json!({ "message": "Unknown Channel", "code": 10003 });
    let discord = StandIn::answering([json_reply(404, &gone), html_reply(404)]).await;
    let rest = discord.client();
    rest.delete_channel(CHANNEL).await.expect("it is gone");
    rest.delete_channel(CHANNEL)
        .await
        .expect_err("nothing says that it is gone");
}

#[tokio::test]
async fn the_answer_to_a_command_is_edited_without_the_bot_token() {
    let discord =
        StandIn::answering([json_reply(200, &message(11)), json_reply(200, &message(12))]).await;
    let rest = discord.client();
    let token = SecretString::from("interaction-secret");
    let body = MessageBody::text("done");
    rest.edit_original_interaction_response(ApplicationId::new(5), &token, &body, &[])
        .await
        .expect("edited");
    rest.follow_up(
        ApplicationId::new(5),
        &token,
        &body,
        Audience::OnlyAsker,
        &[],
    )
    .await
    .expect("said");
    let seen = discord.seen();
    assert_eq!(
        seen[0].line,
        "PATCH /api/v10/webhooks/5/interaction-secret/messages/@original"
    );
    assert_eq!(seen[0].header("authorization"), "");
    assert_eq!(
        seen[1].line,
        "POST /api/v10/webhooks/5/interaction-secret?wait=true"
    );
    assert_eq!(seen[1].json()["flags"], 64);
}

#[tokio::test]
async fn no_error_shows_a_token() {
    let strange = json!({ "secret": TOKEN });
    let discord = StandIn::answering([
        json_reply(401, &json!({ "message": "401: Unauthorized", "code": 0 })),
        html_reply(500),
        json_reply(200, &strange),
        Reply::Hang,
    ])
    .await;
    let interaction = SecretString::from("interaction-secret");
    let mut errors = Vec::new();
    let rest = discord.client();
    errors.push(rest.current_user().await.expect_err("401"));
    let rest = discord.client();
    for _ in 0..3 {
        let body = MessageBody::text("done");
        let result = rest
            .edit_original_interaction_response(ApplicationId::new(5), &interaction, &body, &[])
            .await;
        errors.push(result.expect_err("each of them fails"));
    }
    errors.push({
        let settings = RestSettings::new("http://127.0.0.1:1", TOKEN.into());
        let rest = Rest::new(settings, GateSettings::default()).expect("good settings");
        let body = MessageBody::text("done");
        rest.edit_original_interaction_response(ApplicationId::new(5), &interaction, &body, &[])
            .await
            .expect_err("nobody listens")
    });
    for error in errors {
        for shown in [format!("{error}"), format!("{error:?}")] {
            assert!(!shown.contains("secret"), "{shown}");
        }
    }
    let settings = RestSettings::new(&discord.address, TOKEN.into());
    assert!(!format!("{settings:?} {rest:?}").contains("secret"));
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_place_taken() {
    let discord = StandIn::answering([Reply::Hang, json_reply(200, &message(11))]).await;
    let rest = discord.client();
    let impatient = tokio::time::timeout(Duration::from_millis(50), post(&rest)).await;
    impatient.expect_err("it hangs");
    post(&rest).await.expect("the next one is not held up");
    assert_eq!(rest.status().in_flight, 0);
}

#[tokio::test]
async fn operators_see_how_calls_end_but_no_ids() {
    let metrics = crate::telemetry::metrics_handle().expect("nobody else records");
    let discord = StandIn::answering([html_reply(500)]).await;
    let token = SecretString::from("interaction-secret");
    discord
        .client()
        .follow_up(
            ApplicationId::new(5_550_123),
            &token,
            &MessageBody::text("done"),
            Audience::Everybody,
            &[],
        )
        .await
        .expect_err("a server error");
    let shown = metrics.render();
    let labels = r#"{route="/webhooks/{application}/{token}",method="POST",status="500""#;
    assert!(shown.contains(&format!(
        "bridgewatch_discord_request_duration_seconds_bucket{labels}"
    )));
    assert!(!shown.contains("5550123") && !shown.contains("interaction-secret"));
}

#[tokio::test]
async fn direct_messages_are_opened_and_everything_else_has_its_path() {
    let dm = json!({ "id": "77", "type": 1 });
    let discord = StandIn::answering([json_reply(200, &dm)]).await;
    let rest = discord.client();
    let channel = rest.open_dm(UserId::new(3)).await.expect("opened");
    assert_eq!(channel.kind, ChannelKind::DirectMessage);
    rest.react(CHANNEL, MessageId::new(9), "📌")
        .await
        .expect("reacted");
    rest.unreact(CHANNEL, MessageId::new(9), "📌")
        .await
        .expect("taken back");
    rest.delete_message(CHANNEL, MessageId::new(9))
        .await
        .expect("deleted");
    let overwrite = Overwrite {
        of: OverwriteFor::Member(UserId::new(3)),
        allow: PermissionBits::VIEW_CHANNEL,
        deny: PermissionBits::default(),
    };
    rest.set_channel_permission(CHANNEL, &overwrite)
        .await
        .expect("set");
    let seen = discord.seen();
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /api/v10/users/@me/channels",
            "PUT /api/v10/channels/7/messages/9/reactions/%F0%9F%93%8C/@me",
            "DELETE /api/v10/channels/7/messages/9/reactions/%F0%9F%93%8C/@me",
            "DELETE /api/v10/channels/7/messages/9",
            "PUT /api/v10/channels/7/permissions/3"
        ]
    );
    assert_eq!(
        seen[4].json(),
        json!({ "type": 1, "allow": "1024", "deny": "0" })
    );
}

#[test]
fn settings_that_would_leak_or_fail_are_refused_with_what_to_mend() {
    let refuse = |url: &str, token: &str| {
        let settings = RestSettings::new(url, token.into());
        Rest::new(settings, GateSettings::default())
            .expect_err("it must not start")
            .to_string()
    };
    assert!(refuse("http://discord.com", TOKEN).contains("only inside this machine"));
    assert!(refuse("discord.com", TOKEN).contains("write https://discord.com"));
    assert!(!refuse("https://me:hidden@discord.com", TOKEN).contains("hidden"));
    assert!(refuse(DISCORD, "with space").contains("copy it again"));
    assert!(refuse(DISCORD, "").contains("copy it again"));
}
