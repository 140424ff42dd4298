//! What people read and press, moment by moment of one night.

use insta::assert_snapshot;

use crate::alert::safe_line;
use crate::card::{Does, Look, Row};
use crate::cards;
use crate::effect::DirectTopic;
use crate::incident::tests::cards::{buttons_of, first_button, shown};
use crate::incident::tests::seed_night::the_night_at;
use crate::incident::tests::{ADA, KIM, MO, Night, PRIYA, SAM};
use crate::incident::{Around, CancelReason, Command, ImpactAnswer};
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::StepPhase;
use crate::severity::Severity::{Sev1, Sev2, Sev3};
use crate::timeline::Reading;

fn board_at(clock: &str) -> String {
    shown(&cards::board(the_night_at(clock).incident()))
}

#[test]
fn the_board_while_nobody_has_it() {
    let night = the_night_at("03:02");
    assert_snapshot!(shown(&cards::opening_board(night.incident())), @"
    🔴 SEV1 orders-api 5xx 38 % · DB 100/100 — Take it @Sam
    🔴 INC-0001 · SEV1 · Open – nobody has it yet
    **orders-api 5xx and stalled AI queue**
    Began about 02:55 (in/ago 02:55) · declared 03:02

    **IMPACT** not confirmed – say who is hurt: *More… → Impact*
    **ALERTS** 3 firing: OrdersApi5xx, DatabaseConnections
    **STEP** Diagnosis 0/9 · next: Take it. Water, light, laptop; then say what you see
    **ROLES** nobody yet · asked: Bridge @Mo, On-Call @Sam, Backend @Ada, Docs @Kim · empty: Frontend
    **UPDATE** none sent yet
    [*Take it*] [Not an incident] [Severity] [More…]
    [Catch up]
    ");
}

#[test]
fn the_board_in_diagnosis() {
    assert_snapshot!(board_at("03:11"), @"
    🔎 INC-0001 · SEV1 · Rapid Diagnosis
    **orders-api 5xx and stalled AI queue**
    Users hurt since about 02:55 (in/ago 02:55) · declared 03:02

    **IMPACT** Many users cannot order; AI features do not run
    **BELIEF** AI workers hold DB connections since the 02:41 release – a guess
    **ALERTS** 3 firing: OrdersApi5xx, DatabaseConnections
    **STEP** Diagnosis 1/9 · next: Take it. Water, light, laptop; then say what you see
    **ROLES** 👑 Bridge @Mo · On-Call @Sam · Backend @Ada · Docs @Kim · empty: Frontend
    **UPDATE** due 03:22 (in/ago 03:22) · 1 sent, last 03:03 · on its way to discord
    [*Next step*] [Start mitigating] [Update] [Roles] [More…]
    [Catch up]
    ");
}

#[test]
fn the_board_in_mitigation() {
    assert_snapshot!(board_at("03:34"), @"
    🧯 INC-0001 · SEV1 · Mitigation & Containment
    **orders-api 5xx and stalled AI queue**
    Users hurt since 02:53 (in/ago 02:53) · declared 03:02

    **IMPACT** Many users cannot order; AI features do not run
    **BELIEF** AI workers hold DB connections since the 02:41 release – a guess
    **DOING** Switch the AI features off and cached data on (@Sam, 03:12)
    **ALERTS** 2 of 3 clear since 03:33: OrdersApi5xx, DatabaseConnections
    **STEP** Mitigation 1/5 · next: Roll back the last deploy if it is within 60 minutes of the start
    **ROLES** 👑 Bridge @Mo · On-Call @Sam · Backend @Ada · Docs @Kim · empty: Frontend
    **UPDATE** due 03:38 (in/ago 03:38) · 2 sent, last 03:18 · on its way to discord
    [*Next step*] [Impact over → fix it properly] [Update] [Roles] [More…]
    [Catch up]
    ");
}

#[test]
fn the_board_while_the_fix_is_made() {
    assert_snapshot!(board_at("03:48"), @"
    🔧 INC-0001 · SEV1 · Resolution – fix
    **orders-api 5xx and stalled AI queue**
    Users hurt from 02:53 until 03:47 · declared 03:02

    **IMPACT** (until 03:47) Many users cannot order; AI features do not run
    **BELIEF** AI workers hold DB connections since the 02:41 release – a guess
    **DOING** Switch the AI features off and cached data on (@Sam, 03:12)
    **ALERTS** 2 of 3 clear since 03:33: OrdersApi5xx, DatabaseConnections
    **STEP** Resolution 0/3 · next: Reconnect the database or correct the pool settings
    **ROLES** 👑 Bridge @Mo · On-Call @Sam · Backend @Ada · Docs @Kim · empty: Frontend
    **UPDATE** due 03:58 (in/ago 03:58) · 3 sent, last 03:38 · on its way to discord
    [*Fix applied*] [Next step] [Update] [Roles] [More…]
    [Catch up]
    ");
}

#[test]
fn the_board_in_validation() {
    assert_snapshot!(board_at("03:53"), @"
    🧪 INC-0001 · SEV1 · Resolution – validation
    **orders-api 5xx and stalled AI queue**
    Users hurt from 02:53 until 03:47 · declared 03:02

    **IMPACT** (until 03:47) Many users cannot order; AI features do not run
    **BELIEF** AI workers hold DB connections since the 02:41 release – a guess
    **DOING** Switch the AI features off and cached data on (@Sam, 03:12)
    **ALERTS** 3 of 3 clear since 03:52: OrdersApi5xx, DatabaseConnections
    **STEP** Validation 4/5 · next: Is there no duplicate or lost work from the time of the outage?
    **ROLES** 👑 Bridge @Mo · On-Call @Sam · Backend @Ada · Docs @Kim · empty: Frontend
    **UPDATE** due 03:58 (in/ago 03:58) · 3 sent, last 03:38 · on its way to discord
    [*Next step*] [✓ Resolve] [It came back] [Update] [More…]
    [Catch up]
    ");
}

#[test]
fn the_board_in_learning() {
    assert_snapshot!(board_at("04:10"), @"
    📘 INC-0001 · SEV1 · Postmortem & Learning
    **orders-api 5xx and stalled AI queue**
    Users hurt from 02:53 until 03:47 · declared 03:02

    **IMPACT** (until 03:47) Many users cannot order; AI features do not run
    **BELIEF** AI workers hold DB connections since the 02:41 release – a guess
    **ALERTS** 3 of 3 clear since 03:52: OrdersApi5xx, DatabaseConnections
    **STEP** Learning 0/4 · next: Complete the timeline: first symptom, diagnosis, steps of the resolution
    **ROLES** 👑 Bridge @Mo · On-Call @Sam · Backend @Ada · Docs @Kim
    **UPDATE** 4 sent, last 04:08 · on its way to discord
    **POSTMORTEM** ☑ draft · ▢ cause · ▢ actions (0) · ▢ reviewed · owner @Kim
    [*Cause and factors*] [Add action] [Reviewed] [✓ Close] [More…]
    [Catch up]
    ");
}

#[test]
fn the_board_of_what_was_none() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev3);
    night.by(SAM).cancels(CancelReason::FalseAlarm);
    assert_snapshot!(shown(&cards::board(night.incident())), @"
    ⚪ INC-0001 · SEV3 · Cancelled
    **orders-api 5xx**
    Began about 02:55 (in/ago 02:55) · declared 03:02

    **IMPACT** never confirmed
    **ALERTS** 3 firing: OrdersApi5xx, DatabaseConnections
    **ROLES** nobody yet
    [It was real after all] [Timeline]
    [Catch up]
    ");
    assert_eq!(
        cards::next_step(night.incident()).content,
        "The runbook ended with the incident."
    );
}

#[test]
fn the_digest_line_follows_the_incident() {
    let lines: Vec<String> = ["03:02", "03:20", "04:10"]
        .into_iter()
        .map(|clock| shown(&cards::digest(the_night_at(clock).incident())))
        .collect();
    assert_snapshot!(lines.join("\n"), @"
    🔴 **INC-0001** SEV1 · orders-api 5xx and stalled AI queue · Open – nobody has it yet · since 03:02 <#900>
    🧯 **INC-0001** SEV1 · orders-api 5xx and stalled AI queue · Mitigation & Containment · since 03:02 · 👑 @Mo <#900>
    📘 INC-0001 SEV1 · orders-api 5xx and stalled AI queue · Postmortem & Learning · since 03:02 · 👑 @Mo <#900>
    ");
}

#[test]
fn the_first_button_is_the_most_likely_next_act() {
    let first = |night: &Night| {
        let board = cards::board(night.incident());
        let button = first_button(&board).expect("a board has buttons").clone();
        assert!(
            matches!(button.look, Look::Primary | Look::Good) || !night.incident().is_active(),
            "the first button stands out"
        );
        button.label
    };
    for (clock, label) in [
        ("03:02", "Take it"),
        ("03:11", "Next step"),
        ("03:34", "Next step"),
        ("03:48", "Fix applied"),
        ("03:53", "Next step"),
        ("04:07", "All-clear"),
        ("04:10", "Cause and factors"),
    ] {
        assert_eq!(first(&the_night_at(clock)), label, "{clock}");
    }
    // Without a runbook, or with all its steps done, the way onward comes first.
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    assert_eq!(first(&night), "Start mitigating");
    night.by(SAM).moves_to(Phase::Mitigation);
    assert_eq!(first(&night), "Impact over → fix it properly");
    night
        .by(SAM)
        .moves_to_saying(Phase::Fix, ImpactAnswer::OverNow);
    night.by(SAM).moves_to(Phase::Mitigation);
    assert_eq!(
        first(&night),
        "Fix it properly",
        "nobody is asked twice whether it is over"
    );
}

#[test]
fn a_step_shows_no_marks_of_emphasis_in_a_menu_or_where_it_is_cut_off() {
    let mut night = the_night_at("03:48");
    night.by(SAM).moves_to(Phase::Validation);
    let list = cards::step_list(night.incident());
    assert!(list.body.contains("*not empty or stale*"), "{}", list.body);
    assert_eq!(list.footer, "❗ critical");
    let Some(Row::Menu(menu)) = list.rows.first() else {
        panic!("several steps can be ticked at once: {list:?}");
    };
    assert!(
        menu.options
            .iter()
            .all(|option| !option.label.contains('*')),
        "{menu:?}"
    );
    let board = cards::board(night.incident());
    assert!(!board.body.contains("*not"), "{}", board.body);
}

#[test]
fn the_warning_of_a_risky_step_is_said_in_words() {
    let night = the_night_at("03:48");
    let checklist = night.incident().checklist.as_ref().expect("a runbook");
    let risky = checklist
        .list(StepPhase::Resolution)
        .into_iter()
        .map(|(step, _)| step)
        .find(|step| step.body.contains("[!WARNING]"))
        .expect("the scenario has a step with a warning");
    let text = cards::step_text(night.incident(), risky).body;
    assert!(text.contains("> ⚠ **Warning**\n> "), "{text}");
    assert!(!text.contains("[!"), "{text}");
}

#[test]
fn the_line_that_wakes_people_says_what_and_what_to_do() {
    let night = the_night_at("03:02");
    assert_eq!(
        cards::opening_line(night.incident()),
        "🔴 SEV1 orders-api 5xx 38 % · DB 100/100 — Take it"
    );
}

#[test]
fn the_first_hundred_characters_hold_against_long_and_hostile_titles() {
    for title in [
        "x".repeat(500),
        "ﷺ".repeat(300),
        "👩‍👩‍👧‍👦".repeat(60),
        "@everyone <@&1> look".to_owned(),
        "\u{202e}gnihtyreve si\u{202c} \u{200b}\u{200b}wrong".to_owned(),
        "||hidden|| ~~gone~~ ```code``` [link](https://example.org)".to_owned(),
        "a\nb\r\nc\td".to_owned(),
        "— Take it — Take it — Take it".repeat(10),
    ] {
        let mut night = Night::at("03:02");
        let declaration = night.declaration(&title, Sev1);
        night.declared(crate::incident::Actor::Alerts, declaration);
        let line = cards::opening_line(night.incident());
        assert!(line.chars().count() <= 100, "{line}");
        assert!(line.starts_with("🔴 SEV1 "), "{line}");
        assert!(line.ends_with(" — Take it"), "{line}");
        assert!(
            !line.chars().any(|character| {
                character.is_control()
                    || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            }),
            "{line:?}"
        );
        assert_eq!(
            line,
            format!("🔴 SEV1 {} — Take it", &line[10..line.len() - 12])
        );
        let opening = cards::opening_board(night.incident());
        assert!(
            opening.content.starts_with(&line),
            "the ping comes behind it"
        );
    }
    assert_eq!(safe_line("a\u{202e}b", 10), "ab");
}

#[test]
fn only_whoever_is_on_call_is_pinged_by_the_opening() {
    let night = the_night_at("03:02");
    let opening = cards::opening_board(night.incident());
    assert_eq!(opening.ping, crate::card::Ping::People(vec![SAM]));
    assert!(!opening.quiet);
    let board = cards::board(night.incident());
    assert_eq!(
        board.ping,
        crate::card::Ping::Nobody,
        "an edit pings nobody"
    );
}

#[test]
fn the_page_becomes_the_answer() {
    let page =
        |night: &Night, person| shown(&cards::direct(night.incident(), person, &DirectTopic::Page));
    let mut night = the_night_at("03:02");
    assert_snapshot!(page(&night, SAM), @"
    🔴 SEV1 orders-api 5xx 38 % · DB 100/100 — Take it
    INC-0001 · orders-api 5xx and stalled AI queue
    Since about 02:55 (01:55 UTC). → <#900>
    [*Take it*] [Can't]
    ");
    night.after_seconds(40).by(SAM).takes_it();
    night.runs_until("03:03");
    assert_snapshot!(page(&night, SAM), @"
    You have it. You hold command 👑. Next update promised by 03:22. → <#900>
    INC-0001 · SEV1 · orders-api 5xx and stalled AI queue
    • orders-api 5xx 38 %
    • DB 100/100
    Since about 02:55 (01:55 UTC).
    ");
    assert_snapshot!(page(&night, ADA), @"
    @Sam has it since 03:02. You can sleep on. Next update promised by 03:22. → <#900>
    INC-0001 · SEV1 · orders-api 5xx and stalled AI queue
    • orders-api 5xx 38 %
    • DB 100/100
    Since about 02:55 (01:55 UTC).
    ");
}

#[test]
fn whoever_cannot_reads_that_it_is_noted_and_may_change_their_mind() {
    let mut night = Night::at("03:02")
        .on_duty(Role::OnCall, SAM)
        .on_duty(Role::Bridge, MO)
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).declines(Role::OnCall);
    night.by(MO).declines(Role::Bridge);
    let page = cards::direct(night.incident(), SAM, &DirectTopic::Page);
    assert_snapshot!(shown(&page), @"
    You said that you cannot take INC-0001. If you can after all: it is still open. → <#900>
    INC-0001 · orders-api 5xx
    • orders-api 5xx 38 %
    • DB 100/100
    Since about 02:55 (01:55 UTC).
    [*Take it*]
    ");
    let asked = DirectTopic::Proposal { role: Role::Bridge };
    let proposal = cards::direct(night.incident(), MO, &asked);
    assert_snapshot!(shown(&proposal), @"
    You said that you cannot be Bridge Engineer of INC-0001. If you can after all:
    [Accept]
    ");
}

#[test]
fn who_is_on_duty_is_called_for_what_a_colleague_declared() {
    let mut night = Night::at("03:02").on_duty(Role::OnCall, SAM);
    night.by(PRIYA).declares("checkout is slow", Sev2);
    let page = cards::direct(night.incident(), SAM, &DirectTopic::Page);
    assert_eq!(buttons_of(&page), "[*Take it*] [Can't]");
}

#[test]
fn a_person_with_every_role_can_give_back_each() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    for role in Role::ALWAYS {
        night.by(SAM).accepts(role);
    }
    let card = cards::roles(night.incident(), SAM);
    let given_back = buttons_of(&card).matches("Give back").count();
    assert_eq!(given_back, 5);
}

#[test]
fn command_that_somebody_holds_can_be_asked_for() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    let card = cards::roles(night.incident(), KIM);
    assert!(buttons_of(&card).contains("[Ask for command]"));
    night.by(KIM).asks(Command::TakeCommand);
    assert_snapshot!(shown(&night.said()[0]), @"
    @Kim asks for command 👑. @Sam, give it? Without a sign from you, they can take it in two minutes.
    [*Give command*] [Not yet]
    ");
}

#[test]
fn more_offers_only_what_still_works() {
    let shown: Vec<String> = ["03:02", "03:11", "03:34", "03:53", "04:10"]
        .into_iter()
        .map(|clock| {
            let night = the_night_at(clock);
            format!(
                "{}\n{}",
                night.phase().id(),
                buttons_of(&cards::more(night.incident(), &[]))
            )
        })
        .collect();
    assert_snapshot!(shown.join("\n\n"), @"
    open
    [Severity] [We think it is…] [Impact] [Catch up] [Timeline]
    <People… Roles | Ask somebody for a role | Page On-Call | Page Bridge | Page Backend | Page Frontend | Page Docs | Ask somebody to do something | Hand over | Take or ask for command | Join call | My role>
    <Facts and timeline… Impact | We think it is… | Log | Redact | Decision… | Import notes… | Times and measures | Estimate>
    <Incident… Take it | Severity | What it is… | 🔎 Diagnosis | 🧯 Mitigation | 🔧 Fix | 🧪 Validation | Update | Nothing new | Runbooks | 🔒 Restricted | Duplicate of… | Part of, related… | Resolve | Not an incident>
    <Look… Board | Board as plain text | Catch up | Timeline | Timeline: everything | Timeline: decisions | Timeline: actions | Timeline: by person | Timeline: gaps | Alerts | Maintenance… | What was changed | Tasks | Steps | Front desk: new, list, runbooks | Why? | Help>

    diagnosis
    [Severity] [We think it is…] [Impact] [Catch up] [Timeline]
    <People… Roles | Ask somebody for a role | Page Frontend | Ask somebody to do something | Hand over | Take or ask for command | Join call | My role>
    <Facts and timeline… Impact | We think it is… | Guesses and their fate | Log | Redact | Decision… | Import notes… | Times and measures | Estimate>
    <Incident… Severity | What it is… | 🧯 Mitigation | 🔧 Fix | 🧪 Validation | Update | Nothing new | Runbooks | 🔒 Restricted | Duplicate of… | Part of, related… | Resolve | Not an incident>
    <Look… Board | Board as plain text | Catch up | Timeline | Timeline: everything | Timeline: decisions | Timeline: actions | Timeline: by person | Timeline: gaps | Alerts | Maintenance… | What was changed | Tasks | Steps | Front desk: new, list, runbooks | Why? | Help>

    mitigation
    [*Answer it*] [Severity] [We think it is…] [Impact] [Catch up]
    <People… Roles | Ask somebody for a role | Page Frontend | Ask somebody to do something | Hand over | Take or ask for command | Join call | My role>
    <Facts and timeline… Impact | We think it is… | Guesses and their fate | Effect of the last action | Log | Redact | Decision… | Import notes… | Times and measures | Estimate>
    <Incident… Severity | What it is… | 🔎 Diagnosis | 🔧 Fix | 🧪 Validation | Update | Nothing new | Runbooks | 🔒 Restricted | Duplicate of… | Part of, related… | Resolve | Not an incident>
    <Look… Board | Board as plain text | Catch up | Timeline | Timeline: everything | Timeline: decisions | Timeline: actions | Timeline: by person | Timeline: gaps | Alerts | Maintenance… | What was changed | Tasks | Steps | Front desk: new, list, runbooks | Why? | Help>

    validation
    [*Answer it*] [Severity] [Steps] [Nothing new] [Catch up]
    <People… Roles | Ask somebody for a role | Page Frontend | Ask somebody to do something | Hand over | Take or ask for command | Join call | My role>
    <Facts and timeline… Impact | We think it is… | Guesses and their fate | Effect of the last action | Log | Redact | Decision… | Import notes… | Times and measures | Estimate>
    <Incident… Severity | What it is… | It came back | Update | Nothing new | Runbooks | 🔒 Restricted | Duplicate of… | Part of, related… | Resolve | Not an incident>
    <Look… Board | Board as plain text | Catch up | Timeline | Timeline: everything | Timeline: decisions | Timeline: actions | Timeline: by person | Timeline: gaps | Alerts | Maintenance… | What was changed | Tasks | Steps | Front desk: new, list, runbooks | Why? | Help>

    learning
    [All-clear] [Postmortem] [Log] [Timeline] [Reopen]
    <People… Roles | Join call | My role>
    <Facts and timeline… Impact | We think it is… | Guesses and their fate | Log | Redact | Decision… | Import notes… | Times and measures | Cause and factors | Add action | No learning action… | Final severity…>
    <Incident… What it is… | All-clear | 🔒 Restricted | Part of, related… | Reopen | It came back: open a new one | Reviewed | Close>
    <Look… Board | Board as plain text | Catch up | Timeline | Timeline: everything | Timeline: decisions | Timeline: actions | Timeline: by person | Timeline: gaps | Alerts | Maintenance… | What was changed | Tasks | Steps | Postmortem | Front desk: new, list, runbooks | Why? | Help>
    ");
}

#[test]
fn the_step_card_shows_one_step_and_its_buttons() {
    assert_snapshot!(shown(&cards::next_step(the_night_at("03:11").incident())), @r#"
    🔎 Diagnosis · step 1 of 9
    **On-Call Engineer:** Take it. Water, light, laptop; then say what you see

    You are half awake: nothing that cannot be undone in the first minutes. One line is enough: "API 5xx 38 %, AI queue stuck, since about 02:55".
    (scenario-3am · critical · about 2 min)
    [*Done*] [I'm on it] [Skip] [Ask for help] [All steps]
    "#);
}

#[test]
fn links_that_hide_where_they_lead_are_no_buttons() {
    let mut night = the_night_at("03:11");
    night.incident_mut().links = [
        "https://user@evil.example/",
        "https://grafana.example/d/orders",
        "javascript:alert(1)",
    ]
    .into_iter()
    .map(|url| crate::incident::Link {
        label: "Dashboard".to_owned(),
        url: url.to_owned(),
    })
    .collect();
    let card = cards::next_step(night.incident());
    let opened: Vec<String> = card
        .rows
        .iter()
        .filter_map(|row| match row {
            crate::card::Row::Buttons(buttons) => Some(buttons),
            _ => None,
        })
        .flatten()
        .filter_map(|button| match &button.does {
            Does::Open(url) => Some(url.clone()),
            Does::Press(_) => None,
        })
        .collect();
    assert_eq!(opened, ["https://grafana.example/d/orders"]);
    assert!(
        card.body.contains("javascript:alert(1)"),
        "shown as text, not hidden"
    );
}

#[test]
fn the_briefing_says_what_somebody_who_takes_over_must_know() {
    let night = the_night_at("03:38");
    let briefing = cards::briefing(night.incident(), &night.entries(), night.now);
    assert_snapshot!(crate::incident::tests::readable(&briefing), @r"
    **orders-api 5xx and stalled AI queue** – SEV1 – Mitigation & Containment
    **Broken, for whom:** Many users cannot order; AI features do not run
    **Since:** 02:53 (01:53 UTC)
    **Do not:** restart the database for this – Free connections: stop the workers that hold them
    **Promised:** next update by 03:58, owed by @Mo
    **Why SEV1:** declared so at 03:02, first alert OrdersApi5xx
    **We believe:** AI workers hold DB connections since the 02:41 release (open)
    **Tried:** T-23 AI features off, cached data on; T-30 rollback to 2026.11.2 done @Sam
    **Decided:** T-29 roll back 02:41, it correlates \| and is reversible
    **Here:** 👑 @Mo; Bridge @Mo; On-Call @Sam; Backend @Ada; Docs @Kim
    **Alerts:** 1 firing, 2 clear
    **Runbook:** scenario-3am 1/5 of Mitigation, next: Roll back the last deploy if it is within 60 minutes of the start
    ");
}

#[test]
fn the_timeline_as_people_read_it() {
    let night = the_night_at("03:25");
    let card = cards::timeline_view(
        night.incident(),
        &night.entries(),
        Reading::Key,
        0,
        night.now,
        &night.policy,
    );
    assert_snapshot!(shown(&card), @r"
    INC-0001 – timeline: key moments
    `T-32` 02:53 **milestone** @Kim Impact start corrected to 01:53 UTC 🕓 noted 03:24
    `T-1` 02:55 **alert** OrdersApi5xx fires 🕓 noted 03:02
    `T-2` 03:02 **milestone** INC-0001 declared as SEV1: orders-api 5xx and stalled AI queue
    `T-8` 03:02 **ack** @Sam took it
    `T-9` 03:02 **role** @Sam took the role On-Call Engineer
    `T-10` 03:02 **handover** @Sam took command
    `T-11` 03:02 **phase** @Sam moved on to Rapid Diagnosis
    `T-12` 03:03 **update** Automatic first note: 🟥 INC-0001 opened at 03:02 – severity SEV1 (automatic). Monitoring reports: OrdersApi5xx, DatabaseConnections. The on-call engineer has it. Impact on users is not confirmed yet. A person…
    `T-14` 03:05 **observation** @Sam release 2026.11.3 went out 02:41
    📋 03:05 Diagnosis: 1 of 9 steps done
    `T-15` 03:07 **observation** @Sam 100/100 connections, most from ai-worker
    `T-16` 03:09 **role** @Mo took the role Bridge Engineer
    `T-17` 03:09 **handover** @Sam gave command to @Mo – Bridge Engineer is here
    `T-18` 03:10 **hypothesis** @Sam We think it is: AI workers hold DB connections since the 02:41 release
    `T-19` 03:11 **role** @Ada took the role Backend Engineer
    `T-20` 03:11 **role** @Kim took the role Documentation Lead
    `T-21` 03:11 **impact** @Mo Many users cannot order; AI features do not run
    `T-22` 03:12 **phase** @Sam moved on to Mitigation & Containment
    `T-23` 03:12 **action** @Sam AI features off, cached data on
    📋 03:12 Mitigation: 1 of 5 steps done
    `T-25` 03:15 **note** @Mo Estimate: 15–30 minutes, because if the rollback helps (likely)
    `T-27` 03:17 **observation** @Sam connections 62, 5xx 9 %
    `T-28` 03:18 **update** @Mo Update: 🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating (update 2) Impact: Many users cannot order; AI features do not run. Since about 02:55. What we know: We believe: AI workers hold DB connection…
    `T-29` 03:20 **decision** @Mo roll back 02:41, it correlates \| and is reversible
    `T-30` 03:22 **action** @Ada rollback to 2026.11.2 done @Sam
    (23 of 32 lines)
    [Catch up] [Decision…] [Times]
    <Another view…>
    <Look at a line, or change it…>
    ");
}

#[test]
fn whoever_catches_up_reads_how_things_stand_and_then_what_is_new() {
    let night = the_night_at("03:25");
    let earlier = the_night_at("03:15");
    let looked = crate::timeline::Looked::now(&earlier.entries(), earlier.now);
    let card = cards::catch_up(
        night.incident(),
        &night.entries(),
        KIM,
        Some(looked),
        night.now,
        &night.policy,
    );
    let lines: Vec<String> = shown(&card).lines().take(13).map(str::to_owned).collect();
    assert_snapshot!(lines.join("\n"), @r"
    INC-0001 – catch up
    🧯 **SEV1 · Mitigation & Containment** orders-api 5xx and stalled AI queue – Many users cannot order; AI features do not run, since 02:53
    👑 @Mo commands · last done: rollback to 2026.11.2 done @Sam (03:22) · next update due 03:38 (in/ago 03:38)

    **4 new since you looked** (in/ago 03:15)
    `T-27` 03:17 **observation** @Sam connections 62, 5xx 9 %
    `T-28` 03:18 **update** @Mo Update: 🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating (update 2) Impact: Many users can…
    `T-29` 03:20 **decision** @Mo roll back 02:41, it correlates \| and is reversible
    `T-30` 03:22 **action** @Ada rollback to 2026.11.2 done @Sam

    **Key moments**
    `T-32` 02:53 **milestone** @Kim Impact start corrected to 01:53 UTC 🕓 noted 03:24
    `T-1` 02:55 **alert** OrdersApi5xx fires 🕓 noted 03:02
    ");
    let first = cards::catch_up(
        night.incident(),
        &night.entries(),
        KIM,
        None,
        night.now,
        &night.policy,
    );
    assert!(!first.body.contains("since you looked"));
}

#[test]
fn an_entry_shows_everything_that_is_known_of_it() {
    let mut night = the_night_at("03:25");
    let number = crate::ids::EntryNumber(29);
    let change = crate::timeline::EntryChange {
        at: Some("03:19".to_owned()),
        choice: Some(crate::timeline::Choice {
            options: "fail over".to_owned(),
            reason: "failing over may lose writes".to_owned(),
            decided_by: String::new(),
        }),
        ..crate::timeline::EntryChange::default()
    };
    night.hears(
        &crate::timeline::Signal::Changed {
            number,
            by: KIM,
            change,
            why: Some("the call was a minute earlier".to_owned()),
        },
        KIM,
    );
    let entries = night.entries();
    let entry = entries.iter().find(|entry| entry.number == Some(number));
    let card = cards::entry_card(night.incident(), entry.expect("it is there"), &night.policy);
    assert_snapshot!(shown(&card), @r"
    INC-0001 – T-29
    roll back 02:41, it correlates \| and is reversible

    **Choice** because failing over may lose writes; instead of fail over
    **When** 03:19 (2026-11-21 02:19 UTC), to the minute
    **Noted** 03:20
    **What** decision · importance: key
    **Who** @Mo (Bridge Engineer then)
    **Marked by** @Mo (decision)
    ✎ 03:25 @Kim (Documentation Lead then): was decision, 03:20 “roll back 02:41, it correlates \| and is reversible” – the call was a minute earlier
    [Edit…] [Take it back] [Options and reason…] [Responders only] [Timeline]
    [Make it normal] [Make it a detail] [! Redact]
    ");
}

#[test]
fn every_view_is_read_page_by_page_without_losing_a_line() {
    let night = the_night_at("05:00");
    let mut timeline = night.entries();
    // A long night: every line five times over, in other words.
    for round in 1..5 {
        for mut entry in night.entries() {
            entry.number = entry
                .number
                .map(|number| crate::ids::EntryNumber(number.0 + round * 1_000));
            entry.text = format!(
                "{} – again, {}",
                entry.text,
                "later ".repeat(usize::try_from(round).unwrap_or(0))
            );
            timeline.push(entry);
        }
    }
    timeline.sort_by_key(crate::timeline::Entry::order);
    for reading in Reading::ALL {
        let all = crate::timeline::lines(
            reading,
            night.incident(),
            &timeline,
            night.now,
            &night.policy,
        );
        let wanted: std::collections::BTreeSet<String> = all
            .iter()
            .filter_map(|line| line.number().map(|number| format!("`{number}`")))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        for page in 0..40 {
            let card = cards::timeline_view(
                night.incident(),
                &timeline,
                reading,
                page,
                night.now,
                &night.policy,
            );
            assert!(card.body.chars().count() < 4_000, "{reading:?} page {page}");
            assert!(card.body.lines().count() <= crate::timeline::LINES_PER_PAGE);
            assert!(card.rows.len() <= 5);
            seen.extend(
                card.body
                    .lines()
                    .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
                    .filter(|word| word.starts_with("`T-")),
            );
        }
        assert_eq!(seen, wanted, "{reading:?}");
    }
}

#[test]
fn the_board_in_plain_lines_says_everything_in_words_with_zone_and_utc() {
    let night = the_night_at("03:25");
    let named = |person| match person {
        SAM => "Sam".to_owned(),
        MO => "Mo".to_owned(),
        ADA => "Ada".to_owned(),
        _ => "Kim".to_owned(),
    };
    let zone = crate::incident::tests::night::ZONE;
    let text = cards::board_lines(
        night.incident(),
        &Around::default(),
        zone,
        night.now,
        &named,
    );
    for line in [
        "INC-0001, SEV1, Mitigation & Containment since 03:12 CET (02:12 UTC).",
        "Who is hurt: Many users cannot order; AI features do not run.",
        "Since: 02:53 CET (01:53 UTC).",
        "In command: Mo.",
        "On-Call Engineer: Sam.",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\nin\n{text}");
    }
    assert!(
        text.contains("the next one is due at 03:38 CET (02:38 UTC), in 13 min."),
        "{text}"
    );
    assert!(
        text.contains("Times are those of Europe/Berlin, with UTC beside."),
        "{text}"
    );
    assert_snapshot!(text.lines().find(|line| line.starts_with("Doing")).unwrap_or_default(), @"Doing: Switch the AI features off and cached data on (Sam, 03:12 CET (02:12 UTC)).");
    let is_a_picture = |character: char| !character.is_alphanumeric() && !character.is_ascii();
    let pictures: Vec<char> = text
        .chars()
        .filter(|character| is_a_picture(*character) && !"–…’“”".contains(*character))
        .collect();
    assert!(pictures.is_empty(), "{pictures:?}");
}
