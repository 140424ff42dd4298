//! The sections that data can fill.

use chrono::TimeDelta;

use super::words::{
    by_role, cell, duration, full_time, name, precision, prose, question, time, who,
};
use super::{Material, communication};
use crate::category::Category;
use crate::incident::{HypothesisState, MilestoneName};
use crate::role::Role;
use crate::runbook::{StepPhase, StepState};
use crate::timeline::{Entry, Importance, Kind};

pub(super) fn header(material: &Material) -> String {
    let incident = &material.incident;
    let mut text = format!(
        "# {} – {}\n\n",
        incident.id,
        prose(material, &incident.title)
    );
    let declared = incident.declared_at();
    let local = declared.with_timezone(&material.zone);
    let mut row = |what: &str, value: String| text.push_str(&format!("- **{what}:** {value}\n"));
    row(
        "Date",
        format!(
            "{} ({}); all times below are UTC",
            local.format("%Y-%m-%d %H:%M %Z"),
            material.zone
        ),
    );
    row(
        "Severity",
        format!(
            "reported {}, peak {}, now {}; final severity: *to be confirmed by a person*",
            incident.severity_reported(),
            incident.severity_peak(),
            incident.severity
        ),
    );
    row(
        "Category",
        format!("{} *(to be confirmed)*", incident.category),
    );
    if !incident.services.is_empty() {
        row(
            "Services",
            incident
                .services
                .iter()
                .map(|service| prose(material, service))
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    row("Status of this document", status(material));
    if let Some(owner) = incident.postmortem.owner {
        row("Owner", name(material, owner));
    }
    let participants: Vec<String> = incident
        .participants
        .iter()
        .map(|person| {
            let roles = incident.roles_of(*person);
            let held = roles
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            if held.is_empty() {
                name(material, *person)
            } else {
                format!("{} ({held})", name(material, *person))
            }
        })
        .collect();
    row(
        "Participants",
        if participants.is_empty() {
            "none".to_owned()
        } else {
            participants.join(", ")
        },
    );
    text
}

fn status(material: &Material) -> String {
    let incident = &material.incident;
    match (incident.phase, &incident.postmortem.reviewed) {
        (crate::phase::Phase::Closed, _) => "final".to_owned(),
        (_, Some((_, at))) => format!("reviewed {}", full_time(*at)),
        _ => "draft".to_owned(),
    }
}

pub(super) fn summary(material: &Material) -> String {
    let incident = &material.incident;
    let start = incident.impact_start();
    let resolved = incident.milestones.at(MilestoneName::Resolved);
    let felt = incident.impact_text.as_ref().map_or_else(
        || "nobody has said what users felt".to_owned(),
        |text| prose(material, text.trim_end_matches('.')),
    );
    let when = start.map_or_else(String::new, |start| format!("From {} ", time(start)));
    let lasted = start
        .zip(resolved)
        .map(|(start, resolved)| format!(" It lasted {}.", duration(resolved - start)))
        .unwrap_or_default();
    let cause = match incident.leading_hypothesis() {
        Some(guess) if guess.state == HypothesisState::Confirmed => {
            format!(
                " Cause, confirmed: {}.",
                prose(material, guess.text.trim_end_matches('.'))
            )
        }
        Some(guess) => {
            format!(
                " The last belief, not confirmed: {}.",
                prose(material, guess.text.trim_end_matches('.'))
            )
        }
        None => " No belief about the cause was noted.".to_owned(),
    };
    let end = last_of(material, &[Kind::Action, Kind::Decision])
        .map(|entry| {
            format!(
                " The last step noted: {}.",
                prose(material, entry.text.trim_end_matches('.'))
            )
        })
        .unwrap_or_default();
    format!(
        "{when}{felt}.{lasted}{cause}{end}\n\n{}",
        question(
            "Say it in three to five sentences for somebody who was not there, and what we change."
        )
    )
}

pub(super) fn impact(material: &Material) -> String {
    let incident = &material.incident;
    let mut text = String::from("| Began | Ended | Length | Severity |\n|---|---|---|---|\n");
    for interval in &incident.impact {
        let end = interval
            .end
            .map_or_else(|| "not said".to_owned(), full_time);
        let length = interval
            .end
            .map_or_else(|| "–".to_owned(), |end| duration(end - interval.start));
        text.push_str(&format!(
            "| {} ({}) | {end} | {length} | {} |\n",
            full_time(interval.start),
            precision(interval.start_precision),
            interval.severity
        ));
    }
    for entry in active(material).filter(|entry| entry.kind == Kind::Impact) {
        text.push_str(&format!(
            "\n- {} {}",
            time(entry.event_at),
            prose(material, &entry.text)
        ));
    }
    text.push_str("\n\n");
    text.push_str(&question(
        "How many users, requests or orders? Was data lost: yes, no, unknown? Which AI outputs were affected, and who \
         reviewed them?",
    ));
    text
}

pub(super) fn key_times(material: &Material) -> String {
    let incident = &material.incident;
    let mut text = String::from("| Milestone | Time (UTC) | Precision |\n|---|---|---|\n");
    let names = [
        MilestoneName::ImpactStart,
        MilestoneName::Detected,
        MilestoneName::AlertReceived,
        MilestoneName::Declared,
        MilestoneName::PagedFirst,
        MilestoneName::Acknowledged,
        MilestoneName::FirstInternalUpdate,
        MilestoneName::CauseIdentified,
        MilestoneName::MitigationStarted,
        MilestoneName::FixApplied,
        MilestoneName::Mitigated,
        MilestoneName::Resolved,
        MilestoneName::AllClearSent,
        MilestoneName::Closed,
    ];
    for name in names {
        if let Some(milestone) = incident.milestones.current(name) {
            text.push_str(&format!(
                "| {} | {} | {} |\n",
                name.title(),
                full_time(milestone.at),
                precision(milestone.precision)
            ));
        }
    }
    text.push_str("\n| Measure | Value | Mind |\n|---|---|---|\n");
    let at = |name| incident.milestones.at(name);
    let estimated = incident
        .milestones
        .current(MilestoneName::ImpactStart)
        .is_some_and(|start| start.precision == crate::timeline::Precision::Approximate);
    let at_least = if estimated { "≥ " } else { "" };
    let measures = [
        (
            "Time to detect",
            MilestoneName::Detected,
            MilestoneName::ImpactStart,
            at_least,
            "worthless while impact start is an estimate",
        ),
        (
            "Time to declare",
            MilestoneName::Declared,
            MilestoneName::Detected,
            "",
            "includes the alert's own waiting times",
        ),
        (
            "Time to acknowledge",
            MilestoneName::Acknowledged,
            MilestoneName::PagedFirst,
            "",
            "a reflex counts as an answer",
        ),
        (
            "Time to mitigate, as users felt it",
            MilestoneName::Mitigated,
            MilestoneName::ImpactStart,
            at_least,
            "dominated by detection at night",
        ),
        (
            "Time to mitigate, from the answer",
            MilestoneName::Mitigated,
            MilestoneName::Acknowledged,
            "",
            "not comparable across categories",
        ),
        (
            "Time to resolve",
            MilestoneName::Resolved,
            MilestoneName::ImpactStart,
            at_least,
            "moves with the stability window",
        ),
    ];
    for (what, later, earlier, prefix, mind) in measures {
        let value = match at(later).zip(at(earlier)) {
            Some((later, earlier)) if later >= earlier => {
                format!("{prefix}{}", duration(later - earlier))
            }
            Some(_) => "– (order of times contradicts)".to_owned(),
            None => "–".to_owned(),
        };
        text.push_str(&format!("| {what} | {value} | {mind} |\n"));
    }
    text.push_str(&format!(
        "| Turn-backs | {} | not a fault |\n",
        incident.turn_backs
    ));
    text.push('\n');
    text.push_str(&estimates(material));
    if estimated {
        text.push_str(&question(
            "When did the first user notice? Confirm or correct the impact start.",
        ));
    }
    text
}

/// What was estimated, beside what came true.
fn estimates(material: &Material) -> String {
    let incident = &material.incident;
    if incident.estimates.is_empty() {
        return String::new();
    }
    let end = incident
        .milestones
        .at(MilestoneName::Mitigated)
        .or_else(|| incident.milestones.at(MilestoneName::Resolved));
    let mut text = String::from(
        "| Estimate given | Said | Basis | Confidence | It took | Fits |\n|---|---|---|---|---|---|\n",
    );
    for estimate in &incident.estimates {
        let took = end.map(|end| end - estimate.given_at);
        let fits = took.map_or("–", |took| {
            let minutes = took.num_minutes();
            if minutes < i64::from(estimate.low_minutes) {
                "sooner"
            } else if minutes <= i64::from(estimate.high_minutes) {
                "yes"
            } else {
                "later"
            }
        });
        text.push_str(&format!(
            "| {} | {}–{} min | {} | {} | {} | {fits} |\n",
            time(estimate.given_at),
            estimate.low_minutes,
            estimate.high_minutes,
            cell(material, &estimate.basis),
            estimate.confidence.id(),
            took.map_or_else(|| "–".to_owned(), duration)
        ));
    }
    text.push('\n');
    text
}

pub(super) fn timeline(material: &Material) -> String {
    let mut text = String::from("| Time (UTC) | # | Kind | By | What |\n|---|---|---|---|---|\n");
    let mut folded = 0;
    for entry in active(material) {
        if entry.importance == Importance::Detail {
            folded += 1;
            continue;
        }
        let number = entry
            .number
            .map(|number| number.to_string())
            .unwrap_or_default();
        let late = if entry.is_late() {
            format!(" 🕓 written {}", time(entry.recorded_at))
        } else {
            String::new()
        };
        let edited = if entry.revisions.is_empty() {
            ""
        } else {
            " ✎"
        };
        let deleted = if entry.source_deleted_at.is_some() {
            " *(source message deleted)*"
        } else {
            ""
        };
        text.push_str(&format!(
            "| {} | {number} | {} | {} | {}{late}{edited}{deleted} |\n",
            time(entry.event_at),
            entry.kind,
            who(entry),
            cell(material, &entry.text)
        ));
    }
    if folded > 0 {
        text.push_str(&format!(
            "\n{folded} lines of detail (ticks, repeats, calls) are folded; the export has them.\n"
        ));
    }
    text
}

pub(super) fn detection(material: &Material) -> String {
    let mut text = String::new();
    if material.episodes.is_empty() {
        text.push_str("No alert told us; a person did.\n\n");
    } else {
        text.push_str("| Alert | Began | Ended | Told us |\n|---|---|---|---|\n");
        for episode in material.episodes.iter().take(50) {
            let name = episode
                .labels
                .get("alertname")
                .map_or("unnamed", String::as_str);
            text.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                cell(material, name),
                full_time(episode.starts_at),
                episode
                    .ends_at
                    .map_or_else(|| "still firing".to_owned(), full_time),
                full_time(episode.first_seen_at)
            ));
        }
        if material.episodes.len() > 50 {
            text.push_str(&format!(
                "\n… and {} more alerts.\n",
                material.episodes.len() - 50
            ));
        }
        text.push('\n');
    }
    text.push_str(&question("Which alert should have told us and did not? Would another threshold have told us earlier?"));
    text
}

