//! Discord's rate-limit buckets, learnt from its answers.
//!
//! A bucket is named by the `X-RateLimit-Bucket` header together with the channel, guild or webhook in the path.
//! Before its first answer nothing is known, so one call goes and the others wait; after it, as many may be out at
//! once as the header said remain. A call that is out counts as spent, which keeps us below the limit however the
//! answers overtake each other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::route::RouteName;

/// Discord's reset stamps of one window wobble by less than this.
const STAMP_WOBBLE_MS: u64 = 100;
/// The same for windows told apart only by our own stop-watch.
const RESET_WOBBLE: Duration = Duration::from_millis(300);
/// Beyond this many buckets, those that hold nothing worth knowing are forgotten.
const BUCKETS_KEPT: usize = 2_000;

/// The rate-limit headers of one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitHeaders {
    pub bucket: Option<String>,
    pub limit: u32,
    pub remaining: u32,
    pub reset_after: Duration,
    /// `X-RateLimit-Reset` in milliseconds: the name of the window, not a time to compare with ours.
    pub reset_stamp_ms: Option<u64>,
}

/// Which bucket a call falls into, as far as known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct BucketKey {
    name: Name,
    /// The channel, guild or webhook of the path, as a number.
    major: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Unlearnt(RouteName),
    /// The hash Discord gave, kept apart for routes with a stricter limit of their own inside it.
    Learnt(Arc<str>, Option<&'static str>),
}

#[derive(Clone, Debug)]
enum Knowledge {
    /// No answer yet, or a 429 since: one call at a time.
    Unknown,
    /// The answer named no limit.
    Unlimited,
    Window {
        limit: u32,
        /// What is left, calls that are out already taken off.
        remaining: u32,
        resets_at: Instant,
        stamp_ms: Option<u64>,
    },
}

#[derive(Clone, Debug)]
struct Bucket {
    out: u32,
    knowledge: Knowledge,
    blocked_until: Option<Instant>,
}

/// Whether a call into a bucket may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    /// Not before this moment.
    At(Instant),
    /// Not before a call that is out has come back.
    AfterReturn,
}

#[derive(Debug, Default)]
pub(super) struct Buckets {
    learnt: HashMap<RouteName, Arc<str>>,
    buckets: HashMap<BucketKey, Bucket>,
}

impl Buckets {
    pub(super) fn key(&self, route: RouteName, major: Option<u64>) -> BucketKey {
        let name = match self.learnt.get(&route) {
            Some(hash) => Name::Learnt(Arc::clone(hash), route.sub_limit),
            None => Name::Unlearnt(route),
        };
        BucketKey { name, major }
    }

    pub(super) fn room(&self, key: &BucketKey, now: Instant) -> Room {
        self.buckets
            .get(key)
            .map_or(Room::Free, |bucket| bucket.room(now))
    }

    /// A call leaves into this bucket.
    pub(super) fn leave(&mut self, key: &BucketKey, now: Instant) {
        if self.buckets.len() > BUCKETS_KEPT {
            self.buckets.retain(|_, bucket| bucket.worth_keeping(now));
        }
        let bucket = self.buckets.entry(key.clone()).or_default();
        bucket.out += 1;
        if let Knowledge::Window {
            remaining,
            resets_at,
            ..
        } = &mut bucket.knowledge
            && now < *resets_at
        {
            *remaining = remaining.saturating_sub(1);
        }
    }

    /// A call that left as `key` has come back.
    pub(super) fn come_back(&mut self, key: &BucketKey, answer: Answer<'_>, now: Instant) {
        let mut home = self.current(key);
        if let Some(bucket) = self.buckets.get_mut(&home) {
            bucket.out = bucket.out.saturating_sub(1);
        }
        if let Some(hash) = answer.headers.and_then(|headers| headers.bucket.as_deref()) {
            let taught = self.learn(answer.route, key.major, hash);
            if matches!(home.name, Name::Unlearnt(_)) {
                self.rename_all(answer.route);
            }
            home = taught;
        }
        let bucket = self.buckets.entry(home).or_default();
        match (answer.blocked_for, answer.headers) {
            (Some(pause), _) => {
                bucket.blocked_until = Some(now + pause);
                bucket.knowledge = Knowledge::Unknown;
            }
            (None, Some(headers)) => bucket.take_in(headers, now),
            (None, None) if answer.answered => {
                if matches!(bucket.knowledge, Knowledge::Unknown) {
                    bucket.knowledge = Knowledge::Unlimited;
                }
            }
            (None, None) => {}
        }
    }

