//! `/admin check`: what `check --online` asks, asked by the running bot, and what only it knows: whether it is connected, and
//! what the overwrites of its category leave it.
//!
//! Everything is asked at once and nothing is waited for long: somebody looks at a card that thinks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bridgewatch_core::effect::Lane;
use bridgewatch_core::ports::{Checked, Checkup};
use serenity::model::id::{GuildId, UserId};
use tokio::sync::watch;

use super::answers::{
    Application, Channel, ChannelKind, Member, Overwrite, OverwriteFor, PermissionBits, Person,
    Role,
};
use super::chat::{DiscordChat, Named};
use super::check::{held_in_server, missing, permission_integer};
use super::error::ApiError;
use super::gateway::{Roles, SessionState};

/// How long one question to Discord may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most channels a server and a category hold, and from how many on it is said.
const MOST_CHANNELS: usize = 500;
const MANY_CHANNELS: usize = 450;
const MOST_IN_A_CATEGORY: usize = 50;
const MANY_IN_A_CATEGORY: usize = 40;

/// What the bot needs in the category of the incident channels, with the words of Discord's settings.
const IN_CATEGORY: [(PermissionBits, &str); 5] = [
    (PermissionBits::VIEW_CHANNEL, "View Channels"),
    (PermissionBits::MANAGE_CHANNELS, "Manage Channels"),
    (PermissionBits::SEND_MESSAGES, "Send Messages"),
    (PermissionBits::EMBED_LINKS, "Embed Links"),
    (PermissionBits::PIN_MESSAGES, "Pin Messages"),
];

/// What it needs to write in a place.
const IN_PLACE: [(PermissionBits, &str); 3] = [
    (PermissionBits::VIEW_CHANNEL, "View Channels"),
    (PermissionBits::SEND_MESSAGES, "Send Messages"),
    (PermissionBits::EMBED_LINKS, "Embed Links"),
];

/// The checkup of a running bot.
pub struct DiscordCheckup {
    /// The way to Discord, and the places.
    pub chat: Arc<DiscordChat>,
    /// The roles that the configuration names.
    pub roles: Roles,
    /// How the session is.
    pub session: watch::Receiver<SessionState>,
    /// Whether it opens voice channels in the category.
    pub opens_calls: bool,
    /// What the settings and the rota leave out as they are now, each with its mend.
    pub settings: Box<dyn Fn() -> Vec<Checked> + Send + Sync>,
}

/// What Discord says about the server.
struct Server {
    id: GuildId,
    member: Member,
    roles: Vec<Role>,
    channels: Vec<Channel>,
}

#[async_trait]
impl Checkup for DiscordCheckup {
    async fn look(&self) -> Vec<Checked> {
        let mut found = vec![connected(&self.session.borrow())];
        match self.ask().await {
            Ok((bot, application, server)) => {
                found.push(intent(&application));
                found.extend(self.in_server(bot.id, &application, &server));
            }
            Err(error) => found.push(Checked::wrong(
                "Discord could not be asked about the server",
                error.to_string(),
            )),
        }
        found.extend((self.settings)());
        found
    }
}

impl DiscordCheckup {
    async fn ask(&self) -> Result<(Person, Application, Server), ApiError> {
        let rest = self.chat.rest().on(Lane::Interactive).patience(PATIENCE);
        let id = self.chat.guild()?;
        let (bot, application, roles, channels) = tokio::try_join!(
            rest.current_user(),
            rest.application(),
            rest.guild_roles(id),
            rest.guild_channels(id),
        )?;
        let member = rest.guild_member(id, bot.id).await?;
        let server = Server {
            id,
            member,
            roles,
            channels,
        };
        Ok((bot, application, server))
    }

