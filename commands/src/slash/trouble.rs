//! Where failures of commands end: logged once without secrets, and answered.

use poise::FrameworkError;

use super::call::door;
use crate::answer::delivery;
use crate::reply::{Reply, apology, say};
use crate::{Context, Data, Error};

/// Logs a failure once and tells the person.
pub(super) async fn on_error(error: FrameworkError<'_, Data, Error>) {
    match error {
        FrameworkError::Setup { error, .. } => {
            tracing::error!(%error, "the bot could not be set up");
        }
        FrameworkError::EventHandler { error, event, .. } => {
            let event = event.snake_case_name();
            tracing::error!(%error, event, "an event was not handled");
        }
        FrameworkError::Command { error, ctx, .. } => {
            let command = ctx.command().qualified_name.as_ref();
            tracing::error!(error.id = error_id(&ctx), %error, command, "a command failed");
            tell(ctx, None).await;
        }
        FrameworkError::CommandPanic { payload, ctx, .. } => {
            let command = ctx.command().qualified_name.as_ref();
            tracing::error!(
                error.id = error_id(&ctx),
                command,
                panic = payload,
                "a command panicked"
            );
            tell(ctx, None).await;
        }
        FrameworkError::ArgumentParse { error, ctx, .. } => {
            let sentence = format!("I cannot read that: {error}.");
            tell(ctx, Some(say(sentence))).await;
        }
        FrameworkError::CommandStructureMismatch {
            description, ctx, ..
        } => {
            let command = ctx.command().qualified_name.as_ref();
            tracing::warn!(command, description, "a command of another version");
            let sentence =
                "This command has changed. Reload Discord (Ctrl+R) and type it once more.";
            tell(ctx.into(), Some(say(sentence))).await;
        }
        FrameworkError::UnknownInteraction { interaction, .. } => {
            tracing::warn!(
                command = interaction.data.name,
                "a command that this version does not have"
            );
        }
        // What is left concerns prefix commands, cooldowns and checks, of which there are none.
        _ => tracing::error!("the framework reported a failure that no command of ours can cause"),
    }
}

/// The id by which a person who is told of trouble finds it in the log.
fn error_id(context: &poise::Context<'_, Data, Error>) -> Option<String> {
    match context {
        poise::Context::Application(context) => Some(delivery(context.interaction.id)),
        poise::Context::Prefix(_) => None,
    }
}

async fn tell(context: poise::Context<'_, Data, Error>, reply: Option<Reply>) {
    let poise::Context::Application(context) = context else {
        return;
    };
    let context: Context<'_> = context;
    let reply = reply.unwrap_or_else(|| apology(&delivery(context.interaction.id)));
    door(context.serenity_context(), context.interaction)
        .answer(std::future::ready(reply), false)
        .await;
}
