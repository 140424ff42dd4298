//! What a person sees: messages, channels and forms as plain data, for tests and for the page.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

fn id_text<S: Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn maybe_id_text<S: Serializer>(id: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_none(),
    }
}

fn id_texts<S: Serializer>(ids: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ids.iter().map(u64::to_string))
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageView {
    #[serde(serialize_with = "id_text")]
    pub id: u64,
    #[serde(serialize_with = "id_text")]
    pub channel_id: u64,
    /// Discord's message type: 0 default, 6 "pinned a message", 19 reply, 20 slash command, ...
    pub kind: u8,
    pub timestamp: DateTime<Utc>,
    /// `Some` shows "(edited)".
    pub edited_at: Option<DateTime<Utc>>,
    pub author: AuthorView,
    pub content: String,
    #[serde(serialize_with = "id_texts")]
    pub mention_ids: Vec<u64>,
    #[serde(serialize_with = "id_texts")]
    pub mention_role_ids: Vec<u64>,
    pub mention_everyone: bool,
    pub embeds: Vec<EmbedView>,
    /// Action rows, each a list of what stands in it.
    pub components: Vec<Vec<ComponentView>>,
    pub attachments: Vec<AttachmentView>,
    pub reactions: Vec<ReactionView>,
    pub pinned: bool,
    /// Discord's message flags; 64 is ephemeral, 128 "thinking".
    pub flags: u64,
    pub nonce: Option<String>,
    /// Only one person sees it.
    pub ephemeral: bool,
    /// That person.
    #[serde(serialize_with = "maybe_id_text")]
    pub ephemeral_for: Option<u64>,
    /// A deferred answer that has no content yet.
    pub thinking: bool,
    pub reply_to: Option<ReplyView>,
    pub invoked_by: Option<InvokedByView>,
    /// The thread that was started from this message.
    #[serde(serialize_with = "maybe_id_text")]
    pub thread_id: Option<u64>,
}

impl MessageView {
    /// Every button of the message, in order.
    pub fn buttons(&self) -> impl Iterator<Item = &ButtonView> {
        self.components
            .iter()
            .flatten()
            .filter_map(|component| match component {
                ComponentView::Button(button) => Some(button),
                ComponentView::Select(_) => None,
            })
    }

    /// Every select menu of the message, in order.
    pub fn selects(&self) -> impl Iterator<Item = &SelectView> {
        self.components
            .iter()
            .flatten()
            .filter_map(|component| match component {
                ComponentView::Select(select) => Some(select),
                ComponentView::Button(_) => None,
            })
    }

    /// Content, embeds and their fields in reading order, one piece per line: all the text somebody reads.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        if !self.content.is_empty() {
            lines.push(self.content.clone());
        }
        for embed in &self.embeds {
            lines.extend(embed.author.clone());
            lines.extend(embed.title.clone());
            lines.extend(embed.description.clone());
            lines.extend(
                embed
                    .fields
                    .iter()
                    .map(|field| format!("{}: {}", field.name, field.value)),
            );
            lines.extend(embed.footer.clone());
        }
        lines.join("\n")
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorView {
    #[serde(serialize_with = "id_text")]
    pub id: u64,
    pub name: String,
    pub bot: bool,
}

/// An embed as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct EmbedView {
    pub title: Option<String>,
    pub description: Option<String>,
    pub url: Option<String>,
    /// 0xRRGGBB.
    pub color: Option<u32>,
    pub timestamp: Option<String>,
    /// The author's name.
    pub author: Option<String>,
    /// The footer's text.
    pub footer: Option<String>,
    /// The image's URL.
    pub image: Option<String>,
    /// The thumbnail's URL.
    pub thumbnail: Option<String>,
    pub fields: Vec<EmbedFieldView>,
}

/// A field of an embed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmbedFieldView {
    pub name: String,
    pub value: String,
    pub inline: bool,
}

/// Something to press in an action row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ComponentView {
    Button(ButtonView),
    Select(SelectView),
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ButtonView {
    /// `None` for a link.
    pub custom_id: Option<String>,
    pub label: String,
    pub emoji: Option<String>,
    pub style: ButtonStyle,
    pub url: Option<String>,
    pub disabled: bool,
}

