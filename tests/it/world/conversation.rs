//! Everything that was said, for whoever has to find out why a test failed.

use std::fmt::Write as _;

use discord_sim::{ChannelKind, ComponentView, MessageView};

use super::World;
use super::setup::ROTA;

impl World {
    /// The whole conversation as text.
    pub fn conversation(&self) -> String {
        let mut text = format!("It is {} UTC.\n", self.now().format("%Y-%m-%d %H:%M:%S"));
        for channel in self.discord.channels() {
            let sign = match channel.kind {
                ChannelKind::Category => continue,
                ChannelKind::Dm => "✉",
                _ => "#",
            };
            let mut messages = self.discord.messages(channel.id);
            messages.extend(self.private_messages(channel.id));
            messages.sort_by_key(|message| message.id);
            if messages.is_empty() {
                continue;
            }
            let _ = writeln!(text, "── {sign}{} ──", channel.name);
            for message in messages {
                text.push_str(&self.line(&message));
            }
        }
        let _ = writeln!(text, "── log ──");
        text.push_str(&self.log.newest(40));
        text
    }

    fn private_messages(&self, channel: u64) -> Vec<MessageView> {
        let everybody = ROTA.iter().map(|(_, login)| *login);
        everybody
            .chain(["priya", "nora"])
            .filter_map(|login| self.discord.person(login))
            .flat_map(|person| person.visible_messages(channel))
            .filter(|message| message.ephemeral)
            .collect()
    }

    fn line(&self, message: &MessageView) -> String {
        let mut text = String::new();
        let marks = [
            (message.pinned, " 📍"),
            (message.edited_at.is_some(), " (edited)"),
            (message.ephemeral, " (private)"),
        ];
        let marks: String = marks
            .into_iter()
            .filter_map(|(is_so, mark)| is_so.then_some(mark))
            .collect();
        let _ = writeln!(
            text,
            "{} {}{marks}",
            message.timestamp.format("%H:%M:%S"),
            message.author.name
        );
        for line in self.as_read(&message.text()).lines() {
            let _ = writeln!(text, "    {line}");
        }
        for row in &message.components {
            let words: Vec<String> = row
                .iter()
                .map(|component| match component {
                    ComponentView::Button(button) => format!("[{}]", button.label),
                    ComponentView::Select(select) => {
                        format!("[{} ▾]", select.placeholder.as_deref().unwrap_or_default())
                    }
                })
                .collect();
            let _ = writeln!(text, "    {}", words.join(" "));
        }
        for reaction in &message.reactions {
            let _ = writeln!(text, "    {} {}", reaction.emoji, reaction.user_ids.len());
        }
        text
    }
}
