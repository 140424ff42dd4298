//! Slash commands and context menus, from both sides.

use std::time::Duration;

use chrono::TimeDelta;
use discord_sim::Reply;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::answers::{answer, inc, message_of, with_commands};
use crate::bot::{Bot, Gateway, INTENTS, buttons, callback_path, connected, quiet, started_with};

#[tokio::test]
async fn a_slash_command_reaches_the_bot_with_its_options() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let line = "/inc new title:Checkout is down: again severity:SEV2 lead:@Ada count:3 private:true where:#general team:@responder";
    let (reply, interaction) = tokio::join!(
        sam.slash(bot.general, line),
        answer(
            &bot,
            &mut gateway,
            json!({"type": 4, "data": {"content": "opened"}})
        )
    );
    let message = message_of(reply);
    assert_eq!(
        (message.content.as_str(), message.kind, message.ephemeral),
        ("opened", 20, false)
    );
    assert_eq!(
        message.invoked_by.and_then(|by| by.command).as_deref(),
        Some("/inc new")
    );
    let sub = &interaction["data"]["options"][0];
    assert_eq!((&sub["name"], &sub["type"]), (&json!("new"), &json!(1)));
    let value = |name: &str| {
        let options = sub["options"].as_array().cloned().unwrap_or_default();
        options
            .into_iter()
            .find(|option| option["name"] == name)
            .map(|option| option["value"].clone())
    };
    let ada = bot.person("ada").id().to_string();
    assert_eq!(value("title"), Some(json!("Checkout is down: again")));
    assert_eq!(value("severity"), Some(json!("2")));
    assert_eq!(value("lead"), Some(json!(ada)));
    assert_eq!(value("count"), Some(json!(3)));
    assert_eq!(value("private"), Some(json!(true)));
    let resolved = &interaction["data"]["resolved"];
    assert_eq!(resolved["users"][&ada]["username"], "ada");
    assert!(resolved["members"][&ada]["permissions"].is_string());
    assert_eq!(
        resolved["channels"][bot.general.to_string()]["name"],
        "general"
    );
    assert_eq!(interaction["member"]["user"]["username"], "sam");
    for field in [
        "token",
        "version",
        "locale",
        "entitlements",
        "authorizing_integration_owners",
        "app_permissions",
    ] {
        assert!(!interaction[field].is_null(), "{field}");
    }
}

#[tokio::test]
async fn words_without_a_name_go_to_the_required_option() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let (_, interaction) = tokio::join!(
        sam.slash(bot.general, "/inc new Checkout is down severity:SEV1"),
        answer(&bot, &mut gateway, json!({"type": 5}))
            .then_follow_up(&bot, json!({"content": "done"}))
    );
    assert_eq!(
        interaction["data"]["options"][0]["options"][0]["value"],
        "Checkout is down"
    );
}

/// Lets a test say what follows an answer, in one expression.
trait ThenFollowUp: Future<Output = Value> + Sized {
    async fn then_follow_up(self, bot: &Bot, body: Value) -> Value {
        let interaction = self.await;
        let answer = bot.post(&bot.follow_up_path(&interaction), body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        interaction
    }
}

impl<F: Future<Output = Value>> ThenFollowUp for F {}

#[tokio::test]
async fn a_client_refuses_what_the_definition_does_not_allow() {
    let (bot, _gateway) = with_commands().await;
    let sam = bot.person("sam");
    let refusal = async |line: &str| match sam.slash(bot.general, line).await {
        Err(refused) => refused.to_string(),
        Ok(reply) => panic!("{line} went through: {reply:?}"),
    };
    assert_eq!(
        refusal("/inc new").await,
        "the option \"title\" is required"
    );
    assert!(
        refusal("/nothing")
            .await
            .starts_with("there is no command /nothing")
    );
    assert!(
        refusal("/inc close")
            .await
            .contains("it has: new, take, role")
    );
    assert!(
        refusal("/inc new title:x severity:SEV9")
            .await
            .contains("there are: SEV1, SEV2")
    );
    assert!(
        refusal("/inc new title:x count:10")
            .await
            .contains("out of bounds")
    );
    assert!(
        refusal("/inc new title:x lead:@Nobody")
            .await
            .contains("Nobody")
    );
    assert!(
        refusal(&format!("/inc new title:{}", "x".repeat(41)))
            .await
            .contains("0 to 40 characters")
    );
    assert_eq!(bot.discord.pending_interactions(), 0);
}

#[tokio::test]
async fn a_deferred_answer_is_waited_for() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let (reply, _) = tokio::join!(sam.slash(bot.general, "/inc role list"), async {
        let interaction = answer(
            &bot,
            &mut gateway,
            json!({"type": 5, "data": {"flags": 64}}),
        )
        .await;
        let thinking = sam.visible_messages(bot.general);
        assert!(
            thinking
                .last()
                .is_some_and(|message| message.thinking && message.ephemeral)
        );
        let path = format!("{}/messages/@original", bot.follow_up_path(&interaction));
        let edited = bot.patch(&path, json!({"content": "three roles"})).await;
        assert_eq!((edited.status, &edited.body["flags"]), (200, &json!(64)));
        assert_eq!(bot.get(&path).await.body["content"], "three roles");
    });
    let message = message_of(reply);
    assert_eq!(
        (message.content.as_str(), message.thinking),
        ("three roles", false)
    );
}

