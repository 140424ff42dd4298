//! The postmortem of a whole night, and the hard cases of its parts.

use chrono::{NaiveDate, TimeDelta};
use insta::assert_snapshot;

use super::{Material, SECTIONS, communication, draft, wording};
use crate::alert::{AlertKey, AlertStatus, Episode, GroupKey, Pairs};
use crate::incident::tests::night::ZONE;
use crate::incident::tests::seed_night::the_night_at;
use crate::incident::tests::{ADA, KIM, MO, Night, PRIYA, SAM, at};
use crate::incident::{ActionKind, Command, Confidence, ImpactAnswer, MilestoneName};
use crate::phase::Phase::{Fix, Mitigation};
use crate::role::Role;
use crate::severity::Severity::{Sev1, Sev2, Sev3};
use crate::timeline::Precision;

fn material(night: &Night) -> Material {
    let named = [
        (SAM, "Sam"),
        (ADA, "Ada"),
        (MO, "Mo"),
        (KIM, "Kim Lee"),
        (PRIYA, "Priya"),
    ];
    Material {
        incident: night.incident().clone(),
        timeline: night.entries(),
        episodes: Vec::new(),
        events: night.history.clone(),
        names: named
            .into_iter()
            .map(|(person, name)| (person, name.to_owned()))
            .collect(),
        policy: night.policy.clone(),
        zone: ZONE,
        now: night.now,
    }
}

fn an_alert(name: &str, began: &str, ended: Option<&str>) -> Episode {
    Episode {
        key: AlertKey {
            source: "alertmanager".to_owned(),
            fingerprint: name.to_owned(),
        },
        group: GroupKey {
            source: "alertmanager".to_owned(),
            receiver: "bridgewatch".to_owned(),
            group_key: name.to_owned(),
        },
        labels: Pairs::from([("alertname".to_owned(), name.to_owned())]),
        annotations: Pairs::new(),
        state: if ended.is_some() {
            AlertStatus::Resolved
        } else {
            AlertStatus::Firing
        },
        starts_at: at(began),
        ends_at: ended.map(at),
        first_seen_at: at("03:02"),
        last_seen_at: at("03:02"),
        generator_url: None,
        marks: crate::alert::ArrivalMarks::default(),
    }
}

/// One section of a draft, without its heading.
fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let number = SECTIONS
        .iter()
        .position(|known| *known == title)
        .expect("a section of the document")
        + 1;
    let heading = format!("\n## {number}. {title}\n");
    let start = text.find(&heading).expect("every section is there") + heading.len();
    let rest = &text[start..];
    rest[..rest.find("\n## ").unwrap_or(rest.len())].trim()
}

