//! `check --online`: which step of the setup is missing, asked of Discord itself.

use anyhow::{anyhow, bail};

use serenity::model::id::GuildId;

use super::answers::{Member, PermissionBits, Role};
use super::exercise::{Setting, every_call};
use super::gate::GateSettings;
use super::ids;
use super::rest::{Rest, RestSettings};
use crate::config::Config;
use crate::output::outln;

/// What the bot's own role must be allowed, with the words of Discord's settings.
pub const NEEDED: [(PermissionBits, &str); 10] = [
    (PermissionBits::VIEW_CHANNEL, "View Channels"),
    (PermissionBits::MANAGE_CHANNELS, "Manage Channels"),
    (PermissionBits::MANAGE_ROLES, "Manage Roles"),
    (PermissionBits::SEND_MESSAGES, "Send Messages"),
    (PermissionBits::EMBED_LINKS, "Embed Links"),
    (PermissionBits::ATTACH_FILES, "Attach Files"),
    (PermissionBits::READ_MESSAGE_HISTORY, "Read Message History"),
    (PermissionBits::ADD_REACTIONS, "Add Reactions"),
    (PermissionBits::PIN_MESSAGES, "Pin Messages"),
    (
        PermissionBits::USE_APPLICATION_COMMANDS,
        "Use Application Commands",
    ),
];

/// The permission integer of the invite link.
#[must_use]
pub fn permission_integer() -> u64 {
    NEEDED.iter().fold(0, |sum, (bits, _)| sum | bits.0)
}

/// What a member's roles allow in the whole server.
pub(super) fn held_in_server(guild: GuildId, member: &Member, roles: &[Role]) -> PermissionBits {
    let held = roles
        .iter()
        .filter(|role| role.id.get() == guild.get() || member.roles.contains(&role.id))
        .fold(0, |sum, role| sum | role.permissions.0);
    PermissionBits(held)
}

/// What the bot needs and does not hold, in the words of Discord's settings.
pub(super) fn missing(held: PermissionBits) -> Vec<&'static str> {
    NEEDED
        .iter()
        .filter(|(bits, _)| !held.contains(*bits))
        .map(|(_, words)| *words)
        .collect()
}

/// That every kind of call shall be made, too.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// Who gets a direct message.
    pub person: Option<u64>,
}

/// Asks Discord what only Discord knows and prints what it finds.
///
/// # Errors
/// The first thing that is missing, with the step that mends it.
pub async fn online(config: &Config, exercise: Option<Exercise>) -> anyhow::Result<()> {
    let credentials = config.credentials().map_err(|errors| anyhow!("{errors}"))?;
    let rest = Rest::new(
        RestSettings::new(config.discord.api_url.clone(), credentials.token.clone()),
        GateSettings::default(),
    )?;
    let bot = rest
        .current_user()
        .await
        .map_err(|error| anyhow!("the token: {error}"))?;
    outln!("token: belongs to {}", bot.username);
    let application = rest.application().await?;
    if application.may_read_messages() {
        outln!("intent: message content is switched on");
    } else {
        outln!("intent: message content is switched off");
    }
    rest.gateway_url()
        .await
        .map_err(|error| anyhow!("the gateway: {error}"))?;
    let guild_id = ids::checked("server", credentials.guild_id)?;
    let guild = rest.guild(guild_id).await.map_err(|error| {
        let error = error.to_string();
        let why = error.trim_end_matches('.');
        anyhow!(
            "the server {}: {why}. Invite the bot: https://discord.com/oauth2/authorize?client_id={}&scope=bot+\
             applications.commands&permissions={}",
            credentials.guild_id,
            application.id,
            permission_integer()
        )
    })?;
    outln!("server: {}", guild.name);
    let member = rest.guild_member(guild_id, bot.id).await?;
    let roles = rest.guild_roles(guild_id).await?;
    let held = held_in_server(guild_id, &member, &roles);
    if held.contains(PermissionBits::ADMINISTRATOR) {
        outln!("permissions: the bot is an administrator; it needs far less, take it away");
    } else {
        let missing = missing(held);
        if !missing.is_empty() {
            bail!(
                "the bot's role lacks: {}. Server Settings → Roles, or invite it again with permissions={}",
                missing.join(", "),
                permission_integer()
            );
        }
        outln!("permissions: nothing is missing");
    }
    let channels = rest.guild_channels(guild_id).await?;
    outln!("channels: {} of 500", channels.len());
    if channels.len() > 450 {
        outln!("channels: fewer than 50 are left; archive old incident channels");
    }
    if let Some(Exercise { person }) = exercise {
        let setting = Setting {
            guild: guild_id,
            application: application.id,
            bot: bot.id,
            person: person
                .map(|person| ids::checked("person", person))
                .transpose()?,
        };
        every_call(&rest, setting).await?;
    }
    // The bot runs without it, so everything else was looked at first.
    if !application.may_read_messages() {
        bail!(
            "the message content intent is off, so prefixes are not read: developer portal → Bot → Privileged Gateway Intents \
             → Message Content"
        );
    }
    Ok(())
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
