//! Whatever people do, in whichever order and at whichever time: nothing panics, and the rules of every incident hold.
//! The rules themselves are checked by [`Night`] after every step.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::night::{CHANNEL, ZONE};
use super::{ADA, KIM, MO, Night, SAM, at};
use crate::alert::Episode;
use crate::category::Category;
use crate::effect::DirectTopic;
use crate::ids::{ChannelId, EntryNumber, MessageId, Seq};
use crate::incident::{
    ActionKind, Actor, AlertNews, AlertPicture, CancelReason, Command, Confidence, Description,
    DirectMessage, Expectation, HandoverSubject, ImpactAnswer, MilestoneName, Mitigation, Outcome,
    Rank, Report, Said, Statements, UpdateKind, decide,
};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::postmortem::{self, Material};
use crate::role::Role;
use crate::runbook::{Checklist, Library, SkipReason, StepAction, StepId};
use crate::severity::Severity;
use crate::timeline::Precision;

/// One step of a night.
#[derive(Clone, Debug)]
struct Step {
    seconds_later: i64,
    actor: Actor,
    on_a_card_of: Option<Phase>,
    command: Command,
}

fn person() -> impl Strategy<Value = PersonId> {
    prop_oneof![Just(SAM), Just(ADA), Just(MO), Just(KIM)]
}

fn said() -> impl Strategy<Value = Said> {
    (words(), person(), moment(), 0_i64..4).prop_map(|(text, by, at, line)| Said {
        text,
        by,
        at,
        line: EntryNumber(line),
    })
}

fn actor() -> impl Strategy<Value = Actor> {
    let rank = prop_oneof![
        6 => Just(Rank::Responder),
        1 => Just(Rank::Commander),
        1 => Just(Rank::Viewer),
    ];
    prop_oneof![
        20 => (person(), rank).prop_map(|(id, rank)| Actor::Person { id, rank }),
        1 => Just(Actor::Bot),
        1 => Just(Actor::Alerts),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    proptest::sample::select(Phase::ALL.to_vec())
}

fn role() -> impl Strategy<Value = Role> {
    proptest::sample::select(Role::ALL.to_vec())
}

fn severity() -> impl Strategy<Value = Severity> {
    proptest::sample::select(Severity::ALL.to_vec())
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (-180_i64..300).prop_map(|minutes| at("03:02") + TimeDelta::minutes(minutes))
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("  ".to_owned()),
        "[a-z |<@>*`\n]{1,40}",
        Just("<@1> broke `it` | **badly**\n## 9. Heading".to_owned()),
        Just("ß".repeat(2_500)),
    ]
}

fn subjects() -> impl Strategy<Value = BTreeSet<HandoverSubject>> {
    proptest::collection::btree_set(
        prop_oneof![
            Just(HandoverSubject::Command),
            role().prop_map(HandoverSubject::Role)
        ],
        0..4,
    )
}

fn impact() -> impl Strategy<Value = Option<ImpactAnswer>> {
    prop_oneof![
        Just(None),
        Just(Some(ImpactAnswer::OverNow)),
        Just(Some(ImpactAnswer::NotYet)),
        Just(Some(ImpactAnswer::Back)),
        moment().prop_map(|at| Some(ImpactAnswer::OverSince(at))),
    ]
}

fn milestone() -> impl Strategy<Value = MilestoneName> {
    proptest::sample::select(vec![
        MilestoneName::ImpactStart,
        MilestoneName::Detected,
        MilestoneName::Declared,
        MilestoneName::Acknowledged,
        MilestoneName::MitigationStarted,
        MilestoneName::Mitigated,
        MilestoneName::FixApplied,
        MilestoneName::Resolved,
        MilestoneName::AllClearSent,
        MilestoneName::Closed,
    ])
}

fn step() -> impl Strategy<Value = StepId> {
    proptest::sample::select(vec![
        "newest-deploy",
        "ai-off",
        "retry-batches",
        "health-checks",
        "main-journey",
        "one-action",
        "no-such-step",
    ])
    .prop_map(|id| StepId::new(id).expect("an id is written right"))
}

