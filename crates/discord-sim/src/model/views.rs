//! The model as a person sees it.

use serde_json::Value;

use super::{Channel, Message, OverwriteKind, World, kind};
use crate::view::*;

impl World {
    pub(crate) fn message_view(&self, message: &Message) -> MessageView {
        let (name, bot) = match &message.webhook_name {
            Some(name) => (name.clone(), true),
            None => (
                self.display_name(message.author_id),
                self.users
                    .get(&message.author_id)
                    .is_some_and(|user| user.bot),
            ),
        };
        MessageView {
            id: message.id,
            channel_id: message.channel_id,
            kind: message.kind,
            timestamp: message.timestamp,
            edited_at: message.edited_at,
            author: AuthorView {
                id: message.author_id,
                name,
                bot,
            },
            content: message.content.clone(),
            mention_ids: message.mentions.clone(),
            mention_role_ids: message.mention_roles.clone(),
            mention_everyone: message.mention_everyone,
            embeds: if message.has(super::flag::SUPPRESS_EMBEDS) {
                Vec::new()
            } else {
                let embeds = self.with_fresh_links(&message.embeds);
                embeds.iter().map(embed_view).collect()
            },
            components: message.components.iter().map(row_view).collect(),
            attachments: message
                .attachments
                .iter()
                .map(|one| AttachmentView {
                    id: one.id,
                    filename: one.filename.clone(),
                    url: self.attachment_url(message, one),
                    size: one.bytes.len(),
                    content_type: one.content_type.clone(),
                    bytes: one.bytes.to_vec(),
                })
                .collect(),
            reactions: message
                .reactions
                .iter()
                .map(|one| ReactionView {
                    emoji: one.emoji.name.clone(),
                    user_ids: one.users.clone(),
                })
                .collect(),
            pinned: message.pinned_at.is_some(),
            flags: message.flags,
            nonce: message.nonce.as_ref().map(|nonce| {
                nonce
                    .as_str()
                    .map_or_else(|| nonce.to_string(), str::to_owned)
            }),
            ephemeral: message.only_for.is_some(),
            ephemeral_for: message.only_for,
            thinking: message.has(super::flag::LOADING),
            reply_to: self.reply_view(message),
            invoked_by: message.invoked_by.as_ref().map(|by| InvokedByView {
                user_id: by.user_id,
                user: self.display_name(by.user_id),
                command: by.command.as_ref().map(|name| match by.command_type {
                    Some(1) => format!("/{name}"),
                    _ => name.clone(),
                }),
            }),
            thread_id: message.thread_id,
        }
    }

    fn reply_view(&self, message: &Message) -> Option<ReplyView> {
        if message.kind != super::message_kind::REPLY {
            return None;
        }
        let message_id = message.reference?.message_id?;
        let target = self.find_message(message_id);
        Some(ReplyView {
            message_id,
            author: target
                .map(|target| self.display_name(target.author_id))
                .unwrap_or_default(),
            excerpt: target
                .map(|target| target.content.chars().take(120).collect())
                .unwrap_or_default(),
        })
    }

    pub(crate) fn channel_view(&self, channel: &Channel) -> ChannelView {
        ChannelView {
            id: channel.id,
            name: match channel.kind {
                kind::DM => {
                    let person = channel.recipients.iter().find(|id| **id != self.bot_id);
                    person.map(|id| self.display_name(*id)).unwrap_or_default()
                }
                _ => channel.name.clone(),
            },
            kind: match channel.kind {
                kind::DM => ChannelKind::Dm,
                kind::VOICE => ChannelKind::Voice,
                kind::CATEGORY => ChannelKind::Category,
                kind::ANNOUNCEMENT => ChannelKind::Announcement,
                kind::FORUM => ChannelKind::Forum,
                _ if channel.is_thread() => ChannelKind::Thread,
                _ => ChannelKind::Text,
            },
            topic: channel.topic.clone().unwrap_or_default(),
            parent_id: channel.parent_id,
            position: channel.position,
            overwrites: channel
                .overwrites
                .iter()
                .map(|one| OverwriteView {
                    id: one.id,
                    member: one.kind == OverwriteKind::Member,
                    allow: one.allow,
                    deny: one.deny,
                })
                .collect(),
            archived: channel
                .thread
                .as_ref()
                .is_some_and(|thread| thread.archived),
        }
    }

    /// Channels in the order a client lists them: those without a category first, then each category with what is in it.
    pub(crate) fn channels_in_order(&self) -> Vec<&Channel> {
        let order = |channel: &Channel| (channel.position, channel.id);
        let mut tops: Vec<_> = self
            .channels
            .values()
            .filter(|channel| channel.parent_id.is_none() && channel.kind != kind::DM)
            .collect();
        tops.sort_by_key(|channel| (channel.kind == kind::CATEGORY, order(channel)));
        let mut all = Vec::new();
        for top in tops {
            self.with_children(top, &mut all);
        }
        all.extend(
            self.channels
                .values()
                .filter(|channel| channel.kind == kind::DM),
        );
        all
    }

