//! Forms (modals) that a bot opens.

use serde_json::{Value, json};

use super::components::{Seen, select};
use super::{Fields, Form};
use crate::error::ApiError;

/// Reads the data of a type 9 answer and gives it back as it will be shown.
pub(crate) fn modal(body: &Value) -> Result<Value, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let Some(data) = fields.object("data") else {
        fields.missing("data");
        form.check()?;
        return Ok(Value::Null);
    };
    let title = data.required_text("title", 1, 45);
    let custom_id = data.required_text("custom_id", 1, 100);
    let mut seen = Seen::default();
    let rows = data.objects("components", 1, 5);
    if rows.is_none() && data.raw("components").is_none() {
        data.missing("components");
    }
    let rows: Vec<Value> = rows
        .unwrap_or_default()
        .iter()
        .map(|row| part(row, &mut seen))
        .collect();
    let modal = json!({"title": title, "custom_id": custom_id, "components": rows});
    form.check()?;
    Ok(modal)
}

fn part(row: &Fields, seen: &mut Seen) -> Value {
    let number = seen.number(row);
    match row.integer("type", 0, 100) {
        Some(1) => {
            let Some(inside) = row.objects("components", 1, 1) else {
                row.missing("components");
                return Value::Null;
            };
            let inputs = inside
                .iter()
                .map(|input| match input.integer("type", 0, 100) {
                    Some(4) => text_input(input, seen, true),
                    _ => invalid(input),
                });
            json!({"type": 1, "id": number, "components": inputs.collect::<Vec<_>>()})
        }
        Some(18) => {
            let label = row.required_text("label", 1, 45);
            let mut made = json!({"type": 18, "id": number, "label": label});
            if let Some(text) = row.text("description", 0, 100) {
                made["description"] = json!(text);
            }
            let Some(component) = row.object("component") else {
                row.missing("component");
                return made;
            };
            made["component"] = match component.integer("type", 0, 100) {
                Some(4) => text_input(&component, seen, false),
                Some(kind @ (3 | 5..=8)) => select(&component, kind, seen, true),
                _ => invalid(&component),
            };
            made
        }
        Some(10) => {
            json!({"type": 10, "id": number, "content": row.required_text("content", 1, 4000)})
        }
        _ => invalid(row),
    }
}

fn invalid(fields: &Fields) -> Value {
    fields.error(
        "type",
        "COMPONENT_TYPE_INVALID",
        "The specified component type is invalid in this context",
    );
    Value::Null
}

fn text_input(fields: &Fields, seen: &mut Seen, labelled: bool) -> Value {
    let number = seen.number(fields);
    let custom_id = seen.custom_id(fields);
    let style = fields.choice("style", &[1, 2]);
    if style.is_none() && fields.raw("style").is_none() {
        fields.missing("style");
    }
    let mut input = json!({"type": 4, "id": number, "custom_id": custom_id, "style": style});
    if labelled {
        input["label"] = json!(fields.required_text("label", 1, 45));
    }
    let least = fields.integer("min_length", 0, 4000);
    let most = fields.integer("max_length", 1, 4000);
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        fields.error(
            "min_length",
            "TEXT_INPUT_MIN_LENGTH_TOO_LARGE",
            "min_length may not exceed max_length",
        );
    }
    input["min_length"] = json!(least);
    input["max_length"] = json!(most);
    input["required"] = json!(fields.boolean("required").unwrap_or(true));
    if let Some(value) = fields.text("value", 0, most.unwrap_or(4000).unsigned_abs() as usize) {
        input["value"] = json!(value);
    }
    if let Some(placeholder) = fields.text("placeholder", 0, 100) {
        input["placeholder"] = json!(placeholder);
    }
    input
}
