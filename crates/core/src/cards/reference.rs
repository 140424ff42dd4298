//! What the attached runbooks say beside their steps: who owns it, how it is built, what happened last time. One page of
//! one section at a time, with a menu of the headings.

use super::steps::with_callouts;
use super::{buttons, line, plain, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row, Tone};
use crate::incident::{Incident, cut};
use crate::runbook::{Checklist, RunbookId, pages};

/// The most headings of a menu.
const MAX_HEADINGS: usize = 25;

/// A page of a section; the last there is, where there are fewer.
#[must_use]
pub fn reference(incident: &Incident, section: usize, page: usize) -> Card {
    let sections = incident
        .checklist
        .as_ref()
        .map(Checklist::reference_sections)
        .unwrap_or_default();
    let Some(last) = sections.len().checked_sub(1) else {
        return line("The attached runbooks say nothing besides their steps.");
    };
    let section = section.min(last);
    let (runbook, shown) = &sections[section];
    let text = pages(&with_callouts(&shown.text));
    let page = page.min(text.len() - 1);
    let mut rows = Vec::new();
    if sections.len() > 1 {
        // More headings than a menu holds: those around the one that is read.
        let first = section / MAX_HEADINGS * MAX_HEADINGS;
        let around = sections.iter().enumerate().skip(first).take(MAX_HEADINGS);
        rows.push(Row::Menu(Menu {
            hint: "Read another part…".to_owned(),
            options: around
                .map(|(index, (id, part))| MenuOption {
                    value: index.to_string(),
                    label: cut(&plain(&part.title), 90),
                    description: id.to_string(),
                })
                .collect(),
            most: 1,
            press: Press::any_time(incident.id, Act::ChooseReference),
        }));
    }
    let before = match (section, page) {
        (_, page) if page > 0 => Some((section, page - 1)),
        (0, _) => None,
        // Its last page, whichever that is.
        (section, _) => Some((section - 1, usize::from(u16::MAX))),
    };
    let after = if page + 1 < text.len() {
        Some((section, page + 1))
    } else {
        (section < last).then_some((section + 1, 0))
    };
    let to = |label: &str, (section, page): (usize, usize)| {
        Button::plain(label, read(incident, section, page))
    };
    let turn = [
        before.map(|place| to("◀ Back", place)),
        after.map(|place| to("Next ▶", place)),
        Some(Button::plain(
            "All steps",
            Press::any_time(incident.id, Act::StepList),
        )),
    ];
    rows.push(buttons(turn.into_iter().flatten()));
    let mut footer = vec![runbook.to_string()];
    if sections.len() > 1 {
        footer.push(format!("part {} of {}", section + 1, sections.len()));
    }
    if text.len() > 1 {
        footer.push(format!("page {} of {}", page + 1, text.len()));
    }
    Card {
        rows,
        footer: footer.join(" · "),
        ..text_card(
            cut(&plain(&shown.title), 200),
            text[page].clone(),
            Tone::Plain,
        )
    }
}

/// The button that leads to a section.
pub(super) fn reference_button(incident: &Incident, section: usize) -> Button {
    Button::plain("Reference", read(incident, section, 0))
}

fn read(incident: &Incident, section: usize, page: usize) -> Press {
    let number = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
    Press::any_time(incident.id, Act::Reference(number(section), number(page)))
}

