//! A card of any size becomes a message that Discord takes.

use bridgewatch_commands::card::{
    MAX_CONTENT, MAX_EMBED_DESCRIPTION, MAX_EMBED_FOOTER, MAX_EMBED_TITLE, MAX_EMBED_TOTAL,
    MAX_MENU_HINT, MAX_OPTION_TEXT, Rendered, render,
};
use bridgewatch_core::card::{Act, Button, Card, Menu, MenuOption, Ping, Press, Row, Tone};
use bridgewatch_core::ids::{EntryNumber, IncidentId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::role::Role;
use proptest::prelude::*;
use serde_json::{Value, json};

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn text<'json>(value: &'json Value, key: &str) -> &'json str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What Discord checks before it takes a message.
pub fn must_be_postable(message: &Rendered) {
    assert!(units(&message.content) <= MAX_CONTENT);
    assert!(message.embeds.len() <= 1);
    let mut total = 0;
    for embed in &message.embeds {
        let (title, body) = (text(embed, "title"), text(embed, "description"));
        let footer = embed["footer"]["text"].as_str().unwrap_or_default();
        assert!(units(title) <= MAX_EMBED_TITLE);
        assert!(units(body) <= MAX_EMBED_DESCRIPTION);
        assert!(units(footer) <= MAX_EMBED_FOOTER);
        total += units(title) + units(body) + units(footer);
        assert!(total > 0, "an embed says something");
    }
    assert!(total <= MAX_EMBED_TOTAL);
    assert!(
        !message.content.is_empty() || !message.embeds.is_empty(),
        "a message says something"
    );
    let mut ids = std::collections::BTreeSet::new();
    assert!(message.components.len() <= 5);
    for row in &message.components {
        assert_eq!(row["type"], 1);
        let parts = array(&row["components"]);
        assert!((1..=5).contains(&parts.len()));
        for part in parts {
            let id = text(part, "custom_id");
            assert!(units(id) <= 100);
            if !id.is_empty() {
                assert!(ids.insert(id.to_owned()), "{id} appears twice");
            }
            match part["type"].as_u64() {
                Some(2) => {
                    assert!((1..=80).contains(&units(text(part, "label"))));
                    assert!(units(text(part, "url")) <= 512);
                    assert!(id.is_empty() != text(part, "url").is_empty());
                }
                Some(3 | 5) => {
                    assert_eq!(parts.len(), 1, "a menu has its row for itself");
                    assert!((1..=MAX_MENU_HINT).contains(&units(text(part, "placeholder"))));
                    let most = part["max_values"].as_u64().unwrap_or_default();
                    assert!((1..=25).contains(&most));
                    if part["type"] == 3 {
                        let options = array(&part["options"]);
                        assert!((1..=25).contains(&options.len()));
                        assert!(most <= options.len() as u64);
                        let mut values = std::collections::BTreeSet::new();
                        for option in options {
                            for key in ["value", "label"] {
                                let units = units(text(option, key));
                                assert!((1..=MAX_OPTION_TEXT).contains(&units), "{key}");
                            }
                            assert!(units(text(option, "description")) <= MAX_OPTION_TEXT);
                            assert!(values.insert(text(option, "value")));
                        }
                    }
                }
                other => panic!("a component of type {other:?}"),
            }
        }
    }
    for person in &message.ping {
        assert!(message.content.contains(&format!("<@{person}>")));
    }
}

fn take() -> Press {
    Press::any_time(IncidentId(1), Act::Take)
}

#[test]
fn a_short_card_is_said_as_it_is() {
    let card = Card {
        content: "🔴 SEV1 — Take it".to_owned(),
        title: "INC-0001".to_owned(),
        body: "orders fail".to_owned(),
        footer: "declared 03:02 UTC".to_owned(),
        tone: Tone::Critical,
        rows: vec![Row::Buttons(vec![
            Button::primary("Take it", take()),
            Button::link("Dashboard", "https://grafana.example/d/1"),
        ])],
        ping: Ping::Nobody,
        quiet: true,
    };
    let message = render(&card);
    assert!(message.quiet);
    assert_eq!(
        message.body(),
        json!({
            "content": "🔴 SEV1 — Take it",
            "embeds": [{
                "title": "INC-0001",
                "description": "orders fail",
                "footer": { "text": "declared 03:02 UTC" },
                "color": 0xD8_3C3E,
            }],
            "components": [{ "type": 1, "components": [
                { "type": 2, "style": 1, "label": "Take it", "custom_id": "bw1|1|-|take" },
                { "type": 2, "style": 5, "label": "Dashboard", "url": "https://grafana.example/d/1" },
            ] }],
            "allowed_mentions": { "parse": [], "replied_user": false },
        })
    );
    must_be_postable(&message);
}

#[test]
fn a_text_that_is_too_long_is_cut_with_a_mark_and_never_lost() {
    let long = "🧯é\n`".repeat(3_000);
    let card = Card {
        content: long.clone(),
        title: long.clone(),
        body: long.clone(),
        footer: long.clone(),
        ..Card::default()
    };
    let message = render(&card);
    must_be_postable(&message);
    assert!(message.content.ends_with('…'));
    assert!(text(&message.embeds[0], "description").ends_with('…'));
    assert!(units(&message.content) >= MAX_CONTENT - 2);
}

