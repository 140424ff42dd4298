//! Scheduled events of the guild.

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::guild;
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::model::World;
use crate::permissions as p;
use crate::validate;

const MOST_EVENTS: usize = 100;

fn emit(world: &mut World, name: &'static str, data: Value) {
    world.hub.dispatch(Event {
        name,
        data,
        intents: intent::GUILD_SCHEDULED_EVENTS,
        without_content: None,
    });
    world.touch(None);
}

pub(super) fn list(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    Reply::ok(world.scheduled_events.values().cloned().collect())
}

pub(super) fn create(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    world.require_in_guild(world.bot_id, p::CREATE_EVENTS)?;
    let mut event = validate::scheduled_event(&call.body, None)?;
    if world
        .scheduled_events
        .values()
        .filter(|event| event["status"] == 1 || event["status"] == 2)
        .count()
        >= MOST_EVENTS
    {
        return Err(refusal::too_many_scheduled_events());
    }
    let starts = event["scheduled_start_time"]
        .as_str()
        .and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    if starts.is_some_and(|starts| starts < world.now()) {
        return Err(ApiError::field(
            "scheduled_start_time",
            "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST",
            "Cannot schedule event in the past.",
        ));
    }
    let id = world.next_id();
    event["id"] = json!(id.to_string());
    event["guild_id"] = json!(world.guild.id.to_string());
    event["creator_id"] = json!(world.bot_id.to_string());
    event["creator"] = world.user_json(world.bot_id);
    world.scheduled_events.insert(id, event.clone());
    emit(world, "GUILD_SCHEDULED_EVENT_CREATE", event.clone());
    Reply::ok(event)
}

fn find<'a>(world: &'a World, call: &Call) -> Result<(u64, &'a Value), ApiError> {
    guild::known(world, call)?;
    let id = call.id("event_id")?;
    Ok((
        id,
        world
            .scheduled_events
            .get(&id)
            .ok_or_else(refusal::unknown_scheduled_event)?,
    ))
}

/// Whoever made an event may change it; others need MANAGE_EVENTS. The bot made all there are.
pub(super) fn edit(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (id, before) = find(world, call)?;
    let event = validate::scheduled_event(&call.body, Some(before))?;
    world.scheduled_events.insert(id, event.clone());
    emit(world, "GUILD_SCHEDULED_EVENT_UPDATE", event.clone());
    Reply::ok(event)
}

pub(super) fn get(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    Reply::ok(find(world, call)?.1.clone())
}

pub(super) fn delete(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    let (id, event) = find(world, call)?;
    let event = event.clone();
    world.scheduled_events.remove(&id);
    emit(world, "GUILD_SCHEDULED_EVENT_DELETE", event);
    Reply::nothing()
}
