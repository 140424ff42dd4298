//! The API under `/sim`, as the page uses it and as others must not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bot::{Answer, Bot, buttons, connected, started};

impl Bot {
    fn sim(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.discord.url()))
    }

    async fn looks(&self, path: &str) -> Answer {
        self.send(self.sim(Method::GET, path)).await
    }

    async fn acts(&self, body: Value) -> Value {
        let answer = self
            .send(self.sim(Method::POST, "/sim/act").json(&body))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }
}

#[tokio::test]
async fn the_page_and_its_files_are_served_under_their_policy() {
    let bot = started().await;
    let page = bot.looks("/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(
        page.header("content-security-policy")
            .is_some_and(|policy| policy.starts_with("default-src 'self'"))
    );
    let script = bot.looks("/page/app.js").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(bot.looks("/page/missing.js").await.status, 404);
}

#[tokio::test]
async fn only_pages_of_this_machine_may_look_and_act() {
    let bot = started().await;
    let status = async |request: reqwest::RequestBuilder| bot.send(request).await.status;
    let state = || bot.sim(Method::GET, "/sim/state?as=sam");
    assert_eq!(status(state()).await, 200);
    assert_eq!(status(state().header("host", "evil.example")).await, 403);
    assert_eq!(
        status(state().header("origin", "https://evil.example")).await,
        403
    );
    assert_eq!(status(state().header("origin", "null")).await, 403);
    assert_eq!(
        status(state().header("origin", bot.discord.url())).await,
        200
    );
    assert_eq!(
        status(bot.sim(Method::GET, "/").header("host", "evil.example")).await,
        403
    );
    let act = || bot.sim(Method::POST, "/sim/act");
    let body =
        json!({"as": "sam", "action": "say", "channel_id": bot.general.to_string(), "text": "x"})
            .to_string();
    assert_eq!(
        status(
            act()
                .header("content-type", "text/plain")
                .body(body.clone())
        )
        .await,
        415
    );
    assert_eq!(status(act().body(body)).await, 415);
    assert_eq!(status(bot.sim(Method::DELETE, "/sim/faults")).await, 415);
    assert!(bot.general_texts().is_empty());
}

