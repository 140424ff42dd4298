//! Small bodies.

use serde_json::Value;

use super::Form;
use crate::error::ApiError;
use crate::model::RoleEdit;

/// The person of a direct channel.
pub(crate) fn recipient(body: &Value) -> Result<u64, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let id = fields.id("recipient_id");
    if id.is_none() && fields.raw("recipient_id").is_none() {
        fields.missing("recipient_id");
    }
    form.check()?;
    Ok(id.unwrap_or_default())
}

/// The messages of a bulk deletion.
pub(crate) fn bulk_delete(body: &Value) -> Result<Vec<u64>, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let ids = fields.ids("messages", 100);
    let count = fields
        .raw("messages")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    if count < 2 {
        fields.error(
            "messages",
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 2 and 100 in length.",
        );
    }
    form.check()?;
    Ok(ids.unwrap_or_default())
}

/// A member's new nickname; the outer `None` when it was not sent.
pub(crate) fn nick(body: &Value) -> Result<Option<Option<String>>, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let nick = fields.text("nick", 0, 32).map(str::to_owned);
    let nick = fields.sent("nick").then_some(nick);
    form.check()?;
    Ok(nick)
}

/// A member's new roles, if they were sent.
pub(crate) fn member_roles(body: &Value) -> Result<Option<Vec<u64>>, ApiError> {
    let form = Form::default();
    let roles = form.fields(body).ids("roles", 250);
    form.check()?;
    Ok(roles)
}

/// A new or changed role.
pub(crate) fn role_edit(body: &Value) -> Result<RoleEdit, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let colors = fields.object("colors");
    let color = fields
        .integer("color", 0, 0xff_ffff)
        .or_else(|| colors.and_then(|colors| colors.integer("primary_color", 0, 0xff_ffff)));
    let edit = RoleEdit {
        name: fields.text("name", 0, 100).map(str::to_owned),
        permissions: fields.bits("permissions"),
        color: color.and_then(|color| u32::try_from(color).ok()),
        hoist: fields.boolean("hoist"),
        mentionable: fields.boolean("mentionable"),
    };
    form.check()?;
    Ok(edit)
}

/// The new places of roles.
pub(crate) fn role_positions(body: &Value) -> Result<Vec<(u64, i64)>, ApiError> {
    let wrapped = serde_json::json!({"roles": body});
    let form = Form::default();
    let fields = form.fields(&wrapped);
    let list = fields.objects("roles", 0, 250).unwrap_or_default();
    let read = list.iter().filter_map(|one| {
        let position = one.integer("position", 0, i64::from(i32::MAX));
        Some((one.id("id")?, position?))
    });
    let moves = read.collect();
    form.check()?;
    Ok(moves)
}

/// A webhook's own name: 1 to 80 characters, and none that would be taken for Discord itself.
pub(crate) fn webhook_name(body: &Value) -> Result<Option<String>, ApiError> {
    name_of_webhook(body, "name")
}

/// The name a webhook signs one message with.
pub(crate) fn webhook_username(body: &Value) -> Result<Option<String>, ApiError> {
    name_of_webhook(body, "username")
}

fn name_of_webhook(body: &Value, field: &str) -> Result<Option<String>, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let name = fields.text(field, 1, 80).map(str::to_owned);
    for banned in ["clyde", "discord"] {
        if name
            .as_ref()
            .is_some_and(|name| name.to_lowercase().contains(banned))
        {
            let message = format!("Username cannot contain \"{banned}\"");
            fields.error(field, "USERNAME_INVALID_CONTAINS", message);
        }
    }
    form.check()?;
    Ok(name)
}

/// The choices that answer an autocomplete.
pub(crate) fn choices(data: &Value) -> Result<Vec<Value>, ApiError> {
    let form = Form::default();
    let fields = form.fields(data);
    let list = fields.objects("choices", 0, 25);
    if list.is_none() && fields.raw("choices").is_none() {
        fields.missing("choices");
    }
    for choice in list.unwrap_or_default() {
        choice.required_text("name", 1, 100);
        match choice.raw("value") {
            None => choice.missing("value"),
            Some(Value::String(_)) => {
                choice.text("value", 1, 100);
            }
            Some(Value::Number(_)) => {}
            Some(_) => choice.error("value", "BASE_TYPE_CHOICES", "Must be a string or a number"),
        }
    }
    let choices = fields
        .raw("choices")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    form.check()?;
    Ok(choices)
}
