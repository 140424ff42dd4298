//! Two taps call somebody: *Roles*, then *Page Bridge*.

use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, WhomToPage, whom_to_page};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::role::Role;

use super::Asker;
use crate::reply::{Reply, Told};

impl Asker<'_> {
    /// Calls whoever was chosen, or whoever the rota names; where it names nobody, somebody can be chosen.
    pub(super) async fn page_role(&self, role: Role, chosen: Option<PersonId>) -> Told {
        let to = match chosen {
            Some(person) => person,
            None => {
                let incident = self.view().await?.incident;
                let candidates = self.data.desk.candidates(role);
                let is_wanted = incident.is_active() && incident.holder(role).is_none();
                match whom_to_page(
                    &incident,
                    role,
                    &candidates,
                    self.who.id,
                    &self.data.desk.policy(),
                ) {
                    WhomToPage::Person(person) => person,
                    found if is_wanted => {
                        let card = cards::ask_whom_to_page(&incident, role, found);
                        return Ok(Reply::Update(card));
                    }
                    // Whoever is asked for, it is refused, with the reason.
                    _ => self.who.id,
                }
            }
        };
        self.change(Command::Page { role, to }).await
    }
}
