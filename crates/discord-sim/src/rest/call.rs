//! What a handler gets and what it gives back.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error::{ApiError, refusal};
use crate::snowflake::parse_id;

/// Largest request, in bytes.
const LARGEST_REQUEST: usize = 25 * 1024 * 1024;

/// A file that came with a request.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// The n of `files[n]`.
    pub index: u64,
    pub filename: String,
    pub content_type: Option<String>,
    pub bytes: Arc<Vec<u8>>,
}

/// A request that was read and found its route.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub parameters: Vec<(&'static str, String)>,
    pub query: HashMap<String, String>,
    /// The JSON body, or `payload_json`; an empty object when there was none.
    pub body: Value,
    pub uploads: Vec<Upload>,
    /// `X-Audit-Log-Reason`, decoded.
    pub reason: Option<String>,
}

/// A handler's answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Option<Value>,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Result<Reply, ApiError> {
        Ok(Reply {
            status: 200,
            body: Some(body),
        })
    }

    pub(crate) fn created(body: Value) -> Result<Reply, ApiError> {
        Ok(Reply {
            status: 201,
            body: Some(body),
        })
    }

    pub(crate) fn nothing() -> Result<Reply, ApiError> {
        Ok(Reply {
            status: 204,
            body: None,
        })
    }
}

impl Call {
    /// A parameter of the path as it stands there.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    }

    /// An id of the path.
    pub(crate) fn id(&self, name: &str) -> Result<u64, ApiError> {
        let text = self.parameter(name);
        parse_id(text).ok_or_else(|| {
            ApiError::field(
                name,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{text}\" is not snowflake."),
            )
        })
    }

    pub(crate) fn channel(&self) -> Result<u64, ApiError> {
        self.id("channel_id")
    }

    pub(crate) fn message(&self) -> Result<u64, ApiError> {
        self.id("message_id")
    }

    /// An id of the query.
    pub(crate) fn query_id(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.query.get(name) else {
            return Ok(None);
        };
        let wrong = || {
            ApiError::field(
                name,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{text}\" is not snowflake."),
            )
        };
        parse_id(text).map(Some).ok_or_else(wrong)
    }

    /// A number of the query within its bounds.
    pub(crate) fn query_number(
        &self,
        name: &str,
        least: usize,
        most: usize,
        usual: usize,
    ) -> Result<usize, ApiError> {
        let Some(text) = self.query.get(name) else {
            return Ok(usual);
        };
        let number: usize = text.parse().map_err(|_| {
            ApiError::field(
                name,
                "NUMBER_TYPE_COERCE",
                format!("Value \"{text}\" is not int."),
            )
        })?;
        if number < least {
            let message = format!("int value should be greater than or equal to {least}.");
            return Err(ApiError::field(name, "NUMBER_TYPE_MIN", message));
        }
        if number > most {
            let message = format!("int value should be less than or equal to {most}.");
            return Err(ApiError::field(name, "NUMBER_TYPE_MAX", message));
        }
        Ok(number)
    }

    /// A time of the query, in ISO 8601.
    pub(crate) fn query_time(&self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        let Some(text) = self.query.get(name) else {
            return Ok(None);
        };
        // A plus sign that was not encoded arrives as a space.
        let read = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        read.map(|at| Some(at.to_utc())).map_err(|_| {
            let message = format!("Could not parse {text}. Should be ISO8601.");
            ApiError::field(name, "DATE_TIME_TYPE_PARSE", message)
        })
    }

    pub(crate) fn query_flag(&self, name: &str) -> bool {
        self.query
            .get(name)
            .is_some_and(|text| matches!(text.as_str(), "true" | "True" | "1"))
    }
}

/// Reads a request's body: JSON, multipart with `payload_json` and `files[n]`, or a plain form, which py-cord makes of a message without
/// files.
pub(crate) async fn read_body(
    parts: &Parts,
    body: axum::body::Body,
) -> Result<(Value, Vec<Upload>), ApiError> {
    let bytes = axum::body::to_bytes(body, LARGEST_REQUEST)
        .await
        .map_err(|_| refusal::request_too_large())?;
    if content_type(&parts.headers).starts_with("multipart/form-data") {
        let mut request = Request::new(axum::body::Body::from(bytes));
        *request.headers_mut() = parts.headers.clone();
        // The limit was kept above; axum's own would be 2 MiB.
        DefaultBodyLimit::disable().apply(&mut request);
        let multipart = Multipart::from_request(request, &())
            .await
            .map_err(|_| invalid_multipart())?;
        return read_multipart(multipart).await;
    }
    if bytes.is_empty() {
        return Ok((json!({}), Vec::new()));
    }
    if content_type(&parts.headers).starts_with("application/x-www-form-urlencoded") {
        let mut request = Request::new(axum::body::Body::from(bytes));
        *request.headers_mut() = parts.headers.clone();
        *request.method_mut() = parts.method.clone();
        DefaultBodyLimit::disable().apply(&mut request);
        let Form(fields) = Form::<serde_json::Map<String, Value>>::from_request(request, &())
            .await
            .map_err(|_| invalid_form())?;
        return Ok((payload_of(fields)?, Vec::new()));
    }
    if !content_type(&parts.headers).starts_with("application/json") {
        return Err(ApiError::new(
            400,
            50035,
            "Invalid Form Body: the body must be application/json or multipart/form-data",
        ));
    }
    let body = serde_json::from_slice(&bytes).map_err(|_| refusal::invalid_json())?;
    Ok((body, Vec::new()))
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// What a form says: its `payload_json`, or its fields themselves.
fn payload_of(mut fields: serde_json::Map<String, Value>) -> Result<Value, ApiError> {
    match fields.remove("payload_json") {
        Some(Value::String(text)) => {
            serde_json::from_str(&text).map_err(|_| refusal::invalid_json())
        }
        _ => Ok(Value::Object(fields)),
    }
}

fn invalid_form() -> ApiError {
    ApiError::new(400, 50035, "Invalid Form Body: the form cannot be read")
}

fn invalid_multipart() -> ApiError {
    ApiError::new(
        400,
        50035,
        "Invalid Form Body: the multipart body cannot be read",
    )
}

async fn read_multipart(mut multipart: Multipart) -> Result<(Value, Vec<Upload>), ApiError> {
    let mut payload = json!({});
    let mut uploads = Vec::new();
    let mut others = serde_json::Map::new();
    while let Some(field) = multipart
        .next_field()
        .await
        .map_err(|_| invalid_multipart())?
    {
        let name = field.name().unwrap_or_default().to_owned();
        let filename = field.file_name().map(str::to_owned);
        let content_type = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|_| invalid_multipart())?;
        match filename {
            _ if name == "payload_json" => {
                payload = serde_json::from_slice(&bytes).map_err(|_| refusal::invalid_json())?;
            }
            Some(filename) => {
                let index = name
                    .strip_prefix("files[")
                    .and_then(|rest| rest.strip_suffix(']'))
                    .or_else(|| name.strip_prefix("file"))
                    .and_then(|digits| digits.parse().ok())
                    .unwrap_or(uploads.len() as u64);
                uploads.push(Upload {
                    index,
                    filename,
                    content_type,
                    bytes: Arc::new(bytes.to_vec()),
                });
            }
            None => {
                others.insert(
                    name,
                    Value::String(String::from_utf8_lossy(&bytes).into_owned()),
                );
            }
        }
    }
    if payload.as_object().is_some_and(serde_json::Map::is_empty) && !others.is_empty() {
        payload = Value::Object(others);
    }
    Ok((payload, uploads))
}
