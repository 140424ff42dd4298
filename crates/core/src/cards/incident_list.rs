//! Which incidents there are, each with the way to its board.

use super::front_desk::back_to_the_desk;
use super::{buttons, line, plain, text_card};
use crate::card::{Act, Button, Card, ListOf, Menu, MenuOption, Press, Row, Tone};
use crate::incident::cut;
use crate::ports::Listed;

/// The most lines of the list.
const MAX_LISTED: usize = 20;

/// The incidents that somebody may see, newest first; `held` is what maintenance holds back.
#[must_use]
pub fn incident_list(listed: &[Listed], only_live: bool, held: &[String]) -> Card {
    if listed.is_empty() {
        let nothing = if only_live {
            "No incident is live. *New incident…* or `/inc new` begins one; *All of them* shows those that are over."
        } else {
            "There has been no incident yet."
        };
        let lines: Vec<&str> = std::iter::once(nothing)
            .chain(held.iter().map(String::as_str))
            .collect();
        let mut card = line(lines.join("\n"));
        card.rows = vec![buttons([
            Button::plain("New incident…", Press::of_none(Act::NewIncident)),
            list_button(ListOf::All),
            back_to_the_desk(),
        ])];
        return card;
    }
    let mut lines: Vec<String> = listed
        .iter()
        .take(MAX_LISTED)
        .map(|one| {
            let place = one
                .channel
                .map(|channel| format!(" <#{}>", channel.0))
                .unwrap_or_default();
            format!(
                "{} **{}** {} {} · {}{} · since <t:{}:f>{place}",
                one.phase.mark(),
                one.id,
                one.severity,
                cut(&one.title, 100),
                one.phase,
                if one.near_miss { " (near miss)" } else { "" },
                one.declared_at.timestamp()
            )
        })
        .collect();
    if listed.len() > MAX_LISTED {
        lines.push(format!("… and {} older ones", listed.len() - MAX_LISTED));
    }
    lines.extend_from_slice(held);
    let options = listed.iter().take(25).map(|one| MenuOption {
        value: one.id.to_string(),
        label: format!(
            "{} · {} · {}",
            one.id,
            one.severity,
            cut(&plain(&one.title), 70)
        ),
        description: one.phase.to_string(),
    });
    let board_of = Menu {
        hint: "Open the board of…".to_owned(),
        options: options.collect(),
        most: 1,
        press: Press::of_none(Act::OpenBoard),
    };
    let mut more: Vec<Button> = ListOf::ALL.into_iter().map(list_button).collect();
    more.push(Button::plain("Find…", Press::of_none(Act::FindIncidents)));
    more.push(back_to_the_desk());
    let title = if only_live {
        "Live incidents"
    } else {
        "Incidents, newest first"
    };
    Card {
        rows: vec![Row::Menu(board_of), buttons(more)],
        ..text_card(title, lines.join("\n"), Tone::Plain)
    }
}

fn list_button(list: ListOf) -> Button {
    Button::plain(list.words(), Press::of_none(Act::Incidents(list)))
}
