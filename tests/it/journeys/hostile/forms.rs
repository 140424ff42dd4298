//! Every form there is, each of its fields filled with what nobody should have to read.

use std::cell::Cell;
use std::collections::HashSet;
use std::iter::successors;
use std::mem::{Discriminant, discriminant};

use bridgewatch_commands::forms::{FormAsks, FormId};
use bridgewatch_core::ids::{ChannelId, EntryNumber, MessageId};
use bridgewatch_core::incident::{ActionKind, HypothesisState, MilestoneName, Tie};
use bridgewatch_core::person::PersonId;
use discord_sim::FormField;

use super::{
    board_of, closes_its_fences, nobody_is_pinged_by_it, nothing_hides_in_the_heads, texts,
    the_board_still_reads, typed,
};
use crate::world::{Answer, Person, Span as _, World};

/// The fields in which somebody writes words; the others take a time, a number or a choice.
const WORDS: [&str; 18] = [
    "text", "because", "result", "basis", "trigger", "cause", "factors", "kept", "title", "reason",
    "options", "by", "evidence", "why", "what", "words", "summary", "services",
];

/// The form that is asked for after this one. A new form does not compile here until it has its place in the chain, and
/// then the night below has to fill it in.
fn form_after(asks: &FormAsks) -> Option<FormAsks> {
    Some(match asks {
        FormAsks::Think => FormAsks::WhyBelief(1, HypothesisState::Supported),
        FormAsks::WhyBelief(..) => FormAsks::Task { to: PersonId(1) },
        FormAsks::Task { .. } => FormAsks::TaskResult(1),
        FormAsks::TaskResult(_) => FormAsks::Link(Tie::Related),
        FormAsks::Link(_) => FormAsks::Impact,
        FormAsks::Impact => FormAsks::Describe,
        FormAsks::Describe => FormAsks::Log,
        FormAsks::Log => FormAsks::LogAt(0),
        FormAsks::LogAt(_) => FormAsks::Decision,
        FormAsks::Decision => FormAsks::EditEntry(EntryNumber(1)),
        FormAsks::EditEntry(_) => FormAsks::EditChoice(EntryNumber(1)),
        FormAsks::EditChoice(_) => FormAsks::Import,
        FormAsks::Import => FormAsks::NewIncident,
        FormAsks::NewIncident => FormAsks::FindIncidents,
        FormAsks::FindIncidents => FormAsks::FindRunbooks,
        FormAsks::FindRunbooks => FormAsks::Maintenance,
        FormAsks::Maintenance => FormAsks::Milestone(MilestoneName::ImpactStart),
        FormAsks::Milestone(_) => FormAsks::EditUpdate,
        FormAsks::EditUpdate => FormAsks::Estimate,
        FormAsks::Estimate => FormAsks::Cause,
        FormAsks::Cause => FormAsks::Action(ActionKind::Threshold),
        FormAsks::Action(_) => FormAsks::WaiveLearning,
        FormAsks::WaiveLearning => FormAsks::ImpactOverEarlier,
        FormAsks::ImpactOverEarlier => FormAsks::AddMessage {
            channel: ChannelId(1),
            message: MessageId(1),
            author: PersonId(1),
        },
        FormAsks::AddMessage { .. } => return None,
    })
}

/// Fills the forms, each time with the next of the texts.
struct Filler<'world> {
    world: &'world World,
    texts: Vec<String>,
    filled: usize,
    seen: HashSet<Discriminant<FormAsks>>,
}

impl<'world> Filler<'world> {
    fn new(world: &'world World) -> Self {
        Self {
            world,
            texts: texts(),
            filled: 0,
            seen: HashSet::new(),
        }
    }

    /// Opens the form ten times: words alone, so that they are taken in, and now and then every field.
    async fn fills<'opened>(&mut self, open: impl AsyncFn() -> Answer<'opened>) {
        self.fills_times(10, open).await;
    }

    /// The same, for what there is less of.
    async fn fills_times<'opened>(
        &mut self,
        rounds: usize,
        open: impl AsyncFn() -> Answer<'opened>,
    ) {
        for round in 0..rounds {
            let opened = open().await;
            self.fill(&opened, round % 4 == 3).await;
        }
    }

    async fn fill(&mut self, opened: &Answer<'_>, every_field: bool) {
        let form = opened.form().clone();
        let asked = FormId::decode(&form.custom_id).expect("the bot reads the id it wrote");
        self.seen.insert(discriminant(&asked.asks));
        let mut answers = Vec::new();
        for field in &form.fields {
            let FormField::Text {
                custom_id,
                label,
                max_length,
                style,
                ..
            } = field
            else {
                continue;
            };
            if !every_field && !WORDS.contains(&custom_id.as_str()) {
                answers.extend(sensible(custom_id).map(|words| (label.clone(), words.to_owned())));
                continue;
            }
            // 7 shares no factor with 200: by and by every text comes.
            let text = &self.texts[self.filled * 7 % self.texts.len()];
            self.filled += 1;
            let most = max_length.and_then(|most| usize::try_from(most).ok());
            let mut words = typed(text, most.unwrap_or(4_000).min(4_000));
            if *style == discord_sim::TextStyle::Short {
                words = typed(&words.replace(['\n', '\r'], " "), words.len());
            }
            answers.push((label.clone(), words));
        }
        let answers: Vec<(&str, &str)> = answers
            .iter()
            .map(|(label, words)| (label.as_str(), words.as_str()))
            .collect();
        let reply = opened.fills_in(&answers).await;
        reply.is_answered();
        // What was refused is given back as it was typed, below everything else.
        if !reply.text().contains("Your words, to copy") {
            closes_its_fences(&reply.text());
        }
        self.world.advance(1.seconds()).await;
    }
}

