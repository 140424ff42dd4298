//! Reactions.

use serde_json::Value;

use super::call::{Call, Reply};
use crate::error::ApiError;
use crate::model::{Emoji, World};
use crate::permissions as p;

fn emoji(call: &Call) -> Result<Emoji, ApiError> {
    Emoji::parse(call.parameter("emoji"))
}

pub(super) fn add(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.react(world.bot_id, call.channel()?, call.message()?, emoji(call)?)?;
    Reply::nothing()
}

pub(super) fn remove_own(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.unreact(
        world.bot_id,
        world.bot_id,
        call.channel()?,
        call.message()?,
        &emoji(call)?,
    )?;
    Reply::nothing()
}

pub(super) fn remove(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.unreact(
        world.bot_id,
        call.id("user_id")?,
        call.channel()?,
        call.message()?,
        &emoji(call)?,
    )?;
    Reply::nothing()
}

pub(super) fn clear(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.clear_reactions(world.bot_id, call.channel()?, call.message()?, None)?;
    Reply::nothing()
}

pub(super) fn clear_emoji(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.clear_reactions(
        world.bot_id,
        call.channel()?,
        call.message()?,
        Some(&emoji(call)?),
    )?;
    Reply::nothing()
}

/// Who reacted with an emoji, by user id.
pub(super) fn users(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    let emoji = emoji(call)?;
    let limit = call.query_number("limit", 1, 100, 25)?;
    let after = call.query_id("after")?.unwrap_or(0);
    world.require(world.bot_id, channel_id, p::READ_MESSAGE_HISTORY)?;
    let message = world.message(channel_id, call.message()?)?;
    let reaction = message
        .reactions
        .iter()
        .find(|reaction| reaction.emoji.is(&emoji));
    let mut ids: Vec<u64> = reaction
        .map(|reaction| reaction.users.clone())
        .unwrap_or_default();
    ids.sort_unstable();
    let page: Vec<Value> = ids
        .into_iter()
        .filter(|id| *id > after)
        .take(limit)
        .map(|id| world.user_json(id))
        .collect();
    Reply::ok(Value::Array(page))
}
