//! The sections that tell what happened.

use super::Material;
use super::words::{
    active, by_role, cell, duration, full_time, name, precision, prose, question, time, who,
};
use crate::incident::{HypothesisState, ImpactInterval, Incident, MilestoneName};
use crate::runbook::{Checklist, Fold};
use crate::severity::Severity;
use crate::timeline::{Entry, FileCopy, Importance, Kind, readable_size, shown};

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
            "{} ({}); all times below are UTC, but those inside people's words are as they were written",
            local.format("%Y-%m-%d %H:%M %Z"),
            material.zone
        ),
    );
    row(
        "Severity",
        format!(
            "reported {}, peak {}, at the end {}; final severity: {}",
            incident.severity_reported(),
            incident.severity_peak(),
            incident.severity,
            match incident.postmortem.severity_final {
                Some((severity, by, _)) =>
                    format!("**{severity}**, confirmed by {}", name(material, by)),
                None => "*to be confirmed by a person*".to_owned(),
            }
        ),
    );
    let times = incident.severity_times(material.now);
    if times.len() > 1 {
        let minutes: Vec<String> = times
            .iter()
            .map(|(severity, time)| format!("{severity} {} min", time.num_minutes()))
            .collect();
        row("Time in each severity", minutes.join(", "));
    }
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
    if let Some((reviewer, at)) = incident.postmortem.reviewed {
        row(
            "Reviewed by",
            format!("{} ({})", name(material, reviewer), full_time(at)),
        );
    }
    let doers: Vec<String> = incident
        .postmortem
        .actions
        .iter()
        .filter_map(|action| {
            let owner = name(material, action.owner?);
            Some(format!("{owner} does {}", action.number))
        })
        .collect();
    if !doers.is_empty() {
        row("Actions", doers.join(", "));
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
    let written = incident
        .summary
        .as_ref()
        .map(|summary| format!("{}\n\n", prose(material, summary)))
        .unwrap_or_default();
    let start = incident.impact_start();
    let resolved = incident.milestones.at(MilestoneName::Resolved);
    let felt = incident.impact_text.as_ref().map_or_else(
        || "nobody has said what users felt".to_owned(),
        |text| prose(material, text.trim_end_matches('.')),
    );
    let when = start.map_or_else(String::new, |start| {
        format!("From {} UTC: ", time(material, start))
    });
    let lasted = start
        .zip(resolved)
        .map(|(start, resolved)| {
            format!(
                " It was resolved {} after it began.",
                duration(resolved - start)
            )
        })
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
        "{written}{when}{felt}.{lasted}{cause}{end}\n\n{}",
        question(
            "Say it in three to five sentences for somebody who was not there, and what we change."
        )
    )
}