/// Acceptance scenario 20, by the rules alone.
///
/// Given a resolved SEV1, a draft has sections 0 to 7, 11 and 12 filled from data; cause and factors are empty.
#[test]
fn postmortem_draft() {
    let night = the_night_at("04:10");
    let mut material = material(&night);
    material.episodes = vec![
        an_alert("OrdersApi5xx", "02:55", Some("03:33")),
        an_alert("DatabaseConnections", "02:56", Some("03:33")),
        an_alert("AiQueue | stalled", "02:58", Some("03:52")),
    ];
    let cause = draft(&material);
    let cause = section(&cause, "Cause and contributing factors");
    assert!(
        cause
            .lines()
            .filter(|line| !line.is_empty())
            .all(|line| line.contains("**To be answered:**")),
        "the machine writes no cause: {cause}"
    );
    for what in ["Trigger", "Root cause", "Contributing factors"] {
        assert!(cause.contains(what), "{what} is asked: {cause}");
    }
    assert_snapshot!(draft(&material), @r"
    # INC-0001 – orders-api 5xx and stalled AI queue

    - **Date:** 2026-11-21 03:02 CET (Europe/Berlin); all times below are UTC, but those inside people's words are as they were written
    - **Severity:** reported SEV1, peak SEV1, at the end SEV1; final severity: *to be confirmed by a person*
    - **Category:** backend *(to be confirmed)*
    - **Services:** orders-api
    - **Status of this document:** draft
    - **Owner:** Kim Lee
    - **Participants:** Sam (On-Call Engineer), Ada (Backend Engineer), Mo (Bridge Engineer), Kim Lee (Documentation Lead)

    ## 1. Summary

    From 01:53 UTC: Many users cannot order; AI features do not run. It was resolved 1 h 14 min after it began. The last belief, not confirmed: AI workers hold DB connections since the 02:41 release. The last step noted: retry AI tasks in batches of 50 with backoff.

    > **To be answered:** Say it in three to five sentences for somebody who was not there, and what we change.

    ## 2. Impact

    | Began (UTC) | Ended | Length | Worst severity |
    |---|---|---|---|
    | 2026-11-21 01:53:00 (to the minute) | 2026-11-21 02:47:00 | 54 min | SEV1 |

    - 02:11 Many users cannot order; AI features do not run

    > **To be answered:** How many users, requests or orders? Was data lost: yes, no, unknown? Which AI outputs were affected, and who reviewed them?

    ## 3. Key times and measures

    | Milestone | Time (UTC) | Precision |
    |---|---|---|
    | Impact start | 2026-11-21 01:53:00 | to the minute |
    | Detected | 2026-11-21 01:55:00 | exact |
    | Alert received | 2026-11-21 02:02:00 | exact |
    | Declared | 2026-11-21 02:02:00 | exact |
    | Acknowledged | 2026-11-21 02:02:41 | exact |
    | First role filled | 2026-11-21 02:02:41 | exact |
    | First update by a person | 2026-11-21 02:18:00 | exact |
    | Cause suspected | 2026-11-21 02:10:00 | exact |
    | Mitigation started | 2026-11-21 02:12:00 | exact |
    | Fix applied | 2026-11-21 02:49:00 | exact |
    | Mitigated | 2026-11-21 02:47:00 | exact |
    | Resolved | 2026-11-21 03:07:00 | exact |
    | All-clear sent | 2026-11-21 03:08:00 | exact |

    | Measure | Value | Mind |
    |---|---|---|
    | Time to detect | 2 min | worthless while impact start is an estimate |
    | Time to declare | 7 min | includes the alert's own waiting times |
    | Time to acknowledge | – (not noted: first page) | a reflex counts as an answer |
    | Time to mitigate, as users felt it | 54 min | dominated by detection at night |
    | Time to mitigate, from the answer | 44 min | not comparable across categories |
    | Time to resolve | 1 h 14 min | moves with the stability window |
    | Time to first responder action | 2 min | depends on what was noted |
    | Time as SEV1 | 1 h 05 min | a severity is a judgement |
    | Time to fill Bridge | 7 min | one person alone in a small incident is no failure |
    | Time to fill On-Call | 41 s | one person alone in a small incident is no failure |
    | Time to fill Backend | 9 min | one person alone in a small incident is no failure |
    | Time to fill Frontend | – (nobody took it) | one person alone in a small incident is no failure |
    | Time to fill Docs | 9 min | one person alone in a small incident is no failure |
    | Time to fill every role | – (never filled: Frontend) | one person alone in a small incident is no failure |
    | Responder minutes, all together | 176 min | from the first to the last thing each did; says nothing about anybody |
    | Night burden, 22:00 to 07:00 where each lives | 0 pages, 176 min | for the team's health, not for ranking |
    | Alerts | 3 | many for one fault wake people no better than one |
    | Turn-backs | 0 | not a fault |

    | Estimate given | Said | Basis | Confidence | It took | Fits |
    |---|---|---|---|---|---|
    | 02:15 | 15–30 min | if the rollback helps | likely | 32 min | later |

    ## 4. Timeline

    | Time (UTC) | # | Kind | By | What |
    |---|---|---|---|---|
    | 01:53 | T-31 | observation | Documentation Lead | first 500 in the edge log 🕓 written 02:24 |
    | 01:53 | T-32 | milestone | Documentation Lead | Impact start corrected to 01:53 UTC 🕓 written 02:24 |
    | 01:55 | T-1 | alert | monitoring | OrdersApi5xx fires 🕓 written 02:02 |
    | 02:02 | T-2 | milestone | monitoring | INC-0001 declared as SEV1: orders-api 5xx and stalled AI queue |
    | 02:02 | T-8 | ack | responder | took it |
    | 02:02 | T-9 | role | On-Call Engineer | took the role On-Call Engineer |
    | 02:02 | T-10 | handover | On-Call Engineer | took command |
    | 02:02 | T-11 | phase | On-Call Engineer | moved on to Rapid Diagnosis |
    | 02:03 | T-12 | update | bot | Automatic first note: **🟥 INC-0001 opened at 02:02 UTC – severity SEV1 (automatic).** Monitoring reports: OrdersApi5xx, DatabaseConnections. The on-call engineer has it. Impact on users is not confirmed yet. A person will update by 02:22 UTC. *(Automatic message.)* |
    | 02:05 | T-14 | observation | On-Call Engineer | release 2026.11.3 went out 02:41 |
    | 02:05 |  | checklist | responders | Diagnosis: 1 of 9 steps done |
    | 02:07 | T-15 | observation | On-Call Engineer | 100/100 connections, most from ai-worker |
    | 02:09 | T-16 | role | Bridge Engineer | took the role Bridge Engineer |
    | 02:09 | T-17 | handover | On-Call Engineer | gave command to the Bridge Engineer – Bridge Engineer is here |
    | 02:10 | T-18 | hypothesis | On-Call Engineer | We think it is: AI workers hold DB connections since the 02:41 release |
    | 02:11 | T-19 | role | Backend Engineer | took the role Backend Engineer |
    | 02:11 | T-20 | role | Documentation Lead | took the role Documentation Lead |
    | 02:11 | T-21 | impact | Bridge Engineer | Many users cannot order; AI features do not run |
    | 02:12 | T-22 | phase | On-Call Engineer | moved on to Mitigation & Containment |
    | 02:12 | T-23 | action | On-Call Engineer | AI features off, cached data on |
    | 02:12 |  | checklist | responders | Mitigation: 1 of 5 steps done |
    | 02:15 | T-25 | note | Bridge Engineer | Estimate: 15–30 minutes, because if the rollback helps (likely) |
    | 02:17 | T-27 | observation | On-Call Engineer | connections 62, 5xx 9 % |
    | 02:18 | T-28 | update | Bridge Engineer | Update: **🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating** (update 2) **Impact:** Many users cannot order; AI features do not run. Since about 01:55 UTC. **What we know:** We believe: AI workers hold DB connections since the 02:41 release – not confirmed. **What we are doing:** 02:12 UTC AI features off, cached data on. **Estimate:** 15–30 minutes from 02:15 UTC – if the rollback helps (likely). **Next update by 02:38 UTC.** Questions? Ask here. |
    | 02:20 | T-29 | decision | Bridge Engineer | roll back 02:41, it correlates \| and is reversible |
    | 02:22 | T-30 | action | Backend Engineer | rollback to 2026.11.2 done the On-Call Engineer |
    | 02:38 | T-35 | update | Bridge Engineer | Update, nothing new: **🟥 SEV1 – orders-api 5xx and stalled AI queue – mitigating: nothing new** **Impact:** Many users cannot order; AI features do not run. Since 01:53 UTC. **Still at work:** 02:20 UTC roll back 02:41, it correlates \| and is reversible. 02:22 UTC rollback to 2026.11.2 done. **Next update by 02:58 UTC.** Questions? Ask here. |
    | 02:41 | T-36 | action | Backend Engineer | retry AI tasks in batches of 50 with backoff |
    | 02:41 | T-37 | todo | Documentation Lead | alert on the age of the oldest AI task |
    | 02:47 | T-38 | milestone | On-Call Engineer | User impact is over |
    | 02:47 | T-39 | phase | On-Call Engineer | moved on to Resolution – fix |
    | 02:49 | T-40 | phase | On-Call Engineer | moved on to Resolution – validation |
    | 02:51 |  | checklist | responders | Validation: 4 of 5 steps done |
    | 03:07 | T-47 | phase | Bridge Engineer | moved on to Postmortem & Learning |
    | 03:07 | T-48 | milestone | Bridge Engineer | Resolved |
    | 03:08 | T-49 | update | Bridge Engineer | All-clear: **✅ Resolved – orders-api 5xx and stalled AI queue.** Resolved at 03:07 UTC; the fix has been in place since 02:49 UTC. Users were hurt from 01:53 UTC to 02:47 UTC (“Many users cannot order; AI features do not run”). Nothing was lost. We are still establishing the cause. A review follows. |

    16 lines of detail (ticks, repeats, calls) are folded; `/inc show view:everything` has them.

    ## 5. Detection

    | Alert | Began (UTC) | Ended | Told us |
    |---|---|---|---|
    | OrdersApi5xx | 2026-11-21 01:55:00 | 2026-11-21 02:33:00 | 2026-11-21 02:02:00 |
    | DatabaseConnections | 2026-11-21 01:56:00 | 2026-11-21 02:33:00 | 2026-11-21 02:02:00 |
    | AiQueue \| stalled | 2026-11-21 01:58:00 | 2026-11-21 02:52:00 | 2026-11-21 02:02:00 |

    > **To be answered:** Which alert should have told us and did not? Would another threshold have told us earlier?

    ## 6. Diagnosis path

    - 02:10 AI workers hold DB connections since the 02:41 release – **open** (the On-Call Engineer)
    - 01:53 seen: first 500 in the edge log
    - 02:05 seen: release 2026.11.3 went out 02:41
    - 02:07 seen: 100/100 connections, most from ai-worker
    - 02:17 seen: connections 62, 5xx 9 %
    - The work went back 0 times.

    > **To be answered:** What evidence settled it? What pointed the wrong way?

    ## 7. Mitigation and resolution

    | Time (UTC) | What was done or decided | By |
    |---|---|---|
    | 02:12 | AI features off, cached data on | On-Call Engineer |
    | 02:20 | roll back 02:41, it correlates \| and is reversible | Bridge Engineer |
    | 02:22 | rollback to 2026.11.2 done the On-Call Engineer | Backend Engineer |
    | 02:41 | retry AI tasks in batches of 50 with backoff | Backend Engineer |

    > **To be answered:** What effect had each? Which temporary measures are still in place, who removes them, and when?

    ## 8. Cause and contributing factors

    > **To be answered:** **Trigger:** what started it?
    > **To be answered:** **Root cause:** as established, with the evidence.
    > **To be answered:** **Contributing factors:** technical, detection, process and coordination, knowledge and documentation, external. Complex failures rarely have one.
    > **To be answered:** **What kept it from being worse?**

    ## 9. What surprised us

    > **To be answered:** What did not behave as you expected?

    ## 10. What helped, what made it hard, where we were lucky

    **What helped**

    - *(to be filled)*

    **What made it hard**

    - *(to be filled)*

    **Where we were lucky**

    - *(to be filled)*

    ## 11. Communication and coordination review

    | Measure | Value |
    |---|---|
    | First automatic note after declaration | 1 min |
    | First update by a person after declaration | 16 min |
    | Promised updates kept | 2 of 3 |
    | Missed: the one due 02:58 | 10 min late |
    | Longest silence towards stakeholders | 29 min |
    | Longest time without a note by a person | 16 min from 02:51 |
    | On-Call Engineer accepted after | 41 s |
    | Backend Engineer accepted after | 9 min |
    | Frontend Engineer accepted after | never |
    | Bridge Engineer accepted after | 7 min |
    | Documentation Lead accepted after | 9 min |
    | One person commanded and fixed alone for | 6 min |
    | Hand-overs with a briefing | 0 |
    | Entries by people, of them written late | 36, 1 |
    | Key entries | 22 |
    | Updates that missed a target | 0 |

    > **To be answered:** Were updates timely, clear and honest (1–5 each)? Who lacked what, when? What did the stakeholders say?

    ## 12. Runbook review

    Runbook `scenario-3am` at version `baf5dfffd337`.

    - Diagnosis: 1 of 9
    - Mitigation: 1 of 5
    - Communication: 0 of 3
    - Resolution: 0 of 3
    - Validation: 4 of 5
    - Learning: 0 of 4

    Critical steps nobody ticked:
    - Take it. Water, light, laptop; then say what you see
    - Pick the leading suspect - database, AI pipeline or deploy - and say it as a guess
    - Wait 5 minutes, look, and say the effect
    - Send the internal update: what is known, impact, actions, next time

    > **To be answered:** Which step was missing, wrong or too late?

    ## 13. Actions

    Noted on the way as `todo`:

    - alert on the age of the oldest AI task

    > **To be answered:** **Monitoring thresholds** (`threshold`): which early alert would have told us?
    > **To be answered:** **Playbooks** (`playbook`): what worked, what failed, which step changes?
    > **To be answered:** **Observability of AI tasks** (`observability`): what was hard to see?

    ## 14. Decided not to do

    > **To be answered:** Which proposals were rejected, and why?

    ## 15. AI involvement

    The incident is not of the category AI. No part of this document was written by a language model.

    > **To be answered:** Which AI features of our product were involved, and was AI-written code or a prompt part of it?

    ## 16. External summary

    On 2026-11-21 between 01:53 and 02:47 UTC some users were affected. *(Draft; a person completes and approves it.)*

    > **To be answered:** What may be said outside: what happened, what we do?

    ## 17. Similar incidents

    > **To be answered:** Have we seen this before? Name the incident and what helped then.

    ## 18. Sign-off

    - Reviewed by: *nobody yet*
    - Open questions and their owners: *(to be filled)*
    ");
}

#[test]
fn every_section_stands_in_its_place() {
    let text = draft(&material(&the_night_at("04:10")));
    let headings: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let expected: Vec<String> = SECTIONS
        .iter()
        .enumerate()
        .map(|(index, title)| format!("{}. {title}", index + 1))
        .collect();
    assert_eq!(headings, expected);
}

#[test]
fn cause_and_factors_are_asked_until_a_person_writes_them() {
    let mut night = the_night_at("04:10");
    let asked = draft(&material(&night));
    let cause = section(&asked, "Cause and contributing factors");
    assert_eq!(cause.matches("**To be answered:**").count(), 4);
    assert!(
        !cause.contains("connections"),
        "nothing is guessed: {cause}"
    );
    night.by(SAM).asks(Command::RecordCause {
        trigger: "Release 2026.11.3".to_owned(),
        cause: "AI workers held\nconnections".to_owned(),
        factors: vec![
            "no limit per client".to_owned(),
            "the alert watched length".to_owned(),
        ],
        kept_from_worse: String::new(),
    });
    let written = draft(&material(&night));
    assert_snapshot!(section(&written, "Cause and contributing factors"), @"
    - **Trigger:** Release 2026.11.3
    - **Root cause:** AI workers held connections
    - **Contributing factors:**
      - no limit per client
      - the alert watched length
    ");
}

#[test]
fn people_appear_by_their_roles_and_their_names_stand_once() {
    let mut night = the_night_at("04:10");
    night.by(SAM).asks(Command::RecordCause {
        trigger: "@Kim Lee saw it, @Sam and <@3> confirmed".to_owned(),
        cause: "<@!2> can explain".to_owned(),
        factors: Vec::new(),
        kept_from_worse: String::new(),
    });
    night.by(SAM).asks(Command::AddAction {
        title: "Ask @Priya".to_owned(),
        kind: ActionKind::Process,
        owner: Some(ADA),
        due: NaiveDate::from_ymd_opt(2026, 12, 1),
    });
    night.by(KIM).asks(Command::MarkReviewed);
    let text = draft(&material(&night));
    let (header, body) = text.split_once("\n## 1. ").expect("a header and a body");
    for name in ["Sam", "Ada", "Mo", "Kim Lee"] {
        assert!(
            header.contains(name),
            "{name} is named in the header: {header}"
        );
    }
    for name in ["Sam", "Ada", "Kim", "Priya", "<@"] {
        assert!(!body.contains(name), "{name} stands in the text");
    }
    assert!(!body.contains("Mo ") && !body.contains("@Mo"));
    assert!(body.contains(
        "the Documentation Lead saw it, the On-Call Engineer and the Bridge Engineer confirmed"
    ));
    assert!(header.contains("- **Actions:** Ada does 1"));
    assert!(header.contains("- **Reviewed by:** Kim Lee"));
}

#[test]
fn words_of_people_neither_break_a_table_nor_open_a_section() {
    let mut night = Night::alert_fires("orders | api\n## 9. Nothing surprised us", Sev2);
    night.by(SAM).takes_it();
    for text in [
        "act: a | b",
        "act: path C:\\dir\\| end \\",
        "act: first\n| second | row |\n## 9. What surprised us",
        "obs: <script>alert(1)</script> <#900> <:siren:77> <t:1763694120:t> <nothing",
        "dec: # heading\n- list\n```\ncode",
        "obs: \u{202e}denrut\u{200b} round",
    ] {
        night.after_seconds(30).by(SAM).writes(text);
    }
    night.by(SAM).describes_impact("orders\n\n## 1. fail | all");
    night.by(SAM).thinks("it is\n## 8. this");
    night.after_minutes(5).by(SAM).resolves_anyway();
    let text = draft(&material(&night));
    let sections = text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(sections, SECTIONS.len());
    assert_eq!(
        text.lines().filter(|line| line.starts_with("# ")).count(),
        1
    );
    let mut columns = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let bars = unescaped_bars(line);
        assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
    }
    assert!(text.contains("&lt;script>"), "nothing becomes markup");
    assert!(text.contains("denrut round"), "nothing turns a line round");
    assert!(
        text.contains("the channel :siren: 2025-11-21 03:02 UTC  &lt;nothing"),
        "{text}"
    );
}

/// Bars that end a cell, as GitHub's Markdown counts them.
fn unescaped_bars(line: &str) -> usize {
    let mut bars = 0;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '|' => bars += 1,
            _ => {}
        }
    }
    bars
}

