//! A person at a keyboard: talks, reacts, presses, types commands and fills in forms, within what a client would let them do.

mod components;
mod forms;
mod resolve;
mod slash;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{monotonic, wait};
use crate::error::Refused;
use crate::model::{
    Author, Emoji, InteractionKind, Message, MessageEdit, NewFile, NewInteraction, NewMessage,
    Outcome, World,
};
use crate::permissions as p;
use crate::server::Shared;
use crate::view::{Form, MessageView, Reply};

/// Most characters a client lets somebody send.
const MOST_CONTENT: usize = 2000;

/// Most characters of a name in a server.
const MOST_NICKNAME: usize = 32;

/// Somebody in the guild. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Person {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: u64,
}

impl Person {
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The name shown beside their messages.
    pub fn name(&self) -> String {
        self.shared.world().display_name(self.id)
    }

    /// Takes another name in this server; a client allows 32 characters.
    pub fn takes_nickname(&self, nick: &str) -> Result<(), Refused> {
        let nick: String = nick.chars().take(MOST_NICKNAME).collect();
        Ok(self
            .shared
            .world()
            .set_nick(self.id, self.id, Some(nick.trim().to_owned()))?)
    }

    /// Writes a message and answers its id.
    pub fn say(&self, channel_id: u64, text: &str) -> Result<u64, Refused> {
        self.post(channel_id, NewMessage::text(text))
    }

    /// Replies to a message and answers the reply's id.
    pub fn reply(&self, channel_id: u64, message_id: u64, text: &str) -> Result<u64, Refused> {
        let mut new = NewMessage::text(text);
        new.reply_to = Some((message_id, true));
        self.post(channel_id, new)
    }

    /// Writes a message with a file.
    pub fn attach(
        &self,
        channel_id: u64,
        text: &str,
        filename: &str,
        bytes: &[u8],
    ) -> Result<u64, Refused> {
        let mut new = NewMessage::text(text);
        new.files.push(NewFile {
            filename: filename.to_owned(),
            description: None,
            content_type: crate::validate::content_type(filename),
            bytes: Arc::new(bytes.to_vec()),
        });
        self.post(channel_id, new)
    }

    fn post(&self, channel_id: u64, new: NewMessage) -> Result<u64, Refused> {
        short_enough(&new.content)?;
        Ok(self
            .shared
            .world()
            .post(Author::Member(self.id), channel_id, new)?)
    }

    /// Changes one's own message.
    pub fn edit(&self, channel_id: u64, message_id: u64, text: &str) -> Result<(), Refused> {
        short_enough(text)?;
        let edit = MessageEdit {
            content: Some(text.to_owned()),
            ..MessageEdit::default()
        };
        Ok(self
            .shared
            .world()
            .edit_message(self.id, channel_id, message_id, edit)?)
    }

    /// Deletes one's own message, or anybody's with MANAGE_MESSAGES.
    pub fn delete(&self, channel_id: u64, message_id: u64) -> Result<(), Refused> {
        Ok(self
            .shared
            .world()
            .delete_message(self.id, channel_id, message_id)?)
    }

    /// Dismisses an ephemeral message addressed to oneself. The bot is not told.
    pub fn dismiss(&self, message_id: u64) -> Result<(), Refused> {
        let mut world = self.shared.world();
        let message = world
            .find_message(message_id)
            .filter(|message| message.only_for == Some(self.id));
        let channel_id = message.ok_or_else(|| unseen(message_id))?.channel_id;
        world.delete_by_token(channel_id, message_id);
        Ok(())
    }

    pub fn react(&self, channel_id: u64, message_id: u64, emoji: &str) -> Result<(), Refused> {
        let emoji = Emoji::parse(emoji)?;
        Ok(self
            .shared
            .world()
            .react(self.id, channel_id, message_id, emoji)?)
    }

    /// Takes back one's own reaction.
    pub fn unreact(&self, channel_id: u64, message_id: u64, emoji: &str) -> Result<(), Refused> {
        let emoji = Emoji::parse(emoji)?;
        Ok(self
            .shared
            .world()
            .unreact(self.id, self.id, channel_id, message_id, &emoji)?)
    }

    /// Pins a message; needs PIN_MESSAGES.
    pub fn pin(&self, channel_id: u64, message_id: u64) -> Result<(), Refused> {
        Ok(self.shared.world().pin(self.id, channel_id, message_id)?)
    }

    pub fn unpin(&self, channel_id: u64, message_id: u64) -> Result<(), Refused> {
        Ok(self.shared.world().unpin(self.id, channel_id, message_id)?)
    }

