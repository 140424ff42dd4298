//! Registering application commands, globally and in the guild.

use serde_json::Value;

use super::call::{Call, Reply};
use super::guild;
use crate::error::{ApiError, refusal};
use crate::model::World;
use crate::validate;

/// Checks the path and answers whether it names the guild.
fn scope(world: &World, call: &Call, in_guild: bool) -> Result<bool, ApiError> {
    if call.id("application_id")? != world.bot_id {
        return Err(refusal::unknown_application());
    }
    if in_guild {
        guild::known(world, call)?;
    }
    Ok(in_guild)
}

fn list(world: &mut World, call: &Call, in_guild: bool) -> Result<Reply, ApiError> {
    let in_guild = scope(world, call, in_guild)?;
    Reply::ok(
        world
            .commands_in(in_guild)
            .map(|command| command.json.clone())
            .collect(),
    )
}

fn overwrite(world: &mut World, call: &Call, in_guild: bool) -> Result<Reply, ApiError> {
    let in_guild = scope(world, call, in_guild)?;
    let Some(list) = call.body.as_array() else {
        return Err(ApiError::field(
            "",
            "LIST_TYPE_CONVERT",
            "Only iterables may be used in a ListType",
        ));
    };
    let read: Result<Vec<Value>, ApiError> = list
        .iter()
        .enumerate()
        .map(|(index, definition)| validate::command(definition, Some(index)))
        .collect();
    Reply::ok(Value::Array(world.overwrite_commands(in_guild, read?)?))
}

fn create(world: &mut World, call: &Call, in_guild: bool) -> Result<Reply, ApiError> {
    let in_guild = scope(world, call, in_guild)?;
    let (new, json) = world.create_command(in_guild, validate::command(&call.body, None)?)?;
    if new {
        Reply::created(json)
    } else {
        Reply::ok(json)
    }
}

fn get(world: &mut World, call: &Call, in_guild: bool) -> Result<Reply, ApiError> {
    let in_guild = scope(world, call, in_guild)?;
    Reply::ok(
        world
            .command(in_guild, call.id("command_id")?)?
            .json
            .clone(),
    )
}

fn edit(world: &mut World, call: &Call, in_guild: bool) -> Result<Reply, ApiError> {
    let in_guild = scope(world, call, in_guild)?;
    let id = call.id("command_id")?;
    let mut merged = world.command(in_guild, id)?.json.clone();
    if let (Value::Object(merged), Value::Object(changes)) = (&mut merged, &call.body) {
        merged.extend(changes.clone());
    }
    let definition = validate::command(&merged, None)?;
    Reply::ok(world.replace_command(in_guild, id, definition)?)
}

fn delete(world: &mut World, call: &Call, in_guild: bool) -> Result<Reply, ApiError> {
    let in_guild = scope(world, call, in_guild)?;
    world.delete_command(in_guild, call.id("command_id")?)?;
    Reply::nothing()
}

macro_rules! both_scopes {
    ($($action:ident $global:ident $in_guild:ident;)*) => {
        $(
            pub(super) fn $global(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
                $action(world, call, false)
            }

            pub(super) fn $in_guild(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
                $action(world, call, true)
            }
        )*
    };
}

both_scopes! {
    list list_global list_in_guild;
    overwrite overwrite_global overwrite_in_guild;
    create create_global create_in_guild;
    get get_global get_in_guild;
    edit edit_global edit_in_guild;
    delete delete_global delete_in_guild;
}
