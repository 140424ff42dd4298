//! The pages people read: no link leads nowhere, and the map shows only what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends like this; build output and hidden folders left out.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            let name = path
                .file_name()
                .expect("an entry has a name")
                .to_string_lossy();
            if name.starts_with('.') || name == "target" || name == "node_modules" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
}

/// A page without its blocks of code.
fn prose(page: &str) -> String {
    let mut in_code = false;
    let mut prose = String::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// The targets of the links of a page.
fn links(page: &str) -> Vec<String> {
    prose(page)
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || *character == ' ' || *character == '-')
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

/// What stands between back ticks.
fn code_words(page: &str) -> BTreeSet<String> {
    prose(page)
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let mut broken = Vec::new();
    for page in files(root(), ".md") {
        let folder = page.parent().expect("a file is in a folder");
        for link in links(&text(&page)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link.as_str(), ""));
            let target = if file.is_empty() {
                page.clone()
            } else {
                folder.join(file)
            };
            let leads_there = target.exists()
                && (heading.is_empty()
                    || prose(&text(&target))
                        .lines()
                        .any(|line| line.starts_with('#') && anchor(line) == heading));
            if !leads_there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "these links lead nowhere:\n{}",
        broken.join("\n")
    );
}

#[test]
fn the_map_names_only_what_is_there() {
    let map = text(&root().join("docs/ARCHITECTURE.md"));
    let sources: String = ["src", "commands", "crates", "tests", "migrations"]
        .into_iter()
        .flat_map(|folder| files(&root().join(folder), ".rs"))
        .map(|path| text(&path))
        .collect();
    let words: BTreeSet<&str> = sources
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .collect();
    let mut missing = Vec::new();
    for code in code_words(&map) {
        let is_path = code.contains('/')
            && code
                .chars()
                .all(|c| c.is_alphanumeric() || "/_.-".contains(c));
        let is_name = !code.is_empty()
            && code
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || c == ':');
        if is_path {
            // Inside a walk a path may be short: `decide/tick.rs`.
            let whole = root().join(&code).exists();
            let part = files(&root().join("crates/core/src/incident"), ".rs")
                .iter()
                .any(|path| path.ends_with(&code));
            if !whole && !part && !code.starts_with('/') {
                missing.push(code);
            }
        } else if is_name {
            for name in code.split("::").filter(|name| !name.is_empty()) {
                if !words.contains(name) {
                    missing.push(code.clone());
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "docs/ARCHITECTURE.md speaks of things that are not there: {}",
        missing.join(", ")
    );
}
