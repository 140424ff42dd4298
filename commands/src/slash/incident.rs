//! `/inc`: the life of an incident, typed.

use bridgewatch_core::card::{Act, Card, Tone};
use bridgewatch_core::cards::{self, HelpTopic};
use bridgewatch_core::incident::{Actor, Command};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{Answer, DeclareAsk, ListFilter, Listed};
use bridgewatch_core::severity::Severity;

use super::call::{Call, answer};
use super::{look, suggest};
use crate::card::cut;
use crate::forms::FormAsks;
use crate::press::{Asker, act_on};
use crate::reply::{Reply, Told, apology, no_incident, say, sentence};
use crate::words;
use crate::{Context, Error};

/// The most lines of a list.
const MAX_LISTED: usize = 20;

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
        declare(&call, title, severity).await
    })
    .await
}

async fn declare(call: &Call<'_>, title: String, severity: Option<Severity>) -> Told {
    let asks_how_bad = severity.is_none();
    let ask = DeclareAsk {
        actor: Actor::Person {
            id: call.who.id,
            rank: call.who.rank,
        },
        delivery: Some(call.delivery.clone()),
        title,
        severity,
    };
    match call.data.desk.declare(ask).await {
        Answer::Done { incident, .. } => {
            let place = incident.surface.channel.map_or_else(
                || "Its channel opens within seconds.".to_owned(),
                |channel| format!("<#{}>", channel.0),
            );
            // Somebody who may only read has told of it and carries nothing.
            let carries = incident.command == Some(call.who.id);
            let yours = if carries {
                "You have it and hold command 👑. "
            } else {
                ""
            };
            let mut card = sentence(format!(
                "{} **{}** {}: {}. {yours}{place}",
                incident.severity.mark(),
                incident.id,
                incident.severity,
                incident.title
            ));
            if asks_how_bad && carries {
                let question = cards::ten_seconds(&incident);
                card = Card {
                    content: card.content,
                    ..question
                };
            }
            Ok(Reply::Private(card))
        }
        Answer::Refused(refusal) => Err(say(refusal.to_string())),
        Answer::Unknown => Err(no_incident()),
        Answer::Broken { error_id } => Err(apology(&error_id)),
    }
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
        if let Some(refusal) = crate::guard::refuses(&call.who, &Act::Log) {
            return Err(refusal);
        }
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
        let only_live = !all.unwrap_or(false);
        let filter = ListFilter {
            only_live,
            reader: call.who.id,
            channel: call.who.channel,
            mine: mine.unwrap_or(false),
            severity: severity.as_deref().map(severity_of).transpose()?,
            service,
            text,
        };
        let is_narrow = filter.mine
            || filter.severity.is_some()
            || filter.service.is_some()
            || filter.text.is_some();
        let listed = match call.data.desk.find(&filter).await {
            Ok(listed) => listed,
            Err(broken) => {
                let asker = call.asker(bridgewatch_core::ids::IncidentId(0));
                return Err(asker.broken("the incidents could not be listed", &broken));
            }
        };
        if listed.is_empty() && is_narrow {
            return Ok(say(
                "No incident fits. `/inc list` alone shows what is live.",
            ));
        }
        let windows = crate::press::windows(call.data, &call.delivery).await?;
        let held = cards::held_lines(&windows, call.data.desk.now());
        Ok(Reply::Private(list_card(&listed, only_live, &held)))
    })
    .await
}

fn list_card(listed: &[Listed], only_live: bool, held: &[String]) -> Card {
    if listed.is_empty() {
        let nothing = if only_live {
            "No incident is live. `/inc new` begins one; `/inc list all:True` shows those that are over."
        } else {
            "There has been no incident yet."
        };
        let lines: Vec<&str> = std::iter::once(nothing)
            .chain(held.iter().map(String::as_str))
            .collect();
        return sentence(lines.join("\n"));
    }
    let mut lines: Vec<String> = listed
        .iter()
        .take(MAX_LISTED)
        .map(|one| {
            let place = one
                .channel
                .map(|channel| format!(" <#{}>", channel.0))
                .unwrap_or_default();
            format!(
                "{} **{}** {} {} · {} · since <t:{}:f>{place}",
                one.phase.mark(),
                one.id,
                one.severity,
                cut(&one.title, 100),
                one.phase,
                one.declared_at.timestamp()
            )
        })
        .collect();
    if listed.len() > MAX_LISTED {
        lines.push(format!("… and {} older ones", listed.len() - MAX_LISTED));
    }
    lines.extend_from_slice(held);
    Card {
        title: if only_live {
            "Live incidents"
        } else {
            "Incidents, newest first"
        }
        .to_owned(),
        body: lines.join("\n"),
        tone: Tone::Plain,
        ..Card::default()
    }
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

fn severity_of(text: &str) -> Result<Severity, String> {
    // A suggestion reads `sev1 – Most users …`; its first word is enough.
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .parse()
        .map_err(|problem| format!("{problem}."))
}
