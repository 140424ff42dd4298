//! Rate limits: buckets per route and major parameter, the slower one for renames, and the global fifty per second.
//!
//! Discord publishes no numbers ("should not be hard coded"); these are what clients report of it. A client that reads the headers gets
//! along with any numbers.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::clock::monotonic;

/// Requests per second over all routes.
const GLOBAL_PER_SECOND: usize = 50;
/// Changes of a channel's name or topic, and the time they are counted over.
const RENAMES: (u32, Duration) = (2, Duration::from_secs(600));

/// How many requests a bucket takes in how long.
fn bucket_of(method: &str, template: &str) -> (u32, Duration) {
    let seconds = Duration::from_secs;
    let milliseconds = Duration::from_millis;
    match (method, template) {
        ("POST", "/channels/{channel_id}/messages") => (5, seconds(5)),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}") => (5, seconds(5)),
        ("DELETE", "/channels/{channel_id}/messages/{message_id}") => (5, seconds(1)),
        (
            "GET",
            "/channels/{channel_id}/messages" | "/channels/{channel_id}/messages/{message_id}",
        ) => (50, seconds(10)),
        (_, template) if template.contains("/reactions") => (4, seconds(1)),
        (_, template) if template.contains("/pins") => (5, seconds(5)),
        (_, template) if template.starts_with("/webhooks/{webhook_id}/{webhook_token}") => {
            (5, seconds(2))
        }
        ("PATCH", "/channels/{channel_id}") => (10, seconds(15)),
        ("POST", "/guilds/{guild_id}/channels") => (10, seconds(10)),
        ("POST", "/users/@me/channels") => (10, seconds(10)),
        (_, template) if template.contains("/commands") => (5, seconds(20)),
        (_, template) if template.contains("/threads") => (10, seconds(10)),
        ("GET", "/gateway/bot") => (2, seconds(5)),
        ("GET", _) => (30, seconds(10)),
        _ => (10, milliseconds(10_000)),
    }
}

/// Who a 429 concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This bot in this bucket.
    User,
    /// Everybody at this resource; does not count as an invalid request.
    Shared,
    /// This bot everywhere.
    Global,
}

impl Scope {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Scope::User => "user",
            Scope::Shared => "shared",
            Scope::Global => "global",
        }
    }
}

/// A 429.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limited {
    pub scope: Scope,
    pub retry_after: Duration,
}

impl Limited {
    pub(crate) fn body(&self) -> Value {
        let seconds = (self.retry_after.as_secs_f64() * 1000.0).ceil() / 1000.0;
        json!({"message": "You are being rate limited.", "code": 0, "retry_after": seconds,
            "global": self.scope == Scope::Global})
    }

    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            (
                "retry-after",
                self.retry_after.as_secs_f64().ceil().to_string(),
            ),
            ("x-ratelimit-scope", self.scope.name().to_owned()),
        ];
        if self.scope == Scope::Global {
            headers.push(("x-ratelimit-global", "true".to_owned()));
        }
        headers
    }
}

/// What the limiter says to a request.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub headers: Vec<(&'static str, String)>,
    pub limited: Option<Limited>,
}

#[derive(Debug)]
struct Window {
    started: Instant,
    used: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Limiter {
    windows: HashMap<(String, String), Window>,
    global: VecDeque<Instant>,
}

/// A request, as the limiter sees it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub method: &'static str,
    pub template: &'static str,
    /// Channel, guild or webhook id, with the webhook's token.
    pub major: &'a str,
    /// The body tells of a new name or topic.
    pub renames: bool,
    /// Wall time, for X-RateLimit-Reset.
    pub now: DateTime<Utc>,
}

