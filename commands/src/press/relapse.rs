//! What came back too late to be opened again goes on in a new incident that names it.

use bridgewatch_core::incident::Command;

use super::{Asker, way_to};
use crate::reply::{Reply, Told, sentence};

impl Asker<'_> {
    /// Begins it, or leads to the one that somebody else has begun.
    pub(super) async fn open_relapse(&self) -> Told {
        // The desk fills in the command itself.
        let ask = self.ask_of(Command::Tick, "");
        let answer = self.data.desk.declare_relapse(self.incident, ask).await;
        let (incident, events) = self.done(answer, &Command::Tick).await?;
        let way = match incident.surface.channel {
            Some(channel) => way_to(Some(channel), self.who),
            None => " Its channel opens within seconds.".to_owned(),
        };
        let words = if events.is_empty() {
            format!("{} is live for it already.", incident.id)
        } else if incident.command == Some(self.who.id) {
            format!(
                "**{}** {} is open; it names {}. You have it and hold command 👑.",
                incident.id, incident.severity, self.incident
            )
        } else {
            format!(
                "**{}** {} is open; it names {}.",
                incident.id, incident.severity, self.incident
            )
        };
        Ok(Reply::Update(sentence(format!("{words}{way}"))))
    }
}