    fn in_server(&self, bot: UserId, application: &Application, server: &Server) -> Vec<Checked> {
        let held = held_in_server(server.id, &server.member, &server.roles);
        let mut found = vec![permissions(held, application)];
        let places = self.chat.places();
        found.push(category(
            server,
            bot,
            held,
            &places.incident_category,
            self.opens_calls,
        ));
        for (what, named) in [
            ("line of each incident", &places.digest),
            ("stakeholder updates", &places.stakeholders),
        ] {
            found.push(place(server, bot, held, what, named));
        }
        for (what, named) in [
            ("responder", &self.roles.responder),
            ("commander", &self.roles.commander),
            ("admin", &self.roles.admin),
        ] {
            found.extend(named.as_ref().map(|named| role(server, what, named)));
        }
        found.push(room(server.channels.len()));
        found
    }
}

fn connected(session: &SessionState) -> Checked {
    match session {
        SessionState::Connected => Checked::fine("connected to Discord"),
        SessionState::ConnectedWithoutContent => Checked::wrong(
            "connected without the message content intent: prefixes read nothing until I am started again",
            "switch the intent on (https://discord.com/developers/applications → Bot), then start me again",
        ),
        SessionState::Connecting => Checked::wrong(
            "not connected to Discord's events at this moment",
            "I try again by myself; if this stays, look at https://discordstatus.com",
        ),
        SessionState::Refused(why) => Checked::wrong("Discord refuses my session", why.clone()),
    }
}

fn intent(application: &Application) -> Checked {
    if application.may_read_messages() {
        Checked::fine("message content intent is on")
    } else {
        Checked::wrong(
            "message content intent is off: prefixes and late marks read nothing",
            "https://discord.com/developers/applications → Bot → Privileged Gateway Intents → Message Content",
        )
    }
}

fn permissions(held: PermissionBits, application: &Application) -> Checked {
    if held.contains(PermissionBits::ADMINISTRATOR) {
        return Checked::wrong(
            "I am an administrator",
            "I need far less: Server Settings → Roles → my role, take Administrator away",
        );
    }
    let missing = missing(held);
    if missing.is_empty() {
        return Checked::fine("no permission is missing in the server");
    }
    Checked::wrong(
        format!("my role lacks {}", missing.join(", ")),
        format!(
            "Server Settings → Roles → my role; or invite me again: https://discord.com/oauth2/authorize?client_id={}&\
             scope=bot+applications.commands&permissions={}",
            application.id,
            permission_integer()
        ),
    )
}

/// What the overwrites of a channel leave of what somebody holds in the server.
fn left_in(
    channel: &Channel,
    guild: GuildId,
    member: &Member,
    bot: UserId,
    held: PermissionBits,
) -> PermissionBits {
    if held.contains(PermissionBits::ADMINISTRATOR) {
        return PermissionBits(u64::MAX);
    }
    let of = |wanted: fn(&Overwrite, GuildId, &Member, UserId) -> bool| {
        let overwrites = channel.permission_overwrites.iter();
        overwrites
            .filter(|overwrite| wanted(overwrite, guild, member, bot))
            .fold((0, 0), |(allow, deny), overwrite| {
                (allow | overwrite.allow.0, deny | overwrite.deny.0)
            })
    };
    // Everybody first, then all roles together, then the member: each overrules the one before.
    let steps = [
        of(
            |overwrite, guild, _, _| matches!(overwrite.of, OverwriteFor::Role(role) if role.get() == guild.get()),
        ),
        of(
            |overwrite, guild, member, _| matches!(overwrite.of, OverwriteFor::Role(role) if role.get() != guild.get() && member.roles.contains(&role)),
        ),
        of(|overwrite, _, _, bot| matches!(overwrite.of, OverwriteFor::Member(id) if id == bot)),
    ];
    let left = steps
        .into_iter()
        .fold(held.0, |left, (allow, deny)| (left & !deny) | allow);
    PermissionBits(left)
}

