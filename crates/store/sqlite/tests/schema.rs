//! The two databases have one schema.

use std::collections::BTreeMap;
use std::path::Path;

/// The migrations of a database: name and statements.
fn migrations(database: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../migrations")
        .join(database);
    std::fs::read_dir(folder)
        .expect("the folder of migrations")
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

/// The statements without comments, layout and the words that only one database knows.
fn statements(text: &str) -> Vec<String> {
    let without_comments: String = text
        .lines()
        .map(|line| {
            line.split_once("--")
                .map_or(line, |(statement, _)| statement)
        })
        .flat_map(|line| [line, " "])
        .collect();
    without_comments
        .replace(" collate \"C\"", "")
        .replace(") strict", ")")
        .split(';')
        .map(|statement| {
            let words = statement
                .split_whitespace()
                .map(|word| match word.trim_end_matches(',') {
                    "bigint" | "integer" => word.replace("bigint", "integer"),
                    "bytea" | "blob" => word.replace("bytea", "blob"),
                    _ => word.to_owned(),
                });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let sqlite = migrations("sqlite");
    let postgres = migrations("postgres");
    assert!(!sqlite.is_empty());
    assert_eq!(
        sqlite.keys().collect::<Vec<_>>(),
        postgres.keys().collect::<Vec<_>>()
    );
    for (name, text) in &sqlite {
        assert_eq!(statements(text), statements(&postgres[name]), "{name}");
    }
}

#[test]
fn every_table_of_sqlite_checks_its_types() {
    for (name, text) in migrations("sqlite") {
        let tables = text.matches("create table").count();
        assert_eq!(text.matches(") strict;").count(), tables, "{name}");
    }
}
