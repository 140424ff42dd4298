//! The application commands a bot has registered.

use serde_json::Value;

use super::{World, kind};
use crate::error::{ApiError, refusal};
use crate::permissions as p;

/// Most commands of each type in one scope, and the error when there are more.
const MOST: [(u8, usize); 3] = [(1, 100), (2, 15), (3, 15)];
/// New commands per day in one scope.
const MOST_NEW_PER_DAY: usize = 200;

/// A registered command: the definition as Discord answers it, and what is looked up often.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub id: u64,
    /// 1 slash, 2 user menu, 3 message menu.
    pub kind: u8,
    pub name: String,
    /// Whether it belongs to the guild; otherwise it is global.
    pub in_guild: bool,
    pub json: Value,
}

impl Command {
    pub(crate) fn options(&self) -> &[Value] {
        self.json["options"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

impl World {
    pub(crate) fn commands_in(&self, in_guild: bool) -> impl Iterator<Item = &Command> {
        self.commands
            .values()
            .filter(move |command| command.in_guild == in_guild)
    }

    /// Replaces all commands of a scope. A command that was there under the same type and name keeps its id.
    pub(crate) fn overwrite_commands(
        &mut self,
        in_guild: bool,
        definitions: Vec<Value>,
    ) -> Result<Vec<Value>, ApiError> {
        let mut seen: Vec<(u8, String)> = Vec::new();
        for (index, definition) in definitions.iter().enumerate() {
            let key = key_of(definition);
            if seen.contains(&key) {
                return Err(ApiError::field(
                    &format!("{index}.name"),
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                ));
            }
            seen.push(key);
        }
        let count = |kind: u8| seen.iter().filter(|(one, _)| *one == kind).count();
        if MOST.iter().any(|(kind, most)| count(*kind) > *most) {
            return Err(too_many_commands());
        }
        let new = seen
            .iter()
            .filter(|key| self.known(in_guild, key).is_none())
            .count();
        self.require_creates_left(in_guild, new)?;
        let old: Vec<u64> = self
            .commands_in(in_guild)
            .filter(|command| !seen.contains(&(command.kind, command.name.clone())))
            .map(|command| command.id)
            .collect();
        for id in old {
            self.commands.remove(&id);
        }
        let answers = definitions
            .into_iter()
            .map(|definition| self.store_command(in_guild, definition))
            .collect();
        self.touch(None);
        Ok(answers)
    }

    /// Creates a command, or replaces the one of the same type and name. Answers whether it is new.
    pub(crate) fn create_command(
        &mut self,
        in_guild: bool,
        definition: Value,
    ) -> Result<(bool, Value), ApiError> {
        let key = key_of(&definition);
        let new = self.known(in_guild, &key).is_none();
        if new {
            let most = MOST
                .iter()
                .find(|(kind, _)| *kind == key.0)
                .map_or(0, |(_, most)| *most);
            if self
                .commands_in(in_guild)
                .filter(|command| command.kind == key.0)
                .count()
                >= most
            {
                return Err(too_many_commands());
            }
            self.require_creates_left(in_guild, 1)?;
        }
        let answer = self.store_command(in_guild, definition);
        self.touch(None);
        Ok((new, answer))
    }

    pub(crate) fn command(&self, in_guild: bool, id: u64) -> Result<&Command, ApiError> {
        self.commands
            .get(&id)
            .filter(|command| command.in_guild == in_guild)
            .ok_or_else(refusal::unknown_command)
    }

    pub(crate) fn delete_command(&mut self, in_guild: bool, id: u64) -> Result<(), ApiError> {
        self.command(in_guild, id)?;
        self.commands.remove(&id);
        self.touch(None);
        Ok(())
    }

    /// Replaces a command, whose name may change with it.
    pub(crate) fn replace_command(
        &mut self,
        in_guild: bool,
        id: u64,
        definition: Value,
    ) -> Result<Value, ApiError> {
        let (_, name) = key_of(&definition);
        let command = self
            .commands
            .get_mut(&id)
            .ok_or_else(refusal::unknown_command)?;
        command.name = name;
        let json = self.store_command(in_guild, definition);
        self.touch(None);
        Ok(json)
    }

    fn known(&self, in_guild: bool, key: &(u8, String)) -> Option<u64> {
        let same = |command: &&Command| command.kind == key.0 && command.name == key.1;
        self.commands_in(in_guild)
            .find(same)
            .map(|command| command.id)
    }

    fn require_creates_left(&self, in_guild: bool, new: usize) -> Result<(), ApiError> {
        let yesterday = self.now() - chrono::TimeDelta::days(1);
        let of_scope = |(scope, at): &&(bool, _)| *scope == in_guild && *at > yesterday;
        let recent = self.command_creates.iter().filter(of_scope).count();
        if new > 0 && recent + new > MOST_NEW_PER_DAY {
            return Err(ApiError::new(
                400,
                30034,
                "Max number of daily application command creates has been reached (200)",
            ));
        }
        Ok(())
    }

    /// Stores a definition that passed validation under its old id or a new one.
    fn store_command(&mut self, in_guild: bool, mut json: Value) -> Value {
        let (kind, name) = key_of(&json);
        let known = self.known(in_guild, &(kind, name.clone()));
        let id = known.unwrap_or_else(|| self.next_id());
        let version = self.next_id();
        json["id"] = Value::String(id.to_string());
        json["application_id"] = Value::String(self.bot_id.to_string());
        json["version"] = Value::String(version.to_string());
        if in_guild {
            json["guild_id"] = Value::String(self.guild.id.to_string());
        }
        if known.is_none() {
            self.command_creates.push((in_guild, self.now()));
        }
        self.commands.insert(
            id,
            Command {
                id,
                kind,
                name,
                in_guild,
                json: json.clone(),
            },
        );
        json
    }

    /// The commands somebody can use in a channel; a guild's command hides a global one of the same name.
    pub(crate) fn usable_commands(&self, user_id: u64, channel_id: u64) -> Vec<&Command> {
        let bits = self.permissions(user_id, channel_id);
        if bits & p::USE_APPLICATION_COMMANDS == 0 {
            return Vec::new();
        }
        let direct = self
            .channels
            .get(&channel_id)
            .is_some_and(|channel| channel.kind == kind::DM);
        let usable = |command: &&Command| {
            let needed = command.json["default_member_permissions"]
                .as_str()
                .and_then(|text| text.parse::<u64>().ok());
            let allowed = match needed {
                Some(0) => bits & p::ADMINISTRATOR != 0,
                Some(needed) => bits & needed == needed,
                None => true,
            };
            let shadowed = !command.in_guild
                && self
                    .commands_in(true)
                    .any(|other| other.kind == command.kind && other.name == command.name);
            if direct {
                let contexts = command.json["contexts"].as_array();
                let in_dm = contexts.map_or(command.json["dm_permission"] != false, |list| {
                    list.contains(&1.into())
                });
                !command.in_guild && in_dm
            } else {
                allowed && !shadowed
            }
        };
        self.commands.values().filter(usable).collect()
    }
}

fn key_of(definition: &Value) -> (u8, String) {
    let kind = definition["type"]
        .as_u64()
        .and_then(|kind| u8::try_from(kind).ok())
        .unwrap_or(1);
    (
        kind,
        definition["name"].as_str().unwrap_or_default().to_owned(),
    )
}

fn too_many_commands() -> ApiError {
    ApiError::new(
        400,
        30032,
        "Maximum number of application commands reached (100)",
    )
}
