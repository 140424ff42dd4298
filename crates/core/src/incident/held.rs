//! What somebody is not asked yet because it is night and they were asked something a moment ago. It waits in *More…*, where
//! whoever looks for it finds it at once.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::lone::lone_hint_due;
use super::policy::Policy;
use super::quiet::Prompt;
use super::state::Incident;
use super::tasks::untold_late;
use super::wake::overdue_steps;
use crate::person::PersonId;
use crate::runbook::StepId;

/// Something that waits until its five minutes are over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// What the timeline lacks.
    Timeline(Prompt),
    /// A task whose answer is late, by its number.
    LateTask(u32),
    /// A step that takes longer than it should.
    LongStep(StepId),
    /// That they command and repair alone.
    Alone,
}

/// What is held back in an incident, as far as it concerns this reader. What the timeline lacks concerns everybody.
#[must_use]
pub fn held_for(
    incident: &Incident,
    reader: PersonId,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Vec<Held> {
    if !incident.is_active() {
        return Vec::new();
    }
    // As if nobody had been asked anything: what is due then, and was not said, is held back.
    let unasked = Incident {
        last_prompt: BTreeMap::new(),
        ..incident.clone()
    };
    let timeline = incident.held_prompts.iter().copied().map(Held::Timeline);
    let tasks = untold_late(&unasked, policy)
        .filter(|(task, due)| task.by == reader && *due <= now)
        .map(|(task, _)| Held::LateTask(task.number));
    let steps = overdue_steps(&unasked, policy)
        .filter(|step| step.by == reader && step.due <= now)
        .map(|step| Held::LongStep(step.step));
    let alone = lone_hint_due(&unasked, policy)
        .filter(|(person, due)| *person == reader && *due <= now)
        .map(|_| Held::Alone);
    timeline.chain(tasks).chain(steps).chain(alone).collect()
}
