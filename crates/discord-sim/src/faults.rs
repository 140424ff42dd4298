//! Things that go wrong on purpose.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

pub use crate::rate_limits::Scope;
use crate::server::Shared;

/// What happens to a request that a fault meets.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub(crate) enum Effect {
    /// 429 with Discord's body and headers.
    RateLimit {
        #[serde(serialize_with = "scope_name")]
        scope: Scope,
        retry_after_ms: u64,
    },
    /// A status with an HTML page, as a proxy in front of Discord answers.
    Status { status: u16 },
    /// No answer, until the client gives up or the fault is cleared.
    Hang,
    /// The request is carried out, then the connection is dropped.
    AnswerLost,
    /// The connection is dropped at once, the request carried out later.
    #[serde(rename = "late_effect")]
    Late { delay_ms: u64 },
    /// Discord's error body.
    Refuse {
        status: u16,
        code: u32,
        message: String,
    },
    /// The answer comes late.
    Slow { delay_ms: u64 },
}

fn scope_name<S: serde::Serializer>(scope: &Scope, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(scope.name())
}

impl Effect {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Effect::RateLimit { .. } => "rate_limit",
            Effect::Status { .. } => "status",
            Effect::Hang => "hang",
            Effect::AnswerLost => "answer_lost",
            Effect::Late { .. } => "late_effect",
            Effect::Refuse { .. } => "refuse",
            Effect::Slow { .. } => "slow",
        }
    }
}

/// A fault that is switched on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Fault {
    pub id: u64,
    pub method: String,
    pub route: String,
    /// How often it still strikes; `None` until cleared.
    pub times: Option<u64>,
    /// How many matching requests pass first.
    pub skip: u64,
    /// How often it has struck.
    pub struck: u64,
    #[serde(flatten)]
    pub effect: Effect,
}

/// The faults of REST.
#[derive(Debug)]
pub(crate) struct FaultBook {
    faults: Mutex<(u64, Vec<Fault>)>,
    cleared: watch::Sender<u64>,
}

impl Default for FaultBook {
    fn default() -> Self {
        FaultBook {
            faults: Mutex::default(),
            cleared: watch::channel(0).0,
        }
    }
}

impl FaultBook {
    fn lock(&self) -> MutexGuard<'_, (u64, Vec<Fault>)> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(
        &self,
        method: &str,
        route: &str,
        times: Option<u64>,
        skip: u64,
        effect: Effect,
    ) -> u64 {
        let mut book = self.lock();
        book.0 += 1;
        let id = book.0;
        let (method, route) = (method.to_uppercase(), route.to_owned());
        book.1.push(Fault {
            id,
            method,
            route,
            times,
            skip,
            struck: 0,
            effect,
        });
        id
    }

    /// The fault that strikes this request, counted down.
    pub(crate) fn strike(&self, method: &str, path: &str) -> Option<Effect> {
        let mut book = self.lock();
        for fault in &mut book.1 {
            let method_fits = fault.method == "*" || fault.method == method;
            if !method_fits || fault.times == Some(0) || !matches(&fault.route, path) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times = fault.times.map(|times| times - 1);
            fault.struck += 1;
            return Some(fault.effect.clone());
        }
        None
    }

    /// Faults that can still strike.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.lock()
            .1
            .iter()
            .filter(|fault| fault.times != Some(0))
            .cloned()
            .collect()
    }

    /// How often a fault has struck; 0 for one that is not there.
    pub(crate) fn struck(&self, id: u64) -> u64 {
        let book = self.lock();
        let fault = book.1.iter().find(|fault| fault.id == id);
        fault.map_or(0, |fault| fault.struck)
    }

    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut book = self.lock();
        let before = book.1.len();
        book.1.retain(|fault| fault.id != id);
        let removed = book.1.len() != before;
        drop(book);
        self.cleared.send_modify(|count| *count += 1);
        removed
    }

    pub(crate) fn clear(&self) {
        self.lock().1.clear();
        self.cleared.send_modify(|count| *count += 1);
    }

    /// Ticks when faults are cleared, which lets hanging requests go.
    pub(crate) fn cleared(&self) -> watch::Receiver<u64> {
        self.cleared.subscribe()
    }
}

