//! What must be true at the end of every night, whatever it was about.

use bridgewatch_commands::buttons::decode;
use bridgewatch_commands::works_in_direct_messages;
use bridgewatch_core::audit::verify;
use bridgewatch_core::incident::fold;
use discord_sim::ComponentView;

use super::World;
use super::setup::ROTA;

impl World {
    /// A warning or an error whose text contains this belongs to the story.
    pub fn expects_warning(&self, part: &str) {
        self.log.expect(part);
    }

    /// As [`World::expects_warning`], where it depends on the moment whether there is one.
    pub fn tolerates_warning(&self, part: &str) {
        self.log.tolerate(part);
    }

    /// Ends the night: nothing is left undone, nothing was asked of Discord that it does not know, the history of every
    /// incident explains its state, and nothing was logged that the test did not expect.
    pub async fn ends(self) {
        self.settle().await;
        self.ended.set(true);
        let unknown = self.discord.unknown_routes();
        if !unknown.is_empty() {
            self.fail(&format!("Discord has no such routes: {unknown:?}"));
        }
        if self.discord.pending_interactions() > 0 {
            self.fail("a press or a command was never answered");
        }
        if self.bot.borrow().is_none() {
            self.starts_the_bot().await;
        }
        self.expect_that_the_bot_goes_on().await;
        let store = self.store();
        let now = self.now();
        let depth = store.outbox_depth(now).await.expect("the store answers");
        if depth.dead > 0 {
            self.fail(&format!("{} effects are dead", depth.dead));
        }
        let list = store.list(false, 1_000).await.expect("the store answers");
        for listed in list {
            let stored = self.incident(listed.id.0).await;
            let events = store.events(listed.id).await.expect("the store answers");
            let told = fold(listed.id, &events);
            if told.as_ref() != Some(&stored) {
                self.fail(&format!(
                    "the history of {} tells another state than is stored\nhistory: {told:#?}\nstored: {stored:#?}",
                    listed.id
                ));
            }
            let trail = store.audit_trail(listed.id).await;
            let verdict = verify(&trail.expect("the store answers"));
            if !verdict.breaks.is_empty() {
                self.fail(&format!(
                    "the record of {} is not as it was written: {:?}",
                    listed.id, verdict.breaks
                ));
            }
            let positions: Vec<i64> = events.iter().map(|event| event.seq.0).collect();
            let dense: Vec<i64> = (1..).take(positions.len()).collect();
            if positions != dense {
                self.fail(&format!(
                    "the history of {} has gaps: {positions:?}",
                    listed.id
                ));
            }
        }
        self.expect_that_direct_messages_offer_what_works_there();
        self.stops_the_bot().await;
        let unexpected = self.log.unexpected();
        if !unexpected.is_empty() {
            self.fail(&format!(
                "the bot warned of what the test did not expect:\n{}",
                unexpected.join("\n")
            ));
        }
        let unmet = self.log.unmet();
        if !unmet.is_empty() {
            self.fail(&format!("the bot did not warn of {unmet:?}"));
        }
        self.discord.clone().stop().await;
    }

    /// Nobody is offered something in a direct message that they are then told to do elsewhere.
    fn expect_that_direct_messages_offer_what_works_there(&self) {
        let channels = ROTA.into_iter().filter_map(|(_, login)| {
            let person = self.discord.person(login)?;
            person.dm_channel()
        });
        let messages = channels.flat_map(|channel| self.discord.messages(channel));
        for component in messages.flat_map(|message| message.components).flatten() {
            let id = match &component {
                ComponentView::Button(button) => button.custom_id.as_deref(),
                ComponentView::Select(select) => Some(select.custom_id.as_str()),
            };
            let Some(press) = id.and_then(|id| decode(id).ok()) else {
                continue;
            };
            if !works_in_direct_messages(&press.act) {
                self.fail(&format!(
                    "a direct message offers what does not work there: {:?}",
                    press.act
                ));
            }
        }
    }
}