#[test]
fn a_measure_whose_times_contradict_each_other_has_no_value() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
        .at_clock("03:20")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.at_clock("03:40").by(SAM).resolves_anyway();
    // Users were hurt only after the alert: it foresaw the trouble.
    night.by(KIM).asks(Command::CorrectMilestone {
        name: MilestoneName::ImpactStart,
        at: at("03:05"),
        precision: Precision::Minute,
        evidence: None,
    });
    night.by(KIM).asks(Command::CorrectMilestone {
        name: MilestoneName::Mitigated,
        at: at("03:01"),
        precision: Precision::Minute,
        evidence: None,
    });
    let text = draft(&material(&night));
    let times = section(&text, "Key times and measures");
    assert_snapshot!(times, @"
    | Milestone | Time (UTC) | Precision |
    |---|---|---|
    | Impact start | 2026-11-21 02:05:00 | to the minute |
    | Detected | 2026-11-21 01:55:00 | exact |
    | Alert received | 2026-11-21 02:02:00 | exact |
    | Declared | 2026-11-21 02:02:00 | exact |
    | Acknowledged | 2026-11-21 02:02:00 | exact |
    | First role filled | 2026-11-21 02:02:00 | exact |
    | Mitigated | 2026-11-21 02:01:00 | to the minute |
    | Resolved | 2026-11-21 02:40:00 | exact |

    | Measure | Value | Mind |
    |---|---|---|
    | Time to detect | – (impact start lies after detected) | worthless while impact start is an estimate |
    | Time to declare | 7 min | includes the alert's own waiting times |
    | Time to acknowledge | – (not noted: first page) | a reflex counts as an answer |
    | Time to mitigate, as users felt it | – (impact start lies after mitigated) | dominated by detection at night |
    | Time to mitigate, from the answer | – (acknowledged lies after mitigated) | not comparable across categories |
    | Time to resolve | 35 min | moves with the stability window |
    | Time to first responder action | – (nobody noted an action or observation) | depends on what was noted |
    | Time as SEV2 | 38 min | a severity is a judgement |
    | Time to fill Bridge | – (nobody took it) | one person alone in a small incident is no failure |
    | Time to fill On-Call | 0 s | one person alone in a small incident is no failure |
    | Time to fill Backend | – (nobody took it) | one person alone in a small incident is no failure |
    | Time to fill Docs | – (nobody took it) | one person alone in a small incident is no failure |
    | Time to fill every role | – (never filled: Bridge, Backend, Docs) | one person alone in a small incident is no failure |
    | Responder minutes, all together | 38 min | from the first to the last thing each did; says nothing about anybody |
    | Night burden, 22:00 to 07:00 where each lives | 0 pages, 38 min | for the team's health, not for ranking |
    | Alerts | 3 | many for one fault wake people no better than one |
    | Turn-backs | 0 | not a fault |
    ");
    assert!(!times.contains("| -"));
}

