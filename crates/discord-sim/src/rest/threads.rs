//! Threads and who is in them.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::guild;
use crate::error::{ApiError, refusal};
use crate::model::{Channel, World, kind, thread_member_json};
use crate::permissions as p;
use crate::validate::{self, Purpose};

pub(super) fn from_message(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    create(world, call, Some(call.message()?))
}

pub(super) fn in_channel(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    create(world, call, None)
}

fn create(world: &mut World, call: &Call, from_message: Option<u64>) -> Result<Reply, ApiError> {
    let parent = call.channel()?;
    let new = validate::thread(&call.body, from_message)?;
    if world.channel(parent)?.kind == kind::FORUM {
        let first = validate::new_message(&call.body["message"], &call.uploads, Purpose::Channel)
            .map_err(|error| error.below("message"))?;
        let id = world.create_post(world.bot_id, parent, new, first)?;
        let mut thread = world.channel_json(world.channel(id)?);
        thread["message"] = world.message_json(world.message(id, id)?);
        return Reply::created(thread);
    }
    let id = world.create_thread(world.bot_id, parent, new)?;
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

/// The private ones the bot is in, paged by id.
pub(super) fn archived_private_joined(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let parent = call.channel()?;
    let limit = call.query_number("limit", 1, 100, 50)?;
    let before = call.query_id("before")?.unwrap_or(u64::MAX);
    world.require(world.bot_id, parent, p::READ_MESSAGE_HISTORY)?;
    let joined = |channel: &&Channel| {
        channel.parent_id == Some(parent)
            && channel.kind == kind::PRIVATE_THREAD
            && channel.id < before
            && channel
                .thread
                .as_ref()
                .is_some_and(|thread| thread.archived && thread.members.contains_key(&world.bot_id))
    };
    let mut threads: Vec<&Channel> = world.channels.values().filter(joined).collect();
    threads.reverse();
    Reply::ok(first_of(world, threads, limit))
}

fn first_of(world: &World, mut threads: Vec<&Channel>, limit: usize) -> Value {
    let has_more = threads.len() > limit;
    threads.truncate(limit);
    let mut list = listed(world, threads);
    list["has_more"] = json!(has_more);
    list
}

fn archived(world: &World, call: &Call, kinds: &[u8], needed: u64) -> Result<Reply, ApiError> {
    let parent = call.channel()?;
    let limit = call.query_number("limit", 1, 100, 50)?;
    let before = call.query_time("before")?;
    world.require(world.bot_id, parent, needed)?;
    let archived = |channel: &&Channel| {
        channel.parent_id == Some(parent)
            && kinds.contains(&channel.kind)
            && channel.thread.as_ref().is_some_and(|thread| {
                thread.archived && before.is_none_or(|before| thread.archive_timestamp < before)
            })
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
    Reply::ok(first_of(world, threads, limit))
}

fn thread_of(world: &World, id: u64) -> Result<&crate::model::Thread, ApiError> {
    world.require(world.bot_id, id, 0)?;
    world
        .channel(id)?
        .thread
        .as_ref()
        .ok_or_else(refusal::wrong_channel_kind)
}

/// Everybody at once; in pages, each with the guild member, when `with_member` asks for it.
pub(super) fn members(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let id = call.channel()?;
    let paged = call.query_flag("with_member");
    let (limit, after) = if paged {
        (
            call.query_number("limit", 1, 100, 100)?,
            call.query_id("after")?.unwrap_or(0),
        )
    } else {
        (usize::MAX, 0)
    };
    let members = thread_of(world, id)?.members.iter();
    Reply::ok(
        members
            .filter(|(user, _)| **user > after)
            .take(limit)
            .map(|(user, joined)| {
                let mut member = thread_member_json(id, *user, *joined);
                if paged {
                    member["member"] = world.member_json(*user).unwrap_or_default();
                }
                member
            })
            .collect(),
    )
}

pub(super) fn member(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (id, user) = (call.channel()?, call.id("user_id")?);
    let joined = thread_of(world, id)?
        .members
        .get(&user)
        .ok_or_else(refusal::unknown_member)?;
    let mut member = thread_member_json(id, user, *joined);
    if call.query_flag("with_member") {
        member["member"] = world.member_json(user).unwrap_or_default();
    }
    Reply::ok(member)
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