/// Which section of them all is the first of this runbook.
pub(super) fn first_section_of(checklist: &Checklist, runbook: &RunbookId) -> Option<usize> {
    checklist
        .reference_sections()
        .iter()
        .position(|(id, _)| id == runbook)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cards::{next_step, step_list, step_text};
    use crate::incident::tests::Night;
    use crate::runbook::{StepState, parse};
    use crate::severity::Severity;

    fn runbook(id: &str, reference: &str) -> Checklist {
        let text = format!(
            "---\nid: {id}\ntitle: Mail is stuck\ncategory: backend\nowners: [team]\nreview_by: 2030-01-01\n---\n\n\
             # Mail is stuck\n\nNobody gets {id} mail.\n\n## Diagnosis\n\n\
             - [ ] **On-Call Engineer:** Is the {id} queue long? <!-- id:{id}-queue critical:yes -->\n\
             - [ ] **On-Call Engineer:** Read the {id} log <!-- id:{id}-log -->\n\n## Validation\n\n\
             - [ ] **On-Call Engineer:** Send one <!-- id:{id}-send critical:yes -->\n\n{reference}"
        );
        let parsed = parse(&text);
        let runbook = parsed
            .runbook
            .unwrap_or_else(|| panic!("the test runbook is broken: {:?}", parsed.findings));
        Checklist::pin(&runbook, &BTreeMap::new(), false)
    }

    fn with(checklist: Checklist) -> Incident {
        let mut night = Night::alert_fires("MailStuck", Severity::Sev2);
        night.by(crate::person::PersonId(1)).takes_it();
        let mut incident = night.incident().clone();
        incident.checklist = Some(checklist);
        incident
    }

    fn labels(card: &Card) -> Vec<&str> {
        card.rows
            .iter()
            .filter_map(|row| match row {
                Row::Buttons(buttons) => Some(buttons),
                _ => None,
            })
            .flatten()
            .map(|button| button.label.as_str())
            .collect()
    }

    /// Presses *Next ▶* until there is none.
    fn read_through(incident: &Incident) -> Vec<Card> {
        let mut read = vec![reference(incident, 0, 0)];
        loop {
            let card = &read[read.len() - 1];
            let next = card.rows.iter().find_map(|row| match row {
                Row::Buttons(buttons) => buttons.iter().find(|button| button.label == "Next ▶"),
                _ => None,
            });
            let Some(button) = next else { return read };
            let crate::card::Does::Press(press) = &button.does else {
                panic!("{button:?}")
            };
            let Act::Reference(section, page) = press.act else {
                panic!("{press:?}")
            };
            read.push(reference(incident, section.into(), page.into()));
            assert!(read.len() < 500, "it never ends");
        }
    }

    #[test]
    fn what_a_runbook_is_about_stands_on_its_first_step_until_that_is_done_and_always_above_all_steps()
     {
        let mut incident = with(runbook("mail", ""));
        assert!(
            next_step(&incident)
                .body
                .contains("> Nobody gets mail mail.")
        );
        assert!(
            step_list(&incident)
                .body
                .starts_with("**Mail is stuck**\n> Nobody gets mail mail.")
        );
        let list = incident.checklist.as_mut().expect("it has one");
        let step = list.steps[0].id.clone();
        let done = StepState::Done {
            by: crate::person::PersonId(1),
            at: incident.phase_since,
            for_role: None,
            choice: None,
        };
        list.states.insert(step, done);
        assert!(!next_step(&incident).body.contains("Nobody gets"));
        assert!(step_list(&incident).body.contains("Nobody gets mail mail."));
        // The second runbook says what it is about when its own first step comes.
        let list = incident.checklist.as_mut().expect("it has one");
        let log = list.steps[1].id.clone();
        list.states.insert(
            log,
            StepState::Skipped {
                by: crate::person::PersonId(1),
                at: incident.phase_since,
                reason: crate::runbook::SkipReason::AlreadyDone,
            },
        );
        list.merge(&runbook("other", ""));
        assert!(
            next_step(&incident)
                .body
                .contains("> Nobody gets other mail.")
        );
    }

    #[test]
    fn a_runbook_without_reference_text_offers_none() {
        let incident = with(runbook("mail", ""));
        assert!(!labels(&next_step(&incident)).contains(&"More"));
        assert!(!labels(&step_list(&incident)).contains(&"Reference"));
        assert!(
            reference(&incident, 0, 0)
                .content
                .contains("nothing besides")
        );
    }

    #[test]
    fn everything_beside_the_steps_is_read_with_taps_however_long_it_is() {
        let long: Vec<String> = (0..300)
            .map(|number| format!("line {number} of the history"))
            .collect();
        let parts: Vec<String> = (0..40)
            .map(|number| format!("## Part {number}\n\nWords {number}.\n\n"))
            .collect();
        let text = format!(
            "## History\n\n> [!NOTE]\n> Since 2019.\n\n{}\n\n{}",
            long.join("\n"),
            parts.concat()
        );
        let incident = with(runbook("mail", &text));
        let read = read_through(&incident);
        let all: Vec<&str> = read.iter().map(|card| card.body.as_str()).collect();
        let all = all.join("\n");
        for line in long
            .iter()
            .cloned()
            .chain((0..40).map(|number| format!("Words {number}.")))
        {
            assert!(all.contains(&line), "{line}");
        }
        assert!(all.contains("> **Note**"), "callouts as in the steps");
        assert!(
            read.iter()
                .all(|card| card.body.encode_utf16().count() < 4_096)
        );
        for card in &read {
            let Some(Row::Menu(menu)) = card.rows.first() else {
                panic!("{card:?}")
            };
            assert!(menu.options.len() <= 25);
            assert!(menu.options.iter().any(|option| option.label == card.title));
        }
        assert_eq!(labels(&read[0]), ["Next ▶", "All steps"]);
        assert_eq!(labels(&read[1])[0], "◀ Back");
        assert_eq!(reference(&incident, 99, 99), read[read.len() - 1]);
    }

    #[test]
    fn more_of_a_step_leads_to_what_its_own_runbook_says() {
        let mut list = runbook("mail", "## Owners\n\nTeam post.\n");
        list.merge(&runbook("other", "## Owners\n\nTeam other.\n"));
        let incident = with(list);
        let list = incident.checklist.as_ref().expect("it has one");
        assert!(labels(&next_step(&incident)).contains(&"More"));
        let of_other = list
            .steps
            .iter()
            .find(|step| step.id.as_str() == "other-queue");
        let card = step_text(&incident, of_other.expect("it was merged"));
        assert_eq!(labels(&card), ["Reference"]);
        assert_eq!(reference(&incident, 1, 0).body, "Team other.");
        let Row::Buttons(buttons) = &card.rows[0] else {
            panic!("{card:?}")
        };
        assert_eq!(buttons[0], reference_button(&incident, 1));
    }

    #[test]
    fn a_newer_version_brings_its_own_reference_text() {
        let mut list = runbook("mail", "## Owners\n\nTeam post.\n");
        list.renew(&runbook("mail", "## Owners\n\nTeam letters.\n"));
        assert_eq!(reference(&with(list), 0, 0).body, "Team letters.");
    }

    #[test]
    fn a_checklist_that_was_stored_before_has_none_and_is_read() {
        let mut stored =
            serde_json::to_value(runbook("mail", "## Owners\n\nTeam post.\n")).expect("JSON");
        stored
            .as_object_mut()
            .expect("an object")
            .remove("reference");
        let read: Checklist = serde_json::from_value(stored).expect("an older version is read");
        assert!(read.reference_sections().is_empty());
    }
}
