//! The review of how people worked together, and everything that follows from the incident.

use chrono::TimeDelta;

use super::words::{active, by_role, cell, duration, full_time, prose, question, time};
use super::{Material, communication};
use crate::category::Category;
use crate::runbook::{StepPhase, StepState};
use crate::timeline::Kind;

pub(super) fn communication_review(material: &Material) -> String {
    let review = communication(material);
    let some = |delta: Option<TimeDelta>| delta.map_or_else(|| "never".to_owned(), duration);
    let mut rows = vec![
        (
            "First automatic note after declaration".to_owned(),
            some(review.first_note_after),
        ),
        (
            "First update by a person after declaration".to_owned(),
            some(review.first_update_after),
        ),
        (
            "Promised updates kept".to_owned(),
            format!("{} of {}", review.promises_kept.0, review.promises_kept.1),
        ),
    ];
    for (due, late) in &review.missed {
        let by = late.map_or_else(
            || "no person's update followed".to_owned(),
            |late| format!("{} late", duration(late)),
        );
        rows.push((format!("Missed: the one due {}", time(material, *due)), by));
    }
    rows.push((
        "Longest silence towards stakeholders".to_owned(),
        some(review.longest_silence),
    ));
    rows.push((
        "Longest time without a note by a person".to_owned(),
        review.longest_gap.map_or_else(
            || "–".to_owned(),
            |(from, length)| format!("{} from {}", duration(length), time(material, from)),
        ),
    ));
    for (role, taken) in &review.roles {
        rows.push((format!("{role} accepted after"), some(*taken)));
    }
    rows.push((
        "One person commanded and fixed alone for".to_owned(),
        duration(review.alone),
    ));
    rows.push((
        "Hand-overs with a briefing".to_owned(),
        review.handovers.to_string(),
    ));
    rows.push((
        "Entries by people, of them written late".to_owned(),
        format!("{}, {}", review.late_entries.1, review.late_entries.0),
    ));
    rows.push(("Key entries".to_owned(), review.key_entries.to_string()));
    rows.push((
        "Updates that missed a target".to_owned(),
        review.undelivered.to_string(),
    ));
    let mut text = String::from("| Measure | Value |\n|---|---|\n");
    for (what, value) in rows {
        text.push_str(&format!("| {what} | {value} |\n"));
    }
    text.push('\n');
    text.push_str(&question(
        "Were updates timely, clear and honest (1–5 each)? Who lacked what, when? What did the stakeholders say?",
    ));
    text
}

pub(super) fn runbook_review(material: &Material) -> String {
    let Some(checklist) = &material.incident.checklist else {
        return format!(
            "No runbook was attached.\n\n{}",
            question("Which runbook would have helped?")
        );
    };
    let mut text: String = checklist
        .runbooks()
        .into_iter()
        .map(|pinned| {
            format!(
                "Runbook `{}` at version `{}`.\n\n",
                pinned.runbook_id,
                pinned.content_hash.chars().take(12).collect::<String>()
            )
        })
        .collect();
    for phase in StepPhase::ALL {
        let (done, total) = checklist.progress(phase);
        if total > 0 {
            text.push_str(&format!("- {}: {done} of {total}\n", phase.heading()));
        }
        for (step, state) in checklist.list(phase) {
            if let StepState::Skipped { reason, .. } = state {
                text.push_str(&format!(
                    "  - skipped ({}): {}\n",
                    reason.words(),
                    prose(material, &step.text)
                ));
            }
        }
    }
    let missed = checklist.open_critical_steps();
    if !missed.is_empty() {
        text.push_str("\nCritical steps nobody ticked:\n");
        for step in missed {
            text.push_str(&format!("- {}\n", prose(material, &step.text)));
        }
    }
    text.push('\n');
    text.push_str(&question("Which step was missing, wrong or too late?"));
    text
}

pub(super) fn actions(material: &Material) -> String {
    let postmortem = &material.incident.postmortem;
    let mut text = String::new();
    if !postmortem.actions.is_empty() {
        text.push_str("| # | Kind | What | Owner | Due |\n|---|---|---|---|---|\n");
        for action in &postmortem.actions {
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                action.number,
                action.kind.id(),
                cell(material, &action.title),
                action
                    .owner
                    .map_or_else(|| "–".to_owned(), |owner| by_role(material, owner)),
                action
                    .due
                    .map_or_else(|| "–".to_owned(), |due| due.to_string())
            ));
        }
        text.push('\n');
    }
    if let Some(because) = &postmortem.no_learning_because {
        text.push_str(&format!(
            "No learning action is needed, because: {}\n\n",
            prose(material, because)
        ));
    }
    let proposed: Vec<String> = active(material)
        .filter(|entry| entry.kind == Kind::Todo)
        .map(|entry| format!("- {}\n", prose(material, &entry.text)))
        .collect();
    if !proposed.is_empty() {
        text.push_str("Noted on the way as `todo`:\n\n");
        text.push_str(&proposed.concat());
        text.push('\n');
    }
    for (asked, kind) in [
        (
            "**Monitoring thresholds** (`threshold`): which early alert would have told us?",
            "threshold",
        ),
        (
            "**Playbooks** (`playbook`): what worked, what failed, which step changes?",
            "playbook",
        ),
        (
            "**Observability of AI tasks** (`observability`): what was hard to see?",
            "observability",
        ),
    ] {
        if !postmortem
            .actions
            .iter()
            .any(|action| action.kind.id() == kind)
        {
            text.push_str(&question(asked));
        }
    }
    text
}

pub(super) fn ai_involvement(material: &Material) -> String {
    let ours = if material.incident.category == Category::Ai {
        "The incident is of the category AI."
    } else {
        "The incident is not of the category AI."
    };
    format!(
        "{ours} No part of this document was written by a language model.\n\n{}",
        question(
            "Which AI features of our product were involved, and was AI-written code or a prompt part of it?"
        )
    )
}

pub(super) fn external_summary(material: &Material) -> String {
    let incident = &material.incident;
    let window = incident
        .impact
        .first()
        .map(|first| {
            let end = incident
                .impact
                .last()
                .and_then(|last| last.end)
                .map_or_else(|| "…".to_owned(), |end| time(material, end));
            format!(
                "On {} between {} and {end} UTC",
                first.start.format("%Y-%m-%d"),
                time(material, first.start)
            )
        })
        .unwrap_or_default();
    let hurt = if incident.impact_text.is_some() {
        "some users were affected"
    } else {
        "some users may have been affected"
    };
    format!(
        "{window} {hurt}. *(Draft; a person completes and approves it.)*\n\n{}",
        question("What may be said outside: what happened, what we do?")
    )
}

pub(super) fn sign_off(material: &Material) -> String {
    let incident = &material.incident;
    let reviewed = incident.postmortem.reviewed.map_or_else(
        || "- Reviewed by: *nobody yet*\n".to_owned(),
        |(by, at)| {
            format!(
                "- Reviewed by: {} ({}); the header names them\n",
                by_role(material, by),
                full_time(at)
            )
        },
    );
    format!("{reviewed}- Open questions and their owners: *(to be filled)*\n")
}

/// For the owner, as long as it is a draft.
pub(super) fn wording_hints(material: &Material) -> String {
    let hints = super::wording(material);
    if hints.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n## Wording, for the owner\n\n");
    for hint in hints {
        text.push_str(&format!(
            "- {}: “{}” – {}\n",
            hint.place,
            prose(material, &hint.found),
            hint.advice
        ));
    }
    text
}
