//! Sessions: how they start, what they hear, how they end and go on.

use serde_json::{Value, json};

use crate::bot::{Bot, Gateway, INTENTS, connected, identify, quiet, started, started_with};

const GUILDS: u64 = 1;
const GUILD_MEMBERS: u64 = 1 << 1;

async fn closed_after(bot: &Bot, payload: Value) -> Option<u16> {
    let mut gateway = Gateway::connected(bot).await;
    gateway.send(payload).await;
    gateway.close_code().await
}

fn resume(bot: &Bot, session_id: &str, sequence: u64) -> Value {
    json!({"op": 6, "d": {"token": bot.discord.token(), "session_id": session_id, "seq": sequence}})
}

#[tokio::test]
async fn a_session_begins_with_ready_and_the_guild() {
    let bot = started().await;
    let mut gateway = Gateway::connected(&bot).await;
    gateway.send(identify(&bot.discord.token(), INTENTS)).await;
    let ready = gateway.next().await;
    assert_eq!((&ready["t"], &ready["s"]), (&json!("READY"), &json!(1)));
    assert_eq!(ready["d"]["guilds"][0]["unavailable"], true);
    assert_eq!(
        ready["d"]["application"]["id"],
        bot.discord.bot_id().to_string()
    );
    let guild = gateway.next().await;
    assert_eq!(
        (&guild["t"], &guild["s"]),
        (&json!("GUILD_CREATE"), &json!(2))
    );
    assert_eq!(guild["d"]["channels"][0]["name"], "general");
    for list in [
        "threads",
        "stage_instances",
        "guild_scheduled_events",
        "voice_states",
        "presences",
        "members",
    ] {
        assert!(guild["d"][list].is_array(), "{list}");
    }
    assert_eq!(bot.discord.gateway_sessions(), 1);
}

#[tokio::test]
async fn a_wrong_identify_is_shown_the_door() {
    let mut settings = quiet();
    settings.privileged_intents.members = false;
    let bot = started_with(settings).await;
    let token = bot.discord.token();
    assert_eq!(
        closed_after(&bot, identify("wrong", INTENTS)).await,
        Some(4004)
    );
    assert_eq!(
        closed_after(&bot, identify(&token, 1 << 60)).await,
        Some(4013)
    );
    assert_eq!(
        closed_after(&bot, identify(&token, GUILD_MEMBERS)).await,
        Some(4014)
    );
    assert_eq!(
        closed_after(&bot, json!({"op": 8, "d": {}})).await,
        Some(4003)
    );
    assert_eq!(
        closed_after(&bot, json!({"op": 99, "d": {}})).await,
        Some(4001)
    );
    assert_eq!(
        closed_after(&bot, json!({"op": 1, "d": "x".repeat(4096)})).await,
        Some(4002)
    );
    assert_eq!(closed_after(&bot, json!("no payload")).await, Some(4002));
    let mut twice = Gateway::identified(&bot, INTENTS).await;
    twice.send(identify(&token, INTENTS)).await;
    assert_eq!(twice.close_code().await, Some(4005));
    let mut shard = identify(&token, INTENTS);
    shard["d"]["shard"] = json!([1, 1]);
    assert_eq!(closed_after(&bot, shard).await, Some(4010));
}

#[tokio::test]
async fn a_session_hears_what_its_intents_ask_for() {
    let bot = started().await;
    let mut silent = Gateway::identified(&bot, GUILDS).await;
    let mut listening = Gateway::identified(&bot, INTENTS).await;
    bot.person("sam")
        .say(bot.general, "hello")
        .expect("sam may write");
    bot.discord.add_person("lee", "Lee", &[]);
    assert_eq!(silent.names_until_heartbeat().await, Vec::<String>::new());
    assert_eq!(listening.names_until_heartbeat().await, ["MESSAGE_CREATE"]);
    let mut registrar = Gateway::identified(&bot, GUILDS | GUILD_MEMBERS).await;
    bot.discord.add_person("bo", "Bo", &[]);
    assert_eq!(
        registrar.expect("GUILD_MEMBER_ADD").await["user"]["username"],
        "bo"
    );
}

#[tokio::test]
async fn message_events_tell_of_the_guild_and_the_author() {
    let (bot, mut gateway) = connected().await;
    let sam = bot.person("sam");
    let id = sam.say(bot.general, "hello").expect("sam may write");
    let created = gateway.expect("MESSAGE_CREATE").await;
    assert_eq!(created["guild_id"], bot.discord.guild_id().to_string());
    assert_eq!(created["member"]["roles"].as_array().map(Vec::len), Some(1));
    sam.edit(bot.general, id, "hello all")
        .expect("sam may edit");
    assert_eq!(
        gateway.expect("MESSAGE_UPDATE").await["content"],
        "hello all"
    );
    sam.delete(bot.general, id).expect("sam may delete");
    assert_eq!(gateway.expect("MESSAGE_DELETE").await["id"], id.to_string());
}

