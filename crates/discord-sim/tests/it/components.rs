//! Buttons, menus and forms, from both sides.

use discord_sim::{ComponentView, FormField, Reply};
use serde_json::{Value, json};

use crate::answers::{answer, with_commands};
use crate::bot::{buttons, connected};

#[tokio::test]
async fn a_button_is_pressed_by_its_label_and_changes_its_message() {
    let (bot, mut gateway) = connected().await;
    let components = json!([{"type": 1, "components": [
        {"type": 2, "style": 1, "custom_id": "ack:1", "label": "👀 Acknowledge"},
        {"type": 2, "style": 2, "custom_id": "off", "label": "Off", "disabled": true},
        {"type": 2, "style": 5, "label": "Runbook", "url": "https://example.org/"}]}]);
    let card = bot
        .said(json!({"content": "card", "components": components}))
        .await;
    let sam = bot.person("sam");
    assert!(
        sam.click(card, "Off")
            .await
            .is_err_and(|refused| refused.0.contains("disabled"))
    );
    assert!(
        sam.click(card, "Runbook")
            .await
            .is_err_and(|refused| refused.0.contains("https://example.org/"))
    );
    let update = json!({"type": 7, "data": {"content": "acknowledged", "components": []}});
    let (reply, interaction) = tokio::join!(
        sam.click(card, "Acknow"),
        answer(&bot, &mut gateway, update)
    );
    let Ok(Reply::Updated(message)) = reply else {
        panic!("expected the message to change, got {reply:?}")
    };
    assert_eq!(
        (message.id, message.content.as_str()),
        (card, "acknowledged")
    );
    assert!(message.components.is_empty());
    assert_eq!(
        interaction["data"],
        json!({"custom_id": "ack:1", "component_type": 2, "id": 2})
    );
    assert_eq!(interaction["message"]["id"], card.to_string());
}

#[tokio::test]
async fn a_deferred_update_shows_nothing_until_the_edit() {
    let (bot, mut gateway) = connected().await;
    let card = bot
        .said(json!({"content": "card", "components": buttons(&[("go", "Go")])}))
        .await;
    let sam = bot.person("sam");
    let (reply, interaction) = tokio::join!(
        sam.click(card, "go"),
        answer(&bot, &mut gateway, json!({"type": 6}))
    );
    assert_eq!(reply, Ok(Reply::Nothing));
    let path = bot.follow_up_path(&interaction);
    bot.patch(
        &format!("{path}/messages/@original"),
        json!({"content": "changed"}),
    )
    .await;
    assert_eq!(bot.general_texts(), ["changed"]);
    let follow_up = bot
        .post(&path, json!({"content": "to you", "flags": 64}))
        .await;
    assert_eq!(follow_up.body["flags"], 64);
    assert_eq!(sam.visible_messages(bot.general).len(), 2);
}

#[tokio::test]
async fn menus_offer_choices_and_people() {
    let (bot, mut gateway) = connected().await;
    let components = json!([
        {"type": 1, "components": [{"type": 3, "custom_id": "sev", "placeholder": "Severity", "max_values": 2, "options": [
            {"label": "One", "value": "1"}, {"label": "Two", "value": "2", "default": true}]}]},
        {"type": 1, "components": [{"type": 5, "custom_id": "who"}]},
        {"type": 1, "components": [{"type": 6, "custom_id": "team"}]}]);
    let card = bot
        .said(json!({"content": "card", "components": components}))
        .await;
    let view = &bot.discord.messages(bot.general)[0];
    let ComponentView::Select(select) = &view.components[0][0] else {
        panic!("a select stands there")
    };
    assert_eq!((select.options.len(), select.options[1].default), (2, true));
    let (sam, ada) = (bot.person("sam"), bot.person("ada").id());
    let people = [ada];
    let nothing = json!({"type": 6});
    let (_, one) = tokio::join!(
        sam.select(card, "Severity", &["One", "2"]),
        answer(&bot, &mut gateway, nothing.clone())
    );
    assert_eq!(one["data"]["values"], json!(["1", "2"]));
    let (_, two) = tokio::join!(
        sam.select_user(card, "who", &people),
        answer(&bot, &mut gateway, nothing.clone())
    );
    assert_eq!(
        two["data"]["resolved"]["users"][ada.to_string()]["username"],
        "ada"
    );
    let (_, three) = tokio::join!(
        sam.select(card, "team", &["responder"]),
        answer(&bot, &mut gateway, nothing)
    );
    assert_eq!(three["data"]["component_type"], 6);
    assert!(sam.select(card, "sev", &["Three"]).await.is_err());
    assert!(sam.select(card, "sev", &[]).await.is_err());
}

