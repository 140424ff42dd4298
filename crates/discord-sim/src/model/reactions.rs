//! Reactions.

use serde_json::json;

use super::{Emoji, Reaction, World, kind, wire};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;
use crate::snowflake::parse_id;

/// Distinct emoji a message can carry.
const MOST_REACTIONS: usize = 20;

impl Emoji {
    /// Reads an emoji as the routes carry it: the character itself, or `name:id`.
    pub(crate) fn parse(text: &str) -> Result<Emoji, ApiError> {
        if let Some((name, id)) = text.rsplit_once(':')
            && let Some(id) = parse_id(id)
        {
            return Ok(Emoji {
                id: Some(id),
                name: name.to_owned(),
            });
        }
        let is_keycap = text.contains('\u{20e3}');
        let looks_like_one = !text.is_empty()
            && text.chars().count() <= 16
            && (is_keycap
                || text
                    .chars()
                    .all(|letter| !letter.is_ascii() && !letter.is_alphanumeric()));
        if looks_like_one {
            Ok(Emoji {
                id: None,
                name: text.to_owned(),
            })
        } else {
            Err(refusal::unknown_emoji())
        }
    }

    /// The same emoji, whatever variation selectors a client adds.
    pub(crate) fn is(&self, other: &Emoji) -> bool {
        let plain = |name: &str| name.replace('\u{fe0f}', "");
        match (self.id, other.id) {
            (None, None) => plain(&self.name) == plain(&other.name),
            (one, another) => one == another,
        }
    }
}

impl World {
    pub(crate) fn react(
        &mut self,
        user_id: u64,
        channel_id: u64,
        id: u64,
        emoji: Emoji,
    ) -> Result<(), ApiError> {
        self.require(user_id, channel_id, p::READ_MESSAGE_HISTORY)?;
        let message = self.message(channel_id, id)?;
        if message.only_for.is_some() {
            return Err(refusal::unknown_message());
        }
        // This guild has no emoji of its own.
        if emoji.id.is_some() {
            return Err(refusal::unknown_emoji());
        }
        let known = message
            .reactions
            .iter()
            .find(|reaction| reaction.emoji.is(&emoji));
        match known {
            Some(reaction) if reaction.users.contains(&user_id) => return Ok(()),
            Some(_) => {}
            None => {
                self.require(user_id, channel_id, p::ADD_REACTIONS)?;
                if message.reactions.len() >= MOST_REACTIONS {
                    return Err(refusal::too_many_reactions());
                }
            }
        }
        let author = message.author_id;
        let message = self.message_mut(channel_id, id)?;
        match message
            .reactions
            .iter_mut()
            .find(|reaction| reaction.emoji.is(&emoji))
        {
            Some(reaction) => reaction.users.push(user_id),
            None => message.reactions.push(Reaction {
                emoji: emoji.clone(),
                users: vec![user_id],
            }),
        }
        let mut extra = json!({"message_author_id": author.to_string(), "burst": false, "type": 0});
        if self.channel(channel_id)?.kind != kind::DM
            && let Some(member) = self.member_json(user_id)
        {
            extra["member"] = member;
        }
        self.emit_reaction(
            "MESSAGE_REACTION_ADD",
            channel_id,
            id,
            Some(user_id),
            Some(&emoji),
            extra,
        );
        self.touch(Some(channel_id));
        Ok(())
    }

    /// Takes back `whose` reaction; another's needs MANAGE_MESSAGES.
    pub(crate) fn unreact(
        &mut self,
        by: u64,
        whose: u64,
        channel_id: u64,
        id: u64,
        emoji: &Emoji,
    ) -> Result<(), ApiError> {
        self.require(
            by,
            channel_id,
            if by == whose { 0 } else { p::MANAGE_MESSAGES },
        )?;
        let message = self.message_mut(channel_id, id)?;
        let Some(reaction) = message
            .reactions
            .iter_mut()
            .find(|reaction| reaction.emoji.is(emoji) && reaction.users.contains(&whose))
        else {
            return Ok(());
        };
        reaction.users.retain(|user| *user != whose);
        let emoji = reaction.emoji.clone();
        message
            .reactions
            .retain(|reaction| !reaction.users.is_empty());
        let extra = json!({"burst": false, "type": 0});
        self.emit_reaction(
            "MESSAGE_REACTION_REMOVE",
            channel_id,
            id,
            Some(whose),
            Some(&emoji),
            extra,
        );
        self.touch(Some(channel_id));
        Ok(())
    }

    /// Takes back all reactions, or all with one emoji.
    pub(crate) fn clear_reactions(
        &mut self,
        by: u64,
        channel_id: u64,
        id: u64,
        emoji: Option<&Emoji>,
    ) -> Result<(), ApiError> {
        self.require(by, channel_id, p::MANAGE_MESSAGES)?;
        let message = self.message_mut(channel_id, id)?;
        message
            .reactions
            .retain(|reaction| emoji.is_some_and(|emoji| !reaction.emoji.is(emoji)));
        let name = if emoji.is_some() {
            "MESSAGE_REACTION_REMOVE_EMOJI"
        } else {
            "MESSAGE_REACTION_REMOVE_ALL"
        };
        self.emit_reaction(name, channel_id, id, None, emoji, json!({}));
        self.touch(Some(channel_id));
        Ok(())
    }

    fn emit_reaction(
        &mut self,
        name: &'static str,
        channel_id: u64,
        message_id: u64,
        user_id: Option<u64>,
        emoji: Option<&Emoji>,
        mut data: serde_json::Value,
    ) {
        if !self.sees(self.bot_id, channel_id) {
            return;
        }
        data["channel_id"] = json!(channel_id.to_string());
        data["message_id"] = json!(message_id.to_string());
        if let Some(user_id) = user_id {
            data["user_id"] = json!(user_id.to_string());
        }
        if let Some(emoji) = emoji {
            data["emoji"] = json!({"id": wire::maybe_id(emoji.id), "name": emoji.name});
        }
        let direct = self
            .channels
            .get(&channel_id)
            .is_some_and(|channel| channel.kind == kind::DM);
        if !direct {
            data["guild_id"] = json!(self.guild.id.to_string());
        }
        let intents = if direct {
            intent::DIRECT_MESSAGE_REACTIONS
        } else {
            intent::GUILD_MESSAGE_REACTIONS
        };
        self.hub.dispatch(Event {
            name,
            data,
            intents,
            without_content: None,
        });
    }
}
