//! A folder that is read again while the night goes on.

use std::collections::BTreeMap;

use super::{FileFindings, Folder, Library, RunbookId, parse};

fn file(id: &str, step: &str) -> (String, String) {
    let text = format!(
        "---\nid: {id}\ntitle: T\ncategory: general\n---\n# T\n\nMeaning.\n\n## Validation\n- [ ] {step} <!-- id:step critical:yes -->\n"
    );
    (format!("{id}.md"), text)
}

fn broken(id: &str) -> (String, String) {
    let (name, text) = file(id, "Check it");
    (
        name,
        text.replace("category: general", "category: nonsense"),
    )
}

fn library(files: &[(String, String)]) -> Library {
    Library::parse(files.to_vec()).expect("nothing is wrong with these")
}

/// What the one step of a runbook says, if there is such a runbook.
fn says(library: &Library, id: &str) -> Option<String> {
    let runbook = library.get(id)?;
    runbook.steps.first().map(|step| step.text.clone())
}

fn refused(findings: &[FileFindings]) -> Vec<&str> {
    findings.iter().map(|file| file.file.as_str()).collect()
}

#[test]
fn a_file_with_a_mistake_keeps_its_version_before_and_the_others_are_taken() {
    let before = library(&[file("first-minutes", "Look"), file("db", "Look")]);
    let renewal = before.read_again(vec![
        file("first-minutes", "Look twice"),
        broken("db"),
        broken("new"),
        file("cache", "Look"),
    ]);
    assert_eq!(refused(&renewal.refused), ["db.md", "new.md"]);
    assert!(renewal.refused.iter().all(FileFindings::has_errors));
    let after = renewal.library;
    assert_eq!(says(&after, "first-minutes").as_deref(), Some("Look twice"));
    assert_eq!(says(&after, "db").as_deref(), Some("Look"));
    assert_eq!(says(&after, "cache").as_deref(), Some("Look"));
    assert_eq!(says(&after, "new"), None);

    let mended = [
        file("first-minutes", "Look twice"),
        file("db", "Look closely"),
    ];
    let renewal = after.read_again(mended.to_vec());
    assert_eq!(renewal.refused, []);
    assert_eq!(
        renewal.library,
        library(&mended),
        "as if it had been read at the start"
    );
}

#[test]
fn what_is_gone_from_the_folder_is_gone() {
    let before = library(&[file("first-minutes", "Look"), file("db", "Look")]);
    let renewal = before.read_again(vec![file("first-minutes", "Look")]);
    assert_eq!(renewal.refused, []);
    assert_eq!(says(&renewal.library, "db"), None);
}

#[test]
fn an_id_stays_with_the_file_that_has_not_changed() {
    let (_, same) = file("db", "Look");
    let named = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let before = library(&[file("first-minutes", "Look"), named("z.md", &same)]);
    let (_, other) = file("db", "Something else");
    let renewal = before.read_again(vec![
        file("first-minutes", "Look"),
        named("a.md", &other),
        named("z.md", &same),
    ]);
    assert_eq!(refused(&renewal.refused), ["a.md"]);
    assert_eq!(says(&renewal.library, "db").as_deref(), Some("Look"));
}

#[test]
fn a_mistake_in_an_included_file_keeps_every_runbook_that_includes_it_as_it_was() {
    let folder = |shared: &str| {
        let (name, text) = file("db", "Look");
        let text = format!("{text}\n<!-- include: common/tell.md -->\n");
        let shared = ("common/tell.md".to_owned(), shared.to_owned());
        Folder {
            runbooks: vec![(name, text), file("first-minutes", "Look")],
            includable: BTreeMap::from([("common/tell.md".to_owned(), Ok(shared))]),
            ..Folder::default()
        }
    };
    let before = Library::parse(folder("- [ ] Tell support <!-- id:tell -->\n"));
    let before = before.expect("nothing is wrong with these");
    let renewal = before.read_again(folder("- [ ] **Chief:** Tell support <!-- id:tell -->\n"));
    assert_eq!(refused(&renewal.refused), ["common/tell.md"]);
    assert_eq!(renewal.library.runbooks(), before.runbooks());
}

#[test]
fn the_versions_are_the_hashes_of_the_files() {
    let (name, text) = file("db", "Look");
    let library = library(&[(name, text.clone())]);
    let hash = parse(&text).runbook.expect("a good file").content_hash;
    let db = RunbookId::new("db").expect("a runbook's id");
    assert_eq!(library.versions(), BTreeMap::from([(db, hash)]));
}