#[tokio::test]
async fn a_resumed_session_hears_what_it_missed_in_order() {
    let (bot, gateway) = connected().await;
    let (session_id, sequence) = (gateway.session_id.clone(), gateway.sequence);
    gateway.drops();
    for text in ["one", "two"] {
        bot.person("sam")
            .say(bot.general, text)
            .expect("sam may write");
    }
    let mut again = Gateway::connected(&bot).await;
    again.send(resume(&bot, &session_id, sequence)).await;
    assert_eq!(again.expect("MESSAGE_CREATE").await["content"], "one");
    assert_eq!(again.expect("MESSAGE_CREATE").await["content"], "two");
    again.expect("RESUMED").await;
    bot.person("sam")
        .say(bot.general, "three")
        .expect("sam may write");
    assert_eq!(again.expect("MESSAGE_CREATE").await["content"], "three");
    assert_eq!(bot.discord.gateway_sessions(), 1);
}

#[tokio::test]
async fn a_session_that_was_closed_or_forgotten_is_not_resumed() {
    let (bot, gateway) = connected().await;
    let (session_id, sequence) = (gateway.session_id.clone(), gateway.sequence);
    bot.discord.faults().gateway().forget_sessions();
    gateway.drops();
    let mut again = Gateway::connected(&bot).await;
    again.send(resume(&bot, &session_id, sequence)).await;
    assert_eq!(
        again.next().await,
        json!({"t": null, "s": null, "op": 9, "d": false})
    );
    again.send(resume(&bot, "never-seen", 1)).await;
    assert_eq!(
        again.next().await,
        json!({"t": null, "s": null, "op": 9, "d": false})
    );
    again.send(identify(&bot.discord.token(), INTENTS)).await;
    again.expect("READY").await;
}

#[tokio::test]
async fn a_session_is_resumed_from_no_later_than_it_is() {
    let (bot, gateway) = connected().await;
    let later = resume(&bot, &gateway.session_id, 999);
    let mut again = Gateway::connected(&bot).await;
    again.send(later).await;
    assert_eq!(again.close_code().await, Some(4007));
}

#[tokio::test]
async fn members_can_be_asked_for() {
    let (bot, mut gateway) = connected().await;
    let guild_id = bot.discord.guild_id().to_string();
    let sam = bot.person("sam").id().to_string();
    gateway.send(json!({"op": 8, "d": {"guild_id": guild_id, "user_ids": [sam, "42"], "limit": 0, "nonce": "n"}})).await;
    let chunk = gateway.expect("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(chunk["members"][0]["user"]["username"], "sam");
    assert_eq!(
        (&chunk["not_found"], &chunk["nonce"]),
        (&json!(["42"]), &json!("n"))
    );
    gateway
        .send(json!({"op": 8, "d": {"guild_id": guild_id, "query": "", "limit": 0}}))
        .await;
    let all = gateway.expect("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(all["members"].as_array().map(Vec::len), Some(8));
}

#[tokio::test]
async fn a_client_that_stops_its_heart_is_let_go() {
    let mut settings = quiet();
    settings.heartbeat_interval = std::time::Duration::from_millis(20);
    let bot = started_with(settings).await;
    let mut gateway = Gateway::connected(&bot).await;
    assert_eq!(gateway.close_code().await, Some(4009));
}

#[tokio::test]
async fn the_gateway_goes_wrong_on_purpose() {
    let (bot, mut gateway) = connected().await;
    let faults = bot.discord.faults().gateway();
    faults.ask_to_reconnect();
    assert_eq!(gateway.next().await["op"], 7);
    faults.invalidate_sessions(true);
    assert_eq!(
        gateway.next().await,
        json!({"t": null, "s": null, "op": 9, "d": true})
    );
    faults.duplicate_dispatch(true);
    bot.person("sam")
        .say(bot.general, "twice")
        .expect("sam may write");
    assert_eq!(
        gateway.names_until_heartbeat().await,
        ["MESSAGE_CREATE", "MESSAGE_CREATE"]
    );
    faults.ignore_heartbeats(true);
    gateway.send(json!({"op": 1, "d": null})).await;
    faults.ask_to_reconnect();
    assert_eq!(gateway.next().await["op"], 7);
    faults.close(4000);
    assert_eq!(gateway.close_code().await, Some(4000));
    bot.discord.faults().clear();
    faults.refuse_identify(1);
    let mut again = Gateway::connected(&bot).await;
    again.send(identify(&bot.discord.token(), INTENTS)).await;
    assert_eq!(
        again.next().await,
        json!({"t": null, "s": null, "op": 9, "d": false})
    );
    again.send(identify(&bot.discord.token(), INTENTS)).await;
    again.expect("READY").await;
    faults.drop_connections();
    assert_eq!(again.close_code().await, None);
}

#[tokio::test]
async fn a_gateway_can_refuse_every_session_with_one_code_until_it_is_cleared() {
    let (bot, mut gateway) = connected().await;
    let faults = bot.discord.faults();
    faults.gateway().refuse_sessions(4014);
    assert_eq!(faults.armed(), 1);
    faults.gateway().close(4014);
    assert_eq!(gateway.close_code().await, Some(4014));
    let again = identify(&bot.discord.token(), INTENTS);
    assert_eq!(closed_after(&bot, again.clone()).await, Some(4014));
    assert_eq!(closed_after(&bot, resume(&bot, "any", 1)).await, Some(4014));
    faults.clear();
    let mut gateway = Gateway::connected(&bot).await;
    gateway.send(again).await;
    gateway.expect("READY").await;
}

#[tokio::test]
async fn sessions_started_are_counted() {
    let (bot, gateway) = connected().await;
    gateway.closes().await;
    let left = bot.get("/gateway/bot").await.body;
    assert_eq!(left["session_start_limit"]["remaining"], 999);
}
