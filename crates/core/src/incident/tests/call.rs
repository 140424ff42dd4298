//! Joining the call.

use super::night::CHANNEL;
use super::{ADA, KIM, MO, Night, SAM};
use crate::card::{Act, Card, Does, Row};
use crate::cards;
use crate::effect::{DirectTopic, Effect};
use crate::ids::ChannelId;
use crate::incident::{
    CALL_ENDS_AFTER, CallPolicy, CallState, CancelReason, Command, Report, Visibility,
};
use crate::severity::Severity::Sev2;

const CALL: ChannelId = ChannelId(901);
const URL: &str = "https://discord.com/channels/1/901";
const MEET: &str = "https://meet.example/war-room";

fn taken() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
}

fn opened() -> Report {
    Report::CallOpened {
        channel: CALL,
        url: URL.to_owned(),
    }
}

/// Sam joins, and the channel opens.
fn in_a_call() -> Night {
    let mut night = taken();
    night.by(SAM).asks(Command::OpenCall);
    night.bot(Command::Report(opened()));
    night
}

/// What the button *Join call* of a card does.
fn join(card: &Card) -> Option<Does> {
    card.rows
        .iter()
        .filter_map(|row| match row {
            Row::Buttons(buttons) => Some(buttons),
            _ => None,
        })
        .flatten()
        .find(|button| button.label == "Join call")
        .map(|button| button.does.clone())
}

fn on_the_board(night: &Night) -> Option<Does> {
    let board = cards::board(night.incident());
    join(&cards::with_call(
        board,
        night.incident(),
        &night.policy.call,
    ))
}

fn opens(does: Option<Does>) -> Option<String> {
    match does {
        Some(Does::Open(url)) => Some(url),
        _ => None,
    }
}

#[test]
fn the_first_to_join_opens_the_call_and_everybody_else_is_a_tap_away() {
    let mut night = taken();
    match on_the_board(&night) {
        Some(Does::Press(press)) => assert_eq!(press.act, Act::JoinCall),
        other => panic!("{other:?}"),
    }
    night.by(SAM).asks(Command::OpenCall);
    assert_eq!(night.followed(), ["open_call"]);
    night.by(ADA).asks(Command::OpenCall);
    assert!(night.happened().is_empty(), "it is on its way already");

    night.bot(Command::Report(opened()));
    assert_eq!(night.noted(), ["note: call opened"]);
    assert_eq!(opens(join(&night.said()[0])).as_deref(), Some(URL));
    assert_eq!(opens(on_the_board(&night)).as_deref(), Some(URL));
    let page = cards::direct(night.incident(), SAM, &DirectTopic::Page);
    let page = cards::direct_with_call(page, night.incident(), SAM, &night.policy.call);
    assert_eq!(opens(join(&page)).as_deref(), Some(URL), "you have it");
    let stranger = cards::direct(night.incident(), KIM, &DirectTopic::Page);
    let stranger = cards::direct_with_call(stranger, night.incident(), KIM, &night.policy.call);
    assert_eq!(join(&stranger), None, "whoever may sleep is not invited");

    night.bot(Command::Report(opened()));
    assert!(night.happened().is_empty(), "told twice is once");
}

#[test]
fn a_team_with_one_address_for_all_calls_has_it_on_the_board_from_the_start() {
    let mut night = taken();
    night.policy.call = CallPolicy::Link(MEET.to_owned());
    assert_eq!(opens(on_the_board(&night)).as_deref(), Some(MEET));
    night.by(SAM).asks(Command::OpenCall);
    assert!(night.happened().is_empty(), "there is nothing to open");
}

#[test]
fn a_team_without_calls_sees_no_button_and_is_told_how_to_get_one() {
    let mut night = taken();
    night.policy.call = CallPolicy::Off;
    assert_eq!(on_the_board(&night), None);
    night.by(SAM).asks(Command::OpenCall);
    assert!(night.refusal().contains("`[call]`"), "{}", night.refusal());
}

#[test]
fn a_call_that_cannot_be_opened_says_why_and_leads_to_the_other_address() {
    let mut night = taken();
    night.policy.call = CallPolicy::Voice {
        fallback: Some(MEET.to_owned()),
        keep: false,
    };
    night.by(SAM).asks(Command::OpenCall);
    night.bot(Command::Report(Report::CallFailed {
        why: "I need *Manage Channels*.".to_owned(),
    }));
    let said = &night.said()[0];
    assert!(said.content.contains("Manage Channels"), "{}", said.content);
    assert_eq!(opens(join(said)).as_deref(), Some(MEET));
    assert_eq!(opens(on_the_board(&night)).as_deref(), Some(MEET));
    assert!(
        cards::board(night.incident())
            .body
            .contains("**CALL** could not be opened")
    );

    // Somebody has mended it.
    night.by(SAM).asks(Command::OpenCall);
    night.bot(Command::Report(opened()));
    assert_eq!(opens(on_the_board(&night)).as_deref(), Some(URL));
    assert!(!cards::board(night.incident()).body.contains("**CALL**"));
}

#[test]
fn a_call_goes_ten_minutes_after_its_incident_unless_it_is_kept() {
    let mut night = in_a_call();
    let mut kept = night.fork();
    kept.policy.call = CallPolicy::Voice {
        fallback: None,
        keep: true,
    };
    for night in [&mut night, &mut kept] {
        night.by(SAM).cancels(CancelReason::FalseAlarm);
        assert_eq!(
            opens(on_the_board(night)).as_deref(),
            Some(URL),
            "they may be talking"
        );
    }
    assert!(!kept.followed().contains(&"end_call"));
    let now = night.now;
    let end = night
        .effects
        .iter()
        .find(|effect| effect.effect == Effect::EndCall { channel: CALL })
        .expect("it ends");
    assert_eq!(end.not_before, Some(now + CALL_ENDS_AFTER));

    night.bot(Command::Report(Report::CallGone(CALL)));
    assert_eq!(night.incident().surface.call, CallState::None);
    assert_eq!(on_the_board(&night), None);
}

#[test]
fn a_call_that_was_not_there_in_time_for_the_end_ends_too() {
    let mut night = taken();
    night.by(SAM).asks(Command::OpenCall);
    night.by(SAM).cancels(CancelReason::FalseAlarm);
    assert!(!night.followed().contains(&"end_call"));
    night.bot(Command::Report(opened()));
    assert!(night.followed().contains(&"end_call"));
}

#[test]
fn a_deleted_call_is_opened_anew_by_the_next_who_joins() {
    let mut night = in_a_call();
    night.bot(Command::Report(Report::CallGone(CHANNEL)));
    assert!(night.happened().is_empty(), "that was not the call");
    night.bot(Command::Report(Report::CallGone(CALL)));
    night.by(MO).asks(Command::OpenCall);
    assert_eq!(night.followed(), ["open_call"]);
}

#[test]
fn who_may_see_a_restricted_incident_may_join_its_call() {
    let mut night = taken();
    night.by(SAM).asks(Command::OpenCall);
    night.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    night.bot(Command::Report(opened()));
    let followed = night.followed();
    assert!(followed.contains(&"sync_access"), "{followed:?}");
    assert!(followed.contains(&"admit"), "{followed:?}");
    night.after_minutes(1).by(SAM).asks(Command::SetVisibility {
        to: Visibility::Normal,
    });
    assert!(night.followed().contains(&"sync_access"));
}
