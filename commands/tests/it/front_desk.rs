//! What people do where there is no incident: with buttons, and typed.

use bridgewatch_commands::forms::FormId;
use bridgewatch_commands::{Reply, Who, opens_form};
use bridgewatch_core::card::{Act, Card, ListOf, Menu, Press, Row};
use bridgewatch_core::cards::{self, HelpTopic};
use bridgewatch_core::ids::{ChannelId, IncidentId};
use bridgewatch_core::phase::Phase;

use crate::world::{
    ADA, INCIDENT, SAM, World, card_of, form_of, in_private, said, viewer, viewers_are_told,
};

/// Somebody in a channel that belongs to no incident.
fn elsewhere(who: Who) -> Who {
    Who {
        channel: ChannelId(1),
        ..who
    }
}

fn sam() -> Who {
    elsewhere(in_private(SAM))
}

fn reader() -> Who {
    elsewhere(viewer(ADA))
}

async fn asks(world: &World, who: &Who, act: Act) -> Reply {
    world.pressed(who, Press::of_none(act), &[]).await
}

fn menu(card: &Card) -> &Menu {
    card.rows
        .iter()
        .find_map(|row| match row {
            Row::Menu(menu) => Some(menu),
            _ => None,
        })
        .unwrap_or_else(|| panic!("no menu on {card:?}"))
}

async fn filled(world: &World, who: &Who, act: Act, fields: &[(&str, &str)]) -> Reply {
    let form = asks(world, who, act).await;
    let id: FormId = form_of(&form).id.clone();
    assert_eq!(id.incident, None);
    world.fill(who, id, fields).await
}

