//! The guild that is there at the start.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::{broadcast, watch};

use super::{Channel, Guild, Member, Role, User, World, kind};
use crate::clock::Clock;
use crate::gateway::Hub;
use crate::permissions as p;
use crate::settings::Settings;
use crate::snowflake::Snowflakes;

/// Fixed ids, readable in logs; all are valid and older than anything made later.
const FIRST: u64 = 1_000_000_000_000_000_000;
const GUILD: u64 = FIRST + 1;
const BOT: u64 = FIRST + 2;
const BOT_ROLE: u64 = FIRST + 10;
const RESPONDER: u64 = FIRST + 11;
const COMMANDER: u64 = FIRST + 12;
const STAKEHOLDER: u64 = FIRST + 13;
const GENERAL: u64 = FIRST + 50;
const FIRST_PERSON: u64 = FIRST + 101;

const PEOPLE: &[(&str, &str, &str, &[u64])] = &[
    ("sam", "Sam", "on-call", &[RESPONDER]),
    ("ada", "Ada", "backend", &[RESPONDER]),
    ("fay", "Fay", "frontend", &[RESPONDER]),
    ("mo", "Mo", "bridge", &[RESPONDER, COMMANDER]),
    ("kim", "Kim", "documentation", &[RESPONDER]),
    ("priya", "Priya", "product owner", &[STAKEHOLDER]),
    ("nora", "Nora", "guild owner, sees everything", &[]),
];

impl World {
    pub(crate) fn new(settings: Arc<Settings>, base_url: String) -> World {
        let clock = Clock::new(settings.start_time, settings.speed);
        let now = clock.now();
        let mut users = BTreeMap::new();
        let mut members = BTreeMap::new();
        users.insert(
            BOT,
            User {
                id: BOT,
                username: settings.bot_name.clone(),
                global_name: settings.bot_name.clone(),
                bot: true,
                login: None,
                title: String::new(),
                refuses_direct_messages: false,
            },
        );
        members.insert(
            BOT,
            Member {
                nick: None,
                roles: vec![BOT_ROLE],
                joined_at: now,
            },
        );
        for ((login, name, title, roles), id) in PEOPLE.iter().zip(FIRST_PERSON..) {
            users.insert(
                id,
                User {
                    id,
                    username: (*login).to_owned(),
                    global_name: (*name).to_owned(),
                    bot: false,
                    login: Some((*login).to_owned()),
                    title: (*title).to_owned(),
                    refuses_direct_messages: false,
                },
            );
            members.insert(
                id,
                Member {
                    nick: None,
                    roles: roles.to_vec(),
                    joined_at: now,
                },
            );
        }
        let owner_id = FIRST_PERSON + PEOPLE.len() as u64 - 1;
        let role = |id, name: &str, permissions, position, color, bot_id: Option<u64>| {
            let mentionable = bot_id.is_none() && id != GUILD;
            let name = name.to_owned();
            (
                id,
                Role {
                    id,
                    name,
                    permissions,
                    position,
                    color,
                    hoist: false,
                    mentionable,
                    bot_id,
                },
            )
        };
        let roles = BTreeMap::from([
            role(GUILD, "@everyone", p::EVERYONE, 0, 0, None),
            role(STAKEHOLDER, "stakeholder", 0, 1, 0x9b59b6, None),
            role(RESPONDER, "responder", 0, 2, 0x3498db, None),
            role(COMMANDER, "commander", 0, 3, 0xe67e22, None),
            role(
                BOT_ROLE,
                &settings.bot_name,
                settings.bot_permissions,
                4,
                0,
                Some(BOT),
            ),
        ]);
        let guild = Guild {
            id: GUILD,
            name: settings.guild_name.clone(),
            owner_id,
            roles,
            members,
        };
        let general = Channel::new(GENERAL, kind::TEXT, "general".to_owned());
        World {
            base_url,
            ids: Snowflakes::default(),
            guild,
            bot_id: BOT,
            users,
            channels: BTreeMap::from([(GENERAL, general)]),
            messages: HashMap::new(),
            commands: BTreeMap::new(),
            command_creates: Vec::new(),
            webhooks: BTreeMap::new(),
            scheduled_events: BTreeMap::new(),
            audit_log: Vec::new(),
            interactions: BTreeMap::new(),
            nonces: HashMap::new(),
            privileged_intents: settings.privileged_intents,
            uploads: BTreeMap::new(),
            link_key: 0,
            hub: Hub::default(),
            changes: watch::channel(0).0,
            feed: broadcast::channel(1024).0,
            settings,
            clock,
        }
    }

    /// Adds a person with the roles named; a role that does not exist is made.
    pub(crate) fn add_person(&mut self, login: &str, name: &str, roles: &[&str]) -> u64 {
        let role_ids = roles
            .iter()
            .map(|role| self.role_named_or_new(role))
            .collect();
        let id = self.next_id();
        let now = self.now();
        let user = User {
            id,
            username: login.to_owned(),
            global_name: name.to_owned(),
            bot: false,
            login: Some(login.to_owned()),
            title: String::new(),
            refuses_direct_messages: false,
        };
        self.users.insert(id, user);
        self.guild.members.insert(
            id,
            Member {
                nick: None,
                roles: role_ids,
                joined_at: now,
            },
        );
        self.member_joined(id);
        id
    }
}

impl Channel {
    pub(crate) fn new(id: u64, kind: u8, name: String) -> Channel {
        Channel {
            id,
            kind,
            name,
            topic: None,
            parent_id: None,
            position: 0,
            overwrites: Vec::new(),
            nsfw: false,
            rate_limit_per_user: 0,
            default_auto_archive_minutes: None,
            last_message_id: None,
            last_pin_at: None,
            recipients: Vec::new(),
            thread: None,
        }
    }
}
