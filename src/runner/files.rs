//! Files that hang on messages, copied before Discord's links to them expire.

use std::sync::Arc;

use bridgewatch_core::ids::{ChannelId, FileId, MessageId};
use bridgewatch_core::ports::{Claimed, Failure, FileContent, NotRead};
use bridgewatch_core::timeline::{AttachedFile, MessageHeard};
use sha2::{Digest as _, Sha256};

use super::{Performed, Runner, incident_of, trouble_of};
use crate::desk::Copied;

/// After so many attempts, some two hours of them, a file is given up: others of its incident wait behind it.
const MOST_ATTEMPTS: i64 = 30;

impl Runner {
    /// Copies the next file of the line that was taken from a message, or writes down why it is not copied.
    pub(super) async fn copy_file(
        &self,
        claimed: &Claimed,
        message: MessageId,
        round: u32,
    ) -> Result<Performed, Failure> {
        let id = incident_of(claimed)?;
        let stored = self.store.entry_of_message(message).await;
        let stored = stored.map_err(|trouble| trouble_of(&trouble))?;
        let Some(stored) = stored.filter(|stored| stored.incident == id) else {
            return Ok(Performed::Done);
        };
        let entry = stored.entry;
        let Some((channel, _)) = entry.message.filter(|_| !entry.is_redacted()) else {
            return Ok(Performed::Done);
        };
        let Some(file) = entry.next_to_copy() else {
            if !entry.files.is_empty() {
                return Ok(Performed::Done);
            }
            let heard = self.heard(channel, message).await?;
            let found = heard.map(|heard| heard.attachments).unwrap_or_default();
            if found.is_empty() {
                return Ok(Performed::Done);
            }
            return self
                .keep_file(claimed, (message, None, round), &Copied::Found(found))
                .await;
        };
        let copied = self.copied(claimed, (channel, message), file).await?;
        self.keep_file(claimed, (message, Some(file.file), round), &copied)
            .await
    }

    /// The content of a file, or why it cannot be had.
    async fn copied(
        &self,
        claimed: &Claimed,
        (channel, message): (ChannelId, MessageId),
        file: &AttachedFile,
    ) -> Result<Copied, Failure> {
        let left = |why: &str| Copied::Left {
            why: why.to_owned(),
        };
        let kept = self.store.files(incident_of(claimed)?).await;
        let kept_bytes: u64 = kept.map_err(|trouble| trouble_of(&trouble))?.values().sum();
        if let Some(why) = self.file_budget.objection(file.size_bytes, kept_bytes) {
            return Ok(left(&why));
        }
        let most_bytes = self.file_budget.left(kept_bytes);
        let mut link = file.waits_at().unwrap_or_default().to_owned();
        let mut read = self.files.read(&link, most_bytes).await;
        if matches!(read, Err(NotRead::Expired)) {
            let Some(heard) = self.heard(channel, message).await? else {
                return Ok(left("its message is gone from Discord"));
            };
            let mut found = heard.attachments.iter();
            let Some(fresh) = found.find(|found| found.file == file.file) else {
                return Ok(left(why_not_found(&heard)));
            };
            fresh.waits_at().unwrap_or_default().clone_into(&mut link);
            read = self.files.read(&link, most_bytes).await;
        }
        match read {
            Ok(bytes) => Ok(Copied::Here(FileContent {
                sha256: sha256_of(&bytes),
                bytes: Arc::from(bytes),
            })),
            Err(NotRead::Expired) => Ok(left("Discord does not give it out any more")),
            Err(NotRead::TooLarge) => Ok(left(
                &self
                    .file_budget
                    .objection(most_bytes.saturating_add(1), kept_bytes)
                    .unwrap_or_else(|| "it is larger than it said".to_owned()),
            )),
            Err(NotRead::Refused { why }) => Ok(left(&why)),
            Err(NotRead::Retry { why }) if claimed.attempts >= MOST_ATTEMPTS => Ok(left(&why)),
            Err(NotRead::Retry { why }) => Err(Failure::Retry { after: None, why }),
        }
    }

    /// A message with its files and fresh links to them; `None` when it is gone.
    async fn heard(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Option<MessageHeard>, Failure> {
        match self.chat.message(channel, message).await {
            Ok(heard) => Ok(heard),
            // The record outlives the channel.
            Err(Failure::ChannelGone { .. } | Failure::Gone { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn keep_file(
        &self,
        claimed: &Claimed,
        of: (MessageId, Option<FileId>, u32),
        copied: &Copied,
    ) -> Result<Performed, Failure> {
        let id = incident_of(claimed)?;
        let settled = self
            .in_progress
            .as_holder(&claimed.claim, |claim| async move {
                self.desk.keep_file(id, of, copied, &claim).await
            })
            .await;
        match settled {
            Ok(true) => Ok(Performed::Settled),
            Ok(false) => Err(Failure::Retry {
                after: None,
                why: "the claim was lost".to_owned(),
            }),
            Err(trouble) => Err(trouble_of(&trouble)),
        }
    }
}

/// Why a message does not show a file that it had. One with neither words nor files exists only for who may not read it.
fn why_not_found(heard: &MessageHeard) -> &'static str {
    if heard.text.is_empty() && heard.attachments.is_empty() {
        "I may not read its message: switch the Message Content Intent on"
    } else {
        "its message does not have it any more"
    }
}

/// SHA-256 in hex.
pub fn sha256_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::person::PersonId;

    use super::*;

    #[test]
    fn a_file_that_may_not_be_read_is_not_called_gone() {
        let mut heard = MessageHeard {
            channel: ChannelId(1),
            message: MessageId(2),
            author: PersonId(3),
            text: String::new(),
            attachments: Vec::new(),
        };
        assert!(why_not_found(&heard).contains("switch the Message Content Intent on"));
        heard.text = "obs: the graph is gone".to_owned();
        assert_eq!(
            why_not_found(&heard),
            "its message does not have it any more"
        );
    }
}
