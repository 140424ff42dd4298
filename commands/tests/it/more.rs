//! Everything else: the card, its menus, and the same by name.

use bridgewatch_commands::buttons::encode;
use bridgewatch_commands::{Reply, opens_form};
use bridgewatch_core::alert::GroupKey;
use bridgewatch_core::card::{Act, ActGroup, Press, Row};
use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{Actor, Attached, Command, Incident, Rank};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::runbook::{ReferenceSection, StepAction, StepId};

use crate::world::{INCIDENT, SAM, World, card_of, in_channel, in_private, said};

#[tokio::test]
async fn an_act_chosen_in_a_menu_is_the_button_pressed() {
    let world = World::in_phase(Phase::Diagnosis);
    let chosen = encode(&Press::in_phase(
        INCIDENT,
        Phase::Diagnosis,
        Act::Move(Phase::Mitigation),
    ));
    let reply = world
        .choose(
            &in_private(SAM),
            Act::Choose(ActGroup::Incident),
            &[&chosen],
        )
        .await;
    insta::assert_snapshot!(said(&reply), @"Now in *Mitigation & Containment*. [Undo]");
    let again = Press::in_phase(INCIDENT, Phase::Diagnosis, Act::AskCancel);
    let old = world
        .choose(
            &in_private(SAM),
            Act::Choose(ActGroup::Incident),
            &[&encode(&again)],
        )
        .await;
    assert!(said(&old).contains("This card is old"), "{}", said(&old));
}

#[tokio::test]
async fn a_choice_of_another_incident_or_of_nonsense_shows_the_card_anew() {
    let world = World::in_phase(Phase::Diagnosis);
    let other = encode(&Press::any_time(IncidentId(7), Act::Take));
    for value in [other.as_str(), "soup", "bw1|142|-|choose|look"] {
        let reply = world
            .choose(&in_private(SAM), Act::Choose(ActGroup::Look), &[value])
            .await;
        assert_eq!(card_of(&reply).title, "INC-0142 – more", "{value}");
    }
}

/// From inside an incident, too, the desk is two taps away.
#[tokio::test]
async fn the_front_desk_is_chosen_from_the_menu_of_an_incident() {
    let world = World::in_phase(Phase::Diagnosis);
    let desk = encode(&Press::any_time(INCIDENT, Act::FrontDesk));
    let reply = world
        .choose(&in_private(SAM), Act::Choose(ActGroup::Look), &[&desk])
        .await;
    assert_eq!(reply, Reply::Update(cards::front_desk()));
}

#[tokio::test]
async fn every_offer_of_every_phase_is_on_the_card_and_answers() {
    for phase in Phase::ALL {
        let world = World::in_phase(phase);
        let card = match world.press(&in_channel(SAM), Act::More).await {
            Reply::Update(card) => card,
            other => panic!("{other:?}"),
        };
        assert!(card.rows.len() <= 5, "{phase} does not fit a phone");
        let shown: Vec<&Press> = card
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Acts(menu) => Some(menu.options.iter().map(|(_, press)| press)),
                _ => None,
            })
            .flatten()
            .collect();
        for offer in cards::offers() {
            let Some(press) = offer.press(&world.incident()) else {
                continue;
            };
            assert!(shown.contains(&&press), "{} in {phase}", offer.name);
        }
    }
}

/// Incidents of every kind: each offer can be pressed in one of them at least.
fn incidents_of_every_kind() -> Vec<Incident> {
    let mut incidents: Vec<Incident> = Phase::ALL
        .into_iter()
        .map(|phase| World::in_phase(phase).incident())
        .collect();
    let guessed = World::in_phase(Phase::Diagnosis);
    let sam = Actor::Person {
        id: SAM,
        rank: Rank::Responder,
    };
    guessed.does(sam, Command::StateHypothesis("the release".to_owned()));
    let step = StepId::new("cached").expect("the literal is an identifier");
    let action = StepAction::Done {
        for_role: None,
        choice: None,
        confirmed: true,
    };
    guessed.does(sam, Command::Step { step, action });
    guessed.becomes_restricted();
    incidents.push(guessed.incident());
    let mut spoken_of = World::in_phase(Phase::Diagnosis).incident();
    let checklist = spoken_of.checklist.as_mut().expect("it has a runbook");
    checklist.reference.push(ReferenceSection {
        title: "Owners".to_owned(),
        text: "The team.".to_owned(),
    });
    incidents.push(spoken_of);
    let mut roomless = World::in_phase(Phase::Diagnosis).incident();
    roomless.surface.lost_channel = roomless.surface.channel.take();
    incidents.push(roomless);
    let worst = World::in_phase(Phase::Open);
    let to = bridgewatch_core::severity::Severity::Sev1;
    worst.does(sam, Command::SetSeverity { to, reason: None });
    incidents.push(worst.incident());
    let mut joined = World::in_phase(Phase::Diagnosis).incident();
    joined.relations.attached.push(Attached {
        group: GroupKey {
            source: "alertmanager".to_owned(),
            receiver: "bridgewatch".to_owned(),
            group_key: "{}:{alertname=\"MailStuck\"}".to_owned(),
        },
        what: "MailStuck".to_owned(),
        because: Some("service=mail".to_owned()),
        receipts: Default::default(),
    });
    incidents.push(joined);
    incidents
}

/// What an offer presses where it can be pressed.
pub fn act_of(offer: &cards::Offer) -> Act {
    let press = incidents_of_every_kind()
        .iter()
        .find_map(|incident| offer.press(incident));
    let Some(press) = press else {
        panic!("{} can never be done", offer.name)
    };
    press.act
}

#[test]
fn a_name_stands_for_one_offer_and_tells_whether_a_form_opens() {
    let offers = cards::offers();
    for (index, offer) in offers.iter().enumerate() {
        assert!(
            offers[..index].iter().all(|other| other.name != offer.name),
            "{}",
            offer.name
        );
        assert_eq!(
            bridgewatch_commands::opens_form_for(offer.name),
            opens_form(&act_of(offer)),
            "{}",
            offer.name
        );
    }
}
