//! Forms as they open, prefilled with what is known.

use bridgewatch_core::category::Category;
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::incident::{ActionKind, MAX_TEXT_CHARACTERS, Visibility};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::timeline::{Kind, said_at, typed_time};
use bridgewatch_core::update;

use super::{alone, maintenance, timeline, times};
use crate::card::cut;
use crate::forms::{Field, Form, FormAsks, FormId};
use crate::press::Asker;
use crate::reply::{Reply, Told};

/// The longest update a form takes: one message everywhere.
const MAX_UPDATE: u16 = 1_800;
/// The longest free text of a field.
pub(super) const MAX_TEXT: u16 = 1_000;
/// The words for the kinds of entries.
pub(super) const KINDS: &str = "Kind: obs act dec hyp imp todo ask note";
/// The longest line of a board.
const MAX_LINE: u16 = 300;

/// Opens a form, filled with what is known. `asks` is never [`FormAsks::AddMessage`]: that one comes from a message.
pub(crate) async fn open(asker: &Asker<'_>, asks: FormAsks) -> Told {
    let (title, fields) = match &asks {
        FormAsks::Think => (
            "We think it is…".to_owned(),
            vec![
                Field::line("text", "In one line; a guess is enough", MAX_LINE)
                    .hint("AI workers hold database connections since the 02:41 release"),
            ],
        ),
        FormAsks::WhyBelief(_, state) => (
            state.title().to_owned(),
            vec![
                Field::line("because", "Why? One line", 200)
                    .hint("connections fell from 100 to 62 with the AI features off"),
            ],
        ),
        FormAsks::Task { .. } => ("Ask somebody".to_owned(), task()),
        FormAsks::TaskResult(_) => (
            "What came of it?".to_owned(),
            vec![Field::line("result", "In one line", 200).hint("rolled back, 5xx down to 2 %")],
        ),
        FormAsks::Link(tie) => (
            bridgewatch_core::cards::tie_words(*tie).to_owned(),
            vec![Field::line("incident", "Which incident?", 20).hint("INC-0142 or 142")],
        ),
        FormAsks::Impact => impact(asker).await?,
        FormAsks::Describe => description(asker).await?,
        FormAsks::Log => ("Timeline entry".to_owned(), entry_fields("", None, "")),
        FormAsks::LogAt(seconds) => ("Timeline entry".to_owned(), entry_at(asker, *seconds)),
        FormAsks::Decision => ("Decision".to_owned(), timeline::decision()),
        FormAsks::EditEntry(number) => timeline::edit_entry(asker, *number).await?,
        FormAsks::EditChoice(number) => timeline::edit_choice(asker, *number).await?,
        FormAsks::NewIncident | FormAsks::FindIncidents | FormAsks::FindRunbooks => {
            return Ok(alone::open_alone(&asker.caller(), asks));
        }
        FormAsks::Import => ("Import notes".to_owned(), timeline::notes()),
        FormAsks::Maintenance => ("Maintenance".to_owned(), maintenance::form(asker).await?),
        FormAsks::Milestone(name) => times::form(asker, *name).await?,
        FormAsks::EditUpdate => edited_update(asker).await?,
        FormAsks::Estimate => ("Estimate (stays inside the company)".to_owned(), estimate()),
        FormAsks::Cause => ("Cause and factors".to_owned(), cause(asker).await?),
        FormAsks::Action(kind) => (format!("Action: {}", kind.id()), action(*kind)),
        FormAsks::WaiveLearning => (
            "No learning action".to_owned(),
            vec![
                Field::text("because", "Why is none needed?", MAX_LINE).hint(
                    "The alert came in time, the runbook fitted, and every step was visible.",
                ),
            ],
        ),
        FormAsks::ImpactOverEarlier => (
            "When was user impact over?".to_owned(),
            vec![Field::line("at", "Time", 30).hint(&format!(
                "03:47, -15m or yesterday 23:50 ({})",
                asker.zone()
            ))],
        ),
        FormAsks::AddMessage {
            channel,
            message,
            author,
        } => return Ok(add_message(asker, *channel, *message, *author, "")),
    };
    Ok(Reply::Form(Form {
        title,
        id: FormId {
            incident: Some(asker.incident),
            phase: asker.phase,
            asks,
        },
        fields,
    }))
}

/// The form of "Add to timeline…". A prefix that the author forgot to make count becomes the kind.
pub(crate) fn add_message(
    asker: &Asker<'_>,
    channel: ChannelId,
    message: MessageId,
    author: PersonId,
    text: &str,
) -> Reply {
    let zone = asker.zone();
    let text = text.trim();
    // A time in front goes into its own field; one that cannot be read stays where it is.
    let rest = match said_at(text, zone, message.written_at()) {
        Ok((Some(_), rest)) => rest,
        _ => text,
    };
    let at = text[..text.len() - rest.len()].trim();
    let found = asker.data.desk.prefixes().read(rest);
    let kind = found.map_or(Kind::Note, |found| found.kind);
    let text = found.map_or(rest, |found| found.text);
    Reply::Form(Form {
        title: "Add to timeline".to_owned(),
        id: FormId {
            incident: Some(asker.incident),
            phase: None,
            asks: FormAsks::AddMessage {
                channel,
                message,
                author,
            },
        },
        fields: entry_fields(text, Some(kind), at),
    })
}

fn entry_fields(text: &str, kind: Option<Kind>, at: &str) -> Vec<Field> {
    vec![
        Field::text("text", "What happened", MAX_TEXT)
            .with(cut(text.trim(), MAX_TEXT_CHARACTERS))
            .hint("orders-api answers 5xx for 38 % of requests"),
        Field::line("kind", KINDS, 20)
            .with(kind.map_or("", Kind::id))
            .hint("obs: saw it · act: did it · dec: chose it")
            .optional(),
        Field::line("at", "When (empty: when it was written)", 30)
            .with(cut(at, 30))
            .hint("02:47, -15m or yesterday 23:50")
            .optional(),
    ]
}