/// The look of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    Primary,
    Secondary,
    Success,
    Danger,
    Link,
    Premium,
}

/// A select menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SelectView {
    pub select: SelectKind,
    pub custom_id: String,
    pub placeholder: Option<String>,
    pub min_values: u64,
    pub max_values: u64,
    pub disabled: bool,
    /// Empty unless it is a string select.
    pub options: Vec<SelectOptionView>,
}

/// What a select menu chooses among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SelectKind {
    String,
    User,
    Role,
    Mentionable,
    Channel,
}

/// One choice of a string select.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SelectOptionView {
    pub label: String,
    pub value: String,
    pub description: Option<String>,
    pub emoji: Option<String>,
    pub default: bool,
}

/// A file on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttachmentView {
    #[serde(serialize_with = "id_text")]
    pub id: u64,
    pub filename: String,
    pub url: String,
    /// Bytes.
    pub size: usize,
    pub content_type: Option<String>,
    /// The file itself.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// Who reacted with one emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReactionView {
    pub emoji: String,
    #[serde(serialize_with = "id_texts")]
    pub user_ids: Vec<u64>,
}

/// The message that is replied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplyView {
    #[serde(serialize_with = "id_text")]
    pub message_id: u64,
    /// Empty when the message is gone.
    pub author: String,
    /// The first 120 characters of it.
    pub excerpt: String,
}

/// Whose command or click a message answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvokedByView {
    #[serde(serialize_with = "id_text")]
    pub user_id: u64,
    pub user: String,
    /// `/inc new` for a slash command, the menu's name for a context menu, `None` for a component or form.
    pub command: Option<String>,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelView {
    #[serde(serialize_with = "id_text")]
    pub id: u64,
    pub name: String,
    pub kind: ChannelKind,
    pub topic: String,
    #[serde(serialize_with = "maybe_id_text")]
    pub parent_id: Option<u64>,
    pub position: i64,
    pub overwrites: Vec<OverwriteView>,
    pub archived: bool,
}

/// A kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    Text,
    Dm,
    Voice,
    Category,
    Announcement,
    Thread,
    Forum,
}

/// What a role or a member may additionally do, or not do, in one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OverwriteView {
    #[serde(serialize_with = "id_text")]
    pub id: u64,
    /// Whether `id` is a member; otherwise it is a role (the guild's id is @everyone).
    pub member: bool,
    pub allow: u64,
    pub deny: u64,
}

/// A form (modal) that the bot has opened for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Form {
    /// Names this opening of the form; [`crate::Person::submit`] needs it.
    pub form_id: String,
    pub custom_id: String,
    pub title: String,
    #[serde(serialize_with = "id_text")]
    pub channel_id: u64,
    pub fields: Vec<FormField>,
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FormField {
    Text {
        custom_id: String,
        label: String,
        description: Option<String>,
        style: TextStyle,
        placeholder: Option<String>,
        /// What is already filled in.
        value: Option<String>,
        required: bool,
        min_length: Option<u64>,
        max_length: Option<u64>,
    },
    Select {
        select: SelectKind,
        custom_id: String,
        label: String,
        description: Option<String>,
        placeholder: Option<String>,
        required: bool,
        min_values: u64,
        max_values: u64,
        options: Vec<SelectOptionView>,
    },
    /// Text to read.
    Note { label: String },
}

/// One line or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextStyle {
    Short,
    Paragraph,
}

/// What a person gets back for a click, a command or a form.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// A new message, public or only for this person. A deferred answer is waited for.
    Message(MessageView),
    /// The message the component sits on, changed.
    Updated(MessageView),
    /// A form to fill in.
    Form(Form),
    /// Acknowledged without a visible change.
    Nothing,
    /// "The application did not respond": no answer within the deadline.
    NoAnswer,
}

impl Reply {
    /// The message of a `Message` or `Updated` reply.
    pub fn message(&self) -> Option<&MessageView> {
        match self {
            Reply::Message(message) | Reply::Updated(message) => Some(message),
            Reply::Form(_) | Reply::Nothing | Reply::NoAnswer => None,
        }
    }
}
