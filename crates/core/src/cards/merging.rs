//! What is said when two incidents become one.

use super::{buttons, line};
use crate::card::{Act, Button, Card, Menu, MenuOption, Ping, Press, Row};
use crate::ids::{ChannelId, IncidentId};
use crate::incident::{Incident, cut};
use crate::ports::Listed;

/// The signpost in the channel of the duplicate: everybody who worked here is told where it goes on. `way` leads there,
/// unless not everybody may go.
#[must_use]
pub fn signpost(incident: &Incident, into: IncidentId, way: Option<&str>) -> Card {
    let people: Vec<_> = incident.circle().into_iter().collect();
    let names: Vec<String> = people.iter().map(ToString::to_string).collect();
    let (words, rows) = match way {
        Some(way) => (
            format!(
                "↪ This goes on in {into}: alerts, updates and decisions are there from now on. {}",
                names.join(" ")
            ),
            vec![buttons([Button::link(format!("Go to {into}"), way)])],
        ),
        None => (
            format!(
                "↪ This goes on elsewhere, with fewer people. Whoever is needed there is let in. {}",
                names.join(" ")
            ),
            Vec::new(),
        ),
    };
    Card {
        content: words.trim_end().to_owned(),
        rows,
        ping: Ping::People(people),
        ..Card::default()
    }
}

/// In the channel of the one that goes on.
#[must_use]
pub fn absorbed_line(
    from: IncidentId,
    title: &str,
    channel: Option<ChannelId>,
    entries: u32,
) -> Card {
    let place = channel
        .map(|channel| format!(" → <#{}>", channel.0))
        .unwrap_or_default();
    line(format!(
        "↪ {from} \"{title}\" was merged into this. Its alerts count here now; its {entries} timeline entries stay \
         there{place}"
    ))
}

/// Into which?
#[must_use]
pub fn ask_merge(incident: &Incident, others: &[Listed]) -> Card {
    if others.is_empty() {
        return line("No other incident is live: there is nothing to merge it into.");
    }
    let mut card = line(format!(
        "Of which incident is {} a duplicate? It ends, and the other takes over its alerts.",
        incident.id
    ));
    card.rows = vec![Row::Menu(Menu {
        hint: "Merge into…".to_owned(),
        options: others
            .iter()
            .take(25)
            .map(|other| MenuOption {
                value: other.id.to_string(),
                label: cut(
                    &format!("{} · {} · {}", other.id, other.severity, other.title),
                    90,
                ),
                description: other.phase.to_string(),
            })
            .collect(),
        most: 1,
        press: Press::any_time(incident.id, Act::AskMerge),
    })];
    card
}
