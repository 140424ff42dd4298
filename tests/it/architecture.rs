//! The dependency rule: arrows point inwards, and only the app knows everyone.
//!
//! Crates are held by what their Cargo.toml names, modules of the service by the paths they write, to their siblings and to
//! libraries. A new crate or module fails here until somebody has decided what it may know.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Everything that speaks to the outside: none of it may reach the core.
const OUTSIDE: [&str; 11] = [
    "axum", "hyper", "metrics", "poise", "rand", "reqwest", "serenity", "sqlx", "tokio", "tracing",
    "uuid",
];

/// What a crate of ours must not be built from.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    ("crates/core", &OUTSIDE),
    (
        "commands",
        &[
            "axum",
            "bridgewatch",
            "bridgewatch-store-postgres",
            "bridgewatch-store-sqlite",
            "discord-sim",
            "reqwest",
            "sqlx",
        ],
    ),
    (
        "crates/store/sqlite",
        &[
            "axum",
            "bridgewatch",
            "bridgewatch-commands",
            "poise",
            "reqwest",
            "serenity",
        ],
    ),
    (
        "crates/store/postgres",
        &[
            "axum",
            "bridgewatch",
            "bridgewatch-commands",
            "bridgewatch-store-sqlite",
            "poise",
            "reqwest",
            "serenity",
        ],
    ),
    // An independent witness: it must not share our understanding of Discord.
    (
        "crates/discord-sim",
        &[
            "bridgewatch",
            "bridgewatch-commands",
            "bridgewatch-core",
            "poise",
            "serenity",
        ],
    ),
];

/// What a module of the service may name of its siblings. Those that build everything are left out: they know everyone.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("activity", &[]),
    ("clock", &[]),
    ("config", &[]),
    ("desk", &["clock", "telemetry"]),
    ("discord", &["activity", "clock", "output", "telemetry"]),
    ("http", &["clock", "telemetry"]),
    ("intake", &["clock", "http", "telemetry"]),
    ("notify", &["clock", "telemetry"]),
    ("output", &[]),
    ("runner", &["activity", "clock", "desk", "telemetry"]),
    ("telemetry", &["clock", "config"]),
];

/// Modules that build everything.
const KNOW_EVERYONE: [&str; 5] = ["app", "cli", "demo", "lib", "main"];

/// Files that may know more than their module: those that hear from Discord tell the desk, and those that an operator's
/// command runs read the configuration for it.
const MAY_USE_TOO: [(&str, &[&str]); 5] = [
    ("src/discord/gateway.rs", &["desk"]),
    ("src/discord/ears.rs", &["desk"]),
    ("src/discord/backfill.rs", &["desk"]),
    ("src/discord/check.rs", &["config"]),
    ("src/discord/exercise.rs", &["cli"]),
];

/// Libraries that speak to Discord, to a database, and HTTP, and the crates of ours that do; a module that is not named here
/// may use none of them.
const LIBRARIES: [&str; 10] = [
    "axum",
    "bridgewatch_commands",
    "bridgewatch_store_postgres",
    "bridgewatch_store_sqlite",
    "hyper",
    "hyper_util",
    "poise",
    "reqwest",
    "serenity",
    "sqlx",
];

