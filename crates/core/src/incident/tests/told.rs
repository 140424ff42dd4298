//! What goes out to the stakeholders is what was shown, holds when it is read, and says nothing of how people work inside.

use insta::assert_snapshot;

use super::cards::{buttons_of, first_button};
use super::{ADA, MO, Night, SAM, at, readable};
use crate::card::{Act, Card, DataLoss, Does, Row};
use crate::cards;
use crate::incident::{Command, HandoverSubject, ImpactAnswer, UpdateKind, Visibility};
use crate::phase::Phase::{Diagnosis, Fix, Mitigation, Validation};
use crate::role::Role::{Backend, Bridge, OnCall};
use crate::runbook::{StepAction, StepId};
use crate::severity::Severity::{Sev1, Sev2};
use crate::update::{all_clear, draft, mark_of, nothing_new};

/// A SEV1 that Sam has, in the mitigation, with Ada beside him.
fn mitigating() -> Night {
    let mut night = Night::at("03:02")
        .with_runbook("scenario-3am")
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.by(ADA).accepts(Backend);
    night.by(SAM).moves_to(Mitigation);
    night
}

fn risky() -> StepId {
    StepId::new("retry-batches").expect("a step's id")
}

fn done_on(night: &Night) -> String {
    let text = readable(&draft(night.incident(), &night.entries()));
    let line = text
        .lines()
        .find(|line| line.starts_with("**What we are doing:**"));
    line.expect("every draft says what is done").to_owned()
}

fn update_card(night: &Night) -> Card {
    let incident = night.incident();
    let text = draft(incident, &night.entries());
    cards::update_card(incident, &text, night.now, &night.policy)
}

#[test]
fn what_stakeholders_read_is_promised_as_the_bot_keeps_it() {
    for (kind, minutes, due) in [
        (UpdateKind::Update, Some(45), "03:47"),
        (UpdateKind::Update, None, "03:22"),
        (UpdateKind::NothingNew, Some(60), "04:02"),
    ] {
        let mut night = mitigating();
        let text = match kind {
            UpdateKind::NothingNew => nothing_new(night.incident(), &night.entries()),
            _ => draft(night.incident(), &night.entries()),
        };
        assert!(!text.contains("Next update"), "the form shows it: {text}");
        night.by(SAM).asks(Command::SendUpdate {
            kind,
            text,
            next_in_minutes: minutes,
        });
        let sent = readable(&night.incident().updates[0].text);
        let last = sent.lines().last().unwrap_or_default();
        assert!(last.contains(&format!("Next update by {due}.")), "{sent}");
        let promise = night.incident().promise.as_ref();
        assert_eq!(promise.map(|promise| promise.due), Some(at(due)));
    }
}

#[test]
fn a_line_about_the_next_update_that_was_typed_by_hand_stays_alone() {
    let mut night = mitigating();
    let typed = "Orders fail.\nNext update by 05:00, when the vendor is awake.";
    night.by(SAM).sends(typed);
    assert_eq!(night.incident().updates[0].text, typed);
}

#[test]
fn a_button_knows_the_draft_it_stands_under() {
    let mut night = mitigating();
    let mark = |night: &Night| match first_button(&update_card(night)).map(|button| &button.does) {
        Some(Does::Press(press)) => press.act.clone(),
        other => panic!("Send presses nothing: {other:?}"),
    };
    let shown = mark(&night);
    let text = draft(night.incident(), &night.entries());
    assert_eq!(shown, Act::SendShown(Some(20), mark_of(&text)));
    night.now = at("03:09");
    assert_eq!(mark(&night), shown, "time alone changes no draft");
    night.by(ADA).writes("act: cache on");
    assert_ne!(mark(&night), shown);
}

#[test]
fn a_tick_that_was_taken_back_is_not_told() {
    let mut night = mitigating();
    let step = |action| Command::Step {
        step: risky(),
        action,
    };
    night
        .at_clock("03:08")
        .by(ADA)
        .asks(Command::AskSecondLook { step: risky() });
    night.by(SAM).asks(Command::AnswerSecondLook {
        step: risky(),
        confirmed: true,
    });
    night.by(ADA).finishes("retry-batches");
    let line = done_on(&night);
    assert_snapshot!(line, @"**What we are doing:** 03:08 done: Restart the AI services and retry stuck tasks in batches, with backoff.");
    night.by(ADA).asks(step(StepAction::Reopen));
    assert_snapshot!(done_on(&night), @"**What we are doing:** We are limiting the damage.");
}

