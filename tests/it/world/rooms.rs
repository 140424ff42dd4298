//! Channels and what stands in them, as somebody reads it: times on the clock of the wall, names instead of ids.

use std::collections::BTreeSet;

use chrono::DateTime;
use discord_sim::{ChannelKind, MessageView};

use super::World;
use super::setup::ROTA;

/// A channel.
#[derive(Clone)]
pub struct Room<'world> {
    world: &'world World,
    pub id: u64,
    pub name: String,
}

/// A message as it is read.
#[derive(Clone, Debug)]
pub struct Message {
    pub view: MessageView,
    /// All of its text, with times and names as people see them.
    pub text: String,
}

impl Message {
    /// The labels of its buttons that can be pressed, and of its links.
    pub fn buttons(&self) -> Vec<&str> {
        self.view
            .buttons()
            .filter(|button| !button.disabled)
            .map(|button| button.label.as_str())
            .collect()
    }

    /// Whether somebody put this emoji under it.
    pub fn has_reaction(&self, emoji: &str) -> bool {
        self.view
            .reactions
            .iter()
            .any(|reaction| reaction.emoji == emoji && !reaction.user_ids.is_empty())
    }
}

impl World {
    /// A channel by its name, or by the only name that begins like this.
    #[track_caller]
    pub fn channel(&self, name: &str) -> Room<'_> {
        let channels = self.discord.channels();
        let texts = || {
            channels
                .iter()
                .filter(|channel| channel.kind == ChannelKind::Text)
        };
        let found: Vec<_> = texts()
            .filter(|channel| channel.name == name)
            .chain(texts().filter(|channel| channel.name != name && channel.name.starts_with(name)))
            .collect();
        match found.as_slice() {
            [one, rest @ ..] if one.name == name || rest.is_empty() => Room {
                world: self,
                id: one.id,
                name: one.name.clone(),
            },
            [] => self.fail(&format!("there is no channel {name}")),
            several => self.fail(&format!("{} channels begin like {name}", several.len())),
        }
    }

    /// The channels of incidents, in the order of a client's list.
    pub fn incident_channels(&self) -> Vec<String> {
        self.discord
            .channels()
            .into_iter()
            .filter(|channel| channel.kind == ChannelKind::Text && channel.name.starts_with("inc-"))
            .map(|channel| channel.name)
            .collect()
    }

    /// The channel of the newest incident, which is where people are unless a test says otherwise.
    #[track_caller]
    pub fn newest_incident_channel(&self) -> Room<'_> {
        let newest = self
            .discord
            .channels()
            .into_iter()
            .filter(|channel| channel.kind == ChannelKind::Text && channel.name.starts_with("inc-"))
            .max_by_key(|channel| channel.id);
        match newest {
            Some(channel) => Room {
                world: self,
                id: channel.id,
                name: channel.name,
            },
            None => self.fail("there is no incident channel"),
        }
    }

    /// Writes in a channel as the bot, beside the service; the status of the answer.
    pub async fn lets_the_bot_write_in(&self, room: &Room<'_>) -> u16 {
        let client = reqwest::Client::builder()
            .no_proxy()
            .user_agent("DiscordBot (https://bridgewatch.example, 1)")
            .build()
            .expect("a client without TLS settings can be built");
        let url = format!(
            "{}/api/v10/channels/{}/messages",
            self.discord.url(),
            room.id
        );
        let answer = client
            .post(url)
            .header("authorization", format!("Bot {}", self.discord.token()))
            .json(&serde_json::json!({"content": "For the record."}))
            .send()
            .await;
        answer.expect("the local Discord answers").status().as_u16()
    }

    /// An alert has opened its incident, with one of everything: channel, board, digest line, a message for each of those called.
    #[track_caller]
    pub fn expect_one_opening(&self, alert: &str) {
        let channels = self.incident_channels();
        // Its number may be any: one that was taken right before a crash is not given again.
        let number = match channels.as_slice() {
            [name] => name
                .strip_prefix("inc-")
                .and_then(|rest| rest.strip_suffix(&format!("-{alert}"))),
            _ => None,
        };
        let Some(number) = number else {
            self.fail(&format!(
                "the incident channels are {channels:?}, not one of {alert}"
            ));
        };
        let name = format!("inc-{number}-{alert}");
        let channel = self.channel(&name);
        channel.expect_board(alert);
        let boards = channel
            .messages()
            .into_iter()
            .filter(|message| message.text.contains("**ROLES**"))
            .count();
        if boards != 1 {
            self.fail(&format!("{boards} boards in #{name}"));
        }
        self.channel("incidents")
            .expect_once(&format!("**INC-{number}**"))
            .expect_once("Bridgewatch is on watch");
        for person in [self.sam(), self.mo(), self.kim()] {
            if person.dm().messages().len() != 1 {
                person.dm().expect_once("");
            }
        }
    }

    pub(super) fn room(&self, id: u64) -> Room<'_> {
        let name = self
            .discord
            .channels()
            .into_iter()
            .find(|channel| channel.id == id)
            .map_or_else(|| id.to_string(), |channel| channel.name);
        Room {
            world: self,
            id,
            name,
        }
    }

    /// A text as a client shows it.
    pub fn as_read(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('<') {
            let (before, token) = rest.split_at(start);
            shown.push_str(before);
            let end = token.find('>').map(|end| end + 1);
            match end.and_then(|end| Some((end, self.token_as_read(&token[1..end - 1])?))) {
                Some((end, words)) => {
                    shown.push_str(&words);
                    rest = &token[end..];
                }
                None => {
                    shown.push('<');
                    rest = &token[1..];
                }
            }
        }
        shown.push_str(rest);
        shown
    }

    fn token_as_read(&self, token: &str) -> Option<String> {
        if let Some(time) = token.strip_prefix("t:") {
            let (unix, style) = time.split_once(':').unwrap_or((time, "f"));
            let at = DateTime::from_timestamp(unix.parse().ok()?, 0)?;
            return Some(match style {
                "R" => match (at - self.now()).num_minutes() {
                    0 => "now".to_owned(),
                    minutes if minutes > 0 => format!("in {minutes} minutes"),
                    minutes => format!("{} minutes ago", -minutes),
                },
                _ => at
                    .with_timezone(&chrono_tz::Europe::Berlin)
                    .format("%H:%M")
                    .to_string(),
            });
        }
        if let Some(id) = token.strip_prefix('@') {
            let id: u64 = id.trim_start_matches('!').parse().ok()?;
            let known = |login: &&str| {
                self.discord
                    .person(login)
                    .is_some_and(|person| person.id() == id)
            };
            let everybody = ROTA.iter().map(|(_, login)| *login);
            return everybody
                .chain(["priya", "nora"])
                .find(known)
                .map(|login| format!("@{login}"));
        }
        let id: u64 = token.strip_prefix('#')?.parse().ok()?;
        Some(format!("#{}", self.room(id).name))
    }

    pub(super) fn message(&self, view: MessageView) -> Message {
        Message {
            text: self.as_read(&view.text()),
            view,
        }
    }
}

