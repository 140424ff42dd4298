//! Who and where the bot is, its commands, and a direct message.

use std::collections::BTreeSet;

use bridgewatch_commands as commands;
use bridgewatch_core::ports::Chat as _;
use serenity::builder::CreateCommand;

use super::super::ids;
use super::super::message::{MessageBody, Nonce};
use super::{Exercise, Verdict};

impl Exercise<'_> {
    pub(super) async fn who_and_where(&mut self) {
        let bot = self.rest.current_user().await;
        if let Some(bot) = self.worked("read the bot's own user", bot) {
            self.compare("the bot is told to be one", bot.bot, true);
        }
        let application = self.rest.application().await;
        if let Some(application) = self.worked("read the bot's application", application) {
            let may_read = application.may_read_messages();
            self.compare("the message content intent is on", may_read, true);
        }
        let gateway = self.rest.gateway_url().await;
        self.worked("ask where the gateway is", gateway);
        let guild = self.rest.guild(self.setting.guild).await;
        self.worked("read the server", guild);
        let roles = self.rest.guild_roles(self.setting.guild).await;
        self.worked("list the server's roles", roles);
        let member = self
            .rest
            .guild_member(self.setting.guild, self.setting.bot)
            .await;
        self.worked("read the bot as a member", member);
    }

    /// Registers the bot's commands twice; if there were none before, there are none afterwards.
    pub(super) async fn register_commands(&mut self) {
        let (application, guild) = (self.setting.application, self.setting.guild);
        let before = self.rest.guild_commands(application, guild).await;
        let Some(before) = self.worked("list the slash commands", before) else {
            return;
        };
        let all = poise::builtins::create_application_commands(&commands::all());
        let rest = self.rest;
        let register = async |list: &[CreateCommand]| {
            rest.register_guild_commands(application, guild, list).await
        };
        let first = register(&all).await;
        if let Some(first) = self.worked("register the slash commands", first) {
            self.compare("all of them are there", first.len(), all.len());
            let again = register(&all).await;
            if let Some(again) = self.worked("register them again", again) {
                let ids = |list: &[super::super::answers::RegisteredCommand]| {
                    list.iter()
                        .map(|command| command.id)
                        .collect::<BTreeSet<_>>()
                };
                self.compare("they keep their ids", ids(&again), ids(&first));
            }
        }
        if before.is_empty() {
            let removed = register(&[]).await;
            self.worked("remove the slash commands again", removed);
        }
    }

    /// A message to one person, which is deleted again.
    pub(super) async fn direct_message(&mut self) {
        let what = "open a direct channel and write there";
        let Some(person) = self.setting.person else {
            self.skip(what, "nobody was named: --person <id>");
            return;
        };
        let opened = self.chat.direct_channel(ids::to_core_person(person)).await;
        let Some(opened) = self.worked("open a direct channel", opened) else {
            return;
        };
        let (Ok(channel), Ok(nonce)) = (ids::channel(opened), Nonce::new("exercise-direct")) else {
            let impossible = Verdict::Failed("Discord gave a channel without an id".to_owned());
            self.note(what, impossible);
            return;
        };
        let body = MessageBody::text("Bridgewatch exercises. Nothing has happened.");
        let sent = self.rest.create_message(channel, &body, &nonce, &[]).await;
        if let Some(sent) = self.worked("write to a person", sent) {
            let deleted = self.rest.delete_message(channel, sent.id).await;
            self.worked("delete the direct message", deleted);
        }
    }
}