#[tokio::test]
async fn a_form_is_opened_filled_in_and_sent() {
    let (bot, mut gateway) = connected().await;
    let card = bot
        .said(json!({"content": "card", "components": buttons(&[("form", "Form")])}))
        .await;
    let sam = bot.person("sam");
    let input = |id: &str, more: Value| {
        let mut input = json!({"type": 4, "custom_id": id, "style": 1});
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        input
    };
    let form = json!({"type": 9, "data": {"custom_id": "declare", "title": "Declare", "components": [
        {"type": 1, "components": [input("title", json!({"label": "Title", "max_length": 10}))]},
        {"type": 18, "label": "Details", "component": input("details", json!({"required": false, "value": "none"}))},
        {"type": 18, "label": "Severity", "component": {"type": 3, "custom_id": "sev", "options": [
            {"label": "SEV1", "value": "1"}, {"label": "SEV2", "value": "2"}]}}]}});
    let (reply, _) = tokio::join!(sam.click(card, "Form"), answer(&bot, &mut gateway, form));
    let Ok(Reply::Form(form)) = reply else {
        panic!("expected a form, got {reply:?}")
    };
    assert_eq!((form.title.as_str(), form.fields.len()), ("Declare", 3));
    assert!(
        matches!(&form.fields[0], FormField::Text { label, required: true, .. } if label == "Title")
    );
    assert!(
        sam.submit(&form, &[("Severity", "SEV1")])
            .await
            .is_err_and(|refused| refused.0.contains("Title"))
    );
    let long = sam
        .submit(&form, &[("Title", "much too long"), ("Severity", "SEV1")])
        .await;
    assert!(long.is_err_and(|refused| refused.0.contains("at most 10")));
    assert!(sam.submit(&form, &[("Colour", "red")]).await.is_err());
    assert!(
        bot.person("ada")
            .submit(&form, &[("Title", "x"), ("Severity", "SEV1")])
            .await
            .is_err()
    );
    let (reply, submitted) = tokio::join!(
        sam.submit(&form, &[("Title", "Checkout"), ("Severity", "SEV2")]),
        answer(
            &bot,
            &mut gateway,
            json!({"type": 7, "data": {"content": "declared"}})
        )
    );
    assert!(matches!(reply, Ok(Reply::Updated(message)) if message.content == "declared"));
    assert_eq!(
        (&submitted["type"], &submitted["data"]["custom_id"]),
        (&json!(5), &json!("declare"))
    );
    assert_eq!(submitted["message"]["id"], card.to_string());
    let parts = &submitted["data"]["components"];
    assert_eq!(parts[0]["components"][0]["value"], "Checkout");
    assert_eq!(parts[1]["component"]["value"], "none");
    assert_eq!(parts[2]["component"]["values"], json!(["2"]));
    assert!(
        sam.submit(&form, &[("Title", "again"), ("Severity", "SEV1")])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_form_has_its_limits_and_cannot_answer_a_form() {
    let (bot, mut gateway) = with_commands().await;
    let sam = bot.person("sam");
    let form = |title: &str| {
        json!({"type": 9, "data": {"custom_id": "f", "title": title, "components": [
            {"type": 1, "components": [{"type": 4, "custom_id": "a", "label": "A", "style": 1}]}]}})
    };
    let (reply, ()) = tokio::join!(sam.slash(bot.general, "/inc role list"), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        let long = bot.answers(&interaction, form(&"t".repeat(46))).await;
        assert_eq!(long.error_at("data.title"), "BASE_TYPE_BAD_LENGTH");
        let empty = json!({"type": 9, "data": {"custom_id": "f", "title": "t", "components": []}});
        assert_eq!(
            bot.answers(&interaction, empty)
                .await
                .error_at("data.components"),
            "BASE_TYPE_BAD_LENGTH"
        );
        assert_eq!(bot.answers(&interaction, form("fine")).await.status, 204);
    });
    let Ok(Reply::Form(opened)) = reply else {
        panic!("expected a form, got {reply:?}")
    };
    let (reply, ()) = tokio::join!(sam.submit(&opened, &[("A", "x")]), async {
        let interaction = gateway.expect("INTERACTION_CREATE").await;
        assert_eq!(
            bot.answers(&interaction, form("again"))
                .await
                .error_at("type"),
            "BASE_TYPE_CHOICES"
        );
        assert_eq!(
            bot.answers(&interaction, json!({"type": 6})).await.status,
            204
        );
    });
    assert_eq!(reply, Ok(Reply::Nothing));
}