#[test]
fn objections_and_bookkeeping_stay_inside() {
    let mut night = mitigating();
    night.by(ADA).asks(Command::AskSecondLook { step: risky() });
    night.by(SAM).asks(Command::AnswerSecondLook {
        step: risky(),
        confirmed: false,
    });
    night.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    let noted = night.entries();
    for inside in ["wait with: ", "made it restricted"] {
        let is_noted = noted.iter().any(|entry| entry.text.contains(inside));
        assert!(is_noted, "{inside} is on the timeline");
    }
    assert_snapshot!(done_on(&night), @"**What we are doing:** We are limiting the damage.");
}

#[test]
fn people_are_told_of_by_their_roles() {
    let mut night = mitigating();
    for text in [
        "act: asked <@1> to restart the worker, see https://ci.internal/7",
        "act: ✅ cache on (<@2>)",
        "dec: <@9> and <@!2> roll back <#900> <@1>",
    ] {
        night.after_minutes(1).by(SAM).writes(text);
    }
    assert_snapshot!(done_on(&night), @"**What we are doing:** 03:03 asked the On-Call Engineer to restart the worker. 03:04 cache on. 03:05 a responder and the Backend Engineer roll back the incident's channel.");
}

#[test]
fn a_long_list_ends_with_a_whole_sentence() {
    let mut night = mitigating();
    night
        .by(SAM)
        .describes_impact(&"Nobody can order anything. ".repeat(11));
    night.by(SAM).thinks(&"the cache is cold and ".repeat(14));
    for number in 1..=3 {
        let text = format!(
            "act: {number} {}",
            "turned another worker off and on ".repeat(5)
        );
        night.after_minutes(1).by(SAM).writes(&text);
    }
    let text = readable(&draft(night.incident(), &night.entries()));
    let impact = text.lines().nth(1).unwrap_or_default();
    assert!(impact.contains("anything. Since"), "{impact}");
    let line = done_on(&night);
    assert!(line.contains(" 3 turned"), "the newest is told: {line}");
    let ends_bare = regex::Regex::new(r"\d\d:\d\d\W*$").expect("regex is a literal");
    assert!(!ends_bare.is_match(&line), "{line}");
    assert!(line.ends_with(['.', '…']), "{line}");
}

#[test]
fn the_state_is_said_in_the_word_of_its_phase() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    let word = |night: &Night| {
        let text = draft(night.incident(), &night.entries());
        let headline = text.lines().next().unwrap_or_default().to_owned();
        let (_, word) = headline.rsplit_once("– ").expect("a headline has a state");
        word.trim_end_matches("** (update 1)").to_owned()
    };
    assert_eq!(night.incident().phase, Diagnosis);
    assert_eq!(word(&night), "investigating");
    night.by(SAM).moves_to(Mitigation);
    assert_eq!(word(&night), "mitigating");
    night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
    assert_eq!(word(&night), "fixing");
    night.by(SAM).moves_to(Validation);
    assert_eq!(word(&night), "monitoring");
}

