//! People: they talk, react, press, type commands and fill in forms. Each act settles before it returns.

use discord_sim::{Form, Refused, Reply};

use super::{Message, Room, World};

/// Somebody of the team.
#[derive(Clone)]
pub struct Person<'world> {
    world: &'world World,
    who: discord_sim::Person,
    login: &'static str,
    /// Where they are; `None` for the newest incident channel.
    place: Option<u64>,
}

/// A message that somebody wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub channel: u64,
    pub message: u64,
}

/// What somebody got for a press, a command or a form.
pub struct Answer<'world> {
    world: &'world World,
    person: Person<'world>,
    what: String,
    reply: Reply,
}

/// What an act costs whoever does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Buttons pressed, choices made, commands and forms sent.
    pub taps: usize,
    /// Characters typed: in messages, commands and fields.
    pub keystrokes: usize,
}

impl Effort {
    /// So many taps, and nothing typed.
    pub fn taps(taps: usize) -> Self {
        Self {
            taps,
            keystrokes: 0,
        }
    }
}

macro_rules! everybody {
    ($($login:ident),*) => {
        impl World {
            $(pub fn $login(&self) -> Person<'_> {
                self.person(stringify!($login))
            })*
        }
    };
}

everybody!(sam, ada, fay, mo, kim, nora, priya);

impl World {
    /// How often anybody pressed a button, chose, typed a command or sent a form while this was done.
    pub async fn taps(&self, doing: impl AsyncFnOnce()) -> usize {
        let answers = || {
            let requests = self.discord.requests();
            let answers = requests
                .iter()
                .filter(|request| request.route.ends_with("/callback"));
            answers.count()
        };
        let before = answers();
        doing().await;
        answers() - before
    }

    /// What anybody pressed and typed while this was done.
    pub async fn effort(&self, doing: impl AsyncFnOnce()) -> Effort {
        let before = self.keystrokes.get();
        let taps = self.taps(doing).await;
        Effort {
            taps,
            keystrokes: self.keystrokes.get() - before,
        }
    }

    fn person(&self, login: &'static str) -> Person<'_> {
        Person {
            world: self,
            who: self
                .discord
                .person(login)
                .expect("everybody is in the server"),
            login,
            place: None,
        }
    }
}

impl World {
    /// Somebody who may deletes a message of somebody else.
    pub async fn somebody_deletes(&self, room: &Room<'_>, message: u64) {
        let deleted = self.nora().who.delete(room.id, message);
        self.nora().allowed("delete", deleted);
        self.settle().await;
    }
}

impl<'world> Person<'world> {
    pub fn id(&self) -> u64 {
        self.who.id()
    }

    /// The person as the local Discord knows them.
    pub fn in_discord(&self) -> &discord_sim::Person {
        &self.who
    }

    /// Goes to a channel.
    pub fn in_channel(mut self, room: &Room<'_>) -> Self {
        self.place = Some(room.id);
        self
    }

    /// Goes to their direct messages with the bot.
    #[track_caller]
    pub fn in_dm(mut self) -> Self {
        match self.who.dm_channel() {
            Some(channel) => self.place = Some(channel),
            None => self
                .world
                .fail(&format!("nobody has written to {}", self.login)),
        }
        self
    }

    /// Their direct messages with the bot.
    #[track_caller]
    pub fn dm(&self) -> Room<'world> {
        match self.who.dm_channel() {
            Some(channel) => self.world.room(channel),
            None => self
                .world
                .fail(&format!("nobody has written to {}", self.login)),
        }
    }

    /// Whether the bot ever wrote to them.
    pub fn was_written_to(&self) -> bool {
        self.who
            .dm_channel()
            .is_some_and(|channel| !self.world.discord.messages(channel).is_empty())
    }

    #[track_caller]
    fn here(&self) -> u64 {
        self.place
            .unwrap_or_else(|| self.world.newest_incident_channel().id)
    }

    /// What they see where they are, with what is addressed to them alone.
    #[track_caller]
    pub fn sees(&self) -> Vec<Message> {
        let views = self.who.visible_messages(self.here());
        views
            .into_iter()
            .map(|view| self.world.message(view))
            .collect()
    }

