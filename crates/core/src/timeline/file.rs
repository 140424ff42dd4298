//! Files that hang on a message: Discord's links to them expire within a day, so what becomes a line of the timeline has its
//! files copied, and named by what they hold.
//!
//! A line knows name, size, type and SHA-256 of each; the bytes are the store's. What is not copied says why.

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::ids::FileId;
use crate::incident::cut;

/// The longest file name that is kept, in characters.
const LONGEST_NAME_CHARACTERS: usize = 120;
/// The longest content type that is kept, in characters.
const LONGEST_TYPE_CHARACTERS: usize = 100;
/// The longest link that is kept, in characters; Discord's have some 250.
const LONGEST_LINK_CHARACTERS: usize = 1_000;
/// How many hexadecimal digits of a hash people are shown.
const SHOWN_DIGITS: usize = 12;

/// A file that hung on the message a line was taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedFile {
    /// Discord's id of it.
    pub file: FileId,
    /// What it is called.
    pub name: String,
    /// How large it is, in bytes.
    pub size_bytes: u64,
    /// What it says it is: `image/png`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// What became of its content.
    pub copy: FileCopy,
}

/// What became of the content of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum FileCopy {
    /// It will be copied.
    Waiting {
        /// Where it can be had; empty when the message has to be read for that.
        link: String,
    },
    /// It is kept, under the SHA-256 of its bytes, in hex.
    Kept {
        /// The hash.
        sha256: String,
    },
    /// It is not kept.
    Left {
        /// Why, to stand behind "not copied: ".
        why: String,
        /// Where it could be had when this was decided, if anywhere. The link expires.
        link: Option<String>,
    },
}

impl AttachedFile {
    /// A file of which was heard just now.
    #[must_use]
    pub fn heard(
        file: FileId,
        name: &str,
        size_bytes: u64,
        content_type: Option<&str>,
        link: &str,
    ) -> Self {
        let readable = |text: &str| text.replace(char::is_control, " ").trim().to_owned();
        let short = |text: &str| cut(&readable(text), LONGEST_TYPE_CHARACTERS);
        // A link that was cut leads nowhere: the message is read again for it.
        let fits = link.chars().count() <= LONGEST_LINK_CHARACTERS;
        Self {
            file,
            name: match cut(&readable(name), LONGEST_NAME_CHARACTERS) {
                name if name.is_empty() => "file".to_owned(),
                name => name,
            },
            size_bytes,
            content_type: content_type.map(short).filter(|known| !known.is_empty()),
            copy: FileCopy::Waiting {
                link: if fits { link.to_owned() } else { String::new() },
            },
        }
    }

    /// Where its content is to be had, if it is still to be copied.
    #[must_use]
    pub fn waits_at(&self) -> Option<&str> {
        match &self.copy {
            FileCopy::Waiting { link } => Some(link),
            FileCopy::Kept { .. } | FileCopy::Left { .. } => None,
        }
    }

    /// The hash of the content that is kept.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        match &self.copy {
            FileCopy::Kept { sha256 } => Some(sha256),
            FileCopy::Waiting { .. } | FileCopy::Left { .. } => None,
        }
    }

    /// Size, type and what became of it, for people: `45 KiB, image/png, sha256 9f86d081884c`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = vec![readable_size(self.size_bytes)];
        let kind = self.content_type.as_deref().map(|kind| kind.split(';'));
        words.extend(kind.and_then(|mut parts| parts.next()).map(str::to_owned));
        words.push(match &self.copy {
            FileCopy::Waiting { .. } => "not copied yet".to_owned(),
            FileCopy::Kept { sha256 } => format!("sha256 {}", shown(sha256)),
            FileCopy::Left { why, .. } => format!("not copied: {why}"),
        });
        words.join(", ")
    }

    /// What was kept is gone with the line it stood in, or was hidden: it is copied once more if it can still be had.
    pub fn copy_again(&mut self) {
        if self.sha256().is_some() {
            self.copy = FileCopy::Waiting {
                link: String::new(),
            };
        }
    }
}

