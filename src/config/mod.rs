//! What the operator decides: one documented TOML file, and the environment on top of it.
//!
//! `deploy/config.example.toml` shows every setting with its default. Each setting is also an environment variable,
//! `http.listen` is `BRIDGEWATCH__HTTP__LISTEN`, and the environment wins over the file. A secret may stand in a file of
//! its own that `<name>_file` points to. A setting nobody knows is an error, and all errors are reported at once.
//!
//! Nothing here can print a secret: they are kept in [`SecretString`], whose `Debug` hides them, and [`Config::describe`]
//! says only whether one is set.

mod call;
mod intake;
mod night;
mod policy;
mod problem;
mod reader;
mod severity;
mod values;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bridgewatch_core::secrets::{MOST_PATTERNS, SecretRules};
use bridgewatch_core::timeline::{Kind, NotAPrefix, Prefixes};
use chrono_tz::Tz;
use secrecy::SecretString;

pub use call::{AfterIncident, Call, CallKind};
pub use intake::{Intake, SOURCES, Signature};
pub use night::Night;
pub use policy::{Cadence, HoldingNote, Policy, StabilityWindow};
pub use problem::{ConfigErrors, Place, Problem};
pub use reader::{ENVIRONMENT_PREFIX, Understood};

use problem::Wrong;
use reader::{Reader, environment_variable};

/// Everything the operator decides.
#[derive(Debug, Clone)]
pub struct Config {
    pub discord: Discord,
    pub database: Database,
    pub http: Http,
    pub intake: Intake,
    pub watchdog: Watchdog,
    pub playbooks: Playbooks,
    pub rota: Rota,
    pub drills: Drills,
    pub fallback: Fallback,
    pub server: Server,
    pub pager: Pager,
    pub call: Call,
    pub stakeholders: Stakeholders,
    pub timeline: Timeline,
    pub night: Night,
    pub log: Log,
    pub policy: Policy,
    understood: Vec<Understood>,
}

/// The Discord server this bot works in. Places named here are created when they do not exist.
#[derive(Debug, Clone)]
pub struct Discord {
    /// The bot's token; see [`Config::credentials`].
    pub token: Option<SecretString>,
    /// The server (guild); see [`Config::credentials`].
    pub guild_id: Option<u64>,
    /// Scheme, host and port without a slash at the end; `https`, or `http` to this machine.
    pub api_url: String,
    /// The category in which incident channels are opened.
    pub incident_category: NameOrId,
    /// The channel with the one-line digest of all incidents.
    pub digest_channel: NameOrId,
    /// Whether a message stands there with the way to everything that needs no incident.
    pub front_desk: bool,
    /// The channel in which internal stakeholders read updates.
    pub stakeholder_channel: NameOrId,
    /// The role whose holders may respond; `None`: everybody on the server.
    pub responder_role: Option<NameOrId>,
    /// The role whose holders may do whatever the holder of command may; `None`: administrators only.
    pub commander_role: Option<NameOrId>,
    /// The role whose holders decide about what others wrote, as administrators do; `None`: administrators only.
    pub admin_role: Option<NameOrId>,
}

/// What is needed to speak to Discord.
#[derive(Debug, Clone)]
pub struct Credentials {
    pub token: SecretString,
    pub guild_id: u64,
}

/// A channel, category or role, as the operator named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameOrId {
    Name(String),
    Id(u64),
}

/// Where everything is remembered.
#[derive(Debug, Clone)]
pub struct Database {
    /// `sqlite:<path>`.
    pub url: String,
}

/// The HTTP server: intake, health and metrics.
#[derive(Debug, Clone)]
pub struct Http {
    pub listen: SocketAddr,
    /// A larger body is answered 413.
    pub max_body_bytes: usize,
}

/// The alert that always fires.
#[derive(Debug, Clone)]
pub struct Watchdog {
    /// Its name; `None`: nothing is waited for.
    pub alertname: Option<String>,
    /// How often it is repeated.
    pub interval: Duration,
}

