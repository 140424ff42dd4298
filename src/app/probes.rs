//! What `/readyz` asks: each part says how it is.

use std::sync::Arc;

use async_trait::async_trait;
use bridgewatch_core::cards::CONTENT_OFF;
use bridgewatch_core::ports::Store;
use serde_json::json;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::discord::chat::DiscordChat;
use crate::discord::gateway::SessionState;
use crate::discord::hearing::Hearing;
use crate::http::{Health, Probe, State};

pub(super) struct DatabaseProbe(pub(super) Arc<dyn Store>);

#[async_trait]
impl Probe for DatabaseProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn probe(&self) -> Health {
        match self.0.check().await {
            Ok(()) => Health {
                state: State::Ready,
                detail: json!("answers"),
            },
            Err(trouble) => Health {
                state: State::NotReady,
                detail: json!(trouble.to_string()),
            },
        }
    }
}

pub(super) struct GatewayProbe {
    pub(super) session: watch::Receiver<SessionState>,
    pub(super) hearing: Hearing,
}

#[async_trait]
impl Probe for GatewayProbe {
    fn name(&self) -> &'static str {
        "gateway"
    }

    async fn probe(&self) -> Health {
        // Without Discord alerts are still taken in, so this never makes the service unready.
        let events_heard = self.hearing.dispatches();
        let (state, detail) = match &*self.session.borrow() {
            SessionState::Connected => (
                State::Ready,
                json!({"session": "connected", "events_heard": events_heard}),
            ),
            SessionState::ConnectedWithoutContent => (
                State::Degraded,
                json!({"session": "connected", "why": CONTENT_OFF, "events_heard": events_heard}),
            ),
            SessionState::Connecting => (
                State::Degraded,
                json!({"session": "connecting", "events_heard": events_heard}),
            ),
            SessionState::Refused(why) => (
                State::Degraded,
                json!({"session": "refused", "why": why, "events_heard": events_heard}),
            ),
        };
        Health { state, detail }
    }
}

pub(super) struct OutboxProbe {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
}

#[async_trait]
impl Probe for OutboxProbe {
    fn name(&self) -> &'static str {
        "outbox"
    }

    async fn probe(&self) -> Health {
        let now = self.clock.now();
        match self.store.outbox_depth(now).await {
            Ok(depth) => {
                let age_seconds = depth
                    .oldest_due_at
                    .map_or(0, |due| (now - due).num_seconds().max(0));
                // What was given up long ago was told then; it does not make a service unwell for ever.
                let state = if depth.dead_lately > 0 || age_seconds > 300 {
                    State::Degraded
                } else {
                    State::Ready
                };
                Health {
                    state,
                    detail: json!({
                        "open": depth.open.values().sum::<i64>(),
                        "dead": depth.dead,
                        "dead_lately": depth.dead_lately,
                        "oldest_due_seconds": age_seconds,
                    }),
                }
            }
            Err(trouble) => Health {
                state: State::NotReady,
                detail: json!(trouble.to_string()),
            },
        }
    }
}

/// Whether what was taken in is also worked off.
pub(super) struct ReceiptsProbe {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
}

#[async_trait]
impl Probe for ReceiptsProbe {
    fn name(&self) -> &'static str {
        "receipts"
    }

    async fn probe(&self) -> Health {
        match self.store.oldest_pending_receipt().await {
            Ok(oldest) => {
                let age_seconds =
                    oldest.map_or(0, |came| (self.clock.now() - came).num_seconds().max(0));
                Health {
                    // What is taken in is kept all the same, so alerts must not be sent elsewhere.
                    state: if age_seconds > 60 {
                        State::Degraded
                    } else {
                        State::Ready
                    },
                    detail: json!({ "oldest_waiting_seconds": age_seconds }),
                }
            }
            Err(trouble) => Health {
                state: State::NotReady,
                detail: json!(trouble.to_string()),
            },
        }
    }
}

pub(super) struct GateProbe(pub(super) Arc<DiscordChat>);

#[async_trait]
impl Probe for GateProbe {
    fn name(&self) -> &'static str {
        "discord_gate"
    }

    async fn probe(&self) -> Health {
        let status = self.0.rest().status();
        let state = if status.is_open() {
            State::Ready
        } else {
            State::Degraded
        };
        Health {
            state,
            detail: status.detail(),
        }
    }
}
