//! `docs/commands.md`, written from the commands themselves so that it cannot say anything else than they do.

use bridgewatch_core::card::{Act, ActGroup};
use bridgewatch_core::cards::{self, Offer};

use crate::permissions::{Needs, needs_of_act};
use crate::{Data, Error};

/// The documentation of the commands, as Markdown. What an offer presses depends on the incident; `act_of` says what it is
/// in one where it can be done.
#[must_use]
pub fn markdown(
    commands: &[poise::Command<Data, Error>],
    act_of: impl Fn(&Offer) -> Act,
) -> String {
    let mut page = String::from(
        "# Commands\n\n\
         <!-- Written from the code; make it again with: UPDATE_DOCS=1 cargo test -p bridgewatch-commands --test it documentation -->\n\n\
         Every command that is typed has a button as well. In an incident's channel the pinned board has them, and *More…* below it. \
         Everywhere else the *front desk* has them: `/inc more` shows it, and so does *More…* of the message that stands in the channel \
         of all incidents (`discord.digest_channel`). Discord shows `/admin` to those who manage the server and to \
         whom they let in; what of it is for everybody has its button in the same places (*Why?*, *Maintenance…*, *Import notes…*), and \
         its name: `/inc more what:maintenance`, and for notes the form of `/inc more what:import incident:` (a file beside it needs \
         `/admin import`). A command that takes an incident means the one of the channel it is typed in, unless another is named. Answers are seen by you \
         alone; what concerns everybody appears in the channel by itself.\n\n\
         *Responders* are everybody in the server, unless `responder_role` is configured: then those who hold it. \
         *Command* is whoever holds it; while nobody does, a responder may, and the timeline says so. \
         Administrators and holders of `commander_role` or `admin_role` may do whatever the holder of command may; \
         [who may do what](operating.md#who-may-do-what) has the whole table.\n",
    );
    for command in commands {
        match &command.context_menu_name {
            Some(name) => {
                let of = match command.context_menu_action {
                    Some(poise::ContextMenuCommandAction::User(_)) => "Menu of a person",
                    _ => "Message menu",
                };
                page.push_str(&format!("\n## {of}: {name}\n\n"));
                one(&mut page, command);
            }
            None => {
                page.push_str(&format!("\n## `/{}`\n\n", command.name));
                page.push_str(&format!("{}\n", described(command)));
                for verb in &command.subcommands {
                    page.push_str(&format!("\n### `/{} {}`\n\n", command.name, verb.name));
                    one(&mut page, verb);
                    if command.name == "inc" && verb.name == "more" {
                        names(&mut page, &act_of);
                    }
                }
            }
        }
    }
    page
}

fn one(page: &mut String, command: &poise::Command<Data, Error>) {
    page.push_str(&format!("{}\n", described(command)));
    let who = command.category.as_deref().unwrap_or("everybody");
    page.push_str(&format!("\nWho: {who}.\n"));
    let options: Vec<_> = command
        .parameters
        .iter()
        .filter(|option| option.description.is_some())
        .collect();
    if options.is_empty() {
        return;
    }
    page.push_str("\n| Option | Needed | What it says |\n|---|---|---|\n");
    for option in options {
        page.push_str(&format!(
            "| `{}` | {} | {} |\n",
            option.name,
            if option.required { "yes" } else { "no" },
            option.description.as_deref().unwrap_or_default()
        ));
    }
}

/// Everything that has a name, with its button and its rank.
fn names(page: &mut String, act_of: &impl Fn(&Offer) -> Act) {
    page.push_str(
        "\nThe names, for `what:`. While you type, a part of the button's words finds them too; what cannot be done now is not \
         suggested. `T-14` opens the card of that entry; `redact T-14` takes it out, `redact T-14 hunter2` only these words.\n",
    );
    for group in ActGroup::MORE {
        page.push_str(&format!(
            "\n*More…*, menu *{}*:\n\n| `what:` | Button | Who |\n|---|---|---|\n",
            group.title()
        ));
        for offer in cards::offers().iter().filter(|one| one.group == group) {
            row(page, offer.name, offer.label, &act_of(offer));
        }
    }
    page.push_str(
        "\nThe *front desk*, where there is no incident:\n\n| `what:` | Button | Who |\n|---|---|---|\n",
    );
    for offer in cards::desk_offers() {
        row(page, offer.name, offer.label, &offer.act);
    }
}

fn row(page: &mut String, name: &str, label: &str, act: &Act) {
    let who = match needs_of_act(act) {
        _ if *act == Act::CheckSetup => "who manages the server",
        Needs::Viewer => "everybody",
        Needs::Responder => "responders",
        Needs::Command => "command",
    };
    page.push_str(&format!("| `{name}` | {label} | {who} |\n"));
}

fn described(command: &poise::Command<Data, Error>) -> String {
    command
        .description
        .as_deref()
        .unwrap_or_default()
        .to_owned()
}