#[test]
fn an_estimated_start_makes_a_measure_at_least() {
    let mut night = the_night_at("03:20");
    assert!(draft(&material(&night)).contains("Confirm or correct the impact start"));
    night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.at_clock("03:40").by(SAM).resolves_anyway();
    let text = draft(&material(&night));
    assert!(text.contains("| Time to resolve | ≥ 45 min |"), "{text}");
}

#[test]
fn two_stretches_of_impact_are_listed_and_added_up_once() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night
        .at_clock("03:10")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night
        .at_clock("03:20")
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    night.at_clock("03:30").by(SAM).resolves_anyway();
    let text = draft(&material(&night));
    assert_snapshot!(section(&text, "Impact"), @"
    | Began (UTC) | Ended | Length | Worst severity |
    |---|---|---|---|
    | 2026-11-21 01:55:00 (estimate) | 2026-11-21 02:10:00 | 15 min | SEV2 |
    | 2026-11-21 02:20:00 (exact) | 2026-11-21 02:30:00 | 10 min | SEV2 |

    All stretches together, overlaps counted once: 25 min.

    - 02:20 Users are hurt again

    > **To be answered:** How many users, requests or orders? Was data lost: yes, no, unknown? Which AI outputs were affected, and who reviewed them?
    ");
}

#[test]
fn a_stretch_of_impact_is_as_bad_as_it_was_at_its_worst() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.at_clock("03:10").by(SAM).rates(Sev1);
    night
        .at_clock("03:50")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night
        .at_clock("03:55")
        .by(SAM)
        .rates_because(Sev3, "scope smaller than feared");
    night
        .at_clock("04:05")
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    let text = draft(&material(&night));
    let rows: Vec<&str> = section(&text, "Impact")
        .lines()
        .filter(|line| line.starts_with("| 2026"))
        .collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].ends_with("| SEV1 |"), "{}", rows[0]);
    assert!(rows[1].ends_with("| SEV3 |"), "{}", rows[1]);
}

