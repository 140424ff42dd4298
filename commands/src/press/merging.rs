//! Two incidents that are one.

use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Command;

use super::Asker;
use crate::guard;
use crate::reply::{Reply, Told, no_incident};
use crate::slash::is_listed_for;

impl Asker<'_> {
    /// Merges the incident into the chosen one, or asks into which.
    pub(super) async fn merge(&self, values: &[String]) -> Told {
        let chosen: Option<IncidentId> = values.first().and_then(|value| value.parse().ok());
        let Some(into) = chosen else {
            return self.ask_into_which().await;
        };
        // What they may not see does not exist for them.
        match self.data.desk.incident(into).await {
            Ok(Some(other)) if guard::may_see(&other, self.who) => {}
            Ok(_) => return Err(no_incident()),
            Err(broken) => return Err(self.broken("the other incident could not be read", &broken)),
        }
        // The desk looks the other up and fills in the command itself.
        let ask = self.ask_of(Command::Tick, "");
        let answer = self.data.desk.merge(self.incident, into, ask).await;
        self.told(answer, &Command::Tick).await
    }

    /// Takes an alert group out of the incident.
    pub(super) async fn split_off(&self, group: &str) -> Told {
        // The desk looks up what is left and fills in the command itself.
        let ask = self.ask_of(Command::Tick, "");
        let answer = self.data.desk.split_off(self.incident, group, ask).await;
        self.told(answer, &Command::Tick).await
    }

    async fn ask_into_which(&self) -> Told {
        let view = self.view().await?;
        let listed = match self.data.desk.list(true).await {
            Ok(listed) => listed,
            Err(broken) => return Err(self.broken("the incidents could not be listed", &broken)),
        };
        let others: Vec<_> = listed
            .into_iter()
            .filter(|other| other.id != self.incident)
            .filter(|other| is_listed_for(other, self.who.channel, self.who.id))
            .collect();
        Ok(Reply::Update(cards::ask_merge(&view.incident, &others)))
    }
}