/// Runbooks and drills of the team's own.
#[derive(Debug, Clone)]
pub struct Playbooks {
    /// `None`: the built-in ones.
    pub dir: Option<PathBuf>,
}

/// Who is on call when.
#[derive(Debug, Clone)]
pub struct Rota {
    pub file: Option<PathBuf>,
}

/// When drills are held.
#[derive(Debug, Clone)]
pub struct Drills {
    pub file: Option<PathBuf>,
}

/// Whom to reach, and how, when the bot is down: printed on the fallback sheet.
#[derive(Debug, Clone)]
pub struct Fallback {
    /// The person on call: a name and a number.
    pub call: Option<String>,
    /// The backup.
    pub backup: Option<String>,
    /// Where people talk: a number or an address.
    pub bridge_call: Option<String>,
    /// Whom the first note is written to.
    pub mail: Option<String>,
}

/// The team as a whole.
#[derive(Debug, Clone)]
pub struct Server {
    /// The zone in which times are shown; they are stored in UTC.
    pub timezone: Tz,
}

/// The way to wake somebody outside Discord.
#[derive(Debug, Clone)]
pub struct Pager {
    /// Receives a JSON POST for every page.
    pub url: Option<SecretString>,
}

/// Where stakeholders read updates, besides Discord.
#[derive(Debug, Clone)]
pub struct Stakeholders {
    pub webhooks: Vec<Webhook>,
}

/// One `[[stakeholders.webhooks]]`.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Unique among the webhooks.
    pub name: String,
    pub kind: WebhookKind,
    /// Contains its own secret.
    pub url: SecretString,
}

/// How a webhook wants its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookKind {
    Generic,
    Slack,
}

/// What is kept of an incident channel's conversation.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub capture: Capture,
    /// The words that mark a message, the team's own among them.
    pub prefixes: Prefixes,
    /// What is asked about before it is kept or sent.
    pub secrets: SecretRules,
    /// A larger file of a marked message is not copied.
    pub max_file_bytes: u64,
    /// The files of one incident take at most this much.
    pub max_incident_files_bytes: u64,
}

