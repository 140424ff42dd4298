//! The files of a message that somebody chose from its menu, until its form comes back. Discord sends them along with the
//! menu, and where the bot may not read messages it sends them nowhere else.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bridgewatch_core::ids::MessageId;
use bridgewatch_core::timeline::AttachedFile;

/// Of how many messages they are remembered: a form that nobody sends must not stay for ever.
const MOST_MESSAGES: usize = 100;

/// Names and links of the files of the messages that were chosen last. After a restart they are read from the message again,
/// where it may be read.
#[derive(Clone, Debug, Default)]
pub struct ChosenFiles(Arc<Mutex<VecDeque<Chosen>>>);

/// A message, and its files.
type Chosen = (MessageId, Vec<AttachedFile>);

impl ChosenFiles {
    /// Keeps those of a message until its form comes back.
    pub(crate) fn remember(&self, message: MessageId, files: Vec<AttachedFile>) {
        if files.is_empty() {
            return;
        }
        let mut chosen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        chosen.retain(|(known, _)| *known != message);
        if chosen.len() == MOST_MESSAGES {
            chosen.pop_front();
        }
        chosen.push_back((message, files));
    }

    /// Those of a message. They stay: two may have its form open.
    pub(crate) fn of(&self, message: MessageId) -> Vec<AttachedFile> {
        let chosen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = chosen.iter().find(|(known, _)| *known == message);
        found.map(|(_, files)| files.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::ids::FileId;
    use bridgewatch_core::timeline::FileCopy;

    use super::*;

    fn graph(file: u64) -> AttachedFile {
        AttachedFile {
            file: FileId(file),
            name: "graph.png".to_owned(),
            content_type: None,
            size_bytes: 9,
            copy: FileCopy::Waiting {
                link: String::new(),
            },
        }
    }

    #[test]
    fn the_files_of_the_messages_that_were_chosen_last_are_known() {
        let chosen = ChosenFiles::default();
        let most = u64::try_from(MOST_MESSAGES).expect("it is small");
        for message in 0..=most {
            chosen.remember(MessageId(message), vec![graph(message)]);
        }
        assert!(chosen.of(MessageId(0)).is_empty(), "the oldest goes first");
        assert_eq!(chosen.of(MessageId(1)), [graph(1)]);
        chosen.remember(MessageId(1), vec![graph(500)]);
        assert_eq!(chosen.of(MessageId(1)), [graph(500)], "its newest");
        assert_eq!(chosen.of(MessageId(most)), [graph(most)]);
    }
}
