//! Every refusal says who can do it, or what to do instead; and where a person could allow it there is a button that asks.

use super::cards::{buttons_of, shown};
use super::{ADA, KIM, MO, Night, PRIYA, SAM, at};
use crate::card::{Act, Card, HandoverSet, Row};
use crate::cards;
use crate::ids::EntryNumber;
use crate::incident::{
    CloseGap, Command, Finding, NoUndo, RedactedLine, Refusal, TaskAnswer, UpdateKind, Visibility,
};
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::{SkipReason, StepId, StepRefusal};
use crate::severity::Severity::{Sev1, Sev2, Sev3};

/// What leads on from a refusal.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// Somebody can allow or do it: a button asks them.
    Ask,
    /// Something else does it, or shows what is true: a button leads there.
    Button,
    /// It is said what to type differently.
    Words,
}

/// One of each, and how it leads on. A new variant has to be thought about here.
fn way_of(refusal: &Refusal) -> Way {
    match refusal {
        Refusal::NeedsCommand { .. }
        | Refusal::NotSender { .. }
        | Refusal::NobodyCommands { .. }
        | Refusal::NotYours { .. }
        | Refusal::NotDecider { .. }
        | Refusal::ViewerOnly { .. }
        | Refusal::RoleTaken { .. } => Way::Ask,
        Refusal::Stale { .. }
        | Refusal::Taken { .. }
        | Refusal::NotLive { .. }
        | Refusal::WrongPhase { .. }
        | Refusal::CommandAsked { .. }
        | Refusal::JustSent { .. }
        | Refusal::RoleFree { .. }
        | Refusal::NotHeld { .. }
        | Refusal::NothingToHandOver
        | Refusal::ToYourself
        | Refusal::NoHandover
        | Refusal::HandoverPending { .. }
        | Refusal::Step(
            StepRefusal::UnknownStep(_)
            | StepRefusal::ClaimedByAnother { .. }
            | StepRefusal::AlreadyDone { .. }
            | StepRefusal::AlreadySkipped { .. }
            | StepRefusal::NeedsConfirmation
            | StepRefusal::NeedsChoice { .. }
            | StepRefusal::NothingToChoose,
        )
        | Refusal::NoRunbook
        | Refusal::NeedsReason
        | Refusal::NoUndo(NoUndo::NotTheirs(_) | NoUndo::TooLate | NoUndo::ChangedSince)
        | Refusal::Findings(_)
        | Refusal::NotReadyToClose(_)
        | Refusal::TooLateToReopen { .. } => Way::Button,
        Refusal::LooksSecret { .. } | Refusal::Unusable(_) => Way::Words,
    }
}

fn close() -> Command {
    Command::Close
}

fn lower() -> Command {
    Command::SetSeverity {
        to: Sev3,
        reason: None,
    }
}