fn step_action() -> impl Strategy<Value = StepAction> {
    prop_oneof![
        Just(StepAction::Claim),
        (any::<bool>(), proptest::option::of("[a-z]{1,5}")).prop_map(|(confirmed, choice)| {
            StepAction::Done {
                for_role: None,
                choice,
                confirmed,
            }
        }),
        Just(StepAction::Skip {
            reason: SkipReason::NotApplicable
        }),
        Just(StepAction::Reopen),
    ]
}

fn picture() -> impl Strategy<Value = AlertPicture> {
    (
        0_u32..4,
        0_u32..4,
        0_u64..2,
        proptest::option::of(moment()),
        moment(),
    )
        .prop_map(
            |(firing, cleared, truncated, earliest_start, cleared_at)| AlertPicture {
                firing,
                cleared,
                truncated,
                truncated_by_group: BTreeMap::new(),
                names: vec!["OrdersApi5xx".to_owned()],
                summaries: vec!["orders-api 5xx 38 %".to_owned()],
                earliest_start,
                last_cleared_at: (cleared > 0).then_some(cleared_at),
                flapping: Vec::new(),
            },
        )
}

fn report() -> impl Strategy<Value = Report> {
    let topic = prop_oneof![
        Just(DirectTopic::Page),
        role().prop_map(|role| DirectTopic::Proposal { role })
    ];
    prop_oneof![
        Just(Report::ChannelReady(CHANNEL)),
        (1_u64..4).prop_map(|id| Report::BoardPosted(MessageId(id))),
        (1_u64..4).prop_map(|id| Report::StepsPosted(MessageId(id))),
        (1_u64..4).prop_map(|id| Report::DigestPosted(ChannelId(1), MessageId(id))),
        (person(), topic, 1_u64..4).prop_map(|(person, about, id)| Report::DirectPosted(
            person,
            DirectMessage {
                channel: ChannelId(2),
                message: MessageId(id),
                about
            }
        )),
        proptest::option::of(person()).prop_map(Report::Paged),
        (0_u32..4, any::<bool>()).prop_map(|(number, fails)| Report::UpdateDelivered {
            number,
            target: "discord".to_owned(),
            problem: fails.then(|| "gone".to_owned()),
        }),
        (0_u32..4).prop_map(Report::PostmortemDrafted),
    ]
}

fn update_kind() -> impl Strategy<Value = UpdateKind> {
    proptest::sample::select(vec![
        UpdateKind::Holding,
        UpdateKind::Update,
        UpdateKind::NothingNew,
        UpdateKind::AllClear,
    ])
}