#[test]
fn no_card_is_an_empty_message() {
    let nothing = render(&Card::default());
    assert_eq!(nothing.content, "Nothing to show.");
    let blank = render(&Card {
        content: " \n ".to_owned(),
        rows: vec![Row::Buttons(vec![Button::plain("Roles", take())])],
        ..Card::default()
    });
    assert_eq!(blank.content, "Choose:");
    must_be_postable(&blank);
}

#[test]
fn whoever_is_pinged_is_named_even_where_the_text_forgot_them_or_is_cut() {
    let message = render(&Card {
        content: format!("{} <@5>", "update due ".repeat(400)),
        ping: Ping::People(vec![PersonId(5), PersonId(6), PersonId(5)]),
        ..Card::default()
    });
    assert_eq!(message.ping, [5, 6]);
    must_be_postable(&message);
    assert_eq!(
        message.body()["allowed_mentions"],
        json!({ "parse": [], "replied_user": false, "users": ["5", "6"] })
    );
    let named = render(&Card {
        content: "<@5>, the update is due".to_owned(),
        ping: Ping::People(vec![PersonId(5)]),
        ..Card::default()
    });
    assert_eq!(named.content, "<@5>, the update is due");
}

#[test]
fn two_components_never_share_an_id_and_a_link_that_is_none_is_left_out() {
    let message = render(&Card {
        content: "choose".to_owned(),
        rows: vec![
            Row::Buttons(vec![
                Button::plain("Take", take()),
                Button::plain("Take again", take()),
                Button::link("Bad", "javascript:alert(1)"),
                Button::link(
                    "Longer than Discord takes",
                    format!("https://x/{}", "y".repeat(600)),
                ),
            ]),
            Row::Buttons(vec![Button::plain("Take once more", take())]),
        ],
        ..Card::default()
    });
    must_be_postable(&message);
    assert_eq!(message.components.len(), 1);
    assert_eq!(array(&message.components[0]["components"]).len(), 1);
}

#[test]
fn a_menu_keeps_the_first_25_options_that_can_be_chosen() {
    let option = |value: String| MenuOption {
        value,
        label: String::new(),
        description: "d".repeat(300),
    };
    let options = ["same", "same", ""]
        .into_iter()
        .map(|value| option(value.to_owned()))
        .chain((0..40).map(|number| option(format!("{number:03}"))));
    let message = render(&Card {
        rows: vec![
            Row::Menu(Menu {
                hint: "h".repeat(400),
                options: options.collect(),
                most: 200,
                press: take(),
            }),
            Row::Menu(Menu {
                hint: String::new(),
                options: Vec::new(),
                most: 1,
                press: Press::any_time(IncidentId(1), Act::StepList),
            }),
        ],
        ..Card::default()
    });
    must_be_postable(&message);
    assert_eq!(
        message.components.len(),
        1,
        "a menu without options is no menu"
    );
    let menu = &message.components[0]["components"][0];
    assert_eq!(array(&menu["options"]).len(), 25);
    assert_eq!(menu["max_values"], 25);
}

fn any_button() -> impl Strategy<Value = Button> {
    (".{0,120}", 0..40_i64, any::<bool>()).prop_map(|(label, number, link)| {
        if link {
            Button::link(label.clone(), format!("https://example.org/{label}"))
        } else {
            let act = Act::RetractEntry(EntryNumber(number));
            Button::plain(label, Press::any_time(IncidentId(1), act))
        }
    })
}

fn any_row() -> impl Strategy<Value = Row> {
    let options = proptest::collection::vec(
        (".{0,130}", ".{0,130}", ".{0,130}").prop_map(|(value, label, description)| MenuOption {
            value,
            label,
            description,
        }),
        0..30,
    );
    prop_oneof![
        proptest::collection::vec(any_button(), 0..8).prop_map(Row::Buttons),
        (options, ".{0,200}", any::<u8>()).prop_map(|(options, hint, most)| Row::Menu(Menu {
            hint,
            options,
            most,
            press: Press::any_time(IncidentId(1), Act::AttachRunbook),
        })),
        ".{0,200}".prop_map(|hint| Row::People {
            hint,
            press: Press::any_time(IncidentId(1), Act::AskPropose(Role::Bridge)),
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_a_card_says_discord_takes_it(
        content in "[a🧯é\n<@>]{0,2100}",
        title in ".{0,300}",
        body in "[a🧯é\n`]{0,4200}",
        footer in "[a🧯]{0,2100}",
        rows in proptest::collection::vec(any_row(), 0..7),
        people in proptest::collection::vec(any::<u64>(), 0..130),
    ) {
        let people = people.into_iter().map(PersonId).collect();
        let card = Card {
            content, title, body, footer, rows,
            tone: Tone::Plain,
            ping: Ping::People(people),
            quiet: false,
        };
        must_be_postable(&render(&card));
    }
}
