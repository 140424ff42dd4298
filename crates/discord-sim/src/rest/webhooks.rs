//! Incoming webhooks: making and looking at them.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::guild;
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::model::{Webhook, World};
use crate::permissions as p;
use crate::snowflake::random_text;
use crate::validate;

const MOST_PER_CHANNEL: usize = 15;

fn webhook_json(world: &World, webhook: &Webhook, with_user: bool) -> Value {
    let mut json = json!({
        "id": webhook.id.to_string(), "type": 1, "name": webhook.name, "avatar": null,
        "application_id": world.bot_id.to_string(), "channel_id": webhook.channel_id.to_string(),
        "guild_id": world.guild.id.to_string(), "token": webhook.token,
        "url": format!("{}/api/v10/webhooks/{}/{}", world.base_url, webhook.id, webhook.token),
    });
    if with_user {
        json["user"] = world.user_json(webhook.creator_id);
    }
    json
}

fn find<'a>(world: &'a World, call: &Call) -> Result<&'a Webhook, ApiError> {
    world
        .webhooks
        .get(&call.id("webhook_id")?)
        .ok_or_else(refusal::unknown_webhook)
}

/// The webhook of a path that carries its token.
pub(super) fn find_by_token<'a>(world: &'a World, call: &Call) -> Result<&'a Webhook, ApiError> {
    let webhook = find(world, call)?;
    if webhook.token == call.parameter("webhook_token") {
        Ok(webhook)
    } else {
        Err(refusal::invalid_webhook_token())
    }
}

fn emit(world: &mut World, channel_id: u64) {
    let data =
        json!({"guild_id": world.guild.id.to_string(), "channel_id": channel_id.to_string()});
    world.hub.dispatch(Event {
        name: "WEBHOOKS_UPDATE",
        data,
        intents: intent::GUILD_WEBHOOKS,
        without_content: None,
    });
    world.touch(None);
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    world.require(world.bot_id, channel_id, p::MANAGE_WEBHOOKS)?;
    let name = validate::webhook_name(&call.body)?
        .ok_or_else(|| ApiError::field("name", "BASE_TYPE_REQUIRED", "This field is required"))?;
    if world
        .webhooks
        .values()
        .filter(|webhook| webhook.channel_id == channel_id)
        .count()
        >= MOST_PER_CHANNEL
    {
        return Err(refusal::too_many_webhooks());
    }
    let id = world.next_id();
    let webhook = Webhook {
        id,
        token: random_text(68),
        channel_id,
        name,
        creator_id: world.bot_id,
    };
    let json = webhook_json(world, &webhook, true);
    world.webhooks.insert(id, webhook);
    emit(world, channel_id);
    Reply::ok(json)
}

pub(super) fn in_channel(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    world.require(world.bot_id, channel_id, p::MANAGE_WEBHOOKS)?;
    let here = world
        .webhooks
        .values()
        .filter(|webhook| webhook.channel_id == channel_id);
    Reply::ok(
        here.map(|webhook| webhook_json(world, webhook, true))
            .collect(),
    )
}

pub(super) fn in_guild(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    world.require_in_guild(world.bot_id, p::MANAGE_WEBHOOKS)?;
    Reply::ok(
        world
            .webhooks
            .values()
            .map(|webhook| webhook_json(world, webhook, true))
            .collect(),
    )
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(webhook_json(world, find(world, call)?, true))
}

pub(super) fn get_by_token(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(webhook_json(world, find_by_token(world, call)?, false))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let mut webhook = find(world, call)?.clone();
    world.require(world.bot_id, webhook.channel_id, p::MANAGE_WEBHOOKS)?;
    if let Some(name) = validate::webhook_name(&call.body)? {
        webhook.name = name;
    }
    let json = webhook_json(world, &webhook, true);
    let channel_id = webhook.channel_id;
    world.webhooks.insert(webhook.id, webhook);
    emit(world, channel_id);
    Reply::ok(json)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let webhook = find(world, call)?.clone();
    world.require(world.bot_id, webhook.channel_id, p::MANAGE_WEBHOOKS)?;
    remove(world, &webhook)
}

pub(super) fn delete_by_token(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let webhook = find_by_token(world, call)?.clone();
    remove(world, &webhook)
}

fn remove(world: &mut World, webhook: &Webhook) -> Result<Reply, ApiError> {
    world.webhooks.remove(&webhook.id);
    emit(world, webhook.channel_id);
    Reply::nothing()
}
