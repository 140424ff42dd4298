//! What a newer version of a runbook would change in a checklist, in words: which steps come, which go, which ask for
//! something else. Steps are compared, not lines: that a comma moved is of no interest at three in the morning.

use super::{Checklist, Step, StepState};

/// The longest words of a difference, in characters.
const MAXIMUM_WORDS: usize = 1_500;
/// The longest name of one step in them.
const MAXIMUM_STEP_WORDS: usize = 90;

/// What would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// New steps.
    pub added: Vec<Step>,
    /// Steps that are gone, with what was known about them.
    pub removed: Vec<(Step, StepState)>,
    /// Steps that are not what they were.
    pub changed: Vec<ChangedStep>,
    /// How many steps stay as they are.
    pub unchanged: usize,
    /// How many ticks and skips stay.
    pub kept: usize,
}

/// A step that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedStep {
    /// As it is in the newer version.
    pub step: Step,
    /// What is different, in words: `words`, `instructions`, `phase`.
    pub parts: Vec<&'static str>,
    /// Whether it was ticked, skipped or claimed and is open again, since it asks for something else.
    pub reopened: bool,
}

impl Checklist {
    /// What [`Checklist::renew`] with a freshly pinned newer version would change.
    pub fn difference(&self, newer: &Checklist) -> Difference {
        let mut difference = Difference::default();
        let mine: Vec<&Step> = self.steps_of(&newer.runbook_id).collect();
        for before in &mine {
            let origin = self.origin_of(&before.id);
            let state = self.state(&before.id);
            let touched = *state != StepState::Open;
            let Some(now) = newer.step(&origin.step) else {
                if origin.shared_with.is_empty() {
                    difference.removed.push(((*before).clone(), state.clone()));
                } else {
                    difference.unchanged += 1;
                    difference.kept += usize::from(touched);
                }
                continue;
            };
            let same = self.asks_the_same(&before.id, newer, &now.id);
            let parts = parts_that_differ(before, now, same);
            if same && touched {
                difference.kept += 1;
            }
            if parts.is_empty() {
                difference.unchanged += 1;
            } else {
                difference.changed.push(ChangedStep {
                    step: now.clone(),
                    parts,
                    reopened: touched && !same,
                });
            }
        }
        let is_known = |step: &&Step| {
            let theirs = newer.origin_of(&step.id);
            self.steps.iter().any(|known| {
                let origin = self.origin_of(&known.id);
                let same_words = origin.as_written == theirs.as_written;
                let mine = origin.runbook == newer.runbook_id;
                origin.step == theirs.step && (mine || same_words)
            })
        };
        let added = newer.steps.iter().filter(|step| !is_known(step));
        difference.added = added.cloned().collect();
        difference
    }
}

fn parts_that_differ(before: &Step, now: &Step, same: bool) -> Vec<&'static str> {
    let instructions_differ = before.body != now.body;
    let all = [
        // Placeholders may be filled otherwise by now; that is no change of the runbook.
        (!same && before.text != now.text, "words"),
        (!same && instructions_differ, "instructions"),
        (before.phase != now.phase, "phase"),
        (before.decision != now.decision, "choices"),
        (before.owner != now.owner, "role"),
        (
            before.high_risk != now.high_risk || before.confirm != now.confirm,
            "risk",
        ),
        (before.critical != now.critical, "critical"),
        (before.time_limit_seconds != now.time_limit_seconds, "time"),
        (before.condition != now.condition, "condition"),
    ];
    all.into_iter()
        .filter_map(|(differs, part)| differs.then_some(part))
        .collect()
}

impl Difference {
    /// Whether nothing that people see would change.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }

    /// One sentence: `2 steps added, 1 removed, 1 changed; 4 ticks stay.`
    pub fn summary(&self) -> String {
        if self.is_empty() {
            return "No step changes.".to_owned();
        }
        let counts = [
            (self.added.len(), "added"),
            (self.removed.len(), "removed"),
            (self.changed.len(), "changed"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let ticks = match self.kept {
            0 => String::new(),
            1 => "; 1 tick stays".to_owned(),
            kept => format!("; {kept} ticks stay"),
        };
        format!("Steps: {}{ticks}.", counts.join(", "))
    }

    /// The whole difference, a line for each step; at most 1,500 characters.
    pub fn words(&self) -> String {
        let mut lines = vec![self.summary()];
        lines.extend(self.added.iter().map(|step| {
            let critical = if step.critical { " (critical)" } else { "" };
            format!("➕ {}: {}{critical}", step.phase.heading(), name_of(step))
        }));
        lines.extend(self.removed.iter().map(|(step, state)| {
            let lost = match state {
                StepState::Open => "",
                StepState::Claimed { .. } => " – somebody is on it",
                StepState::Done { .. } => " – was ticked; the timeline keeps it",
                StepState::Skipped { .. } => " – was skipped; the timeline keeps it",
            };
            format!("➖ {}: {}{lost}", step.phase.heading(), name_of(step))
        }));
        lines.extend(self.changed.iter().map(|changed| {
            let step = &changed.step;
            let reopened = if changed.reopened {
                "; **open again**"
            } else {
                ""
            };
            let parts = changed.parts.join(", ");
            format!(
                "✏ {}: {} – {parts}{reopened}",
                step.phase.heading(),
                name_of(step)
            )
        }));
        let mut words = String::new();
        let mut length = 0;
        let total = lines.len();
        for (index, line) in lines.into_iter().enumerate() {
            let more = format!("… and {} more", total - index);
            let line_length = line.chars().count() + 1;
            // What is left out is counted, and the words for that must fit as well.
            if length + line_length + more.chars().count() + 1 > MAXIMUM_WORDS {
                words.push_str(&more);
                break;
            }
            length += line_length;
            words.push_str(&line);
            words.push('\n');
        }
        words.trim_end().to_owned()
    }
}

fn name_of(step: &Step) -> String {
    if step.text.chars().count() <= MAXIMUM_STEP_WORDS {
        return step.text.clone();
    }
    let shortened = step.text.chars().take(MAXIMUM_STEP_WORDS - 1);
    shortened.chain(['…']).collect()
}
