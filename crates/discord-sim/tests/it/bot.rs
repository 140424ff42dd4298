//! A bot made of plain HTTP and a plain WebSocket, and the words the tests are told in.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use discord_sim::{LocalDiscord, Person, RateLimits, Settings};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// GUILDS, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGES, MESSAGE_CONTENT.
pub const INTENTS: u64 = 1 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 15;

/// What a request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// Discord's error code.
    pub fn code(&self) -> u64 {
        self.body["code"].as_u64().unwrap_or_default()
    }

    /// The code of the first error at a field, as in `embeds.0.title`.
    pub fn error_at(&self, path: &str) -> &str {
        let mut node = &self.body["errors"];
        for step in path.split('.') {
            node = &node[step];
        }
        node["_errors"][0]["code"]
            .as_str()
            .unwrap_or("no error there")
    }

    pub fn id(&self) -> u64 {
        self.body["id"]
            .as_str()
            .and_then(|id| id.parse().ok())
            .expect("the answer carries an id")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A running local Discord and the bot's side of it.
pub struct Bot {
    pub discord: LocalDiscord,
    pub http: reqwest::Client,
    pub general: u64,
}

/// Settings for most tests: no rate limits, a stopped clock. `DISCORD_SIM_REQUEST_LOG` names a file that gets every request.
pub fn quiet() -> Settings {
    Settings {
        rate_limits: RateLimits::Off,
        start_time: Some(nine_o_clock()),
        speed: 0.0,
        request_log: std::env::var_os("DISCORD_SIM_REQUEST_LOG").map(Into::into),
        ..Settings::default()
    }
}

pub fn nine_o_clock() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_251_600, 0).expect("the number is a date")
}

pub async fn started() -> Bot {
    started_with(quiet()).await
}

pub async fn started_with(settings: Settings) -> Bot {
    let discord = LocalDiscord::start(settings)
        .await
        .expect("a free port can be bound");
    let general = discord
        .channel_named("general")
        .expect("the default guild has #general")
        .id;
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a plain client can be made");
    Bot {
        discord,
        http,
        general,
    }
}

/// Started, with the gateway connected.
pub async fn connected() -> (Bot, Gateway) {
    let bot = started().await;
    let gateway = Gateway::identified(&bot, INTENTS).await;
    (bot, gateway)
}

impl Bot {
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http
            .request(method, format!("{}/api/v10{path}", self.discord.url()))
            .header("authorization", format!("Bot {}", self.discord.token()))
            .header("user-agent", "DiscordBot (https://example.org, 1)")
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("the local Discord answers");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.expect("the answer has a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            body,
            headers,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body))
            .await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body))
            .await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Posts in #general.
    pub async fn says(&self, body: Value) -> Answer {
        self.post(&format!("/channels/{}/messages", self.general), body)
            .await
    }

    /// Posts in #general and answers the message's id.
    pub async fn said(&self, body: Value) -> u64 {
        let answer = self.says(body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.id()
    }

    pub fn person(&self, login: &str) -> Person {
        self.discord
            .person(login)
            .expect("the login is in the default guild")
    }

    /// Registers commands in the guild.
    pub async fn registers(&self, commands: Value) -> Answer {
        let path = format!(
            "/applications/{}/guilds/{}/commands",
            self.discord.bot_id(),
            self.discord.guild_id()
        );
        self.put(&path, commands).await
    }

    /// Answers an interaction.
    pub async fn answers(&self, interaction: &Value, body: Value) -> Answer {
        self.post(&callback_path(interaction), body).await
    }

    /// Where an interaction's follow-ups go.
    pub fn follow_up_path(&self, interaction: &Value) -> String {
        format!(
            "/webhooks/{}/{}",
            self.discord.bot_id(),
            interaction["token"].as_str().unwrap_or_default()
        )
    }

    /// Lets wall time pass.
    pub fn passes(&self, time: TimeDelta) {
        self.discord.set_time(self.discord.now() + time);
    }

    /// What everybody reads in #general, oldest first.
    pub fn general_texts(&self) -> Vec<String> {
        self.discord
            .messages(self.general)
            .into_iter()
            .map(|message| message.content)
            .collect()
    }
}

