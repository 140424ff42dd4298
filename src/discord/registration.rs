//! The body of a command registration, without what the builders write for "not set".

use serde_json::Value;

/// Drops empty values and switches that are off, which mean to Discord what leaving them out means; its published schema does not know
/// most of them at the types of option that the builders write them to.
pub(super) fn without_defaults(commands: Value) -> Value {
    match commands {
        Value::Array(list) => list.into_iter().map(without_defaults).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !says_nothing(value))
            .map(|(name, value)| (name, without_defaults(value)))
            .collect(),
        other => other,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(_) | Value::String(_) | Value::Bool(true) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serenity::builder::{CreateCommand, CreateCommandOption};
    use serenity::model::application::CommandOptionType;

    use super::*;

    #[test]
    fn a_registration_says_only_what_was_set() {
        let title = CreateCommandOption::new(CommandOptionType::String, "title", "What is wrong")
            .required(true)
            .max_length(200);
        let command = CreateCommand::new("inc")
            .description("Incidents")
            .add_option(title);
        let body = serde_json::to_value([command]).expect("a builder is JSON");
        assert_eq!(
            without_defaults(body),
            json!([{"name": "inc", "description": "Incidents", "options": [
                {"type": 3, "name": "title", "description": "What is wrong", "required": true, "max_length": 200}]}])
        );
        assert_eq!(without_defaults(json!([])), json!([]));
    }
}
