//! Roles and members.

use serde_json::{Value, json};

use super::{Role, World};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;

const MOST_ROLES: usize = 250;

/// What a role edit changes; `None` leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct RoleEdit {
    pub name: Option<String>,
    pub permissions: Option<u64>,
    pub color: Option<u32>,
    pub hoist: Option<bool>,
    pub mentionable: Option<bool>,
}

impl World {
    pub(crate) fn role(&self, id: u64) -> Result<&Role, ApiError> {
        self.guild.roles.get(&id).ok_or_else(refusal::unknown_role)
    }

    pub(crate) fn role_named(&self, name: &str) -> Option<&Role> {
        self.guild.roles.values().find(|role| role.name == name)
    }

    pub(super) fn role_named_or_new(&mut self, name: &str) -> u64 {
        if let Some(role) = self.role_named(name) {
            return role.id;
        }
        let edit = RoleEdit {
            name: Some(name.to_owned()),
            mentionable: Some(true),
            ..RoleEdit::default()
        };
        self.insert_role(edit)
    }

    /// How high somebody stands: they manage only roles below their highest.
    fn rank(&self, user_id: u64) -> i64 {
        if user_id == self.guild.owner_id {
            return i64::MAX;
        }
        let roles = self
            .guild
            .members
            .get(&user_id)
            .map(|member| member.roles.as_slice())
            .unwrap_or_default();
        roles
            .iter()
            .filter_map(|id| self.guild.roles.get(id))
            .map(|role| role.position)
            .max()
            .unwrap_or(0)
    }

    fn require_above(&self, by: u64, role: &Role) -> Result<(), ApiError> {
        if self.rank(by) > role.position {
            Ok(())
        } else {
            Err(refusal::missing_permissions())
        }
    }

    pub(crate) fn create_role(&mut self, by: u64, edit: RoleEdit) -> Result<u64, ApiError> {
        self.require_in_guild(by, p::MANAGE_ROLES)?;
        let permissions = edit.permissions.unwrap_or(0);
        self.require_in_guild(by, permissions)?;
        if self.guild.roles.len() >= MOST_ROLES {
            return Err(refusal::too_many_roles());
        }
        Ok(self.insert_role(edit))
    }

    fn insert_role(&mut self, edit: RoleEdit) -> u64 {
        let id = self.next_id();
        let role = Role {
            id,
            name: edit.name.unwrap_or_else(|| "new role".to_owned()),
            permissions: edit.permissions.unwrap_or(0),
            position: 1,
            color: edit.color.unwrap_or(0),
            hoist: edit.hoist.unwrap_or(false),
            mentionable: edit.mentionable.unwrap_or(false),
            bot_id: None,
        };
        for other in self
            .guild
            .roles
            .values_mut()
            .filter(|role| role.position >= 1)
        {
            other.position += 1;
        }
        self.guild.roles.insert(id, role);
        self.emit_role("GUILD_ROLE_CREATE", id);
        id
    }

    pub(crate) fn edit_role(&mut self, by: u64, id: u64, edit: RoleEdit) -> Result<(), ApiError> {
        self.require_in_guild(by, p::MANAGE_ROLES)?;
        let role = self.role(id)?;
        self.require_above(by, role)?;
        if let Some(permissions) = edit.permissions {
            self.require_in_guild(by, permissions & !role.permissions)?;
        }
        let role = self
            .guild
            .roles
            .get_mut(&id)
            .ok_or_else(refusal::unknown_role)?;
        role.name = edit.name.unwrap_or_else(|| role.name.clone());
        role.permissions = edit.permissions.unwrap_or(role.permissions);
        role.color = edit.color.unwrap_or(role.color);
        role.hoist = edit.hoist.unwrap_or(role.hoist);
        role.mentionable = edit.mentionable.unwrap_or(role.mentionable);
        self.emit_role("GUILD_ROLE_UPDATE", id);
        Ok(())
    }

    /// Gives roles new places. Somebody moves only roles below their own highest, and to places below it.
    pub(crate) fn move_roles(&mut self, by: u64, moves: &[(u64, i64)]) -> Result<(), ApiError> {
        self.require_in_guild(by, p::MANAGE_ROLES)?;
        for (id, position) in moves {
            let role = self.role(*id)?;
            let moved = role.position != *position;
            if moved && (self.rank(by) <= *position || *id == self.guild.id) {
                return Err(refusal::missing_permissions());
            }
            if moved {
                self.require_above(by, role)?;
            }
        }
        for (id, position) in moves {
            if let Some(role) = self.guild.roles.get_mut(id) {
                role.position = *position;
            }
            self.emit_role("GUILD_ROLE_UPDATE", *id);
        }
        Ok(())
    }

