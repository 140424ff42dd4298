//! Permission bits and how a channel's overwrites change what somebody may do there.

use crate::model::{Overwrite, OverwriteKind};

pub const KICK_MEMBERS: u64 = 1 << 1;
pub const BAN_MEMBERS: u64 = 1 << 2;
pub const ADMINISTRATOR: u64 = 1 << 3;
pub const MANAGE_CHANNELS: u64 = 1 << 4;
pub const MANAGE_GUILD: u64 = 1 << 5;
pub const ADD_REACTIONS: u64 = 1 << 6;
pub const VIEW_AUDIT_LOG: u64 = 1 << 7;
pub const VIEW_CHANNEL: u64 = 1 << 10;
pub const SEND_MESSAGES: u64 = 1 << 11;
pub const MANAGE_MESSAGES: u64 = 1 << 13;
pub const EMBED_LINKS: u64 = 1 << 14;
pub const ATTACH_FILES: u64 = 1 << 15;
pub const READ_MESSAGE_HISTORY: u64 = 1 << 16;
pub const MENTION_EVERYONE: u64 = 1 << 17;
pub const USE_EXTERNAL_EMOJIS: u64 = 1 << 18;
pub const CONNECT: u64 = 1 << 20;
pub const SPEAK: u64 = 1 << 21;
pub const CHANGE_NICKNAME: u64 = 1 << 26;
pub const MANAGE_NICKNAMES: u64 = 1 << 27;
pub const MANAGE_ROLES: u64 = 1 << 28;
pub const MANAGE_WEBHOOKS: u64 = 1 << 29;
pub const USE_APPLICATION_COMMANDS: u64 = 1 << 31;
pub const MANAGE_EVENTS: u64 = 1 << 33;
pub const MANAGE_THREADS: u64 = 1 << 34;
pub const CREATE_PUBLIC_THREADS: u64 = 1 << 35;
pub const CREATE_PRIVATE_THREADS: u64 = 1 << 36;
pub const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
pub const CREATE_EVENTS: u64 = 1 << 44;
pub const PIN_MESSAGES: u64 = 1 << 51;
pub const BYPASS_SLOWMODE: u64 = 1 << 52;

/// Every bit Discord knows today.
pub const ALL: u64 = (1 << 53) - 1;

/// What the role everybody has may do in the default guild.
pub const EVERYONE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_EXTERNAL_EMOJIS
    | CONNECT
    | SPEAK
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS;

/// What the invite of a bot that opens and keeps channels usually asks for.
pub const USUAL_INVITE: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_EXTERNAL_EMOJIS
    | USE_APPLICATION_COMMANDS
    | MENTION_EVERYONE
    | MANAGE_CHANNELS
    | MANAGE_ROLES
    | MANAGE_MESSAGES
    | MANAGE_EVENTS
    | CREATE_EVENTS
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | MANAGE_THREADS
    | SEND_MESSAGES_IN_THREADS
    | MANAGE_WEBHOOKS
    | PIN_MESSAGES;

/// What both people of a DM may do in it.
pub const IN_A_DM: u64 = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_EXTERNAL_EMOJIS
    | USE_APPLICATION_COMMANDS
    | PIN_MESSAGES;

/// Applies a channel's overwrites: @everyone, then all roles together, then the member; each deny before allow. Whoever cannot view a
/// channel can do nothing in it; whoever cannot send cannot mention everyone, attach or embed either.
pub(crate) fn in_channel(
    base: u64,
    guild_id: u64,
    user_id: u64,
    roles: &[u64],
    overwrites: &[Overwrite],
) -> u64 {
    if base & ADMINISTRATOR != 0 {
        return ALL;
    }
    let mut bits = base;
    if let Some(everyone) = overwrites
        .iter()
        .find(|one| one.kind == OverwriteKind::Role && one.id == guild_id)
    {
        bits = (bits & !everyone.deny) | everyone.allow;
    }
    let of_roles = overwrites
        .iter()
        .filter(|one| one.kind == OverwriteKind::Role && roles.contains(&one.id));
    let (allow, deny) = of_roles.fold((0, 0), |(allow, deny), one| {
        (allow | one.allow, deny | one.deny)
    });
    bits = (bits & !deny) | allow;
    if let Some(own) = overwrites
        .iter()
        .find(|one| one.kind == OverwriteKind::Member && one.id == user_id)
    {
        bits = (bits & !own.deny) | own.allow;
    }
    if bits & VIEW_CHANNEL == 0 {
        return 0;
    }
    if bits & (SEND_MESSAGES | SEND_MESSAGES_IN_THREADS) == 0 {
        bits &= !(MENTION_EVERYONE | EMBED_LINKS | ATTACH_FILES);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: u64 = 1;
    const RESPONDER: u64 = 2;
    const SAM: u64 = 3;

    fn role(id: u64, allow: u64, deny: u64) -> Overwrite {
        Overwrite {
            id,
            kind: OverwriteKind::Role,
            allow,
            deny,
        }
    }

    fn member(id: u64, allow: u64, deny: u64) -> Overwrite {
        Overwrite {
            id,
            kind: OverwriteKind::Member,
            allow,
            deny,
        }
    }

    #[test]
    fn a_channel_hidden_from_everyone_is_open_to_the_role_that_is_allowed() {
        let overwrites = [
            role(GUILD, 0, VIEW_CHANNEL),
            role(RESPONDER, VIEW_CHANNEL | SEND_MESSAGES, 0),
        ];
        assert_eq!(in_channel(EVERYONE, GUILD, SAM, &[], &overwrites), 0);
        assert_ne!(
            in_channel(EVERYONE, GUILD, SAM, &[RESPONDER], &overwrites) & SEND_MESSAGES,
            0
        );
    }

    #[test]
    fn a_member_overwrite_beats_the_roles() {
        let overwrites = [
            role(RESPONDER, SEND_MESSAGES, 0),
            member(SAM, 0, SEND_MESSAGES),
        ];
        assert_eq!(
            in_channel(EVERYONE, GUILD, SAM, &[RESPONDER], &overwrites) & SEND_MESSAGES,
            0
        );
    }

    #[test]
    fn among_roles_an_allow_beats_a_deny() {
        let overwrites = [role(RESPONDER, SEND_MESSAGES, 0), role(4, 0, SEND_MESSAGES)];
        assert_ne!(
            in_channel(EVERYONE, GUILD, SAM, &[RESPONDER, 4], &overwrites) & SEND_MESSAGES,
            0
        );
    }

    #[test]
    fn an_administrator_is_not_bound_by_overwrites() {
        let overwrites = [role(GUILD, 0, VIEW_CHANNEL)];
        assert_eq!(in_channel(ADMINISTRATOR, GUILD, SAM, &[], &overwrites), ALL);
    }
}
