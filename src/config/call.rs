//! Where the people of an incident talk.

use super::problem::{Place, Wrong};
use super::reader::Reader;
use super::values;

/// The `[call]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// How.
    pub kind: CallKind,
    /// The address for `link`; for `voice` the one that is offered when the channel cannot be opened.
    pub link: Option<String>,
    /// What becomes of a voice channel.
    pub when_over: AfterIncident,
}

/// How people talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// Not through the bot.
    Off,
    /// At one address for all incidents.
    Link,
    /// In a voice channel of the incident's own.
    Voice,
}

/// What becomes of the voice channel of an incident that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterIncident {
    /// It is deleted.
    Delete,
    /// It stays.
    Keep,
}

impl Call {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let link_place = reader.place("call.link");
        let call = Self {
            kind: reader.value("call.kind", "voice", kind),
            link: reader.optional("call.link", values::https_url),
            when_over: reader.value("call.when_over", "delete", when_over),
        };
        // A link that is written and wrong has been complained about.
        if call.kind == CallKind::Link && call.link.is_none() && link_place == Place::Nowhere {
            let mend = "write call.link = \"https://..\", or call.kind = \"voice\"";
            reader.complain(Place::Nowhere, "call.link", Wrong::new("is missing", mend));
        }
        call
    }
}

fn kind(text: &str) -> Result<CallKind, Wrong> {
    match text {
        "off" => Ok(CallKind::Off),
        "link" => Ok(CallKind::Link),
        "voice" => Ok(CallKind::Voice),
        other => Err(Wrong::new(
            format!("`{other}` is no way to talk"),
            "write voice, link or off",
        )),
    }
}

fn when_over(text: &str) -> Result<AfterIncident, Wrong> {
    match text {
        "delete" => Ok(AfterIncident::Delete),
        "keep" => Ok(AfterIncident::Keep),
        other => Err(Wrong::new(
            format!("`{other}` cannot be done with a channel"),
            "write delete or keep",
        )),
    }
}
