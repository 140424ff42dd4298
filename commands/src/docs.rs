//! `docs/commands.md`, written from the commands themselves so that it cannot say anything else than they do.

use crate::{Data, Error};

/// The documentation of the commands, as Markdown.
#[must_use]
pub fn markdown(commands: &[poise::Command<Data, Error>]) -> String {
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

fn described(command: &poise::Command<Data, Error>) -> String {
    command
        .description
        .as_deref()
        .unwrap_or_default()
        .to_owned()
}