fn entry_at(asker: &Asker<'_>, seconds: i64) -> Vec<Field> {
    let at = chrono::DateTime::from_timestamp(seconds, 0);
    let at = at.map(|at| typed_time(at, asker.zone()));
    entry_fields("", None, at.as_deref().unwrap_or_default())
}

async fn description(asker: &Asker<'_>) -> Result<(String, Vec<Field>), Reply> {
    let known = asker.view().await?.incident.description();
    let services: Vec<String> = known.services.into_iter().collect();
    let categories = Category::ALL.map(Category::id).join(", ");
    Ok((
        "What is it?".to_owned(),
        vec![
            Field::line("title", "What is broken, in a few words", 100)
                .with(cut(&known.title, 100)),
            Field::line("category", "Category", 20)
                .with(known.category.id())
                .hint(&categories),
            Field::line("services", "Services, with commas", 600)
                .with(cut(&services.join(", "), 600))
                .optional(),
            Field::text("summary", "What happened, for who was not there", 500)
                .with(known.summary.unwrap_or_default())
                .optional(),
        ],
    ))
}

async fn impact(asker: &Asker<'_>) -> Result<(String, Vec<Field>), Reply> {
    let view = asker.view().await?;
    let known = view.incident.impact_text.unwrap_or_default();
    Ok((
        "Who is hurt, and how?".to_owned(),
        vec![
            Field::text("text", "Who cannot do what? Numbers if you know", MAX_LINE)
                .with(cut(&known, usize::from(MAX_LINE)))
                .hint("Many users cannot order; about 4 in 10 requests fail (03:15)"),
        ],
    ))
}

async fn edited_update(asker: &Asker<'_>) -> Result<(String, Vec<Field>), Reply> {
    let view = asker.view().await?;
    let desk = &asker.data.desk;
    let policy = desk.policy();
    let usual = policy.cadence(view.incident.severity, view.incident.is_mitigated());
    let draft = update::draft(&view.incident, &asker.entries_for_everybody().await?);
    let draft = update::times_written_out(&draft, asker.zone());
    let next = match usual {
        Some(minutes) => {
            Field::line("minutes", "Next update in minutes", 5).with(minutes.to_string())
        }
        None => Field::line("minutes", "Next update in minutes (empty: on change)", 5).optional(),
    };
    Ok((
        match view.incident.visibility {
            Visibility::Normal => "Update for the stakeholders",
            Visibility::Restricted => "Update, for the channel only",
        }
        .to_owned(),
        vec![
            Field::text("text", "What they read, above the next promise", MAX_UPDATE)
                .with(cut(&draft, usize::from(MAX_UPDATE))),
            next,
        ],
    ))
}

/// One thing and one time; ten minutes unless something else is said.
fn task() -> Vec<Field> {
    vec![
        Field::line("what", "What should they do?", 200).hint("roll back the 02:41 release"),
        Field::line("minutes", "Answer in how many minutes?", 4).with("10"),
    ]
}

fn estimate() -> Vec<Field> {
    vec![
        Field::line("range", "Minutes, from – to", 20).hint("15–30"),
        Field::line("basis", "What it rests on", 200).hint("the rollback takes 12 minutes"),
        Field::line("confidence", "How sure: guess, likely or firm", 10)
            .with("guess")
            .optional(),
    ]
}

async fn cause(asker: &Asker<'_>) -> Result<Vec<Field>, Reply> {
    let view = asker.view().await?;
    let written = view.incident.postmortem.cause;
    let known = |text: fn(&bridgewatch_core::incident::Cause) -> String| {
        written
            .as_ref()
            .map(|cause| cut(&text(cause), MAX_TEXT_CHARACTERS))
            .unwrap_or_default()
    };
    Ok(vec![
        Field::text("trigger", "Trigger: what started it", MAX_TEXT)
            .with(known(|cause| cause.trigger.clone())),
        Field::text("cause", "Cause, as established", MAX_TEXT)
            .with(known(|cause| cause.cause.clone())),
        Field::text("factors", "Contributing factors, one per line", MAX_TEXT)
            .with(known(|cause| cause.factors.join("\n")))
            .hint("detection, process, knowledge, technical, external")
            .optional(),
        Field::text("kept", "What kept it from being worse", MAX_TEXT)
            .with(known(|cause| cause.kept_from_worse.clone()))
            .optional(),
    ])
}

/// Owner and day are asked for at once: an action without them keeps the incident from being closed.
fn action(kind: ActionKind) -> Vec<Field> {
    let example = match kind {
        ActionKind::Threshold => "Alert when connections pass 80 % for 5 minutes",
        ActionKind::Playbook => "Add the connection-leak step to the backend runbook",
        ActionKind::Observability => "Show queue depth per AI task on the dashboard",
        ActionKind::Fix => "Close connections in the AI worker",
        ActionKind::Resilience => "Cap the worker's connection pool",
        ActionKind::Test => "Test that a worker gives its connections back",
        ActionKind::Process => "Name a secondary for weekend nights",
        ActionKind::Access => "Give on-call the right to pause workers",
    };
    vec![
        Field::line("title", "Do what? Start with a verb", 200).hint(example),
        Field::line("owner", "Who: me, or a Discord user id", 40).with("me"),
        Field::line("due", "By when: 2027-01-31, 10d or 4w", 12).with("4w"),
    ]
}
