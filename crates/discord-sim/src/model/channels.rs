//! Opening, changing and deleting channels, and who may enter them.

use serde_json::json;

use super::{Channel, Overwrite, OverwriteKind, World, kind};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;

const MOST_CHANNELS: usize = 500;
const MOST_IN_A_CATEGORY: usize = 50;
const MOST_OVERWRITES: usize = 1000;

/// A channel that passed validation.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewChannel {
    pub name: String,
    pub kind: u8,
    pub topic: Option<String>,
    pub parent_id: Option<u64>,
    pub position: Option<i64>,
    /// `None` takes those of the category.
    pub overwrites: Option<Vec<Overwrite>>,
    pub nsfw: bool,
    pub rate_limit_per_user: u64,
    pub default_auto_archive_minutes: Option<u64>,
}

/// What an edit changes; `None` leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChannelEdit {
    pub name: Option<String>,
    pub topic: Option<Option<String>>,
    pub parent_id: Option<Option<u64>>,
    pub position: Option<i64>,
    pub overwrites: Option<Vec<Overwrite>>,
    pub nsfw: Option<bool>,
    pub rate_limit_per_user: Option<u64>,
    pub default_auto_archive_minutes: Option<u64>,
    pub archived: Option<bool>,
    pub locked: Option<bool>,
    pub invitable: Option<bool>,
    pub auto_archive_minutes: Option<u64>,
}

/// The name a text channel really gets: lower case, hyphens for spaces, no punctuation.
pub(crate) fn normal_name(channel_kind: u8, name: &str) -> String {
    if !matches!(channel_kind, kind::TEXT | kind::ANNOUNCEMENT | kind::FORUM) {
        return name.trim().to_owned();
    }
    let mut normal = String::new();
    for letter in name.trim().to_lowercase().chars() {
        let kept = if letter.is_whitespace() { '-' } else { letter };
        let banned = kept.is_ascii() && !kept.is_ascii_alphanumeric() && kept != '-' && kept != '_';
        if banned || (kept == '-' && normal.ends_with('-')) {
            continue;
        }
        normal.push(kept);
    }
    normal.trim_matches('-').to_owned()
}

impl World {
    pub(crate) fn create_channel(&mut self, by: u64, new: NewChannel) -> Result<u64, ApiError> {
        match new.parent_id {
            Some(parent) if self.channels.contains_key(&parent) => {
                self.require(by, parent, p::MANAGE_CHANNELS)?
            }
            _ => self.require_in_guild(by, p::MANAGE_CHANNELS)?,
        }
        let count = self
            .channels
            .values()
            .filter(|one| one.kind != kind::DM && !one.is_thread())
            .count();
        if count >= MOST_CHANNELS {
            return Err(refusal::too_many_channels());
        }
        if let Some(parent) = new.parent_id {
            self.check_parent(parent, new.kind)?;
        }
        if let Some(overwrites) = &new.overwrites {
            self.check_overwrites(by, self.guild_permissions(by), &[], overwrites)?;
        }
        let name = normal_name(new.kind, &new.name);
        if name.is_empty() {
            return Err(ApiError::field(
                "name",
                "BASE_TYPE_BAD_LENGTH",
                "Must be between 1 and 100 in length.",
            ));
        }
        let id = self.next_id();
        let last = self.channels.values().filter(|one| {
            one.parent_id == new.parent_id && one.kind != kind::DM && !one.is_thread()
        });
        let position = last.map(|one| one.position + 1).max().unwrap_or(0);
        let inherited = || {
            new.parent_id
                .and_then(|parent| self.channels.get(&parent))
                .map(|parent| parent.overwrites.clone())
                .unwrap_or_default()
        };
        let mut channel = Channel::new(id, new.kind, name);
        channel.overwrites = new.overwrites.clone().unwrap_or_else(inherited);
        channel.topic = new.topic;
        channel.parent_id = new.parent_id;
        channel.position = new.position.unwrap_or(position);
        channel.nsfw = new.nsfw;
        channel.rate_limit_per_user = new.rate_limit_per_user;
        channel.default_auto_archive_minutes = new.default_auto_archive_minutes;
        self.channels.insert(id, channel);
        self.emit_channel("CHANNEL_CREATE", id);
        self.touch(None);
        Ok(id)
    }

    /// A text channel that everybody sees, made by the guild's owner.
    pub(crate) fn add_text_channel(&mut self, name: &str) -> u64 {
        let id = self.next_id();
        let mut channel = Channel::new(id, kind::TEXT, normal_name(kind::TEXT, name));
        channel.position = self
            .channels
            .values()
            .filter(|one| one.parent_id.is_none())
            .count() as i64;
        self.channels.insert(id, channel);
        self.emit_channel("CHANNEL_CREATE", id);
        self.touch(None);
        id
    }