pub(super) fn diagnosis(material: &Material) -> String {
    let incident = &material.incident;
    let mut text = String::new();
    for guess in &incident.hypotheses {
        text.push_str(&format!(
            "- {} {} – **{}** ({})\n",
            time(guess.at),
            prose(material, &guess.text),
            guess.state.id(),
            by_role(material, guess.by)
        ));
    }
    for entry in
        active(material).filter(|entry| entry.kind == Kind::Hypothesis && entry.message.is_some())
    {
        text.push_str(&format!(
            "- {} {} – noted by {}\n",
            time(entry.event_at),
            prose(material, &entry.text),
            who(entry)
        ));
    }
    for entry in active(material).filter(|entry| entry.kind == Kind::Observation) {
        text.push_str(&format!(
            "- {} seen: {}\n",
            time(entry.event_at),
            prose(material, &entry.text)
        ));
    }
    text.push_str(&format!(
        "- The work went back {} times.\n\n",
        incident.turn_backs
    ));
    text.push_str(&question(
        "What evidence settled it? What pointed the wrong way?",
    ));
    text
}

pub(super) fn mitigation(material: &Material) -> String {
    let mut text = String::from("| Time (UTC) | What was done or decided | By |\n|---|---|---|\n");
    for entry in
        active(material).filter(|entry| matches!(entry.kind, Kind::Action | Kind::Decision))
    {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            time(entry.event_at),
            cell(material, &entry.text),
            who(entry)
        ));
    }
    text.push('\n');
    if !material.incident.resolved_despite.is_empty() {
        text.push_str(&format!(
            "It was resolved although: {}.\n\n",
            prose(material, &material.incident.resolved_despite.join("; "))
        ));
    }
    text.push_str(&question(
        "What effect had each? Which temporary measures are still in place, who removes them, and when?",
    ));
    text
}