#[tokio::test]
async fn the_state_is_what_one_person_sees() {
    let (bot, _gateway) = connected().await;
    bot.registers(
        json!([{"name": "inc", "description": "Incidents"}, {"name": "Page", "type": 2}]),
    )
    .await;
    bot.person("priya")
        .open_dm()
        .expect("anybody may write to the bot");
    let state = bot.looks("/sim/state?as=priya").await.body;
    assert_eq!(state["you"]["name"], "Priya");
    assert_eq!(state["people"].as_array().map(Vec::len), Some(7));
    assert_eq!(state["bot"]["online"], true);
    let channels: Vec<&Value> = state["channels"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(channels, ["text", "dm"]);
    assert_eq!(state["channels"][1]["name"], "Northwind Bot");
    assert_eq!(state["commands"][0]["kind"], "slash");
    assert_eq!(state["commands"][1]["kind"], "user_menu");
    let sam = bot.looks("/sim/state?as=sam").await.body;
    assert_eq!(sam["channels"].as_array().map(Vec::len), Some(1));
    assert_eq!(bot.looks("/sim/state?as=nobody").await.status, 404);
}

#[tokio::test]
async fn a_person_acts_by_way_of_the_page() {
    let bot = started().await;
    let channel = bot.general.to_string();
    let said = bot
        .acts(json!({"as": "sam", "action": "say", "channel_id": channel, "text": "hello"}))
        .await;
    let id = said["reply"]["message_id"].clone();
    assert_eq!(said["reply"]["kind"], "sent");
    let here = |action: &str, more: Value| {
        let mut body =
            json!({"as": "sam", "action": action, "channel_id": channel, "message_id": id});
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        body
    };
    bot.acts(here("react", json!({"emoji": "👍"}))).await;
    bot.acts(here("edit", json!({"text": "hello all"}))).await;
    bot.acts(here("reply", json!({"text": "and welcome"})))
        .await;
    let file = json!({"filename": "notes.md", "content_base64": "IyBub3Rlcw=="});
    bot.acts(
        json!({"as": "sam", "action": "say", "channel_id": channel, "text": "", "file": file}),
    )
    .await;
    let messages = bot
        .looks(&format!("/sim/channels/{channel}/messages?as=ada"))
        .await
        .body;
    assert_eq!(messages[0]["content"], "hello all");
    assert_eq!(messages[0]["reactions"][0]["emoji"], "👍");
    assert_eq!(messages[1]["reply_to"]["author"], "Sam");
    assert_eq!(messages[2]["attachments"][0]["size"], 7);
    let after = messages[1]["id"].as_str().unwrap_or_default();
    let rest = bot
        .looks(&format!(
            "/sim/channels/{channel}/messages?as=ada&after={after}"
        ))
        .await
        .body;
    assert_eq!(rest.as_array().map(Vec::len), Some(1));
    let refused = bot.acts(here("pin", json!({}))).await;
    assert_eq!(
        refused,
        json!({"ok": false, "refused": "Missing Permissions"})
    );
    assert_eq!(
        bot.acts(here("delete", json!({}))).await["reply"]["kind"],
        "done"
    );
    let unknown = bot.acts(here("dance", json!({}))).await;
    assert_eq!(unknown["refused"], "there is no action \"dance\"");
}

#[tokio::test]
async fn a_form_goes_there_and_back_by_way_of_the_page() {
    let (bot, mut gateway) = connected().await;
    let card = bot
        .said(json!({"content": "card", "components": buttons(&[("form", "Form")])}))
        .await
        .to_string();
    let form = json!({"type": 9, "data": {"custom_id": "f", "title": "Declare", "components": [
        {"type": 1, "components": [{"type": 4, "custom_id": "title", "label": "Title", "style": 2}]}]}});
    let (opened, ()) = tokio::join!(
        bot.acts(json!({"as": "sam", "action": "click", "message_id": card, "button": "Form"})),
        async {
            let interaction = gateway.expect("INTERACTION_CREATE").await;
            bot.answers(&interaction, form).await;
        }
    );
    let form = &opened["reply"]["form"];
    assert_eq!(form["fields"][0]["style"], "paragraph");
    let answers = json!({"title": "Checkout"});
    let (done, ()) = tokio::join!(
        bot.acts(
            json!({"as": "sam", "action": "submit", "form_id": form["form_id"], "answers": answers})
        ),
        async {
            let interaction = gateway.expect("INTERACTION_CREATE").await;
            bot.answers(
                &interaction,
                json!({"type": 4, "data": {"content": "declared", "flags": 64}}),
            )
            .await;
        }
    );
    assert_eq!(
        (
            &done["reply"]["kind"],
            &done["reply"]["message"]["ephemeral"]
        ),
        (&json!("message"), &json!(true))
    );
    let id = done["reply"]["message"]["id"].clone();
    bot.acts(json!({"as": "sam", "action": "dismiss", "message_id": id}))
        .await;
    assert_eq!(bot.person("sam").visible_messages(bot.general).len(), 1);
}

#[tokio::test]
async fn the_clock_is_set_and_moved() {
    let bot = started().await;
    let clock = async |body: Value| {
        bot.send(bot.sim(Method::POST, "/sim/clock").json(&body))
            .await
    };
    let set = clock(json!({"now": "2027-01-01T09:00:00Z", "speed": 0}))
        .await
        .body;
    assert_eq!(
        set,
        json!({"now": "2027-01-01T09:00:00.000Z", "speed": 0.0})
    );
    assert_eq!(
        clock(json!({"advance_seconds": 900})).await.body["now"],
        "2027-01-01T09:15:00.000Z"
    );
    assert_eq!(clock(json!({"speed": -1})).await.status, 400);
    assert!(clock(json!({"sped": 1})).await.status >= 400);
}

#[tokio::test]
async fn faults_are_switched_by_way_of_the_api() {
    let bot = started().await;
    let fault = async |body: Value| {
        bot.send(bot.sim(Method::POST, "/sim/faults").json(&body))
            .await
    };
    let added = fault(json!({"method": "POST", "route": "/channels/*/messages", "times": null, "fault": "status", "status": 503})).await;
    assert_eq!(added.body["ok"], true);
    assert_eq!(bot.says(json!({"content": "x"})).await.status, 503);
    let listed = bot.looks("/sim/faults").await.body;
    assert_eq!(
        (
            &listed["faults"][0]["fault"],
            &listed["faults"][0]["struck"]
        ),
        (&json!("status"), &json!(1))
    );
    let path = format!("/sim/faults/{}", added.body["id"]);
    let removed = bot
        .sim(Method::DELETE, &path)
        .header("content-type", "application/json");
    assert_eq!(bot.send(removed).await.status, 200);
    bot.said(json!({"content": "x"})).await;
    assert_eq!(
        fault(json!({"gateway": "refuse_identify", "times": 2}))
            .await
            .status,
        200
    );
    assert_eq!(
        bot.looks("/sim/faults").await.body["gateway"]["refuse_identify"],
        2
    );
    let refusing = fault(json!({"gateway": "refuse_sessions", "code": 4014})).await;
    assert_eq!(refusing.status, 200);
    assert_eq!(
        bot.looks("/sim/faults").await.body["gateway"]["refuse_sessions"],
        4014
    );
    for wrong in [
        json!({"fault": "hang"}),
        json!({"route": "**", "fault": "explode"}),
        json!({"gateway": "explode"}),
        json!({"gateway": "refuse_sessions"}),
        json!({"route": "**", "fault": "slow"}),
        json!({"route": "**", "fault": "status", "status": 200}),
    ] {
        let answer = fault(wrong.clone()).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.body["ok"], false);
    }
}

