//! The folder of the team's runbooks: the runbooks in it, and below it what they include.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bridgewatch_core::runbook::{Folder, Includable};

/// How many folders deep included files may lie.
const DEEPEST: usize = 4;

/// The most files that are looked at: more is not a folder of runbooks.
const MOST_FILES: usize = 2_000;

/// The largest included file, in bytes. A runbook with what it includes may have no more.
const LARGEST_INCLUDED: u64 = 64 * 1024;

/// Reads the runbooks of a folder, and in the folders below it what they may include.
///
/// # Errors
/// When the folder or one of its runbooks cannot be read, or when there is no runbook.
pub fn read_folder(dir: &Path) -> anyhow::Result<Folder> {
    let root = dir
        .canonicalize()
        .with_context(|| format!("the folder {} cannot be read", dir.display()))
        .map_err(|trouble| trouble.context(wrong_folder(dir)))?;
    let mut walk = Walk {
        dir,
        root: &root,
        folder: Folder::default(),
        seen: 0,
    };
    walk.list(Path::new(""), 0)?;
    let mut folder = walk.folder;
    folder.runbooks.sort();
    if folder.runbooks.is_empty() {
        bail!(
            "the folder {} holds no runbook (*.md); {}",
            dir.display(),
            wrong_folder(dir)
        );
    }
    Ok(folder)
}

/// How to mend a folder that is not the right one.
fn wrong_folder(dir: &Path) -> String {
    let parent = dir.parent().unwrap_or(Path::new("."));
    let points_too_deep = parent.file_name().is_some_and(|name| name == "runbooks");
    match parent.parent() {
        Some(above) if points_too_deep => format!(
            "playbooks.dir names the folder above runbooks/: write playbooks.dir = \"{}\"",
            above.display()
        ),
        _ => format!(
            "playbooks.dir = \"{}\" needs the runbooks in {}",
            parent.display(),
            dir.display()
        ),
    }
}

struct Walk<'walk> {
    dir: &'walk Path,
    /// The folder without symbolic links.
    root: &'walk Path,
    folder: Folder,
    seen: usize,
}

