//! Commands to use and interactions to answer.

use serde_json::{Value, json};

use crate::bot::{Bot, Gateway, connected};

/// A command with everything: a group, subcommands, each type of option.
pub fn inc() -> Value {
    json!([
        {"name": "inc", "description": "Incidents", "options": [
            {"type": 1, "name": "new", "description": "Declare", "options": [
                {"type": 3, "name": "title", "description": "Title", "required": true, "max_length": 40},
                {"type": 3, "name": "severity", "description": "Severity", "choices": [
                    {"name": "SEV1", "value": "1"}, {"name": "SEV2", "value": "2"}]},
                {"type": 6, "name": "lead", "description": "Lead"},
                {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 9},
                {"type": 5, "name": "private", "description": "Private"},
                {"type": 7, "name": "where", "description": "Where"},
                {"type": 8, "name": "team", "description": "Team"}]},
            {"type": 1, "name": "take", "description": "Take", "options": [
                {"type": 3, "name": "incident", "description": "Which", "required": true, "autocomplete": true}]},
            {"type": 2, "name": "role", "description": "Roles", "options": [
                {"type": 1, "name": "list", "description": "List"}]}]},
        {"name": "Add to timeline", "type": 3},
        {"name": "Page", "type": 2},
    ])
}

pub async fn with_commands() -> (Bot, Gateway) {
    let (bot, gateway) = connected().await;
    assert_eq!(bot.registers(inc()).await.status, 200);
    (bot, gateway)
}

/// Waits for the next interaction and answers it.
pub async fn answer(bot: &Bot, gateway: &mut Gateway, body: Value) -> Value {
    let interaction = gateway.expect("INTERACTION_CREATE").await;
    let answer = bot.answers(&interaction, body).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    interaction
}

pub fn message_of(
    reply: Result<discord_sim::Reply, discord_sim::Refused>,
) -> discord_sim::MessageView {
    reply
        .expect("the action is allowed")
        .message()
        .cloned()
        .expect("the reply is a message")
}
