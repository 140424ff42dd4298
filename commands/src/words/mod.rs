//! What people write: forms are opened with what is known already, and understood when they come back.
//!
//! Discord keeps nothing of a form that was refused. So whatever is refused here comes back with the words that were
//! typed, ready to be copied.

mod alone;
pub(crate) mod chosen;
mod maintenance;
mod notes;
mod open;
mod read;
mod timeline;
mod times;

use std::collections::BTreeMap;

use bridgewatch_core::category::Category;
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::incident::{
    ActionKind, Command, Description, ImpactAnswer, Rank, TaskAnswer, UpdateKind,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::timeline::{Kind, MarkedBy, MessageHeard, Signal, said_alone};

use crate::Data;
use crate::forms::{FormAsks, FormId};
use crate::guard::{Who, viewer_only};
use crate::permissions::{Needs, needs_of_form};
use crate::press::{Asker, Caller};
use crate::reply::{Reply, Told, say};

pub(crate) use alone::open_alone;
pub(crate) use notes::notes_from;
pub(crate) use open::{add_message, open};
pub(crate) use read::{kind_of, severity_of};
pub(crate) use timeline::write_down;

/// How long somebody has for a task when nothing else is said.
const DEFAULT_TASK_MINUTES: u32 = 10;

/// Answers a form. `fields` are the texts by their names; `delivery` names the interaction.
pub async fn submit(
    data: &Data,
    who: Who,
    form: FormId,
    fields: BTreeMap<String, String>,
    delivery: String,
) -> Reply {
    data.desk.meet(who.id, &who.name).await;
    let caller = Caller {
        data,
        who: &who,
        delivery,
    };
    let told = if who.rank == Rank::Viewer && needs_of_form(&form.asks) > Needs::Viewer {
        Err(viewer_only())
    } else {
        understood_by(&caller, &form, &Fields(&fields)).await
    };
    match told {
        Ok(reply) => reply,
        Err(refusal) => with_their_words(refusal, &fields),
    }
}

async fn understood_by(caller: &Caller<'_>, form: &FormId, fields: &Fields<'_>) -> Told {
    let Some(incident) = form.incident else {
        return alone::understood(caller, &form.asks, fields).await;
    };
    let asker = Asker {
        phase: form.phase,
        ..caller.about(incident)
    };
    asker.may_see().await?;
    understood(&asker, &form.asks, fields).await
}

/// The texts of a form.
pub(crate) struct Fields<'form>(&'form BTreeMap<String, String>);

impl Fields<'_> {
    /// A text without the blanks around it; empty if it was left out.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0.get(field).map_or("", |text| text.trim())
    }
}

