//! One WebSocket connection: HELLO, heartbeats, IDENTIFY or RESUME, then whatever the hub sends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::transport::Transport;
use super::{CloseReason, Outgoing};
use crate::clock::{monotonic, wait};
use crate::server::Shared;
use crate::settings::RateLimits;

/// Largest payload a client may send, in bytes.
const LARGEST_PAYLOAD: usize = 4096;
/// Payloads a client may send in a minute.
const PAYLOADS_PER_MINUTE: usize = 120;

#[derive(PartialEq)]
enum State {
    Anonymous,
    Known,
}

struct Connection {
    shared: Arc<Shared>,
    id: u64,
    state: State,
    last_beat: Instant,
    sent: VecDeque<Instant>,
}

/// How a connection ended.
enum End {
    /// The client closed it with 1000 or 1001, which ends the session.
    Ended,
    /// The session can be resumed.
    Lost,
}

/// Serves one client until it leaves or is thrown out.
pub(crate) async fn serve(mut socket: WebSocket, shared: Arc<Shared>, transport: Transport) {
    let (to, mut from) = mpsc::unbounded_channel();
    let id = shared.world().hub.connect(to);
    let mut connection = Connection {
        id,
        state: State::Anonymous,
        last_beat: monotonic(),
        sent: VecDeque::new(),
        shared: shared.clone(),
    };
    let end = connection.run(&mut socket, &mut from, transport).await;
    let mut world = shared.world();
    world.hub.disconnect(id, matches!(end, End::Ended));
    world.touch(None);
}

impl Connection {
    async fn run(
        &mut self,
        socket: &mut WebSocket,
        from: &mut mpsc::UnboundedReceiver<Outgoing>,
        mut transport: Transport,
    ) -> End {
        let interval = self.shared.settings.heartbeat_interval;
        let hello = json!({"op": 10, "s": null, "t": null, "d": {"heartbeat_interval": interval.as_millis() as u64, "_trace": []}});
        if socket
            .send(transport.message(hello.to_string()))
            .await
            .is_err()
        {
            return End::Lost;
        }
        let mut stop = self.shared.stopping();
        loop {
            let patience = (interval * 2).saturating_sub(self.last_beat.elapsed());
            tokio::select! {
                outgoing = from.recv() => match outgoing {
                    Some(Outgoing::Text(text)) => {
                        if socket.send(transport.message(text)).await.is_err() {
                            return End::Lost;
                        }
                    }
                    Some(Outgoing::Close(code, reason)) => return close(socket, (code, reason)).await,
                    Some(Outgoing::Drop) | None => return End::Lost,
                },
                incoming = socket.recv() => match incoming {
                    Some(Ok(Message::Text(text))) => {
                        if let Err(reason) = self.receive(&text) {
                            return close(socket, reason).await;
                        }
                    }
                    Some(Ok(Message::Binary(bytes))) => {
                        let text = String::from_utf8(bytes.to_vec()).unwrap_or_default();
                        if let Err(reason) = self.receive(&text) {
                            return close(socket, reason).await;
                        }
                    }
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(1005, |frame| frame.code);
                        // Reading on sends the answer to the close frame; a client waits for it, as Discord gives one.
                        while let Some(Ok(_)) = socket.recv().await {}
                        return if matches!(code, 1000 | 1001) { End::Ended } else { End::Lost };
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Err(_)) | None => return End::Lost,
                },
                () = wait(patience) => return close(socket, (4009, "Session timed out.")).await,
                () = stop.wait() => return End::Lost,
            }
        }
    }

    fn receive(&mut self, text: &str) -> Result<(), CloseReason> {
        if text.len() > LARGEST_PAYLOAD {
            return Err((4002, "Error while decoding payload."));
        }
        self.count_payload()?;
        let payload: Value =
            serde_json::from_str(text).map_err(|_| (4002, "Error while decoding payload."))?;
        let opcode = payload["op"]
            .as_u64()
            .ok_or((4002, "Error while decoding payload."))?;
        let data = &payload["d"];
        match (opcode, &self.state) {
            (1, _) => {
                let world = self.shared.world();
                if !world.hub.faults.ignore_heartbeats {
                    world
                        .hub
                        .send_to(self.id, Outgoing::payload(11, Value::Null));
                }
                self.last_beat = monotonic();
                Ok(())
            }
            // After op 9 a client may begin anew on the same connection.
            (2, State::Known) if self.shared.world().hub.has_session(self.id) => {
                Err((4005, "Already authenticated."))
            }
            (2, _) => {
                let mut world = self.shared.world();
                world.identify(self.id, data)?;
                if world.hub.has_session(self.id) {
                    self.state = State::Known;
                }
                Ok(())
            }
            (6, _) => {
                let mut world = self.shared.world();
                world.resume(self.id, data)?;
                if world.hub.has_session(self.id) {
                    self.state = State::Known;
                }
                Ok(())
            }
            (3 | 4 | 8 | 31, State::Anonymous) => Err((4003, "Not authenticated.")),
            (8, State::Known) => {
                self.shared.world().send_members(self.id, data);
                Ok(())
            }
            // Presence, voice state and soundboard requests change nothing here.
            (3 | 4 | 31, State::Known) => Ok(()),
            _ => Err((4001, "Unknown opcode.")),
        }
    }

    fn count_payload(&mut self) -> Result<(), CloseReason> {
        if self.shared.settings.rate_limits == RateLimits::Off {
            return Ok(());
        }
        let now = monotonic();
        self.sent.push_back(now);
        while self
            .sent
            .front()
            .is_some_and(|first| now - *first > Duration::from_secs(60))
        {
            self.sent.pop_front();
        }
        if self.sent.len() > PAYLOADS_PER_MINUTE {
            Err((4008, "You are being rate limited."))
        } else {
            Ok(())
        }
    }
}

async fn close(socket: &mut WebSocket, (code, reason): CloseReason) -> End {
    // Whoever is gone already does not hear it.
    let _ = socket
        .send(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })))
        .await;
    if matches!(code, 1000 | 1001 | 4004 | 4007 | 4009..=4014) {
        End::Ended
    } else {
        End::Lost
    }
}