    /// "I have it": in the direct message if there is one, else on the board.
    pub async fn takes_it(&self) -> Answer<'world> {
        let mut at = self.clone();
        if at.place.is_none() && self.was_written_to() {
            at = at.in_dm();
        }
        at.clicks("Take it").await
    }

    /// Presses the newest button with this label that they see.
    pub async fn clicks(&self, label: &str) -> Answer<'world> {
        let has_it = |message: &Message| message.buttons().contains(&label);
        let Some(message) = self.sees().into_iter().rfind(has_it) else {
            self.fail(&format!("sees no button `{label}`"))
        };
        self.clicks_on(&message, label).await
    }

    /// Presses a button of this message.
    pub async fn clicks_on(&self, message: &Message, label: &str) -> Answer<'world> {
        let reply = self.who.click(message.view.id, label).await;
        self.answered(format!("pressed `{label}`"), reply).await
    }

    /// Presses a button of this message as it was when they last looked, whatever stands there by now.
    pub async fn clicks_as_drawn(&self, message: &Message, label: &str) -> Answer<'world> {
        let reply = self.who.click_as_drawn(&message.view, label).await;
        self.answered(format!("pressed `{label}`"), reply).await
    }

    /// Types a slash command.
    pub async fn types(&self, line: &str) -> Answer<'world> {
        let channel = match self.place {
            Some(place) => place,
            None if self.world.incident_channels().is_empty() => self.world.channel("general").id,
            None => self.here(),
        };
        self.pressed_keys(line);
        let reply = self.who.slash(channel, line).await;
        self.answered(format!("typed `{line}`"), reply).await
    }

    /// Types a command with a file beside it, `/admin import file:notes.csv`.
    pub async fn types_with_file(
        &self,
        line: &str,
        filename: &str,
        bytes: &[u8],
    ) -> Answer<'world> {
        let channel = self.here();
        let reply = self
            .who
            .slash_with_file(channel, line, filename, bytes)
            .await;
        self.answered(format!("typed `{line}`"), reply).await
    }

    /// Uses an entry of a message's menu.
    pub async fn uses(&self, entry: &str, said: Said) -> Answer<'world> {
        let reply = self
            .who
            .message_menu(entry, said.channel, said.message)
            .await;
        self.answered(format!("used `{entry}`"), reply).await
    }

    /// Writes a message.
    pub async fn says(&self, text: &str) -> Said {
        let channel = self.here();
        self.pressed_keys(text);
        let message = self.allowed("write", self.who.say(channel, text));
        self.world.settle().await;
        Said { channel, message }
    }

    /// Writes a message with a file.
    pub async fn attaches(&self, text: &str, filename: &str, bytes: &[u8]) -> Said {
        let said = self.attaches_at_once(text, filename, bytes);
        self.world.settle().await;
        said
    }

    /// As [`Person::attaches`], without waiting for what comes of it.
    pub fn attaches_at_once(&self, text: &str, filename: &str, bytes: &[u8]) -> Said {
        let channel = self.here();
        let attached = self.who.attach(channel, text, filename, bytes);
        let message = self.allowed("attach", attached);
        Said { channel, message }
    }

    /// Changes a message of theirs.
    pub async fn edits(&self, said: Said, text: &str) {
        self.allowed("edit", self.who.edit(said.channel, said.message, text));
        self.world.settle().await;
    }

    /// Deletes a message of theirs.
    pub async fn deletes(&self, said: Said) {
        self.allowed("delete", self.who.delete(said.channel, said.message));
        self.world.settle().await;
    }

    /// Puts an emoji under a message.
    pub async fn reacts(&self, said: Said, emoji: &str) {
        self.allowed("react", self.who.react(said.channel, said.message, emoji));
        self.world.settle().await;
    }

    /// Takes their emoji back.
    pub async fn unreacts(&self, said: Said, emoji: &str) {
        self.allowed(
            "take a reaction back",
            self.who.unreact(said.channel, said.message, emoji),
        );
        self.world.settle().await;
    }

    /// Pins a message.
    pub async fn pins(&self, said: Said) {
        self.allowed("pin", self.who.pin(said.channel, said.message));
        self.world.settle().await;
    }

    /// Leaves the server.
    pub async fn leaves(&self) {
        self.allowed("leave", self.who.leave());
        self.world.settle().await;
    }

    /// The server gives them a role, or takes it away.
    pub async fn is_given(&self, role: &str, has: bool) {
        let given = self.world.discord.set_member_role(self.login, role, has);
        self.allowed("be given a role", given);
        self.world.settle().await;
    }

    /// Deletes a channel with everything in it.
    pub async fn deletes_channel(&self, room: &Room<'_>) {
        self.allowed("delete a channel", self.who.delete_channel(room.id));
        self.world.settle().await;
    }

    /// Writes a message where they may not.
    #[track_caller]
    pub fn cannot_write_in(&self, room: &Room<'_>) {
        if self.who.say(room.id, "one more thing").is_ok() {
            self.fail(&format!("can write in #{}", room.name));
        }
    }

    fn pressed_keys(&self, text: &str) {
        let keystrokes = &self.world.keystrokes;
        keystrokes.set(keystrokes.get() + text.chars().count());
    }

    #[track_caller]
    fn allowed<T>(&self, what: &str, result: Result<T, Refused>) -> T {
        result.unwrap_or_else(|refused| self.fail(&format!("cannot {what}: {refused}")))
    }

    async fn answered(&self, what: String, reply: Result<Reply, Refused>) -> Answer<'world> {
        let reply = reply.unwrap_or_else(|refused| self.fail(&format!("{what}, and: {refused}")));
        self.world.settle().await;
        if reply == Reply::NoAnswer {
            self.fail(&format!("{what} and got no answer within three seconds"));
        }
        Answer {
            world: self.world,
            person: self.clone(),
            what,
            reply,
        }
    }

    #[track_caller]
    fn fail(&self, why: &str) -> ! {
        self.world.fail(&format!("{} {why}", self.login))
    }
}

