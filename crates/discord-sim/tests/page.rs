//! The page's files keep the page's rules: untrusted words stay words, and everything comes from this server.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn page_files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    fs::read_dir(&folder)
        .expect("the page's folder is in the repository")
        .map(|entry| {
            let path = entry.expect("the page's folder can be listed").path();
            let name = path
                .file_name()
                .expect("an entry of a folder has a name")
                .to_string_lossy()
                .into_owned();
            (
                name,
                fs::read_to_string(&path).expect("the page's files are text"),
            )
        })
        .collect()
}

fn files_ending(ending: &str) -> BTreeMap<String, String> {
    page_files()
        .into_iter()
        .filter(|(name, _)| name.ends_with(ending))
        .collect()
}

/// Every quoted text that follows `before`, as in `from "./dom.js"`.
fn quoted_after<'text>(text: &'text str, before: &str) -> Vec<&'text str> {
    text.match_indices(before)
        .filter_map(|(place, _)| text[place + before.len()..].split('"').next())
        .collect()
}

#[test]
fn words_of_others_never_become_markup() {
    let ways_in = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "createContextualFragment",
        "DOMParser",
        "eval(",
        "new Function",
        "srcdoc",
        "setHTMLUnsafe",
    ];
    for (name, script) in files_ending(".js") {
        for way in ways_in {
            assert!(
                !script.contains(way),
                "{name} uses {way}: build nodes with element() instead"
            );
        }
    }
}

#[test]
fn the_document_runs_under_a_policy_without_inline_script_and_style() {
    let document = &page_files()["index.html"];
    for opening in document.split("<script").skip(1) {
        assert!(
            opening.starts_with(" type=\"module\" src=\"/page/"),
            "an inline script: <script{opening:.60}"
        );
    }
    for part in [
        "<style",
        " style=\"",
        " onclick=",
        " onload=",
        "javascript:",
    ] {
        assert!(!document.contains(part), "index.html has {part}");
    }
}

#[test]
fn every_file_that_is_asked_for_exists() {
    let files = page_files();
    for address in ["href=\"/page/", "src=\"/page/"]
        .iter()
        .flat_map(|before| quoted_after(&files["index.html"], before))
    {
        assert!(
            files.contains_key(address),
            "index.html asks for /page/{address}"
        );
    }
    for (name, script) in files_ending(".js") {
        for module in quoted_after(&script, " from \"") {
            let file = module
                .strip_prefix("./")
                .unwrap_or_else(|| panic!("{name} imports {module:?} from elsewhere"));
            assert!(
                files.contains_key(file),
                "{name} imports {module:?}, which is not there"
            );
        }
    }
}

#[test]
fn nothing_is_loaded_from_another_host() {
    for (name, style) in files_ending(".css") {
        assert!(
            !style.contains("url(") && !style.contains("@import"),
            "{name} loads something"
        );
    }
    for (name, script) in files_ending(".js") {
        for address in quoted_after(&script, "fetch(\"")
            .into_iter()
            .chain(quoted_after(&script, "src: \""))
        {
            assert!(address.starts_with('/'), "{name} loads {address}");
        }
    }
    assert!(
        !page_files()["index.html"].contains("://"),
        "index.html names another host"
    );
}

#[test]
fn links_that_open_apart_tell_the_other_side_nothing() {
    for (name, script) in files_ending(".js") {
        for line in script.lines().filter(|line| line.contains("_blank")) {
            assert!(line.contains("noopener"), "{name}: {}", line.trim());
        }
    }
}
