//! Pressing buttons and choosing in select menus.

use serde_json::{Value, json};

use super::{Person, resolve};
use crate::error::Refused;
use crate::model::{InteractionKind, Message, World};
use crate::view::{ButtonView, MessageView, Reply, SelectKind, SelectView};

impl Person {
    /// Presses a button, named by its `custom_id` or its label: exactly, or how it begins; emoji do not count.
    pub async fn click(&self, message_id: u64, button: &str) -> Result<Reply, Refused> {
        let drawn = {
            let world = self.shared.world();
            world.message_view(self.seen(&world, message_id)?)
        };
        self.click_as_drawn(&drawn, button).await
    }

    /// Presses a button of a message as this client drew it: the press of somebody whose finger was quicker than the edit
    /// that took the button away.
    pub async fn click_as_drawn(
        &self,
        drawn: &MessageView,
        button: &str,
    ) -> Result<Reply, Refused> {
        let interaction = {
            let mut world = self.shared.world();
            let message = self.seen(&world, drawn.id)?;
            let found = find_button(drawn, button)?;
            if found.disabled {
                return Err(Refused::because(format!(
                    "the button \"{}\" is disabled",
                    found.label
                )));
            }
            let Some(custom_id) = &found.custom_id else {
                let url = found.url.clone().unwrap_or_default();
                return Err(Refused::because(format!(
                    "the button \"{}\" is a link to {url}",
                    found.label
                )));
            };
            let data = json!({"custom_id": custom_id, "component_type": 2, "id": component_id(message, custom_id)});
            let channel_id = message.channel_id;
            self.interact(
                &mut world,
                InteractionKind::Component,
                channel_id,
                data,
                Some(drawn.id),
                None,
            )
        };
        self.outcome(interaction).await
    }

    /// Chooses in a select menu, named by its `custom_id` or placeholder; values by label, value, name or id.
    pub async fn select(
        &self,
        message_id: u64,
        select: &str,
        values: &[&str],
    ) -> Result<Reply, Refused> {
        let interaction = {
            let mut world = self.shared.world();
            let message = self.seen(&world, message_id)?;
            let view = world.message_view(message);
            let found = find_select(&view, select)?.clone();
            if found.disabled {
                return Err(Refused::because(format!(
                    "the menu \"{}\" is disabled",
                    found.custom_id
                )));
            }
            let (chosen, resolved) = self.choose(&world, &found, message.channel_id, values)?;
            let mut data = json!({
                "custom_id": found.custom_id, "component_type": component_type(found.select), "values": chosen,
                "id": component_id(message, &found.custom_id),
            });
            if found.select != SelectKind::String {
                data["resolved"] = resolved;
            }
            let channel_id = message.channel_id;
            self.interact(
                &mut world,
                InteractionKind::Component,
                channel_id,
                data,
                Some(message_id),
                None,
            )
        };
        self.outcome(interaction).await
    }

    /// Chooses people in a user select.
    pub async fn select_user(
        &self,
        message_id: u64,
        select: &str,
        users: &[u64],
    ) -> Result<Reply, Refused> {
        let ids: Vec<String> = users.iter().map(u64::to_string).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.select(message_id, select, &ids).await
    }

    fn choose(
        &self,
        world: &World,
        select: &SelectView,
        channel_id: u64,
        values: &[&str],
    ) -> Result<(Vec<String>, Value), Refused> {
        let count = values.len() as u64;
        if count < select.min_values || count > select.max_values {
            return Err(Refused::because(format!(
                "choose between {} and {} values, not {count}",
                select.min_values, select.max_values
            )));
        }
        let mut resolved = resolve::Resolved::default();
        let chosen: Result<Vec<String>, Refused> = values
            .iter()
            .map(|value| match select.select {
                SelectKind::String => {
                    let option = select
                        .options
                        .iter()
                        .find(|one| one.value == *value || one.label == *value);
                    option.map(|one| one.value.clone()).ok_or_else(|| {
                        let known: Vec<&str> = select
                            .options
                            .iter()
                            .map(|one| one.label.as_str())
                            .collect();
                        Refused::because(format!(
                            "there is no choice \"{value}\"; there are: {}",
                            known.join(", ")
                        ))
                    })
                }
                kind => resolved
                    .take(world, self.id, channel_id, resolve::wanted(kind), value)
                    .map(|id| id.to_string()),
            })
            .collect();
        Ok((chosen?, resolved.json()))
    }
}

/// A label without its emoji and blanks at the front.
fn plain(label: &str) -> &str {
    label
        .trim_start_matches(|letter: char| !letter.is_alphanumeric())
        .trim()
}

fn find_button<'a>(view: &'a MessageView, wanted: &str) -> Result<&'a ButtonView, Refused> {
    let wanted_plain = plain(wanted);
    view.buttons()
        .find(|button| button.custom_id.as_deref() == Some(wanted))
        .or_else(|| view.buttons().find(|button| button.label == wanted))
        .or_else(|| {
            view.buttons()
                .find(|button| !wanted_plain.is_empty() && plain(&button.label) == wanted_plain)
        })
        .or_else(|| {
            view.buttons().find(|button| {
                !wanted_plain.is_empty() && plain(&button.label).starts_with(wanted_plain)
            })
        })
        .or_else(|| {
            view.buttons()
                .find(|button| button.emoji.as_deref() == Some(wanted))
        })
        .ok_or_else(|| {
            let known: Vec<&str> = view.buttons().map(|button| button.label.as_str()).collect();
            Refused::because(format!(
                "there is no button \"{wanted}\"; there are: {}",
                known.join(", ")
            ))
        })
}

fn find_select<'a>(view: &'a MessageView, wanted: &str) -> Result<&'a SelectView, Refused> {
    view.selects()
        .find(|select| select.custom_id == wanted)
        .or_else(|| {
            view.selects()
                .find(|select| select.placeholder.as_deref() == Some(wanted))
        })
        .ok_or_else(|| {
            let known: Vec<&str> = view
                .selects()
                .map(|select| select.custom_id.as_str())
                .collect();
            Refused::because(format!(
                "there is no menu \"{wanted}\"; there are: {}",
                known.join(", ")
            ))
        })
}

fn component_type(select: SelectKind) -> u8 {
    match select {
        SelectKind::String => 3,
        SelectKind::User => 5,
        SelectKind::Role => 6,
        SelectKind::Mentionable => 7,
        SelectKind::Channel => 8,
    }
}

fn component_id(message: &Message, custom_id: &str) -> Value {
    let rows = message
        .components
        .iter()
        .flat_map(|row| row["components"].as_array().into_iter().flatten());
    rows.into_iter()
        .find(|component| component["custom_id"] == custom_id)
        .map_or(Value::Null, |found| found["id"].clone())
}