#[tokio::test]
async fn an_ephemeral_message_is_seen_by_one_person_only() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let body = json!({"type": 4, "data": {"content": "only you", "flags": 64, "components": buttons(&[("x", "X")])}});
    let (reply, interaction) = tokio::join!(
        sam.slash(bot.general, "/inc role list"),
        answer(&bot, &mut gateway, body)
    );
    let message = message_of(reply);
    assert_eq!(message.ephemeral_for, Some(sam.id()));
    assert!(bot.discord.messages(bot.general).is_empty());
    assert!(bot.person("ada").visible_messages(bot.general).is_empty());
    assert_eq!(
        bot.get(&format!("/channels/{}/messages", bot.general))
            .await
            .body,
        json!([])
    );
    let by_channel = format!("/channels/{}/messages/{}", bot.general, message.id);
    assert_eq!(bot.delete(&by_channel).await.code(), 10008);
    assert!(bot.person("ada").click(message.id, "X").await.is_err());
    let created = gateway.expect("MESSAGE_CREATE").await;
    assert!(created["guild_id"].is_null());
    let path = format!("{}/messages/@original", bot.follow_up_path(&interaction));
    assert_eq!(bot.delete(&path).await.status, 204);
    assert!(sam.visible_messages(bot.general).is_empty());
}

#[tokio::test]
async fn three_seconds_are_all_there_is_for_the_first_answer() {
    let mut settings = quiet();
    settings.interaction_deadline = Duration::from_millis(50);
    let bot = started_with(settings).await;
    let mut gateway = Gateway::identified(&bot, INTENTS).await;
    bot.registers(inc()).await;
    let reply = bot.person("sam").slash(bot.general, "/inc role list").await;
    assert_eq!(reply, Ok(Reply::NoAnswer));
    let interaction = gateway.expect("INTERACTION_CREATE").await;
    let late = bot
        .answers(
            &interaction,
            json!({"type": 4, "data": {"content": "late"}}),
        )
        .await;
    assert_eq!((late.status, late.code()), (404, 10062));
    assert!(bot.general_texts().is_empty());
    assert_eq!(bot.discord.pending_interactions(), 0);
}

#[tokio::test]
async fn an_interaction_is_answered_once_and_only_with_its_token() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let (_, ()) = tokio::join!(sam.slash(bot.general, "/inc role list"), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        assert_eq!(bot.discord.pending_interactions(), 1);
        let follow_up = bot
            .post(
                &bot.follow_up_path(&interaction),
                json!({"content": "too early"}),
            )
            .await;
        assert_eq!(follow_up.code(), 10015);
        let mut forged = interaction.clone();
        forged["token"] = json!("forged");
        let body = json!({"type": 4, "data": {"content": "hello"}});
        assert_eq!(bot.answers(&forged, body.clone()).await.code(), 10062);
        for wrong in [
            json!({"type": 6}),
            json!({"type": 7, "data": {}}),
            json!({"type": 8, "data": {"choices": []}}),
        ] {
            assert_eq!(
                bot.answers(&interaction, wrong).await.error_at("type"),
                "BASE_TYPE_CHOICES"
            );
        }
        let long = json!({"type": 4, "data": {"content": "x".repeat(2001)}});
        assert_eq!(
            bot.answers(&interaction, long)
                .await
                .error_at("data.content"),
            "BASE_TYPE_MAX_LENGTH"
        );
        assert_eq!(bot.answers(&interaction, body.clone()).await.status, 204);
        let twice = bot.answers(&interaction, body).await;
        assert_eq!((twice.status, twice.code()), (400, 40060));
    });
    assert_eq!(bot.general_texts(), ["hello"]);
}

#[tokio::test]
async fn a_token_works_for_fifteen_minutes_of_the_wall_clock() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let body = json!({"type": 4, "data": {"content": "hello"}});
    let (_, interaction) = tokio::join!(
        sam.slash(bot.general, "/inc role list"),
        answer(&bot, &mut gateway, body)
    );
    bot.passes(TimeDelta::minutes(14));
    let follow_up = bot
        .post(
            &bot.follow_up_path(&interaction),
            json!({"content": "more", "flags": 64}),
        )
        .await;
    assert_eq!(follow_up.status, 200);
    let one = format!(
        "{}/messages/{}",
        bot.follow_up_path(&interaction),
        follow_up.id()
    );
    assert_eq!(
        bot.patch(&one, json!({"content": "changed"})).await.body["content"],
        "changed"
    );
    bot.passes(TimeDelta::minutes(2));
    let late = bot
        .post(
            &bot.follow_up_path(&interaction),
            json!({"content": "late"}),
        )
        .await;
    assert_eq!((late.status, late.code()), (401, 50027));
}

