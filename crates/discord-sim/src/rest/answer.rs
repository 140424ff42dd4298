//! The way of a REST request: route, body, token, faults, limits, handler, log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::audit_log;
use super::call::{Call, Reply, read_body};
use super::routes::{Authority, Endpoint, find};
use crate::clock::{monotonic, wait};
use crate::error::{ApiError, refusal};
use crate::faults::Effect;
use crate::rate_limits::{Asked, Limited};
use crate::request_log::RequestRecord;
use crate::server::{DropConnection, Shared};
use crate::settings::RateLimits;

/// What goes back over the wire.
enum Out {
    Reply(Reply),
    Limited(Limited),
    Html(u16),
    /// The connection ends without an answer.
    Dropped,
}

/// What is known of a request for the log.
struct Trace {
    started: Instant,
    method: String,
    path: String,
    route: &'static str,
    major_id: Option<String>,
    request: Value,
    fault: Option<&'static str>,
}

/// Answers one request below `/api/v10`.
pub(crate) async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if !request.uri().path().starts_with("/api") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let started = monotonic();
    let method = request.method().as_str().to_owned();
    let full_path = request.uri().path().to_owned();
    let path = full_path
        .strip_prefix("/api/v10")
        .unwrap_or(&full_path)
        .to_owned();
    let mut trace = Trace {
        started,
        method,
        path: full_path,
        route: "",
        major_id: None,
        request: Value::Null,
        fault: None,
    };
    let (endpoint, parameters) = match find(&trace.method, &path) {
        Ok(found) => found,
        Err(other_method) => {
            shared.log.unknown(&trace.method, &trace.path);
            tracing::warn!(
                method = trace.method,
                path = trace.path,
                "a route that this local Discord does not know"
            );
            let error = if other_method {
                refusal::method_not_allowed()
            } else {
                refusal::not_found()
            };
            return finish(&shared, trace, Out::Reply(error_reply(&error)), Vec::new());
        }
    };
    trace.route = endpoint.template;
    trace.path = shown_path(endpoint, &parameters, request.uri().query());
    let major = major_of(&parameters);
    trace.major_id = major.as_ref().map(|(id, _)| id.clone());
    let query = Query::try_from_uri(request.uri())
        .map(|Query(query)| query)
        .unwrap_or_default();
    let (parts, body) = request.into_parts();
    let refused = authorise(&shared, endpoint, &parts.headers);
    let reason = audit_log::reason_in(&parts.headers);
    let read = read_body(&parts, body).await;
    if let Ok((body, uploads)) = &read {
        trace.request = body.clone();
        if !uploads.is_empty() {
            let files = uploads
                .iter()
                .map(|one| json!({"filename": one.filename, "bytes": one.bytes.len()}));
            trace.request["files"] = files.collect();
        }
    }
    if let Err(error) = refused {
        return finish(&shared, trace, Out::Reply(error_reply(&error)), Vec::new());
    }
    // Subscribed before the fault counts as struck: whoever sees it strike may clear it at once.
    let cleared = shared.faults.cleared();
    let effect = shared.faults.strike(&trace.method, &path);
    trace.fault = effect.as_ref().map(Effect::name);
    if effect.is_some() {
        shared.world().touch(None);
    }
    let (limited, headers) = limit(&shared, endpoint, major.as_ref(), &trace.request);
    if let (Some(limited), None) = (limited, &effect) {
        return finish(&shared, trace, Out::Limited(limited), headers);
    }
    let call = match (read, reason) {
        (Ok((body, uploads)), Ok(reason)) => Call {
            parameters,
            query,
            body,
            uploads,
            reason,
        },
        (Err(error), _) | (_, Err(error)) => {
            return finish(&shared, trace, Out::Reply(error_reply(&error)), headers);
        }
    };
    let out = carry_out(&shared, endpoint, call, effect, cleared).await;
    finish(&shared, trace, out, headers)
}

/// Runs the handler, or what the fault makes of it.
async fn carry_out(
    shared: &Arc<Shared>,
    endpoint: &'static Endpoint,
    call: Call,
    effect: Option<Effect>,
    mut cleared: watch::Receiver<u64>,
) -> Out {
    match effect {
        None => Out::Reply(handle(shared, endpoint, &call)),
        Some(Effect::RateLimit {
            scope,
            retry_after_ms,
        }) => Out::Limited(Limited {
            scope,
            retry_after: Duration::from_millis(retry_after_ms),
        }),
        Some(Effect::Status { status }) => Out::Html(status),
        Some(Effect::Refuse {
            status,
            code,
            message,
        }) => Out::Reply(error_reply(&ApiError::new(status, code, message))),
        Some(Effect::Hang) => {
            let mut stop = shared.stopping();
            tokio::select! {
                () = stop.wait() => {}
                _ = cleared.changed() => {}
            }
            Out::Dropped
        }
        Some(Effect::AnswerLost) => {
            handle(shared, endpoint, &call);
            Out::Dropped
        }
        Some(Effect::Late { delay_ms }) => {
            let shared = Arc::clone(shared);
            tokio::spawn(async move {
                wait(Duration::from_millis(delay_ms)).await;
                handle(&shared, endpoint, &call);
            });
            Out::Dropped
        }
        Some(Effect::Slow { delay_ms }) => {
            wait(Duration::from_millis(delay_ms)).await;
            Out::Reply(handle(shared, endpoint, &call))
        }
    }
}

