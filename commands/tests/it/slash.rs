//! The commands as Discord is told of them, and their documentation.

use bridgewatch_commands::{all, docs, framework_options};

use crate::more::act_of;

#[test]
fn the_documentation_says_what_the_commands_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/commands.md");
    let written = docs::markdown(&all(), act_of);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &written).expect("docs/commands.md can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == written,
        "docs/commands.md is old: run UPDATE_DOCS=1 cargo test -p bridgewatch-commands --test it documentation"
    );
}

#[test]
fn discord_takes_the_commands_as_they_are() {
    let commands = serde_json::to_value(poise::builtins::create_application_commands(&all()))
        .expect("commands are JSON");
    let commands = commands.as_array().expect("a list");
    let names: Vec<_> = commands
        .iter()
        .map(|command| command["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            Some("inc"),
            Some("pm"),
            Some("runbook"),
            Some("admin"),
            Some("Add to timeline…"),
            Some("Mark as decision"),
            Some("Redact"),
            Some("Propose for a role…"),
        ]
    );
    for command in commands {
        check(command, 0);
    }
    let verbs: Vec<_> = commands[0]["options"]
        .as_array()
        .expect("verbs")
        .iter()
        .filter_map(|verb| verb["name"].as_str())
        .collect();
    assert_eq!(
        verbs,
        [
            "new", "take", "phase", "sev", "roles", "log", "update", "resolve", "list", "show",
            "more", "help"
        ]
    );
}

/// Discord's limits of a command or option: description 1 to 100 characters, 25 options, required ones first.
fn check(part: &serde_json::Value, depth: usize) {
    let name = part["name"].as_str().expect("a name");
    assert!((1..=32).contains(&name.chars().count()), "{name}");
    if !matches!(part["type"].as_u64(), Some(2 | 3)) || depth > 0 {
        let description = part["description"].as_str().unwrap_or_default();
        assert!(
            (1..=100).contains(&description.chars().count()),
            "{name}: {description}"
        );
    }
    let options = part["options"].as_array().map_or(&[][..], Vec::as_slice);
    assert!(options.len() <= 25);
    let mut optional_seen = false;
    for option in options {
        let required = option["required"] == true;
        assert!(
            !(required && optional_seen),
            "{name}: required options come first"
        );
        optional_seen |= !required && option["type"] != 1;
        check(option, depth + 1);
    }
}

#[test]
fn a_command_needs_no_more_than_its_title_to_begin_an_incident() {
    let commands = all();
    let new = commands[0]
        .subcommands
        .iter()
        .find(|verb| verb.name == "new")
        .expect("`/inc new` is there");
    let required: Vec<_> = new
        .parameters
        .iter()
        .filter(|option| option.required)
        .map(|option| option.name.as_ref())
        .collect();
    assert_eq!(required, ["title"]);
}

#[test]
fn an_incident_is_always_suggested_and_never_demanded() {
    for command in all() {
        for verb in &command.subcommands {
            for option in &verb.parameters {
                if option.name == "incident" {
                    assert!(!option.required, "{}", verb.name);
                    assert!(option.autocomplete_callback.is_some(), "{}", verb.name);
                }
            }
        }
    }
}

#[test]
fn nothing_pings_by_default_and_discord_is_asked_nothing_at_start() {
    let options = framework_options();
    let mentions = serde_json::to_value(options.allowed_mentions.expect("they are set"))
        .expect("mentions are JSON");
    assert_eq!(mentions["parse"], serde_json::json!([]));
    assert!(!options.initialize_owners);
}

#[test]
fn no_command_has_more_than_twelve_verbs() {
    for command in all() {
        assert!(command.subcommands.len() <= 12, "{}", command.name);
    }
}
