//! What was asked of REST, and what was answered.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::StartError;

/// Requests kept in memory.
const KEPT: usize = 20_000;
/// Longest body that is kept whole, in bytes of JSON.
const LONGEST_BODY: usize = 16 * 1024;

/// One REST request and its answer. Tokens are left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RequestRecord {
    /// Counts from 1.
    pub number: u64,
    /// Wall time of the local Discord when it came.
    pub at: DateTime<Utc>,
    pub method: String,
    /// The whole path and query, `/api/v10/...`, with tokens as `{token}`.
    pub path: String,
    /// The route's template, `/channels/{channel_id}/messages`; empty when there is none.
    pub route: String,
    /// The channel, guild, webhook or interaction the rate limit is counted for.
    pub major_id: Option<String>,
    /// 0 when no answer was given.
    pub status: u16,
    pub duration_ms: u64,
    pub request: Value,
    pub response: Value,
    /// The fault that struck it.
    pub fault: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Book {
    number: u64,
    kept: VecDeque<RequestRecord>,
    unknown: Vec<String>,
    file: Option<File>,
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    book: Mutex<Book>,
}

impl RequestLog {
    pub(crate) fn open(path: Option<&Path>) -> Result<RequestLog, StartError> {
        let file = path
            .map(|path| {
                File::options()
                    .create(true)
                    .append(true)
                    .open(path)
                    .map_err(|source| (path, source))
            })
            .transpose()
            .map_err(|(path, source)| StartError::RequestLog {
                path: path.to_owned(),
                source,
            })?;
        Ok(RequestLog {
            book: Mutex::new(Book {
                file,
                ..Book::default()
            }),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record, gives it its number and cuts its bodies.
    pub(crate) fn record(&self, mut record: RequestRecord) {
        record.request = cut(redact(record.request));
        record.response = cut(redact(record.response));
        let mut book = self.lock();
        book.number += 1;
        record.number = book.number;
        if let Some(file) = &mut book.file {
            let line = serde_json::to_string(&record).unwrap_or_default();
            if let Err(error) = writeln!(file, "{line}") {
                tracing::warn!(%error, "the request log cannot be written any more");
                book.file = None;
            }
        }
        book.kept.push_back(record);
        if book.kept.len() > KEPT {
            book.kept.pop_front();
        }
    }

    pub(crate) fn unknown(&self, method: &str, path: &str) {
        self.lock().unknown.push(format!("{method} {path}"));
    }

    pub(crate) fn unknown_routes(&self) -> Vec<String> {
        self.lock().unknown.clone()
    }

    /// The kept requests with a number above `since`.
    pub(crate) fn since(&self, since: u64) -> Vec<RequestRecord> {
        self.lock()
            .kept
            .iter()
            .filter(|record| record.number > since)
            .cloned()
            .collect()
    }

    /// How many requests were recorded since the start.
    pub(crate) fn count(&self) -> u64 {
        self.lock().number
    }

    pub(crate) fn clear(&self) {
        let mut book = self.lock();
        book.kept.clear();
        book.unknown.clear();
    }
}

/// Takes secrets out of a body: interaction and webhook tokens, and the webhook URLs that hold one.
fn redact(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let secret = match &value {
                    Value::String(text) => {
                        key == "token" || (key == "url" && text.contains("/webhooks/"))
                    }
                    _ => false,
                };
                (
                    key,
                    if secret {
                        json!("{token}")
                    } else {
                        redact(value)
                    },
                )
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(redact).collect(),
        other => other,
    }
}

fn cut(value: Value) -> Value {
    let text = value.to_string();
    if text.len() <= LONGEST_BODY {
        return value;
    }
    let start: String = text.chars().take(2000).collect();
    json!({"cut": true, "bytes": text.len(), "start": start})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_never_reach_the_log() {
        let body = json!({"token": "secret", "url": "http://x/api/v10/webhooks/1/secret", "list": [{"token": "secret"}]});
        assert!(!redact(body).to_string().contains("secret"));
    }

    #[test]
    fn a_long_body_is_cut() {
        let kept = cut(json!({"content": "x".repeat(LONGEST_BODY)}));
        assert_eq!(kept["cut"], true);
    }
}
