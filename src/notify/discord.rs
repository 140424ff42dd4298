//! The stakeholder channel in Discord itself.

use std::sync::Arc;

use async_trait::async_trait;
use bridgewatch_core::card::Card;
use bridgewatch_core::effect::{EffectId, Lane};
use bridgewatch_core::ports::{Chat, Failure, Notice, Notifier, Place};

/// Posts updates into the stakeholder channel.
pub struct DiscordNotifier {
    chat: Arc<dyn Chat>,
}

impl std::fmt::Debug for DiscordNotifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DiscordNotifier")
            .finish_non_exhaustive()
    }
}

impl DiscordNotifier {
    /// The name of this target in the configuration and on the board.
    pub const NAME: &'static str = "discord";

    /// Posts through this chat.
    #[must_use]
    pub fn new(chat: Arc<dyn Chat>) -> Self {
        Self { chat }
    }
}

#[async_trait]
impl Notifier for DiscordNotifier {
    fn name(&self) -> &str {
        Self::NAME
    }

    async fn notify(&self, notice: &Notice) -> Result<(), Failure> {
        let card = Card {
            content: notice.text.clone(),
            ..Card::default()
        };
        self.chat
            .post_in(
                Place::Stakeholders,
                &card,
                &EffectId(notice.id.clone()),
                Lane::Interactive,
            )
            .await
            .map(|_| ())
    }
}
