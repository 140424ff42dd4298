//! Buttons and select menus.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Fields;
use crate::snowflake::read_id;

const MOST_ROWS: usize = 5;
const MOST_BUTTONS_IN_A_ROW: usize = 5;
const MOST_OPTIONS: usize = 25;

/// What must be unique, and counted, over a whole message or form.
#[derive(Debug, Default)]
pub(super) struct Seen {
    custom_ids: HashSet<String>,
    next_id: i64,
}

impl Seen {
    /// The component's number within its message, given by the sender or in order.
    pub(super) fn number(&mut self, fields: &Fields) -> i64 {
        let given = fields
            .integer("id", 0, i64::from(i32::MAX))
            .filter(|id| *id > 0);
        self.next_id += 1;
        given.unwrap_or(self.next_id)
    }

    /// A custom id: 1 to 100 characters, once in the message.
    pub(super) fn custom_id(&mut self, fields: &Fields) -> String {
        let custom_id = fields.required_text("custom_id", 1, 100).to_owned();
        if !custom_id.is_empty() && !self.custom_ids.insert(custom_id.clone()) {
            let message = "Component custom id cannot be duplicated";
            fields.error("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message);
        }
        custom_id
    }
}

/// Reads the action rows of a message and answers them as Discord stores them.
pub(super) fn components(fields: &Fields) -> Option<Vec<Value>> {
    let rows = fields.objects("components", 0, MOST_ROWS)?;
    let mut seen = Seen::default();
    Some(rows.iter().map(|row| action_row(row, &mut seen)).collect())
}

fn action_row(row: &Fields, seen: &mut Seen) -> Value {
    match row.integer("type", 0, 100) {
        Some(1) => {}
        Some(9..=21) => row.error(
            "type",
            "COMPONENT_TYPE_INVALID",
            "Components V2 are not known here; only action rows can stand at the top of a message",
        ),
        Some(_) => row.error("type", "BASE_TYPE_CHOICES", "Value must be one of (1,)."),
        None => row.missing("type"),
    }
    let number = seen.number(row);
    let inside = row.objects("components", 1, MOST_BUTTONS_IN_A_ROW);
    if inside.is_none() && row.raw("components").is_none() {
        row.missing("components");
    }
    let mut width = 0;
    let mut made = Vec::new();
    for component in inside.unwrap_or_default() {
        let kind = component.integer("type", 0, 100);
        let value = match kind {
            Some(2) => {
                width += 1;
                button(&component, seen)
            }
            Some(kind @ (3 | 5..=8)) => {
                width += 5;
                select(&component, kind, seen, false)
            }
            _ => {
                let message = "The specified component type is invalid in this context";
                component.error("type", "COMPONENT_TYPE_INVALID", message);
                Value::Null
            }
        };
        made.push(value);
    }
    if width > 5 {
        let message = "The specified component exceeds the maximum width";
        row.error("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
    }
    json!({"type": 1, "id": number, "components": made})
}

fn button(fields: &Fields, seen: &mut Seen) -> Value {
    let number = seen.number(fields);
    let style = fields.choice("style", &[1, 2, 3, 4, 5, 6]);
    if style.is_none() && fields.raw("style").is_none() {
        fields.missing("style");
    }
    let mut button = json!({"type": 2, "id": number, "style": style});
    let label = fields
        .text("label", 0, 80)
        .filter(|label| !label.is_empty());
    if let Some(label) = label {
        button["label"] = json!(label);
    }
    let emoji = emoji(fields);
    if let Some(emoji) = &emoji {
        button["emoji"] = emoji.clone();
    }
    if fields.boolean("disabled") == Some(true) {
        button["disabled"] = json!(true);
    }
    let has_url = fields.raw("url").is_some();
    let has_custom_id = fields.raw("custom_id").is_some();
    if style == Some(5) {
        match fields.url("url", 512, false).filter(|url| !url.is_empty()) {
            Some(url) => button["url"] = json!(url),
            None => fields.error("url", "BUTTON_COMPONENT_URL_REQUIRED", "A url is required"),
        }
        if has_custom_id {
            let message = "A custom id and url cannot both be specified";
            fields.error(
                "custom_id",
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                message,
            );
        }
    } else if style != Some(6) {
        if has_custom_id {
            button["custom_id"] = json!(seen.custom_id(fields));
        } else {
            fields.error(
                "custom_id",
                "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
                "A custom id is required",
            );
        }
        if has_url {
            let message = "A custom id and url cannot both be specified";
            fields.error(
                "url",
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                message,
            );
        }
    }
    if label.is_none() && emoji.is_none() && style != Some(6) {
        fields.error(
            "label",
            "BUTTON_COMPONENT_INVALID_LABEL_OR_EMOJI",
            "A label or emoji is required",
        );
    }
    button
}

/// A select menu; in a form it may be optional.
pub(super) fn select(fields: &Fields, kind: i64, seen: &mut Seen, in_form: bool) -> Value {
    let number = seen.number(fields);
    let mut select = json!({"type": kind, "id": number, "custom_id": seen.custom_id(fields)});
    if let Some(placeholder) = fields
        .text("placeholder", 0, 150)
        .filter(|text| !text.is_empty())
    {
        select["placeholder"] = json!(placeholder);
    }
    let least = fields.integer("min_values", 0, 25).unwrap_or(1);
    let most = fields.integer("max_values", 1, 25).unwrap_or(1);
    if least > most {
        fields.error(
            "min_values",
            "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE",
            "min_values may not exceed max_values",
        );
    }
    select["min_values"] = json!(least);
    select["max_values"] = json!(most);
    if in_form {
        select["required"] = json!(fields.boolean("required").unwrap_or(true));
    } else if fields.boolean("disabled") == Some(true) {
        select["disabled"] = json!(true);
    }
    if kind == 3 {
        select["options"] = Value::Array(options(fields, most));
    } else if let Some(types) = fields
        .list("channel_types", 0, 20)
        .filter(|types| kind == 8 && !types.is_empty())
    {
        select["channel_types"] = json!(types);
    }
    if kind != 3
        && let Some(defaults) = fields
            .list("default_values", 0, 25)
            .filter(|defaults| !defaults.is_empty())
    {
        select["default_values"] = json!(defaults);
    }
    select
}

fn options(fields: &Fields, most: i64) -> Vec<Value> {
    let Some(list) = fields.objects("options", 1, MOST_OPTIONS) else {
        fields.missing("options");
        return Vec::new();
    };
    if most > list.len() as i64 {
        let message = "max_values may not exceed the number of options";
        fields.error(
            "max_values",
            "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE",
            message,
        );
    }
    let mut values = HashSet::new();
    let mut made = Vec::new();
    for option in &list {
        let label = option.required_text("label", 1, 100);
        let value = option.required_text("value", 1, 100);
        if !values.insert(value) {
            let message = "The specified option value is already used";
            option.error("value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message);
        }
        let mut json = json!({"label": label, "value": value});
        if let Some(text) = option
            .text("description", 0, 100)
            .filter(|text| !text.is_empty())
        {
            json["description"] = json!(text);
        }
        if let Some(emoji) = emoji(option) {
            json["emoji"] = emoji;
        }
        if option.boolean("default") == Some(true) {
            json["default"] = json!(true);
        }
        made.push(json);
    }
    let defaults = made
        .iter()
        .filter(|option| option["default"] == true)
        .count() as i64;
    if defaults > most {
        let message = "The number of default options may not exceed max_values";
        fields.error(
            "options",
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
            message,
        );
    }
    made
}

fn emoji(fields: &Fields) -> Option<Value> {
    let emoji = fields.object("emoji")?;
    let name = emoji.text("name", 0, 100).unwrap_or_default();
    let id = emoji.raw("id").and_then(read_id);
    let standard = id.is_none() && crate::model::Emoji::parse(name).is_ok();
    if id.is_none() && !standard {
        emoji.error("name", "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji");
    }
    // The guild has no emoji of its own, so an id names none.
    if id.is_some() {
        emoji.error("id", "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji");
    }
    Some(json!({"name": name}))
}
