//! The table of routes.

use super::call::{Call, Reply};
use super::{
    audit_log, channels, commands, follow_ups, guild, interactions, messages, none_here, pins,
    reactions, scheduled_events, threads, users, webhooks,
};
use crate::error::ApiError;
use crate::model::World;

/// What lets a caller in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authority {
    /// `Authorization: Bot <token>`.
    Bot,
    /// A token in the path, or nothing at all.
    Path,
}

/// A handler: synchronous, under the lock of the world.
pub(crate) type Handler = fn(&mut World, &Call) -> Result<Reply, ApiError>;

/// A route.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub method: &'static str,
    /// `/channels/{channel_id}/messages`.
    pub template: &'static str,
    pub authority: Authority,
    pub handler: Handler,
}

macro_rules! routes {
    ($($authority:ident $method:literal $template:literal $handler:path;)*) => {
        &[$(Endpoint { method: $method, template: $template, authority: Authority::$authority, handler: $handler }),*]
    };
}

/// Fixed segments stand before parameters: the first match counts.
static ROUTES: &[Endpoint] = routes! {
    Path "GET" "/gateway" users::gateway;
    Bot "GET" "/gateway/bot" users::gateway_bot;
    Bot "GET" "/users/@me" users::me;
    Bot "GET" "/users/@me/guilds" users::my_guilds;
    Bot "POST" "/users/@me/channels" users::open_direct_channel;
    Bot "GET" "/users/{user_id}" users::user;
    Bot "GET" "/oauth2/applications/@me" users::application;
    Bot "GET" "/applications/@me" users::application;

    Bot "GET" "/applications/{application_id}/emojis" none_here::application_emojis;
    Bot "GET" "/applications/{application_id}/commands" commands::list_global;
    Bot "PUT" "/applications/{application_id}/commands" commands::overwrite_global;
    Bot "POST" "/applications/{application_id}/commands" commands::create_global;
    Bot "GET" "/applications/{application_id}/commands/{command_id}" commands::get_global;
    Bot "PATCH" "/applications/{application_id}/commands/{command_id}" commands::edit_global;
    Bot "DELETE" "/applications/{application_id}/commands/{command_id}" commands::delete_global;
    Bot "GET" "/applications/{application_id}/guilds/{guild_id}/commands" commands::list_in_guild;
    Bot "PUT" "/applications/{application_id}/guilds/{guild_id}/commands" commands::overwrite_in_guild;
    Bot "POST" "/applications/{application_id}/guilds/{guild_id}/commands" commands::create_in_guild;
    Bot "GET" "/applications/{application_id}/guilds/{guild_id}/commands/permissions" none_here::command_permissions;
    Bot "GET" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}/permissions" none_here::permissions_of_command;
    Bot "GET" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" commands::get_in_guild;
    Bot "PATCH" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" commands::edit_in_guild;
    Bot "DELETE" "/applications/{application_id}/guilds/{guild_id}/commands/{command_id}" commands::delete_in_guild;

    Bot "GET" "/guilds/{guild_id}" guild::guild;
    Bot "GET" "/guilds/{guild_id}/channels" guild::channels;
    Bot "POST" "/guilds/{guild_id}/channels" guild::create_channel;
    Bot "PATCH" "/guilds/{guild_id}/channels" guild::move_channels;
    Bot "GET" "/guilds/{guild_id}/members" guild::members;
    Bot "GET" "/guilds/{guild_id}/members/search" guild::search_members;
    Bot "PATCH" "/guilds/{guild_id}/members/@me" guild::edit_own_member;
    Bot "GET" "/guilds/{guild_id}/members/{user_id}" guild::member;
    Bot "PATCH" "/guilds/{guild_id}/members/{user_id}" guild::edit_member;
    Bot "DELETE" "/guilds/{guild_id}/members/{user_id}" guild::remove_member;
    Bot "PUT" "/guilds/{guild_id}/members/{user_id}/roles/{role_id}" guild::give_role;
    Bot "DELETE" "/guilds/{guild_id}/members/{user_id}/roles/{role_id}" guild::take_role;
    Bot "GET" "/guilds/{guild_id}/roles" guild::roles;
    Bot "POST" "/guilds/{guild_id}/roles" guild::create_role;
    Bot "PATCH" "/guilds/{guild_id}/roles" guild::move_roles;
    Bot "GET" "/guilds/{guild_id}/roles/{role_id}" guild::role;
    Bot "PATCH" "/guilds/{guild_id}/roles/{role_id}" guild::edit_role;
    Bot "DELETE" "/guilds/{guild_id}/roles/{role_id}" guild::delete_role;
    Bot "GET" "/guilds/{guild_id}/threads/active" threads::active_in_guild;
    Bot "GET" "/guilds/{guild_id}/webhooks" webhooks::in_guild;
    Bot "GET" "/guilds/{guild_id}/audit-logs" audit_log::list;
    Bot "GET" "/guilds/{guild_id}/emojis" none_here::in_guild;
    Bot "GET" "/guilds/{guild_id}/stickers" none_here::in_guild;
    Bot "GET" "/guilds/{guild_id}/regions" none_here::in_guild;
    Bot "GET" "/guilds/{guild_id}/invites" none_here::for_managers;
    Bot "GET" "/guilds/{guild_id}/integrations" none_here::for_managers;
    Bot "GET" "/guilds/{guild_id}/auto-moderation/rules" none_here::for_managers;
    Bot "GET" "/guilds/{guild_id}/bans" none_here::bans;
    Bot "GET" "/channels/{channel_id}/invites" none_here::channel_invites;
    Bot "GET" "/guilds/{guild_id}/soundboard-sounds" none_here::sounds;
    Bot "GET" "/soundboard-default-sounds" none_here::for_anybody;
    Bot "GET" "/sticker-packs" none_here::sticker_packs;
    Bot "GET" "/voice/regions" none_here::for_anybody;
    Bot "GET" "/guilds/{guild_id}/scheduled-events" scheduled_events::list;
    Bot "POST" "/guilds/{guild_id}/scheduled-events" scheduled_events::create;
    Bot "GET" "/guilds/{guild_id}/scheduled-events/{event_id}" scheduled_events::get;
    Bot "PATCH" "/guilds/{guild_id}/scheduled-events/{event_id}" scheduled_events::edit;
    Bot "DELETE" "/guilds/{guild_id}/scheduled-events/{event_id}" scheduled_events::delete;

    Bot "GET" "/channels/{channel_id}" channels::get;
    Bot "PATCH" "/channels/{channel_id}" channels::edit;
    Bot "DELETE" "/channels/{channel_id}" channels::delete;
    Bot "PUT" "/channels/{channel_id}/permissions/{overwrite_id}" channels::put_overwrite;
    Bot "DELETE" "/channels/{channel_id}/permissions/{overwrite_id}" channels::delete_overwrite;
    Bot "POST" "/channels/{channel_id}/typing" channels::typing;

    Bot "GET" "/channels/{channel_id}/messages" messages::list;
    Bot "POST" "/channels/{channel_id}/messages" messages::create;
    Bot "POST" "/channels/{channel_id}/messages/bulk-delete" messages::delete_many;
    Bot "GET" "/channels/{channel_id}/messages/pins" pins::page;
    Bot "PUT" "/channels/{channel_id}/messages/pins/{message_id}" pins::pin;
    Bot "DELETE" "/channels/{channel_id}/messages/pins/{message_id}" pins::unpin;
    Bot "GET" "/channels/{channel_id}/messages/{message_id}" messages::get;
    Bot "PATCH" "/channels/{channel_id}/messages/{message_id}" messages::edit;
    Bot "DELETE" "/channels/{channel_id}/messages/{message_id}" messages::delete;
    Bot "GET" "/channels/{channel_id}/pins" pins::list;
    Bot "PUT" "/channels/{channel_id}/pins/{message_id}" pins::pin;
    Bot "DELETE" "/channels/{channel_id}/pins/{message_id}" pins::unpin;

    Bot "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions" reactions::clear;
    Bot "GET" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}" reactions::users;
    Bot "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}" reactions::clear_emoji;
    Bot "PUT" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me" reactions::add;
    Bot "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me" reactions::remove_own;
    Bot "DELETE" "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/{user_id}" reactions::remove;

    Bot "POST" "/channels/{channel_id}/messages/{message_id}/threads" threads::from_message;
    Bot "POST" "/channels/{channel_id}/threads" threads::in_channel;
    Bot "GET" "/channels/{channel_id}/threads/archived/public" threads::archived_public;
    Bot "GET" "/channels/{channel_id}/threads/archived/private" threads::archived_private;
    Bot "GET" "/channels/{channel_id}/users/@me/threads/archived/private" threads::archived_private_joined;
    Bot "GET" "/channels/{channel_id}/thread-members" threads::members;
    Bot "PUT" "/channels/{channel_id}/thread-members/@me" threads::join;
    Bot "DELETE" "/channels/{channel_id}/thread-members/@me" threads::leave;
    Bot "GET" "/channels/{channel_id}/thread-members/{user_id}" threads::member;
    Bot "PUT" "/channels/{channel_id}/thread-members/{user_id}" threads::add_member;
    Bot "DELETE" "/channels/{channel_id}/thread-members/{user_id}" threads::remove_member;

    Bot "GET" "/channels/{channel_id}/webhooks" webhooks::in_channel;
    Bot "POST" "/channels/{channel_id}/webhooks" webhooks::create;
    Bot "GET" "/webhooks/{webhook_id}" webhooks::get;
    Bot "PATCH" "/webhooks/{webhook_id}" webhooks::edit;
    Bot "DELETE" "/webhooks/{webhook_id}" webhooks::delete;
    Path "GET" "/webhooks/{webhook_id}/{webhook_token}" webhooks::get_by_token;
    Path "DELETE" "/webhooks/{webhook_id}/{webhook_token}" webhooks::delete_by_token;
    Path "POST" "/webhooks/{webhook_id}/{webhook_token}" follow_ups::execute;
    Path "GET" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" follow_ups::get;
    Path "PATCH" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" follow_ups::edit;
    Path "DELETE" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" follow_ups::delete;
    Path "POST" "/interactions/{interaction_id}/{interaction_token}/callback" interactions::callback;
};