impl Limiter {
    pub(crate) fn check(&mut self, asked: &Asked) -> Verdict {
        // First answers to interactions are not limited.
        if asked.template.starts_with("/interactions/") {
            return Verdict::default();
        }
        let now = monotonic();
        let follow_up = asked
            .template
            .starts_with("/webhooks/{webhook_id}/{webhook_token}");
        if !follow_up && let Some(retry_after) = self.over_global(now) {
            return Verdict {
                headers: Vec::new(),
                limited: Some(Limited {
                    scope: Scope::Global,
                    retry_after,
                }),
            };
        }
        let (limit, window) = bucket_of(asked.method, asked.template);
        let name = bucket_name(asked.method, asked.template);
        let (left, reset_after) = self.take(&name, asked.major, limit, window, now);
        let mut headers = vec![
            ("x-ratelimit-limit", limit.to_string()),
            ("x-ratelimit-remaining", left.unwrap_or(0).to_string()),
            (
                "x-ratelimit-reset",
                format!(
                    "{:.3}",
                    asked.now.timestamp_millis() as f64 / 1000.0 + reset_after.as_secs_f64()
                ),
            ),
            (
                "x-ratelimit-reset-after",
                format!("{:.3}", reset_after.as_secs_f64()),
            ),
            ("x-ratelimit-bucket", name),
        ];
        let mut limited = left.is_none().then_some(Limited {
            scope: Scope::User,
            retry_after: reset_after,
        });
        if limited.is_none() && asked.renames {
            let (left, retry_after) = self.take("rename", asked.major, RENAMES.0, RENAMES.1, now);
            limited = left.is_none().then_some(Limited {
                scope: Scope::Shared,
                retry_after,
            });
        }
        if let Some(limited) = limited {
            headers.extend(limited.headers());
        }
        Verdict { headers, limited }
    }

    fn over_global(&mut self, now: Instant) -> Option<Duration> {
        let second = Duration::from_secs(1);
        while self
            .global
            .front()
            .is_some_and(|first| now.duration_since(*first) >= second)
        {
            self.global.pop_front();
        }
        if self.global.len() >= GLOBAL_PER_SECOND {
            return self
                .global
                .front()
                .map(|first| second.saturating_sub(now.duration_since(*first)));
        }
        self.global.push_back(now);
        None
    }

    /// Takes one from a bucket: what is left (`None` when it was empty), and when it is full again.
    fn take(
        &mut self,
        name: &str,
        major: &str,
        limit: u32,
        length: Duration,
        now: Instant,
    ) -> (Option<u32>, Duration) {
        let key = (name.to_owned(), major.to_owned());
        let window = self.windows.entry(key).or_insert(Window {
            started: now,
            used: 0,
        });
        if now.duration_since(window.started) >= length {
            *window = Window {
                started: now,
                used: 0,
            };
        }
        let reset_after = length.saturating_sub(now.duration_since(window.started));
        if window.used >= limit {
            return (None, reset_after);
        }
        window.used += 1;
        (Some(limit - window.used), reset_after)
    }
}

fn bucket_name(method: &str, template: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (method, template).hash(&mut hasher);
    format!(
        "{:016x}{:016x}",
        hasher.finish(),
        hasher.finish().rotate_left(17)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(major: &str, renames: bool) -> Asked<'_> {
        let (method, template) = if renames {
            ("PATCH", "/channels/{channel_id}")
        } else {
            ("POST", "/channels/{channel_id}/messages")
        };
        Asked {
            method,
            template,
            major,
            renames,
            now: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_sixth_message_in_a_channel_waits_and_the_neighbour_channel_does_not() {
        let mut limiter = Limiter::default();
        for _ in 0..5 {
            assert!(limiter.check(&ask("1", false)).limited.is_none());
        }
        let limited = limiter
            .check(&ask("1", false))
            .limited
            .expect("the bucket is empty");
        assert_eq!(limited.scope, Scope::User);
        assert!(limited.retry_after <= Duration::from_secs(5));
        assert!(limiter.check(&ask("2", false)).limited.is_none());
    }

    #[test]
    fn the_third_rename_waits_ten_minutes() {
        let mut limiter = Limiter::default();
        assert!(limiter.check(&ask("1", true)).limited.is_none());
        assert!(limiter.check(&ask("1", true)).limited.is_none());
        let limited = limiter
            .check(&ask("1", true))
            .limited
            .expect("two renames are all there is");
        assert_eq!(limited.scope, Scope::Shared);
        assert!(limited.retry_after > Duration::from_secs(590));
    }

    #[test]
    fn the_fifty_first_request_of_a_second_is_globally_limited() {
        let mut limiter = Limiter::default();
        let majors: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        for major in &majors {
            assert!(limiter.check(&ask(major, false)).limited.is_none());
        }
        let limited = limiter
            .check(&ask("51", false))
            .limited
            .expect("fifty have been");
        assert_eq!(limited.scope, Scope::Global);
    }
}
