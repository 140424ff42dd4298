//! `/admin`: for those who keep me running.

use bridgewatch_core::card::Act;

use poise::serenity_prelude as serenity;

use super::call::answer;
use super::maintenance;
use super::menus::attached;
use super::suggest;
use crate::words;
use crate::{Context, Error};

/// For those who keep me running: *Manage Server*, or who was let in.
#[poise::command(
    slash_command,
    subcommand_required,
    interaction_context = "Guild",
    // What responders need at night is in `/inc` as well: Discord shows these to those who manage the server, and to whom
    // they let them under Server Settings → Integrations.
    default_member_permissions = "MANAGE_GUILD",
    subcommands("check", "why", "maintenance::maintenance", "import")
)]
pub(super) async fn admin(_context: Context<'_>) -> Result<(), Error> {
    Ok(())
}

/// What I need and do not have: permissions, intents, channels, settings; each with its mend.
#[poise::command(slash_command, category = "responders")]
async fn check(context: Context<'_>) -> Result<(), Error> {
    answer(context, false, |call| async move {
        Ok(call.caller().check_setup().await)
    })
    .await
}

/// Why an incident exists, with this severity and this runbook: the trace of its decisions.
#[poise::command(slash_command, category = "everybody")]
async fn why(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Why).await
    })
    .await
}

/// Bring in notes taken elsewhere: a log, a table. You see first what is understood.
#[poise::command(slash_command, category = "responders")]
async fn import(
    context: Context<'_>,
    #[description = "A text file in UTF-8, a line each; without it you paste them"] file: Option<
        serenity::Attachment,
    >,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, file.is_none(), |call| async move {
        let Some(file) = file else {
            return call.press(incident.as_deref(), Act::Import).await;
        };
        let asker = call.about(incident.as_deref()).await?;
        asker.may(&Act::Import).await?;
        words::notes_from(&asker, &attached(&file)).await
    })
    .await
}
