//! Runbooks at the desk of whoever writes them: read, shown as the night will show them, tried on an alert. None of it
//! needs a database, a token or a running bot, so that it can stand in a pipeline.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use bridgewatch_core::alert::Delivery;
use bridgewatch_core::runbook::{
    AlertFacts, Checklist, Choice, FindingSeverity, Folder, Library, Runbook, Step, StepPhase,
    Values, agreed_annotations, agreed_labels, select,
};
use bridgewatch_core::webhook::Webhook;
use chrono::NaiveDate;

use super::load;
use crate::app::{read_folder, read_library};
use crate::clock::Clock;
use crate::intake;
use crate::output::out;

/// Reads the runbooks of a folder, or those the configuration names, and prints every finding as
/// `file:line:column: severity: what is wrong. How to mend it.`
///
/// # Errors
/// When a file cannot be used; with `strict` also when somebody should look at one.
pub fn lint(config: Option<&Path>, folder: Option<&Path>, strict: bool) -> anyhow::Result<()> {
    let files = files_of(config, folder)?;
    let (report, verdict) = linted(files, Clock::real().now().date_naive(), strict);
    out!("{report}");
    verdict
}

/// Lists the runbooks, or prints one as a checklist, phase by phase.
///
/// # Errors
/// When they cannot be read, or there is none of that id.
pub fn show(config: Option<&Path>, id: Option<&str>) -> anyhow::Result<()> {
    let library = read_library(&load(config)?)?;
    match id {
        None => out!("{}", list(&library)),
        Some(id) => match library.get(id) {
            Some(runbook) => out!("{}", shown(runbook)),
            None => bail!(
                "there is no runbook `{id}`; `bridgewatch runbook show` lists those there are"
            ),
        },
    }
    Ok(())
}

/// Says which runbook the alerts of a webhook body would get, and why, with its first steps filled in.
///
/// # Errors
/// When the body cannot be understood, or the runbooks cannot be read.
pub fn test(
    config: Option<&Path>,
    payload: &Path,
    source: &str,
    storm: bool,
) -> anyhow::Result<()> {
    let body =
        std::fs::read(payload).with_context(|| format!("{} cannot be read", payload.display()))?;
    let understood = intake::understand(source, &body)
        .map_err(|problem| anyhow!("{}: {problem}", payload.display()))?;
    let Webhook::Alerts(delivery) = understood else {
        bail!("the source {source} tells of no alerts, so no runbook is chosen by it");
    };
    out!(
        "{}",
        tried(&read_library(&load(config)?)?, &delivery, storm)
    );
    Ok(())
}

/// The folder of the runbooks; `None` stands for those that come with Bridgewatch.
fn files_of(config: Option<&Path>, folder: Option<&Path>) -> anyhow::Result<Option<Folder>> {
    let folder: Option<PathBuf> = match folder {
        Some(folder) => Some(folder.to_owned()),
        None => load(config)?
            .playbooks
            .dir
            .map(|playbooks| playbooks.join("runbooks")),
    };
    folder.map(|folder| read_folder(&folder)).transpose()
}

fn linted(files: Option<Folder>, today: NaiveDate, strict: bool) -> (String, anyhow::Result<()>) {
    let (read, findings) = match files {
        None => {
            let library = Library::embedded();
            (library.runbooks().len(), library.lint(today))
        }
        Some(files) => {
            let read = files.runbooks.len();
            let findings = match Library::parse(files) {
                Ok(library) => library.lint(today),
                Err(findings) => findings,
            };
            (read, findings)
        }
    };
    let count = |severity: FindingSeverity| {
        let all = findings.iter().flat_map(|file| &file.findings);
        all.filter(|finding| finding.severity == severity).count()
    };
    let (errors, warnings) = (
        count(FindingSeverity::Error),
        count(FindingSeverity::Warning),
    );
    let mut report = String::new();
    for file in &findings {
        if !file.findings.is_empty() {
            writeln!(report, "{file}").expect("writing to a String cannot fail");
        }
    }
    writeln!(
        report,
        "runbooks: {read}, errors: {errors}, warnings: {warnings}"
    )
    .expect("writing to a String cannot fail");
    let verdict = if errors > 0 {
        Err(anyhow!("a runbook with an error is not used"))
    } else if strict && warnings > 0 {
        Err(anyhow!("a warning counts as an error with --strict"))
    } else {
        Ok(())
    };
    (report, verdict)
}

fn list(library: &Library) -> String {
    library
        .runbooks()
        .iter()
        .map(|runbook| format!("{:<24} {}\n", runbook.id.as_str(), runbook.title))
        .collect()
}

fn shown(runbook: &Runbook) -> String {
    let mut text = format!(
        "{} ({})\n\n{}\n",
        runbook.title, runbook.id, runbook.meaning
    );
    for phase in StepPhase::ALL {
        let steps = runbook.steps.iter().filter(|step| step.phase == phase);
        let steps: Vec<String> = steps
            .map(|step| {
                format!(
                    "  [ ] {}: {}{}\n",
                    step.owner.short(),
                    step.text,
                    marks(step)
                )
            })
            .collect();
        if !steps.is_empty() {
            text.push_str(&format!("\n{}\n{}", phase.heading(), steps.concat()));
        }
    }
    for section in &runbook.reference {
        text.push_str(&format!(
            "\n{} (reference)\n{}\n",
            section.title, section.text
        ));
    }
    text
}

/// What a step says about itself beside its words.
fn marks(step: &Step) -> String {
    let mut marks = Vec::new();
    if let Some(seconds) = step.time_limit_seconds {
        marks.push(format!("{} min", seconds.div_ceil(60)));
    }
    if step.high_risk {
        marks.push("high risk".to_owned());
    }
    if step.confirm {
        marks.push("asks for a second tap".to_owned());
    }
    if marks.is_empty() {
        String::new()
    } else {
        format!(" ({})", marks.join(", "))
    }
}

fn tried(library: &Library, delivery: &Delivery, storm: bool) -> String {
    let alerts: Vec<AlertFacts<'_>> = delivery
        .alerts
        .iter()
        .map(|alert| AlertFacts {
            labels: &alert.labels,
            annotations: &alert.annotations,
        })
        .collect();
    let selection = select(library.runbooks(), &alerts, storm);
    let Some(choice) = selection.attached else {
        return "no runbook fits, and there is no first-minutes for any incident\n".to_owned();
    };
    let told = |choice: &Choice| format!("{} ({}): {}\n", choice.id, choice.score, choice.reason);
    let mut text = format!("attached: {}", told(&choice));
    for other in &selection.also {
        text.push_str(&format!("also offered: {}", told(other)));
    }
    for url in &selection.runbook_urls {
        text.push_str(&format!("named by an alert: {url}\n"));
    }
    if let Some(runbook) = library.get(choice.id.as_str()) {
        let (labels, annotations) = (agreed_labels(&alerts), agreed_annotations(&alerts));
        let values = Values {
            annotations: Some(&annotations),
            ..Values::from(&labels)
        };
        let checklist = Checklist::pin(runbook, values, false);
        for phase in StepPhase::ALL {
            if let Some((first, _)) = checklist.list(phase).first() {
                text.push_str(&format!("first in {}: {}\n", phase.heading(), first.text));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
