//! The sheet to print before it is needed: what a team does when the bot, or Discord, is down.

use std::path::Path;

use super::load;
use crate::config::Fallback;
use crate::output::out;

/// The sheet with its blanks. README shows the same.
const SHEET: &str = include_str!("../../docs/fallback-sheet.txt");

/// A blank that the configuration can fill in.
const BLANK: &str = "______________________";

/// Prints the sheet, with what is configured filled in and a blank for the rest.
///
/// # Errors
/// When the configuration has mistakes.
pub fn fallback_sheet(path: Option<&Path>) -> anyhow::Result<()> {
    out!("{}", filled(&load(path)?.fallback));
    Ok(())
}

/// The sheet with these contacts, in the order in which it asks for them.
fn filled(contacts: &Fallback) -> String {
    let contacts = [
        &contacts.call,
        &contacts.backup,
        &contacts.bridge_call,
        &contacts.mail,
    ];
    let mut parts = SHEET.split(BLANK);
    let mut sheet = parts.next().unwrap_or_default().to_owned();
    for (part, contact) in parts.zip(contacts) {
        sheet.push_str(contact.as_deref().unwrap_or(BLANK));
        sheet.push_str(part);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nobody() -> Fallback {
        Fallback {
            call: None,
            backup: None,
            bridge_call: None,
            mail: None,
        }
    }

    #[test]
    fn the_readme_shows_the_sheet_that_is_printed() {
        let readme = include_str!("../../README.md");
        assert!(
            readme.contains(&format!("```\n{SHEET}```")),
            "README and docs/fallback-sheet.txt say different things"
        );
        assert_eq!(filled(&nobody()), SHEET);
    }

    #[test]
    fn what_is_configured_stands_where_it_is_looked_for() {
        let contacts = Fallback {
            call: Some("+49 30 1234".to_owned()),
            mail: Some("all@example.org".to_owned()),
            bridge_call: Some("https://meet.example/bridge".to_owned()),
            ..nobody()
        };
        let sheet = filled(&contacts);
        let lines: Vec<&str> = sheet.lines().collect();
        assert!(lines.contains(
            &"1  Call the person on call:   +49 30 1234    then the backup:  ______________________"
        ));
        assert!(lines.contains(
            &"2  Open a call and stay in it:   https://meet.example/bridge    pin the address where everybody looks."
        ));
        assert!(lines.contains(&"4  Within 10 minutes write to  all@example.org :"));
    }
}
