//! The bot's place in the guild: it can be thrown out, and invited again.

use serde_json::json;

use super::{Member, Role, World};
use crate::gateway::{Event, intent};

impl World {
    /// Throws the bot out, as somebody who may kick does: its commands and its own role go with it, what it wrote stays.
    pub(crate) fn remove_bot(&mut self) {
        if self.guild.members.remove(&self.bot_id).is_none() {
            return;
        }
        let bot_id = self.bot_id;
        self.guild
            .roles
            .retain(|_, role| role.bot_id != Some(bot_id));
        self.commands.retain(|_, command| !command.in_guild);
        // Without `unavailable`: that would be an outage.
        self.hub.dispatch(Event {
            name: "GUILD_DELETE",
            data: json!({"id": self.guild.id.to_string()}),
            intents: intent::GUILDS,
            without_content: None,
        });
        self.touch(None);
    }

    /// Invites it again, with what its invite asks for.
    pub(crate) fn invite_bot(&mut self) {
        if self.guild.members.contains_key(&self.bot_id) {
            return;
        }
        let now = self.now();
        let role_id = self.ids.next(now);
        let position = self
            .guild
            .roles
            .values()
            .map(|role| role.position)
            .max()
            .unwrap_or(0)
            + 1;
        let role = Role {
            id: role_id,
            name: self.settings.bot_name.clone(),
            permissions: self.settings.bot_permissions,
            position,
            color: 0,
            hoist: false,
            mentionable: false,
            bot_id: Some(self.bot_id),
        };
        self.guild.roles.insert(role_id, role);
        let member = Member {
            nick: None,
            roles: vec![role_id],
            joined_at: now,
        };
        self.guild.members.insert(self.bot_id, member);
        self.hub.dispatch(Event {
            name: "GUILD_CREATE",
            data: self.guild_create_json(false),
            intents: intent::GUILDS,
            without_content: None,
        });
        self.touch(None);
    }
}