/// Which of them a module is there to use.
const SPEAKS: [(&str, &[&str]); 5] = [
    ("config", &["reqwest"]),
    (
        "discord",
        &["bridgewatch_commands", "poise", "reqwest", "serenity"],
    ),
    ("http", &["axum", "hyper", "hyper_util"]),
    ("intake", &["axum"]),
    ("notify", &["reqwest"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a crate is built from, without what only its tests need.
fn dependencies(cargo_toml: &str) -> BTreeSet<String> {
    let manifest: toml::Table = cargo_toml.parse().expect("Cargo.toml is TOML");
    let tables = ["dependencies", "build-dependencies"];
    tables
        .iter()
        .filter_map(|name| manifest.get(*name)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}

#[test]
fn no_crate_is_built_from_what_it_must_not_know() {
    for (folder, forbidden) in FORBIDDEN {
        let built_from = dependencies(&text(&root().join(folder).join("Cargo.toml")));
        assert!(!built_from.is_empty(), "{folder} names no dependency");
        let wrong: Vec<&&str> = forbidden
            .iter()
            .filter(|name| built_from.contains(**name))
            .collect();
        assert!(
            wrong.is_empty(),
            "{folder} must not be built from {wrong:?}"
        );
    }
}

#[test]
fn every_crate_of_the_workspace_stands_under_the_rule() {
    let manifest: toml::Table = text(&root().join("Cargo.toml"))
        .parse()
        .expect("Cargo.toml is TOML");
    let members: BTreeSet<String> = manifest["workspace"]["members"]
        .as_array()
        .expect("the workspace has members")
        .iter()
        .filter_map(|member| member.as_str().map(str::to_owned))
        .collect();
    let ruled: BTreeSet<String> = FORBIDDEN
        .iter()
        .map(|(folder, _)| (*folder).to_owned())
        .collect();
    assert_eq!(members, ruled);
}

#[test]
fn a_simulator_is_no_part_of_a_production_build() {
    let manifest: toml::Table = text(&root().join("Cargo.toml"))
        .parse()
        .expect("Cargo.toml is TOML");
    let simulator = &manifest["dependencies"]["discord-sim"];
    assert_eq!(
        simulator.get("optional").and_then(toml::Value::as_bool),
        Some(true)
    );
}

/// Every source file of the service by its module.
fn sources() -> BTreeMap<String, Vec<PathBuf>> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder of sources can be read") {
            let path = entry.expect("a folder of sources can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let source = root().join("src");
    let mut files = Vec::new();
    walk(&source, &mut files);
    let mut modules: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let inside = file.strip_prefix(&source).expect("it was found there");
        let first = inside.iter().next().expect("a path has a part");
        let module = Path::new(first).with_extension("");
        let module = module.to_string_lossy().into_owned();
        modules.entry(module).or_default().push(file);
    }
    modules
}

/// A file without its comments.
fn code(source: &str) -> String {
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}

fn first_word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|character| character.is_ascii_alphanumeric() || *character == '_')
        .collect()
}

/// The first names of what follows a `::`: one, or each of a list in braces.
fn heads(rest: &str) -> Vec<String> {
    let Some(list) = rest.trim_start().strip_prefix('{') else {
        return vec![first_word(rest)];
    };
    let mut heads = vec![first_word(list)];
    let mut depth = 0_u32;
    for (place, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(first_word(&list[place + 1..])),
            _ => {}
        }
    }
    heads
}

/// What a file names of the crate's root: as `crate::sibling`, or up through `super::` from a module that lies `depth`
/// levels below the root.
fn siblings(source: &str, depth: usize) -> BTreeSet<String> {
    let code = code(source);
    let up = "super::".repeat(depth);
    [String::from("crate::"), up]
        .iter()
        .flat_map(|prefix| code.split(prefix.as_str()).skip(1))
        .flat_map(|rest| heads(rest.trim_start_matches("super::")))
        .collect()
}

/// The libraries among `known` whose names a file writes.
fn libraries<'a>(source: &str, known: &[&'a str]) -> BTreeSet<&'a str> {
    let code = code(source);
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let is_written = |name: &&str| {
        code.match_indices(name).any(|(place, _)| {
            let before = code[..place].chars().next_back();
            let after = &code[place + name.len()..];
            !before.is_some_and(|before| is_word(before) || before == ':' || before == '.')
                && (after.starts_with("::") || after.starts_with(" as "))
        })
    };
    known.iter().copied().filter(is_written).collect()
}