fn handle(shared: &Shared, endpoint: &Endpoint, call: &Call) -> Reply {
    let mut world = shared.world();
    let draft = audit_log::draft(&world, endpoint.method, endpoint.template, call);
    match (endpoint.handler)(&mut world, call) {
        Ok(reply) => {
            if let Some(draft) = draft {
                draft.write(&mut world, call, &reply);
            }
            reply
        }
        Err(error) => error_reply(&error),
    }
}

fn error_reply(error: &ApiError) -> Reply {
    Reply {
        status: error.status,
        body: Some(error.body()),
    }
}

/// Checks the token, and that the client names itself as Discord asks.
fn authorise(shared: &Shared, endpoint: &Endpoint, headers: &HeaderMap) -> Result<(), ApiError> {
    if endpoint.authority == Authority::Path {
        return Ok(());
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    let names_itself = is_let_in(text(header::USER_AGENT));
    // Clients manage webhooks under their HTTP library's own name, and Discord lets them.
    if !names_itself && !endpoint.template.starts_with("/webhooks") {
        return Err(refusal::bad_user_agent());
    }
    match text(header::AUTHORIZATION).strip_prefix("Bot ") {
        Some(token) if token.trim() == shared.settings.token => Ok(()),
        _ => Err(refusal::unauthorized()),
    }
}

/// Discord asks for `DiscordBot (url, version)`. It lets in what names its home in another way, and the `fetch` of a JavaScript runtime,
/// behind which a library cannot always name itself; no bare HTTP client.
fn is_let_in(agent: &str) -> bool {
    let names_its_home = agent
        .split_once('(')
        .is_some_and(|(_, comment)| comment.starts_with("http") && comment.contains(')'));
    names_its_home || ["node", "undici"].contains(&agent)
}

/// The id that rate limits are counted for, and the key of its bucket.
fn major_of(parameters: &[(&'static str, String)]) -> Option<(String, String)> {
    let (name, id) = parameters.first()?;
    let key = match *name {
        "webhook_id" => parameters
            .iter()
            .map(|(_, value)| value.as_str())
            .take(2)
            .collect::<Vec<_>>()
            .join(":"),
        "channel_id" | "guild_id" | "interaction_id" => id.clone(),
        _ => return None,
    };
    Some((id.clone(), key))
}

fn limit(
    shared: &Shared,
    endpoint: &'static Endpoint,
    major: Option<&(String, String)>,
    body: &Value,
) -> (Option<Limited>, Vec<(&'static str, String)>) {
    if shared.settings.rate_limits == RateLimits::Off {
        return (None, Vec::new());
    }
    let renames = endpoint.method == "PATCH"
        && endpoint.template == "/channels/{channel_id}"
        && ["name", "topic"]
            .iter()
            .any(|field| body.get(field).is_some_and(|value| !value.is_null()));
    let now = shared.world().now();
    let asked = Asked {
        method: endpoint.method,
        template: endpoint.template,
        major: major.map_or("", |(_, key)| key),
        renames,
        now,
    };
    let verdict = shared.limiter().check(&asked);
    (verdict.limited, verdict.headers)
}

/// The path with its tokens left out.
fn shown_path(
    endpoint: &Endpoint,
    parameters: &[(&'static str, String)],
    query: Option<&str>,
) -> String {
    let mut path = format!("/api/v10{}", endpoint.template);
    for (name, value) in parameters {
        let shown = if name.ends_with("_token") {
            "{token}"
        } else {
            value
        };
        path = path.replacen(&format!("{{{name}}}"), shown, 1);
    }
    match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}

fn finish(
    shared: &Shared,
    trace: Trace,
    out: Out,
    mut headers: Vec<(&'static str, String)>,
) -> Response {
    let (status, body) = match &out {
        Out::Reply(reply) => (reply.status, reply.body.clone().unwrap_or_default()),
        Out::Limited(limited) => (429, limited.body()),
        Out::Html(status) => (*status, Value::Null),
        Out::Dropped => (0, Value::Null),
    };
    shared.log.record(RequestRecord {
        number: 0,
        at: shared.world().now(),
        method: trace.method,
        path: trace.path,
        route: trace.route.to_owned(),
        major_id: trace.major_id,
        status,
        duration_ms: trace.started.elapsed().as_millis() as u64,
        request: trace.request,
        response: body.clone(),
        fault: trace.fault,
    });
    let mut response = match out {
        Out::Dropped => {
            let mut response = Response::new(Body::empty());
            response.extensions_mut().insert(DropConnection);
            return response;
        }
        Out::Html(status) => {
            let page = format!(
                "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
                 <hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
            );
            content(Body::from(page), "text/html")
        }
        Out::Limited(limited) => {
            for header in limited.headers() {
                if !headers.contains(&header) {
                    headers.push(header);
                }
            }
            content(Body::from(body.to_string()), "application/json")
        }
        Out::Reply(Reply { body: None, .. }) => Response::new(Body::empty()),
        Out::Reply(Reply {
            body: Some(body), ..
        }) => content(Body::from(body.to_string()), "application/json"),
    };
    // Clients take a 429 without it for one of Cloudflare's, and give up instead of waiting.
    response
        .headers_mut()
        .insert(header::VIA, HeaderValue::from_static("1.1 google"));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn content(body: Body, content_type: &'static str) -> Response {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