impl Walk<'_> {
    fn list(&mut self, below: &Path, depth: usize) -> anyhow::Result<()> {
        let place = self.dir.join(below);
        let unreadable = || format!("the folder {} cannot be read", place.display());
        for entry in std::fs::read_dir(&place).with_context(unreadable)? {
            let entry = entry.with_context(unreadable)?;
            let name = entry.file_name();
            // What is hidden belongs to tools: `.git`, the versions behind a mounted ConfigMap.
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            self.seen += 1;
            if self.seen > MOST_FILES {
                bail!(
                    "the folder {} holds more than {MOST_FILES} files: it is not a folder of runbooks",
                    self.dir.display()
                );
            }
            let path = below.join(&name);
            let whole = place.join(&name);
            if whole.is_dir() {
                if depth < DEEPEST && self.is_inside(&whole) {
                    self.list(&path, depth + 1)?;
                }
                continue;
            }
            let named = path.to_string_lossy().replace('\\', "/");
            let is_markdown = path.extension().is_some_and(|extension| extension == "md");
            if is_markdown && depth == 0 {
                let text = std::fs::read_to_string(&whole)
                    .with_context(|| format!("the runbook {} cannot be read", whole.display()))?;
                let shown = whole.display().to_string();
                self.folder.runbooks.push((shown, text));
            } else if is_markdown {
                let file = self.includable(&whole);
                self.folder.includable.insert(named.clone(), file);
            }
            self.folder.paths.insert(named);
        }
        Ok(())
    }

    fn includable(&self, path: &PathBuf) -> Includable {
        if !self.is_inside(path) {
            return Err("it is a link out of the team's folder".to_owned());
        }
        let about = std::fs::metadata(path).map_err(|trouble| trouble.to_string())?;
        if about.len() > LARGEST_INCLUDED {
            return Err(format!(
                "it has {} bytes, the limit is {LARGEST_INCLUDED}",
                about.len()
            ));
        }
        let text = std::fs::read_to_string(path).map_err(|trouble| trouble.to_string())?;
        Ok((path.display().to_string(), text))
    }

    /// Whether a path, followed to its end, is still in the team's folder.
    fn is_inside(&self, path: &Path) -> bool {
        path.canonicalize()
            .is_ok_and(|path| path.starts_with(self.root))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNBOOK: &str = "---\nid: db\n---\n";

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for (name, text) in files {
            let path = folder.path().join(name);
            let parent = path.parent().expect("a file lies in a folder");
            std::fs::create_dir_all(parent).expect("a folder can be made");
            std::fs::write(&path, text).expect("a file can be written");
        }
        folder
    }

    fn refusal(dir: &Path) -> String {
        let trouble = read_folder(dir).expect_err("this cannot be read");
        format!("{trouble:#}")
    }

    #[test]
    fn runbooks_lie_in_the_folder_and_what_they_include_below_it() {
        let playbooks = folder_with(&[
            ("runbooks/db.md", RUNBOOK),
            ("runbooks/common/tell.md", "- [ ] Tell support\n"),
            ("runbooks/common/deep/er.md", "- [ ] Tell sales\n"),
            ("runbooks/picture.png", "no text"),
            ("runbooks/.git/config.md", "hidden"),
        ]);
        let folder = read_folder(&playbooks.path().join("runbooks")).expect("it can be read");
        assert_eq!(folder.runbooks.len(), 1);
        assert!(folder.runbooks[0].0.ends_with("runbooks/db.md"));
        let includable: Vec<&str> = folder.includable.keys().map(String::as_str).collect();
        assert_eq!(includable, ["common/deep/er.md", "common/tell.md"]);
        assert!(folder.paths.contains("picture.png"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_out_of_the_folder_is_not_included() {
        let playbooks = folder_with(&[
            ("runbooks/db.md", RUNBOOK),
            ("runbooks/common/tell.md", "- [ ] Tell support\n"),
            ("secret.md", "the password is hunter2"),
            ("outside/other.md", "not yours"),
        ]);
        let at = |name: &str| playbooks.path().join(name);
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(at(to), at(name)).expect("a link can be made");
        };
        link("secret.md", "runbooks/common/secret.md");
        link("outside", "runbooks/elsewhere");
        link("runbooks/common/tell.md", "runbooks/common/also.md");
        link("runbooks", "runbooks/common/round");
        let folder = read_folder(&at("runbooks")).expect("it can be read");
        let why = "it is a link out of the team's folder".to_owned();
        assert_eq!(folder.includable["common/secret.md"], Err(why));
        assert!(
            !folder
                .includable
                .keys()
                .any(|path| path.starts_with("elsewhere"))
        );
        assert!(folder.includable["common/also.md"].is_ok());
    }

    #[test]
    fn an_empty_folder_does_not_pass_for_one_without_mistakes() {
        let playbooks = folder_with(&[("runbooks/notes.txt", "nothing")]);
        let said = refusal(&playbooks.path().join("runbooks"));
        assert!(said.contains("holds no runbook (*.md)"), "{said}");
    }

    #[test]
    fn whoever_names_the_runbooks_themselves_is_told_to_name_the_folder_above() {
        let playbooks = folder_with(&[("runbooks/db.md", RUNBOOK)]);
        // As playbooks.dir = ".../runbooks" is read.
        let said = refusal(&playbooks.path().join("runbooks").join("runbooks"));
        let mend = format!("write playbooks.dir = \"{}\"", playbooks.path().display());
        assert!(said.contains(&mend), "{said}");
        let said = refusal(&playbooks.path().join("nowhere").join("runbooks"));
        assert!(said.contains("cannot be read"), "{said}");
    }

    #[test]
    fn a_folder_without_end_is_no_folder_of_runbooks() {
        let playbooks = folder_with(&[("db.md", RUNBOOK)]);
        for number in 0..MOST_FILES {
            let path = playbooks.path().join(format!("{number}.txt"));
            std::fs::write(path, "").expect("a file can be written");
        }
        assert!(refusal(playbooks.path()).contains("is not a folder of runbooks"));
    }
}
