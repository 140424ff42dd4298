//! The dependency rule: arrows point inwards, and only the app knows everyone.
//!
//! Crates are held by what their Cargo.toml names, modules of the service by the `crate::` paths they write. A new crate or
//! module fails here until somebody has decided what it may know.

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
const MAY_USE: [(&str, &[&str]); 10] = [
    ("activity", &[]),
    ("clock", &[]),
    ("config", &[]),
    ("desk", &["clock", "telemetry"]),
    ("discord", &["activity", "clock", "desk", "telemetry"]),
    ("http", &["clock", "telemetry"]),
    ("intake", &["clock", "http", "telemetry"]),
    ("notify", &["clock", "telemetry"]),
    ("runner", &["activity", "clock", "desk", "telemetry"]),
    ("telemetry", &["clock", "config"]),
];

/// Modules that build everything.
const KNOW_EVERYONE: [&str; 5] = ["app", "cli", "demo", "lib", "main"];

/// Files that an operator's command runs, and that read the configuration for it.
const OPERATOR_COMMANDS: [&str; 2] = ["src/discord/check.rs", "src/discord/exercise.rs"];

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

/// The siblings that a file names as `crate::sibling`.
fn siblings(source: &str) -> BTreeSet<String> {
    source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|character| character.is_ascii_lowercase() || *character == '_')
                .collect()
        })
        .collect()
}

/// Whether a file holds tests: they may set up what the code itself must not know.
fn is_test(file: &Path) -> bool {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    name.ends_with("tests") || file.components().any(|part| part.as_os_str() == "tests")
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
            let is_command = OPERATOR_COMMANDS
                .iter()
                .any(|command| Path::new(command) == inside);
            for sibling in siblings(&text(file)) {
                let known = sibling == *module
                    || allowed.contains(&sibling.as_str())
                    || (is_command && ["cli", "config"].contains(&sibling.as_str()))
                    || !modules.contains_key(&sibling);
                assert!(known, "{} must not use crate::{sibling}", inside.display());
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
        siblings(source),
        ["clock", "desk", "runner"].map(str::to_owned).into()
    );
}
