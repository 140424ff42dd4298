//! Ties between incidents. A person makes one on one side; the other side follows by a stored effect, which looks at what is
//! true and makes the other agree, so that a crash between the two loses nothing.

use std::collections::BTreeSet;

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, Command, Expectation, Incident, Neighbour, Tie, Visibility, told_to_linked,
};
use bridgewatch_core::ports::{Ask, Broken};

use super::{Decided, IncidentDesk};

/// How many incidents are looked at, at most, to see whether a tie would make a circle.
const MOST_LOOKED_AT: usize = 256;

/// In which direction a whole and its parts are followed.
#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

impl IncidentDesk {
    /// Ties two incidents, with everything the rules must know of the other. An incident that everybody reads must not know
    /// of a restricted one: then the tie is made on the restricted side.
    pub(super) async fn decide_link(
        &self,
        id: IncidentId,
        other: IncidentId,
        tie: Tie,
        ask: Ask,
    ) -> Result<Decided, Broken> {
        let (Some(here), Some(there)) = (
            self.store.incident(id).await?,
            self.store.incident(other).await?,
        ) else {
            return Ok(Decided::Unknown);
        };
        let is_restricted = |incident: &Incident| incident.visibility == Visibility::Restricted;
        let (here, there, tie) = if is_restricted(&there) && !is_restricted(&here) {
            (there, here, tie.reversed())
        } else {
            (here, there, tie)
        };
        let other = Neighbour {
            id: there.id,
            restricted: is_restricted(&there),
            phase: there.phase,
            part_of: there.relations.part_of(),
            closes_a_circle: self.closes_a_circle(&here, &there, tie).await?,
        };
        let command = Command::LinkTo { other, tie };
        self.decide_and_commit(here.id, &Ask { command, ..ask }, None, |_| {})
            .await
    }

    async fn closes_a_circle(
        &self,
        here: &Incident,
        there: &Incident,
        tie: Tie,
    ) -> Result<bool, Broken> {
        let (part, whole) = match tie {
            Tie::PartOf => (here, there),
            Tie::HasPart => (there, here),
            Tie::Related => return Ok(false),
        };
        Ok(self.reached(whole, Way::Up).await?.contains(&part.id)
            || self.reached(part, Way::Down).await?.contains(&whole.id))
    }

    /// Every incident that is above this one, or below it.
    async fn reached(&self, from: &Incident, way: Way) -> Result<BTreeSet<IncidentId>, Broken> {
        let next = |incident: &Incident| -> Vec<IncidentId> {
            match way {
                Way::Up => incident.relations.part_of().into_iter().collect(),
                Way::Down => incident.relations.parts().collect(),
            }
        };
        let mut reached = BTreeSet::new();
        let mut waiting = next(from);
        while let Some(id) = waiting.pop() {
            if reached.len() >= MOST_LOOKED_AT || !reached.insert(id) {
                continue;
            }
            if let Some(incident) = self.store.incident(id).await? {
                waiting.extend(next(&incident));
            }
        }
        Ok(reached)
    }

    /// Makes the other side of a tie agree with this one, and lets this one know how far the other is. `only_phase` when
    /// nobody changed the tie.
    ///
    /// # Errors
    /// When the store is in trouble: the effect is tried again.
    pub async fn sync_link(
        &self,
        id: IncidentId,
        other: IncidentId,
        only_phase: bool,
    ) -> Result<(), Broken> {
        let (Some(here), Some(there)) = (
            self.store.incident(id).await?,
            self.store.incident(other).await?,
        ) else {
            return Ok(());
        };
        if let Some(told) = told_to_linked(&here, other, only_phase) {
            self.tell_side(other, told).await?;
        }
        let is_hidden = here.visibility == Visibility::Restricted;
        if is_hidden || there.visibility == Visibility::Restricted {
            return Ok(());
        }
        let phase = there.phase;
        self.tell_side(id, Command::HearOfLinked { other, phase })
            .await
    }

    async fn tell_side(&self, id: IncidentId, command: Command) -> Result<(), Broken> {
        let ask = Ask {
            actor: Actor::Bot,
            delivery: None,
            expects: Expectation::default(),
            command,
        };
        match self.decide_and_commit(id, &ask, None, |_| {}).await? {
            Decided::Done { .. } | Decided::ClaimLost | Decided::Unknown => Ok(()),
            Decided::Refused(refusal) => Err(Broken(refusal.to_string())),
        }
    }
}
