//! Messages of a channel.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use crate::error::{ApiError, refusal};
use crate::model::{Author, Message, World};
use crate::permissions as p;
use crate::validate::{self, Purpose};

/// A message as the bot may read it over REST.
pub(super) fn readable(world: &World, message: &Message) -> Value {
    world.message_for_bot(message, world.privileged_intents.message_content)
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    let limit = call.query_number("limit", 1, 100, 50)?;
    let (after, before, around) = (
        call.query_id("after")?,
        call.query_id("before")?,
        call.query_id("around")?,
    );
    if [after, before, around].iter().flatten().count() > 1 {
        return Err(ApiError::field(
            "",
            "MUTUALLY_EXCLUSIVE",
            "before, after and around are mutually exclusive.",
        ));
    }
    world.require(world.bot_id, channel_id, 0)?;
    if !world.channel(channel_id)?.holds_messages() {
        return Err(refusal::not_a_text_channel());
    }
    // Without the right to read history the list is empty; that is no error.
    if world.permissions(world.bot_id, channel_id) & p::READ_MESSAGE_HISTORY == 0 {
        return Reply::ok(json!([]));
    }
    let public = || {
        let all = world
            .messages
            .get(&channel_id)
            .into_iter()
            .flat_map(|messages| messages.values());
        all.filter(|message| message.only_for.is_none())
    };
    let mut page: Vec<&Message> = if let Some(after) = after {
        public()
            .filter(|message| message.id > after)
            .take(limit)
            .collect()
    } else if let Some(around) = around {
        let half = limit / 2;
        let mut older: Vec<_> = public().filter(|message| message.id <= around).collect();
        let newer: Vec<_> = public()
            .filter(|message| message.id > around)
            .take(half)
            .collect();
        let start = older.len().saturating_sub(limit - half);
        older.drain(..start);
        older.into_iter().chain(newer).collect()
    } else {
        let mut older: Vec<_> = public()
            .filter(|message| before.is_none_or(|before| message.id < before))
            .collect();
        older.drain(..older.len().saturating_sub(limit));
        older
    };
    page.reverse();
    Reply::ok(
        page.into_iter()
            .map(|message| readable(world, message))
            .collect(),
    )
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    world.require(world.bot_id, channel_id, p::READ_MESSAGE_HISTORY)?;
    let message = world.message(channel_id, call.message()?)?;
    if message.only_for.is_some() {
        return Err(refusal::unknown_message());
    }
    Reply::ok(readable(world, message))
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let channel_id = call.channel()?;
    world.require(world.bot_id, channel_id, 0)?;
    let new = validate::new_message(&call.body, &call.uploads, Purpose::Channel)?;
    let id = world.post(Author::Member(world.bot_id), channel_id, new)?;
    let message = world
        .find_message(id)
        .ok_or_else(refusal::unknown_message)?;
    Reply::ok(world.message_json(message))
}

pub(super) fn edit(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (channel_id, id) = (call.channel()?, call.message()?);
    public(world, channel_id, id)?;
    let edit = validate::message_edit(&call.body, &call.uploads)?;
    world.edit_message(world.bot_id, channel_id, id, edit)?;
    Reply::ok(world.message_json(world.message(channel_id, id)?))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (channel_id, id) = (call.channel()?, call.message()?);
    public(world, channel_id, id)?;
    world.delete_message(world.bot_id, channel_id, id)?;
    Reply::nothing()
}

/// Ephemeral messages cannot be reached by way of the channel.
fn public(world: &World, channel_id: u64, id: u64) -> Result<(), ApiError> {
    world.require(world.bot_id, channel_id, 0)?;
    if world.message(channel_id, id)?.only_for.is_some() {
        Err(refusal::unknown_message())
    } else {
        Ok(())
    }
}

pub(super) fn delete_many(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let ids = validate::bulk_delete(&call.body)?;
    world.delete_messages(world.bot_id, call.channel()?, &ids)?;
    Reply::nothing()
}
