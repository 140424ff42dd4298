//! Who may do what: tokens, channels, overwrites, roles.

use discord_sim::permissions as p;
use reqwest::Method;
use serde_json::{Value, json};

use crate::bot::{Bot, INTENTS, connected, quiet, started, started_with};

/// A bot with exactly these permissions beside @everyone's.
async fn bot_with(permissions: u64) -> Bot {
    let mut settings = quiet();
    settings.bot_permissions = permissions;
    started_with(settings).await
}

fn private_to(bot: &Bot, allowed: Vec<Value>) -> Value {
    let mut overwrites = vec![
        json!({"id": bot.discord.guild_id().to_string(), "type": 0, "deny": p::VIEW_CHANNEL.to_string()}),
    ];
    overwrites.extend(allowed);
    json!({"name": "inc-1", "permission_overwrites": overwrites})
}

fn allow(id: u64, member: bool, bits: u64) -> Value {
    json!({"id": id.to_string(), "type": u8::from(member), "allow": bits.to_string()})
}

async fn creates_channel(bot: &Bot, body: Value) -> crate::bot::Answer {
    bot.post(
        &format!("/guilds/{}/channels", bot.discord.guild_id()),
        body,
    )
    .await
}

#[tokio::test]
async fn without_the_token_nobody_is_let_in() {
    let bot = started().await;
    let url = format!("{}/api/v10/users/@me", bot.discord.url());
    let agent = "DiscordBot (https://example.org, 1)";
    let nobody = bot
        .send(bot.http.get(&url).header("user-agent", agent))
        .await;
    assert_eq!(
        (nobody.status, nobody.body),
        (401, json!({"message": "401: Unauthorized", "code": 0}))
    );
    let wrong = bot
        .http
        .get(&url)
        .header("user-agent", agent)
        .header("authorization", "Bot wrong");
    assert_eq!(bot.send(wrong).await.status, 401);
    let nameless = bot
        .request(Method::GET, "/users/@me")
        .header("user-agent", "curl/8");
    let nameless = nameless.build().expect("the request is complete");
    let mut nameless = nameless;
    nameless.headers_mut().insert(
        "user-agent",
        reqwest::header::HeaderValue::from_static("curl/8"),
    );
    let answer = bot
        .http
        .execute(nameless)
        .await
        .expect("the local Discord answers");
    assert_eq!(answer.status().as_u16(), 403);
    let body: Value = answer.json().await.expect("errors are JSON");
    assert_eq!(body["code"], 40333);
}

#[tokio::test]
async fn a_private_channel_is_seen_by_whom_it_was_opened_to() {
    let (bot, mut gateway) = connected().await;
    let responder = bot
        .discord
        .role_named("responder")
        .expect("the default guild has responders");
    let view = p::VIEW_CHANNEL | p::SEND_MESSAGES;
    let body = private_to(
        &bot,
        vec![
            allow(responder, false, view),
            allow(bot.discord.bot_id(), true, view),
        ],
    );
    let opened = creates_channel(&bot, body).await;
    assert_eq!(opened.status, 201);
    assert_eq!(gateway.expect("CHANNEL_CREATE").await["name"], "inc-1");
    assert!(bot.person("sam").sees(opened.id()));
    assert!(!bot.person("priya").sees(opened.id()));
    assert!(bot.person("nora").sees(opened.id()));
    assert!(bot.person("priya").say(opened.id(), "hello?").is_err());
    bot.person("sam")
        .say(opened.id(), "here")
        .expect("sam is a responder");
}

#[tokio::test]
async fn a_bot_that_locks_itself_out_sees_and_hears_nothing() {
    let (bot, mut gateway) = connected().await;
    let opened = creates_channel(&bot, private_to(&bot, vec![])).await;
    assert_eq!(opened.status, 201);
    let answer = bot.get(&format!("/channels/{}", opened.id())).await;
    assert_eq!((answer.status, answer.code()), (403, 50001));
    let posted = bot
        .post(
            &format!("/channels/{}/messages", opened.id()),
            json!({"content": "x"}),
        )
        .await;
    assert_eq!(posted.code(), 50001);
    bot.person("nora")
        .say(opened.id(), "only me here")
        .expect("the owner sees everything");
    assert_eq!(gateway.names_until_heartbeat().await, Vec::<String>::new());
}

