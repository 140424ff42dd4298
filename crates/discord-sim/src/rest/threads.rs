//! Threads and who is in them.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::guild;
use crate::error::{ApiError, refusal};
use crate::model::{Channel, World, kind, thread_member_json};
use crate::permissions as p;
use crate::validate;

pub(super) fn from_message(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    create(world, call, Some(call.message()?))
}

pub(super) fn in_channel(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    create(world, call, None)
}

fn create(world: &mut World, call: &Call, from_message: Option<u64>) -> Result<Reply, ApiError> {
    let new = validate::thread(&call.body, from_message)?;
    let id = world.create_thread(world.bot_id, call.channel()?, new)?;
    Reply::created(world.channel_json(world.channel(id)?))
}

fn listed(world: &World, threads: Vec<&Channel>) -> Value {
    let own = threads.iter().filter_map(|thread| {
        let joined = thread.thread.as_ref()?.members.get(&world.bot_id)?;
        Some(thread_member_json(thread.id, world.bot_id, *joined))
    });
    let members: Vec<Value> = own.collect();
    let threads: Vec<Value> = threads
        .into_iter()
        .map(|thread| world.channel_json(thread))
        .collect();
    json!({"threads": threads, "members": members})
}

pub(super) fn active_in_guild(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    let active = |channel: &&Channel| {
        channel
            .thread
            .as_ref()
            .is_some_and(|thread| !thread.archived)
            && world.sees(world.bot_id, channel.id)
    };
    let mut threads: Vec<&Channel> = world.channels.values().filter(active).collect();
    threads.reverse();
    let mut list = listed(world, threads);
    list["has_more"] = json!(false);
    Reply::ok(list)
}

pub(super) fn archived_public(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    archived(
        world,
        call,
        &[kind::PUBLIC_THREAD, kind::ANNOUNCEMENT_THREAD],
        p::READ_MESSAGE_HISTORY,
    )
}

pub(super) fn archived_private(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    archived(
        world,
        call,
        &[kind::PRIVATE_THREAD],
        p::READ_MESSAGE_HISTORY | p::MANAGE_THREADS,
    )
}

fn archived(world: &World, call: &Call, kinds: &[u8], needed: u64) -> Result<Reply, ApiError> {
    let parent = call.channel()?;
    let limit = call.query_number("limit", 1, 100, 50)?;
    world.require(world.bot_id, parent, needed)?;
    let archived = |channel: &&Channel| {
        channel.parent_id == Some(parent)
            && kinds.contains(&channel.kind)
            && channel
                .thread
                .as_ref()
                .is_some_and(|thread| thread.archived)
    };
    let mut threads: Vec<&Channel> = world.channels.values().filter(archived).collect();
    threads.sort_by_key(|channel| {
        std::cmp::Reverse(
            channel
                .thread
                .as_ref()
                .map(|thread| thread.archive_timestamp),
        )
    });
    let has_more = threads.len() > limit;
    threads.truncate(limit);
    let mut list = listed(world, threads);
    list["has_more"] = json!(has_more);
    Reply::ok(list)
}

fn thread_of(world: &World, id: u64) -> Result<&crate::model::Thread, ApiError> {
    world.require(world.bot_id, id, 0)?;
    world
        .channel(id)?
        .thread
        .as_ref()
        .ok_or_else(refusal::wrong_channel_kind)
}

pub(super) fn members(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let id = call.channel()?;
    let members = thread_of(world, id)?.members.iter();
    Reply::ok(
        members
            .map(|(user, joined)| thread_member_json(id, *user, *joined))
            .collect(),
    )
}

pub(super) fn member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (id, user) = (call.channel()?, call.id("user_id")?);
    let joined = thread_of(world, id)?
        .members
        .get(&user)
        .ok_or_else(refusal::unknown_member)?;
    Reply::ok(thread_member_json(id, user, *joined))
}

pub(super) fn join(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.join_thread(world.bot_id, world.bot_id, call.channel()?)?;
    Reply::nothing()
}

pub(super) fn leave(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.leave_thread(world.bot_id, world.bot_id, call.channel()?)?;
    Reply::nothing()
}

pub(super) fn add_member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.join_thread(world.bot_id, call.id("user_id")?, call.channel()?)?;
    Reply::nothing()
}

pub(super) fn remove_member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    world.leave_thread(world.bot_id, call.id("user_id")?, call.channel()?)?;
    Reply::nothing()
}
