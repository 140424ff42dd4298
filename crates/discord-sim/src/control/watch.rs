//! Looking: the state, messages and the stream of changes.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::refused;
use crate::model::{User, World, kind};
use crate::permissions as p;
use crate::server::Shared;
use crate::view::MessageView;

type Questions = Query<HashMap<String, String>>;

/// The person that `as` names.
fn asker(world: &World, questions: &HashMap<String, String>) -> Result<u64, Box<Response>> {
    let login = questions.get("as").map(String::as_str).unwrap_or_default();
    match world.user_by_login(login) {
        Some(user) => Ok(user.id),
        None => Err(Box::new(refused(
            StatusCode::NOT_FOUND,
            format!("there is nobody with the login \"{login}\""),
        ))),
    }
}

fn person(world: &World, user: &User) -> Value {
    let roles = world
        .guild
        .members
        .get(&user.id)
        .map(|member| crate::model::id_texts(&member.roles));
    json!({"login": user.login, "id": user.id.to_string(), "name": world.display_name(user.id), "title": user.title,
        "role_ids": roles.unwrap_or_default()})
}

pub(super) async fn state(
    State(shared): State<Arc<Shared>>,
    Query(questions): Questions,
) -> Response {
    let world = shared.world();
    let who = match asker(&world, &questions) {
        Ok(who) => who,
        Err(refusal) => return *refusal,
    };
    let page = &shared.settings.page;
    let people: Vec<Value> = world
        .users
        .values()
        .filter(|user| user.login.is_some())
        .map(|user| person(&world, user))
        .collect();
    let channels: Vec<Value> = world
        .channels_in_order()
        .into_iter()
        .filter(|channel| world.sees(who, channel.id))
        .map(|channel| {
            let bits = world.permissions(who, channel.id);
            let view = world.channel_view(channel);
            let name = if channel.kind == kind::DM { shared.settings.bot_name.clone() } else { view.name };
            json!({
                "id": channel.id.to_string(), "name": name, "kind": view.kind, "topic": view.topic, "position": view.position,
                "parent_id": crate::model::maybe_id(view.parent_id), "archived": view.archived,
                "can_send": channel.holds_messages() && bits & p::SEND_MESSAGES != 0, "can_pin": bits & p::PIN_MESSAGES != 0,
                "last_message_id": crate::model::maybe_id(channel.last_message_id),
            })
        })
        .collect();
    let anywhere = world
        .channels
        .values()
        .find(|channel| channel.holds_messages() && world.sees(who, channel.id));
    let commands: Vec<Value> = anywhere
        .map(|channel| world.usable_commands(who, channel.id))
        .unwrap_or_default()
        .into_iter()
        .map(|command| {
            let kind =
                ["slash", "user_menu", "message_menu"][usize::from(command.kind.clamp(1, 3) - 1)];
            json!({"id": command.id.to_string(), "kind": kind, "name": command.name,
                "description": command.json["description"], "options": command.options()})
        })
        .collect();
    let roles: Vec<Value> = world
        .guild
        .roles
        .values()
        .map(|role| json!({"id": role.id.to_string(), "name": role.name, "color": role.color}))
        .collect();
    let buttons: Vec<Value> = page
        .buttons
        .iter()
        .map(|button| json!({"label": button.label, "url": button.url, "hint": button.hint}))
        .collect();
    let title = if page.title.is_empty() {
        "Local Discord"
    } else {
        &page.title
    };
    let clock = json!({"now": world.now().to_rfc3339_opts(SecondsFormat::Millis, true), "speed": world.clock.speed()});
    Json(json!({
        "version": world.version(), "clock": clock, "title": title, "banner": page.banner, "buttons": buttons,
        "you": world.users.get(&who).map(|user| person(&world, user)), "people": people,
        "bot": {"id": world.bot_id.to_string(), "name": world.display_name(world.bot_id), "online": world.hub.live_sessions() > 0},
        "guild": {"id": world.guild.id.to_string(), "name": world.guild.name},
        "roles": roles, "channels": channels, "commands": commands,
    }))
    .into_response()
}

pub(super) async fn messages(
    State(shared): State<Arc<Shared>>,
    Path(channel_id): Path<u64>,
    Query(questions): Questions,
) -> Response {
    let world = shared.world();
    let who = match asker(&world, &questions) {
        Ok(who) => who,
        Err(refusal) => return *refusal,
    };
    if !world.sees(who, channel_id) {
        return refused(
            StatusCode::NOT_FOUND,
            "there is no such channel in your list",
        );
    }
    let number = |name: &str| {
        questions
            .get(name)
            .and_then(|text| text.parse::<u64>().ok())
    };
    let limit = number("limit").unwrap_or(200).clamp(1, 1000) as usize;
    let mut seen = world.messages_seen_by(who, channel_id);
    if let Some(after) = number("after") {
        seen.retain(|message| message.id > after);
    }
    let start = seen.len().saturating_sub(limit);
    let views: Vec<MessageView> = seen[start..]
        .iter()
        .map(|message| world.message_view(message))
        .collect();
    Json(views).into_response()
}

pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    Query(questions): Questions,
) -> Response {
    let (who, feed) = {
        let world = shared.world();
        match asker(&world, &questions) {
            Ok(who) => (who, world.feed()),
            Err(refusal) => return *refusal,
        }
    };
    let stop = shared.stopping();
    let stream = futures_util::stream::unfold(
        (feed, stop, shared),
        move |(mut feed, mut stop, shared)| async move {
            loop {
                let change = tokio::select! {
                    change = feed.recv() => change,
                    () = stop.wait() => return None,
                };
                let told = match change {
                    Ok(change) => {
                        let seen = change
                            .channel_id
                            .is_none_or(|id| shared.world().sees(who, id));
                        if !seen {
                            continue;
                        }
                        json!({"version": change.version, "channel_id": crate::model::maybe_id(change.channel_id)})
                    }
                    Err(RecvError::Lagged(_)) => {
                        json!({"version": shared.world().version(), "channel_id": null})
                    }
                    Err(RecvError::Closed) => return None,
                };
                let event = Event::default().data(told.to_string());
                return Some((Ok::<_, Infallible>(event), (feed, stop, shared)));
            }
        },
    );
    Sse::new(stream)
        .keep_alive(KeepAlive::default())
        .into_response()
}
