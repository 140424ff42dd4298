//! `/runbook`: the team's library, wherever one is.

use bridgewatch_core::card::{Act, Card, Tone};
use bridgewatch_core::runbook::{FindingSeverity, Runbook, RunbookId, StepPhase, found};

use super::call::answer;
use super::suggest;
use crate::card::{MAX_EMBED_DESCRIPTION, cut, length};
use crate::press::act_on;
use crate::reply::{Reply, Told, say, sentence};
use crate::{Context, Error};

/// The most lines of a list.
const MAX_LISTED: usize = 10;

/// Find, read and attach runbooks.
#[poise::command(
    slash_command,
    subcommand_required,
    interaction_context = "Guild",
    subcommands("find", "attach", "show", "lint")
)]
pub(super) async fn runbook(_context: Context<'_>) -> Result<(), Error> {
    Ok(())
}

/// Search the runbooks by words or by the name of an alert.
#[poise::command(slash_command, category = "everybody")]
async fn find(
    context: Context<'_>,
    #[description = "Words of the trouble, or the alert's name; without them every runbook is listed"]
    #[max_length = 200]
    words: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let library = call.data.desk.library();
        let words = words.unwrap_or_default();
        let hits = found(&library, &words);
        if hits.is_empty() {
            return Ok(say(format!(
                "No runbook speaks of `{}`. `/runbook find` alone lists all {}.",
                cut(&words.replace('`', "'"), 60),
                library.runbooks().len()
            )));
        }
        let mut lines: Vec<String> = hits
            .iter()
            .take(MAX_LISTED)
            .map(|hit| {
                let why = if hit.because.is_empty() {
                    String::new()
                } else {
                    format!(" – {}", hit.because)
                };
                format!("**{}** `{}`{why}", hit.runbook.title, hit.runbook.id)
            })
            .collect();
        if hits.len() > MAX_LISTED {
            lines.push(format!("… and {} more", hits.len() - MAX_LISTED));
        }
        Ok(Reply::Private(Card {
            title: "Runbooks".to_owned(),
            body: lines.join("\n"),
            footer: "/runbook show reads one, /runbook attach pins one to the incident".to_owned(),
            tone: Tone::Plain,
            ..Card::default()
        }))
    })
    .await
}

/// Attach a runbook to the incident: its steps stand behind those it has, phase by phase.
#[poise::command(slash_command, category = "responders")]
async fn attach(
    context: Context<'_>,
    #[description = "Which runbook"]
    #[autocomplete = "suggest::runbooks"]
    runbook: String,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let id = id_of(&runbook);
        if id
            .as_ref()
            .is_none_or(|id| call.data.desk.library().get(id.as_str()).is_none())
        {
            return Err(no_runbook(&runbook));
        }
        let asker = call.about(incident.as_deref()).await?;
        let values: Vec<String> = id.iter().map(ToString::to_string).collect();
        act_on(&asker, Act::AttachRunbook, &values).await
    })
    .await
}

/// Read a runbook: what it is for, and its steps phase by phase.
#[poise::command(slash_command, category = "everybody")]
async fn show(
    context: Context<'_>,
    #[description = "Which runbook"]
    #[autocomplete = "suggest::runbooks"]
    runbook: String,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let library = call.data.desk.library();
        match id_of(&runbook).and_then(|id| library.get(id.as_str())) {
            Some(found) => read(found),
            None => Err(no_runbook(&runbook)),
        }
    })
    .await
}

/// What is to be mended in the team's runbooks: file, line, what and how.
#[poise::command(slash_command, category = "everybody")]
async fn lint(context: Context<'_>) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let desk = &call.data.desk;
        let today = desk.now().with_timezone(&desk.zone()).date_naive();
        let library = desk.library();
        let findings = library.lint(today);
        let lines: Vec<String> = findings
            .iter()
            .flat_map(|file| {
                file.findings.iter().map(|finding| {
                    let mark = match finding.severity {
                        FindingSeverity::Error => "✗",
                        FindingSeverity::Warning => "⚠",
                    };
                    format!("{mark} `{}`:{finding}", file.file)
                })
            })
            .collect();
        if lines.is_empty() {
            return Ok(say(format!(
                "{} runbooks, nothing to mend.",
                library.runbooks().len()
            )));
        }
        long("Runbooks: to mend", &lines.join("\n"), "runbook-lint.txt")
    })
    .await
}

fn id_of(typed: &str) -> Option<RunbookId> {
    RunbookId::new(typed.split_whitespace().next().unwrap_or_default())
}

fn no_runbook(typed: &str) -> Reply {
    say(format!(
        "There is no runbook `{}`. `/runbook find` lists them.",
        cut(&typed.replace('`', "'"), 60)
    ))
}

/// A runbook as it will be worked through.
fn read(runbook: &Runbook) -> Told {
    let mut text = format!("{}\n", runbook.meaning);
    for phase in StepPhase::ALL {
        let steps: Vec<_> = runbook
            .steps
            .iter()
            .filter(|step| step.phase == phase)
            .collect();
        if steps.is_empty() {
            continue;
        }
        text.push_str(&format!("\n**{}**\n", phase.heading()));
        for step in steps {
            let marks = match (step.critical, step.high_risk) {
                (true, true) => " ❗⚠",
                (true, false) => " ❗",
                (false, true) => " ⚠",
                (false, false) => "",
            };
            text.push_str(&format!(
                "▢ {} – {}{marks}\n",
                step.owner.short(),
                step.text
            ));
        }
    }
    long(&runbook.title, &text, &format!("{}.md", runbook.id))
}

/// A text as a card, or as a file where it is too long for one.
fn long(title: &str, text: &str, file: &str) -> Told {
    if length(text) > MAX_EMBED_DESCRIPTION {
        return Ok(Reply::File {
            card: sentence(title),
            name: file.to_owned(),
            text: text.to_owned(),
        });
    }
    Ok(Reply::Private(Card {
        title: title.to_owned(),
        body: text.to_owned(),
        ..Card::default()
    }))
}
