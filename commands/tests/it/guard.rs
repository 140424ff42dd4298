//! Who may do what, by the roles they hold in Discord.

use bridgewatch_commands::forms::{FormAsks, FormId};
use bridgewatch_commands::{
    GuardSettings, Needs, Reply, all, may_see, needs_of_act, needs_of_command, needs_of_form,
    rank_of,
};
use bridgewatch_core::card::{Act, LowerReason};
use bridgewatch_core::ids::ChannelId;
use bridgewatch_core::incident::{Actor, CancelReason, Command, Rank, Visibility};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::Reading;

use crate::acts::{MO, every_act, every_form};
use crate::world::{
    ADA, INCIDENT, SAM, World, in_channel, in_direct_messages, in_private, said, viewer,
    viewers_are_told,
};

fn settings(responder_role: Option<u64>, commander_role: Option<u64>) -> GuardSettings {
    GuardSettings {
        guild_id: 1,
        responder_role,
        commander_role,
        admin_role: Some(11),
    }
}

#[test]
fn without_a_responder_role_everybody_in_the_server_may_act() {
    assert_eq!(rank_of(&settings(None, None), &[], false), Rank::Responder);
    assert_eq!(
        rank_of(&settings(None, Some(9)), &[3], false),
        Rank::Responder
    );
}

#[test]
fn with_a_responder_role_everybody_else_reads() {
    let settings = settings(Some(7), Some(9));
    assert_eq!(rank_of(&settings, &[3], false), Rank::Viewer);
    assert_eq!(rank_of(&settings, &[3, 7], false), Rank::Responder);
    assert_eq!(rank_of(&settings, &[9], false), Rank::Commander);
    assert_eq!(rank_of(&settings, &[11], false), Rank::Admin);
    assert_eq!(rank_of(&settings, &[7], true), Rank::Admin);
}

#[test]
fn a_restricted_incident_is_seen_in_its_channel_and_by_those_who_are_named() {
    let world = World::in_phase(Phase::Diagnosis);
    let elsewhere = |id| bridgewatch_commands::Who {
        channel: ChannelId(1),
        ..in_channel(id)
    };
    assert!(may_see(&world.incident(), &elsewhere(MO)));
    world.becomes_restricted();
    let incident = world.incident();
    assert!(may_see(&incident, &in_channel(MO)), "in its channel");
    assert!(may_see(&incident, &elsewhere(SAM)), "holds command");
    assert!(may_see(&incident, &in_direct_messages(ADA)), "is proposed");
    assert!(!may_see(&incident, &elsewhere(MO)));
}

#[tokio::test]
async fn every_button_and_form_keeps_readers_out_exactly_where_the_table_says_so() {
    for act in every_act() {
        let world = World::in_phase(Phase::Diagnosis);
        let told = world.press(&viewer(ADA), act.clone()).await;
        let is_kept_out = keeps_out(&told);
        assert_eq!(is_kept_out, needs_of_act(&act) > Needs::Viewer, "{act:?}");
        let told = world.press(&in_channel(ADA), act.clone()).await;
        assert!(!keeps_out(&told), "{act:?} keeps a responder out");
    }
    for asks in every_form() {
        let world = World::in_phase(Phase::Diagnosis);
        let form = FormId {
            incident: Some(INCIDENT),
            phase: None,
            asks: asks.clone(),
        };
        let before = world.incident();
        let told = world.fill(&viewer(ADA), form, &[("text", "x")]).await;
        let is_kept_out = said(&told).starts_with(&viewers_are_told());
        assert_eq!(
            is_kept_out,
            needs_of_form(&asks) > Needs::Viewer,
            "{asks:?}"
        );
        assert_eq!(world.incident(), before);
    }
}

fn commander(id: bridgewatch_core::person::PersonId) -> bridgewatch_commands::Who {
    bridgewatch_commands::Who {
        rank: Rank::Commander,
        ..in_channel(id)
    }
}

/// Somebody else holds command, and whom the server lets command does it all the same.
#[tokio::test]
async fn no_button_and_no_form_keeps_out_whom_the_server_lets_command() {
    let kept_out = "who holds command, can";
    for act in every_act() {
        let world = World::in_phase(Phase::Diagnosis);
        let told = match world.press(&commander(ADA), act.clone()).await {
            Reply::Form(_) | Reply::Quiet => continue,
            told => said(&told),
        };
        assert!(!told.contains(kept_out), "{act:?}: {told}");
        assert!(!told.starts_with(&viewers_are_told()), "{act:?}: {told}");
    }
    for asks in every_form() {
        let world = World::in_phase(Phase::Diagnosis);
        let form = FormId {
            incident: Some(INCIDENT),
            phase: None,
            asks: asks.clone(),
        };
        let told = said(&world.fill(&commander(ADA), form, &[("text", "x")]).await);
        assert!(!told.contains(kept_out), "{asks:?}: {told}");
        assert!(!told.starts_with(&viewers_are_told()), "{asks:?}: {told}");
    }
}

