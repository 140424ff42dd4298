//! The files of an incident on paper and on disk: `bridgewatch export INC-0001 --attachments DIR`.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use bridgewatch_core::ids::{EntryNumber, IncidentId};
use bridgewatch_core::ports::{Broken, Store};
use bridgewatch_core::timeline::AttachedFile;

use crate::runner::sha256_of;

/// The longest name of a written file, in characters, without its number.
const LONGEST_NAME_CHARACTERS: usize = 80;

/// The files of an incident with the lines they hang on, in the order of the timeline: all of them, or those of lines that
/// are for everybody.
///
/// # Errors
/// When the store is in trouble.
pub async fn files_of(
    store: &dyn Store,
    id: IncidentId,
    all: bool,
) -> Result<Vec<(EntryNumber, AttachedFile)>, Broken> {
    let timeline = store.timeline(id).await?;
    Ok(timeline
        .into_iter()
        .filter(|stored| all || stored.entry.is_for_everybody())
        .filter_map(|stored| Some((stored.entry.number?, stored.entry.files)))
        .flat_map(|(number, files)| files.into_iter().map(move |file| (number, file)))
        .collect())
}

/// The files as lines: `T-5  graph.png  45 KiB, image/png, sha256 9f86d081884c`.
#[must_use]
pub fn listed(files: &[(EntryNumber, AttachedFile)]) -> String {
    let mut lines = String::new();
    for (number, file) in files {
        let _ = writeln!(lines, "{number}  {}  {}", file.name, file.words());
    }
    lines
}

/// Writes every file that is kept into a folder, which is made if it is not there. Nothing that is there is overwritten.
/// Returns the names of what was written.
///
/// # Errors
/// When the folder cannot be written, a file of that name is there, or what is kept is not what was copied.
pub async fn write_attachments(
    store: &dyn Store,
    id: IncidentId,
    files: &[(EntryNumber, AttachedFile)],
    folder: &Path,
) -> anyhow::Result<Vec<String>> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    let mut written = Vec::new();
    for (number, file) in files {
        let Some(sha256) = file.sha256() else {
            continue;
        };
        let Some(bytes) = store.file(id, sha256).await? else {
            bail!(
                "{number} names {}, but its content is not in the database: run `bridgewatch audit verify`",
                file.name
            );
        };
        if sha256_of(&bytes) != sha256 {
            bail!(
                "what is kept of {} ({number}) is not what was copied: its SHA-256 differs",
                file.name
            );
        }
        let name = format!("{number}-{}-{}", file.file.0, safe_name(&file.name));
        let path = folder.join(&name);
        let mut made = new_file(&path).with_context(|| {
            format!(
                "{} cannot be written; name an empty folder, nothing is overwritten",
                path.display()
            )
        })?;
        made.write_all(&bytes)
            .and_then(|()| made.sync_all())
            .with_context(|| format!("{} cannot be written", path.display()))?;
        written.push(name);
    }
    Ok(written)
}

/// A file that was not there, and that only its owner reads: it may hold anything.
fn new_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// A name that leads nowhere else and means nothing to a shell: letters, digits, `.`, `_` and `-`, and no dot in front.
fn safe_name(name: &str) -> String {
    let characters: Vec<char> = name
        .chars()
        .map(|character| match character {
            '.' | '_' | '-' => character,
            character if character.is_ascii_alphanumeric() => character,
            _ => '_',
        })
        .collect();
    // The end says what it is.
    let start = characters.len().saturating_sub(LONGEST_NAME_CHARACTERS);
    let name: String = characters[start..].iter().collect();
    match name.trim_start_matches('.') {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_stranger_stays_in_the_folder() {
        for (name, safe) in [
            ("graph.png", "graph.png"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            ("..", "file"),
            (".bashrc", "bashrc"),
            ("a b\n$(reboot).sh", "a_b___reboot_.sh"),
            ("gr\u{fc}n\u{202e}gnp.exe", "gr_n_gnp.exe"),
            ("C:\\x", "C__x"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = format!("{}.log", "x".repeat(300));
        assert_eq!(safe_name(&long).len(), LONGEST_NAME_CHARACTERS);
        assert!(safe_name(&long).ends_with(".log"));
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("T-1-7-graph.png");
        new_file(&path).expect("it is not there");
        let again = new_file(&path).expect_err("it is there");
        assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    }
}