    /// Sets a role's permissions, as the guild's owner would.
    pub(crate) fn set_role_permissions(&mut self, id: u64, permissions: u64) {
        if let Some(role) = self.guild.roles.get_mut(&id) {
            role.permissions = permissions;
            self.emit_role("GUILD_ROLE_UPDATE", id);
        }
    }

    pub(crate) fn delete_role(&mut self, by: u64, id: u64) -> Result<(), ApiError> {
        self.require_in_guild(by, p::MANAGE_ROLES)?;
        let role = self.role(id)?;
        if id == self.guild.id || role.bot_id.is_some() {
            return Err(ApiError::new(400, 50028, "Invalid Role"));
        }
        self.require_above(by, role)?;
        self.guild.roles.remove(&id);
        for member in self.guild.members.values_mut() {
            member.roles.retain(|role| *role != id);
        }
        for channel in self.channels.values_mut() {
            channel.overwrites.retain(|one| one.id != id);
        }
        let data = json!({"guild_id": self.guild.id.to_string(), "role_id": id.to_string()});
        self.hub.dispatch(Event {
            name: "GUILD_ROLE_DELETE",
            data,
            intents: intent::GUILDS,
            without_content: None,
        });
        self.touch(None);
        Ok(())
    }

    fn emit_role(&mut self, name: &'static str, id: u64) {
        let Some(role) = self.guild.roles.get(&id) else {
            return;
        };
        let data = json!({"guild_id": self.guild.id.to_string(), "role": self.role_json(role)});
        self.hub.dispatch(Event {
            name,
            data,
            intents: intent::GUILDS,
            without_content: None,
        });
        self.touch(None);
    }

    /// Gives a role to a member, or takes it away.
    pub(crate) fn set_member_role(
        &mut self,
        by: u64,
        user_id: u64,
        role_id: u64,
        has: bool,
    ) -> Result<(), ApiError> {
        let role = self.role(role_id)?.clone();
        if !self.guild.members.contains_key(&user_id) {
            return Err(refusal::unknown_member());
        }
        self.require_in_guild(by, p::MANAGE_ROLES)?;
        self.require_above(by, &role)?;
        if role_id == self.guild.id || role.bot_id.is_some() {
            return Err(ApiError::new(400, 50028, "Invalid Role"));
        }
        if let Some(member) = self.guild.members.get_mut(&user_id) {
            member.roles.retain(|id| *id != role_id);
            if has {
                member.roles.push(role_id);
            }
        }
        self.member_changed(user_id);
        Ok(())
    }

    pub(crate) fn set_nick(
        &mut self,
        by: u64,
        user_id: u64,
        nick: Option<String>,
    ) -> Result<(), ApiError> {
        let needed = if by == user_id {
            p::CHANGE_NICKNAME
        } else {
            p::MANAGE_NICKNAMES
        };
        self.require_in_guild(by, needed)?;
        let member = self
            .guild
            .members
            .get_mut(&user_id)
            .ok_or_else(refusal::unknown_member)?;
        member.nick = nick.filter(|nick| !nick.is_empty());
        self.member_changed(user_id);
        Ok(())
    }

    fn member_changed(&mut self, user_id: u64) {
        self.emit_member("GUILD_MEMBER_UPDATE", user_id);
    }

    pub(super) fn member_joined(&mut self, user_id: u64) {
        self.emit_member("GUILD_MEMBER_ADD", user_id);
    }

    fn emit_member(&mut self, name: &'static str, user_id: u64) {
        if let Some(mut data) = self.member_json(user_id) {
            data["guild_id"] = json!(self.guild.id.to_string());
            self.hub.dispatch(Event {
                name,
                data,
                intents: intent::GUILD_MEMBERS,
                without_content: None,
            });
        }
        self.touch(None);
    }

    /// A person leaves, or is thrown out by somebody with KICK_MEMBERS.
    pub(crate) fn remove_member(&mut self, by: u64, user_id: u64) -> Result<(), ApiError> {
        if !self.guild.members.contains_key(&user_id) {
            return Err(refusal::unknown_member());
        }
        if by != user_id {
            self.require_in_guild(by, p::KICK_MEMBERS)?;
            if self.rank(by) <= self.rank(user_id) {
                return Err(refusal::missing_permissions());
            }
        }
        self.guild.members.remove(&user_id);
        let data: Value =
            json!({"guild_id": self.guild.id.to_string(), "user": self.user_json(user_id)});
        self.hub.dispatch(Event {
            name: "GUILD_MEMBER_REMOVE",
            data,
            intents: intent::GUILD_MEMBERS,
            without_content: None,
        });
        self.touch(None);
        Ok(())
    }
}