/// Whether this is what readers are told who may not act.
fn keeps_out(told: &Reply) -> bool {
    matches!(told, Reply::Private(card) if card.content.starts_with(&viewers_are_told()))
}

/// What takes command neither happens by a responder while somebody holds it, nor is it refused without a name.
#[tokio::test]
async fn what_takes_command_is_for_its_holder_and_everybody_else_can_ask_them() {
    for act in every_act() {
        if needs_of_act(&act) != Needs::Command {
            continue;
        }
        let world = World::in_phase(Phase::Diagnosis);
        let before = world.incident();
        let told = world.press(&in_channel(ADA), act.clone()).await;
        let after = world.incident();
        assert_eq!(
            (
                after.phase,
                after.severity,
                after.visibility,
                after.command,
                after.updates.len()
            ),
            (
                before.phase,
                before.severity,
                before.visibility,
                before.command,
                before.updates.len()
            ),
            "{act:?}: {}",
            said(&told)
        );
    }
    let world = World::in_phase(Phase::Diagnosis);
    let lower = Act::LowerSeverity(Severity::Sev3, LowerReason::Scope);
    let refused = world.press(&in_channel(ADA), lower).await;
    insta::assert_snapshot!(said(&refused), @"Only <@5>, who holds command, can lower the severity. [Ask them]");
    let asked = world.press_on(&refused, &in_private(ADA), "Ask them").await;
    insta::assert_snapshot!(said(&asked), @"<@5> is asked, in the channel.");
    let line = world.timeline().pop().expect("it is noted");
    insta::assert_snapshot!(line, @"02:04 question asked <@5>: Set it to SEV3");
    world.press_on(&refused, &in_private(ADA), "Ask them").await;
    assert_eq!(world.timeline().pop(), Some(line), "asked once");
}

/// Whatever takes command, in whatever phase it can be asked: where nobody is there to ask, it is not refused for that. One
/// thing is: to show what was hidden, once it is over, nothing presses and somebody owns the postmortem.
#[tokio::test]
async fn nothing_that_presses_is_refused_to_a_responder_because_nobody_holds_command() {
    let mut walked = 0;
    for act in every_act() {
        if needs_of_act(&act) != Needs::Command {
            continue;
        }
        walked += 1;
        for phase in [
            Phase::Open,
            Phase::Diagnosis,
            Phase::Validation,
            Phase::Learning,
        ] {
            let world = World::in_phase(phase);
            world.nobody_commands();
            let shows = matches!(act, Act::Unrestrict | Act::UnrestrictNow);
            if shows {
                world.becomes_restricted();
            }
            let told = match world.press(&in_channel(ADA), act.clone()).await {
                Reply::Form(_) | Reply::Quiet => continue,
                told => said(&told),
            };
            if shows && phase == Phase::Learning {
                assert_eq!(
                    told, "Only <@5> can show it to everybody again. [Ask them]",
                    "{act:?}"
                );
                assert_eq!(world.incident().visibility, Visibility::Restricted);
                continue;
            }
            for refusal in [
                "who holds command, can",
                "Only whoever holds command",
                "needs the responder role",
            ] {
                assert!(!told.contains(refusal), "{act:?} in {phase}: {told}");
            }
        }
    }
    assert!(walked > 10, "the table names {walked}");
    for asks in every_form() {
        if needs_of_form(&asks) == Needs::Command {
            let world = World::with_open_incident();
            let form = FormId {
                incident: Some(INCIDENT),
                phase: None,
                asks,
            };
            let told = world.fill(&in_channel(ADA), form, &[("text", "x")]).await;
            assert!(
                !said(&told).contains("holds command, can"),
                "{}",
                said(&told)
            );
        }
    }
}