/// Each refusal as it comes, with what was asked.
fn every_refusal() -> Vec<(Refusal, Command)> {
    let step = || StepId::new("db-up").expect("an id is written right");
    let (phase, at) = (Phase::Learning, at("03:02"));
    let line = EntryNumber(3);
    vec![
        (Refusal::Stale { phase, since: at }, Command::Take),
        (Refusal::Taken { by: SAM, at }, Command::Take),
        (Refusal::NotLive { phase }, Command::TakeCommand),
        (
            Refusal::NotLive {
                phase: Phase::Closed,
            },
            Command::TakeCommand,
        ),
        (
            Refusal::WrongPhase {
                phase,
                instead: "An incident is closed after it was resolved.",
            },
            close(),
        ),
        (
            Refusal::NeedsCommand {
                holder: SAM,
                what: "lower the severity",
            },
            lower(),
        ),
        (
            Refusal::NotSender {
                holder: SAM,
                also: Role::Bridge,
            },
            Command::SendUpdate {
                kind: UpdateKind::Update,
                text: "Orders fail.".to_owned(),
                next_in_minutes: None,
            },
        ),
        (
            Refusal::NobodyCommands {
                what: "show it to everybody again",
            },
            Command::SetVisibility {
                to: Visibility::Normal,
            },
        ),
        (
            Refusal::CommandAsked {
                holder: SAM,
                free_at: at,
            },
            Command::TakeCommand,
        ),
        (Refusal::JustSent { by: SAM, at }, Command::TakeCommand),
        (
            Refusal::LooksSecret {
                what: "a key",
                name: "AWS",
            },
            Command::Take,
        ),
        (
            Refusal::NotYours {
                who: SAM,
                what: "close it",
            },
            close(),
        ),
        (
            Refusal::NotYours {
                who: SAM,
                what: "say that they cannot do it",
            },
            Command::AnswerTask {
                number: 1,
                answer: TaskAnswer::Cannot,
            },
        ),
        (
            Refusal::NotDecider {
                number: line,
                holder: None,
                what: "show it again",
            },
            Command::ShowEntryAgain { number: line },
        ),
        (Refusal::ViewerOnly { holder: Some(SAM) }, Command::Take),
        (Refusal::ViewerOnly { holder: None }, Command::Take),
        (
            Refusal::RoleTaken {
                role: Role::Backend,
                by: SAM,
            },
            Command::Accept {
                role: Role::Backend,
            },
        ),
        (
            Refusal::RoleFree {
                role: Role::Backend,
            },
            Command::AskToDo {
                act: Box::new(Act::ShowBoard),
            },
        ),
        (
            Refusal::NotHeld {
                role: Role::Backend,
            },
            Command::Release {
                role: Role::Backend,
            },
        ),
        (Refusal::NothingToHandOver, Command::TakeCommand),
        (Refusal::ToYourself, Command::TakeCommand),
        (Refusal::NoHandover, Command::DeclineHandover),
        (Refusal::HandoverPending { to: MO }, Command::TakeCommand),
        (StepRefusal::UnknownStep(step()).into(), Command::Take),
        (
            StepRefusal::ClaimedByAnother { by: SAM, at }.into(),
            Command::Take,
        ),
        (
            StepRefusal::AlreadyDone { by: SAM, at }.into(),
            Command::Take,
        ),
        (
            StepRefusal::AlreadySkipped {
                by: SAM,
                at,
                reason: SkipReason::NotApplicable,
            }
            .into(),
            Command::Take,
        ),
        (StepRefusal::NeedsConfirmation.into(), Command::Take),
        (
            StepRefusal::NeedsChoice {
                choices: vec!["roll back".to_owned()],
            }
            .into(),
            Command::Take,
        ),
        (StepRefusal::NothingToChoose.into(), Command::Take),
        (Refusal::NoRunbook, Command::Take),
        (Refusal::NeedsReason, lower()),
        (NoUndo::NotTheirs(SAM).into(), Command::Take),
        (NoUndo::TooLate.into(), Command::Take),
        (NoUndo::ChangedSince.into(), Command::Take),
        (
            Refusal::Findings(vec![Finding {
                met: false,
                text: "no alert fires".to_owned(),
            }]),
            Command::Resolve { anyway: false },
        ),
        (Refusal::NotReadyToClose(vec![CloseGap::Review]), close()),
        (Refusal::TooLateToReopen { hours: 24 }, Command::Reopen),
        (
            Refusal::Unusable("A title is empty: write a few words.".to_owned()),
            Command::Take,
        ),
    ]
}

/// What Ada reads and may press, while Sam commands.
fn answer_to(night: &Night, refusal: &Refusal, command: &Command) -> Card {
    let ways = cards::ways_out(night.incident(), ADA, refusal, command);
    Card {
        content: refusal.to_string(),
        rows: if ways.is_empty() {
            Vec::new()
        } else {
            vec![Row::Buttons(ways)]
        },
        ..Card::default()
    }
}

fn sam_commands() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
}