impl<'world> Answer<'world> {
    /// The text of the answer.
    pub fn text(&self) -> String {
        match &self.reply {
            Reply::Message(message) | Reply::Updated(message) => {
                self.world.as_read(&message.text())
            }
            Reply::Form(form) => form.title.clone(),
            Reply::Nothing | Reply::NoAnswer => String::new(),
        }
    }

    /// The answer says this.
    #[track_caller]
    pub fn expect(&self, part: &str) -> &Self {
        if !self.text().contains(part) {
            self.person.fail(&format!(
                "{} and was not told `{part}` but:\n{}",
                self.what,
                self.text()
            ));
        }
        self
    }

    /// Nobody else can read the answer.
    #[track_caller]
    pub fn expect_private(&self) -> &Self {
        let is_private =
            |message: &discord_sim::MessageView| message.ephemeral_for == Some(self.person.id());
        if !self.reply.message().is_some_and(is_private) {
            self.person
                .fail(&format!("{} and everybody can read the answer", self.what));
        }
        self
    }

    /// Something was said, and it was no apology for an error of the bot's own.
    #[track_caller]
    pub fn is_answered(&self) -> &Self {
        let text = self.text();
        let went_wrong = text.contains("broke on my side");
        if went_wrong || (text.trim().is_empty() && self.buttons().is_empty()) {
            self.person
                .fail(&format!("{} and was told: {text}", self.what));
        }
        self
    }

    /// What a menu of the answer offers.
    pub fn options(&self, hint: &str) -> Vec<String> {
        let menus = self
            .reply
            .message()
            .into_iter()
            .flat_map(|message| message.selects());
        menus
            .filter(|menu| menu.placeholder.as_deref() == Some(hint))
            .flat_map(|menu| menu.options.iter().map(|option| option.value.clone()))
            .collect()
    }

    /// The labels of the answer's buttons.
    pub fn buttons(&self) -> Vec<String> {
        let buttons = self.reply.message().into_iter().flat_map(|message| {
            message
                .buttons()
                .map(|button| button.label.clone())
                .collect::<Vec<_>>()
        });
        buttons.collect()
    }

    /// Presses a button of the answer.
    pub async fn clicks(&self, label: &str) -> Answer<'world> {
        let Some(message) = self.reply.message() else {
            self.person
                .fail(&format!("{} and got nothing to press", self.what))
        };
        let message = self.world.message(message.clone());
        self.person.clicks_on(&message, label).await
    }

    /// Chooses from the answer's menu.
    pub async fn chooses(&self, hint: &str, values: &[&str]) -> Answer<'world> {
        let Some(message) = self.reply.message() else {
            self.person
                .fail(&format!("{} and got nothing to choose from", self.what))
        };
        let reply = self.person.who.select(message.id, hint, values).await;
        self.person
            .answered(format!("chose {values:?} of `{hint}`"), reply)
            .await
    }

    /// Fills in the form that the answer is; by label. What is left out stays as it was filled in.
    pub async fn fills_in(&self, fields: &[(&str, &str)]) -> Answer<'world> {
        for (_, words) in fields {
            self.person.pressed_keys(words);
        }
        let reply = self.person.who.submit(self.form(), fields).await;
        self.person
            .answered(format!("filled in `{}`", self.form().title), reply)
            .await
    }

    /// The form that the answer is.
    #[track_caller]
    pub fn form(&self) -> &Form {
        match &self.reply {
            Reply::Form(form) => form,
            other => self
                .person
                .fail(&format!("{} and got no form but {other:?}", self.what)),
        }
    }
}
