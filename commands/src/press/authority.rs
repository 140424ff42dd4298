//! A refusal is not the end: whoever may is asked with one tap.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Incident, Rank, Refusal};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::Heard;

use super::{Asker, unheard};
use crate::guard::{self, may_see};
use crate::permissions::{Needs, needs_of_act};
use crate::reply::{Reply, Told, say, sentence, with_buttons};

impl Asker<'_> {
    /// Asks whoever may, in the incident's channel.
    pub(super) async fn please_do(&self, act: Box<Act>) -> Told {
        if !cards::can_be_asked_for(&act) {
            return Err(say("Nobody has to be asked for that: press it yourself."));
        }
        self.change(Command::AskToDo { act }).await
    }

    /// Whether this person may ask this from here.
    ///
    /// # Errors
    /// Why not, and whoever may only read can ask whoever commands to do it.
    pub(crate) async fn may(&self, act: &Act) -> Result<(), Reply> {
        let Some(refusal) = guard::refuses(self.who, act) else {
            return Ok(());
        };
        let reads_only = self.who.rank == Rank::Viewer && needs_of_act(act) > Needs::Viewer;
        if !reads_only || !guard::works_here(self.who, act) {
            return Err(refusal);
        }
        Err(match self.data.desk.incident(self.incident).await {
            Ok(Some(incident)) if may_see(&incident, self.who) => kept_out(&incident, act),
            // Of an incident that they may not see they learn neither who commands it nor that there is one.
            Ok(_) => refusal,
            Err(broken) => self.broken("the incident could not be read", &broken),
        })
    }

    /// Why the timeline did not take a change, and who can make it: once it is closed, the owner of the postmortem.
    pub(super) async fn not_changed(&self, heard: Heard, wanted: Act) -> Reply {
        let Heard::Refused(why) = heard else {
            return unheard(heard);
        };
        let incident = match self.data.desk.incident(self.incident).await {
            Ok(Some(incident)) if incident.phase == Phase::Closed => incident,
            _ => return say(why),
        };
        let way = match incident.postmortem.owner {
            Some(owner) if owner == self.who.id => match wanted {
                Act::EditEntry(number) => self.button("Edit…", Act::EditEntry(number)),
                _ => return say(why),
            },
            Some(_) => cards::ask_them(&incident, wanted),
            None => self.button("Log", Act::Log),
        };
        Reply::Private(with_buttons(sentence(why), [way]))
    }
}

/// What somebody is told who may only read, with the button that asks whoever commands.
fn kept_out(incident: &Incident, act: &Act) -> Reply {
    let refusal = Refusal::ViewerOnly {
        holder: incident.command.filter(|_| incident.is_active()),
    };
    Reply::Private(with_buttons(
        sentence(refusal.to_string()),
        [cards::ask_them(incident, act.clone())],
    ))
}