#[tokio::test]
async fn requests_and_unknown_routes_are_told() {
    let bot = started().await;
    bot.said(json!({"content": "x"})).await;
    bot.get("/nowhere").await;
    let told = bot.looks("/sim/requests?since=1").await.body;
    assert_eq!(
        (&told["next"], told["requests"].as_array().map(Vec::len)),
        (&json!(2), Some(1))
    );
    assert_eq!(
        bot.looks("/sim/unknown-routes").await.body,
        json!(["GET /api/v10/nowhere"])
    );
}

#[tokio::test]
async fn changes_are_told_to_whoever_may_see_them() {
    let bot = started().await;
    let mut events = bot
        .sim(Method::GET, "/sim/events?as=sam")
        .send()
        .await
        .expect("the stream begins");
    bot.person("ada")
        .say(bot.general, "hello")
        .expect("ada may write");
    let chunk = events
        .chunk()
        .await
        .expect("the stream goes on")
        .expect("the stream is not over");
    let text = String::from_utf8_lossy(&chunk).into_owned();
    let event: Value =
        serde_json::from_str(text.trim().trim_start_matches("data: ")).expect("events are JSON");
    assert_eq!(event["channel_id"], bot.general.to_string());
}

#[tokio::test]
async fn the_bots_permissions_can_be_changed() {
    let bot = started().await;
    let change = async |permissions: Value| {
        let body = json!({"permissions": permissions});
        bot.send(bot.sim(Method::POST, "/sim/bot").json(&body))
            .await
    };
    assert_eq!(change(json!("1024")).await.status, 200);
    let path = format!("/guilds/{}/channels", bot.discord.guild_id());
    assert_eq!(bot.post(&path, json!({"name": "x"})).await.code(), 50013);
    assert_eq!(change(json!("8")).await.status, 200);
    assert_eq!(bot.post(&path, json!({"name": "x"})).await.status, 201);
    assert_eq!(change(json!("all of them")).await.status, 400);
}