/// Which messages become timeline entries by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capture {
    /// Only what somebody marked.
    Marked,
    /// Every message of the channel.
    All,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct Log {
    pub format: LogFormat,
    /// A valid `tracing_subscriber` filter.
    pub filter: String,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads the file, if one is named, and the environment.
    ///
    /// # Errors
    /// Every mistake found, each with its place and its mend. A missing token or server id is none: commands such as
    /// `migrate` need neither, and [`Config::credentials`] asks for them.
    pub fn load(
        path: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::open(path, environment);
        let mut config = Self::read(&mut reader);
        config.understood = reader.finish()?;
        Ok(config)
    }

    fn read(reader: &mut Reader) -> Self {
        let discord = Discord {
            token: reader.secret("discord.token", values::token),
            guild_id: reader.optional("discord.guild_id", values::id),
            api_url: reader.value("discord.api_url", "https://discord.com", values::api_url),
            incident_category: reader.value(
                "discord.incident_category",
                "Incidents",
                values::name_or_id,
            ),
            digest_channel: reader.value("discord.digest_channel", "incidents", values::name_or_id),
            front_desk: reader.value("discord.front_desk", "on", values::on_or_off),
            stakeholder_channel: reader.value(
                "discord.stakeholder_channel",
                "status-internal",
                values::name_or_id,
            ),
            responder_role: reader.optional("discord.responder_role", values::name_or_id),
            commander_role: reader.optional("discord.commander_role", values::name_or_id),
            admin_role: reader.optional("discord.admin_role", values::name_or_id),
        };
        let database = Database {
            url: reader.value(
                "database.url",
                "sqlite:bridgewatch.db",
                values::database_url,
            ),
        };
        let listen_place = reader.place("http.listen");
        let http = Http {
            listen: reader.value("http.listen", "127.0.0.1:9095", values::address),
            max_body_bytes: reader.value("http.max_body_bytes", "16777216", values::bytes),
        };
        let intake = Intake::read(reader, &http, listen_place);
        Self {
            discord,
            database,
            http,
            intake,
            watchdog: Watchdog {
                alertname: reader.optional("watchdog.alertname", values::name),
                interval: reader.value("watchdog.interval", "5m", values::duration_above_zero),
            },
            playbooks: Playbooks {
                dir: reader.optional("playbooks.dir", values::folder),
            },
            rota: Rota {
                file: reader.optional("rota.file", values::file),
            },
            drills: Drills {
                file: reader.optional("drills.file", values::file),
            },
            fallback: Fallback {
                call: reader.optional("fallback.call", values::line),
                backup: reader.optional("fallback.backup", values::line),
                bridge_call: reader.optional("fallback.bridge_call", values::line),
                mail: reader.optional("fallback.mail", values::line),
            },
            server: Server {
                timezone: reader.value("server.timezone", "UTC", values::timezone),
            },
            pager: Pager {
                url: reader.secret("pager.url", values::secret_url),
            },
            call: Call::read(reader),
            stakeholders: Stakeholders {
                webhooks: read_webhooks(reader),
            },
            timeline: Timeline {
                capture: reader.value("timeline.capture", "marked", values::capture),
                prefixes: read_prefixes(reader),
                secrets: read_secrets(reader),
                max_file_bytes: reader.value(
                    "timeline.max_file_bytes",
                    "8388608",
                    values::file_bytes(100),
                ),
                max_incident_files_bytes: reader.value(
                    "timeline.max_incident_files_bytes",
                    "52428800",
                    values::file_bytes(10 * 1024),
                ),
            },
            night: Night::read(reader),
            log: Log {
                format: reader.value("log.format", "text", values::log_format),
                filter: reader.value("log.filter", "info,serenity=warn", values::log_filter),
            },
            policy: Policy::read(reader),
            understood: Vec::new(),
        }
    }

    /// The token and the server, without which there is nothing to serve.
    ///
    /// # Errors
    /// Names each that is missing.
    pub fn credentials(&self) -> Result<Credentials, ConfigErrors> {
        let missing = |key: &str, mend: String| Problem {
            place: Place::Nowhere,
            key: key.to_owned(),
            what: "is not set, and the bot cannot start without it".into(),
            mend,
        };
        match (&self.discord.token, self.discord.guild_id) {
            (Some(token), Some(guild_id)) => Ok(Credentials {
                token: token.clone(),
                guild_id,
            }),
            (token, guild_id) => {
                let mut problems = Vec::new();
                if token.is_none() {
                    problems.push(missing(
                        "discord.token",
                        format!(
                            "set {} or discord.token_file; the token is on the Bot page of https://discord.com/developers/applications",
                            environment_variable("discord.token")
                        ),
                    ));
                }
                if guild_id.is_none() {
                    problems.push(missing(
                        "discord.guild_id",
                        format!(
                            "set {} to the id of your server: right-click it in Discord (Developer Mode on) and choose Copy ID",
                            environment_variable("discord.guild_id")
                        ),
                    ));
                }
                Err(ConfigErrors(problems))
            }
        }
    }

    /// Every setting, its value and where it comes from, one per line. Secrets appear as `set` or `not set`.
    #[must_use]
    pub fn describe(&self) -> String {
        let key_width = width(self.understood.iter().map(|setting| &setting.key));
        let value_width = width(self.understood.iter().map(|setting| &setting.value));
        let mut lines = String::new();
        for Understood { key, value, place } in &self.understood {
            let origin = match place {
                Some(place) => place.to_string(),
                None if value == "not set" => String::new(),
                None => "default".into(),
            };
            let line = format!("{key:key_width$}  {value:value_width$}  {origin}");
            let _ = writeln!(lines, "{}", line.trim_end());
        }
        lines
    }
}