pub(super) fn cause(material: &Material) -> String {
    let Some(cause) = &material.incident.postmortem.cause else {
        return format!(
            "{}{}{}{}",
            question("**Trigger:** what started it?"),
            question("**Root cause:** as established, with the evidence."),
            question(
                "**Contributing factors:** technical, detection, process and coordination, knowledge and documentation, \
                 external. Complex failures rarely have one."
            ),
            question("**What kept it from being worse?**")
        );
    };
    let mut text = format!(
        "- **Trigger:** {}\n- **Root cause:** {}\n- **Contributing factors:**\n",
        prose(material, &cause.trigger),
        prose(material, &cause.cause)
    );
    if cause.factors.is_empty() {
        text.push_str("  - *(none written; complex failures rarely have none)*\n");
    }
    for factor in &cause.factors {
        text.push_str(&format!("  - {}\n", prose(material, factor)));
    }
    if !cause.kept_from_worse.is_empty() {
        text.push_str(&format!(
            "- **What kept it from being worse:** {}\n",
            prose(material, &cause.kept_from_worse)
        ));
    }
    text
}

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
        rows.push((format!("Missed: the one due {}", time(*due)), by));
    }
    rows.push((
        "Longest silence towards stakeholders".to_owned(),
        some(review.longest_silence),
    ));
    rows.push((
        "Longest time without a note by a person".to_owned(),
        review.longest_gap.map_or_else(
            || "–".to_owned(),
            |(from, length)| format!("{} from {}", duration(length), time(from)),
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
    let mut text = format!(
        "Runbook `{}` at version `{}`.\n\n",
        checklist.runbook_id,
        checklist.content_hash.chars().take(12).collect::<String>()
    );
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
                    .map_or_else(|| "–".to_owned(), |owner| name(material, owner)),
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
                .map_or_else(|| "…".to_owned(), time);
            format!(
                "On {} between {} and {end} UTC",
                first.start.format("%Y-%m-%d"),
                time(first.start)
            )
        })
        .unwrap_or_default();
    format!(
        "{window} some users were affected. *(Draft; a person completes and approves it.)*\n\n{}",
        question("What may be said outside: what happened, what we do?")
    )
}

pub(super) fn sign_off(material: &Material) -> String {
    let incident = &material.incident;
    let reviewed = incident.postmortem.reviewed.map_or_else(
        || "- Reviewed by: *nobody yet*\n".to_owned(),
        |(by, at)| {
            format!(
                "- Reviewed by: {} ({})\n",
                name(material, by),
                full_time(at)
            )
        },
    );
    let documentation = incident
        .holder(Role::Documentation)
        .map(|person| format!("- Documentation Lead: {}\n", name(material, person)))
        .unwrap_or_default();
    format!("{reviewed}{documentation}- Open questions and their owners: *(to be filled)*\n")
}

fn active(material: &Material) -> impl Iterator<Item = &Entry> {
    material.timeline.iter().filter(|entry| entry.is_active())
}

fn last_of<'a>(material: &'a Material, kinds: &[Kind]) -> Option<&'a Entry> {
    material
        .timeline
        .iter()
        .rev()
        .find(|entry| entry.is_active() && kinds.contains(&entry.kind))
}
