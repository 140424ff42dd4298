//! Lengths and counts, each refused at its place with Discord's own code.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::bot::{Bot, buttons, started};

async fn refused(bot: &Bot, body: Value, path: &str, code: &str) {
    let answer = bot.says(body).await;
    assert_eq!(
        (answer.status, answer.code()),
        (400, 50035),
        "{}",
        answer.body
    );
    assert_eq!(answer.error_at(path), code, "{}", answer.body);
}

#[tokio::test]
async fn the_error_body_is_discords_own() {
    let bot = started().await;
    let answer = bot.says(json!({"content": "x".repeat(2001)})).await;
    assert_eq!(
        answer.body,
        json!({"message": "Invalid Form Body", "code": 50035, "errors": {"content": {"_errors": [
            {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]}}})
    );
    assert_eq!(
        bot.says(json!({"content": "x".repeat(2000)})).await.status,
        200
    );
}

#[tokio::test]
async fn characters_are_counted_not_bytes() {
    let bot = started().await;
    assert_eq!(
        bot.says(json!({"content": "ä".repeat(2000)})).await.status,
        200
    );
}

#[tokio::test]
async fn an_empty_message_is_refused() {
    let bot = started().await;
    for body in [json!({}), json!({"content": "  "}), json!({"embeds": []})] {
        let answer = bot.says(body).await;
        assert_eq!((answer.status, answer.code()), (400, 50006));
    }
}

#[tokio::test]
async fn embeds_have_their_lengths() {
    let bot = started().await;
    let embed = |embed: Value| json!({"embeds": [embed]});
    let too_long = "BASE_TYPE_MAX_LENGTH";
    refused(
        &bot,
        embed(json!({"title": "x".repeat(257)})),
        "embeds.0.title",
        too_long,
    )
    .await;
    refused(
        &bot,
        embed(json!({"description": "x".repeat(4097)})),
        "embeds.0.description",
        too_long,
    )
    .await;
    refused(
        &bot,
        embed(json!({"footer": {"text": "x".repeat(2049)}})),
        "embeds.0.footer.text",
        too_long,
    )
    .await;
    refused(
        &bot,
        embed(json!({"author": {"name": "x".repeat(257)}})),
        "embeds.0.author.name",
        too_long,
    )
    .await;
    let field = json!({"name": "n", "value": "x".repeat(1025)});
    refused(
        &bot,
        embed(json!({"fields": [field]})),
        "embeds.0.fields.0.value",
        too_long,
    )
    .await;
    let nameless = json!({"name": "", "value": "v"});
    refused(
        &bot,
        embed(json!({"fields": [nameless]})),
        "embeds.0.fields.0.name",
        "BASE_TYPE_REQUIRED",
    )
    .await;
    let fields = vec![json!({"name": "n", "value": "v"}); 26];
    refused(
        &bot,
        embed(json!({"fields": fields})),
        "embeds.0.fields",
        too_long,
    )
    .await;
    refused(
        &bot,
        json!({"embeds": vec![json!({"title": "t"}); 11]}),
        "embeds",
        too_long,
    )
    .await;
    refused(
        &bot,
        embed(json!({"title": "t", "url": "ftp://x"})),
        "embeds.0.url",
        "URL_TYPE_INVALID_SCHEME",
    )
    .await;
    refused(
        &bot,
        embed(json!({})),
        "embeds.0.description",
        "BASE_TYPE_REQUIRED",
    )
    .await;
    let two = vec![json!({"description": "x".repeat(3001)}); 2];
    refused(
        &bot,
        json!({"embeds": two}),
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    )
    .await;
    let fits = vec![json!({"description": "x".repeat(3000)}); 2];
    assert_eq!(bot.says(json!({"embeds": fits})).await.status, 200);
}

#[tokio::test]
async fn components_have_their_counts_and_lengths() {
    let bot = started().await;
    let with = |components: Value| json!({"content": "card", "components": components});
    let six: Vec<(String, String)> = (0..6).map(|n| (n.to_string(), n.to_string())).collect();
    let six: Vec<(&str, &str)> = six
        .iter()
        .map(|(id, label)| (id.as_str(), label.as_str()))
        .collect();
    refused(
        &bot,
        with(buttons(&six)),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    )
    .await;
    refused(
        &bot,
        with(json!(vec![buttons(&[("a", "A")])[0].clone(); 6])),
        "components",
        "BASE_TYPE_MAX_LENGTH",
    )
    .await;
    let twice = buttons(&[("same", "A"), ("same", "B")]);
    let place = "components.0.components.1.custom_id";
    refused(&bot, with(twice), place, "COMPONENT_CUSTOM_ID_DUPLICATED").await;
    let long = "x".repeat(101);
    let place = "components.0.components.0.custom_id";
    refused(
        &bot,
        with(buttons(&[(&long, "A")])),
        place,
        "BASE_TYPE_BAD_LENGTH",
    )
    .await;
    let place = "components.0.components.0.label";
    refused(
        &bot,
        with(buttons(&[("a", &long[..81])])),
        place,
        "BASE_TYPE_MAX_LENGTH",
    )
    .await;
    let link = json!([{"type": 1, "components": [{"type": 2, "style": 5, "label": "Open"}]}]);
    refused(
        &bot,
        with(link),
        "components.0.components.0.url",
        "BUTTON_COMPONENT_URL_REQUIRED",
    )
    .await;
    let crowded = json!([{"type": 1, "components": [
        {"type": 2, "style": 1, "custom_id": "a", "label": "A"}, {"type": 5, "custom_id": "b"}]}]);
    refused(
        &bot,
        with(crowded),
        "components.0.components",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    )
    .await;
    let options: Vec<Value> = (0..26)
        .map(|n| json!({"label": n.to_string(), "value": n.to_string()}))
        .collect();
    let select =
        json!([{"type": 1, "components": [{"type": 3, "custom_id": "s", "options": options}]}]);
    refused(
        &bot,
        with(select),
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    )
    .await;
    let second = json!([{"type": 17, "components": []}]);
    refused(
        &bot,
        with(second),
        "components.0.type",
        "COMPONENT_TYPE_INVALID",
    )
    .await;
    refused(
        &bot,
        json!({"flags": 1 << 15, "content": "x"}),
        "flags",
        "MESSAGE_FLAGS_INVALID",
    )
    .await;
}

#[tokio::test]
async fn a_nonce_has_twenty_five_characters() {
    let bot = started().await;
    assert_eq!(
        bot.says(json!({"content": "x", "nonce": "n".repeat(25)}))
            .await
            .status,
        200
    );
    refused(
        &bot,
        json!({"content": "x", "nonce": "n".repeat(26)}),
        "nonce",
        "NONCE_TYPE_TOO_LONG",
    )
    .await;
}

#[tokio::test]
async fn files_have_ten_mebibytes_and_there_are_ten_of_them() {
    let bot = started().await;
    let path = format!("/channels/{}/messages", bot.general);
    let send = async |files: Vec<usize>| {
        let mut form = Form::new().text("payload_json", json!({"content": "files"}).to_string());
        for (index, size) in files.into_iter().enumerate() {
            form = form.part(
                format!("files[{index}]"),
                Part::bytes(vec![0; size]).file_name("f.bin"),
            );
        }
        bot.send(bot.request(Method::POST, &path).multipart(form))
            .await
    };
    let mebibyte = 1024 * 1024;
    assert_eq!(send(vec![10 * mebibyte]).await.status, 200);
    let large = send(vec![10 * mebibyte + 1]).await;
    assert_eq!((large.status, large.code()), (413, 40005));
    assert_eq!(send(vec![9 * mebibyte; 3]).await.code(), 40005);
    assert_eq!(
        send(vec![1; 11]).await.error_at("files"),
        "BASE_TYPE_MAX_LENGTH"
    );
}

#[tokio::test]
async fn a_named_file_that_did_not_come_along_is_an_error() {
    let bot = started().await;
    let body = json!({"content": "x", "attachments": [{"id": 0, "filename": "missing.md"}]});
    refused(&bot, body, "attachments.0", "ATTACHMENT_NOT_FOUND").await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_an_error() {
    let bot = started().await;
    let path = format!("/channels/{}/messages", bot.general);
    let request = bot
        .request(Method::POST, &path)
        .header("content-type", "application/json")
        .body("{");
    assert_eq!(bot.send(request).await.code(), 50109);
}

#[tokio::test]
async fn commands_have_their_names_and_counts() {
    let bot = started().await;
    let command = |name: &str| json!({"name": name, "description": "d"});
    assert_eq!(
        bot.registers(json!([command("Inc")]))
            .await
            .error_at("0.name"),
        "APPLICATION_COMMAND_INVALID_NAME"
    );
    let twice = bot.registers(json!([command("inc"), command("inc")])).await;
    assert_eq!(
        twice.error_at("1.name"),
        "APPLICATION_COMMANDS_DUPLICATE_NAME"
    );
    let many: Vec<Value> = (0..101).map(|n| command(&format!("c{n}"))).collect();
    assert_eq!(bot.registers(json!(many)).await.code(), 30032);
    assert_eq!(bot.registers(json!(many[..100])).await.status, 200);
    let menus: Vec<Value> = (0..16)
        .map(|n| json!({"name": format!("Menu {n}"), "type": 3}))
        .collect();
    assert_eq!(bot.registers(json!(menus)).await.code(), 30032);
    let many_options: Vec<Value> = (0..26)
        .map(|n| json!({"type": 3, "name": format!("o{n}"), "description": "d"}))
        .collect();
    let wide = json!([{"name": "inc", "description": "d", "options": many_options}]);
    assert_eq!(
        bot.registers(wide).await.error_at("0.options"),
        "BASE_TYPE_MAX_LENGTH"
    );
    let long = "x".repeat(100);
    let choices: Vec<Value> = (0..25)
        .map(|n| json!({"name": &long[..98], "value": format!("{}{n}", &long[..97])}))
        .collect();
    let heavy = json!({"type": 3, "name": "o", "description": "d", "choices": choices});
    let mut options = vec![heavy; 2];
    options[1]["name"] = json!("p");
    let heavy = json!([{"name": "inc", "description": "d", "options": options}]);
    assert_eq!(
        bot.registers(heavy).await.error_at("0"),
        "APPLICATION_COMMAND_TOO_LARGE"
    );
}

#[tokio::test]
async fn a_known_command_keeps_its_id_when_all_are_overwritten() {
    let bot = started().await;
    let first = bot
        .registers(
            json!([{"name": "inc", "description": "old"}, {"name": "pm", "description": "d"}]),
        )
        .await;
    let second = bot
        .registers(json!([{"name": "inc", "description": "new"}]))
        .await;
    assert_eq!(first.body[0]["id"], second.body[0]["id"]);
    assert_ne!(first.body[0]["version"], second.body[0]["version"]);
    assert_eq!(second.body[0]["default_member_permissions"], Value::Null);
    assert_eq!(second.body.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn two_hundred_new_commands_a_day_are_enough() {
    let bot = started().await;
    for round in 0..2 {
        let commands: Vec<Value> = (0..100)
            .map(|n| json!({"name": format!("r{round}-{n}"), "description": "d"}))
            .collect();
        assert_eq!(bot.registers(json!(commands)).await.status, 200);
    }
    assert_eq!(
        bot.registers(json!([{"name": "more", "description": "d"}]))
            .await
            .code(),
        30034
    );
    bot.passes(chrono::TimeDelta::days(2));
    assert_eq!(
        bot.registers(json!([{"name": "more", "description": "d"}]))
            .await
            .status,
        200
    );
}