fn of_the_work() -> BoxedStrategy<Command> {
    prop_oneof![
        4 => Just(Command::Take),
        8 => (phase(), impact(), proptest::option::of(words()))
            .prop_map(|(to, impact, note)| Command::Move { to, impact, note }),
        1 => proptest::sample::select(CancelReason::ALL.to_vec())
            .prop_map(|reason| Command::Cancel { reason }),
        4 => any::<bool>().prop_map(|anyway| Command::Resolve { anyway }),
        3 => Just(Command::Reopen),
        2 => Just(Command::Close),
        3 => (severity(), proptest::option::of(words()))
            .prop_map(|(to, reason)| Command::SetSeverity { to, reason }),
        4 => (0_i64..40).prop_map(|seq| Command::Undo { seq: Seq(seq) }),
        3 => (step(), step_action()).prop_map(|(step, action)| Command::Step { step, action }),
        2 => words().prop_map(Command::DescribeImpact),
        1 => (words(), words()).prop_map(|(title, summary)| {
            Command::Describe(Description {
                title,
                category: Category::Frontend,
                services: BTreeSet::from(["web".to_owned()]),
                summary: Some(summary),
            })
        }),
        2 => (milestone(), moment()).prop_map(|(name, at)| Command::CorrectMilestone {
            name,
            at,
            precision: Precision::Minute,
            evidence: None,
        }),
        2 => words().prop_map(Command::StateHypothesis),
        1 => (
            proptest::option::of(said()),
            proptest::collection::vec(said(), 0..3),
            proptest::collection::vec((0_i64..4).prop_map(EntryNumber), 0..2),
            proptest::option::of((0_i64..40).prop_map(Seq)),
        )
            .prop_map(|(impact, guesses, kept_inside, read_at)| {
                Command::NoteStatements(Statements {
                    impact,
                    guesses,
                    kept_inside,
                    read_at,
                })
            }),
        1 => (words(), person(), moment(), proptest::option::of(0_i64..4)).prop_map(
            |(what, by, at, line)| {
                Command::NoteMitigation(Mitigation {
                    what,
                    by,
                    at,
                    step: None,
                    entry: line.map(EntryNumber),
                })
            }
        ),
        1 => Just(Command::BringUpEffect),
        2 => (0_u32..3, proptest::sample::select(Outcome::ALL.to_vec()))
            .prop_map(|(number, outcome)| Command::AnswerEffect { number, outcome }),
        1 => (0_u32..3).prop_map(|number| Command::TakeBackMitigation { number }),
        2 => (any::<u32>(), 0_u32..20_000, words()).prop_map(|(low, high, basis)| {
            Command::GiveEstimate {
                low_minutes: low,
                high_minutes: high,
                basis,
                confidence: Confidence::Guess,
            }
        }),
    ]
    .boxed()
}

fn of_people() -> BoxedStrategy<Command> {
    prop_oneof![
        (role(), person()).prop_map(|(role, to)| Command::Propose { role, to }),
        role().prop_map(|role| Command::Accept { role }),
        role().prop_map(|role| Command::Decline { role }),
        role().prop_map(|role| Command::Release { role }),
        Just(Command::TakeCommand),
        Just(Command::NotYet),
        Just(Command::WaitToResolve),
        person().prop_map(|to| Command::GiveCommand { to }),
        (subjects(), person(), proptest::option::of(words())).prop_map(|(subjects, to, reason)| {
            Command::OfferHandover {
                subjects,
                to,
                reason,
                briefing: String::new(),
            }
        }),
        words().prop_map(|briefing| Command::AcceptHandover { briefing }),
        Just(Command::DeclineHandover),
    ]
    .boxed()
}

fn of_the_outside() -> BoxedStrategy<Command> {
    prop_oneof![
        4 => Just(Command::Tick),
        3 => report().prop_map(Command::Report),
        3 => (picture(), proptest::option::of(severity()), any::<bool>()).prop_map(
            |(picture, severity, storm)| Command::AlertsChanged {
            attached: Vec::new(),
                news: vec![AlertNews {
                    text: "OrdersApi5xx fires".to_owned(),
                    at: at("02:55"),
                    key: true,
                }],
                picture: Box::new(picture),
                links: Vec::new(),
                services: BTreeSet::new(),
                severity: severity.map(|severity| (severity, "storm".to_owned())),
                storm,
                runbook: None,
            }
        ),
        4 => (update_kind(), words(), proptest::option::of(0_u32..2_000)).prop_map(
            |(kind, text, next_in_minutes)| Command::SendUpdate {
                kind,
                text,
                next_in_minutes,
            }
        ),
        1 => runbook().prop_map(|checklist| Command::AttachRunbook {
            checklist,
            reason: "chosen".to_owned(),
        }),
        1 => runbook().prop_map(|checklist| Command::RenewRunbook { checklist }),
        1 => runbook().prop_map(|checklist| Command::RunbooksRead {
            versions: BTreeMap::from([(checklist.runbook_id, checklist.content_hash)]),
        }),
    ]
    .boxed()
}

