//! The clock, faults and what was asked.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refused;
use crate::faults::{Effect, Faults, Scope};
use crate::server::Shared;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClockBody {
    now: Option<DateTime<Utc>>,
    speed: Option<f64>,
    advance_seconds: Option<i64>,
}

pub(super) async fn clock(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<ClockBody>, JsonRejection>,
) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => return refused(rejection.status(), rejection.body_text()),
    };
    let mut world = shared.world();
    if let Some(speed) = body.speed {
        if !(0.0..=86_400.0).contains(&speed) {
            return refused(
                StatusCode::BAD_REQUEST,
                "`speed` must be between 0 and 86400",
            );
        }
        world.clock.set_speed(speed);
    }
    let mut now = body.now.unwrap_or_else(|| world.now());
    if let Some(seconds) = body.advance_seconds {
        let Some(later) =
            TimeDelta::try_seconds(seconds).and_then(|step| now.checked_add_signed(step))
        else {
            return refused(
                StatusCode::BAD_REQUEST,
                "`advance_seconds` leads out of time",
            );
        };
        now = later;
    }
    world.clock.set(now);
    world.touch(None);
    let now = world.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    Json(json!({"now": now, "speed": world.clock.speed()})).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BotBody {
    /// The permission integer, as text because it does not fit into every JSON number.
    permissions: String,
}

/// Gives the bot's own role other permissions, as the guild's owner would.
pub(super) async fn bot(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<BotBody>, JsonRejection>,
) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => return refused(rejection.status(), rejection.body_text()),
    };
    let Ok(permissions) = body.permissions.parse::<u64>() else {
        return refused(
            StatusCode::BAD_REQUEST,
            "`permissions` must be a permission integer in quotes, such as \"8\"",
        );
    };
    let mut world = shared.world();
    let bot = world.bot_id;
    let own = world
        .guild
        .roles
        .values()
        .find(|role| role.bot_id == Some(bot));
    if let Some(id) = own.map(|role| role.id) {
        world.set_role_permissions(id, permissions);
    }
    Json(json!({"permissions": world.guild_permissions(bot).to_string()})).into_response()
}

pub(super) async fn faults(State(shared): State<Arc<Shared>>) -> Response {
    let gateway = shared.world().hub.faults.clone();
    Json(json!({
        "faults": shared.faults.list(),
        "gateway": {"refuse_identify": gateway.refuse_identify, "refuse_sessions": gateway.refuse_sessions, "ignore_heartbeats": gateway.ignore_heartbeats,
            "duplicate_dispatch": gateway.duplicate_dispatch},
    }))
    .into_response()
}

pub(super) async fn clear_faults(State(shared): State<Arc<Shared>>) -> Response {
    Faults { shared }.clear();
    Json(json!({"ok": true})).into_response()
}

pub(super) async fn remove_fault(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<u64>,
) -> Response {
    if shared.faults.remove(id) {
        Json(json!({"ok": true})).into_response()
    } else {
        refused(StatusCode::NOT_FOUND, "there is no such fault")
    }
}

pub(super) async fn add_fault(
    State(shared): State<Arc<Shared>>,
    body: Result<Json<Value>, JsonRejection>,
) -> Response {
    let Json(body) = match body {
        Ok(body) => body,
        Err(rejection) => return refused(rejection.status(), rejection.body_text()),
    };
    let added = if body["gateway"].is_string() {
        gateway_fault(shared, &body)
    } else {
        rest_fault(&shared, &body)
    };
    match added {
        Ok(told) => Json(told).into_response(),
        Err(sentence) => refused(StatusCode::BAD_REQUEST, sentence),
    }
}