    /// Deletes a channel with everything in it; needs MANAGE_CHANNELS.
    pub fn delete_channel(&self, channel_id: u64) -> Result<(), Refused> {
        self.shared.world().delete_channel(self.id, channel_id)?;
        Ok(())
    }

    /// Whether the channel is in their list.
    pub fn sees(&self, channel_id: u64) -> bool {
        self.shared.world().sees(self.id, channel_id)
    }

    /// Their direct channel with the bot, if there is one.
    pub fn dm_channel(&self) -> Option<u64> {
        self.shared.world().known_direct_channel(self.id)
    }

    /// Their direct channel with the bot, opened when there is none.
    pub fn open_dm(&self) -> Result<u64, Refused> {
        Ok(self.shared.world().direct_channel(self.id)?)
    }

    /// From now on the bot's direct messages to this person fail with 50007, or no longer.
    pub fn refuse_direct_messages(&self, refuse: bool) {
        if let Some(user) = self.shared.world().users.get_mut(&self.id) {
            user.refuses_direct_messages = refuse;
        }
    }

    /// What they see in a channel, oldest first, with the ephemeral messages addressed to them.
    pub fn visible_messages(&self, channel_id: u64) -> Vec<MessageView> {
        let world = self.shared.world();
        world
            .messages_seen_by(self.id, channel_id)
            .into_iter()
            .map(|message| world.message_view(message))
            .collect()
    }

    /// Leaves the guild.
    pub fn leave(&self) -> Result<(), Refused> {
        Ok(self.shared.world().remove_member(self.id, self.id)?)
    }

    /// Types a slash command: `/inc new title:Checkout is down`, or `/inc new Checkout is down` when one option is required.
    pub async fn slash(&self, channel_id: u64, line: &str) -> Result<Reply, Refused> {
        let interaction = {
            let mut world = self.shared.world();
            let (name, data) = slash::parse(&world, self.id, channel_id, line)?;
            let command = Some((name, 1));
            self.interact(
                &mut world,
                InteractionKind::Command,
                channel_id,
                data,
                None,
                command,
            )
        };
        self.outcome(interaction).await
    }

    /// As [`Person::slash`], with a file for an option that takes one: `/admin import file:notes.csv`.
    pub async fn slash_with_file(
        &self,
        channel_id: u64,
        line: &str,
        filename: &str,
        bytes: &[u8],
    ) -> Result<Reply, Refused> {
        self.shared.world().upload(NewFile {
            filename: filename.to_owned(),
            description: None,
            content_type: crate::validate::content_type(filename),
            bytes: Arc::new(bytes.to_vec()),
        });
        self.slash(channel_id, line).await
    }

    /// The choices offered for the option that is being typed last, as (name, value).
    pub async fn complete(
        &self,
        channel_id: u64,
        line: &str,
    ) -> Result<Vec<(String, String)>, Refused> {
        let interaction = {
            let mut world = self.shared.world();
            match slash::parse_for_completion(&world, self.id, channel_id, line)? {
                slash::Completion::Fixed(choices) => return Ok(choices),
                slash::Completion::Ask { name, data } => {
                    let command = Some((name, 1));
                    self.interact(
                        &mut world,
                        InteractionKind::Autocomplete,
                        channel_id,
                        data,
                        None,
                        command,
                    )
                }
            }
        };
        match self.settle(interaction).await {
            Outcome::Choices(choices) => Ok(choices),
            _ => Err(Refused::because(
                "loading options failed: the application did not respond",
            )),
        }
    }

    /// Uses a message's context menu.
    pub async fn message_menu(
        &self,
        name: &str,
        channel_id: u64,
        message_id: u64,
    ) -> Result<Reply, Refused> {
        let interaction = {
            let mut world = self.shared.world();
            let message = self.seen(&world, message_id)?;
            if message.channel_id != channel_id {
                return Err(unseen(message_id));
            }
            let resolved =
                json!({"messages": {message_id.to_string(): world.message_json(message)}});
            let data = self.menu(&world, name, 3, channel_id, message_id, resolved)?;
            let command = Some((name.to_owned(), 3));
            self.interact(
                &mut world,
                InteractionKind::Command,
                channel_id,
                data,
                None,
                command,
            )
        };
        self.outcome(interaction).await
    }

    /// Uses a person's context menu.
    pub async fn user_menu(
        &self,
        name: &str,
        channel_id: u64,
        user_id: u64,
    ) -> Result<Reply, Refused> {
        let interaction = {
            let mut world = self.shared.world();
            let mut resolved = resolve::Resolved::default();
            resolved.take(
                &world,
                self.id,
                channel_id,
                resolve::Wanted::User,
                &user_id.to_string(),
            )?;
            let data = self.menu(&world, name, 2, channel_id, user_id, resolved.json())?;
            let command = Some((name.to_owned(), 2));
            self.interact(
                &mut world,
                InteractionKind::Command,
                channel_id,
                data,
                None,
                command,
            )
        };
        self.outcome(interaction).await
    }

