//! The way back to Discord: the first answer within three seconds, whatever the store and the disk are doing.
//!
//! The work races a short wait. Done in time, it is answered directly; otherwise Discord is told to be patient and the
//! answer follows as an edit. A form can only be a first answer, so what opens one is given more time and then up.
//!
//! An interaction's token is a secret for fifteen minutes. It stands in the addresses that the HTTP client puts into its
//! errors, so no such error is logged as it is.

mod door;
mod wire;

use std::collections::BTreeMap;

use poise::serenity_prelude as serenity;

pub(crate) use door::{Door, Opened};

use crate::Data;
use crate::buttons::decode;
use crate::forms::FormId;
use crate::guard::{Place, Visitor, admit, place_of};
use crate::press::{chosen, opens_form, press};
use crate::reply::say;
use crate::words::submit;

/// Answers a press or a form that came over the gateway. Slash commands go through poise and are left alone here.
pub async fn on_interaction(
    context: &serenity::Context,
    interaction: &serenity::Interaction,
    data: &Data,
) {
    match interaction {
        serenity::Interaction::Component(component) => {
            on_component(&context.http, component, data).await;
        }
        serenity::Interaction::Modal(modal) => on_modal(&context.http, modal, data).await,
        _ => {}
    }
}

/// Answers a press of a button or a choice in a menu.
pub async fn on_component(
    http: &serenity::Http,
    interaction: &serenity::ComponentInteraction,
    data: &Data,
) {
    let visitor = Visitor {
        guild: interaction.guild_id,
        user: &interaction.user,
        member: interaction.member.as_ref(),
        channel: interaction.channel_id,
        ephemeral: is_ephemeral(&interaction.message),
    };
    let place = place_of(&data.guard, &visitor);
    let door = Door {
        http,
        id: interaction.id,
        token: &interaction.token,
        opened: Opened::Press,
        theirs: place.is_ok_and(Place::is_theirs),
    };
    let values = values_of(&interaction.data.kind);
    let pressed = decode(&interaction.data.custom_id).map(|press| chosen(press, &values));
    let may_open_form = pressed.as_ref().is_ok_and(|press| opens_form(&press.act));
    let work = async {
        let about = pressed.as_ref().ok().and_then(|press| press.incident);
        let who = match admit(data, &visitor, about).await {
            Ok(who) => who,
            Err(refusal) => return say(refusal),
        };
        if let Some(bot) = chosen_bot(&interaction.data) {
            return say(format!("<@{}> is a bot: choose a person.", bot.id));
        }
        match pressed {
            Ok(pressed) => press(data, who, pressed, values, delivery(interaction.id)).await,
            Err(unknown) => {
                tracing::warn!(%unknown, "a press from a card of another version");
                say(
                    "This card is of another version of me, and I no longer know what its button meant. The pinned board \
                     has the buttons of today.",
                )
            }
        }
    };
    door.answer(work, may_open_form).await;
}

/// Answers a form.
pub async fn on_modal(
    http: &serenity::Http,
    interaction: &serenity::ModalInteraction,
    data: &Data,
) {
    let visitor = Visitor {
        guild: interaction.guild_id,
        user: &interaction.user,
        member: interaction.member.as_ref(),
        channel: interaction.channel_id,
        ephemeral: interaction.message.as_deref().is_some_and(is_ephemeral),
    };
    let place = place_of(&data.guard, &visitor);
    let door = Door {
        http,
        id: interaction.id,
        token: &interaction.token,
        opened: if interaction.message.is_some() {
            Opened::Form
        } else {
            Opened::FormOfCommand
        },
        theirs: interaction.message.is_some() && place.is_ok_and(Place::is_theirs),
    };
    let work = async {
        let form = FormId::decode(&interaction.data.custom_id);
        let about = form.as_ref().ok().and_then(|form| form.incident);
        let who = match admit(data, &visitor, about).await {
            Ok(who) => who,
            Err(refusal) => return say(refusal),
        };
        match form {
            Ok(form) => {
                let fields = fields_of(&interaction.data.components);
                submit(data, who, form, fields, delivery(interaction.id)).await
            }
            Err(unknown) => {
                tracing::warn!(%unknown, "a form of another version");
                say("This form is of another version of me. Open it once more from the board.")
            }
        }
    };
    door.answer(work, false).await;
}

/// The name under which an interaction is remembered, so that hearing it twice does it once.
pub(crate) fn delivery(interaction: serenity::InteractionId) -> String {
    format!("discord-interaction:{interaction}")
}

fn is_ephemeral(message: &serenity::Message) -> bool {
    message
        .flags
        .is_some_and(|flags| flags.contains(serenity::MessageFlags::EPHEMERAL))
}

fn values_of(kind: &serenity::ComponentInteractionDataKind) -> Vec<String> {
    use serenity::ComponentInteractionDataKind as Kind;
    match kind {
        Kind::StringSelect { values } => values.clone(),
        Kind::UserSelect { values } => values.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// A bot among the people who were chosen: it reads no direct message and takes no role.
fn chosen_bot(data: &serenity::ComponentInteractionData) -> Option<&serenity::User> {
    let serenity::ComponentInteractionDataKind::UserSelect { values } = &data.kind else {
        return None;
    };
    values
        .iter()
        .filter_map(|id| data.resolved.users.get(id))
        .find(|user| user.bot)
}

fn fields_of(rows: &[serenity::ActionRow]) -> BTreeMap<String, String> {
    rows.iter()
        .flat_map(|row| &row.components)
        .filter_map(|component| match component {
            serenity::ActionRowComponent::InputText(input) => Some((
                input.custom_id.clone(),
                input.value.clone().unwrap_or_default(),
            )),
            _ => None,
        })
        .collect()
}
