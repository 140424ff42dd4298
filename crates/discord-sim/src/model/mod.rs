//! The guild as it is: people, channels, messages, commands. REST calls, people and the gateway all act on this one model.
//!
//! Every function here is synchronous and runs under one lock; permissions and limits are checked where the change is made, so a
//! person in a test is held to the same rules as the bot on the wire.

mod channels;
mod commands;
mod defaults;
mod edits;
mod interactions;
mod links;
mod membership;
mod mentions;
mod messages;
mod pins;
mod reactions;
mod roles;
mod threads;
mod types;
mod views;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{broadcast, watch};

pub(crate) use channels::{ChannelEdit, NewChannel};
pub(crate) use commands::Command;
pub(crate) use interactions::{Answer, Interaction, InteractionKind, NewInteraction, Outcome};
pub(crate) use mentions::{Allowed, AllowedMentions};
pub(crate) use messages::{Author, MessageEdit, NewFile, NewMessage};
pub(crate) use roles::RoleEdit;
pub(crate) use threads::NewThread;
pub(crate) use types::*;
pub(crate) use wire::{id_texts, maybe_id, thread_member_json, timestamp};

use crate::clock::Clock;
use crate::error::{ApiError, refusal};
use crate::gateway::Hub;
use crate::permissions as p;
use crate::settings::{PrivilegedIntents, Settings};
use crate::snowflake::Snowflakes;

/// A change that a watcher may want to show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    pub version: u64,
    /// The one channel whose messages changed; `None` for anything else.
    pub channel_id: Option<u64>,
}

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    pub settings: Arc<Settings>,
    /// Where this Discord listens, for the URLs it hands out.
    pub base_url: String,
    pub clock: Clock,
    pub ids: Snowflakes,
    pub guild: Guild,
    pub bot_id: u64,
    pub users: BTreeMap<u64, User>,
    pub channels: BTreeMap<u64, Channel>,
    /// Messages by channel, oldest first; ephemeral ones among them.
    pub messages: HashMap<u64, BTreeMap<u64, Message>>,
    pub commands: BTreeMap<u64, Command>,
    /// When commands were created, and whether in the guild.
    command_creates: Vec<(bool, DateTime<Utc>)>,
    pub webhooks: BTreeMap<u64, Webhook>,
    pub scheduled_events: BTreeMap<u64, serde_json::Value>,
    /// What the bot changed, as the audit log tells it, oldest first.
    pub audit_log: Vec<serde_json::Value>,
    pub interactions: BTreeMap<u64, Interaction>,
    pub nonces: HashMap<(u64, String), Nonce>,
    /// The switches of the developer portal as they are now.
    pub privileged_intents: PrivilegedIntents,
    /// Files that came with a command.
    pub uploads: BTreeMap<u64, Attachment>,
    /// Signs the links to files.
    link_key: u64,
    pub hub: Hub,
    changes: watch::Sender<u64>,
    feed: broadcast::Sender<Change>,
}

/// A remembered `enforce_nonce`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nonce {
    pub channel_id: u64,
    pub message_id: u64,
    pub at: DateTime<Utc>,
}

