//! The page and the control API under `/sim`, for people on this machine only. The README of the crate describes it.

mod act;
mod switches;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;

use crate::server::Shared;

/// The files of `page/`, by name.
static PAGE: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

const POLICY: &str = "default-src 'self'; connect-src 'self' http://127.0.0.1:* http://localhost:*; base-uri 'none'; \
                      frame-ancestors 'none'";

pub(crate) fn router(shared: Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/page/{file}", get(page_file))
        .route("/sim/state", get(watch::state))
        .route("/sim/channels/{id}/messages", get(watch::messages))
        .route("/sim/events", get(watch::events))
        .route("/sim/act", post(act::act))
        .route("/sim/clock", post(switches::clock))
        .route("/sim/bot", post(switches::bot))
        .route(
            "/sim/faults",
            get(switches::faults)
                .post(switches::add_fault)
                .delete(switches::clear_faults),
        )
        .route(
            "/sim/faults/{id}",
            axum::routing::delete(switches::remove_fault),
        )
        .route("/sim/requests", get(switches::requests))
        .route("/sim/unknown-routes", get(switches::unknown_routes))
        .route_layer(middleware::from_fn_with_state(shared, only_from_here))
}

/// A refusal in the control API's own shape.
pub(crate) fn refused(status: StatusCode, sentence: impl Into<String>) -> Response {
    (
        status,
        Json(json!({"ok": false, "refused": sentence.into()})),
    )
        .into_response()
}

async fn only_from_here(State(_): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err((status, sentence)) => refused(status, sentence),
    }
}

/// Whoever asks must be on this machine and mean this machine: no other host's page may act here, be it by a foreign origin, a plain
/// form, or a name that was made to point at 127.0.0.1.
fn check(request: &Request) -> Result<(), (StatusCode, &'static str)> {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip());
    if !peer.is_some_and(|ip| ip.to_canonical().is_loopback()) {
        return Err((StatusCode::FORBIDDEN, "only this machine may look in here"));
    }
    let headers = request.headers();
    if !header_text(headers, &header::HOST).is_some_and(is_loopback_host) {
        return Err((
            StatusCode::FORBIDDEN,
            "the Host header must name this machine: 127.0.0.1 or localhost",
        ));
    }
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://"));
        let same = host.is_some() && host == header_text(headers, &header::HOST);
        if !same {
            return Err((
                StatusCode::FORBIDDEN,
                "requests from other sites are refused",
            ));
        }
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let content_type = header_text(headers, &header::CONTENT_TYPE).unwrap_or_default();
    if !reads && content_type.split(';').next().map(str::trim) != Some("application/json") {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send Content-Type: application/json",
        ));
    }
    Ok(())
}

fn header_text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, _)) => name,
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `GET /`.
pub(crate) fn index(_: &Shared, request: &Request) -> Response {
    if let Err((status, sentence)) = check(request) {
        return refused(status, sentence);
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    file("index.html")
}

async fn page_file(Path(name): Path<String>) -> Response {
    file(&name)
}

fn file(name: &str) -> Response {
    let Some((_, bytes)) = PAGE.iter().find(|(known, _)| *known == name) else {
        return refused(StatusCode::NOT_FOUND, "there is no such page");
    };
    let content_type = match name.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let mut response = Response::new(Body::from(*bytes));
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_hosts() {
        for host in ["127.0.0.1:8099", "localhost", "localhost:80", "[::1]:8099"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "10.0.0.1",
            "",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
