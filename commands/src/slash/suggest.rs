//! Suggestions while somebody types. They must come within three seconds and never say more than the person may see.

use bridgewatch_core::cards;
use bridgewatch_core::ids::ChannelId;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::Listed;
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::Kind;
use poise::serenity_prelude::{AutocompleteChoice, CreateAutocompleteResponse};

use crate::Context;
use crate::card::cut;

/// The most suggestions that Discord shows, and the longest.
const MAX_CHOICES: usize = 25;
const MAX_CHOICE_TEXT: usize = 100;

/// How long the list of incidents may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(1_500);

/// Live incidents.
pub(super) async fn incidents(context: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    listed(context, partial, true).await
}

/// All incidents, newest first.
pub(super) async fn past_incidents(
    context: Context<'_>,
    partial: &str,
) -> CreateAutocompleteResponse {
    listed(context, partial, false).await
}

async fn listed(
    context: Context<'_>,
    partial: &str,
    only_live: bool,
) -> CreateAutocompleteResponse {
    let data = context.framework.user_data;
    let here = context
        .interaction
        .guild_id
        .is_some_and(|guild| guild.get() == data.guard.guild_id);
    if !here {
        return CreateAutocompleteResponse::new();
    }
    let channel = ChannelId(context.interaction.channel_id.get());
    let reader = PersonId(context.interaction.user.id.get());
    // A store in trouble suggests nothing; the command itself will say so.
    let listed = match tokio::time::timeout(PATIENCE, data.desk.list(only_live)).await {
        Ok(Ok(listed)) => listed,
        Ok(Err(_)) | Err(_) => Vec::new(),
    };
    choices(
        partial,
        listed
            .iter()
            .filter(|one| is_listed_for(one, channel, reader))
            .map(|one| {
                (
                    format!("{} · {} · {}", one.id, one.severity, one.title),
                    one.id.to_string(),
                )
            }),
    )
}

/// Whether an incident may be named to a reader: a restricted one only to its circle, and in its own channel.
pub(crate) fn is_listed_for(listed: &Listed, channel: ChannelId, reader: PersonId) -> bool {
    !listed.restricted || listed.channel == Some(channel) || listed.circle.contains(&reader)
}

/// What can be asked of the channel's incident now; of any incident, where the channel has none.
pub(super) async fn offers(context: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    let data = context.framework.user_data;
    let channel = ChannelId(context.interaction.channel_id.get());
    let here = async {
        let id = data
            .desk
            .incident_of_channel(channel)
            .await
            .ok()
            .flatten()?;
        data.desk.view(id).await.ok().flatten()
    };
    let here = tokio::time::timeout(PATIENCE, here).await.ok().flatten();
    // Elsewhere an incident may be named yet: what needs none comes first.
    let of_none = cards::desk_offers()
        .iter()
        .filter(|_| here.is_none())
        .map(|offer| (offer.label, offer.name));
    let of_an_incident = cards::offers()
        .iter()
        .filter(|offer| match &here {
            Some(view) => offer.press(&view.incident).is_some(),
            None => cards::desk_offer(offer.name).is_none(),
        })
        .map(|offer| (offer.label, offer.name));
    choices(
        partial,
        of_none
            .chain(of_an_incident)
            .map(|(label, name)| (label.to_owned(), name.to_owned())),
    )
}

/// The runbooks there are.
pub(super) async fn runbooks(context: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    let library = context.framework.user_data.desk.library();
    choices(
        partial,
        library.runbooks().iter().map(|runbook| {
            let label = format!("{} – {}", runbook.id, runbook.title);
            (label, runbook.id.to_string())
        }),
    )
}

/// The severities with their meaning.
pub(super) async fn severities(_context: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    choices(
        partial,
        Severity::ALL.into_iter().map(|severity| {
            let label = format!("{} – {}", severity.id(), severity.meaning());
            (label, severity.id().to_owned())
        }),
    )
}

/// The phases one can move to.
pub(super) async fn phases(_context: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    choices(
        partial,
        Phase::ACTIVE
            .into_iter()
            .filter(|phase| *phase != Phase::Open)
            .map(|phase| {
                let label = format!("{} – {phase}", phase.id());
                (label, phase.id().to_owned())
            }),
    )
}

/// The kinds of entries people write.
pub(super) async fn kinds(_context: Context<'_>, partial: &str) -> CreateAutocompleteResponse {
    choices(
        partial,
        Kind::WRITTEN
            .into_iter()
            .map(|kind| (kind.id().to_owned(), kind.id().to_owned())),
    )
}

/// Those that contain what was typed, in their order.
fn choices(
    partial: &str,
    all: impl Iterator<Item = (String, String)>,
) -> CreateAutocompleteResponse {
    let typed = partial.trim().to_lowercase();
    let found = all
        .filter(|(label, value)| {
            label.to_lowercase().contains(&typed) || value.to_lowercase().contains(&typed)
        })
        .take(MAX_CHOICES)
        .map(|(label, value)| AutocompleteChoice::new(cut(&label, MAX_CHOICE_TEXT), value));
    CreateAutocompleteResponse::new().set_choices(found.collect())
}
