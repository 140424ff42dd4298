//! Secrets and what became of them. No card here repeats what it is about.

use super::{buttons, line};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row};
use crate::ids::EntryNumber;
use crate::incident::{Incident, cut};
use crate::person::PersonId;
use crate::secrets::Class;
use crate::timeline::Entry;

/// The most lines that one menu offers.
const MOST_OPTIONS: usize = 25;

/// To the author of what looks like a secret.
#[must_use]
pub fn secret_offer(
    incident: &Incident,
    number: EntryNumber,
    (class, name): (Class, &str),
) -> Card {
    let press = |act| Press::any_time(incident.id, act);
    Card {
        content: format!(
            "{number} in {}: this looks like {} ({name}). *Redact it* takes it out of everything that was stored.",
            incident.id,
            class.words()
        ),
        rows: vec![buttons([
            Button::risky("Redact it", press(Act::Redact(number))),
            Button::plain("It is not", press(Act::NotSecret(number))),
        ])],
        ..Card::default()
    }
}

/// To the author of a line that somebody else took out.
#[must_use]
pub fn rotate_it(incident: &Incident, number: EntryNumber) -> Card {
    line(format!(
        "{number} in {}, which you wrote, was redacted. If it held a password, key or token: replace it now, whoever may \
         have read it. {ROTATE}",
        incident.id
    ))
}

/// What to do about a secret that others have seen.
const ROTATE: &str = "Deleting the message is not enough.";

/// What whoever redacted a line is told.
#[must_use]
pub fn redacted_line(incident: &Incident, number: EntryNumber) -> Card {
    if incident.sealed.contains(&number) {
        return line(format!(
            "{number} is hidden everywhere. Whoever decides about it is asked in the channel."
        ));
    }
    line(format!(
        "{number} is redacted everywhere. If it was a password, key or token: replace it now. {ROTATE} What was said or \
         sent before cannot be called back."
    ))
}

/// To the channel, about a line that waits for somebody who decides.
#[must_use]
pub fn hidden_line(incident: &Incident, number: EntryNumber, by: Option<PersonId>) -> Card {
    let press = |act| Press::any_time(incident.id, act);
    let by = by.map(|by| format!("{by} hid ")).unwrap_or_default();
    Card {
        content: format!(
            "🙈 {by}{number}. Whoever wrote it, whoever commands or an admin decides: gone for good, or shown again."
        ),
        rows: vec![buttons([
            Button::risky("Redact for good", press(Act::RedactForGood(number))),
            Button::plain("Show it again", press(Act::ShowEntryAgain(number))),
        ])],
        quiet: true,
        ..Card::default()
    }
}

/// To the channel, where the bot may not delete the message at this address.
#[must_use]
pub fn may_not_delete(incident: &Incident, number: EntryNumber, link: &str) -> Card {
    let copies = if incident.sealed.contains(&number) {
        "My own copies are hidden until somebody decides."
    } else {
        "My own copies are gone."
    };
    line(format!(
        "⚠ **The message that {number} was taken from still stands:** {link}. Whoever wrote it, or an administrator of the \
         server, must delete it there. {copies} With *Manage Messages* I do it myself."
    ))
}

/// Which line has to go?
#[must_use]
pub fn ask_redact(incident: &Incident, timeline: &[Entry]) -> Card {
    let mut newest: Vec<&Entry> = timeline
        .iter()
        .filter(|entry| entry.is_active() && !entry.is_redacted())
        .collect();
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.number));
    let options: Vec<MenuOption> = newest
        .into_iter()
        .filter_map(|entry| Some((entry.number?, entry)))
        .take(MOST_OPTIONS)
        .map(|(number, entry)| MenuOption {
            value: number.0.to_string(),
            label: format!("{number} {}", entry.kind),
            description: cut(&entry.text, 100),
        })
        .collect();
    if options.is_empty() {
        return line(format!(
            "{} has no line that could be redacted.",
            incident.id
        ));
    }
    let menu = Menu {
        hint: "Choose the line that has to go".to_owned(),
        options,
        most: 1,
        press: Press::any_time(incident.id, Act::AskRedact),
    };
    Card {
        content: "It vanishes at once from the board, the timeline, exports and updates that wait. An older line: \
             `/inc more what:redact T-14`. A part of one: `/inc more what:redact T-14 the words`."
            .to_owned(),
        rows: vec![Row::Menu(menu)],
        ..Card::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::Night;

    #[test]
    fn of_a_message_that_still_stands_it_is_said_whether_the_copies_are_gone_or_hidden() {
        let night = Night::alert_fires("orders-api 5xx", crate::severity::Severity::Sev2);
        let mut incident = night.incident().clone();
        let said = |incident: &Incident| may_not_delete(incident, EntryNumber(3), "link").content;
        assert!(said(&incident).contains("My own copies are gone."));
        incident.sealed.insert(EntryNumber(3));
        assert!(!said(&incident).contains("gone"), "{}", said(&incident));
        assert!(said(&incident).contains("hidden until somebody decides"));
    }
}
