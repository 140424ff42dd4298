//! The end: resolving, and what whoever did it in the small hours reads about their night.

use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Event};

use super::Asker;
use super::asker::happened;
use crate::reply::{Reply, Told};

impl Asker<'_> {
    /// Resolves, or shows what speaks against it.
    pub(super) async fn resolve(&self, anyway: bool) -> Told {
        let command = Command::Resolve { anyway };
        let answer = self.ask(command.clone(), "").await;
        let (incident, events) = self.done(answer, &command).await?;
        let mut reply = self.confirmed(&incident, &events, &command);
        let is_over = happened(&events, |event| matches!(event, Event::Resolved { .. }));
        let night = cards::late_start(&incident, self.who.id, &self.data.desk.policy());
        if let (Reply::Update(card), Some(night)) = (&mut reply, night.filter(|_| is_over)) {
            card.content = format!("{}\n{night}", card.content);
        }
        Ok(reply)
    }
}
