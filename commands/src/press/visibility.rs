//! Who may see an incident: hiding it, showing it, letting somebody in.

use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Visibility, may_show};
use bridgewatch_core::person::PersonId;

use super::Asker;
use crate::guard;
use crate::reply::{Reply, Told, no_incident};

impl Asker<'_> {
    /// Whether this person may see the incident from here. A card that reached somebody before it was hidden still has its
    /// buttons, so every press is asked.
    pub(crate) async fn may_see(&self) -> Result<(), Reply> {
        match self.data.desk.incident(self.incident).await {
            Ok(Some(incident)) if guard::may_see(&incident, self.who) => Ok(()),
            // That it exists is a secret too.
            Ok(_) => Err(no_incident()),
            Err(broken) => Err(self.broken("the incident could not be read", &broken)),
        }
    }

    pub(super) async fn set_visibility(&self, to: Visibility) -> Told {
        self.change(Command::SetVisibility { to }).await
    }

    /// What would everybody see? Whoever may not show it is told so before they read on.
    pub(super) async fn ask_unrestrict(&self) -> Told {
        let view = self.view().await?;
        let hidden = view.incident.visibility == Visibility::Restricted;
        if !hidden || may_show(&view.incident, self.who.id, self.who.rank).is_err() {
            return self.set_visibility(Visibility::Normal).await;
        }
        let lines = self.entries().await?.len();
        Ok(Reply::Update(cards::ask_unrestrict(&view.incident, lines)))
    }

    /// Lets the chosen person in, or asks whom.
    pub(super) async fn let_in(&self, chosen: Option<PersonId>) -> Told {
        match chosen {
            Some(person) => self.change(Command::Admit { person }).await,
            None => {
                let view = self.view().await?;
                match view.incident.visibility {
                    Visibility::Restricted => Ok(Reply::Update(cards::ask_admit(&view.incident))),
                    // The core says why not.
                    Visibility::Normal => {
                        let person = self.who.id;
                        self.change(Command::Admit { person }).await
                    }
                }
            }
        }
    }
}
