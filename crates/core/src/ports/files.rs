//! Where the content of attached files is had from.

use async_trait::async_trait;

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// The link has expired: the message has a fresh one.
    #[error("the link has expired")]
    Expired,
    /// It has more bytes than were asked for at most.
    #[error("it is larger than it said")]
    TooLarge,
    /// Not now.
    #[error("{why}")]
    Retry {
        /// Why, without the link.
        why: String,
    },
    /// It will be refused every time.
    #[error("{why}")]
    Refused {
        /// Why, without the link; stands behind "not copied: ".
        why: String,
    },
}

/// Reads files by the links that the chat platform gives out.
#[async_trait]
pub trait FileReader: Send + Sync {
    /// The bytes behind a link, at most `most_bytes` of them.
    async fn read(&self, link: &str, most_bytes: u64) -> Result<Vec<u8>, NotRead>;
}
