//! What client libraries lean on without a word in Discord's documentation, each found by running one of them.

use base64::Engine as _;
use discord_sim::Scope;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::bot::{Answer, Bot, Gateway, INTENTS, connected, identify, started};

const GUILD_MODERATION: u64 = 1 << 2;
const VIEW_AUDIT_LOG: u64 = 1 << 7;
const ADMINISTRATOR: u64 = 1 << 3;

fn guild(bot: &Bot, below: &str) -> String {
    format!("/guilds/{}{below}", bot.discord.guild_id())
}

async fn forum(bot: &Bot) -> u64 {
    let made = bot
        .post(
            &guild(bot, "/channels"),
            json!({"name": "posts", "type": 15}),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.id()
}

async fn thread(bot: &Bot, name: &str) -> u64 {
    let path = format!("/channels/{}/threads", bot.general);
    let made = bot.post(&path, json!({"name": name, "type": 11})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.id()
}

fn ids(list: &Value) -> Vec<u64> {
    let id = |one: &Value| one["id"].as_str().and_then(|id| id.parse().ok());
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

/// Hikari and Discordeno read the bot's id out of its token.
#[tokio::test]
async fn the_token_begins_with_the_bots_id() {
    let bot = started().await;
    let token = bot.discord.token();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let id = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(parts[0])
        .expect("the first part is base64");
    assert_eq!(id, bot.discord.bot_id().to_string().into_bytes());
}

/// discord.py takes a 429 without `Via` for one of Cloudflare's and gives up.
#[tokio::test]
async fn an_answer_comes_by_way_of_discords_proxy() {
    let bot = started().await;
    let faults = bot.discord.faults();
    faults
        .on("GET", "/users/@me")
        .rate_limited(Scope::User, std::time::Duration::from_millis(1));
    let limited = bot.get("/users/@me").await;
    assert_eq!(
        (limited.status, limited.header("via")),
        (429, Some("1.1 google"))
    );
    let fine = bot.get("/users/@me").await;
    assert_eq!((fine.status, fine.header("via")), (200, Some("1.1 google")));
}

async fn first_message(bot: &Bot, query: &str) -> Vec<Vec<u8>> {
    let url = format!("{}/?{query}", bot.discord.url().replacen("http", "ws", 1));
    let (mut socket, _) = tokio_tungstenite::connect_async(url)
        .await
        .expect("the gateway takes connections");
    let identify = identify(&bot.discord.token(), INTENTS).to_string();
    socket
        .send(Message::text(identify))
        .await
        .expect("the gateway is there");
    let mut messages = Vec::new();
    while messages.len() < 2 {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => messages.push(bytes.to_vec()),
            other => panic!("expected a binary message, got {other:?}"),
        }
    }
    messages
}

/// discord.py, Hikari and JDA ask for zlib by default.
#[tokio::test]
async fn a_gateway_asked_for_zlib_compresses_one_stream() {
    let bot = started().await;
    let messages = first_message(&bot, "v=10&encoding=json&compress=zlib-stream").await;
    let mut inflate = flate2::Decompress::new(true);
    let mut opcodes = Vec::new();
    for message in messages {
        let mut text = Vec::with_capacity(64 * 1024);
        inflate
            .decompress_vec(&message, &mut text, flate2::FlushDecompress::Sync)
            .expect("the stream is sound");
        let payload: Value = serde_json::from_slice(&text).expect("a message is a whole payload");
        opcodes.push((payload["op"].clone(), payload["t"].clone()));
    }
    assert_eq!(
        opcodes,
        [(json!(10), json!(null)), (json!(0), json!("READY"))]
    );
}

/// Twilight asks for Zstandard by default, discord.py where it can.
#[tokio::test]
async fn a_gateway_asked_for_zstandard_sends_one_frame() {
    let bot = started().await;
    let mut stream = first_message(&bot, "v=10&encoding=json&compress=zstd-stream")
        .await
        .concat();
    stream.extend([1, 0, 0]);
    let mut text = String::new();
    let mut decoder =
        ruzstd::decoding::StreamingDecoder::new(stream.as_slice()).expect("a frame begins");
    std::io::Read::read_to_string(&mut decoder, &mut text).expect("the frame is sound");
    assert!(text.contains("\"op\":10") && text.contains("\"READY\""));
}

#[tokio::test]
async fn a_gateway_asked_for_etf_says_that_it_speaks_json() {
    let bot = started().await;
    let url = format!(
        "{}/?v=10&encoding=etf",
        bot.discord.url().replacen("http", "ws", 1)
    );
    let refused = tokio_tungstenite::connect_async(url)
        .await
        .expect_err("there is no ETF here");
    assert!(refused.to_string().contains("400"), "{refused}");
}

/// Some libraries take fields apart before they look at the opcode.
#[tokio::test]
async fn a_heartbeat_is_acknowledged_with_every_field() {
    let (_bot, mut gateway) = connected().await;
    gateway.send(json!({"op": 1, "d": null})).await;
    assert_eq!(
        gateway.next().await,
        json!({"t": null, "s": null, "op": 11, "d": null})
    );
}

/// Hikari asks for page after page until one is empty.
#[tokio::test]
async fn thread_members_come_in_pages_with_the_guild_member() {
    let bot = started().await;
    let thread = thread(&bot, "pages").await;
    let path = format!("/channels/{thread}/thread-members");
    let first = bot.get(&format!("{path}?with_member=true&limit=1")).await;
    assert_eq!(
        first.body[0]["member"]["user"]["id"],
        first.body[0]["user_id"]
    );
    let last = first.body[0]["user_id"]
        .as_str()
        .expect("a member has an id");
    let second = bot
        .get(&format!("{path}?with_member=true&limit=1&after={last}"))
        .await;
    assert_eq!(second.body, json!([]));
    let all = bot.get(&path).await;
    assert_eq!(all.body[0]["member"], Value::Null);
}

async fn archived(bot: &Bot, query: &str) -> Answer {
    let path = format!("/channels/{}/threads/archived/public?{query}", bot.general);
    bot.get(&path).await
}

/// discord.py goes on from the time of the oldest thread it was given.
#[tokio::test]
async fn archived_threads_come_in_pages() {
    let bot = started().await;
    let mut threads = Vec::new();
    for name in ["one", "two", "three"] {
        let id = thread(&bot, name).await;
        bot.passes(chrono::TimeDelta::seconds(1));
        bot.patch(&format!("/channels/{id}"), json!({"archived": true}))
            .await;
        threads.push(id);
    }
    let first = archived(&bot, "limit=2").await.body;
    assert_eq!(ids(&first["threads"]), [threads[2], threads[1]]);
    assert_eq!(first["has_more"], true);
    let before = first["threads"][1]["thread_metadata"]["archive_timestamp"]
        .as_str()
        .expect("an archived thread tells when");
    let second = archived(&bot, &format!("limit=2&before={before}"))
        .await
        .body;
    assert_eq!(ids(&second["threads"]), [threads[0]]);
    assert_eq!(second["has_more"], false);
}

#[tokio::test]
async fn private_archived_threads_are_listed_for_who_is_in_them() {
    let bot = started().await;
    let path = format!("/channels/{}/threads", bot.general);
    let made = bot
        .post(&path, json!({"name": "private", "type": 12}))
        .await;
    let id = made.id();
    bot.patch(&format!("/channels/{id}"), json!({"archived": true}))
        .await;
    let path = format!(
        "/channels/{}/users/@me/threads/archived/private",
        bot.general
    );
    let listed = bot.get(&path).await.body;
    assert_eq!(
        (ids(&listed["threads"]), &listed["has_more"]),
        (vec![id], &json!(false))
    );
    assert_eq!(
        bot.get(&format!("{path}?before={id}")).await.body["threads"],
        json!([])
    );
}

#[tokio::test]
async fn a_post_in_a_forum_is_a_thread_with_its_first_message() {
    let (bot, mut gateway) = connected().await;
    let forum = forum(&bot).await;
    let path = format!("/channels/{forum}/threads");
    let refused = bot
        .post(&path, json!({"name": "empty", "message": {}}))
        .await;
    assert_eq!((refused.status, refused.code()), (400, 50006));
    let long = json!({"name": "long", "message": {"content": "x".repeat(2001)}});
    let refused = bot.post(&path, long).await;
    assert_eq!(refused.error_at("message.content"), "BASE_TYPE_MAX_LENGTH");
    let post = json!({"name": "a post", "message": {"content": "first"}});
    let made = bot.post(&path, post).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.body["type"], 11);
    assert_eq!(made.body["message"]["content"], "first");
    assert_eq!(made.body["message"]["id"], made.body["id"]);
    assert_eq!(gateway.expect("THREAD_CREATE").await["newly_created"], true);
    assert_eq!(
        gateway.expect("MESSAGE_CREATE").await["channel_id"],
        made.body["id"]
    );
    assert!(bot.discord.messages(forum).is_empty());
}

#[tokio::test]
async fn roles_are_moved_below_ones_own() {
    let bot = started().await;
    let role = bot
        .post(&guild(&bot, "/roles"), json!({"name": "mover"}))
        .await
        .id();
    let moved = |position| json!([{"id": role.to_string(), "position": position}]);
    let answer = bot.patch(&guild(&bot, "/roles"), moved(2)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let roles = answer.body.as_array().expect("all roles are answered");
    let mover = roles.iter().find(|one| one["name"] == "mover");
    assert_eq!(mover.map(|one| &one["position"]), Some(&json!(2)));
    let refused = bot.patch(&guild(&bot, "/roles"), moved(99)).await;
    assert_eq!((refused.status, refused.code()), (403, 50013));
}

#[tokio::test]
async fn the_audit_log_keeps_the_reason() {
    let bot = started().await;
    let mut gateway = Gateway::identified(&bot, INTENTS | GUILD_MODERATION).await;
    let refused = bot.get(&guild(&bot, "/audit-logs")).await;
    assert_eq!((refused.status, refused.code()), (403, 50013));
    assert!(
        bot.discord
            .set_role_permissions("Northwind Bot", ADMINISTRATOR | VIEW_AUDIT_LOG)
    );

    let request = bot.request(reqwest::Method::POST, &guild(&bot, "/channels"));
    let request = request
        .json(&json!({"name": "why"}))
        .header("x-audit-log-reason", "INC-1%20%F0%9F%93%8C");
    let channel = bot.send(request).await;
    assert_eq!(channel.status, 201, "{}", channel.body);
    bot.delete(&format!("/channels/{}", channel.id())).await;

    let told = gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    assert_eq!(
        (&told["action_type"], &told["reason"]),
        (&json!(10), &json!("INC-1 📌"))
    );
    let log = bot.get(&guild(&bot, "/audit-logs")).await.body;
    let entries = log["audit_log_entries"].as_array().expect("a list");
    let actions: Vec<&Value> = entries.iter().map(|entry| &entry["action_type"]).collect();
    assert_eq!(actions, [&json!(12), &json!(10)]);
    assert_eq!(entries[1]["target_id"], channel.body["id"]);
    assert_eq!(ids(&log["users"]), [bot.discord.bot_id()]);
    let only = bot
        .get(&guild(&bot, "/audit-logs?action_type=10&limit=5"))
        .await;
    assert_eq!(ids(&only.body["audit_log_entries"]).len(), 1);

    let long = bot.request(reqwest::Method::POST, &guild(&bot, "/channels"));
    let long = long
        .json(&json!({"name": "long"}))
        .header("x-audit-log-reason", "x".repeat(513));
    assert_eq!(bot.send(long).await.code(), 50035);
}

#[tokio::test]
async fn what_the_guild_has_none_of_is_an_empty_list() {
    let bot = started().await;
    let application = bot.discord.bot_id();
    for path in ["/emojis", "/stickers", "/regions"] {
        assert_eq!(bot.get(&guild(&bot, path)).await.body, json!([]), "{path}");
    }
    for path in [
        "/bans",
        "/invites",
        "/integrations",
        "/auto-moderation/rules",
    ] {
        assert_eq!(bot.get(&guild(&bot, path)).await.code(), 50013, "{path}");
    }
    bot.discord
        .set_role_permissions("Northwind Bot", ADMINISTRATOR);
    for path in [
        "/bans",
        "/invites",
        "/integrations",
        "/auto-moderation/rules",
    ] {
        assert_eq!(bot.get(&guild(&bot, path)).await.body, json!([]), "{path}");
    }
    for path in ["/soundboard-default-sounds", "/voice/regions"] {
        assert_eq!(bot.get(path).await.body, json!([]), "{path}");
    }
    let sounds = bot.get(&guild(&bot, "/soundboard-sounds")).await;
    assert_eq!(sounds.body, json!({"items": []}));
    let packs = bot.get("/sticker-packs").await;
    assert_eq!(packs.body, json!({"sticker_packs": []}));
    let emojis = bot
        .get(&format!("/applications/{application}/emojis"))
        .await;
    assert_eq!(emojis.body, json!({"items": []}));
    let commands = format!("/applications/{application}{}", guild(&bot, "/commands"));
    assert_eq!(
        bot.get(&format!("{commands}/permissions")).await.body,
        json!([])
    );
    assert_eq!(
        bot.get(&format!("{commands}/1/permissions")).await.code(),
        10066
    );
    assert_eq!(bot.discord.unknown_routes(), Vec::<String>::new());
}

/// discord.js reads `options` of these entries without looking whether they are there.
#[tokio::test]
async fn the_audit_log_says_which_message_was_pinned_and_whose_overwrite_was_set() {
    let bot = started().await;
    bot.discord
        .set_role_permissions("Northwind Bot", ADMINISTRATOR);
    let message = bot.said(json!({"content": "pin me"})).await;
    let path = format!("/channels/{}", bot.general);
    bot.put(&format!("{path}/messages/pins/{message}"), json!({}))
        .await;
    let everyone = bot.discord.guild_id();
    let overwrite = format!("{path}/permissions/{everyone}");
    bot.put(&overwrite, json!({"type": 0, "deny": "64"})).await;
    let log = bot.get(&guild(&bot, "/audit-logs")).await.body;
    let entries = &log["audit_log_entries"];
    assert_eq!(
        entries[0]["options"],
        json!({"id": everyone.to_string(), "type": "0", "role_name": "@everyone"})
    );
    assert_eq!(
        entries[1]["options"],
        json!({"channel_id": bot.general.to_string(), "message_id": message.to_string()})
    );
    assert_eq!(entries[1]["target_id"], bot.discord.bot_id().to_string());
}

/// Oceanic names itself, not `DiscordBot`, or is named by Node's `fetch`; Discord lets it in.
#[tokio::test]
async fn a_library_may_name_itself_as_long_as_it_names_its_home() {
    let bot = started().await;
    let url = format!("{}/api/v10/users/@me", bot.discord.url());
    let asked_as = async |agent: &str| {
        let request = bot.http.get(&url).header("user-agent", agent);
        let token = format!("Bot {}", bot.discord.token());
        bot.send(request.header("authorization", token))
            .await
            .status
    };
    assert_eq!(
        asked_as("Oceanic/1.15.0 (https://github.com/OceanicJS/Oceanic)").await,
        200
    );
    assert_eq!(asked_as("node").await, 200);
    assert_eq!(asked_as("python-requests/2.32").await, 403);
    assert_eq!(asked_as("").await, 403);
}

/// aiohttp makes a plain form of a multipart body that has no file, and py-cord answers interactions with it.
#[tokio::test]
async fn a_message_may_come_in_a_plain_form() {
    let bot = started().await;
    let path = format!("/channels/{}/messages", bot.general);
    let send = async |fields: &[(&str, &str)]| {
        let request = bot.request(reqwest::Method::POST, &path);
        let form = fields
            .iter()
            .map(|(name, value)| {
                let encode = |text: &str| {
                    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                        .to_string()
                };
                format!("{}={}", encode(name), encode(value))
            })
            .collect::<Vec<_>>()
            .join("&");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        bot.send(request.body(form)).await
    };
    let sent = send(&[("payload_json", r#"{"content": "größer & + kleiner"}"#)]).await;
    assert_eq!(sent.body["content"], "größer & + kleiner", "{}", sent.body);
    assert_eq!(send(&[("content", "plain")]).await.body["content"], "plain");
    assert_eq!(send(&[("payload_json", "{nope")]).await.code(), 50109);
}

/// Oceanic does not connect again after op 9.
#[tokio::test]
async fn an_invalidated_session_is_begun_anew_on_the_same_connection() {
    let (bot, mut gateway) = connected().await;
    bot.discord.faults().gateway().invalidate_sessions(false);
    assert_eq!(gateway.next().await["op"], 9);
    let again = identify(&bot.discord.token(), INTENTS);
    gateway.send(again.clone()).await;
    gateway.expect("READY").await;
    gateway.send(again).await;
    assert_eq!(gateway.close_code().await, Some(4005));
}