fn of_learning() -> BoxedStrategy<Command> {
    prop_oneof![
        (words(), words(), words()).prop_map(|(trigger, cause, factor)| Command::RecordCause {
            trigger,
            cause,
            factors: vec![factor],
            kept_from_worse: String::new(),
        }),
        (words(), any::<bool>()).prop_map(|(title, owned)| Command::AddAction {
            title,
            kind: ActionKind::Threshold,
            owner: owned.then_some(ADA),
            due: owned.then(|| at("03:02").date_naive()),
        }),
        words().prop_map(|because| Command::WaiveLearning { because }),
        Just(Command::MarkReviewed),
        Just(Command::ConfirmSeverity {
            severity: Severity::Sev2
        }),
    ]
    .boxed()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let command = prop_oneof![
        10 => of_the_work(),
        6 => of_people(),
        6 => of_the_outside(),
        2 => of_learning(),
    ];
    // Presses within seconds, minutes and, now and then, the next day.
    let later = prop_oneof![5 => 0_i64..15, 5 => 15_i64..400, 1 => 400_i64..100_000];
    let on_a_card = prop_oneof![4 => Just(None), 1 => phase().prop_map(Some)];
    proptest::collection::vec(
        (later, actor(), on_a_card, command).prop_map(
            |(seconds_later, actor, on_a_card_of, command)| Step {
                seconds_later,
                actor,
                on_a_card_of,
                command,
            },
        ),
        1..60,
    )
}

/// One of two runbooks, as it is or in a version that lost its first step.
fn runbook() -> impl Strategy<Value = Checklist> {
    (
        prop_oneof![Just("backend"), Just("frontend")],
        any::<bool>(),
    )
        .prop_map(|(id, is_newer)| {
            let mut checklist = pinned(id);
            if is_newer {
                let gone = checklist.steps.remove(0);
                checklist.origins.remove(&gone.id);
                checklist.content_hash = "newer".to_owned();
            }
            checklist
        })
}

fn pinned(id: &str) -> Checklist {
    let library = Library::embedded();
    let runbook = library.get(id).expect("an embedded runbook");
    Checklist::pin(runbook, &BTreeMap::new(), false)
}

fn walk(night: &mut Night, step: &Step) {
    night.after_seconds(step.seconds_later);
    let actor = match &step.command {
        // These two come through doors of their own.
        Command::Tick | Command::Report(_) => Actor::Bot,
        Command::AlertsChanged { .. } => Actor::Alerts,
        _ => step.actor,
    };
    let expects = Expectation {
        phase: step.on_a_card_of,
    };
    night.ask(actor, expects, step.command.clone());
}

