//! What people read after a night.

use bridgewatch_core::incident::LATE_START;

use super::problem::Wrong;
use super::reader::Reader;

/// The `[night]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// What whoever was up reads when an incident is resolved in the small hours; `None`: nothing.
    pub late_start: Option<String>,
}

impl Night {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            late_start: reader.value("night.late_start", LATE_START, late_start),
        }
    }
}

fn late_start(text: &str) -> Result<Option<String>, Wrong> {
    const MAX_CHARACTERS: usize = 200;
    let text = text.trim();
    let fits = (1..=MAX_CHARACTERS).contains(&text.chars().count());
    if text == "off" {
        Ok(None)
    } else if fits && !text.chars().any(char::is_control) {
        Ok(Some(text.to_owned()))
    } else {
        Err(Wrong::new(
            format!("`{}` is not a sentence", text.escape_debug()),
            format!("write 1 to {MAX_CHARACTERS} characters on one line, or off"),
        ))
    }
}
