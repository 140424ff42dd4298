//! Several runbooks on one incident. Half an hour in, the night turns out to be about the frontend as well: a second
//! runbook joins the first, its steps behind those of the same phase, and nobody's tick is lost. A newer version of one
//! of them takes the place of the older only when somebody asks for it.

use std::collections::{BTreeMap, BTreeSet};

use super::checklist::{Checklist, Origin, PinnedRunbook};
use super::{RunbookId, Step, StepId};

/// The most runbooks on one incident: the first and four more. Beyond that nobody reads any of them.
pub const MAXIMUM_RUNBOOKS: usize = 5;

impl Checklist {
    /// The attached runbooks, the first one first.
    pub fn runbooks(&self) -> Vec<PinnedRunbook> {
        let first = PinnedRunbook {
            runbook_id: self.runbook_id.clone(),
            title: self.title.clone(),
            meaning: self.meaning.clone(),
            content_hash: self.content_hash.clone(),
            reference: self.reference.clone(),
        };
        std::iter::once(first)
            .chain(self.further.iter().cloned())
            .collect()
    }

    /// The ids of the attached runbooks, as people read them: `backend + frontend`.
    pub fn names(&self) -> String {
        let ids = self.runbooks().into_iter().map(|pinned| pinned.runbook_id);
        ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" + ")
    }

    /// The attached runbook of this id.
    pub fn pinned(&self, runbook: &RunbookId) -> Option<PinnedRunbook> {
        self.runbooks()
            .into_iter()
            .find(|pinned| pinned.runbook_id == *runbook)
    }

    /// The runbook that a step comes from.
    pub fn runbook_of(&self, step: &StepId) -> &RunbookId {
        self.origins
            .get(step)
            .map_or(&self.runbook_id, |origin| &origin.runbook)
    }

    /// Where a step comes from. A copy that was stored before origins were kept has one runbook.
    pub(super) fn origin_of(&self, step: &StepId) -> Origin {
        let own = || Origin {
            runbook: self.runbook_id.clone(),
            step: step.clone(),
            as_written: String::new(),
            shared_with: BTreeSet::new(),
        };
        self.origins.get(step).cloned().unwrap_or_else(own)
    }

    /// Adds a freshly pinned runbook. Steps that are there already, word for word, stand in the list once; one that only
    /// shares its id with another gets its runbook's id in front. A runbook that is attached already is not added again.
    pub fn merge(&mut self, added: &Checklist) {
        if self.pinned(&added.runbook_id).is_some() {
            return;
        }
        self.further.extend(added.runbooks());
        self.unused_days.extend(added.unused_days.clone());
        for step in &added.steps {
            let origin = added.origin_of(&step.id);
            self.take_in(step, origin);
        }
    }

    /// Puts a step behind the others, or notes that it is there already.
    fn take_in(&mut self, step: &Step, origin: Origin) {
        let twin = self.steps.iter().find(|known| {
            let known = self.origin_of(&known.id);
            known.step == origin.step
                && known.as_written == origin.as_written
                && !known.as_written.is_empty()
        });
        if let Some(twin) = twin.map(|twin| twin.id.clone()) {
            let mut known = self.origin_of(&twin);
            known.shared_with.insert(origin.runbook);
            self.origins.insert(twin, known);
            return;
        }
        let id = self.free_id(&origin);
        self.origins.insert(id.clone(), origin);
        self.steps.push(Step { id, ..step.clone() });
    }

    /// The step's own id, or one with its runbook's id in front that nobody uses.
    fn free_id(&self, origin: &Origin) -> StepId {
        if self.step(&origin.step).is_none() {
            return origin.step.clone();
        }
        let longest = StepId::MAXIMUM_LENGTH;
        (1_u32..)
            .filter_map(|count| {
                let number = if count == 1 {
                    String::new()
                } else {
                    format!("-{count}")
                };
                // Both parts are ASCII. The step's own words matter more than the whole name of its runbook.
                let words = &origin.step.as_str()[..origin.step.as_str().len().min(longest - 12)];
                let room = longest - words.len() - number.len() - 1;
                let runbook = origin.runbook.as_str();
                let runbook = &runbook[..runbook.len().min(room)];
                StepId::new(&format!("{runbook}-{words}{number}"))
            })
            .find(|id| self.step(id).is_none())
            .unwrap_or_else(|| origin.step.clone())
    }

    /// Puts a freshly pinned newer version in the place of an attached runbook. A step keeps its place in people's minds,
    /// and its tick, where its id and what it asks for are the same; one that asks for something else is open again, and
    /// one that is gone takes its tick along. A runbook that is not attached changes nothing.
    pub fn renew(&mut self, newer: &Checklist) {
        if self.pinned(&newer.runbook_id).is_none() {
            return;
        }
        let order: Vec<RunbookId> = self
            .runbooks()
            .into_iter()
            .map(|pinned| pinned.runbook_id)
            .collect();
        let before = self.clone();
        self.forget_steps_of(&newer.runbook_id);
        let id_before: BTreeMap<StepId, StepId> = before
            .steps_of(&newer.runbook_id)
            .map(|step| (before.origin_of(&step.id).step, step.id.clone()))
            .collect();
        for step in &newer.steps {
            let origin = newer.origin_of(&step.id);
            match id_before.get(&origin.step) {
                // Another runbook has kept this step.
                Some(id) if self.step(id).is_some() => self.take_in(step, origin),
                Some(id) => {
                    let shared_with = before.origin_of(id).shared_with;
                    self.steps.push(Step {
                        id: id.clone(),
                        ..step.clone()
                    });
                    self.origins.insert(
                        id.clone(),
                        Origin {
                            shared_with,
                            ..origin
                        },
                    );
                    if before.asks_the_same(id, newer, &step.id)
                        && let Some(state) = before.states.get(id)
                    {
                        self.states.insert(id.clone(), state.clone());
                    }
                }
                None => self.take_in(step, origin),
            }
        }
        self.unused_days.remove(&newer.runbook_id);
        self.unused_days.extend(newer.unused_days.clone());
        self.put_in_order(&order);
        self.describe(newer);
    }

    /// The steps that stand in the list for one runbook.
    pub(super) fn steps_of(&self, runbook: &RunbookId) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(move |step| self.runbook_of(&step.id) == runbook)
    }

    /// Whether a step still asks for what it asked for, so that a tick is still true.
    pub(super) fn asks_the_same(&self, step: &StepId, newer: &Checklist, now: &StepId) -> bool {
        let (written, written_now) = (
            self.origin_of(step).as_written,
            newer.origin_of(now).as_written,
        );
        if !written.is_empty() && written == written_now {
            return true;
        }
        self.step(step)
            .zip(newer.step(now))
            .is_some_and(|(before, now)| {
                before.text == now.text
                    && before.body == now.body
                    && before.phase == now.phase
                    && before.decision == now.decision
            })
    }

    /// Takes the steps of one runbook out, except those that another holds as well: they are its own from here.
    fn forget_steps_of(&mut self, runbook: &RunbookId) {
        for step in std::mem::take(&mut self.steps) {
            let mut origin = self.origin_of(&step.id);
            origin.shared_with.remove(runbook);
            if origin.runbook == *runbook {
                let Some(heir) = origin.shared_with.pop_first() else {
                    self.origins.remove(&step.id);
                    self.states.remove(&step.id);
                    continue;
                };
                origin.runbook = heir;
            }
            self.origins.insert(step.id.clone(), origin);
            self.steps.push(step);
        }
    }

    fn put_in_order(&mut self, order: &[RunbookId]) {
        let mut steps = std::mem::take(&mut self.steps);
        steps.sort_by_key(|step| {
            let runbook = self.runbook_of(&step.id);
            order.iter().position(|known| known == runbook)
        });
        self.steps = steps;
    }

    fn describe(&mut self, newer: &Checklist) {
        if self.runbook_id == newer.runbook_id {
            self.title.clone_from(&newer.title);
            self.meaning.clone_from(&newer.meaning);
            self.content_hash.clone_from(&newer.content_hash);
            self.reference.clone_from(&newer.reference);
        }
        for pinned in &mut self.further {
            if pinned.runbook_id == newer.runbook_id {
                pinned.title.clone_from(&newer.title);
                pinned.meaning.clone_from(&newer.meaning);
                pinned.content_hash.clone_from(&newer.content_hash);
                pinned.reference.clone_from(&newer.reference);
            }
        }
    }
}
