//! What can be done where there is no incident: one private card, and the same by name. The table is all there is, so that
//! nothing can be pressed that cannot be typed.

use super::{buttons, line, text_card};
use crate::card::{Act, Button, Card, ListOf, Look, Press, Row, Tone};

/// Something that can be asked outside of an incident.
#[derive(Clone, Debug)]
pub struct DeskOffer {
    /// The word for it, for ever: what is typed after `/inc more`.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it presses.
    pub act: Act,
}

/// Every offer, in the order of the buttons.
static OFFERS: [DeskOffer; 6] = [
    of("new", "New incident…", Act::NewIncident),
    of("incidents", "Open incidents", Act::Incidents(ListOf::Live)),
    of("runbooks", "Runbooks…", Act::Library),
    of("maintenance", "Maintenance…", Act::Maintenance),
    of("check", "Check the setup", Act::CheckSetup),
    of("help", "Help", Act::Help),
];

const fn of(name: &'static str, label: &'static str, act: Act) -> DeskOffer {
    DeskOffer { name, label, act }
}

/// Everything that can be asked outside of an incident.
#[must_use]
pub fn desk_offers() -> &'static [DeskOffer] {
    &OFFERS
}

/// The offer of this name, or with these words.
#[must_use]
pub fn desk_offer(named: &str) -> Option<&'static DeskOffer> {
    let named = named.trim();
    let same = |text: &str| text.eq_ignore_ascii_case(named);
    OFFERS
        .iter()
        .find(|offer| same(offer.name) || same(offer.label))
}

/// The buttons of those offers that are wanted: four of work, then what is about the bot.
pub(super) fn desk_rows(wanted: impl Fn(&Act) -> bool) -> Vec<Row> {
    let button = |offer: &DeskOffer| Button {
        look: if offer.act == Act::NewIncident {
            Look::Primary
        } else {
            Look::Plain
        },
        ..Button::plain(offer.label, Press::of_none(offer.act.clone()))
    };
    OFFERS
        .chunks(4)
        .map(|offers| buttons(offers.iter().filter(|offer| wanted(&offer.act)).map(button)))
        .collect()
}

/// What can be done here.
#[must_use]
pub fn front_desk() -> Card {
    let mut card = text_card(
        "Front desk",
        "**Something is broken?** *New incident…* and a few words: a channel opens, you have it.",
        Tone::Plain,
    );
    card.rows = desk_rows(|_| true);
    card
}

/// The message that stands in the announcement channel: nobody is rung for it.
#[must_use]
pub fn standing_desk() -> Card {
    let mut card = line(
        "**Something wrong?** A few words are enough: a channel opens, and people are called.",
    );
    card.rows = vec![buttons([
        Button::primary("New incident…", Press::of_none(Act::NewIncident)),
        Button::plain("More…", Press::of_none(Act::FrontDesk)),
    ])];
    card
}

/// The way back from what the desk has shown.
pub(super) fn back_to_the_desk() -> Button {
    Button::plain("Front desk", Press::of_none(Act::FrontDesk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offer_of_the_desk_is_a_button_and_has_one_name() {
        let rows = front_desk().rows;
        let labels: Vec<&str> = rows
            .iter()
            .flat_map(|row| match row {
                Row::Buttons(buttons) => buttons.as_slice(),
                _ => &[],
            })
            .map(|button| button.label.as_str())
            .collect();
        let offered: Vec<&str> = desk_offers().iter().map(|offer| offer.label).collect();
        assert_eq!(labels, offered);
        for offer in desk_offers() {
            let found = desk_offer(&offer.name.to_uppercase()).map(|found| &found.act);
            assert_eq!(found, Some(&offer.act));
            assert_eq!(
                desk_offer(offer.label).map(|found| found.name),
                Some(offer.name)
            );
        }
        assert!(desk_offer("soup").is_none());
    }
}