#[tokio::test]
async fn a_callback_tells_of_its_message_when_asked() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let (_, told) = tokio::join!(sam.slash(bot.general, "/inc role list"), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        let path = format!("{}?with_response=true", callback_path(&interaction));
        bot.post(&path, json!({"type": 4, "data": {"content": "hello"}}))
            .await
    });
    assert_eq!(
        (told.status, &told.body["resource"]["message"]["content"]),
        (200, &json!("hello"))
    );
    assert_eq!(
        told.body["interaction"]["response_message_ephemeral"],
        false
    );
}

#[tokio::test]
async fn a_deferred_callback_tells_of_the_message_that_is_to_come() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let (_, told) = tokio::join!(sam.slash(bot.general, "/inc role list"), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        let path = format!("{}?with_response=true", callback_path(&interaction));
        let told = bot.post(&path, json!({"type": 5})).await;
        let edit = format!("{}/messages/@original", bot.follow_up_path(&interaction));
        bot.patch(&edit, json!({"content": "done"})).await;
        told
    });
    assert_eq!(told.body["resource"]["type"], 4);
    assert_eq!(told.body["interaction"]["response_message_loading"], true);
}

#[tokio::test]
async fn an_answer_carries_files() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let (reply, ()) = tokio::join!(sam.slash(bot.general, "/inc role list"), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        let form = Form::new()
            .text(
                "payload_json",
                json!({"type": 4, "data": {"content": "report"}}).to_string(),
            )
            .part(
                "files[0]",
                Part::bytes(b"# report".to_vec()).file_name("report.md"),
            );
        let request = bot
            .request(Method::POST, &callback_path(&interaction))
            .multipart(form);
        assert_eq!(bot.send(request).await.status, 204);
    });
    assert_eq!(message_of(reply).attachments[0].bytes, b"# report");
}

#[tokio::test]
async fn what_is_being_typed_is_completed() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let many: Vec<Value> = (0..26)
        .map(|n| json!({"name": n.to_string(), "value": n.to_string()}))
        .collect();
    let (choices, ()) = tokio::join!(sam.complete(bot.general, "/inc take incident:che"), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        let focused = &interaction["data"]["options"][0]["options"][0];
        assert_eq!(
            (&focused["value"], &focused["focused"]),
            (&json!("che"), &json!(true))
        );
        let over = bot
            .answers(&interaction, json!({"type": 8, "data": {"choices": many}}))
            .await;
        assert_eq!(over.error_at("data.choices"), "BASE_TYPE_MAX_LENGTH");
        let fine = json!({"type": 8, "data": {"choices": [{"name": "#1 Checkout", "value": "1"}]}});
        assert_eq!(bot.answers(&interaction, fine).await.status, 204);
    });
    assert_eq!(
        choices,
        Ok(vec![("#1 Checkout".to_owned(), "1".to_owned())])
    );
    let fixed = sam
        .complete(bot.general, "/inc new title:x severity:sev2")
        .await;
    assert_eq!(fixed, Ok(vec![("SEV2".to_owned(), "2".to_owned())]));
}

#[tokio::test]
async fn context_menus_carry_what_they_were_opened_on() {
    let (bot, mut gateway) = with_commands().await;
    let (sam, ada) = (bot.person("sam"), bot.person("ada"));
    let target = ada
        .say(bot.general, "error rate is up")
        .expect("ada may write");
    let said = |text: &str| json!({"type": 4, "data": {"content": text, "flags": 64}});
    let (reply, interaction) = tokio::join!(
        sam.message_menu("Add to timeline", bot.general, target),
        answer(&bot, &mut gateway, said("added"))
    );
    assert_eq!(message_of(reply).content, "added");
    let data = &interaction["data"];
    assert_eq!(
        (&data["type"], &data["target_id"]),
        (&json!(3), &json!(target.to_string()))
    );
    assert_eq!(
        data["resolved"]["messages"][target.to_string()]["content"],
        "error rate is up"
    );
    let (_, interaction) = tokio::join!(
        sam.user_menu("Page", bot.general, ada.id()),
        answer(&bot, &mut gateway, said("paged"))
    );
    assert_eq!(
        interaction["data"]["resolved"]["users"][ada.id().to_string()]["username"],
        "ada"
    );
    assert!(
        sam.message_menu("Missing", bot.general, target)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn commands_are_for_whom_they_are_meant() {
    let (bot, _gateway) = connected().await;
    bot.registers(
        json!([{"name": "admin", "description": "d", "default_member_permissions": "0"}]),
    )
    .await;
    assert!(
        bot.person("sam")
            .slash(bot.general, "/admin")
            .await
            .is_err()
    );
    let sam = bot.person("sam").id();
    bot.registers(json!([{"name": "open", "description": "d"}]))
        .await;
    let denied = json!({"type": 1, "deny": (1u64 << 31).to_string(), "allow": "0"});
    bot.put(
        &format!("/channels/{}/permissions/{sam}", bot.general),
        denied,
    )
    .await;
    assert!(bot.person("sam").slash(bot.general, "/open").await.is_err());
}