#[test]
fn an_impact_that_is_over_is_told_as_what_was() {
    let mut night = mitigating();
    night.by(SAM).describes_impact("Many users cannot order");
    night
        .at_clock("03:31")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    let impact = |night: &Night| {
        let text = readable(&draft(night.incident(), &night.entries()));
        text.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_snapshot!(impact(&night), @"**Impact:** Until 03:31: “Many users cannot order.” It began about 02:55 and is over as far as we know.");
    night.incident_mut().impact_text = None;
    assert_snapshot!(impact(&night), @"**Impact:** Until 03:31: users may have been hurt; nobody has said who and how. It began about 02:55 and is over as far as we know.");
}

#[test]
fn a_restricted_draft_says_that_it_stays() {
    let mut night = Night::at("03:02")
        .restricted()
        .fires("token in a log", Sev2);
    night.by(SAM).takes_it();
    let card = update_card(&night);
    assert_snapshot!(format!("{} · {}", card.title, card.footer), @"Draft for the channel · stays in the incident's channel: it is restricted, nobody outside is told · the next one is promised in 30 min");
    night.by(SAM).sends("We look at it.");
    let said = night.said();
    assert_snapshot!(readable(&said[0].content), @"
    📣 Update 1 (@Sam), for this channel only: We look at it.
    **Next update by 03:32.** Questions? Ask here.
    ");
    let clear = cards::all_clear_draft(night.incident(), "Over.");
    assert!(clear.footer.contains("stays in the incident's channel"));
    night.by(SAM).resolves_anyway();
    let thanks = cards::resolved(night.incident()).content;
    assert!(!thanks.contains("Stakeholders wait"), "{thanks}");
}

#[test]
fn a_promise_is_owed_and_then_overdue() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.runs_until("03:03");
    let promised = |night: &Night| {
        let text = cards::briefing(night.incident(), &night.entries(), night.now);
        let line = text.lines().find(|line| line.starts_with("**Promised:**"));
        readable(line.expect("something is promised"))
    };
    assert_snapshot!(promised(&night), @"**Promised:** next update by 03:22, owed by @Sam");
    night.now = at("03:22");
    assert!(!promised(&night).contains("overdue"));
    night.now = at("03:48");
    assert_snapshot!(promised(&night), @"**Promised:** next update by 03:22 – overdue by 26 min, owed by @Sam");
}

#[test]
fn lines_that_stay_hold_whenever_they_are_read() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    let mut lines: Vec<String> = Vec::new();
    for clock in ["03:03", "03:17", "03:22"] {
        night.runs_until(clock);
        for effect in night.last_effects() {
            if let crate::effect::Effect::Say { card } | crate::effect::Effect::Tell { card, .. } =
                effect
            {
                lines.push(card.content);
            }
        }
    }
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in &lines {
        assert!(!line.contains(":R>"), "{line}");
    }
    assert_snapshot!(readable(&lines.join("\n")), @"
    📣 The automatic first note went out. Next one promised by 03:22.
    ⏰ INC-0001 SEV1: the stakeholder update is due by 03:22. A draft is ready.
    ⏰ INC-0001 SEV1: the stakeholder update was due at 03:22. A draft is ready.
    ");
    let board = readable(&cards::board(night.incident()).body);
    assert!(
        board.contains("⏰ was due at 03:22, in/ago 03:22"),
        "{board}"
    );
}

#[test]
fn the_first_button_of_the_all_clear_is_what_its_text_says() {
    let mut night = mitigating();
    night.by(SAM).sends("Orders fail.");
    night.by(SAM).resolves_anyway();
    let text = all_clear(night.incident(), DataLoss::Unknown);
    assert!(text.contains("not known yet"), "{text}");
    let card = cards::all_clear_draft(night.incident(), &text);
    assert_snapshot!(buttons_of(&card), @"[✓ Send: not known yet] [Send: nothing lost] [! Send: data was lost]");
    let thanks = cards::resolved(night.incident()).content;
    assert!(thanks.contains("*All-clear*, then *Send*"), "{thanks}");
}

#[test]
fn where_nobody_has_said_who_is_hurt_the_draft_leads_there() {
    let mut night = mitigating();
    assert_snapshot!(buttons_of(&update_card(&night)), @"[*Send*] [Impact…] [Edit…] [Nothing new] [Estimate…]");
    night.by(SAM).describes_impact("Nobody can order");
    night.now = at("05:30");
    let card = update_card(&night);
    assert_snapshot!(buttons_of(&card), @"
    [*Send*] [Edit…] [Nothing new] [Estimate…]
    [Send, next in 60 min]
    ");
    assert!(
        card.rows
            .iter()
            .all(|row| matches!(row, Row::Buttons(row) if row.len() <= 5))
    );
}

#[test]
fn an_offer_to_hand_over_says_what() {
    let mut night = mitigating();
    night.by(MO).accepts(Bridge);
    let offered = [HandoverSubject::Command, HandoverSubject::Role(OnCall)];
    night.by(SAM).hands_over_to(ADA, offered);
    assert_snapshot!(readable(&night.said()[0].content), @"@Sam offers to hand over command 👑 and On-Call Engineer to @Ada. Until @Ada says *I have it*, @Sam still has it.");
}
