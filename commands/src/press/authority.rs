//! A refusal is not the end: whoever may is asked with one tap.

use bridgewatch_core::card::{Act, Button};
use bridgewatch_core::cards;
use bridgewatch_core::incident::{Command, Refusal, UpdateKind, Visibility};

use super::Asker;
use crate::reply::{Told, say};

impl Asker<'_> {
    /// Asks whoever may, in the incident's channel.
    pub(super) async fn please_do(&self, act: Box<Act>) -> Told {
        if !cards::can_be_asked_for(&act) {
            return Err(say("Nobody has to be asked for that: press it yourself."));
        }
        self.change(Command::AskToDo { act }).await
    }

    /// The button that asks those who may, under a refusal that names them.
    pub(super) fn button_that_asks(&self, refusal: &Refusal, command: &Command) -> Option<Button> {
        let others_may = matches!(
            refusal,
            Refusal::NeedsCommand { .. }
                | Refusal::NobodyCommands { .. }
                | Refusal::NotYours { .. }
        );
        let act = act_behind(command).filter(|_| others_may)?;
        Some(self.button("Ask them", Act::PleaseDo(Box::new(act))))
    }
}

/// The button behind a command that not everybody may give. What was chosen with it is chosen again by whoever is asked.
fn act_behind(command: &Command) -> Option<Act> {
    Some(match command {
        Command::SetSeverity { to, .. } => Act::SetSeverity(*to),
        Command::Cancel { .. } => Act::AskCancel,
        Command::Merge { .. } => Act::AskMerge,
        Command::SetVisibility {
            to: Visibility::Normal,
        } => Act::Unrestrict,
        Command::SendUpdate {
            kind: UpdateKind::AllClear,
            ..
        } => Act::AllClear,
        Command::SendUpdate { .. } => Act::Update,
        Command::Close => Act::Close,
        _ => return None,
    })
}