impl Entry {
    /// The first of its files that is still to be copied.
    #[must_use]
    pub fn next_to_copy(&self) -> Option<&AttachedFile> {
        self.files.iter().find(|file| file.waits_at().is_some())
    }

    /// Adds files that were not known, and says whether there were any.
    pub fn add_files(&mut self, heard: &[AttachedFile]) -> bool {
        let known = self.files.len();
        for file in heard {
            if !self.files.iter().any(|known| known.file == file.file) {
                self.files.push(file.clone());
            }
        }
        self.files.len() > known
    }
}

/// How many bytes may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileBudget {
    /// Of one file.
    pub file_bytes: u64,
    /// Of all files of one incident; what is the same counts once.
    pub incident_bytes: u64,
}

impl Default for FileBudget {
    fn default() -> Self {
        Self {
            file_bytes: 8 * 1024 * 1024,
            incident_bytes: 50 * 1024 * 1024,
        }
    }
}

impl FileBudget {
    /// How many bytes the next file of an incident may have that keeps `kept_bytes` already.
    #[must_use]
    pub fn left(self, kept_bytes: u64) -> u64 {
        self.file_bytes
            .min(self.incident_bytes.saturating_sub(kept_bytes))
    }

    /// Why a file of this size is not copied; `None` when it may be.
    #[must_use]
    pub fn objection(self, size_bytes: u64, kept_bytes: u64) -> Option<String> {
        if size_bytes > self.file_bytes {
            return Some(format!(
                "it is larger than {}",
                readable_size(self.file_bytes)
            ));
        }
        (size_bytes > self.left(kept_bytes)).then(|| {
            format!(
                "with it, the files of this incident would be more than {}",
                readable_size(self.incident_bytes)
            )
        })
    }
}

/// `512 bytes`, `45 KiB`, `12.3 MiB`.
#[must_use]
pub fn readable_size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * 1024;
    match bytes {
        1 => "1 byte".to_owned(),
        0..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", bytes / KIB),
        _ => {
            let tenths = u128::from(bytes) * 10 / u128::from(MIB);
            format!("{}.{} MiB", tenths / 10, tenths % 10)
        }
    }
}

/// The beginning of a hash, as people are shown it.
#[must_use]
pub fn shown(sha256: &str) -> &str {
    sha256.get(..SHOWN_DIGITS).unwrap_or(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_at_a_glance() {
        let sizes = [0, 1, 1_023, 1_024, 46_100, 1_048_575, 1_048_576, 12_900_000];
        assert_eq!(
            sizes.map(readable_size),
            [
                "0 bytes",
                "1 byte",
                "1023 bytes",
                "1 KiB",
                "45 KiB",
                "1023 KiB",
                "1.0 MiB",
                "12.3 MiB"
            ]
        );
        assert_eq!(readable_size(u64::MAX), "17592186044415.9 MiB");
    }

    #[test]
    fn a_budget_is_kept_to_the_byte() {
        let budget = FileBudget {
            file_bytes: 100,
            incident_bytes: 150,
        };
        assert_eq!(budget.objection(100, 50), None);
        assert_eq!(
            budget.objection(101, 0).as_deref(),
            Some("it is larger than 100 bytes")
        );
        assert_eq!(
            budget.objection(100, 51).as_deref(),
            Some("with it, the files of this incident would be more than 150 bytes")
        );
        assert_eq!(
            (budget.left(0), budget.left(60), budget.left(200)),
            (100, 90, 0)
        );
    }

    #[test]
    fn what_strangers_call_a_file_fits_on_a_line() {
        let file = AttachedFile::heard(FileId(1), " a\nb\u{7}.png ", 5, Some(" "), "https://x/");
        assert_eq!(file.name, "a b .png");
        assert_eq!(file.content_type, None);
        let long = AttachedFile::heard(FileId(1), &"x".repeat(500), 5, None, &"y".repeat(1_001));
        assert_eq!(long.name.chars().count(), LONGEST_NAME_CHARACTERS);
        assert_eq!(long.waits_at(), Some(""), "half a link leads nowhere");
        assert_eq!(
            AttachedFile::heard(FileId(1), "\n", 5, None, "").name,
            "file"
        );
    }
}
