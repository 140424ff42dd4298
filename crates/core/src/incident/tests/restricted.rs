//! What only few may see.

use super::{ADA, KIM, MO, Night, PRIYA, SAM};
use crate::card::{Act, Ping};
use crate::cards;
use crate::effect::{DirectTopic, Effect};
use crate::incident::{
    CancelReason, Command, Incident, UpdateKind, Visibility, channel_name_of, codename,
};
use crate::role::Role;
use crate::severity::Severity::{Sev1, Sev2};

const TITLE: &str = "token of the payment provider in a log";

impl super::night::Hand<'_> {
    fn restricts(self) {
        self.asks(Command::SetVisibility {
            to: Visibility::Restricted,
        });
    }

    fn shows_it_again(self) {
        self.asks(Command::SetVisibility {
            to: Visibility::Normal,
        });
    }
}

/// Sam commands a night that everybody can see, and Kim was called.
fn open_night() -> Night {
    let mut night = Night::at("03:02").on_duty(Role::Documentation, KIM);
    night = night.fires(TITLE, Sev1);
    night.channel_opens();
    night.by(SAM).takes_it();
    night
}

#[test]
fn any_responder_hides_it_with_one_tap() {
    let mut night = open_night();
    night.by(ADA).restricts();
    assert_eq!(night.incident().visibility, Visibility::Restricted);
    assert_eq!(
        night.noted(),
        ["decision: made it restricted: only its circle sees it"]
    );
    let followed = night.followed();
    for effect in ["sync_access", "sync_channel_name", "sync_digest"] {
        assert!(followed.contains(&effect), "{effect} in {followed:?}");
    }
    night.by(MO).restricts();
    assert!(night.happened().is_empty(), "it is so already");
}

#[test]
fn its_channel_gets_a_name_that_says_nothing() {
    let mut night = open_night();
    assert_eq!(
        channel_name_of(night.incident()),
        "inc-0001-token-of-the-payment-provider-in-a-log"
    );
    night.by(ADA).restricts();
    let name = format!("inc-0001-{}", codename(night.incident().id));
    assert_eq!(channel_name_of(night.incident()), name);
    let digest = cards::digest(night.incident());
    assert!(!digest.content.contains("token"), "{}", digest.content);
    assert!(digest.content.contains(&codename(night.incident().id)));
}

#[test]
fn only_command_shows_it_again_and_that_is_written_down() {
    let mut night = open_night();
    night.by(ADA).restricts();
    night.by(ADA).shows_it_again();
    assert_eq!(
        night.refusal(),
        "Only @Sam, who holds command, can show it to everybody again."
    );
    night.by(SAM).shows_it_again();
    assert_eq!(
        night.noted(),
        ["decision: made it visible to everybody again"]
    );
    assert!(night.followed().contains(&"sync_access"));
    assert!(night.followed().contains(&"sync_digest"));
}

#[test]
fn where_nobody_commands_a_responder_shows_it_and_that_is_written_down() {
    let mut night = Night::at("03:02").restricted().fires(TITLE, Sev1);
    night.channel_opens();
    night.by(ADA).shows_it_again();
    assert_eq!(night.incident().visibility, Visibility::Normal);
    assert_eq!(
        night.noted(),
        [
            "decision: made it visible to everybody again",
            "note: done by a responder, nobody held command: showing it to everybody again"
        ]
    );
}

#[test]
fn what_was_called_off_is_shown_by_whoever_took_part_and_that_is_written_down() {
    let mut night = Night::at("03:02").restricted().fires(TITLE, Sev1);
    night.channel_opens();
    night.by(ADA).asks(Command::Cancel {
        reason: CancelReason::Test,
    });
    night.by(PRIYA).shows_it_again();
    assert_eq!(
        night.refusal(),
        "Only whoever holds command can show it to everybody again, and nobody does: ask a commander or an administrator."
    );
    night.by(ADA).shows_it_again();
    assert_eq!(night.incident().visibility, Visibility::Normal);
    assert_eq!(
        night.noted(),
        [
            "decision: made it visible to everybody again",
            "note: done by a responder, nobody held command: showing it to everybody again"
        ]
    );
}

#[test]
fn once_it_is_over_and_nobody_commands_the_owner_of_the_postmortem_shows_it() {
    let mut night = Night::at("03:02").restricted().fires(TITLE, Sev1);
    night.channel_opens();
    night.by(KIM).accepts(Role::Documentation);
    night.by(ADA).resolves_anyway();
    assert_eq!(night.incident().command, None);
    night.by(SAM).shows_it_again();
    assert_eq!(night.refusal(), "Only @Kim can show it to everybody again.");
    let asked = Act::Unrestrict;
    night.by(SAM).asks(Command::AskToDo {
        act: Box::new(asked),
    });
    assert_eq!(
        night.said()[0].ping,
        Ping::People(vec![KIM]),
        "who can is asked"
    );
    night.by(KIM).shows_it_again();
    assert_eq!(night.incident().visibility, Visibility::Normal);
    assert!(
        night
            .noted()
            .iter()
            .any(|line| line.contains("nobody held command"))
    );
}