fn material(night: &Night) -> Material {
    Material {
        incident: night.incident().clone(),
        timeline: night.entries(),
        episodes: Vec::<Episode>::new(),
        events: night.history.clone(),
        names: BTreeMap::from([(SAM, "Sam".to_owned()), (ADA, "Ada".to_owned())]),
        policy: night.policy.clone(),
        zone: ZONE,
        now: night.now,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do_the_rules_hold(
        severity in severity(),
        restricted in any::<bool>(),
        by_a_person in any::<bool>(),
        steps in steps(),
    ) {
        let mut night = Night::at("03:02")
            .with_runbook("scenario-3am")
            .with_pager()
            .on_duty(Role::OnCall, SAM)
            .on_duty(Role::Bridge, MO);
        if restricted {
            night = night.restricted();
        }
        if by_a_person {
            night.by(KIM).declares("checkout fails", severity);
            night.channel_opens();
        } else {
            night = night.fires("orders-api 5xx", severity);
        }
        for step in &steps {
            let before = night.incident().clone();
            walk(&mut night, step);
            let after = night.incident();
            if night.was_refused() {
                prop_assert_eq!(&before, after, "a refusal changes nothing");
            }
            if let Some(holder) = before.command
                && before.is_active()
                && after.command != Some(holder)
            {
                prop_assert!(
                    matches!(
                        step.command,
                        Command::TakeCommand
                            | Command::GiveCommand { .. }
                            | Command::AcceptHandover { .. }
                            | Command::Undo { .. }
                    ),
                    "command moved by {:?}",
                    step.command
                );
            }
            super::cards::hold(&night);
        }
        // Ids of effects are made of the number of their event, and no number comes twice.
        let ids: BTreeSet<_> = night.effects.iter().map(|effect| &effect.id).collect();
        prop_assert_eq!(ids.len(), night.effects.len());
        let draft = postmortem::draft(&material(&night));
        for line in draft.lines() {
            let lonely_minus = line.contains("| -") || line.contains("≥ -");
            prop_assert!(!lonely_minus, "a negative measure: {}", line);
        }
    }

    #[test]
    fn the_clock_never_rings_in_vain(steps in steps()) {
        let mut night = Night::at("03:02").fires("orders-api 5xx", Severity::Sev1);
        for step in &steps {
            walk(&mut night, step);
            // Whatever is due now is done by ringing once or a few times, and then nothing is due any more.
            for _ in 0..6 {
                if night.rings_next_at().is_none_or(|due| due > night.now) {
                    break;
                }
                night.clock_rings();
                prop_assert!(!night.happened().is_empty(), "it rang, and nothing was due");
            }
            prop_assert!(night.rings_next_at().is_none_or(|due| due > night.now));
        }
    }

    #[test]
    fn an_undo_leads_back_to_where_it_was(steps in steps()) {
        let mut night = Night::at("03:02")
            .with_runbook("scenario-3am")
            .fires("orders-api 5xx", Severity::Sev2);
        for step in &steps {
            let before = night.incident().clone();
            walk(&mut night, step);
            let Some(undo) = night.incident().undo.clone() else {
                continue;
            };
            if undo.seq <= before.seq {
                continue;
            }
            let mut undone = night.fork();
            undone.after_seconds(20);
            let actor = Actor::Person { id: undo.by, rank: Rank::Responder };
            undone.ask(actor, Expectation::default(), Command::Undo { seq: undo.seq });
            prop_assert!(!undone.was_refused());
            let mut after = undone.incident().clone();
            // What stays: the history's number, who was here, what was said and that it was undone.
            after.seq = before.seq;
            after.participants.clone_from(&before.participants);
            after.activity.clone_from(&before.activity);
            after.solo = before.solo;
            after.undo.clone_from(&before.undo);
            after.undone = before.undone;
            after.command_asked = before.command_asked;
            let stands = |incident: &crate::incident::Incident| {
                incident
                    .milestones
                    .0
                    .iter()
                    .filter(|statement| !statement.withdrawn)
                    .cloned()
                    .collect::<Vec<_>>()
            };
            prop_assert_eq!(stands(&after), stands(&before));
            after.milestones.clone_from(&before.milestones);
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn a_press_heard_twice_changes_nothing_the_second_time(steps in steps()) {
        let mut night = Night::at("03:02")
            .with_runbook("scenario-3am")
            .fires("orders-api 5xx", Severity::Sev2);
        for step in &steps {
            walk(&mut night, step);
            // Opening a step again and asking again are answered each time; so is what only the clock decides.
            let answered_each_time = matches!(
                step.command,
                Command::Tick
                    | Command::AlertsChanged { .. }
                    | Command::Report(_)
                    | Command::GiveEstimate { .. }
            );
            let a_press = step.actor.person().is_some();
            if !a_press || night.was_refused() || answered_each_time || night.happened().is_empty() {
                continue;
            }
            let request = crate::incident::Request {
                actor: step.actor,
                at: night.now + TimeDelta::seconds(3),
                expects: Expectation { phase: step.on_a_card_of },
                command: step.command.clone(),
                last_prompts: BTreeMap::new(),
            };
            let again = decide(night.incident(), &request, &night.policy);
            prop_assert!(
                !matches!(&again, Ok(events) if !events.is_empty()),
                "{:?} happened twice: {:?}",
                step.command,
                again
            );
        }
    }
}
