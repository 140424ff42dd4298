//! Acting as a person.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused;
use crate::error::Refused;
use crate::person::Person;
use crate::server::Shared;
use crate::snowflake::{parse_id, read_id};
use crate::view::Reply;

/// The body of `POST /sim/act`; each action reads what it needs.
#[derive(Debug, Deserialize)]
pub(super) struct Act {
    #[serde(rename = "as")]
    login: String,
    action: String,
    #[serde(default)]
    channel_id: Value,
    #[serde(default)]
    message_id: Value,
    #[serde(default)]
    user_id: Value,
    #[serde(default)]
    reply_to: Value,
    #[serde(default)]
    text: String,
    #[serde(default)]
    emoji: String,
    #[serde(default)]
    button: String,
    #[serde(default)]
    select: String,
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    line: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    form_id: String,
    #[serde(default)]
    answers: BTreeMap<String, Value>,
    file: Option<FileBody>,
}

#[derive(Debug, Deserialize)]
struct FileBody {
    filename: String,
    content_base64: String,
}

impl Act {
    fn id(value: &Value, name: &str) -> Result<u64, Refused> {
        read_id(value).ok_or_else(|| Refused::because(format!("`{name}` must be an id")))
    }

    fn channel(&self) -> Result<u64, Refused> {
        Act::id(&self.channel_id, "channel_id")
    }

    fn message(&self) -> Result<u64, Refused> {
        Act::id(&self.message_id, "message_id")
    }
}

pub(super) async fn act(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Act>, JsonRejection>,
) -> Response {
    let Json(act) = match body {
        Ok(body) => body,
        Err(rejection) => return refused(rejection.status(), rejection.body_text()),
    };
    let id = shared.world().user_by_login(&act.login).map(|user| user.id);
    let Some(id) = id else {
        return refused(
            StatusCode::NOT_FOUND,
            format!("there is nobody with the login \"{}\"", act.login),
        );
    };
    match perform(&Person { shared, id }, &act).await {
        Ok(reply) => Json(json!({"ok": true, "reply": reply})).into_response(),
        Err(Refused(sentence)) => Json(json!({"ok": false, "refused": sentence})).into_response(),
    }
}

async fn perform(person: &Person, act: &Act) -> Result<Value, Refused> {
    let done = |()| json!({"kind": "done"});
    let sent = |id: u64| json!({"kind": "sent", "message_id": id.to_string()});
    match act.action.as_str() {
        "say" => say(person, act).map(sent),
        "reply" => person
            .reply(act.channel()?, act.message()?, &act.text)
            .map(sent),
        "edit" => person
            .edit(act.channel()?, act.message()?, &act.text)
            .map(done),
        "delete" => person.delete(act.channel()?, act.message()?).map(done),
        "react" => person
            .react(act.channel()?, act.message()?, &act.emoji)
            .map(done),
        "unreact" => person
            .unreact(act.channel()?, act.message()?, &act.emoji)
            .map(done),
        "pin" => person.pin(act.channel()?, act.message()?).map(done),
        "unpin" => person.unpin(act.channel()?, act.message()?).map(done),
        "dismiss" => person.dismiss(act.message()?).map(done),
        "open_dm" => person
            .open_dm()
            .map(|id| json!({"kind": "channel", "channel_id": id.to_string()})),
        "click" => person
            .click(act.message()?, &act.button)
            .await
            .map(reply_json),
        "select" => {
            let values: Vec<&str> = act.values.iter().map(String::as_str).collect();
            person
                .select(act.message()?, &act.select, &values)
                .await
                .map(reply_json)
        }
        "slash" => person
            .slash(act.channel()?, &act.line)
            .await
            .map(reply_json),
        "complete" => person
            .complete(act.channel()?, &act.line)
            .await
            .map(|choices| {
                let choices: Vec<Value> = choices
                    .into_iter()
                    .map(|(name, value)| json!({"name": name, "value": value}))
                    .collect();
                json!({"kind": "choices", "choices": choices})
            }),
        "message_menu" => person
            .message_menu(&act.name, act.channel()?, act.message()?)
            .await
            .map(reply_json),
        "user_menu" => {
            let user = Act::id(&act.user_id, "user_id")?;
            person
                .user_menu(&act.name, act.channel()?, user)
                .await
                .map(reply_json)
        }
        "submit" => submit(person, act).await.map(reply_json),
        other => Err(Refused::because(format!("there is no action \"{other}\""))),
    }
}

fn say(person: &Person, act: &Act) -> Result<u64, Refused> {
    let channel = act.channel()?;
    match (&act.file, &act.reply_to) {
        (Some(file), _) => {
            let bytes = STANDARD.decode(&file.content_base64).map_err(|error| {
                Refused::because(format!("`content_base64` is no base64: {error}"))
            })?;
            person.attach(channel, &act.text, &file.filename, &bytes)
        }
        (None, Value::Null) => person.say(channel, &act.text),
        (None, reply_to) => person.reply(channel, Act::id(reply_to, "reply_to")?, &act.text),
    }
}

async fn submit(person: &Person, act: &Act) -> Result<Reply, Refused> {
    let opened_by = parse_id(&act.form_id).unwrap_or(0);
    let form = person
        .open_form(opened_by)
        .ok_or_else(|| Refused::because("this form is no longer open"))?;
    let mut answers = Vec::new();
    for (key, value) in &act.answers {
        match value {
            Value::Array(several) => {
                answers.extend(several.iter().map(|one| (key.as_str(), text_of(one))))
            }
            one => answers.push((key.as_str(), text_of(one))),
        }
    }
    let answers: Vec<(&str, &str)> = answers
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    person.submit(&form, &answers).await
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn reply_json(reply: Reply) -> Value {
    match reply {
        Reply::Message(message) => json!({"kind": "message", "message": message}),
        Reply::Updated(message) => json!({"kind": "updated", "message": message}),
        Reply::Form(form) => json!({"kind": "form", "form": form}),
        Reply::Nothing => json!({"kind": "nothing"}),
        Reply::NoAnswer => json!({"kind": "no_answer"}),
    }
}
