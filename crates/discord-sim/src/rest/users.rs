//! The gateway's address, the bot itself, users and direct channels.

use serde_json::json;

use super::call::{Call, Reply};
use crate::error::ApiError;
use crate::gateway::STARTS_PER_DAY;
use crate::model::World;
use crate::validate;

pub(super) fn gateway(world: &mut World, _: &Call) -> Result<Reply, ApiError> {
    Reply::ok(json!({"url": world.gateway_url()}))
}

pub(super) fn gateway_bot(world: &mut World, _: &Call) -> Result<Reply, ApiError> {
    Reply::ok(json!({
        "url": world.gateway_url(), "shards": 1,
        "session_start_limit": {"total": STARTS_PER_DAY, "remaining": world.hub.starts_left(),
            "reset_after": 14_400_000, "max_concurrency": 1},
    }))
}

pub(super) fn me(world: &mut World, _: &Call) -> Result<Reply, ApiError> {
    Reply::ok(world.current_user_json())
}

pub(super) fn my_guilds(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let mut guild = json!({
        "id": world.guild.id.to_string(), "name": world.guild.name, "icon": null, "banner": null, "owner": false,
        "permissions": world.guild_permissions(world.bot_id).to_string(), "features": [],
    });
    if call.query_flag("with_counts") {
        guild["approximate_member_count"] = json!(world.guild.members.len());
        guild["approximate_presence_count"] = json!(world.guild.members.len());
    }
    let after = call.query_id("after")?.unwrap_or(0);
    Reply::ok(if world.guild.id > after {
        json!([guild])
    } else {
        json!([])
    })
}

pub(super) fn user(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let id = call.id("user_id")?;
    world.user(id)?;
    Reply::ok(world.user_json(id))
}

pub(super) fn open_direct_channel(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let person = validate::recipient(&call.body)?;
    let id = world.direct_channel(person)?;
    let json = world.channel_json(world.channel(id)?);
    Reply::ok(json)
}

pub(super) fn application(world: &mut World, _: &Call) -> Result<Reply, ApiError> {
    Reply::ok(json!({
        "id": world.bot_id.to_string(), "name": world.settings.bot_name, "icon": null, "description": "",
        "type": null, "verify_key": "0".repeat(64), "flags": world.application_flags(),
        "flags_new": world.application_flags().to_string(), "redirect_uris": [], "interactions_endpoint_url": null,
        "role_connections_verification_url": null, "owner": world.user_json(world.guild.owner_id),
        "bot_public": false, "bot_require_code_grant": false, "approximate_guild_count": 1,
        "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0, "team": null, "eligible_oauth2_scopes": [], "rpc_origins": [],
        "integration_types_config": {"0": {}}, "event_webhooks_url": null, "event_webhooks_status": 1,
        "bot": world.user_json(world.bot_id),
    }))
}
