//! What people look at: the rest of the board, their role, the timeline, the postmortem, the reasons.

use bridgewatch_core::card::{Act, Button, Card, Press, Tone};
use bridgewatch_core::cards;
use bridgewatch_core::incident::held_for;
use bridgewatch_core::role::Role;

use super::Asker;
use crate::card::{MAX_EMBED_DESCRIPTION, length};
use crate::reply::{Reply, Told, say, sentence, with_buttons};

impl Asker<'_> {
    /// Everything that is not on the board.
    pub(super) async fn more(&self) -> Told {
        let view = self.view().await?;
        let desk = &self.data.desk;
        let held = held_for(&view.incident, self.who.id, desk.now(), &desk.policy());
        Ok(Reply::Update(cards::more(&view.incident, &held)))
    }

    /// The board as it is.
    pub(super) async fn show_board(&self) -> Told {
        let view = self.view().await?;
        let board = cards::board_among(&view.incident, &view.around);
        let policy = self.data.desk.policy();
        let call = &policy.call;
        Ok(Reply::Update(cards::with_call(board, &view.incident, call)))
    }

    /// What the reader's roles ask of them.
    pub(super) async fn my_role(&self) -> Told {
        let view = self.view().await?;
        let held = view.incident.roles_of(self.who.id);
        let works_solo = view
            .incident
            .solo
            .is_some_and(|solo| solo.person == self.who.id);
        let roles: Vec<Role> = held.iter().copied().collect();
        let card = match roles.as_slice() {
            [_, ..] if works_solo => cards::solo_role(&held),
            [] => with_buttons(
                sentence("You hold no role here. Take one under *Roles*."),
                [Button::primary(
                    "Roles",
                    Press::any_time(self.incident, Act::Roles),
                )],
            ),
            [role] => cards::responsibilities(*role),
            several => Card {
                title: "Your roles".to_owned(),
                body: several
                    .iter()
                    .map(|role| {
                        let card = cards::responsibilities(*role);
                        format!("__**{}**__\n{}", card.title, card.body)
                    })
                    .collect::<Vec<_>>()
                    .join("\n\n"),
                tone: Tone::Plain,
                ..Card::default()
            },
        };
        Ok(Reply::Private(card))
    }

    /// The newest postmortem as a file.
    pub(crate) async fn postmortem(&self) -> Told {
        let postmortem = match self.data.desk.postmortem(self.incident).await {
            Ok(postmortem) => postmortem,
            Err(broken) => return Err(self.broken("the postmortem could not be read", &broken)),
        };
        let Some(postmortem) = postmortem else {
            return Ok(say(format!(
                "{} has no postmortem yet: the draft is made when it is resolved.",
                self.incident
            )));
        };
        Ok(Reply::File {
            card: sentence(format!(
                "📘 {}, version {} of <t:{}:f>.",
                postmortem.incident,
                postmortem.version,
                postmortem.at.timestamp()
            )),
            name: format!(
                "{}-postmortem-v{}.md",
                postmortem.incident.to_string().to_lowercase(),
                postmortem.version
            ),
            text: postmortem.markdown,
        })
    }

    /// Why it is an incident, with this severity and this runbook.
    pub(crate) async fn why(&self) -> Told {
        let text = match self.data.desk.why(self.incident).await {
            Ok(text) => text,
            Err(broken) => return Err(self.broken("the reasons could not be read", &broken)),
        };
        let title = format!("Why {} is what it is", self.incident);
        if text.trim().is_empty() {
            return Ok(say(format!(
                "Nothing is written down about {}.",
                self.incident
            )));
        }
        if length(&text) > MAX_EMBED_DESCRIPTION {
            return Ok(Reply::File {
                card: sentence(title),
                name: format!("{}-why.txt", self.incident.to_string().to_lowercase()),
                text,
            });
        }
        Ok(Reply::Private(Card {
            title,
            body: text,
            ..Card::default()
        }))
    }
}
