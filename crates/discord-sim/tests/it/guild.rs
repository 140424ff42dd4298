//! The guild: channels, members, scheduled events, the bot itself.

use serde_json::{Value, json};

use crate::bot::{Bot, connected, started};

async fn creates(bot: &Bot, body: Value) -> crate::bot::Answer {
    bot.post(
        &format!("/guilds/{}/channels", bot.discord.guild_id()),
        body,
    )
    .await
}

#[tokio::test]
async fn a_channel_name_is_made_plain_and_read_back() {
    let bot = started().await;
    let opened = creates(&bot, json!({"name": "INC 1: Checkout", "topic": "[ir:1]"})).await;
    assert_eq!(opened.body["name"], "inc-1-checkout");
    let view = bot
        .discord
        .channel_named("inc-1-checkout")
        .expect("the channel is there");
    assert_eq!(view.topic, "[ir:1]");
    let listed = bot
        .get(&format!("/guilds/{}/channels", bot.discord.guild_id()))
        .await;
    assert!(
        listed
            .body
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["topic"] == "[ir:1]"))
    );
}

#[tokio::test]
async fn a_topic_has_1024_characters() {
    let bot = started().await;
    let long = json!({"name": "x", "topic": "t".repeat(1025)});
    assert_eq!(
        creates(&bot, long).await.error_at("topic"),
        "BASE_TYPE_MAX_LENGTH"
    );
    assert_eq!(
        creates(&bot, json!({"topic": "t"})).await.error_at("name"),
        "BASE_TYPE_REQUIRED"
    );
    assert_eq!(
        creates(&bot, json!({"name": "x", "type": 9}))
            .await
            .error_at("type"),
        "BASE_TYPE_CHOICES"
    );
    let slow = json!({"name": "x", "rate_limit_per_user": 21601});
    assert_eq!(
        creates(&bot, slow).await.error_at("rate_limit_per_user"),
        "NUMBER_TYPE_MAX"
    );
}

#[tokio::test]
async fn a_category_holds_fifty_and_the_guild_five_hundred() {
    let bot = started().await;
    let mut categories = Vec::new();
    // With #general, ten categories and their fifty channels each there are more than five hundred.
    for number in 0..10 {
        let category = creates(
            &bot,
            json!({"name": format!("Incidents {number}"), "type": 4}),
        )
        .await;
        assert_eq!(category.status, 201);
        categories.push(category.id().to_string());
    }
    for number in 0..50 {
        let child = creates(
            &bot,
            json!({"name": number.to_string(), "parent_id": categories[0]}),
        )
        .await;
        assert_eq!(child.status, 201);
    }
    let full = creates(
        &bot,
        json!({"name": "one-more", "parent_id": categories[0]}),
    )
    .await;
    assert_eq!(full.error_at("parent_id"), "CHANNEL_PARENT_MAX_CHANNELS");
    let nowhere = creates(&bot, json!({"name": "lost", "parent_id": "42"})).await;
    assert_eq!(nowhere.error_at("parent_id"), "CHANNEL_PARENT_INVALID");
    let mut count = bot.discord.channels().len();
    'all: for category in &categories[1..] {
        for number in 0..50 {
            if count == 500 {
                break 'all;
            }
            assert_eq!(
                creates(
                    &bot,
                    json!({"name": number.to_string(), "parent_id": category})
                )
                .await
                .status,
                201
            );
            count += 1;
        }
    }
    let over = creates(&bot, json!({"name": "one-more"})).await;
    assert_eq!((over.status, over.code()), (400, 30013));
}

#[tokio::test]
async fn a_channel_in_a_category_takes_its_overwrites_unless_it_has_its_own() {
    let bot = started().await;
    let hidden = json!([{"id": bot.discord.guild_id().to_string(), "type": 0, "deny": "1024"},
        {"id": bot.discord.bot_id().to_string(), "type": 1, "allow": "1024"}]);
    let category = creates(
        &bot,
        json!({"name": "Open", "type": 4, "permission_overwrites": hidden}),
    )
    .await;
    let child = creates(
        &bot,
        json!({"name": "child", "parent_id": category.id().to_string()}),
    )
    .await;
    assert_eq!(
        child.body["permission_overwrites"].as_array().map(Vec::len),
        Some(2)
    );
    assert!(!bot.person("sam").sees(child.id()));
    // Libraries send an empty list for "none given", and say that the channel is then in sync with its category.
    let empty = json!({"name": "empty", "parent_id": category.id().to_string(), "permission_overwrites": []});
    assert!(!bot.person("sam").sees(creates(&bot, empty).await.id()));
    let own = json!([{"id": bot.discord.guild_id().to_string(), "type": 0, "allow": "1024"}]);
    let open = json!({"name": "open", "parent_id": category.id().to_string(), "permission_overwrites": own});
    assert!(bot.person("sam").sees(creates(&bot, open).await.id()));
}

#[tokio::test]
async fn a_channel_is_renamed_moved_and_deleted() {
    let (bot, mut gateway) = connected().await;
    let id = creates(&bot, json!({"name": "inc-1"})).await.id();
    gateway.expect("CHANNEL_CREATE").await;
    let renamed = bot
        .patch(
            &format!("/channels/{id}"),
            json!({"name": "inc-1 done", "topic": null}),
        )
        .await;
    assert_eq!(renamed.body["name"], "inc-1-done");
    assert_eq!(gateway.expect("CHANNEL_UPDATE").await["name"], "inc-1-done");
    let category = creates(&bot, json!({"name": "Done", "type": 4})).await.id();
    let moves = json!([{"id": id.to_string(), "position": 3, "parent_id": category.to_string()}]);
    let path = format!("/guilds/{}/channels", bot.discord.guild_id());
    assert_eq!(bot.patch(&path, moves).await.status, 204);
    let view = bot
        .discord
        .channel_named("inc-1-done")
        .expect("the channel is there");
    assert_eq!((view.parent_id, view.position), (Some(category), 3));
    assert_eq!(
        bot.delete(&format!("/channels/{category}")).await.status,
        200
    );
    let view = bot
        .discord
        .channel_named("inc-1-done")
        .expect("the channel outlives its category");
    assert_eq!(view.parent_id, None);
    assert_eq!(
        bot.delete(&format!("/channels/{id}")).await.body["id"],
        id.to_string()
    );
    gateway.expect("CHANNEL_DELETE").await;
    assert_eq!(bot.get(&format!("/channels/{id}")).await.code(), 10003);
}

