//! One interaction's way back: which of Discord's answers fits, in time and late.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use poise::serenity_prelude as serenity;
use serde_json::{Value, json};

use super::wire::{self, Seen};
use crate::card::render;
use crate::reply::{Reply, say, sentence};

/// How long work may take before Discord is told to be patient. Far from its three seconds, for the way there and back.
const PATIENCE: Duration = Duration::from_millis(700);

/// How long opening a form may take: a form cannot be put off.
const FORM_PATIENCE: Duration = Duration::from_millis(2_200);

/// What made Discord ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// A slash command or a message menu.
    Command,
    /// A button or a menu.
    Press,
    /// A form that a press opened.
    Form,
    /// A form that a command opened.
    FormOfCommand,
}

impl Opened {
    /// Whether there is a message that the answer can leave as it is.
    fn has_card(self) -> bool {
        matches!(self, Self::Press | Self::Form)
    }
}

/// The way back to one interaction.
pub(crate) struct Door<'interaction> {
    pub(crate) http: &'interaction serenity::Http,
    pub(crate) id: serenity::InteractionId,
    pub(crate) token: &'interaction str,
    pub(crate) opened: Opened,
    /// Whether the pressed card is seen by the presser alone.
    pub(crate) theirs: bool,
}

impl Door<'_> {
    /// Answers with what the work gives: at once if it is quick, else after asking for patience.
    pub(crate) async fn answer(self, work: impl Future<Output = Reply>, may_open_form: bool) {
        let mut work = pin!(work);
        let patience = if may_open_form {
            FORM_PATIENCE
        } else {
            PATIENCE
        };
        if let Ok(reply) = tokio::time::timeout(patience, work.as_mut()).await {
            self.first(reply).await;
        } else if may_open_form {
            tracing::warn!(interaction = self.id.get(), "a form took too long to open");
            self.first(say("That took too long. Press once more."))
                .await;
        } else {
            self.put_off().await;
            // Whatever Discord said to that: what was asked is done.
            let reply = work.await;
            self.late(reply).await;
        }
    }

    /// The first answer.
    async fn first(&self, reply: Reply) {
        let (body, file) = match reply {
            Reply::Private(card) => (wire::message(&render(&card), Seen::ByThem), None),
            Reply::Public(card) => (wire::message(&render(&card), Seen::ByAll), None),
            Reply::Update(card) if self.theirs => (wire::update(&render(&card)), None),
            Reply::Update(card) => (wire::message(&render(&card), Seen::ByThem), None),
            Reply::Form(form) if matches!(self.opened, Opened::Command | Opened::Press) => {
                (wire::form(&form), None)
            }
            // A form cannot open a form.
            Reply::Form(_) => (
                wire::message(
                    &render(&sentence("Press the button once more.")),
                    Seen::ByThem,
                ),
                None,
            ),
            Reply::Quiet if self.opened.has_card() => (json!({ "type": 6 }), None),
            Reply::Quiet => (
                wire::message(&render(&sentence("Done.")), Seen::ByThem),
                None,
            ),
            Reply::File { card, name, text } => {
                let mut body = wire::message(&render(&card), Seen::ByThem);
                wire::name_file(&mut body["data"], &name);
                (body, Some(serenity::CreateAttachment::bytes(text, name)))
            }
        };
        self.respond("answer", &body, file).await;
    }

    /// Asks for patience. A card that is theirs alone simply waits; elsewhere they see that something is being done.
    async fn put_off(&self) {
        let body = if self.theirs {
            json!({ "type": 6 })
        } else {
            json!({ "type": 5, "data": { "flags": wire::EPHEMERAL } })
        };
        self.respond("put off", &body, None).await;
    }

    /// The answer after patience was asked for.
    async fn late(&self, reply: Reply) {
        match reply {
            Reply::Update(card) => self.edit(render(&card).body(), None).await,
            Reply::Private(card) if self.theirs => {
                self.follow_up(&render(&card), Seen::ByThem, None).await;
            }
            Reply::Private(card) => self.edit(render(&card).body(), None).await,
            Reply::Public(card) => {
                if !self.theirs {
                    self.edit(render(&sentence("Done.")).body(), None).await;
                }
                self.follow_up(&render(&card), Seen::ByAll, None).await;
            }
            Reply::Quiet if self.theirs => {}
            Reply::Quiet => self.edit(render(&sentence("Done.")).body(), None).await,
            Reply::Form(_) => {
                let card = sentence("Press the button once more.");
                if self.theirs {
                    self.follow_up(&render(&card), Seen::ByThem, None).await;
                } else {
                    self.edit(render(&card).body(), None).await;
                }
            }
            Reply::File { card, name, text } => {
                let rendered = render(&card);
                let file = serenity::CreateAttachment::bytes(text, name.clone());
                if self.theirs {
                    self.follow_up(&rendered, Seen::ByThem, Some((name, file)))
                        .await;
                } else {
                    self.edit(rendered.body(), Some((name, file))).await;
                }
            }
        }
    }

    async fn respond(
        &self,
        what: &'static str,
        body: &Value,
        file: Option<serenity::CreateAttachment>,
    ) {
        let files = file.into_iter().collect();
        let sent = self
            .http
            .create_interaction_response(self.id, self.token, body, files)
            .await;
        self.note(what, sent);
    }

    async fn edit(&self, mut body: Value, file: Option<(String, serenity::CreateAttachment)>) {
        let files = named(&mut body, file);
        let sent = self
            .http
            .edit_original_interaction_response(self.token, &body, files)
            .await;
        self.note("late answer", sent.map(drop));
    }

    async fn follow_up(
        &self,
        rendered: &crate::card::Rendered,
        seen: Seen,
        file: Option<(String, serenity::CreateAttachment)>,
    ) {
        let mut body = wire::flagged(rendered, seen);
        let files = named(&mut body, file);
        let sent = self
            .http
            .create_followup_message(self.token, &body, files)
            .await;
        self.note("follow-up", sent.map(drop));
    }

    /// Logs a failure once, without the token.
    fn note(&self, what: &'static str, sent: Result<(), serenity::Error>) {
        if let Err(error) = sent {
            if wire::answered_before(&error) {
                tracing::info!(
                    interaction = self.id.get(),
                    "an interaction was heard twice"
                );
                return;
            }
            tracing::error!(
                interaction = self.id.get(),
                what,
                error = wire::without_secrets(&error),
                "an interaction was not answered"
            );
        }
    }
}

fn named(
    body: &mut Value,
    file: Option<(String, serenity::CreateAttachment)>,
) -> Vec<serenity::CreateAttachment> {
    file.into_iter()
        .map(|(name, file)| {
            wire::name_file(body, &name);
            file
        })
        .collect()
}