impl World {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.ids.next(self.clock.now())
    }

    /// Tells watchers that something changed.
    pub(crate) fn touch(&self, channel_id: Option<u64>) {
        let mut version = 0;
        self.changes.send_modify(|count| {
            *count += 1;
            version = *count;
        });
        // Nobody listening is no error.
        let _ = self.feed.send(Change {
            version,
            channel_id,
        });
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(crate) fn feed(&self) -> broadcast::Receiver<Change> {
        self.feed.subscribe()
    }

    pub(crate) fn version(&self) -> u64 {
        *self.changes.borrow()
    }

    pub(crate) fn user(&self, id: u64) -> Result<&User, ApiError> {
        self.users.get(&id).ok_or_else(refusal::unknown_user)
    }

    pub(crate) fn user_by_login(&self, login: &str) -> Option<&User> {
        self.users
            .values()
            .find(|user| user.login.as_deref() == Some(login))
    }

    pub(crate) fn channel(&self, id: u64) -> Result<&Channel, ApiError> {
        self.channels.get(&id).ok_or_else(refusal::unknown_channel)
    }

    pub(crate) fn channel_mut(&mut self, id: u64) -> Result<&mut Channel, ApiError> {
        self.channels
            .get_mut(&id)
            .ok_or_else(refusal::unknown_channel)
    }

    pub(crate) fn message(&self, channel_id: u64, id: u64) -> Result<&Message, ApiError> {
        self.messages
            .get(&channel_id)
            .and_then(|messages| messages.get(&id))
            .ok_or_else(refusal::unknown_message)
    }

    pub(crate) fn message_mut(
        &mut self,
        channel_id: u64,
        id: u64,
    ) -> Result<&mut Message, ApiError> {
        self.messages
            .get_mut(&channel_id)
            .and_then(|messages| messages.get_mut(&id))
            .ok_or_else(refusal::unknown_message)
    }

    /// A message when only its own id is known.
    pub(crate) fn find_message(&self, id: u64) -> Option<&Message> {
        self.messages
            .values()
            .find_map(|messages| messages.get(&id))
    }

    /// What a member may do in the guild as a whole.
    pub(crate) fn guild_permissions(&self, user_id: u64) -> u64 {
        if user_id == self.guild.owner_id {
            return p::ALL;
        }
        let Some(member) = self.guild.members.get(&user_id) else {
            return 0;
        };
        let everyone = self
            .guild
            .roles
            .get(&self.guild.id)
            .map_or(0, |role| role.permissions);
        let all = member
            .roles
            .iter()
            .filter_map(|id| self.guild.roles.get(id))
            .fold(everyone, |bits, role| bits | role.permissions);
        if all & p::ADMINISTRATOR != 0 {
            p::ALL
        } else {
            all
        }
    }

    /// What somebody may do in a channel. A thread takes its parent's permissions; a DM allows its two people everything a DM knows.
    pub(crate) fn permissions(&self, user_id: u64, channel_id: u64) -> u64 {
        let Some(channel) = self.channels.get(&channel_id) else {
            return 0;
        };
        if channel.kind == kind::DM {
            return if channel.recipients.contains(&user_id) {
                p::IN_A_DM
            } else {
                0
            };
        }
        let base = self.guild_permissions(user_id);
        let Some(member) = self.guild.members.get(&user_id) else {
            return 0;
        };
        let parent = channel.parent_id.filter(|_| channel.is_thread());
        let holder = parent
            .and_then(|parent| self.channels.get(&parent))
            .unwrap_or(channel);
        let bits = p::in_channel(
            base,
            self.guild.id,
            user_id,
            &member.roles,
            &holder.overwrites,
        );
        match &channel.thread {
            None => bits,
            Some(thread) => {
                let invited = channel.kind != kind::PRIVATE_THREAD
                    || thread.members.contains_key(&user_id)
                    || bits & p::MANAGE_THREADS != 0;
                match (invited, bits & p::SEND_MESSAGES_IN_THREADS != 0) {
                    (false, _) => 0,
                    // In a thread, SEND_MESSAGES has no meaning of its own.
                    (true, true) => bits | p::SEND_MESSAGES,
                    (true, false) => bits & !p::SEND_MESSAGES,
                }
            }
        }
    }

    /// Refuses whoever lacks `needed` in the channel: 50001 without a view of it, 50013 otherwise.
    pub(crate) fn require(
        &self,
        user_id: u64,
        channel_id: u64,
        needed: u64,
    ) -> Result<(), ApiError> {
        let channel = self.channel(channel_id)?;
        // Whoever may not enter a voice channel does not manage it either.
        let manages = needed & (p::MANAGE_CHANNELS | p::MANAGE_ROLES) != 0;
        let needed = if channel.kind == kind::VOICE && manages {
            needed | p::CONNECT
        } else {
            needed
        };
        let has = self.permissions(user_id, channel_id);
        if has & p::VIEW_CHANNEL == 0 {
            return Err(refusal::missing_access());
        }
        if has & needed == needed {
            Ok(())
        } else {
            Err(refusal::missing_permissions())
        }
    }

    /// Refuses whoever lacks `needed` in the guild.
    pub(crate) fn require_in_guild(&self, user_id: u64, needed: u64) -> Result<(), ApiError> {
        if self.guild_permissions(user_id) & needed == needed {
            Ok(())
        } else {
            Err(refusal::missing_permissions())
        }
    }

    pub(crate) fn sees(&self, user_id: u64, channel_id: u64) -> bool {
        self.permissions(user_id, channel_id) & p::VIEW_CHANNEL != 0
    }

    /// The name shown beside somebody's messages.
    pub(crate) fn display_name(&self, user_id: u64) -> String {
        let nick = self
            .guild
            .members
            .get(&user_id)
            .and_then(|member| member.nick.clone());
        nick.or_else(|| {
            self.users
                .get(&user_id)
                .map(|user| user.global_name.clone())
        })
        .unwrap_or_default()
    }
}
