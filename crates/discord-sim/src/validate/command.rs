//! Application command definitions.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::{Fields, Form};
use crate::error::ApiError;

const MOST_OPTIONS: usize = 25;
const MOST_CHOICES: usize = 25;
/// Names, descriptions and choice values of one command, in characters.
const MOST_CHARACTERS_TOGETHER: usize = 8000;

static SLASH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[-_'\p{L}\p{N}\p{Script=Devanagari}\p{Script=Thai}]{1,32}$")
        .expect("the pattern is a literal")
});

/// Option types, by Discord's numbers.
mod option {
    pub(super) const SUBCOMMAND: i64 = 1;
    pub(super) const SUBCOMMAND_GROUP: i64 = 2;
    pub(super) const STRING: i64 = 3;
    pub(super) const INTEGER: i64 = 4;
    pub(super) const CHANNEL: i64 = 7;
    pub(super) const NUMBER: i64 = 10;
    pub(super) const ATTACHMENT: i64 = 11;
}

/// Reads definitions and answers them as Discord stores them, without id and version. `at` is the index in a bulk overwrite.
pub(crate) fn command(body: &Value, at: Option<usize>) -> Result<Value, ApiError> {
    let form = Form::default();
    let path = at.map(|index| index.to_string()).unwrap_or_default();
    let fields = form.at(body, path);
    let kind = fields.choice("type", &[1, 2, 3]).unwrap_or(1);
    let mut characters = 0;
    let mut made = json!({"type": kind});
    let name = name(&fields, kind == 1);
    characters += name.chars().count();
    made["name"] = json!(name);
    made["name_localizations"] = localizations(&fields, "name_localizations");
    if kind == 1 {
        let description = fields.required_text("description", 1, 100);
        characters += description.chars().count();
        made["description"] = json!(description);
    } else {
        if fields
            .text("description", 0, 100)
            .is_some_and(|text| !text.is_empty())
        {
            let message = "Context menu commands cannot have description";
            fields.error(
                "description",
                "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED",
                message,
            );
        }
        made["description"] = json!("");
    }
    made["description_localizations"] = localizations(&fields, "description_localizations");
    let options = options(&fields, 0, &mut characters);
    if kind != 1 && !options.is_empty() {
        let message = "Context menu commands cannot have options";
        fields.error(
            "options",
            "APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS_NOT_ALLOWED",
            message,
        );
    }
    if !options.is_empty() {
        made["options"] = Value::Array(options);
    }
    if characters > MOST_CHARACTERS_TOGETHER {
        fields.error(
            "",
            "APPLICATION_COMMAND_TOO_LARGE",
            "Command exceeds maximum size (8000)",
        );
    }
    made["default_member_permissions"] = fields
        .bits("default_member_permissions")
        .map_or(Value::Null, |bits| json!(bits.to_string()));
    made["dm_permission"] = json!(fields.boolean("dm_permission").unwrap_or(true));
    made["contexts"] = fields
        .list("contexts", 0, 3)
        .map_or(Value::Null, |list| json!(list));
    made["integration_types"] = fields
        .list("integration_types", 1, 2)
        .map_or(json!([0]), |list| json!(list));
    made["nsfw"] = json!(fields.boolean("nsfw").unwrap_or(false));
    form.check()?;
    Ok(made)
}

fn name<'a>(fields: &Fields<'a>, slash: bool) -> &'a str {
    let name = fields.required_text("name", 1, 32);
    let well_formed = !slash || (SLASH_NAME.is_match(name) && name.to_lowercase() == name);
    if !name.is_empty() && !well_formed {
        fields.error(
            "name",
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid",
        );
    }
    name
}

fn localizations(fields: &Fields, name: &str) -> Value {
    fields
        .raw(name)
        .filter(|value| value.as_object().is_some_and(|map| !map.is_empty()))
        .cloned()
        .unwrap_or(Value::Null)
}

fn options(fields: &Fields, depth: usize, characters: &mut usize) -> Vec<Value> {
    let list = fields
        .objects("options", 0, MOST_OPTIONS)
        .unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    let mut optional_before = false;
    let mut made = Vec::new();
    let mut subcommands = 0;
    for one in &list {
        let kind = one
            .integer("type", 1, option::ATTACHMENT)
            .unwrap_or_else(|| {
                one.missing("type");
                option::STRING
            });
        let nested = matches!(kind, option::SUBCOMMAND | option::SUBCOMMAND_GROUP);
        subcommands += usize::from(nested);
        let name = name(one, true);
        if names.contains(&name) {
            let message = "Option names must be unique";
            one.error(
                "name",
                "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
                message,
            );
        }
        names.push(name);
        let description = one.required_text("description", 1, 100);
        *characters += name.chars().count() + description.chars().count();
        let mut json = json!({"type": kind, "name": name, "description": description});
        for field in ["name_localizations", "description_localizations"] {
            let told = localizations(one, field);
            if !told.is_null() {
                json[field] = told;
            }
        }
        if nested {
            let too_deep = (kind == option::SUBCOMMAND_GROUP && depth > 0) || depth > 1;
            if too_deep {
                one.error(
                    "type",
                    "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                    "Sub-commands are nested too deep",
                );
            }
            let inside = options(one, depth + 1, characters);
            if kind == option::SUBCOMMAND_GROUP && inside.is_empty() {
                one.missing("options");
            }
            if !inside.is_empty() {
                json["options"] = Value::Array(inside);
            }
        } else {
            let required = one.boolean("required").unwrap_or(false);
            if required && optional_before {
                one.error(
                    "",
                    "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                    "Required options must be placed before non-required options",
                );
            }
            optional_before |= !required;
            if required {
                json["required"] = json!(true);
            }
            leaf(one, kind, &mut json, characters);
        }
        made.push(json);
    }
    if subcommands != 0 && subcommands != list.len() {
        let message = "Sub-commands and sub-command groups cannot stand beside other options";
        fields.error(
            "options",
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            message,
        );
    }
    made
}