fn lacking(left: PermissionBits, needed: &[(PermissionBits, &'static str)]) -> Vec<&'static str> {
    needed
        .iter()
        .filter(|(bits, _)| !left.contains(*bits))
        .map(|(_, words)| *words)
        .collect()
}

fn found<'a>(server: &'a Server, named: &Named, kind: ChannelKind) -> Option<&'a Channel> {
    server.channels.iter().find(|channel| match named {
        Named::Id(id) => channel.id.get() == *id,
        Named::Name(name) => {
            channel.kind == kind
                && channel
                    .name
                    .as_deref()
                    .is_some_and(|known| known.eq_ignore_ascii_case(name))
        }
    })
}

fn called(named: &Named) -> String {
    match named {
        Named::Name(name) => format!("`{}`", name.replace('`', "'")),
        Named::Id(id) => format!("<#{id}>"),
    }
}

fn category(
    server: &Server,
    bot: UserId,
    held: PermissionBits,
    named: &Named,
    opens_calls: bool,
) -> Checked {
    let name = called(named);
    let Some(channel) = found(server, named, ChannelKind::Category) else {
        return match named {
            Named::Name(_) => {
                Checked::fine(format!("category {name} is made with the next incident"))
            }
            Named::Id(_) => Checked::wrong(
                format!("category {name} does not exist"),
                "name one that does as discord.incident_category in my configuration, and start me again",
            ),
        };
    };
    let left = left_in(channel, server.id, &server.member, bot, held);
    let mut lacking = lacking(left, &IN_CATEGORY);
    // Whoever may not enter a voice channel may not delete it either.
    if opens_calls && !left.contains(PermissionBits::CONNECT) {
        lacking.push("Connect");
    }
    if !lacking.is_empty() {
        return Checked::wrong(
            format!("in category {name} I lack {}", lacking.join(", ")),
            format!("right-click {name} → Edit Category → Permissions, and allow them for my role"),
        );
    }
    let inside = server
        .channels
        .iter()
        .filter(|inside| inside.parent_id == Some(channel.id))
        .count();
    let what = format!("category {name} holds {inside} of {MOST_IN_A_CATEGORY} channels");
    if inside >= MANY_IN_A_CATEGORY {
        Checked::wrong(
            what,
            "delete or move channels of closed incidents: the next ones find no room",
        )
    } else {
        Checked::fine(what)
    }
}

fn place(server: &Server, bot: UserId, held: PermissionBits, what: &str, named: &Named) -> Checked {
    let name = called(named);
    let Some(channel) = found(server, named, ChannelKind::Text) else {
        return match named {
            Named::Name(_) => {
                Checked::fine(format!("channel {name} ({what}) is made when it is needed"))
            }
            Named::Id(_) => Checked::wrong(
                format!("channel {name} ({what}) does not exist"),
                "name one that does under [discord] in my configuration, and start me again",
            ),
        };
    };
    let left = left_in(channel, server.id, &server.member, bot, held);
    let lacking = lacking(left, &IN_PLACE);
    if lacking.is_empty() {
        return Checked::fine(format!("<#{}> ({what}) is mine to write in", channel.id));
    }
    Checked::wrong(
        format!(
            "in <#{}> ({what}) I lack {}",
            channel.id,
            lacking.join(", ")
        ),
        format!(
            "right-click <#{}> → Edit Channel → Permissions, and allow them for my role",
            channel.id
        ),
    )
}

fn role(server: &Server, what: &str, named: &Named) -> Checked {
    let known = server.roles.iter().find(|role| match named {
        Named::Id(id) => role.id.get() == *id,
        Named::Name(name) => role.name.eq_ignore_ascii_case(name),
    });
    match known {
        Some(role) => Checked::fine(format!("{what} role: <@&{}>", role.id)),
        None => Checked::wrong(
            format!("the {what} role of my configuration does not exist"),
            format!("make the role, or correct discord.{what}_role and start me again"),
        ),
    }
}

fn room(channels: usize) -> Checked {
    let what = format!("the server holds {channels} of {MOST_CHANNELS} channels");
    if channels > MANY_CHANNELS {
        Checked::wrong(what, "delete channels of old incidents")
    } else {
        Checked::fine(what)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BOT: u64 = 5;
    const HELD: PermissionBits =
        PermissionBits(PermissionBits::VIEW_CHANNEL.0 | PermissionBits::MANAGE_CHANNELS.0);

    /// A server with one category, `inside` of it channels, and these overwrites.
    fn server(overwrites: serde_json::Value, inside: usize) -> Server {
        let category = json!({"id": "10", "type": 4, "name": "Incidents", "permission_overwrites": overwrites});
        let channels = (0..inside)
            .map(|number| json!({"id": (100 + number).to_string(), "type": 0, "name": "inc", "parent_id": "10"}))
            .chain([category]);
        let member = json!({"user": {"id": BOT.to_string(), "username": "bot"}, "roles": ["7"]});
        let role = json!({"id": "7", "name": "responder", "permissions": "0", "position": 1});
        Server {
            id: GuildId::new(1),
            member: serde_json::from_value(member).expect("a member"),
            roles: vec![serde_json::from_value(role).expect("a role")],
            channels: channels
                .map(|channel| serde_json::from_value(channel).expect("a channel"))
                .collect(),
        }
    }

    fn category_of(server: &Server, held: PermissionBits) -> Checked {
        let named = Named::Name("incidents".to_owned());
        category(server, UserId::new(BOT), held, &named, false)
    }

    const ALL: PermissionBits = PermissionBits(!PermissionBits::ADMINISTRATOR.0);

    #[test]
    fn what_the_category_takes_away_is_named_in_the_words_of_its_settings() {
        let manage = PermissionBits::MANAGE_CHANNELS.0.to_string();
        let denied = json!([{"id": "1", "type": 0, "allow": "0", "deny": manage}]);
        let found = category_of(&server(denied.clone(), 0), ALL);
        assert_eq!(found.what, "in category `incidents` I lack Manage Channels");
        assert!(
            found
                .mend
                .is_some_and(|mend| mend.contains("Edit Category"))
        );
        let given_back = json!([denied[0], {"id": "7", "type": 0, "allow": manage, "deny": "0"}]);
        assert_eq!(category_of(&server(given_back.clone(), 0), ALL).mend, None);
        let taken_again = json!([given_back[0], given_back[1], {"id": "5", "type": 1, "allow": "0", "deny": manage}]);
        assert!(category_of(&server(taken_again, 0), ALL).mend.is_some());
        assert!(category_of(&server(json!([]), 0), HELD).mend.is_some());
    }

    #[test]
    fn whoever_opens_calls_needs_to_enter_them() {
        let denied = json!([{"id": "1", "type": 0, "allow": "0", "deny": PermissionBits::CONNECT.0.to_string()}]);
        let server = server(denied, 0);
        let named = Named::Name("Incidents".to_owned());
        let of = |opens_calls| category(&server, UserId::new(BOT), ALL, &named, opens_calls).mend;
        assert_eq!(of(false), None);
        assert!(of(true).is_some());
    }

    #[test]
    fn a_category_that_is_nearly_full_is_named_before_the_night_it_is() {
        assert_eq!(category_of(&server(json!([]), 39), ALL).mend, None);
        let full = category_of(&server(json!([]), 40), ALL);
        assert_eq!(full.what, "category `incidents` holds 40 of 50 channels");
        assert!(full.mend.is_some());
    }

    #[test]
    fn a_role_that_is_gone_is_named_with_its_setting() {
        let server = server(json!([]), 0);
        let known = role(&server, "responder", &Named::Name("Responder".to_owned()));
        assert_eq!(known.mend, None);
        let gone = role(&server, "commander", &Named::Id(9));
        assert!(
            gone.mend
                .is_some_and(|mend| mend.contains("discord.commander_role"))
        );
    }
}
