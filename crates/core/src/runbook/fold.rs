//! The ticks of one phase as a single line. Thirty ticks would bury what happened; that four of nine steps were done by
//! 03:19, and which were passed over and why, is worth a line.

use chrono::{DateTime, Utc};

use super::{Checklist, StepPhase, StepState};

/// What was ticked and skipped in one phase of a checklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// When the first of them was.
    pub from: DateTime<Utc>,
    /// When the last of them was.
    pub to: DateTime<Utc>,
    /// `Diagnosis: 6 of 8 steps done; skipped: … (too risky now)`.
    pub words: String,
}

impl Fold {
    /// Whether all of it was within one minute, as people read clocks.
    #[must_use]
    pub fn is_one_moment(&self) -> bool {
        self.from.timestamp().div_euclid(60) == self.to.timestamp().div_euclid(60)
    }
}

impl Checklist {
    /// A line for each phase in which something was done or skipped, in the order in which they were left.
    #[must_use]
    pub fn folded(&self) -> Vec<Fold> {
        let mut folds: Vec<Fold> = StepPhase::ALL
            .into_iter()
            .filter_map(|phase| self.fold(phase))
            .collect();
        folds.sort_by_key(|fold| fold.to);
        folds
    }

    fn fold(&self, phase: StepPhase) -> Option<Fold> {
        let list = self.list(phase);
        let (mut done, mut skipped, mut times) = (0, Vec::new(), Vec::new());
        for (step, state) in &list {
            match state {
                StepState::Done { at, .. } => {
                    done += 1;
                    times.push(*at);
                }
                StepState::Skipped { at, reason, .. } => {
                    let critical = if step.critical { "critical, " } else { "" };
                    skipped.push(format!("{} ({critical}{})", step.text, reason.words()));
                    times.push(*at);
                }
                StepState::Open | StepState::Claimed { .. } => {}
            }
        }
        let (from, to) = (*times.iter().min()?, *times.iter().max()?);
        let mut words = format!("{}: {done} of {} steps done", phase.heading(), list.len());
        if !skipped.is_empty() {
            words.push_str(&format!("; skipped: {}", skipped.join("; ")));
        }
        Some(Fold { from, to, words })
    }
}
