//! Who may do what, by the roles they hold in Discord.

use bridgewatch_commands::{GuardSettings, may_see, rank_of};
use bridgewatch_core::ids::ChannelId;
use bridgewatch_core::incident::Rank;
use bridgewatch_core::phase::Phase;

use crate::acts::MO;
use crate::world::{ADA, SAM, World, in_channel, in_direct_messages};

fn settings(responder_role: Option<u64>, commander_role: Option<u64>) -> GuardSettings {
    GuardSettings {
        guild_id: 1,
        responder_role,
        commander_role,
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
    assert_eq!(rank_of(&settings, &[], true), Rank::Commander);
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
