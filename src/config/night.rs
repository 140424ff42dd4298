//! When it is night, and what people read after one.

use bridgewatch_core::incident::{LATE_START, NightHours};

use super::problem::Wrong;
use super::reader::Reader;
use super::values::time_of_day;

/// The `[night]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Night {
    /// From when until when people are left alone, where each lives.
    pub hours: NightHours,
    /// What whoever was up reads when an incident is resolved in the small hours; `None`: nothing.
    pub late_start: Option<String>,
}

impl Night {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            hours: NightHours {
                from: reader.value("night.from", "22:00", time_of_day),
                until: reader.value("night.until", "07:00", time_of_day),
            },
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
