//! Refusals: Discord's error bodies for clients, sentences for people.

use serde_json::{Map, Value, json};

/// What a REST call is answered with when it is refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Discord's own error code; 0 where it has none.
    pub code: u32,
    pub message: String,
    /// The tree of field errors of an "Invalid Form Body".
    pub errors: Option<Value>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        ApiError {
            status,
            code,
            message: message.into(),
            errors: None,
        }
    }

    /// One wrong field.
    pub(crate) fn field(path: &str, code: &str, message: impl Into<String>) -> Self {
        let mut errors = FormErrors::default();
        errors.add(path, code, message);
        errors.into_error()
    }

    /// The same errors, one level deeper in the form.
    pub(crate) fn below(mut self, field: &str) -> Self {
        self.errors = self.errors.map(|errors| {
            let mut form = Map::new();
            form.insert(field.to_owned(), errors);
            Value::Object(form)
        });
        self
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }
}

/// The named refusals of Discord's list that a bot can run into here.
pub(crate) mod refusal {
    use super::ApiError;

    macro_rules! refusals {
        ($($name:ident = $status:literal $code:literal $message:literal;)*) => {
            $(pub(crate) fn $name() -> ApiError { ApiError::new($status, $code, $message) })*
        };
    }

    refusals! {
        unauthorized = 401 0 "401: Unauthorized";
        not_found = 404 0 "404: Not Found";
        method_not_allowed = 405 0 "405: Method Not Allowed";
        unknown_application = 404 10002 "Unknown Application";
        unknown_channel = 404 10003 "Unknown Channel";
        unknown_guild = 404 10004 "Unknown Guild";
        unknown_member = 404 10007 "Unknown Member";
        unknown_message = 404 10008 "Unknown Message";
        unknown_overwrite = 404 10009 "Unknown Overwrite";
        unknown_role = 404 10011 "Unknown Role";
        unknown_user = 404 10013 "Unknown User";
        unknown_emoji = 400 10014 "Unknown Emoji";
        unknown_webhook = 404 10015 "Unknown Webhook";
        unknown_interaction = 404 10062 "Unknown interaction";
        unknown_command = 404 10063 "Unknown application command";
        unknown_command_permissions = 404 10066 "Unknown application command permissions";
        unknown_scheduled_event = 404 10070 "Unknown Guild Scheduled Event";
        too_many_pins = 400 30003 "Maximum number of pins reached (250)";
        too_many_channels = 400 30013 "Maximum number of guild channels reached (500)";
        too_many_roles = 400 30005 "Maximum number of guild roles reached (250)";
        too_many_reactions = 400 30010 "Maximum number of reactions reached (20)";
        too_many_webhooks = 400 30007 "Maximum number of webhooks reached (15)";
        too_many_overwrites = 400 30060 "Maximum number of channel permission overwrites reached (1000)";
        too_many_scheduled_events = 400 30038 "Maximum number of uncompleted guild scheduled events reached (100)";
        request_too_large = 413 40005 "Request entity too large";
        already_acknowledged = 400 40060 "Interaction has already been acknowledged.";
        bad_user_agent = 403 40333 "internal network error";
        missing_access = 403 50001 "Missing Access";
        not_in_a_dm = 400 50003 "Cannot execute action on a DM channel";
        not_ones_own_message = 403 50005 "Cannot edit a message authored by another user";
        empty_message = 400 50006 "Cannot send an empty message";
        cannot_message_user = 403 50007 "Cannot send messages to this user";
        not_a_text_channel = 400 50008 "Cannot send messages in a non-text channel";
        missing_permissions = 403 50013 "Missing Permissions";
        system_message = 403 50021 "Cannot execute action on a system message";
        wrong_channel_kind = 400 50024 "Cannot execute action on this channel type";
        invalid_webhook_token = 401 50027 "Invalid Webhook Token";
        message_too_old = 400 50034 "You can only bulk delete messages that are under 14 days old.";
        invalid_json = 400 50109 "The request body contains invalid JSON.";
        archived_thread = 400 50083 "Tried to perform an operation on an archived thread";
        thread_exists = 400 160004 "A thread has already been created for this message";
    }
}

/// Gathers the errors of a form, so that a caller learns all of them at once.
#[derive(Debug, Default)]
pub(crate) struct FormErrors {
    tree: Map<String, Value>,
}

impl FormErrors {
    /// Adds an error at a dotted path such as `embeds.0.title`; an empty path is the form itself.
    pub(crate) fn add(&mut self, path: &str, code: &str, message: impl Into<String>) {
        let mut node = &mut self.tree;
        for step in path.split('.').filter(|step| !step.is_empty()) {
            let next = node
                .entry(step.to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if !next.is_object() {
                *next = Value::Object(Map::new());
            }
            let Value::Object(map) = next else { return };
            node = map;
        }
        let list = node
            .entry("_errors".to_owned())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(json!({"code": code, "message": message.into()}));
        }
    }

    pub(crate) fn into_error(self) -> ApiError {
        ApiError {
            status: 400,
            code: 50035,
            message: "Invalid Form Body".to_owned(),
            errors: Some(Value::Object(self.tree)),
        }
    }

    pub(crate) fn check(self) -> Result<(), ApiError> {
        if self.tree.is_empty() {
            Ok(())
        } else {
            Err(self.into_error())
        }
    }
}

/// Why a person's action did not happen, in the words a client would use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl Refused {
    pub(crate) fn because(sentence: impl Into<String>) -> Self {
        Refused(sentence.into())
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        let mut sentence = error.message;
        if let Some(errors) = &error.errors
            && let Some((path, first)) = first_error(errors, String::new())
        {
            sentence = if path.is_empty() {
                first
            } else {
                format!("{path}: {first}")
            };
        }
        Refused(sentence)
    }
}

fn first_error(node: &Value, path: String) -> Option<(String, String)> {
    let map = node.as_object()?;
    if let Some(first) = map.get("_errors").and_then(|list| list.get(0)) {
        return Some((
            path,
            first["message"].as_str().unwrap_or_default().to_owned(),
        ));
    }
    map.iter().find_map(|(step, below)| {
        let below_path = if path.is_empty() {
            step.clone()
        } else {
            format!("{path}.{step}")
        };
        first_error(below, below_path)
    })
}

/// Why a local Discord could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {source}; choose another address or port 0 for a free one"
    )]
    Listen {
        address: std::net::SocketAddr,
        source: std::io::Error,
    },
    /// The request log cannot be written.
    #[error(
        "cannot write the request log {path}: {source}; check that the folder exists and is writable"
    )]
    RequestLog {
        path: std::path::PathBuf,
        source: std::io::Error,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_errors_nest_as_discord_nests_them() {
        let mut errors = FormErrors::default();
        errors.add(
            "embeds.0.title",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 256 or fewer in length.",
        );
        errors.add(
            "content",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 2000 or fewer in length.",
        );
        let error = errors.into_error();
        assert_eq!(
            error.body()["errors"]["embeds"]["0"]["title"]["_errors"][0]["code"],
            "BASE_TYPE_MAX_LENGTH"
        );
        assert_eq!(
            Refused::from(error).0,
            "content: Must be 2000 or fewer in length."
        );
    }
}
