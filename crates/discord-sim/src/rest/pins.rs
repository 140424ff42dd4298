//! Pins, by the old routes and the new.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::messages::readable;
use crate::error::ApiError;
use crate::model::{World, timestamp};
use crate::permissions as p;

pub(super) fn pin(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.pin(world.bot_id, call.channel()?, call.message()?)?;
    Reply::nothing()
}

pub(super) fn unpin(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.unpin(world.bot_id, call.channel()?, call.message()?)?;
    Reply::nothing()
}

/// The old route: the first fifty.
pub(super) fn list(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    world.require(world.bot_id, channel_id, 0)?;
    if world.permissions(world.bot_id, channel_id) & p::READ_MESSAGE_HISTORY == 0 {
        return Reply::ok(json!([]));
    }
    Reply::ok(
        world
            .pins(channel_id)
            .into_iter()
            .take(50)
            .map(|message| readable(world, message))
            .collect(),
    )
}

/// The new route: pages of at most fifty, by the time of the pin.
pub(super) fn page(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    let limit = call.query_number("limit", 1, 50, 50)?;
    let before = call.query_time("before")?;
    world.require(world.bot_id, channel_id, 0)?;
    if world.permissions(world.bot_id, channel_id) & p::READ_MESSAGE_HISTORY == 0 {
        return Reply::ok(json!({"items": [], "has_more": false}));
    }
    let earlier = |at: chrono::DateTime<chrono::Utc>| before.is_none_or(|before| at < before);
    let pins = world.pins(channel_id);
    let all: Vec<Value> = pins
        .into_iter()
        .filter_map(|message| {
            let at = message.pinned_at.filter(|at| earlier(*at))?;
            Some(json!({"pinned_at": timestamp(at), "message": readable(world, message)}))
        })
        .collect();
    let has_more = all.len() > limit;
    Reply::ok(
        json!({"items": all.into_iter().take(limit).collect::<Vec<_>>(), "has_more": has_more}),
    )
}