    fn check_parent(&self, parent: u64, child_kind: u8) -> Result<(), ApiError> {
        let category = self
            .channels
            .get(&parent)
            .filter(|channel| channel.kind == kind::CATEGORY);
        if category.is_none() {
            return Err(ApiError::field(
                "parent_id",
                "CHANNEL_PARENT_INVALID",
                "Category does not exist",
            ));
        }
        if child_kind == kind::CATEGORY {
            return Err(ApiError::field(
                "parent_id",
                "CHANNEL_PARENT_INVALID_TYPE",
                "Categories cannot have subcategories",
            ));
        }
        if self
            .channels
            .values()
            .filter(|one| one.parent_id == Some(parent))
            .count()
            >= MOST_IN_A_CATEGORY
        {
            return Err(ApiError::field(
                "parent_id",
                "CHANNEL_PARENT_MAX_CHANNELS",
                "Maximum number of channels in category reached (50)",
            ));
        }
        Ok(())
    }

    /// An overwrite may only hold what its author may do; MANAGE_ROLES in a channel is for administrators to give.
    fn check_overwrites(
        &self,
        by: u64,
        holds: u64,
        before: &[Overwrite],
        after: &[Overwrite],
    ) -> Result<(), ApiError> {
        if after.len() > MOST_OVERWRITES {
            return Err(refusal::too_many_overwrites());
        }
        let administrator = self.guild_permissions(by) & p::ADMINISTRATOR != 0;
        for one in after {
            let known = match one.kind {
                OverwriteKind::Role => self.guild.roles.contains_key(&one.id),
                OverwriteKind::Member => self.users.contains_key(&one.id),
            };
            if !known {
                return Err(refusal::unknown_overwrite());
            }
            let old = before.iter().find(|old| old.id == one.id);
            let (allow, deny) = old.map_or((0, 0), |old| (old.allow, old.deny));
            let changed = (one.allow ^ allow) | (one.deny ^ deny);
            if !administrator && (changed & !holds != 0 || changed & p::MANAGE_ROLES != 0) {
                return Err(refusal::missing_permissions());
            }
        }
        Ok(())
    }

    pub(crate) fn edit_channel(
        &mut self,
        by: u64,
        id: u64,
        edit: ChannelEdit,
    ) -> Result<(), ApiError> {
        let channel = self.channel(id)?.clone();
        if channel.kind == kind::DM {
            return Err(refusal::not_in_a_dm());
        }
        if channel.is_thread() {
            return self.edit_thread(by, id, edit);
        }
        self.require(by, id, p::MANAGE_CHANNELS)?;
        if let Some(Some(parent)) = edit.parent_id
            && channel.parent_id != Some(parent)
        {
            self.check_parent(parent, channel.kind)?;
        }
        if let Some(overwrites) = &edit.overwrites {
            self.require(by, id, p::MANAGE_ROLES)?;
            let holds = self.guild_permissions(by) | self.permissions(by, id);
            self.check_overwrites(by, holds, &channel.overwrites, overwrites)?;
        }
        let seen_before = self.sees(self.bot_id, id);
        let changed = self.channel_mut(id)?;
        if let Some(name) = edit.name {
            let name = normal_name(changed.kind, &name);
            if name.is_empty() {
                return Err(ApiError::field(
                    "name",
                    "BASE_TYPE_BAD_LENGTH",
                    "Must be between 1 and 100 in length.",
                ));
            }
            changed.name = name;
        }
        if let Some(topic) = edit.topic {
            changed.topic = topic;
        }
        if let Some(parent) = edit.parent_id {
            changed.parent_id = parent;
        }
        if let Some(position) = edit.position {
            changed.position = position;
        }
        if let Some(overwrites) = edit.overwrites {
            changed.overwrites = overwrites;
        }
        if let Some(nsfw) = edit.nsfw {
            changed.nsfw = nsfw;
        }
        if let Some(seconds) = edit.rate_limit_per_user {
            changed.rate_limit_per_user = seconds;
        }
        if let Some(minutes) = edit.default_auto_archive_minutes {
            changed.default_auto_archive_minutes = Some(minutes);
        }
        self.emit_channel_if("CHANNEL_UPDATE", id, seen_before);
        self.touch(None);
        Ok(())
    }

    pub(crate) fn put_overwrite(
        &mut self,
        by: u64,
        id: u64,
        overwrite: Overwrite,
    ) -> Result<(), ApiError> {
        let before = self.channel(id)?.overwrites.clone();
        self.require(by, id, p::MANAGE_ROLES)?;
        let holds = self.guild_permissions(by) | self.permissions(by, id);
        self.check_overwrites(by, holds, &before, &[overwrite])?;
        let seen_before = self.sees(self.bot_id, id);
        let overwrites = &mut self.channel_mut(id)?.overwrites;
        match overwrites.iter_mut().find(|one| one.id == overwrite.id) {
            Some(one) => *one = overwrite,
            None if before.len() >= MOST_OVERWRITES => return Err(refusal::too_many_overwrites()),
            None => overwrites.push(overwrite),
        }
        self.emit_channel_if("CHANNEL_UPDATE", id, seen_before);
        self.touch(None);
        Ok(())
    }

