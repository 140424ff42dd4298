//! Filling in a form.

use serde_json::{Value, json};

use super::resolve::{Resolved, wanted};
use crate::error::Refused;
use crate::model::World;
use crate::view::{Form, FormField, SelectKind};

/// The data of a modal submit: the form's parts with what was typed into them.
pub(super) fn filled_in(
    world: &World,
    person: u64,
    channel_id: u64,
    form: &Form,
    definition: &Value,
    answers: &[(&str, &str)],
) -> Result<Value, Refused> {
    for (key, _) in answers {
        if !form.fields.iter().any(|field| names(field, key)) {
            let known: Vec<&str> = form.fields.iter().map(label_of).collect();
            return Err(Refused::because(format!(
                "the form has no field \"{key}\"; it has: {}",
                known.join(", ")
            )));
        }
    }
    let mut resolved = Resolved::default();
    let parts = definition["components"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut made = Vec::new();
    for part in parts {
        let mut fill = |input: &Value| -> Result<Value, Refused> {
            let custom_id = input["custom_id"].as_str().unwrap_or_default();
            let field = form
                .fields
                .iter()
                .find(|field| custom_id_of(field) == Some(custom_id));
            let Some(field) = field else {
                return Err(Refused::because("the form was changed"));
            };
            let given: Vec<&str> = answers
                .iter()
                .filter(|(key, _)| names(field, key))
                .map(|(_, value)| *value)
                .collect();
            answer(
                world,
                person,
                channel_id,
                field,
                input,
                &given,
                &mut resolved,
            )
        };
        match part["type"].as_u64() {
            Some(1) => {
                let inputs = part["components"].as_array().into_iter().flatten();
                let filled: Result<Vec<Value>, Refused> = inputs.map(&mut fill).collect();
                made.push(json!({"type": 1, "id": part["id"], "components": filled?}));
            }
            Some(18) => made.push(
                json!({"type": 18, "id": part["id"], "component": fill(&part["component"])?}),
            ),
            _ => made.push(json!({"type": part["type"], "id": part["id"]})),
        }
    }
    let mut data = json!({"custom_id": form.custom_id, "components": made});
    if !resolved.is_empty() {
        data["resolved"] = resolved.json();
    }
    Ok(data)
}

fn answer(
    world: &World,
    person: u64,
    channel_id: u64,
    field: &FormField,
    input: &Value,
    given: &[&str],
    resolved: &mut Resolved,
) -> Result<Value, Refused> {
    let label = label_of(field);
    match field {
        FormField::Text {
            custom_id,
            value,
            required,
            min_length,
            max_length,
            ..
        } => {
            let text = given.last().map_or_else(
                || value.clone().unwrap_or_default(),
                |text| (*text).to_owned(),
            );
            let length = text.chars().count() as u64;
            if *required && text.trim().is_empty() {
                return Err(Refused::because(format!("\"{label}\" must be filled in")));
            }
            if let Some(least) = min_length.filter(|least| length > 0 && length < *least) {
                return Err(Refused::because(format!(
                    "\"{label}\" needs at least {least} characters, not {length}"
                )));
            }
            let most = max_length.unwrap_or(4000);
            if length > most {
                return Err(Refused::because(format!(
                    "\"{label}\" takes at most {most} characters, not {length}"
                )));
            }
            Ok(json!({"type": 4, "id": input["id"], "custom_id": custom_id, "value": text}))
        }
        FormField::Select {
            custom_id,
            select,
            required,
            min_values,
            max_values,
            options,
            ..
        } => {
            let chosen: Result<Vec<String>, Refused> = given
                .iter()
                .map(|value| match select {
                    SelectKind::String => options
                        .iter()
                        .find(|option| option.value == *value || option.label == *value)
                        .map(|option| option.value.clone())
                        .ok_or_else(|| {
                            Refused::because(format!("\"{label}\" has no choice \"{value}\""))
                        }),
                    kind => resolved
                        .take(world, person, channel_id, wanted(*kind), value)
                        .map(|id| id.to_string()),
                })
                .collect();
            let mut chosen = chosen?;
            if given.is_empty() {
                chosen = options
                    .iter()
                    .filter(|option| option.default)
                    .map(|option| option.value.clone())
                    .collect();
            }
            let count = chosen.len() as u64;
            let too_few = count < *min_values && (*required || count > 0);
            if too_few || count > *max_values || (*required && count == 0) {
                return Err(Refused::because(format!(
                    "choose {min_values} to {max_values} values for \"{label}\""
                )));
            }
            Ok(
                json!({"type": input["type"], "id": input["id"], "custom_id": custom_id, "values": chosen}),
            )
        }
        FormField::Note { .. } => Err(Refused::because("a note takes no answer")),
    }
}

fn label_of(field: &FormField) -> &str {
    match field {
        FormField::Text { label, .. }
        | FormField::Select { label, .. }
        | FormField::Note { label } => label,
    }
}

fn custom_id_of(field: &FormField) -> Option<&str> {
    match field {
        FormField::Text { custom_id, .. } | FormField::Select { custom_id, .. } => Some(custom_id),
        FormField::Note { .. } => None,
    }
}

fn names(field: &FormField, key: &str) -> bool {
    custom_id_of(field).is_some_and(|custom_id| custom_id == key || label_of(field) == key)
}