#[test]
fn what_was_estimated_stands_beside_what_came_true() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    for (clock, low, high) in [("03:05", 5, 10), ("03:10", 30, 60), ("03:20", 5, 15)] {
        night.at_clock(clock).by(SAM).asks(Command::GiveEstimate {
            low_minutes: low,
            high_minutes: high,
            basis: "rollback | restart".to_owned(),
            confidence: Confidence::Guess,
        });
    }
    night
        .at_clock("03:30")
        .by(SAM)
        .moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.at_clock("03:50").by(SAM).resolves_anyway();
    let text = draft(&material(&night));
    let fits: Vec<&str> = section(&text, "Key times and measures")
        .lines()
        .filter(|line| line.contains("rollback"))
        .map(|line| line.rsplit('|').nth(1).expect("a last cell").trim())
        .collect();
    assert_eq!(fits, ["later", "sooner", "yes"]);
}

#[test]
fn a_time_of_another_day_names_its_day() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev3);
    night.by(SAM).takes_it();
    night
        .by(SAM)
        .writes("yesterday 23:50 obs: the deploy began");
    let text = draft(&material(&night));
    assert!(text.contains("| 2026-11-20 22:50 | T-"), "{text}");
}

#[test]
fn promises_are_counted_as_they_were_kept() {
    let night = the_night_at("04:10");
    let review = communication(&material(&night));
    assert_eq!(
        review.promises_kept,
        (2, 3),
        "03:22 and 03:38 were kept, 03:58 was not"
    );
    assert_eq!(review.first_note_after, Some(TimeDelta::minutes(1)));
    assert_eq!(review.first_update_after, Some(TimeDelta::minutes(16)));
    assert_eq!(review.late_entries.0, 1, "what was seen at 02:53");

    let mut late = Night::alert_fires("orders-api 5xx", Sev1);
    late.by(SAM).takes_it();
    late.runs_until("03:23")
        .by(SAM)
        .sends("within the grace of two minutes");
    late.runs_until("03:50").by(SAM).sends("seven minutes late");
    late.runs_until("04:30").by(SAM).resolves_anyway();
    let review = communication(&material(&late));
    assert_eq!(review.promises_kept, (1, 3));
    assert_eq!(
        review.missed,
        [
            (at("03:43"), Some(TimeDelta::minutes(7))),
            (at("04:10"), None)
        ]
    );
    assert_eq!(review.longest_silence, Some(TimeDelta::minutes(40)));
}