fn width<'a>(texts: impl Iterator<Item = &'a String>) -> usize {
    texts
        .map(|text| text.chars().count())
        .max()
        .unwrap_or_default()
}

/// The team's own words for each kind that people write.
fn read_prefixes(reader: &mut Reader) -> Prefixes {
    let mut prefixes = Prefixes::default();
    for kind in Kind::WRITTEN {
        let key = format!("timeline.prefixes.{kind}");
        for (word, place) in reader.list(&key) {
            match prefixes.and(&word, kind) {
                Ok(more) => prefixes = more,
                Err(problem) => {
                    let mend = match problem {
                        NotAPrefix::NoWord(_) => {
                            "write letters, digits, - and _, such as beob or !beob; people type it with a colon behind it"
                        }
                        NotAPrefix::TooLong(_) => "choose a word that is quickly typed",
                        NotAPrefix::Taken { .. } => "give each word to one kind",
                    };
                    reader.complain(place, &key, Wrong::new(problem.to_string(), mend));
                }
            }
        }
    }
    prefixes
}

/// What the team wants to be asked about before it is kept or sent.
fn read_secrets(reader: &mut Reader) -> SecretRules {
    const PATTERNS: &str = "timeline.secrets.patterns";
    let mut rules = SecretRules::asking_about(
        reader.value("timeline.secrets.personal_data", "on", values::on_or_off),
        reader.value("timeline.secrets.ip_addresses", "off", values::on_or_off),
    );
    for (number, (pattern, place)) in reader.list_of_texts(PATTERNS).into_iter().enumerate() {
        let wrong = if number >= MOST_PATTERNS {
            Wrong::new(
                format!("there are more than {MOST_PATTERNS} patterns"),
                "join some with |, such as (?:KD|AB)-[0-9]{6}",
            )
        } else {
            match rules.and(&pattern) {
                Ok(more) => {
                    rules = more;
                    continue;
                }
                Err(problem) => Wrong::new(
                    format!("pattern {}: {problem}", number + 1),
                    "write what has to be found and nothing else, such as '\\bKD-[0-9]{6}\\b'; single quotation marks keep \
                     backslashes",
                ),
            }
        };
        reader.complain(place, PATTERNS, wrong);
    }
    rules
}

fn read_webhooks(reader: &mut Reader) -> Vec<Webhook> {
    const LIST: &str = "stakeholders.webhooks";
    let mut webhooks = Vec::new();
    let mut names = BTreeSet::new();
    for index in 0..reader.count(LIST) {
        let key = |field: &str| format!("{LIST}.{index}.{field}");
        let name_place = reader.place(&key("name"));
        let name = reader.optional(&key("name"), values::name);
        let kind = reader.value(&key("kind"), "generic", values::webhook_kind);
        let url_is_written = reader.is_written(&[&key("url"), &key("url_file")]);
        let url = reader.secret(&key("url"), values::secret_url);
        if !url_is_written {
            let mend = "write url = \"https://..\" or url_file = \"..\" in this webhook";
            reader.complain(Place::Nowhere, &key("url"), Wrong::new("is missing", mend));
        }
        match &name {
            Some(name) if !names.insert(name.clone()) => {
                let wrong = Wrong::new(
                    format!("a second webhook called `{name}`"),
                    "give each webhook a name of its own",
                );
                reader.complain(name_place, &key("name"), wrong);
            }
            None if name_place == Place::Nowhere => {
                let mend =
                    "write name = \"..\" in this webhook; people see it when a message goes out";
                reader.complain(Place::Nowhere, &key("name"), Wrong::new("is missing", mend));
            }
            _ => {}
        }
        if let (Some(name), Some(url)) = (name, url) {
            webhooks.push(Webhook { name, kind, url });
        }
    }
    webhooks
}

#[cfg(test)]
mod tests;
