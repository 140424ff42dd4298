//! What libraries ask of any guild and this one has none of: answered with nothing instead of 404, under the permission that Discord
//! wants for it.

use serde_json::json;

use super::call::{Call, Reply};
use super::guild;
use crate::error::{ApiError, refusal};
use crate::model::World;
use crate::permissions as p;

/// Emojis, stickers.
pub(super) fn in_guild(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    Reply::ok(json!([]))
}

/// Invites, integrations, moderation rules.
pub(super) fn for_managers(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    world.require_in_guild(world.bot_id, p::MANAGE_GUILD)?;
    Reply::ok(json!([]))
}

pub(super) fn bans(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    world.require_in_guild(world.bot_id, p::BAN_MEMBERS)?;
    Reply::ok(json!([]))
}

pub(super) fn channel_invites(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.require(world.bot_id, call.channel()?, p::MANAGE_CHANNELS)?;
    Reply::ok(json!([]))
}

/// Voice regions, and the default sounds that py-cord wants before it calls itself ready.
pub(super) fn for_anybody(_: &mut World, _: &Call) -> Result<Reply, ApiError> {
    Reply::ok(json!([]))
}

pub(super) fn sounds(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    Reply::ok(json!({"items": []}))
}

pub(super) fn sticker_packs(_: &mut World, _: &Call) -> Result<Reply, ApiError> {
    Reply::ok(json!({"sticker_packs": []}))
}

pub(super) fn application_emojis(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    own(world, call)?;
    Reply::ok(json!({"items": []}))
}

/// Overrides of who may use a command; nobody makes any here.
pub(super) fn command_permissions(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    own(world, call)?;
    guild::known(world, call)?;
    Reply::ok(json!([]))
}

pub(super) fn permissions_of_command(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    own(world, call)?;
    guild::known(world, call)?;
    Err(refusal::unknown_command_permissions())
}

fn own(world: &World, call: &Call) -> Result<(), ApiError> {
    if call.id("application_id")? == world.bot_id {
        Ok(())
    } else {
        Err(refusal::unknown_application())
    }
}