async fn understood(asker: &Asker<'_>, asks: &FormAsks, fields: &Fields<'_>) -> Told {
    match asks {
        FormAsks::Think => {
            let text = fields.text("text").to_owned();
            asker.change(Command::StateHypothesis(text)).await
        }
        FormAsks::WhyBelief(number, state) => {
            asker
                .change(Command::JudgeHypothesis {
                    number: *number,
                    state: *state,
                    because: Some(fields.text("because").to_owned()),
                })
                .await
        }
        FormAsks::Task { to } => {
            let minutes = read::minutes(fields.text("minutes"))?.unwrap_or(DEFAULT_TASK_MINUTES);
            asker
                .change(Command::AskFor {
                    what: fields.text("what").to_owned(),
                    to: *to,
                    minutes,
                })
                .await
        }
        FormAsks::TaskResult(number) => {
            asker
                .change(Command::AnswerTask {
                    number: *number,
                    answer: TaskAnswer::Done {
                        result: Some(fields.text("result").to_owned()),
                    },
                })
                .await
        }
        FormAsks::Link(tie) => asker.link_to(*tie, fields.text("incident")).await,
        FormAsks::Describe => {
            let category: Category = fields
                .text("category")
                .parse()
                .map_err(|problem| say(format!("{problem}.")))?;
            let services = fields.text("services").split(',').map(str::trim);
            asker
                .change(Command::Describe(Description {
                    title: fields.text("title").to_owned(),
                    category,
                    services: services
                        .filter(|service| !service.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    summary: Some(fields.text("summary").to_owned()),
                }))
                .await
        }
        FormAsks::Impact => {
            let text = fields.text("text").to_owned();
            asker.change(Command::DescribeImpact(text)).await
        }
        FormAsks::Log | FormAsks::LogAt(_) => {
            let kind = kind_of(fields.text("kind"), asker.data.desk.prefixes())?;
            log(asker, kind, fields.text("text"), fields.text("at")).await
        }
        FormAsks::Decision => timeline::decided(asker, fields).await,
        FormAsks::EditEntry(number) => timeline::edited(asker, *number, fields).await,
        FormAsks::EditChoice(number) => timeline::choice_edited(asker, *number, fields).await,
        FormAsks::Import => timeline::looked_at(asker, fields).await,
        FormAsks::NewIncident
        | FormAsks::FindIncidents
        | FormAsks::FindRunbooks
        | FormAsks::Maintenance => alone::understood(&asker.caller(), asks, fields).await,
        FormAsks::Milestone(name) => times::corrected(asker, *name, fields).await,
        FormAsks::EditUpdate => {
            let next_in_minutes = read::minutes(fields.text("minutes"))?;
            asker
                .change(Command::SendUpdate {
                    kind: UpdateKind::Update,
                    text: fields.text("text").to_owned(),
                    next_in_minutes,
                })
                .await
        }
        FormAsks::Estimate => {
            let (low_minutes, high_minutes) = read::range(fields.text("range"))?;
            let confidence = read::confidence(fields.text("confidence"))?;
            asker
                .change(Command::GiveEstimate {
                    low_minutes,
                    high_minutes,
                    basis: fields.text("basis").to_owned(),
                    confidence,
                })
                .await
        }
        FormAsks::Cause => {
            asker
                .change(Command::RecordCause {
                    trigger: fields.text("trigger").to_owned(),
                    cause: fields.text("cause").to_owned(),
                    factors: fields
                        .text("factors")
                        .lines()
                        .map(|line| line.trim().trim_start_matches(['-', '*', '•']).trim())
                        .filter(|line| !line.is_empty())
                        .map(str::to_owned)
                        .collect(),
                    kept_from_worse: fields.text("kept").to_owned(),
                })
                .await
        }
        FormAsks::Action(kind) => action(asker, *kind, fields).await,
        FormAsks::WaiveLearning => {
            let because = fields.text("because").to_owned();
            asker.change(Command::WaiveLearning { because }).await
        }
        FormAsks::ImpactOverEarlier => {
            let desk = &asker.data.desk;
            let said = said_alone(fields.text("at"), asker.zone(), desk.now())
                .map_err(|problem| say(format!("{problem}.")))?;
            asker
                .change(Command::Move {
                    to: Phase::Fix,
                    impact: Some(ImpactAnswer::OverSince(said.at)),
                    note: None,
                })
                .await
        }
        FormAsks::AddMessage {
            channel,
            message,
            author,
        } => keep_message(asker, *channel, *message, *author, fields).await,
    }
}

async fn action(asker: &Asker<'_>, kind: ActionKind, fields: &Fields<'_>) -> Told {
    let desk = &asker.data.desk;
    let today = desk.now().with_timezone(&asker.zone()).date_naive();
    asker
        .change(Command::AddAction {
            title: fields.text("title").to_owned(),
            kind,
            owner: read::person(fields.text("owner"), asker.who.id)?,
            due: read::day(fields.text("due"), today)?,
        })
        .await
}

/// Writes a line into the timeline and shows it with the button that takes it back.
pub(crate) async fn log(asker: &Asker<'_>, kind: Option<Kind>, text: &str, at: &str) -> Told {
    let typed = Signal::Typed {
        by: asker.who.id,
        kind,
        text: text.to_owned(),
        at: (!at.is_empty()).then(|| at.to_owned()),
        choice: None,
    };
    write_down(asker, typed).await
}

async fn keep_message(
    asker: &Asker<'_>,
    channel: ChannelId,
    message: MessageId,
    author: PersonId,
    fields: &Fields<'_>,
) -> Told {
    let text = fields.text("text");
    let at = fields.text("at");
    let chosen = Signal::Chosen {
        message: MessageHeard {
            channel,
            message,
            author,
            text: text.to_owned(),
            // A form brings none. Those that are not remembered are looked for in the message once it is stored.
            attachments: asker.data.chosen_files.of(message),
        },
        by: asker.who.id,
        kind: kind_of(fields.text("kind"), asker.data.desk.prefixes())?.unwrap_or(Kind::Note),
        text: Some(text.to_owned()),
        at: (!at.is_empty()).then(|| at.to_owned()),
        with: MarkedBy::Menu,
    };
    write_down(asker, chosen).await
}

/// A refusal with what they typed, so that nothing has to be typed twice.
fn with_their_words(refusal: Reply, fields: &BTreeMap<String, String>) -> Reply {
    let (Reply::Private(mut card) | Reply::Update(mut card)) = refusal else {
        return refusal;
    };
    // A time or a kind is typed again as quickly as it is copied; a title is somebody's words however short it is.
    let words: Vec<&str> = fields
        .iter()
        .map(|(field, text)| (field, text.trim()))
        .filter(|(field, text)| {
            let least = if *field == "title" { 1 } else { 13 };
            text.chars().count() >= least
        })
        .map(|(_, text)| text)
        .collect();
    if card.body.is_empty() && !words.is_empty() {
        card.title = "Your words, to copy".to_owned();
        card.body = words.join("\n\n");
    }
    Reply::Private(card)
}