#[test]
fn people_are_told_once_to_keep_the_evidence_before_they_contain_anything() {
    let mut born = Night::at("03:02").restricted();
    born.by(SAM).declares(TITLE, Sev1);
    born.bot(Command::Report(crate::incident::Report::ChannelReady(
        super::night::CHANNEL,
    )));
    assert!(born.said()[0].content.contains("keep the evidence"));

    let mut made = open_night();
    made.by(SAM).restricts();
    let said: Vec<String> = made.said().into_iter().map(|card| card.content).collect();
    assert!(said.iter().any(|line| line.contains("keep the evidence")));
    made.by(SAM).shows_it_again();
    made.by(SAM).restricts();
    assert!(
        !made.happened().contains(&"evidence_reminded".to_owned()),
        "{:?}",
        made.happened()
    );
}

#[test]
fn the_direct_message_of_somebody_outside_is_rewritten() {
    let mut night = open_night();
    night.was_written_to(
        KIM,
        DirectTopic::Proposal {
            role: Role::Documentation,
        },
    );
    night.by(KIM).declines(Role::Documentation);
    // Whoever did something knows of it and stays in the circle; Priya only read a message.
    night.was_written_to(PRIYA, DirectTopic::Page);
    night.by(SAM).restricts();
    let rewritten = |person| {
        night
            .last_effects()
            .iter()
            .any(|effect| matches!(effect, Effect::SyncDirect { person: to, .. } if *to == person))
    };
    assert!(rewritten(PRIYA));
    let outside = cards::direct(night.incident(), PRIYA, &DirectTopic::Page);
    assert_eq!(
        (outside.content.as_str(), outside.title.as_str()),
        (
            "🔒 INC-0001: others go on with it. Nothing is needed from you.",
            ""
        )
    );
    assert!(outside.rows.is_empty(), "nothing to press");
    let inside = cards::direct(night.incident(), SAM, &DirectTopic::Page);
    assert!(inside.title.contains("token"));
}

#[test]
fn somebody_is_let_in_and_stays_in() {
    let mut night = open_night();
    night.by(SAM).restricts();
    night.by(SAM).asks(Command::Admit { person: PRIYA });
    assert!(night.incident().circle().contains(&PRIYA));
    assert!(
        night
            .last_effects()
            .contains(&Effect::Admit { person: PRIYA })
    );
    assert_eq!(night.noted(), ["role: let @Priya in"]);
    night.by(SAM).asks(Command::Admit { person: PRIYA });
    assert!(night.happened().is_empty());

    // Whoever was asked and cannot has read the channel; that is not taken back.
    night.by(SAM).proposes(Role::Backend, MO);
    night.by(MO).declines(Role::Backend);
    assert!(night.incident().circle().contains(&MO));
}

#[test]
fn nobody_is_let_into_what_everybody_sees() {
    let mut night = open_night();
    night.by(SAM).asks(Command::Admit { person: PRIYA });
    assert!(
        night
            .refusal()
            .starts_with("Everybody in the server sees it already")
    );
}

#[test]
fn an_update_of_a_restricted_incident_stays_in_its_channel() {
    let mut night = open_night();
    night.by(SAM).restricts();
    night.after_minutes(1).by(SAM).sends("The key is revoked.");
    assert!(!night.followed().contains(&"deliver_update"));
    let sent = night.incident().updates.last().expect("it was sent");
    assert_eq!(sent.targets, Vec::<String>::new());
    night.runs_until("05:00");
    let by_itself = |incident: &Incident| {
        incident
            .updates
            .iter()
            .any(|update| update.kind == UpdateKind::Holding)
    };
    assert!(!by_itself(night.incident()));
}

#[test]
fn a_channel_that_was_being_opened_when_somebody_hid_the_incident_is_closed_at_once() {
    let mut night = Night::at("03:02");
    night.by(SAM).declares(TITLE, Sev2);
    night.by(SAM).restricts();
    night.bot(Command::Report(crate::incident::Report::ChannelReady(
        super::night::CHANNEL,
    )));
    assert!(night.followed().contains(&"sync_access"));
    assert!(night.followed().contains(&"sync_channel_name"));
}
