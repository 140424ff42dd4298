//! Single channels and their overwrites.

use super::call::{Call, Reply};
use crate::error::ApiError;
use crate::model::World;
use crate::validate;

pub(super) fn get(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let id = call.channel()?;
    world.require(world.bot_id, id, 0)?;
    Reply::ok(world.channel_json(world.channel(id)?))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let id = call.channel()?;
    let edit = validate::channel_edit(&call.body, world.channel(id)?.kind)?;
    world.edit_channel(world.bot_id, id, edit)?;
    Reply::ok(world.channel_json(world.channel(id)?))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(world.delete_channel(world.bot_id, call.channel()?)?)
}

pub(super) fn put_overwrite(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let overwrite = validate::overwrite(&call.body, call.id("overwrite_id")?)?;
    world.put_overwrite(world.bot_id, call.channel()?, overwrite)?;
    Reply::nothing()
}

pub(super) fn delete_overwrite(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.delete_overwrite(world.bot_id, call.channel()?, call.id("overwrite_id")?)?;
    Reply::nothing()
}

pub(super) fn typing(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.require(
        world.bot_id,
        call.channel()?,
        crate::permissions::SEND_MESSAGES,
    )?;
    Reply::nothing()
}
