//! `/inc show` and `/inc more`: everything there is to read, and everything there is to do, by name.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::ports::LineOf;
use bridgewatch_core::timeline::Reading;

use super::call::answer;
use super::suggest;
use crate::press::{act_on, opens_form_for, typed_link};
use crate::reply::say;
use crate::{Context, Error};

/// What of an incident to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, poise::ChoiceParameter)]
pub(super) enum View {
    #[name = "board"]
    Board,
    #[name = "text: the board for screen readers"]
    Text,
    #[name = "catch-up"]
    CatchUp,
    #[name = "timeline"]
    Timeline,
    #[name = "everything"]
    Everything,
    #[name = "decisions"]
    Decisions,
    #[name = "actions"]
    Actions,
    #[name = "by person"]
    ByPerson,
    #[name = "gaps"]
    Gaps,
    #[name = "times"]
    Times,
    #[name = "alerts"]
    Alerts,
    #[name = "changes"]
    Changes,
    #[name = "tasks"]
    Tasks,
    #[name = "why"]
    Why,
}

impl View {
    fn act(self) -> Act {
        match self {
            Self::Board => Act::ShowBoard,
            Self::Text => Act::TextBoard,
            Self::CatchUp => Act::CatchUp,
            Self::Timeline => Act::Timeline,
            Self::Everything => Act::Read(Reading::All, 0),
            Self::Decisions => Act::Read(Reading::Decisions, 0),
            Self::Actions => Act::Read(Reading::Actions, 0),
            Self::ByPerson => Act::Read(Reading::People, 0),
            Self::Gaps => Act::Read(Reading::Gaps, 0),
            Self::Times => Act::Milestones,
            Self::Alerts => Act::Alerts,
            Self::Changes => Act::Changes,
            Self::Tasks => Act::Tasks,
            Self::Why => Act::Why,
        }
    }
}

/// The board of an incident, its timeline and other views of it, for you alone.
#[poise::command(slash_command, category = "everybody")]
pub(super) async fn show(
    context: Context<'_>,
    #[description = "What of it; the board if you do not say"] view: Option<View>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let view = view.unwrap_or(View::Board);
        call.press(incident.as_deref(), view.act()).await
    })
    .await
}

/// `redact T-14`, with the words that go if it is only a part of the line.
fn redact_of(what: &str) -> Option<(EntryNumber, Option<String>)> {
    let rest = what.trim().strip_prefix("redact ")?.trim_start();
    let (line, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let digits = line.trim_start_matches(['T', 't']).trim_start_matches('-');
    let number = digits.parse().ok().filter(|number| *number > 0)?;
    let words = words.trim();
    Some((
        EntryNumber(number),
        (!words.is_empty()).then(|| words.to_owned()),
    ))
}

/// Everything else, by name; without a name the card with all of it. Also without an incident.
#[poise::command(
    slash_command,
    category = "everybody; each act asks for what its button asks for"
)]
pub(super) async fn more(
    context: Context<'_>,
    #[description = "What: impact, hand over, runbooks, resolve …"]
    #[autocomplete = "suggest::offers"]
    what: Option<String>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    let may_open_form = what.as_deref().is_some_and(opens_form_for);
    answer(context, may_open_form, |call| async move {
        let what = what.filter(|what| !what.trim().is_empty());
        if incident.is_none() && call.of_channel().await?.is_none() {
            return call.caller().answer_by_name(what.as_deref()).await;
        }
        let mut asker = call.about(incident.as_deref()).await?;
        let Some(what) = what else {
            return act_on(&asker, Act::More, &[]).await;
        };
        if let Some((number, words)) = redact_of(&what) {
            asker.may(&Act::Redact(number)).await?;
            return crate::press::redact(&asker, LineOf::Number(number), words).await;
        }
        if let Some(number) = entry_of(&what) {
            return act_on(&asker, Act::Entry(number), &[]).await;
        }
        if let Some((tie, other)) = typed_link(&what) {
            asker.may(&Act::Unlink).await?;
            asker.may_see().await?;
            return match tie {
                Some(tie) => asker.link_to(tie, other).await,
                None => asker.unlink_from(other).await,
            };
        }
        let Some(offer) = cards::offer(&what) else {
            if let Some(offer) = cards::desk_offer(&what) {
                return call.caller().answer(&offer.act, &[]).await;
            }
            return Err(say(format!(
                "I know nothing called `{}`. `/inc more` alone shows everything.",
                crate::card::cut(&what.replace('`', "'"), 60)
            )));
        };
        let incident = asker.view().await?.incident;
        let Some(press) = offer.press(&incident) else {
            return Err(say(format!(
                "*{}* cannot be done now: {} is in *{}*.",
                offer.label, incident.id, incident.phase
            )));
        };
        asker.phase = press.phase;
        act_on(&asker, press.act, &[]).await
    })
    .await
}

/// An entry by its number: `entry:T-14`, `T-14`, `entry 14`.
fn entry_of(what: &str) -> Option<EntryNumber> {
    let what = what.trim().to_lowercase();
    let named = what
        .strip_prefix("entry")
        .map(|rest| rest.trim_start_matches([':', ' ']));
    let number = match (named, what.strip_prefix("t-")) {
        (Some(rest), _) => rest.strip_prefix("t-").unwrap_or(rest),
        (None, Some(rest)) => rest,
        (None, None) => return None,
    };
    number
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .map(EntryNumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_redact_is_typed_as_it_is_read() {
        let number = EntryNumber(14);
        assert_eq!(redact_of("redact T-14"), Some((number, None)));
        assert_eq!(redact_of(" redact 14 "), Some((number, None)));
        assert_eq!(
            redact_of("redact t-14 hunter 2"),
            Some((number, Some("hunter 2".to_owned())))
        );
        assert_eq!(redact_of("redact"), None);
        assert_eq!(redact_of("redact it"), None);
    }
}