/// A route with what its path holds.
pub(crate) type Found = (&'static Endpoint, Vec<(&'static str, String)>);

/// The route of a path below `/api/v10`, with its parameters. `Err(true)` when the path is known under another method.
pub(crate) fn find(method: &str, path: &str) -> Result<Found, bool> {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let mut other_method = false;
    for endpoint in ROUTES {
        let Some(parameters) = parameters_of(endpoint.template, &segments) else {
            continue;
        };
        if endpoint.method == method {
            return Ok((endpoint, parameters));
        }
        other_method = true;
    }
    Err(other_method)
}

fn parameters_of(template: &'static str, segments: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let pattern: Vec<&'static str> = template.trim_start_matches('/').split('/').collect();
    if pattern.len() != segments.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (wanted, segment) in pattern.into_iter().zip(segments) {
        match wanted
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(_) if segment.is_empty() => return None,
            Some(name) => parameters.push((name, decode(segment))),
            // discord.js writes `%40me`.
            None if wanted == decode(segment) => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// Undoes percent-encoding.
fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_segment_beats_a_parameter() {
        let (endpoint, _) =
            find("GET", "/channels/1/messages/pins").expect("the route is in the table");
        assert_eq!(endpoint.template, "/channels/{channel_id}/messages/pins");
    }

    #[test]
    fn an_emoji_comes_decoded() {
        let path = "/channels/1/messages/2/reactions/%F0%9F%93%8C/@me";
        let (_, parameters) = find("PUT", path).expect("the route is in the table");
        assert_eq!(parameters[2], ("emoji", "📌".to_owned()));
    }

    #[test]
    fn a_fixed_segment_may_be_percent_encoded() {
        let (endpoint, _) =
            find("PUT", "/channels/1/thread-members/%40me").expect("the route is in the table");
        assert_eq!(
            endpoint.template,
            "/channels/{channel_id}/thread-members/@me"
        );
    }

    #[test]
    fn a_known_path_under_another_method_is_told_apart_from_an_unknown_one() {
        assert!(find("PUT", "/gateway").expect_err("gateway is only read"));
        assert!(!find("GET", "/nowhere").expect_err("there is no such path"));
    }
}
