//! Migrations only add: the version before and the new one use the same database while one replaces the other.
//!
//! That both databases have the same migrations and tables is held by the tests of the store.

use std::path::Path;

/// Migrations that take away what the release before no longer used, by file name: each was looked at on purpose.
const CONTRACTIONS: [&str; 0] = [];

/// What in a migration would break the version before it, or a table with rows in it.
fn breaks(migration: &str) -> Vec<String> {
    let without_comments: String = migration
        .lines()
        .map(|line| line.split_once("--").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let mut problems = Vec::new();
    for statement in without_comments.split(';') {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let has = |phrase: &[&str]| words.windows(phrase.len()).any(|window| window == phrase);
        let line = words.join(" ");
        if has(&["add", "column"]) && has(&["not", "null"]) && !words.contains(&"default") {
            problems.push(format!(
                "a column that must not be null needs a default: {line}"
            ));
        }
        if has(&["drop", "column"]) || has(&["drop", "table"]) || has(&["rename"]) {
            problems.push(format!("the version before still uses it: {line}"));
        }
    }
    problems
}

#[test]
fn no_migration_after_the_first_breaks_the_version_before_it() {
    for database in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(database);
        let files = std::fs::read_dir(&folder).expect("the folder of migrations can be read");
        for file in files {
            let path = file.expect("the folder of migrations can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("0001_") || CONTRACTIONS.contains(&name.as_ref()) {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a migration can be read");
            let problems = breaks(&text);
            assert!(problems.is_empty(), "{database}/{name}: {problems:#?}");
        }
    }
}

#[test]
fn the_rule_knows_a_migration_that_breaks_from_one_that_only_adds() {
    assert_eq!(
        breaks("alter table incident add column mood text not null;").len(),
        1
    );
    assert_eq!(breaks("ALTER TABLE incident DROP COLUMN title;").len(), 1);
    assert_eq!(breaks("drop table lease;").len(), 1);
    assert_eq!(
        breaks("alter table incident rename column title to name;").len(),
        1
    );
    let adds = "alter table incident add column mood text; -- not null comes later\n\
                alter table incident add column score bigint not null default 0;\n\
                create table mood (id bigint not null primary key);";
    assert_eq!(breaks(adds), Vec::<String>::new());
}