pub(super) fn impact(material: &Material) -> String {
    let incident = &material.incident;
    let mut text =
        String::from("| Began (UTC) | Ended | Length | Worst severity |\n|---|---|---|---|\n");
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
            worst_severity(incident, interval)
        ));
    }
    if incident.impact.len() > 1 {
        let until = incident
            .milestones
            .at(MilestoneName::Resolved)
            .unwrap_or(material.now);
        text.push_str(&format!(
            "\nAll stretches together, overlaps counted once: {}.\n",
            duration(incident.impact_total(until))
        ));
    }
    for entry in active(material).filter(|entry| entry.kind == Kind::Impact) {
        text.push_str(&format!(
            "\n- {} {}",
            time(material, entry.event_at),
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

/// The worst severity while a stretch lasted: it says how bad the stretch was, whatever it began or ended with.
fn worst_severity(incident: &Incident, interval: &ImpactInterval) -> Severity {
    let spans = &incident.severities;
    let ends = |index: usize| spans.get(index + 1).map(|next| next.since);
    spans
        .iter()
        .enumerate()
        .filter(|(index, span)| {
            let began_in_time = interval.end.is_none_or(|end| span.since < end);
            // Users were hurt before anybody rated it: the first severity counts for that, too.
            began_in_time && ends(*index).is_none_or(|end| end > interval.start)
        })
        .fold(interval.severity, |worst, (_, span)| {
            worst.worse(span.severity)
        })
}

pub(super) fn timeline(material: &Material) -> String {
    let mut text = String::from("| Time (UTC) | # | Kind | By | What |\n|---|---|---|---|---|\n");
    let mut folded = 0;
    let mut ticks = material
        .incident
        .checklist
        .iter()
        .flat_map(Checklist::folded)
        .peekable();
    for entry in active(material) {
        if entry.importance == Importance::Detail {
            folded += 1;
            continue;
        }
        while let Some(fold) = ticks.next_if(|fold| fold.to < entry.event_at) {
            text.push_str(&ticks_row(material, &fold));
        }
        let number = entry
            .number
            .map(|number| number.to_string())
            .unwrap_or_default();
        let late = if entry.is_late(material.policy.late_after) {
            format!(" 🕓 written {}", time(material, entry.recorded_at))
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
            time(material, entry.event_at),
            entry.kind,
            who(entry),
            cell(material, &entry.text)
        ));
    }
    for fold in ticks {
        text.push_str(&ticks_row(material, &fold));
    }
    if folded > 0 {
        text.push_str(&format!(
            "\n{folded} lines of detail (ticks, repeats, calls) are folded; `/inc show view:everything` has them.\n"
        ));
    }
    text.push_str(&files(material));
    text
}

/// The files that hang on lines of the timeline, by what they hold.
fn files(material: &Material) -> String {
    let rows: String = active(material)
        .flat_map(|entry| entry.files.iter().map(move |file| (entry, file)))
        .map(|(entry, file)| {
            let number = entry
                .number
                .map(|number| number.to_string())
                .unwrap_or_default();
            let hash = match &file.copy {
                FileCopy::Kept { sha256 } => format!("`{}`", shown(sha256)),
                FileCopy::Waiting { .. } => "not copied yet".to_owned(),
                FileCopy::Left { why, .. } => format!("not copied: {}", cell(material, why)),
            };
            format!(
                "| {number} | {} | {} | {hash} |\n",
                cell(material, &file.name),
                readable_size(file.size_bytes)
            )
        })
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!("\n| # | File | Size | SHA-256 begins |\n|---|---|---|---|\n{rows}")
}

/// The ticks of a phase, as one row.
fn ticks_row(material: &Material, fold: &Fold) -> String {
    let when = if fold.is_one_moment() {
        time(material, fold.to)
    } else {
        format!("{}–{}", time(material, fold.from), time(material, fold.to))
    };
    format!(
        "| {when} |  | {} | responders | {} |\n",
        Kind::Checklist,
        cell(material, &fold.words)
    )
}

pub(super) fn detection(material: &Material) -> String {
    let mut text = String::new();
    if material.episodes.is_empty() {
        text.push_str("No alert told us; a person did.\n\n");
    } else {
        text.push_str("| Alert | Began (UTC) | Ended | Told us |\n|---|---|---|---|\n");
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
            time(material, guess.at),
            prose(material, &guess.text),
            guess.state.id(),
            by_role(material, guess.by)
        ));
    }
    let is_told = |entry: &Entry| {
        let mut lines = incident.hypotheses.iter().filter_map(|guess| guess.line);
        lines.any(|line| entry.number == Some(line))
    };
    for entry in active(material).filter(|entry| {
        entry.kind == Kind::Hypothesis && entry.message.is_some() && !is_told(entry)
    }) {
        text.push_str(&format!(
            "- {} {} – noted by {}\n",
            time(material, entry.event_at),
            prose(material, &entry.text),
            who(entry)
        ));
    }
    for entry in active(material).filter(|entry| entry.kind == Kind::Observation) {
        text.push_str(&format!(
            "- {} seen: {}\n",
            time(material, entry.event_at),
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
            time(material, entry.event_at),
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

fn last_of<'a>(material: &'a Material, kinds: &[Kind]) -> Option<&'a Entry> {
    material
        .timeline
        .iter()
        .rev()
        .find(|entry| entry.is_active() && kinds.contains(&entry.kind))
}
