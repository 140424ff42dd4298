//! Every card in every state: within what Discord can show, never empty, and no two buttons for the same thing.

use super::night::{ADA, Night, SAM};
use crate::card::{Button, Card, DataLoss, Does, Look, Press, Row};
use crate::cards;
use crate::effect::{DirectTopic, Effect};
use crate::incident::{Around, close_gaps, findings};
use crate::role::Role;
use crate::runbook::{RunbookId, StepId};
use crate::severity::Severity;
use crate::timeline::Reading;
use crate::update;

/// Everything that can be shown of an incident.
pub(super) fn all_of(night: &Night) -> Vec<(String, Card)> {
    let incident = night.incident();
    let timeline = night.entries();
    let due = update::usual_promise(incident, night.now, &night.policy);
    let draft = update::draft(incident, &timeline);
    let mut shown: Vec<(String, Card)> = vec![
        ("board".to_owned(), cards::board(incident)),
        ("opening".to_owned(), cards::opening_board(incident)),
        ("digest".to_owned(), cards::digest(incident)),
        ("cancel".to_owned(), cards::ask_cancel(incident)),
        ("impact over".to_owned(), cards::ask_impact_over(incident)),
        ("came back".to_owned(), cards::ask_came_back(incident)),
        ("severity".to_owned(), cards::ask_severity(incident)),
        (
            "lower".to_owned(),
            cards::ask_lower_reason(incident, Severity::Sev4),
        ),
        (
            "resolve".to_owned(),
            cards::resolve_card(incident, &findings(incident, night.now, &night.policy)),
        ),
        (
            "close".to_owned(),
            cards::close_gaps_card(incident, &close_gaps(incident)),
        ),
        (
            "all alerts clear".to_owned(),
            cards::all_clear_question(incident),
        ),
        ("more".to_owned(), cards::more(incident, &[])),
        (
            "runbooks".to_owned(),
            cards::runbooks(
                incident,
                &[],
                &[(
                    RunbookId::new("backend").expect("an id"),
                    "Backend failure".to_owned(),
                )],
            ),
        ),
        (
            "text board".to_owned(),
            cards::board_text(incident, &Around::default(), super::night::ZONE, night.now),
        ),
        ("tasks".to_owned(), cards::tasks(incident)),
        (
            "task for whom".to_owned(),
            cards::ask_whom_for_a_task(incident),
        ),
        ("beliefs".to_owned(), cards::beliefs(incident, None)),
        ("whom".to_owned(), cards::ask_whom(incident)),
        (
            "role for Ada".to_owned(),
            cards::ask_role_for(incident, ADA),
        ),
        ("help".to_owned(), cards::help(Some((incident, SAM)))),
        ("steps".to_owned(), cards::next_step(incident)),
        ("list".to_owned(), cards::step_list(incident)),
        ("reference".to_owned(), cards::reference(incident, 0, 0)),
        (
            "skip".to_owned(),
            cards::ask_skip(incident, &StepId::new("ai-off").expect("an id")),
        ),
        (
            "update".to_owned(),
            cards::update_card(incident, &draft, night.now, &night.policy),
        ),
        (
            "reminder".to_owned(),
            cards::update_reminder(incident, due.unwrap_or(night.now), &night.policy),
        ),
        (
            "all-clear".to_owned(),
            cards::all_clear_draft(incident, &update::all_clear(incident, DataLoss::Unknown)),
        ),
        (
            "timeline".to_owned(),
            cards::timeline_view(
                incident,
                &timeline,
                Reading::All,
                0,
                night.now,
                &night.policy,
            ),
        ),
        ("resolved".to_owned(), cards::resolved(incident)),
        (
            "postmortem".to_owned(),
            cards::posted_postmortem(incident, false),
        ),
        ("action".to_owned(), cards::ask_action(incident)),
    ];
    for reader in [SAM, ADA] {
        shown.push((
            format!("roles for {}", reader.0),
            cards::roles(incident, reader),
        ));
        shown.push((
            format!("hand over by {}", reader.0),
            cards::ask_handover(incident, reader, crate::card::HandoverSet::Everything),
        ));
        shown.push((
            format!("page of {}", reader.0),
            cards::direct(incident, reader, &DirectTopic::Page),
        ));
        for role in Role::ALL {
            let about = DirectTopic::Proposal { role };
            shown.push((
                format!("{} asked for {role}", reader.0),
                cards::direct(incident, reader, &about),
            ));
        }
    }
    for role in Role::ALL {
        shown.push((format!("duties of {role}"), cards::responsibilities(role)));
    }
    if let Some(checklist) = &incident.checklist {
        for step in &checklist.steps {
            shown.push((
                format!("text of {}", step.id),
                cards::step_text(incident, step),
            ));
            shown.push((
                format!("confirm {}", step.id),
                cards::confirm_step(incident, step),
            ));
        }
    }
    for effect in night.last_effects() {
        match effect {
            Effect::Say { card } | Effect::Tell { card, .. } => {
                shown.push(("said".to_owned(), card));
            }
            _ => {}
        }
    }
    shown
}

