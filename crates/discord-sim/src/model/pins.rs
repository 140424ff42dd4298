//! Pins.

use serde_json::json;

use super::{Message, Reference, World, kind, message_kind, wire};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;

const MOST_PINS: usize = 250;

impl World {
    /// The pinned messages of a channel, the one pinned last first.
    pub(crate) fn pins(&self, channel_id: u64) -> Vec<&Message> {
        let mut pins: Vec<_> = self
            .messages
            .get(&channel_id)
            .into_iter()
            .flat_map(|messages| messages.values())
            .filter(|message| message.pinned_at.is_some())
            .collect();
        pins.sort_by_key(|message| std::cmp::Reverse((message.pinned_at, message.id)));
        pins
    }

    /// Pins a message and leaves the line "... pinned a message" in the channel. Pinning twice changes nothing.
    pub(crate) fn pin(&mut self, by: u64, channel_id: u64, id: u64) -> Result<(), ApiError> {
        self.require(by, channel_id, p::PIN_MESSAGES)?;
        let message = self.message(channel_id, id)?;
        if message.only_for.is_some() {
            return Err(refusal::unknown_message());
        }
        if message.kind == message_kind::CHANNEL_PINNED_MESSAGE {
            return Err(refusal::system_message());
        }
        if message.pinned_at.is_some() {
            return Ok(());
        }
        if self.pins(channel_id).len() >= MOST_PINS {
            return Err(refusal::too_many_pins());
        }
        let now = self.now();
        self.message_mut(channel_id, id)?.pinned_at = Some(now);
        self.channel_mut(channel_id)?.last_pin_at = Some(now);
        self.emit_message("MESSAGE_UPDATE", channel_id, id);
        self.emit_pins(channel_id);
        let mut line = self.system_message(
            by,
            channel_id,
            message_kind::CHANNEL_PINNED_MESSAGE,
            String::new(),
        );
        line.reference = Some(Reference {
            channel_id,
            message_id: Some(id),
        });
        self.insert_message(line);
        Ok(())
    }

    pub(crate) fn unpin(&mut self, by: u64, channel_id: u64, id: u64) -> Result<(), ApiError> {
        self.require(by, channel_id, p::PIN_MESSAGES)?;
        let message = self.message_mut(channel_id, id)?;
        if message.pinned_at.take().is_none() {
            return Ok(());
        }
        self.emit_message("MESSAGE_UPDATE", channel_id, id);
        self.emit_pins(channel_id);
        self.touch(Some(channel_id));
        Ok(())
    }

    pub(super) fn emit_pins(&mut self, channel_id: u64) {
        let Some(channel) = self.channels.get(&channel_id) else {
            return;
        };
        let direct = channel.kind == kind::DM;
        let mut data = json!({
            "channel_id": channel_id.to_string(),
            "last_pin_timestamp": channel.last_pin_at.map(wire::timestamp),
        });
        if !direct {
            data["guild_id"] = json!(self.guild.id.to_string());
        }
        let intents = if direct {
            intent::DIRECT_MESSAGES
        } else {
            intent::GUILDS
        };
        if self.sees(self.bot_id, channel_id) {
            self.hub.dispatch(Event {
                name: "CHANNEL_PINS_UPDATE",
                data,
                intents,
                without_content: None,
            });
        }
    }
}