/// Choices, bounds, channel types and autocomplete of an option that takes a value.
fn leaf(fields: &Fields, kind: i64, json: &mut Value, characters: &mut usize) {
    let takes_choices = matches!(kind, option::STRING | option::INTEGER | option::NUMBER);
    let choices = fields
        .objects("choices", 0, MOST_CHOICES)
        .unwrap_or_default();
    let autocomplete = fields.boolean("autocomplete").unwrap_or(false);
    if !choices.is_empty() && !takes_choices {
        fields.error(
            "choices",
            "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
            "This type of option takes no choices",
        );
    }
    if autocomplete && !choices.is_empty() {
        let message = "Autocomplete cannot be enabled for options with choices";
        fields.error(
            "autocomplete",
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
            message,
        );
    }
    if autocomplete && !takes_choices {
        let message = "This type of option cannot be completed";
        fields.error(
            "autocomplete",
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
            message,
        );
    }
    if autocomplete {
        json["autocomplete"] = json!(true);
    }
    let mut made = Vec::new();
    for choice in &choices {
        let name = choice.required_text("name", 1, 100);
        if choice.raw("value").is_none() {
            choice.missing("value");
        }
        let value = choice.raw("value").cloned().unwrap_or_default();
        let fits = match kind {
            option::STRING => value.is_string(),
            option::INTEGER => value.is_i64() || value.is_u64(),
            _ => value.is_number(),
        };
        if !fits && !value.is_null() {
            choice.error(
                "value",
                "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE_INVALID",
                "The value has the wrong type",
            );
        }
        if kind == option::STRING {
            choice.text("value", 1, 100);
            *characters += value.as_str().map_or(0, |text| text.chars().count());
        }
        *characters += name.chars().count();
        let mut one = json!({"name": name, "value": value});
        let told = localizations(choice, "name_localizations");
        if !told.is_null() {
            one["name_localizations"] = told;
        }
        made.push(one);
    }
    if !made.is_empty() {
        json["choices"] = Value::Array(made);
    }
    let bounds: &[&str] = match kind {
        option::STRING => &["min_length", "max_length"],
        option::INTEGER | option::NUMBER => &["min_value", "max_value"],
        _ => &[],
    };
    for bound in bounds {
        if let Some(value) = fields.raw(bound) {
            json[*bound] = value.clone();
        }
    }
    if kind == option::CHANNEL
        && let Some(types) = fields
            .list("channel_types", 0, 20)
            .filter(|types| !types.is_empty())
    {
        json["channel_types"] = json!(types);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(definition: Value) -> Value {
        command(&definition, None)
            .expect_err("the definition is wrong")
            .body()["errors"]
            .clone()
    }

    #[test]
    fn an_upper_case_name_is_refused() {
        let errors = refusal_of(json!({"name": "Inc", "description": "Incidents"}));
        assert_eq!(
            errors["name"]["_errors"][0]["code"],
            "APPLICATION_COMMAND_INVALID_NAME"
        );
    }

    #[test]
    fn a_required_option_comes_before_the_others() {
        let errors = refusal_of(
            json!({"name": "inc", "description": "Incidents", "options": [
                {"type": 3, "name": "title", "description": "Title"},
                {"type": 3, "name": "severity", "description": "Severity", "required": true},
            ]}),
        );
        assert_eq!(
            errors["options"]["1"]["_errors"][0]["code"],
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
        );
    }

    #[test]
    fn twenty_six_choices_are_one_too_many() {
        let choices: Vec<Value> = (0..26)
            .map(|n| json!({"name": n.to_string(), "value": n.to_string()}))
            .collect();
        let errors = refusal_of(
            json!({"name": "inc", "description": "Incidents", "options": [
                {"type": 3, "name": "title", "description": "Title", "choices": choices},
            ]}),
        );
        assert_eq!(
            errors["options"]["0"]["choices"]["_errors"][0]["code"],
            "BASE_TYPE_MAX_LENGTH"
        );
    }

    #[test]
    fn what_clients_send_in_excess_is_accepted() {
        let definition = json!({"name": "inc", "description": "Incidents", "options": [
            {"type": 1, "name": "new", "description": "New", "options": [], "choices": [], "required": false,
             "min_value": null, "max_length": null, "channel_types": []},
        ], "nsfw": false});
        assert!(command(&definition, None).is_ok());
    }
}
