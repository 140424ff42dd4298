//! Incidents that people tied to each other: a large one and its parts, or two that have to do with each other.
//!
//! Each side keeps the tie as it looks from there, with how far the other one is, so that a board is drawn from its own
//! incident alone. The exception is secrecy: an incident that everybody reads knows nothing of a restricted one; the tie
//! then stands in the restricted one only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::Command;
use super::relations::Relations;
use super::state::{Incident, Visibility};
use crate::ids::IncidentId;
use crate::phase::Phase;

/// The most ties that one incident has: as many as a menu can offer.
pub const MOST_LINKS: usize = 25;

/// What another incident is to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// This one is a part of the other.
    PartOf,
    /// The other is a part of this one.
    HasPart,
    /// They have to do with each other.
    Related,
}

impl Tie {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::PartOf, Self::HasPart, Self::Related];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::PartOf => "part-of",
            Self::HasPart => "has-part",
            Self::Related => "related",
        }
    }

    /// The same, seen from the other side.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::PartOf => Self::HasPart,
            Self::HasPart => Self::PartOf,
            Self::Related => Self::Related,
        }
    }

    /// What it says about the other incident, as a sentence's end.
    #[must_use]
    pub fn says(self, other: IncidentId) -> String {
        match self {
            Self::PartOf => format!("part of {other}"),
            Self::HasPart => format!("{other} is a part of it"),
            Self::Related => format!("related to {other}"),
        }
    }
}

/// A tie to another incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linked {
    /// Which.
    pub tie: Tie,
    /// How far the other one is, where this one is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
}

/// What the rules must know of the incident at the other end of a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Which.
    pub id: IncidentId,
    /// Whether only few may see it.
    pub restricted: bool,
    /// How far it is.
    pub phase: Phase,
    /// Of what it is a part already.
    pub part_of: Option<IncidentId>,
    /// Whether the tie would make a circle: a part above its own whole.
    pub closes_a_circle: bool,
}

impl Relations {
    /// The incident it is a part of.
    #[must_use]
    pub fn part_of(&self) -> Option<IncidentId> {
        tied(&self.links, Tie::PartOf).next()
    }

    /// Its parts.
    pub fn parts(&self) -> impl Iterator<Item = IncidentId> {
        tied(&self.links, Tie::HasPart)
    }

    /// The parts that are known to be live.
    pub fn open_parts(&self) -> impl Iterator<Item = IncidentId> {
        self.parts_where(|phase| phase.is_some_and(Phase::is_active))
    }

    /// The parts of which it is not told how far they are: a restricted incident and the others tell each other nothing.
    pub fn unknown_parts(&self) -> impl Iterator<Item = IncidentId> {
        self.parts_where(|phase| phase.is_none())
    }

    fn parts_where(&self, fits: fn(Option<Phase>) -> bool) -> impl Iterator<Item = IncidentId> {
        self.links
            .iter()
            .filter(move |(_, link)| link.tie == Tie::HasPart && fits(link.phase))
            .map(|(id, _)| *id)
    }
}

/// What the other side of a tie is told of this one. Only what a person did makes a tie there or takes one back; a change of
/// phase that arrives late must not bring back a tie that somebody has just taken away.
#[must_use]
pub fn told_to_linked(here: &Incident, other: IncidentId, only_phase: bool) -> Option<Command> {
    let is_hidden = here.visibility == Visibility::Restricted;
    if only_phase {
        return (!is_hidden).then_some(Command::HearOfLinked {
            other: here.id,
            phase: here.phase,
        });
    }
    let link = here.relations.links.get(&other).filter(|_| !is_hidden);
    Some(Command::MirrorLink {
        other: here.id,
        link: link.map(|link| Linked {
            tie: link.tie.reversed(),
            phase: Some(here.phase),
        }),
        quietly: is_hidden,
    })
}

fn tied(links: &BTreeMap<IncidentId, Linked>, tie: Tie) -> impl Iterator<Item = IncidentId> {
    links
        .iter()
        .filter(move |(_, link)| link.tie == tie)
        .map(|(id, _)| *id)
}