#[test]
fn every_refusal_leads_on() {
    let night = sam_commands();
    let mut told = Vec::new();
    for (refusal, command) in every_refusal() {
        let answer = answer_to(&night, &refusal, &command);
        let buttons = buttons_of(&answer);
        match way_of(&refusal) {
            Way::Ask => assert!(buttons.contains("[Ask them]"), "{refusal}: {buttons}"),
            Way::Button => assert!(!buttons.is_empty(), "{refusal}"),
            Way::Words => assert!(buttons.is_empty(), "{refusal}: {buttons}"),
        }
        told.push(shown(&answer));
    }
    insta::assert_snapshot!(told.join("\n"), @"
    This card is old. The incident is in *Postmortem & Learning* since 03:02.
    [Show current board]
    @Sam has it since 03:02.
    [Roles]
    The incident is *Postmortem & Learning*: this works only while it is live. If it is not over, reopen it.
    [Reopen] [Show current board]
    The incident is *Closed*: this works only while it is live. What is closed stays as it is; if it came back, open a new one.
    [Open a new one] [Show current board]
    This does not work in *Postmortem & Learning*. An incident is closed after it was resolved.
    [Show current board] [More…]
    Only @Sam, who holds command, can lower the severity.
    [Ask them]
    @Sam (command) or the Bridge Engineer sends updates.
    [Ask them]
    Only whoever holds command can show it to everybody again, and nobody does: ask a commander or an administrator.
    [Ask them]
    @Sam was asked for command. If they do nothing meanwhile, you can take it at 03:02:00.
    [Roles]
    @Sam sent an update at 03:02:00. Look at it first, and send yours if it adds something.
    [Show current board]
    It was not sent: it looks like it holds a key (AWS). Take it out, or begin the text with `anyway:` to send it as it is.
    Only @Sam can close it.
    [Ask them]
    Only @Sam can say that they cannot do it.
    [Ask them]
    T-3 is hidden. An admin can show it again.
    [Ask them]
    You can read here. To act you need the responder role: ask an administrator of the server. @Sam, who holds command, can do it for you.
    [Ask them]
    You can read here. To act you need the responder role: ask an administrator of the server.
    [Ask them]
    @Sam is Backend Engineer. They can hand it over to you.
    [Ask them] [Roles]
    Nobody is Backend Engineer any more: *Roles* lets you take it.
    [Roles]
    You are not Backend Engineer, so there is nothing to give back. *Roles* shows who is.
    [Roles]
    You hold neither command nor a role here, so there is nothing to hand over. *Roles* shows who does.
    [Roles]
    You already have it. Choose somebody else.
    [Hand over]
    No hand-over waits for you. It was answered, or its time ran out: ask whoever has it to offer it again.
    [Roles]
    A hand-over to @Mo waits for its answer. It lapses by itself if none comes.
    [Roles]
    This checklist has no step `db-up`.
    [Next step]
    @Sam is on it since 02:02 UTC. Ask them, or tick it when it is done.
    [Ask somebody…] [Next step]
    @Sam has done this at 02:02 UTC.
    [Next step]
    @Sam has skipped this at 02:02 UTC: not applicable.
    [Next step]
    This step is risky. Tap again to say that it is done.
    [Next step]
    This step is a decision. Choose one of: roll back.
    [Next step]
    This step is no decision: there is nothing to choose.
    [Next step]
    No runbook is attached: attach one first.
    [Runbooks]
    Lowering the severity needs a reason: choose one.
    [Severity]
    Only @Sam, who did it, can undo it. You can do the opposite instead.
    [Show current board]
    This can no longer be undone: its time is over. Do the opposite instead.
    [Show current board]
    This can no longer be undone: something else has changed since, or it is undone already. The board shows how it stands.
    [Show current board]
    1 of the resolve checks are not met.
    [Resolve anyway]
    Before it can be closed: have somebody review the postmortem.
    [Postmortem]
    It ended more than 24 hours ago: too late to go on with it. *Open a new one* begins an incident that names it.
    [Open a new one]
    A title is empty: write a few words.
    ");
}

#[test]
fn whoever_wants_a_role_asks_its_holder_to_hand_it_over() {
    let mut night = sam_commands();
    night.by(MO).accepts(Role::Backend);
    night.by(ADA).accepts(Role::Backend);
    assert_eq!(
        night.refusal(),
        "@Mo is Backend Engineer. They can hand it over to you."
    );
    let act = Act::AskHandoverOf(HandoverSet::Role(Role::Backend));
    let wanted = Command::AskToDo { act: Box::new(act) };
    night.by(ADA).asks(wanted.clone());
    insta::assert_snapshot!(shown(&night.said()[0]), @"
    🙋 @Ada asks @Mo: *Hand over Backend*
    [Hand over Backend]
    ");
    night.by(MO).gives_back(Role::Backend);
    night.after_minutes(2).by(ADA).asks(wanted);
    assert_eq!(
        night.refusal(),
        "Nobody is Backend Engineer any more: *Roles* lets you take it."
    );
}

#[test]
fn a_reader_asks_whoever_commands_and_does_not_ring_again_for_five_minutes() {
    let mut night = sam_commands();
    night.by(PRIYA).only_viewing().rates(Sev1);
    insta::assert_snapshot!(night.refusal(), @"You can read here. To act you need the responder role: ask an administrator of the server. @Sam, who holds command, can do it for you.");
    let wanted = || Command::AskToDo {
        act: Box::new(Act::SetSeverity(Sev1)),
    };
    night.by(PRIYA).only_viewing().asks(wanted());
    insta::assert_snapshot!(shown(&night.said()[0]), @"
    🙋 @Priya, who may only read, asks @Sam: *Set it to SEV1*
    [Set it to SEV1]
    ");
    assert_eq!(night.incident().severity, Sev2);
    night
        .after_seconds(299)
        .by(PRIYA)
        .only_viewing()
        .asks(wanted());
    assert!(night.happened().is_empty());
    night
        .after_seconds(1)
        .by(PRIYA)
        .only_viewing()
        .asks(wanted());
    assert_eq!(night.said().len(), 1);
    night.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    let circle = night.incident().circle();
    assert!(!circle.contains(&PRIYA), "who only asked is not let in");
}

#[test]
fn what_somebody_else_hid_is_asked_of_those_who_decide() {
    let mut night = sam_commands();
    let line = |for_good| {
        Command::RedactEntry(RedactedLine {
            number: EntryNumber(3),
            author: Some(KIM),
            message: None,
            is_gone: false,
            for_good,
        })
    };
    night.by(MO).asks(line(false));
    night.by(MO).asks(line(true));
    insta::assert_snapshot!(night.refusal(), @"T-3 is hidden. @Sam, who holds command, or an admin can redact it for good.");
    let asking = || Command::AskToDo {
        act: Box::new(Act::RedactForGood(EntryNumber(3))),
    };
    night.by(MO).asks(asking());
    insta::assert_snapshot!(shown(&night.said()[0]), @"
    🙋 @Mo asks @Sam: *Redact T-3 for good*
    [Redact T-3 for good]
    ");
    night.by(SAM).resolves_anyway();
    night.after_minutes(2).by(MO).asks(asking());
    insta::assert_snapshot!(shown(&night.said()[0]), @"
    🙋 @Mo asks an admin: *Redact T-3 for good*
    [Redact T-3 for good]
    ");
}

#[test]
fn what_can_no_longer_be_undone_is_done_the_other_way_round_by_a_button() {
    let undone = |mut night: Night, act: &dyn Fn(&mut Night)| {
        act(&mut night);
        night.after_seconds(61).by(SAM).undoes();
        let answer = cards::ways_out(
            night.incident(),
            SAM,
            &NoUndo::TooLate.into(),
            &Command::Take,
        );
        assert!(night.refusal().ends_with("Do the opposite instead."));
        buttons_of(&Card {
            rows: vec![Row::Buttons(answer)],
            ..Card::default()
        })
    };
    let ways = [
        undone(sam_commands(), &|_| {}),
        undone(sam_commands(), &|night| {
            night.by(SAM).moves_to(Phase::Mitigation);
        }),
        undone(sam_commands(), &|night| {
            night.by(SAM).rates(Sev1);
        }),
        undone(sam_commands(), &|night| {
            night.by(SAM).accepts(Role::Backend);
        }),
        undone(
            {
                let mut night = Night::at("03:02")
                    .with_runbook("scenario-3am")
                    .fires("db", Sev2);
                night.by(SAM).takes_it();
                night
            },
            &|night| {
                night.by(SAM).finishes("newest-deploy");
            },
        ),
    ];
    insta::assert_snapshot!(ways.join("\n"), @"
    [Hand over] [Show current board]
    [Back to Rapid Diagnosis] [Show current board]
    [Set it to SEV2] [Show current board]
    [Roles] [Show current board]
    [Steps] [Show current board]
    ");
}