/// Checks every card of the night as it is now.
pub(super) fn hold(night: &Night) {
    for (what, card) in all_of(night) {
        fits(&what, &card);
    }
    hold_for_texts(night);
}

fn fits(what: &str, card: &Card) {
    let text = [&card.content, &card.title, &card.body];
    assert!(
        text.iter().any(|text| !text.trim().is_empty()),
        "{what} says nothing"
    );
    assert!(card.rows.len() <= 5, "{what} has {} rows", card.rows.len());
    assert!(card.content.chars().count() <= 2_000, "{what} is too long");
    assert!(
        card.title.chars().count() <= 256,
        "{what} has too long a title"
    );
    assert!(
        card.body.chars().count() <= 4_096,
        "{what} has too long a body"
    );
    let mut presses: Vec<&Press> = Vec::new();
    for row in &card.rows {
        match row {
            Row::Buttons(buttons) => {
                assert!(!buttons.is_empty() && buttons.len() <= 5, "{what}");
                for button in buttons {
                    assert!(!button.label.is_empty(), "{what}");
                    assert!(button.label.chars().count() <= 80, "{what}");
                    if let Does::Press(press) = &button.does {
                        presses.push(press);
                    }
                }
            }
            Row::Menu(menu) => {
                assert!(
                    !menu.options.is_empty() && menu.options.len() <= 25,
                    "{what}"
                );
                assert!(usize::from(menu.most) <= menu.options.len(), "{what}");
                presses.push(&menu.press);
            }
            Row::Acts(menu) => {
                let options = &menu.options;
                assert!(!options.is_empty() && options.len() <= 25, "{what}");
                for (index, (label, press)) in options.iter().enumerate() {
                    assert!(!label.is_empty() && label.chars().count() <= 100, "{what}");
                    assert!(
                        options[..index].iter().all(|(_, other)| other != press),
                        "{what} has two options for {press:?}"
                    );
                }
            }
            Row::People { press, .. } => presses.push(press),
        }
    }
    for (index, press) in presses.iter().enumerate() {
        assert!(
            !presses[..index].contains(press),
            "{what} has two buttons for {press:?}"
        );
    }
}

fn hold_for_texts(night: &Night) {
    let incident = night.incident();
    let timeline = night.entries();
    let due = update::usual_promise(incident, night.now, &night.policy);
    let next = match due {
        Some(due) => format!("Next update by <t:{}:t>.", due.timestamp()),
        None => "Next update: when something changes.".to_owned(),
    };
    assert_eq!(
        due.is_none(),
        incident.severity == crate::severity::Severity::Sev4
    );
    for text in [
        update::draft(incident, &timeline),
        update::nothing_new(incident, &timeline),
    ] {
        assert!(!text.contains(&next), "promised before it is sent: {text}");
        let sent = update::with_promise(&text, due);
        assert!(sent.contains(&next), "no promise: {sent}");
        let length = sent.chars().count();
        assert!(length <= update::MAX_DRAFT_CHARACTERS, "{length}: {text}");
        assert!(text.contains("**Impact:**"), "{text}");
    }
    let line = cards::opening_line(incident);
    assert!(line.chars().count() <= 100, "{line}");
    assert!(line.ends_with("— Take it"), "{line}");
    let briefing = cards::briefing(incident, &timeline, night.now);
    assert!(briefing.chars().count() <= 1_500);
}

/// The first button of a card.
pub(crate) fn first_button(card: &Card) -> Option<&Button> {
    match card.rows.first()? {
        Row::Buttons(buttons) => buttons.first(),
        _ => None,
    }
}

/// The buttons of a card as one line, the first marked by how it looks.
pub(crate) fn buttons_of(card: &Card) -> String {
    let rows: Vec<String> = card
        .rows
        .iter()
        .map(|row| match row {
            Row::Buttons(buttons) => buttons
                .iter()
                .map(|button| match button.look {
                    Look::Primary => format!("[*{}*]", button.label),
                    Look::Good => format!("[✓ {}]", button.label),
                    Look::Risky => format!("[! {}]", button.label),
                    Look::Plain => format!("[{}]", button.label),
                })
                .collect::<Vec<_>>()
                .join(" "),
            Row::Menu(menu) => format!("<{}>", menu.hint),
            Row::Acts(menu) => {
                let labels: Vec<&str> = menu
                    .options
                    .iter()
                    .map(|(label, _)| label.as_str())
                    .collect();
                format!("<{} {}>", menu.group.title(), labels.join(" | "))
            }
            Row::People { hint, .. } => format!("<{hint}>"),
        })
        .collect();
    rows.join("\n")
}

/// A card as it reads.
pub(crate) fn shown(card: &Card) -> String {
    let footer = if card.footer.is_empty() {
        String::new()
    } else {
        format!("({})", card.footer)
    };
    let parts = [
        card.content.clone(),
        card.title.clone(),
        card.body.clone(),
        footer,
        buttons_of(card),
    ];
    let text: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    super::readable(&text.join("\n"))
}
