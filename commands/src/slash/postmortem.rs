//! `/pm`: the postmortem, and the end of an incident's duties.

use bridgewatch_core::card::Act;

use super::call::answer;
use super::suggest;
use crate::{Context, Error};

/// The postmortem.
#[poise::command(
    slash_command,
    subcommand_required,
    interaction_context = "Guild",
    subcommands("show", "close")
)]
pub(super) async fn pm(_context: Context<'_>) -> Result<(), Error> {
    Ok(())
}

/// The newest postmortem of an incident as a file, for you alone.
#[poise::command(slash_command, category = "everybody")]
async fn show(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Postmortem).await
    })
    .await
}

/// Close it after the review. What is still missing is shown with the buttons that mend it.
#[poise::command(
    slash_command,
    category = "the owner of the postmortem, or whoever held command"
)]
async fn close(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Close).await
    })
    .await
}
