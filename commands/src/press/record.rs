//! Taking a secret out: one press hides it everywhere, and whoever may redacts it for good with the same press.

use bridgewatch_core::cards;
use bridgewatch_core::ids::EntryNumber;
use bridgewatch_core::incident::{Actor, Command, RedactedLine};
use bridgewatch_core::ports::{LineOf, RedactAsk, RedactTask, Redacted};

use super::Asker;
use crate::reply::{Reply, Told, apology, say, sentence};

/// Which line has to go? The answer to the menu is the redaction itself.
pub(super) async fn ask(asker: &Asker<'_>, values: &[String]) -> Told {
    match values.first().and_then(|value| value.parse().ok()) {
        Some(number) => redact(asker, LineOf::Number(EntryNumber(number)), None).await,
        None => {
            let view = asker.view().await?;
            let entries = asker.entries().await?;
            Ok(Reply::Update(cards::ask_redact(&view.incident, &entries)))
        }
    }
}

/// Takes a line out, or a part of it.
pub(crate) async fn redact(asker: &Asker<'_>, line: LineOf, selection: Option<String>) -> Told {
    take_out(asker, line, selection, false).await
}

/// Takes a hidden line out for good.
pub(super) async fn redact_for_good(asker: &Asker<'_>, number: EntryNumber) -> Told {
    take_out(asker, LineOf::Number(number), None, true).await
}

async fn take_out(
    asker: &Asker<'_>,
    line: LineOf,
    selection: Option<String>,
    for_good: bool,
) -> Told {
    let task = RedactTask::Redact {
        selection,
        for_good,
    };
    let (incident, number) = asked(asker, line, task).await?;
    Ok(Reply::Update(cards::redacted_line(&incident, number)))
}

pub(super) async fn show_again(asker: &Asker<'_>, number: EntryNumber) -> Told {
    asked(asker, LineOf::Number(number), RedactTask::ShowAgain).await?;
    Ok(Reply::Update(sentence(format!("{number} is shown again."))))
}

/// What was asked, as far as somebody else can be asked to do it instead.
fn wanted(line: &LineOf, task: &RedactTask) -> Option<Command> {
    let LineOf::Number(number) = *line else {
        return None;
    };
    Some(match task {
        RedactTask::ShowAgain => Command::ShowEntryAgain { number },
        RedactTask::Redact { for_good, .. } => Command::RedactEntry(RedactedLine {
            number,
            author: None,
            message: None,
            is_gone: false,
            for_good: *for_good,
        }),
    })
}

async fn asked(
    asker: &Asker<'_>,
    line: LineOf,
    task: RedactTask,
) -> Result<(Box<bridgewatch_core::incident::Incident>, EntryNumber), Reply> {
    let wanted = wanted(&line, &task);
    let ask = RedactAsk {
        actor: Actor::Person {
            id: asker.who.id,
            rank: asker.who.rank,
        },
        delivery: Some(asker.delivery.clone()),
        line,
        task,
    };
    match asker.data.desk.redact(asker.incident, ask).await {
        Redacted::Done { incident, number } => Ok((incident, number)),
        Redacted::Refused(why) => Err(say(why)),
        Redacted::Denied(refusal) => match wanted {
            Some(command) => Err(asker.refused(refusal, &command).await),
            None => Err(say(refusal.to_string())),
        },
        Redacted::Broken { error_id } => Err(apology(&error_id)),
    }
}
