//! How a world is to be, before it begins.

use std::fmt::Write as _;
use std::path::Path;

use bridgewatch::clock::Clock;
use bridgewatch::config::Config;
use chrono::{DateTime, Utc};
use discord_sim::{LocalDiscord, RateLimits, Settings};

use super::log::Log;
use super::{Sink, World};

/// Everybody, with the role the rota gives them.
pub(super) const ROTA: [(&str, &str); 5] = [
    ("oncall", "sam"),
    ("backend", "ada"),
    ("frontend", "fay"),
    ("bridge", "mo"),
    ("docs", "kim"),
];

/// A rota as a team writes it: who has which role, round the clock.
pub(super) fn rota(discord: &LocalDiscord, duties: &[(&str, &str)]) -> String {
    let mut rota = "timezone = \"Europe/Berlin\"\n[people]\n".to_owned();
    for (_, login) in ROTA {
        let person = discord.person(login).expect("everybody is in the server");
        let _ = writeln!(rota, "{login} = \"{}\"", person.id());
    }
    for (role, login) in duties {
        let _ = writeln!(
            rota,
            "[[schedule]]\nrole = \"{role}\"\npeople = [\"@{login}\"]"
        );
    }
    rota
}

/// A world that is being described.
#[derive(Clone)]
pub struct Setup {
    begins: &'static str,
    real_clock: bool,
    settings: Vec<(&'static str, String)>,
    webhooks: Vec<(&'static str, &'static str, String)>,
    runbooks: Vec<(&'static str, String)>,
    has_rota: bool,
    swaps: &'static str,
    bot_permissions: Option<u64>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            begins: "2026-11-21T02:02:00Z",
            real_clock: false,
            settings: Vec::new(),
            webhooks: Vec::new(),
            runbooks: Vec::new(),
            has_rota: true,
            swaps: "",
            bot_permissions: None,
        }
    }
}

impl Setup {
    /// Runs on the machine's own clock: for a part that has one of its own.
    pub fn on_the_real_clock(mut self) -> Self {
        self.real_clock = true;
        self
    }

    /// Sets a key of the configuration, `policy.storm_alertnames`.
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((key, value.into()));
        self
    }

    /// Wakes people through this webhook.
    pub fn pager(self, sink: &Sink) -> Self {
        self.with("pager.url", sink.url())
    }

    /// The bot was invited with these permissions, as the number of an invite link says them.
    pub fn invited_with(mut self, permissions: u64) -> Self {
        self.bot_permissions = Some(permissions);
        self
    }

    /// Nobody is on call by name: the team has written no rota yet.
    pub fn without_a_rota(mut self) -> Self {
        self.has_rota = false;
        self
    }

    /// What else the rota says: its overrides.
    pub fn with_swaps(mut self, swaps: &'static str) -> Self {
        self.swaps = swaps;
        self
    }

    /// Tells stakeholders through this webhook; `kind` is `generic` or `slack`.
    pub fn tells(mut self, name: &'static str, kind: &'static str, sink: &Sink) -> Self {
        self.webhooks.push((name, kind, sink.url()));
        self
    }

    /// Replaces the built-in runbooks by these: file name and text.
    pub fn runbook(mut self, file: &'static str, text: impl Into<String>) -> Self {
        self.runbooks.push((file, text.into()));
        self
    }

    /// Begins the night, and waits until the bot is there.
    pub async fn start(self) -> World {
        let begins: DateTime<Utc> = self.begins.parse().expect("a night begins at a time");
        let (start_time, speed, clock) = if self.real_clock {
            (None, 1.0, Clock::real())
        } else {
            (Some(begins), 0.0, Clock::starting_at(begins, 0.0))
        };
        let usual = Settings::default();
        let discord = LocalDiscord::start(Settings {
            bot_permissions: self.bot_permissions.unwrap_or(usual.bot_permissions),
            start_time,
            speed,
            rate_limits: RateLimits::Off,
            bot_name: "Bridgewatch".to_owned(),
            ..usual
        })
        .await
        .expect("a local Discord starts on a free port");
        // Nothing here outlives the test, so no disk has to be waited for where memory can hold it.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)
        } else {
            tempfile::tempdir()
        };
        // Those who work on incidents manage the server too, so that Discord shows them `/admin`.
        discord.set_role_permissions("responder", discord_sim::permissions::MANAGE_GUILD);
        let world = World {
            discord,
            clock,
            folder: folder.expect("a temporary folder can be made"),
            setup: self,
            bot: None.into(),
            log: Log::default(),
            alerts: Default::default(),
            unheard: 0.into(),
            keystrokes: 0.into(),
            ended: false.into(),
        };
        world.setup.write_files(world.folder.path());
        world.starts_the_bot().await;
        world
    }

    /// Writes what the team brings along.
    fn write_files(&self, folder: &Path) {
        let runbooks = folder.join("playbooks/runbooks");
        for (name, text) in &self.runbooks {
            let file = runbooks.join(name);
            let parent = file.parent().expect("a file lies in a folder");
            std::fs::create_dir_all(parent).expect("a folder can be made");
            write(&file, text);
        }
    }

    /// The configuration as an operator would write it.
    pub(super) fn config(&self, folder: &Path, discord: &LocalDiscord) -> Config {
        let rota = rota(discord, &ROTA) + self.swaps;
        let rota_file = folder.join("rota.toml");
        write(&rota_file, &rota);

        let mut file = String::new();
        for (name, kind, url) in &self.webhooks {
            let _ = writeln!(
                file,
                "[[stakeholders.webhooks]]\nname = {name:?}\nkind = {kind:?}\nurl = {url:?}"
            );
        }
        let config_file = folder.join("bridgewatch.toml");
        write(&config_file, &file);

        let mut settings = vec![
            ("discord.token", discord.token()),
            ("discord.guild_id", discord.guild_id().to_string()),
            ("discord.api_url", discord.url()),
            (
                "database.url",
                format!("sqlite:{}", folder.join("bridgewatch.db").display()),
            ),
            ("http.listen", "127.0.0.1:0".to_owned()),
            ("server.timezone", "Europe/Berlin".to_owned()),
            // The clock of a test stands still between two acts: each of them shows.
            ("policy.board_min_interval", "0s".to_owned()),
        ];
        if self.has_rota {
            settings.push(("rota.file", rota_file.display().to_string()));
        }
        if !self.runbooks.is_empty() {
            let playbooks = folder.join("playbooks");
            settings.push(("playbooks.dir", playbooks.display().to_string()));
        }
        settings.extend(self.settings.iter().cloned());
        let environment = settings.into_iter().map(|(key, value)| {
            let variable = key.to_uppercase().replace('.', "__");
            (format!("BRIDGEWATCH__{variable}"), value)
        });
        Config::load(Some(&config_file), environment)
            .unwrap_or_else(|errors| panic!("the configuration of the world is wrong: {errors}"))
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text)
        .unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()));
}
