//! How a call can fail, told so that the caller knows what to do next and an operator knows what to mend.
//!
//! The four ends differ in the one thing a caller must decide: repeat as it was, stop, look first whether it
//! happened after all, or repeat because it certainly did not.

use std::time::Duration;

use serde_json::Value;

/// Discord's own error numbers the bot reacts to.
pub mod code {
    pub const UNKNOWN_CHANNEL: u32 = 10_003;
    pub const UNKNOWN_GUILD: u32 = 10_004;
    pub const UNKNOWN_MEMBER: u32 = 10_007;
    pub const UNKNOWN_MESSAGE: u32 = 10_008;
    pub const UNKNOWN_USER: u32 = 10_013;
    pub const TOO_MANY_PINS: u32 = 30_003;
    pub const TOO_MANY_CHANNELS: u32 = 30_013;
    pub const TOO_MANY_EDITS_OF_OLD_MESSAGE: u32 = 30_046;
    pub const MISSING_ACCESS: u32 = 50_001;
    pub const CANNOT_MESSAGE_THIS_USER: u32 = 50_007;
    pub const MISSING_PERMISSIONS: u32 = 50_013;
    pub const INVALID_WEBHOOK_TOKEN: u32 = 50_027;
    pub const INVALID_FORM_BODY: u32 = 50_035;
}

/// The longest part of a foreign text that an error repeats, in characters.
const LONGEST_QUOTE: usize = 300;

/// Why a call brought no result. Holds no token and no text a person wrote.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApiError {
    /// Nothing happened. The same call is right again after a while.
    #[error("not now, again in {:.1} s: {why}", after.as_secs_f64())]
    Retry { after: Duration, why: String },
    /// Discord said no. The same call will be refused again until someone mends the cause.
    #[error("{0}")]
    Refused(Refused),
    /// The call left, the answer was lost: the effect may have happened. Look before repeating what must not
    /// happen twice.
    #[error("{why}; it may have happened all the same")]
    Maybe { why: String },
    /// The call never left the machine.
    #[error("not sent: {why}")]
    NotSent { why: String },
}

/// A refusal by Discord.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// Discord's error number, 0 when the answer had none.
    pub code: u32,
    /// Discord's words, with the fields of an invalid body spelled out.
    pub message: String,
    /// What was asked, `POST /channels/7/messages`, tokens left out.
    pub asked: String,
    /// What to do about it, for the well-known numbers.
    pub mend: Option<&'static str>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Discord refused {}: {} (status {}",
            self.asked, self.message, self.status
        )?;
        if self.code != 0 {
            write!(f, ", code {}", self.code)?;
        }
        write!(f, ")")?;
        match self.mend {
            Some(mend) => write!(f, ". {mend}"),
            None => Ok(()),
        }
    }
}

impl ApiError {
    /// How long to wait before the same call makes sense, where Discord or the gate said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Retry { after, .. } => Some(*after),
            _ => None,
        }
    }

    /// Discord's error number, if it refused with one.
    pub fn code(&self) -> Option<u32> {
        match self {
            Self::Refused(refused) if refused.code != 0 => Some(refused.code),
            _ => None,
        }
    }

    /// True when what was addressed does not exist (any more): a delete is done, an edit has lost its object.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.status == 404 && refused.code != 0)
    }

    /// True when Discord knows no such path, whatever it names: a wrong address, or a route of another age.
    pub(super) fn is_unknown_route(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.status == 404 && refused.code == 0)
    }
}

impl Refused {
    /// Understands an answer of the 4xx family, whatever its body is.
    pub(super) fn understand(status: u16, body: &[u8], asked: String) -> Self {
        let answer: Option<Value> = serde_json::from_slice(body).ok();
        let field = |name: &str| answer.as_ref().and_then(|answer| answer.get(name));
        let code = field("code")
            .and_then(Value::as_u64)
            .and_then(|code| u32::try_from(code).ok())
            .unwrap_or(0);
        let mut message = field("message")
            .and_then(Value::as_str)
            .unwrap_or("an answer that is not Discord's JSON")
            .to_owned();
        if let Some(errors) = field("errors") {
            let mut found = Vec::new();
            collect_field_errors(errors, &mut String::new(), &mut found);
            if !found.is_empty() {
                message = format!("{message}: {}", found.join("; "));
            }
        }
        Self {
            status,
            code,
            message: quote(&message),
            asked,
            mend: mend(status, code),
        }
    }
}

