//! From the core's names of things to Discord's and back.
//!
//! Discord's ids are never zero, and the client's types insist on it; a zero that slipped into the store becomes an
//! error of the one call here instead of a panic.

use std::num::NonZeroU64;

use bridgewatch_core::ids::{ChannelId as CoreChannel, MessageId as CoreMessage};
use bridgewatch_core::person::PersonId;
use serenity::model::id::{ChannelId, MessageId, UserId};

use super::error::ApiError;

/// The channel to call.
pub fn channel(id: CoreChannel) -> Result<ChannelId, ApiError> {
    checked("channel", id.0)
}

/// The message to call.
pub fn message(id: CoreMessage) -> Result<MessageId, ApiError> {
    checked("message", id.0)
}

/// The person to call.
pub fn user(id: PersonId) -> Result<UserId, ApiError> {
    checked("person", id.0)
}

/// Any other id by its number, such as a server or a role from the configuration.
pub fn checked<Id: From<NonZeroU64>>(what: &str, number: u64) -> Result<Id, ApiError> {
    NonZeroU64::new(number)
        .map(Id::from)
        .ok_or_else(|| ApiError::NotSent {
            why: format!("0 is not the id of a {what}"),
        })
}

/// The core's name of a channel.
pub fn to_core_channel(id: ChannelId) -> CoreChannel {
    CoreChannel(id.get())
}

/// The core's name of a message.
pub fn to_core_message(id: MessageId) -> CoreMessage {
    CoreMessage(id.get())
}

/// The core's name of a person.
pub fn to_core_person(id: UserId) -> PersonId {
    PersonId(id.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_from_the_store_is_an_error_and_not_a_panic() {
        let error = channel(CoreChannel(0)).expect_err("zero names nothing");
        assert_eq!(error.to_string(), "not sent: 0 is not the id of a channel");
    }

    #[test]
    fn an_id_survives_the_way_there_and_back() {
        let there = message(CoreMessage(42)).expect("42 is an id");
        assert_eq!(to_core_message(there), CoreMessage(42));
    }
}