    fn with_children<'a>(&'a self, parent: &'a Channel, all: &mut Vec<&'a Channel>) {
        all.push(parent);
        let mut children: Vec<_> = self
            .channels
            .values()
            .filter(|channel| channel.parent_id == Some(parent.id))
            .collect();
        children.sort_by_key(|channel| (channel.position, channel.id));
        for child in children {
            self.with_children(child, all);
        }
    }

    /// The messages of a channel that everybody in it sees, oldest first.
    pub(crate) fn public_messages(&self, channel_id: u64) -> Vec<MessageView> {
        let all = self.messages.get(&channel_id).into_iter().flatten();
        all.filter(|(_, message)| message.only_for.is_none())
            .map(|(_, message)| self.message_view(message))
            .collect()
    }

    /// The messages that one person sees in a channel, oldest first.
    pub(crate) fn messages_seen_by(&self, user_id: u64, channel_id: u64) -> Vec<&Message> {
        let bits = self.permissions(user_id, channel_id);
        let history = bits & crate::permissions::READ_MESSAGE_HISTORY != 0;
        if bits & crate::permissions::VIEW_CHANNEL == 0 {
            return Vec::new();
        }
        let all = self.messages.get(&channel_id).into_iter().flatten();
        all.map(|(_, message)| message)
            .filter(|message| message.only_for.map_or(history, |reader| reader == user_id))
            .collect()
    }
}

fn text(json: &Value, field: &str) -> Option<String> {
    json.get(field)?.as_str().map(str::to_owned)
}

fn embed_view(embed: &Value) -> EmbedView {
    EmbedView {
        title: text(embed, "title"),
        description: text(embed, "description"),
        url: text(embed, "url"),
        color: embed
            .get("color")
            .and_then(Value::as_u64)
            .and_then(|color| u32::try_from(color).ok()),
        timestamp: text(embed, "timestamp"),
        author: embed.get("author").and_then(|author| text(author, "name")),
        footer: embed.get("footer").and_then(|footer| text(footer, "text")),
        image: embed.get("image").and_then(|image| text(image, "url")),
        thumbnail: embed.get("thumbnail").and_then(|image| text(image, "url")),
        fields: embed
            .get("fields")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|field| EmbedFieldView {
                name: text(field, "name").unwrap_or_default(),
                value: text(field, "value").unwrap_or_default(),
                inline: field["inline"].as_bool().unwrap_or(false),
            })
            .collect(),
    }
}

fn row_view(row: &Value) -> Vec<ComponentView> {
    let inside = row
        .get("components")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    inside.filter_map(component_view).collect()
}

fn component_view(component: &Value) -> Option<ComponentView> {
    let disabled = component["disabled"].as_bool().unwrap_or(false);
    match component["type"].as_u64()? {
        2 => Some(ComponentView::Button(ButtonView {
            custom_id: text(component, "custom_id"),
            label: text(component, "label").unwrap_or_default(),
            emoji: component.get("emoji").and_then(|emoji| text(emoji, "name")),
            style: match component["style"].as_u64() {
                Some(1) => ButtonStyle::Primary,
                Some(3) => ButtonStyle::Success,
                Some(4) => ButtonStyle::Danger,
                Some(5) => ButtonStyle::Link,
                Some(6) => ButtonStyle::Premium,
                _ => ButtonStyle::Secondary,
            },
            url: text(component, "url"),
            disabled,
        })),
        number => Some(ComponentView::Select(SelectView {
            select: select_kind(number)?,
            custom_id: text(component, "custom_id")?,
            placeholder: text(component, "placeholder"),
            min_values: component["min_values"].as_u64().unwrap_or(1),
            max_values: component["max_values"].as_u64().unwrap_or(1),
            disabled,
            options: options_view(component),
        })),
    }
}

/// The kind of a select menu by its component type.
pub(super) fn select_kind(component_type: u64) -> Option<SelectKind> {
    match component_type {
        3 => Some(SelectKind::String),
        5 => Some(SelectKind::User),
        6 => Some(SelectKind::Role),
        7 => Some(SelectKind::Mentionable),
        8 => Some(SelectKind::Channel),
        _ => None,
    }
}

fn options_view(select: &Value) -> Vec<SelectOptionView> {
    let options = select
        .get("options")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    options
        .map(|option| SelectOptionView {
            label: text(option, "label").unwrap_or_default(),
            value: text(option, "value").unwrap_or_default(),
            description: text(option, "description"),
            emoji: option.get("emoji").and_then(|emoji| text(emoji, "name")),
            default: option["default"].as_bool().unwrap_or(false),
        })
        .collect()
}

/// The parts of a form, from its components as the bot sent them.
pub(super) fn form_fields(components: &[Value]) -> Vec<FormField> {
    components.iter().flat_map(form_field).collect()
}

fn form_field(component: &Value) -> Vec<FormField> {
    match component["type"].as_u64() {
        // An action row with one text input.
        Some(1) => component["components"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|input| input_field(input, None))
            .collect(),
        Some(10) => vec![FormField::Note {
            label: text(component, "content").unwrap_or_default(),
        }],
        Some(18) => input_field(&component["component"], Some(component))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn input_field(input: &Value, label: Option<&Value>) -> Option<FormField> {
    let custom_id = text(input, "custom_id")?;
    let required = input["required"].as_bool().unwrap_or(true);
    let description = label.and_then(|label| text(label, "description"));
    let label = label
        .and_then(|label| text(label, "label"))
        .or_else(|| text(input, "label"))
        .unwrap_or_default();
    match input["type"].as_u64()? {
        4 => Some(FormField::Text {
            custom_id,
            label,
            description,
            style: if input["style"] == 2 {
                TextStyle::Paragraph
            } else {
                TextStyle::Short
            },
            placeholder: text(input, "placeholder"),
            value: text(input, "value"),
            required,
            min_length: input["min_length"].as_u64(),
            max_length: input["max_length"].as_u64(),
        }),
        number => Some(FormField::Select {
            select: select_kind(number)?,
            custom_id,
            label,
            description,
            placeholder: text(input, "placeholder"),
            required,
            min_values: input["min_values"].as_u64().unwrap_or(1),
            max_values: input["max_values"].as_u64().unwrap_or(1),
            options: options_view(input),
        }),
    }
}
