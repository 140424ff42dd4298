//! The gateway: sessions, what they may hear, and what is kept for a RESUME.

mod connection;
mod transport;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

pub(crate) use connection::serve;
pub(crate) use transport::Transport;

use crate::clock::monotonic;
use crate::model::World;
use crate::snowflake::random_text;

/// Gateway intents.
pub(crate) mod intent {
    /// For events that every session gets.
    pub(crate) const NONE_NEEDED: u64 = 0;
    pub(crate) const GUILDS: u64 = 1;
    pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
    pub(crate) const GUILD_MODERATION: u64 = 1 << 2;
    pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
    pub(crate) const GUILD_WEBHOOKS: u64 = 1 << 5;
    pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
    pub(crate) const GUILD_MESSAGE_REACTIONS: u64 = 1 << 10;
    pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
    pub(crate) const DIRECT_MESSAGE_REACTIONS: u64 = 1 << 13;
    pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
    pub(crate) const GUILD_SCHEDULED_EVENTS: u64 = 1 << 16;
    /// Every bit Discord knows.
    pub(crate) const ALL: u64 = 0x0331_FFFF;
}

/// Dispatches kept per session for a RESUME.
const KEPT: usize = 5_000;
/// How long, in real time, a session waits for its client to come back.
const RESUMABLE_FOR: Duration = Duration::from_secs(300);
/// Sessions a bot may start in a day.
pub(crate) const STARTS_PER_DAY: u64 = 1000;

/// Something the bot is told.
#[derive(Debug)]
pub(crate) struct Event {
    pub name: &'static str,
    pub data: Value,
    /// A session needs one of these intents; 0 for none.
    pub intents: u64,
    /// What a session without MESSAGE_CONTENT gets instead, when that differs.
    pub without_content: Option<Value>,
}

/// What the task of a connection is told to do.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Text(String),
    Close(u16, &'static str),
    /// Close the TCP connection without a word.
    Drop,
}

impl Outgoing {
    /// A payload that is no dispatch, with every field that Discord sends.
    fn payload(opcode: u8, data: Value) -> Outgoing {
        Outgoing::Text(json!({"t": null, "s": null, "op": opcode, "d": data}).to_string())
    }
}

#[derive(Debug)]
struct Session {
    intents: u64,
    hears_guild: bool,
    hears_direct: bool,
    sequence: u64,
    kept: VecDeque<(u64, String)>,
    connection: Option<u64>,
    /// When its connection was lost.
    away_since: Option<Instant>,
    /// Can no longer be resumed.
    forgotten: bool,
}

/// All connections and sessions.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    connections: HashMap<u64, UnboundedSender<Outgoing>>,
    sessions: BTreeMap<String, Session>,
    next_connection: u64,
    starts: u64,
    /// Dispatches handed to a connection since the start, replayed ones too.
    pub delivered: u64,
    pub faults: HubFaults,
}

/// Faults of the gateway that stay switched on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct HubFaults {
    /// How many IDENTIFYs are yet to be refused.
    pub refuse_identify: u64,
    /// The code that every IDENTIFY and RESUME is answered with.
    pub refuse_sessions: Option<u16>,
    /// Whether heartbeats are left without an answer.
    pub ignore_heartbeats: bool,
    /// Whether every dispatch is sent twice.
    pub duplicate_dispatch: bool,
}