#[tokio::test]
async fn history_without_the_right_to_it_is_an_empty_list() {
    let (bot, _gateway) = connected().await;
    bot.said(json!({"content": "past"})).await;
    let denied = json!({"type": 1, "deny": p::READ_MESSAGE_HISTORY.to_string(), "allow": "0"});
    let path = format!(
        "/channels/{}/permissions/{}",
        bot.general,
        bot.discord.bot_id()
    );
    assert_eq!(bot.put(&path, denied).await.status, 204);
    let list = bot
        .get(&format!("/channels/{}/messages", bot.general))
        .await;
    assert_eq!((list.status, list.body), (200, json!([])));
    assert_eq!(bot.delete(&path).await.status, 204);
    let list = bot
        .get(&format!("/channels/{}/messages", bot.general))
        .await;
    assert_eq!(list.body.as_array().map(Vec::len), Some(1));
    assert_eq!(bot.delete(&path).await.code(), 10009);
}

#[tokio::test]
async fn pinning_needs_its_own_permission() {
    let bot = bot_with(p::MANAGE_MESSAGES).await;
    let id = bot.said(json!({"content": "pin me"})).await;
    let pinned = bot
        .put(&format!("/channels/{}/pins/{id}", bot.general), json!({}))
        .await;
    assert_eq!((pinned.status, pinned.code()), (403, 50013));
    assert!(bot.person("sam").pin(bot.general, id).is_err());
    assert!(
        bot.discord
            .set_role_permissions("Northwind Bot", p::PIN_MESSAGES)
    );
    assert_eq!(
        bot.put(&format!("/channels/{}/pins/{id}", bot.general), json!({}))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn each_right_is_asked_for_where_it_is_needed() {
    let bot = bot_with(0).await;
    assert!(
        bot.discord
            .set_role_permissions("@everyone", p::VIEW_CHANNEL | p::SEND_MESSAGES)
    );
    assert_eq!(
        bot.says(json!({"embeds": [{"title": "x"}]})).await.code(),
        50013
    );
    let own = bot.said(json!({"content": "plain"})).await;
    let reaction = format!(
        "/channels/{}/messages/{own}/reactions/%F0%9F%93%8C/@me",
        bot.general
    );
    assert_eq!(bot.put(&reaction, json!({})).await.code(), 50013);
    assert_eq!(
        creates_channel(&bot, json!({"name": "x"})).await.code(),
        50013
    );
    assert_eq!(
        bot.patch(&format!("/channels/{}", bot.general), json!({"name": "x"}))
            .await
            .code(),
        50013
    );
    let thread = format!("/channels/{}/messages/{own}/threads", bot.general);
    assert_eq!(bot.post(&thread, json!({"name": "t"})).await.code(), 50013);
    let hooks = format!("/channels/{}/webhooks", bot.general);
    assert_eq!(bot.post(&hooks, json!({"name": "x"})).await.code(), 50013);
    let events = format!("/guilds/{}/scheduled-events", bot.discord.guild_id());
    assert_eq!(bot.post(&events, json!({})).await.code(), 50013);
    let others = bot
        .person("sam")
        .say(bot.general, "mine")
        .expect("sam may write");
    assert_eq!(
        bot.delete(&format!("/channels/{}/messages/{others}", bot.general))
            .await
            .code(),
        50013
    );
}

#[tokio::test]
async fn an_overwrite_holds_only_what_its_author_may_do() {
    let bot = bot_with(p::MANAGE_CHANNELS | p::MANAGE_ROLES).await;
    let sam = bot.person("sam").id();
    let body = private_to(&bot, vec![allow(sam, true, p::MANAGE_MESSAGES)]);
    assert_eq!(creates_channel(&bot, body).await.code(), 50013);
    let body = private_to(&bot, vec![allow(sam, true, p::MANAGE_ROLES)]);
    assert_eq!(creates_channel(&bot, body).await.code(), 50013);
    let unknown = private_to(&bot, vec![allow(42, false, p::SEND_MESSAGES)]);
    assert_eq!(creates_channel(&bot, unknown).await.code(), 10009);
    let body = private_to(&bot, vec![allow(sam, true, p::VIEW_CHANNEL)]);
    assert_eq!(creates_channel(&bot, body).await.status, 201);
}

#[tokio::test]
async fn later_overwrites_need_manage_roles() {
    let bot = bot_with(p::MANAGE_CHANNELS).await;
    let path = format!(
        "/channels/{}/permissions/{}",
        bot.general,
        bot.person("sam").id()
    );
    assert_eq!(
        bot.put(&path, json!({"type": 1, "allow": "0", "deny": "0"}))
            .await
            .code(),
        50013
    );
}

#[tokio::test]
async fn a_bot_gives_only_roles_below_its_own() {
    let bot = started().await;
    let guild = format!("/guilds/{}", bot.discord.guild_id());
    let made = bot
        .post(
            &format!("{guild}/roles"),
            json!({"name": "incident-1", "mentionable": true}),
        )
        .await;
    assert_eq!(made.status, 200);
    let sam = bot.person("sam").id();
    let path = format!("{guild}/members/{sam}/roles/{}", made.id());
    assert_eq!(bot.put(&path, json!({})).await.status, 204);
    let member = bot.get(&format!("{guild}/members/{sam}")).await;
    let has = |member: &Value| {
        member["roles"]
            .as_array()
            .is_some_and(|roles| roles.contains(&json!(made.id().to_string())))
    };
    assert!(has(&member.body));
    assert_eq!(bot.delete(&path).await.status, 204);
    assert!(!has(&bot.get(&format!("{guild}/members/{sam}")).await.body));
    let own = bot
        .discord
        .role_named("Northwind Bot")
        .expect("the bot has a role of its own");
    assert_eq!(
        bot.put(&format!("{guild}/members/{sam}/roles/{own}"), json!({}))
            .await
            .code(),
        50013
    );
    let powerful = json!({"name": "boss", "permissions": p::ADMINISTRATOR.to_string()});
    assert_eq!(
        bot.post(&format!("{guild}/roles"), powerful).await.code(),
        50013
    );
    assert_eq!(
        bot.delete(&format!("{guild}/roles/{}", made.id()))
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn without_message_content_only_words_meant_for_the_bot_are_read() {
    let mut settings = quiet();
    settings.privileged_intents.message_content = false;
    let bot = started_with(settings).await;
    let mut gateway = crate::bot::Gateway::identified(&bot, INTENTS & !(1 << 15)).await;
    bot.person("sam")
        .say(bot.general, "between us")
        .expect("sam may write");
    bot.person("sam")
        .say(bot.general, &format!("<@{}> hello", bot.discord.bot_id()))
        .expect("sam may write");
    assert_eq!(gateway.expect("MESSAGE_CREATE").await["content"], "");
    assert!(
        gateway.expect("MESSAGE_CREATE").await["content"]
            .as_str()
            .is_some_and(|text| text.ends_with("hello"))
    );
    let list = bot
        .get(&format!("/channels/{}/messages", bot.general))
        .await
        .body;
    assert_eq!(list[1]["content"], "");
    assert_ne!(list[0]["content"], "");
    let whole = list[1]["id"].clone();
    bot.said(json!({"content": "noted", "message_reference": {"message_id": whole}}))
        .await;
    let list = bot
        .get(&format!("/channels/{}/messages?limit=1", bot.general))
        .await
        .body;
    assert_eq!(list[0]["content"], "noted");
    assert_eq!(list[0]["referenced_message"]["content"], "");
}
