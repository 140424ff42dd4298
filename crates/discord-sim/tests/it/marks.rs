//! Pins, reactions, threads and webhooks.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::bot::{connected, started};

#[tokio::test]
async fn pins_are_listed_by_both_routes_and_leave_a_line() {
    let (bot, mut gateway) = connected().await;
    let first = bot.said(json!({"content": "first"})).await;
    let second = bot.said(json!({"content": "second"})).await;
    let channel = format!("/channels/{}", bot.general);
    assert_eq!(
        bot.put(&format!("{channel}/pins/{first}"), json!({}))
            .await
            .status,
        204
    );
    bot.passes(TimeDelta::seconds(1));
    assert_eq!(
        bot.put(&format!("{channel}/messages/pins/{second}"), json!({}))
            .await
            .status,
        204
    );
    assert_eq!(
        bot.put(&format!("{channel}/messages/pins/{second}"), json!({}))
            .await
            .status,
        204
    );
    let old: Vec<Value> = bot
        .get(&format!("{channel}/pins"))
        .await
        .body
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(
        old.iter().map(|pin| &pin["content"]).collect::<Vec<_>>(),
        ["second", "first"]
    );
    let page = bot
        .get(&format!("{channel}/messages/pins?limit=1"))
        .await
        .body;
    assert_eq!(page["items"][0]["message"]["content"], "second");
    assert_eq!(page["has_more"], true);
    let line = bot
        .discord
        .messages(bot.general)
        .into_iter()
        .filter(|message| message.kind == 6)
        .count();
    assert_eq!(line, 2);
    gateway.expect("CHANNEL_PINS_UPDATE").await;
    assert_eq!(
        bot.delete(&format!("{channel}/messages/pins/{second}"))
            .await
            .status,
        204
    );
    assert_eq!(
        bot.get(&format!("{channel}/pins"))
            .await
            .body
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn the_two_hundred_and_fifty_first_pin_is_refused() {
    let bot = started().await;
    let pin = async |number: u32| {
        let id = bot.said(json!({"content": number.to_string()})).await;
        bot.put(&format!("/channels/{}/pins/{id}", bot.general), json!({}))
            .await
    };
    for number in 0..250 {
        assert_eq!(pin(number).await.status, 204);
    }
    assert_eq!(pin(250).await.code(), 30003);
}

#[tokio::test]
async fn reactions_are_counted_and_taken_back() {
    let (bot, mut gateway) = connected().await;
    let id = bot.said(json!({"content": "look"})).await;
    let path = format!("/channels/{}/messages/{id}", bot.general);
    assert_eq!(
        bot.put(&format!("{path}/reactions/%F0%9F%93%8C/@me"), json!({}))
            .await
            .status,
        204
    );
    bot.person("sam")
        .react(bot.general, id, "📌")
        .expect("sam may react");
    let added = gateway.expect("MESSAGE_REACTION_ADD").await;
    assert_eq!(added["emoji"]["name"], "📌");
    let read = bot.get(&path).await.body;
    assert_eq!(
        (&read["reactions"][0]["count"], &read["reactions"][0]["me"]),
        (&json!(2), &json!(true))
    );
    let users = bot
        .get(&format!("{path}/reactions/%F0%9F%93%8C?limit=10"))
        .await
        .body;
    assert_eq!(users.as_array().map(Vec::len), Some(2));
    let sam = bot.person("sam").id();
    assert_eq!(
        bot.delete(&format!("{path}/reactions/%F0%9F%93%8C/{sam}"))
            .await
            .status,
        204
    );
    assert_eq!(
        bot.delete(&format!("{path}/reactions/%F0%9F%93%8C/@me"))
            .await
            .status,
        204
    );
    assert!(bot.get(&path).await.body["reactions"].is_null());
    assert_eq!(
        bot.put(&format!("{path}/reactions/nonsense/@me"), json!({}))
            .await
            .code(),
        10014
    );
    bot.person("sam")
        .react(bot.general, id, "🔥")
        .expect("sam may react");
    assert_eq!(bot.delete(&format!("{path}/reactions")).await.status, 204);
    assert!(bot.discord.messages(bot.general)[0].reactions.is_empty());
}

#[tokio::test]
async fn a_thread_grows_from_a_message() {
    let (bot, mut gateway) = connected().await;
    let id = bot.said(json!({"content": "start"})).await;
    let path = format!("/channels/{}/messages/{id}/threads", bot.general);
    let thread = bot
        .post(
            &path,
            json!({"name": "Details", "auto_archive_duration": 60}),
        )
        .await;
    assert_eq!((thread.status, thread.id()), (201, id));
    assert_eq!(gateway.expect("THREAD_CREATE").await["name"], "Details");
    assert_eq!(
        bot.post(&path, json!({"name": "Again"})).await.code(),
        160004
    );
    bot.post(
        &format!("/channels/{id}/messages"),
        json!({"content": "inside"}),
    )
    .await;
    let archived = bot
        .patch(&format!("/channels/{id}"), json!({"archived": true}))
        .await;
    assert_eq!(archived.body["thread_metadata"]["archived"], true);
    bot.person("sam")
        .say(id, "still here")
        .expect("a message opens an archived thread again");
    let active = bot
        .get(&format!(
            "/guilds/{}/threads/active",
            bot.discord.guild_id()
        ))
        .await;
    assert_eq!(active.body["threads"][0]["id"], id.to_string());
    bot.patch(
        &format!("/channels/{id}"),
        json!({"archived": true, "locked": true}),
    )
    .await;
    assert!(bot.person("sam").say(id, "too late").is_err());
}

#[tokio::test]
async fn a_webhook_speaks_under_its_own_name() {
    let bot = started().await;
    let hook = bot
        .post(
            &format!("/channels/{}/webhooks", bot.general),
            json!({"name": "Alerts"}),
        )
        .await;
    assert_eq!(hook.status, 200);
    let token = hook.body["token"]
        .as_str()
        .expect("a webhook has a token")
        .to_owned();
    let path = format!("/webhooks/{}/{token}", hook.id());
    assert_eq!(
        bot.post(&path, json!({"content": "quiet"})).await.status,
        204
    );
    let loud = bot
        .post(
            &format!("{path}?wait=true"),
            json!({"content": "loud", "username": "Pager"}),
        )
        .await;
    assert_eq!(loud.body["author"]["username"], "Pager");
    let message = format!("{path}/messages/{}", loud.id());
    assert_eq!(
        bot.patch(&message, json!({"content": "changed"}))
            .await
            .body["content"],
        "changed"
    );
    assert_eq!(bot.delete(&message).await.status, 204);
    assert_eq!(bot.get(&message).await.code(), 10008);
    let wrong = bot
        .post(
            &format!("/webhooks/{}/wrong", hook.id()),
            json!({"content": "x"}),
        )
        .await;
    assert_eq!((wrong.status, wrong.code()), (401, 50027));
    assert_eq!(bot.delete(&path).await.status, 204);
    assert_eq!(bot.post(&path, json!({"content": "x"})).await.code(), 10015);
}
