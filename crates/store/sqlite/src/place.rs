//! Where the database is, and that nobody else is there.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::OpenError;

/// Only the owner may read or write.
const PRIVATE_FILE: u32 = 0o600;
/// Only the owner may enter.
const PRIVATE_FOLDER: u32 = 0o700;

/// The path in `sqlite:path`, `sqlite://path` or `path`.
pub(crate) fn path_of(url_or_path: &str) -> Result<PathBuf, OpenError> {
    let path = url_or_path.strip_prefix("sqlite:").unwrap_or(url_or_path);
    let path = path
        .strip_prefix("//")
        .filter(|_| path.len() < url_or_path.len())
        .unwrap_or(path);
    // A database in memory would be a different one for every connection, and forget what was acknowledged.
    if path.is_empty()
        || path.contains(['?', '\0'])
        || path.contains(":memory:")
        || path.ends_with('/')
    {
        return Err(OpenError::NotAFile(url_or_path.to_owned()));
    }
    Ok(PathBuf::from(path))
}

/// Makes the file if there is none, and takes the lock beside it. The lock ends with the process, however it ends.
pub(crate) fn take(database: &Path) -> Result<File, OpenError> {
    if let Some(folder) = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_FOLDER)
            .create(folder)
            .map_err(failed("make the folder", folder))?;
    }
    let lock_path = beside(database, ".lock");
    let lock = private_file(&lock_path).map_err(failed("open the lock file", &lock_path))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse {
            database: database.to_owned(),
            lock: lock_path.clone(),
        },
        TryLockError::Error(source) => failed("lock", &lock_path)(source),
    })?;
    // SQLite gives the files it makes beside it the permissions of the database itself.
    private_file(database).map_err(failed("open", database))?;
    Ok(lock)
}

fn private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE_FILE)
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o777 != PRIVATE_FILE {
        file.set_permissions(Permissions::from_mode(PRIVATE_FILE))?;
    }
    Ok(file)
}

fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(ending);
    PathBuf::from(path)
}

fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> OpenError {
    move |source| OpenError::File {
        action,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_a_path_or_a_url() {
        for text in [
            "/var/lib/b.db",
            "sqlite:/var/lib/b.db",
            "sqlite:///var/lib/b.db",
        ] {
            assert_eq!(
                path_of(text).expect(text),
                Path::new("/var/lib/b.db"),
                "{text}"
            );
        }
        assert_eq!(
            path_of("sqlite://b.db").expect("relative"),
            Path::new("b.db")
        );
        assert_eq!(
            path_of("//server/b.db").expect("a path"),
            Path::new("//server/b.db")
        );
    }

    #[test]
    fn what_names_no_file_is_refused() {
        for text in [
            "",
            "sqlite:",
            "sqlite://",
            ":memory:",
            "sqlite::memory:",
            "sqlite:b.db?mode=ro",
            "data/",
        ] {
            assert!(
                matches!(path_of(text), Err(OpenError::NotAFile(_))),
                "{text}"
            );
        }
    }
}