impl Room<'_> {
    /// What everybody can read, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        let views = self.world.discord.messages(self.id);
        views
            .into_iter()
            .map(|view| self.world.message(view))
            .collect()
    }

    /// The pinned board.
    #[track_caller]
    pub fn board(&self) -> Message {
        let pinned = |message: &Message| message.view.pinned && message.view.author.bot;
        let mut boards: Vec<Message> = self.messages().into_iter().filter(pinned).collect();
        match (boards.pop(), boards.len()) {
            (Some(board), 0) => board,
            (None, _) => self.world.fail(&format!("no board in #{}", self.name)),
            (_, more) => self
                .world
                .fail(&format!("{} boards in #{}", more + 1, self.name)),
        }
    }

    /// The board says this.
    #[track_caller]
    pub fn expect_board(&self, part: &str) -> &Self {
        let board = self.board();
        if !board.text.contains(part) {
            self.world.fail(&format!(
                "the board of #{} does not say `{part}`:\n{}",
                self.name, board.text
            ));
        }
        self
    }

    /// The board does not say this.
    #[track_caller]
    pub fn expect_board_without(&self, part: &str) -> &Self {
        let board = self.board();
        if board.text.contains(part) {
            self.world.fail(&format!(
                "the board of #{} says `{part}`:\n{}",
                self.name, board.text
            ));
        }
        self
    }

    /// The board's buttons, in their order.
    #[track_caller]
    pub fn expect_buttons(&self, labels: &[&str]) -> &Self {
        let board = self.board();
        if board.buttons() != labels {
            self.world.fail(&format!(
                "the board of #{} has the buttons {:?}, not {labels:?}",
                self.name,
                board.buttons()
            ));
        }
        self
    }

    /// Somewhere in the channel, the board included, stands this.
    #[track_caller]
    pub fn expect_line(&self, part: &str) -> &Self {
        if self.count(part) == 0 {
            self.world
                .fail(&format!("nothing in #{} says `{part}`", self.name));
        }
        self
    }

    /// It was said once, and not twice.
    #[track_caller]
    pub fn expect_once(&self, part: &str) -> &Self {
        let count = self.count(part);
        if count != 1 {
            self.world.fail(&format!(
                "{count} messages in #{} say `{part}`, not one",
                self.name
            ));
        }
        self
    }

    /// Nobody said this.
    #[track_caller]
    pub fn expect_no_line(&self, part: &str) -> &Self {
        let count = self.count(part);
        if count != 0 {
            self.world
                .fail(&format!("{count} messages in #{} say `{part}`", self.name));
        }
        self
    }

    /// How many messages say this.
    pub fn count(&self, part: &str) -> usize {
        let says = |message: &&Message| message.text.contains(part);
        self.messages().iter().filter(says).count()
    }

    /// The newest message that says this.
    #[track_caller]
    pub fn saying(&self, part: &str) -> Message {
        let found = self
            .messages()
            .into_iter()
            .rfind(|message| message.text.contains(part));
        found.unwrap_or_else(|| {
            self.world
                .fail(&format!("nothing in #{} says `{part}`", self.name))
        })
    }

    /// Exactly these of the team can see the channel.
    #[track_caller]
    pub fn expect_members(&self, logins: &[&str]) -> &Self {
        let sees = |login: &&str| {
            self.world
                .discord
                .person(login)
                .is_some_and(|person| person.sees(self.id))
        };
        let everybody = ROTA.iter().map(|(_, login)| *login).chain(["priya"]);
        let seen: BTreeSet<&str> = everybody.filter(sees).collect();
        if seen != logins.iter().copied().collect() {
            self.world.fail(&format!(
                "#{} is seen by {seen:?}, not by {logins:?}",
                self.name
            ));
        }
        self
    }
}
