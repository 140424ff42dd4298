//! Incidents that belong together.

use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{Command, Tie};

use super::Asker;
use crate::guard;
use crate::reply::{Reply, Told, no_incident, say};

/// `part of INC-0141`, `has part 143`, `related INC-0098`, `unlink 98`: what to do, and the incident as it was typed.
pub(crate) fn typed_link(what: &str) -> Option<(Option<Tie>, &str)> {
    const WORDS: [(&str, Option<Tie>); 5] = [
        ("part of ", Some(Tie::PartOf)),
        ("has part ", Some(Tie::HasPart)),
        ("related to ", Some(Tie::Related)),
        ("related ", Some(Tie::Related)),
        ("unlink ", None),
    ];
    let what = what.trim();
    WORDS.into_iter().find_map(|(words, tie)| {
        let head = what.get(..words.len())?;
        let rest = what.get(words.len()..)?.trim();
        (head.eq_ignore_ascii_case(words) && !rest.is_empty()).then_some((tie, rest))
    })
}

impl Asker<'_> {
    /// How does it belong to another?
    pub(super) async fn ask_link(&self) -> Told {
        let view = self.view().await?;
        Ok(Reply::Update(cards::ask_link(&view.incident)))
    }

    /// Ties it to the incident that somebody named.
    pub(crate) async fn link_to(&self, tie: Tie, typed: &str) -> Told {
        let other = self.seen(typed).await?;
        // The desk looks the other up and fills in the command itself.
        let ask = self.ask_of(Command::Tick, "");
        let answer = self.data.desk.link(self.incident, other, tie, ask).await;
        self.told(answer, &Command::Tick).await
    }

    /// Unties it from the incident that was named or chosen.
    pub(crate) async fn unlink_from(&self, typed: &str) -> Told {
        let other = number(typed)?;
        self.change(Command::Unlink { other }).await
    }

    /// The incident of this number. What they may not see does not exist for them.
    async fn seen(&self, typed: &str) -> Result<IncidentId, Reply> {
        let number = number(typed)?;
        match self.data.desk.incident(number).await {
            Ok(Some(other)) if guard::may_see(&other, self.who) => Ok(number),
            Ok(_) => Err(no_incident()),
            Err(broken) => Err(self.broken("the other incident could not be read", &broken)),
        }
    }
}

fn number(typed: &str) -> Result<IncidentId, Reply> {
    // A suggestion reads `INC-0042 · SEV1 · title`; its first word is enough.
    let first = typed.split_whitespace().next().unwrap_or_default();
    first.parse().map_err(|problem| say(format!("{problem}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_typed_as_it_is_said() {
        let of = |tie, rest| Some((tie, rest));
        assert_eq!(
            typed_link("part of INC-0141"),
            of(Some(Tie::PartOf), "INC-0141")
        );
        assert_eq!(typed_link(" Has part 143"), of(Some(Tie::HasPart), "143"));
        assert_eq!(
            typed_link("related to inc-98"),
            of(Some(Tie::Related), "inc-98")
        );
        assert_eq!(typed_link("related 98"), of(Some(Tie::Related), "98"));
        assert_eq!(typed_link("unlink INC-0098"), of(None, "INC-0098"));
        for other in ["link", "unlink", "part of", "related", "pårt of 1", ""] {
            assert_eq!(typed_link(other), None, "{other}");
        }
    }
}