fn rest_fault(shared: &Shared, body: &Value) -> Result<Value, String> {
    let text = |name: &str| body[name].as_str();
    let number = |name: &str| body[name].as_u64();
    let needed = |name: &str| number(name).ok_or_else(|| format!("`{name}` must be a number"));
    let effect = match text("fault") {
        Some("rate_limit") => Effect::RateLimit {
            scope: match text("scope").unwrap_or("user") {
                "user" | "bucket" => Scope::User,
                "shared" => Scope::Shared,
                "global" => Scope::Global,
                other => {
                    return Err(format!(
                        "`scope` must be user, shared or global, not {other}"
                    ));
                }
            },
            retry_after_ms: needed("retry_after_ms")?,
        },
        Some("status") => Effect::Status {
            status: status(body, 503)?,
        },
        Some("hang") => Effect::Hang,
        Some("answer_lost") => Effect::AnswerLost,
        Some("late_effect") => Effect::Late {
            delay_ms: needed("delay_ms")?,
        },
        Some("slow") => Effect::Slow {
            delay_ms: needed("delay_ms")?,
        },
        Some("refuse") => Effect::Refuse {
            status: status(body, 403)?,
            code: number("code")
                .and_then(|code| u32::try_from(code).ok())
                .unwrap_or(50013),
            message: text("message").unwrap_or("Missing Permissions").to_owned(),
        },
        other => return Err(format!("`fault` must name a fault, not {other:?}")),
    };
    let times = match body.get("times") {
        None => Some(1),
        Some(Value::Null) => None,
        Some(_) => Some(needed("times")?),
    };
    let route = text("route").ok_or("`route` must be a pattern such as /channels/*/messages")?;
    let id = shared.faults.add(
        text("method").unwrap_or("*"),
        route,
        times,
        number("skip").unwrap_or(0),
        effect,
    );
    Ok(json!({"ok": true, "id": id}))
}

fn status(body: &Value, usual: u16) -> Result<u16, String> {
    match body.get("status") {
        None => Ok(usual),
        Some(told) => told
            .as_u64()
            .and_then(|number| u16::try_from(number).ok())
            .filter(|number| (400..=599).contains(number))
            .ok_or_else(|| "`status` must be between 400 and 599".to_owned()),
    }
}

fn gateway_fault(shared: Arc<Shared>, body: &Value) -> Result<Value, String> {
    let gateway = Faults { shared }.gateway();
    let on = body["on"].as_bool().unwrap_or(true);
    match body["gateway"].as_str() {
        Some("drop") => gateway.drop_connections(),
        Some("close") => gateway.close(close_code(body)?),
        Some("reconnect") => gateway.ask_to_reconnect(),
        Some("invalid_session") => {
            gateway.invalidate_sessions(body["resumable"].as_bool().unwrap_or(false))
        }
        Some("forget_sessions") => gateway.forget_sessions(),
        Some("refuse_identify") => gateway.refuse_identify(body["times"].as_u64().unwrap_or(1)),
        Some("refuse_sessions") => gateway.refuse_sessions(close_code(body)?),
        Some("ignore_heartbeats") => gateway.ignore_heartbeats(on),
        Some("duplicate_dispatch") => gateway.duplicate_dispatch(on),
        other => {
            return Err(format!(
                "`gateway` must name a fault of the gateway, not {other:?}"
            ));
        }
    }
    Ok(json!({"ok": true}))
}

fn close_code(body: &Value) -> Result<u16, String> {
    body["code"]
        .as_u64()
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| matches!(code, 1000..=1011 | 4000..=4999))
        .ok_or_else(|| "`code` must be a close code such as 4000".to_owned())
}

pub(super) async fn requests(
    State(shared): State<Arc<Shared>>,
    Query(questions): Query<HashMap<String, String>>,
) -> Response {
    let since = questions
        .get("since")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let requests = shared.log.since(since);
    let next = requests.last().map_or(since, |record| record.number);
    Json(json!({"next": next, "requests": requests})).into_response()
}

pub(super) async fn unknown_routes(State(shared): State<Arc<Shared>>) -> Response {
    Json(shared.log.unknown_routes()).into_response()
}
