//! The guild: its channels, members and roles.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use crate::error::{ApiError, refusal};
use crate::model::{World, kind};
use crate::validate;

/// Refuses a guild the bot is not in.
pub(super) fn known(world: &World, call: &Call) -> Result<(), ApiError> {
    let is_member = world.guild.members.contains_key(&world.bot_id);
    if call.id("guild_id")? == world.guild.id && is_member {
        Ok(())
    } else {
        Err(refusal::unknown_guild())
    }
}

pub(super) fn guild(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let mut guild = world.guild_json();
    if call.query_flag("with_counts") {
        guild["approximate_member_count"] = json!(world.guild.members.len());
        guild["approximate_presence_count"] = json!(world.guild.members.len());
    }
    Reply::ok(guild)
}

/// All channels, also those the bot cannot enter; threads are listed apart.
pub(super) fn channels(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let channels = world
        .channels
        .values()
        .filter(|channel| channel.kind != kind::DM && !channel.is_thread());
    Reply::ok(
        channels
            .map(|channel| world.channel_json(channel))
            .collect(),
    )
}

pub(super) fn create_channel(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let new = validate::new_channel(&call.body)?;
    let id = world.create_channel(world.bot_id, new)?;
    Reply::created(world.channel_json(world.channel(id)?))
}

pub(super) fn move_channels(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let moves = validate::positions(&call.body)?;
    world.move_channels(world.bot_id, moves)?;
    Reply::nothing()
}

/// Listing members needs the GUILD_MEMBERS switch of the portal.
pub(super) fn members(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    if !world.privileged_intents.members {
        return Err(refusal::missing_access());
    }
    let limit = call.query_number("limit", 1, 1000, 1)?;
    let after = call.query_id("after")?.unwrap_or(0);
    let ids = world
        .guild
        .members
        .keys()
        .filter(|id| **id > after)
        .take(limit);
    Reply::ok(ids.filter_map(|id| world.member_json(*id)).collect())
}

pub(super) fn search_members(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let limit = call.query_number("limit", 1, 1000, 1)?;
    let Some(query) = call.query.get("query") else {
        return Err(ApiError::field(
            "query",
            "BASE_TYPE_REQUIRED",
            "This field is required",
        ));
    };
    let query = query.to_lowercase();
    let matches = |id: &&u64| {
        let username = world
            .users
            .get(id)
            .map(|user| user.username.to_lowercase())
            .unwrap_or_default();
        username.starts_with(&query) || world.display_name(**id).to_lowercase().starts_with(&query)
    };
    let ids = world.guild.members.keys().filter(matches).take(limit);
    Reply::ok(ids.filter_map(|id| world.member_json(*id)).collect())
}

fn member_answer(world: &World, user_id: u64) -> Result<Reply, ApiError> {
    Reply::ok(
        world
            .member_json(user_id)
            .ok_or_else(refusal::unknown_member)?,
    )
}

pub(super) fn member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let user_id = call.id("user_id")?;
    world.user(user_id)?;
    member_answer(world, user_id)
}

pub(super) fn edit_own_member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    if let Some(nick) = validate::nick(&call.body)? {
        world.set_nick(world.bot_id, world.bot_id, nick)?;
    }
    member_answer(world, world.bot_id)
}

pub(super) fn edit_member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let user_id = call.id("user_id")?;
    if let Some(nick) = validate::nick(&call.body)? {
        world.set_nick(world.bot_id, user_id, nick)?;
    }
    if let Some(wanted) = validate::member_roles(&call.body)? {
        let has = world
            .guild
            .members
            .get(&user_id)
            .ok_or_else(refusal::unknown_member)?
            .roles
            .clone();
        for role in has.iter().filter(|role| !wanted.contains(role)) {
            world.set_member_role(world.bot_id, user_id, *role, false)?;
        }
        for role in wanted.iter().filter(|role| !has.contains(role)) {
            world.set_member_role(world.bot_id, user_id, *role, true)?;
        }
    }
    member_answer(world, user_id)
}

pub(super) fn remove_member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    world.remove_member(world.bot_id, call.id("user_id")?)?;
    Reply::nothing()
}

pub(super) fn give_role(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    world.set_member_role(world.bot_id, call.id("user_id")?, call.id("role_id")?, true)?;
    Reply::nothing()
}

pub(super) fn take_role(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    world.set_member_role(
        world.bot_id,
        call.id("user_id")?,
        call.id("role_id")?,
        false,
    )?;
    Reply::nothing()
}

pub(super) fn roles(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let roles: Vec<Value> = world
        .guild
        .roles
        .values()
        .map(|role| world.role_json(role))
        .collect();
    Reply::ok(Value::Array(roles))
}

/// Moves roles in the list that decides who stands above whom, and answers all of them.
pub(super) fn move_roles(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    world.move_roles(world.bot_id, &validate::role_positions(&call.body)?)?;
    roles(world, call)
}

fn role_answer(world: &World, id: u64) -> Result<Reply, ApiError> {
    Reply::ok(world.role_json(world.role(id)?))
}

pub(super) fn role(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    role_answer(world, call.id("role_id")?)
}

pub(super) fn create_role(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let id = world.create_role(world.bot_id, validate::role_edit(&call.body)?)?;
    role_answer(world, id)
}

pub(super) fn edit_role(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    let id = call.id("role_id")?;
    world.edit_role(world.bot_id, id, validate::role_edit(&call.body)?)?;
    role_answer(world, id)
}

pub(super) fn delete_role(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    known(world, call)?;
    world.delete_role(world.bot_id, call.id("role_id")?)?;
    Reply::nothing()
}
