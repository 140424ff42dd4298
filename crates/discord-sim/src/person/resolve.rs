//! Names that people type or choose, as the ids and objects that Discord sends along.

use serde_json::{Map, Value, json};

use crate::error::Refused;
use crate::model::{Channel, World};
use crate::snowflake::parse_id;
use crate::view::SelectKind;

/// What a name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    User,
    Role,
    Mentionable,
    Channel,
}

/// What a select menu of this kind chooses among.
pub(super) fn wanted(kind: SelectKind) -> Wanted {
    match kind {
        SelectKind::Role => Wanted::Role,
        SelectKind::Mentionable => Wanted::Mentionable,
        SelectKind::Channel => Wanted::Channel,
        SelectKind::String | SelectKind::User => Wanted::User,
    }
}

/// The `resolved` part of an interaction.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    parts: Map<String, Value>,
}

impl Resolved {
    fn put(&mut self, part: &str, id: u64, value: Value) {
        let part = self
            .parts
            .entry(part.to_owned())
            .or_insert_with(|| json!({}));
        part[id.to_string()] = value;
    }

    pub(super) fn json(self) -> Value {
        Value::Object(self.parts)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Notes a file that was put beside the command, by its name.
    pub(super) fn file(&mut self, world: &World, filename: &str) -> Option<u64> {
        let (id, json) = world.uploaded(filename)?;
        self.put("attachments", id, json);
        Some(id)
    }

    /// Finds whom or what a text names and notes it.
    pub(super) fn take(
        &mut self,
        world: &World,
        person: u64,
        channel_id: u64,
        wanted: Wanted,
        text: &str,
    ) -> Result<u64, Refused> {
        let found = match wanted {
            Wanted::User => self.user(world, channel_id, text),
            Wanted::Role => self.role(world, text),
            Wanted::Mentionable => self
                .user(world, channel_id, text)
                .or_else(|| self.role(world, text)),
            Wanted::Channel => self.channel(world, person, text),
        };
        found.ok_or_else(|| {
            Refused::because(format!(
                "\"{text}\" is nobody and nothing that can be chosen here"
            ))
        })
    }

    fn user(&mut self, world: &World, channel_id: u64, text: &str) -> Option<u64> {
        let name = text
            .trim_start_matches(['<', '@', '!'])
            .trim_end_matches('>');
        let by_id = parse_id(name).filter(|id| world.users.contains_key(id));
        let named = |id: &u64| {
            let user = world.users.get(id);
            user.is_some_and(|user| user.username.eq_ignore_ascii_case(name))
                || world.display_name(*id) == name
        };
        let id = by_id.or_else(|| world.users.keys().copied().find(named))?;
        self.put("users", id, world.user_json(id));
        if let Some(mut member) = world.partial_member_json(id) {
            member["permissions"] = json!(world.permissions(id, channel_id).to_string());
            self.put("members", id, member);
        }
        Some(id)
    }

    fn role(&mut self, world: &World, text: &str) -> Option<u64> {
        let name = text
            .trim_start_matches(['<', '@', '&'])
            .trim_end_matches('>');
        let by_id = parse_id(name).and_then(|id| world.guild.roles.get(&id));
        let role = by_id.or_else(|| world.role_named(name))?;
        self.put("roles", role.id, world.role_json(role));
        Some(role.id)
    }

    fn channel(&mut self, world: &World, person: u64, text: &str) -> Option<u64> {
        let name = text.trim_start_matches(['<', '#']).trim_end_matches('>');
        let named = |channel: &&Channel| channel.name == name && world.sees(person, channel.id);
        let by_id = parse_id(name).and_then(|id| world.channels.get(&id));
        let channel = by_id
            .filter(|channel| world.sees(person, channel.id))
            .or_else(|| world.channels.values().find(named))?;
        self.put(
            "channels",
            channel.id,
            world.interaction_channel_json(channel, person),
        );
        Some(channel.id)
    }
}