    fn learn(&mut self, route: RouteName, major: Option<u64>, hash: &str) -> BucketKey {
        let known = match self.learnt.get(&route) {
            Some(known) if known.as_ref() == hash => Arc::clone(known),
            _ => {
                let fresh: Arc<str> = Arc::from(hash);
                self.learnt.insert(route, Arc::clone(&fresh));
                fresh
            }
        };
        BucketKey {
            name: Name::Learnt(known, route.sub_limit),
            major,
        }
    }

    /// Moves what was kept under the route's own name to the bucket name just learnt, for every channel.
    fn rename_all(&mut self, route: RouteName) {
        let old: Vec<BucketKey> = self
            .buckets
            .keys()
            .filter(|key| key.name == Name::Unlearnt(route))
            .cloned()
            .collect();
        for key in old {
            let Some(moved) = self.buckets.remove(&key) else {
                continue;
            };
            let home = self.key(route, key.major);
            match self.buckets.get_mut(&home) {
                Some(bucket) => {
                    bucket.out += moved.out;
                    bucket.blocked_until = bucket.blocked_until.max(moved.blocked_until);
                }
                None => {
                    self.buckets.insert(home, moved);
                }
            }
        }
    }

    /// The key under which a call that left as `key` is counted now.
    fn current(&self, key: &BucketKey) -> BucketKey {
        match &key.name {
            Name::Unlearnt(route) => self.key(*route, key.major),
            Name::Learnt(..) => key.clone(),
        }
    }
}

/// What an answer says about its bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) route: RouteName,
    pub(super) headers: Option<&'a LimitHeaders>,
    /// Set by a 429 that means this bucket.
    pub(super) blocked_for: Option<Duration>,
    /// False when the call ended without any answer.
    pub(super) answered: bool,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            out: 0,
            knowledge: Knowledge::Unknown,
            blocked_until: None,
        }
    }
}

impl Bucket {
    fn room(&self, now: Instant) -> Room {
        if let Some(until) = self.blocked_until
            && now < until
        {
            return Room::At(until);
        }
        match self.knowledge {
            Knowledge::Unlimited => Room::Free,
            Knowledge::Unknown if self.out == 0 => Room::Free,
            Knowledge::Unknown => Room::AfterReturn,
            Knowledge::Window {
                remaining,
                resets_at,
                ..
            } if now < resets_at => {
                if remaining > 0 {
                    Room::Free
                } else {
                    Room::At(resets_at)
                }
            }
            // The window is over: a new one begins with the next call, and calls still out may fall into it.
            Knowledge::Window { limit, .. } if self.out < limit.max(1) => Room::Free,
            Knowledge::Window { .. } => Room::AfterReturn,
        }
    }

    fn take_in(&mut self, headers: &LimitHeaders, now: Instant) {
        let resets_at = now + headers.reset_after;
        let after_calls_out = headers.remaining.saturating_sub(self.out);
        let fresh = Knowledge::Window {
            limit: headers.limit,
            remaining: after_calls_out,
            resets_at,
            stamp_ms: headers.reset_stamp_ms,
        };
        let Knowledge::Window {
            limit,
            remaining,
            resets_at: known_reset,
            stamp_ms,
        } = &mut self.knowledge
        else {
            self.knowledge = fresh;
            return;
        };
        if now >= *known_reset {
            // Over by our own stop-watch, whatever the stamps say: a wall clock may stand still or be set back.
            self.knowledge = fresh;
            return;
        }
        let (newer, older) = match (headers.reset_stamp_ms, *stamp_ms) {
            (Some(theirs), Some(ours)) => (
                theirs > ours + STAMP_WOBBLE_MS,
                theirs + STAMP_WOBBLE_MS < ours,
            ),
            _ => (
                resets_at > *known_reset + RESET_WOBBLE,
                resets_at + RESET_WOBBLE < *known_reset,
            ),
        };
        if newer {
            self.knowledge = fresh;
        } else if !older {
            *limit = headers.limit;
            *remaining = (*remaining).min(headers.remaining);
            *known_reset = (*known_reset).max(resets_at);
        }
    }

    fn worth_keeping(&self, now: Instant) -> bool {
        let blocked = self.blocked_until.is_some_and(|until| now < until);
        let counting =
            matches!(self.knowledge, Knowledge::Window { resets_at, .. } if now < resets_at);
        self.out > 0 || blocked || counting
    }
}

#[cfg(test)]
#[path = "buckets_tests.rs"]
mod tests;