#[test]
fn the_end_of_a_promise_by_resolving_is_no_broken_one() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.runs_until("03:10").by(SAM).resolves_anyway();
    let review = communication(&material(&night));
    assert_eq!(review.promises_kept, (0, 0));
}

#[test]
fn one_person_who_commands_and_fixes_alone_is_seen() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.at_clock("03:20").by(MO).accepts(Role::Bridge);
    night.by(SAM).asks(Command::GiveCommand { to: MO });
    night.at_clock("04:00").by(MO).resolves_anyway();
    let review = communication(&material(&night));
    assert_eq!(review.alone, TimeDelta::minutes(18));
}

#[test]
fn words_that_judge_are_marked_for_the_owner_and_never_rewritten() {
    let mut night = the_night_at("04:10");
    night
        .by(KIM)
        .writes("note: the alert failed to fire, we should have noticed");
    night.by(SAM).asks(Command::RecordCause {
        trigger: "x".to_owned(),
        cause: "human error".to_owned(),
        factors: vec!["lack of a limit".to_owned()],
        kept_from_worse: String::new(),
    });
    let material_of = material(&night);
    let found: Vec<(String, String)> = wording(&material_of)
        .into_iter()
        .map(|hint| (hint.place, hint.found))
        .collect();
    let place = "Cause and contributing factors".to_owned();
    let note = found[0].0.clone();
    assert!(note.starts_with("T-"));
    assert_eq!(
        found,
        [
            (note.clone(), "should have".to_owned()),
            (note, "failed to".to_owned()),
            (place.clone(), "human error".to_owned()),
            (place.clone(), "lack of".to_owned()),
            (place, "one factor".to_owned()),
        ]
    );
    let text = draft(&material_of);
    assert!(text.contains("the alert failed to fire, we should have noticed"));
    assert!(text.contains("## Wording, for the owner"));
    assert!(
        wording(&material(&the_night_at("04:09"))).is_empty(),
        "the bot's own words judge nobody"
    );
}

#[test]
fn an_incident_that_no_alert_told_of_says_so() {
    let mut night = Night::at("03:02");
    night.by(SAM).declares("checkout is slow", Sev3);
    night.after_minutes(30).by(SAM).resolves_anyway();
    let text = draft(&material(&night));
    assert!(section(&text, "Detection").starts_with("No alert told us; a person did."));
    assert!(section(&text, "Runbook review").starts_with("No runbook was attached."));
    assert!(section(&text, "External summary").contains("some users may have been affected"));
}

#[test]
fn the_final_severity_is_what_a_person_said_and_who() {
    let mut night = the_night_at("04:10");
    night
        .by(KIM)
        .asks(Command::ConfirmSeverity { severity: Sev2 });
    let text = draft(&material(&night));
    let line = text.lines().find(|line| line.contains("**Severity:**"));
    assert_snapshot!(line.expect("the header has it"), @"- **Severity:** reported SEV1, peak SEV1, at the end SEV1; final severity: **SEV2**, confirmed by Kim Lee");
}