#[tokio::test]
async fn members_are_listed_and_found() {
    let bot = started().await;
    let guild = format!("/guilds/{}", bot.discord.guild_id());
    let all = bot.get(&format!("{guild}/members?limit=1000")).await.body;
    assert_eq!(all.as_array().map(Vec::len), Some(8));
    let found = bot
        .get(&format!("{guild}/members/search?query=pri&limit=5"))
        .await
        .body;
    assert_eq!(found[0]["user"]["global_name"], "Priya");
    assert_eq!(bot.get(&format!("{guild}/members/42")).await.code(), 10013);
    let kim = bot
        .discord
        .add_person("lee", "Lee", &["responder", "legal"]);
    assert!(bot.discord.role_named("legal").is_some());
    kim.leave().expect("anybody may leave");
    assert_eq!(
        bot.get(&format!("{guild}/members/{}", kim.id()))
            .await
            .code(),
        10007
    );
    let counted = bot.get(&format!("{guild}?with_counts=true")).await.body;
    assert_eq!(counted["approximate_member_count"], 8);
    assert_eq!(bot.get("/guilds/42").await.code(), 10004);
}

#[tokio::test]
async fn scheduled_events_need_a_place_and_an_end() {
    let bot = started().await;
    let path = format!("/guilds/{}/scheduled-events", bot.discord.guild_id());
    let mut event = json!({"name": "Drill", "privacy_level": 2, "entity_type": 3,
        "scheduled_start_time": "2026-12-01T09:00:00Z"});
    assert_eq!(
        bot.post(&path, event.clone())
            .await
            .error_at("entity_metadata"),
        "BASE_TYPE_REQUIRED"
    );
    event["entity_metadata"] = json!({"location": "#drills"});
    event["scheduled_end_time"] = json!("2026-12-01T10:00:00Z");
    let mut past = event.clone();
    past["scheduled_start_time"] = json!("2020-12-01T09:00:00Z");
    assert_eq!(
        bot.post(&path, past).await.error_at("scheduled_start_time"),
        "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST"
    );
    let made = bot.post(&path, event).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(bot.get(&path).await.body.as_array().map(Vec::len), Some(1));
    let one = format!("{path}/{}", made.id());
    assert_eq!(
        bot.patch(&one, json!({"description": "Bring tea"}))
            .await
            .body["description"],
        "Bring tea"
    );
    assert_eq!(bot.delete(&one).await.status, 204);
    assert_eq!(bot.get(&one).await.code(), 10070);
}

#[tokio::test]
async fn the_bot_learns_who_it_is() {
    let bot = started().await;
    assert_eq!(bot.get("/users/@me").await.id(), bot.discord.bot_id());
    assert_eq!(
        bot.get("/oauth2/applications/@me").await.id(),
        bot.discord.bot_id()
    );
    assert_eq!(
        bot.get("/users/@me/guilds").await.body[0]["id"],
        bot.discord.guild_id().to_string()
    );
    let gateway = bot.get("/gateway/bot").await.body;
    assert_eq!(
        (
            &gateway["shards"],
            &gateway["session_start_limit"]["remaining"]
        ),
        (&json!(1), &json!(1000))
    );
    assert!(
        gateway["url"]
            .as_str()
            .is_some_and(|url| url.starts_with("ws://127.0.0.1:"))
    );
}

#[tokio::test]
async fn ids_carry_the_wall_clock() {
    let bot = started().await;
    let id = bot.said(json!({"content": "now"})).await;
    let milliseconds = (id >> 22) + 1_420_070_400_000;
    assert_eq!(milliseconds as i64, bot.discord.now().timestamp_millis());
    assert_eq!(
        bot.discord.messages(bot.general)[0].timestamp,
        bot.discord.now()
    );
}

#[tokio::test]
async fn a_voice_channel_keeps_its_name_has_no_topic_and_is_managed_by_whoever_may_enter_it() {
    let bot = started().await;
    let opened = creates(
        &bot,
        json!({"name": "Call INC 1", "type": 2, "topic": "not kept", "user_limit": 99}),
    )
    .await;
    assert_eq!(opened.body["name"], "Call INC 1");
    assert!(opened.body.get("topic").is_none(), "{}", opened.body);
    for (field, value, error) in [
        ("bitrate", 7_999, "NUMBER_TYPE_MIN"),
        ("bitrate", 96_001, "NUMBER_TYPE_MAX"),
        ("user_limit", 100, "NUMBER_TYPE_MAX"),
    ] {
        let refused = creates(&bot, json!({"name": "x", "type": 2, field: value})).await;
        assert_eq!(refused.error_at(field), error, "{field} {value}");
    }
    let id = opened.body["id"].as_str().expect("an id").to_owned();
    let shut_out = json!({"type": 1, "deny": (1 << 20).to_string()});
    bot.put(
        &format!("/channels/{id}/permissions/{}", bot.discord.bot_id()),
        shut_out,
    )
    .await;
    let refused = bot.delete(&format!("/channels/{id}")).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
}