    pub(crate) fn delete_overwrite(
        &mut self,
        by: u64,
        id: u64,
        target: u64,
    ) -> Result<(), ApiError> {
        self.require(by, id, p::MANAGE_ROLES)?;
        let seen_before = self.sees(self.bot_id, id);
        let overwrites = &mut self.channel_mut(id)?.overwrites;
        if !overwrites.iter().any(|one| one.id == target) {
            return Err(refusal::unknown_overwrite());
        }
        overwrites.retain(|one| one.id != target);
        self.emit_channel_if("CHANNEL_UPDATE", id, seen_before);
        self.touch(None);
        Ok(())
    }

    /// Deletes a channel with everything in it and answers what it was.
    pub(crate) fn delete_channel(
        &mut self,
        by: u64,
        id: u64,
    ) -> Result<serde_json::Value, ApiError> {
        let channel = self.channel(id)?;
        let json = self.channel_json(channel);
        if channel.kind == kind::DM {
            self.require(by, id, 0)?;
            return Ok(json);
        }
        let thread = channel.is_thread();
        self.require(
            by,
            id,
            if thread {
                p::MANAGE_THREADS
            } else {
                p::MANAGE_CHANNELS
            },
        )?;
        let inside: Vec<u64> = self
            .channels
            .values()
            .filter(|one| one.parent_id == Some(id))
            .map(|one| one.id)
            .collect();
        for below in inside {
            if self.channels.get(&below).is_some_and(Channel::is_thread) {
                self.emit_channel("THREAD_DELETE", below);
                self.channels.remove(&below);
                self.messages.remove(&below);
            } else if let Some(child) = self.channels.get_mut(&below) {
                child.parent_id = None;
                self.emit_channel("CHANNEL_UPDATE", below);
            }
        }
        self.emit_channel(
            if thread {
                "THREAD_DELETE"
            } else {
                "CHANNEL_DELETE"
            },
            id,
        );
        self.channels.remove(&id);
        self.messages.remove(&id);
        self.webhooks.retain(|_, webhook| webhook.channel_id != id);
        self.touch(None);
        Ok(json)
    }

    /// Moves channels in the list.
    pub(crate) fn move_channels(
        &mut self,
        by: u64,
        moves: Vec<(u64, ChannelEdit)>,
    ) -> Result<(), ApiError> {
        self.require_in_guild(by, p::MANAGE_CHANNELS)?;
        for (id, edit) in moves {
            self.edit_channel(by, id, edit)?;
        }
        Ok(())
    }

    /// The direct channel between the bot and a person, opened when it is not there yet.
    pub(crate) fn direct_channel(&mut self, person: u64) -> Result<u64, ApiError> {
        if !self.users.contains_key(&person) {
            return Err(ApiError::field(
                "recipient_id",
                "NUMBER_TYPE_COERCE",
                "Unknown user",
            ));
        }
        if person == self.bot_id || self.user(person)?.bot {
            return Err(refusal::cannot_message_user());
        }
        if let Some(id) = self.known_direct_channel(person) {
            return Ok(id);
        }
        let id = self.next_id();
        let mut channel = Channel::new(id, kind::DM, String::new());
        channel.recipients = vec![self.bot_id, person];
        self.channels.insert(id, channel);
        self.touch(None);
        Ok(id)
    }

    pub(crate) fn known_direct_channel(&self, person: u64) -> Option<u64> {
        let direct =
            |channel: &&Channel| channel.kind == kind::DM && channel.recipients.contains(&person);
        self.channels
            .values()
            .find(direct)
            .map(|channel| channel.id)
    }

    pub(super) fn emit_channel(&mut self, name: &'static str, id: u64) {
        self.emit_channel_if(name, id, false);
    }

    /// Tells of a channel that the bot sees now or saw before the change.
    fn emit_channel_if(&mut self, name: &'static str, id: u64, seen_before: bool) {
        if !seen_before && !self.sees(self.bot_id, id) {
            return;
        }
        let Some(channel) = self.channels.get(&id) else {
            return;
        };
        let mut data = match name {
            "THREAD_DELETE" => {
                json!({"id": id.to_string(), "guild_id": self.guild.id.to_string(), "type": channel.kind,
                "parent_id": super::wire::maybe_id(channel.parent_id)})
            }
            _ => self.channel_json(channel),
        };
        if name == "THREAD_CREATE" {
            data["newly_created"] = json!(true);
        }
        self.hub.dispatch(Event {
            name,
            data,
            intents: intent::GUILDS,
            without_content: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_channel_gets_a_plain_name() {
        assert_eq!(
            normal_name(kind::TEXT, "  INC 42: Checkout is down! "),
            "inc-42-checkout-is-down"
        );
        assert_eq!(normal_name(kind::TEXT, "störung-🔥"), "störung-🔥");
        assert_eq!(
            normal_name(kind::CATEGORY, "Open Incidents"),
            "Open Incidents"
        );
    }
}