pub fn callback_path(interaction: &Value) -> String {
    let text = |name: &str| interaction[name].as_str().unwrap_or_default().to_owned();
    format!("/interactions/{}/{}/callback", text("id"), text("token"))
}

/// The bot's WebSocket.
pub struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub session_id: String,
    pub sequence: u64,
}

impl Gateway {
    /// Connected, HELLO read.
    pub async fn connected(bot: &Bot) -> Gateway {
        let url = format!(
            "{}/?v=10&encoding=json",
            bot.discord.url().replacen("http", "ws", 1)
        );
        let (socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("the gateway takes connections");
        let mut gateway = Gateway {
            socket,
            session_id: String::new(),
            sequence: 0,
        };
        let hello = gateway.next().await;
        assert_eq!(hello["op"], 10);
        gateway
    }

    /// Connected and identified; READY and GUILD_CREATE read.
    pub async fn identified(bot: &Bot, intents: u64) -> Gateway {
        let mut gateway = Gateway::connected(bot).await;
        gateway.send(identify(&bot.discord.token(), intents)).await;
        let ready = gateway.expect("READY").await;
        gateway.session_id = ready["session_id"]
            .as_str()
            .expect("READY names the session")
            .to_owned();
        if intents & 1 != 0 {
            gateway.expect("GUILD_CREATE").await;
        }
        gateway
    }

    pub async fn send(&mut self, payload: Value) {
        self.socket
            .send(Message::text(payload.to_string()))
            .await
            .expect("the gateway is there");
    }

    async fn frame(&mut self) -> Option<Message> {
        let frame = tokio::time::timeout(Duration::from_secs(10), self.socket.next());
        frame
            .await
            .expect("the gateway says something within ten seconds")
            .and_then(Result::ok)
    }

    /// The next payload.
    pub async fn next(&mut self) -> Value {
        match self.frame().await {
            Some(Message::Text(text)) => {
                let payload: Value = serde_json::from_str(&text).expect("payloads are JSON");
                self.sequence = payload["s"].as_u64().unwrap_or(self.sequence);
                payload
            }
            other => panic!("expected a payload, got {other:?}"),
        }
    }

    /// The data of the next dispatch with this name; others before it are skipped.
    pub async fn expect(&mut self, name: &str) -> Value {
        loop {
            let payload = self.next().await;
            if payload["t"] == name {
                return payload["d"].clone();
            }
        }
    }

    /// The code the gateway closes with; `None` for an end without a word.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match self.frame().await {
                Some(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// Asks for an answer to a heartbeat: everything dispatched before has then been read. Answers the names in between.
    pub async fn names_until_heartbeat(&mut self) -> Vec<String> {
        self.send(json!({"op": 1, "d": self.sequence})).await;
        let mut names = Vec::new();
        loop {
            let payload = self.next().await;
            if payload["op"] == 11 {
                return names;
            }
            names.extend(payload["t"].as_str().map(str::to_owned));
        }
    }

    /// Ends the connection without a close frame.
    pub fn drops(self) {
        drop(self.socket);
    }

    pub async fn closes(mut self) {
        self.socket.close(None).await.expect("the gateway is there");
    }
}

pub fn identify(token: &str, intents: u64) -> Value {
    json!({"op": 2, "d": {"token": token, "intents": intents, "compress": true,
        "properties": {"os": "linux", "browser": "test", "device": "test"}}})
}

/// One action row with buttons of these (custom_id, label).
pub fn buttons(list: &[(&str, &str)]) -> Value {
    let buttons: Vec<Value> = list
        .iter()
        .map(|(id, label)| json!({"type": 2, "style": 1, "custom_id": id, "label": label}))
        .collect();
    json!([{"type": 1, "components": buttons}])
}