    fn menu(
        &self,
        world: &World,
        name: &str,
        kind: u8,
        channel_id: u64,
        target: u64,
        resolved: Value,
    ) -> Result<Value, Refused> {
        let usable = world.usable_commands(self.id, channel_id);
        let command = usable
            .into_iter()
            .find(|command| command.kind == kind && command.name == name);
        let command = command
            .ok_or_else(|| Refused::because(format!("there is no menu entry \"{name}\" here")))?;
        let mut data = json!({"id": command.id.to_string(), "name": name, "type": kind, "target_id": target.to_string(),
            "resolved": resolved});
        if command.in_guild {
            data["guild_id"] = json!(world.guild.id.to_string());
        }
        Ok(data)
    }

    /// Submits a form; answers by label or `custom_id`. Fields left out keep what was filled in. A form that the bot did not answer
    /// stays open, to be submitted again.
    pub async fn submit(&self, form: &Form, answers: &[(&str, &str)]) -> Result<Reply, Refused> {
        let opened_by = form.form_id.parse().unwrap_or(0);
        let interaction = {
            let mut world = self.shared.world();
            let closed = || Refused::because("this form is no longer open");
            let (opened, definition) = world.open_form(self.id, opened_by).ok_or_else(closed)?;
            let (channel_id, source) = (opened.channel_id, opened.source_message);
            let data = forms::filled_in(&world, self.id, channel_id, form, definition, answers)?;
            world.close_form(opened_by);
            self.interact(
                &mut world,
                InteractionKind::ModalSubmit,
                channel_id,
                data,
                source,
                None,
            )
        };
        let reply = self.outcome(interaction).await?;
        if matches!(reply, Reply::NoAnswer) {
            self.shared.world().reopen_form(opened_by);
        }
        Ok(reply)
    }

    /// The form that an interaction opened for this person, while it can be submitted.
    pub(crate) fn open_form(&self, interaction_id: u64) -> Option<Form> {
        let world = self.shared.world();
        let (opened, definition) = world.open_form(self.id, interaction_id)?;
        Some(opened.form_view(definition))
    }

    /// A message that this person sees.
    fn seen<'a>(&self, world: &'a World, message_id: u64) -> Result<&'a Message, Refused> {
        let message = world
            .find_message(message_id)
            .ok_or_else(|| unseen(message_id))?;
        let history = p::VIEW_CHANNEL | p::READ_MESSAGE_HISTORY;
        let reads = world.permissions(self.id, message.channel_id) & history == history;
        let addressed =
            message.only_for == Some(self.id) && world.sees(self.id, message.channel_id);
        if addressed || (message.only_for.is_none() && reads) {
            Ok(message)
        } else {
            Err(unseen(message_id))
        }
    }

    fn interact(
        &self,
        world: &mut World,
        kind: InteractionKind,
        channel_id: u64,
        data: Value,
        source_message: Option<u64>,
        command: Option<(String, u8)>,
    ) -> u64 {
        world.interact(NewInteraction {
            kind,
            user_id: self.id,
            channel_id,
            data,
            source_message,
            command,
        })
    }

    async fn outcome(&self, interaction: u64) -> Result<Reply, Refused> {
        match self.settle(interaction).await {
            Outcome::Reply(reply) => Ok(*reply),
            Outcome::Waiting | Outcome::Thinking | Outcome::Choices(_) => {
                let world = self.shared.world();
                Ok(world.thinking_view(interaction).unwrap_or(Reply::NoAnswer))
            }
        }
    }

    /// Waits for the bot's answer, and through a deferral for its text.
    async fn settle(&self, interaction: u64) -> Outcome {
        let mut changes = self.shared.world().changes();
        let started = monotonic();
        loop {
            let outcome = self.shared.world().outcome(interaction);
            let most = match outcome {
                Outcome::Waiting => self.shared.settings.interaction_deadline,
                Outcome::Thinking => self.shared.settings.patience,
                settled => return settled,
            };
            let left = most.saturating_sub(started.elapsed()) + Duration::from_millis(1);
            if started.elapsed() > most {
                return outcome;
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = wait(left) => {}
            }
        }
    }
}

fn short_enough(text: &str) -> Result<(), Refused> {
    let length = text.chars().count();
    if length > MOST_CONTENT {
        return Err(Refused::because(format!(
            "your message is too long: {length} of {MOST_CONTENT} characters"
        )));
    }
    Ok(())
}

fn unseen(message_id: u64) -> Refused {
    Refused::because(format!("there is no message {message_id} that you can see"))
}