/// Whether a file holds tests: they may set up what the code itself must not know.
fn is_test(file: &Path) -> bool {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    name.ends_with("tests")
        || name == "stand_in"
        || file.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn no_module_of_the_service_names_a_sibling_it_must_not_know() {
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let modules = sources();
    for (module, files) in &modules {
        if KNOW_EVERYONE.contains(&module.as_str()) {
            continue;
        }
        let Some(allowed) = rules.get(module.as_str()) else {
            panic!("src/{module} is new: decide in MAY_USE what it may know");
        };
        for file in files.iter().filter(|file| !is_test(file)) {
            let inside = file.strip_prefix(root()).expect("it was found there");
            let too = MAY_USE_TOO
                .iter()
                .find(|(file, _)| Path::new(file) == inside)
                .map_or::<&[&str], _>(&[], |(_, too)| too);
            for sibling in siblings(&text(file), depth(inside)) {
                let known = sibling == *module
                    || allowed.contains(&sibling.as_str())
                    || too.contains(&sibling.as_str())
                    || !modules.contains_key(&sibling);
                assert!(known, "{} must not use crate::{sibling}", inside.display());
            }
        }
    }
}

/// How many modules lie between a file of the service and the root of the crate.
fn depth(inside: &Path) -> usize {
    let parts = inside.components().count() - 1;
    let is_mod = inside.file_name().is_some_and(|name| name == "mod.rs");
    if is_mod { parts - 1 } else { parts }
}

#[test]
fn no_module_of_the_service_speaks_a_language_that_is_not_its_own() {
    let speaks: BTreeMap<&str, &[&str]> = SPEAKS.into_iter().collect();
    for (module, files) in &sources() {
        if KNOW_EVERYONE.contains(&module.as_str()) {
            continue;
        }
        let allowed = speaks.get(module.as_str()).copied().unwrap_or_default();
        for file in files.iter().filter(|file| !is_test(file)) {
            for library in libraries(&text(file), &LIBRARIES) {
                assert!(
                    allowed.contains(&library),
                    "{} must not use {library}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_lint_that_keeps_time_and_randomness_behind_one_door_is_in_force() {
    let clippy: toml::Table = text(&root().join("clippy.toml"))
        .parse()
        .expect("clippy.toml is TOML");
    let disallowed = clippy["disallowed-methods"].as_array().expect("a list");
    let is_named = |wanted: &str| {
        disallowed.iter().any(|method| {
            let named = |key: &str| method.get(key).and_then(toml::Value::as_str);
            named("path") == Some(wanted) && named("reason").is_some()
        })
    };
    for method in [
        "chrono::Utc::now",
        "std::time::SystemTime::now",
        "std::time::Instant::now",
        "tokio::time::sleep",
        "tokio::time::sleep_until",
        "tokio::time::interval",
        "uuid::Uuid::now_v7",
        "rand::random",
    ] {
        assert!(is_named(method), "{method} is not disallowed with a reason");
    }
}

/// The rule can see: these are what it looks for.
#[test]
fn the_rule_reads_dependencies_and_paths_as_they_are_written() {
    let manifest = "[dependencies]\nserde.workspace = true\nsqlx = { version = \"1\" }\n[dev-dependencies]\ntokio = \"1\"\n";
    assert_eq!(
        dependencies(manifest),
        ["serde", "sqlx"].map(str::to_owned).into()
    );
    let source = "use crate::clock::{Clock, pause};\n// crate::app\nlet x = crate::desk::open(crate::runner::new());";
    assert_eq!(
        siblings(source, 1),
        ["clock", "desk", "runner"].map(str::to_owned).into()
    );
    let grouped = "use crate::{clock::{self, Clock}, desk, runner::{A, b::C}};";
    assert_eq!(
        siblings(grouped, 1),
        ["clock", "desk", "runner"].map(str::to_owned).into()
    );
    let upwards = "use super::near;\nuse super::super::{desk, http::Peer};";
    assert_eq!(
        siblings(upwards, 2),
        ["desk", "http"].map(str::to_owned).into()
    );
    assert_eq!(depth(Path::new("src/clock.rs")), 1);
    assert_eq!(depth(Path::new("src/desk/mod.rs")), 1);
    assert_eq!(depth(Path::new("src/desk/alerts/page.rs")), 3);
    let speaking = "use poise::serenity_prelude as serenity;\nself.reqwest::x;\n// sqlx::query\nlet y = axum::serve();";
    assert_eq!(
        libraries(speaking, &LIBRARIES),
        ["axum", "poise"].into(),
        "what is renamed is named before"
    );
}