#[tokio::test]
async fn showing_a_hidden_incident_takes_a_second_tap_that_says_what_everybody_will_see() {
    let world = World::with_open_incident();
    world.becomes_restricted();
    let asked = world.press(&in_channel(ADA), Act::Unrestrict).await;
    insta::assert_snapshot!(said(&asked), @"🔓 Everybody in the server will see INC-0142: its title *orders-api 5xx*, every message in its channel, 0 lines of its timeline, and the 2 people in it. The digest names it, and stakeholders are told from then on. **What was read cannot be taken back.** Nobody holds command: it is noted that you did it. [Show it to everybody] [Leave it hidden]");
    assert_eq!(world.incident().visibility, Visibility::Restricted);
    let told = world
        .press_on(&asked, &in_private(ADA), "Show it to everybody")
        .await;
    insta::assert_snapshot!(said(&told), @"Everybody in the server sees it again. Nobody held command, so it is noted that you did it.");
    assert_eq!(world.incident().visibility, Visibility::Normal);
}

#[tokio::test]
async fn where_nobody_holds_command_a_responder_does_it_and_that_is_noted() {
    let world = World::with_open_incident();
    assert_eq!(world.incident().command, None);
    let told = world
        .press(&in_channel(ADA), Act::Cancel(CancelReason::FalseAlarm))
        .await;
    insta::assert_snapshot!(said(&told), @"Cancelled: False alarm. Nobody held command, so it is noted that you did it.");
    assert_eq!(world.incident().phase, Phase::Cancelled);
    insta::assert_snapshot!(world.timeline().pop().expect("it is noted"), @"02:03 note done by a responder, nobody held command: saying that it is no incident");
    let commander = World::with_open_incident();
    let ada = Actor::Person {
        id: ADA,
        rank: Rank::Commander,
    };
    let reason = CancelReason::FalseAlarm;
    commander.does(ada, Command::Cancel { reason });
    let line = commander.timeline().pop().expect("it is noted");
    assert!(!line.contains("nobody held command"), "{line}");
}

/// What is for responders only is in nothing that a reader opens, and in nothing that others are told.
#[tokio::test]
async fn a_line_for_responders_only_is_shown_to_responders_only() {
    let world = World::in_phase(Phase::Diagnosis);
    let log = FormId {
        incident: Some(INCIDENT),
        phase: None,
        asks: FormAsks::Log,
    };
    let words = "act!: amber otter revoked";
    world.fill(&in_channel(ADA), log, &[("text", words)]).await;
    let number = world.newest_line();
    for act in [
        Act::Timeline,
        Act::Read(Reading::All, 0),
        Act::Read(Reading::Actions, 0),
        Act::CatchUp,
        Act::Entry(number),
    ] {
        let shown = said(&world.press(&in_channel(SAM), act.clone()).await);
        assert!(shown.contains("otter"), "{act:?}: {shown}");
        let shown = said(&world.press(&viewer(ADA), act.clone()).await);
        assert!(!shown.contains("otter"), "{act:?}: {shown}");
    }
    for act in [
        Act::Update,
        Act::ShowBoard,
        Act::TextBoard,
        Act::AskHandover,
    ] {
        let shown = said(&world.press(&in_channel(SAM), act.clone()).await);
        assert!(!shown.contains("otter"), "{act:?}: {shown}");
    }

    let card = world.press(&in_private(SAM), Act::Entry(number)).await;
    let everybody = world
        .press_on(&card, &in_private(SAM), "For everybody")
        .await;
    let shown = said(&world.press(&viewer(ADA), Act::Entry(number)).await);
    assert!(shown.contains("otter"), "{shown}");
    world
        .press_on(&everybody, &in_private(SAM), "Responders only")
        .await;
    let shown = said(&world.press(&viewer(ADA), Act::Entry(number)).await);
    assert!(!shown.contains("otter"), "{shown}");
}

#[test]
fn every_command_has_its_place_in_the_table_and_says_so_in_the_documentation() {
    for command in all() {
        let verbs: Vec<(String, Option<&str>)> = match &command.context_menu_name {
            Some(name) => vec![(name.to_string(), command.category.as_deref())],
            None => command
                .subcommands
                .iter()
                .map(|verb| {
                    let name = format!("{} {}", command.name, verb.name);
                    (name, verb.category.as_deref())
                })
                .collect(),
        };
        for (name, category) in verbs {
            let needs = needs_of_command(&name).unwrap_or_else(|| panic!("{name} is not in it"));
            let category = category.unwrap_or("everybody");
            let said = if category.contains("everybody") {
                Needs::Viewer
            } else if category.starts_with("responders") {
                Needs::Responder
            } else {
                Needs::Command
            };
            assert_eq!(needs, said, "{name}: {category}");
        }
    }
    assert_eq!(needs_of_command("soup"), None);
    assert!(needs_of_form(&FormAsks::EditUpdate) == Needs::Command);
}
