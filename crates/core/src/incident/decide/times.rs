//! Correcting the times that metrics are made of.

use chrono::{DateTime, Utc};

use crate::ids::EntryNumber;
use crate::incident::command::Request;
use crate::incident::event::Event;
use crate::incident::facts::MilestoneName;
use crate::incident::refusal::Refusal;
use crate::incident::state::Incident;
use crate::phase::Phase;
use crate::timeline::Precision;

impl Incident {
    /// Whether a milestone's time can be corrected now.
    ///
    /// # Errors
    /// Why not.
    pub fn may_correct(&self, name: MilestoneName) -> Result<(), Refusal> {
        if self.phase == Phase::Closed {
            return Err(Refusal::NotLive { phase: self.phase });
        }
        if matches!(
            name,
            MilestoneName::Declared
                | MilestoneName::AlertReceived
                | MilestoneName::FirstRoleFilled
                | MilestoneName::AllRolesFilled
                | MilestoneName::PostmortemDrafted
        ) {
            return Err(Refusal::Unusable(
                "The bot's own clock set this time; it is not corrected.".to_owned(),
            ));
        }
        // What was only forgotten to press can be said afterwards; what the buttons decide cannot be brought in this way.
        let only_forgotten = self.phase == Phase::Learning
            && matches!(
                name,
                MilestoneName::MitigationStarted
                    | MilestoneName::CauseIdentified
                    | MilestoneName::FixApplied
            );
        if self.milestones.at(name).is_none() && !only_forgotten {
            return Err(Refusal::Unusable(format!(
                "*{}* has not been reached, so there is nothing to correct.",
                name.title()
            )));
        }
        Ok(())
    }
}

pub(super) fn correct_milestone(
    incident: &Incident,
    request: &Request,
    name: MilestoneName,
    at: DateTime<Utc>,
    precision: Precision,
    evidence: Option<EntryNumber>,
) -> Result<Vec<Event>, Refusal> {
    incident.may_correct(name)?;
    if at > request.at {
        return Err(Refusal::Unusable(
            "A milestone cannot lie in the future.".to_owned(),
        ));
    }
    let says_so_already = incident.milestones.current(name).is_some_and(|known| {
        // An estimate that somebody confirms is news, though its time stays.
        let less_sure =
            known.precision == Precision::Approximate && precision != Precision::Approximate;
        known.at == at && !less_sure && (evidence.is_none() || evidence == known.evidence)
    });
    if says_so_already {
        return Ok(Vec::new());
    }
    Ok(vec![Event::MilestoneCorrected {
        name,
        at,
        precision,
        evidence,
    }])
}
