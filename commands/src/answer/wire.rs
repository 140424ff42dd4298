//! Answers as Discord's JSON, and errors without secrets.

use poise::serenity_prelude as serenity;
use serde_json::{Value, json};

use crate::card::{Rendered, cut, render_form};
use crate::forms::Form;

/// Message flag: only the asker sees it.
pub(super) const EPHEMERAL: u64 = 1 << 6;
/// Message flag: phones stay silent.
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

/// Who sees a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The asker alone.
    ByThem,
    /// Everybody in the channel.
    ByAll,
}

/// A first answer that is a message.
pub(super) fn message(rendered: &Rendered, seen: Seen) -> Value {
    json!({ "type": 4, "data": flagged(rendered, seen) })
}

/// A first answer that changes the pressed card.
pub(super) fn update(rendered: &Rendered) -> Value {
    json!({ "type": 7, "data": rendered.body() })
}

/// The body of a message with its flags.
pub(super) fn flagged(rendered: &Rendered, seen: Seen) -> Value {
    let mut body = rendered.body();
    let flags = match seen {
        Seen::ByThem => EPHEMERAL,
        Seen::ByAll if rendered.quiet => SUPPRESS_NOTIFICATIONS,
        Seen::ByAll => 0,
    };
    body["flags"] = json!(flags);
    body
}

/// A first answer that is a form.
pub(super) fn form(form: &Form) -> Value {
    json!({ "type": 9, "data": render_form(form) })
}

/// Tells Discord which part of the request is which attachment.
pub(super) fn name_file(body: &mut Value, name: &str) {
    body["attachments"] = json!([{ "id": 0, "filename": name }]);
}

/// Whether somebody has answered the interaction before: it was heard twice, and once is enough.
pub(crate) fn answered_before(error: &serenity::Error) -> bool {
    const ALREADY_ACKNOWLEDGED: isize = 40_060;
    matches!(
        error,
        serenity::Error::Http(serenity::HttpError::UnsuccessfulRequest(response))
            if response.error.code == ALREADY_ACKNOWLEDGED
    )
}

/// An error as it may be logged. The client's own words can hold the address, and with it the interaction's token.
pub(crate) fn without_secrets(error: &serenity::Error) -> String {
    match error {
        serenity::Error::Http(serenity::HttpError::UnsuccessfulRequest(response)) => format!(
            "Discord answered {} ({}): {}",
            response.status_code.as_u16(),
            response.error.code,
            cut(&response.error.message, 200)
        ),
        serenity::Error::Http(serenity::HttpError::Request(error)) => if error.is_timeout() {
            "no answer in time"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the request broke off"
        }
        .to_owned(),
        serenity::Error::Http(serenity::HttpError::ApplicationIdMissing) => {
            "the application id is not known yet".to_owned()
        }
        serenity::Error::Http(_) => "the request could not be made".to_owned(),
        serenity::Error::Json(error) => format!(
            "what Discord answered cannot be read (line {}, column {})",
            error.line(),
            error.column()
        ),
        _ => "the client gave up".to_owned(),
    }
}
