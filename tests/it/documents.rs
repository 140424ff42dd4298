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

/// A word of the map that names a place: a path, or a file of Rust by its name alone.
fn is_path(code: &str) -> bool {
    let is_plain = code
        .chars()
        .all(|character| character.is_alphanumeric() || "/_.-".contains(character));
    is_plain && (code.contains('/') || code.ends_with(".rs"))
}

/// A word of the map that names something in the code: `Type`, `function`, `module::Type`.
fn is_name(code: &str) -> bool {
    !code.is_empty()
        && code
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_' || character == ':')
}

/// The files of Rust that a path of the map means. Inside a walk a path may be short: `decide/tick.rs`.
fn meant<'a>(path: &str, sources: &'a [PathBuf]) -> Vec<&'a Path> {
    let whole = root().join(path);
    sources
        .iter()
        .filter(|source| {
            if whole.exists() {
                source.starts_with(&whole)
            } else {
                source.ends_with(path)
            }
        })
        .map(PathBuf::as_path)
        .collect()
}

/// Every name that these files write.
fn names(files: &[&Path]) -> BTreeSet<String> {
    files
        .iter()
        .flat_map(|file| {
            text(file)
                .split(|character: char| !character.is_alphanumeric() && character != '_')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Which of the parts of a name are not known.
fn unknown_parts<'a>(name: &'a str, known: &BTreeSet<String>) -> Vec<&'a str> {
    name.split("::")
        .filter(|part| !part.is_empty() && !known.contains(*part))
        .collect()
}

/// A place in the code and the names that the map says are there: `src/http.rs`, `Peer`; or `Peer` in `src/http.rs`; or `Peer`
/// (`src/http.rs`).
fn names_of_places(page: &str) -> Vec<(String, String)> {
    let prose = prose(page);
    // Every other piece stands between back ticks.
    let pieces: Vec<&str> = prose.split('`').collect();
    let joint = |at: usize| pieces.get(at).map_or("", |piece| piece.trim());
    let mut found = Vec::new();
    for at in (1..pieces.len())
        .step_by(2)
        .filter(|at| is_path(pieces[*at]))
    {
        let path = pieces[at].to_owned();
        if at > 2 && ["in", "("].contains(&joint(at - 1)) {
            found.push((path.clone(), joint(at - 2).to_owned()));
        }
        let mut next = at + 2;
        while [",", "and"].contains(&joint(next - 1)) && is_name(joint(next)) {
            found.push((path.clone(), joint(next).to_owned()));
            next += 2;
        }
    }
    found.retain(|(_, name)| is_name(name));
    found
}

#[test]
fn the_map_names_only_what_is_there() {
    let map = text(&root().join("docs/ARCHITECTURE.md"));
    let sources: Vec<PathBuf> = ["src", "commands", "crates", "tests", "migrations"]
        .into_iter()
        .flat_map(|folder| files(&root().join(folder), ".rs"))
        .collect();
    let everywhere = names(&sources.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    let mut missing = Vec::new();
    for code in code_words(&map) {
        let is_there = if is_path(&code) {
            code.starts_with('/')
                || root().join(&code).exists()
                || !meant(&code, &sources).is_empty()
        } else {
            !is_name(&code) || unknown_parts(&code, &everywhere).is_empty()
        };
        if !is_there {
            missing.push(code);
        }
    }
    let placed = names_of_places(&map);
    assert!(
        placed.len() > 15,
        "the map says of few things where they are: {placed:?}"
    );
    for (path, name) in placed {
        let unknown = unknown_parts(&name, &names(&meant(&path, &sources)));
        if !unknown.is_empty() {
            missing.push(format!("{} in {path}", unknown.join(" and ")));
        }
    }
    assert!(
        missing.is_empty(),
        "docs/ARCHITECTURE.md speaks of things that are not there: {}",
        missing.join(", ")
    );
}

#[test]
fn the_tree_of_the_map_shows_every_folder() {
    let map = text(&root().join("docs/ARCHITECTURE.md"));
    let tree = map
        .split("## The tree")
        .nth(1)
        .and_then(|rest| rest.split("```").nth(1))
        .expect("the map has a tree");
    let words: BTreeSet<&str> = tree.split_whitespace().collect();
    let mut missing = Vec::new();
    for folder in [root().to_owned(), root().join("src")] {
        for entry in std::fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("the entry can be read").path();
            let name = path.file_name().expect("an entry has a name");
            let name = name.to_string_lossy().into_owned();
            let is_ours = !name.starts_with('.') && name != "target" && name != "node_modules";
            let shown = if path.is_dir() {
                format!("{name}/")
            } else {
                name.clone()
            };
            let may_be_missing = !path.is_dir() && (!name.ends_with(".rs") || name == "lib.rs");
            // A folder beside a file of its name, `http.rs` and `http/`, is shown by either.
            let file = format!("{name}.rs");
            let is_shown = words
                .iter()
                .any(|word| word.starts_with(&shown) || *word == file);
            if is_ours && !may_be_missing && !is_shown {
                missing.push(shown);
            }
        }
    }
    assert!(
        missing.is_empty(),
        "the tree of docs/ARCHITECTURE.md does not show {}",
        missing.join(", ")
    );
}

/// The test can see: this is what it looks for.
#[test]
fn a_place_and_what_is_there_are_read_as_they_are_written() {
    let page = "1. `src/http.rs`, `Peer` and `serve`: the door. `Rest` (`src/discord/rest.rs`) asks `Gate` in `gate.rs`, \
                `not this`; `src/app.rs` opens `Store`.";
    let found = names_of_places(page);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(path, name)| (path.as_str(), name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("src/http.rs", "Peer"),
            ("src/http.rs", "serve"),
            ("src/discord/rest.rs", "Rest"),
            ("gate.rs", "Gate"),
        ]
    );
}