/// What somebody in their right mind puts where no words are asked for and nothing stands yet.
fn sensible(field: &str) -> Option<&'static str> {
    match field {
        "range" => Some("15–30"),
        "incident" => Some("INC-0001"),
        "at" => Some("-5m"),
        "category" => Some("backend"),
        _ => None,
    }
}

async fn more<'world>(person: &Person<'world>, what: &str) -> Answer<'world> {
    person.types(&format!("/inc more what:{what}")).await
}

/// Whatever can be opened by name while an incident is active.
const WHILE_ACTIVE: [&str; 7] = [
    "impact",
    "describe",
    "think",
    "log",
    "decision",
    "estimate",
    "maintenance",
];

#[tokio::test]
async fn every_field_of_every_form_is_filled_with_hostile_text_and_nobody_is_hurt() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.mo().in_dm().clicks("Accept").await;
    let room = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&room);
    let ada = world.ada().id().to_string();
    let mut filler = Filler::new(&world);

    for what in WHILE_ACTIVE {
        filler.fills(async || more(&sam, what).await).await;
    }
    filler.fills(async || more(&sam, "import").await).await;
    filler
        .fills(async || {
            let whom = more(&sam, "ask").await;
            whom.chooses("Ask somebody to do something…", &[&ada]).await
        })
        .await;
    filler
        .fills_times(4, async || {
            let tasks = more(&sam, "tasks").await;
            let open = tasks.options("Done…");
            let first = open.first().expect("somebody was asked for something");
            let noted = tasks.chooses("Done…", &[first]).await;
            noted.clicks("What came of it…").await
        })
        .await;
    filler
        .fills(async || more(&sam, "link").await.clicks("Related to…").await)
        .await;
    filler
        .fills_times(4, async || {
            let guesses = more(&sam, "beliefs").await;
            let mut fates = guesses.buttons().into_iter();
            let fate = fates.find(|label| label == "Supported" || label == "Only a guess");
            let judged = guesses.clicks(&fate.expect("a guess can be judged")).await;
            judged.clicks("Why…").await
        })
        .await;
    filler
        .fills(async || more(&sam, "T-3").await.clicks("Edit…").await)
        .await;
    let decided =
        world.timeline(1).await.into_iter().find(|line| {
            line.is_active() && line.kind == bridgewatch_core::timeline::Kind::Decision
        });
    let number = decided
        .and_then(|line| line.number)
        .expect("one of the decisions was taken in");
    filler
        .fills(async || {
            let line = more(&sam, &number.to_string()).await;
            line.clicks("Options and reason…").await
        })
        .await;
    filler
        .fills(async || {
            let times = sam.types("/inc show view:times").await;
            times.chooses("Correct a time…", &["impact_start"]).await
        })
        .await;
    filler
        .fills(async || sam.clicks("Update").await.clicks("Edit…").await)
        .await;
    the_board_still_reads(&board_of(&world, &room));

    // A silence, asked about.
    world.advance(3.hours()).await;
    filler
        .fills_times(1, async || {
            more(&sam, "gaps").await.clicks("Add to 1").await
        })
        .await;
    sam.clicks("Start mitigating").await;
    filler
        .fills_times(1, async || {
            let over = sam.types("/inc phase to:fix").await;
            over.clicks("Yes, earlier…").await
        })
        .await;

    sam.types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    filler.fills(async || more(&sam, "cause").await).await;
    filler
        .fills(async || more(&sam, "action").await.clicks("threshold").await)
        .await;
    filler.fills(async || more(&sam, "no-action").await).await;

    // Somebody else's message, as it is and as it is kept.
    let (texts, said) = (texts(), Cell::new(0));
    filler
        .fills(async || {
            let text = &texts[said.replace(said.get() + 11) % texts.len()];
            let ada = world.ada().in_channel(&room);
            let said = ada.says(&typed(text, 1_000)).await;
            sam.uses("Add to timeline…", said).await
        })
        .await;

    // Of no incident: what looks for words, and what begins one.
    let sam = world.sam().in_channel(&world.channel("incidents"));
    filler
        .fills(async || {
            let lists = more(&sam, "incidents").await;
            lists.clicks("All of them").await.clicks("Find…").await
        })
        .await;
    filler
        .fills(async || more(&sam, "runbooks").await.clicks("Find…").await)
        .await;
    filler.fills(async || more(&sam, "new").await).await;
    assert!(world.incidents().await > 1, "a title is nothing to refuse");

    let missed: Vec<_> = successors(Some(FormAsks::Think), form_after)
        .filter(|asks| !filler.seen.contains(&discriminant(asks)))
        .collect();
    assert!(missed.is_empty(), "not filled in: {missed:?}");

    // The same words, wherever they are read.
    let sam = world.sam().in_channel(&room);
    the_board_still_reads(&board_of(&world, &room));
    for view in [
        "board",
        "timeline",
        "everything",
        "decisions",
        "actions",
        "tasks",
        "times",
        "changes",
        "text",
        "catch-up",
        "postmortem",
    ] {
        let shown = more(&sam, view).await;
        shown.is_answered();
        closes_its_fences(&shown.text());
    }
    world.postmortem(1).await;
    nobody_is_pinged_by_it(&world);
    nothing_hides_in_the_heads(&world).await;
    world.ends().await;
}
