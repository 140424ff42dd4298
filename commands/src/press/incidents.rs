//! Which incidents there are, for whoever may see them, and the way to the board of one.

use bridgewatch_core::card::ListOf;
use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::ListFilter;

use super::Caller;
use crate::reply::{Reply, Told, no_incident, say};

impl Caller<'_> {
    /// One of the lists.
    pub(super) async fn incidents(&self, list: ListOf) -> Told {
        let filter = self.filter(list);
        self.list(&filter).await.map(shown_in_place)
    }

    /// The filter of a list, for this reader here.
    pub(crate) fn filter(&self, list: ListOf) -> ListFilter {
        ListFilter {
            only_live: list != ListOf::All,
            reader: self.who.id,
            channel: self.who.channel,
            mine: list == ListOf::Mine,
            severity: None,
            service: None,
            text: None,
        }
    }

    /// The incidents that fit and that the reader may see.
    pub(crate) async fn list(&self, filter: &ListFilter) -> Told {
        let is_narrow = filter.mine
            || filter.severity.is_some()
            || filter.service.is_some()
            || filter.text.is_some();
        let found = self.data.desk.find(filter).await;
        let listed =
            found.map_err(|broken| self.broken("the incidents could not be listed", &broken))?;
        if listed.is_empty() && is_narrow {
            return Ok(say(
                "No incident fits. *Open incidents* or `/inc list` alone shows what is live.",
            ));
        }
        let windows = self.windows().await?;
        let held = cards::held_lines(&windows, self.data.desk.now());
        Ok(Reply::Private(cards::incident_list(
            &listed,
            filter.only_live,
            &held,
        )))
    }

    /// The board of the chosen incident, with its buttons.
    pub(super) async fn open_board(&self, values: &[String]) -> Told {
        let chosen: Option<IncidentId> = values.first().and_then(|value| value.parse().ok());
        let incident = chosen.ok_or_else(no_incident)?;
        let asker = self.about(incident);
        asker.may_see().await?;
        asker.show_board().await
    }
}

/// A list that was asked for on a card of one's own takes its place.
fn shown_in_place(reply: Reply) -> Reply {
    match reply {
        Reply::Private(card) if !card.rows.is_empty() => Reply::Update(card),
        reply => reply,
    }
}
