//! `/inc`: the life of an incident, typed.

use bridgewatch_core::card::{Act, ListOf};
use bridgewatch_core::cards::{self, HelpTopic};
use bridgewatch_core::incident::Command;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::ListFilter;

use super::call::answer;
use super::{look, suggest};
use crate::forms::FormAsks;
use crate::press::{Asker, act_on};
use crate::reply::{Reply, Told, say};
use crate::words::{self, severity_of};
use crate::{Context, Error};

/// Begin an incident, move it on, end it, look at it.
#[poise::command(
    slash_command,
    subcommand_required,
    interaction_context = "Guild",
    subcommands(
        "new",
        "take",
        "phase",
        "sev",
        "roles",
        "log",
        "update",
        "resolve",
        "list",
        "look::show",
        "look::more",
        "help"
    )
)]
pub(super) async fn inc(_context: Context<'_>) -> Result<(), Error> {
    // Discord never sends the bare command of a group.
    Ok(())
}

/// Begin an incident: a few words are enough. You have it, and its channel opens.
#[poise::command(
    slash_command,
    category = "everybody; those who may act have it at once"
)]
async fn new(
    context: Context<'_>,
    #[description = "What is wrong, in a few words"]
    #[max_length = 200]
    title: String,
    #[description = "How bad: sev1 to sev4; sev2 if you do not say"]
    #[autocomplete = "suggest::severities"]
    severity: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let severity = severity.as_deref().map(severity_of).transpose()?;
        call.caller().declare(&title, severity).await
    })
    .await
}

/// "I have it": you become On-Call Engineer and hold command unless somebody does.
#[poise::command(slash_command, category = "responders")]
async fn take(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Take).await
    })
    .await
}

/// Say what you are doing now: diagnosis, mitigation, fix or validation. Going back is normal.
#[poise::command(slash_command, category = "responders")]
async fn phase(
    context: Context<'_>,
    #[description = "diagnosis, mitigation, fix or validation"]
    #[autocomplete = "suggest::phases"]
    to: String,
    #[description = "A word about it, for example what did not hold"]
    #[max_length = 300]
    note: Option<String>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let to: Phase = to.parse().map_err(|problem| say(format!("{problem}.")))?;
        let asker = call.about(incident.as_deref()).await?;
        let view = asker.view().await?;
        // On the way to the fix one thing only people know: are users still hurt?
        if to == Phase::Fix && view.incident.phase != Phase::Fix && view.incident.impact_is_open() {
            return ask_impact_over(&asker, note).await;
        }
        asker
            .change(Command::Move {
                to,
                impact: None,
                note,
            })
            .await
    })
    .await
}

/// Asks whether users are still hurt. The buttons of the question carry no words, so what was said is kept at once.
async fn ask_impact_over(asker: &Asker<'_>, note: Option<String>) -> Told {
    let asked = act_on(asker, Act::AskImpactOver, &[]).await?;
    let Some(note) = note.filter(|note| !note.trim().is_empty()) else {
        return Ok(asked);
    };
    let kept = words::log(asker, None, &note, "").await?;
    Ok(match (kept, asked) {
        (Reply::Private(kept), Reply::Update(mut question)) => {
            question.content = format!("{}\n{}", kept.content, question.content);
            question.rows.extend(kept.rows);
            Reply::Update(question)
        }
        (_, asked) => asked,
    })
}

/// Say how bad it is. Anybody may raise it; lowering needs command and a reason.
#[poise::command(
    slash_command,
    category = "responders; lowering: whoever holds command"
)]
async fn sev(
    context: Context<'_>,
    #[description = "sev1, sev2, sev3 or sev4; in doubt the higher one"]
    #[autocomplete = "suggest::severities"]
    level: String,
    #[description = "Why; asked for when you lower it"]
    #[max_length = 200]
    reason: Option<String>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let to = severity_of(&level)?;
        let asker = call.about(incident.as_deref()).await?;
        asker.change(Command::SetSeverity { to, reason }).await
    })
    .await
}

/// Who does what, and the buttons to take a role, ask somebody or hand over.
#[poise::command(slash_command, category = "everybody")]
async fn roles(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Roles).await
    })
    .await
}

/// Write a line into the timeline. Without a text a form opens.
#[poise::command(slash_command, category = "responders")]
async fn log(
    context: Context<'_>,
    #[description = "What happened; may start with a time or a prefix: `@02:47 obs: …`"]
    #[max_length = 1000]
    text: Option<String>,
    #[description = "obs, act, dec, hyp, imp, todo, ask or note"]
    #[autocomplete = "suggest::kinds"]
    kind: Option<String>,
    #[description = "When it happened: 02:47, -15m, yesterday 23:50; now if you do not say"]
    at: Option<String>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, text.is_none(), |call| async move {
        let asker = call.about(incident.as_deref()).await?;
        asker.may(&Act::Log).await?;
        let Some(text) = text else {
            return words::open(&asker, FormAsks::Log).await;
        };
        let kind = words::kind_of(
            kind.as_deref().unwrap_or_default(),
            call.data.desk.prefixes(),
        )?;
        words::log(&asker, kind, &text, at.as_deref().unwrap_or_default()).await
    })
    .await
}

/// The draft for the stakeholders, ready to send with one tap.
#[poise::command(
    slash_command,
    category = "responders; sending: whoever holds command, or the Bridge Engineer"
)]
async fn update(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Update).await
    })
    .await
}

/// It is over. What speaks against it is shown first, and never blocks.
#[poise::command(
    slash_command,
    category = "whoever holds command; others ask them by it"
)]
async fn resolve(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Resolve).await
    })
    .await
}

/// Which incidents there are.
#[poise::command(slash_command, category = "everybody")]
async fn list(
    context: Context<'_>,
    #[description = "Also those that are over"] all: Option<bool>,
    #[description = "Only those you take part in"] mine: Option<bool>,
    #[description = "Only those of this severity: sev1 to sev4"]
    #[autocomplete = "suggest::severities"]
    severity: Option<String>,
    #[description = "Only those that concern this service"]
    #[max_length = 100]
    service: Option<String>,
    #[description = "Only those whose title contains this"]
    #[max_length = 100]
    text: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let filter = ListFilter {
            only_live: !all.unwrap_or(false),
            mine: mine.unwrap_or(false),
            severity: severity.as_deref().map(severity_of).transpose()?,
            service,
            text,
            ..call.caller().filter(ListOf::Live)
        };
        call.caller().list(&filter).await
    })
    .await
}

/// What to do now, here; or more about one topic.
#[poise::command(slash_command, category = "everybody")]
async fn help(
    context: Context<'_>,
    #[description = "More about the timeline, roles or updates"] topic: Option<Topic>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        if let Some(topic) = topic {
            return Ok(Reply::Private(cards::help_topic(topic.of_core())));
        }
        match call.about(None).await {
            Ok(asker) => act_on(&asker, Act::Help, &[]).await,
            // Outside of incidents there is help too.
            Err(_) => Ok(Reply::Private(cards::help(None))),
        }
    })
    .await
}

/// What help can be asked about.
#[derive(Clone, Copy, Debug, poise::ChoiceParameter)]
enum Topic {
    #[name = "timeline"]
    Timeline,
    #[name = "roles"]
    Roles,
    #[name = "updates"]
    Updates,
}

impl Topic {
    fn of_core(self) -> HelpTopic {
        match self {
            Self::Timeline => HelpTopic::Timeline,
            Self::Roles => HelpTopic::Roles,
            Self::Updates => HelpTopic::Updates,
        }
    }
}