/// Whether a path below `/api/v10` fits a pattern: `*` or `{name}` is one segment, `**` the rest.
fn matches(pattern: &str, path: &str) -> bool {
    let mut segments = path.trim_start_matches('/').split('/');
    for wanted in pattern.trim_start_matches('/').split('/') {
        if wanted == "**" {
            return true;
        }
        let Some(segment) = segments.next() else {
            return false;
        };
        let any = wanted == "*" || (wanted.starts_with('{') && wanted.ends_with('}'));
        if !any && wanted != segment {
            return false;
        }
    }
    segments.next().is_none()
}

/// Switches faults on and off.
///
/// ```no_run
/// # use std::time::Duration;
/// # fn example(discord: &discord_sim::LocalDiscord) {
/// discord.faults().on("POST", "/channels/*/messages").times(2).status(503);
/// discord.faults().on("POST", "/guilds/*/channels").answer_lost();
/// discord.faults().on("*", "**").always().slow(Duration::from_millis(200));
/// discord.faults().gateway().drop_connections();
/// discord.faults().clear();
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Faults {
    pub(crate) shared: Arc<Shared>,
}

impl Faults {
    /// A fault for a method (`"*"` for any) and a route: `"/channels/*/messages"`, where `*` is one segment and `**` the rest. It strikes
    /// once unless told otherwise, and is switched on by the last call, which says what happens and answers the fault's id.
    pub fn on(&self, method: &str, route: &str) -> FaultBuilder {
        FaultBuilder {
            shared: Arc::clone(&self.shared),
            method: method.to_owned(),
            route: route.to_owned(),
            times: Some(1),
            skip: 0,
        }
    }

    /// A fault for every request.
    pub fn anywhere(&self) -> FaultBuilder {
        self.on("*", "**")
    }

    /// Switches one fault off; whether it was on.
    pub fn remove(&self, id: u64) -> bool {
        self.shared.faults.remove(id)
    }

    /// Switches everything off, the gateway's faults too; hanging requests lose their connection.
    pub fn clear(&self) {
        self.shared.faults.clear();
        self.shared.world().hub.faults = crate::gateway::HubFaults::default();
    }

    /// How often a fault has struck so far; each time ticks [`crate::LocalDiscord::changes`].
    pub fn struck(&self, id: u64) -> u64 {
        self.shared.faults.struck(id)
    }

    /// How many faults can still strike, a gateway that refuses sessions among them.
    pub fn armed(&self) -> usize {
        let gateway = self.shared.world().hub.faults.refuses();
        self.shared.faults.list().len() + usize::from(gateway)
    }

    /// Faults of the gateway.
    pub fn gateway(&self) -> GatewayFaults {
        GatewayFaults {
            shared: Arc::clone(&self.shared),
        }
    }
}

/// A fault that is being described.
#[derive(Debug)]
pub struct FaultBuilder {
    shared: Arc<Shared>,
    method: String,
    route: String,
    times: Option<u64>,
    skip: u64,
}

impl FaultBuilder {
    /// Strikes this many requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Strikes until it is cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Lets the first `count` matching requests pass.
    #[must_use]
    pub fn after(mut self, count: u64) -> Self {
        self.skip = count;
        self
    }

    fn add(self, effect: Effect) -> u64 {
        self.shared
            .faults
            .add(&self.method, &self.route, self.times, self.skip, effect)
    }

    /// 429 with Discord's body and headers.
    pub fn rate_limited(self, scope: Scope, retry_after: Duration) -> u64 {
        self.add(Effect::RateLimit {
            scope,
            retry_after_ms: retry_after.as_millis() as u64,
        })
    }

