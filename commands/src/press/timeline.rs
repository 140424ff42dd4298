//! The timeline's buttons: reading it, looking at one entry, changing it, catching up.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::ids::{EntryNumber, MessageId};
use bridgewatch_core::ports::Heard;
use bridgewatch_core::timeline::{
    Audience, EntryChange, Importance, Kind, Looked, Reading, Signal,
};

use super::{Asker, unheard};
use crate::guard::Place;
use crate::reply::{Reply, Told, say, sentence};

impl Asker<'_> {
    /// The key moments, beside whatever led here.
    pub(super) async fn timeline(&self) -> Told {
        let view = self.view().await?;
        let now = self.data.desk.now();
        let entries = self.entries().await?;
        let policy = self.data.desk.policy();
        let card = cards::timeline_view(&view.incident, &entries, Reading::Key, 0, now, &policy);
        Ok(Reply::Private(card))
    }

    /// A page of a view.
    pub(super) async fn read(&self, reading: Reading, page: u16) -> Told {
        let view = self.view().await?;
        let now = self.data.desk.now();
        let entries = self.entries().await?;
        let policy = self.data.desk.policy();
        let card = cards::timeline_view(&view.incident, &entries, reading, page, now, &policy);
        Ok(self.as_answer(card))
    }

    /// One entry.
    pub(crate) async fn entry(&self, number: EntryNumber) -> Told {
        let view = self.view().await?;
        let entries = self.entries().await?;
        let entry = entries.iter().find(|entry| entry.number == Some(number));
        match entry {
            Some(entry) => {
                let policy = self.data.desk.policy();
                Ok(Reply::Private(cards::entry_card(
                    &view.incident,
                    entry,
                    &policy,
                )))
            }
            None => Err(no_entry(number)),
        }
    }

    /// How things stand, and what is new to the reader.
    pub(super) async fn catch_up(&self) -> Told {
        let view = self.view().await?;
        let entries = self.entries().await?;
        let now = self.data.desk.now();
        let reader = self.who.id;
        let looked = match self
            .data
            .desk
            .look(self.incident, reader, Looked::now(&entries, now))
            .await
        {
            Ok(looked) => looked,
            Err(broken) => {
                return Err(self.broken("how far they had read could not be remembered", &broken));
            }
        };
        Ok(Reply::Private(cards::catch_up(
            &view.incident,
            &entries,
            reader,
            looked,
            now,
            &self.data.desk.policy(),
        )))
    }

    /// How important an entry is, as a person sees it.
    pub(super) async fn set_importance(&self, number: EntryNumber, importance: Importance) -> Told {
        let change = EntryChange {
            importance: Some(importance),
            ..EntryChange::default()
        };
        self.change_entry(number, change, None).await
    }

    /// Who reads an entry.
    pub(super) async fn set_audience(&self, number: EntryNumber, audience: Audience) -> Told {
        let change = EntryChange {
            audience: Some(audience),
            ..EntryChange::default()
        };
        self.change_entry(number, change, None).await
    }

    /// The doubted time was meant.
    pub(super) async fn set_time(&self, number: EntryNumber, seconds: i64) -> Told {
        let Some(instant) = chrono::DateTime::from_timestamp(seconds, 0) else {
            return Err(say("That is no time."));
        };
        let change = EntryChange {
            instant: Some(instant),
            ..EntryChange::default()
        };
        self.change_entry(number, change, None).await
    }

    /// Changes an entry and shows it as it is then.
    pub(crate) async fn change_entry(
        &self,
        number: EntryNumber,
        change: EntryChange,
        why: Option<String>,
    ) -> Told {
        let signal = Signal::Changed {
            number,
            by: self.who.id,
            change,
            why,
        };
        match self.hear(signal).await {
            Heard::Stored(_) => self.entry(number).await,
            Heard::Nothing => {
                self.entry(number).await?;
                Err(say(format!("{number} says so already.")))
            }
            other => Err(self.not_changed(other, Act::EditEntry(number)).await),
        }
    }

    /// A message that looked like a fact is one, of this kind.
    pub(super) async fn keep_message(&self, message: MessageId, kind: Kind) -> Told {
        let heard = self
            .data
            .desk
            .pick_facts(
                self.incident,
                vec![message],
                kind,
                self.who.id,
                Some(self.delivery.clone()),
            )
            .await;
        match heard {
            Heard::Stored(_) | Heard::Doubted { .. } | Heard::Nothing => {
                Ok(say(format!("It goes into the timeline: {kind}.")))
            }
            other => Err(unheard(other)),
        }
    }

    /// Imports the notes that were looked at.
    pub(super) async fn save_import(&self, key: &str) -> Told {
        let delivery = Some(self.delivery.clone());
        let desk = &self.data.desk;
        match desk.import(self.incident, key, self.who.id, delivery).await {
            Ok(Some(0)) => Ok(say("Everything of it is in the timeline already.")),
            Ok(Some(count)) => {
                let lines = if count == 1 { "line is" } else { "lines are" };
                Ok(Reply::Update(sentence(format!(
                    "{count} {lines} in the timeline now, marked as imported."
                ))))
            }
            Ok(None) => Err(say(
                "These notes were imported already, or are no longer kept. Paste them again.",
            )),
            Err(broken) => Err(self.broken("the notes could not be imported", &broken)),
        }
    }

    /// A card that follows from one that only they see takes its place; on a shared one it is shown beside it.
    pub(super) fn as_answer(&self, card: bridgewatch_core::card::Card) -> Reply {
        match self.who.place {
            Place::Private => Reply::Update(card),
            Place::Channel | Place::Direct => Reply::Private(card),
        }
    }
}

/// The answer where an incident has no such entry.
pub(crate) fn no_entry(number: EntryNumber) -> Reply {
    say(format!(
        "There is no {number} here. *Timeline* shows those there are."
    ))
}