#[tokio::test]
async fn every_button_of_the_desk_answers_everybody_with_something_of_its_own() {
    let world = World::in_phase(Phase::Diagnosis);
    let desk = asks(&world, &sam(), Act::FrontDesk).await;
    insta::assert_snapshot!(said(&desk), @"
    Front desk
    **Something is broken?** *New incident…* and a few words: a channel opens, you have it. [New incident…] [Open incidents] [Runbooks…] [Maintenance…] [Check the setup] [Help]
    ");
    for offer in cards::desk_offers() {
        let press = Press::of_none(offer.act.clone());
        for who in [sam(), reader()] {
            let answer = world.pressed(&who, press.clone(), &[]).await;
            match answer {
                Reply::Form(_) => assert!(opens_form(&offer.act), "{}", offer.name),
                answer => {
                    assert!(!opens_form(&offer.act), "{}", offer.name);
                    let said = said(&answer);
                    assert!(!said.contains("I know no such incident"), "{said}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_form_begins_an_incident_as_the_command_does() {
    let world = World::in_phase(Phase::Diagnosis);
    let told = filled(
        &world,
        &sam(),
        Act::NewIncident,
        &[("title", "mail is stuck"), ("severity", "SEV3")],
    )
    .await;
    insta::assert_snapshot!(said(&told), @"🟨 **INC-0143** SEV3: mail is stuck. You have it and hold command 👑. Its channel opens within seconds.");
    let world = World::in_phase(Phase::Diagnosis);
    let told = filled(&world, &sam(), Act::NewIncident, &[("title", "db down")]).await;
    insta::assert_snapshot!(said(&told), @"
    🟧 **INC-0143** SEV2: db down. You have it and hold command 👑. Its channel opens within seconds.
    How bad is it? [Most users cannot do the main thing, or data is at risk] [Many users are hurt] [Some users, workaround]
    ");
}

/// At night nobody waits for a word: what cannot be read is said, and the buttons below it ask again.
#[tokio::test]
async fn a_severity_that_cannot_be_read_begins_it_all_the_same() {
    let world = World::in_phase(Phase::Diagnosis);
    let fields = [("title", "db down"), ("severity", "`terrible`")];
    let told = filled(&world, &sam(), Act::NewIncident, &fields).await;
    insta::assert_snapshot!(said(&told), @"
    🟧 **INC-0143** SEV2: db down. You have it and hold command 👑. Its channel opens within seconds.
    `'terrible'` is no severity I know, so it is SEV2 for now.
    How bad is it? [Most users cannot do the main thing, or data is at risk] [Many users are hurt] [Some users, workaround]
    ");
}

#[tokio::test]
async fn an_empty_title_is_refused_in_words_and_what_was_typed_comes_back() {
    let world = World::in_phase(Phase::Diagnosis);
    let told = filled(&world, &sam(), Act::NewIncident, &[("title", "  ")]).await;
    insta::assert_snapshot!(said(&told), @"An incident needs a title: say in a few words what is wrong.");
    world.breaks();
    let told = filled(&world, &sam(), Act::NewIncident, &[("title", "db down")]).await;
    assert!(
        said(&told).contains("Your words, to copy\ndb down"),
        "{}",
        said(&told)
    );
}

#[tokio::test]
async fn whoever_may_only_read_tells_of_an_incident_and_carries_nothing() {
    let world = World::in_phase(Phase::Diagnosis);
    let told = filled(&world, &reader(), Act::NewIncident, &[("title", "db down")]).await;
    assert!(!said(&told).contains("You have it"), "{}", said(&told));
    assert!(said(&told).contains("INC-0143"), "{}", said(&told));
}

#[tokio::test]
async fn from_the_list_a_board_opens_with_its_buttons() {
    let world = World::in_phase(Phase::Diagnosis);
    let list = asks(&world, &sam(), Act::Incidents(ListOf::Live)).await;
    let menu = menu(card_of(&list));
    let values: Vec<&str> = menu
        .options
        .iter()
        .map(|option| option.value.as_str())
        .collect();
    assert_eq!(values, ["INC-0142"]);
    let board = world.pressed(&sam(), menu.press.clone(), &values).await;
    assert_eq!(
        board,
        world
            .pressed(&sam(), Press::any_time(INCIDENT, Act::ShowBoard), &[])
            .await
    );
    for soup in ["INC-0007", "soup", ""] {
        let told = world.pressed(&sam(), menu.press.clone(), &[soup]).await;
        assert!(said(&told).contains("I know no such incident"), "{soup}");
    }
}

#[tokio::test]
async fn a_restricted_incident_is_in_no_list_and_opens_no_board_for_those_outside() {
    let world = World::in_phase(Phase::Diagnosis);
    let list = asks(&world, &sam(), Act::Incidents(ListOf::All)).await;
    let open = menu(card_of(&list)).press.clone();
    world.becomes_restricted();
    let outside = elsewhere(in_private(crate::acts::MO));
    let list = asks(&world, &outside, Act::Incidents(ListOf::All)).await;
    assert!(!format!("{list:?}").contains("orders-api"), "{list:?}");
    let told = world.pressed(&outside, open.clone(), &["INC-0142"]).await;
    assert!(
        said(&told).contains("I know no such incident"),
        "{}",
        said(&told)
    );
    let told = world.pressed(&sam(), open, &["INC-0142"]).await;
    assert!(said(&told).contains("orders-api"), "who is in it, sees it");
}

#[tokio::test]
async fn incidents_are_found_by_what_is_typed_into_a_form() {
    let world = World::in_phase(Phase::Diagnosis);
    let fields = [("text", "orders"), ("which", "Live")];
    let told = filled(&world, &sam(), Act::FindIncidents, &fields).await;
    assert!(said(&told).contains("INC-0142"), "{}", said(&told));
    let fields = [("which", "yesterday")];
    let told = filled(&world, &sam(), Act::FindIncidents, &fields).await;
    insta::assert_snapshot!(said(&told), @"Which: live, mine or all.");
    let fields = [("severity", "sev9")];
    let told = filled(&world, &sam(), Act::FindIncidents, &fields).await;
    insta::assert_snapshot!(said(&told), @"`sev9` is not a severity: use sev1, sev2, sev3 or sev4.");
}

#[tokio::test]
async fn runbooks_are_chosen_read_found_and_checked() {
    let world = World::in_phase(Phase::Diagnosis);
    let library = asks(&world, &sam(), Act::Library).await;
    let card = card_of(&library);
    let menu = menu(card);
    assert!(menu.options.len() >= 8);
    let read = world
        .pressed(&sam(), menu.press.clone(), &["backend"])
        .await;
    assert!(said(&read).contains("**Diagnosis**"), "{}", said(&read));
    let told = world.pressed(&sam(), menu.press.clone(), &["soup`"]).await;
    insta::assert_snapshot!(said(&told), @"There is no runbook `soup'`. `/runbook find` lists them.");
    let mend = world
        .press_on(&library, &sam(), "What is to be mended")
        .await;
    assert!(said(&mend).contains("nothing to mend"), "{}", said(&mend));
    let found = filled(&world, &sam(), Act::FindRunbooks, &[("words", "database")]).await;
    assert!(said(&found).contains("`backend`"), "{}", said(&found));
    let none = filled(&world, &sam(), Act::FindRunbooks, &[("words", "zebra")]).await;
    insta::assert_snapshot!(said(&none), @"No runbook speaks of `zebra`. `/runbook find` alone lists all 8. [Find…] [All runbooks]");
}

#[tokio::test]
async fn maintenance_is_planned_and_ended_without_an_incident_by_whoever_may_act() {
    let world = World::in_phase(Phase::Diagnosis);
    let looked = asks(&world, &sam(), Act::Maintenance).await;
    insta::assert_snapshot!(said(&looked), @"No maintenance is planned. *Plan…* plans some: what fires for it opens no channel and pages nobody meanwhile. [Plan…] [Front desk]");
    let fields = [
        ("what", "orders-api"),
        ("until", "90m"),
        ("reason", "new database"),
    ];
    let planned = filled(&world, &sam(), Act::PlanMaintenance, &fields).await;
    assert!(
        said(&planned).contains("Maintenance 1 of"),
        "{}",
        said(&planned)
    );
    let looked = asks(&world, &reader(), Act::Maintenance).await;
    assert!(
        said(&looked).contains("[End 1] [Plan…]"),
        "{}",
        said(&looked)
    );
    for label in ["End 1", "Plan…"] {
        let told = world.press_on(&looked, &reader(), label).await;
        assert_eq!(said(&told), viewers_are_told());
    }
    let ended = world.press_on(&looked, &sam(), "End 1").await;
    assert!(said(&ended).contains("is over"), "{}", said(&ended));
}

#[tokio::test]
async fn the_setup_is_shown_to_those_who_manage_the_server() {
    let world = World::in_phase(Phase::Diagnosis);
    let told = asks(&world, &sam(), Act::CheckSetup).await;
    insta::assert_snapshot!(said(&told), @"Only those who manage the server see this (*Manage Server*): ask one of them to press *Check the setup*. Everything else here is yours.");
    let manager = Who {
        manages_server: true,
        ..sam()
    };
    let told = asks(&world, &manager, Act::CheckSetup).await;
    assert!(
        said(&told).contains("nothing is missing"),
        "{}",
        said(&told)
    );
}

#[tokio::test]
async fn help_has_the_buttons_of_the_desk_and_tells_more_about_its_topics() {
    let world = World::in_phase(Phase::Diagnosis);
    let help = asks(&world, &sam(), Act::Help).await;
    insta::assert_snapshot!(said(&help), @"
    Help
    **Something is broken:** *New incident…* or `/inc new`, and a few words. A channel opens, you have it.
    **Which incidents are there?** *Open incidents* or `/inc list`.
    **You are in an incident's channel:** press the first button of the pinned board. [New incident…] [Open incidents] [Runbooks…] [Maintenance…] [Check the setup] [About the timeline] [About roles] [About updates]
    ");
    let more = world.press_on(&help, &sam(), "About roles").await;
    assert_eq!(card_of(&more), &cards::help_topic(HelpTopic::Roles));
}

/// Nothing of the desk is done to whatever incident a made-up id names.
#[tokio::test]
async fn an_act_of_an_incident_does_nothing_without_one() {
    let world = World::in_phase(Phase::Diagnosis);
    let before = world.incident();
    for act in [Act::Resolve, Act::Take, Act::ShowBoard] {
        let told = asks(&world, &sam(), act).await;
        assert!(said(&told).contains("I know no such incident"));
    }
    assert_eq!(world.incident(), before);
    assert_eq!(before.id, IncidentId(142));
}