    /// A status such as 500, 502 or 503 with an HTML page.
    pub fn status(self, status: u16) -> u64 {
        self.add(Effect::Status { status })
    }

    /// No answer at all, until the client gives up or the fault is cleared.
    pub fn hang(self) -> u64 {
        self.add(Effect::Hang)
    }

    /// The request is carried out, then the connection is dropped.
    pub fn answer_lost(self) -> u64 {
        self.add(Effect::AnswerLost)
    }

    /// The connection is dropped at once, the request carried out after `delay`.
    pub fn late_effect(self, delay: Duration) -> u64 {
        self.add(Effect::Late {
            delay_ms: delay.as_millis() as u64,
        })
    }

    /// 403 with one of Discord's codes, such as 50013.
    pub fn forbidden(self, code: u32) -> u64 {
        self.refused(403, code, "Missing Permissions")
    }

    /// Any of Discord's refusals.
    pub fn refused(self, status: u16, code: u32, message: &str) -> u64 {
        self.add(Effect::Refuse {
            status,
            code,
            message: message.to_owned(),
        })
    }

    /// The answer comes `delay` late.
    pub fn slow(self, delay: Duration) -> u64 {
        self.add(Effect::Slow {
            delay_ms: delay.as_millis() as u64,
        })
    }
}

/// Faults of the gateway; all act on every connection.
#[derive(Debug, Clone)]
pub struct GatewayFaults {
    shared: Arc<Shared>,
}

impl GatewayFaults {
    /// Ends the TCP connections without a close frame; sessions can be resumed.
    pub fn drop_connections(&self) {
        self.shared.world().hub.drop_connections();
    }

    /// Closes with a code; the codes that end a session end it.
    pub fn close(&self, code: u16) {
        self.shared.world().hub.close_connections(code);
    }

    /// Sends opcode 7.
    pub fn ask_to_reconnect(&self) {
        self.shared.world().hub.ask_to_reconnect();
    }

    /// Sends opcode 9.
    pub fn invalidate_sessions(&self, resumable: bool) {
        self.shared.world().hub.invalidate_sessions(resumable);
    }

    /// The next RESUME of any session that exists now fails with opcode 9.
    pub fn forget_sessions(&self) {
        self.shared.world().hub.forget_sessions();
    }

    /// The next `times` IDENTIFYs are answered with opcode 9.
    pub fn refuse_identify(&self, times: u64) {
        self.shared.world().hub.faults.refuse_identify = times;
    }

    /// Every IDENTIFY and RESUME is answered by closing with this code, such as 4004 or 4014, until faults are cleared.
    pub fn refuse_sessions(&self, code: u16) {
        self.shared.world().hub.faults.refuse_sessions = Some(code);
    }

    /// Heartbeats are left without an answer.
    pub fn ignore_heartbeats(&self, on: bool) {
        self.shared.world().hub.faults.ignore_heartbeats = on;
    }

    /// Every dispatch is sent twice.
    pub fn duplicate_dispatch(&self, on: bool) {
        self.shared.world().hub.faults.duplicate_dispatch = on;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_segment_and_two_are_the_rest() {
        assert!(matches("/channels/*/messages", "/channels/1/messages"));
        assert!(!matches("/channels/*/messages", "/channels/1/messages/2"));
        assert!(matches(
            "/channels/{channel_id}/**",
            "/channels/1/messages/2"
        ));
        assert!(matches("**", "/anything/at/all"));
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_was_told_and_not_before() {
        let book = FaultBook::default();
        book.add("post", "/a", Some(1), 1, Effect::Hang);
        assert_eq!(book.strike("GET", "/a"), None);
        assert_eq!(book.strike("POST", "/a"), None);
        assert_eq!(book.strike("POST", "/a"), Some(Effect::Hang));
        assert_eq!(book.strike("POST", "/a"), None);
        assert!(book.list().is_empty());
    }
}
