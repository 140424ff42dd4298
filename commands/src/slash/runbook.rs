//! `/runbook`: find, read and attach runbooks.

use bridgewatch_core::card::Act;
use bridgewatch_core::runbook::RunbookId;

use super::call::answer;
use super::suggest;
use crate::press::{act_on, no_runbook};
use crate::{Context, Error};

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
        Ok(call.caller().runbooks_about(&words.unwrap_or_default()))
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
        let id = RunbookId::new(runbook.split_whitespace().next().unwrap_or_default());
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
        call.caller().read_runbook(&runbook)
    })
    .await
}

/// What is to be mended in the team's runbooks: file, line, what and how.
#[poise::command(slash_command, category = "everybody")]
async fn lint(context: Context<'_>) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.caller().lint_runbooks()
    })
    .await
}
