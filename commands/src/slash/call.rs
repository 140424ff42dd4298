//! One call of a command: who, where, about which incident, and the one way to answer it.

use std::future::Future;

use bridgewatch_core::card::Act;
use bridgewatch_core::ids::{ChannelId, IncidentId};
use bridgewatch_core::incident::Rank;
use poise::serenity_prelude as serenity;

use crate::answer::{Door, Opened, delivery};
use crate::guard::{Place, Visitor, Who, admit, may_see, place_of, viewer_only};
use crate::permissions::{Needs, needs_of_command};
use crate::press::{Asker, Caller, act_on};
use crate::reply::{Reply, Told, no_incident, say};
use crate::{Context, Data, Error};

/// One call of a command.
pub(crate) struct Call<'call> {
    pub(crate) data: &'call Data,
    pub(crate) who: Who,
    pub(crate) delivery: String,
    /// The channel above, when it was typed in a thread.
    parent: Option<ChannelId>,
}

/// Answers a command with what the work gives, within Discord's three seconds. Set `may_open_form` when the work may
/// open a form: that cannot be put off.
pub(crate) async fn answer<'call, Work>(
    context: Context<'call>,
    may_open_form: bool,
    work: impl FnOnce(Call<'call>) -> Work,
) -> Result<(), Error>
where
    Work: Future<Output = Told>,
{
    let interaction = context.interaction;
    let data = context.framework.user_data;
    let visitor = Visitor {
        guild: interaction.guild_id,
        user: &interaction.user,
        member: interaction.member.as_deref(),
        channel: interaction.channel_id,
        ephemeral: false,
    };
    let told = async {
        let admitted = match place_of(&data.guard, &visitor) {
            Ok(Place::Direct) => Err(
                "Commands work in the server's channels. Here only the buttons of my messages do."
                    .to_owned(),
            ),
            Ok(Place::Channel | Place::Private) => admit(data, &visitor, None).await,
            Err(refusal) => Err(refusal),
        };
        match admitted {
            Ok(who) => {
                data.desk.meet(who.id, &who.name).await;
                let call = Call {
                    data,
                    who,
                    delivery: delivery(interaction.id),
                    parent: interaction
                        .channel
                        .as_ref()
                        .and_then(|channel| channel.parent_id)
                        .map(|parent| ChannelId(parent.get())),
                };
                let name = name_of(context);
                if call.who.rank == Rank::Viewer && needs_of_command(&name) > Some(Needs::Viewer) {
                    return call.kept_out(&name).await;
                }
                work(call).await.unwrap_or_else(|refusal| refusal)
            }
            Err(refusal) => say(refusal),
        }
    };
    door(context.serenity_context(), interaction)
        .answer(told, may_open_form)
        .await;
    Ok(())
}

/// A command as the table of permissions calls it: `inc take`, or the words in the menu.
fn name_of(context: Context<'_>) -> String {
    let command = context.command();
    if let Some(name) = &command.context_menu_name {
        return name.to_string();
    }
    let mut words: Vec<&str> = context
        .parent_commands()
        .iter()
        .map(|parent| parent.name.as_ref())
        .collect();
    words.push(&command.name);
    words.join(" ")
}

/// The way back to a command.
pub(crate) fn door<'call>(
    context: &'call serenity::Context,
    interaction: &'call serenity::CommandInteraction,
) -> Door<'call> {
    Door {
        http: &context.http,
        id: interaction.id,
        token: &interaction.token,
        opened: Opened::Command,
        theirs: false,
    }
}

impl Call<'_> {
    /// The incident that is meant: the named one, else that of the channel.
    pub(crate) async fn about(&self, named: Option<&str>) -> Result<Asker<'_>, Reply> {
        let incident = match named.map(str::trim).filter(|named| !named.is_empty()) {
            Some(named) => self.named(named).await?,
            None => self.of_channel().await?.ok_or_else(|| {
                say("This channel belongs to no incident. Name one with the option `incident`, or begin one with `/inc new`.")
            })?,
        };
        Ok(self.asker(incident))
    }

    /// What somebody is told who may only read; in an incident's channel with the button that asks whoever commands.
    async fn kept_out(&self, name: &str) -> Reply {
        let wanted = match name {
            "inc take" => Act::Take,
            "inc log" | "Add to timeline…" | "Mark as decision" => Act::Log,
            "inc update" => Act::Update,
            "inc resolve" => Act::Resolve,
            "pm close" => Act::Close,
            "runbook attach" => Act::AttachRunbook,
            "Redact" => Act::AskRedact,
            "inc roles" | "Propose for a role…" => Act::AskRole,
            // What is asked for would not be what was wanted.
            _ => return viewer_only(),
        };
        match self.of_channel().await {
            Ok(Some(incident)) => match self.asker(incident).may(&wanted).await {
                Ok(()) => viewer_only(),
                Err(refusal) => refusal,
            },
            Ok(None) => viewer_only(),
            Err(trouble) => trouble,
        }
    }

    /// A request about no incident.
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller {
            data: self.data,
            who: &self.who,
            delivery: self.delivery.clone(),
        }
    }

    /// A request about an incident that is known to exist.
    pub(crate) fn asker(&self, incident: IncidentId) -> Asker<'_> {
        Asker {
            data: self.data,
            who: &self.who,
            incident,
            phase: None,
            delivery: self.delivery.clone(),
        }
    }

    /// Does what a button does.
    pub(crate) async fn press(&self, named: Option<&str>, act: Act) -> Told {
        let asker = self.about(named).await?;
        act_on(&asker, act, &[]).await
    }

    async fn named(&self, named: &str) -> Result<IncidentId, Reply> {
        // A suggestion reads `INC-0042 · SEV1 · title`; its first word is enough.
        let first = named.split_whitespace().next().unwrap_or_default();
        let incident: IncidentId = first
            .parse()
            .map_err(|problem| say(format!("{problem}.")))?;
        let view = self.asker(incident).view().await?;
        if may_see(&view.incident, &self.who) {
            Ok(incident)
        } else {
            // That it exists is a secret too.
            Err(no_incident())
        }
    }

    /// The incident of the channel, or of the channel above a thread.
    pub(crate) async fn of_channel(&self) -> Result<Option<IncidentId>, Reply> {
        for channel in [Some(self.who.channel), self.parent].into_iter().flatten() {
            match self.data.desk.incident_of_channel(channel).await {
                Ok(Some(incident)) => return Ok(Some(incident)),
                Ok(None) => {}
                Err(broken) => {
                    let asker = self.asker(IncidentId(0));
                    return Err(asker.broken("the channel's incident could not be read", &broken));
                }
            }
        }
        Ok(None)
    }
}
