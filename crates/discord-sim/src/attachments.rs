//! Attached files, served by their signed links as Discord's content network does: whoever has the link may read, until it expires.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::clock::wait;
use crate::faults::Effect;
use crate::server::{DropConnection, Shared};

pub(crate) async fn serve(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    Path((channel_id, attachment_id, _)): Path<(u64, u64, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let mut cleared = shared.faults.cleared();
    let effect = shared.faults.strike("GET", uri.path());
    if effect.is_some() {
        shared.world().touch(None);
    }
    match effect {
        None => {}
        Some(Effect::Status { status } | Effect::Refuse { status, .. }) => {
            return StatusCode::from_u16(status)
                .unwrap_or(StatusCode::BAD_GATEWAY)
                .into_response();
        }
        Some(Effect::RateLimit { .. }) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Effect::Slow { delay_ms }) => wait(Duration::from_millis(delay_ms)).await,
        Some(Effect::Hang) => {
            let mut stop = shared.stopping();
            tokio::select! {
                () = stop.wait() => {}
                _ = cleared.changed() => {}
            }
            return dropped();
        }
        Some(Effect::AnswerLost | Effect::Late { .. }) => return dropped(),
    }
    let world = shared.world();
    let asked = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    if !world.honours(uri.path(), asked("ex"), asked("is"), asked("hm")) {
        return (
            StatusCode::NOT_FOUND,
            "This content is no longer available.",
        )
            .into_response();
    }
    let messages = world
        .messages
        .get(&channel_id)
        .into_iter()
        .flat_map(|messages| messages.values());
    let file = messages
        .flat_map(|message| &message.attachments)
        .find(|file| file.id == attachment_id)
        .or_else(|| world.uploads.get(&attachment_id));
    match file {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(file) => {
            let content_type = file
                .content_type
                .clone()
                .unwrap_or_else(|| "application/octet-stream".to_owned());
            // Never shown in the page's own origin: a bot's file must not become a script there.
            let headers = [
                (header::CONTENT_TYPE, content_type),
                (header::CONTENT_DISPOSITION, "attachment".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, file.bytes.to_vec()).into_response()
        }
    }
}

fn dropped() -> Response {
    let mut response = StatusCode::BAD_GATEWAY.into_response();
    response.extensions_mut().insert(DropConnection);
    response
}
