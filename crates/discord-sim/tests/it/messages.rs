//! Writing, reading, changing, pinning and marking messages over REST.

use chrono::TimeDelta;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::bot::{connected, started};

#[tokio::test]
async fn a_message_comes_back_as_it_was_sent() {
    let bot = started().await;
    let sent = bot
        .says(json!({"content": "  hello  ", "nonce": "n-1"}))
        .await;
    assert_eq!(sent.status, 200);
    assert_eq!(sent.body["content"], "hello");
    assert_eq!(sent.body["nonce"], "n-1");
    let read = bot
        .get(&format!("/channels/{}/messages/{}", bot.general, sent.id()))
        .await;
    assert_eq!(read.body["content"], "hello");
    assert_eq!(read.body["author"]["id"], bot.discord.bot_id().to_string());
    assert_eq!(bot.general_texts(), ["hello"]);
}

#[tokio::test]
async fn history_is_paged_newest_first() {
    let bot = started().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(bot.said(json!({"content": number.to_string()})).await);
    }
    let texts = async |query: String| -> Vec<String> {
        let page = bot
            .get(&format!("/channels/{}/messages?{query}", bot.general))
            .await;
        let list = page.body.as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|message| message["content"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(texts("limit=3".into()).await, ["6", "5", "4"]);
    assert_eq!(
        texts(format!("limit=2&before={}", ids[4])).await,
        ["3", "2"]
    );
    assert_eq!(texts(format!("limit=2&after={}", ids[2])).await, ["4", "3"]);
    assert_eq!(
        texts(format!("limit=3&around={}", ids[3])).await,
        ["4", "3", "2"]
    );
    let wrong = bot
        .get(&format!("/channels/{}/messages?limit=101", bot.general))
        .await;
    assert_eq!(
        (wrong.status, wrong.error_at("limit")),
        (400, "NUMBER_TYPE_MAX")
    );
}

#[tokio::test]
async fn a_repeated_nonce_answers_the_first_message_until_the_window_has_passed() {
    let bot = started().await;
    let body = json!({"content": "once", "nonce": "effect-1", "enforce_nonce": true});
    let first = bot.said(body.clone()).await;
    assert_eq!(bot.said(body.clone()).await, first);
    assert_eq!(bot.general_texts(), ["once"]);
    bot.passes(TimeDelta::minutes(6));
    assert_ne!(bot.said(body).await, first);
}

#[tokio::test]
async fn a_nonce_without_enforcement_is_only_a_note() {
    let bot = started().await;
    bot.said(json!({"content": "twice", "nonce": 7})).await;
    bot.said(json!({"content": "twice", "nonce": 7})).await;
    assert_eq!(bot.general_texts(), ["twice", "twice"]);
}

#[tokio::test]
async fn a_repeated_nonce_of_a_deleted_message_is_an_unknown_message() {
    let bot = started().await;
    let body = json!({"content": "once", "nonce": "effect-1", "enforce_nonce": true});
    let first = bot.said(body.clone()).await;
    bot.delete(&format!("/channels/{}/messages/{first}", bot.general))
        .await;
    let again = bot.says(body).await;
    assert_eq!((again.status, again.code()), (404, 10008));
}

#[tokio::test]
async fn files_travel_with_a_message() {
    let bot = started().await;
    let form = Form::new()
        .text(
            "payload_json",
            json!({"content": "notes", "attachments": [{"id": 0, "description": "what is known"}],
                "embeds": [{"image": {"url": "attachment://notes.md"}}]})
            .to_string(),
        )
        .part(
            "files[0]",
            Part::bytes(b"# notes".to_vec()).file_name("notes.md"),
        );
    let path = format!("/channels/{}/messages", bot.general);
    let sent = bot
        .send(bot.request(Method::POST, &path).multipart(form))
        .await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let attachment = &sent.body["attachments"][0];
    assert_eq!(attachment["filename"], "notes.md");
    assert_eq!(attachment["description"], "what is known");
    assert_eq!(sent.body["embeds"][0]["image"]["url"], attachment["url"]);
    let url = attachment["url"]
        .as_str()
        .expect("an attachment has an address");
    let file = bot
        .http
        .get(url)
        .send()
        .await
        .expect("attachments are served");
    assert_eq!(
        file.bytes().await.expect("attachments have bytes").as_ref(),
        b"# notes"
    );
    assert_eq!(
        bot.discord.messages(bot.general)[0].attachments[0].bytes,
        b"# notes"
    );

    let edited = bot
        .patch(
            &format!("{path}/{}", sent.id()),
            json!({"content": "gone", "attachments": [], "embeds": []}),
        )
        .await;
    assert_eq!(edited.body["attachments"], json!([]));
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_nothing_else() {
    let bot = started().await;
    let id = bot
        .said(json!({"content": "before", "embeds": [{"title": "card"}]}))
        .await;
    bot.passes(TimeDelta::minutes(1));
    let edited = bot
        .patch(
            &format!("/channels/{}/messages/{id}", bot.general),
            json!({"content": "after"}),
        )
        .await;
    assert_eq!(edited.body["content"], "after");
    assert_eq!(edited.body["embeds"][0]["title"], "card");
    assert!(edited.body["edited_timestamp"].is_string());
    let emptied = bot
        .patch(
            &format!("/channels/{}/messages/{id}", bot.general),
            json!({"content": "", "embeds": []}),
        )
        .await;
    assert_eq!(emptied.code(), 50006);
    assert_eq!(bot.general_texts(), ["after"]);
}

#[tokio::test]
async fn nobody_edits_anothers_words() {
    let bot = started().await;
    let id = bot
        .person("sam")
        .say(bot.general, "mine")
        .expect("sam may write");
    let path = format!("/channels/{}/messages/{id}", bot.general);
    assert_eq!(
        bot.patch(&path, json!({"content": "yours"})).await.code(),
        50005
    );
    assert_eq!(bot.patch(&path, json!({"flags": 4})).await.status, 200);
}

#[tokio::test]
async fn a_reply_names_its_message_and_pings_its_author() {
    let bot = started().await;
    let asked = bot
        .person("sam")
        .say(bot.general, "who leads?")
        .expect("sam may write");
    let reply = bot
        .says(json!({"content": "Mo", "message_reference": {"message_id": asked.to_string()}}))
        .await;
    assert_eq!(reply.body["type"], 19);
    assert_eq!(reply.body["referenced_message"]["content"], "who leads?");
    assert_eq!(reply.body["mentions"][0]["username"], "sam");
    let gone = bot
        .says(json!({"content": "Mo", "message_reference": {"message_id": "1"}}))
        .await;
    assert_eq!(
        gone.error_at("message_reference"),
        "REPLIES_UNKNOWN_MESSAGE"
    );
}

#[tokio::test]
async fn a_ping_is_what_the_sender_allows() {
    let bot = started().await;
    let sam = bot.person("sam").id();
    let responder = bot
        .discord
        .role_named("responder")
        .expect("the default guild has responders");
    let content = format!("<@{sam}> <@&{responder}> @everyone");
    let loud = bot.says(json!({"content": content})).await.body;
    assert_eq!(loud["mentions"][0]["id"], sam.to_string());
    assert_eq!(loud["mention_roles"], json!([responder.to_string()]));
    assert_eq!(loud["mention_everyone"], true);
    let silent = bot
        .says(json!({"content": content, "allowed_mentions": {"parse": []}}))
        .await
        .body;
    assert_eq!(
        (&silent["mentions"], &silent["mention_roles"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(silent["mention_everyone"], false);
    let named = json!({"parse": [], "users": [sam.to_string()]});
    let one = bot
        .says(json!({"content": content, "allowed_mentions": named}))
        .await
        .body;
    assert_eq!(one["mentions"].as_array().map(Vec::len), Some(1));
    let both = json!({"parse": ["users"], "users": [sam.to_string()]});
    let refused = bot
        .says(json!({"content": content, "allowed_mentions": both}))
        .await;
    assert_eq!(
        refused.error_at("allowed_mentions"),
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
    );
}

#[tokio::test]
async fn several_messages_are_deleted_at_once_unless_they_are_old() {
    let (bot, mut gateway) = connected().await;
    let old = bot.said(json!({"content": "old"})).await;
    bot.passes(TimeDelta::days(15));
    let one = bot.said(json!({"content": "one"})).await;
    let two = bot.said(json!({"content": "two"})).await;
    let path = format!("/channels/{}/messages/bulk-delete", bot.general);
    let list =
        |ids: &[u64]| json!({"messages": ids.iter().map(u64::to_string).collect::<Vec<_>>()});
    assert_eq!(
        bot.post(&path, list(&[one])).await.error_at("messages"),
        "BASE_TYPE_BAD_LENGTH"
    );
    assert_eq!(bot.post(&path, list(&[one, old])).await.code(), 50034);
    assert_eq!(bot.post(&path, list(&[one, two])).await.status, 204);
    assert_eq!(bot.general_texts(), ["old"]);
    let gone = gateway.expect("MESSAGE_DELETE_BULK").await;
    assert_eq!(gone["ids"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn direct_messages_reach_one_person_unless_they_refuse_them() {
    let (bot, mut gateway) = connected().await;
    let priya = bot.person("priya");
    let opened = bot
        .post(
            "/users/@me/channels",
            json!({"recipient_id": priya.id().to_string()}),
        )
        .await;
    assert_eq!(opened.body["type"], 1);
    let path = format!("/channels/{}/messages", opened.id());
    assert_eq!(
        bot.post(&path, json!({"content": "for you"})).await.status,
        200
    );
    assert_eq!(priya.dm_channel(), Some(opened.id()));
    assert_eq!(priya.visible_messages(opened.id())[0].content, "for you");
    assert!(!bot.person("nora").sees(opened.id()));
    priya.say(opened.id(), "thanks").expect("priya may answer");
    gateway.expect("MESSAGE_CREATE").await;
    let heard = gateway.expect("MESSAGE_CREATE").await;
    assert_eq!(heard["content"], "thanks");
    assert!(heard["guild_id"].is_null());
    priya.refuse_direct_messages(true);
    assert_eq!(
        bot.post(&path, json!({"content": "again"})).await.code(),
        50007
    );
}

#[tokio::test]
async fn an_unknown_route_is_refused_and_remembered() {
    let bot = started().await;
    let nowhere = bot.get("/nowhere").await;
    assert_eq!(nowhere.status, 404);
    assert_eq!(
        nowhere.body,
        json!({"message": "404: Not Found", "code": 0})
    );
    assert_eq!(bot.put("/gateway", json!({})).await.status, 405);
    assert_eq!(
        bot.discord.unknown_routes(),
        ["GET /api/v10/nowhere", "PUT /api/v10/gateway"]
    );
}
