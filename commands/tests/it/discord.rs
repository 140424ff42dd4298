//! As much of Discord as an interaction meets: an address that takes answers, and interactions as the gateway sends them.

use poise::serenity_prelude as serenity;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The token of every interaction here: whoever finds it in a log has found a leak.
pub const TOKEN: &str = "aW50ZXJhY3Rpb24-secret";

/// A request as it came in.
#[derive(Debug)]
pub struct Heard {
    /// `POST /api/v10/…`, with the token replaced.
    pub line: String,
    /// The JSON of its body.
    pub json: Value,
    /// The whole body.
    pub text: String,
}

/// A listener that answers every request with one status.
pub struct Discord {
    pub http: serenity::Http,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Discord {
    /// Listens, and takes whatever it is told.
    pub async fn listening() -> Self {
        Self::answering("204 No Content").await
    }

    /// Listens, and answers everything like this.
    pub async fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let (tell, heard) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                take(stream, status, &tell).await;
            }
        });
        let http = serenity::HttpBuilder::new("Bot token")
            .proxy(format!("http://{address}"))
            .ratelimiter_disabled(true)
            .application_id(serenity::ApplicationId::new(4))
            .build();
        Self { http, heard }
    }

    /// The next request.
    pub async fn hears(&mut self) -> Heard {
        self.heard
            .recv()
            .await
            .expect("the listener lives as long as the test")
    }

    /// Whether nothing more was said.
    pub fn hears_nothing_more(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

async fn take(mut stream: TcpStream, status: &str, tell: &mpsc::UnboundedSender<Heard>) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4_096];
    let head = loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let headers = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length = headers
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    while bytes.len() < head + 4 + length {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
    let text = String::from_utf8_lossy(&bytes[head + 4..]).into_owned();
    let line = headers
        .lines()
        .next()
        .unwrap_or_default()
        .replace(TOKEN, "TOKEN")
        .replace(" HTTP/1.1", "");
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    // The test may have seen enough and be gone.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = tell.send(Heard {
        line,
        json: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    });
}

fn user(id: u64) -> Value {
    json!({
        "id": id.to_string(), "username": format!("user{id}"), "global_name": "Sam",
        "discriminator": "0", "avatar": null, "public_flags": 0,
    })
}

fn message(flags: u64) -> Value {
    json!({
        "id": "60", "channel_id": "900", "author": user(4), "content": "board", "flags": flags,
        "timestamp": "2026-11-20T02:02:00+00:00", "edited_timestamp": null, "tts": false,
        "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [],
        "embeds": [], "pinned": false, "type": 0, "components": [],
    })
}

fn interaction(kind: u64, guild: Option<u64>, person: u64, data: &Value, flags: u64) -> Value {
    let mut interaction = json!({
        "id": "70", "application_id": "4", "type": kind, "token": TOKEN, "version": 1,
        "channel_id": "900", "data": data, "message": message(flags), "locale": "en-GB",
        "entitlements": [], "app_permissions": "0", "attachment_size_limit": 10_485_760,
        "authorizing_integration_owners": {},
    });
    match guild {
        Some(guild) => {
            interaction["guild_id"] = json!(guild.to_string());
            interaction["member"] = json!({
                "user": user(person), "nick": null, "roles": [], "joined_at": null,
                "deaf": false, "mute": false, "flags": 0, "pending": false,
                "avatar": null, "permissions": "0", "premium_since": null,
                "communication_disabled_until": null,
            });
        }
        None => interaction["user"] = user(person),
    }
    interaction
}

/// Where a press comes from.
#[derive(Clone, Copy)]
pub enum From {
    /// A card in the server's channel.
    Channel,
    /// A card for the presser alone.
    Private,
    /// A direct message.
    Direct,
    /// Another server.
    Elsewhere,
}

fn place(from: From) -> (Option<u64>, u64) {
    match from {
        From::Channel => (Some(1), 0),
        From::Private => (Some(1), 1 << 6),
        From::Direct => (None, 0),
        From::Elsewhere => (Some(2), 0),
    }
}

/// A press on a button with this id, by person 5.
pub fn press_on(id: &str, from: From) -> serenity::ComponentInteraction {
    let (guild, flags) = place(from);
    let data = json!({ "custom_id": id, "component_type": 2 });
    serde_json::from_value(interaction(3, guild, 5, &data, flags)).expect("Discord sends this")
}

/// A choice of a person in a menu with this id, by person 5.
pub fn choice_of(id: &str, person: &str, from: From) -> serenity::ComponentInteraction {
    let (guild, flags) = place(from);
    let data = json!({ "custom_id": id, "component_type": 5, "values": [person] });
    serde_json::from_value(interaction(3, guild, 5, &data, flags)).expect("Discord sends this")
}

/// A form with this id that comes back with one field filled in, by person 5.
pub fn form_with(id: &str, field: &str, text: &str, from: From) -> serenity::ModalInteraction {
    let (guild, flags) = place(from);
    let data = json!({ "custom_id": id, "components": [
        { "type": 1, "components": [{ "type": 4, "custom_id": field, "value": text }] },
    ] });
    serde_json::from_value(interaction(5, guild, 5, &data, flags)).expect("Discord sends this")
}