/// Cuts a foreign text to a length that fits a log line.
pub(super) fn quote(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Discord nests the errors of a form: `{"embeds": {"0": {"title": {"_errors": [{"code", "message"}]}}}}`.
fn collect_field_errors(node: &Value, path: &mut String, found: &mut Vec<String>) {
    let Some(object) = node.as_object() else {
        return;
    };
    for (name, value) in object {
        if name == "_errors" {
            for error in value.as_array().into_iter().flatten() {
                let text = |field: &str| error.get(field).and_then(Value::as_str).unwrap_or("?");
                let place = if path.is_empty() {
                    "body"
                } else {
                    path.as_str()
                };
                found.push(format!("{place}: {} [{}]", text("message"), text("code")));
            }
            continue;
        }
        let shorter = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        collect_field_errors(value, path, found);
        path.truncate(shorter);
    }
}

fn mend(status: u16, code: u32) -> Option<&'static str> {
    let by_code = match code {
        code::UNKNOWN_CHANNEL => "The channel does not exist any more.",
        code::UNKNOWN_GUILD => {
            "Check `guild_id` in the configuration and that the bot is a member of that server."
        }
        code::UNKNOWN_MESSAGE => "The message does not exist any more.",
        10_011 => "A role in the configuration does not exist on this server: check its id.",
        10_013 => "A person in the configuration does not exist: check the user id.",
        10_015 | code::INVALID_WEBHOOK_TOKEN => {
            "The 15 minutes for answering this command are over: post into the channel instead."
        }
        10_062 => "The 3 seconds for the first answer are over: ask for the command again.",
        code::TOO_MANY_PINS => "The channel has 250 pins: unpin something.",
        code::TOO_MANY_CHANNELS => {
            "The server has 500 channels: delete or archive old incident channels."
        }
        code::TOO_MANY_EDITS_OF_OLD_MESSAGE => {
            "Messages older than an hour take few edits: post a new one."
        }
        30_060 => {
            "The channel has 1,000 permission overwrites: use roles instead of single people."
        }
        40_001 => {
            "Check the bot token, and that the bot was invited with the scopes `bot` and `applications.commands`."
        }
        40_060 => "Another answer to this command was already sent.",
        code::MISSING_ACCESS => {
            "The bot cannot see it: give the bot's role View Channel there, or invite the bot to the server."
        }
        code::CANNOT_MESSAGE_THIS_USER => {
            "This person takes no direct messages from the server: they must allow them in their privacy settings."
        }
        code::MISSING_PERMISSIONS => {
            "Give the bot's role the missing permission (Manage Channels, Manage Roles, Pin Messages, Send \
             Messages …) and place the role above the roles it has to manage."
        }
        code::INVALID_FORM_BODY => {
            "The bot sent something outside Discord's limits: please report this with the text above."
        }
        160_006 => "The server has too many active threads: archive some.",
        _ => "",
    };
    if !by_code.is_empty() {
        return Some(by_code);
    }
    match status {
        300..=399 => {
            Some("`discord.api_url` points at something that redirects: name the final address.")
        }
        401 => Some(
            "Discord does not accept the bot token: create a new one in the developer portal and restart the bot.",
        ),
        413 => Some("The files are too large: Discord takes 10 MiB per file and 25 MiB in all."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Refused {
        Refused::understand(
            status,
            body.as_bytes(),
            "POST /guilds/1/channels".to_owned(),
        )
    }

    #[test]
    fn a_missing_permission_is_told_with_what_was_asked_and_how_to_mend_it() {
        let text = refused(403, r#"{"message":"Missing Permissions","code":50013}"#).to_string();
        assert!(
            text.starts_with(
                "Discord refused POST /guilds/1/channels: Missing Permissions (status 403, code 50013). \
                 Give the bot's role"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_full_category_is_named_by_an_invalid_form_body() {
        let body = r#"{"code":50035,"message":"Invalid Form Body","errors":{"parent_id":{"_errors":[
            {"code":"CHANNEL_PARENT_MAX_CHANNELS","message":"Maximum number of channels in category reached (50)"}]}}}"#;
        let error = ApiError::Refused(refused(400, body));
        assert!(
            error.to_string().contains(
                "Invalid Form Body: parent_id: Maximum number of channels in category reached (50) \
                 [CHANNEL_PARENT_MAX_CHANNELS]"
            ),
            "{error}"
        );
    }

    #[test]
    fn nested_form_errors_name_their_place() {
        let body = r#"{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"title":{"_errors":[
            {"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 256 or fewer in length."}]}}}}}"#;
        assert_eq!(
            refused(400, body).message,
            "Invalid Form Body: embeds.0.title: Must be 256 or fewer in length. [BASE_TYPE_MAX_LENGTH]"
        );
    }

    #[test]
    fn a_body_that_is_no_json_still_gives_a_sentence() {
        let text = refused(404, "<html>nothing here</html>").to_string();
        assert_eq!(
            text,
            "Discord refused POST /guilds/1/channels: an answer that is not Discord's JSON (status 404)"
        );
    }

    #[test]
    fn a_very_long_message_is_cut_at_a_character() {
        let body = serde_json::json!({ "message": "ü".repeat(5_000) }).to_string();
        assert_eq!(
            refused(400, &body).message.chars().count(),
            LONGEST_QUOTE + 1
        );
    }
}
