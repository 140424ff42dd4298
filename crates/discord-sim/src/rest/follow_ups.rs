//! Messages by a token in the path: an incoming webhook's, or an interaction's follow-ups and `@original`.

use super::call::{Call, Reply};
use super::webhooks;
use crate::error::{ApiError, refusal};
use crate::model::{Author, World};
use crate::snowflake::parse_id;
use crate::validate::{self, Purpose};

fn is_interaction(world: &World, call: &Call) -> Result<bool, ApiError> {
    Ok(call.id("webhook_id")? == world.bot_id)
}

/// Writes a message. An interaction's follow-up always answers with it, a webhook's only with `?wait=true`.
pub(super) fn execute(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let token = call.parameter("webhook_token");
    if is_interaction(world, call)? {
        world.interaction_for_follow_up(token)?;
        let new = validate::new_message(&call.body, &call.uploads, Purpose::Answer)?;
        let (channel_id, id) = world.follow_up(token, new)?;
        return Reply::ok(world.message_json(world.message(channel_id, id)?));
    }
    let webhook = webhooks::find_by_token(world, call)?.clone();
    let new = validate::new_message(&call.body, &call.uploads, Purpose::Webhook)?;
    let name = validate::webhook_username(&call.body)?.unwrap_or(webhook.name);
    let channel_id = call.query_id("thread_id")?.unwrap_or(webhook.channel_id);
    let parent = world.channel(channel_id)?.parent_id;
    if channel_id != webhook.channel_id && parent != Some(webhook.channel_id) {
        return Err(refusal::unknown_channel());
    }
    let id = world.post(
        Author::Webhook {
            id: webhook.id,
            name,
        },
        channel_id,
        new,
    )?;
    if call.query_flag("wait") {
        Reply::ok(world.message_json(world.message(channel_id, id)?))
    } else {
        Reply::nothing()
    }
}

/// The message that the path names.
fn find(world: &World, call: &Call) -> Result<(u64, u64), ApiError> {
    let token = call.parameter("webhook_token");
    let told = call.parameter("message_id");
    if is_interaction(world, call)? {
        if told == "@original" {
            return world.original_of(token);
        }
        let id = call.message()?;
        return world.follow_up_message(token, id);
    }
    let webhook = webhooks::find_by_token(world, call)?;
    let id = parse_id(told).ok_or_else(refusal::unknown_message)?;
    let message = world
        .find_message(id)
        .filter(|message| message.author_id == webhook.id);
    message
        .map(|message| (message.channel_id, message.id))
        .ok_or_else(refusal::unknown_message)
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (channel_id, id) = find(world, call)?;
    Reply::ok(world.message_json(world.message(channel_id, id)?))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (channel_id, id) = find(world, call)?;
    let edit = validate::message_edit(&call.body, &call.uploads)?;
    world.apply_edit(channel_id, id, edit)?;
    Reply::ok(world.message_json(world.message(channel_id, id)?))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (channel_id, id) = find(world, call)?;
    world.delete_by_token(channel_id, id);
    Reply::nothing()
}