/// Why an IDENTIFY or RESUME ends the connection.
pub(crate) type CloseReason = (u16, &'static str);

impl HubFaults {
    /// Whether the next IDENTIFY will be answered with a refusal.
    pub(crate) fn refuses(&self) -> bool {
        self.refuse_identify > 0 || self.refuse_sessions.is_some()
    }

    fn lets_sessions_begin(&self) -> Result<(), CloseReason> {
        match self.refuse_sessions {
            Some(code) => Err((code, "refused on purpose")),
            None => Ok(()),
        }
    }
}

impl Hub {
    fn connect(&mut self, to: UnboundedSender<Outgoing>) -> u64 {
        self.next_connection += 1;
        self.connections.insert(self.next_connection, to);
        self.next_connection
    }

    /// Forgets a connection; its session can be resumed unless the client closed it with 1000 or 1001.
    fn disconnect(&mut self, connection: u64, ended: bool) {
        self.connections.remove(&connection);
        if ended {
            self.sessions
                .retain(|_, session| session.connection != Some(connection));
        }
        for session in self
            .sessions
            .values_mut()
            .filter(|session| session.connection == Some(connection))
        {
            session.leave();
        }
    }

    fn has_session(&self, connection: u64) -> bool {
        self.sessions
            .values()
            .any(|session| session.connection == Some(connection))
    }

    pub(crate) fn live_sessions(&self) -> usize {
        self.sessions
            .values()
            .filter(|session| session.connection.is_some())
            .count()
    }

    pub(crate) fn starts_left(&self) -> u64 {
        STARTS_PER_DAY.saturating_sub(self.starts)
    }

    /// Tells every session that may hear it, and keeps it for those that are away.
    pub(crate) fn dispatch(&mut self, event: Event) {
        let direct =
            event.intents & (intent::DIRECT_MESSAGES | intent::DIRECT_MESSAGE_REACTIONS) != 0;
        self.sessions.retain(|_, session| !session.is_stale());
        let times = if self.faults.duplicate_dispatch { 2 } else { 1 };
        for session in self.sessions.values_mut() {
            let heard = if direct {
                session.hears_direct
            } else {
                session.hears_guild
            };
            if !heard || (event.intents != 0 && session.intents & event.intents == 0) {
                continue;
            }
            let data = match &event.without_content {
                Some(blanked) if session.intents & intent::MESSAGE_CONTENT == 0 => blanked,
                _ => &event.data,
            };
            for _ in 0..times {
                self.delivered += session.send(event.name, data, &self.connections);
            }
        }
    }

    fn send_to(&self, connection: u64, outgoing: Outgoing) {
        if let Some(to) = self.connections.get(&connection) {
            // A connection that is just ending takes no more.
            let _ = to.send(outgoing);
        }
    }

    /// Tells all connections the same.
    fn send_to_all(&self, outgoing: impl Fn() -> Outgoing) {
        for to in self.connections.values() {
            let _ = to.send(outgoing());
        }
    }

    pub(crate) fn drop_connections(&mut self) {
        self.send_to_all(|| Outgoing::Drop);
        self.let_go();
    }

    pub(crate) fn close_connections(&mut self, code: u16) {
        self.send_to_all(|| Outgoing::Close(code, "closed on purpose"));
        self.let_go();
        if matches!(code, 1000 | 1001 | 4004 | 4007 | 4009..=4014) {
            self.sessions.clear();
        }
    }

    /// From here on nothing reaches the old connections; it is kept for a RESUME.
    fn let_go(&mut self) {
        for session in self.sessions.values_mut() {
            session.leave();
        }
    }

    pub(crate) fn ask_to_reconnect(&self) {
        self.send_to_all(|| Outgoing::payload(7, Value::Null));
    }

    pub(crate) fn invalidate_sessions(&mut self, resumable: bool) {
        self.send_to_all(|| Outgoing::payload(9, json!(resumable)));
        if !resumable {
            self.sessions.clear();
        }
    }

    /// Forgets what was kept, so that the next RESUME fails.
    pub(crate) fn forget_sessions(&mut self) {
        for session in self.sessions.values_mut() {
            session.forgotten = true;
        }
    }
}

impl Session {
    fn leave(&mut self) {
        self.connection = None;
        self.away_since = Some(monotonic());
    }

    /// Nobody comes back to it any more.
    fn is_stale(&self) -> bool {
        let away = self.away_since.filter(|_| self.connection.is_none());
        away.is_some_and(|since| since.elapsed() > RESUMABLE_FOR)
    }

    /// Keeps a dispatch and hands it to the connection; to how many, which is one or none.
    fn send(
        &mut self,
        name: &str,
        data: &Value,
        connections: &HashMap<u64, UnboundedSender<Outgoing>>,
    ) -> u64 {
        self.sequence += 1;
        let text = json!({"op": 0, "t": name, "s": self.sequence, "d": data}).to_string();
        self.kept.push_back((self.sequence, text.clone()));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        match self.connection.and_then(|id| connections.get(&id)) {
            Some(to) => u64::from(to.send(Outgoing::Text(text)).is_ok()),
            None => 0,
        }
    }

    /// Whether everything after `sequence` is still kept.
    fn can_replay_after(&self, sequence: u64) -> bool {
        match self.kept.front() {
            _ if self.forgotten => false,
            Some((first, _)) => *first <= sequence + 1,
            None => self.sequence == sequence,
        }
    }
}

impl World {
    /// Starts a session on a connection and sends READY and the guild.
    fn identify(&mut self, connection: u64, data: &Value) -> Result<(), CloseReason> {
        self.hub.faults.lets_sessions_begin()?;
        if !self.token_matches(data) {
            return Err((4004, "Authentication failed."));
        }
        let Some(intents) = data["intents"]
            .as_u64()
            .filter(|intents| intents & !intent::ALL == 0)
        else {
            return Err((4013, "Invalid intent(s)."));
        };
        let on = self.privileged_intents;
        let off = [
            (on.members, intent::GUILD_MEMBERS),
            (on.presences, intent::GUILD_PRESENCES),
            (on.message_content, intent::MESSAGE_CONTENT),
        ];
        if off.iter().any(|(on, bit)| !on && intents & bit != 0) {
            return Err((4014, "Disallowed intent(s)."));
        }
        let (shard, shards) = match &data["shard"] {
            Value::Null => (0, 1),
            told => match (told[0].as_u64(), told[1].as_u64()) {
                (Some(shard), Some(shards)) if shard < shards => (shard, shards),
                _ => return Err((4010, "Invalid shard.")),
            },
        };
        if self.hub.faults.refuse_identify > 0 {
            self.hub.faults.refuse_identify -= 1;
            self.hub
                .send_to(connection, Outgoing::payload(9, json!(false)));
            return Ok(());
        }
        self.hub.starts += 1;
        let session_id = random_text(32).to_lowercase();
        let hears_guild = (self.guild.id >> 22) % shards == shard;
        let mut session = Session {
            intents,
            hears_guild,
            hears_direct: shard == 0,
            sequence: 0,
            kept: VecDeque::new(),
            connection: Some(connection),
            away_since: None,
            forgotten: false,
        };
        let guilds = if hears_guild {
            json!([{"id": self.guild.id.to_string(), "unavailable": true}])
        } else {
            json!([])
        };
        let ready = json!({
            "v": 10, "user": self.current_user_json(), "guilds": guilds, "session_id": session_id,
            "session_type": "normal", "resume_gateway_url": self.gateway_url(), "shard": [shard, shards],
            "application": {"id": self.bot_id.to_string(), "flags": self.application_flags()},
            "user_settings": {}, "relationships": [], "private_channels": [], "presences": [],
            "guild_join_requests": [], "geo_ordered_rtc_regions": [], "game_relationships": [], "auth": {},
            "_trace": ["[\"discord-sim\"]"],
        });
        self.hub.delivered += session.send("READY", &ready, &self.hub.connections);
        if hears_guild && intents & intent::GUILDS != 0 {
            let all_members = intents & intent::GUILD_MEMBERS != 0;
            self.hub.delivered += session.send(
                "GUILD_CREATE",
                &self.guild_create_json(all_members),
                &self.hub.connections,
            );
        }
        self.hub.sessions.insert(session_id, session);
        self.touch(None);
        Ok(())
    }

    /// Goes on with a session, replaying what was missed, or answers that it cannot.
    fn resume(&mut self, connection: u64, data: &Value) -> Result<(), CloseReason> {
        self.hub.faults.lets_sessions_begin()?;
        if !self.token_matches(data) {
            return Err((4004, "Authentication failed."));
        }
        let sequence = data["seq"].as_u64().unwrap_or(0);
        let connections = &self.hub.connections;
        let known = data["session_id"]
            .as_str()
            .and_then(|id| self.hub.sessions.get_mut(id));
        let Some(session) = known.filter(|session| session.can_replay_after(sequence)) else {
            self.hub
                .send_to(connection, Outgoing::payload(9, json!(false)));
            return Ok(());
        };
        if sequence > session.sequence {
            return Err((4007, "Invalid `seq`."));
        }
        let old = session.connection.replace(connection);
        if let Some(to) = connections.get(&connection) {
            for (_, text) in session.kept.iter().filter(|(number, _)| *number > sequence) {
                self.hub.delivered += u64::from(to.send(Outgoing::Text(text.clone())).is_ok());
            }
        }
        self.hub.delivered += session.send(
            "RESUMED",
            &json!({"_trace": ["[\"discord-sim\"]"]}),
            connections,
        );
        if let Some(old) = old.filter(|old| *old != connection) {
            self.hub.send_to(old, Outgoing::Drop);
        }
        self.touch(None);
        Ok(())
    }

    fn token_matches(&self, data: &Value) -> bool {
        let told = data["token"].as_str().unwrap_or_default();
        told.strip_prefix("Bot ").unwrap_or(told) == self.settings.token
    }

    pub(crate) fn gateway_url(&self) -> String {
        self.base_url.replacen("http://", "ws://", 1)
    }

    /// The application's flags: which privileged intents the portal has switched on, as an unverified bot's.
    pub(crate) fn application_flags(&self) -> u64 {
        let on = self.privileged_intents;
        let bit = |on: bool, bit: u64| if on { bit } else { 0 };
        bit(on.presences, 1 << 13)
            | bit(on.members, 1 << 15)
            | bit(on.message_content, 1 << 19)
            | 1 << 23
    }

    /// Answers REQUEST_GUILD_MEMBERS.
    fn send_members(&mut self, connection: u64, data: &Value) {
        let limit = data["limit"].as_u64().unwrap_or(0) as usize;
        let wanted: Option<Vec<u64>> = match &data["user_ids"] {
            Value::Array(ids) => Some(ids.iter().filter_map(crate::snowflake::read_id).collect()),
            Value::Null => None,
            one => Some(crate::snowflake::read_id(one).into_iter().collect()),
        };
        let query = data["query"].as_str().unwrap_or_default().to_lowercase();
        let matches = |id: &u64| match &wanted {
            Some(ids) => ids.contains(id),
            None => self.display_name(*id).to_lowercase().starts_with(&query),
        };
        let found: Vec<u64> = self.guild.members.keys().copied().filter(matches).collect();
        let most = if limit == 0 { found.len() } else { limit };
        let members: Vec<_> = found
            .iter()
            .take(most)
            .filter_map(|id| self.member_json(*id))
            .collect();
        let missing: Vec<String> = wanted
            .iter()
            .flatten()
            .filter(|id| !self.guild.members.contains_key(id))
            .map(u64::to_string)
            .collect();
        let mut chunk = json!({"guild_id": self.guild.id.to_string(), "members": members, "chunk_index": 0,
            "chunk_count": 1, "not_found": missing});
        if !data["nonce"].is_null() {
            chunk["nonce"] = data["nonce"].clone();
        }
        if data["presences"] == true {
            chunk["presences"] = json!([]);
        }
        let connections = &self.hub.connections;
        for session in self
            .hub
            .sessions
            .values_mut()
            .filter(|session| session.connection == Some(connection))
        {
            self.hub.delivered += session.send("GUILD_MEMBERS_CHUNK", &chunk, connections);
        }
    }
}
